"""What lowers a score: each takes a fraction off what the signals gave."""

from __future__ import annotations

import re
from functools import cache

from autospan.signals.facet import NOTHING, Facet, Measure
from autospan.surroundings import is_property, is_special


def trivial(facet: Facet) -> Measure:
    """Bodies with nothing to measure: stubs, constants, an attribute."""
    function = facet.function
    if function.trivial:
        return 1.0, f"nothing to measure: {function.trivial}", ()
    return NOTHING if function.shape.statements else (1.0, "nothing to measure: no statements", ())


def accessor(facet: Facet) -> Measure:
    """Properties: they read as attributes and are called often."""
    words = "a property: reads as an attribute, called often"
    return (1.0, words, ()) if is_property(facet.function) else NOTHING


def special(facet: Facet) -> Measure:
    """Special methods, which Python calls: often, and not by name."""
    if not is_special(facet.function) or facet.function.short in ("__call__", "__init__"):
        return NOTHING
    return 1.0, "a special method, called implicitly and often", ()


def constructor(facet: Facet) -> Measure:
    """Constructors: rarely where time goes."""
    words = "a constructor: rarely where time goes"
    return (1.0, words, ()) if facet.function.short == "__init__" else NOTHING


def class_method(facet: Facet) -> Measure:
    """Class methods: other ways to make an object, and hooks of frameworks."""
    found = "classmethod" in facet.function.decorators
    return (1.0, "a class method: makes objects or configures a class", ()) if found else NOTHING


def context_manager(facet: Facet) -> Measure:
    """Context managers: what happens between their halves is their caller's."""
    decorators = facet.function.decorators
    found = decorators and any(each.endswith("contextmanager") for each in decorators)
    return (1.0, "a context manager: its time is its caller's", ()) if found else NOTHING


_CONVERTS = re.compile(
    r"_*(to|from|parse|format|convert|serialize|deserialize|encode|decode|as|dumps|loads|"
    r"normalize|is|has|check|can|should|needs?|supports|assert|validate|verify|ensure)(_|$)"
)


@cache
def _converts(name: str) -> bool:
    return _CONVERTS.match(name) is not None


def conversion(facet: Facet) -> Measure:
    """Conversions and questions by their names: `to_…`, `parse_…`, `is_…`, `check_…`."""
    short = facet.function.short
    if not _converts(short):
        return NOTHING
    return 1.0, f"`{short}` names a conversion or a question", ()


def record(facet: Facet) -> Measure:
    """Methods of classes that hold data: many of their methods are properties."""
    share = 0.0 if facet.klass is None else facet.klass.properties
    if not share:
        return NOTHING
    return share, f"{share:.0%} of its class are properties: it holds data", ()


def free(facet: Facet) -> Measure:
    """Entry points whose span auto-instrumentation opens."""
    entry = facet.own_entry
    if entry is None or entry.root_span != "auto":
        return NOTHING
    words = f"{entry.package or 'auto-instrumentation'} opens this entry point's span for free"
    return 1.0, words + ": trace what it calls", (entry.place,)


def plumbing(facet: Facet) -> Measure:
    """Small functions that everything calls: their callers say more."""
    if facet.callers < 5 or facet.function.shape.statements > 20 or facet.work > 3:
        return NOTHING
    return 1.0, f"plumbing: called by {facet.callers} functions, which say more", ()


def hot(facet: Facet) -> Measure:
    """What loops call again and again, and what waits for nothing: a span a round costs more than
    it tells."""
    if not facet.looped or facet.flow > 0 or facet.function.shape.awaits:
        return NOTHING
    return facet.looped, "called in loops, and no I/O flows through it: a span a round", ()


def recursive(facet: Facet) -> Measure:
    """What calls itself: its spans would nest in each other, as deep as the data goes."""
    words = "calls itself: its spans would nest in each other"
    return (1.0, words, ()) if facet.recursive else NOTHING


def without_io(facet: Facet) -> Measure:
    """Computes only: a fault there needs a profiler, not a trace."""
    if not facet.computes:
        return NOTHING
    return 1.0, "only computes: no I/O, nor a call that might do some, within reach", ()


def endless(facet: Facet) -> Measure:
    """Loops for ever, or serves until it is told to stop: a span around it ends with the program,
    the thread or the connection."""
    if facet.serves:
        return 1.0, "goes on until it is told to stop: trace what it serves", ()
    if not facet.function.endless or "generator" in facet.function.kind:
        return NOTHING
    return 1.0, "loops for ever: trace what the loop calls", ()


def start_up(facet: Facet) -> Measure:
    """What only module bodies and what serves lead to: it runs once, before the work begins."""
    if not facet.once:
        return NOTHING
    return 1.0, "runs once, at import or before the program serves", ()


def interactive(facet: Facet) -> Measure:
    """Asks a person at the terminal, itself or through what it calls: a span would time them."""
    if not facet.asks:
        return NOTHING
    return 1.0, "asks a person at the terminal, and waits for the answer", ()


def nested(facet: Facet) -> Measure:
    """Functions inside functions."""
    words = "a nested function: the function around it carries the span"
    return (1.0, words, ()) if facet.function.outer is not None else NOTHING


def factory(facet: Facet) -> Measure:
    """Functions that run once, to make what works later: those that define entry points, such as
    the makers of an application, and decorators."""
    if facet.makes:
        what = "an entry point" if facet.makes == 1 else f"{facet.makes} entry points"
        return 1.0, f"runs once, to define {what}", ()
    if facet.decorates:
        return 1.0, "a decorator: runs at import, for each function that it decorates", ()
    return NOTHING
