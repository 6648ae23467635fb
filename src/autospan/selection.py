"""Which functions get a span: those that are asked for, as far as they can carry one and the traces
of the program stay readable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from autospan.config import Config
from autospan.model import OURS, Candidate, Function, Graph, Selection, Survey
from autospan.predict.budget import Budget
from autospan.predict.cover import cover
from autospan.predict.redundant import redundant
from autospan.quiet import find_quiet

Verdict = tuple[str, str] | None
"""Why a function gets no span: a code and words; None if it gets one."""


def selected(
    candidates: Sequence[Candidate],
    graph: Graph,
    survey: Survey,
    refuse: Callable[[int, Function], Verdict],
    config: Config,
    selection: Selection,
) -> Iterator[tuple[Candidate, Verdict]]:
    """The candidates that are asked for, best first, each with why it gets no span.

    With `top`, functions that cannot carry a span do not use up a place; those that have one do,
    autospan's wherever they rank by now, so that a second run finds nothing to add. What only
    repeats another span or waits for nothing, and what would open more spans in a trace than the
    budget allows, is left out there: there may be fewer than `top`.
    """
    wanted = _wanted(selection, graph, survey)
    asked = [each for each in candidates if wanted(each, graph.functions[each.function])]
    if selection.coverage:
        yield from _covering(asked, graph, survey, refuse)
    elif selection.top is None:
        yield from ((each, refuse(each.function, graph.functions[each.function])) for each in asked)
    else:
        quiet = find_quiet(candidates, graph.functions)

        def offered(each: Candidate) -> Verdict:
            verdict = refuse(each.function, graph.functions[each.function])
            return verdict or (None if selection.functions else quiet(each))

        yield from _best(asked, graph, survey, offered, config.budget, selection.top)


def _best(
    asked: Sequence[Candidate],
    graph: Graph,
    survey: Survey,
    offered: Callable[[Candidate], Verdict],
    limit: int,
    top: int,
) -> Iterator[tuple[Candidate, Verdict]]:
    """The best `top`, those counted that are traced already. Where the budget leaves some out, what
    has less than half of the first one's score is no substitute for them."""
    best, floor = max((each.score for each in asked), default=0.0), 0.0
    repeats = redundant(graph, survey)
    budget = Budget(graph, survey, limit)
    ours = {each.function for each in survey.traced if each.api == OURS}
    places = top - sum(each.function in ours for each in asked)
    for candidate in asked:
        number = candidate.function
        if (places <= 0 or candidate.score < floor) and number not in ours:
            continue
        verdict = offered(candidate) or repeats(number, budget.spanned)
        if verdict is None and (words := budget.exceeded(number)):
            verdict, floor = ("budget", words), best / 2
        places -= verdict is None or (verdict[0] == "traced" and number not in ours)
        yield candidate, verdict


def _covering(
    asked: Iterable[Candidate],
    graph: Graph,
    survey: Survey,
    refuse: Callable[[int, Function], Verdict],
) -> Iterator[tuple[Candidate, Verdict]]:
    """The fewest that stand on every way from an entry point to an I/O call."""
    repeats = redundant(graph, survey)
    costs = {
        each.function: 1.0 - each.score / 2
        for each in asked
        if refuse(each.function, graph.functions[each.function]) is None
        and repeats(each.function, ()) is None
    }
    chosen = cover(graph, survey, costs)
    yield from ((each, None) for each in asked if each.function in chosen)


def _wanted(
    selection: Selection, graph: Graph, survey: Survey
) -> Callable[[Candidate, Function], bool]:
    starts = {entry.function for entry in survey.entries if entry.dark}
    named = frozenset(selection.named) if selection.named is not None else None

    def wanted(candidate: Candidate, function: Function) -> bool:
        if named is not None and function.qualified not in named:
            return False
        if selection.functions and not _matches(function, selection.functions):
            return False
        if selection.entrypoints and candidate.function not in starts:
            return False
        return selection.min_score is None or candidate.score >= selection.min_score

    return wanted


def _matches(function: Function, globs: Iterable[str]) -> bool:
    names = (
        function.qualified,
        function.name,
        function.qualified.partition(".")[2],
        function.short,
    )
    return any(fnmatchcase(name, glob) for glob in globs for name in names)
