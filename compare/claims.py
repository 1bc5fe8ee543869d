"""What an article says of documents in its own words, held against what was measured.

An article's sentence on a document is laid beside the passages nearest to it in meaning. Where it speaks of a tone that
is measured, or says that one document has more or less of something than another, the measured figure decides:
supported, not supported, or cannot be told. The last is the rule: whether passages bear a description out is for a
reader to say, and only what a figure settles is settled here.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from compare.attribution import Sentence
from compare.catalogue import Basis
from compare.documents import Document
from compare.encoders import Encoder, Encodes, open_encoder
from compare.errors import PolicyCompareError
from compare.inference import Difference, Interval
from compare.locating import Place, place_of
from compare.places import data_table
from compare.tone import ToneScorer
from compare.tone_file import load_dimensions

if TYPE_CHECKING:
    from compare.checking import Checked
    from compare.comparison import Comparison
    from compare.results import Pairwise, Pole, Theme

Verdict = Literal["supported", "not supported", "cannot be told"]
Progress = Callable[[str, int, int], None]
Subject = Literal["pole", "theme", "term", ""]

_NEAREST = 3
# Words before a verb, or Chinese characters, among which it is denied.
_AT_VERB = 4
# What stands between "does not mention" and a term in quotation marks.
_TO_TERM = re.compile(
    r"(?:[\s\"“”‘’'「」,，、和与或\ufffc]|\b(?:the|of|and|or|nor|a|an|its|even|once|words?|terms?|phrases?|names?|any|such)\b|“|”|过|了)*"
)
# Part of a sentence's letters that must be its own and no quotation's, nor a document's name.
_OWN = 0.4
# Words of the clause between "more" and what there is more of.
_BETWEEN = 4
# A clause is on a theme where this part of the passages nearest to it are, and the nearest is so near.
_LOOKED_AT, _MOST_OF, _ON_SUBJECT = 8, 0.6, 0.35


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that describes a document, and what the figures say of it.

    Attributes
    ----------
    start, end : int
        Its place in the article, in characters.
    text : str
        The sentence.
    clause : str
        The part of it that is held against a figure; empty where none is.
    documents : tuple of str
        Id of the document that it describes; behind it, of a claimed difference, those that it is set against.
    verdict : {"supported", "not supported", "cannot be told"}
        What the figure says.
    kind : {"difference", "presence", "count", ""}
        Whether it says that there is more or less of something than elsewhere, that there is something at all, or that
        a term is used or not.
    direction : int
        1 for more, or there; -1 for less, or not there; 0 where no figure bears on it.
    subject : {"pole", "theme", "term", ""}
        What is measured.
    measure, label : str
        Id and heading of the pole of tone or of the theme; the term.
    times : int or None
        How often the term stands in the document.
    shares : dict of str to Interval
        By document: part of its passages, between 0 and 1.
    differences : tuple of Difference
        Of the document described less each of the others, in their order.
    reason : str
        Why it cannot be told; empty where it can.
    nearest : tuple of Place
        Passages of the document that are nearest in meaning, the nearest first.
    evidence : tuple of Place
        Passages in which what is measured is plainest, in the documents as they were measured.
    """

    start: int
    end: int
    text: str
    clause: str
    documents: tuple[str, ...]
    verdict: Verdict = "cannot be told"
    kind: Literal["difference", "presence", "count", ""] = ""
    direction: int = 0
    subject: Subject = ""
    measure: str = ""
    label: str = ""
    times: int | None = None
    shares: dict[str, Interval] | None = None
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    nearest: tuple[Place, ...] = ()
    evidence: tuple[Place, ...] = ()

    @property
    def measurable(self) -> bool:
        """Whether a figure of a comparison bears on it; a term is counted without one."""
        return self.direction != 0 and self.subject != "term"


@dataclass(frozen=True, slots=True)
class _Cues:
    """Words of one language by which a claim is read."""

    poles: tuple[tuple[str, re.Pattern[str]], ...]
    more: re.Pattern[str]
    less: re.Pattern[str]
    names: re.Pattern[str]
    asserts: re.Pattern[str]
    compares: re.Pattern[str]
    denies: re.Pattern[str]
    hedges: re.Pattern[str]
    apart: re.Pattern[str]


@functools.cache
def _cues(language: str) -> _Cues:
    table = data_table("claims.toml")["zh" if language == "zh" else "en"]

    def any_of(words: Sequence[str]) -> re.Pattern[str]:
        joined = "|".join(words) or "(?!)"
        return re.compile(joined if language == "zh" else rf"(?<![\w-])(?:{joined})(?![\w-])", re.IGNORECASE)

    return _Cues(
        tuple((pole, any_of(words)) for pole, words in table["poles"].items()),
        *(
            any_of(table[name])
            for name in ("more", "less", "names", "asserts", "compares", "denies", "hedges", "apart")
        ),
    )


def find_claims(
    article: Document,
    sentences: Sequence[Sentence],
    checked: Sequence[Checked],
    docs: Sequence[str | Path | Document],
    documents: Sequence[Document],
    speaker: Callable[[], Encoder],
    *,
    basis: Basis = "auto",
    model: str | None = None,
    encoder: Encodes | None = None,
    cache: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[tuple[Claim, ...], tuple[Document, ...]]:
    """Sentences of an article that describe documents, held against what was measured.

    Parameters
    ----------
    article : Document
        The article.
    sentences : sequence of Sentence
        Those that speak of documents, as `compare.attribution.attribute` gives them.
    checked : sequence of Checked
        The article's quotations, with terms counted.
    docs : sequence of str, Path or Document
        The documents as a user named them, for the comparison that figures are taken from.
    documents : sequence of Document
        The same as they were read, for the passages.
    speaker : callable
        Opens the encoder of article and documents.
    basis, model, encoder, cache, seed, progress
        As for `compare.comparison.compare`.

    Returns
    -------
    claims : tuple of Claim
        In the order of the article.
    measured : tuple of Document
        The documents as figures were taken from them, all on one basis; empty where none was.

    Raises
    ------
    PolicyCompareError
        If the encoder cannot be had.
    """
    claims = []
    for sentence in sentences:
        counted = count_claims(article, sentence, checked, documents)
        read = read_claims(article, sentence, documents)
        claims += [*counted, *(claim for claim in read if claim.direction or not counted)]
    if not claims:
        return (), ()
    opened = speaker()
    claims = _with_passages(article, claims, documents, opened)
    if not any(claim.measurable for claim in claims):
        return tuple(claims), ()
    if len(documents) < 2:
        why = "a figure takes a second document to be measured beside; give one more"
        return tuple(replace(claim, reason=why) if claim.measurable else claim for claim in claims), ()
    from compare.comparison import compare
    from compare.kept import kept_comparison

    try:
        names_alone = [str(doc) for doc in docs if not isinstance(doc, Document)]
        if encoder is None and len(names_alone) == len(docs):
            measured = kept_comparison(names_alone, basis=basis, model=model, cache=cache, seed=seed, progress=progress)
        else:
            measured = compare(
                docs, basis=basis, model=model, encoder=encoder, cache=cache, seed=seed, progress=progress
            )
    except PolicyCompareError as error:
        return tuple(replace(claim, reason=str(error)) if claim.measurable else claim for claim in claims), ()
    # Documents that a comparison and a reading name otherwise have the same order.
    names = {own.id: other.id for own, other in zip(documents, measured.texts, strict=True)}
    spoken = [document.language for document in measured.texts]
    judge = _Judge(measured, names, open_encoder(spoken, model=model, encoder=encoder, cache=cache))
    return tuple(judge.judged(claim) if claim.measurable else claim for claim in claims), measured.texts


def _about(sentence: Sentence) -> list[str]:
    """Ids of the documents that a sentence plainly speaks of, in order."""
    return list(dict.fromkeys(credit.documents[0] for credit in sentence.about if len(credit.documents) == 1))


def count_claims(
    article: Document, sentence: Sentence, checked: Sequence[Checked], documents: Sequence[Document]
) -> list[Claim]:
    """What a sentence says of the terms that a document uses, or does not: a claim a term.

    Parameters
    ----------
    article : Document
        The article.
    sentence : Sentence
        One that speaks of documents.
    checked : sequence of Checked
        The article's quotations, with terms counted.
    documents : sequence of Document
        All of them.
    """
    cues = _cues(article.language)
    about = _about(sentence)
    verbs = list(cues.names.finditer(sentence.masked))
    if not about or not verbs or cues.hedges.search(sentence.masked):
        return []
    text = article.body[sentence.start : sentence.end]
    subject = next(document for document in documents if document.id == about[0])
    made = []
    for item in checked:
        at = item.quotation.start - sentence.start
        count = next((c for c in item.counts if c.document == subject.id), None)
        verb = next((v for v in reversed(verbs) if v.end() <= at), None)
        if (
            not 0 <= at < len(text)
            or item.kind != "term"
            or item.credit.kind == "title"
            or count is None
            or verb is None
        ):
            continue
        between = sentence.masked[verb.end() : at]
        if not _TO_TERM.fullmatch(between):
            continue
        # A denial stands at its verb: "never mentions X but speaks of Y".
        clause = re.split(r"[,;，；\ufffc]", sentence.masked[: verb.start()])[-1]
        clause = " ".join(clause.split(" ")[-_AT_VERB:]) if article.language != "zh" else clause[-_AT_VERB:]
        denial = cues.denies.search(clause)
        denied = denial is not None
        begun = verb.start() if denial is None else verb.start() - len(clause) + denial.start()
        term = " ".join(item.text.split()).strip(" ,.;:!?")
        claim = Claim(
            sentence.start,
            sentence.end,
            text,
            " ".join(text[begun : item.quotation.end + 1 - sentence.start].split()),
            (subject.id,),
            kind="count",
            direction=-1 if denied else 1,
            subject="term",
            measure=term,
            label=term,
            times=count.times,
        )
        if subject.basis == "digest" or count.times is None:
            why = "only a digest of it is at hand" if subject.basis == "digest" else "it is at hand in another language"
            made.append(replace(claim, reason=why, times=None))
        else:
            made.append(replace(claim, verdict="supported" if (count.times > 0) != denied else "not supported"))
    return made


def read_claims(article: Document, sentence: Sentence, documents: Sequence[Document]) -> list[Claim]:
    """What a sentence says of documents: a claim for each tone or difference that it names, else one without.

    Parameters
    ----------
    article : Document
        The article.
    sentence : Sentence
        One that speaks of documents.
    documents : sequence of Document
        All of them.
    """
    cues = _cues(article.language)
    text = article.body[sentence.start : sentence.end]
    bare = sentence.masked
    about = _about(sentence)
    if not about:
        return []
    if len(about) > 1 and re.match(
        r"(?:Unlike|In contrast (?:to|with)|Compared (?:to|with)|Whereas|与|相比)", bare.strip()
    ):
        about[0], about[1] = about[1], about[0]
    subject, others = about[0], tuple(about[1:]) or tuple(d.id for d in documents if d.id != about[0])
    base = Claim(sentence.start, sentence.end, text, "", (subject,))
    made: list[Claim] = []
    for start, end in _clauses(bare):
        clause = bare[start:end]
        apart = cues.apart.search(clause, len(clause) - len(clause.lstrip()) + 1)
        head = clause[: apart.start()] if apart is not None else clause
        hits = [(pole, found) for pole, pattern in cues.poles if (found := pattern.search(head)) is not None]
        # Of words in one place the longest say what is meant.
        hits = [
            (pole, found)
            for pole, found in hits
            if not any(
                other is not found and other.start() <= found.end() and found.start() <= other.end()
                and other.end() - other.start() > found.end() - found.start()
                for _, other in hits
            )
        ]  # fmt: skip
        sign = _compared(head, hits[0][1].start() if hits else len(head), hits[0][1].end() if hits else len(head), cues)
        # What stands behind a quotation or a name in the same clause says what is meant.
        before = [at for at, char in enumerate(head[: hits[0][1].start()] if hits else "") if char == "\ufffc"]
        begun = start + (before[-1] + 1 if before else 0)
        begun += re.match(r"\s*(?:and|but|while|which)?\s*", text[begun:end]).end()  # type: ignore[union-attr]
        whole = " ".join(text[begun:end].split()).strip(" \"“”‘’',.;:")
        if cues.hedges.search(head):
            continue
        if hits:
            pole, found = hits[0]
            denied = bool(cues.denies.search(head[: found.start()]))
            if any(claim.measure == pole for claim in made):
                continue
            if sign and not denied:
                made.append(
                    replace(
                        base, clause=whole, documents=(subject, *others), kind="difference", direction=sign,
                        subject="pole", measure=pole,
                    )
                )  # fmt: skip
            elif not sign and cues.asserts.search(head):
                made.append(
                    replace(
                        base, clause=whole, kind="presence", direction=-1 if denied else 1, subject="pole", measure=pole
                    )
                )
        elif sign and (cues.compares.search(bare) or len(documents) == 2) and not cues.denies.search(head):
            # Names of documents would draw it to their own passages.
            whole = " ".join(re.sub("\ufffc+", " ", clause).split()).strip(" \"“”‘’',.;:")
            made.append(
                replace(
                    base, clause=whole, documents=(subject, *others), kind="difference", direction=sign, subject="theme"
                )
            )
    # A sentence that is hardly more than its quotations says nothing of its own.
    letters = sum(map(str.isalpha, text))
    return made or ([base] if sum(map(str.isalpha, bare)) >= _OWN * letters else [])


_CLAUSE_ENDS = re.compile(r"[,;:，；：]|\s(?:and|but|while)\s(?=\w+ing\s|is\s|has\s)")


def _clauses(sentence: str) -> list[tuple[int, int]]:
    """Places of the clauses of a sentence that have words."""
    made = []
    begun = 0
    for end in [*_CLAUSE_ENDS.finditer(sentence), None]:
        last = len(sentence) if end is None else end.start()
        if any(char.isalpha() for char in sentence[begun:last]):
            made.append((begun, last))
        begun = last if end is None else end.end()
    return made


def _compared(head: str, start: int, end: int, cues: _Cues) -> int:
    """1 where a clause says that there is more of what stands at a place, -1 for less, 0 where it does not compare."""
    before = head[:start]
    for sign, pattern in ((-1, cues.less), (1, cues.more)):
        found = list(pattern.finditer(before))
        # With no words of tone, what there is more of may stand anywhere behind it.
        if found and (start == len(head) or len(before[found[-1].end() :].split()) <= _BETWEEN):
            return sign
        # "pushes innovation harder than"
        behind = pattern.match(head[end:].lstrip()) if end < len(head) else None
        if behind is not None and cues.compares.match(head[end:].lstrip()[behind.end() :].lstrip()):
            return sign
    return 0


def _with_passages(
    article: Document, claims: Sequence[Claim], documents: Sequence[Document], encoder: Encoder
) -> list[Claim]:
    """Claims with the passages of their document that are nearest in meaning."""
    from compare.search import Passages

    by_id = {document.id: document for document in documents}
    ready: dict[str, Passages] = {}
    made = []
    for claim in claims:
        document = by_id[claim.documents[0]]
        if document.id not in ready:
            texts = [passage.text for passage in document.passages]
            ready[document.id] = Passages(texts, [document.language] * len(texts), encoder)
        asked = claim.clause if len(claim.clause.split()) > 5 else claim.text
        ranked, similarity, _ = ready[document.id].nearest(" ".join(asked.split()))
        near = [place_of(document, document.passages[n], float(similarity[n])) for n in ranked[:_NEAREST]]
        made.append(replace(claim, nearest=tuple(near)))
    return made


class _Judge:
    """Holds claims against the figures of a comparison.

    Parameters
    ----------
    measured : Comparison
        Where figures are from.
    names : dict of str to str
        Ids of its documents by those that claims name.
    encoder : Encoder
        That of the comparison.
    """

    def __init__(self, measured: Comparison, names: dict[str, str], encoder: Encoder) -> None:
        self.measured = measured
        self.names = names
        self.encoder = encoder
        self._wrongly: dict[str, dict[str, Interval]] = {}

    def judged(self, claim: Claim) -> Claim:
        """A claim with its figure and verdict."""
        measured, names = self.measured, self.names
        row: Pole | Theme | None
        if claim.subject == "theme":
            row = _theme(claim, measured, self.encoder)
            if row is None:
                why = "no theme or tone that is measured plainly answers to it"
                return replace(claim, direction=0, kind="", subject="", documents=claim.documents[:1], reason=why)
        else:
            row = next(
                (pole for tone in measured.tone_results for pole in tone.poles if pole.id == claim.measure), None
            )
            if row is None:
                return replace(claim, reason="the dimensions of tone in use do not have it")
        places = []
        # Of a document that has less there is little to show.
        for name in claim.documents[1:] if claim.direction < 0 and claim.kind == "difference" else claim.documents[:1]:
            for number in row.evidence.get(names[name], ())[:1]:
                found = measured.rows[number]
                if claim.subject == "pole" and row.id not in found.poles:
                    continue
                places.append(place_of(measured.document(found.document), found.passage))
        made = replace(
            claim,
            label=row.label,
            measure=row.id,
            shares={name: row.shares[names[name]] for name in claim.documents},
            evidence=tuple(places),
        )
        return self._present(made) if claim.kind == "presence" else self._different(made, row.differences)

    def _present(self, claim: Claim) -> Claim:
        """Whether a tone is in a document: heard beyond what is heard wrongly."""
        assert claim.shares is not None
        here = claim.shares[claim.documents[0]]
        wrongly = self._heard_wrongly(self.measured.document(self.names[claim.documents[0]]).language)[claim.measure]
        # The lower end of a difference of two shares, each with its interval (Zou & Donner 2008).
        least = here.value - wrongly.value - math.hypot(here.value - here.low, wrongly.high - wrongly.value)
        if least <= 0:
            why = "it is not heard in more of its passages than may be heard wrongly"
            return replace(claim, reason=why)
        return replace(claim, verdict="supported" if claim.direction > 0 else "not supported")

    def _different(self, claim: Claim, pairs: Sequence[Pairwise]) -> Claim:
        measured, names = self.measured, self.names
        own = names[claim.documents[0]]
        differences = []
        for other in claim.documents[1:]:
            pair = next(pair for pair in pairs if {pair.first, pair.second} == {own, names[other]})
            differences.append(pair.difference if pair.first == own else _turned(pair.difference))
        made = replace(claim, differences=tuple(differences))
        languages = {measured.document(names[name]).language for name in claim.documents}
        if len(languages) > 1 and claim.subject == "pole":
            return replace(made, reason="tone is not measured alike in two languages")
        if not all(difference.holds for difference in differences):
            return replace(made, reason="the difference measured does not hold beyond chance")
        agrees = [difference.value * claim.direction > 0 for difference in differences]
        if all(agrees):
            return replace(made, verdict="supported")
        if not any(agrees):
            return replace(made, verdict="not supported")
        return replace(made, reason="it holds against some of the documents and not against others")

    def _heard_wrongly(self, language: str) -> dict[str, Interval]:
        """By pole: the part of sentences of which no reader says that they take it in which it is heard all the same.

        Of the labelled sentences that scores neither learn from nor were looked at by, with Wilson's interval.
        """
        if language not in self._wrongly:
            from scipy.stats import binomtest

            spec = load_dimensions()
            scorer = ToneScorer(spec, self.encoder.encode)
            sentences, labels = spec.labels(scorer.language(language), "test")
            heard = scorer.score_together([sentence.text for sentence in sentences]).present
            made = {}
            for number, pole in enumerate(spec.pole_ids):
                without = labels[:, number] == 0
                wrong, tried = int(heard[without, number].sum()), int(without.sum())
                low, high = binomtest(wrong, tried).proportion_ci(method="wilson")
                made[pole] = Interval(wrong / tried, float(low), float(high))
            self._wrongly[language] = made
        return self._wrongly[language]


def _turned(difference: Difference) -> Difference:
    """A difference seen from the other document."""
    return replace(
        difference,
        value=-difference.value,
        low=-difference.high,
        high=-difference.low,
        low_passages=-difference.high_passages,
        high_passages=-difference.low_passages,
        effect=None if difference.effect is None else -difference.effect,
    )


def _theme(claim: Claim, measured: Comparison, encoder: Encoder) -> Theme | None:
    """The theme that a clause is on: that of most passages nearest to it; None where it is not plainly on one."""
    words = " ".join(claim.clause.split())
    vectors = np.asarray(encoder.encode([row.passage.text for row in measured.rows]), np.float64)
    near = vectors @ np.asarray(encoder.encode([words]), np.float64)[0]
    ranked = np.argsort(-near.round(6), kind="stable")[:_LOOKED_AT]
    counts = Counter(measured.rows[number].theme for number in ranked.tolist())
    identifier, most = counts.most_common(1)[0]
    theme = next(theme for theme in measured.theme_results if theme.id == identifier)
    plainly = most >= _MOST_OF * _LOOKED_AT and near[ranked[0]] >= _ON_SUBJECT
    return theme if plainly and theme.stable and not theme.loose else None
