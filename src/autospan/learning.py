"""Learning from the spans that a project has already: what else is like what this team traces.

A function belongs to groups: its class, its file, its folder, its name, the first word of it, its
decorators, the classes its class is derived from. Where a group holds more traced functions than
chance would put there, its other members rise; where a large group holds none, they fall. Chance
is shrunk towards what is found, so that a few spans move little; fewer than five are no habit, and
move nothing. What autospan wrote itself is no choice of the team's: it would only repeat its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from autospan.model import OURS, Function, Graph, Reason, Survey

_FEWEST = 5  # traced functions that tell anything
_DOUBT = 3.0  # traced functions that a group would have to hold to count fully
_MOST = 4.0  # how far, in natural log-odds, what is learned moves a score
_TRUST = {"class": 0.6, "file": 0.6, "folder": 0.3, "name": 0.4, "word": 0.4, "decorator": 0.4}
_TRUST |= {"base": 0.3}
Group = tuple[str, str]


class Team(NamedTuple):
    """What a team traces: how many functions, and in each group the traced among its members."""

    traced: frozenset[int]
    rate: float
    groups: tuple[tuple[Group, ...], ...]
    members: Counter[Group]
    known: Counter[Group]

    def adapt(self, number: int, score: float) -> tuple[float, Reason | None]:
        """The score of a function with what its groups tell, and the reason (none: no change)."""
        own = int(number in self.traced)
        total, telling = 0.0, []
        for group in self.groups[number]:
            known, members = self.known[group] - own, self.members[group] - 1
            surplus = math.log((known + _DOUBT) / (members * self.rate + _DOUBT))
            share = _TRUST[group[0]] * surplus
            total += share
            telling.append((share, known, members, group))
        odds = math.exp(max(-_MOST, min(_MOST, total)))
        changed = round(score * odds / (1 - score + score * odds), 4)
        if changed == score:
            return score, None
        return changed, Reason("team", round(changed - score, 4), _words(changed > score, telling))


def learn(graph: Graph, survey: Survey) -> Team | None:
    """What the spans of a project tell; None where they are too few."""
    functions = graph.functions
    able = [number for number, each in enumerate(functions) if _able(each)]
    traced = frozenset(each.function for each in survey.traced if each.api != OURS) & set(able)
    if len(traced) < _FEWEST:
        return None
    groups = _groups(graph, able)
    members: Counter[Group] = Counter()
    known: Counter[Group] = Counter()
    for number in able:
        members.update(groups[number])
        if number in traced:
            known.update(groups[number])
    return Team(traced, len(traced) / len(able), groups, members, known)


def _able(function: Function) -> bool:
    return function.kind != "module" and not function.short.startswith("<lambda")


def _groups(graph: Graph, able: Iterable[int]) -> tuple[tuple[Group, ...], ...]:
    found: list[tuple[Group, ...]] = [()] * len(graph.functions)
    for number in able:
        function = graph.functions[number]
        found[number] = tuple(dict.fromkeys(_of(function, graph)))
    return tuple(found)


def _of(function: Function, graph: Graph) -> Iterable[Group]:
    path = function.place.file
    yield "file", path
    yield "folder", path.rpartition("/")[0]
    if not function.short.startswith("__"):
        yield "name", function.short
        yield "word", function.short.strip("_").partition("_")[0]
    for each in function.decorators:
        yield "decorator", each.partition("(")[0]
    if function.owner is not None:
        klass = graph.classes[function.owner]
        yield "class", klass.name
        for each in klass.ancestors[:2]:
            yield "base", each


_NAMED = {
    "class": "methods of its class",
    "file": "functions of its file",
    "folder": "functions of its folder",
    "name": "functions of its name",
    "word": "functions whose names begin like its own",
    "decorator": "functions with its decorator",
    "base": "methods of classes derived like its own",
}


def _words(more: bool, telling: list[tuple[float, int, int, Group]]) -> str:
    pick = max if more else min
    _, known, members, group = pick(telling)
    return f"this team traces {known} of {members} other {_NAMED[group[0]]}"
