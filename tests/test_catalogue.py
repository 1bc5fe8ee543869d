"""The catalogue: which documents there are, which text of each is read, and what is said where there is none."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import NORTHLAND, SOUTHLAND

from compare import catalogue as module
from compare.catalogue import DEFAULT_PAIR, Entry, catalogue, load, resolve
from compare.comparison import Comparison, compare, load_documents
from compare.documents import Document
from compare.errors import DocumentError, OptionError, UnknownDocumentError
from compare.results import Pairwise
from compare.shown import printable
from compare.themes import adjusted_rand

US, CHINA = DEFAULT_PAIR
ITALY = "it-ai-strategy-2024"
AI_PLUS = "cn-ai-plus-opinions-2025"
JAPAN = "jp-ai-basic-plan-2026"
DIGESTS = (*DEFAULT_PAIR, AI_PLUS, JAPAN, "cn-ai-development-plan-2017")
LANGUAGES = {
    "cn-ai-development-plan-2017": "en",
    AI_PLUS: "zh",
    CHINA: "en",
    ITALY: "en",
    JAPAN: "en",
    US: "en",
}
PLAN = "# Plan of the harbour office\n\n## Letters\n\n" + " ".join(
    f"The harbour office answers letter number {i} within ten working days." for i in range(30)
)


def digest_of(name: str) -> Document:
    return load(resolve([name], "digest")[0])


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Entry]]:
    """A catalogue of the test's own: one document known by checksum, one page, one digest alone, and nothing at all."""
    folder = tmp_path / "catalogue"
    text = PLAN.encode()
    for name, source, with_digest in (
        ("by-checksum", f'kind = "file"\nurl = "https://a.example/p.md"\nsha256 = "{sha256(text)}"', True),
        ("by-page", 'kind = "page"\nurl = "https://b.example/p"\ncontains = ["harbour"]', False),
        ("digest-alone", "", True),
        ("copy-alone", f'sha256 = "{sha256(text + b" ")}"', False),
    ):
        (folder / name).mkdir(parents=True)
        table = "copies" if name == "copy-alone" else "sources"
        lines = f'[[{table}]]\nfilename = "{name}.md"\n{source}\n' if source else ""
        (folder / name / "document.toml").write_text(
            f'title = "Plan {name}"\nlabel = "{name}"\nshort = "{name}"\nissuer = "Office"\ncountry = "Nowhere"\n'
            f'date = 2025-01-02\nlanguage = "en"\ngenre = "a plan"\nrights = "ours"\n{lines}'
        )
        if with_digest:
            (folder / name / "digest.md").write_text(PLAN.replace("answers", "replies to"))
    monkeypatch.setattr(module, "catalogue_folder", lambda: folder)
    module.built_in.cache_clear()
    monkeypatch.setenv("POLICY_COMPARE_HOME", str(tmp_path / "home"))
    yield module.catalogue()
    module.built_in.cache_clear()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder named in POLICY_COMPARE_CORPORA."""
    folder = tmp_path / "official files"
    folder.mkdir()
    monkeypatch.setenv("POLICY_COMPARE_CORPORA", str(folder))
    return folder


# What is in it


def test_the_documents() -> None:
    assert {name: entry.language for name, entry in catalogue().items()} == LANGUAGES
    assert list(catalogue()) == sorted(catalogue())


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_entry_is_complete(name: str) -> None:
    entry = catalogue()[name]
    assert entry.name == name
    for field in ("title", "label", "short", "issuer", "country", "genre", "rights"):
        value = getattr(entry, field)
        assert value == value.strip() and value.isprintable() and value
    assert datetime.date(2017, 1, 1) < datetime.date.fromisoformat(entry.date) < datetime.date(2026, 12, 31)
    assert len(entry.short) <= 16
    assert entry.expected_words is not None and 0 < entry.expected_words[0] < entry.expected_words[1]
    assert entry.sources
    for source in entry.sources:
        assert source.filename and Path(source.filename).name == source.filename
        assert source.kind in {"file", "page", "copy"}
        # Bytes are known by their checksum, a page by what it holds.
        if source.kind == "page":
            assert source.contains and source.words is not None and source.url
        else:
            assert re.fullmatch("[0-9a-f]{64}", source.sha256)
        assert not source.url or source.url.startswith("https://")
        assert (source.kind == "copy") == (source.url == "")


def test_names_for_bars_and_columns_tell_documents_apart() -> None:
    for field in ("title", "label", "short"):
        values = [getattr(entry, field) for entry in catalogue().values()]
        assert len(set(values)) == len(values)


def test_what_has_a_digest() -> None:
    assert {name for name, entry in catalogue().items() if entry.digest is not None} == set(DIGESTS)
    assert set(DEFAULT_PAIR) <= set(DIGESTS)
    assert DEFAULT_PAIR == ("us-ai-action-plan-2025", "cn-global-ai-governance-action-plan-2025")


@pytest.mark.parametrize(
    ("text", "word"),
    [("title = ", "document.toml"), ("title = 'no more than this'", "label"), ("\ufeff\x00", "document.toml")],
)
def test_an_entry_that_is_no_entry_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, word: str
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "document.toml").write_text(text)
    monkeypatch.setattr(module, "catalogue_folder", lambda: tmp_path)
    module.built_in.cache_clear()
    try:
        with pytest.raises(DocumentError, match=r"broken.document\.toml") as caught:
            module.catalogue()
        assert word in str(caught.value) and len(str(caught.value).splitlines()) == 1
    finally:
        module.built_in.cache_clear()


# Digests are whole


def test_the_digest_of_the_us_plan_is_whole() -> None:
    document = digest_of(US)
    pillars = [path[0] for path in document.sections if len(path) == 1 and path[0].startswith("Pillar ")]
    policies = [path for path in document.sections if len(path) == 2]
    assert document.sections[0] == ("Introduction",)
    assert len(document.sections) == 1 + len(pillars) + len(policies)
    assert [pillar.split(":")[0] for pillar in pillars] == ["Pillar I", "Pillar II", "Pillar III"]
    assert Counter(path[0] for path in policies) == dict(zip(pillars, (15, 8, 7), strict=True))
    assert len(set(document.sections)) == len(document.sections)
    bullets: dict[tuple[str, ...], set[int]] = {}
    for passage in document.passages:
        if passage.bullet:
            bullets.setdefault(passage.section, set()).add(passage.paragraph)
    assert set(bullets) == set(policies)
    assert sum(map(len, bullets.values())) == 103
    # A heading without a word of its own would be a provision left out.
    assert {passage.section for passage in document.passages} == set(document.sections)


def test_every_passage_of_the_us_digest_has_its_printed_page() -> None:
    document = digest_of(US)
    labels = [passage.page_label for passage in document.passages]
    assert all(label is not None and label.isdecimal() for label in labels)
    pages = [int(label) for label in labels if label is not None]
    assert pages == sorted(pages)
    assert set(pages) == set(range(1, 24))
    assert not any("{" in passage.text or "}" in passage.text for passage in document.passages)


def test_the_digest_of_the_chinese_plan_is_whole() -> None:
    document = digest_of(CHINA)
    assert [path[0].split(".")[0] for path in document.sections] == ["Preamble", *map(str, range(1, 14))]
    assert all(len(path) == 1 for path in document.sections)
    for passage in document.passages:
        number = passage.section[0].split(".")[0]
        assert passage.page_label == ("preamble" if number == "Preamble" else f"point {number}")
    assert {passage.section for passage in document.passages} == set(document.sections)


@pytest.mark.parametrize("name", DIGESTS)
def test_a_digest_carries_what_the_catalogue_says(name: str) -> None:
    document, entry = digest_of(name), catalogue()[name]
    assert (document.id, document.basis, document.notices) == (name, "digest", ())
    assert (document.label, document.short, document.title) == (entry.label, entry.short, entry.title)
    assert (document.genre, document.issuer, document.date) == (entry.genre, entry.issuer, entry.date)
    assert document.source == (entry.fetchable[0].url if entry.fetchable else "")
    assert entry.digest is not None and document.sha256 == sha256(entry.digest.read_bytes())
    # A digest restates the whole plan: it has about as many words as a sound reading of the plan itself. Of a Chinese
    # text the words are counted otherwise: 0.7 to 0.9 English ones stand for each.
    assert entry.expected_words is not None and document.language == "en"
    scale = (0.7, 0.9) if entry.language == "zh" else (1.0, 1.0)
    assert scale[0] * entry.expected_words[0] <= document.words <= scale[1] * entry.expected_words[1]
    assert all(passage.page_label for passage in document.passages)


# Official files in a folder


def test_a_file_is_found_by_its_name(small: dict[str, Entry], given: Path) -> None:
    assert small["by-checksum"].official() is None
    (given / "by-checksum.md").write_text(PLAN)
    found = small["by-checksum"].official()
    assert found is not None and found[0] == given / "by-checksum.md"
    document = load(resolve(["by-checksum"], "official")[0])
    assert document.basis == "official" and len(document.passages) == 30


def test_a_file_is_found_by_its_checksum_under_any_name(small: dict[str, Entry], given: Path) -> None:
    (given / "another.txt").write_text("Something else.")
    (given / "downloaded (1).md").write_text(PLAN)
    found = small["by-checksum"].official()
    assert found is not None
    assert found[0] == given / "downloaded (1).md" and found[1].filename == "by-checksum.md"
    assert small["by-page"].official() is None


def test_a_file_of_the_right_name_with_other_content_is_not_taken(small: dict[str, Entry], given: Path) -> None:
    (given / "by-checksum.md").write_text(PLAN + "\nAn office may add a sentence.")
    assert small["by-checksum"].official() is None
    assert resolve(["by-checksum"])[0].basis == "digest"
    (given / "sound.md").write_text(PLAN)
    found = small["by-checksum"].official()
    assert found is not None and found[0].name == "sound.md"


def test_a_file_that_changes_is_looked_at_again(small: dict[str, Entry], given: Path) -> None:
    path = given / "by-checksum.md"
    path.write_text(PLAN)
    assert small["by-checksum"].official() is not None
    path.write_text(PLAN + "\nAn office may add a sentence.")
    assert small["by-checksum"].official() is None


def test_a_page_is_found_by_its_name_if_it_is_the_text(small: dict[str, Entry], given: Path) -> None:
    (given / "by-page.md").write_text(PLAN.replace("harbour", "railway"))
    assert small["by-page"].official() is None
    (given / "by-page.md").write_text(PLAN)
    found = small["by-page"].official()
    assert found is not None and found[0] == given / "by-page.md"


def test_a_page_of_the_right_name_with_other_content_is_not_taken(small: dict[str, Entry], given: Path) -> None:
    (given / "by-page.md").write_text("# News\n\n" + "The minister opened a new pier today. " * 30)
    assert small["by-page"].official() is None
    (given / "by-page.md").write_bytes(b"%PDF-1.7 broken")
    assert small["by-page"].official() is None


def test_the_folder_comes_before_the_store(small: dict[str, Entry], given: Path, tmp_path: Path) -> None:
    stored = tmp_path / "home" / "texts" / "by-checksum" / "by-checksum.md"
    stored.parent.mkdir(parents=True)
    stored.write_text(PLAN)
    found = small["by-checksum"].official()
    assert found is not None and found[0] == stored
    (given / "by-checksum.md").write_text(PLAN)
    found = small["by-checksum"].official()
    assert found is not None and found[0] == given / "by-checksum.md"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_COMPARE_CORPORA", str(tmp_path / "gone"))
    with pytest.raises(OptionError, match=r"POLICY_COMPARE_CORPORA: .*gone cannot be listed"):
        resolve([US])


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX users")
def test_a_file_that_cannot_be_read_is_not_at_hand(small: dict[str, Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    root = os.geteuid() == 0
    # A folder of its own: those that pytest makes cannot be entered by another user.
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "by-checksum.md"
        path.write_text(PLAN)
        path.chmod(0)
        Path(name).chmod(0o755)
        monkeypatch.setenv("POLICY_COMPARE_CORPORA", name)
        monkeypatch.setenv("POLICY_COMPARE_HOME", name)
        if root:
            os.seteuid(65534)
        try:
            assert small["by-checksum"].official() is None
        finally:
            if root:
                os.seteuid(0)


def test_real_files_are_found_by_name_and_by_checksum(
    official: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = catalogue()[US]
    found = entry.official()
    assert found is not None and found[0].parent == official
    renamed = tmp_path / "renamed.pdf"
    shutil.copyfile(found[0], renamed)
    (tmp_path / found[0].name).write_bytes(b"%PDF-1.7 something else")
    monkeypatch.setenv("POLICY_COMPARE_CORPORA", str(tmp_path))
    again = entry.official()
    assert again is not None and again[0] == renamed


# Basis


def test_auto_takes_digests_unless_all_have_their_official_text(small: dict[str, Entry], given: Path) -> None:
    def bases(*names: str) -> list[str]:
        return [request.basis for request in resolve(names)]

    assert bases("by-checksum", "digest-alone") == ["digest", "digest"]
    (given / "by-checksum.md").write_text(PLAN)
    assert bases("by-checksum") == ["official"]
    assert bases("by-checksum", "digest-alone") == ["digest", "digest"]
    assert bases("digest-alone", "by-checksum") == ["digest", "digest"]
    (given / "by-page.md").write_text(PLAN)
    assert bases("by-checksum", "by-page") == ["official", "official"]
    # Neither basis is there for both: the one case in which they mix, and the comparison says so.
    assert bases("by-page", "digest-alone") == ["official", "digest"]


def test_a_file_beside_a_digest_leaves_the_digest(small: dict[str, Entry]) -> None:
    requests = resolve([str(NORTHLAND), "by-checksum"])
    assert [request.basis for request in requests] == ["file", "digest"]
    assert requests[0].path == NORTHLAND and requests[0].entry is None


def test_unlike_bases_are_told(home: Path) -> None:
    alike = compare([NORTHLAND, SOUTHLAND])
    assert not any("bases" in notice for notice in alike.notices)
    mixed = compare([dataclasses.replace(alike.texts[0], basis="digest"), alike.texts[1]])
    notice = next(notice for notice in mixed.notices if "unlike bases" in notice)
    assert f"{alike.texts[0].short}: digest" in notice and f"{alike.texts[1].short}: file given" in notice


def test_official_where_there_is_none_says_how_to_get_it(small: dict[str, Entry]) -> None:
    with pytest.raises(DocumentError, match="by-checksum: no official text at hand; run: policy-compare fetch by-"):
        resolve(["by-checksum"], "official")
    with pytest.raises(DocumentError, match=r"digest-alone: no official text.*POLICY_COMPARE_CORPORA"):
        resolve(["digest-alone"], "official")


def test_digest_where_there_is_none_says_what_to_use() -> None:
    with pytest.raises(DocumentError, match=f"{ITALY}: the catalogue has no digest of it; use --basis official"):
        resolve([US, ITALY], "digest")


def test_nothing_at_hand_says_how_to_get_it(small: dict[str, Entry]) -> None:
    with pytest.raises(DocumentError, match=r"by-page: neither .* nor a digest; run: policy-compare fetch by-page"):
        resolve(["by-checksum", "by-page"])


def test_nothing_at_hand_and_nothing_to_fetch_says_so() -> None:
    with pytest.raises(DocumentError, match=rf"{ITALY}: neither .* nor a digest; put .*POLICY_COMPARE_CORPORA"):
        resolve([US, ITALY])


def test_a_reading_that_is_not_what_is_expected_is_told(small: dict[str, Entry], given: Path) -> None:
    (given / "by-page.md").write_text(PLAN)
    found = small["by-page"].official()
    assert found is not None
    entry = dataclasses.replace(small["by-page"], expected_words=(1000, 2000), expected_sections=9)
    document = load(module.Request(entry, found[0], found[1], "official"))
    assert any("1000 to 2000 are expected" in notice for notice in document.notices)
    assert any("headings were read, 9 are expected" in notice for notice in document.notices)


# What is no document


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(UnknownDocumentError) as caught:
        resolve([US, "us-plan"])
    line = str(caught.value)
    assert line.startswith("us-plan: neither a name of the catalogue nor a file")
    assert all(name in line for name in catalogue()) and len(line.splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    ["a\x1b[31mred", "a\nb", "a\rb", "\u202egnp.exe", "a\u2028b", "\udc80lost", "nul\0byte", "a\x1b]0;title\x07.pdf"],
)
def test_names_with_control_characters_are_shown_escaped(name: str) -> None:
    with pytest.raises(UnknownDocumentError) as caught:
        resolve([US, name])
    line = str(caught.value)
    assert line.isprintable() and line.encode()
    assert printable(name) in line and printable(name) != name


def test_a_file_with_a_hostile_name_is_read_and_named_harmlessly(tmp_path: Path) -> None:
    path = tmp_path / "plan\x1b[31m\u202e.txt"
    path.write_text(PLAN.replace("#", ""))
    document = load(resolve([str(path)])[0])
    for shown in (document.id, document.label, document.title, document.short, *document.notices):
        assert shown.isprintable()
    path.write_text("\x1b[31m")
    with pytest.raises(DocumentError) as caught:
        load(resolve([str(path)])[0])
    assert str(caught.value).isprintable()


def test_what_is_there_but_no_document(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "leads-nowhere.txt").symlink_to(tmp_path / "gone.txt")
    for path, reason in (
        (tmp_path, "a folder, not a document"),
        (tmp_path / "empty.txt", "the file is empty"),
        (tmp_path / "leads-nowhere.txt", "a link that leads nowhere"),
        (tmp_path / "gone.txt", "no such file"),
        (Path("/dev/null"), "not a regular file"),
    ):
        with pytest.raises((DocumentError, UnknownDocumentError), match=reason) as caught:
            resolve([str(path)])
        assert str(path) in str(caught.value)


# Several documents


def test_files_of_one_stem_get_ids_and_names_of_their_own(tmp_path: Path) -> None:
    paths = [tmp_path / part / "plan.md" for part in ("one", "two", "three")]
    for path, source in zip(paths, (NORTHLAND, SOUTHLAND, NORTHLAND), strict=True):
        path.parent.mkdir()
        shutil.copyfile(source, path)
    documents = load_documents(paths)
    assert [document.id for document in documents] == ["plan", "plan-2", "plan-3"]
    assert len({document.short for document in documents}) == 3
    identifiers = [document.passage_id(passage) for document in documents for passage in document.passages]
    assert len(set(identifiers)) == len(identifiers)


def test_one_document_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=f"{US}: given twice"):
        load_documents([US, CHINA, US])
    link = tmp_path / "link.md"
    link.symlink_to(NORTHLAND)
    digest = catalogue()[US].digest
    for one, other in (
        (NORTHLAND, link),
        (US, digest),
        (NORTHLAND, NORTHLAND.parent / ".." / "fixtures" / NORTHLAND.name),
    ):
        with pytest.raises(OptionError, match="one and the same file") as caught:
            load_documents([one, SOUTHLAND, str(other)])
        assert printable(str(one)) in str(caught.value) and printable(str(other)) in str(caught.value)


def test_one_file_under_two_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_text(PLAN)
    (tmp_path / "link.md").symlink_to(path)
    (tmp_path / "copy.md").write_text(PLAN + "\n\nThis office may add a sentence.")
    digest = catalogue()[US].digest
    for pair in (
        (path, tmp_path / "link.md"),
        (path, tmp_path / ".." / tmp_path.name / "plan.md"),
        (US, digest),
    ):
        with pytest.raises(OptionError, match="one and the same file") as caught:
            resolve([str(doc) for doc in pair], "digest")
        assert all(str(doc) in str(caught.value) for doc in pair)
    assert len(resolve([str(path), str(tmp_path / "copy.md")])) == 2


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_no_folder(name: str) -> None:
    with pytest.raises(UnknownDocumentError, match="name is empty"):
        resolve([US, name])


def test_the_order_of_documents_does_not_matter(comparison: Comparison) -> None:
    first, second = (document.id for document in comparison.texts)
    turned = compare([SOUTHLAND, NORTHLAND])
    assert [document.id for document in turned.texts] == [second, first]

    def themes(found: Comparison) -> dict[str, str]:
        return {row.id: row.theme for row in found.rows}

    one, other = themes(comparison), themes(turned)
    assert one.keys() == other.keys()
    names = {theme: i for i, theme in enumerate(sorted(set(one.values())))}
    others = {theme: i for i, theme in enumerate(sorted(set(other.values())))}
    divisions = (np.array([names[one[key]] for key in one]), np.array([others[other[key]] for key in one]))
    assert len(names) > 1 and adjusted_rand(*divisions) == pytest.approx(1)

    pairs = {one[key]: other[key] for key in one}
    for theme in comparison.theme_results:
        same = turned.theme(pairs[theme.id])
        assert same.keywords == theme.keywords and same.size == theme.size
        check_turned(theme.differences, same.differences)
    for tone, again in zip(comparison.tone_results, turned.tone_results, strict=True):
        assert tone.id == again.id
        check_turned(tone.differences, again.differences)
        for pole, pole_again in zip(tone.poles, again.poles, strict=True):
            check_turned(pole.differences, pole_again.differences)
    assert {(finding.holds, round(finding.points, 9)) for finding in comparison.findings} == {
        (finding.holds, round(finding.points, 9)) for finding in turned.findings
    }


def check_turned(one: tuple[Pairwise, ...], other: tuple[Pairwise, ...]) -> None:
    (pair,), (turned,) = one, other
    assert (pair.first, pair.second) == (turned.second, turned.first)
    a, b = pair.difference, turned.difference
    assert (a.value, a.low, a.high) == pytest.approx((-b.value, -b.high, -b.low))
    assert (a.p, a.q, a.floor) == pytest.approx((b.p, b.q, b.floor))
    assert (a.holds, a.suggested) == (b.holds, b.suggested)
