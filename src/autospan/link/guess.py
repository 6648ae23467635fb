"""Unresolved `x.m()`: the few methods of the program that are called `m`."""

from __future__ import annotations

import re

from autospan.link.program import Program

_MOST_CLASSES = 3
_SHORTEST = 4
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
        self._methods: dict[str, list[tuple[frozenset[str], int]]] = {}
        names = [_variables(each.name) for each in program.classes]
        for number, function in enumerate(program.functions):
            if function.owner is not None and not function.short.startswith("__"):
                base = program.class_base[program.file_of[number]]
                methods = self._methods.setdefault(function.short, [])
                methods.append((names[base + function.owner], number))

    def candidates(self, receiver: str, method: str) -> list[int]:
        """The methods that `receiver.method()` may mean: those of classes that are called like the
        receiver, else all of them where they are few and the name is not a common one."""
        found = self._methods.get(method)
        if found is None:
            return []
        wanted = receiver.strip("_").lower().replace("()", "").replace("_", "")
        named = [number for names, number in found if wanted in names]
        if named and len(named) <= _MOST_CLASSES:
            return named
        if method in _COMMON or len(found) > _MOST_CLASSES or wanted in ("self", "cls", "super"):
            return []
        return [number for _, number in found]


def _variables(klass: str) -> frozenset[str]:
    """How variables that hold an instance are called: `orderservice` and `service` for
    `pkg:OrderService`; short words say too little."""
    short = klass.rpartition(":")[2].rpartition(".")[2]
    words = re.findall(r"[A-Z][a-z0-9]+", short)
    names = {short.strip("_").lower(), words[-1].lower() if words else ""}
    return frozenset(name for name in names if len(name) >= _SHORTEST)
