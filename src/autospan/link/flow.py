"""The worklist: values flow over nodes, and only differences travel.

After L. O. Andersen, "Program Analysis and Specialization for the C Programming Language", 1994,
with difference propagation (Pearce, Kelly and Hankin, "Online Cycle Detection and Difference
Propagation for Pointer Analysis", 2003). A node that holds more than `LIMIT` values is megamorphic:
it takes no more, so that the cost stays linear in the edges. Nodes that read from a container with
more elements than that, but no more than `WIDE`, take all: a loop over forty handlers calls each.

Cycles of copies are not collapsed: with so few values a node, it does not pay. In Django 2 % of all
nodes lie on cycles and in salt 6 %, while one search for them (Tarjan) takes a third of the time
that solving takes as a whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

LIMIT = 9
WIDE = 64
WIDEST = 512


class Watcher(NamedTuple):
    """What to do with each value that reaches a node: `react`, and the operands of the operation
    (`function` and `line` say where it stands in the program)."""

    react: Callable[[Watcher, int], None]
    target: int = 0
    name: str = ""
    function: int = 0
    line: int = 0
    other: int = 0
    shift: int = 0


_Parts = tuple[Callable[[Watcher, int], None], int, str, int, int, int, int]
watching: Callable[[_Parts], Watcher] = partial(tuple.__new__, Watcher)
"""A watcher of all its parts in order: where many are made, in a third of the time."""

Held = int | tuple[int, ...] | None
"""What a node holds: nothing, one value, or several. Tuples are shared between nodes."""


class Flow:
    """Nodes with the values they hold, copy edges, and watchers that act on new values.

    Work is counted in steps, one for a node or a late watcher that is served; `budget` is the most
    of them (0: no limit). It is no time, so that the same program always gets the same answer.
    `wide` nodes take up to `WIDE` values, `widened` ones up to `WIDEST`; `megamorphic` are those
    that could not take more.

    Most nodes have one value, one target and one watcher at most: such a one stands alone, in no
    list of its own.
    """

    def __init__(self, nodes: int) -> None:
        self.budget = self.steps = 0
        self.held: list[Held] = [None] * nodes
        self.targets: list[int | list[int] | None] = [None] * nodes
        self.watchers: list[Watcher | list[Watcher] | None] = [None] * nodes
        self.megamorphic: set[int] = set()
        self.wide: set[int] = set()
        self.widened: set[int] = set()
        self._full: set[int] = set()
        self._fresh: dict[int, int | list[int]] = {}
        self._queue: deque[int] = deque()
        self._late: deque[tuple[Watcher, int]] = deque()
        self._once: set[tuple[int, Watcher]] = set()

    def node(self) -> int:
        """A new node."""
        self.held.append(None)
        self.targets.append(None)
        self.watchers.append(None)
        return len(self.held) - 1

    def reserve(self, count: int) -> int:
        """`count` new nodes in a row; the first of them."""
        first = len(self.held)
        self.held.extend([None] * count)
        self.targets.extend([None] * count)
        self.watchers.extend([None] * count)
        return first

    def values(self, node: int) -> tuple[int, ...]:
        """The values a node holds now, in order."""
        held = self.held[node]
        if type(held) is tuple:
            return tuple(sorted(held))
        return (held,) if type(held) is int else ()

    def add(self, node: int, value: int) -> None:
        """Let a value reach a node (0: the node of nothing, which takes none)."""
        held = self.held[node]
        if held is None:
            if not node:
                return
            self.held[node] = value
        elif type(held) is tuple:
            if value in held:
                return
            if len(held) >= LIMIT and len(held) >= self._limit(node):
                self.megamorphic.add(node)
                self._full.add(node)
                return
            self.held[node] = (*held, value)
        elif held == value:
            return
        elif type(held) is int:
            self.held[node] = (held, value)
        if self.targets[node] is not None or self.watchers[node] is not None:
            fresh = self._fresh.get(node)
            if fresh is None:
                self._fresh[node] = value
                self._queue.append(node)
            elif type(fresh) is list:
                fresh.append(value)
            elif type(fresh) is int:
                self._fresh[node] = [fresh, value]

    def _limit(self, node: int) -> int:
        most = WIDE if node in self.wide else LIMIT
        return WIDEST if node in self.widened else most

    def widen(self, node: int, *, further: bool = False) -> None:
        """Let a node take up to `WIDE` values from now on, or `further` up to `WIDEST`."""
        (self.widened if further else self.wide).add(node)
        self._full.discard(node)

    def copy(self, source: int, target: int, *, again: bool = False) -> None:
        """Let all values of one node, now and later, reach another; `again`: that is so already,
        but what the source holds need not wait."""
        if source == target or not source or not target:
            return
        if not again:
            targets = self.targets[source]
            if targets is None:
                self.targets[source] = target
            elif type(targets) is list:
                targets.append(target)
            elif type(targets) is int:
                self.targets[source] = [targets, target]
        held = self.held[source]
        if target in self._full:
            return
        if type(held) is int:
            self.add(target, held)
        elif type(held) is tuple:
            self.send(held, target)

    def send(self, values: Sequence[int], target: int) -> None:
        """Let values (each once) reach a node, and queue those that are new to it."""
        held, new = self.held[target], values
        if held is None:
            if len(new) > WIDE and len(new) > self._limit(target):
                self.megamorphic.add(target)
                new = sorted(new)[:LIMIT]
            self.held[target] = new[0] if len(new) == 1 else tuple(new)
        elif held is values or target in self._full:
            return
        else:
            known = held if type(held) is tuple else (held,) if type(held) is int else ()
            new = [value for value in values if value not in known]
            if len(known) + len(new) > LIMIT:
                room = self._limit(target) - len(known)
                if len(new) > room:
                    self.megamorphic.add(target)
                    self._full.add(target)
                    new = sorted(new)[: max(room, 0)]
            if not new:
                return
            self.held[target] = (*known, *new)
        if self.targets[target] is not None or self.watchers[target] is not None:
            fresh = self._fresh.get(target)
            if fresh is None:
                self._fresh[target] = new[0] if len(new) == 1 else list(new)
                self._queue.append(target)
            elif type(fresh) is list:
                fresh += new
            elif type(fresh) is int:
                self._fresh[target] = [fresh, *new]

    def watch(self, node: int, watcher: Watcher) -> None:
        """React to all values of a node, now and later."""
        if not node:
            return
        watchers = self.watchers[node]
        if watchers is None:
            self.watchers[node] = watcher
        elif type(watchers) is list:
            watchers.append(watcher)
        elif type(watchers) is Watcher:
            self.watchers[node] = [watchers, watcher]
        if self.held[node] is not None:
            self._late.append((watcher, node))

    def watch_once(self, node: int, watcher: Watcher) -> None:
        """The same, unless this very watcher watches the node already: one that goes from a
        container into its elements would go round for ever in a container that holds itself."""
        if (node, watcher) not in self._once:
            self._once.add((node, watcher))
            self.watch(node, watcher)

    @property
    def waiting(self) -> int:
        """How many nodes and watchers are still to be served: 0 unless the budget was too small."""
        return len(self._queue) + len(self._late)

    def run(self) -> None:
        """Propagate until nothing changes, or the budget is spent."""
        queue, fresh, late = self._queue, self._fresh, self._late
        all_targets, all_watchers, add, send = self.targets, self.watchers, self.add, self.send
        steps, last = self.steps, self.budget or -1
        while (queue or late) and steps != last:
            steps += 1
            if late:
                watcher, node = late.popleft()
                for value in self.values(node):
                    watcher.react(watcher, value)
                continue
            new = fresh.pop(node := queue.popleft())
            targets, watchers = all_targets[node], all_watchers[node]
            if type(new) is int:
                if type(targets) is int:
                    add(targets, new)
                elif type(targets) is list:
                    for target in targets:
                        add(target, new)
                if type(watchers) is Watcher:
                    watchers.react(watchers, new)
                elif type(watchers) is list:
                    for watcher in watchers[:]:
                        watcher.react(watcher, new)
            elif type(new) is list:
                if type(targets) is int:
                    send(new, targets)
                elif type(targets) is list:
                    for target in targets:
                        send(new, target)
                if type(watchers) is Watcher:
                    for value in new:
                        watchers.react(watchers, value)
                elif type(watchers) is list:
                    for watcher in watchers[:]:
                        for value in new:
                            watcher.react(watcher, value)
        self.steps = steps
