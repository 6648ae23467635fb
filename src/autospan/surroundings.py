"""What stands around each function: the calls it makes with those of the functions nested in it,
the I/O that flows up to it, and what its class and its file are like."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from autospan.dominance import find_dominated
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
    other files callees stand in; `below`: to how many functions it is the only way; `flow`: its
    I/O and half of what flows up to its callees, `fresh`: the share that no single callee brings;
    `looped`: the share of its call sites that stand in loops; `recursive`: what calls itself;
    `classes` by index; `typical`: how many lines a function has in each file, geometric mean.
    """

    home: tuple[int, ...]
    work: Mapping[int, int]
    files: Mapping[int, int]
    below: Mapping[int, int]
    flow: Mapping[int, float]
    fresh: Mapping[int, float]
    looped: Mapping[int, float]
    recursive: frozenset[int]
    classes: Mapping[int, Class]
    typical: Mapping[str, float]


def look_around(graph: Graph, survey: Survey) -> Surroundings:
    """The surroundings of all functions; guessed calls do not count."""
    functions = graph.functions
    home = _homes(functions)
    callees = _callees(graph, home)
    works = {number for number, each in enumerate(functions) if _works(each)}
    path = [each.place.file for each in functions]
    flow = _flow(survey, home, callees)
    return Surroundings(
        home,
        {caller: len(found & works) for caller, found in callees.items()},
        {caller: len({path[each] for each in found} - {path[caller]})
         for caller, found in callees.items()},
        find_dominated(callees, _starts(graph, survey, home, callees)),
        flow,
        _fresh(flow, callees),
        _looped(graph),
        frozenset(each.caller for each in graph.edges if each.caller == each.callee
                  and each.confidence != "guessed"),
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
    for caller, callee, _, confidence, _, _ in graph.edges:
        caller, callee = home[caller], home[callee]
        if confidence != "guessed" and caller != callee:
            found.setdefault(caller, set()).add(callee)
    return found


def _starts(
    graph: Graph, survey: Survey, home: tuple[int, ...], callees: Mapping[int, set[int]]
) -> set[int]:
    """Where anything may begin: entry points, and what nobody is known to call."""
    called = {callee for found in callees.values() for callee in found}
    uncalled = {
        home[number] for number, each in enumerate(graph.functions) if each.kind != "module"
    } - called
    return uncalled | {home[entry.function] for entry in survey.entries}


def _fresh(flow: Mapping[int, float], callees: Mapping[int, set[int]]) -> dict[int, float]:
    """The share of the I/O below each function that no callee brings by itself."""
    best = {
        caller: 0.5 * max((flow.get(each, 0.0) for each in found), default=0.0)
        for caller, found in callees.items()
    }
    return {
        number: max(0.0, 1 - best.get(number, 0.0) / amount)
        for number, amount in flow.items()
        if amount > 0
    }


def _looped(graph: Graph) -> dict[int, float]:
    """The share of the calls of each function that stand in loops."""
    calls: defaultdict[int, int] = defaultdict(int)
    loops: defaultdict[int, int] = defaultdict(int)
    for caller, callee, _, confidence, loop, _ in graph.edges:
        if confidence != "guessed" and caller != callee:
            calls[callee] += 1
            if loop:
                loops[callee] += 1
    return {callee: count / calls[callee] for callee, count in loops.items()}


def _works(function: Function) -> bool:
    return not (function.trivial or is_property(function) or is_special(function))


def _flow(
    survey: Survey, home: tuple[int, ...], callees: Mapping[int, Iterable[int]]
) -> dict[int, float]:
    """I/O that flows up the calls, halved at each: what a function would wait for in all."""
    own = [0.0] * len(home)
    for effect in survey.effects:
        value = effect.weight * (0.5 if effect.weak else 1.0)
        own[home[effect.function]] = max(value, own[home[effect.function]])
    ordered = [(caller, sorted(found)) for caller, found in callees.items()]
    flow = own
    for _ in range(_ROUNDS):
        above = [*own]
        for caller, found in ordered:
            above[caller] += 0.5 * sum([flow[each] for each in found])
        flow = [min(_MOST, amount) for amount in above]
    return {number: amount for number, amount in enumerate(flow) if amount}


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
