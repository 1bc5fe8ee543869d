"""Text from outside as one line of a terminal may show it."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""Text with control, formatting and surrogate characters shown as escapes, for one line of a terminal.

    Examples
    --------
    >>> printable("a\x1b[31m")
    'a\\x1b[31m'
    """
    return "".join(c if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} else ascii(c)[1:-1] for c in text)
