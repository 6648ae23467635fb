"""The largest flow through a network, and the cut that it proves to be the cheapest."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

_UNBOUNDED = 1 << 60


class Network:
    """A directed network whose links have capacities (None: no bound)."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._links: list[list[int]] = []  # per node the indices of links
        self._to: list[int] = []
        self._room: list[int] = []  # link n runs back along link n ^ 1

    def join(self, one: Hashable, other: Hashable, capacity: int | None) -> None:
        """Add a link."""
        ends = [self._node(one), self._node(other)]
        for at, room in ((0, _UNBOUNDED if capacity is None else capacity), (1, 0)):
            self._links[ends[at]].append(len(self._to))
            self._to.append(ends[1 - at])
            self._room.append(room)

    def source_side(self, source: Hashable, sink: Hashable) -> set[Hashable]:
        """The nodes on the near side of the cheapest cut, the one that is nearest to the source
        (Dinitz 1970: shortest ways first, each level graph filled before the next)."""
        start, end = self._node(source), self._node(sink)
        level = self._levels(start)
        while level[end] >= 0:
            self._fill(start, end, level)
            level = self._levels(start)
        return {name for name, number in self._numbers.items() if level[number] >= 0}

    def _node(self, name: Hashable) -> int:
        number = self._numbers.setdefault(name, len(self._links))
        if number == len(self._links):
            self._links.append([])
        return number

    def _levels(self, start: int) -> list[int]:
        """How many links every node is away from the start; -1 where no link with room leads."""
        level = [-1] * len(self._links)
        level[start] = 0
        pending = deque([start])
        while pending:
            node = pending.popleft()
            for link in self._links[node]:
                to = self._to[link]
                if self._room[link] and level[to] < 0:
                    level[to] = level[node] + 1
                    pending.append(to)
        return level

    def _fill(self, start: int, end: int, level: list[int]) -> None:
        """Send as much as the links between a level and the next take."""
        tried = [0] * len(self._links)
        way: list[int] = []
        node = start
        while True:
            if node == end:
                room = min(self._room[link] for link in way)
                for link in way:
                    self._room[link] -= room
                    self._room[link ^ 1] += room
                way, node = [], start
            while tried[node] < len(self._links[node]):
                link = self._links[node][tried[node]]
                if self._room[link] and level[self._to[link]] == level[node] + 1:
                    break
                tried[node] += 1
            else:
                if node == start:
                    return
                node = self._to[way.pop() ^ 1]
                tried[node] += 1
                continue
            way.append(link)
            node = self._to[link]
