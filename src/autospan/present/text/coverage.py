"""COVERAGE: what is seen of entry points and I/O with the plan, and how many spans a trace has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from autospan.present._page import bullet, counted, heading, indent, rows, text
from autospan.present.text.view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.model import Trace

_SHOWN = 3


def coverage(view: View) -> Iterator[RenderableType]:
    """Before and after the plan; the entry point with most spans; what the budget left out."""
    before, after = view.outlook.before, view.outlook.after
    if not after.entries:
        return
    packages = "packages installed" if view.outlook.packages else "no packages"
    yield heading(
        "COVERAGE", f"{packages}, without and with {counted(len(view.plan.edits), 'span')}"
    )
    table = [
        ("entry points with a root span", before.rooted, after.rooted, after.entries),
        ("I/O calls under a span", before.covered, after.covered, after.effects),
        ("I/O calls under a function's span", before.named, after.named, after.effects),
    ]
    yield rows(
        [(name, str(now), "→", str(then), f"of {every:,}") for name, now, then, every in table],
        right=(1, 3),
    )
    fullest = max(view.outlook.traces, key=_internal)
    if _internal(fullest):
        yield indent(_fullest(fullest, view), 2)
    left_out = [each for each in view.plan.skips if each.code == "budget"]
    for skip in left_out if view.verbose else left_out[:_SHOWN]:
        name = skip.function.replace(":", ".")
        label = ("left out", "yellow")
        yield bullet(label, text(name, (f": {skip.why}", "dim")), 10, indentation=2)
    if len(left_out) > _SHOWN and not view.verbose:
        yield indent(text((f"… and {len(left_out) - _SHOWN} more: --verbose", "dim")), 2)


def _internal(trace: Trace) -> int:
    return trace.tally.internal


def _fullest(trace: Trace, view: View) -> RenderableType:
    entry = view.analysis.survey.entries[trace.entry]
    more = ", more where loops repeat them" if trace.tally.open else ""
    noisy = sum(each.noisy for each in view.outlook.traces)
    spans = counted(trace.tally.internal, "internal span")
    words = f"most: {spans} in {entry.kind} {entry.name}{more}"
    if noisy:
        return text((f"{words}; {counted(noisy, 'trace')} over 10 (SPA-001)", "yellow"))
    return text((words, "dim"))
