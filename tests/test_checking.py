"""An article held against documents: quotations, terms, persons, descriptions, in every format."""

from __future__ import annotations

import functools
import json
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docx
import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE, Here
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from test_documents_pdf import T, make_pdf

import compare
from compare.attribution import attribute
from compare.checking import Check, check
from compare.documents import Document
from compare.errors import PolicyCompareError
from compare.quotes import find_quotations
from compare.sources import Sources

BENCHMARK = Path(__file__).parent / "benchmarks" / "quotations.py"
ARTICLE = """# Two plans, two worlds

Northland's plan calls itself a way to win “a contest for technological leadership”, and it orders that "ministries
shall withhold innovation grants from provinces that impose burdensome rules on developers." The Southland appeal
strikes a far less adversarial tone than the Northland plan.

"Trust can only grow where risks are recognised in time," says Southland's appeal. It asks that "stricter rules ...
apply where an error could cost lives or livelihoods" and that “Good data are the sand in which useful systems grow”.

> Patients must be told when a machine has taken part in a diagnosis.

A report by the Halden Institute holds that "Our adversaries are arming themselves with autonomous weapons." The
institute's authors add that "nobody has counted the drones of the northern provinces since the war".

"Nobody reads such papers," said Ada Brook, a fellow at the Institute of Things. She added: "The plan says that 'Secure
design is a duty of every supplier to the state', and that is all I need." Both speak of “data centres” and of “trust”.
"""


@pytest.fixture(scope="module")
def checked(home: object, tmp_path_factory: pytest.TempPathFactory) -> Check:
    path = tmp_path_factory.mktemp("article") / "article.md"
    path.write_text(ARTICLE, encoding="utf-8")
    return check(path, [NORTHLAND, SOUTHLAND])


def run(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "compare", "quotes", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)


# What readers say


@pytest.fixture(scope="module")
def bench() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(BENCHMARK)))


@pytest.mark.parametrize("name", ["news", "essays", "mixed", "press", "papers"])
def test_quotations_are_judged_as_readers_judge_them(name: str, bench: SimpleNamespace, tmp_path: Path) -> None:
    """All that are exact, elided, from another document or absent, and 95 % of the rest."""
    cases = tomllib.loads((bench.HERE / f"{name}.toml").read_text("utf-8"))["cases"]
    faults: dict[bool, list[str]] = {True: [], False: []}
    tried = 0
    for number, case in enumerate(cases, start=1):
        article = tmp_path / "article.md"
        article.write_text(case["article"].strip() + "\n", encoding="utf-8")
        found = check(article, [bench.FIXTURES / document for document in case["documents"]], meaning=False)
        plain = case["category"] in {"exact", "elided", "other-document", "absent"}
        tried += 0 if plain else len(case["expected"])
        faults[plain] += [
            f"{number}: {expected['quotation']}: {told}"
            for expected in case["expected"]
            if (told := bench.fault(found, expected)) is not None
        ]
    assert not faults[True] and len(cases) >= 60
    assert len(faults[False]) <= 0.05 * tried, faults[False]


def test_no_description_is_judged_against_its_reader(bench: SimpleNamespace, tmp_path: Path) -> None:
    """What is decided is decided as a reader decides it; all else is left to the reader of the report."""
    cases = tomllib.loads((bench.HERE / "claims.toml").read_text("utf-8"))["cases"]
    article = tmp_path / "article.md"
    article.write_text("\n\n".join(case["article"].strip() for case in cases), encoding="utf-8")
    found = check(article, [NORTHLAND, SOUTHLAND])
    wanted = {
        bench.letters(expected["sentence"]): expected.get("verdict", "none")
        for case in cases
        for expected in case["expected"]
    }
    decided = [claim for claim in found.claims if claim.verdict != "cannot be told"]
    assert len(decided) >= 4
    for claim in decided:
        if bench.letters(claim.text) in wanted:
            assert wanted[bench.letters(claim.text)] == claim.verdict, claim.text
        assert claim.shares and claim.label and not claim.reason
    assert all(claim.nearest for claim in found.claims)


def test_the_article_that_the_project_began_with(official: Path, bench: SimpleNamespace) -> None:
    """Expected verdicts are a list of numbers and labels; the text stays where it is."""
    path = official.parent / "articles" / "dw-us-china-ai-2026-01.txt"
    if not path.is_file():
        pytest.skip("the article is not at hand")
    found = check(path, ["us-ai-action-plan-2025"], meaning=False)
    assert found.texts[0].basis == "official" and found.article.sha256 == bench.ARTICLE
    told = {number: item.verdict or item.kind for number, item in enumerate(found.checked, start=1)}
    assert told == bench.EXPECTED
    pages = {n: item.place.page_label for n, item in enumerate(found.checked, start=1) if item.place is not None}
    assert pages == {1: "1", 3: "20", 4: "20", 5: "20", 6: "20", 17: "4", 18: "4", 19: "4"}


# One article, in all its parts


def by_start(found: Check, words: str) -> Any:
    return next(item for item in found.checked if item.text.startswith(words))


def test_quotations_with_their_place_and_difference(checked: Check) -> None:
    told = {item.text.split()[0]: (item.kind, item.verdict, item.credit.name) for item in checked.checked}
    assert told == {
        "a": ("document", "verbatim", "Northland's plan"),
        "ministries": ("document", "near-verbatim", "Northland's plan"),
        "Trust": ("document", "verbatim", "Southland's appeal"),
        "stricter": ("document", "elided", "Southland's appeal"),
        "Good": ("document", "altered", "Southland's appeal"),
        "Patients": ("document", "verbatim", "Southland's appeal"),
        "Our": ("document", "other-document", "A report by the Halden Institute"),
        "nobody": ("document", "not-found", "A report by the Halden Institute"),
        "Nobody": ("person", None, "Ada Brook"),
        "The": ("person", None, "Ada Brook"),
        "Secure": ("document", "verbatim", "the plan"),
        "data": ("term", None, told["data"][2]),
        "trust": ("term", None, told["trust"][2]),
    }
    elided = by_start(checked, "stricter")
    assert [change.document for change in elided.changes if change.kind == "left out"] == ["should"]
    altered = [c for c in by_start(checked, "Good").changes if c.kind != "same"]
    assert [(change.document, change.quotation) for change in altered] == [("soil", "sand")]
    secure = by_start(checked, "Secure")
    assert secure.place.document == "northland-plan" and secure.place.section[-1].startswith("Security of Networks")
    assert checked.passage(secure.place).text.startswith("Secure design")
    block = by_start(checked, "Patients")
    assert block.quotation.mark == ">" and block.place.section[-1].startswith("8.")
    # What was not found is laid beside what is nearest; what was found is not.
    assert by_start(checked, "nobody").nearest and not secure.nearest


def test_terms_are_counted_with_their_places(checked: Check) -> None:
    plan = compare.load(str(NORTHLAND))
    counts = {count.document: count for count in by_start(checked, "data").counts}
    expected = len(re.findall(r"\bdata centres\b", plan.body, re.IGNORECASE))
    assert counts["northland-plan"].times == expected > 1
    assert all("data centres" in checked.passage(p).text.lower() for p in counts["northland-plan"].places if p.passage)


def test_a_claimed_difference_is_held_against_the_measured_one(checked: Check) -> None:
    measured = compare.compare([NORTHLAND, SOUTHLAND])
    claim = next(claim for claim in checked.claims if "adversarial" in claim.text)
    assert (claim.verdict, claim.measure, claim.direction) == ("supported", "rivalry", -1)
    assert claim.documents == ("southland-appeal", "northland-plan")
    pole = next(pole for tone in measured.tone_results for pole in tone.poles if pole.id == "rivalry")
    assert claim.shares == {name: pole.shares[name] for name in claim.documents}
    difference = pole.differences[0].difference
    assert claim.differences[0].value == -difference.value and claim.differences[0].low == -difference.high


@pytest.mark.parametrize(
    ("sentence", "verdicts"),
    [
        ("The Northland plan never mentions “mountains” or “democracy”.", ["supported", "supported"]),
        ("The Northland plan does not use the word “trawlers”.", ["not supported"]),
        ("Northland's plan speaks of “adversaries” and of “rival powers”.", ["supported", "supported"]),
        ("Northland's plan mentions “democracy”.", ["not supported"]),
        ("The Northland plan never mentions “democracy” but speaks of “adversaries”.", ["supported", "supported"]),
        ("If the Northland plan mentions “democracy”, nobody has seen it.", []),
        ("The Northland plan, which mentions many things, is “bold”.", []),
    ],
)
def test_what_is_said_of_a_term_is_counted(sentence: str, verdicts: list[str], tmp_path: Path) -> None:
    article = tmp_path / "article.md"
    article.write_text(sentence, encoding="utf-8")
    found = check(article, [NORTHLAND])
    told = [claim for claim in found.claims if claim.kind == "count"]
    assert [claim.verdict for claim in told] == verdicts
    for claim in told:
        stands = len(re.findall(rf"\b{claim.label}\b", compare.load(str(NORTHLAND)).body, re.IGNORECASE))
        assert claim.times == stands and f"“{claim.label}” stands there" in " ".join(found.to_text(80).split())


def test_what_cannot_be_measured_takes_nothing_from_what_is_counted(tmp_path: Path) -> None:
    short, article = tmp_path / "short.md", tmp_path / "article.md"
    short.write_text("# Westland's Notice\n\nWestland waits. It has time.\n", encoding="utf-8")
    article.write_text(
        "Northland's plan mentions “adversaries”. The Northland plan is more adversarial than others.", encoding="utf-8"
    )
    counted, measured = check(article, [NORTHLAND, short]).claims
    assert (counted.verdict, counted.reason) == ("supported", "")
    assert measured.verdict == "cannot be told" and "too few sentences" in measured.reason


def test_of_one_document_no_difference_can_be_told(tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text('Northland\'s plan is far more adversarial than others. It says "we" and nothing else of note.')
    found = check(article, [NORTHLAND])
    assert found.claims and all(claim.verdict == "cannot be told" for claim in found.claims)
    assert "second document" in found.claims[0].reason


def test_across_languages_nothing_is_verbatim(tmp_path: Path) -> None:
    article = tmp_path / "article.md"
    article.write_text(
        'Southland\'s appeal says that "trust can only grow if risks are seen early", and it is more cautious about '
        'risk than the Northland plan, which speaks of "rival powers".',
        encoding="utf-8",
    )
    found = check(article, [SOUTHLAND_CHINESE, NORTHLAND])
    quoted, term = found.checked
    assert (quoted.verdict, quoted.foreign) == ("translation", ("southland-appeal.zh",))
    assert "风险" in found.passage(quoted.nearest[0]).text  # type: ignore[union-attr]
    assert {count.document: count.times for count in term.counts} == {"southland-appeal.zh": None, "northland-plan": 1}
    assert all(claim.verdict == "cannot be told" for claim in found.claims if claim.kind == "difference")


def test_a_digest_settles_no_wording(tmp_path: Path) -> None:
    article = tmp_path / "article.md"
    article.write_text(
        'The US plan says that "American workers shall always come first in all that we do". China\'s plan speaks of '
        '"an appeal to every country on earth". A bank\'s report warns of "the greatest bubble of the century".'
    )
    found = check(article, ["us-ai-action-plan-2025", "cn-global-ai-governance-action-plan-2025"], basis="digest")
    assert [item.verdict for item in found.checked] == [None, None, None]
    assert [item.digests for item in found.checked[:2]] == [
        ("us-ai-action-plan-2025",),
        ("cn-global-ai-governance-action-plan-2025",),
    ]
    text = found.to_text(80)
    assert "policy-compare fetch us-ai-action-plan-2025" in text and "Not found" not in text


# Formats of the article


def _html(path: Path) -> None:
    paragraphs = ARTICLE.split("\n\n")[1:]
    blocks = [
        f"<blockquote><p>{text[2:]}</p></blockquote>" if text.startswith(">") else f"<p>{text}</p>"
        for text in paragraphs
    ]
    menu = "<nav><ul>" + "".join(f"<li><a href='/{n}'>“Quoted in the menu of the site {n}”</a></li>" for n in range(9))
    path.write_text(
        f"<html lang='en'><head><title>Two plans</title></head><body>{menu}</ul></nav><article><h1>Two plans, two "
        f"worlds</h1>{''.join(blocks)}</article></body></html>",
        encoding="utf-8",
    )


def _docx(path: Path) -> None:
    document = docx.Document()
    for text in ARTICLE.split("\n\n")[1:]:
        quoted = text.startswith(">")
        document.add_paragraph(" ".join(text.removeprefix("> ").split()), style="Quote" if quoted else None)
    document.save(str(path))


def _pdf(path: Path) -> None:
    lines = [T(72, 720, "Two plans, two worlds", 18)]
    at = 690.0
    for text in ARTICLE.split("\n\n")[1:]:
        plain = text.removeprefix("> ").translate(str.maketrans("“”", '""')).replace("'Secure", "'Secure")
        for line in plain.splitlines():
            lines.append(T(72, at, line, 9))
            at -= 12
        at -= 10
    path.write_bytes(make_pdf([lines]))


def _plain(path: Path) -> None:
    path.write_text(ARTICLE.removeprefix("# "), encoding="utf-8")


@pytest.mark.parametrize(("name", "write"), [("a.html", _html), ("a.docx", _docx), ("a.pdf", _pdf), ("a.txt", _plain)])
def test_the_same_article_in_another_format(name: str, write: Any, checked: Check, tmp_path: Path) -> None:
    write(tmp_path / name)
    found = check(tmp_path / name, [NORTHLAND, SOUTHLAND], meaning=False)
    own = {(re.sub(r"\W", "", item.text), item.kind, item.verdict) for item in found.checked}
    wanted = {(re.sub(r"\W", "", item.text), item.kind, item.verdict) for item in checked.checked}
    if name == "a.pdf":
        # A page does not say what is set apart as a quotation.
        wanted = {item for item in wanted if not item[0].startswith("Patients")}
    assert own == wanted


# Reports


def test_as_json(checked: Check, tmp_path: Path) -> None:
    data = json.loads(checked.to_json())
    assert data["schema"] == "policy-compare-quotes/1"
    keys = {
        "text", "speaker", "kind", "verdict", "document", "section", "page", "page_label", "passage", "difference",
    }  # fmt: skip
    for item in data["quotations"]:
        assert keys <= set(item) and item["kind"] in {"document", "person", "term"}
        assert (item["passage"] is None) == (item["document"] is None)
    altered = next(item for item in data["quotations"] if item["verdict"] == "altered")
    assert {"kind": "changed", "document": "soil", "quotation": "sand"} in altered["difference"]
    assert altered["passage"].startswith("southland-appeal:") and altered["section"][-1] == "2. Sharing data"
    term = next(item for item in data["quotations"] if item["text"] == "data centres")
    assert {count["document"] for count in term["counts"]} == {"northland-plan", "southland-appeal"}
    assert {claim["verdict"] for claim in data["claims"]} <= {"supported", "not supported", "cannot be told"}
    article, out = shlex.split(checked.method["command"])[2], tmp_path / "out.json"
    done = run(article, NORTHLAND, SOUTHLAND, "--json", out)
    assert (done.returncode, done.stderr) == (0, b"") and out.read_text("utf-8") == checked.to_json()
    assert run(article, NORTHLAND, SOUTHLAND, "--json").stdout.decode() == checked.to_json()


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_report_is_whole_and_no_line_is_too_wide(checked: Check, width: int, snapshot: object) -> None:
    text = checked.to_text(width)
    assert max(map(cell_len, text.splitlines())) <= width
    flat = " ".join(text.split())
    for item in checked.checked:
        assert " ".join(item.text.split()) in flat, item.text
    assert "[left out: should]" in flat and "[document: soil; article: sand]" in flat
    if width == 80:
        # The command names files by their paths on this computer.
        assert (
            re.sub(r"policy-compare quotes.*?(?=Encoder)", "policy-compare quotes ...\n", text, flags=re.DOTALL)
            == snapshot
        )


def test_html_and_markdown_tell_the_same(checked: Check) -> None:
    page, wiki = checked.to_html(), checked.to_markdown()
    for text in (page, wiki):
        for words in ("Trust can only grow", "[left out: should]", "Ada Brook", "Halden Institute", "data centres"):
            assert words.replace("[", "\\[").replace("]", "\\]") in text or words in text
    assert page.count("<h1") == 1 and "default-src 'none'" in page
    assert "policy-compare fragment" in checked._repr_html_() and "<script" not in checked._repr_html_()


def test_frames(checked: Check) -> None:
    quoted, terms, told = checked.quotations, checked.terms, checked.characterisations
    assert len(quoted) == 11 and quoted["verdict"].value_counts()["verbatim"] == 4
    assert quoted[quoted["verdict"] == "altered"]["difference"].item().count("[changed: soil -> sand]") == 1
    assert terms.set_index(["term", "document"])["count"].loc[("data centres", "northland-plan")] > 1
    row = told[told["verdict"] == "supported"].iloc[0]
    assert row["measure"] == "Rivalry between states" and row["difference_high"] < 0
    assert "11 quotations" not in repr(checked) and "13 quotations" in repr(checked)


# What is refused, and what is hostile


def test_what_cannot_be_checked_is_told_in_a_line(tmp_path: Path, here: Here) -> None:
    article = tmp_path / "article.md"
    article.write_text(ARTICLE, encoding="utf-8")
    for arguments, word in (
        ((tmp_path / "none.md", NORTHLAND), "none.md"),
        ((article,), "Missing argument"),
        ((article, "no-such-plan"), "no-such-plan"),
        ((article, NORTHLAND, NORTHLAND), "given twice"),
        ((article, article), "the article is one of the documents"),
        ((article, NORTHLAND, "--html", tmp_path / "no" / "a.html"), "a.html"),
        ((article, NORTHLAND, "--seed", "-1"), "--seed -1"),
        ((article, NORTHLAND, "--width", "20"), "--width 20"),
        ((article, NORTHLAND, "--basis", "both"), "--basis both"),
        ((article, NORTHLAND, "--model", "no-such-model"), "no-such-model"),
    ):
        # What is not on this computer is looked for by a library that another test may have loaded otherwise.
        done = run(*arguments) if "--model" in arguments else here("quotes", *arguments)
        assert (done.returncode, done.stdout) == (2, b""), arguments
        assert word in done.stderr.decode() and len(done.stderr.decode().splitlines()) == 1
    with pytest.raises(PolicyCompareError, match="no document"):
        check(article, [])


def test_an_article_without_a_quotation(tmp_path: Path) -> None:
    article = tmp_path / "plain.txt"
    article.write_text("The weather was fine on Monday. Nobody spoke of any plan.")
    found = check(article, [NORTHLAND])
    assert found.checked == () and found.claims == ()
    assert "0 quotations of documents" in found.to_text(80)
    assert len(found.quotations) == len(found.terms) == len(found.characterisations) == 0
    assert json.loads(found.to_json())["quotations"] == []
    assert found.to_html() and found.to_markdown()


def test_words_alone_take_no_encoder(tmp_path: Path) -> None:
    article = tmp_path / "article.md"
    article.write_text(ARTICLE, encoding="utf-8")
    code = (
        "import sys; from compare.checking import check\n"
        f"found = check({str(article)!r}, [{str(NORTHLAND)!r}, {str(SOUTHLAND)!r}], meaning=False)\n"
        "assert len(found.checked) == 13 and not found.claims\n"
        "assert not {'torch', 'sentence_transformers', 'pandas', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    article = tmp_path / "article.html"
    article.write_text(
        "<html><head><title>[red]T[/] &lt;script&gt;alert(1)&lt;/script&gt;</title></head><body><article><h1>A</h1>"
        "<p>Northland's plan says “[bold red]we[/] &lt;img src=x onerror=alert(1)&gt; \u202eact [link](javascript:x) "
        "now”, and Ada &lt;b&gt;Brook&lt;/b&gt; said: “=HYPERLINK(1) is *not* what [I] want of `them` today”.</p>"
        "<p>Nothing more is said of it in this piece, which ends here without a word.</p></article></body></html>",
        encoding="utf-8",
    )
    found = check(article, [NORTHLAND])
    text, page, wiki = found.to_text(80), found.to_html(), found.to_markdown()
    assert "[bold red]we[/]" in " ".join(text.split()) and "\x1b" not in text and "\u202e" not in text + page + wiki
    assert "<img src=x" not in page + wiki and "<script>alert" not in page + wiki
    assert "\\[link\\]\\(javascript" in wiki and "\\*not\\*" in wiki
    json.loads(found.to_json())


@functools.cache
def read_once() -> list[Document]:
    return [compare.load(str(NORTHLAND)), compare.load(str(SOUTHLAND_CHINESE))]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="AB ab.,:;!?\n\"'“”‘’《》>…说计划The plan says it ", max_size=120))
def test_any_text_is_read_to_its_end(text: str) -> None:
    documents = read_once()
    for language in ("en", "zh"):
        found = find_quotations(text)
        credits, sentences = attribute(text, found, Sources(documents, language, text))
        assert len(credits) == len(found)
        for sentence in sentences:
            assert len(sentence.masked) == sentence.end - sentence.start
