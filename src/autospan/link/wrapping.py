"""How builtins behave that wrap functions: `property`, `staticmethod`, `classmethod`."""

from __future__ import annotations

from collections.abc import Callable

from autospan.link import values as v
from autospan.link.calls import Calls
from autospan.link.flow import Watcher
from autospan.link.iterating import argument
from autospan.link.state import Shift
from autospan.model import Call

PROPERTIES = frozenset(
    (
        "property cached_property abstractproperty classproperty hybrid_property "
        "lazy_property locked_cached_property threaded_cached_property reify"
    ).split()
)
"""Decorators, by their last name, whose getter runs when the attribute is read."""


def wrapped(kind: int) -> Callable[[Calls, Watcher, Call, Shift], bool]:
    """The model of what wraps a function in a value of another kind."""

    def model(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
        target = solver.node(where, call.result)

        def react(inner: Watcher, value: int) -> None:
            if solver.values.items[value][0] in (v.FUNCTION, v.BOUND):
                solver.flow.add(inner.target, solver.values.of(kind, value))
            else:
                solver.flow.add(inner.target, value)

        solver.flow.watch(argument(solver, call, where, 0), Watcher(react, target))
        return True

    return model


def property_(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`property(f, g, h)`, `@property`: reading runs f, storing g, deleting h."""
    target = solver.node(where, call.result)

    def react(inner: Watcher, value: int) -> None:
        if solver.values.items[value][0] not in (v.FUNCTION, v.BOUND):
            solver.flow.add(target, value)
            return
        made = solver.values.of(v.PROPERTY, value, 0, 0)
        solver.flow.add(target, made)
        for key, accessor in ((1, "setter"), (2, "deleter")):
            node = argument(solver, call, where, key) or argument(
                solver, call, where, f"f{accessor[:3]}"
            )
            solver.flow.watch(node, Watcher(solver.refine, target, accessor, other=made))

    getter = argument(solver, call, where, 0) or argument(solver, call, where, "fget")
    solver.flow.watch(getter, Watcher(react))
    return True
