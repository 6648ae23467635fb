"""`rank`: every function with a score in 0..1 and the reasons that add up to it.

The score is a sum of shares, one a signal, of which discounts take fractions off, one after the
other. The weights are learned from projects that people traced by hand (`autospan.signals`).
"""

from __future__ import annotations

from autospan.learning import Team, learn
from autospan.model import Candidate, Graph, Reason, Survey
from autospan.signals import DISCOUNTS, SIGNALS, Facet, facets


def rank(graph: Graph, survey: Survey, learning: bool = True) -> tuple[Candidate, ...]:
    """All functions that could carry a span, best first; module bodies and lambdas are left out.

    With `learning`, what the project has traced already changes the scores (`autospan.learning`).
    Equal scores are ordered by place, so that the order never depends on anything else.
    """
    team = learn(graph, survey) if learning else None
    scored = [(*_score(facet, team), facet.number) for facet in facets(graph, survey)]
    functions = graph.functions
    scored.sort(key=lambda row: (-row[0], functions[row[2]].place, functions[row[2]].name))
    return tuple(
        Candidate(number, position, score, reasons)
        for position, (score, reasons, number) in enumerate(scored, 1)
    )


def _score(facet: Facet, team: Team | None) -> tuple[float, tuple[Reason, ...]]:
    """The signals' shares, then what lowers the sum: each a fraction of what is left."""
    reasons: list[Reason] = []
    total = 0.0
    for signal in SIGNALS:
        value, words, evidence = signal.measure(facet)
        if value > 0:
            share = round(signal.weight * min(value, 1.0), 4)
            total += share
            reasons.append(Reason(signal.name, share, words, evidence))
    for discount in DISCOUNTS:
        value, words, evidence = discount.measure(facet)
        if value > 0:
            share = round(-total * discount.weight * min(value, 1.0), 4)
            total += share
            reasons.append(Reason(discount.name, share, words, evidence))
    total = round(total, 4)
    if team is not None:
        total, learned = team.adapt(facet.number, total)
        reasons += [learned] if learned else []
    return total, tuple(sorted(reasons, key=lambda reason: -abs(reason.weight)))
