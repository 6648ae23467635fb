"""What every function calls, step by step, as far as spans are concerned."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autospan.model import Effect, Entry, Graph, Span, Survey

THREADS = "opentelemetry-instrumentation-threading"
_SILENT = re.compile(r"fetch|__|connect|cursor$|commit$|rollback$|close$")
"""The names of PEP 249 that are not statements."""


class Step(NamedTuple):
    """A step of a function: a call of a node, or `~n`, the span of leaf n; `sure` where
    whoever comes to that line takes it, `loop` where a loop repeats it."""

    line: int
    target: int
    sure: bool
    loop: bool


@dataclass(frozen=True, slots=True)
class Calls:
    """Nodes are functions in a context (node n is function n without one): the function of each,
    and its steps in the order of the code. `starts` are the nodes that entry points begin at,
    entry by entry. `order` has the strongly connected components of what these reach, callees
    first. `leaves` are spans that packages open around single calls.
    """

    functions: list[int]
    steps: dict[int, list[Step]]
    starts: tuple[int, ...]
    order: tuple[tuple[int, ...], ...]
    leaves: list[Span]

    def callees(self, node: int) -> Iterator[int]:
        """The nodes that a node calls."""
        return (step.target for step in self.steps.get(node, ()) if step.target >= 0)


def calls_of(graph: Graph, survey: Survey, packages: Collection[str]) -> Calls:
    """The steps of everything that entry points reach; guessed calls are left out.

    A call that a package carries into another process (a queue) ends in a leaf: what runs there is
    a trace of its own to look at. So does the start of a thread, without a package that takes the
    context along.
    """
    functions, steps, callers = _nodes(graph)
    leaves: list[Span] = []
    _add_packages(graph, survey, packages, functions, steps, leaves)
    if THREADS not in packages:
        _leave_out_threads(graph, survey, functions, steps)
    starts = tuple(_start(graph, entry, functions, callers) for entry in survey.entries)
    for taken in steps.values():
        taken.sort(key=lambda each: each.line)
    return Calls(functions, steps, starts, _ordered(starts, steps), leaves)


_Callers = dict[int, list[int]]


def _nodes(graph: Graph) -> tuple[list[int], dict[int, list[Step]], _Callers]:
    functions = list(range(len(graph.functions)))
    numbers: dict[tuple[int, int], int] = {}
    steps: dict[int, list[Step]] = {}
    wrapped: _Callers = {}
    properties = {
        number
        for number, each in enumerate(graph.functions)
        if each.decorators and any(one.endswith("property") for one in each.decorators)
    }

    def node(function: int, context: int) -> int:
        if context == 0:
            return function
        number = numbers.get((function, context))
        if number is None:
            number = numbers[function, context] = len(functions)
            functions.append(function)
        return number

    for caller, callee, line, confidence, loop, (inside, into) in graph.edges:
        if confidence == "guessed":
            continue
        start, end = node(caller, inside), node(callee, into)
        kind = graph.functions[callee].kind
        sure = confidence == "exact" and not loop and "generator" not in kind
        again = loop > 0 or callee in properties
        steps.setdefault(start, []).append(Step(line, end, sure, again))
        if graph.functions[caller].outer is not None:
            wrapped.setdefault(end, []).append(start)
    _add_common(graph, functions, steps)
    return functions, steps, wrapped


def _add_common(graph: Graph, functions: list[int], steps: dict[int, list[Step]]) -> None:
    """What a function does without a context it may do in every one in which no more is known."""

    def what(step: Step) -> tuple[int, str]:
        return step.line, graph.functions[functions[step.target]].short

    for node, taken in steps.items():
        if node >= len(graph.functions):
            known = {what(each) for each in taken}
            common = steps.get(functions[node], ())
            taken += [each._replace(sure=False) for each in common if what(each) not in known]


def _add_packages(
    graph: Graph,
    survey: Survey,
    packages: Collection[str],
    functions: Sequence[int],
    steps: dict[int, list[Step]],
    leaves: list[Span],
) -> None:
    """Add the calls around which packages open spans, in every context of a function: one a line
    and package. Packages for databases span statements, not connecting nor what is done with a
    result."""
    found: dict[tuple[int, int, str], Effect] = {}
    for effect in survey.effects:
        silent = effect.kind == "db" and _SILENT.match(effect.call.rpartition(".")[2])
        if effect.package in packages and not silent:
            found.setdefault((effect.function, effect.place.line, effect.package), effect)
    nodes: dict[int, list[int]] = {}
    for node, function in enumerate(functions):
        nodes.setdefault(function, []).append(node)
    consumers = {each.function: each for each in survey.entries if each.root_span == "auto"}
    for (function, line, package), effect in found.items():
        name = effect.call.removeprefix("?")
        made = Step(line, ~len(leaves), not (effect.weak or effect.loop), effect.loop > 0)
        leaves.append(Span(name, "auto", package, function, effect.place))
        for node in nodes[function]:
            taken = steps.setdefault(node, [])
            taken.append(made)
            _carry(graph, consumers, taken, (line, package), leaves)


def _carry(
    graph: Graph,
    consumers: Mapping[int, Entry],
    taken: list[Step],
    by: tuple[int, str],
    leaves: list[Span],
) -> None:
    """Of the steps of a line, end those in leaves that a package carries into another process."""
    line, package = by
    for at, step in enumerate(taken):
        there = consumers.get(step.target) if step.line == line else None
        if there is not None and there.package == package:
            place = graph.functions[there.function].place
            taken[at] = step._replace(target=~len(leaves))
            leaves.append(Span(there.name, "auto", package, there.function, place, cut=1))


def _leave_out_threads(
    graph: Graph, survey: Survey, functions: list[int], steps: dict[int, list[Step]]
) -> None:
    """Leave out what is started in threads: without help, a thread's spans are of other traces."""
    started = {(each.function, each.place) for each in survey.entries if each.kind == "thread"}
    places = {(function, place.file, place.line) for function, place in started}
    for node, taken in steps.items():
        file = graph.functions[functions[node]].place.file
        steps[node] = [
            each
            for each in taken
            if each.target < 0 or (functions[each.target], file, each.line) not in places
        ]


def _start(graph: Graph, entry: Entry, functions: list[int], callers: _Callers) -> int:
    """The node that an entry point begins at: the outermost wrapper that the project's decorators
    put around its function."""
    by = {each for one in graph.decorations if one.function == entry.function for each in one.by}
    node, seen = entry.function, {entry.function}
    while by:
        around = (
            each
            for each in callers.get(node, ())
            if graph.functions[functions[each]].outer in by and each not in seen
        )
        if (outer := next(around, None)) is None:
            break
        seen.add(outer)
        node = outer
    return node


def _ordered(
    starts: tuple[int, ...], steps: Mapping[int, list[Step]]
) -> tuple[tuple[int, ...], ...]:
    """The strongly connected components of what is reached, callees first: petgraph gives them in
    the reverse of a topological order (Kosaraju's algorithm)."""
    import rustworkx

    reached: dict[int, int] = {}
    pending = list(starts)
    edges: list[tuple[int, int]] = []
    while pending:
        node = pending.pop()
        if node not in reached:
            reached[node] = len(reached)
            callees = [step.target for step in steps.get(node, ()) if step.target >= 0]
            edges += [(node, callee) for callee in callees]
            pending += callees
    digraph: rustworkx.PyDiGraph[int, None] = rustworkx.PyDiGraph()
    digraph.add_nodes_from(list(reached))
    digraph.add_edges_from_no_data([(reached[one], reached[other]) for one, other in edges])
    nodes = list(reached)
    components = rustworkx.strongly_connected_components(digraph)
    return tuple(tuple(sorted(nodes[each] for each in component)) for component in components)
