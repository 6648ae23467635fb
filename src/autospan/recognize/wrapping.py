"""What a wrapper that opens a span is put around by calls: `f = spanned(f)`, in loops, for classes.

The linked program keeps apart what a function that returns a wrapper makes of each function that it
is handed; what the wrapper calls in one of these contexts only is what it is put around there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from itertools import islice, takewhile
from typing import NamedTuple

from autospan.model import Edge, Function, Graph, Source, Tree


class Wrapped(NamedTuple):
    """A wrapper, the functions it is put around, and those that put it around what is unknown."""

    wrapper: int
    functions: tuple[int, ...]
    users: tuple[int, ...]


def wrapped_by(graph: Graph, tree: Tree, opening: Iterable[int]) -> Iterator[Wrapped]:
    """Which of the functions that open a span are wrappers, and of what: nested functions that call
    what the function around them is handed first, and that this one does not call itself."""
    outers = [(each, graph.functions[each].outer) for each in opening]
    nested = {
        each: outer
        for each, outer in outers
        if outer is not None and all(edge.callee != each for edge in _from(graph, outer))
    }
    uses: dict[int, list[Edge]] = {outer: [] for outer in nested.values()}
    for edge in graph.edges if uses else ():
        if edge.callee in uses:
            uses[edge.callee].append(edge)
    sources = {each.path: each for each in tree.sources if uses}
    for wrapper, outer in nested.items():
        around = graph.functions[outer]
        lines = _calling(sources.get(around.place.file), _first(around))
        calls = [*_in_context(graph, wrapper, lines)]
        known = {edge.contexts[0] for edge in calls}
        users = {edge.caller for edge in uses[outer] if edge.contexts[1] not in known}
        functions = {edge.callee for edge in calls} - {wrapper}
        yield Wrapped(wrapper, tuple(sorted(functions)), tuple(sorted(users)))


def _in_context(graph: Graph, wrapper: int, lines: Collection[int]) -> Iterator[Edge]:
    """What is called on one of the lines in some contexts, and not in all of them."""
    edges = [each for each in _from(graph, wrapper) if each.confidence != "guessed"]
    always = {(each.line, each.callee) for each in edges if not each.contexts[0]}
    for each in edges:
        if each.line in lines and each.contexts[0] and (each.line, each.callee) not in always:
            yield each


def heirs(graph: Graph, function: int) -> Iterator[int]:
    """The classes that an `__init_subclass__` runs for."""
    one = graph.functions[function]
    if one.short == "__init_subclass__" and one.owner is not None:
        name = graph.classes[one.owner].name.replace(":", ".")
        for number, klass in enumerate(graph.classes):
            if name in (each.replace(":", ".") for each in klass.ancestors):
                yield number


def _from(graph: Graph, caller: int) -> Iterator[Edge]:
    start = bisect_left(graph.edges, (caller,))
    return takewhile(lambda edge: edge.caller == caller, islice(graph.edges, start, None))


def _first(outer: Function) -> str:
    """The first parameter that is not what a method is called on."""
    names = [each.name for each in outer.parameters]
    return next((name for name in names if outer.owner is None or name not in ("self", "cls")), "")


def _calling(source: Source | None, name: str) -> set[int]:
    """The lines that call what has a name."""
    if source is None or not name:
        return set()
    text = source.data.decode(source.encoding or "utf-8", "replace")
    pattern = re.compile(rf"(?<![\w.]){re.escape(name)}\(")
    return {number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)}
