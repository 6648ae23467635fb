"""Everything about one function: what it is, who reaches it, its score, and what would be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import indent, join, render, rows, text
from autospan.present.explain.around import calls, effects, reached_from
from autospan.present.explain.subject import Subject, identity, tracing
from autospan.present.explain.verdict import plan, score

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.lookup import Match
    from autospan.pipeline import Linked

__all__ = ["Subject", "present", "present_choice"]


def present(subject: Subject, width: int, colors: bool = False) -> str:
    """The way of one function through all stages."""
    return render(_parts(subject), width, colors)


def _parts(subject: Subject) -> Iterator[RenderableType]:
    yield from identity(subject)
    yield from reached_from(subject)
    yield from calls(subject)
    yield from effects(subject)
    yield from tracing(subject)
    yield from score(subject)
    yield from plan(subject)


def present_choice(name: str, match: Match, analysis: Linked, width: int) -> str:
    """The answer to a name that is not just one function: why, and what to ask for instead."""
    return render(_choices(name, match, analysis), width, colors=False)


def _choices(name: str, match: Match, analysis: Linked) -> Iterator[RenderableType]:
    if match.functions:
        functions = [analysis.graph.functions[number] for number in match.functions]
        yield text(f"autospan: {name} may be any of {len(functions)} functions:")
        yield rows([(each.qualified, str(each.place)) for each in functions])
        yield text("  help: use more of the name, or path:line")
        return
    yield text(f"autospan: {name}: {match.why}")
    if match.instead:
        title = (
            "did you mean" if match.why.startswith("no function") else "its functions, best first"
        )
        listed = join(match.instead, "\n") if len(match.instead) > 1 else text(match.instead[0])
        yield text(f"  help: {title}:")
        yield indent(listed, 4)
