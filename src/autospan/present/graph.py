"""The call graph: as JSON in the format of the academic tools, or for Graphviz."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autospan.model import Confidence, Edge, Function, Graph

_LEVELS: tuple[Confidence, ...] = ("exact", "inferred", "guessed")
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


def present(graph: Graph, style: str = "json", least: str = "guessed") -> bytes:
    """The graph in `style` ("json" or "dot"), with edges that are at least so well known.

    JSON: `{"caller": ["callee", …]}`, every function a key; the name of a module stands for its
    body, `<builtin>.print` for a builtin, `<**PyDict**>.items` for a method of a builtin type, a
    dotted name for a call that leaves the project, as PyCG writes them. Calls on values that
    nothing is known of are left out. DOT: the project's own functions only.
    """
    levels = _LEVELS[: _LEVELS.index(least) + 1] if least in _LEVELS else _LEVELS
    edges = [edge for edge in graph.edges if edge.confidence in levels]
    return _dot(graph, edges) if style == "dot" else _json(graph, edges, levels)


def _json(graph: Graph, edges: Iterable[Edge], levels: tuple[Confidence, ...]) -> bytes:
    names = [_name(function) for function in graph.functions]
    callees: dict[str, set[str]] = {name: set() for name in names}
    for edge in edges:
        callees[names[edge.caller]].add(names[edge.callee])
    for site in graph.sites:
        if site.confidence in levels and not site.name.startswith("?"):
            callees[names[site.caller]].add(_outside(site.name))
    lines = (
        f"{json.dumps(caller)}: {json.dumps(sorted(callees[caller]))}" for caller in sorted(callees)
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _name(function: Function) -> str:
    return function.module if function.kind == "module" else function.qualified


def _outside(name: str) -> str:
    """A name outside the project as PyCG spells it (Salis et al., ICSE 2021)."""
    if not name.startswith(_BUILTINS):
        return name
    kind, _, method = name.removeprefix(_BUILTINS).partition(".")
    if method and kind in _TYPES:
        return f"<**{_TYPES[kind]}**>.{method}"
    return f"<builtin>.{name.removeprefix(_BUILTINS)}"


def _dot(graph: Graph, edges: Iterable[Edge]) -> bytes:
    lines = {"exact": "", "inferred": ' [style="dashed"]', "guessed": ' [style="dotted"]'}
    found = {
        (_name(graph.functions[edge.caller]), _name(graph.functions[edge.callee])): edge.confidence
        for edge in sorted(edges, key=lambda edge: -_LEVELS.index(edge.confidence))
    }
    text = ["digraph calls {", '  rankdir="LR"; node [shape="box", fontname="sans-serif"];']
    for (caller, callee), confidence in sorted(found.items()):
        text.append(f"  {json.dumps(caller)} -> {json.dumps(callee)}{lines[confidence]};")
    return ("\n".join([*text, "}"]) + "\n").encode("utf-8", "backslashreplace")
