"""Pieces that the texts for people are built of: headings, paragraphs, rows of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Literal

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_WIDE = 55
Span = str | tuple[str, str] | Text
"""Text, text with a rich style, or both already joined."""


def render(parts: Iterable[RenderableType], width: int, colors: bool) -> str:
    """The parts below each other, wrapped to `width` columns; without colours, plain text."""
    stream = StringIO()
    console = Console(
        file=stream,
        width=width,
        height=1000,
        force_terminal=colors,
        color_system="standard" if colors else None,
        no_color=not colors,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for part in parts:
        code = isinstance(part, Text) and part.no_wrap
        console.print(part, crop=False, no_wrap=code or None, overflow="ignore" if code else None)
    return "\n".join(line.rstrip() for line in stream.getvalue().rstrip("\n").split("\n")) + "\n"


def text(*spans: Span) -> Text:
    """Spans as one text. Control characters, as analysed code may hold them, become visible."""
    whole = Text(overflow="fold")
    for span in spans:
        if isinstance(span, Text):
            whole.append_text(span)
        else:
            words, style = (span, "") if isinstance(span, str) else span
            whole.append(_CONTROL.sub(lambda found: repr(found[0])[1:-1], words), style=style)
    return whole


def literal(line: str, style: str = "") -> Text:
    """A line of code, never wrapped."""
    whole = text((line, style))
    whole.no_wrap, whole.overflow = True, "ignore"
    return whole


def join(spans: Iterable[Span], between: str) -> Text:
    """Spans with something between them."""
    whole = text()
    for number, span in enumerate(spans):
        whole.append_text(text(between, span) if number else text(span))
    return whole


def heading(title: str, words: str = "") -> RenderableType:
    """An empty line, and a title with what it counts."""
    return text("\n", (title, "bold"), (f"  {words}" if words else "", "dim"))


def indent(part: RenderableType, columns: int) -> RenderableType:
    """The part moved to the right, wrapped within what is left of the width."""
    return Padding(part, (0, 0, 0, columns))


def bullet(label: Span, part: Text, at: int, indentation: int = 2) -> RenderableType:
    """A label, and beside it from column `at` on a text that wraps there."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=at - 1, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(text(label), part)
    return indent(grid, indentation)


def rows(
    lines: Sequence[Sequence[Span]],
    indentation: int = 2,
    right: Iterable[int] = (),
    whole: Iterable[int] = (),
) -> RenderableType:
    """Columns as wide as they need to be, two blanks apart; where there is not room enough, they
    wrap, but for those that are to stay `whole`."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    numbers, unbroken = set(right), set(whole)
    for index in range(max((len(line) for line in lines), default=0)):
        justify: Literal["left", "right"] = "right" if index in numbers else "left"
        grid.add_column(justify=justify, overflow="fold", no_wrap=index in unbroken)
    for line in lines:
        grid.add_row(*(text(span) for span in line))
    return indent(grid, indentation)


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `1,234 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def commands(lines: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    """Commands to run next, each with what it does; long ones in lines of their own, unbroken."""
    listed = list(lines)
    at = 3 + max((len(command) for command, _ in listed if len(command) <= _WIDE), default=0)
    for command, purpose in listed:
        if len(command) < at:
            yield bullet((command, "cyan"), text((purpose, "dim")), at)
        else:
            yield literal(f"  {command}", "cyan")
            yield indent(text((purpose, "dim")), at + 2)
