"""Paths through the call graph: from entry points to functions, and from functions to effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from autospan.model import Effect, Graph, Survey

_FADE = 0.8
_NAMED = 3
_SERVING = frozenset(
    ("http", "rpc", "graphql", "websocket", "task", "consumer", "schedule", "lambda")
)


class Reach(NamedTuple):
    """The strongest effect below a function: faded value 0..1, the effect, how many calls down
    (0: its own), and the callee that leads to it."""

    value: float
    effect: Effect
    depth: int
    through: int


@dataclass(frozen=True, slots=True)
class Paths:
    """Per function (index): what it reaches, which entry points reach it (the first few, and how
    many), how many functions of the project it calls and is called by, how many callees that
    reach I/O it has and how many of these it calls in a loop; the functions that serve requests or
    tasks."""

    reach: dict[int, Reach]
    entries: dict[int, tuple[int, ...]]
    entry_count: dict[int, int]
    callees: dict[int, int]
    callers: dict[int, int]
    steps: dict[int, tuple[int, int]]
    served: frozenset[int]


def trace_paths(graph: Graph, survey: Survey) -> Paths:
    """What is reached over the edges that are known (guessed ones do not count).

    Strongly connected components (recursion) are collapsed, so that every path is finite; petgraph
    gives them in the reverse of a topological order, callees first (Kosaraju's algorithm).
    """
    import rustworkx

    nodes, callees = _nodes(graph)
    digraph: rustworkx.PyDiGraph[int, None] = rustworkx.PyDiGraph()
    digraph.add_nodes_from(nodes)
    digraph.add_edges_from_no_data([(node, to) for node in callees for to in callees[node]])
    components = [sorted(each) for each in rustworkx.strongly_connected_components(digraph)]
    masks = _from_entries(survey, nodes, components, callees)
    serving = _serving(survey)
    reach = _to_effects(survey, nodes, components, callees)
    return Paths(
        reach=reach,
        entries={function: tuple(_first_bits(mask)) for function, mask in masks.items()},
        entry_count={function: mask.bit_count() for function, mask in masks.items()},
        callees=_neighbours(nodes, callees),
        callers=_neighbours(nodes, _reversed(callees)),
        steps=_steps(graph, reach),
        served=frozenset(function for function, mask in masks.items() if mask & serving),
    )


def _nodes(graph: Graph) -> tuple[list[int], dict[int, set[int]]]:
    """Nodes are functions in a context: the function of each node (node n is function n without a
    context), and the callees of each node."""
    nodes = list(range(len(graph.functions)))
    numbers: dict[tuple[int, int], int] = {}
    callees: dict[int, set[int]] = {}

    def node(function: int, context: int) -> int:
        if context == 0:
            return function
        number = numbers.get((function, context))
        if number is None:
            number = numbers[function, context] = len(nodes)
            nodes.append(function)
        return number

    for caller, callee, _, confidence, _, (inside, into) in graph.edges:
        if confidence != "guessed":
            callees.setdefault(node(caller, inside), set()).add(node(callee, into))
    return nodes, callees


def _steps(graph: Graph, reach: Mapping[int, Reach]) -> dict[int, tuple[int, int]]:
    """Per function: callees that reach I/O, and those of them that it calls in a loop."""
    callees: dict[int, set[int]] = {}
    looped: dict[int, set[int]] = {}
    for caller, callee, _, confidence, loop, _ in graph.edges:
        if callee in reach and callee != caller and confidence != "guessed":
            callees.setdefault(caller, set()).add(callee)
            if loop:
                looped.setdefault(caller, set()).add(callee)
    return {caller: (len(each), len(looped.get(caller, ()))) for caller, each in callees.items()}


def _neighbours(nodes: list[int], edges: dict[int, set[int]]) -> dict[int, int]:
    """How many different functions each function has an edge to, itself aside."""
    found: dict[int, set[int]] = {}
    for node, targets in edges.items():
        found.setdefault(nodes[node], set()).update(nodes[target] for target in targets)
    return {function: len(targets - {function}) for function, targets in found.items()}


def _reversed(edges: dict[int, set[int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for node, targets in edges.items():
        for target in targets:
            found.setdefault(target, set()).add(node)
    return found


def _to_effects(
    survey: Survey, nodes: list[int], components: list[list[int]], callees: dict[int, set[int]]
) -> dict[int, Reach]:
    """The strongest effect that each function reaches."""
    own: dict[int, Reach] = {}
    for effect in survey.effects:
        value = effect.weight * (0.5 if effect.weak else 1.0)
        known = own.get(effect.function)
        if known is None or value > known.value:
            own[effect.function] = Reach(value, effect, 0, effect.function)
    found = {node: own[function] for node, function in enumerate(nodes) if function in own}
    for component in components:
        changed = True
        while changed:
            changes = [_absorb(node, nodes, callees, found) for node in component]
            changed = len(component) > 1 and any(changes)
    best: dict[int, Reach] = {}
    for node, reach in sorted(found.items()):
        known = best.get(nodes[node])
        if known is None or reach.value > known.value:
            best[nodes[node]] = reach
    return best


def _absorb(
    node: int, nodes: list[int], callees: dict[int, set[int]], found: dict[int, Reach]
) -> bool:
    """Take over the strongest effect of the callees; whether that changed anything."""
    best = found.get(node)
    for callee in sorted(callees.get(node, ())):
        below = found.get(callee)
        if below is not None and callee != node and below.through != nodes[node]:
            faded = below.value * _FADE
            if best is None or faded > best.value:
                best = Reach(faded, below.effect, below.depth + 1, nodes[callee])
    changed = best is not None and best is not found.get(node)
    if changed and best is not None:
        found[node] = best
    return changed


def _from_entries(
    survey: Survey, nodes: list[int], components: list[list[int]], callees: dict[int, set[int]]
) -> dict[int, int]:
    """Which entry points reach each function: bit n of an integer is entry n; callers first."""
    starts: dict[int, int] = {}
    for index, entry in enumerate(survey.entries):
        starts[entry.function] = starts.get(entry.function, 0) | (1 << index)
    bits = {node: starts[function] for node, function in enumerate(nodes) if function in starts}
    for component in reversed(components):
        together = 0
        for node in component:
            together |= bits.get(node, 0)
        if not together:
            continue
        for node in component:
            bits[node] = together
            for callee in callees.get(node, ()):
                bits[callee] = bits.get(callee, 0) | together
    masks: dict[int, int] = {}
    for node, mask in bits.items():
        masks[nodes[node]] = masks.get(nodes[node], 0) | mask
    return masks


def _serving(survey: Survey) -> int:
    """The entry points that serve somebody, as bits."""
    return sum(1 << index for index, each in enumerate(survey.entries) if each.kind in _SERVING)


def _first_bits(mask: int) -> list[int]:
    found: list[int] = []
    while mask and len(found) < _NAMED:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found
