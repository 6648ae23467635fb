"""The options of `graph`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import typer

from autospan.options.output import Output

_PART = "A part of the graph"


class GraphFormat(str, Enum):
    """The formats of `graph`."""

    text = "text"
    json = "json"
    dot = "dot"


class Confidence(str, Enum):
    """How well a call is known."""

    exact = "exact"
    inferred = "inferred"
    guessed = "guessed"


class Direction(str, Enum):
    """Which calls are followed."""

    callees = "callees"
    callers = "callers"
    both = "both"


@dataclass(frozen=True, slots=True)
class Drawing:
    """How `graph` draws, and what of the graph."""

    format: Annotated[
        GraphFormat | None,
        typer.Option(
            "--format",
            "-f",
            help="For people, tools or Graphviz. Default: text with --from, else json.",
        ),
    ] = None
    min_confidence: Annotated[
        Confidence, typer.Option(help="Leave out calls that are known less well.")
    ] = Confidence.guessed
    origins: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="NAME",
            help="Only what is around this function: its name, the end of it, a glob or PATH:LINE; "
            "repeatable.",
            rich_help_panel=_PART,
        ),
    ] = None
    depth: Annotated[
        int,
        typer.Option(min=1, max=50, metavar="N", help="Steps from it.", rich_help_panel=_PART),
    ] = 2
    direction: Annotated[
        Direction, typer.Option(help="What to follow from it.", rich_help_panel=_PART)
    ] = Direction.callees
    output: Output = None
