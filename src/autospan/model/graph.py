"""What is linked and recognised: the call graph, and what the packs say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from autospan.model.facts import Function, Import, Place, Problem

Confidence = Literal["exact", "inferred", "guessed"]
EntryKind = Literal[
    "http",
    "http_hook",
    "websocket",
    "graphql",
    "rpc",
    "task",
    "consumer",
    "schedule",
    "cli",
    "main",
    "thread",
    "lambda",
    "event",
]
RootSpan = Literal["auto", "manual"]


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
    name, or a collection of `items` (`text` are the constants among them). `target` indexes
    `Graph.functions` or `Graph.classes`, -1 otherwise."""

    kind: Literal["constant", "function", "class", "instance", "external", "collection"]
    text: str
    target: int = -1
    items: tuple[Value, ...] = ()


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


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """An entry point: a function (index) that something outside the program starts.

    `name` is what people call it (`POST /orders/{id}`, a task or command name), `place` and
    `evidence` what shows it, `root_span` who opens its root span ("auto": the instrumentation
    `package` would; "manual": it is traced by hand; None: nobody).
    """

    function: int
    kind: EntryKind
    name: str
    place: Place
    evidence: str
    root_span: RootSpan | None = None
    package: str = ""


class Effect(NamedTuple):
    """An I/O call: by which function (index), of what `kind` (db, http, cache, file …) and
    `system` (sqlite3, redis …), the resolved `call`; `weight` 0..1 says how remote it is; `weak`
    that only the method's name speaks for it; `package` the auto-instrumentation that spans it."""

    function: int
    kind: str
    system: str
    call: str
    place: Place
    weight: float = 1.0
    weak: bool = False
    loop: int = 0
    package: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Traced:
    """A function (index) that already opens a span, by which API, and where that is seen."""

    function: int
    api: str
    place: Place


@dataclass(frozen=True, slots=True, order=True)
class Free:
    """Auto-instrumentation that the code would use: PyPI `package`, for which `library`, what it
    gives, what it leaves out, and where the library is used.

    `requirement` is the range of the library that it supports (PEP 508, "" for none), `version`
    what the project has (`flask==2.0.1`, `flask>=2`), said at `declared`; `fits` whether these go
    together (None: unknown). `pin` installs it; `required`: the project depends on it already,
    `wired`: it is switched on already.
    """

    package: str
    library: str
    gives: str
    lacks: str = ""
    places: tuple[Place, ...] = ()
    requirement: str = ""
    version: str = ""
    declared: Place | None = None
    fits: bool | None = None
    pin: str = ""
    required: bool = False
    wired: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Launch:
    """A command that starts processes of the project: where it stands, the program, all of the
    command, and the module (or file) of the project that it loads ("" if it names none).

    `why` its processes need tracing to be started in a way of their own, and `how`; or the `code`
    that does, for `file` ("": the wiring module).
    """

    place: Place
    program: str
    command: str
    target: str
    why: str
    how: str = ""
    code: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Effort:
    """Tracing that cannot be had mechanically: where, what happens today, and what to do."""

    place: Place
    function: int
    what: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What the packs recognise in a graph, each list sorted."""

    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    traced: tuple[Traced, ...] = ()
    free: tuple[Free, ...] = ()
    launches: tuple[Launch, ...] = ()
    effort: tuple[Effort, ...] = ()
    forbidden: tuple[tuple[int, str], ...] = ()
    problems: tuple[Problem, ...] = ()
