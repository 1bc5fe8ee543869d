"""The page of HTML in a real browser: what it asks for, how it sorts, whom it hinders."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import NORTHLAND, SOUTHLAND

from compare.checking import check
from compare.comparison import Comparison
from compare.report.html import render_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def file(main_job: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_html(main_job), "utf-8")
    return path


@pytest.fixture
def page(browser: Browser, file: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, with what it said and asked for: no word on the console, no request but for itself."""
    said: list[str] = []
    found = browser.new_page(viewport=getattr(request, "param", DESKTOP))
    found.on("console", lambda message: said.append(message.text))
    found.on("pageerror", lambda error: said.append(str(error)))
    asked: list[str] = []
    found.on("request", lambda request: asked.append(request.url))
    found.goto(file.as_uri())
    yield found
    assert said == []
    assert [url for url in asked if not url.startswith("data:image/svg+xml")] == [file.as_uri()]
    found.close()


def test_every_figure_is_drawn(page: Page) -> None:
    sizes = page.evaluate("[...document.images].map((image) => [image.complete, image.naturalWidth, image.alt.length])")
    assert len(sizes) >= 4
    assert all(complete and width > 100 and alt > 20 for complete, width, alt in sizes)


def test_tables_sort(page: Page) -> None:
    table = page.locator("#themes table").first
    given = table.locator("tbody tr th").all_inner_texts()
    # What holds comes up first.
    table.locator("thead th button").last.click()
    assert table.locator("tbody tr").first.locator("td.mark").inner_text().startswith("●")
    heading = table.locator("thead th").nth(2)

    def figures() -> list[int]:
        shown = table.locator("tbody tr").evaluate_all("(rows) => rows.map((row) => row.cells[2].textContent)")
        return [int(re.match(r"\d+", text)[0]) for text in shown]  # type: ignore[index]

    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert figures() == sorted(figures(), reverse=True)
    heading.locator("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert figures() == sorted(figures())
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") is None
    assert table.locator("tbody tr th").all_inner_texts() == given


def test_links_lead_to_what_they_name(page: Page) -> None:
    broken = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.getAttribute('href').slice(1))"
        ".filter((name) => document.getElementById(name) === null)"
    )
    assert broken == []
    # From a finding into the list of all passages, which opens for it.
    link = page.locator("#findings a").first
    row = page.locator(f"[id='{link.get_attribute('href')[1:]}']")  # type: ignore[index]
    assert not row.is_visible()
    link.click()
    seen = "(row) => { const box = row.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
    page.wait_for_function(f"({seen})(document.getElementById({link.get_attribute('href')[1:]!r}))")  # type: ignore[index]
    # Also where a search had hidden it, and the link is the same as before.
    page.locator("#filter").fill("no passage holds this")
    assert not row.is_visible()
    link.click()
    page.wait_for_function(f"({seen})(document.getElementById({link.get_attribute('href')[1:]!r}))")  # type: ignore[index]
    outside = page.locator("a[href^='https://']").first
    assert outside.get_attribute("rel") == "noopener noreferrer"


def test_passages_can_be_searched(page: Page, main_job: Comparison) -> None:
    page.locator("#passages summary").click()
    page.locator("#filter").fill("allies")
    shown = page.locator("#all tbody tr:visible").count()
    assert 0 < shown < len(main_job.rows)
    assert page.locator("#shown").inner_text() == f"{shown} of {len(main_job.rows)} passages"
    page.locator("#filter").fill("")
    assert page.locator("#all tbody tr:visible").count() == len(main_job.rows)


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True)
def test_nothing_hinders_readers(page: Page) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # The long list of all passages is one table like the others, and takes most of the time.
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = !part.closest('#passages'); })")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    assert [(item["id"], item["impact"], item["nodes"][0]["html"]) for item in found] == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_page_of_quotations_hinders_nobody(browser: Browser, tmp_path: Path, size: dict[str, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    article, file = tmp_path / "article.md", tmp_path / "quotations.html"
    article.write_text(
        "# An article\n\nThe Northland plan orders that “ministries shall ... impose burdensome rules on developers” "
        "and is more adversarial than Southland's appeal. “Nobody reads it,” said Ada Brook, who spoke of a “race”.\n"
    )
    file.write_text(check(article, [NORTHLAND, SOUTHLAND]).to_html(), "utf-8")
    said: list[str] = []
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"]) for item in found] == [] and said == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to Quotations of documents"
    page.close()


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True)
def test_the_page_is_no_wider_than_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_works_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#findings"


def test_print_opens_what_is_folded(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert (
        page.locator("#themes thead th").nth(1).evaluate("(th) => th.querySelector('.for-print').textContent")
        == "Theme"
    )
    closed = page.locator("details:not([open])").evaluate_all(
        "(parts) => parts.map((part) => part.closest('section').id)"
    )
    assert closed == ["passages"]
    assert len(page.pdf()) > 10_000


def test_without_a_script_all_is_there(browser: Browser, file: Path, main_job: Comparison) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    text = page.locator("body").inner_text()
    for finding in main_job.findings:
        assert " ".join(finding.text.split()) in " ".join(text.split())
    assert page.locator("th button").count() == 0
    context.close()
