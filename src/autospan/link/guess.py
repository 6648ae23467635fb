"""Unresolved `x.m()`: the few methods of the program that are called `m`."""

from __future__ import annotations

import re

from autospan.link.program import Program

_MOST_CLASSES = 3
_COMMON = frozenset(
    name
    for kind in (str, bytes, list, dict, set, tuple, int, float, type, object)
    for name in dir(kind)
) | frozenset(
    (
        "read write close open flush seek readline readlines send recv connect execute "
        "fetchone fetchall commit rollback cursor run start stop join acquire release put "
        "save delete filter all first group match search info debug warning error exception "
        "log submit result cancel done set name wait notify clear next send_message publish "
        "request post patch head options url_for"
    ).split()
)


class Guesser:
    """Knows which methods of the program carry a name."""

    def __init__(self, program: Program) -> None:
        self._methods: dict[str, list[tuple[str, int]]] = {}
        for number, function in enumerate(program.functions):
            if function.owner is not None and not function.short.startswith("__"):
                base = program.class_base[program.file_of[number]]
                name = program.classes[base + function.owner].name
                short = name.rpartition(":")[2].rpartition(".")[2]
                self._methods.setdefault(function.short, []).append((short, number))

    def candidates(self, receiver: str, method: str) -> list[int]:
        """The methods that `receiver.method()` may mean: those of classes that are called like the
        receiver, else all of them where they are few and the name is not a common one."""
        found = self._methods.get(method, [])
        if not found:
            return []
        wanted = receiver.strip("_").lower().replace("()", "").replace("_", "")
        named = [number for klass, number in found if _alike(wanted, klass)]
        if named and len(named) <= _MOST_CLASSES:
            return named
        if method in _COMMON or len(found) > _MOST_CLASSES or wanted in ("self", "cls", "super"):
            return []
        return [number for _, number in found]


def _alike(receiver: str, klass: str) -> bool:
    """Whether a variable is named after a class: `order_service` and `OrderService`, `service`."""
    lowered = klass.strip("_").lower()
    if len(receiver) < 4:
        return False
    last = re.findall(r"[A-Z][a-z0-9]+", klass)
    return lowered == receiver or (bool(last) and last[-1].lower() == receiver)
