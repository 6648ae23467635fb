"""Classes of the program: their linearised ancestors (C3) and where an attribute is found."""

from __future__ import annotations

from collections.abc import Sequence

from autospan.link.program import Program

_MOST_IMPLEMENTATIONS = 6
_ENUMERATIONS = ("Enum", "Flag", "Choices")
Ancestor = int | str
"""A class of the program (number) or an external one (dotted name)."""
_Body = tuple[int, int, dict[str, int]]
"""A class, the node of slot 0 of its file, and the slots of what its body binds."""


class Classes:
    """Bases and method resolution order of every class; bases may still arrive while solving."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.bases: list[list[Ancestor]] = [[] for _ in program.classes]
        self.bodies: list[dict[str, int]] = [dict(each.body) for each in program.classes]
        self._own = [
            (number, program.node_base[file], body)
            for number, (file, body) in enumerate(
                zip(program.file_of_class, self.bodies, strict=True)
            )
        ]
        self._orders: dict[int, tuple[Ancestor, ...]] = {}
        self._chains: dict[int, list[_Body]] = {}
        self.subclasses: dict[int, set[int]] = {}
        self.metaclasses: dict[int, int] = {}
        self._members: dict[int, frozenset[str]] = {}
        self._implementations: dict[int, list[int]] = {}

    def add_base(self, number: int, base: Ancestor) -> bool:
        """Note a base; False where it was known, or would make the class its own ancestor."""
        if base in self.bases[number] or base == number:
            return False
        if isinstance(base, int) and number in self.order(base):
            return False
        self.bases[number].append(base)
        if isinstance(base, int):
            self.subclasses.setdefault(base, set()).add(number)
        for each in self.below(number):
            self._orders.pop(each, None)
            self._chains.pop(each, None)
        self._implementations.clear()
        return True

    def below(self, number: int) -> set[int]:
        """A class and all that inherit from it."""
        found, pending = {number}, [number]
        while pending:
            for each in self.subclasses.get(pending.pop(), ()):
                if each not in found:
                    found.add(each)
                    pending.append(each)
        return found

    def order(self, number: int) -> tuple[Ancestor, ...]:
        """The method resolution order, the class itself first; C3 where it exists, else depth
        first (as for code that would fail when it runs)."""
        known = self._orders.get(number)
        if known is None:
            self._orders[number] = (number,)
            bases = self.bases[number]
            sequences: list[list[Ancestor]] = [
                [*self.order(base)] if isinstance(base, int) else [base] for base in bases
            ]
            merged = _merge([*sequences, list(bases)])
            known = self._orders[number] = (number, *(each for each in merged if each != number))
        return known

    def find(self, number: int, name: str, after: int = -1) -> tuple[int, int] | None:
        """(class, slot's node) of the class body that binds `name` first in the resolution order.

        `after` skips the order up to and including that class, as `super()` does.
        """
        chain = self._chains.get(number)
        if chain is None:
            own = self._own
            chain = [own[each] for each in self.order(number) if isinstance(each, int)]
            self._chains[number] = chain
        if after >= 0:
            chain = chain[next((at for at, one in enumerate(chain, 1) if one[0] == after), 0) :]
        for each, base, body in chain:
            if name in body:
                return each, base + body[name]
        return None

    def named(self, number: int, pattern: str) -> list[str]:
        """The names that fit a pattern (`visit_*`) and that the class or a base of it binds."""
        if not pattern.endswith("*"):
            return [pattern] if self.find(number, pattern) else []
        bodies = [self.bodies[each] for each in self.order(number) if isinstance(each, int)]
        start = pattern.removesuffix("*")
        return sorted({name for body in bodies for name in body if name.startswith(start)})

    def external(self, number: int) -> list[str]:
        """The external ancestors, nearest first, `object` and typing's left out."""
        return [
            each
            for each in self.order(number)
            if isinstance(each, str) and each not in ("builtins.object", "typing.Generic")
        ]

    def metaclass(self, number: int) -> int | None:
        """The class of a class, where it is one of the program's."""
        if not self.metaclasses:
            return None
        own = (each for each in self.order(number) if isinstance(each, int))
        return next((self.metaclasses[each] for each in own if each in self.metaclasses), None)

    def is_open(self, number: int) -> bool:
        """Whether a class is a protocol, or has abstract methods: it has no instances itself."""
        return bool(self.program.abstract_methods(number)) or any(
            isinstance(each, str) and each.endswith(".Protocol") for each in self.bases[number]
        )

    def implementations(self, number: int) -> list[int]:
        """The classes that instances of a class may have: itself, where it is not abstract; else
        those (few) of its subclasses that are not; of a protocol, all that have its methods."""
        known = self._implementations.get(number)
        if known is None:
            known = self._implementing(number) if self.is_open(number) else [number]
            self._implementations[number] = known
        return known

    def _implementing(self, number: int) -> list[int]:
        """The implementations of a class that is open."""
        found = [each for each in sorted(self.below(number)) if not self._is_abstract(each)]
        if any(isinstance(each, str) and each.endswith(".Protocol") for each in self.bases[number]):
            wanted = {name for name, _ in self.program.classes[number].body if name[:2] != "__"}
            wanted |= set(self.program.classes[number].fields)
            found = self._having(wanted) if wanted else found
        return found if 0 < len(found) <= _MOST_IMPLEMENTATIONS else [number]

    def _is_abstract(self, number: int) -> bool:
        names = {
            name
            for each in self.order(number)
            if isinstance(each, int)
            for name in self.program.abstract_methods(each)
        }
        found = ((name, self.find(number, name)) for name in names)
        return any(
            where is not None and name in self.program.abstract_methods(where[0])
            for name, where in found
        )

    def _having(self, names: set[str]) -> list[int]:
        """The classes, protocols aside, that have all of these attributes."""
        return [
            number
            for number, described in enumerate(self.program.classes)
            if all(
                self.find(number, name) is not None or name in described.fields for name in names
            )
            and not self.is_open(number)
        ]

    def enumerated(self, number: int) -> frozenset[str]:
        """The names of the members of an enumeration; none for any other class."""
        names = self._members.get(number)
        if names is None:
            names = frozenset[str]()
            if any(each.endswith(_ENUMERATIONS) for each in self.external(number)):
                names = self.program.plain_attributes(number)
            self._members[number] = names
        return names


def _merge(sequences: Sequence[list[Ancestor]]) -> list[Ancestor]:
    """The C3 merge; where it fails, the first remaining head is taken."""
    pending = [list(each) for each in sequences if each]
    merged: list[Ancestor] = []
    while pending:
        tails = {each for sequence in pending for each in sequence[1:]}
        head = next(
            (sequence[0] for sequence in pending if sequence[0] not in tails), pending[0][0]
        )
        merged.append(head)
        pending = [[each for each in sequence if each != head] for sequence in pending]
        pending = [sequence for sequence in pending if sequence]
    return merged
