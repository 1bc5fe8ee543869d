"""Several documents on one side: they count as one, and each passage still says where it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE
from hypothesis import given
from hypothesis import strategies as st

from compare.comparison import Comparison, compare
from compare.errors import OptionError, PolicyCompareError
from compare.groups import REST, Group, read_group, sides
from compare.kept import kept_comparison
from compare.sides import MOST_SIDES

DOCS = [str(NORTHLAND), str(SOUTHLAND), str(SOUTHLAND_CHINESE)]


@pytest.fixture(scope="module")
def grouped(home: object) -> Comparison:
    return compare(DOCS, groups=[Group("Southland twice", tuple(DOCS[1:]))])


def test_a_group_counts_as_one(grouped: Comparison) -> None:
    assert [d.label for d in grouped.texts][1] == "Southland twice"
    assert len(grouped.texts) == 2
    alone = compare(DOCS)
    assert len(grouped.rows) == len(alone.rows)
    for theme in grouped.theme_results:
        assert len(theme.shares) == 2
    assert sum(theme.size for theme in grouped.theme_results) == len(grouped.rows)


def test_a_passage_of_a_group_says_in_which_document_it_stands(grouped: Comparison) -> None:
    own = [row for row in grouped.rows if row.document == grouped.texts[1].id]
    assert len({row.passage.section[0] for row in own}) == 2
    assert len({row.id for row in own}) == len(own)
    body = grouped.texts[1].body
    assert all(body[row.passage.start : row.passage.end] == row.passage.text for row in own)


def test_report_and_json_of_a_group(grouped: Comparison) -> None:
    assert json.loads(grouped.to_json())["documents"][1]["language"] == "mul"
    assert "Southland twice" in grouped.to_text(100)


def test_all_others_stand_for_a_document_against_the_rest(home: object) -> None:
    found = compare(DOCS, groups=[Group("Others", (REST,)), Group("North", (DOCS[0],))])
    assert [d.label for d in found.texts] == ["North", "Others"]


@pytest.mark.parametrize("text", ["", "Asia", "=a,b", "Asia=", "Asia= , ", "x" * 50 + "=a", "A\x1b[31m=a"])
def test_what_is_no_group_is_refused(text: str) -> None:
    with pytest.raises(OptionError) as refused:
        read_group(text)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "groups",
    [
        [Group("A", ("a", "x"))],
        [Group("A", ("a",)), Group("A", ("b",))],
        [Group("A", ("a",)), Group("B", ("a", "b"))],
        [Group("A", ("a", "b", "c"))],
        [Group("A", ("*",)), Group("B", ("*",))],
        [Group("A", ("*", "a"))],
        [Group("A", ("*",))],
    ],
)
def test_groups_that_make_no_comparison_are_refused(groups: list[Group]) -> None:
    with pytest.raises(OptionError, match="--group"):
        sides(["a", "b", "c"], groups)


@given(st.lists(st.integers(0, 3), min_size=2, max_size=8))
def test_every_document_is_on_one_side(owner: list[int]) -> None:
    named = [f"d{i}" for i in range(len(owner))]
    groups = [
        Group(f"g{k}", tuple(name for name, of in zip(named, owner, strict=True) if of == k))
        for k in (1, 2, 3)
        if k in owner
    ]
    if len(set(owner) - {0}) + owner.count(0) < 2:
        with pytest.raises(OptionError):
            sides(named, groups)
        return
    parted = sides(named, groups)
    assert sorted(number for _, numbers in parted for number in numbers) == list(range(len(named)))


def test_more_sides_than_are_compared_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    """One line says how many there are, how many may be, and what to do; the files need not even be there."""
    files = [str(tmp_path / f"plan-{number}.md") for number in range(MOST_SIDES + 1)]
    with pytest.raises(
        OptionError, match=rf"^{MOST_SIDES + 1} documents .* up to {MOST_SIDES} .*--group NAME=DOC,DOC$"
    ):
        compare(files)
    with pytest.raises(OptionError, match="--group NAME=DOC,DOC"):
        kept_comparison(files)
    grouped = [Group("North", tuple(files[: MOST_SIDES // 2])), Group("South", ("*",))]
    with pytest.raises(PolicyCompareError, match="plan-0"):
        compare(files, groups=grouped)
