"""Functions that a decorator would break (compiled, replayed, called by signal or by logging), and
those that serve until the program is stopped."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.knowledge.rules import ForbidRule
from autospan.model import Site, Value
from autospan.recognize.hits import Hits
from autospan.recognize.index import Index, argument


def find_forbidden(index: Index, hits: Hits) -> tuple[tuple[int, str], ...]:
    """(function, reason), sorted; a function may have several reasons."""
    found: set[tuple[int, str]] = set()
    for rule, one in hits.decorations:
        if isinstance(rule, ForbidRule):
            function = Value("function", "", one.function)
            value = function if one.function >= 0 else Value("class", "", one.klass)
            found.update((number, rule.reason) for number in _targets(index, rule, value))
    for rule, site in hits.calls:
        if isinstance(rule, ForbidRule):
            if "caller" in rule.function and always(index, site):
                found.add((site.caller, rule.reason))
            for value in argument(site.arguments, rule.function):
                found.update((number, rule.reason) for number in _targets(index, rule, value))
    for rule, klass, _ in hits.bases:
        if isinstance(rule, ForbidRule):
            value = Value("class", "", klass)
            found.update((number, rule.reason) for number in _targets(index, rule, value))
    return tuple(sorted(found))


def always(index: Index, site: Site) -> bool:
    """Whether the function that makes a call makes it whenever it runs."""
    caller = index.graph.functions[site.caller]
    return caller.kind != "module" and not any(
        first <= site.line <= last for first, last, _ in caller.choices
    )


def _targets(index: Index, rule: ForbidRule, value: Value) -> Iterator[int]:
    if value.target < 0:
        return
    if value.kind == "function":
        yield value.target
    elif value.kind in ("class", "instance"):
        for _, _, function in index.methods(value.target, rule.methods):
            yield function
