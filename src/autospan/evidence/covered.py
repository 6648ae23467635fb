"""What coverage.py recorded: its database, or its JSON report (`--show-contexts`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from autospan.model import Frame


def from_database(path: Path) -> Iterator[Frame]:
    """A frame for each line that ran, with the number of contexts in which it did.

    Raises:
        ValueError: if this is another program's database.
    """
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            rows = list(_rows(database))
    except sqlite3.Error as error:
        raise ValueError(f"not readable as a database: {error}") from error
    yield from _counted(rows)


def _rows(database: sqlite3.Connection) -> Iterator[tuple[str, int, Any]]:
    """(file, line, context) of all that ran."""
    tables = {name for (name,) in database.execute("select name from sqlite_master")}
    if not {"file", "context", "line_bits", "arc"} <= tables:
        raise ValueError("a database, but not one of coverage.py")
    joined = "context_id from {} join file on file.id = file_id"
    lines, arcs = joined.format("line_bits"), joined.format("arc")
    for file, bits, context in database.execute(f"select path, numbits, {lines}"):
        yield from ((file, line, context) for line in _numbers(bits))
    for file, line, context in database.execute(f"select path, tono, {arcs}"):
        if line > 0:
            yield file, line, context


def from_report(document: dict[str, Any]) -> Iterator[Frame]:
    """The same from a report; a report without contexts is one context."""
    rows: list[tuple[str, int, Any]] = []
    for file, each in document["files"].items():
        contexts = each.get("contexts") or {}
        for line in each["executed_lines"]:
            rows += [(file, line, context) for context in contexts.get(str(line)) or [""]]
        yield from (Frame(file, line, "", runs=0) for line in each.get("missing_lines", ()))
    yield from _counted(rows)


def _counted(rows: list[tuple[str, int, Any]]) -> Iterator[Frame]:
    contexts: dict[tuple[str, int], set[Any]] = {}
    for file, line, context in rows:
        contexts.setdefault((file, line), set()).add(context)
    for (file, line), each in sorted(contexts.items()):
        yield Frame(file, line, "", runs=len(each))


def _numbers(bits: bytes) -> list[int]:
    """The lines that a bit map has."""
    return [at * 8 + bit for at, byte in enumerate(bits) for bit in range(8) if byte >> bit & 1]
