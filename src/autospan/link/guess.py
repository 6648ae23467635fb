"""Unresolved `x.m()`: the few methods of the program that `m` may mean.

Where nothing is known of `x`, four things speak for a class: it is called like the variable, it has
what else is read from `x`, its method takes what is passed, and most classes of the program that
have an `m` have it from there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from autospan.link.receivers import Receivers
from autospan.link.solve import Solver
from autospan.model import Call, Function

_MOST_CLASSES = 3
_MOST_METHODS = 12
_SHORTEST = 4
_PREVAILING = 4
_OF_BUILTINS = frozenset(
    name
    for kind in (str, bytes, list, dict, set, tuple, int, float, type, object)
    for name in dir(kind)
)
_COMMON = _OF_BUILTINS | frozenset(
    (
        "read write close open flush seek readline readlines send recv connect execute "
        "fetchone fetchall commit rollback cursor run start stop join acquire release put "
        "save delete filter all first group match search info debug warning error exception "
        "log submit result cancel done set name wait notify clear next send_message publish "
        "request post patch head options url_for"
    ).split()
)
_OWN = ("self", "cls", "super")
_NO_CALLS = ("property", "cached_property", "functools.cached_property")

Method = tuple[int, int]
"""A class and a function in its body."""


class Guesser:
    """Knows which methods of the program carry a name."""

    def __init__(self, solver: Solver) -> None:
        self._program, self._classes = solver.program, solver.classes
        self._receivers = Receivers(solver)
        self._overriding = {
            self._program.calls[number].text.rpartition(".")[2]
            for number in solver.sites
            if self._program.calls[number].text.startswith("super().")
        }
        self._methods: dict[str, list[Method]] = {}
        self._called: dict[str, list[int]] = {}
        self._found: dict[tuple[str, str], list[int]] = {}
        self._prevail: dict[tuple[Method, ...], tuple[Method, ...]] = {}
        self._accepted: dict[int, _Accepted] = {}
        self._whole = [_variable(each.name) for each in self._program.classes]
        for klass, each in enumerate(self._program.classes):
            for variable in {self._whole[klass], _last_word(each.name)} - {""}:
                self._called.setdefault(variable, []).append(klass)
        for number, function in enumerate(self._program.functions):
            if function.owner is None or function.short.startswith("__"):
                continue
            if not any(each.endswith(_NO_CALLS) for each in function.decorators):
                klass = self._program.class_base[self._program.file_of[number]] + function.owner
                self._methods.setdefault(function.short, []).append((klass, number))

    def candidates(self, number: int) -> list[int]:
        """The methods that a call site may mean: those of classes that are called like the
        receiver, else all of them where they are few and the name is not a common one, nor that of
        a method from outside that they override."""
        call = self._program.calls[number]
        receiver, _, method = call.text.rpartition(".")
        methods = self._methods.get(method)
        if methods is None:
            return []
        wanted = receiver.strip("_").lower().replace("()", "").replace("_", "")
        named = self._having(wanted, method)
        common = method in _COMMON or method in self._overriding
        if not named and (common or wanted in _OWN or len(methods) > _MOST_METHODS):
            return []
        takers = [
            each for each in methods if (not named or each[0] in named) and self._takes(call, each)
        ]
        found = self._receivers.fitting(number, takers)
        if not named and len(found) > 1:
            found = self._prevailing(method, tuple(found))
        return [function for _, function in found] if len(found) <= _MOST_CLASSES else []

    def _having(self, variable: str, method: str) -> Sequence[int]:
        """The classes that are called like a variable and have a method, unless most classes of
        that name have none. A method of dictionaries needs the whole name: `session` is rather a
        dictionary than a `LoginSession` if it is asked to `get`."""
        called = self._called.get(variable)
        if called is None:
            return ()
        having = self._found.get((variable, method))
        if having is None:
            if method in _OF_BUILTINS:
                called = [klass for klass in called if self._whole[klass] == variable]
            having = [klass for klass in called if self._classes.find(klass, method)]
            if len(having) * 2 < len(called) or len(having) > _MOST_CLASSES:
                having = []
            self._found[variable, method] = having
        return having

    def _prevailing(self, method: str, found: tuple[Method, ...]) -> tuple[Method, ...]:
        """One of several methods, if nearly all classes that have a method of the name have it."""
        known = self._prevail.get(found)
        if known is None:
            heirs = [
                sum((self._classes.find(each, method) or (-1,))[0] == klass for each in below)
                for klass, below in ((klass, self._classes.below(klass)) for klass, _ in found)
            ]
            most = max(heirs)
            prevails = most >= _PREVAILING * (sum(heirs) - most)
            known = self._prevail[found] = found[heirs.index(most) :][:1] if prevails else found
        return known

    def _takes(self, call: Call, method: Method) -> bool:
        """Whether a method can be called with the arguments of a call site."""
        accepted = self._accepted.get(method[1])
        if accepted is None:
            accepted = self._accepted[method[1]] = _accepted(self._program.functions[method[1]])
        keys = [key for key, _ in call.arguments]
        given = sum(isinstance(key, int) for key in keys)
        if given > accepted.most:
            return False
        unpacked = "*" in keys or "**" in keys
        if not unpacked and any(name not in keys for name in accepted.needed[given:]):
            return False
        names = accepted.names
        return names is None or all(
            key in names for key in keys if isinstance(key, str) and key not in ("*", "**")
        )


class _Accepted(NamedTuple):
    """What a method can be called with, `self` aside: positions, names (None: any) and those of
    the first positions that it cannot do without."""

    most: float
    needed: tuple[str, ...]
    names: frozenset[str] | None


def _accepted(function: Function) -> _Accepted:
    bound = "staticmethod" not in function.decorators
    kinds = {each.kind for each in function.parameters}
    places = [each for each in function.parameters if each.kind in ("positional", "standard")]
    names = frozenset(each.name for each in function.parameters if each.kind != "positional")
    return _Accepted(
        inf if "star" in kinds else len(places) - bound,
        tuple(each.name for each in places[bound:] if not each.default),
        None if "double star" in kinds else names,
    )


def _variable(klass: str) -> str:
    """How a variable that holds an instance is called: `orderservice` for `pkg:OrderService`."""
    short = _short(klass).strip("_").lower()
    return short if len(short) >= _SHORTEST else ""


def _last_word(klass: str) -> str:
    """`service` for `pkg:OrderService`; short words say too little."""
    words = re.findall(r"[A-Z][a-z0-9]+", _short(klass))
    return words[-1].lower() if words and len(words[-1]) >= _SHORTEST else ""


def _short(klass: str) -> str:
    return klass.rpartition(":")[2].rpartition(".")[2]
