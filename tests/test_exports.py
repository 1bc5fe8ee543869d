"""What is sent on: HTML, Markdown, SVG and tables, also of documents that mean harm."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import NORTHLAND, SOUTHLAND
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from compare.comparison import Comparison, compare
from compare.documents import Passage
from compare.errors import PolicyCompareError
from compare.report.figures import NAMES, Figures
from compare.report.html import render_fragment, render_html
from compare.report.markdown import code, escape, render_markdown
from compare.report.method import citation, reproduction
from compare.report.tables import FRAMES, render_tables
from compare.report.terminal import render_svg, render_text

EVIL = (
    "=HYPERLINK(A1) The [link=x]harbour[/link] <script>alert({n})</script> must not \x1b[31mburn\x1b]8;;http://x\x07 "
    "in {n}, **never** [click](javascript:alert(1)) `code` | cell | \u202erof {{{{ 7*7 }}}} </p></style>&amp; ![i](x)."
)


class Elements(HTMLParser):
    """Elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, home: object) -> Comparison:
    """A plan beside a document whose text, headings, title and file name try to be more than text."""
    path = tmp_path_factory.mktemp("evil") / "evil [red]<b> $(id) `x`.txt"
    parts = [
        f"{part + 1}. Part [bold]{part}[/bold] <i onclick=x>\n\n"
        + " ".join(EVIL.format(n=5 * part + n) for n in range(5))
        for part in range(8)
    ]
    path.write_text("[red]Evil[/red] <img src=x onerror=alert(1)> \u202edlrow\n\n" + "\n\n".join(parts), "utf-8")
    return compare([path, SOUTHLAND])


def test_hostile_text_stays_text_in_the_terminal(hostile: Comparison) -> None:
    for text in (render_text(hostile, 100, detail="full"), render_text(hostile, 60)):
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
        assert "[link=x]harbour[/link]" in " ".join(text.split())
    coloured = render_text(hostile, 100, colours="truecolor")
    # Of escapes there are only our own colours.
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert "burn" in coloured and "\x1b[31m" not in coloured


def test_hostile_text_stays_text_in_html(hostile: Comparison) -> None:
    for page in (render_html(hostile), render_fragment(hostile)):
        assert not {"\x1b", "\x07", "\u202e"} & set(page)
        elements = Elements(page)
        tags = [tag for tag, _ in elements.found]
        assert tags.count("script") == (1 if page.startswith("<!DOCTYPE") else 0)
        assert not {"i", "b", "iframe", "object", "link", "base", "form"} & set(tags)
        assert all(not name.startswith("on") for _, attributes in elements.found for name in attributes)
        for tag, attributes in elements.found:
            source = attributes.get("src")
            assert source is None or (tag == "img" and source.startswith("data:image/svg+xml;base64,"))
            address = attributes.get("href") or "#"
            assert address.startswith(("#", "https://"))
        assert re.search(r"<script>alert\(\d+\)</script>", elements.text) and "{{ 7*7 }}" in elements.text


def test_hostile_text_stays_text_in_a_picture(hostile: Comparison) -> None:
    pictures = [render_svg(hostile), *(figure_of(hostile, name) for name in ("themes", "map"))]
    for picture in pictures:
        elements = Elements(picture)
        assert not {"script", "img", "image", "b", "i", "a", "foreignobject"} & {tag for tag, _ in elements.found}
        for _, attributes in elements.found:
            assert not {"href", "src", "xlink:href"} & attributes.keys()
            assert all(not name.startswith("on") for name in attributes)
            assert all("url(" not in (value or "") or "url(#" in (value or "") for value in attributes.values())
        assert "@import" not in picture and "@font-face" not in picture


def figure_of(comparison: Comparison, name: str) -> str:
    from compare.report.figures import picture

    return picture(comparison, name)


def test_hostile_text_stays_text_in_markdown(hostile: Comparison) -> None:
    made = render_markdown(hostile, "full")
    assert not {"\x1b", "\x07", "\u202e"} & set(made)
    elements = Elements(MarkdownIt("commonmark").enable("table").render(made))
    allowed = {"h1", "h2", "h3", "p", "em", "strong", "blockquote", "ol", "li", "code", "pre"}
    assert {tag for tag, _ in elements.found} <= allowed | {"table", "thead", "tbody", "tr", "th", "td"}
    seen = " ".join(elements.text.split())
    assert re.search(r"<script>alert\(\d+\)</script>", seen) and "[click](javascript:alert(1)) `code` | cell |" in seen
    assert "**never**" in seen and "![i](x)" in seen


def test_hostile_text_stays_text_in_tables(hostile: Comparison) -> None:
    tables = render_tables(hostile)
    rows = [row for text in tables.values() for row in csv.reader(io.StringIO(text))]
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)
    numbers = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?$")
    for row in rows:
        assert all(not cell.startswith(("=", "+", "-", "@")) or numbers.match(cell) for cell in row)


words = st.text(st.sampled_from("ab<>&*_`[]()|~$^\\#-+=.:!1 \"'\u202e\x1b推动"), max_size=40)


@given(words)
def test_escaped_markdown_shows_what_it_is_made_of(text: str) -> None:
    rendered = MarkdownIt("commonmark").enable("table").render(f"x {escape(text)} x")
    elements = Elements(rendered)
    assert {tag for tag, _ in elements.found} <= {"p"}
    shown = "".join(elements.text.split())
    visible = "".join(text.replace("\u202e", "\\u202e").replace("\x1b", "\\x1b").split())
    assert shown == f"x{visible}x"
    # At the start of a line too.
    start = Elements(MarkdownIt("commonmark").enable("table").render(escape(text.strip())))
    assert {tag for tag, _ in start.found} <= {"p"}


@given(st.text(st.sampled_from("a`b <|"), min_size=1, max_size=20))
def test_code_is_code_whatever_backticks_are_in_it(text: str) -> None:
    if text.strip() == text:
        rendered = Elements(MarkdownIt("commonmark").render(f"x {code(text)} x"))
        assert [tag for tag, _ in rendered.found] == ["p", "code"]
        assert "".join(rendered.text.split()) == f"x{''.join(text.split())}x"


def test_every_format_can_be_cited_and_made_again(main_job: Comparison) -> None:
    told = [citation(main_job), *(value for _, value in reproduction(main_job))]
    assert any("policy-compare report us-ai-action-plan-2025" in value for value in told)
    assert all(d.sha256 in " ".join(told) for d in main_job.texts)
    page = Elements(render_html(main_job)).text
    text = " ".join(render_text(main_job, 120, detail="full").split())
    markdown = Elements(MarkdownIt("commonmark").enable("table").render(render_markdown(main_job))).text
    tables = {cell for row in csv.reader(io.StringIO(render_tables(main_job)["method.csv"])) for cell in row}
    picture = "".join(Elements(render_svg(main_job, 120)).text.split())
    for value in told:
        assert value in tables
        for output in (page, text, markdown):
            assert "".join(value.split()) in "".join(output.split())
        assert "".join(value.split()) in picture
    data = main_job.to_json()
    assert '"citation"' in data and '"command"' in data


def test_passages_lead_to_their_page_of_the_official_file(main_job: Comparison) -> None:
    for made in (render_html(main_job), render_markdown(main_job)):
        pages = {int(n) for n in re.findall(r"Americas-AI-Action-Plan\.pdf#page=(\d+)", made)}
        assert pages and min(pages) >= 4
        assert "https://www.fmprc.gov.cn/eng/" in made
    us, _ = main_job.texts
    row = next(row for row in main_job.rows if row.document == us.id and row.passage.page_label == "3")
    # The plan's printed page 3 is the sixth of the file.
    assert us.address(row.passage) == f"{us.source}#page=6"


def test_addresses_that_are_none_lead_nowhere(main_job: Comparison) -> None:
    us, _ = main_job.texts
    for source in ("javascript:alert(1)", "", "file:///etc/passwd", "ftp://x/y.pdf"):
        assert replace(us, source=source).address(Passage(0, "A.", page=2)) == ""


def test_tables_hold_the_frames(main_job: Comparison) -> None:
    import pandas as pd

    tables = render_tables(main_job)
    assert set(tables) == {f"{name}.csv" for name in (*FRAMES, "method")}
    for name in FRAMES:
        frame = pd.read_csv(io.StringIO(tables[f"{name}.csv"]))
        assert len(frame) == len(getattr(main_job, name)), name
    themes = pd.read_csv(io.StringIO(tables["themes.csv"]))
    assert (themes["share"] - main_job.themes["share"].to_numpy()).abs().max() < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_figures_carry_intervals_and_stand_alone(main_job: Comparison, name: str) -> None:
    spec = getattr(Figures(main_job), name)().to_dict()
    # A figure holds its data; nothing is fetched when it is looked at.
    assert "url" not in str(spec.get("data", "")) + str(spec.get("layer", ""))
    drawn = figure_of(main_job, name)
    assert drawn.startswith("<svg") and drawn == figure_of(main_job, name)
    if name in {"themes", "tone", "actors", "scores"}:
        rows = [row for values in spec["datasets"].values() for row in values] if "datasets" in spec else []
        rows += [row for layer in spec["layer"] for row in layer.get("data", {}).get("values", [])]
        rows += spec.get("data", {}).get("values", [])
        told = [row for row in rows if "value" in row]
        assert told and all(row["low"] <= row["value"] <= row["high"] for row in told)


def test_a_map_in_the_colours_that_are_asked_for(main_job: Comparison, tmp_path: Path) -> None:
    drawn = {colour: main_job.plot.map(colour) for colour in ("document", "theme", "rivalry-cooperation")}
    assert len({str(chart.to_dict()) for chart in drawn.values()}) == 3
    with pytest.raises(PolicyCompareError, match="take document, theme, rivalry-cooperation"):
        main_job.plot.map("mood")
    # Saved without a network: the script is in the page.
    page, picture = tmp_path / "map.html", tmp_path / "map.png"
    drawn["theme"].save(page, inline=True)
    drawn["theme"].save(picture)
    assert not re.search(r"<script[^>]*\ssrc=", page.read_text("utf-8"))
    assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 10_000


def test_three_documents_in_every_format(home: object) -> None:
    found = compare([NORTHLAND, SOUTHLAND, "us-ai-action-plan-2025"])
    page, markdown = render_html(found), render_markdown(found, "full")
    for document in found.texts:
        assert document.short in page and document.short in markdown
    assert render_tables(found)["words.csv"].splitlines()[0].count(",") == 5
    assert render_svg(found).startswith("<svg")
