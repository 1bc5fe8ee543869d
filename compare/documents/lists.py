"""How deep the items of lists are nested, by where they are set and what marks them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class _Level:
    kind: str
    indent: float
    value: int


@dataclass(slots=True)
class ListDepth:
    """Follows the items of a document and tells the depth of each.

    An item set further in than the one before it opens a list within that item; one that is marked and set as an
    item above it was goes on with that item's list. Where a page or a column breaks, indents are carried over by the
    marks, since columns and facing pages begin at different edges.

    Parameters
    ----------
    step : float
        Smallest indent that opens a list within another, in points.
    """

    step: float
    _levels: list[_Level] = field(default_factory=list)
    _edge: tuple[int, float] | None = None  # page and height of the item before

    def item(self, kind: str, value: int, indent: float, page: int, base: float) -> int:
        """Depth of an item, from 1.

        Parameters
        ----------
        kind : str
            The bullet glyph, or the way of numbering.
        value : int
            The number, 0 for bullets.
        indent : float
            Left edge of the mark or of the number, in points.
        page : int
            Index of the page.
        base : float
            Baseline in points from the foot of the page.
        """
        broken = self._edge is not None and (self._edge[0] != page or base > self._edge[1] + 1)
        self._edge = (page, base)
        alike = [
            at for at, level in enumerate(self._levels)
            if level.kind == kind and (not value or not level.value or value > level.value)
        ]  # fmt: skip
        if broken and alike:
            shift = indent - self._levels[alike[-1]].indent
            if not any(abs(indent - self._levels[at].indent) < self.step for at in alike):
                for level in self._levels:
                    level.indent += shift
        for at in reversed(alike):
            near = abs(self._levels[at].indent - indent) < self.step
            follows = value > 1 and self._levels[at].value == value - 1
            if near or follows:
                del self._levels[at + 1 :]
                self._levels[at].value = value
                return at + 1
        while self._levels and self._levels[-1].indent > indent + self.step:
            self._levels.pop()
        if self._levels and abs(self._levels[-1].indent - indent) <= self.step:
            top = self._levels[-1]
            # "(a)" right under "1." at the same edge is within it; another bullet there is another list.
            if not (value == 1 and top.value and top.kind != kind):
                self._levels.pop()
        self._levels.append(_Level(kind, indent, value))
        return len(self._levels)

    def text(self, indent: float, page: int, base: float) -> int:
        """Depth of a paragraph without a mark: that of the item it is set under, else 0, which ends the lists."""
        if self._levels and self._edge is not None and self._edge[0] == page and base < self._edge[1]:
            within = [at for at, level in enumerate(self._levels) if indent > level.indent + self.step]
            if within and len(within) == len(self._levels):
                return 0 if indent > self._levels[-1].indent + 8 * self.step else len(within)
        self.clear()
        return 0

    def reach(self, page: int, base: float, shift: float = 0.0) -> None:
        """Note where the item ends that was told last, and how much further right its last column or page is set."""
        self._edge = (page, base)
        for level in self._levels:
            level.indent += shift

    def clear(self) -> None:
        """End all lists."""
        self._levels.clear()
        self._edge = None
