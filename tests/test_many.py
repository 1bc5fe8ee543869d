"""Many documents in groups: by field, set aside where they fail, learnt on some and counted on all, here and on Ray."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from collected import ISSUERS, Quick, write_documents
from conftest import NORTHLAND, SOUTHLAND

from compare import many
from compare.cache import ArrayCache
from compare.comparison import Comparison, Options, compare, reading
from compare.encoders import MULTILINGUAL, Encoder, find_model
from compare.engine import Engine, Local, open_engine
from compare.errors import DocumentError, OptionError
from compare.fields import fields_of, groups_by, read_metadata
from compare.index import PassageIndex
from compare.many import compare_many
from compare.report.found import lines, to_json
from compare.report.terminal import render_text
from compare.results import Counts
from compare.saving import pack, unpack
from compare.search import search_documents
from compare.shards import Shards
from compare.sides import sides_of

Folder = Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    made = tmp_path_factory.mktemp("collected")
    write_documents(made)
    before = Path.cwd()
    os.chdir(made)
    yield made
    os.chdir(before)


def files(folder: Folder) -> list[str]:
    return [path.name for path in sorted(folder.glob("plan-*.md"))]


@pytest.fixture(scope="module")
def grouped(folder: Folder) -> Comparison:
    return compare(files(folder), groups="issuer", metadata="fields.csv", encoder=Quick(), codebook="none")


@pytest.fixture(scope="module")
def in_batches(folder: Folder) -> Comparison:
    """All documents learnt from, and counted two at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(many, "BATCH", 2)
        return counted(folder, Local(), options(encoder=Quick()))


def options(**given: object) -> Options:
    base = {"groups": "issuer", "metadata": "fields.csv", "codebook": "none"}
    return Options(**{**base, **given})  # type: ignore[arg-type]


def counted(folder: Folder, engine: Engine, chosen: Options, docs: list[str] | None = None, say=None) -> Comparison:
    docs = docs or files(folder)
    sides = sides_of(docs, chosen.groups, chosen.metadata)
    return compare_many(docs, sides, chosen, engine, say or (lambda step, done, total: None))


# Groups


def test_documents_are_grouped_by_a_field_of_a_table_and_resampled(grouped: Comparison) -> None:
    assert [d.label for d in grouped.texts] == sorted(ISSUERS)
    assert set(grouped.method["resampled"].values()) == {"documents"}
    assert grouped.collection is not None and grouped.collection.field == "issuer"
    assert [len(d.joined) for d in grouped.texts] == [6, 6]
    assert {m.date for m in grouped.collection.members} == {f"{year}-05" for year in range(2016, 2022)}
    report = grouped.to_text()
    assert "Change over time" in report and "How near the documents are" in report
    assert "--group issuer --metadata fields.csv" in " ".join(report.split()) or "groups='issuer'" in report


def test_years_come_from_dates_and_stand_in_order(folder: Folder) -> None:
    made = groups_by("Year", files(folder), read_metadata("fields.csv"))
    assert [group.name for group in made] == [str(year) for year in range(2016, 2022)]


def test_fields_of_the_catalogue_are_known() -> None:
    found = fields_of("us-ai-action-plan-2025")
    assert (found["country"], found["year"], found["language"]) == ("United States", "2025", "en")


def test_what_a_table_lacks_goes_into_a_group_of_its_own(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("file;Region\na.md;North\nb;South 2\nc.md;South 10\n", "utf-8-sig")
    made = groups_by("region", ["x/a.md", "x/b.md", "x/c.md", "x/d.md"], read_metadata(table))
    assert [(group.name, group.members) for group in made] == [
        ("North", ("x/a.md",)),
        ("South 2", ("x/b.md",)),
        ("South 10", ("x/c.md",)),
        ("region not known", ("x/d.md",)),
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "no text"),
        ("document,issuer\n", "a line of heads"),
        ("document,issuer\na.md,x\na.md,y\n", "stands in it twice"),
        ("document,issuer\n,x\n", "line 2 names no document"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_a_line(tmp_path: Path, table: str, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(table)
    with pytest.raises((OptionError, DocumentError)) as error:
        read_metadata(path)
    assert "\n" not in str(error.value)
    assert said in str(error.value) or not table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--group", "issuer"), "no document has this field"),
        (("--group", "colour", "--metadata", "fields.csv"), "fields known of them are date, document, issuer, year"),
        (("--group", "issuer", "--group", "year"), "a field groups all documents; give it alone"),
        (("--metadata", "fields.csv"), "used with --group FIELD"),
        (("--engine", "spark"), "one of local, ray"),
        (("--ray-address", "auto"), "used with --engine ray"),
        (("--engine", "ray", "--ray-address", "127.0.0.1:1"), "no cluster answers"),
        (("--engine", "ray", "--ray-address", "nowhere"), "give HOST:PORT"),
    ],
)
def test_options_that_cannot_be_used(folder: Folder, here, arguments: tuple[str, ...], said: str) -> None:
    done = here("report", *files(folder)[:3], *arguments)
    assert done.returncode == 2 and done.stdout == b""
    assert said in done.stderr.decode() and done.stderr.count(b"\n") == 1


def test_all_of_one_value_leave_nothing_to_compare(folder: Folder) -> None:
    with pytest.raises(OptionError, match="of all documents"):
        sides_of(files(folder)[::2], "issuer", "fields.csv")


# Documents that fail


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    write_documents(tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("empty.md").touch()
    Path("broken.pdf").write_bytes(b"%PDF-1.7\nnothing of that")
    Path("short.md").write_text("# One\n\nThe ministry must publish one register.\n")
    Path("twin.md").symlink_to("plan-03.md")
    with Path("fields.csv").open("a") as stream:
        for number, name in enumerate(("empty.md", "broken.pdf", "short.md", "twin.md", "gone.md")):
            stream.write(f"{name},{ISSUERS[number % 2]},2020\n")
    return ["empty.md", *files(tmp_path), "broken.pdf", "short.md", "twin.md", "gone.md"]


def test_documents_that_fail_are_set_aside_and_named(broken: list[str]) -> None:
    found = counted(Path(), Local(), options(encoder=Quick()), broken)
    assert found.collection is not None
    reasons = {one.name: one.reason for one in found.collection.set_aside}
    assert set(reasons) == {"empty.md", "broken.pdf", "short.md", "twin.md", "gone.md"}
    assert "the file is empty" in reasons["empty.md"] and "too few sentences" in reasons["short.md"]
    assert "the same file as plan-03.md" in reasons["twin.md"] and "no such file" in reasons["gone.md"]
    report = found.to_text(80)
    assert "5 documents were set aside" in report and all(name in report for name in reasons)
    assert {one["name"] for one in json.loads(found.to_json())["set_aside"]} == set(reasons)
    # Where all is held it is the same.
    aside: dict[int, str] = {}
    assert len(list(reading(broken, aside=aside))) == 12
    assert {broken[number]: reason for number, reason in aside.items()} == reasons


def test_where_one_side_is_lost_there_is_nothing_left_to_compare(broken: list[str]) -> None:
    with pytest.raises(DocumentError, match="1 of 2 documents cannot be read; only Ministry of Works is left"):
        compare(["plan-01.md", "broken.pdf"], groups="issuer", metadata="fields.csv", encoder=Quick(), codebook="none")


# Learnt on some, counted on all


def test_what_is_counted_by_batches_is_what_is_counted_at_once(in_batches: Comparison, grouped: Comparison) -> None:
    found = in_batches
    for one, two in zip(found.tone_results, grouped.tone_results, strict=True):
        for pole, other in zip(one.poles, two.poles, strict=True):
            for side in pole.shares:
                assert pole.shares[side].value == pytest.approx(other.shares[side].value, abs=1e-12)
                assert pole.shares[side].low == pytest.approx(other.shares[side].low, abs=1e-9)
        for side in one.scores:
            assert one.scores[side].value == pytest.approx(two.scores[side].value, abs=1e-9)
    assert [actor.orders for actor in found.actor_results] == [actor.orders for actor in grouped.actor_results]
    # Themes were found in the same passages; each passage then takes that of its nearest.
    assert [theme.label for theme in found.theme_results] == [theme.label for theme in grouped.theme_results]
    apart = [
        abs(one.shares[side].value - two.shares[side].value)
        for one, two in zip(found.theme_results, grouped.theme_results, strict=True)
        for side in one.shares
    ]
    assert np.mean(apart) < 0.02 and max(apart) < 0.08


def test_documents_that_were_not_learnt_from_are_counted(
    folder: Folder, grouped: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "LEARNT_FROM", 150)
    # More than is held: they are counted in batches.
    monkeypatch.setattr("compare.comparison.MOST_PASSAGES", 100)
    found = compare(files(folder), groups="issuer", metadata="fields.csv", encoder=Quick(), codebook="none")
    assert len(found.rows) < 200 < sum(len(d.passages) for d in grouped.texts)
    assert found.collection is not None and len(found.collection.members) == 12
    assert [found.counts(d).passages for d in found.texts] == [len(d.passages) for d in grouped.texts]
    assert "144 in 6 documents" in " ".join(found.to_text().split())
    assert "288 sentences of 12 documents were counted" in " ".join(found.to_text().split())
    assert sum(theme.size for theme in found.theme_results) == 288
    # What its issuer likes to speak of is found again.
    on_farming = Counter(row.theme for row in found.rows if "irrigation plans" in row.passage.text)
    shares = found.theme(on_farming.most_common(1)[0][0]).shares
    isles, works = (shares[d.id].value for d in found.texts)
    assert isles > 1.5 * works
    packed = unpack(pack(found), "kept")
    assert packed.to_json() == found.to_json()


def test_more_than_is_held_needs_groups(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compare.comparison.MOST_PASSAGES", 100)
    with pytest.raises(OptionError, match="more than 100 sentences; so many are compared in groups"):
        compare(files(folder), encoder=Quick())


class Stopped(Exception):
    pass


def test_a_run_that_is_broken_off_goes_on_from_what_is_done(
    folder: Folder, in_batches: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "BATCH", 2)
    shards, chosen = Shards(tmp_path), options(encoder=Quick())
    sides = sides_of(files(folder), chosen.groups, chosen.metadata)

    def run(step: str = "", number: int = 0) -> Comparison:
        def say(name: str, done: int, total: int) -> None:
            if (name, done) == (step, number):
                raise Stopped

        return many.compare_in(shards, files(folder), sides, chosen, Local(), say)

    known: dict[Path, int] = {}
    for step, number in (("encoding and scoring", 3), ("giving themes", 4)):
        with pytest.raises(Stopped):
            run(step, number)
        made = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
        assert known.items() <= made.items()
        known = made
    assert len([path for path in known if path.parent.name == "passages"]) == 6
    assert len([path for path in known if path.parent.name == "counted"]) == 4
    found = run()
    assert all(path.stat().st_mtime_ns == time for path, time in known.items())
    # And what was read back is what is made.
    assert found.to_json() == in_batches.to_json()


def test_a_broken_file_of_passages_is_refused_and_made_again(tmp_path: Path) -> None:
    shards, key = Shards(tmp_path), b"\1" * 32
    vectors = np.arange(12, dtype=np.float32).reshape(4, 3)
    shards.write(key, "vectors", {"vector": vectors, "text": ["a", "b\0", "\u2028", ""], "page": [1, None, 3, 4]})
    there = shards.read(key, "vectors")
    assert (there["vector"] == vectors).all() and there["text"][1] == "b\0" and there["page"][1] is None
    path = shards.path(key, "vectors")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DocumentError, match="not a whole file of passages"):
        shards.read(key, "vectors")
    assert not shards.there(key, "vectors")


# Search


@pytest.mark.parametrize("most_exact", [10_000, 100])
def test_a_search_through_all_finds_what_a_search_finds(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, most_exact: int
) -> None:
    text = "Every province must support soil sensors and crop insurance."
    plain = search_documents(text, files(folder), most=5, encoder=Quick())
    monkeypatch.setattr("compare.search.MOST_HELD", 100)
    build = PassageIndex.build
    monkeypatch.setattr(PassageIndex, "build", lambda blocks, count: build(blocks, count, most_exact=most_exact))
    found = search_documents(text, [*files(folder), "fields.csv"], most=5, encoder=Quick())
    assert [one.passage.text for one in found.found] == [one.passage.text for one in plain.found]
    assert [one.document.id for one in found.found] == [one.document.id for one in plain.found]
    assert [one.similarity for one in found.found] == pytest.approx([one.similarity for one in plain.found], abs=1e-3)
    assert found.exact == (most_exact > 288) and found.counts == Counts(12, 288, found.counts.words)
    assert found.yardstick == pytest.approx(plain.yardstick, abs=0.02)
    assert [one.name for one in found.set_aside] == ["fields.csv"]
    told = " ".join(line.plain for line in lines(found, 80))
    assert "288 passages of 12 documents" in told and ("through an index" in told) != found.exact
    assert json.loads(to_json(found))["set_aside"][0]["name"] == "fields.csv"


# Ray


@pytest.fixture(scope="module")
def ray_engine() -> Iterator[Engine]:
    pytest.importorskip("ray", reason="Ray is not installed")
    import ray

    # Workers must find the encoder of these tests.
    environment = {"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}}
    quiet = {"include_dashboard": False, "configure_logging": False, "log_to_driver": False}
    # A cluster runs elsewhere than where it is asked from.
    with contextlib.chdir(Path(__file__).parent):
        ray.init(address="local", num_cpus=1, runtime_env=environment, **quiet)
    try:
        with open_engine("ray") as engine:
            yield engine
    finally:
        ray.shutdown()


def test_on_ray_the_answers_are_the_same(folder: Folder, grouped: Comparison, ray_engine: Engine) -> None:
    found = compare(
        files(folder), groups="issuer", metadata="fields.csv", encoder=Quick(), codebook="none", engine=ray_engine
    )
    assert found.to_json() == grouped.to_json()
    assert render_text(found, 100) == render_text(grouped, 100)


def test_a_model_on_ray_gives_the_same_vectors(ray_engine: Engine) -> None:
    texts = [f"Every province should publish {number} registers of what it buys." for number in range(80)]
    model = find_model(MULTILINGUAL)
    there = Encoder(model, ArrayCache(None), elsewhere=ray_engine.source).encode(texts)
    assert (there == Encoder(model, ArrayCache(None)).encode(texts)).all()


def test_the_command_on_ray_prints_the_report_and_nothing_else(
    comparison: Comparison, ray_engine: Engine, here
) -> None:
    done = here("report", NORTHLAND, SOUTHLAND, "--json", "--engine", "ray")
    assert done.returncode == 0 and done.stdout.decode() == comparison.to_json()


def test_a_worker_that_is_killed_costs_its_batch_alone(
    folder: Folder, in_batches: Comparison, tmp_path: Path, ray_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "BATCH", 2)
    log = tmp_path / "encoded.log"
    found = counted(folder, ray_engine, options(encoder=Quick(log, "district 6 alone")))
    assert log.with_suffix(".died").exists()
    assert found.to_json() == in_batches.to_json()
    # Each batch once, and that of the worker that died once more.
    asked = Counter(log.read_text().split())
    assert sorted(asked.values()) == [1, 1, 1, 1, 1, 2]
