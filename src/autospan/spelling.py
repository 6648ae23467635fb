"""How a span is spelled in a file: the arguments of `traced`, in the characters, the quotes and the
line length of that file."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    if not pieces:
        return local
    flat = f"{local}({', '.join(each.flat for each in pieces)})"
    if not pen.width or column + 1 + len(flat) <= pen.width:
        return flat
    return "\n".join([f"{local}(", *_broken(pieces, pen.width - column - len(_UNIT)), ")"])


def opening(edit: Edit, local: str, pen: Pen) -> str:
    """What stands behind `with`: the block does not know its function, so the span is named."""
    name = literal(edit.name, pen)
    return f"{local}(block={name}{values(edit, ', capture=', pen)})"


def values(edit: Edit, before: str, pen: Pen) -> str:
    """The captured parameters by their attribute keys, as a dictionary; "" if there are none."""
    pairs = [
        f"{literal(each.key, pen)}: {each.parameter}" for each in edit.captures if each.captured
    ]
    return f"{before}{{{', '.join(pairs)}}}" if pairs else ""


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
