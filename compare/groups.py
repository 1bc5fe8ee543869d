"""Groups: several documents that stand on one side of a comparison."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from compare.documents import Document, Passage
from compare.errors import OptionError

REST = "*"
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Group:
    """A name and the documents that go by it.

    Attributes
    ----------
    name : str
        As the report shows it.
    members : tuple of str
        Documents as the user named them; `REST` alone is all that no other group has.
    """

    name: str
    members: tuple[str, ...]


def read_group(text: str) -> Group:
    """Read a group as it is given on the command line.

    Parameters
    ----------
    text : str
        "NAME=DOC,DOC", or "NAME=*" for all documents that no other group has.

    Raises
    ------
    OptionError
        If it is not of that form.

    Examples
    --------
    >>> read_group("Asia=jp-ai-basic-plan-2026, cn-ai-plus-opinions-2025").members
    ('jp-ai-basic-plan-2026', 'cn-ai-plus-opinions-2025')
    """
    shown = "".join(c if c.isprintable() else "?" for c in text)[:120]
    name, equals, listed = text.partition("=")
    name = " ".join(name.split())
    members = tuple(part.strip() for part in listed.split(",") if part.strip())
    if not equals or not name or not members:
        raise OptionError(f"--group {shown}: give NAME=DOC,DOC or NAME={REST} for all others")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise OptionError(f"--group {shown}: the name must be printable and of {LONGEST_NAME} characters at most")
    return Group(name, members)


def read_groups(texts: Sequence[str]) -> list[Group] | str:
    """Read all groups of a command line: one by one, or the name of a field.

    Parameters
    ----------
    texts : sequence of str
        Each as for `read_group`; or one alone that is the name of a field.

    Raises
    ------
    OptionError
        If one is not of its form, or a field is named beside another group.

    Examples
    --------
    >>> read_groups(["issuer"])
    'issuer'
    """
    fields = [text for text in texts if "=" not in text]
    if fields and len(texts) > 1:
        shown = "".join(c if c.isprintable() else "?" for c in fields[0])[:120]
        raise OptionError(f"--group {shown}: a field groups all documents; give it alone, or only NAME=DOC,DOC")
    if fields and fields[0].strip():
        return fields[0]
    return [read_group(text) for text in texts]


def sides(named: Sequence[str], groups: Sequence[Group]) -> list[tuple[str | None, tuple[int, ...]]]:
    """Which documents stand on which side of a comparison.

    Parameters
    ----------
    named : sequence of str
        Documents as the user named them.
    groups : sequence of Group
        Members must be among the documents; a document is in one group at most.

    Returns
    -------
    list of (str or None, tuple of int)
        By side, in the order of its first document: the group's name, or None for a document alone, and the numbers of
        its documents.

    Raises
    ------
    OptionError
        If a member is none of the documents or in two groups, two groups share a name, or there is but one side.

    Examples
    --------
    >>> sides(["a", "b", "c"], [Group("Others", ("*",)), Group("A", ("a",))])
    [('A', (0,)), ('Others', (1, 2))]
    """
    owner: dict[str, str] = {}
    names = [group.name for group in groups]
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise OptionError(f"--group {twice}: two groups have this name")
    rest = [group.name for group in groups if REST in group.members]
    if len(rest) > 1 or any(REST in group.members and len(group.members) > 1 for group in groups):
        raise OptionError(f"--group: {REST} stands alone, in one group, for all documents that no other group has")
    for group in groups:
        for member in group.members:
            if member == REST:
                continue
            if member not in named:
                raise OptionError(
                    f"--group {group.name}: {member} is none of the documents compared; they are {', '.join(named)}"
                )
            if member in owner:
                raise OptionError(f"--group {group.name}: {member} is in {owner[member]} already")
            owner[member] = group.name
    if rest:
        for name in named:
            owner.setdefault(name, rest[0])
    made: dict[str, tuple[str | None, tuple[int, ...]]] = {}
    for number, name in enumerate(named):
        side = owner.get(name)
        key = f"group {side}" if side is not None else f"alone {number}"
        made[key] = (side, (*made.get(key, (None, ()))[1], number))
    if len(made) < 2:
        raise OptionError("--group: all documents are in one group, which has nothing to be compared with")
    return list(made.values())


def _label(member: Document, passage: Passage) -> str:
    """Where a passage of a group stands: in which document, and where in it."""
    place = passage.page_label or ""
    if place and " " not in place:
        place = f"p. {place}"
    elif not place and passage.page is not None:
        place = f"file p. {passage.page}"
    return f"{member.short or member.label} {place}".strip()


def merged(name: str, members: Sequence[Document]) -> Document:
    """One document of several.

    Parameters
    ----------
    name : str
        The group's.
    members : sequence of Document
        In the order given; each becomes the outermost section of its passages.
    """
    identifier = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "group"
    passages: list[Passage] = []
    sections: list[tuple[str, ...]] = []
    body, paragraph = "", 0
    for member in members:
        offset = len(body)
        body += member.body + "\n\n"
        for passage in member.passages:
            passages.append(
                replace(
                    passage,
                    order=len(passages),
                    paragraph=passage.paragraph + paragraph,
                    section=(member.label, *passage.section),
                    page_label=_label(member, passage),
                    start=passage.start + offset,
                    end=passage.end + offset,
                )
            )
        paragraph = max((p.paragraph for p in passages), default=-1) + 1
        sections += [(member.label, *section) for section in member.sections]
    languages = {member.language for member in members}
    short = name if len(name) <= 16 else name[:16].rstrip()
    if len(members) == 1:
        # A group of one is that document under another name.
        return replace(members[0], id=identifier, label=name, short=short)
    bases = {member.basis for member in members}
    genres = {member.genre for member in members}
    return Document(
        id=identifier,
        label=name,
        title=f"{name}: " + "; ".join(member.title for member in members),
        # ISO 639-2 knows "mul" for several languages.
        language=members[0].language if len(languages) == 1 else "mul",
        basis=members[0].basis if len(bases) == 1 else "several",
        sha256=hashlib.sha256("".join(member.sha256 for member in members).encode()).hexdigest(),
        passages=tuple(passages),
        sections=tuple(sections),
        short=short,
        genre=members[0].genre if len(genres) == 1 else "",
        notices=tuple(notice for member in members for notice in member.notices),
        body=body,
        members=tuple(member.label for member in members),
        joined=tuple(members),
    )
