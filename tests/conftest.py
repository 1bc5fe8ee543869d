"""What all tests share: a home of their own, the fixture documents, and the official files where they are at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def comparison(home: Path) -> object:
    """The two fixture plans compared."""
    from compare.comparison import compare

    return compare([NORTHLAND, SOUTHLAND])


@pytest.fixture(scope="session")
def main_job(home: Path) -> object:
    """The main job, on the digests."""
    from compare.comparison import compare

    return compare()
