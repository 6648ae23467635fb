"""What is linked: the call graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from autospan.model.facts import Function, Import, Place, Problem

Confidence = Literal["exact", "inferred", "guessed"]


class Edge(NamedTuple):
    """`caller` calls `callee` (indices into `Graph.functions`) at `line` of the caller's file.

    `contexts` (of caller and callee, 0: none) keep apart what a decorator makes of different
    functions: a wrapper calls the function of its own context only.
    """

    caller: int
    callee: int
    line: int
    confidence: Confidence = "exact"
    loop: int = 0
    contexts: tuple[int, int] = (0, 0)


class Value(NamedTuple):
    """What an argument may be: a constant (`text` is it), a project function or class, an external
    name, or a collection of `items` (`text` are the constants among them, `keys` those of a
    dictionary that are constants). `target` indexes
    `Graph.functions` or `Graph.classes`, -1 otherwise. Of a decorator's wrapper that stands for
    several functions or classes, those are the `items`."""

    kind: Literal["constant", "function", "class", "instance", "external", "collection"]
    text: str
    target: int = -1
    items: tuple[Value, ...] = ()
    keys: tuple[str, ...] = ()


class Argument(NamedTuple):
    """One passed argument: position (0-based) or keyword, and the values it may have."""

    key: int | str
    values: tuple[Value, ...]


class Site(NamedTuple):
    """A call that leaves the project (or whose receiver is unknown).

    `name` is canonical and dotted, aliases resolved through values: `requests.Session.post`.
    `?conn.execute` is a call of `.execute` on an unknown value written `conn` (last name only).
    `a.Client.on_x=` is what is stored in an attribute that takes functions.
    """

    caller: int
    line: int
    name: str
    arguments: tuple[Argument, ...] = ()
    loop: int = 0
    awaited: bool = False
    confidence: Confidence = "exact"
    discarded: bool = False


class Unresolved(NamedTuple):
    """A call that nothing is known of: what is called is decided at run time, and not by a method's
    name. `text` is how the callee is written, "" where it is computed in place (`table[key]()`)."""

    caller: int
    line: int
    text: str


class Decoration(NamedTuple):
    """A decorator on a function or class of the project: its canonical name and what it was given.

    `function` and `klass` are indices (-1: none); `called` tells `@task()` from `@task`. `by` are
    the project's functions that are handed it; `kept`: one of them puts it into a container.
    """

    function: int
    klass: int
    line: int
    name: str
    called: bool
    arguments: tuple[Argument, ...] = ()
    by: tuple[int, ...] = ()
    kept: bool = False


@dataclass(frozen=True, slots=True)
class LinkedClass:
    """A class with its ancestors resolved: dotted names, nearest first, project and external.

    `methods` maps names bound to functions in the class's own body to function indices,
    `attributes` the other names bound there to what they may be (nothing, where it is unknown).
    """

    name: str
    place: Place
    ancestors: tuple[str, ...]
    methods: tuple[tuple[str, int], ...]
    attributes: tuple[tuple[str, tuple[Value, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """The linked program. Functions and classes in the order of (path, line); edges sorted.

    `modules` are the modules whose bodies are `functions` of kind "module". `imports` are the
    external modules that each module imports. `iterations` are loops over values from outside, as
    calls of their `__iter__`. `applied` are calls inside decorators and factories of the program,
    use by use, where functions or classes are passed on: `app.route(path)(f)`. `cut` is the number
    of variables that may hold more values than are followed: calls through them are known in part.
    """

    functions: tuple[Function, ...]
    classes: tuple[LinkedClass, ...]
    edges: tuple[Edge, ...]
    sites: tuple[Site, ...]
    decorations: tuple[Decoration, ...]
    guards: tuple[tuple[str, int, int], ...] = ()
    imports: tuple[tuple[str, Import], ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    problems: tuple[Problem, ...] = ()
    iterations: tuple[Site, ...] = ()
    applied: tuple[Site, ...] = ()
    cut: int = 0
