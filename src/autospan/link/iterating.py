"""How builtins behave that iterate: `list`, `sorted`, `next`, `map`, `zip` …"""

from __future__ import annotations

from autospan.link import values as v
from autospan.link.calls import Calls
from autospan.link.flow import Watcher
from autospan.link.state import Shift
from autospan.model import Call


def argument(solver: Calls, call: Call, where: Shift, key: int | str) -> int:
    """The node of what a call passes under a position or keyword; 0: nothing."""
    return next((solver.node(where, slot) for each, slot in call.arguments if each == key), 0)


def elements(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`list(x)`, `sorted(x, key=f)`, `next(x)` …: what iterating over the argument gives."""
    target = solver.node(where, call.result)
    element = target
    if call.text.rpartition(".")[2] not in ("next", "min", "max", "anext"):
        box = solver.boxes.new("list")
        element = solver.boxes.element(box, "")
        solver.flow.add(target, solver.values.of(v.BOX, box))
    source = argument(solver, call, where, 0)
    last = call.text.rpartition(".")[2]
    step = solver.next_ if last in ("next", "anext") else solver.iterate
    asynchronous = "async" if last in ("anext", "aiter") else ""
    if last == "anext":
        target, element = element, solver.flow.node()
        solver.flow.add(target, solver.values.of(v.AWAITABLE, element))
    react = Watcher(step, element, asynchronous, watcher.function, call.line)
    solver.flow.watch(source, react)
    _call_with(solver, watcher, call, argument(solver, call, where, "key"), element, 0)
    return True


def _call_with(
    solver: Calls, watcher: Watcher, call: Call, function: int, argument: int, target: int
) -> None:
    """A function in a node is called with what another node holds."""

    def react(inner: Watcher, value: int) -> None:
        solver.enter_function(inner.function, inner.line, value, inner.target, (argument,))

    solver.flow.watch(function, Watcher(react, target, "", watcher.function, call.line))


def mapped(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`map(f, x, …)` and `filter(f, x)`: f is called with the elements of x."""
    element = solver.flow.node()
    box = solver.boxes.new("list")
    result = solver.boxes.element(box, "")
    maps = call.text.endswith("map")
    for position, slot in call.arguments:
        if position != 0:
            react = Watcher(solver.iterate, element, "", watcher.function, call.line)
            solver.flow.watch(solver.node(where, slot), react)
    function = argument(solver, call, where, 0)
    _call_with(solver, watcher, call, function, element, result if maps else 0)
    if not maps:
        solver.flow.copy(element, result)
    solver.flow.add(solver.node(where, call.result), solver.values.of(v.BOX, box))
    return True


def paired(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`enumerate(x)` and `zip(x, y)`: pairs of elements by position."""
    pair, box = solver.boxes.new("tuple"), solver.boxes.new("list")
    solver.flow.add(solver.boxes.element(box, ""), solver.values.of(v.BOX, pair))
    first = 1 if call.text.endswith("enumerate") else 0
    for key, slot in call.arguments:
        if isinstance(key, int) and (key == 0 or not first):
            element = solver.boxes.element(pair, f"#{key + first}")
            solver.flow.watch(
                solver.node(where, slot),
                Watcher(solver.iterate, element, "", watcher.function, call.line),
            )
    solver.flow.add(solver.node(where, call.result), solver.values.of(v.BOX, box))
    return True


def dictionary(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`dict(a=x)`, `dict(y)`, `defaultdict(f)` …: a container with what it is given by name."""
    box = solver.boxes.new("dict")
    for key, slot in call.arguments:
        if isinstance(key, str) and key not in ("*", "**"):
            solver.flow.copy(solver.node(where, slot), solver.boxes.element(box, key))
        else:
            merge = Watcher(solver.merge_into, other=box)
            solver.flow.watch(solver.node(where, slot), merge)
    solver.flow.add(solver.node(where, call.result), solver.values.of(v.BOX, box))
    return True
