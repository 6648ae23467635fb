"""Where a TOML file sets a key, for messages: the parser tells no lines."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[+([^\]]+)\]")
_ASSIGNMENT = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w"'-]+)*)\s*=""")


def line_of(table: str, key: str, text: str) -> int:
    """The line that sets a key of a table (dotted), else that of the table's header, else 0."""
    prefix, inside, header = f"{table}.", "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if match := _HEADER.match(line):
            inside = _plain(match[1]) + "."
            header = number if inside == prefix else header
        match = _ASSIGNMENT.match(line)
        name = inside + (_plain(match[1]) + "." if match else "")
        if name.startswith(f"{prefix}{key}."):
            return number
    return header


def _plain(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)
