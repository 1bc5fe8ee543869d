"""Who is asked to do what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare.actors import NOBODY, actor_of, kinds
from compare.comparison import Comparison


@pytest.mark.parametrize(
    ("text", "actor"),
    [
        ("Led by the Harbour Ministry, draw up a register of cranes.", "government"),
        ("The Grid Authority shall connect reliable generators before all others.", "government"),
        ("Build a register of wrecks. [Coast Office, Ministry of Trade and Industry]", "government"),
        ("Operators must keep their logs for ten years.", "firms"),
        ("Where agencies use such systems, operators must keep logs.", "firms"),
        ("We encourage all parties to share what has worked.", "everyone"),
        ("Countries are invited to open their archives.", "everyone"),
        ("We call on universities to admit students from abroad.", "research"),
        ("Our allies should adopt the same controls.", "allies"),
        ("The United Nations should host the panel.", "international"),
        ("Towns may lend tools if they wish.", "local"),
        ("We will not rent our intelligence from strangers.", "we"),
        ("AI should serve the green transition.", NOBODY),
        ("Establish a fund for small boats.", NOBODY),
        ("鼓励企业开放数据。", "firms"),
        ("各国应当共同应对风险。", "everyone"),
        ("国家发展改革委要加强协调。", "government"),
        ("鼓励高校开设相关课程。", "research"),
        ("加强基础设施建设。", NOBODY),
    ],
)
def test_the_actor_of_a_sentence(text: str, actor: str) -> None:
    assert actor_of(text) == actor


def test_every_passage_that_asks_is_counted_once(comparison: Comparison) -> None:
    """Orders and encouragements of all actors are the passages that have an actor, document by document."""
    for document in comparison.texts:
        asked = [row for row in comparison.rows if row.document == document.id and row.actor is not None]
        counted = sum(
            actor.orders[document.id] + actor.encouragements[document.id] for actor in comparison.actor_results
        )
        assert counted == len(asked) > 0
        shares = sum(actor.shares[document.id].value for actor in comparison.actor_results)
        assert shares == pytest.approx(len(asked) / len(document.passages))


def test_evidence_of_an_actor_asks_it(comparison: Comparison) -> None:
    for actor in comparison.actor_results:
        for document, rows in actor.evidence.items():
            assert all(comparison.rows[row].document == document for row in rows)
            assert all(comparison.rows[row].actor == actor.id for row in rows)


def test_a_translation_asks_about_as_much_of_the_same(translated: Comparison) -> None:
    """No kind of actor has another share for sure in the same document in another language."""
    asked = translated.actor_results
    assert not [actor.id for actor in asked if any(pair.difference.holds for pair in actor.differences)]


@given(st.text(max_size=300))
def test_any_text_has_an_actor_or_nobody(text: str) -> None:
    assert actor_of(text) in {kind.id for kind in kinds()} | {NOBODY}
