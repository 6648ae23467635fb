"""Dotted names against patterns: exact names in a dictionary, the rest in buckets, each name once.

`*` stands for anything inside one part of a dotted name, `**` for any number of parts, `{a,b}` for
either. Neither star matches the `?` that marks an unknown receiver.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.knowledge.rules import Rule

Aliases = Mapping[str, str]

_EXACT = 10_000  # more literal characters than any pattern has


def expand(pattern: str) -> tuple[str, ...]:
    """The patterns that `{a,b}` alternatives stand for: `x.{a,b}` gives `x.a` and `x.b`."""
    head, brace, rest = pattern.partition("{")
    if not brace:
        return (pattern,)
    choices, _, tail = rest.partition("}")
    return tuple(head + one.strip() + end for one in choices.split(",") for end in expand(tail))


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of one expanded pattern; group 1 is what the last `*` stood for."""
    parts = pattern.split(".")
    joined = [_part(part, last=number == len(parts) - 1) for number, part in enumerate(parts)]
    return re.compile("".join(joined))


def _part(part: str, last: bool) -> str:
    if part == "**":
        return "[^?]+" if last else r"(?:[^.?]+\.)*"
    if part == "*":
        return "([^.?]+)" if last else r"[^.?]+\."
    wild = "([^.?]*)" if last else "[^.?]*"
    return re.escape(part).replace(r"\*", wild) + ("" if last else r"\.")


def star(pattern: str, name: str) -> str:
    """What the last `*` of `pattern` stood for in `name`; all of its last part without a star."""
    found = compiled(pattern).fullmatch(name)
    if found is not None and found.lastindex:
        return found.group(found.lastindex)
    return name.rpartition(".")[2]


def canonical(name: str, aliases: Aliases) -> str:
    """The name with its longest aliased prefix replaced (`flask.app.Flask` by `flask.Flask`)."""
    prefix = name
    while prefix:
        if prefix in aliases:
            return aliases[prefix] + name[len(prefix) :]
        prefix = prefix.rpartition(".")[0]
    return name


class Matcher:
    """Rules by name. `find` costs one dictionary look-up for a name seen before.

    Every name is made canonical first, by `canonical`.
    """

    __slots__ = ("_aliased", "_aliases", "_exact", "_first", "_last", "_other", "_seen")

    def __init__(self, rules: Iterable[Rule], aliases: Aliases) -> None:
        self._aliases = aliases
        self._aliased = {each.partition(".")[0] for each in aliases}
        self._exact: dict[str, list[tuple[str, Rule]]] = {}
        self._first: dict[str, list[tuple[str, Rule]]] = {}
        self._last: dict[str, list[tuple[str, Rule]]] = {}
        self._other: list[tuple[str, Rule]] = []
        self._seen: dict[str, tuple[Rule, ...]] = {}
        for rule in rules:
            for name in rule.names:
                self._bucket(name).append((name, rule))

    def find(self, name: str) -> tuple[Rule, ...]:
        """The rules that match a dotted name, the most specific first (most literal characters)."""
        known = self._seen.get(name)
        if known is None:
            aliased = name.partition(".")[0] in self._aliased
            plain = canonical(name, self._aliases) if aliased else name
            known = self._seen[name] = tuple(self._search(plain))
        return known

    def _bucket(self, pattern: str) -> list[tuple[str, Rule]]:
        if "*" not in pattern:
            return self._exact.setdefault(pattern, [])
        first, _, last = pattern.partition(".")[0], "", pattern.rpartition(".")[2]
        if "*" not in first:
            return self._first.setdefault(first, [])
        return self._other if "*" in last else self._last.setdefault(last, [])

    def _search(self, name: str) -> list[Rule]:
        first, last = name.partition(".")[0], name.rpartition(".")[2]
        wild = [*self._first.get(first, ()), *self._last.get(last, ()), *self._other]
        found = [(_EXACT, rule) for _, rule in self._exact.get(name, ())]
        found += [(len(p.replace("*", "")), r) for p, r in wild if compiled(p).fullmatch(name)]
        kept = [item for item in found if not _excluded(item[1], name)]
        return [rule for _, rule in sorted(kept, key=lambda item: -item[0])]


def _excluded(rule: Rule, name: str) -> bool:
    return any(compiled(pattern).fullmatch(name) for pattern in rule.excluding)
