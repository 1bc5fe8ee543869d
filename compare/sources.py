"""Names by which an article speaks of documents, of bodies and of persons, and which documents they stand for.

A name is held against the documents' titles, issuers, states and kinds. What is not among them is told as another
source, plainly named ("a report by the council") or not ("the paper").
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from compare.catalogue import catalogue
from compare.documents import Document
from compare.places import data_table
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
_APART = "(?:that|the|its|their|a|an|this|to|in|by|from|which|who|as|is|are|was|were|and|or|but|with|on|of|for|at)"
# Parts of a document: "the third section of its appeal" is the appeal.
_PARTS = frozenset(
    ["section", "part", "article", "paragraph", "pillar", "chapter", "annex", "preamble", "foreword", "introduction"]
)
_GENERIC = frozenset(["document", "text", "paper", "draft", "version", "文件", "文本", "条文"]) | _PARTS
# What is said of a subject, and is none: "approved by the cabinet in May", "not the American plan".
_ASIDE = re.compile(
    r"(?:who|which|whose|where|whom|and not|not|unlike|rather than|instead of|as opposed to|in contrast to|compared to|"
    r"compared with|including|such as|like|despite|(?:\w+ly\s+)?(?:[a-z]+ed|made|set|known|drawn|written|born|put)\s+"
    r"(?:by|in|on|at|last|after|before|from|as|about|for|to|with|earlier|this|under|up|out|over)|dating|citing|speaking)\b"
)
# What may stand between a subject and its verb.
_ADVERBS = re.compile(r"(?:\s+(?:also|then|even|further|itself|only|\w+ly))*\s*")
# Nobody in particular.
_ANYBODY = re.compile(
    r"\b(?:(?:no|some|any|every)(?:body|one)|no one|neither|none|people|many|some|others)\b",
    re.IGNORECASE,
)
_HAN = "\u4e00-\u9fff"


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
    rivals : tuple of str
        Ids of other documents that are named so near that the words might be meant to be theirs.
    close : bool
        Whether the document stands at its verb, with nothing between them: "the plan says".
    """

    kind: Kind
    name: str = ""
    documents: tuple[str, ...] = ()
    explicit: bool = False
    noun: str = ""
    rivals: tuple[str, ...] = ()
    close: bool = False


NOBODY = Credit("unknown")


@dataclass(frozen=True, slots=True)
class Mention:
    """A document that a text names.

    Attributes
    ----------
    start, end : int
        Its place, in characters.
    credit : Credit
        What it stands for.
    owned : bool
        Whether it is said to be somebody's who is named elsewhere: "its plan".
    """

    start: int
    end: int
    credit: Credit
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one language by which sources are told, as patterns."""

    verbs: re.Pattern[str]
    human: re.Pattern[str]
    documents: str
    plain: str
    bodies: str
    people: str
    pronouns: str
    said: str
    given: str
    surnames: str
    apart: frozenset[str]
    common: frozenset[str]
    nobody: frozenset[str]
    openers: frozenset[str]


@functools.cache
def words_of(language: str) -> Words:
    """Words of a language, "en" or "zh"."""
    table = data_table("attribution.toml")["zh" if language == "zh" else "en"]

    def any_of(name: str) -> str:
        return "|".join(map(re.escape, sorted(table.get(name, ()), key=len, reverse=True))) or "(?!)"

    def verbs(name: str) -> re.Pattern[str]:
        return re.compile(any_of(name) if language == "zh" else rf"(?<![\w-])(?:{any_of(name)})(?![\w-])")

    return Words(
        verbs("verbs"),
        verbs("human"),
        any_of("documents"),
        any_of("plain"),
        any_of("bodies"),
        any_of("people"),
        any_of("pronouns"),
        any_of("said"),
        any_of("given"),
        table.get("surnames", ""),
        frozenset(table.get("apart", ())),
        frozenset(table.get("common", ())),
        frozenset(table.get("nobody", ())),
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


@functools.cache
def _kinds() -> dict[str, frozenset[str]]:
    """Kinds of documents by the words for them."""
    made: dict[str, set[str]] = {}
    for kind, words in data_table("attribution.toml")["kinds"].items():
        for word in words:
            made.setdefault(word, set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in made.items()}


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
    kinds: frozenset[str]
    han: bool


class Sources:
    """The documents that an article may name, and how names are told.

    Parameters
    ----------
    documents : sequence of Document
        Those that the article is held against.
    language : str
        Language of the article.
    article : str
        The article, by which names are told from other words.
    """

    def __init__(self, documents: Sequence[Document], language: str, article: str = "") -> None:
        self.language = "zh" if language == "zh" else "en"
        self.words = words_of(self.language)
        self.article = article
        # One sentence is asked about several times.
        self._mentioned: dict[str, tuple[Mention, ...]] = {}
        self._states: dict[tuple[str, str], tuple[str, ...]] = {}
        self.known = [_known(document, article) for document in documents]
        self.han_titles = all(is_han(document.title) for document in documents)
        w = self.words
        if self.language == "en":
            # "the plan", "its AI action plan", "China's governance plan"
            self._noun = re.compile(
                r"(?<![\w-])(?P<lead>[Tt]he|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er|[Tt]h(?:is|at|ese|ose)|[Aa]n?|[Bb]oth|[Oo]ur|"
                rf"[A-Z][\w.-]*(?:['’]s?)?)\s+(?P<between>(?:(?!{_APART}\b)[\w.'’+-]+\s+){{0,5}}?)"
                rf"(?P<noun>(?i:{w.documents}))(?![\w-])"
            )
            self._title = re.compile(rf"(?<![\w-])(?:[A-Z][\w+.’'-]*)(?:[:,]?\s+{_TITLE_WORD})*")
            self._body = re.compile(rf"(?<![\w-])(?:{w.bodies})(?![\w-])", re.IGNORECASE)
            self._role = re.compile(rf"(?<![\w-])(?:{w.people})(?![\w-])", re.IGNORECASE)
            self._pronoun = re.compile(rf"(?<![\w-])(?:{w.pronouns})(?![\w-])", re.IGNORECASE)
        else:
            self._person = re.compile(rf"[{w.surnames}][{_HAN}]{{1,2}}")

    # Names of documents

    def titled(self, text: str) -> tuple[str, ...] | None:
        """Documents whose title a text is, or a form of it; () for another document's title; None for no title.

        Parameters
        ----------
        text : str
            A run of words.
        """
        words = title_words(text)
        if not words:
            return None
        bare = _bare(text)
        same = tuple(known.id for known in self.known if bare in known.aliases)
        if not same and re.match(r"[\w.]+['’]s\s", text):
            # "Beijing's Global Plan"
            return self.titled(re.sub(r"^[\w.]+['’]s\s+", "", text)) or None
        if same:
            return same
        if self.language == "zh":
            # A title without the name of who issued it.
            longer = tuple(k.id for k in self.known if len(bare) >= 8 and any(bare in alias for alias in k.aliases))
            if longer:
                return longer
            return () if re.search(rf"(?:{self.words.documents})$", text.strip("《》 ")) else None
        noun = re.search(rf"(?:{self.words.documents})(?![\w-])", text, re.IGNORECASE)
        if noun is None or len(words) < 3 or not _is_title_case(text):
            return None
        if re.search(rf"(?:{self.words.bodies})$", text, re.IGNORECASE):
            # "Atlantic Policy Forum"
            return None
        return tuple(known.id for known in self.known if words <= known.title)

    def of_kind(self, noun: str) -> tuple[str, ...]:
        """Documents that are of the kind that a noun names, by their titles.

        Parameters
        ----------
        noun : str
            "plan".
        """
        kinds = _kinds().get(noun) or _kinds().get(noun.rstrip("s"), frozenset())
        return tuple(known.id for known in self.known if kinds & known.kinds)

    def by_state(self, text: str, noun: str = "") -> tuple[str, ...]:
        """Documents of the states that a text names; where a kind of document is named, of that kind if any is.

        Parameters
        ----------
        text : str
            Anything.
        noun : str
            What kind of document is spoken of; empty where none is.
        """
        if (text, noun) in self._states:
            return self._states[text, noun]
        made = self._states[text, noun] = self._by_state(text, noun)
        return made

    def _by_state(self, text: str, noun: str) -> tuple[str, ...]:
        named = {state.name for state, pattern in _state_patterns() if pattern.search(text)}
        words = set(re.findall(r"\w+", text))
        found = [
            known
            for known in self.known
            if (known.state is not None and known.state.name in named)
            or any(name in (text if is_han(name) else words) for name in known.proper)
        ]
        kind = set(self.of_kind(noun)) if noun else set()
        return tuple(known.id for known in [one for one in found if one.id in kind] or found)

    def names_state(self, text: str) -> bool:
        """Whether a text names a state."""
        return bool(state_name(text))

    def named_in(self, text: str) -> frozenset[str]:
        """Documents that a text may speak of: by name or kind, or by a state that is a subject or owns something.

        Parameters
        ----------
        text : str
            A sentence or more.
        """
        found: set[str] = set()
        for clause in re.split(r"[,;:—–(，；：]\s*|[.!?]\s+|\b(?:while|where|whereas)\s|\n", text):
            first = " ".join(clause.split()[:4]) if self.language == "en" else clause[:8]
            owners = " ".join(re.findall(r"[\w.]+['’]s?(?=\s)", clause))
            found.update(self.by_state(first), self.by_state(owners))
        for mention in self.han_mentions(text) if self.language == "zh" else self.mentions(text):
            found.update(mention.credit.documents or self.of_kind(mention.credit.noun))
        return frozenset(found)

    def by_issuer(self, text: str) -> tuple[str, ...]:
        """Documents whose issuer a text names."""
        bare = _bare(text)
        return tuple(known.id for known in self.known if any(name in bare for name in known.issuer))

    # Subjects

    def source(self, text: str, backwards: bool, human: bool = False) -> Credit | None:
        """The source that a clause names as its subject, in English.

        Parameters
        ----------
        text : str
            What stands before the verb, or behind it.
        backwards : bool
            Whether the part nearest to the verb is the last.
        human : bool
            Whether the verb is one that people speak with, so that an unknown subject is a person.
        """
        # "Ada Example (Reform) asked": what stands in brackets is no subject.
        text = re.sub(r"\s*\([^()]*\)|\bin [A-Z][a-z]+(?:ese|ish|ian|nch|ean)\b", "", text)
        parts = [part.strip() for part in re.split(r"[,;:–—()]\s*|\s-\s|[.!?]\s", text)]
        parts = [part for part in parts if part]
        ordered = parts[::-1] if backwards else parts
        for number, part in enumerate(ordered):
            if backwards and number + 1 < len(ordered) and _ASIDE.match(part):
                # "Ada Example, who has read the plan, said": what is said of the subject.
                continue
            found = self._part(part, backwards)
            if found is None:
                continue
            if number:
                found = replace(found, close=False)
            if found.kind == "person" and not re.search(r"[A-Z]", found.name) and number + 1 < len(ordered):
                # "Ada Example, a fellow at ..., said" and "said its chair, Ada Example": the name stands apart.
                named = self._part(ordered[number + 1], backwards)
                if named is not None and named.kind == "person" and named.name and _is_name(ordered[number + 1]):
                    return named
            if found.noun and re.search(r"(?<!\w)(?:its|their)\s", part, re.IGNORECASE):
                # "The council, in its report, ...": whose it is stands apart.
                for other in ordered[number + 1 :]:
                    owner = self._part(other, backwards)
                    if owner is not None and owner.kind == "document" and owner.name:
                        return owner
            return found
        unknown = next((part for part in ordered if part), "")
        if _ANYBODY.search(unknown):
            return None
        if human and 0 < len(unknown.split()) <= 6 and not re.search(r"\b(?:it|they|this|that)\b", unknown.casefold()):
            return Credit("person", unknown, explicit=True)
        return None

    def _part(self, part: str, backwards: bool) -> Credit | None:
        order = re.search(r"(?<!\w)[Tt]he (former|latter)$", part)
        if order is not None:
            return Credit("document", noun=order[1], close=True)
        written = re.search(r"(?<!\w)(?:authors|drafters|writers)(?!\w)", part)
        if written is not None and not self.mentions(part):
            return Credit("document")
        found = self.mentions(part)
        role, body = _last(self._role, part), _last(self._body, part)
        if found:
            last = found[-1 if backwards else 0]
            inside = role is None or any(other.start <= role.start() < other.end for other in found)
            alone = _ADVERBS.fullmatch(part[last.end :]) is not None
            # "a spokesman asked about the plan"
            apart = re.search(r"\b(?:about|on|of|to|for|against|over|with|from|by|at)\s+$", part[: last.start])
            # "The leader unveiled the plan and", "the plan's authors"
            before = role is not None and role.start() < last.start and not (backwards and alone and not apart)
            of_person = role is not None and (before or part[last.end : role.start()] in {"'s ", "’s "})
            if inside or not of_person:
                return replace(last.credit, close=alone and (backwards or last.start <= 4))
        if self._pronoun.search(part):
            return Credit("person", "")
        if re.search(r"(?<!\w)(?:it|they)(?:\s+(?:also|then|even|only|still|further|\w+ly))?$", part, re.IGNORECASE):
            return Credit("document", "")
        owned = (
            role is not None
            and body is not None
            and role.start() < body.start()
            and re.search(r"['’]s?\s", part[role.end() : body.start()])
            and not re.search(r"\b(?:of|at|for|in|from|with)\b", part[role.end() : body.start()])
        )
        if role is not None and not owned:
            head = re.split(r"\s(?:at|of|from|in|for|with|on)\s", part)[0]
            return Credit("person", _name(head) or head[-40:].strip(), explicit=True)
        # "Ada Example of the Example Forum"
        head = re.split(r"\s(?:of|at|from|with)\s", part)[0]
        alone = len(head.split()) in {2, 3} and len(_name(head).split()) >= 2 and not self._body.search(head)
        if alone and body is not None and body.start() > len(head):
            return Credit("person", _name(head), explicit=True)
        if body is not None:
            return self._named_body(_phrase_around(part, body.start(), body.end()))
        state = self.by_state(part)
        if state:
            return Credit("document", self.state_name(part), state, explicit=True)
        name = _name(part)
        if name and self.names_state(name):
            return Credit("document", name, (), explicit=True)
        alone = (
            " " not in name
            and part.startswith(name)
            and not re.fullmatch(
                rf"{re.escape(name)}(?:['’]s)?(?:\s+(?:also|then|later|has|had|himself|herself|once|\w+ly))*", part
            )
        )
        # A word that opens a sentence and is no name: "Down at the harbour".
        if (
            name
            and name.split()[0].casefold() not in self.words.openers
            and not alone
            and name not in self.words.common
        ):
            if name.isupper() and len(name) > 1:
                return Credit("document", name, self.by_issuer(name), explicit=True)
            return Credit("person", name, explicit=True)
        if re.search(r"(?<!\w)(?:it|they)(?!\w)", part, re.IGNORECASE):
            return Credit("document", "")
        return None

    def _named_body(self, name: str) -> Credit:
        """A body by its name: issuer of a document, or another source."""
        issued = self.by_issuer(name) or self.by_state(name)
        if issued:
            return Credit("document", name, issued, explicit=True)
        full = name
        if not re.search(r"[A-Z]", re.sub(r"^(?:The|An?|Its)\b", "", name)):
            # "the federation": by the full name that the article has elsewhere.
            noun = name.split()[-1].capitalize()
            longer = re.search(
                rf"(?:[A-Z][\w’'-]*\s+)*{re.escape(noun)}(?:\s+(?:of|for|on)\s+(?:the\s+)?[A-Z][\w-]*(?:\s+[A-Z][\w-]*)*)?",
                self.article,
            )
            full = longer[0] if longer is not None and len(longer[0].split()) > 1 else name
        # "The Example administration" may be the issuer of a document that speaks of it.
        words = set(re.findall(r"[A-Z]\w+", re.sub(r"^(?:The|An?|Its)\b", "", full)))
        told = {word for word in words if not self._body.fullmatch(word) and word not in self.words.common}
        of = tuple(known.id for known in self.known if told & known.names)
        return Credit("document", full, of if len(of) == 1 else (), explicit=bool(words) and not of)

    def state_name(self, text: str) -> str:
        """The state or other proper name of a document that a text names, as it names it."""
        found = state_name(text)
        proper = next((name for known in self.known for name in known.proper if name in text), "")
        return found or proper or text[-40:]

    def mentions(self, part: str) -> list[Mention]:
        """Documents that a text names, in English, in order; "the plan" among them.

        Parameters
        ----------
        part : str
            A sentence, or a part of one.
        """
        if part not in self._mentioned:
            self._mentioned[part] = tuple(self._find_mentions(part))
        return list(self._mentioned[part])

    def _find_mentions(self, part: str) -> list[Mention]:
        found: list[Mention] = []

        def free(start: int) -> bool:
            return not any(other.start <= start < other.end for other in found)

        for known in self.known:
            for called in known.called.finditer(part):
                if free(called.start()):
                    credit = Credit("document", called[0], (known.id,), explicit=True)
                    found.append(Mention(called.start(), called.end(), credit))
        for title in self._title.finditer(part):
            if any(title.start() < other.end and other.start < title.end() for other in found):
                continue
            opener = re.match(r"(?:The|Its|In|A|An|This|That|On|Under|By|Both|While|But|And|Of)\s+", title[0])
            for text in (title[0], title[0][opener.end() :] if opener else ""):
                named = self.titled(text) if len(title_words(text)) >= 2 else None
                if named is not None:
                    found.append(Mention(title.start(), title.end(), Credit("document", text, named, explicit=True)))
                    break
        for own in re.finditer(
            r"(?<!\w)[A-Z]\w+(?:['’]s|s['’])(?=\s*[,;.]|\s+(?:is|does|has|says|speaks|opens|contains|reads|asks)\b)",
            part,
        ):
            # "Southland's, by contrast"
            of = self.by_state(own[0])
            if of and free(own.start()):
                found.append(Mention(own.start(), own.end(), Credit("document", own[0], of, explicit=True)))
        for noun in self._noun.finditer(part):
            longer = noun["noun"][0].isupper() and re.match(r"\s+[A-Z]", part[noun.end() :])
            if free(noun.start()) and free(noun.end() - 1) and not longer:
                end, credit, owned = self._possessed(part, noun)
                found.append(Mention(noun.start(), end, credit, owned))
        for one in re.finditer(r"(?<!\w)[Tt]he (former|latter)(?!\w)(?!\s+[a-z]+\s+[A-Z])", part):
            found.append(Mention(one.start(), one.end(), Credit("document", noun=one[1], close=True)))
        return sorted(found, key=lambda item: item.start)

    def _possessed(self, part: str, noun: re.Match[str]) -> tuple[int, Credit, bool]:
        """The document that a noun with what stands before and behind it names: "the US plan", "a report by X"."""
        name, kind = noun[0], noun["noun"].casefold()
        kind = kind[:-1] if kind.endswith("s") and kind[:-1] in self.words.documents.split("|") else kind
        end = noun.end()
        issued = re.match(
            r"\s+(?:that|which)\s+((?:the\s+)?(?:[A-Z][\w.’'-]*\s+|(?:of|for|and|the)\s+)+)"
            r"(?:ha(?:s|ve|d)\s+)?(?:just\s+)?(?:published|issued|released|presented|adopted|wrote|launched|put|tabled|drafted)",
            part[end:],
        )
        if issued is not None and re.search(r"[A-Z]", issued[1]):
            body = self._named_body(issued[1].strip())
            whole = f"{name} that {issued[1].strip()} published"
            return end + len(issued[0]), replace(body, name=whole), False
        behind = (
            None
            if kind in _PARTS
            else re.match(
                r"\s+(by|of|from)\s+((?:the\s+)?(?:[A-Z][\w.’'-]*(?:\s+|(?=[,.;:)])|$)|(?:of|for|and|the)\s+)+)",
                part[end:],
            )
        )
        if behind is not None and re.search(r"[A-Z]", behind[2]):
            issuer = behind[2].strip()
            of = self.by_issuer(issuer) or self.by_state(issuer, kind)
            months = all(word.casefold() in self.words.openers for word in re.findall(r"[A-Z]\w+", issuer))
            if of or (behind[1] == "by" and not months):
                whole = f"{name} {behind[0].strip()}"
                return end + len(behind[0].rstrip()), Credit("document", whole, of, explicit=True), False
            if behind[1] == "of" and not months and noun["lead"].casefold() in {"a", "an", "the"}:
                body = self._named_body(issuer)
                whole = f"{name} {behind[0].strip()}"
                return end + len(behind[0].rstrip()), replace(body, name=whole), False
        before = name[: -len(noun["noun"])]
        of = self.by_issuer(before) or self.by_state(before, kind)
        if of:
            return end, Credit("document", name, of, explicit=True), False
        if self.names_state(before):
            return end, Credit("document", name, (), explicit=True), False
        owner = re.match(r"(?:[Tt]he\s+|[Ii]ts\s+)?(.*?)(?:['’]s|s['’])\s", before)
        if owner is not None and owner[1].casefold() not in {"it", "that", "there", "here", "what", "let"}:
            whose = self._named_body(owner[1])
            if not whose.documents and whose.name == owner[1] and not re.search(r"[A-Z]", owner[1]):
                # "the government's plan"
                return end, Credit("document", noun=kind), False
            kin = self.of_kind(kind)
            if not whose.documents and kin:
                # Its issuer may go by a name that the document does not have.
                return end, Credit("document", name, kin, explicit=len(kin) == 1), False
            if not whose.documents and re.match(r"[A-Z]", owner[1]) and not whose.explicit:
                return end, Credit("document", name), False
            return end, replace(whose, name=name if whose.name == owner[1] else f"{whose.name}: {name}"), False
        words = [word for word in re.findall(r"[A-Z]\w+", before) if word.casefold() not in self.words.openers]
        if words and not re.fullmatch(r"[\WA-Z]*", before):
            same = tuple(known.id for known in self.known if title_words(" ".join(words)) <= known.title)
            if same:
                return end, Credit("document", name, same, explicit=True), False
            # "the Southern appeal", "the Tarn Declaration"; of another name nobody is held to it.
            plainly = all(word in self.words.common for word in words)
            if noun["noun"][0].isupper() and not plainly:
                told = {word for word in words if word not in self.words.common}
                if not any(told & known.names for known in self.known) and not self.of_kind(kind):
                    return end, Credit("document", name, explicit=True), False
            return end, Credit("document", name, noun=kind, explicit=plainly), False
        lead = noun["lead"].casefold()
        if lead in {"a", "an"} and kind in self.words.apart:
            return end, Credit("document"), False
        return end, Credit("document", noun=kind), lead in {"its", "their", "his", "her", "a", "an", "our"}

    # Chinese

    def chinese(self, text: str) -> Credit | None:
        """The source that a sentence names as the subject of its verb, in Chinese: in the clause nearest to it.

        Parameters
        ----------
        text : str
            What stands before the verb.
        """
        sentence = re.split(r"[。！？\n]", text)[-1]
        for clause in reversed(re.split(r"[，；：、“”‘’「」\ufffc]", sentence)):
            found = self._han_clause(clause.strip()) if clause.strip() else None
            if found is not None:
                return found
        return None

    def _han_clause(self, clause: str) -> Credit | None:
        w = self.words
        titles = re.findall(r"《([^》]{2,60})》", clause)
        if titles:
            return self.han_title(titles[-1])
        noun = _last(re.compile(rf"(?:{w.documents})(?=(?:还|也|中|里|同时|并|则|就|又)*$)|(?:{w.plain})"), clause)
        if noun is not None and not self._names_person(clause[noun.end() :]):
            return self._han_document(clause[: noun.start()], noun[0])
        if re.search(r"[他她]", clause):
            return Credit("person", "")
        if self._names_person(clause):
            return Credit("person", self._han_name(clause), explicit=True)
        of = self.by_state(clause)
        if of or re.search(rf"(?:{w.bodies})(?:日前|近日|当天|还|也|则|周[一二三四五六日])*$", clause):
            return Credit("document", clause[-16:], of, explicit=bool(of))
        if re.search("文[中内末首]$|全文$|段中$", clause):
            return Credit("document")
        if clause in w.nobody:
            return None
        if self._person.fullmatch(clause) or re.fullmatch(rf"[{_HAN}]+·[{_HAN}·]+", clause):
            return Credit("person", clause, explicit=True)
        if re.search(r"(?:^|[^其])其$|^它", clause):
            return Credit("document", "")
        return None

    def _han_document(self, before: str, noun: str) -> Credit:
        """The document that a noun with what stands before it in its clause names."""
        named = before + noun
        of = self.by_state(before, noun)
        if of:
            return Credit("document", named[-12 - len(noun) :], of, explicit=True)
        owned = _last(re.compile(self.words.bodies), before) is not None or self.names_state(before)
        if not owned:
            return Credit("document", noun=noun)
        kin = self.of_kind(noun)
        return Credit("document", named[-24:], kin, explicit=len(kin) == 1 if kin else self.han_titles)

    def _names_person(self, clause: str) -> bool:
        return bool(re.search(rf"(?:{self.words.people})(?!们?的)", clause))

    def _han_name(self, clause: str) -> str:
        """The name of a person, behind a role if there is one."""
        role = _last(re.compile(rf"(?:{self.words.people})"), clause)
        behind = self._person.match(clause[role.end() :]) if role is not None else None
        if role is not None and behind is not None:
            return behind[0] if len(clause[role.end() :]) > 3 else clause[role.end() :][:3]
        return clause[-12:]

    def han_title(self, title: str) -> Credit:
        """The document of a Chinese title; another one's title is held to its name only where titles are Chinese."""
        named = self.titled(title)
        if not named:
            # Of a document whose own title is in another language only the kind can be told.
            noun = _last(re.compile(self.words.documents), title)
            foreign = {known.id for known in self.known if not known.han}
            kin = tuple(name for name in self.of_kind(noun[0]) if name in foreign) if noun is not None else ()
            if kin:
                return Credit("document", title, kin)
        return Credit("document", title, named or (), explicit=bool(named) or self.han_titles)

    def han_mentions(self, sentence: str) -> list[Mention]:
        """Documents that a sentence names, in Chinese, in order."""
        found = [Mention(m.start(), m.end(), self.han_title(m[1])) for m in re.finditer(r"《([^》]{2,60})》", sentence)]
        for noun in re.finditer(rf"(?:{self.words.plain})", sentence):
            if not any(other.start <= noun.start() < other.end for other in found):
                begun = max(sentence.rfind(mark, 0, noun.start()) for mark in "，；：。、“”") + 1
                credit = self._han_document(sentence[begun : noun.start()], noun[0])
                found.append(Mention(noun.start(), noun.end(), credit))
        return sorted(found, key=lambda item: item.start)


def _known(document: Document, article: str) -> _Known:
    entry = catalogue().get(document.id)
    title = document.title
    forms = [title, document.label, *re.split(r"\s*[:：—–|]\s*", title)]
    forms += [re.sub(r"\s*\(.*?\)", "", document.label), document.short]
    aliases = []
    for form in forms:
        bare = _bare(form)
        words = bare.split()
        if bare and (len(words) >= 2 or (is_han(form) and len(bare) >= 6)) and not bare.isdecimal():
            aliases.append(bare)
    issuer = [_bare(re.sub(r"^[Tt]he\s+", "", part)) for part in re.split(r"[,;]| and ", document.issuer)]
    # A state's own text names it; its issuer, country or title say so more plainly.
    said = " ".join((entry.country if entry is not None else "", document.issuer, title))
    state = next((state for state, pattern in _state_patterns() if pattern.search(said)), None)
    counts = Counter(re.findall(r"[A-Za-z][\w]+", document.body))
    of_id = re.findall(r"[a-z]+", document.id.casefold()) if entry is None else []
    titled = title_words(title) | title_words(document.label) | frozenset(of_id)
    proper = _proper(title, counts, of_id, article, state)
    opens = re.match(rf"([{_HAN}]{{2,6}}?)(?:关于|的|人工智能|国家|新一代)", title)
    if opens is not None and state is None:
        proper |= {opens[1]}
    if state is None and not proper:
        state = own_state([passage.text for passage in document.passages])
    han = "".join(re.findall(rf"[{_HAN}]+", title))
    kinds = {
        kind
        for word, named in _kinds().items()
        for kind in named
        if (word in titled if word.isascii() else han.endswith(word))
    }
    return _Known(
        document.id,
        frozenset(titled),
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
        frozenset(kinds),
        is_han(title),
    )


def _proper(
    title: str, counts: Counter[str], of_id: Sequence[str], article: str, state: State | None
) -> frozenset[str]:
    """Proper names in a document's title, or in the name of its file where the article has them as names."""
    nouns = set(words_of("en").documents.split("|"))
    found = {
        word
        for word in re.findall(r"\b[A-Z][a-z]\w+", title)
        if counts[word] >= 2 and not counts[word.lower()] and word.lower() not in _COMMON
    }
    inside = set(re.findall(r"\w+", article))
    found |= {w.capitalize() for w in of_id if len(w) > 3 and w.capitalize() in inside and w not in inside}
    # Names of the state are told with its other names.
    return frozenset(
        word for word in found if word.lower() not in nouns and (state is None or not state.pattern.search(word))
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


def is_han(text: str) -> bool:
    """Whether there is a Chinese character in a text."""
    return bool(re.search(rf"[{_HAN}]", text))


def is_generic(noun: str) -> bool:
    """Whether a noun may stand for a document of any kind."""
    return noun in _GENERIC


def _bare(text: str) -> str:
    """Words alone, in small letters, with one name for artificial intelligence."""
    words = re.sub(r"['’]s\b", " ", text).casefold()
    words = re.sub(r"artificial\s+intelligence(?:\s*\(ai\))?", "ai", words)
    return " ".join(re.findall(r"[\w+]+", words))


def title_words(text: str) -> frozenset[str]:
    """Words of a title by which it is told."""
    return frozenset(word for word in _bare(text).split() if word not in _COMMON)


def _is_title_case(text: str) -> bool:
    words = [word for word in re.findall(r"[A-Za-z][\w’'-]*", text) if word.casefold() not in _COMMON]
    return bool(words) and sum(word[0].isupper() for word in words) >= 0.9 * len(words)


def state_name(text: str) -> str:
    """The first state that a text names, as it names it; empty where it names none."""
    return next((found[0] for _, pattern in _state_patterns() if (found := pattern.search(text)) is not None), "")


_NAME = re.compile(r"[A-ZÀ-Ý][\w.’'-]*(?:\s+(?:(?:of|de|van|von|der|bin|al|el|la|the|for|and)\s+)*[A-ZÀ-Ý][\w.’'-]*)*")


def _is_name(text: str) -> bool:
    """Whether a part of a sentence is little else than a name."""
    name = _name(text)
    return bool(name) and len(text.split()) <= len(name.split()) + 3


def _name(text: str) -> str:
    """The last name of a part of a sentence, without words that only open it."""
    openers = words_of("en").openers
    best = ""
    for found in _NAME.finditer(text):
        words = found[0].split()
        while words and words[0].casefold() in openers:
            words = words[1:]
        name = re.sub(r"['’]s?$", "", " ".join(words))
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
