"""Entry points: who starts a function, and whether a span stands there for free."""

from __future__ import annotations

from autospan.signals.facet import NOTHING, Facet, Measure
from autospan.signals.scale import upto


def own_entry(facet: Facet) -> Measure:
    """An entry point that no instrumentation spans: a trace would start below it. Handlers of
    signals and hooks run in the trace of whoever sends."""
    entry = facet.own_entry
    if entry is None or not entry.dark or entry.kind == "http_hook":
        return NOTHING
    return 1.0, f"starts here: {entry.kind} {entry.name}, and nobody opens its span", (entry.place,)


def entry_reach(facet: Facet) -> Measure:
    """How many entry points lead here; those that serve somebody count more."""
    count = facet.entry_count
    if count == 0:
        return NOTHING
    survey = facet.survey
    entries = [survey.entries[each] for each in facet.entries]
    named = [*dict.fromkeys(f"{each.kind} {each.name}" for each in entries)]
    several = f"{count} entry points: " if count > 1 else ""
    words = f"on the way of {several}{', '.join(named[:3])}" + (" …" if len(named) > 3 else "")
    value = (0.8 if facet.served else 0.4) + 0.2 * upto(32, count - 1)
    return value, words, tuple(survey.entries[each].place for each in facet.entries[:2])
