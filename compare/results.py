"""The answers of a comparison, as plain frozen data. Rows are positions in `Comparison.rows`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from compare.inference import MOST_FALSE, MOST_FALSE_SURE, Difference, Interval


@dataclass(frozen=True, slots=True)
class Pairwise:
    """A difference of two documents.

    Attributes
    ----------
    first, second : str
        Ids of the documents; the difference is the first's figure less the second's.
    difference : Difference
        With interval, p and q.
    """

    first: str
    second: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class NearestTopic:
    """The topic of a codebook that a theme is nearest to.

    Attributes
    ----------
    id, label : str
        Of the topic.
    certainty : float
        How surely the theme's passages are on it, documents weighing the same; between 0 and 1.
    """

    id: str
    label: str
    certainty: float


@dataclass(frozen=True, slots=True)
class SubTheme:
    """A part of a theme.

    Attributes
    ----------
    id : str
        That of its theme with a letter: "t01a".
    label : str
        What sets it apart within its theme.
    size : int
        Number of passages.
    shares : dict of str to Interval
        By document: part of all its passages, between 0 and 1.
    evidence : dict of str to tuple of int
        By document: rows of its passages nearest the part's centre, best first.
    """

    id: str
    label: str
    size: int
    shares: dict[str, Interval]
    evidence: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, repr=False)
class Theme:
    """A theme and how much of each document it takes.

    Attributes
    ----------
    id : str
        "t01", "t02", ... by size.
    label : str
        Up to three terms.
    keywords : tuple of str
        Up to ten terms.
    size : int
        Number of passages.
    stability : float
        How well it is found again when parts of the passages are left out, between 0 and 1.
    joined : float or None
        How near the documents' passages in it are to each other on average, in standard deviations of all pairs of
        passages of two documents; of several pairs of documents the least. None where one document has it alone.
    shares : dict of str to Interval
        By document: part of its passages, between 0 and 1.
    differences : tuple of Pairwise
        Of shares, for each two documents.
    evidence : dict of str to tuple of int
        By document: rows of its passages nearest the theme's centre, best first, one a section as far as there are.
    topic : NearestTopic or None
        Of the codebook; None where none is used.
    parts : tuple of SubTheme
        Its parts, the largest first; empty where it has none.
    """

    id: str
    label: str
    keywords: tuple[str, ...]
    size: int
    stability: float
    joined: float | None
    shares: dict[str, Interval]
    differences: tuple[Pairwise, ...]
    evidence: dict[str, tuple[int, ...]]
    topic: NearestTopic | None = None
    parts: tuple[SubTheme, ...] = ()

    def __repr__(self) -> str:
        shares = ", ".join(
            f"{name} {100 * share.value:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"
            for name, share in self.shares.items()
        )
        return f"Theme({self.id!r}: {self.label}; {self.size} passages; {shares})"

    @property
    def number(self) -> str:
        """Its number alone, as tables and the map have it: "7" of "t07"."""
        return self.id.lstrip("t0")

    @property
    def stable(self) -> bool:
        """Whether it is found again well enough to found a claim on it (Hennig 2007: 0.5)."""
        return self.stability >= 0.5

    @property
    def loose(self) -> bool:
        """Whether the documents' passages in it hardly meet: it may hold two subjects, one of each document.

        A reading aid, no test. The bound was set by holding themes against topics that readers gave: below it most
        held two subjects, above 0.7 most held one.
        """
        return self.joined is not None and self.joined < 0.4


@dataclass(frozen=True, slots=True)
class Pole:
    """One end of a dimension of tone.

    Attributes
    ----------
    id, label : str
        Name and heading.
    shares : dict of str to Interval
        By document: part of its passages in which the pole is present, between 0 and 1.
    differences : tuple of Pairwise
        Of shares.
    evidence : dict of str to tuple of int
        By document: rows of the passages in which it is strongest, one a section first.
    """

    id: str
    label: str
    shares: dict[str, Interval]
    differences: tuple[Pairwise, ...]
    evidence: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class ToneResult:
    """A dimension of tone in each document.

    Attributes
    ----------
    id, label, definition, source : str
        As in the file of dimensions.
    poles : tuple of Pole
        The first-named and the second.
    scores : dict of str to Interval
        By document: mean score of its passages, in standard deviations of sentences of neither pole; above zero is
        towards the first pole.
    differences : tuple of Pairwise
        Of scores.
    evidence : dict of str to tuple of int
        By document: rows of the passages that carry its side of the difference.
    """

    id: str
    label: str
    definition: str
    source: str
    poles: tuple[Pole, Pole]
    scores: dict[str, Interval]
    differences: tuple[Pairwise, ...]
    evidence: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class ThemeTone:
    """The tone in which two documents speak of one theme.

    Attributes
    ----------
    theme, dimension, first, second : str
        Ids.
    means : dict of str to Interval
        By document: mean score of its passages in the theme, in standard deviations of sentences of neither pole.
    passages : dict of str to int
        By document: their number.
    difference : Difference
        Of the first document less the second.
    evidence : dict of str to tuple of int
        By document: rows of the passages of the theme that carry its side; empty where the difference is not told.
    """

    theme: str
    dimension: str
    first: str
    second: str
    means: dict[str, Interval]
    passages: dict[str, int]
    difference: Difference
    evidence: dict[str, tuple[int, ...]]

    @property
    def told(self) -> bool:
        """Whether the report tells it: the interval leaves out zero and the false discovery rate is at most 20 %."""
        return self.difference.clear and self.difference.q <= MOST_FALSE


@dataclass(frozen=True, slots=True)
class Actor:
    """A kind of actor and what of each document is asked of it.

    Attributes
    ----------
    id, label : str
        Identifier and human name.
    shares : dict of str to Interval
        By document: share of all its passages that ask something of this kind of actor.
    differences : tuple of Pairwise
        Of shares.
    orders, encouragements : dict of str to int
        By document: passages that bind it, and passages that only invite it.
    evidence : dict of str to tuple of int
        By document: rows of such passages, the strongest first.
    """

    id: str
    label: str
    shares: dict[str, Interval]
    differences: tuple[Pairwise, ...]
    orders: dict[str, int]
    encouragements: dict[str, int]
    evidence: dict[str, tuple[int, ...]]

    @property
    def matters(self) -> bool:
        """Whether a hundredth of a document's passages, or more, asks something of it: others are not worth a row."""
        return max(share.value for share in self.shares.values()) >= 0.01


@dataclass(frozen=True, slots=True)
class Word:
    """A term that sets one document apart.

    Attributes
    ----------
    term, document : str
        The term and the document's id.
    z : float or None
        Log-odds in standard errors; None where only counts can be given.
    counts : dict of str to int
        By document.
    passages : tuple of int
        Rows that hold it.
    """

    term: str
    document: str
    z: float | None
    counts: dict[str, int]
    passages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WordMeaning:
    """A word that two documents share, and how far apart they use it.

    Attributes
    ----------
    term, first, second : str
        The word and the ids of the two documents.
    distance : float
        One less the cosine of the mean vectors of the passages that hold it, the documents' own means taken away.
    p, q : float
        Probability by dealing sections at random, plain and adjusted for the number of words.
    passages : dict of str to int
        By document: passages that hold it.
    neighbours : dict of str to tuple of str
        By document: terms that stand with it there.
    evidence : dict of str to tuple of int
        By document: rows of passages that hold it, the most typical first.
    """

    term: str
    first: str
    second: str
    distance: float
    p: float
    q: float
    passages: dict[str, int]
    neighbours: dict[str, tuple[str, ...]]
    evidence: dict[str, tuple[int, ...]]

    @property
    def holds(self) -> bool:
        """Whether the false discovery rate is at most 5 %."""
        return self.q <= MOST_FALSE_SURE

    @property
    def suggested(self) -> bool:
        """Whether it does not hold, but the false discovery rate is at most 20 %."""
        return self.q <= MOST_FALSE and not self.holds


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What a passage meets in another document.

    Attributes
    ----------
    row : int
        The passage.
    document : str
        The other document.
    nearest : tuple of (int, float)
        Rows there and their similarity, best first.
    silent : bool
        Whether nothing there is near.
    mutual : bool
        Whether it and the first of the nearest are each other's nearest, and near enough.
    """

    row: int
    document: str
    nearest: tuple[tuple[int, float], ...]
    silent: bool
    mutual: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """A theme of one document that another document says little or nothing near to.

    Attributes
    ----------
    document, other, theme : str
        Who speaks, who is silent, of what (ids).
    silent, passages : int
        Of the document's passages in the theme, how many meet nothing in the other document.
    evidence : tuple of int
        Rows of such passages, the farthest from the other document first.
    """

    document: str
    other: str
    theme: str
    silent: int
    passages: int
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is to be read in one document.

    Attributes
    ----------
    document : str
        Id.
    of : str
        What is to be read there: label of the theme, or of the pole of tone.
    rows : tuple of int
        Passages, the best first.
    """

    document: str
    of: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that the report opens with.

    Attributes
    ----------
    kind : str
        "theme" or "tone".
    subject : str
        Id of the theme or of the pole.
    holds : bool
        Whether the difference holds: its interval leaves out zero and the false discovery rate is at most 5 %. Where
        not, only the interval leaves out zero, and the report says so.
    text : str
        The sentence, built from the numbers.
    places : tuple of Place
        Where it is to be read, of the document that has more of it first.
    points : float
        Size of the difference in percentage points of passages.
    """

    kind: str
    subject: str
    holds: bool
    text: str
    places: tuple[Place, ...]
    points: float


@dataclass(frozen=True, slots=True)
class Stability:
    """How far the themes can be trusted.

    Attributes
    ----------
    bootstrap_ari : float
        Agreement with divisions of random parts of the passages (adjusted Rand index).
    seed_ari : float
        Agreement with a division from other random numbers.
    themes : int
        Number of themes.
    curve : tuple of (int, float)
        Number of themes and agreement at it.
    """

    bootstrap_ari: float
    seed_ari: float
    themes: int
    curve: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A document among those that stand in groups, and its own figures.

    Attributes
    ----------
    id, label, title : str
        Of the document.
    side : str
        Id of the group that it stands in; its own where it stands alone.
    date : str
        ISO 8601, as far as it is known ("2025-07-23", "2025-07", "2025"); empty where it is not.
    passages : int
        Number of passages.
    unit : str
        What its intervals resample: "sections" or "paragraphs".
    themes, poles : dict of str to Interval
        By id: part of its passages, between 0 and 1.
    scores : dict of str to Interval
        By id of the dimension of tone: mean score, in standard deviations.
    """

    id: str
    label: str
    title: str
    side: str
    date: str
    passages: int
    unit: str
    themes: dict[str, Interval]
    poles: dict[str, Interval]
    scores: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class Year:
    """A figure of the documents of one year.

    Attributes
    ----------
    year : int
        Of their dates.
    documents : int
        How many there are.
    figure : Interval
        With documents resampled; of fewer than six documents, their sections.
    """

    year: int
    documents: int
    figure: Interval


@dataclass(frozen=True, slots=True)
class Trend:
    """How a figure changes over time, documents being what is resampled and permuted.

    Attributes
    ----------
    kind : str
        "theme", "pole" or "tone".
    id : str
        Of the theme, pole or dimension.
    side : str or None
        Id of the group whose documents they are; None for all documents together.
    documents : int
        Documents with a date.
    slope : Interval
        Change in a year, in the figure's unit, with its 95 % interval by resampling documents.
    p, q : float
        Probability of a slope as steep when dates are dealt to the documents at random, plain and adjusted for the
        number of trends looked at (Benjamini & Hochberg 1995).
    years : tuple of Year
        The figure by year, the earliest first.
    """

    kind: str
    id: str
    side: str | None
    documents: int
    slope: Interval
    p: float
    q: float
    years: tuple[Year, ...]

    @property
    def holds(self) -> bool:
        """Whether the interval leaves out zero and the false discovery rate is at most 5 %."""
        return (self.slope.low > 0 or self.slope.high < 0) and self.q <= MOST_FALSE_SURE


@dataclass(frozen=True, slots=True)
class Join:
    """Two branches of a dendrogram that meet.

    Attributes
    ----------
    first, second : int
        Numbers of the branches: those below the number of leaves are leaves, the others joins in their order.
    distance : float
        At which they meet.
    size : int
        Leaves below.
    support : float
        Of resamples of the leaves' own sections (of groups: documents), the part in which the same leaves and no
        others meet (Felsenstein 1985).
    """

    first: int
    second: int
    distance: float
    size: int
    support: float


@dataclass(frozen=True, slots=True)
class Distances:
    """How far documents, or groups, are from each other.

    Attributes
    ----------
    kind : str
        "themes" or "tone".
    of : str
        "documents" or "groups".
    ids : tuple of str
        Of the documents or groups.
    values : tuple of float
        Distance of each two, as ``itertools.combinations`` pairs them: Hellinger's, of the shares of themes, between 0
        (the same shares) and 1 (nothing in common); of tone the root of the mean squared difference of the poles'
        shares.
    floor : float
        Noise floor: the distance that random halves of one document (by sections), or of one group (by documents),
        typically have; 0 where none can be halved.
    joins : tuple of Join
        The dendrogram, by average linkage, the nearest first.
    order : tuple of int
        Leaves in the order in which a drawing of it has no crossings.
    """

    kind: str
    of: str
    ids: tuple[str, ...]
    values: tuple[float, ...]
    floor: float
    joins: tuple[Join, ...]
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A document that could not be taken in.

    Attributes
    ----------
    name : str
        As the user gave it.
    reason : str
        In one line.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a group was counted.

    Attributes
    ----------
    documents, passages, words : int
        Their number.
    """

    documents: int
    passages: int
    words: int


@dataclass(frozen=True, slots=True)
class Collection:
    """What is told of many documents that stand in groups.

    Attributes
    ----------
    field : str
        The field by which they were put into groups, such as "issuer"; empty where groups were named one by one.
    members : tuple of Member
        The documents, in the order of the groups.
    trends : tuple of Trend
        The surest first; empty where fewer than six documents, or fewer than two years, are dated.
    distances : tuple of Distances
        Of documents by themes and by tone, where there are not too many; of groups, where there are three or more.
    set_aside : tuple of SetAside
        Documents that could not be taken in.
    counts : dict of str to Counts
        By side, where more was counted than is held; empty where all passages are held.
    """

    field: str
    members: tuple[Member, ...]
    trends: tuple[Trend, ...]
    distances: tuple[Distances, ...]
    set_aside: tuple[SetAside, ...] = ()
    counts: dict[str, Counts] = dataclasses.field(default_factory=dict)
