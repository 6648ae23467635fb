"""`rank`: every function with a score in 0..1 and the reasons that add up to it.

The signals and their weights follow what people who traced sixteen projects by hand chose: the
orchestrating, I/O-reaching, non-trivial functions of service and storage layers; not popular
callees, thin wrappers, accessors, leaves, nor handlers that instrumentation spans already.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from autospan.model import Candidate, Effect, Entry, Function, Graph, Place, Reason, Survey
from autospan.paths import Paths, Reach, trace_paths


class Signal(NamedTuple):
    """One signal: the share of the score it can give, and what measures it (0..1, words)."""

    name: str
    weight: float
    measure: Callable[[Facet], tuple[float, str, tuple[Place, ...]]]


@dataclass(frozen=True, slots=True)
class Facet:
    """All that the signals look at for one function."""

    function: Function
    number: int
    effects: tuple[Effect, ...]
    reach: Reach | None
    entries: tuple[int, ...]
    entry_count: int
    callees: int
    callers: int
    steps: tuple[int, int]
    centrality: float
    logs: int
    graph: Graph
    survey: Survey
    own_entry: Entry | None


def rank(graph: Graph, survey: Survey) -> tuple[Candidate, ...]:
    """All functions that could carry a span, best first; module bodies and lambdas are left out.

    Equal scores are ordered by place, so that the order never depends on anything else.
    """
    paths = trace_paths(graph, survey)
    scored = [(*_score(facet), facet.number) for facet in _facets(graph, survey, paths)]
    functions = graph.functions
    scored.sort(key=lambda row: (-row[0], functions[row[2]].place, functions[row[2]].name))
    return tuple(
        Candidate(number, position, score, reasons)
        for position, (score, reasons, number) in enumerate(scored, 1)
    )


def _facets(graph: Graph, survey: Survey, paths: Paths) -> Iterable[Facet]:
    effects: dict[int, list[Effect]] = {}
    for effect in survey.effects:
        effects.setdefault(effect.function, []).append(effect)
    entries = {entry.function: entry for entry in reversed(survey.entries)}
    logs = _logs(graph)
    for number, function in enumerate(graph.functions):
        if function.kind == "module" or function.short.startswith("<lambda"):
            continue
        yield Facet(
            function,
            number,
            tuple(effects.get(number, ())),
            paths.reach.get(number),
            paths.entries.get(number, ()),
            paths.entry_count.get(number, 0),
            paths.callees.get(number, 0),
            paths.callers.get(number, 0),
            paths.steps.get(number, (0, 0)),
            paths.centrality.get(number, 0.0),
            logs.get(number, 0),
            graph,
            survey,
            entries.get(number),
        )


_LOGS = re.compile(r"(logg?(er|ing)?|LOG)\.|logging\.Logger\.|structlog|loguru")


def _logs(graph: Graph) -> dict[int, int]:
    """How many calls to a logger each function makes."""
    found: dict[int, int] = {}
    verdicts: dict[str, bool] = {}
    for site in graph.sites:
        verdict = verdicts.get(site.name)
        if verdict is None:
            verdict = verdicts[site.name] = bool(_LOGS.search(site.name))
        if verdict:
            found[site.caller] = found.get(site.caller, 0) + 1
    return found


def _score(facet: Facet) -> tuple[float, tuple[Reason, ...]]:
    """The signals' shares, then what lowers the sum: each a fraction of what is left."""
    reasons: list[Reason] = []
    total = 0.0
    for signal in SIGNALS:
        value, words, evidence = signal.measure(facet)
        if value > 0:
            share = round(signal.weight * min(value, 1.0), 4)
            total += share
            reasons.append(Reason(signal.name, share, words, evidence))
    for name, factor, words in _discounts(facet):
        share = round(-total * factor, 4)
        total += share
        reasons.append(Reason(name, share, words))
    score = round(total, 4)
    return score, tuple(sorted(reasons, key=lambda reason: -abs(reason.weight)))


# --- signals


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
    value = 0.6 + 0.4 * min(1.0, math.log2(count) / 5)
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
    r"producer|sender|mail|payment|order|billing|sync|fetch|dispatch|workflow|ledger",
    re.IGNORECASE,
)


@cache
def _layer(name: str) -> bool:
    return _WORKING_LAYER.search(name) is not None


def _role(facet: Facet) -> tuple[float, str, tuple[Place, ...]]:
    """Service, storage and integration layers, by the names of class and module."""
    function = facet.function
    module, _, inner = function.name.partition(":")
    klass = inner.rpartition(".")[0] if function.owner is not None else ""
    for name, kind in ((klass, "class"), (module.rpartition(".")[2], "module")):
        if _layer(name):
            return 1.0 if kind == "class" else 0.7, f"its {kind} `{name}` names a working layer", ()
    return 0.0, "", ()


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
    Signal("io-reach", 0.18, _reached_effects),
    Signal("entry-reach", 0.16, _entry_reach),
    Signal("io-steps", 0.12, _steps),
    Signal("size", 0.10, _size),
    Signal("orchestration", 0.07, _centrality),
    Signal("fan-out", 0.05, _fan_out),
    Signal("role", 0.05, _role),
    Signal("care", 0.05, _care),
)
"""The signals in the order of their weights, which add up to 1."""


# --- what lowers a score


def _discounts(facet: Facet) -> Iterable[tuple[str, float, str]]:
    """(name, fraction taken off, words)."""
    function, shape = facet.function, facet.function.shape
    short = function.short
    if function.trivial:
        yield "trivial", 0.9, f"nothing to measure: {function.trivial}"
    elif short.startswith("__") and short.endswith("__") and short not in ("__call__", "__init__"):
        yield "special", 0.7, "a special method, called implicitly and often"
    elif short == "__init__":
        yield "constructor", 0.4, "a constructor: rarely where time goes"
    if any(each.rpartition(".")[2].endswith("property") for each in function.decorators):
        yield "property", 0.6, "a property: reads as an attribute, called often"
    if function.endless and "generator" not in function.kind:
        yield "endless", 0.7, "loops for ever: trace what the loop calls"
    entry = facet.own_entry
    if entry is not None and entry.root_span == "auto":
        words = f"{entry.package or 'auto-instrumentation'} opens this entry point's span for free"
        yield "free", 0.5, words + ": trace what it calls"
    if not function.trivial and _thin(facet):
        yield "thin", 0.45, "a thin wrapper: its one call says as much"
    elif facet.callers >= 5 and shape.statements <= 20 and facet.callees <= 3:
        yield "plumbing", 0.35, f"plumbing: called by {facet.callers} functions, which say more"
    if function.outer is not None:
        yield "nested", 0.35, "a nested function: the function around it carries the span"
    if not facet.effects and facet.reach is None and facet.callees == 0:
        yield "leaf", 0.5, "a leaf: calls nothing of the project and does no I/O"
    elif not facet.effects and facet.reach is None:
        yield "no-io", 0.25, "no I/O within reach"
    if shape.statements == 0:
        yield "empty", 0.9, "no statements"


def _thin(facet: Facet) -> bool:
    shape = facet.function.shape
    small = shape.statements - facet.function.docstring <= 2
    return small and shape.calls <= 2 and not shape.loops and not shape.handlers
