"""Effort: where context is lost, or a trace would say what is not so, and what to do about it.

What calls lose context is told by the packs; the rest is the shape of functions that a trace would
go through: those that an entry point leads to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from autospan.knowledge.rules import EffortRule
from autospan.model import Effect, Effort, Entry, Free, Graph, Place, Site
from autospan.recognize.hits import Hits


class _Finding(NamedTuple):
    what: str
    why: str
    fix: str


_SWALLOWED = _Finding(
    "every exception is caught and goes no further",
    "the span of the function, and all above it, will say that all went well",
    "in the handler: trace.get_current_span().record_exception(error), and set_status(ERROR)",
)
_ENDLESS = _Finding(
    "a loop that never ends",
    "a span around it would never end, and all that it does would be one trace",
    "trace what the loop calls: one root span for each round",
)
_STANDING = _Finding(
    "a loop that waits for work until it is told to stop",
    "a span around it would last as long, and all that it does would be one trace",
    "trace what the loop calls: one root span for each round",
)
_UNRESOLVED = _Finding(
    "what is called is decided at run time",
    "a hook, a table of handlers or a computed name: what it leads to is not counted, nor ranked",
    "open a span around the call, named by what is chosen",
)
_DISCARDED = _Finding(
    "a task that nobody waits for",
    "it keeps the context of the request, whose span may have ended when the task's spans start",
    "open a new root span in the task and link it to the span that started it",
)
_SPAWNS = frozenset(
    ("asyncio.create_task", "asyncio.ensure_future", "asyncio.events.AbstractEventLoop.create_task")
)
_REMOTE = frozenset(
    ("db", "http", "rpc", "queue", "storage", "cloud", "mail", "remote", "socket", "cache")
)


def find_efforts(
    graph: Graph,
    hits: Hits,
    entries: Iterable[Entry],
    effects: Iterable[Effect],
    free: Iterable[Free] = (),
    standing: Collection[int] = (),
) -> tuple[Effort, ...]:
    """Sorted by place; without those that a package which is switched on already takes care of.

    `standing` are the functions that wait for work as long as something lives.
    """
    wired = {each.package for each in free if each.wired}
    entered = {entry.function for entry in entries}
    reached = _reached(graph, entered)
    distant = {each.function for each in effects if each.kind in _REMOTE and not each.weak}
    found = [*_told(graph, hits), *_dispatched(graph, reached), *_spawned(graph, reached)]
    for number in sorted(reached):
        function = graph.functions[number]
        if function.endless and "generator" not in function.kind:
            found.append(_effort(_ENDLESS, graph, number, function.place.line))
        elif number in standing:
            found.append(_effort(_STANDING, graph, number, function.place.line))
        elif function.swallows and (number in entered or number in distant):
            found.append(_effort(_SWALLOWED, graph, number, function.swallows))
    return tuple(sorted({each for each in found if each.package not in wired}))


def _told(graph: Graph, hits: Hits) -> Iterator[Effort]:
    """What the packs tell of calls, decorators and base classes."""
    for rule, site in hits.calls:
        if isinstance(rule, EffortRule) and _holds(rule, site):
            yield _effort(rule, graph, site.caller, site.line)
    for rule, one in hits.decorations:
        if isinstance(rule, EffortRule) and one.function >= 0:
            yield _effort(rule, graph, one.function, one.line)
    for rule, klass, _ in hits.bases:
        if isinstance(rule, EffortRule):
            file, line, _ = graph.classes[klass].place
            told = (rule.what, rule.why, rule.fix, rule.context, rule.package)
            yield Effort(Place(file, line), -1, *told)


def _holds(rule: EffortRule, site: Site) -> bool:
    """Whether the constants that are passed are those that the rule is about."""
    passed = [
        f"{argument.key}:{value.text}"
        for argument in (site.arguments if rule.given or rule.unless else ())
        for value in argument.values
        if value.kind == "constant"
    ]

    def fits(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(text, pattern) for pattern in patterns for text in passed)

    return (not rule.given or fits(rule.given)) and not fits(rule.unless)


def _dispatched(graph: Graph, reached: set[int]) -> Iterator[Effort]:
    """What is called is neither told by the code nor handed in by the caller."""
    for each in graph.unresolved:
        parameters = graph.functions[each.caller].parameters
        if each.caller in reached and all(given.name != each.text for given in parameters):
            yield _effort(_UNRESOLVED, graph, each.caller, each.line)


def _spawned(graph: Graph, reached: set[int]) -> Iterator[Effort]:
    for site in graph.sites:
        if site.discarded and site.name in _SPAWNS and site.caller in reached:
            yield _effort(_DISCARDED, graph, site.caller, site.line)


def _reached(graph: Graph, starts: Iterable[int]) -> set[int]:
    """The functions that entry points lead to, over edges that are known."""
    callees: dict[int, list[int]] = {}
    for edge in graph.edges:
        if edge.confidence != "guessed":
            callees.setdefault(edge.caller, []).append(edge.callee)
    reached, pending = set(starts), list(starts)
    while pending:
        new = [each for each in callees.get(pending.pop(), ()) if each not in reached]
        reached.update(new)
        pending.extend(new)
    return reached


def _effort(finding: EffortRule | _Finding, graph: Graph, function: int, line: int) -> Effort:
    place = Place(graph.functions[function].place.file, line)
    effort = Effort(place, function, finding.what, finding.why, finding.fix)
    if isinstance(finding, EffortRule):
        return replace(effort, context=finding.context, package=finding.package)
    return effort
