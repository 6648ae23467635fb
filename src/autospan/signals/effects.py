"""I/O: what a function does itself, and what its callees do for it."""

from __future__ import annotations

from autospan.model import Effect
from autospan.signals.facet import NOTHING, Facet, Measure
from autospan.signals.scale import upto

_WAITS = ("lock", "sleep")
"""Effects that wait for the program itself: nobody calls them I/O."""


def own_effects(facet: Facet) -> Measure:
    """I/O in the function itself; remote I/O and I/O in a loop weigh most."""
    if not facet.effects:
        return NOTHING
    best = sorted(facet.effects, key=lambda each: (-_own_weight(each), each.place))
    value = _own_weight(best[0]) * (1.0 if any(each.loop for each in best) else 0.85)
    value = min(1.0, value + 0.05 * (len({each.call for each in best}) - 1))
    shown = list(dict.fromkeys(_effect_words(each) for each in best))[:3]
    what = "waits itself" if best[0].kind in _WAITS else "does I/O itself"
    return value, f"{what}: {', '.join(shown)}", tuple(each.place for each in best[:3])


def _own_weight(effect: Effect) -> float:
    """What a span around an effect adds: less where auto-instrumentation spans the call itself."""
    return effect.weight * (0.7 if effect.package else 1.0) * (0.5 if effect.weak else 1.0)


def _effect_words(effect: Effect) -> str:
    where = " in a loop" if effect.loop else ""
    guess = " (by its name)" if effect.weak else ""
    kind = effect.kind if effect.system in ("", effect.kind) else f"{effect.kind}, {effect.system}"
    return f"{_called(effect)} [{kind}]{where}{guess}"


def _called(effect: Effect) -> str:
    return effect.call.removeprefix("?").removeprefix("builtins.")


def reached_effects(facet: Facet) -> Measure:
    """I/O that its callees do for it, fading with every call."""
    reach = facet.reach
    if reach is None or reach.depth == 0:
        return NOTHING
    via = facet.graph.functions[reach.through].qualified
    effect = reach.effect
    calls = "call" if reach.depth == 1 else "calls"
    waits = effect.kind in _WAITS
    what = f"comes to a {effect.kind}" if waits else f"reaches {effect.kind} I/O"
    words = f"{what} ({_called(effect)}) {reach.depth} {calls} down"
    return reach.value, f"{words}, through {via}", (effect.place,)


def flow(facet: Facet) -> Measure:
    """All I/O below it, its own and that of its callees, halved at every call."""
    if facet.flow <= 0:
        return NOTHING
    amount = "much" if facet.flow >= 2 else "some" if facet.flow >= 0.5 else "a little"
    return upto(8, facet.flow), f"{amount} I/O flows together here", ()


def novelty(facet: Facet) -> Measure:
    """How much of the I/O below it no single callee tells: what its own span would add to theirs
    on the same path."""
    if facet.flow <= 0 or facet.fresh <= 0.05:
        return NOTHING
    most = 1 - facet.fresh
    words = f"puts I/O together: no callee's span would show more than {most:.0%} of it"
    return facet.fresh, words if most else "its I/O is its own: no callee's span shows it", ()


def steps(facet: Facet) -> Measure:
    """How many steps that do I/O it puts together; a step in a loop is an N+1 in waiting."""
    count, looped = facet.steps
    if not looped and count < 2:
        return NOTHING
    words = f"puts {count} I/O steps together" if count > 1 else "repeats an I/O step"
    words += f", {looped} of them in a loop (N+1)" if looped and count > 1 else ""
    words += " in a loop (N+1)" if looped and count == 1 else ""
    return min(1.0, 0.6 * upto(8, count) + 0.4 * bool(looped)), words, ()
