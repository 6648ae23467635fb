"""Recordings of a running program: cProfile, speedscope, coverage.py and OpenTelemetry's JSON."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autospan.config import ConfigError
from autospan.evidence import covered, marshalled, spans, speedscope
from autospan.model import Frame, Place, Problem

_SQLITE = b"SQLite format 3\0"
_OTHERS = {"resourceMetrics", "resourceLogs"}
"""What else the collector may write into the same file."""


KNOWN = "cProfile, speedscope JSON, coverage.py (.coverage or its JSON report), OTLP JSON"
"""The formats, for people."""


def frames(path: Path) -> tuple[Frame, ...]:
    """What a file tells of functions. Nothing in it is ever executed.

    Raises:
        ConfigError: with what is wrong.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
        if head == _SQLITE:
            return tuple(covered.from_database(path))
        data = path.read_bytes()
        if data.lstrip()[:1] == b"{" and not marshalled.is_profile(data):
            return tuple(_from_json(data))
        return tuple(marshalled.profile(data))
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        raise _refused(path, f"no recording that is known: {_told(error)}") from error


def _refused(path: Path, message: str) -> ConfigError:
    return ConfigError((Problem(Place(str(path)), message, f"known are {KNOWN}"),))


def _from_json(data: bytes) -> Iterator[Frame]:
    known = False
    for found in _documents(data):
        if "resourceSpans" in found:
            yield from spans.frames(found)
        elif "profiles" in found and "shared" in found:
            yield from speedscope.frames(found)
        elif "files" in found and "meta" in found:
            yield from covered.from_report(found)
        elif found and not _OTHERS & found.keys():
            raise ValueError("JSON without `resourceSpans`, `profiles` or `files`")
        else:
            continue
        known = True
    if not known:
        raise ValueError("no spans in it")


def _documents(data: bytes) -> Iterator[dict[str, Any]]:
    """The objects of a file: one, or one a line, as the collector writes them, whose last line may
    not be whole while it does."""
    try:
        whole: list[Any] = [json.loads(data)]
    except json.JSONDecodeError as error:
        lines = data.splitlines()
        if len(lines) < 2 or not _parses(lines[0]):
            raise error
        last = max(number for number, line in enumerate(lines, 1) if line.strip())
        whole = [
            found
            for number, line in enumerate(lines, 1)
            if line.strip() and (found := _line(line, number, number == last)) is not None
        ]
    yield from whole


def _line(line: bytes, number: int, last: bool) -> Any:
    """What a line says; None of the last one if it is cut off."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        if last:
            return None
        raise ValueError(f"not valid JSON: {error.msg}, line {number}") from error


def _parses(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _told(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"not valid JSON: {error.msg}, line {error.lineno}"
        case KeyError():
            return f"`{error.args[0]}` is missing"
        case _:
            return str(error) or type(error).__name__
