"""Tests keep caches of their own, and share them as the runs of a user do."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from pathlib import Path

import pytest

from autospan import catalog, knowledge
from autospan.cache import Cache
from autospan.knowledge import Knowledge


def _shipped_once(load: Callable[..., Knowledge]) -> Callable[..., Knowledge]:
    """The shipped packs are parsed once a process: what is made of them is the same every time."""
    shipped = tuple(catalog.packs())
    known = cache(lambda tables: load(shipped, tables))

    @wraps(load)
    def loaded(paths: Iterable[Path], tables: Iterable[Path] = ()) -> Knowledge:
        paths, tables = tuple(paths), tuple(tables)
        return known(tables) if paths == shipped else load(paths, tables)

    return loaded


knowledge.load = _shipped_once(knowledge.load)  # before a test module takes it by its name


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


@pytest.fixture(autouse=True, scope="module")
def unfrozen() -> Iterator[None]:
    """A run of autospan keeps what it made from the garbage collector, as its process ends soon;
    that of the tests does not."""
    yield
    gc.unfreeze()
