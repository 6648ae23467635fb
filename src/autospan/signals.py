"""The signals that `rank` adds up: each a small function of one facet, with words for its value.

What they measure follows what people who traced sixteen projects by hand chose: the orchestrating,
I/O-reaching, non-trivial functions of service and storage layers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from autospan.model import Effect, Entry, Function, Graph, Place, Survey
from autospan.paths import Reach


class Signal(NamedTuple):
    """One signal: the share of the score it can give, and what measures it (0..1, words)."""

    name: str
    weight: float
    measure: Callable[[Facet], tuple[float, str, tuple[Place, ...]]]


class Facet(NamedTuple):
    """All that the signals look at for one function."""

    function: Function
    number: int
    effects: tuple[Effect, ...]
    reach: Reach | None
    entries: tuple[int, ...]
    entry_count: int
    served: bool
    callees: int
    callers: int
    steps: tuple[int, int]
    centrality: float
    logs: int
    graph: Graph
    survey: Survey
    own_entry: Entry | None


def _own_effects(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """I/O in the function itself; remote I/O and I/O in a loop weigh most."""
    if not facet.effects:
        return 0.0, "", ()
    best = sorted(facet.effects, key=lambda each: (-_own_weight(each), each.place))
    value = _own_weight(best[0]) * (1.0 if any(each.loop for each in best) else 0.85)
    value = min(1.0, value + 0.05 * (len({each.call for each in best}) - 1))
    shown = list(dict.fromkeys(_effect_words(each) for each in best))[:3]
    return value, "does I/O itself: " + ", ".join(shown), tuple(each.place for each in best[:3])


def _own_weight(effect: Effect) -> float:
    """What a span around an effect adds: less where auto-instrumentation spans the call itself."""
    return effect.weight * (0.7 if effect.package else 1.0)


def _effect_words(effect: Effect) -> str:
    where = " in a loop" if effect.loop else ""
    guess = " (by its name)" if effect.weak else ""
    called = effect.call.removeprefix("?").removeprefix("builtins.")
    kind = effect.kind if effect.system in ("", effect.kind) else f"{effect.kind}, {effect.system}"
    return f"{called} [{kind}]{where}{guess}"


def _reached_effects(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """I/O that its callees do for it, fading with every call."""
    reach = facet.reach
    if reach is None or reach.depth == 0:
        return 0.0, "", ()
    functions = facet.graph.functions
    via = functions[reach.through].qualified
    effect = reach.effect
    calls = "call" if reach.depth == 1 else "calls"
    called = effect.call.removeprefix("?").removeprefix("builtins.")
    words = f"reaches {effect.kind} I/O ({called}) {reach.depth} {calls} down, through {via}"
    return reach.value, words, (effect.place,)


def _steps(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """How many steps that do I/O it puts together; a step in a loop is an N+1 in waiting."""
    count, looped = facet.steps
    if not looped and count < 2:
        return 0.0, "", ()
    words = f"puts {count} I/O steps together" if count > 1 else "repeats an I/O step"
    words += f", {looped} of them in a loop (N+1)" if looped and count > 1 else ""
    words += " in a loop (N+1)" if looped and count == 1 else ""
    return min(1.0, math.log2(1 + count) / 4 + 0.5 * bool(looped)), words, ()


def _entry_reach(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """How many entry points lead here."""
    count = facet.entry_count
    if count == 0:
        return 0.0, "", ()
    survey = facet.survey
    named = [f"{survey.entries[each].kind} {survey.entries[each].name}" for each in facet.entries]
    plural = "entry point" if count == 1 else f"{count} entry points"
    words = f"on the way of {plural}: {', '.join(named[:3])}" + (" …" if count > 3 else "")
    value = (0.85 if facet.served else 0.5) + 0.15 * min(1.0, math.log2(count) / 5)
    return value, words, tuple(survey.entries[each].place for each in facet.entries[:2])


def _centrality(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """Orchestration: PageRank on the reversed call graph, as a percentile."""
    value = facet.centrality
    if value < 0.5:
        return 0.0, "", ()
    top = max(1, math.ceil((1 - value) * 100))
    words = f"orchestrates: among the top {top} % by PageRank on the reversed call graph"
    return (value - 0.5) * 2, words, ()


def _fan_out(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """How many different functions of the project it calls."""
    if facet.callees < 2:
        return 0.0, "", ()
    value = min(1.0, math.log2(facet.callees) / 3.5)
    return value, f"calls {facet.callees} functions of the project", ()


def _size(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """Length and branching: what takes time to understand takes time to run."""
    shape = facet.function.shape
    if shape.statements < 4:
        return 0.0, "", ()
    value = min(1.0, math.log2(shape.statements / 2) / 4.5)
    parts = [f"{shape.statements} statements"]
    parts += [f"{shape.branches} branches"] if shape.branches > 1 else []
    parts += [f"{shape.loops} loops"] if shape.loops > 1 else ["a loop"] if shape.loops else []
    return value, "non-trivial: " + ", ".join(parts), ()


_WORKING_LAYER = re.compile(
    r"service|gateway|client|repositor|store|storage|manager|handler|task|job|worker|processor|"
    r"controller|orchestrat|engine|provider|adapter|backend|pipeline|importer|exporter|consumer|"
    r"producer|sender|sync|fetch|dispatch|workflow",
    re.IGNORECASE,
)


_ACTION = re.compile(
    r"_*(async_)?(submit|process|handle|perform|execute|run|charge|pay|refund|"
    r"post|send|notify|publish|consume|deliver|create|update|delete|save|store|write|persist|"
    r"import|export|sync|fetch|load|download|upload|request|query|search|validate|check|verify|"
    r"generate|render|build|compute|calculate|index|train|predict|dispatch|schedule|"
    r"register|login|authenticate|migrate|archive|cleanup|poll|receive|invalidate)"
    r"(_|$|[A-Z])"
)


@cache
def _acts(name: str) -> bool:
    return _ACTION.match(name) is not None


@cache
def _layer(name: str) -> bool:
    return _WORKING_LAYER.search(name) is not None


def _role(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """Service, storage and integration layers by the names of class and module; an action by the
    function's own name."""
    function = facet.function
    module, _, inner = function.name.partition(":")
    klass = inner.rpartition(".")[0] if function.owner is not None else ""
    module = module.rpartition(".")[2]
    parts = []
    value = 0.0
    if _layer(klass):
        value, parts = 0.6, [f"its class `{klass}` names a working layer"]
    elif _layer(module):
        value, parts = 0.4, [f"its module `{module}` names a working layer"]
    if _acts(function.short):
        value += 0.4
        parts.append(f"`{function.short}` names an action")
    return value, ", ".join(parts), ()


def _care(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """Signs that people cared what happens here: logging, error handling, documentation."""
    shape = facet.function.shape
    parts = []
    if facet.logs:
        parts.append("logs" if facet.logs == 1 else f"logs {facet.logs} times")
    if shape.handlers:
        parts.append("handles errors")
    if facet.function.docstring:
        parts.append("is documented")
    value = min(1.0, 0.3 * min(facet.logs, 2) + 0.3 * bool(shape.handlers) + 0.1 * len(parts))
    return (value, "somebody cared: " + ", ".join(parts), ()) if parts else (0.0, "", ())


SIGNALS = (
    Signal("io", 0.22, _own_effects),
    Signal("io-reach", 0.19, _reached_effects),
    Signal("entry-reach", 0.16, _entry_reach),
    Signal("io-steps", 0.10, _steps),
    Signal("role", 0.10, _role),
    Signal("size", 0.09, _size),
    Signal("orchestration", 0.06, _centrality),
    Signal("care", 0.05, _care),
    Signal("fan-out", 0.03, _fan_out),
)
"""The signals in the order of their weights, which add up to 1."""
