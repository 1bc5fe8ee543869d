"""The comparison as JSON, schema ``policy-compare/1``."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from compare.comparison import Comparison
from compare.inference import Difference, Interval
from compare.report.method import citation
from compare.results import Pairwise
from compare.validity import FIELDS

SCHEMA = "policy-compare/1"
# Digits after the point: more than a reader needs, fewer than different machines agree on.
_DIGITS = 4


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(value, _DIGITS) + 0.0


def interval(interval: Interval) -> dict[str, Any]:
    """A figure with its interval."""
    return {"value": _number(interval.value), "low": _number(interval.low), "high": _number(interval.high)}


def difference(difference: Difference, effect: bool) -> dict[str, Any]:
    """A difference of two documents; an effect size only where the figure is a mean."""
    made = {
        "value": _number(difference.value),
        "low": _number(difference.low),
        "high": _number(difference.high),
        "p": _number(difference.p),
        "q": _number(difference.q),
        "low_passages": _number(difference.low_passages),
        "high_passages": _number(difference.high_passages),
        "floor": _number(difference.floor),
        "holds": difference.holds,
    }
    if effect:
        made["effect"] = _number(difference.effect)
    return made


def _pairs(pairs: tuple[Pairwise, ...], effect: bool) -> list[dict[str, Any]]:
    return [{"first": p.first, "second": p.second, **difference(p.difference, effect)} for p in pairs]


def to_dict(comparison: Comparison) -> dict[str, Any]:
    """The comparison as dictionaries and lists, keys stable.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    """
    name = [row.id for row in comparison.rows]
    places: Sequence[tuple[float, ...]] = comparison.positions or ((),) * len(name)

    def ids(evidence: dict[str, tuple[int, ...]]) -> dict[str, list[str]]:
        return {document: [name[row] for row in rows] for document, rows in evidence.items()}

    return {
        "schema": SCHEMA,
        "documents": [
            {
                "id": d.id,
                "label": d.label,
                "title": d.title,
                "language": d.language,
                "basis": d.basis,
                "sha256": d.sha256,
                "sections": len(d.sections),
                "passages": comparison.counts(d).passages,
                "words": comparison.counts(d).words,
                "issuer": d.issuer,
                "date": d.date,
                "source": d.source,
                **({"members": list(d.members)} if d.members else {}),
            }
            for d in comparison.texts
        ],
        "findings": [
            {
                "kind": finding.kind,
                "subject": finding.subject,
                "holds": finding.holds,
                "text": finding.text,
                "evidence": {place.document: [name[row] for row in place.rows] for place in finding.places},
            }
            for finding in comparison.findings
        ],
        "passages": [
            {
                "id": row.id,
                "document": row.document,
                "section": list(row.passage.section),
                "page": row.passage.page,
                "page_label": row.passage.page_label,
                "last_page": row.passage.last_page,
                "paragraph": row.passage.paragraph,
                "lead_in": row.passage.lead_in or None,
                "start": row.passage.start,
                "end": row.passage.end,
                "text": row.passage.text,
                "theme": row.theme,
                "part": row.part,
                "weak": row.weak,
                "membership": _number(row.membership),
                "actor": row.actor,
                "map": list(place),
                "tone": {dimension: _number(value) for dimension, value in row.tone.items()},
            }
            for row, place in zip(comparison.rows, places, strict=True)
        ],
        "themes": [
            {
                "id": theme.id,
                "label": theme.label,
                "keywords": list(theme.keywords),
                "size": theme.size,
                "stability": _number(theme.stability),
                "joined": _number(theme.joined),
                "topic": None
                if theme.topic is None
                else {
                    "id": theme.topic.id,
                    "label": theme.topic.label,
                    "certainty": _number(theme.topic.certainty),
                },
                "shares": {document: interval(share) for document, share in theme.shares.items()},
                "difference": difference(theme.differences[0].difference, effect=False),
                "differences": _pairs(theme.differences, effect=False),
                "evidence": ids(theme.evidence),
                "parts": [
                    {
                        "id": part.id,
                        "label": part.label,
                        "size": part.size,
                        "shares": {document: interval(share) for document, share in part.shares.items()},
                        "evidence": ids(part.evidence),
                    }
                    for part in theme.parts
                ],
            }
            for theme in comparison.theme_results
        ],
        "tone": [
            {
                "id": tone.id,
                "label": tone.label,
                "poles": [pole.id for pole in tone.poles],
                "scores": {document: interval(score) for document, score in tone.scores.items()},
                "difference": difference(tone.differences[0].difference, effect=True),
                "differences": _pairs(tone.differences, effect=True),
                "evidence": ids(tone.evidence),
                "presence": {
                    pole.id: {
                        "label": pole.label,
                        "shares": {document: interval(share) for document, share in pole.shares.items()},
                        "difference": difference(pole.differences[0].difference, effect=False),
                        "differences": _pairs(pole.differences, effect=False),
                        "evidence": ids(pole.evidence),
                    }
                    for pole in tone.poles
                },
            }
            for tone in comparison.tone_results
        ],
        "tone_validity": {
            language: {item.dimension: {field: _number(getattr(item, field)) for field in FIELDS} for item in items}
            for language, items in comparison.validity.items()
        },
        "actors": [
            {
                "id": actor.id,
                "label": actor.label,
                "shares": {document: interval(share) for document, share in actor.shares.items()},
                "differences": _pairs(actor.differences, effect=False),
                "orders": actor.orders,
                "encouragements": actor.encouragements,
                "evidence": ids(actor.evidence),
            }
            for actor in comparison.actor_results
        ],
        "tone_by_theme": [
            {
                "theme": cell.theme,
                "dimension": cell.dimension,
                "first": cell.first,
                "second": cell.second,
                "means": {document: _number(mean.value) for document, mean in cell.means.items()},
                "difference": difference(cell.difference, effect=True),
                "evidence": ids(cell.evidence),
            }
            for cell in comparison.theme_tone_results
            if cell.told
        ],
        "words": [
            {
                "term": word.term,
                "document": word.document,
                "z": _number(word.z),
                "count": word.counts,
                "evidence": [name[row] for row in word.passages[:5]],
            }
            for word in comparison.word_results
        ],
        "word_meanings": [
            {
                "term": item.term,
                "first": item.first,
                "second": item.second,
                "distance": _number(item.distance),
                "p": _number(item.p),
                "q": _number(item.q),
                "passages": item.passages,
                "neighbours": {document: list(terms) for document, terms in item.neighbours.items()},
                "evidence": ids(item.evidence),
            }
            for item in comparison.meaning_results
        ],
        "counterparts": [
            {
                "passage": name[item.row],
                "document": item.document,
                "nearest": [{"passage": name[row], "similarity": _number(s)} for row, s in item.nearest],
                "silent": item.silent,
                "mutual": item.mutual,
            }
            for item in comparison.counterpart_results
        ],
        "silences": [
            {
                "document": item.document,
                "other": item.other,
                "theme": item.theme,
                "silent": item.silent,
                "passages": item.passages,
                "evidence": [name[row] for row in item.evidence],
            }
            for item in comparison.silences
        ],
        "stability": {
            "bootstrap_ari": _number(comparison.stability.bootstrap_ari),
            "seed_ari": _number(comparison.stability.seed_ari),
            "themes": comparison.stability.themes,
            "curve": [{"themes": k, "agreement": _number(v)} for k, v in comparison.stability.curve],
        },
        "method": {
            **comparison.method,
            "citation": citation(comparison),
            "map": {
                **comparison.method["map"],
                "trustworthiness": _number(comparison.method["map"]["trustworthiness"]),
            },
            "silence_threshold": {k: _number(v) for k, v in comparison.method["silence_threshold"].items()},
        },
        "notices": list(comparison.notices),
        **_collection(comparison),
    }


def _collection(comparison: Comparison) -> dict[str, Any]:
    """Documents that stand in groups; nothing without groups."""
    collection = comparison.collection
    if collection is None:
        return {}
    return {
        "group_field": collection.field,
        "members": [
            {
                "id": member.id,
                "label": member.label,
                "title": member.title,
                "group": member.side,
                "date": member.date,
                "passages": member.passages,
                "resampled": member.unit,
                "themes": {name: interval(figure) for name, figure in member.themes.items()},
                "poles": {name: interval(figure) for name, figure in member.poles.items()},
                "tone": {name: interval(figure) for name, figure in member.scores.items()},
            }
            for member in collection.members
        ],
        "trends": [
            {
                "kind": trend.kind,
                "id": trend.id,
                "group": trend.side,
                "documents": trend.documents,
                "slope": {name: _finely(value) for name, value in asdict(trend.slope).items()},
                "p": _number(trend.p),
                "q": _number(trend.q),
                "holds": trend.holds,
                "years": [
                    {"year": year.year, "documents": year.documents, **interval(year.figure)} for year in trend.years
                ],
            }
            for trend in collection.trends
        ],
        "distances": [
            {
                "kind": found.kind,
                "of": found.of,
                "ids": list(found.ids),
                "values": [_number(value) for value in found.values],
                "floor": _number(found.floor),
                "joins": [
                    {
                        "first": join.first,
                        "second": join.second,
                        "distance": _number(join.distance),
                        "size": join.size,
                        "support": _number(join.support),
                    }
                    for join in found.joins
                ],
                "order": list(found.order),
            }
            for found in collection.distances
        ],
        "set_aside": [{"name": item.name, "reason": item.reason} for item in collection.set_aside],
    }


def _finely(value: float) -> float:
    """A change in a year, which may be small beside the figure that changes."""
    return round(value, _DIGITS + 2) + 0.0


def render_json(comparison: Comparison) -> str:
    """The comparison as JSON text with a line break at its end.

    Parameters
    ----------
    comparison : Comparison
        What `compare.compare` gives.
    """
    return json.dumps(to_dict(comparison), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
