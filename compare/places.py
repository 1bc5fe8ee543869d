"""Where policy-compare keeps things on this computer, and the tables that ship with it."""

from __future__ import annotations

import functools
import importlib.resources
import os
import tomllib
from pathlib import Path
from typing import Any

import platformdirs


@functools.cache
def data_table(name: str) -> dict[str, Any]:
    """A TOML file of the folder of data that ships."""
    with importlib.resources.files("compare").joinpath("data", name).open("rb") as stream:
        return tomllib.load(stream)


def store_folder() -> Path:
    """Folder of fetched official texts: ``$POLICY_COMPARE_HOME/texts``, else the user's data folder."""
    home = os.environ.get("POLICY_COMPARE_HOME")
    return Path(home) / "texts" if home else platformdirs.user_data_path("policy-compare") / "texts"


def added_folder() -> Path:
    """Folder of documents that a user added: ``$POLICY_COMPARE_HOME/catalogue``, else in the user's data folder."""
    home = os.environ.get("POLICY_COMPARE_HOME")
    return Path(home) / "catalogue" if home else platformdirs.user_data_path("policy-compare") / "catalogue"


def cache_folder() -> Path:
    """Folder of vectors and partitions: ``$POLICY_COMPARE_HOME/cache``, else the user's cache folder."""
    home = os.environ.get("POLICY_COMPARE_HOME")
    return Path(home) / "cache" if home else platformdirs.user_cache_path("policy-compare")


def official_folder() -> Path | None:
    """Folder named by ``POLICY_COMPARE_CORPORA``, in which official files are looked for first."""
    named = os.environ.get("POLICY_COMPARE_CORPORA")
    return Path(named) if named else None
