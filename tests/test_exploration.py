"""Questions that an analyst asks of a comparison in Python."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import NORTHLAND, SOUTHLAND

import compare
from compare.comparison import Comparison
from compare.errors import PolicyCompareError
from compare.frames import Passages
from compare.report.tables import FRAMES


def test_documents_and_themes_by_what_tells_them_apart(main_job: Comparison) -> None:
    us, china = main_job.texts
    assert main_job.document("us-ai") == main_job.document("US plan") == main_job.document("race") == us
    assert main_job.document(china.id) == china
    # The beginning of a word goes before a part of one: "trust" has "us" in it as well.
    renamed = replace(main_job, texts=(us, replace(china, title="A Trusted World")))
    assert renamed.document("us") == us and renamed.document("rusted").id == china.id
    first = main_job.theme_results[0]
    assert main_job.theme("t01") == main_job.theme("1") == main_job.theme(first.label.upper()) == first
    assert "xport" in main_job.theme("export controls").label
    for ask in (main_job.document, main_job.theme):
        with pytest.raises(PolicyCompareError, match="stands for no"):
            ask("fisheries \x1b[31m")
        with pytest.raises(PolicyCompareError, match=r"stands for \d+"):
            ask("a")
        with pytest.raises(PolicyCompareError):
            ask("")


def test_between_two_documents_either_way_round(main_job: Comparison) -> None:
    one, other = main_job.between("us", "china"), main_job.between("china", "us")
    assert len(one) == len(main_job.differences) and one.index.equals(other.index)
    assert (one["value"] == -other["value"]).all() and (one["low"] == -other["high"]).all()
    assert (one["q"] == other["q"]).all() and one["holds"].equals(other["holds"])
    assert one.loc[("pole", "rivalry"), "value"] > 0
    with pytest.raises(PolicyCompareError, match="name two documents"):
        main_job.between("us", "US plan")


def test_passages_by_meaning(main_job: Comparison) -> None:
    found = main_job.search("Limits on selling advanced chips to hostile states", 5)
    us, china = (d.id for d in main_job.texts)
    assert len(found) == 5 and set(found["document"]) == {us}
    assert found["similarity"].is_monotonic_decreasing
    assert found["theme_label"].str.contains("xport").sum() >= 2
    assert found.index.isin(main_job.passages.index).all()
    other = main_job.search("Limits on selling advanced chips to hostile states", 3, document="china")
    assert set(other["document"]) == {china}
    # The words of a passage find that passage first, wherever it stands.
    row = main_job.rows[300]
    assert main_job.search(row.passage.text, 1).index.tolist() == [row.id]
    for text, most in (("", 3), ("chips", 0)):
        with pytest.raises(PolicyCompareError, match="give a text"):
            main_job.search(text, most)


def test_passages_narrowed_down(main_job: Comparison) -> None:
    passages = main_job.passages
    us, china = (d.id for d in main_job.texts)
    own = passages.select(document="us")
    assert isinstance(own, Passages) and set(own["document"]) == {us}
    assert len(own) + len(passages.select(document="china")) == len(passages)
    themes = [passages.select(theme=theme.id) for theme in main_job.theme_results]
    assert [len(found) for found in themes] == [theme.size for theme in main_job.theme_results]
    assert set(passages.select(document="us", page=(20, 21))["page_label"]) == {"20", "21"}
    assert set(passages.select(page=7)["document"]) == {us}
    assert set(passages.select(page="Point 4")["page_label"]) == {"point 4"}
    assert passages.select(section="ENERGY")["section"].str.contains("nergy").all()
    rivals = passages.select(tone="rivalry")
    assert 0 < len(rivals) == sum("rivalry" in row.poles for row in main_job.rows)
    shares = main_job.poles.set_index(["pole", "document"])["share"]
    assert len(rivals.select(document="us")) / len(own) == pytest.approx(shares["rivalry", us])
    asked_of_all = passages.select(actor="all countries")
    assert len(asked_of_all) == (passages["actor"] == asked_of_all["actor"].iloc[0]).sum() > 0
    # Narrowing goes on from what was narrowed, and so does searching.
    asked = rivals.select(document="us").search("chips sold to adversaries", 3)
    assert len(asked) == 3 and asked.index.isin(rivals.index).all() and set(asked["document"]) == {us}
    assert asked["similarity"].is_monotonic_decreasing
    assert len(passages.select(document="china", theme="export controls", tone="rivalry")) == 0
    assert list(passages.select(tone="rivalry", theme="t01", document=china).columns) == list(passages.columns)
    # Several names, and a dimension for either of its poles.
    assert len(passages.select(document=["us", "china"])) == len(passages)
    assert len(passages.select(theme=["t01", "t02"])) == sum(t.size for t in main_job.theme_results[:2])
    either = set(passages.select(tone="rivalry-cooperation").index)
    assert either == set(passages.select(tone=["rivalry", "cooperation"]).index) > set(rivals.index)
    assert passages.select(page="p. 20").index.equals(passages.select(page=20).index)
    assert len(passages.select(document="china", section="energy", page=3)) == 0
    for wrong in ({"page": 999}, {"page": "twenty"}, {"page": (23, 20)}, {"page": (1, 2, 3)}, {"section": "fisheries"}):
        with pytest.raises(PolicyCompareError, match=next(iter(wrong))):
            passages.select(**wrong)  # type: ignore[arg-type]
    for wrong in ({"theme": 3}, {"document": [3]}, {"tone": None, "actor": 5}):
        with pytest.raises(PolicyCompareError, match="name the"):
            passages.select(**wrong)  # type: ignore[arg-type]
    for wrong in ({"tone": "fury"}, {"theme": "fisheries"}, {"document": "france"}, {"actor": "nobody at all"}):
        with pytest.raises(PolicyCompareError, match="stands for no"):
            passages.select(**wrong)  # type: ignore[arg-type]


def test_frames_group_in_the_order_of_the_report(main_job: Comparison) -> None:
    us, china = (d.id for d in main_job.texts)
    counted = main_job.passages.groupby(["theme", "document"], observed=False).size().unstack()
    assert list(counted.columns) == [us, china]
    assert list(counted.index) == [theme.id for theme in main_job.theme_results]
    assert counted.sum().tolist() == [len(d.passages) for d in main_job.texts]
    told = main_job.themes.pivot(index="theme", columns="document", values="passages")
    assert (told.to_numpy() == counted.to_numpy()).all()
    tone = main_job.tone.pivot(index="dimension", columns="document", values="score")
    assert list(tone.index) == [result.id for result in main_job.tone_results]
    assert list(main_job.poles["pole"].cat.categories[:2]) == ["rivalry", "cooperation"]
    assert main_job.passages["page"].dtype == pd.Int64Dtype()


def test_evidence_is_there_to_be_read(main_job: Comparison) -> None:
    us, china = main_job.texts
    rivalry = next(pole for tone in main_job.tone_results for pole in tone.poles if pole.id == "rivalry")
    found = main_job.evidence("rivalry", 2)
    assert found.index.tolist() == [main_job.rows[i].id for d in (us, china) for i in rivalry.evidence[d.id][:2]]
    read = found.read()
    page = read._repr_html_()
    assert all(text in page for text in read["text"]) and "text-align: left" in page
    assert read.index[0].startswith("US plan, p. ") and read["text"].tolist() == found["text"].tolist()
    assert main_job.evidence("export controls").select(document="us")["theme_label"].nunique() == 1
    assert set(main_job.evidence("everyone", 1)["actor"]) == {"everyone"}
    with pytest.raises(PolicyCompareError, match="stands for no subject"):
        main_job.evidence("fisheries")


def test_a_summary_reads_as_the_report_does(main_job: Comparison) -> None:
    poles = main_job.summary("pole")
    assert list(poles.columns) == ["US plan", "China plan", "US plan − China plan"]
    assert list(poles.index[:2]) == ["Rivalry between states", "Cooperation of states"]
    assert re.fullmatch(r"\d+ % \[\d+, \d+\]", poles.loc["Rivalry between states", "US plan"])
    marked = poles["US plan − China plan"].str.extract("([●○])")[0]
    differences = main_job.differences.query("kind == 'pole'")
    assert (marked == "●").tolist() == differences["holds"].tolist()
    assert (marked == "○").tolist() == differences["suggested"].tolist()
    assert len(main_job.summary()) == len(main_job.theme_results)
    assert main_job.summary("tone")["US plan"].str.fullmatch(r"[+−]?\d\.\d \[−?\d\.\d, −?\d\.\d\]").all()
    assert set(main_job.summary("actor").index) <= {actor.label for actor in main_job.actor_results}
    with pytest.raises(PolicyCompareError, match="is none of theme, pole, tone, actor"):
        main_job.summary("mood")  # type: ignore[arg-type]


def test_frames_without_a_row_keep_their_columns(main_job: Comparison) -> None:
    bare = replace(
        main_job,
        rows=(),
        positions=(),
        word_results=(),
        meaning_results=(),
        theme_tone_results=(),
        counterpart_results=(),
        actor_results=(),
    )
    for name in FRAMES:
        assert list(getattr(bare, name).columns) == list(getattr(main_job, name).columns), name


def test_what_a_search_finds_is_passages(main_job: Comparison) -> None:
    found = main_job.search("chips", 8)
    assert isinstance(found, Passages) and {"similarity", "standing"} <= set(found.columns)
    assert "similarity" in found.read().columns
    assert set(found.select(document="us").index) <= set(found.index)
    with pytest.raises(PolicyCompareError, match="lost their ids"):
        main_job.passages.reset_index().search("chips")
    with pytest.raises(PolicyCompareError, match="read before cutting"):
        main_job.passages[["text"]].read()
    # The English encoder knows no Chinese, and says so.
    with pytest.raises(PolicyCompareError, match="is for English"):
        main_job.search("芯片出口管制")
    for most in (0, -1):
        with pytest.raises(PolicyCompareError, match="from 1 up"):
            main_job.passages.search("chips", most)
        with pytest.raises(PolicyCompareError, match="from 1 up"):
            main_job.evidence("rivalry", most)


def test_what_cannot_be_asked_is_told_in_a_line(main_job: Comparison) -> None:
    asks: list[tuple[Callable[[], object], str]] = [
        (lambda: compare.compare("us-ai-action-plan-2025"), "a list of two documents"),
        (lambda: compare.compare(basis="offical"), "basis offical: one of auto, official, digest"),
        (lambda: compare.load("us-ai-action-plan-2025", "offical"), "basis offical"),
        (lambda: main_job.to_text(sections=["nonsense"]), "section nonsense"),
        (lambda: main_job.to_markdown(sections=["tonne"]), "did you mean tone"),
        (lambda: main_job.theme("export controlls"), "stands for no theme"),
        (lambda: main_job.evidence("rivalery"), r"did you mean rivalry\?"),
        (lambda: main_job.evidence(""), "an empty name"),
        (lambda: main_job.search(5), "give a text"),  # type: ignore[arg-type]
        (lambda: main_job.plot.map("mood"), "mood is no colour"),
        (lambda: main_job.plot.tone_by_theme("us"), "name two documents"),
    ]
    for ask, said in asks:
        with pytest.raises(PolicyCompareError, match=said) as caught:
            ask()
        assert len(str(caught.value).splitlines()) == 1


def test_things_say_what_they_are(main_job: Comparison) -> None:
    assert repr(main_job.texts[0]).startswith("Document('us-ai-action-plan-2025': ")
    assert repr(main_job.theme_results[0]).startswith("Theme('t01': ") and "% [" in repr(main_job.theme_results[0])
    assert "tone_by_theme()" in repr(main_job.plot)
    read = repr(main_job.evidence("rivalry", 1).read())
    assert all(text.split()[-1] in read for text in main_job.evidence("rivalry", 1)["text"])
    assert max(map(len, read.splitlines())) <= 100


def test_passages_by_meaning_across_languages(mixed: Comparison) -> None:
    chinese = mixed.texts[1].id
    asked = mixed.search("clean energy for data centres", 6)
    # The one language does not drown the other, and the right passage is among the first.
    assert set(asked["document"]) == {d.id for d in mixed.texts}
    assert asked[asked["document"] == chinese]["section"].str.contains("清洁能源").any()


def test_the_public_names_are_sorted_and_whole() -> None:
    assert compare.__all__ == sorted(compare.__all__) == dir(compare)
    for name in compare.__all__:
        assert getattr(compare, name).__doc__, name
    fields = {field.name for field in dataclasses.fields(compare.Comparison)}
    for name in (name for name in dir(compare.Comparison) if not name.startswith("_")):
        if name in fields:
            assert f"    {name} : " in str(compare.Comparison.__doc__), name
        else:
            assert getattr(compare.Comparison, name).__doc__, name


def test_import_is_light() -> None:
    heavy = {"torch", "sentence_transformers", "pandas", "sklearn", "scipy", "altair", "numpy", "rich", "typer"}
    code = f"import compare, sys; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_comparison_from_the_cache_needs_no_torch(home: object, comparison: Comparison) -> None:
    code = f"import compare, sys; compare.compare([{str(NORTHLAND)!r}, {str(SOUTHLAND)!r}]).themes; "
    code += "print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_passage_is_text_and_no_markup_in_a_notebook(main_job: Comparison) -> None:
    row = main_job.rows[0]
    bad = replace(row, passage=replace(row.passage, text="<td><script>alert(1)</script>"))
    page = replace(main_job, rows=(bad, *main_job.rows[1:])).passages.head(1).read()._repr_html_()
    assert "<script>" not in page and "&lt;td&gt;&lt;script&gt;" in page


def test_figures_need_no_network_unless_the_user_chose_a_way(main_job: Comparison) -> None:
    import altair as alt

    before = alt.renderers.active
    try:
        alt.renderers.enable("default")
        shown = main_job.plot.stability()._repr_mimebundle_()
        assert "cdn" not in str(shown)
        assert alt.renderers.active in ("jupyter", "svg")
        alt.renderers.enable("png")
        assert main_job.plot and alt.renderers.active == "png"
    finally:
        alt.renderers.enable(before)


def test_the_python_of_the_readme_runs_as_it_stands(home: object, tmp_path: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", readme, flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 2
    done = subprocess.run([sys.executable, "-c", "".join(blocks)], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "") and "What differs most" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"map.png", "plans.comparison"}


def test_a_notebook_speaks_of_python_and_not_of_the_command_line(main_job: Comparison) -> None:
    page = main_job._repr_html_()
    body = re.sub(r"<style.*?</style>|policy-compare report[^<]*|policy-compare fetch", "", page, flags=re.DOTALL)
    assert "to_text(detail=" in body and "--" not in re.sub(r"<[^>]*>", "", body)
