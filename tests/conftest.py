"""Tests keep a cache of their own, and share it as the runs of a user do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autospan.cache import Cache


@pytest.fixture(autouse=True, scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp().parent / "autospan-cache"
    Cache(folder).close()
    os.environ["AUTOSPAN_CACHE_DIR"] = str(folder)
    return folder
