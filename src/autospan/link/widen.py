"""More room for values where functions are registered: forty routes have forty handlers."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

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
            for source in copied.get(node, ()):
                solver.flow.send(solver.flow.values(source), node)
        solver.flow.run()


def _registering(solver: Solver) -> Iterator[int]:
    """The nodes of the arguments of calls that register a function."""
    for number, names in solver.sites.items():
        if any(solver.externals.enters(name) for name in names):
            where = solver.shifts[solver.program.file_of_call[number]]
            for _, slot in solver.program.calls[number].arguments:
                yield solver.node(where, slot)


def _crowded(solver: Solver, node: int) -> bool:
    items = [solver.values.items[value] for value in solver.flow.values(node)]
    return sum(item[0] in _HANDLERS for item in items) >= _SEVERAL


def _full(solver: Solver, node: int) -> bool:
    return node not in solver.flow.widened and len(solver.flow.values(node)) >= LIMIT


def _sources(solver: Solver) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Per node those that are copied into it, and those that it is read from; only such as hold
    anything, a third of all."""
    copied: defaultdict[int, list[int]] = defaultdict(list)
    read: defaultdict[int, list[int]] = defaultdict(list)
    flow = solver.flow
    for source, held in enumerate(flow.held):
        if held is None:
            continue
        targets, watchers = flow.targets[source], flow.watchers[source]
        if targets is not None:
            for target in targets if isinstance(targets, list) else (targets,):
                copied[target].append(source)
        if watchers is not None:
            for watcher in (watchers,) if isinstance(watchers, Watcher) else watchers:
                if watcher.target:
                    read[watcher.target].append(source)
    return copied, read


def _behind(start: int, copied: dict[int, list[int]], read: dict[int, list[int]]) -> list[int]:
    """A node and all that feeds it, the farthest first; nothing where that is too much."""
    seen, waiting = {start: None}, deque([start])
    while waiting:
        node = waiting.popleft()
        for source in (*copied.get(node, ()), *read.get(node, ())):
            if source not in seen:
                seen[source] = None
                waiting.append(source)
        if len(seen) > _MOST_NODES:
            return []
    return [*reversed(seen)]
