"""Tests keep caches of their own, and share them as the runs of a user do."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from autospan import catalog, knowledge
from autospan.cache import Cache

_known = cache(lambda: knowledge.load(catalog.packs()))


@pytest.fixture(autouse=True, scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp().parent / "autospan-cache"
    Cache(folder).close()
    os.environ["AUTOSPAN_CACHE_DIR"] = str(folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def bytecode_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where Python is told to write no bytecode, the hundreds of processes that tests start would
    each compile all that they import: three quarters of their time."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        folder = tmp_path_factory.getbasetemp().parent / "bytecode"
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


@pytest.fixture
def packs_read_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`analyze` reads the packs, and freezes what it made; here that is done once, and undone."""
    known = _known()
    monkeypatch.setattr(knowledge, "load", lambda paths, tables: known)
    yield
    gc.unfreeze()
