"""The predicted traces, without the plan and with it, as data for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autospan.present.html.embed import weight

if TYPE_CHECKING:
    from autospan.model import Entry, Span, Trace
    from autospan.present.html.view import View

_DEPTH, _SIZE = 8, 60


def traces(view: View, budget: int, room: int) -> dict[str, Any]:
    """A row for each entry point (of `total`), those first that the plan changes most, and the
    spans for the first of them.

    As many rows as fit into `budget` bytes, and spans as fit into `room`.
    """
    rows = []
    for number in _interesting(view):
        rows.append(_row(view, number))
        budget -= weight(rows[-1])
        if budget < 0:
            break
        spans = {
            "before": _tree(view.free.traces[number]),
            "after": _tree(view.planned.traces[number]),
        }
        room -= weight(spans)
        if room > 0:
            rows[-1] |= spans
    return {"total": len(view.analysis.survey.entries), "rows": rows}


def _interesting(view: View) -> list[int]:
    """The entry points by how many spans of the plan they will show."""
    after, before = view.planned.traces, view.free.traces

    def gain(number: int) -> tuple[int, int, int]:
        new = after[number].tally.spans - before[number].tally.spans
        return (-min(new, 10), -after[number].tally.spans, number)

    return sorted(range(len(view.analysis.survey.entries)), key=gain)


def _row(view: View, number: int) -> dict[str, Any]:
    entry = view.analysis.survey.entries[number]
    before, after = view.free.traces[number], view.planned.traces[number]
    return {
        "kind": entry.kind,
        "name": entry.name or view.name(entry.function),
        "function": view.name(entry.function),
        "place": str(view.function(entry.function).place),
        "evidence": entry.evidence,
        "root": [_root(entry, before), _root(entry, after)],
        "tally": [_tally(before), _tally(after)],
    }


def _root(entry: Entry, trace: Trace) -> str:
    """Who opens the root span: a package, the project by hand, the plan; "" for nobody."""
    if not trace.rooted:
        return ""
    return entry.root_span or "planned"


def _tally(trace: Trace) -> dict[str, Any]:
    found = trace.tally
    return {
        "spans": found.spans,
        "internal": found.internal,
        "short": found.short,
        "open": found.open,
        "noisy": trace.noisy,
        "hasty": trace.hasty,
    }


def _tree(trace: Trace) -> list[Any]:
    return [_span(each) for each in trace.tree(_DEPTH, _SIZE)]


def _span(span: Span) -> list[Any]:
    """Name, origin, by whom, place, how often, spans left out, and the spans beneath."""
    return [
        span.name,
        span.origin,
        span.by,
        str(span.place),
        "" if span.times == "once" else _often(span),
        span.cut,
        [_span(each) for each in span.children],
    ]


def _often(span: Span) -> str:
    """`0–1 ×`, `≥ 0 × (loop)`."""
    if span.most is None:
        return f"{span.least}–n"
    return str(span.least) if span.least == span.most else f"{span.least}–{span.most}"
