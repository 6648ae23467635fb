"""How many spans a trace may have: functions are given spans one by one, as long as they fit."""

from __future__ import annotations

from collections.abc import Iterable

from autospan.model import Graph, Span, Survey
from autospan.predict.calls import THREADS, calls_of
from autospan.predict.carriers import carriers_of
from autospan.predict.fold import fold


class Budget:
    """The internal spans of each trace, held against a limit (0: none) with every span added.

    A loop counts as three rounds (`Tally.load`). Traces start at entry points whose root span
    somebody opens; elsewhere each span starts a trace, so that it is held against the limit itself.
    """

    def __init__(self, graph: Graph, survey: Survey, limit: int) -> None:
        self.limit = limit
        self.spanned = {each.function for each in survey.traced}
        self._graph = graph
        if not limit:
            return
        calls = calls_of(graph, survey, {THREADS})
        self._folded = fold(calls, graph.functions, carriers_of(graph, survey, {}), ())
        self._nodes: dict[int, list[int]] = {}
        self._callers: dict[int, list[int]] = {}
        self._component: dict[int, int] = {}
        for at, component in enumerate(calls.order):
            for node in component:
                self._component[node] = at
                self._nodes.setdefault(calls.functions[node], []).append(node)
                for callee in calls.callees(node):
                    self._callers.setdefault(callee, []).append(node)
        self._roots = {
            start: f"{entry.kind} {entry.name}"
            for entry, start in reversed([*zip(survey.entries, calls.starts, strict=True)])
            if entry.root_span is not None
        }

    def exceeded(self, function: int) -> str:
        """Why a span on this function (index) is too much; "" if it fits, and then it has one."""
        before = {**self._folded.folds} if self.limit else {}
        if self.limit and (words := self._added(function)):
            del self._folded.carriers[function]
            self._folded.folds = before
            return words
        self.spanned.add(function)
        return ""

    def _added(self, function: int) -> str:
        place = self._graph.functions[function].place
        self._folded.carriers[function] = Span("", "planned", "", function, place)
        above = self._above(self._nodes.get(function, ()))
        for component in sorted({self._component[node] for node in above}):
            self._folded.fold(self._folded.calls.order[component])
        for node in sorted(above):
            tops = self._roots.get(node)
            if tops is None and self._folded.calls.functions[node] in self._folded.carriers:
                tops = self._graph.functions[self._folded.calls.functions[node]].qualified
            load = self._folded.folds[node].tally.load
            if tops is not None and load > self.limit:
                return f"{tops} would open {load} internal spans; the budget is {self.limit}"
        return ""

    def _above(self, nodes: Iterable[int]) -> set[int]:
        """The nodes and all that lead to them."""
        found: set[int] = set()
        pending = list(nodes)
        while pending:
            node = pending.pop()
            if node not in found:
                found.add(node)
                pending += self._callers.get(node, ())
        return found
