"""Shape and care: how large a function is, and the signs that somebody cared what happens in it."""

from __future__ import annotations

from autospan.signals.facet import NOTHING, Facet, Measure
from autospan.signals.scale import upto


def size(facet: Facet) -> Measure:
    """Length: what takes room to say takes time to run."""
    shape, lines = facet.function.shape, facet.lines
    if shape.statements < 2 and lines < 4:
        return NOTHING
    parts = ["a line" if lines == 1 else f"{lines} lines"]
    parts += [f"{shape.branches} branches"] if shape.branches > 1 else []
    parts += [f"{shape.loops} loops"] if shape.loops > 1 else ["a loop"] if shape.loops else []
    return upto(150, lines), "non-trivial: " + ", ".join(parts), ()


def awaits(facet: Facet) -> Measure:
    """Awaits: where a program that is asynchronous waits."""
    count = facet.function.shape.awaits
    if not count:
        return NOTHING
    return upto(10, count), "awaits once" if count == 1 else f"awaits {count} times", ()


def parameters(facet: Facet) -> Measure:
    """How many parameters it takes: an operation has something to say of each time it runs."""
    count = sum(each.name not in ("self", "cls") for each in facet.function.parameters)
    if not count:
        return NOTHING
    return upto(10, count), "takes a parameter" if count == 1 else f"takes {count} parameters", ()


def typed(facet: Facet) -> Measure:
    """Annotated parameters: a boundary that was thought about."""
    own = [each for each in facet.function.parameters if each.name not in ("self", "cls")]
    count = len([each for each in own if each.annotation])
    if not count:
        return NOTHING if own else (0.5, "takes no parameters that could be annotated", ())
    return count / len(own), f"{count} of {len(own)} parameters are annotated", ()


_LANGUAGE = frozenset(
    "staticmethod classmethod property cached_property setter getter deleter abstractmethod "
    "override overload contextmanager asynccontextmanager wraps".split()
)


def decorated(facet: Facet) -> Measure:
    """Decorators that add behaviour (retries, permissions, transactions): a step of its own."""
    if not facet.function.decorators:
        return NOTHING
    named = [each.partition("(")[0] for each in facet.function.decorators]
    own = [each for each in named if each.rpartition(".")[2] not in _LANGUAGE]
    if not own:
        return NOTHING
    return upto(2, len(own)), "is decorated: " + ", ".join(f"@{each}" for each in own[:3]), ()


def care(facet: Facet) -> Measure:
    """Signs that people cared what happens here: logging, error handling, documentation."""
    shape = facet.function.shape
    parts = []
    if facet.logs:
        parts.append("logs" if facet.logs == 1 else f"logs {facet.logs} times")
    if shape.handlers:
        parts.append("handles errors")
    if facet.function.docstring:
        parts.append("is documented")
    value = 0.25 * min(facet.logs, 2) + 0.3 * bool(shape.handlers)
    value += 0.2 * facet.function.docstring
    return (value, "somebody cared: " + ", ".join(parts), ()) if parts else NOTHING
