"""The report of `suggest` for people: free, cheap, coverage, effort, entry points, what next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import render
from autospan.present.text.cheap import cheap, names_only
from autospan.present.text.coverage import coverage
from autospan.present.text.effort import effort
from autospan.present.text.entries import entries
from autospan.present.text.frame import following, problems, summary
from autospan.present.text.free import free
from autospan.present.text.hot import hot
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["View", "present"]


def present(view: View, width: int, colors: bool = False) -> str:
    """The report; with `view.quiet` only the ranked functions, one a line."""
    if view.quiet:
        return names_only(view)
    return render(_parts(view, width), width, colors)


def _parts(view: View, width: int) -> Iterator[RenderableType]:
    yield from summary(view)
    if view.analysis.graph.functions:
        yield from free(view, width)
        yield from cheap(view, width)
        yield from coverage(view)
        yield from hot(view)
        yield from effort(view)
        yield from entries(view, width)
    yield from problems(view)
    if view.analysis.graph.functions:
        yield from following(view)
