"""Containers: tuples, lists and dicts with a node per constant key and one for all the rest."""

from __future__ import annotations

from autospan.link.flow import LIMIT, WIDE, Flow


class Boxes:
    """The containers of a program; a key is a constant's text, "" stands for any element."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.kinds: list[str] = []
        self._elements: list[dict[str, int]] = []
        self._any: list[int] = []
        self._merged: dict[tuple[int, int], int] = {}

    def new(self, kind: str) -> int:
        """A new container ("tuple", "list" or "dict"); its number."""
        self.kinds.append(kind)
        self._elements.append({})
        self._any.append(0)
        return len(self.kinds) - 1

    def element(self, box: int, key: str) -> int:
        """The node that receives what is stored under a key ("": under an unknown one)."""
        node = self._elements[box].get(key)
        return self._new_element(box, key) if node is None else node

    def _new_element(self, box: int, key: str) -> int:
        node = self._elements[box][key] = self.flow.node()
        if self._any[box]:
            self.flow.copy(node, self._any[box])
        if key:
            self.flow.copy(self.element(box, ""), node)
        return node

    def merge(self, box: int, into: int) -> None:
        """Let the elements of a container also stand in another, those at a position anywhere in
        it."""
        elements, known = tuple(self._elements[box].items()), self._elements[into]
        before, self._merged[box, into] = self._merged.get((box, into), 0), len(elements)
        for key, node in elements[:before]:
            self.flow.copy(node, known[key if key[:1] != "#" else ""], again=True)
        for key, node in elements[before:]:
            exact = key if key[:1] != "#" else ""
            self.flow.copy(node, known.get(exact) or self._new_element(into, exact))

    def read(self, box: int, key: str) -> int:
        """The node of what is read under a key; an unknown key reads every element."""
        if not key:
            return self.every(box)
        if key.startswith("#-"):
            size = sum(1 for each in self._elements[box] if each.startswith("#"))
            positive = f"#{size + int(key[1:])}"
            return (
                self.element(box, positive) if positive in self._elements[box] else self.every(box)
            )
        return self.element(box, key)

    def give(self, box: int, key: str, target: int) -> None:
        """Let what is read under a key reach a node, all of it where it is much."""
        node = self.read(box, key)
        if node in self.flow.wide:
            self.flow.widen(target)
        self.flow.copy(node, target)

    def rest(self, box: int, first: int) -> int:
        """A new list that holds the elements of a list from position `first` on, as they are now;
        elements at unknown positions stay so. The list itself, where no position is known."""
        if not any(key[:1] == "#" for key in self._elements[box]):
            return box
        part = self.new(self.kinds[box])
        for key, node in tuple(self._elements[box].items()):
            index = int(key[1:]) - first if key[:1] == "#" and key[1:].isdigit() else -1
            if index >= 0:
                self.flow.copy(node, self.element(part, f"#{index}"))
            elif not (key[:1] == "#" and key[1:].isdigit()):
                self.flow.copy(node, self.element(part, ""))
        return part

    def every(self, box: int) -> int:
        """The node into which all elements flow."""
        if not self._any[box]:
            self._any[box] = self.flow.node()
            if LIMIT < len(self._elements[box]) <= WIDE:
                self.flow.widen(self._any[box])
            for node in tuple(self._elements[box].values()):
                self.flow.copy(node, self._any[box])
        return self._any[box]

    def nodes(self, box: int) -> list[tuple[str, int]]:
        """(key, node) of all elements, in the order of their keys' first use."""
        return list(self._elements[box].items())
