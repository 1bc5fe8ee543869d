"""Official files, where they are at hand: what a sound reading of each holds.

Headings and counts only; the sentences of the plans do not stand here.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from conftest import GIVEN

from compare.documents import Text, read


@cache
def official(name: str, pages: tuple[int, int] | None = None) -> Text:
    path = Path(GIVEN or "") / name
    if not GIVEN or not path.is_file():
        pytest.skip("official files not at hand (POLICY_COMPARE_CORPORA)")
    return read(path.read_bytes(), name, pages=pages)


US = "us-ai-action-plan-2025.pdf"
AI_PLUS = "cn-ai-plus-opinions-2025.zh.pdf"
JAPAN = "jp-ai-basic-plan-2026.en.pdf"
ITALY = "it-ai-strategy-2024.en.pdf"
CHINA_2017 = "cn-ai-development-plan-2017.en.pdf"


def test_us_plan_sections() -> None:
    got = official(US)
    assert got.title == "America’s AI Action Plan"
    assert len(got.sections) == 34
    assert [len(path) for path in got.sections].count(2) == 30
    pillars = [path[0] for path in got.sections if len(path) == 1]
    assert pillars[0] == "Introduction"
    assert [pillar.split(":")[0] for pillar in pillars[1:]] == ["Pillar I", "Pillar II", "Pillar III"]
    assert set(got.sections) == {p.section for p in got.passages if p.section}
    assert ("Pillar I: Accelerate AI Innovation", "Empower American Workers in the Age of AI") in got.sections


def test_us_plan_passages() -> None:
    got = official(US)
    assert 305 <= len(got.passages) <= 325
    assert sum(p.bullet for p in got.passages) > 150
    # Every section of a pillar has actions, as list items.
    assert {p.section for p in got.passages if p.bullet} == {path for path in got.sections if len(path) == 2}
    # The epigraph is the only text outside the sections.
    outside = [p for p in got.passages if not p.section]
    assert {p.page_label for p in outside} == {"i"}
    # Printed page numbers run three behind the file's.
    assert all(p.page is not None and int(p.page_label or 0) == p.page - 3 for p in got.passages if p.section)
    assert all(re.search(r"[.!?:][”’)]*$", p.text) for p in got.passages)
    assert not any(re.match(r"[a-z]", p.text) for p in got.passages)
    joined = " ".join(p.text for p in got.passages)
    for gone in ("Federal Register", "www.", "Recommended Policy Actions", "intentionally left blank", "§", "Kratsios"):
        assert gone not in joined
    for kept in (
        "large-scale",
        "use-cases",
        "like-minded",
        "multi-tiered",
        "Federal funding",
        "during his first days",
        "best-practices",
        "deepfake-rel",
    ):
        assert kept in joined
    assert not re.search(r"[.”]\d", joined)


def test_us_plan_contents() -> None:
    got = official(US)
    assert got.notices == ()
    assert len(got.contents) == 34
    assert [c.level for c in got.contents].count(0) == 4
    # The printed table, the bookmarks and the headings agree, to the printed page.
    labels = {s.path[-1]: s.page_label for s in got.outline}
    for entry in got.contents:
        assert labels[entry.title] == entry.page_label
    assert {p.depth for p in got.passages} == {0, 1}
    items = [p for p in got.passages if p.depth]
    assert {p.lead_in for p in items} == {"Recommended Policy Actions"}


def test_ai_plus_opinions() -> None:
    got = official(AI_PLUS)
    assert got.language == "zh"
    assert got.title is not None and got.title.endswith("“人工智能+”行动的意见")
    top = [path[0] for path in got.sections if len(path) == 1]
    assert [heading[:2] for heading in top] == ["一、", "二、", "三、", "四、"]
    second = [path[1] for path in got.sections if len(path) == 2]
    assert len(second) == 14
    assert second[0].startswith("（一）") and second[-1].startswith("（十四）")
    third = [path for path in got.sections if len(path) == 3]
    assert len(third) == 17
    assert {path[0] for path in third} == {"二、加快实施重点行动"}
    joined = "".join(p.text for p in got.passages)
    assert not re.search(r"\s", joined)
    for gone in ("http", "2026", "打印", "发布时间", "字号", "国发", "1/3"):
        assert gone not in joined
    assert all(p.text.endswith(("。", "：")) for p in got.passages)
    assert {p.page for p in got.passages} == {1, 2, 3}
    assert 80 <= len(got.passages) <= 95


def test_japan_plan() -> None:
    got = official(JAPAN)
    top = [path[0] for path in got.sections if len(path) == 1]
    assert [" ".join(heading.split()[:2]) for heading in top] == [f"Chapter {n}" for n in (1, 2, 3, 4)]
    sections = [path[1] for path in got.sections if len(path) == 2 and path[1].startswith("Section")]
    assert len(sections) == 7
    assert any(path[-1] == "(Mitigating risks)" for path in got.sections)
    assert len([path for path in got.sections if re.match(r"\(\d\)", path[-1])]) == 14
    joined = " ".join(p.text for p in got.passages)
    assert "Provisional translation" not in joined
    assert "[Specific Initiatives]" not in joined
    assert not any(re.match(r"[a-z]", p.text) for p in got.passages)
    assert all(p.page_label is None for p in got.passages)
    assert got.notices == ()
    assert [c.level for c in got.contents] == [0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1]
    assert all(c.title.startswith(("Chapter", "Section")) and c.page_label is None for c in got.contents)
    # Ministries in charge stay with what they are in charge of.
    tagged = [p for p in got.passages if "◎" in p.text]
    assert tagged and all(
        re.search(r"[.)] \[[^\]]+◎[^\]]*\]$", p.text) for p in tagged if not p.text.startswith("Note")
    )
    assert {p.depth for p in got.passages if re.match(r"\([ivx]+\)", p.text)} == {1}


def test_italian_strategy() -> None:
    got = official(ITALY)
    actions = {path[-1].split(" |")[0] for path in got.sections if re.match(r"[A-Z]{1,2}\.\d \|", path[-1])}
    assert actions == {f"{area}.{n}" for area, count in (("A", 3), ("R", 6), ("PA", 6), ("I", 5), ("F", 7)) for n in
                       range(1, count + 1)}  # fmt: skip
    assert [path[0] for path in got.sections if len(path) == 1][:3] == [
        "INTRODUCTION",
        "CONTEXT ANALYSIS",
        "PRINCIPLES OF THE STRATEGY",
    ]
    assert got.notices == ()
    assert [(c.title, c.page_label) for c in got.contents][::9] == [("INTRODUCTION", "4"), ("REGULATORY BODIES", "37")]
    assert [path[0] for path in got.sections if len(path) == 1].count("TRAINING STRATEGY") == 1
    risks = ("PRINCIPLES OF THE STRATEGY", "Risks of the Strategy")
    assert len([path for path in got.sections if path[:2] == risks and len(path) == 3]) == 6
    # No sentence is broken where a column or a page ends.
    assert all(re.search(r"[.:;!?][”’)]*$", p.text) for p in got.passages)
    assert not any(re.match(r"[a-z]", p.text) for p in got.passages)
    joined = " ".join(p.text for p in got.passages)
    assert not re.search(r"\s[.,;]", joined)
    assert "https://" not in joined
    assert 16_000 < len(joined.split()) < 18_500
    assert all(p.page_label == str(p.page) for p in got.passages)


def test_chinese_development_plan() -> None:
    got = official(CHINA_2017, (2, 12))
    assert {p.page for p in got.passages} <= set(range(2, 13))
    joined = " ".join(p.text for p in got.passages)
    assert "artifi cial" not in joined and "artificial intelligence" in joined
    assert "Issued by State Council" not in joined
    headings = {path[-1] for path in got.sections}
    assert {"Basic principles", "Strategic Goals", "Major Task", "Supporting measures"} <= headings
    numbered = [path for path in got.sections if len(path) == 2 and re.match(r"[1-6]\. ?", path[-1])]
    assert [sum(path[0] == above for path in numbered) for above in ("Major Task", "Supporting measures")] == [6, 6]
    assert sum(path[0] == "Organization and implementation" for path in numbered) == 4
    # Labels in the boxes head what stands below them, and no sentence begins with one.
    assert ("Vigorously develop AI enterprise",) in {path[2:] for path in got.sections}
    labels = ("Enhance Four", "Set up a system", "3.Pilot", "2.Guarantee")
    assert not any(p.text.startswith(labels) for p in got.passages)
    items = [p for p in got.passages if re.match(r"\(\d\)", p.text)]
    assert len(items) == 24 and {p.depth for p in items} == {1}
    assert "(Source" not in joined
