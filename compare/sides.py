"""Which documents stand on which side of a comparison, before and after they are read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from compare.documents import Document
from compare.errors import DocumentError, OptionError
from compare.fields import Fields, fields_of, groups_by, read_metadata
from compare.groups import Group, merged, sides
from compare.shown import printable

# Each two sides are compared, with permutations of their own: the price grows with the square of their number.
MOST_SIDES = 40


@dataclass(frozen=True, slots=True)
class Sides:
    """Documents as they are named, and the sides on which they stand; nothing is read.

    Attributes
    ----------
    named : tuple of str
        As the user named them, or their ids.
    parted : tuple of (str or None, tuple of int)
        By side its group's name, or None for a document alone, and the numbers of its documents.
    fields : tuple of dict
        Fields of each document; empty without groups.
    field : str
        The field by which documents were put into groups; empty where they were not.
    grouped : bool
        Whether there are groups.
    """

    named: tuple[str, ...]
    parted: tuple[tuple[str | None, tuple[int, ...]], ...]
    fields: tuple[Fields, ...]
    field: str = ""
    grouped: bool = False

    def without(self, numbers: Collection[int]) -> Sides:
        """The sides without some documents; those that stay are numbered anew, in their order.

        Parameters
        ----------
        numbers : collection of int, or mapping of int to str
            Of the documents that fall out; with the reasons.

        Raises
        ------
        DocumentError
            If fewer than two sides are left.
        """
        if not numbers:
            return self
        kept = [number for number in range(len(self.named)) if number not in numbers]
        place = {number: i for i, number in enumerate(kept)}
        parted = [(name, tuple(place[i] for i in own if i in place)) for name, own in self.parted]
        left = tuple((name, own) for name, own in parted if own)
        if len(left) < 2:
            one = f"; only {printable(left[0][0] or self.named[kept[0]])} is left" if left else ""
            first = next(iter(numbers.values())) if isinstance(numbers, Mapping) else ""
            raise DocumentError(
                f"{len(numbers)} of {len(self.named)} documents cannot be read{one}, and two sides are needed; the "
                f"first: {first}"
            )
        return replace(
            self, named=tuple(self.named[i] for i in kept), parted=left, fields=tuple(self.fields[i] for i in kept)
        )


def sides_of(
    docs: Sequence[str | Path | Document], groups: Sequence[Group] | str, metadata: str | Path | None = None
) -> Sides:
    """Find out which documents stand on which side.

    Parameters
    ----------
    docs, groups, metadata
        As for `compare.comparison.compare`.

    Raises
    ------
    OptionError
        If a group or the table cannot be used, or there are more sides than are compared with each other.
    """
    named = [doc.id if isinstance(doc, Document) else str(doc) for doc in docs]
    parted: list[tuple[str | None, tuple[int, ...]]] = [(None, (number,)) for number in range(len(named))]
    if metadata is not None and not groups:
        raise OptionError(f"--metadata {printable(str(metadata))}: used with --group FIELD; say which field")
    table = read_metadata(metadata) if metadata is not None else None
    field = " ".join(groups.split()).casefold() if isinstance(groups, str) else ""
    chosen = groups_by(field, docs, table) if isinstance(groups, str) and field else groups
    if chosen and not isinstance(chosen, str):
        parted = sides(named, chosen)
        if field:
            place = {group.name: i for i, group in enumerate(chosen)}
            parted.sort(key=lambda side: place[side[0] or ""])
    if len(parted) > MOST_SIDES:
        what = f"values of {field}" if field else "documents and groups side by side"
        raise OptionError(
            f"{len(parted):,} {what}; up to {MOST_SIDES} are compared with each other, "
            + ("give a coarser field: --metadata FILE.csv" if field else "put them into groups: --group NAME=DOC,DOC")
        )
    fields = tuple(fields_of(doc, table) for doc in docs) if chosen else tuple({} for _ in docs)
    return Sides(tuple(named), tuple(parted), fields, field, bool(chosen))


def joined(
    members: Sequence[Document], grouped: Sides
) -> tuple[list[Document], list[Document], list[str], list[Fields]]:
    """Documents in the order of the sides, and the sides: documents alone, and groups made into one.

    Parameters
    ----------
    members : sequence of Document
        As read, in the order in which `grouped` numbers them.
    grouped : Sides
        Who stands where.

    Returns
    -------
    members, sides : list of Document
        In the order of the sides.
    owners : list of str
        Id of each member's side.
    fields : list of dict
        Of each member.
    """
    ordered: list[Document] = []
    made: list[Document] = []
    owners: list[str] = []
    fields: list[Fields] = []
    taken: set[str] = set()
    for name, numbers in grouped.parted:
        own = [members[number] for number in numbers]
        ordered += own
        fields += [grouped.fields[number] for number in numbers]
        side = merged(name, own) if name is not None else own[0]
        if side.id in taken:
            side = replace(side, id=f"{side.id}-{len(made) + 1}")
        taken.add(side.id)
        made.append(side)
        owners += [side.id] * len(own)
    return ordered, made, owners, fields
