"""More room for values where functions are registered: forty routes have forty handlers."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from autospan.link import values as v
from autospan.link.flow import LIMIT, Watcher
from autospan.link.solve import Solver

_SEVERAL = 5  # so many handlers at one call may be what is left of more
_ROUNDS = 4
_MOST_NODES = 300  # what more than that feeds is no registry: a loader of modules, an event bus
_HANDLERS = (v.FUNCTION, v.CLASS, v.INSTANCE, v.BOUND, v.BOX)


def widen(solver: Solver) -> None:
    """Let all values reach the calls that register functions, and the nodes they come from.

    Only what feeds such a call with several handlers is looked at, and only where that is little,
    so that most programs are left as they are.
    """
    for _ in range(_ROUNDS):
        crowded = [node for node in _registering(solver) if _crowded(solver, node)]
        if not crowded:
            return
        copied, read = _sources(solver)
        behind = (_behind(node, copied, read) for node in crowded)
        found = dict.fromkeys(node for nodes in behind for node in nodes)
        full = [node for node in found if _full(solver, node)]
        if not full:
            return
        for node in full:
            solver.flow.widen(node, further=True)
        for node in full:
            for source in copied.of(node):
                solver.flow.send(solver.flow.values(source), node)
        solver.flow.run()


def _registering(solver: Solver) -> Iterator[int]:
    """The nodes of the arguments of calls that register a function."""
    called = {name for names in solver.sites.values() for name in names}
    registering = {name for name in called if solver.externals.enters(name)}
    for number, names in solver.sites.items() if registering else ():
        if not registering.isdisjoint(names):
            where = solver.shifts[solver.program.file_of_call[number]]
            for _, slot in solver.program.calls[number].arguments:
                yield solver.node(where, slot)


def _crowded(solver: Solver, node: int) -> bool:
    items = [solver.values.items[value] for value in solver.flow.values(node)]
    return sum(item[0] in _HANDLERS for item in items) >= _SEVERAL


def _full(solver: Solver, node: int) -> bool:
    return node not in solver.flow.widened and len(solver.flow.values(node)) >= LIMIT


class _Sources:
    """Per node others that it gets values from; most have one, which stands in no list."""

    def __init__(self, nodes: int) -> None:
        self._first = [0] * nodes
        self._more: defaultdict[int, list[int]] = defaultdict(list)

    def note(self, source: int, targets: Iterable[int]) -> None:
        """Note that values of a node reach others (0: none)."""
        first = self._first
        for target in targets:
            if not first[target]:
                first[target] = source
            elif target:
                self._more[target].append(source)

    def of(self, node: int) -> list[int]:
        """Where a node gets values from."""
        first = self._first[node]
        return [first, *self._more.get(node, ())] if first else []


def _sources(solver: Solver) -> tuple[_Sources, _Sources]:
    """Per node those that are copied into it, and those that it is read from; only such as hold
    anything, a third of all."""
    flow = solver.flow
    copied, read = _Sources(len(flow.held)), _Sources(len(flow.held))
    for source, held in enumerate(flow.held):
        if held is None:
            continue
        targets, watchers = flow.targets[source], flow.watchers[source]
        if targets is not None:
            copied.note(source, targets if isinstance(targets, list) else (targets,))
        if isinstance(watchers, Watcher):
            read.note(source, (watchers.target,))
        elif watchers is not None:
            read.note(source, [watcher.target for watcher in watchers])
    return copied, read


def _behind(start: int, copied: _Sources, read: _Sources) -> list[int]:
    """A node and all that feeds it, the farthest first; nothing where that is too much."""
    seen, waiting = {start: None}, deque([start])
    while waiting:
        node = waiting.popleft()
        for source in (*copied.of(node), *read.of(node)):
            if source not in seen:
                seen[source] = None
                waiting.append(source)
        if len(seen) > _MOST_NODES:
            return []
    return [*reversed(seen)]
