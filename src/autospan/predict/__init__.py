"""`predict`: what the trace of each entry point will look like, given the functions with spans."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from autospan.model import Graph, Outlook, Plan, Span, Survey, Tally, Trace
from autospan.predict.calls import Calls, calls_of
from autospan.predict.coverage import coverage
from autospan.predict.fold import fold, occurring

__all__ = ["Calls", "calls_of", "planned", "predict"]


def predict(
    graph: Graph,
    survey: Survey,
    planned: Mapping[int, str],
    packages: Collection[str] | None = None,
) -> Outlook:
    """The predicted trace of every entry point, and the coverage without and with the plan.

    `planned` are the functions (indices) that get a span, with its name. `packages` are the
    auto-instrumentation packages that are on: if None, all that the code could use. What is
    guessed of the call graph is left out. The bounds of a span (`least`, `most`) hold for calls
    that end normally.

    The call graph is folded from the callees up: a function without a span hands the spans beneath
    it to its callers, one with a span keeps them as children. Functions that call each other are
    one, and each of their spans occurs any number of times. Every function is folded once, so that
    the cost grows with the calls and not with the paths.
    """
    on = frozenset(usable(survey) if packages is None else packages)
    calls = calls_of(graph, survey, on)
    carriers = _carriers(graph, survey, planned)
    doers = frozenset(each.function for each in survey.effects)
    folds, spans = fold(calls, graph.functions, carriers, doers)
    traces = []
    for number, (entry, start) in enumerate(zip(survey.entries, calls.starts, strict=True)):
        called = folds[start]
        below = occurring(called, spans)
        if entry.root_span == "auto" and entry.package in on:
            root = Span(entry.name, "auto", entry.package, entry.function, entry.place)
            root = root._replace(children=below, cut=called.cut)
            traces.append(Trace(number, (root,), called.tally.plus(Tally(1, 1)), True))
        else:
            traces.append(Trace(number, below, called.tally, entry.function in carriers))
    covered = partial(coverage, calls, survey, on)
    by_hand = {each.function for each in survey.traced}
    before, after = covered(by_hand), covered({*by_hand, *planned})
    return Outlook(tuple(traces), before, after, tuple(sorted(on)))


def planned(plan: Plan, graph: Graph) -> dict[int, str]:
    """The functions (indices) that a plan gives spans to, and the names of these."""
    edits = {(each.path, each.function, each.ordinal): each for each in plan.edits}
    found = {}
    for number, function in enumerate(graph.functions):
        edit = edits.get((function.place.file, function.name, function.ordinal))
        if edit is not None:
            found[number] = edit.span or edit.default_span
    return found


def usable(survey: Survey) -> set[str]:
    """The auto-instrumentation packages that the code could use."""
    return {each.package for each in survey.free if each.fits is not False}


def _carriers(graph: Graph, survey: Survey, planned: Mapping[int, str]) -> dict[int, Span]:
    """The functions with a span of their own, as spans that nothing is known beneath of."""
    functions = graph.functions
    new = {
        number: Span(name, "planned", "", number, functions[number].place)
        for number, name in planned.items()
    }
    old = {
        each.function: Span(
            functions[each.function].qualified, "existing", each.api, each.function, each.place
        )
        for each in reversed(survey.traced)
    }
    return {**new, **old}
