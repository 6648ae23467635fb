"""Orchestration: what a function calls together."""

from __future__ import annotations

from autospan.signals.facet import NOTHING, Facet, Measure
from autospan.signals.scale import upto


def fan_out(facet: Facet) -> Measure:
    """How many functions of the project do work for it: accessors and constructors aside."""
    if facet.work == 0:
        return NOTHING
    what = "a function" if facet.work == 1 else f"{facet.work} functions"
    return upto(20, facet.work), f"puts {what} of the project to work", ()


def dominance(facet: Facet) -> Measure:
    """How much is reached only through it: of all that runs, nothing comes there another way."""
    if facet.below == 0:
        return NOTHING
    what = "a function" if facet.below == 1 else f"{facet.below} functions"
    return upto(32, facet.below), f"the only way to {what}", ()


def files(facet: Facet) -> Measure:
    """Into how many other files it calls: a step between parts of the program."""
    if facet.files == 0:
        return NOTHING
    what = "another file" if facet.files == 1 else f"{facet.files} other files"
    return upto(8, facet.files), f"calls into {what}", ()
