"""What all tests share: a home of their own, the fixture documents, and the official files where they are at hand."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"
NORTHLAND, SOUTHLAND = FIXTURES / "northland-plan.md", FIXTURES / "southland-appeal.md"
SOUTHLAND_CHINESE = FIXTURES / "southland-appeal.zh.md"
GIVEN = os.environ.get("POLICY_COMPARE_CORPORA")
WORKER = os.environ.get("PYTEST_XDIST_WORKER")
if WORKER is not None:
    # Two workers on two cores: threads of their own would only wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


# Workers take file after file, the longest first, so that neither waits for the other at the end; and the first two do
# not encode the same documents at the same time.
FIRST = (
    "02-how-far-to-trust-it.ipynb", "test_documents_pdf.py", "test_cli.py", "04-three-chinese-plans.ipynb",
    "test_many.py", "test_encoding.py", "test_tone.py", "test_checking.py", "test_fetch.py", "test_kept.py",
    "test_exports.py", "test_browser.py", "test_interrupted.py", "test_themes.py", "test_report.py",
    "test_exploration.py", "test_validity.py", "01-us-and-china.ipynb", "03-your-own-documents.ipynb", "test_cache.py",
    "test_estimators.py", "test_show_add.py", "test_documents.py", "test_search.py", "test_calibration.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(FIRST)))


def _home(factory: pytest.TempPathFactory) -> Path:
    # Workers share the cache, as several runs of a user do.
    base = factory.getbasetemp()
    folder = base / "home" if WORKER is None else base.parent / "home"
    folder.mkdir(exist_ok=True)
    return folder


def pytest_collection_finish(session: pytest.Session) -> None:
    """Notebooks inherit the home of the run and no official files; they are no functions, so no fixture is set up."""
    if session.config.option.collectonly:
        return
    os.environ["POLICY_COMPARE_HOME"] = str(_home(session.config._tmp_path_factory))  # type: ignore[attr-defined]
    os.environ.pop("POLICY_COMPARE_CORPORA", None)


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store and a cache for this run alone, filled once, and no official files unless a test asks for them."""
    folder = _home(tmp_path_factory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POLICY_COMPARE_HOME", str(folder))
        patch.delenv("POLICY_COMPARE_CORPORA", raising=False)
        yield folder


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of official files."""
    if not GIVEN or not Path(GIVEN).is_dir():
        pytest.skip("official files not at hand (POLICY_COMPARE_CORPORA)")
    monkeypatch.setenv("POLICY_COMPARE_CORPORA", GIVEN)
    return Path(GIVEN)


def _kept(*docs: object) -> object:
    """A comparison that workers, and commands that tests run, make once and read back."""
    from compare.kept import kept_comparison

    return kept_comparison([str(doc) for doc in docs])


@pytest.fixture(scope="session")
def comparison(home: Path) -> object:
    """The two fixture plans compared."""
    return _kept(NORTHLAND, SOUTHLAND)


@pytest.fixture(scope="session")
def main_job(home: Path) -> object:
    """The main job, on the digests."""
    from compare.catalogue import DEFAULT_PAIR

    return _kept(*DEFAULT_PAIR)


@pytest.fixture(scope="session")
def translated(home: Path) -> object:
    """A document beside its translation."""
    return _kept(SOUTHLAND, SOUTHLAND_CHINESE)


@pytest.fixture(scope="session")
def mixed(home: Path) -> object:
    """An English plan beside a Chinese one."""
    return _kept(NORTHLAND, SOUTHLAND_CHINESE)


Here = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Here:
    """Run the command in this process, where a process of its own would only import everything once more."""
    from compare.cli import main

    def run(*arguments: object) -> subprocess.CompletedProcess[bytes]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return subprocess.CompletedProcess(arguments, ended.value.code, shown.out.encode(), shown.err.encode())

    return run
