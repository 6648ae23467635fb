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
    lines = [each for each in data.split(b"\n") if each.strip()]
    try:
        documents: list[Any] = [json.loads(data)]
    except json.JSONDecodeError:
        documents = [json.loads(each) for each in lines]  # one a line, as the collector writes them
    for found in documents:
        if "resourceSpans" in found:
            yield from spans.frames(found)
        elif "profiles" in found and "shared" in found:
            yield from speedscope.frames(found)
        elif "files" in found and "meta" in found:
            yield from covered.from_report(found)
        else:
            raise ValueError("JSON without `resourceSpans`, `profiles` or `files`")


def _told(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"not valid JSON: {error.msg}, line {error.lineno}"
        case KeyError():
            return f"`{error.args[0]}` is missing"
        case _:
            return str(error) or type(error).__name__
