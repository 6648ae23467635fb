"""How builtins behave that pass values on: `super`, `getattr`, `map`, `functools.partial` …

A model is one small function (solver, watcher, call, where) that tells whether the call is dealt
with; else the call goes on as any call that leaves the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autospan.link import values as v
from autospan.link.calls import Calls
from autospan.link.flow import LIMIT, Watcher
from autospan.link.iterating import argument, dictionary, elements, mapped, paired
from autospan.link.state import Shift
from autospan.link.wrapping import PROPERTIES, property_, wrapped
from autospan.model import STARTS, Call

Model = Callable[[Calls, Watcher, Call, Shift], bool]


def find_model(name: str) -> Model | None:
    """The model of an external callable by its dotted name."""
    if name.rpartition(".")[2] in PROPERTIES:
        return property_
    return _MODELS.get(name)


def _constants(solver: Calls, node: int) -> list[str]:
    items = [solver.values.items[value] for value in solver.flow.values(node)]
    return [str(item[1]) for item in items if item[0] == v.CONSTANT]


def _super(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    target = solver.node(where, call.result)
    if call.arguments:
        classes = solver.flow.values(argument(solver, call, where, 0))
        owners = [solver.values.items[each] for each in classes]
        owner = next((int(each[1]) for each in owners if each[0] == v.CLASS), -1)
        receiver = argument(solver, call, where, 1)
    else:
        owner, receiver = _around(solver, watcher.function, where)
    if owner >= 0:
        solver.flow.watch(receiver, Watcher(_superior(solver), target, other=owner))
    return True


def _around(solver: Calls, function: int, where: Shift) -> tuple[int, int]:
    """The class whose method a function is (or is nested in), and the node of its `self`."""
    program = solver.program
    file = program.file_of[function]
    number: int | None = function
    while number is not None:
        described = program.functions[number]
        if described.owner is not None:
            parameters = program.signatures[number].parameters
            first = solver.node(where, parameters[0]) if parameters else 0
            return program.class_base[file] + described.owner, first
        outer = described.outer
        number = program.function_base[file] + outer if outer is not None else None
    return -1, 0


def _superior(solver: Calls) -> Callable[[Watcher, int], None]:
    def react(watcher: Watcher, value: int) -> None:
        if solver.values.items[value][0] in (v.INSTANCE, v.CLASS):
            solver.flow.add(watcher.target, solver.values.of(v.SUPER, watcher.other, value))

    return react


def _getattr(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`getattr(x, name)`, also where only the beginning of the name is known."""
    target = solver.node(where, call.result)
    receiver = argument(solver, call, where, 0)

    def named(inner: Watcher, value: int) -> None:
        item = solver.values.items[value]
        name = str(item[1]) if item[0] == v.CONSTANT else ""
        react = solver.attributes_from if name.endswith(STARTS) else solver.attribute
        if name.strip(STARTS):
            reading = Watcher(react, target, name.rstrip(STARTS), watcher.function, call.line)
            solver.flow.watch(receiver, reading)

    solver.flow.watch(argument(solver, call, where, 1), Watcher(named))
    solver.flow.copy(argument(solver, call, where, 2), target)
    return True


def _setattr(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    for name in _constants(solver, argument(solver, call, where, 1)):
        solver.flow.watch(
            argument(solver, call, where, 0),
            Watcher(
                solver.set_attribute,
                argument(solver, call, where, 2),
                name,
                watcher.function,
                call.line,
            ),
        )
    return True


def _partial(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    target = solver.node(where, call.result)
    solver.flow.add(target, solver.partial(watcher.other, watcher.shift))
    return True


def _identity(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    solver.flow.copy(argument(solver, call, where, 0), solver.node(where, call.result))
    return True


def _second(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`typing.cast(T, x)` gives x."""
    solver.flow.copy(argument(solver, call, where, 1), solver.node(where, call.result))
    return True


def _type_variable(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`TypeVar("T", bound=C)`, `TypeVar("T", A, B)`, `NewType("N", C)` stand for C, A, B."""
    for key, slot in call.arguments:
        if key == "bound" or (isinstance(key, int) and key > 0):
            solver.flow.copy(solver.node(where, slot), solver.node(where, call.result))
    return True


def _special(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`str(x)`, `len(x)` … run a special method of x."""
    name = f"__{call.text.rpartition('.')[2]}__"
    reading = Watcher(solver.operator, 0, name, watcher.function, call.line)
    solver.flow.watch(argument(solver, call, where, 0), reading)
    return False


def _import_module(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`importlib.import_module(name)`, also where only the beginning of the name is known."""

    def named(inner: Watcher, value: int) -> None:
        item = solver.values.items[value]
        text = str(item[1]) if item[0] == v.CONSTANT else ""
        known = solver.modules_from(text.rstrip(STARTS)) if text.endswith(STARTS) else [text]
        for name in known if len(known) <= LIMIT else ():
            solver.flow.add(inner.target, solver.module(name))

    target = solver.node(where, call.result)
    solver.flow.watch(argument(solver, call, where, 0), Watcher(named, target))
    return bool(_constants(solver, argument(solver, call, where, 0)))


def _type(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`type(x)` is the class of x."""

    def react(inner: Watcher, value: int) -> None:
        item = solver.values.items[value]
        if item[0] == v.INSTANCE:
            solver.flow.add(inner.target, solver.values.of(v.CLASS, item[1]))

    if len(call.arguments) == 1:
        target = solver.node(where, call.result)
        solver.flow.watch(argument(solver, call, where, 0), Watcher(react, target))
    return True


def _globals(solver: Calls, watcher: Watcher, call: Call, where: Shift) -> bool:
    """`globals()` is the module: its items are the module's names."""
    facts = solver.program.facts[solver.program.file_of[watcher.function]]
    solver.flow.add(solver.node(where, call.result), solver.module(facts.module))
    return True


_MODELS: Mapping[str, Model] = {
    "builtins.super": _super,
    "builtins.getattr": _getattr,
    "builtins.type": _type,
    "builtins.globals": _globals,
    "builtins.dict": dictionary,
    "collections.OrderedDict": dictionary,
    "collections.defaultdict": dictionary,
    "collections.deque": elements,
    "builtins.__import__": _import_module,
    "builtins.setattr": _setattr,
    "builtins.staticmethod": wrapped(v.STATIC),
    "builtins.classmethod": wrapped(v.CLASSMETHOD),
    "builtins.map": mapped,
    "builtins.filter": mapped,
    "builtins.enumerate": paired,
    "builtins.zip": paired,
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "functools.wraps": lambda *_: False,
    "importlib.import_module": _import_module,
    "functools.update_wrapper": _identity,
    "typing.cast": _second,
    "typing.TypeVar": _type_variable,
    "typing.NewType": _type_variable,
    "typing_extensions.TypeVar": _type_variable,
    "typing_extensions.cast": _second,
    **{
        f"builtins.{name}": _special
        for name in "str repr bytes len bool hash int float abs format round".split()
    },
    "copy.copy": _identity,
    "copy.deepcopy": _identity,
    "contextvars.copy_context": lambda *_: False,
    **{
        f"builtins.{name}": elements
        for name in (
            "list tuple set frozenset sorted reversed iter next min max anext aiter"
        ).split()
    },
}
