"""The signals that `rank` adds up, and what takes a fraction off again.

Each is a small function of one `Facet` that gives a value 0..1, words, and evidence. What they
measure follows what people who traced projects by hand chose: the orchestrating, I/O-reaching,
non-trivial functions of service and storage layers. How much each counts was learned from such
projects and stands in `weights.toml`, written by `benchmarks/ranking.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from autospan.catalog import weights
from autospan.signals import calls, discounts, effects, entries, roles, shape
from autospan.signals.facet import NOTHING, Facet, Measure, facets

__all__ = [
    "DISCOUNTS",
    "FAINT",
    "NOTHING",
    "SIGNALS",
    "Facet",
    "Measure",
    "Signal",
    "facets",
    "weigh",
]


class Signal(NamedTuple):
    """A signal: the share of the score that it can give (a discount: the fraction that it can take
    off), and what measures it."""

    name: str
    weight: float
    measure: Callable[[Facet], Measure]

    @property
    def words(self) -> str:
        """What is looked at, in a sentence."""
        return " ".join((self.measure.__doc__ or "").split())


_SIGNALS: Mapping[str, Callable[[Facet], Measure]] = {
    "size": shape.size,
    "fan-out": calls.fan_out,
    "files": calls.files,
    "dominance": calls.dominance,
    "flow": effects.flow,
    "io": effects.own_effects,
    "io-reach": effects.reached_effects,
    "io-steps": effects.steps,
    "novelty": effects.novelty,
    "entry": entries.own_entry,
    "entry-reach": entries.entry_reach,
    "layer": roles.layer,
    "door": roles.door,
    "action": roles.action,
    "file-size": roles.file_size,
    "parameters": shape.parameters,
    "typed": shape.typed,
    "decorated": shape.decorated,
    "care": shape.care,
    "awaits": shape.awaits,
}

_DISCOUNTS: Mapping[str, Callable[[Facet], Measure]] = {
    "trivial": discounts.trivial,
    "property": discounts.accessor,
    "special": discounts.special,
    "constructor": discounts.constructor,
    "class-method": discounts.class_method,
    "context-manager": discounts.context_manager,
    "conversion": discounts.conversion,
    "record": discounts.record,
    "free": discounts.free,
    "plumbing": discounts.plumbing,
    "hot": discounts.hot,
    "recursive": discounts.recursive,
    "no-io": discounts.without_io,
    "endless": discounts.endless,
    "start-up": discounts.start_up,
    "interactive": discounts.interactive,
    "nested": discounts.nested,
    "factory": discounts.factory,
}


FAINT = frozenset(("action", "door", "layer", "parameters", "typed", "file-size"))
"""Signals that say little of one function: told where there is nothing better to tell."""


def weigh(
    shares: Mapping[str, float], names: Mapping[str, Callable[[Facet], Measure]]
) -> tuple[Signal, ...]:
    """The signals with their weights, the weightiest first; those without one are left out."""
    found = [Signal(name, shares[name], each) for name, each in names.items() if name in shares]
    return tuple(sorted(found, key=lambda each: -each.weight))


SIGNALS = weigh(weights("signals"), _SIGNALS)
"""What adds up to the score, in the order of their weights, which add up to 1."""

DISCOUNTS = weigh(weights("discounts"), _DISCOUNTS)
"""What takes a fraction off, one after the other, in the order of their weights."""
