"""What stands around each function: the calls it makes with those of the functions nested in it,
the I/O that flows up to it, and what its class and its file are like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from autospan.model import Function, Graph, Survey

_ROUNDS = 6
_MOST = 50.0


class Class(NamedTuple):
    """A class: how many methods it has, and the share of them that are properties."""

    methods: int
    properties: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Per function (index; what is nested in a function counts as that function's own).

    `work`: the callees that do something (no accessors, no special methods); `files`: how many
    other files callees stand in; `flow`: its I/O and half of what flows up to its callees;
    `classes` by index; `typical`: how many lines a function has in each file, geometric mean.
    """

    home: tuple[int, ...]
    work: Mapping[int, int]
    files: Mapping[int, int]
    flow: Mapping[int, float]
    classes: Mapping[int, Class]
    typical: Mapping[str, float]


def look_around(graph: Graph, survey: Survey) -> Surroundings:
    """The surroundings of all functions; guessed calls do not count."""
    functions = graph.functions
    home = _homes(functions)
    callees = _callees(graph, home)
    work = {
        caller: {each for each in found if _works(functions[each])}
        for caller, found in callees.items()
    }
    path = [each.place.file for each in functions]
    return Surroundings(
        home,
        {caller: len(found) for caller, found in work.items()},
        {caller: len({path[each] for each in found} - {path[caller]})
         for caller, found in callees.items()},
        _flow(survey, home, callees),
        _classes(functions),
        _typical(functions),
    )  # fmt: skip


def is_property(function: Function) -> bool:
    """Whether a function reads as an attribute."""
    if not function.decorators:
        return False
    last = (each.partition("(")[0].rpartition(".")[2] for each in function.decorators)
    return any(
        each.endswith("property") or each in ("setter", "getter", "deleter") for each in last
    )


def is_special(function: Function) -> bool:
    """Whether Python calls a method by itself: `__init__`, `__repr__` …"""
    short = function.short
    return short.startswith("__") and short.endswith("__")


def _homes(functions: tuple[Function, ...]) -> tuple[int, ...]:
    """The outermost function around each function, itself where there is none."""
    found: list[int] = []
    for number, function in enumerate(functions):
        home, outer = number, function.outer
        while outer is not None and functions[outer].kind != "module" and outer != home:
            home, outer = outer, functions[outer].outer
        found.append(home)
    return tuple(found)


def _callees(graph: Graph, home: tuple[int, ...]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for edge in graph.edges:
        caller, callee = home[edge.caller], home[edge.callee]
        if edge.confidence != "guessed" and caller != callee:
            found.setdefault(caller, set()).add(callee)
    return found


def _works(function: Function) -> bool:
    return not (function.trivial or is_property(function) or is_special(function))


def _flow(
    survey: Survey, home: tuple[int, ...], callees: Mapping[int, Iterable[int]]
) -> dict[int, float]:
    """I/O that flows up the calls, halved at each: what a function would wait for in all."""
    own: dict[int, float] = {}
    for effect in survey.effects:
        value = effect.weight * (0.5 if effect.weak else 1.0)
        own[home[effect.function]] = max(value, own.get(home[effect.function], 0.0))
    ordered = {caller: sorted(found) for caller, found in sorted(callees.items())}
    flow = dict(own)
    for _ in range(_ROUNDS):
        above = dict(own)
        for caller, found in ordered.items():
            total = own.get(caller, 0.0) + 0.5 * sum([flow[each] for each in found if each in flow])
            if total:
                above[caller] = min(_MOST, total)
        flow = above
    return flow


def _classes(functions: Iterable[Function]) -> dict[int, Class]:
    methods: dict[int, list[bool]] = {}
    for function in functions:
        if function.owner is not None and function.outer is None:
            methods.setdefault(function.owner, []).append(is_property(function))
    return {owner: Class(len(each), sum(each) / len(each)) for owner, each in methods.items()}


def _typical(functions: Iterable[Function]) -> dict[str, float]:
    lengths: dict[str, list[float]] = {}
    for function in functions:
        if function.kind != "module" and function.outer is None:
            lines = max(1, function.end_line - function.place.line + 1)
            lengths.setdefault(function.place.file, []).append(math.log(lines))
    return {path: math.exp(sum(each) / len(each)) for path, each in lengths.items()}
