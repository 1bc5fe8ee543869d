"""Whom an article credits each of its quotations to, and where it speaks of documents itself.

The sentence around a quotation is read by its reporting verb: who stands before it, or behind it where the quotation
comes first. A name is held against the documents (`compare.sources`). What an article only implies ("the plan", "it")
is taken from what it named last, and marked as implied, so that nothing is founded on a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from compare.documents.sentences import sentence_spans
from compare.quotes import Quotation
from compare.sources import NOBODY, Credit, Mention, Sources, is_generic, is_han, state_name

# Characters of a clause that a subject may stand apart from its verb.
_REACH = 200
# Paragraphs that "he" and "the plan" may refer back.
_MEMORY = 3
# Words between a reporting verb and a quotation that it plainly introduces.
_CLOSE = 3
# Marks a state that stands for its documents where "it" says something.
_STATE = "state"
# Words between it and the next quotation, if it is that one's.
_NEXT = 8
_FILLED = re.compile(r"[\"'“‘„«「『]?\ufffc+[.,!?。，！？]?[\"'”’»」』]?")
_OPENING_MARKS = " \"'“‘„«「『"
_CITES = re.compile(r"(?:refer(?:s|red|ring)? to|point(?:s|ed|ing)? to|recall(?:s|ed)|invok(?:es|ed)|quot|cit)")
_CITED = re.compile(
    r"(?<!\bis )(?<!\bwas )(?<!\bare )(?<!\bbe )(?<!\bstill )(?<!\boften )(?:quot|cit)(?:es|ed|ing)\s+(?:from\s+)?"
    r"([^,;:]{2,80})[,;:]?\s*$"
)
_NEGATION = re.compile(r"\b(?:not|never|no)\b|n['’]t\b|不|没有|未")
# "does not say", "never speaks of": it is denied that the words are there.
_DENIED = re.compile(
    r"(?:\b(?:not|never|nowhere|hardly|without|cannot)|n['’]t)\s+(?:\w+ly\s+|even\s+|once\s+|ever\s+)?$"
)
# "is told to": who tells is not the subject.
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|gets?|got)\s+(?:\w+ly\s+|also\s+|not\s+|even\s+|then\s+|still\s+|often\s+)?$"
)
# A sentence in Chinese that only says who has just spoken.
_HAN_TAG = re.compile(
    r"[^“”「」《》。！？\ufffc]{1,60}?(?:告诉[^，。“”]{1,8}|在[^，。“”]{1,10}说|说|表示|称|问道|写道|感叹|坦言|直言|笑言|回忆|认为|指出|反问|笑|答|叹)"
    r"(?:道)?(?:[。！？]|，\s*(?=[“「]))"
)


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
        # The paragraph up to the sentence that is read.
        self.context = self.sentence = ""
        self.sentences: list[Sentence] = []
        self.spoke: tuple[Credit, int] | None = None

    def read(self) -> list[Credit]:
        """Credits of all quotations."""
        outer = [n for n, item in enumerate(self.quotations) if item.depth == 0]
        titles = {n for n in outer if self._is_title(n)}
        for n in titles:
            self.credits[n] = Credit("title", self.quotations[n].text, self._titled(n) or ())
        self.masked = self._masked([n for n in outer if n not in titles])
        for number, (start, end) in enumerate(_paragraph_spans(self.text)):
            inside = [n for n in outer if start <= self.quotations[n].start < end and n not in titles]
            self._paragraph(start, end, inside, number)
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

    def _paragraph(self, start: int, end: int, inside: Sequence[int], number: int) -> None:
        for first, last in self._sentence_spans(start, end):
            own = [n for n in inside if first <= self.quotations[n].start < last]
            self.context = self.masked[start:last]
            self.sentence = self.masked[first:last]
            # Before its own quotations are read: "the document" is none that the sentence names further on.
            named = self._spoken_of(self.sentence, number)
            before: Credit | None = None
            for position, n in enumerate(own):
                credit = self._credit(first, last, own, position, before)
                if credit is None:
                    credit = self._carried(n, start, first, last, number)
                if _is_it(credit):
                    begun = self.quotations[own[position - 1]].end if position else first
                    credit = self._it(begun, n, before) or credit
                credit = self._resolved(credit, number)
                before = credit = replace(credit, rivals=self._rivals(credit, start, first, last, n))
                self.credits[n] = credit
                if credit.kind != "unknown":
                    self.spoke = credit, number
                self._nested(n, number)
            self._describe(first, last, own, named)
            self._remember(self.sentence, number)

    def _rivals(self, credit: Credit, start: int, first: int, last: int, n: int) -> tuple[str, ...]:
        """Documents that are named beside the one credited: in the sentence, or since the source was named.

        An accusation needs that the words cannot be meant to be another's.
        """
        sentence = self.masked[first:last]
        scope = sentence if credit.name and credit.name in sentence else self.masked[start:last]
        if self.quotations[n].mark == ">":
            scope = self.masked[max(0, self.masked.rfind("\n\n", 0, max(0, start - 2))) : last]
        return tuple(sorted(self.sources.named_in(scope) - set(credit.documents)))

    def _it(self, begun: int, n: int, before: Credit | None) -> Credit | None:
        """What "it" stands for in its own sentence: the document named last, or the source of the quotation before."""
        head = self.masked[begun : self.quotations[n].start]
        named = [] if re.match(r"\W*(?:Unlike|Compared|In contrast|Whereas)\b", head) else self._mentions(head)
        named = [mention for mention in named if not _is_it(mention.credit)]
        if not named:
            return before if before is not None and before.kind == "document" else None
        return named[-1].credit if named[-1].credit.name else self._owned(named[-1], head)

    def _sentence_spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """Sentences of a paragraph; what only goes on, or only says who spoke, belongs to the sentence before it."""
        paragraph = self.masked[start:end]
        made: list[tuple[int, int]] = []
        for first, last in sentence_spans(paragraph, self.sources.language):
            words = paragraph[first:last].lstrip("\"'”’»」』 ")
            goes_on = words[:1].islower() or not words
            if made and self.sources.language == "zh":
                ended = (
                    paragraph[: made[-1][1]].rstrip()[-1:] in '”』」’"'
                    or "\ufffc" in paragraph[made[-1][1] - 2 : first + 2]
                )
                goes_on = goes_on or (ended and _HAN_TAG.match(words) is not None)
            if made and goes_on:
                made[-1] = (made[-1][0], last)
            else:
                made.append((first, last))
        return [(start + first, start + last) for first, last in made]

    # The sentence around a quotation

    def _credit(self, first: int, last: int, own: Sequence[int], position: int, before: Credit | None) -> Credit | None:
        """The source that the sentence itself names for one of its quotations."""
        item = self.quotations[own[position]]
        if (
            self.sources.language == "zh"
            and item.end - item.start <= 6
            and is_han(self.text[item.end + 1 : item.end + 2])
        ):
            # "认为“某词”才是": a term in the words of another.
            return NOBODY
        begun = first if position == 0 else self.quotations[own[position - 1]].end + 1
        head = self.masked[begun : item.start].rstrip(_OPENING_MARKS)
        until = self.quotations[own[position + 1]].start if position + 1 < len(own) else last
        led, apart = self._led(self.masked[first:begun], head)
        if led is not None and apart <= _CLOSE:
            return led
        tail = self.masked[item.end : until]
        followed = self._followed(tail, item, until < last)
        if led is None and followed is None and until < last and not position:
            # "“To act,” Washington said the first step is “to pay”": for want of another, the verb is of both.
            both = self._followed(tail, item, False)
            followed = None if both is None else replace(both, explicit=False)
        if followed is not None and (led is not None or position == 0 or not re.sub(r"\b(?:and|or)\b|\W", "", head)):
            return followed
        if led is not None:
            return led
        if position and self._mentions(head):
            return self._named(head)
        if before is not None and before.kind != "unknown":
            # Another clause may have another source.
            same = len(head.split()) <= _NEXT and not _NEGATION.search(head) and not re.search(r"[;—–]", head)
            return replace(before, explicit=before.explicit and same)
        if followed is not None:
            return followed
        return self._named(self.masked[first : item.start])

    def _led(self, earlier: str, head: str) -> tuple[Credit | None, int]:
        """By a verb before the quotation, since the last one; and how many words stand between them.

        Parameters
        ----------
        earlier, head : str
            The sentence up to the last quotation before, and from there on.
        """
        sources = self.sources
        verbs = [verb for verb in sources.words.verbs.finditer(head) if not _PASSIVE.search(head[: verb.start()])]
        # Quotations before are no part of the clause that names the speaker.
        whole = _FILLED.sub(" ; " if sources.language == "en" else "，", earlier)
        if sources.language == "zh":
            if re.search(r"(?:一句|一段|一条|一点|表述|提法|字样)(?:是|为|话)?[：:，]?\s*$", head):
                return Credit("document"), 0
            if not verbs:
                return None, 0
            return sources.chinese(whole + head[: verbs[-1].start()]), len(head) - verbs[-1].end()
        according = re.search(r"(?:[Aa]ccording to|[Ii]n the words of) ([^,;]+)", head)
        if according is not None:
            return sources.source(according[1], False), 0
        cited = _CITED.search(head)
        if cited is not None:
            return sources.source(cited[1], False), 0
        said = self._said(head)
        if said is not None:
            return said, 0
        if head.rstrip().endswith(":") and not (verbs and len(head[verbs[-1].end() :].split()) <= _CLOSE):
            found = sources.source(whole + head, True)
            if found is not None and (found.noun or re.search(r"[A-Z]", found.name)):
                return found, _CLOSE + 1
        if not verbs:
            return None, 0
        verb = verbs[-1]
        between = head[verb.end() :]
        denied = _DENIED.search(head[: verb.start()]) is not None
        if denied and len(between.split()) > _CLOSE:
            # "which the plan does not contain - and by the hope that"
            return None, 0
        human = sources.words.human.fullmatch(verb[0]) is not None
        found = sources.source((whole + head[: verb.start()])[-_REACH:], True, human)
        if found is None or found.kind == "person":
            # "She referred to the notice, where a use": the words are the notice's.
            named = sources.mentions(between)
            if named and (
                _CITES.match(verb[0])
                or re.match(
                    r"\W*(?:where|which|that|whose|(?:in|under|by|of|from|to|on|with) which)\b",
                    between[named[-1].end :],
                )
            ):
                return named[-1].credit, 0
        if denied and found is not None:
            found = replace(found, explicit=False)
        return found, len(between.split()) if not between.rstrip().endswith(":") else 0

    def _said(self, head: str) -> Credit | None:
        """Words that are somebody's: "the plan's sentence", "the promise in the plan that"; English."""
        found = re.search(
            rf"(?P<whose>[\w.’'-]+['’]s?\s+(?:\w+\s+)?)?(?<![\w-])(?:{self.sources.words.said})(?![\w-])"
            r"(?P<of>\s+(?:in|of|from)\s+[^,;:]{2,80}?)?\s*(?:that|,|:)?\s*$",
            head,
        )
        if found is None:
            return None
        named = self.sources.mentions(head[max(0, found.start() - 60) : found.end("whose")]) if found["whose"] else []
        if found["of"]:
            named = self.sources.mentions(found["of"]) or named
        if named:
            return named[-1].credit
        if found["whose"] or found["of"]:
            return self.sources.source(found["whose"] or found["of"], True)
        return (
            Credit("document")
            if re.search(r"(?<![\w-])(?:the|its|their|this|that)\s+(?:\w+\s+)?$", head[: found.start()])
            else None
        )

    def _followed(self, tail: str, item: Quotation, goes_on: bool) -> Credit | None:
        """By a verb behind the quotation; `goes_on` where another quotation follows."""
        sources = self.sources
        close = re.match(r"[\"'”’»」』]?\s*[.;。；]", tail)
        tail = tail.lstrip(" \"'”’»」』》,，.-–—。")
        if sources.language == "zh":
            # "“...。”某某说": without a stop the quotation is a part of what follows.
            if item.text.rstrip()[-1:] not in "。！？，…" and not tail.startswith(("，", ",")) and close is None:
                after = self.text[item.end + 1 : item.end + 2]
                if after not in "，,":
                    return None
            verb = sources.words.verbs.search(tail[:60])
            if verb is None or not verb.start():
                return None
            if "，" in tail[: verb.start()][:-1] and not sources.words.human.fullmatch(verb[0]):
                return None
            behind = tail[verb.end() :]
            split = item.text.rstrip()[-1:] in "。！？，…" and close is None
            if goes_on and not split and not re.match(r"[^，。]{0,6}。", behind):
                return None
            return sources.chinese(tail[: verb.start()]) or Credit("person", tail[: verb.start()][-12:], explicit=True)
        if close is not None and close[0].rstrip()[-1] == ";":
            return None
        if re.match(
            r"(?:which|that|who|where|when|and|but|or|in|to|of|for|on|with|found|as part|while|whereas)\b", tail
        ):
            return None
        given = re.match(rf"(?:was|is|were|are)\s+the\s+(?:\w+\s+)?(?:{sources.words.given})\s+of\s+([^.;]+)", tail)
        if given is not None:
            return sources.source(re.split(r"\s(?:on|about|when|after)\s", given[1])[0], False)
        according = re.match(r"according to ([^,;]+)", tail)
        if according is not None:
            return sources.source(according[1], False)
        verb = sources.words.verbs.search(tail)
        if verb is None or verb.start() > _REACH:
            return None
        behind = tail[verb.end() :]
        if goes_on and verb.start() and not re.search(r"[,.:]", behind) and len(behind.split()) <= _NEXT:
            # The verb of the next quotation.
            return None
        subject = re.sub(r"^as\s+", "", tail[: verb.start()].strip())
        human = sources.words.human.fullmatch(verb[0]) is not None
        if subject:
            return sources.source(subject, False, human and len(subject.split()) <= 8)
        named = re.split(r"[.;]", behind)[0]
        if re.match(
            rf"\s*(?:a|the|its|one|another)\s+(?:\w+\s+)?(?:{sources.words.said}|section|part|article)\b", named
        ):
            # "runs a clause in the appeal"
            inside = sources.mentions(named)
            inside = [mention for mention in inside if not _is_it(mention.credit)]
            if inside:
                return inside[-1].credit
        named = re.split(r"\s(?:in|on|at|last|after|when|during)\s", named)[0]
        return sources.source(named, False, human)

    def _named(self, head: str) -> Credit | None:
        """By the nearest document that the sentence names before the quotation; states and bodies only hint at one."""
        sources = self.sources
        # "a report on this" is no source
        named = [mention for mention in self._mentions(head) if not _is_it(mention.credit)]
        if named:
            last = named[-1].credit if named[-1].credit.name else self._owned(named[-1], head)
            between = head[named[-1].end :]
            near = len(between.split()) <= _NEXT and not _NEGATION.search(between)
            return replace(last, explicit=last.explicit and near and bool(last.documents or not last.name))
        of = sources.by_state(head)
        return Credit("document", state_name(head) or head.strip()[-30:], of) if of else None

    def _mentions(self, sentence: str) -> list[Mention]:
        zh = self.sources.language == "zh"
        return self.sources.han_mentions(sentence) if zh else self.sources.mentions(sentence)

    def _owned(self, mention: Mention, sentence: str) -> Credit:
        """A document that is somebody's who is named in the sentence: "Northland ... its plan"."""
        of = self.sources.by_state(sentence, mention.credit.noun) if mention.owned else ()
        if not of:
            return mention.credit
        owner = self.sources.state_name(sentence)
        return Credit("document", _whose(owner, mention.credit.noun), of, explicit=True)

    # What is said elsewhere

    def _carried(self, n: int, start: int, first: int, last: int, number: int) -> Credit | None:
        """By who spoke last: in the paragraph, or in the one before where this one opens with the quotation."""
        item = self.quotations[n]
        if item.mark == ">":
            return self._introduced(start, item.end, number)
        above = self.masked[start : item.start - 1]
        spoke = self.spoke[0] if self.spoke is not None and self.spoke[1] == number else None
        if spoke is None:
            # A person who is spoken of, and then a quotation that stands alone.
            for person, _ in reversed(self.people):
                if person.name and person.name.split()[-1] in above:
                    return replace(person, explicit=False)
        pronoun = re.search(r"(?:^|[.!?]\s+)(?:He|She)\b[^.!?]*[.!?]?\W*$", above)
        if spoke is None and self.people and pronoun is not None:
            spoke = self.people[-1][0]
        if spoke is None and self.spoke is not None and not above.strip() and number - self.spoke[1] <= 2:
            spoke = self.spoke[0] if self.spoke[0].kind == "person" else None
        if spoke is None:
            return None
        rest = self.masked[first : item.start] + self.masked[item.end : last]
        if spoke.kind == "person" and len(item.text.split()) <= 3 and any(map(str.isalpha, rest)):
            # A term in a sentence of the article's own.
            return None
        return replace(spoke, explicit=False)

    def _introduced(self, start: int, end: int, number: int) -> Credit | None:
        """A block quotation is signed below it, or introduced by the sentence before it."""
        signed = re.match(r"\s*\n\s*[—–-]+\s*([^\n]{1,120})|\s*\(([^()\n]{3,120})\)", self.text[end:])
        if signed is not None:
            zh = self.sources.language == "zh"
            name = signed[1] or signed[2]
            return self.sources.chinese(name) if zh else self.sources.source(name, False)
        above = self.masked[:start].rstrip()
        begun = above.rfind("\n") + 1
        spans = self._sentence_spans(begun, len(above)) if above[begun:] else []
        sentence = above[spans[-1][0] :] if spans else above[begun:]
        found = self._led("", sentence)[0] or self._named(sentence)
        said = re.match(r"\s*(?:So|Thus)\s+(?:says|said|reads|runs|goes|ran|wrote)\s+([^.;]{3,100})", self.text[end:])
        if found is None and said is not None:
            return self.sources.source(said[1], False)
        if found is None:
            found = self._named(above[begun:])
        if found is None and self.spoke is not None and self.spoke[1] >= number - 1:
            return replace(self.spoke[0], explicit=False)
        return found

    def _resolved(self, credit: Credit | None, number: int, keep: bool = True) -> Credit:
        """A pronoun, or "the plan", as what was named last, or as the only document of its kind."""
        return NOBODY if credit is None else replace(self._stands_for(credit, number, keep), close=credit.close)

    def _stands_for(self, credit: Credit, number: int, keep: bool) -> Credit:
        if credit.name or credit.documents:
            if credit.noun and not credit.documents:
                # "the Southern text"
                of = self.sources.of_kind(credit.noun)
                credit = replace(
                    credit, documents=of if len(of) == 1 else (), explicit=credit.explicit and len(of) == 1
                )
            if not keep:
                return credit
            if credit.kind == "person":
                credit = self._full(credit)
                self.people.append((credit, number))
            elif credit.explicit:
                self.documents.append((credit, number))
            return credit
        known = self.people if credit.kind == "person" else self.documents
        named = [item for item in known if number - item[1] <= _MEMORY]
        if credit.noun in {"former", "latter"}:
            # Both were named plainly, if in one sentence.
            plain = [(replace(item, explicit=True), at) for item, at in named[::-1] if item.documents]
            two = list({item.documents: (item, at) for item, at in plain}.values())[:2][::-1]
            named = two[:1] if len(two) == 2 and credit.noun == "former" else two[-1:]
        elif credit.noun and not is_generic(credit.noun):
            noun = credit.noun
            kind = re.compile(rf"(?<!\w){re.escape(noun)}s?(?!\w)" if noun.isascii() else re.escape(noun))
            of = self.sources.of_kind(noun)
            same = [item for item in named if kind.search(item[0].name.casefold()) or set(item[0].documents) & set(of)]
            if not same and of:
                # In a paragraph on another state "the plan" may be that one's, which is not at hand.
                paragraph = self.context
                foreign = self.sources.names_state(paragraph) and not set(self.sources.by_state(paragraph)) & set(of)
                certain = len(of) == 1 and not foreign
                return Credit("document", f"the {noun}" if noun.isascii() else noun, of, explicit=certain)
            if not same and noun in self.sources.words.apart:
                return Credit("document", f"the {noun}", explicit=True)
            if not same:
                # "its strategy", of whom alone the paragraph has spoken
                whose = self.sources.by_state(self.context, noun)
                if len(whose) == 1:
                    owner = self.sources.state_name(self.context)
                    return Credit("document", _whose(owner, noun), whose, explicit=True)
            inside = self.sources.by_state(self.sentence, noun)
            if len(inside) == 1 and same and inside[0] not in same[-1][0].documents:
                # "Japan will act, the plan said"
                return Credit("document", _whose(self.sources.state_name(self.sentence), noun), inside)
            # "The strategy" may be what was called a plan just now.
            named = same or [(replace(item, explicit=False), at) for item, at in named if at == number]
        if not named:
            return Credit(credit.kind)
        last, where = named[-1]
        if credit.noun and last.documents and last.documents == self.sources.of_kind(credit.noun):
            # The only one of its kind is plain, whatever stands beside it.
            last = replace(last, explicit=len(last.documents) == 1 or last.explicit)
        return replace(last, explicit=last.explicit and where >= number - 1)

    def _full(self, credit: Credit) -> Credit:
        """A family name as the full name that was told before."""
        if " " in credit.name:
            return credit
        return next((item for item, _ in reversed(self.people) if credit.name in item.name.split()), credit)

    def _remember(self, sentence: str, number: int) -> None:
        """Which document a sentence names, for those that follow."""
        mentions = self._mentions(sentence)
        subject = re.split(r"[,;:，；：]|\s(?:has|have|had|is|was|says|said)\s", sentence.strip(), maxsplit=1)[0]
        of = self.sources.by_state(subject) if len(subject) <= 30 and not self._mentions(subject) else ()
        if of:
            # "Italy, whose strategy is older, ..."
            state = Credit("document", self.sources.state_name(subject), of, explicit=True, noun=_STATE)
            self.documents.append((state, number))
            mentions = [mention for mention in mentions if mention.credit.name]
        named = []
        for mention in mentions:
            credit = mention.credit if mention.credit.name else self._owned(mention, sentence)
            if credit.name:
                named.append(self._resolved(credit, number, keep=False))
        # Of two documents in one sentence, which one "it" is does not stand there.
        several = len({credit.documents for credit in named}) > 1
        self.documents += [(replace(credit, explicit=credit.explicit and not several), number) for credit in named]

    def _nested(self, outer: int, number: int) -> None:
        """Quotations in another one are credited where its words say so, else to whom the outer one is credited."""
        around = self.quotations[outer]
        for n in range(outer + 1, len(self.quotations)):
            item = self.quotations[n]
            if item.start >= around.end:
                break
            if item.depth != around.depth + 1:
                continue
            if self._is_title(n):
                self.credits[n] = Credit("title", item.text, self._titled(n) or ())
                continue
            head = self.text[around.start : item.start].rstrip(_OPENING_MARKS)
            sentence = re.split(r"[.!?。！？]\s*(?=\S)", head)[-1]
            found = self._led("", sentence)[0] or self._followed(self.text[item.end : around.end], item, False)
            if found is None and sentence.endswith((":", "：")) and re.search(r"\b[Ii]t\b|这里|上面", sentence):
                found = Credit("document")
            if found is not None and (found.kind == "document" or found.name):
                self.credits[n] = self._resolved(found, number)
            else:
                self.credits[n] = self.credits[outer]
            self._nested(n, number)

    # Sentences on documents

    def _spoken_of(self, sentence: str, number: int) -> list[Mention]:
        """Documents that a sentence names, each as what it stands for."""
        found = self._mentions(sentence)
        if self.sources.language == "en" and re.match(r"It\s", sentence):
            found.insert(0, Mention(0, 2, Credit("document")))
        credits = [m.credit if m.credit.name else self._owned(m, sentence) for m in found]
        made = [replace(m, credit=self._resolved(c, number, keep=False)) for m, c in zip(found, credits, strict=True)]
        # A state is no document: "China has many chips. It ..."
        return [m for m in made if m.credit.noun != _STATE]

    def _describe(self, first: int, last: int, own: Sequence[int], found: Sequence[Mention]) -> None:
        """Keep a sentence that speaks of documents in the article's own words."""
        sentence = self.masked[first:last]
        credits = [self.credits[n] for n in own]
        if any(credit.kind == "person" for credit in credits) or sum(map(str.isalpha, sentence)) < 8:
            return
        teller = self._led("", sentence)[0]
        if teller is not None and teller.kind == "person":
            return
        if found and not (found[0].credit.explicit and found[0].credit.documents):
            # What "the plan" stands for must be plain, or another one is taken for it.
            return
        about = [mention.credit for mention in found if mention.credit.explicit]
        about += [credit for credit in credits if credit.kind == "document" and credit.explicit]
        told = tuple(dict.fromkeys(credit.documents for credit in about if credit.documents))
        if told:
            about = [next(credit for credit in about if credit.documents == ids) for ids in told]
            bare = list(sentence)
            names = [(m.start, m.end) for m in found]
            quoted = [item for item in self.quotations if item.depth == 0 and first <= item.start < last]
            for begun, until in [*names, *((item.start - first, item.end - first) for item in quoted)]:
                bare[begun:until] = "\ufffc" * (min(until, len(bare)) - begun)
            self.sentences.append(Sentence(first, last, "".join(bare), tuple(about)))


def _whose(owner: str, noun: str) -> str:
    """A document by its owner: "Northland's plan", "the Chinese plan"."""
    if not noun.isascii():
        return f"{owner}{noun}"
    return f"the {owner} {noun}" if re.search(r"(?:an|ese|ish|ch|ean)$", owner) else f"{owner}'s {noun}"


def _is_it(credit: Credit | None) -> bool:
    return credit is not None and credit.kind == "document" and not (credit.name or credit.noun or credit.documents)


def _paragraph_spans(text: str) -> Iterator[tuple[int, int]]:
    for paragraph in re.finditer(r"[^\n]*\S[^\n]*", text):
        yield paragraph.start(), paragraph.end()
