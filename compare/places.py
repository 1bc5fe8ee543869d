"""Where policy-compare keeps things on this computer."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


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
