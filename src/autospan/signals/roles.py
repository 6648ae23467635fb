"""Roles: the layer by naming, the public side of a package, what the name says is done."""

from __future__ import annotations

import re
from functools import cache

from autospan.model import Function
from autospan.signals.facet import NOTHING, Facet, Measure
from autospan.signals.scale import upto

_WORKING_LAYER = re.compile(
    r"service|manager|client|store|storage|repositor|gateway|engine|provider|adapter|backend|"
    r"handler|operation|executor|orchestrat|processor|pipeline|worker|task|job|controller|"
    r"dispatch|runner|agent|connector|consumer|producer|server|api|resolver|fetch|loader|sync|"
    r"importer|exporter|sender|scheduler|workflow|driver",
    re.IGNORECASE,
)

_ACTION = re.compile(
    r"_*(async_|a)?(run|process|handle|send|execute|perform|dispatch|submit|publish|notify|emit|"
    r"sync|train|predict|invoke|call|start|trigger|deliver|ingest|index|do|apply|evaluate|generate|"
    r"complete|stream|launch|schedule|queue|enqueue|consume)(_|$|(?=[A-Z]))"
)


@cache
def _layer(name: str) -> bool:
    return _WORKING_LAYER.search(name) is not None


@cache
def _acts(name: str) -> bool:
    return _ACTION.match(name) is not None


def _class_of(function: Function) -> str:
    inner = function.name.partition(":")[2]
    return inner.rpartition(".")[0] if function.owner is not None else ""


def layer(facet: Facet) -> Measure:
    """A method of a class that names a working layer: a service, a client, a repository …"""
    klass = _class_of(facet.function)
    if not klass or not _layer(klass):
        return NOTHING
    return 1.0, f"its class `{klass}` names a working layer", ()


def action(facet: Facet) -> Measure:
    """A name that says that something is carried out: run, process, send …"""
    short = facet.function.short
    return (1.0, f"`{short}` names an action", ()) if _acts(short) else NOTHING


def door(facet: Facet) -> Measure:
    """Public methods of large classes: the doors of a layer."""
    if facet.klass is None or facet.klass.methods < 2 or facet.function.short.startswith("_"):
        return NOTHING
    count = facet.klass.methods
    return upto(40, count), f"a public method of a class that has {count}", ()


def file_size(facet: Facet) -> Measure:
    """How long functions are in its file: a file of work, or one of accessors."""
    words = f"functions of this file have {facet.typical:.0f} lines as a rule"
    return upto(80, facet.typical), words, ()
