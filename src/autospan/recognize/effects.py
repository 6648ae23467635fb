"""Effects: the calls that do I/O."""

from __future__ import annotations

from autospan.knowledge.rules import EffectRule
from autospan.model import Effect, Graph, Place
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


def _at(graph: Graph, function: int, line: int) -> Place:
    return Place(graph.functions[function].place.file, line)
