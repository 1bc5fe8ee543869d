"""A codebook gives topics that mean the same in every document and language, and a user's own is read or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND, SOUTHLAND_CHINESE

from compare.codebook import SHIPPED, Codebook, load_codebook
from compare.comparison import Comparison, compare
from compare.errors import OptionError

OWN = """
[[topics]]
id = "water"
label = "Harbours and fishing"
definition = "What happens on the water."
anchors = [
  "Fishing boats and harbours get new quays.", "The fleet must report its catch.",
  { en = "Vessels in the port are inspected." }, { en = "Sea pilots guide ships.", zh = "引航员引导船舶。" },
]
[[topics]]
id = "care"
label = "Clinics"
anchors = ["Nurses work in clinics.", "Doctors treat patients at home.", "Hospitals need beds.", "Midwives visit."]
[[topics]]
id = "machines"
label = "Artificial intelligence"
anchors = [
  "Models are trained on large computers.", "Algorithms must be tested for risk.", "Computing power is scarce.",
  "Data sets feed artificial intelligence.",
]
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_keeps_what_it_promises(name: str) -> None:
    book = load_codebook(name)
    assert len(book.topics) >= 20
    listed = [sentence for topic in book.topics for found in topic.anchors.values() for sentence in found]
    assert len(set(listed)) == len(listed), "an anchor stands twice"
    for topic in book.topics:
        assert topic.definition
        assert len(topic.anchors["en"]) >= 10
        assert len(topic.anchors["zh"]) >= 5


def test_topics_become_the_themes(home: object) -> None:
    found = compare([NORTHLAND, SOUTHLAND], codebook="ai-policy")
    labels = {topic.label for topic in load_codebook().topics}
    assert {theme.label for theme in found.theme_results} <= labels
    energy = next(theme for theme in found.theme_results if theme.topic and theme.topic.id == "energy")
    texts = " ".join(row.passage.text for row in found.rows if row.theme == energy.id).lower()
    assert "electric" in texts or "grid" in texts or "power" in texts
    assert all(0 <= theme.stability <= 1 for theme in found.theme_results)
    assert found.method["codebook"]["use"] == "topics are the themes"


def test_themes_that_are_found_say_which_topic_they_are_nearest_to(comparison: Comparison) -> None:
    assert all(theme.topic is not None and 0 < theme.topic.certainty <= 1 for theme in comparison.theme_results)
    assert len({theme.topic.id for theme in comparison.theme_results if theme.topic}) >= 4


def test_without_a_codebook_no_topic_is_told(home: object) -> None:
    found = compare([NORTHLAND, SOUTHLAND], codebook="none")
    assert all(theme.topic is None for theme in found.theme_results)
    assert found.method["codebook"] is None


def test_a_passage_is_on_the_same_topic_in_both_languages(home: object) -> None:
    found = compare([SOUTHLAND, SOUTHLAND_CHINESE], codebook="ai-policy")
    first, second = (d.id for d in found.texts)
    apart = [abs(theme.shares[first].value - theme.shares[second].value) for theme in found.theme_results]
    assert sum(apart) / 2 < 0.2
    assert not any(pair.difference.holds for theme in found.theme_results for pair in theme.differences)


def test_an_own_codebook(tmp_path: Path, home: object) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN, "utf-8")
    found = compare([NORTHLAND, SOUTHLAND], codebook=file)
    topics = {theme.id: theme.topic.id for theme in found.theme_results if theme.topic}
    assert set(topics.values()) == {"water", "care", "machines"}
    for topic, words in (("water", ("fishing", "vessel")), ("care", ("nurse", "clinic"))):
        own = [topics[row.theme] for row in found.rows if any(word in row.passage.text.lower() for word in words)]
        assert own.count(topic) > 0.7 * len(own)


def test_help_is_not_asked_of_a_codebook_on_another_subject(tmp_path: Path, home: object) -> None:
    subjects = ("bees", "goats", "barns", "mills", "looms")
    for name in ("one", "two"):
        lines = [f"# Of the farm, {name}"]
        for subject in subjects:
            lines.append(f"## On {subject}")
            lines += [
                f"Farmers keep {subject} near the village and mend what winter has broken.",
                f"The market for {subject} opens on the first day of spring.",
                f"Children learn from their grandparents how {subject} are looked after.",
            ]
        (tmp_path / f"{name}.md").write_text("\n\n".join(lines), "utf-8")
    found = compare([tmp_path / "one.md", tmp_path / "two.md"])
    assert found.method["codebook"]["use"] == "names only"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "2 to 100 tables"),
        ("topics = 3", "2 to 100 tables"),
        ("[[topics]", "not TOML"),
        ("\x00", "not TOML"),
        (OWN.replace('id = "care"', 'id = "water"'), "given twice"),
        (OWN.replace('id = "care"', 'id = "C are"'), "small letters"),
        (OWN.replace('label = "Clinics"', "label = 3"), "label must be a text"),
        (OWN.replace('label = "Clinics"', 'label = " "'), "label must be a text"),
        (OWN.replace('"Midwives visit."', "7"), "an anchor is a sentence"),
        (OWN.replace('"Midwives visit."', '""'), "empty"),
        (OWN.replace('"Midwives visit."', '{ fr = "Bonjour." }'), "an anchor is a sentence"),
        (
            OWN.replace('["Nurses work in clinics.", "Doctors treat patients at home.", "Hospitals need beds.",', "["),
            "3",
        ),
    ],
)
def test_what_is_no_codebook_is_refused_in_one_line(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "book.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(OptionError) as refused:
        load_codebook(file)
    message = str(refused.value)
    assert says in message and "\n" not in message and message.isprintable()


def test_a_missing_file_and_a_wrong_pair_of_options(tmp_path: Path, home: object) -> None:
    with pytest.raises(OptionError, match="cannot be read"):
        load_codebook(tmp_path / "none.toml")
    with pytest.raises(OptionError, match="give one of the two"):
        compare([NORTHLAND, SOUTHLAND], codebook="ai-policy", themes=5)


def test_sentences_fall_back_to_the_language_there_is() -> None:
    book: Codebook = load_codebook()
    assert {language for _, language, _ in book.sentences(["zh"])} == {"zh"}
    assert np.unique([topic for topic, _, _ in book.sentences(["zh"])]).size == len(book.topics)
