"""Questions that an analyst asks of a comparison in Python."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import NORTHLAND, SOUTHLAND_CHINESE

import compare
from compare.comparison import Comparison
from compare.errors import PolicyCompareError


def test_documents_and_themes_by_what_tells_them_apart(main_job: Comparison) -> None:
    us, china = main_job.texts
    assert main_job.document("us-ai") == main_job.document("US plan") == main_job.document("race") == us
    assert main_job.document(china.id) == china
    # The beginning of a word goes before a part of one: "trust" has "us" in it as well.
    renamed = replace(main_job, texts=(us, replace(china, title="A Trusted World")))
    assert renamed.document("us") == us and renamed.document("rusted").id == china.id
    first = main_job.theme_results[0]
    assert main_job.theme("t01") == main_job.theme("1") == main_job.theme(first.label.upper()) == first
    assert "xport" in main_job.theme("export controls").label
    for ask in (main_job.document, main_job.theme):
        with pytest.raises(PolicyCompareError, match="stands for no"):
            ask("fisheries \x1b[31m")
        with pytest.raises(PolicyCompareError, match=r"stands for \d+"):
            ask("a")
        with pytest.raises(PolicyCompareError):
            ask("")


def test_between_two_documents_either_way_round(main_job: Comparison) -> None:
    one, other = main_job.between("us", "china"), main_job.between("china", "us")
    assert len(one) == len(main_job.differences) and one.index.equals(other.index)
    assert (one["value"] == -other["value"]).all() and (one["low"] == -other["high"]).all()
    assert (one["q"] == other["q"]).all() and one["holds"].equals(other["holds"])
    assert one.loc[("pole", "rivalry"), "value"] > 0
    with pytest.raises(PolicyCompareError, match="name two documents"):
        main_job.between("us", "US plan")


def test_passages_by_meaning(main_job: Comparison) -> None:
    found = main_job.search("Limits on selling advanced chips to hostile states", 5)
    us, china = (d.id for d in main_job.texts)
    assert len(found) == 5 and set(found["document"]) == {us}
    assert found["similarity"].is_monotonic_decreasing
    assert found["theme_label"].str.contains("xport").sum() >= 2
    assert found.index.isin(main_job.passages.index).all()
    other = main_job.search("Limits on selling advanced chips to hostile states", 3, document="china")
    assert set(other["document"]) == {china}
    # The words of a passage find that passage first, wherever it stands.
    row = main_job.rows[300]
    assert main_job.search(row.passage.text, 1).index.tolist() == [row.id]
    for text, most in (("", 3), ("chips", 0)):
        with pytest.raises(PolicyCompareError, match="give a text"):
            main_job.search(text, most)


def test_passages_by_meaning_across_languages(home: object) -> None:
    found = compare.compare([NORTHLAND, SOUTHLAND_CHINESE])
    chinese = found.texts[1].id
    asked = found.search("clean energy for data centres", 6)
    # The one language does not drown the other, and the right passage is among the first.
    assert set(asked["document"]) == {d.id for d in found.texts}
    assert asked[asked["document"] == chinese]["section"].str.contains("清洁能源").any()
