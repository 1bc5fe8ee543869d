"""Terms and distinctive vocabulary."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from compare.comparison import Comparison
from compare.states import own_state, without_name
from compare.terms import Vocabulary, fold, in_english, terms
from compare.words import distinctive_terms, log_odds


def test_phrases_do_not_cross_punctuation_or_grammar() -> None:
    found = [folded for folded, _ in terms("Rivals, allies and the power grid: data centres.", "en")]
    assert "power grid" in found and "data centre" in found
    assert not {"rival ally", "grid data", "ally power"} & set(found)


def test_function_words_and_boilerplate_are_no_terms() -> None:
    assert terms("The government should ensure that these policies are developed.", "en") == []


def test_chinese_terms_are_whole_words() -> None:
    found = [folded for folded, _ in terms("推动智能体和算力网络发展，鼓励开源社区。", "zh")]
    assert "智能体" in found and "算力" in " ".join(found)
    assert "推动" not in found
    assert in_english("开源社区") != "开源社区"


def test_the_usual_form_is_shown() -> None:
    vocabulary = Vocabulary(["Open models matter.", "An open model; open models.", "NIST tests."], ["en"] * 3)
    assert vocabulary.printed("model") == "models"
    assert vocabulary.printed("nist") == "NIST"


@given(st.text(max_size=200), st.sampled_from(["en", "zh"]))
def test_any_text_has_terms_or_none(text: str, language: str) -> None:
    for folded, printed in terms(text, language):
        assert folded and printed.strip()


@given(st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_folding_keeps_the_stem(word: str) -> None:
    assert fold(word).startswith(word[: max(1, len(word) - 3)])


def test_log_odds_are_opposite_for_the_other_side() -> None:
    one, two = Counter(race=9, data=20, ally=3), Counter(share=9, data=21)
    there, back = log_odds(one, two), log_odds(two, one)
    assert set(there) == {"race", "data", "ally", "share"}
    for term, z in there.items():
        assert abs(z + back[term]) < 1e-9
    assert there["race"] > 1.96 and there["share"] < -1.96 and abs(there["data"]) < 1


def test_a_term_of_one_section_is_not_a_documents_vocabulary() -> None:
    texts = [
        "The race is on, a race of powers.",
        "We win the race and race again.",
        "Harbour cranes, harbour cranes, harbour cranes.",
    ]
    texts += ["Let us share gains.", "Sharing is our way to share.", "Share widely."]
    found = distinctive_terms(Vocabulary(texts, ["en"] * 6), [0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 5], ["en", "en"])
    named = {(item.term, item.document) for item in found}
    assert ("race", 0) in named
    assert not any("harbour" in term for term, _ in named)


def test_languages_are_not_compared_word_by_word() -> None:
    texts = ["Open data for all.", "Open data again.", "开放数据共享。", "数据开放。"]
    found = distinctive_terms(Vocabulary(texts, ["en", "en", "zh", "zh"]), [0, 0, 1, 1], [0, 1, 2, 3], ["en", "zh"])
    assert found and all(item.z is None for item in found)


def test_a_plan_is_known_by_the_state_it_names(main_job: Comparison) -> None:
    us, china = ([p.text for p in document.passages] for document in main_job.texts)
    state = own_state(us)
    assert state is not None and state.name == "United States of America"
    # An appeal to all countries names no state of its own.
    assert own_state(china) is None
    assert without_name("Allies of the United States build on American chips, not on Chinese ones.", state) == (
        "Allies of the country build on national chips, not on Chinese ones."
    )
