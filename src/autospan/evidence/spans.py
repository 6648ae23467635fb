"""Traces in OpenTelemetry's JSON (OTLP), as a collector's file exporter writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autospan.model import Frame


def frames(document: dict[str, Any]) -> Iterator[Frame]:
    """One frame a span: where its attributes say in which file and line, else by its name."""
    for resource in document["resourceSpans"]:
        for scope in resource.get("scopeSpans", ()):
            for span in scope.get("spans", ()):
                yield _frame(span)


def _frame(span: dict[str, Any]) -> Frame:
    told = {each["key"]: each.get("value", {}) for each in span.get("attributes", ())}
    file = _text(told, "code.file.path") or _text(told, "code.filepath")
    line = _number(told, "code.line.number") or _number(told, "code.lineno")
    function = _text(told, "code.function.name") or _text(told, "code.function")
    name = function if file else span["name"]
    seconds = (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e9
    return Frame(file, line, name, 1, max(seconds, 0.0))


def _text(told: dict[str, Any], key: str) -> str:
    return str(told.get(key, {}).get("stringValue", ""))


def _number(told: dict[str, Any], key: str) -> int:
    return int(told.get(key, {}).get("intValue", 0))
