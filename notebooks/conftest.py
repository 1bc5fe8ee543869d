"""Notebooks are tried in the home of the test run, on the digests."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Set what the kernel inherits: a notebook is no function, so that no fixture is set up for it."""
    base = item.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    # As `home` in tests/conftest.py: workers share the cache.
    folder = base / "home" if os.environ.get("PYTEST_XDIST_WORKER") is None else base.parent / "home"
    folder.mkdir(exist_ok=True)
    os.environ["POLICY_COMPARE_HOME"] = str(folder)
    os.environ.pop("POLICY_COMPARE_CORPORA", None)
    if os.environ.get("PYTEST_XDIST_WORKER") is not None:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
