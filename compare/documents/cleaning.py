"""Text from a file is hostile until it has been through here."""

from __future__ import annotations

import re
import unicodedata

# Terminal control: CSI, OSC and the other string sequences, then two-character escapes.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c|(?=\n)|$)"
    r"|\x1b[ -/]*[0-~]?"
)
_SPACE = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# Han, kana, and the punctuation and forms set as wide as they are: no space is put between them when lines are joined.
_WIDE = "\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
_WIDE_END = re.compile(f"[{_WIDE}“”‘’…—]$")
_WIDE_START = re.compile(f"^[{_WIDE}“”‘’…—]")
_WIDE_CHARACTER = re.compile(f"[{_WIDE}]")


def clean(text: str) -> str:
    r"""Take out everything that is not to be read, and normalise the rest to NFC.

    Control characters, escape sequences of terminals, bidirectional controls, zero-width characters, private-use
    characters and halves of surrogate pairs go; line ends become ``\n``; a tab becomes a space.

    Examples
    --------
    >>> clean("a\x1b[31mred\x1b[0m b\u202ec\r\nd")
    'ared bc\nd'
    """
    text = _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\x85", "\n").replace("\t", " ")
    text = text.replace("\x0b", "\n").replace("\x0c", "\n").translate(_LIGATURES)
    text = unicodedata.normalize("NFC", text)
    if not text.isascii() or not text.isprintable():
        text = text.translate(_READABLE)
    return text


_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class _Readable(dict[int, int | None]):
    """Table for `str.translate`: characters that are not to be read go; each is looked up once."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code)) in _UNREADABLE else code
        return self[code]


_READABLE = _Readable({10: 10})


def squeeze(text: str) -> str:
    """Clean a text and bring it onto one line with single spaces."""
    lines = [_SPACE.sub(" ", line).strip() for line in clean(text).split("\n")]
    return join_lines([line for line in lines if line])


def join_lines(lines: list[str]) -> str:
    """Join the lines of a paragraph: with a space, but with none between wide (Chinese, Japanese) characters.

    Examples
    --------
    >>> join_lines(["open", "models"]), join_lines(["开放", "模型"])
    ('open models', '开放模型')
    """
    joined = ""
    for line in lines:
        joined += line if not joined else glue(joined, line) + line
    return joined


def glue(left: str, right: str) -> str:
    """Give what stands between two pieces of a broken line: a space, or nothing within Chinese text."""
    if not left or not right or left[-1].isspace() or right[0] in ",.;:!?)":
        return ""
    wide_left, wide_right = _WIDE_CHARACTER.match(left[-1]), _WIDE_CHARACTER.match(right[0])
    if (wide_left and _WIDE_START.match(right)) or (wide_right and _WIDE_END.search(left[-1])):
        return ""
    # "共享AI" + "技术": Chinese is not set apart from Latin letters or digits by a space either.
    return "" if wide_left or wide_right else " "


def width(text: str) -> int:
    """Count the columns that a text takes up in a terminal."""
    return len(text) if text.isascii() else len(text) + len(_WIDE_CHARACTER.findall(text))


def han_share(text: str) -> float:
    """Share of Han characters among the letters of a text, from 0 to 1."""
    if text.isascii():
        return 0.0
    letters = sum(c.isalpha() for c in text)
    return sum("\u3400" <= c <= "\u9fff" for c in text) / letters if letters else 0.0
