"""Effects (calls that do I/O) and effort (calls where tracing is lost)."""

from __future__ import annotations

from autospan.knowledge.rules import EffectRule, EffortRule
from autospan.model import Effect, Effort, Graph, Place
from autospan.recognize.hits import Hits


def find_effects(graph: Graph, hits: Hits) -> tuple[Effect, ...]:
    """Every I/O call, with how remote it is and which package would span it, sorted."""
    called = [
        _effect(rule, site.caller, site.name, _at(graph, site.caller, site.line), site.loop)
        for rule, site in hits.calls
        if isinstance(rule, EffectRule)
    ]
    decorated = [
        _effect(rule, one.function, f"@{one.name}", _at(graph, one.function, one.line), 0)
        for rule, one in hits.decorations
        if isinstance(rule, EffectRule) and one.function >= 0
    ]
    return tuple(sorted(called + decorated))


def find_efforts(graph: Graph, hits: Hits) -> tuple[Effort, ...]:
    """Where context is lost or tracing goes wrong, and what to do, sorted."""
    found = []
    for rule, site in hits.calls:
        if isinstance(rule, EffortRule):
            found.append(_effort(rule, _at(graph, site.caller, site.line), site.caller))
    for rule, one in hits.decorations:
        if isinstance(rule, EffortRule) and one.function >= 0:
            found.append(_effort(rule, _at(graph, one.function, one.line), one.function))
    for rule, klass, _ in hits.bases:
        if isinstance(rule, EffortRule):
            found.append(_effort(rule, graph.classes[klass].place, -1))
    return tuple(sorted(set(found)))


def _effect(rule: EffectRule, function: int, call: str, place: Place, loop: int) -> Effect:
    return Effect(
        function=function,
        kind=rule.kind,
        system=rule.system,
        call=call,
        place=place,
        weight=rule.strength,
        weak=rule.weak,
        loop=loop,
        package=rule.package,
    )


def _effort(rule: EffortRule, place: Place, function: int) -> Effort:
    return Effort(Place(place.file, place.line), function, rule.what, rule.why, rule.fix)


def _at(graph: Graph, function: int, line: int) -> Place:
    return Place(graph.functions[function].place.file, line)
