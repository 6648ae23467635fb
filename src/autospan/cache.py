"""The cache: bytes by key, in one SQLite file of the user.

Whatever happens to that file, a run goes on without it. Two runs at once wait for each other a
little; a killed one leaves what it had finished (a write-ahead log); a read-only or full disk and a
damaged file are told in `trouble`; bytes that are not those that were stored are not given.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from weakref import finalize
from zlib import crc32

LIMIT = 1_000_000_000
"""Bytes that the file may hold before what has not been used for longest is dropped."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, used INTEGER, sum INTEGER, data BLOB);
CREATE INDEX IF NOT EXISTS by_use ON entries (used);
"""
_PATIENCE = 5.0
_HOUR = 3600
_AT_ONCE = 500


class Cache:
    """The cache in a folder, both made if they are not there.

    `fresh`: the file was not there before. `trouble` says why it is of no use, "" while it is.
    """

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self.path = folder / "cache.sqlite"
        self.fresh = not self.path.exists()
        self.trouble = ""
        self._limit = limit
        self._file: sqlite3.Connection | None = None
        with self._careful():
            folder.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(
                self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            finalize(self, self._file.close)  # where nobody closes it, in whatever thread that is
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.executescript(_SCHEMA)

    def known(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys under which something is stored."""
        found: set[bytes] = set()
        rest = iter(keys)
        while self._file and (some := list(islice(rest, _AT_ONCE))):
            with self._careful():
                query = f"SELECT key FROM entries WHERE key IN ({_marks(some)})"
                found.update(key for (key,) in self._file.execute(query, some))
        return found

    def load(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """What is stored under these keys, as far as anything is."""
        found: dict[bytes, bytes] = {}
        rest = iter(keys)
        while self._file and (some := list(islice(rest, _AT_ONCE))):
            with self._careful():
                found.update(_load(self._file, some))
        return found

    def store(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep bytes under keys, and drop the oldest if that is too much."""
        now = int(time.time())
        rows = [(key, now, crc32(data), data) for key, data in entries.items()]
        with self._careful():
            if self._file and rows:
                _write(self._file, "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
                if _size(self._file) > self._limit:
                    _prune(self._file, self._limit * 3 // 4)

    def close(self) -> None:
        """Give the file back; nothing is loaded or stored after that."""
        with self._careful():
            if self._file:
                self._file.close()
        self._file = None

    @contextmanager
    def _careful(self) -> Iterator[None]:
        """Do without the file from here on if anything is wrong with it. That another run is
        writing for too long is nothing wrong: what is done here is then left undone."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if "locked" not in str(error):
                self.trouble = str(error)
                file, self._file = self._file, None
                with suppress(sqlite3.Error):
                    if file:
                        file.close()


def _marks(keys: list[bytes]) -> str:
    return ",".join("?" * len(keys))


def _load(file: sqlite3.Connection, keys: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    query = f"SELECT key, used, sum, data FROM entries WHERE key IN ({_marks(keys)})"
    now, used = int(time.time()), []
    for key, last, total, data in file.execute(query, keys).fetchall():
        if crc32(data) == total:
            yield key, data
            if last < now - _HOUR:
                used.append((now, key))
    if used:
        _write(file, "UPDATE entries SET used = ? WHERE key = ?", used)


def _write(file: sqlite3.Connection, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
    """All rows in one transaction, or none."""
    file.execute("BEGIN IMMEDIATE")
    try:
        file.executemany(statement, rows)
        file.execute("COMMIT")
    except sqlite3.Error:
        if file.in_transaction:
            file.execute("ROLLBACK")
        raise


def _size(file: sqlite3.Connection) -> int:
    """Bytes in use: pages that were emptied are used again before the file grows."""
    names = ("page_count", "freelist_count", "page_size")
    pages, free, each = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
    return int((pages - free) * each)


def _prune(file: sqlite3.Connection, limit: int) -> None:
    """Drop what has not been used for longest, until no more than `limit` bytes are left."""
    total, cut = 0, 0
    for used, size in file.execute("SELECT used, length(data) FROM entries ORDER BY used DESC"):
        total += size
        if total > limit:
            cut = used
            break
    _write(file, "DELETE FROM entries WHERE used <= ?", [(cut,)])
