"""The call graph, or a part of it, in the JSON format of the academic tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autospan.model import Function
    from autospan.neighbourhood import Part

_BUILTINS = "builtins."
_TYPES = {
    "str": "PyStr",
    "dict": "PyDict",
    "list": "PyList",
    "set": "PySet",
    "tuple": "PyTuple",
    "int": "PyNum",
    "float": "PyNum",
    "bool": "PyBool",
}


def present(part: Part) -> bytes:
    """`{"caller": ["callee", …]}`, a line a caller, every function a key.

    The name of a module stands for its body, `<builtin>.print` for a builtin, `<**PyDict**>.items`
    for a method of a builtin type, a dotted name for a call that leaves the project, as PyCG writes
    them. Calls on values that nothing is known of are left out.
    """
    functions = part.graph.functions
    callees: dict[str, set[str]] = {name_of(functions[each]): set() for each in part.functions}
    for edge in part.edges:
        callees[name_of(functions[edge.caller])].add(name_of(functions[edge.callee]))
    for site in part.sites:
        if not site.name.startswith("?"):
            callees[name_of(functions[site.caller])].add(outside(site.name))
    lines = (
        f"{json.dumps(caller)}: {json.dumps(sorted(callees[caller]))}" for caller in sorted(callees)
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def name_of(function: Function) -> str:
    """What a function is called: the body of a module by the module's name."""
    return function.module if function.kind == "module" else function.qualified


def outside(name: str) -> str:
    """A name outside the project as PyCG spells it (Salis et al., ICSE 2021)."""
    if not name.startswith(_BUILTINS):
        return name
    kind, _, method = name.removeprefix(_BUILTINS).partition(".")
    if method and kind in _TYPES:
        return f"<**{_TYPES[kind]}**>.{method}"
    return f"<builtin>.{name.removeprefix(_BUILTINS)}"
