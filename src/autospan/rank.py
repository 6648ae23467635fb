"""`rank`: every function with a score in 0..1 and the reasons that add up to it.

The signals and their weights follow what people who traced sixteen projects by hand chose: the
orchestrating, I/O-reaching, non-trivial functions of service and storage layers; not popular
callees, thin wrappers, accessors, leaves, nor handlers that instrumentation spans already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autospan.model import Candidate, Effect, Graph, Reason, Survey
from autospan.paths import Paths, trace_paths
from autospan.signals import SIGNALS, Facet


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
            number in paths.served,
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
