"""Quotations in an article, and where they stand in a document."""

from __future__ import annotations

import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE
from hypothesis import given, settings
from hypothesis import strategies as st

import compare
from compare.quotes import QuotedText, find_quotations


@pytest.fixture(scope="module")
def plan(home: object) -> QuotedText:
    return QuotedText(compare.load(str(NORTHLAND)))


@pytest.fixture(scope="module")
def appeal(home: object) -> QuotedText:
    return QuotedText(compare.load(str(SOUTHLAND)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('The plan says "we will act," and "at once."', ["we will act,", "at once."]),
        ("The plan says “we will act” and ‘at once’.", ["we will act", "at once"]),
        ("She said: \"They call it 'the race' now.\"", ["They call it 'the race' now.", "the race"]),
        ("“They call it ‘the race’,” she said.", ["They call it ‘the race’,", "the race"]),
        ("America’s states' rights, the '90s and a 6\" pipe", []),
        ("文件要求“推动开放”，并称之为「行动」。", ["推动开放", "行动"]),
        ("《全球人工智能治理行动计划》提出“共享”。", ["全球人工智能治理行动计划", "共享"]),
        # A quotation of several paragraphs is opened anew in each and closed once.
        ("“One sentence.\n\n“Another one,” she said.", ["One sentence.\n\n“Another one,"]),
        # A mark that nothing closes takes no other quotation with it.
        ('He wrote "of this.\n\nThe plan "of that" says', ["of that"]),
        ("„So ist es“, sagte sie, «oui».", ["So ist es", "oui"]),
        ('He said the "workers\' rights" were kept', ["workers' rights"]),
        ('落实"港口+"计划，‘加快’建设', ["港口+", "加快"]),
        ("no marks at all", []),
    ],
)
def test_quotations_are_found_as_a_reader_finds_them(text: str, found: list[str]) -> None:
    assert [item.text for item in find_quotations(text)] == found
    for item in find_quotations(text):
        assert text[item.start : item.end] == item.text


@given(st.text(alphabet="ab \n\"'“”‘’「」«».,", max_size=60))
def test_any_marks_in_any_order_give_quotations_of_the_text(text: str) -> None:
    for item in find_quotations(text):
        assert text[item.start : item.end] == item.text and item.text.strip() and item.depth >= 0


def test_every_sentence_of_a_document_stands_in_it_and_in_no_other(plan: QuotedText, appeal: QuotedText) -> None:
    for own, other in ((plan, appeal), (appeal, plan)):
        for passage in own.document.passages:
            found = own.match(passage.text)
            assert found is not None and found.verdict == "verbatim", passage.text
            assert (found.start, found.end) != (0, 0) and passage.start <= found.start < passage.end
            assert other.match(passage.text) is None, passage.text


def test_every_sentence_of_a_chinese_document_stands_in_it() -> None:
    text = QuotedText(compare.load(str(SOUTHLAND_CHINESE)))
    for passage in text.document.passages:
        found = text.match(passage.text)
        assert found is not None and found.verdict == "verbatim", passage.text


def test_capitals_punctuation_and_hyphens_are_told(plan: QuotedText) -> None:
    sentence = next(p.text for p in plan.document.passages if "," in p.text and len(p.text.split()) > 8)
    for changed in (sentence.upper(), sentence.replace(",", ""), sentence[0].swapcase() + sentence[1:]):
        found = plan.match(changed)
        assert found is not None and found.verdict == "near-verbatim", changed
        assert found.changes[0].quotation.rstrip(".") == changed.rstrip(".")
    # Typographic marks, blanks, and the article's own comma inside its marks are no difference.
    for same in (sentence.replace(" ", "\n "), sentence.rstrip(".") + ",", sentence.replace("'", "’")):
        found = plan.match(same)
        assert found is not None and found.verdict == "verbatim", same


def test_what_dots_leave_out_is_shown(plan: QuotedText) -> None:
    for passage in plan.document.passages:
        words = passage.text.split()
        if len(words) < 12:
            continue
        for dots in ("...", "…", "[...]", ". . ."):
            found = plan.match(f"{' '.join(words[:4])} {dots} {' '.join(words[7:])}")
            assert found is not None and found.verdict == "elided", passage.text
            left_out = [change.document for change in found.changes if change.kind == "left out"]
            assert len(left_out) == 1 and left_out[0].strip(" ,;:") == " ".join(words[4:7]).strip(" ,;:")
        # In another order it is no elision.
        turned = plan.match(f"{' '.join(words[7:])} ... {' '.join(words[:4])}")
        assert turned is None or turned.verdict != "elided"


def test_a_word_put_in_its_place_is_told(plan: QuotedText, appeal: QuotedText) -> None:
    """In nineteen of twenty sentences with one word otherwise that word, and no other, is told."""
    tried = right = 0
    for text in (plan, appeal):
        for passage in text.document.passages:
            words = passage.text.rstrip(".").split()
            if len(words) < 8 or not words[4].isalpha():
                continue
            tried += 1
            found = text.match(" ".join([*words[:4], "zebra", *words[5:]]))
            if found is None or found.verdict != "altered":
                continue
            other = [
                (change.kind, change.document, change.quotation) for change in found.changes if change.kind != "same"
            ]
            right += other == [("changed", words[4], "zebra")]
    assert tried > 60 and right / tried >= 0.95


def test_the_smallest_difference_is_told(plan: QuotedText) -> None:
    found = plan.match("Discovery is moving from the bench to data set, and rival powers know it")
    assert found is not None and found.verdict == "altered"
    told = [(change.kind, change.document, change.quotation) for change in found.changes if change.kind != "same"]
    assert told == [("left out", "the", "")]
    # Of two places for a word the nearer one.
    found = plan.match("the wheel of today cannot deliver it, power plants that still run well")
    assert found is not None and found.verdict == "altered"
    told = [(change.kind, change.document, change.quotation) for change in found.changes if change.kind != "same"]
    assert told == [("changed", "grid", "wheel")]


@pytest.mark.parametrize(
    "absent",
    [
        "The moon is made of green cheese and nobody has ever denied it.",
        "We will build the largest computer in the world by next summer.",
        "This plan orders the people to be happy, and it sets no date.",
        "the future of the plan and of the world",
        "Ministries of all countries will meet",
    ],
)
def test_what_is_not_there_is_not_found(plan: QuotedText, appeal: QuotedText, absent: str) -> None:
    for text in (plan, appeal):
        found = text.match(absent)
        assert found is None, found


def test_a_quotation_that_stands_there_twice_is_counted(plan: QuotedText) -> None:
    found = plan.match("Northland")
    assert found is not None and found.times == plan.body.count("Northland") > 1
    assert plan.match("...") is None and plan.match(" “” ") is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(1, 12), st.integers(0, 200))
def test_any_run_of_words_is_found(plan: QuotedText, at: int, length: int, skip: int) -> None:
    tokens = plan.tokens
    first = min(at + skip, len(tokens.words) - length)
    # Nobody begins a quotation at a possessive ending.
    first -= tokens.words[first] == "'s"
    quoted = plan.body[tokens.starts[first] : tokens.ends[first + length - 1]]
    found = plan.match(quoted)
    # A run may hold dots or brackets of the document's own.
    assert found is not None and found.verdict in ("verbatim", "near-verbatim", "elided")
