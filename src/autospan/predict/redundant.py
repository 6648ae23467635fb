"""Functions whose span would show what another span shows."""

from __future__ import annotations

from collections.abc import Callable, Collection

from autospan.model import Effect, Graph, Survey

_THIN = 1
"""Statements of a function that only passes a call on, at most; a docstring is one."""


def redundant(
    graph: Graph, survey: Survey
) -> Callable[[int, Collection[int]], tuple[str, str] | None]:
    """For a function (index) and those that have spans: a code, and words for what shows the same.

    That is a package's span (of the entry point, or of its only I/O call), the span of the one
    function that it calls, or those of all that call it. An entry point that nobody opens a root
    span for always says something of its own.
    """
    free = {each.function for each in survey.entries if each.root_span == "auto"}
    starts = {each.function for each in survey.entries} - free
    effects: dict[int, set[Effect]] = {}
    for effect in survey.effects:
        effects.setdefault(effect.function, set()).add(effect)
    callees: dict[int, set[int]] = {}
    callers: dict[int, set[int]] = {}
    for edge in graph.edges:
        if edge.confidence != "guessed":
            callees.setdefault(edge.caller, set()).add(edge.callee)
            callers.setdefault(edge.callee, set()).add(edge.caller)

    def shown(number: int, spanned: Collection[int]) -> tuple[str, str] | None:
        if number in free:
            return "free", "auto-instrumentation opens this entry point's span"
        function = graph.functions[number]
        thin = function.shape.statements <= _THIN + function.docstring
        if not thin or number in starts:
            return None
        own, below = effects.get(number, set()), callees.get(number, set())
        if len(own) == 1 and not below:
            (only,) = own
            if only.package:
                return "free", f"all it does is {only.call}, which {only.package} spans"
        if len(below) == 1 and not own:
            (callee,) = below
            if callee in spanned:
                name = graph.functions[callee].qualified
                return "thin", f"it only calls {name}, which has a span"
            above = callers.get(number, set())
            if above and above <= set(spanned):
                return "thin", "it only passes a call on, and all its callers have spans"
        return None

    return shown
