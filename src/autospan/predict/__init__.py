"""`predict`: what the trace of each entry point will look like, given the functions with spans."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from autospan.model import Graph, Outlook, Plan, Span, Survey, Tally, Trace
from autospan.predict.calls import Calls, calls_of
from autospan.predict.carriers import carriers_of
from autospan.predict.coverage import coverage
from autospan.predict.fold import fold, occurring
from autospan.predict.folds import Fold

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
    in which nothing is raised. Hooks of a web framework may run in every request.

    The call graph is folded from the callees up: a function without a span hands the spans beneath
    it to its callers, one with a span keeps them as children. Functions that call each other are
    one, and each of their spans occurs any number of times. Every function is folded once, so that
    the cost grows with the calls and not with the paths.
    """
    on = frozenset(usable(survey) if packages is None else packages)
    calls = calls_of(graph, survey, on)
    carriers = carriers_of(graph, survey, planned)
    doers = frozenset(each.function for each in survey.effects)
    folded = fold(calls, graph.functions, carriers, doers)
    folds, spans = folded.folds, folded.spans
    hooks = _hooks(calls, survey, folds)
    traces = []
    for number, (entry, start) in enumerate(zip(survey.entries, calls.starts, strict=True)):
        called = folds[start]
        if entry.root_span == "auto" and entry.package in on:
            whole = Fold({})
            for each in hooks.get(entry.package, ()) if entry.kind == "http" else ():
                whole.add(each)
            whole.add(called)
            root = Span(entry.name, "auto", entry.package, entry.function, entry.place)
            root = root._replace(children=occurring(whole, spans), cut=whole.cut)
            traces.append(Trace(number, (root,), whole.tally.plus(Tally(1, 1)), True))
        else:
            below = occurring(called, spans)
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
            found[number] = edit.name
    return found


def usable(survey: Survey) -> set[str]:
    """The auto-instrumentation packages that the code could use."""
    return {each.package for each in survey.free if each.fits is not False}


def _hooks(calls: Calls, survey: Survey, folds: Mapping[int, Fold]) -> dict[str, list[Fold]]:
    """Per package what the hooks open that it runs around requests: any of them, or none."""
    found: dict[str, list[Fold]] = {}
    for start, entry in zip(calls.starts, survey.entries, strict=True):
        if entry.kind == "http_hook" and folds[start].tally.spans:
            found.setdefault(entry.package, []).append(folds[start].within(False, False, False))
    return found
