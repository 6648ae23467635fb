"""How a span is spelled in a file: what `traced` or the API is told, in the characters, the quotes
and the line length of that file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autospan.codemod import Task
from autospan.model import Capture, Edit

_UNIT = "    "
_STRINGS = re.compile(
    r"#[^\n]*|'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL
)


class Pen(NamedTuple):
    """What is written with: the encoding of a file, its quotes, the longest line (0: any)."""

    encoding: str
    quote: str = '"'
    width: int = 0


def pen(task: Task) -> Pen:
    """The pen for a file: with the quotes that its layout asks for, or that most of its strings
    have; double ones, where there is no telling."""
    quote, width = task.layout.quote or _habit(task.text), task.layout.width
    return Pen(task.source.encoding, quote, width)


def _habit(text: str) -> str:
    found = [each[0] for each in _STRINGS.findall(text) if not each.startswith(("'''", '"""'))]
    return "'" if found.count("'") > found.count('"') else '"'


def call(edit: Edit, local: str, pen: Pen, column: int = 0) -> str:
    """What stands behind `@`, itself at a column: `traced`, or `traced(...)` where there is
    something to say. Lines that would be too long are broken as Black breaks them."""
    captured = [each for each in edit.captures if each.captured]
    pieces = [_Piece(literal(edit.span, pen))] if edit.span else []
    pieces += [_capture(captured, pen)] if captured else []
    return _laid(local, pieces, pen.width, column, 1) if pieces else local


def named(edit: Edit, callee: str, pen: Pen, column: int = 0) -> str:
    """What stands behind `@`, itself at a column, where only the name of the span is said."""
    return _laid(callee, [_Piece(literal(edit.name, pen))], pen.width, column, 1)


def setting(edit: Edit, callee: str, mark: str, pen: Pen, column: int = 0) -> str:
    """A statement at a column that gives the captured parameters by their attribute keys to a
    function, with a comment that marks it; "" if there are none."""
    pairs = tuple(_pairs(edit, pen))
    room = len(f"  {mark}")
    laid = _laid(callee, [_Piece("{", pairs, "}")], pen.width, column, room)
    return f"{laid}  {mark}" if pairs else ""


def _laid(callee: str, pieces: Sequence[_Piece], width: int, column: int, besides: int) -> str:
    """A call at a column with other characters `besides` in its line; broken where it is longer
    than the `width` (0: any)."""
    flat = f"{callee}({', '.join(each.flat for each in pieces)})"
    if not width or column + besides + len(flat) <= width:
        return flat
    return "\n".join([f"{callee}(", *_broken(pieces, width - column - len(_UNIT)), ")"])


def opening(edit: Edit, local: str, pen: Pen) -> str:
    """What stands behind `with`: the block does not know its function, so the span is named."""
    name = literal(edit.name, pen)
    return f"{local}(block={name}{values(edit, ', capture=', pen)})"


def values(edit: Edit, before: str, pen: Pen) -> str:
    """The captured parameters by their attribute keys, as a dictionary; "" if there are none."""
    pairs = [*_pairs(edit, pen)]
    return f"{before}{{{', '.join(pairs)}}}" if pairs else ""


def _pairs(edit: Edit, pen: Pen) -> Iterator[str]:
    """What is captured, `key: parameter` each."""
    for each in edit.captures:
        if each.captured:
            yield f"{literal(each.key, pen)}: {each.parameter}"


class _Piece(NamedTuple):
    """An argument: how it begins, the items that may stand in lines of their own, how it ends."""

    head: str
    items: tuple[str, ...] = ()
    tail: str = ""

    @property
    def flat(self) -> str:
        """In one line; a tuple of one has its comma."""
        comma = "," if self.tail == ")" and len(self.items) == 1 else ""
        return f"{self.head}{', '.join(self.items)}{comma}{self.tail}"


def _broken(pieces: Sequence[_Piece], room: int) -> list[str]:
    """The arguments in lines below the call: in one if there is room, else in one each."""
    whole = ", ".join(each.flat for each in pieces)
    if len(whole) <= room:
        return [_UNIT + whole]
    comma = "," if len(pieces) > 1 else ""
    lines: list[str] = []
    for each in pieces:
        if len(each.flat + comma) <= room or not each.items:
            lines.append(f"{_UNIT}{each.flat}{comma}")
        else:
            items = (f"{_UNIT}{_UNIT}{item}," for item in each.items)
            lines += [_UNIT + each.head, *items, f"{_UNIT}{each.tail}{comma}"]
    return lines


def _capture(captured: Sequence[Capture], pen: Pen) -> _Piece:
    names = [literal(each.parameter, pen) for each in captured]
    if all(each.key == each.parameter for each in captured):
        return _Piece("capture=(", tuple(names), ")")
    keys = [literal(each.key, pen) for each in captured]
    pairs = (f"{name}: {key}" for name, key in zip(names, keys, strict=True))
    return _Piece("capture={", tuple(pairs), "}")


def literal(text: str, pen: Pen) -> str:
    """A string in the quotes of the pen, escaped where the file's encoding or a line cannot hold
    it."""
    try:
        text.encode(pen.encoding)
        plain = repr(text)[1:-1]
    except (UnicodeError, LookupError):
        plain = ascii(text)[1:-1]
    plain = plain.replace("\\'", "'") if repr(text)[0] == "'" else plain
    return f"{pen.quote}{plain.replace(pen.quote, f'{chr(92)}{pen.quote}')}{pen.quote}"
