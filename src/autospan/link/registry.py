"""Calls through a registry: `get_action("package_show")(data)`, `handlers["order.paid"](order)`.

What is kept where and by whom is often too dynamic to follow (a loop over the names of a module, a
plugin system). Its key still names the function, which is how people find it: by searching for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from autospan.link.program import Program

_KEY = re.compile(r"""(\w*)[(\[]'([A-Za-z_][\w.:]*)'[)\]]$""")
_MOST = 3
_SHORTEST = 6
_WORD = 4


def is_keyed(text: str) -> bool:
    """Whether a callee as written is what a constant key gives."""
    return text.endswith(("')", "']"))


class Named(NamedTuple):
    """The functions that a key names; `placed`: they stand where the registry is called like."""

    functions: Sequence[int]
    placed: bool


class Registry:
    """The functions of a program by the last part of their names."""

    def __init__(self, program: Program) -> None:
        self._named: dict[str, list[tuple[str, int]]] = {}
        self._found: dict[tuple[str, str], Named] = {}
        for number, function in enumerate(program.functions):
            if function.kind != "module":
                dotted = f".{function.name.replace(':', '.')}"
                self._named.setdefault(function.short, []).append((dotted, number))

    def named(self, text: str, module: str) -> Named:
        """The functions that a callee, as written in a module, names by its constant key: those
        whose dotted names end with it, if they are few; a short word without a dot says too little.

        Of several, those that stand where the registry is called like (`get_action` means
        `logic.action.get` rather than `logic.auth.get`), and of these the nearest to the module.
        """
        known = self._found.get((text, module))
        if known is None:
            known = self._found[text, module] = self._search(text, module)
        return known

    def _search(self, text: str, module: str) -> Named:
        match = _KEY.search(text)
        if match is None:
            return Named((), False)
        holder, key = match[1], match[2].replace(":", ".")
        if "." not in key and len(key) < _SHORTEST:
            return Named((), False)
        ending, short = f".{key}", key.rpartition(".")[2]
        found = [each for each in self._named.get(short, ()) if each[0].endswith(ending)]
        words = [word.rstrip("s") for word in holder.lower().split("_") if len(word) >= _WORD]
        placed = [each for each in found if _stands(each[0].removesuffix(ending), words)]
        near = _nearest(placed or found, f".{module}")
        return Named(near if len(near) <= _MOST else (), bool(placed))


def _stands(place: str, words: Iterable[str]) -> bool:
    """Whether one of the words is in the dotted name of a place, the program's own name aside."""
    inner = place.lower().split(".", 2)[2:]
    return any(word in part for part in inner for word in words)


def _nearest(found: Sequence[tuple[str, int]], dotted: str) -> Sequence[int]:
    """Those whose dotted names have the most first parts in common with another."""
    parts = dotted.split(".")
    shared = [_in_common(name.split("."), parts) for name, _ in found]
    most = max(shared, default=0)
    return [number for (_, number), count in zip(found, shared, strict=True) if count == most]


def _in_common(one: Sequence[str], other: Sequence[str]) -> int:
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in alike)
