"""What a value that is registered stands for: the functions that will run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from autospan.knowledge.matcher import star
from autospan.knowledge.rules import EntryRule
from autospan.model import Argument, Value
from autospan.recognize.index import Index, argument

_DEPTH = 4  # lists in lists in lists
Row = tuple[Value, tuple[Argument, ...]]


def rows(value: Value, depth: int = _DEPTH) -> Iterator[Row]:
    """What is registered, and the constants beside it: every element of a collection, and of
    tuples like `(path, handler, options)` the handler with the path."""
    if value.kind != "collection":
        yield value, ()
        return
    constants = [one for one in value.items if one.kind == "constant"]
    arguments = tuple(Argument(number, (one,)) for number, one in enumerate(constants))
    found = [one for one in value.items if one.target >= 0]
    yield from ((one, arguments) for one in found)
    for one in value.items if depth and not found else ():
        yield from rows(one, depth - 1)


class Target(NamedTuple):
    """A function that will run: of which class (-1: none), as which method, and what the star of
    the method's pattern stands for."""

    function: int
    klass: int = -1
    method: str = ""
    star: str = ""


def targets(
    rule: EntryRule,
    index: Index,
    value: Value | None,
    arguments: tuple[Argument, ...] = (),
    base: str = "",
) -> Iterator[Target]:
    """What runs when a value is entered: a function; of a class, the rule's methods, and where a
    URL table or the like names it, also those that the rule for its base says. Of a wrapper that
    stands for several, nobody knows which."""
    if value is None or value.target < 0:
        return
    if value.kind == "function":
        if not value.items:
            yield Target(value.target)
    elif value.kind in ("class", "instance"):
        derived = index.derived.get(value.target, ()) if rule.where != "base" else ()
        seen: set[tuple[int, str]] = set()
        for each in (rule, *(one for one in derived if one.kind == rule.kind)):
            for one in _methods(each, index, value):
                if (one.function, one.star) in seen or not _counts(
                    each, index, one, arguments, base
                ):
                    continue
                seen.add((one.function, one.star))
                yield one
                for gap in index.gaps(one.function, value.target) if each.template else ():
                    yield Target(gap, value.target)


def _methods(rule: EntryRule, index: Index, value: Value) -> Iterator[Target]:
    """The methods of a class that the project defines, and those that run in place of others."""
    default = ("__call__",) if value.kind == "instance" else ()
    found = [*index.methods(value.target, rule.methods or default)]
    for pattern, name, function in found:
        yield Target(function, value.target, name, star(pattern, name))
    for missing, methods in rule.otherwise.items():
        if missing == "*" and found:
            continue
        if missing == "*" or not any(index.methods(value.target, (missing,))):
            for pattern, name, function in index.methods(value.target, methods):
                known = star(pattern, name) if missing == "*" else missing
                yield Target(function, value.target, name, known)


def _counts(
    rule: EntryRule, index: Index, one: Target, arguments: tuple[Argument, ...], base: str
) -> bool:
    """Whether a method is one of those that the framework enters, and no helper beside them."""
    if rule.parameters >= 0:
        declared = index.graph.functions[one.function].parameters
        plain = [each for each in declared if each.kind in ("positional", "standard")]
        if len(plain) != rule.parameters + 1:
            return False
    if rule.suffix and _suffix(rule, arguments) != ("" if one.method in rule.methods else one.star):
        return False
    if "public" in rule.only and one.method.startswith("_"):
        return False
    declaring = index.classes.get(base, -1) if "declared" in rule.only else -1
    if declaring >= 0 and one.method not in index.attributes(declaring):
        return False
    exact = one.method in rule.methods or "field" not in rule.only
    return exact or one.star in index.attributes(one.klass)


def _suffix(rule: EntryRule, arguments: tuple[Argument, ...]) -> str:
    return next((value.text for value in argument(arguments, (rule.suffix,))), "")
