"""Documents that say how code is started: keys and values of YAML, JSON, HCL, INI or ZCML.

They are read line by line, as people write them: one key a line. Nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from autospan.model import Document, Place

_PAIR = re.compile(
    r"""^([\s-]*)["']?([\w.-]+|/[^"'\s]*?)["']?\s*(?:[:=]\s*(.*?))?(?:\s*/?>)?[\s,{]*$"""
)
_BLOCK = re.compile(r"""^(\s*)[\w-]+(?:\s+"[^"]*")*\s+"([^"]*)"\s*\{""")
_TAG = re.compile(r"^(\s*)<([\w:.-]+)\s*$")
_COMMENT = re.compile(r"\s+#.*$|^\s*(?:#|//).*$")
_COMMAND = re.compile(
    r"""(?<![\w.-])python[\d.]*["']?(?:,?\s*["']?-(?!m\b)\w+["']?)*,?\s+"""
    r"""(?:["']?-m["']?,?\s*["']?(?P<module>[\w.]+)|["']?(?P<file>[\w./~-]+\.py)\b)"""
)
_AROUND = ("parent", "above")


class Pair(NamedTuple):
    """A key with its value; `facts` are the keys beside it, and `parent` and `above`: the keys of
    the blocks around it (of HCL the last label: `resource "aws_lambda_function" "orders"`)."""

    key: str
    value: str
    facts: Mapping[str, str]
    place: Place


class Command(NamedTuple):
    """A Python process that a document starts: a dotted module or a file, and how it is started."""

    target: str
    text: str
    place: Place


class _Line(NamedTuple):
    indent: int
    key: str
    value: str


def pairs(document: Document, keys: frozenset[str]) -> Iterator[Pair]:
    """The pairs with one of these keys, in the order of the document."""
    if not any(key in document.text for key in keys):
        return
    lines = [_line(line) for line in document.text.splitlines()]
    for number, line in enumerate(lines):
        if line is not None and line.key in keys and line.value:
            around = _around(lines, number)
            facts = {**_beside(lines, number), **around, line.key: line.value, "value": line.value}
            yield Pair(line.key, line.value, facts, Place(document.path, number + 1))


def _line(text: str) -> _Line | None:
    text = _COMMENT.sub("", text)
    if block := _BLOCK.match(text) or _TAG.match(text):
        return _Line(len(block[1]), block[2], "")
    if found := _PAIR.match(text):
        return _Line(len(found[1]), found[2], (found[3] or "").strip("\"' "))
    return None


def _beside(lines: list[_Line | None], number: int) -> dict[str, str]:
    """The pairs of the same block: those as deep, up and down to the first that is less deep."""
    here = lines[number]
    depth = here.indent if here else 0
    found: dict[str, str] = {}
    for step in (-1, 1):
        at = number + step
        while 0 <= at < len(lines):
            line = lines[at]
            if line is not None and line.indent < depth:
                break
            if line is not None and line.indent == depth:
                found.setdefault(line.key, line.value)
            at += step
    return found


def _around(lines: list[_Line | None], number: int) -> dict[str, str]:
    here = lines[number]
    depth = here.indent if here else 0
    names: list[str] = []
    while depth and number and len(names) < len(_AROUND):
        number -= 1
        line = lines[number]
        if line is not None and line.indent < depth:
            names.append(line.key)
            depth = line.indent
    return dict(zip(_AROUND, names, strict=False))


def commands(document: Document) -> Iterator[Command]:
    """The Python processes that a document starts: `python -m pkg.mod`, `python3 bin/sync.py`."""
    for number, line in enumerate(document.text.splitlines(), 1):
        for found in _COMMAND.finditer(_COMMENT.sub("", line)):
            module, file = found["module"], found["file"]
            text = f"python -m {module}" if module else f"python {file}"
            yield Command(module or file, text, Place(document.path, number))
