"""Many small documents in the style of a policy, and an encoder that is quick, for tests of collections."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import signal
from pathlib import Path

import numpy as np

SUBJECTS = {
    "Power and grids": ("substations", "transmission lines", "power purchase", "grid storage"),
    "Skills and schools": ("apprenticeships", "teacher training", "evening courses", "school curricula"),
    "Safety of systems": ("incident reports", "stress tests", "safety cases", "recall procedures"),
    "Open research": ("shared data sets", "reference software", "public laboratories", "replication studies"),
    "Trade and export": ("export licences", "customs checks", "supply contracts", "component tariffs"),
    "Health services": ("triage tools", "patient records", "hospital trials", "diagnostic imaging"),
    "Farming and water": ("soil sensors", "irrigation plans", "crop insurance", "fishing quotas"),
    "Public offices": ("procurement rules", "service counters", "case backlogs", "open registers"),
}
_WHO = ("The ministry", "Every province", "Each operator", "The council", "Universities", "Small firms")
_DO = ("must support", "should publish", "may fund", "will review", "is encouraged to expand", "shall measure")
_WHY = ("within two years", "before any purchase", "with its neighbours", "so that nobody is left behind")
ISSUERS = ("Ministry of Works", "Council of the Isles")


def write_documents(folder: Path, number: int = 12, sentences: int = 24) -> list[str]:
    """Write documents and a table of them, ``fields.csv``; the second issuer speaks more of farming and of trade."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(SUBJECTS)
    files = []
    with (folder / "fields.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["document", "issuer", "date"])
        for plan in range(number):
            draw = random.Random(plan)
            issuer = plan % 2
            lines = [f"# Plan of district {plan + 1}", ""]
            for section in range(6):
                liked = names[4:7:2] if issuer else names[:2]
                subject = draw.choice(liked) if draw.random() < 0.4 else draw.choice(names)
                lines += [f"## {section + 1}. {subject}", ""]
                if section == 0:
                    lines.append(f"This is what district {plan + 1} alone has to say of shared data sets.")
                for _ in range(sentences // 6 - (section == 0)):
                    spoken = subject if draw.random() < 0.8 else draw.choice(names)
                    one, two = draw.sample(SUBJECTS[spoken], 2)
                    lines.append(f"{draw.choice(_WHO)} {draw.choice(_DO)} {one} and {two} {draw.choice(_WHY)}.")
                lines.append("")
            path = folder / f"plan-{plan + 1:02d}.md"
            path.write_text("\n".join(lines), "utf-8")
            files.append(str(path))
            table.writerow([path.name, ISSUERS[issuer], f"{2016 + plan // 2}-05"])
    return files


class Quick:
    """Vectors by the terms that a text has.

    In another process than the one it was made in, it logs what it is asked for, and kills that process, once, where a
    text holds what it was told.
    """

    def __init__(self, log: Path | None = None, deadly: str = "") -> None:
        self.log, self.deadly = log, deadly
        self._home = os.getpid()
        self._terms = [term for terms in SUBJECTS.values() for term in terms]

    def encode(self, texts: list[str]) -> np.ndarray:
        if self.log is not None and os.getpid() != self._home:
            with self.log.open("a") as stream:
                stream.write(hashlib.sha256("\n".join(texts).encode()).hexdigest() + "\n")
            died = self.log.with_suffix(".died")
            if self.deadly and any(self.deadly in text for text in texts) and not died.exists():
                died.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> np.ndarray:
        made = np.frombuffer(hashlib.shake_128(text.encode()).digest(64), np.uint8).astype(np.float32) / 127.5 - 1
        made = 0.5 * made / np.linalg.norm(made)
        for place, term in enumerate(self._terms):
            if term in text:
                # Terms of one subject are near to each other.
                made[place // 4] += 0.8
                made[8 + place % 56] += 0.3
        return made / np.linalg.norm(made)
