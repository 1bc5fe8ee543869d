"""Whom an article credits with a quotation: a document, a body, or a person who speaks.

The sentence around a quotation is read by its reporting verb: who stands before it, or behind it where the quotation
comes first. A name is then held against the documents: their titles, issuers and states. What an article only implies
("the plan", "it") is taken from what it named last, and marked as implied, so that nothing is founded on a guess.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from compare.catalogue import catalogue
from compare.documents import Document
from compare.documents.sentences import sentence_spans
from compare.places import data_table
from compare.quotes import Quotation
from compare.states import State, own_state, states

Kind = Literal["document", "person", "title", "unknown"]

# Names of documents are told by words of their titles; these tell nothing.
_COMMON = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "for",
        "on",
        "in",
        "and",
        "to",
        "its",
        "by",
        "with",
        "s",
        "our",
        "new",
        "national",
        "draft",
    ]
)
_TITLE_WORD = r"(?:[A-Z][\w+.’'-]*|of|the|for|and|on|in|to|a|an|with|from|at|by|as|&)"
# No name of a document goes on over these.
_APART = "(?:that|the|its|their|a|an|this|to|in|by|from|which|who|as|is|are|was|were|and|or|but|with|on)"
_ANY_KIND = frozenset(["document", "text", "paper"])
# Words of a clause that a subject may stand apart from its verb.
_REACH = 200
# Paragraphs that "he" and "the plan" may refer back.
_MEMORY = 3


@dataclass(frozen=True, slots=True)
class Credit:
    """Whom a quotation is credited to.

    Attributes
    ----------
    kind : {"document", "person", "title", "unknown"}
        A document or body; a person who speaks; the quotation is itself a title; or nobody is named.
    name : str
        As the article has it; empty where nobody is named.
    documents : tuple of str
        Ids of the documents that the name may stand for; empty for another source.
    explicit : bool
        Whether the article names it plainly, so that it may be held to it; False where it was inferred.
    noun : str
        What kind of document it is called, where nothing more is said: "plan".
    """

    kind: Kind
    name: str = ""
    documents: tuple[str, ...] = ()
    explicit: bool = False
    noun: str = ""


NOBODY = Credit("unknown")


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of one language by which sources are told."""

    verbs: re.Pattern[str]
    documents: str
    bodies: str
    people: str
    pronouns: str
    openers: frozenset[str]


@functools.cache
def _words(language: str) -> _Words:
    table = data_table("attribution.toml")["zh" if language == "zh" else "en"]

    def any_of(name: str) -> str:
        return "|".join(map(re.escape, sorted(table.get(name, ()), key=len, reverse=True))) or "(?!)"

    verbs = any_of("verbs")
    return _Words(
        re.compile(verbs if language == "zh" else rf"(?<![\w-])(?:{verbs})(?![\w-])"),
        any_of("documents"),
        any_of("bodies"),
        any_of("people"),
        any_of("pronouns"),
        frozenset(table.get("openers", ())),
    )


@functools.cache
def _state_patterns() -> tuple[tuple[State, re.Pattern[str]], ...]:
    """Each state with its names, what is called after it, and what stands for it."""
    seats = data_table("attribution.toml")["seats"]
    made = []
    for state in states():
        names = sorted((*state.words, *seats.get(state.name, ())), key=len, reverse=True)
        latin = "|".join(re.escape(name).replace("'", "['’]") for name in names if name[0] < "\u2e80")
        han = "|".join(re.escape(name) for name in names if name[0] >= "\u2e80")
        made.append((state, re.compile(rf"(?<!\w)(?:{latin or '(?!)'})(?!\w)|(?:{han or '(?!)'})")))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the article may call a document by."""

    id: str
    title: frozenset[str]
    aliases: tuple[str, ...]
    called: re.Pattern[str]
    issuer: tuple[str, ...]
    state: State | None
    proper: frozenset[str]
    names: frozenset[str]


class Sources:
    """The documents that an article may name, and how names are told.

    Parameters
    ----------
    documents : sequence of Document
        Those that the article is held against.
    language : str
        Language of the article.
    """

    def __init__(self, documents: Sequence[Document], language: str) -> None:
        self.language = "zh" if language == "zh" else "en"
        self.words = _words(self.language)
        self.known = [_known(document) for document in documents]
        self.han_titles = all(_is_han(document.title) for document in documents)
        w = self.words
        if self.language == "en":
            # "the plan", "its AI action plan", "China's governance plan"
            self._noun = re.compile(
                r"(?<![\w-])(?P<lead>[Tt]he|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er|[Tt]h(?:is|at|ese|ose)|[Aa]n?|[Bb]oth|"
                rf"[A-Z][\w.-]*(?:['’]s?)?)\s+(?P<between>(?:(?!{_APART}\b)[\w.'’+-]+\s+){{0,5}}?)(?P<noun>{w.documents})(?![\w-])",
            )
            self._title = re.compile(rf"(?<![\w-])(?:[A-Z][\w+.’'-]*)(?:[:,]?\s+{_TITLE_WORD})*")
            self._body = re.compile(rf"(?<![\w-])(?:{w.bodies})(?![\w-])", re.IGNORECASE)
            self._role = re.compile(rf"(?<![\w-])(?:{w.people})(?![\w-])", re.IGNORECASE)
            self._pronoun = re.compile(rf"(?<![\w-])(?:{w.pronouns})(?![\w-])", re.IGNORECASE)

    # Names of documents

    def titled(self, text: str) -> tuple[str, ...] | None:
        """Documents whose title a text is, or a form of it; () for another document's title; None for no title.

        Parameters
        ----------
        text : str
            A run of words.
        """
        words = _title_words(text)
        if not words:
            return None
        bare = _bare(text)
        same = tuple(known.id for known in self.known if bare in known.aliases)
        if same:
            return same
        if self.language == "zh":
            return () if re.search(rf"(?:{self.words.documents})$", text.strip("《》 ")) else None
        noun = re.search(rf"(?:{self.words.documents})(?![\w-])", text, re.IGNORECASE)
        if noun is None or len(words) < 3 or not _is_title_case(text):
            return None
        return tuple(known.id for known in self.known if words <= known.title)

    def _by_state(self, text: str, noun: str = "") -> tuple[str, ...]:
        """Documents of the states that a text names; where a kind of document is named, of that kind if any is."""
        found = [
            known
            for known in self.known
            for state, pattern in _state_patterns()
            if known.state == state and pattern.search(text)
        ]
        words = set(re.findall(r"\w+", text))
        found += [
            known
            for known in self.known
            if known not in found and any(name in (text if _is_han(name) else words) for name in known.proper)
        ]
        kind = [known for known in found if noun.rstrip("s").casefold() in known.title] if noun else []
        return tuple(known.id for known in kind or found)

    def _names_state(self, text: str) -> bool:
        return any(pattern.search(text) for _, pattern in _state_patterns())

    def _by_issuer(self, text: str) -> tuple[str, ...]:
        bare = _bare(text)
        return tuple(known.id for known in self.known if any(name in bare for name in known.issuer))

    # Subjects

    def source(self, text: str, backwards: bool) -> Credit | None:
        """The source that a clause names as its subject, in English.

        Parameters
        ----------
        text : str
            What stands before the verb, or behind it.
        backwards : bool
            Whether the part nearest to the verb is the last.
        """
        parts = [part.strip() for part in re.split(r"[,;:–—()]\s*|\s-\s", text)]
        parts = [part for part in parts if part]
        ordered = parts[::-1] if backwards else parts
        for number, part in enumerate(ordered):
            found = self._part(part, backwards)
            if found is None:
                continue
            if found.kind == "person" and not re.search(r"[A-Z]", found.name) and number + 1 < len(ordered):
                # "Ada Example, a fellow at ..., said": the name stands one part before.
                named = self._part(ordered[number + 1], backwards) if backwards else None
                if named is not None and named.kind == "person" and named.name:
                    return named
            if found.noun and re.search(r"(?<!\w)(?:its|their)\s", part, re.IGNORECASE):
                # "The council, in its report, ...": whose it is stands apart.
                for other in ordered[number + 1 :]:
                    owner = self._part(other, backwards)
                    if owner is not None and owner.kind == "document" and owner.name:
                        return owner
            return found
        return None

    def _part(self, part: str, backwards: bool) -> Credit | None:
        noun = self._document(part, backwards)
        if noun is not None:
            return noun
        if self._pronoun.search(part):
            return Credit("person", "")
        body = _last(self._body, part)
        role = _last(self._role, part)
        owned = body is not None and re.search(r"['’]s?\s", part[: body.start()])
        if role is not None and not owned:
            head = re.split(r"\s(?:at|of|from|in|for|with|on)\s", part)[0]
            return Credit("person", _name(head) or head[-40:].strip(), explicit=True)
        if body is not None:
            name = _phrase_around(part, body.start(), body.end())
            issued = self._by_issuer(name) or self._by_state(name)
            if issued:
                return Credit("document", name, issued, explicit=True)
            # "The Example administration" may be the issuer of a document that speaks of it.
            words = set(re.findall(r"[A-Z]\w+", name.removeprefix("The ")))
            of = tuple(known.id for known in self.known if words & known.names)
            return Credit("document", name, of if len(of) == 1 else (), explicit=bool(words) and not of)
        state = self._by_state(part)
        if state:
            return Credit("document", _state_name(part), state, explicit=True)
        name = _name(part)
        if name and self._names_state(name):
            return Credit("document", name, (), explicit=True)
        if name and name.split()[0].casefold() not in self.words.openers:
            if name.isupper() and len(name) > 1:
                return Credit("document", name, self._by_issuer(name), explicit=True)
            return Credit("person", name, explicit=True)
        if re.search(r"(?<!\w)(?:it|they)(?!\w)", part, re.IGNORECASE):
            return Credit("document", "")
        return None

    def _document(self, part: str, backwards: bool) -> Credit | None:
        """A document that is named in a part of a sentence: the last, or the first."""
        found = self.mentions(part)
        return found[-1 if backwards else 0][1] if found else None

    def mentions(self, part: str) -> list[tuple[int, Credit]]:
        """Documents that a text names, in English, in order, each with its place in characters; "the plan" among them.

        Parameters
        ----------
        part : str
            A sentence, or a part of one.
        """
        found: list[tuple[int, Credit]] = []
        for title in self._title.finditer(part):
            text = title[0]
            named = self.titled(text) or self.titled(re.sub(r"^(?:The|Its|In|A|This|That)\s+", "", text))
            if named is not None and len(_title_words(text)) >= 2:
                found.append((title.start(), Credit("document", text, named, explicit=True)))
        for known in self.known:
            for called in known.called.finditer(part):
                if not any(start <= called.start() < start + len(credit.name) for start, credit in found):
                    found.append((called.start(), Credit("document", called[0], (known.id,), explicit=True)))
        for noun in self._noun.finditer(part):
            if not any(start <= noun.start() < start + len(credit.name) for start, credit in found):
                found.append((noun.start(), self._possessed(part, noun)))
        return sorted(found, key=lambda item: item[0])

    def _possessed(self, part: str, noun: re.Match[str]) -> Credit:
        """The document that a noun with what stands before and behind it names: "the US plan", "a report by X"."""
        name = noun[0]
        behind = re.match(
            r"\s+(?:by|of|from)\s+((?:the\s+)?(?:[A-Z][\w.’'-]*(?:\s+|$)|(?:of|for|and|the)\s+)+)", part[noun.end() :]
        )
        if behind is not None:
            issuer = behind[1].strip()
            of = self._by_issuer(issuer) or (self._by_state(issuer, noun["noun"]) if _is_state(issuer) else ())
            return Credit("document", f"{name} {behind[0].strip()}", of, explicit=True)
        before = name[: -len(noun["noun"])]
        issued = self._by_issuer(before) or self._by_state(before, noun["noun"])
        if issued:
            return Credit("document", name, issued, explicit=True)
        if self._names_state(before):
            return Credit("document", name, (), explicit=True)
        other = noun["lead"].casefold() in {"a", "an"}
        named = re.search(r"[A-Z]", name[1:]) is not None and not re.fullmatch(r"[\WA-Z]*", name[1:])
        if other or (noun["lead"][0].isupper() and noun["lead"].casefold() not in self.words.openers):
            return Credit("document", name, (), explicit=named)
        # "the plan": what was named last, see `attribute`.
        return Credit("document", noun=noun["noun"].rstrip("s").casefold())

    def chinese(self, text: str) -> Credit | None:
        """The source that a clause names as its subject, in Chinese.

        Parameters
        ----------
        text : str
            What stands before the verb.
        """
        clause = re.split(r"[，。；：！？\n]", text.rstrip("，：, :"))[-1].strip()
        clause = clause or re.split(r"[。；！？\n]", text)[-1].strip()
        quoted = re.findall(r"《([^》]{2,60})》", clause)
        if quoted:
            named = self.titled(quoted[-1])
            return Credit("document", quoted[-1], named or (), explicit=bool(named) or self.han_titles)
        w = self.words
        noun = re.search(rf"(?:{w.documents})(?:还|也|中|里|同时|并|则)*$", clause)
        if noun is not None:
            of = self._by_state(clause)
            named_so = noun[0] if not of else ""
            return Credit("document", clause if of else "", of, explicit=bool(of), noun=named_so)
        if re.search(rf"(?:{w.people})", clause):
            found = re.search(rf"(?:{w.people})", clause)
            name = "" if found is not None and found[0] in "他她" else clause[-12:]
            return Credit("person", name, explicit=bool(name))
        of = self._by_state(clause)
        if of or re.search(rf"(?:{w.bodies})$", clause):
            return Credit("document", clause[-16:], of, explicit=bool(of))
        if re.fullmatch(r"[\u4e00-\u9fff·]{2,8}", clause):
            return Credit("person", clause, explicit=True)
        return None


def _known(document: Document) -> _Known:
    entry = catalogue().get(document.id)
    title = document.title
    forms = [title, document.label, *re.split(r"\s*[:：—–|]\s*", title)]
    forms += [re.sub(r"\s*\(.*?\)", "", document.label), document.short]
    aliases = []
    for form in forms:
        bare = _bare(form)
        words = bare.split()
        if bare and (len(words) >= 2 or (_is_han(form) and len(bare) >= 6)) and not bare.isdecimal():
            aliases.append(bare)
    issuer = [_bare(re.sub(r"^[Tt]he\s+", "", part)) for part in re.split(r"[,;]| and ", document.issuer)]
    # A state's own text names it; its issuer, country or title say so more plainly.
    said = " ".join((entry.country if entry is not None else "", document.issuer, title))
    state = next((state for state, pattern in _state_patterns() if pattern.search(said)), None)
    body = document.body
    counts = Counter(re.findall(r"[A-Za-z][\w]+", body))
    proper = frozenset(
        word
        for word in re.findall(r"\b[A-Z][a-z]\w+", title)
        if counts[word] >= 2 and not counts[word.lower()] and word.lower() not in _COMMON
    )
    if state is not None:
        # Names of the state are told with its other names.
        proper = frozenset(word for word in proper if not state.pattern.search(word))
    nouns = set(_words("en").documents.split("|"))
    proper = frozenset(word for word in proper if word.lower() not in nouns)
    opens = re.match(r"([\u4e00-\u9fff]{2,6}?)(?:关于|的|人工智能|国家|新一代)", title)
    if opens is not None and state is None:
        proper = frozenset([opens[1]])
    if state is None and not proper:
        state = own_state([passage.text for passage in document.passages])
    return _Known(
        document.id,
        frozenset(_title_words(title) | _title_words(document.label)),
        tuple(dict.fromkeys(aliases)),
        _called(aliases),
        tuple(name for name in issuer if len(name.split()) > 1 or len(name) > 5),
        state,
        proper,
        frozenset(
            word
            for word, n in counts.items()
            if n >= 2 and word.istitle() and not counts[word.lower()] and len(word) > 3
        ),
    )


def _called(aliases: Sequence[str]) -> re.Pattern[str]:
    """Any of several names in a text, whatever stands between their words."""
    forms = []
    for alias in sorted(aliases, key=len, reverse=True):
        words = [
            r"(?:ai|artificial\s+intelligence(?:\s*\(ai\))?)" if w == "ai" else re.escape(w) for w in alias.split()
        ]
        forms.append(r"(?:['’]s)?[^\w.;!?]+".join(words))
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms) or '(?!)'})(?!\w)", re.IGNORECASE)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return found[-1] if found else None


def _is_han(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def _bare(text: str) -> str:
    """Words alone, in small letters, with one name for artificial intelligence."""
    words = re.sub(r"['’]s\b", " ", text).casefold()
    words = re.sub(r"artificial\s+intelligence(?:\s*\(ai\))?", "ai", words)
    return " ".join(re.findall(r"[\w+]+", words))


def _title_words(text: str) -> frozenset[str]:
    return frozenset(word for word in _bare(text).split() if word not in _COMMON)


def _is_title_case(text: str) -> bool:
    words = [word for word in re.findall(r"[A-Za-z][\w’'-]*", text) if word.casefold() not in _COMMON]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.9 * len(words)


def _is_state(text: str) -> bool:
    return any(pattern.search(text) for _, pattern in _state_patterns())


def _state_name(text: str) -> str:
    for _, pattern in _state_patterns():
        found = pattern.search(text)
        if found is not None:
            return found[0]
    return text


_NAME = re.compile(r"[A-ZÀ-Ý][\w.’'-]*(?:\s+(?:(?:of|de|van|von|der|bin|al|el|la|the|for|and)\s+)*[A-ZÀ-Ý][\w.’'-]*)*")


def _name(text: str) -> str:
    """The last name of a part of a sentence, without words that only open it."""
    openers = _words("en").openers
    best = ""
    for found in _NAME.finditer(text):
        words = found[0].split()
        while words and words[0].casefold() in openers:
            words = words[1:]
        name = re.sub(r"['’]s$", "", " ".join(words))
        if name and name != "I":
            best = name
    return best


def _phrase_around(text: str, start: int, end: int) -> str:
    """A noun with the capitalised words around it, and the article before them."""
    head = re.search(
        r"(?:(?:[Tt]he|[Ii]ts|[Aa]n?)\s+)?(?:[A-Z][\w.’'-]*\s+|of\s+|for\s+|and\s+|the\s+)*$", text[:start]
    )
    tail = re.match(r"(?:\s+(?:(?:of|for|on|and|the|in)\s+)*[A-Z][\w.’'-]*)*", text[end:])
    return (text[head.start() if head else start : end] + (tail[0] if tail else "")).strip()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the article that speaks of documents.

    Attributes
    ----------
    start, end : int
        Its place in the article, in characters.
    masked : str
        The same, as long, with the words of quotations and the names of documents taken out.
    about : tuple of Credit
        The documents that it speaks of, in order, whatever it calls them.
    """

    start: int
    end: int
    masked: str
    about: tuple[Credit, ...]


def attribute(text: str, quotations: Sequence[Quotation], sources: Sources) -> tuple[list[Credit], list[Sentence]]:
    """Whom an article credits each quotation to, and where it speaks of documents itself.

    Parameters
    ----------
    text : str
        The article.
    quotations : sequence of Quotation
        As `compare.quotes.find_quotations` gives them.
    sources : Sources
        The documents that may be named.

    Returns
    -------
    credits : list of Credit
        One a quotation.
    sentences : list of Sentence
        In order, without those in which a person speaks.
    """
    reader = _Reader(text, quotations, sources)
    return reader.read(), reader.sentences


class _Reader:
    """Goes through an article paragraph by paragraph and remembers who was named last."""

    def __init__(self, text: str, quotations: Sequence[Quotation], sources: Sources) -> None:
        self.text = text
        self.quotations = quotations
        self.sources = sources
        self.credits: list[Credit] = [NOBODY] * len(quotations)
        # What "he" and "the plan" stand for, and the paragraph in which it was named.
        self.people: list[tuple[Credit, int]] = []
        self.documents: list[tuple[Credit, int]] = []
        self.masked = text
        self.sentences: list[Sentence] = []
        self.spoke: tuple[Credit, int] | None = None

    def read(self) -> list[Credit]:
        outer = [n for n, item in enumerate(self.quotations) if item.depth == 0]
        titles = {n for n in outer if self._is_title(n)}
        for n in titles:
            self.credits[n] = Credit("title", self.quotations[n].text, self._titled(n) or ())
        masked = self.masked = self._masked([n for n in outer if n not in titles])
        for number, (start, end) in enumerate(_paragraph_spans(self.text)):
            inside = [n for n in outer if start <= self.quotations[n].start < end and n not in titles]
            self._paragraph(masked, start, end, inside, number)
        for n, item in enumerate(self.quotations):
            if item.depth:
                self.credits[n] = self._nested(n)
        return self.credits

    def _titled(self, n: int) -> tuple[str, ...] | None:
        return self.sources.titled(self.quotations[n].text.strip(" ,.;:"))

    def _is_title(self, n: int) -> bool:
        item = self.quotations[n]
        if item.mark in "《":
            return True
        return item.mark != ">" and self._titled(n) is not None

    def _masked(self, numbers: Iterable[int]) -> str:
        """The article with the words of quotations taken out, in its length."""
        made = list(self.text)
        for n in numbers:
            item = self.quotations[n]
            last = item.text.rstrip()[-1:]
            filler = "\ufffc" * (item.end - item.start)
            if last in ".!?。！？,，" and len(filler) > 1:
                filler = filler[:-1] + last
            made[item.start : item.end] = "".join(
                old if old == "\n" else new for old, new in zip(self.text[item.start : item.end], filler, strict=True)
            )
        return "".join(made)

    def _paragraph(self, masked: str, start: int, end: int, inside: Sequence[int], number: int) -> None:
        paragraph = masked[start:end]
        spans = [(start + a, start + b) for a, b in _sentences(paragraph, self.sources.language)]
        for at, (first, last) in enumerate(spans):
            own = [n for n in inside if first <= self.quotations[n].start < last]
            before: Credit | None = None
            for position, n in enumerate(own):
                credit = self._credit(masked, first, last, own, position, number, before)
                if credit is None and at + 1 < len(spans):
                    credit = self._tag(masked, n, last, spans[at + 1])
                if credit is None:
                    credit = self._carried(n, first, start, number)
                bare = credit is not None and credit.kind == "document" and not (credit.name or credit.noun)
                if bare and before is not None and before.kind == "document":
                    credit = before  # "it"
                before = credit = self._resolved(credit, number)
                self.credits[n] = credit
                if credit.kind != "unknown":
                    self.spoke = credit, number
            self._describe(masked, first, last, own, number)
            self._remember(masked[first:last], number)

    def _describe(self, masked: str, first: int, last: int, own: Sequence[int], number: int) -> None:
        """Keep a sentence that speaks of documents in the article's own words."""
        sentence = masked[first:last]
        credits = [self.credits[n] for n in own]
        if any(credit.kind == "person" for credit in credits) or sum(map(str.isalpha, sentence)) < 15:
            return
        teller = self._led(sentence, sentence)
        if teller is not None and teller.kind == "person":
            return
        if self.sources.language == "zh":
            named = [self.sources.titled(title) for title in re.findall(r"《([^》]{2,60})》", sentence)]
            found = [(0, Credit("document", documents=ids, explicit=True)) for ids in named if ids]
        else:
            found = self.sources.mentions(sentence)
            if re.match(r"(?:It|They)\s", sentence):
                found.insert(0, (0, Credit("document")))
        about = [self._resolved(credit, number, keep=False) for _, credit in found]
        # What "the plan" stands for must be plain.
        about = [credit for credit in about if credit.explicit]
        about += [credit for credit in credits if credit.kind == "document" and credit.explicit]
        told = tuple(dict.fromkeys(credit.documents for credit in about if credit.documents))
        if told:
            about = [next(credit for credit in about if credit.documents == ids) for ids in told]
            bare = list(sentence)
            names = [(at, at + len(credit.name)) for at, credit in found if credit.name]
            quoted = [item for item in self.quotations if item.depth == 0 and first <= item.start < last]
            for begun, until in [*names, *((item.start - first, item.end - first) for item in quoted)]:
                bare[begun:until] = "\ufffc" * (min(until, len(bare)) - begun)
            self.sentences.append(Sentence(first, last, "".join(bare), tuple(about)))

    def _credit(
        self, masked: str, first: int, last: int, own: Sequence[int], position: int, number: int, before: Credit | None
    ) -> Credit | None:
        """The source that the sentence itself names for one of its quotations."""
        item = self.quotations[own[position]]
        begun = first if position == 0 else self.quotations[own[position - 1]].end + 1
        head = masked[begun : item.start].rstrip(" \"'“‘„«「『")
        until = self.quotations[own[position + 1]].start if position + 1 < len(own) else last
        tail = masked[item.end : until]
        found = self._led(masked[first : item.start], head)
        if found is not None:
            return found
        found = self._followed(tail)
        if found is not None and (position == 0 or not head.strip(" ,;，；、和及andor")):
            return found
        if before is not None and before.kind != "unknown":
            return before
        if found is not None:
            return found
        return self._named(masked[first : item.start])

    def _led(self, whole: str, head: str) -> Credit | None:
        """By a verb before the quotation, since the last one."""
        w = self.sources.words
        if self.sources.language == "zh":
            verbs = list(w.verbs.finditer(head))
            return self.sources.chinese(head[: verbs[-1].start()]) if verbs else None
        according = re.search(r"[Aa]ccording to ([^,;]+)", head)
        if according is not None:
            return self.sources.source(according[1], False)
        cited = re.search(r"(?:quot|cit)(?:es|ed|ing)\s+(?:from\s+)?([^,;:]{2,80})[,;:]?\s*$", head)
        if cited is not None:
            return self.sources.source(cited[1], False)
        verbs = list(w.verbs.finditer(head))
        if not verbs:
            return None
        before = whole[: len(whole) - len(whole.rstrip()) or None]
        at = before.rfind(head) + verbs[-1].start() if head in before else len(whole)
        # Quotations before are no part of the clause that names the speaker.
        clause = re.sub(r"[\"'“‘„«]?\ufffc+[.,!?。，]?[\"'”’»]?", " ", whole[max(0, at - _REACH) : at])
        return self.sources.source(clause, True)

    def _followed(self, tail: str) -> Credit | None:
        """By a verb behind the quotation."""
        w = self.sources.words
        tail = tail.lstrip(" \"'”’»」』》,，.-–—")
        if self.sources.language == "zh":
            verb = w.verbs.search(tail[:40])
            return self.sources.chinese(tail[: verb.start()]) if verb is not None and verb.start() else None
        if re.match(r"(?:which|that|who|where|when|and|but|or|in|to|of|for|on|with|found|as part)\b", tail):
            return None
        according = re.match(r"according to ([^,;]+)", tail)
        if according is not None:
            return self.sources.source(according[1], False)
        verb = w.verbs.search(tail)
        if verb is None or verb.start() > _REACH:
            return None
        subject = tail[: verb.start()].strip()
        subject = re.sub(r"^as\s+", "", subject)
        if subject:
            return self.sources.source(subject, False)
        return self.sources.source(
            re.split(r"[,.;]|\s(?:in|on|at|last|after|when|during)\s", tail[verb.end() :])[0], False
        )

    def _named(self, head: str) -> Credit | None:
        """By the nearest document that the sentence names before the quotation; states and bodies only hint at one."""
        if self.sources.language == "zh":
            titles = re.findall(r"《([^》]{2,60})》", head)
            if titles:
                named = self.sources.titled(titles[-1])
                return Credit("document", titles[-1], named or (), explicit=bool(named) or self.sources.han_titles)
            of = self.sources._by_state(head)
            return Credit("document", _state_name(head), of) if of else None
        for part in reversed(re.split(r"[,;]\s*", head)):
            found = self.sources._document(part, True)
            if found is not None:
                return replace(found, explicit=found.explicit and bool(found.documents))
        of = self.sources._by_state(head)
        return Credit("document", _state_name(head), of) if of else None

    def _tag(self, masked: str, n: int, last: int, following: tuple[int, int]) -> Credit | None:
        """By a short sentence behind a quotation that is a whole one: '"We act." The plan says so.' is none."""
        item = self.quotations[n]
        if item.mark == ">" or masked[item.end + 1 : last].strip():
            return None
        tail = masked[following[0] : following[1]].strip()
        if len(tail) > 80 or "\ufffc" in tail:
            return None
        said = re.fullmatch(r"(?:[Ss]o|[Tt]hus)\s+(.*?)[.。]?", tail)
        return self._followed(said[1]) if said else None

    def _carried(self, n: int, first: int, start: int, number: int) -> Credit | None:
        """By who spoke last: in the paragraph, or in the one before where this one opens with the quotation."""
        item = self.quotations[n]
        if item.mark == ">":
            return self._introduced(start, item.end, number)
        if self.spoke is None:
            return None
        credit, where = self.spoke
        opens = not self.text[start : item.start - 1].strip()
        if where == number or (opens and where == number - 1 and credit.kind == "person"):
            return replace(credit, explicit=False)
        return None

    def _introduced(self, start: int, end: int, number: int) -> Credit | None:
        """A block quotation is signed below it, or introduced by the sentence before it."""
        signed = re.match(r"\s*\n\s*[—–-]+\s*([^\n]{1,120})", self.text[end:])
        if signed is not None:
            return self.sources.source(signed[1], False)
        above = self.masked[:start].rstrip()
        paragraph = above[above.rfind("\n") + 1 :]
        spans = _sentences(paragraph, self.sources.language)
        sentence = paragraph[spans[-1][0] :] if spans else paragraph
        found = self._led(sentence, sentence) or self._named(sentence)
        if found is None and self.spoke is not None and self.spoke[1] >= number - 1:
            return replace(self.spoke[0], explicit=False)
        return found

    def _resolved(self, credit: Credit | None, number: int, keep: bool = True) -> Credit:
        """A pronoun, or "the plan", as what was named last."""
        if credit is None:
            return NOBODY
        if credit.name or credit.documents:
            if not keep:
                return credit
            if credit.kind == "person":
                credit = self._full(credit)
                self.people.append((credit, number))
            elif credit.explicit:
                self.documents.append((credit, number))
            return credit
        named = self.people if credit.kind == "person" else self.documents
        if credit.noun:
            # "The plan" is no report, unless nothing else was spoken of just now.
            kind = re.compile(
                ""
                if credit.noun in _ANY_KIND
                else rf"(?<!\w){re.escape(credit.noun)}s?(?!\w)"
                if credit.noun.isascii()
                else credit.noun
            )
            named = [item for item in named if kind.search(item[0].name.casefold()) or item[1] == number]
        if not named or number - named[-1][1] > _MEMORY:
            return Credit(credit.kind)
        last, where = named[-1]
        return replace(last, explicit=last.explicit and where >= number - 1)

    def _full(self, credit: Credit) -> Credit:
        """A family name as the full name that was told before."""
        if " " in credit.name:
            return credit
        return next((item for item, _ in reversed(self.people) if credit.name in item.name.split()), credit)

    def _remember(self, sentence: str, number: int) -> None:
        """Which document a sentence names, for those that follow."""
        found = None
        if self.sources.language == "zh":
            titles = re.findall(r"《([^》]{2,60})》", sentence)
            if titles:
                named = self.sources.titled(titles[-1])
                found = Credit("document", titles[-1], named or (), explicit=bool(named) or self.sources.han_titles)
        else:
            for part in re.split(r"[,;]\s*", sentence):
                named_here = self.sources._document(part, True)
                if named_here is not None and named_here.name:
                    found = named_here
        if found is not None:
            self.documents.append((found, number))

    def _nested(self, n: int) -> Credit:
        """A quotation in another one is credited where its words are, else to whom the outer one is credited."""
        item = self.quotations[n]
        outer = next(
            m
            for m in range(n - 1, -1, -1)
            if self.quotations[m].depth == item.depth - 1
            and self.quotations[m].start <= item.start < self.quotations[m].end
        )
        if self._is_title(n):
            return Credit("title", item.text, self._titled(n) or ())
        around = self.quotations[outer]
        head = self.text[around.start : item.start].rstrip(" \"'“‘„«「『")
        sentence = head[max(head.rfind("."), head.rfind("。"), head.rfind("!"), head.rfind("?")) + 1 :]
        found = self._led(sentence, sentence) or self._followed(self.text[item.end : around.end])
        if found is not None and (found.documents or found.kind == "person") and found.name:
            return found
        return self.credits[outer]


def _paragraph_spans(text: str) -> Iterator[tuple[int, int]]:
    for paragraph in re.finditer(r"[^\n]*\S[^\n]*", text):
        yield paragraph.start(), paragraph.end()


def _sentences(paragraph: str, language: str) -> list[tuple[int, int]]:
    """Sentences of a paragraph; one that goes on with a small letter, as behind '"Why?" she asked', is one."""
    made: list[tuple[int, int]] = []
    for start, end in sentence_spans(paragraph, language):
        words = paragraph[start:end].lstrip("\"'”’»」』 ")
        if made and (words[:1].islower() or not words):
            made[-1] = (made[-1][0], end)
        else:
            made.append((start, end))
    return made
