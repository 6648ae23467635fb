"""`rank`: every function with a score in 0..1 and the reasons that add up to it.

The score is a sum of shares, one a signal, of which discounts take fractions off, one after the
other. The weights are learned from projects that people traced by hand (`autospan.signals`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from autospan.learning import Team, learn
from autospan.model import Candidate, Graph, Reason, Survey
from autospan.signals import DISCOUNTS, FAINT, NOTHING, SIGNALS, Facet, facets


class _Scored(NamedTuple):
    """A function (index), its score, and the reasons for it, the weightiest first."""

    number: int
    score: float
    reasons: list[Reason]


def rank(graph: Graph, survey: Survey, learning: bool = True) -> tuple[Candidate, ...]:
    """All functions that could carry a span, best first; module bodies and lambdas are left out.

    With `learning`, what the project has traced already changes the scores (`autospan.learning`).
    Equal scores are ordered by place, so that the order never depends on anything else.
    """
    team = learn(graph, survey) if learning else None
    scored = [_score(facet, team) for facet in facets(graph, survey)]
    usual = _usual(scored)
    functions = graph.functions
    scored.sort(
        key=lambda one: (-one.score, functions[one.number].place, functions[one.number].name)
    )
    return tuple(
        Candidate(one.number, position, one.score, tuple(one.reasons), _telling(one.reasons, usual))
        for position, one in enumerate(scored, 1)
    )


def _score(facet: Facet, team: Team | None) -> _Scored:
    """The signals' shares, then what lowers the sum: each a fraction of what is left."""
    reasons: list[Reason] = []
    total = 0.0
    for name, weight, measure in SIGNALS:
        if (found := measure(facet)) is not NOTHING and found[0] > 0:
            value = min(found[0], 1.0)
            share = round(weight * value, 4)
            total += share
            reasons.append(Reason(name, share, found[1], found[2], value))
    for name, weight, measure in DISCOUNTS:
        if (found := measure(facet)) is not NOTHING and found[0] > 0:
            value = min(found[0], 1.0)
            share = round(-total * weight * value, 4)
            total += share
            reasons.append(Reason(name, share, found[1], found[2], value))
    total = round(total, 4)
    if team is not None:
        total, learned = team.adapt(facet.number, total)
        reasons += [learned] if learned else []
    reasons.sort(key=lambda reason: -abs(reason.weight))
    return _Scored(facet.number, total, reasons)


def _usual(scored: list[_Scored]) -> Mapping[str, float]:
    """The mean share of each signal: what a function of this project has as a rule."""
    shares: dict[str, float] = {}
    for one in scored:
        for reason in one.reasons:
            shares[reason.signal] = shares.get(reason.signal, 0.0) + reason.weight
    return {signal: share / len(scored) for signal, share in shares.items()}


_SHOWN = 3


def _telling(reasons: Iterable[Reason], usual: Mapping[str, float]) -> tuple[str, ...]:
    """The signals whose reasons to show where there is no room for all: first two that can be
    looked up in the code, then what sets a function most apart from the others of its project."""
    pro = [each for each in reasons if each.weight > 0]
    pro.sort(key=lambda each: (each.signal in FAINT, usual[each.signal] - each.weight))
    located = [each.signal for each in pro if each.evidence][:2]
    others = [each.signal for each in pro if not each.evidence]
    return (*located, *others[: _SHOWN - len(located)])
