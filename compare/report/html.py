"""The report as HTML: the terminal report's text and colours in one self-contained page.

rich escapes all text, so nothing in a document is taken as markup.
"""

from __future__ import annotations

import html

from rich.terminal_theme import TerminalTheme

from compare.comparison import Comparison
from compare.report.terminal import record_report

_THEME = TerminalTheme(
    (255, 255, 255),
    (34, 34, 34),
    [(0, 0, 0), (160, 0, 0), (0, 110, 0), (130, 90, 0), (0, 70, 150), (120, 0, 120), (0, 110, 110), (90, 90, 90)],
)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ background: #fff; color: #222; margin: 1rem; }}
pre {{ font: 14px/1.35 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-x: auto; }}
</style>
</head>
<body>
<main>
{fragment}
</main>
</body>
</html>
"""


def render_fragment(comparison: Comparison, width: int = 110) -> str:
    """The report as one ``pre`` element, for a notebook.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    """
    console = record_report(comparison, width)
    return console.export_html(theme=_THEME, inline_styles=True, code_format="<pre>{code}</pre>")


def render_html(comparison: Comparison, width: int = 110) -> str:
    """The report as a page that needs nothing from elsewhere.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    width : int
        Columns.
    """
    title = " | ".join(document.label for document in comparison.texts)
    return _PAGE.format(title=html.escape(title), fragment=render_fragment(comparison, width))
