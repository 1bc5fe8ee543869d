"""Do themes join documents where they speak of one subject? Ours beside topic models, on the same passages and vectors.

    python tests/benchmarks/themes.py [DOC DOC...] [--gold FILE] [--number N] [--only WORD...] [--seeds N]
    python tests/benchmarks/themes.py --time [600 20000]

Without DOC, three pairs of official texts are compared. Every method gets the passages and vectors that `compare` works
with and the terms of `compare.terms`, and makes as many themes as `compare` chose (or `--number`). Columns:

- k: themes found; none: passages that the method leaves without a theme (each counts as alone).
- phi: over pairs of labelled sentences of two documents, the correlation of "same theme" with "same topic".
- ARI 80 %: adjusted Rand index of the division with divisions of six random 80 % of the passages; the representation of
  a passage stays the same, only the clustering is run again, with the number of themes chosen anew by ours (a codebook
  named, the whole of `compare` is run).
- seeds: the same index between divisions from different random numbers.
- NPMI: normalised pointwise mutual information of a theme's ten terms, pair by pair, with a passage as window (Bouma
  2009; Röder et al. 2015). Pairs that share a word, or of two scripts, say nothing and are left out for every method.
- unique: share of different terms among all tens (Dieng et al. 2020). Where a method names nothing (k-means, controls,
  steps), the terms are those of class-based TF-IDF.

Two controls read nothing: equal cuts of each document, and random vectors put through our own context and consensus.

The gold file holds JSON lines of `document`, `text`, `first` and `second`: a sentence and the topic that each of two
readers gave it. Sentences count where both agree on a topic. The file is not part of the project: give it by `--gold`;
`topics.jsonl` is looked for in the folder of official texts and in `gold` beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib.util
import inspect
import io
import itertools
import json
import math
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import themes_time
from topic_models import TOP, bertopic, class_tfidf, lda, nmf, turftopic

from compare import comparison, division
from compare.cache import ArrayCache
from compare.documents import Document
from compare.encoders import Encoder, Model, choose_model, find_model
from compare.errors import PolicyCompareError
from compare.inference import generator
from compare.places import cache_folder, official_folder
from compare.states import own_state
from compare.terms import fold, terms
from compare.themes import adjusted_rand, centred, find_themes, in_context, unit

US, JAPAN, AI_PLUS = "us-ai-action-plan-2025", "jp-ai-basic-plan-2026", "cn-ai-plus-opinions-2025"
PAIRS = ((US, JAPAN), (US, AI_PLUS), (JAPAN, AI_PLUS))
SAMPLES, KEPT = 6, 0.8
INSTALL = "not installed: pip install -e '.[benchmark]'"


@dataclass(frozen=True)
class Material:
    """What all methods work on.

    Attributes
    ----------
    source : the documents, in the order in which their passages come
    texts, tokens : of each passage, its text and its terms
    vectors : ndarray, shape (n_passages, n_dimensions)
    documents : ndarray of int, shape (n_passages,): number of each passage's document
    placed, divided : what `compare` calls `in_context` and `find_themes` with, by name
    encode : gives vectors of other texts, by the same model
    """

    source: tuple[Document, ...]
    texts: list[str]
    tokens: list[list[str]]
    vectors: np.ndarray
    documents: np.ndarray
    placed: dict[str, Any]
    divided: dict[str, Any]
    encode: Callable[[Sequence[str]], np.ndarray]

    @classmethod
    def of(cls, documents: Sequence[Document], encoder: Callable[[Model], Any]) -> Material:
        """Run `compare` with vectors by `encoder` and take down what it works with."""
        # Clustering sees documents ordered by checksum; given in that order, rows are the same here and there.
        source = tuple(sorted(documents, key=lambda document: document.sha256))
        taken: dict[str, dict[str, Any]] = {}

        def recorded(call: Callable[..., Any]) -> Callable[..., Any]:
            def record(*arguments: Any, **named: Any) -> Any:
                bound = inspect.signature(call).bind(*arguments, **named).arguments
                taken.setdefault(call.__name__, bound)
                return call(*arguments, **named)

            return record

        made: list[Any] = []

        def opened(languages: Sequence[str], **_: Any) -> Any:
            made.append(encoder(find_model(choose_model(languages))))
            return made[-1]

        with (
            mock.patch.object(comparison, "in_context", recorded(in_context)),
            mock.patch.object(division, "find_themes", recorded(find_themes)),
            mock.patch.object(comparison, "open_encoder", opened),
        ):
            comparison.compare(source, cache=False)
        texts, tokens = [], []
        for document in source:
            own = [passage.text for passage in document.passages]
            texts += own
            # As for our own labels: the state's name is no subject.
            state = own_state(own)
            nameless = own if state is None else [state.pattern.sub(" ; ", text) for text in own]
            tokens += [[term for term, _ in terms(text, document.language)] for text in nameless]
        placed, divided = taken["in_context"], taken["find_themes"]
        return cls(source, texts, tokens, placed["vectors"], placed["documents"], placed, divided, made[0].encode)

    def part(self, rows: np.ndarray) -> Material:
        """Some of the passages, represented as before."""
        chosen, start, source = set(rows.tolist()), 0, []
        for document in self.source:
            kept = tuple(p for i, p in enumerate(document.passages, start) if i in chosen)
            start += len(document.passages)
            source.append(dataclasses.replace(document, passages=kept))
        return dataclasses.replace(
            self,
            source=tuple(source),
            texts=[self.texts[i] for i in rows],
            tokens=[self.tokens[i] for i in rows],
            vectors=self.vectors[rows],
            documents=self.documents[rows],
            divided={name: v[rows] if isinstance(v, np.ndarray) else v for name, v in self.divided.items()},
        )

    def samples(self) -> list[np.ndarray]:
        """Rows of random parts, the same portion of each document, the same for all methods."""
        rng = np.random.default_rng(0)
        own = [np.flatnonzero(self.documents == d) for d in range(len(self.source))]
        parts = ([rng.choice(rows, round(KEPT * len(rows)), replace=False) for rows in own] for _ in range(SAMPLES))
        return [np.sort(np.concatenate(part)) for part in parts]


# Theme of each passage (-1: none), and the top terms of each theme where the method names them.
Division = tuple[np.ndarray, list[list[str]] | None]
Fit = Callable[[Material, Any, int], Division]
Whole = Callable[[Material, int | None, int], Division]


def compared(material: Material, number: int | None, seed: int, **options: str) -> Division:
    """The whole of `compare`."""
    found = comparison.compare(material.source, themes=number, seed=seed, **options)
    order = {theme.id: i for i, theme in enumerate(found.theme_results)}
    labels = np.array([order[row.theme] for row in found.rows])
    return labels, [[as_printed(keyword) for keyword in theme.keywords[:TOP]] for theme in found.theme_results]


def with_codebook(name: str) -> Whole:
    """The topics of a codebook are as many as they are."""
    return lambda m, number, seed: compared(m, number if name == "none" else None, seed, codebook=name)


def as_printed(keyword: str) -> str:
    """A Chinese term stands in brackets behind its English: it is the one that passages hold."""
    found = re.search(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)$", keyword)
    return found.group(1) if found else re.sub(r"\s*\([^()]*\)$", "", keyword)


def consensus(material: Material, number: int | None, seed: int) -> Division:
    return find_themes(**{**material.divided, "seed": seed, "number": number, "progress": None}).labels, None


# Controls and steps.


def equal_cuts(material: Material, number: int, seed: int) -> Division:
    sizes = np.bincount(material.documents)
    return np.concatenate([np.arange(size) * number // size for size in sizes]), None


def randomised(material: Material, seed: int) -> Material:
    """With vectors that know nothing of the texts; passages keep their places and share their headings."""

    def encode(texts: Sequence[str]) -> np.ndarray:
        drawn = [generator(seed, "random vectors", text).normal(size=384) for text in texts]
        return unit(np.array(drawn)).astype(np.float32)

    return Material.of(material.source, lambda model: SimpleNamespace(model=model, encode=encode, begin=lambda _: True))


def k_means(material: Material, number: int, seed: int) -> Division:
    from sklearn.cluster import KMeans

    return KMeans(number, n_init=10, random_state=seed).fit(material.vectors).labels_, None


def on(make: Callable[[Material], np.ndarray]) -> Callable[[Material, int], Material]:
    """The same material with vectors made of it."""
    return lambda material, seed: dataclasses.replace(material, vectors=make(material))


@dataclass(frozen=True)
class Method:
    """A way to divide passages.

    Attributes
    ----------
    name : as printed
    fit : divides any material into a number of themes
    whole : divides all passages, where that is another call than for samples; chooses the number itself if given none
    prepare : makes the material of a seed another one
    package : what must be installed
    chooses : chooses the number of themes for samples too, unless one is given
    """

    name: str
    fit: Fit
    whole: Whole | None = None
    prepare: Callable[[Material, int], Material] = field(default=lambda material, seed: material)
    package: str | None = None
    chooses: bool = False


METHODS = [
    Method("policy-compare", consensus, whole=compared, chooses=True),
    Method("policy-compare, codebook", with_codebook("ai-policy")),
    Method("policy-compare, no codebook", with_codebook("none"), whole=with_codebook("none")),
    Method("k-means", k_means),
    Method("NMF (tf-idf)", nmf),
    Method("LDA", lda),
    Method("BERTopic, its own number", bertopic("own"), package="bertopic"),
    Method("BERTopic, leaves, reduced", bertopic("reduced"), package="bertopic"),
    Method("BERTopic, k-means", bertopic("k-means"), package="bertopic"),
    Method("KeyNMF", turftopic("KeyNMF"), package="turftopic"),
    Method("S3", turftopic("SemanticSignalSeparation"), package="turftopic"),
    Method("GMM", turftopic("GMM"), package="turftopic"),
    Method("control: equal cuts", equal_cuts),
    Method("control: random vectors", consensus, prepare=randomised),
]
# What each step of ours adds; a new step is one more line.
STEPS = [
    Method("raw vectors, k-means", k_means),
    Method("+ document mean taken away", k_means, prepare=on(lambda m: centred(m.vectors, m.documents))),
    Method("+ neighbours", k_means, prepare=on(lambda m: in_context(m.vectors, m.documents, None))),
    Method("+ headings", k_means, prepare=on(lambda m: in_context(m.vectors, m.documents, m.placed["headings"]))),
    Method("+ rest of the context", k_means, prepare=on(lambda m: in_context(**m.placed))),
    Method("+ consensus", consensus),
]


# What is measured.


def alone(labels: np.ndarray) -> np.ndarray:
    """Labels in which each passage without a theme has one of its own."""
    return np.where(labels < 0, labels.max() + 1 + np.arange(len(labels)), labels)


def characters(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower()))


class Gold:
    """Sentences with topics, and the passages that hold them.

    A sentence belongs to the passage of its document that shares most of its words, at least half of the shorter one's.
    """

    def __init__(self, path: Path, material: Material) -> None:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        rows = [row for row in rows if row["first"] == row["second"] != "none"]
        self.found: dict[str, float] = {}
        self.places: list[tuple[np.ndarray, np.ndarray]] = []
        start = 0
        for document in material.source:
            bags = [characters(passage.text) for passage in document.passages]
            names = {row["document"] for row in rows}
            best: tuple[float, list[tuple[int, str]]] = (0.0, [])
            # A file of another name is the labelled document whose sentences it holds.
            for name in {document.id} & names or sorted(names):
                own = [row for row in rows if row["document"] == name]
                places = [(self._place(characters(row["text"]), bags), row["first"]) for row in own]
                held = [(start + place, topic) for place, topic in places if place is not None]
                best = max(best, (len(held) / len(own), held))
            start += len(bags)
            share, held = best
            if share > 0.3:
                self.found[document.id] = share
                self.places.append((np.array([place for place, _ in held]), np.array([topic for _, topic in held])))

    @staticmethod
    def _place(sentence: Counter[str], bags: Sequence[Counter[str]]) -> int | None:
        size, best, place = sentence.total(), 0.5, None
        for number, bag in enumerate(bags):
            shorter = max(1, min(size, bag.total()))
            share = (sentence & bag).total() / shorter - 0.001 * abs(size - bag.total()) / max(size, 1)
            if share > best:
                best, place = share, number
        return place

    def phi(self, labels: np.ndarray) -> float:
        """Mean over pairs of documents of the correlation of "same theme" with "same topic"."""
        labels, made = alone(labels), []
        for (first, topics), (second, others) in itertools.combinations(self.places, 2):
            theme = (labels[first][:, None] == labels[second]).ravel()
            topic = (topics[:, None] == others).ravel()
            made.append(float(np.corrcoef(theme, topic)[0, 1]) if 0 < theme.mean() < 1 else 0.0)
        return float(np.mean(made)) if made else math.nan


class Coherence:
    """NPMI of terms in passages, whoever named them: a term is in a passage when its words stand there in a row."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words = [f" {' '.join(self._folded(text))} " for text in texts]
        self._rows: dict[str, frozenset[int]] = {}

    @staticmethod
    def _folded(text: str) -> list[str]:
        return [fold(word) for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9'’]*", text)]

    def rows(self, term: str) -> frozenset[int]:
        if term not in self._rows:
            words, texts = f" {' '.join(self._folded(term))} ", self._words
            if re.search(r"[\u4e00-\u9fff]", term):
                words, texts = term, self._texts
            self._rows[term] = frozenset(i for i, text in enumerate(texts) if words in text)
        return self._rows[term]

    def npmi(self, tops: Sequence[Sequence[str]]) -> float:
        made = []
        for top in tops:
            pairs = [self._pair(a, b) for a, b in itertools.combinations(top, 2) if self._tells(a, b)]
            if pairs:
                made.append(np.mean(pairs))
        return float(np.mean(made)) if made else math.nan

    def _tells(self, a: str, b: str) -> bool:
        if all(han := [bool(re.search(r"[\u4e00-\u9fff]", term)) for term in (a, b)]):
            return a not in b and b not in a
        return not any(han) and not set(self._folded(a)) & set(self._folded(b))

    def _pair(self, a: str, b: str) -> float:
        n, one, two = len(self._texts), self.rows(a), self.rows(b)
        both = len(one & two) / n
        if both == 0:
            return -1.0
        return 1.0 if both == 1 else math.log(both * n * n / (len(one) * len(two))) / -math.log(both)


COLUMNS = ("k", "none", "phi", "ARI 80 %", "seeds", "NPMI", "unique")


def measure(
    method: Method, material: Material, gold: Gold | None, numbers: Sequence[int], given: int | None
) -> dict[str, float]:
    """The figures of a method, means over seeds; for each, `numbers` are the themes that ours found or was `given`."""
    coherence, made, divisions = Coherence(material.texts), [], []
    for seed, number in enumerate(numbers):
        own = method.prepare(material, seed)
        labels, tops = method.whole(own, given, seed) if method.whole else method.fit(own, number, seed)
        if tops is None:
            tops = class_tfidf(material.tokens, labels)
        asked = given if method.chooses else number
        again = [
            adjusted_rand(alone(labels)[rows], alone(method.fit(own.part(rows), asked, seed)[0]))
            for rows in material.samples()
        ]
        divisions.append(alone(labels))
        named = [term for top in tops for term in top]
        if lost := sorted({term for term in named if not coherence.rows(term)}):
            say(f"{method.name}: {len(lost)} terms stand in no passage ({', '.join(lost[:5])})")
        figures = (
            len(np.unique(labels[labels >= 0])),
            float((labels < 0).mean()),
            math.nan if gold is None else gold.phi(labels),
            float(np.mean(again)),
            math.nan,
            coherence.npmi(tops),
            len(set(named)) / max(len(named), 1),
        )
        made.append(dict(zip(COLUMNS, figures, strict=True)))
    result = {column: float(np.mean([figures[column] for figures in made])) for column in COLUMNS}
    pairs = list(itertools.combinations(divisions, 2))
    result["seeds"] = float(np.mean([adjusted_rand(a, b) for a, b in pairs])) if pairs else math.nan
    return result


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def table(title: str, rows: dict[str, dict[str, float] | str]) -> None:
    print(f"\n{title}\n{'':28}" + "".join(f"{column:>10}" for column in COLUMNS))
    for name, figures in rows.items():
        if isinstance(figures, str):
            print(f"{name:28}  {figures}")
            continue
        forms = {"k": ".1f", "none": ".0%", "phi": ".3f", "NPMI": ".3f"}
        cells = ("-" if math.isnan(v) else f"{v:{forms.get(c, '.2f')}}" for c, v in figures.items())
        print(f"{name:28}" + "".join(f"{cell:>10}" for cell in cells))


def missing(method: Method) -> str | None:
    """Why a method cannot run, or None."""
    if method.package and importlib.util.find_spec(method.package) is None:
        return INSTALL
    if "codebook" in method.name and "codebook" not in inspect.signature(comparison.compare).parameters:
        return "compare() takes no codebook"
    return None


def run(arguments: argparse.Namespace) -> int:
    pairs, basis = ([tuple(arguments.docs)], "auto") if arguments.docs else (PAIRS, "official")
    path = arguments.gold or find_gold()
    if path is None:
        say("no gold file: phi cannot be measured; give labelled sentences by --gold FILE")
    failed, totals, steps = False, {}, {}
    for names in pairs:
        title = " x ".join(names)
        try:
            documents = comparison.load_documents(names, basis)
            store = ArrayCache(cache_folder() / "vectors.sqlite")
            material = Material.of(documents, lambda model, store=store: Encoder(model, store))
        except PolicyCompareError as error:
            say(f"{title}: {error}")
            say("official texts are looked for in the folder that POLICY_COMPARE_CORPORA names, and in the store")
            return 2
        gold = Gold(path, material) if path else None
        for document in material.source if gold else ():
            print(f"{document.id}: {gold.found.get(document.id, 0):.0%} of its labelled sentences found")
        own = [compared(material, arguments.number, seed)[0] for seed in range(arguments.seeds)]
        numbers = [len(np.unique(labels)) for labels in own]
        if adjusted_rand(own[0], consensus(material, arguments.number, 0)[0]) < 1:
            say(f"{title}: find_themes alone does not give the themes of compare(); ARI 80 % is that of find_themes")
        for methods, into in ((METHODS, totals), (STEPS, steps)):
            rows: dict[str, dict[str, float] | str] = {}
            for method in (m for m in methods if any(word.lower() in m.name.lower() for word in arguments.only)):
                say(f"{title}: {method.name}")
                try:
                    row = missing(method) or quietly(measure, method, material, gold, numbers, arguments.number)
                except Exception as error:  # one peer's fault must not cost the figures of all
                    row, failed = f"failed: {type(error).__name__}: {error}", True
                rows[method.name] = row
                into.setdefault(method.name, []).append(row)
            if rows:
                table(f"{title}, {len(material.texts)} passages" + ("" if into is totals else ": steps"), rows)
    for name, into in (("Mean", totals), ("Mean: steps", steps)):
        if len(pairs) > 1 and into:
            table(name, {method: mean(rows) for method, rows in into.items()})
    return int(failed)


def quietly(call, *arguments):
    """Without what the libraries print and warn of."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return call(*arguments)


def mean(rows: Sequence[dict[str, float] | str]) -> dict[str, float] | str:
    said = next((row for row in rows if isinstance(row, str)), None)
    return said or {column: float(np.mean([row[column] for row in rows])) for column in COLUMNS}


def find_gold() -> Path | None:
    folder = official_folder()
    places = [] if folder is None else [folder / "topics.jsonl", folder.parent / "gold" / "topics.jsonl"]
    return next((place for place in places if place.is_file()), None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("docs", nargs="*", metavar="DOC")
    parser.add_argument("--gold", type=Path, help="labelled sentences, JSON lines")
    parser.add_argument("--number", type=int, help="number of themes; by default what compare() chooses")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="WORD", help="methods with these words in their name"
    )
    parser.add_argument("--time", type=int, nargs="*", metavar="PASSAGES", help="seconds and memory; default 600 20000")
    parser.add_argument("--limit", type=int, default=600, help="seconds after which a timed run is given up")
    arguments = parser.parse_args()
    if len(arguments.docs) == 1:
        parser.error("give two documents or more, or none for the three pairs")
    if arguments.gold and not arguments.gold.is_file():
        parser.error(f"--gold {arguments.gold}: no such file")
    if arguments.time is not None:
        return themes_time.run(arguments.time or [600, 20_000], arguments.limit)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
