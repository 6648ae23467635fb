"""Calls of a container's own methods: what they put in and what they give."""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.flow import Watcher
from autospan.link.passing import Passing
from autospan.link.state import Shift
from autospan.model import Call


class Contents(Passing):
    """`append`, `update`, `get`, `pop`, `values`, `items` and the like."""

    def _result(self, watcher: Watcher) -> int:
        """The node of a call site's result."""
        call = self.program.calls[watcher.other]
        return self.node(self.shifts[watcher.shift], call.result)

    def _call_box(self, watcher: Watcher, box: int, method: str) -> None:
        self.sites[watcher.other].setdefault(f"builtins.{self.boxes.kinds[box]}.{method}", 0)
        call = self.program.calls[watcher.other]
        where = self.shifts[watcher.shift]
        nodes = [self.node(where, slot) for key, slot in call.arguments if key != "**"]
        result = self._result(watcher)
        if method in ("append", "add", "appendleft", "insert") and nodes:
            self.flow.copy(nodes[-1], self.boxes.element(box, ""))
        elif method in ("extend", "update"):
            self._extend_box(box, call, where)
        elif method in ("get", "pop", "setdefault") and nodes:
            self.flow.watch(nodes[0], Watcher(self._read_key, result, other=box))
            if call.arguments[0][1] == 0 or not any(True for _ in self.flow.values(nodes[0])):
                self.boxes.give(box, "", result)
            for node in nodes[1:]:
                self.flow.copy(node, result)
                if method == "setdefault":
                    self.flow.copy(node, self.boxes.element(box, ""))
        elif method in ("pop", "popleft", "popitem", "values", "items", "copy"):
            self._call_plain_box(box, method, result)

    def _extend_box(self, box: int, call: Call, where: Shift) -> None:
        """`extend(xs)`, `update(xs, key=x, **more)`."""
        for key, slot in call.arguments:
            node = self.node(where, slot)
            if isinstance(key, int) or key == "**":
                self.flow.watch(node, Watcher(self.merge_into, other=box))
            elif key != "*":
                self.flow.copy(node, self.boxes.element(box, key))

    def _call_plain_box(self, box: int, method: str, result: int) -> None:
        if method in ("pop", "popleft"):
            self.boxes.give(box, "", result)
        elif method == "copy":
            self.flow.add(result, self.values.of(v.BOX, box))
        else:
            inner = self.boxes.new("list")
            element = self.boxes.element(inner, "")
            if method == "values":
                self.boxes.give(box, "", element)
            else:
                pair = self.boxes.new("tuple")
                self.boxes.give(box, "", self.boxes.element(pair, "#1"))
                self.flow.add(element, self.values.of(v.BOX, pair))
            target = element if method == "popitem" else result
            if method == "popitem":
                self.flow.copy(target, result)
            else:
                self.flow.add(result, self.values.of(v.BOX, inner))

    def _read_key(self, watcher: Watcher, key: int) -> None:
        item = self.values.items[key]
        name = str(item[1]) if item[0] == v.CONSTANT else ""
        self.boxes.give(watcher.other, name, watcher.target)

    def merge_into(self, watcher: Watcher, value: int) -> None:
        """The elements of a container also stand in the container `other`."""
        item = self.values.items[value]
        if item[0] == v.BOX and item[1] != watcher.other:
            self.boxes.merge(int(item[1]), watcher.other)
