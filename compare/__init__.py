"""policy-compare: policy documents compared in theme and in tone, with uncertainty and with passages to quote.

>>> import compare
>>> comparison = compare.compare(["us-ai-action-plan-2025", "plan.pdf"])  # doctest: +SKIP
>>> comparison.themes.head()  # doctest: +SKIP
>>> compare.check("article.html", ["us-ai-action-plan-2025"]).quotations  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from compare import catalogue
    from compare.catalogue import Basis
    from compare.checking import Check, check
    from compare.comparison import Comparison, compare
    from compare.documents import Document
    from compare.errors import PolicyCompareError

__all__ = ["Check", "Comparison", "Document", "PolicyCompareError", "catalogue", "check", "compare", "load", "open"]

_HOMES = {
    "Check": "compare.checking",
    "check": "compare.checking",
    "Comparison": "compare.comparison",
    "compare": "compare.comparison",
    "Document": "compare.documents",
    "PolicyCompareError": "compare.errors",
}


def load(doc: str, basis: Basis = "auto") -> Document:
    """Read one document.

    Parameters
    ----------
    doc : str
        A catalogue name, a path or an https address.
    basis : {"auto", "official", "digest"}
        Which text of a catalogue document; "auto" takes the official one where it is at hand.

    Raises
    ------
    PolicyCompareError
        If it cannot be found or read.
    """
    from compare.comparison import load_documents

    return load_documents([doc], basis, fewest=1)[0]


def open(path: str | Path) -> Comparison:
    """Read a comparison that `Comparison.save` wrote.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    PolicyCompareError
        If it is no saved comparison, is damaged, or is of a form that this version does not know.
    """
    from pathlib import Path

    from compare.saving import load_saved

    return load_saved(Path(path))


def __getattr__(name: str) -> Any:
    # Imported when asked for, so that "import compare" stays light.
    import importlib

    if name == "catalogue":
        return importlib.import_module("compare.catalogue")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'compare' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
