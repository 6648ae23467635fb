"""The nouns: what travels along the line, frozen, picklable and printable.

No AST or CST node ever crosses a stage: a stage receives some of these values and gives others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Confidence = Literal["exact", "inferred", "guessed"]
FunctionKind = Literal["module", "sync", "async", "generator", "async generator"]
ParameterKind = Literal["positional", "standard", "star", "keyword", "double star"]
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
Form = Literal["decorator", "block"]


class Place(NamedTuple):
    """Where something stands: a POSIX path relative to the root, a 1-based line (0: the whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Problem(NamedTuple):
    """What could not be read, planned or written, and the way out. Shown, never raised."""

    place: Place
    message: str
    hint: str = ""


# --- discover -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file as it lies on disk: bytes, declared encoding (a Python codec) and SHA-256."""

    path: str
    module: str
    package: bool
    data: bytes
    encoding: str
    digest: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is not Python but says how the project is built or started (decoded text)."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Tree:
    """What `discover` found below one root (absolute path): sources and documents, sorted by path."""

    root: str
    sources: tuple[Source, ...]
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()


# --- read ---------------------------------------------------------------------------------------


class Parameter(NamedTuple):
    """One parameter; `annotation` and `default` are source text ("" when there is none)."""

    name: str
    kind: ParameterKind
    annotation: str = ""
    default: str = ""


class Shape(NamedTuple):
    """The size of a body, nested functions excluded. All are counts."""

    statements: int = 0
    branches: int = 0
    loops: int = 0
    calls: int = 0
    awaits: int = 0
    handlers: int = 0
    raises: int = 0
    withs: int = 0
    lines: int = 0


class Function(NamedTuple):
    """A `def` (or a module body, kind "module", or a lambda, named `<lambda1>`).

    `name` is `pkg.mod:Class.method`; `ordinal` counts earlier definitions of the same name in the
    file, so that (name, ordinal) is an address that survives edits elsewhere. `line` is the line of
    `def`, `first_line` that of the first decorator. `trivial` says in words why the body is not
    worth a span ("" otherwise). `owner` is the index of its class in the file (`Facts.classes`),
    `outer` that of the function around it; in a `Graph`, both index the graph's own lists.
    `typing_only`: it stands under `if TYPE_CHECKING`. `endless`: a loop in it has no way out.
    """

    name: str
    kind: FunctionKind
    place: Place
    first_line: int
    end_line: int
    parameters: tuple[Parameter, ...] = ()
    decorators: tuple[str, ...] = ()
    ordinal: int = 0
    owner: int | None = None
    outer: int | None = None
    typing_only: bool = False
    trivial: str = ""
    docstring: bool = False
    shape: Shape = Shape()
    endless: bool = False

    @property
    def module(self) -> str:
        """`pkg.mod` of `pkg.mod:Class.method`."""
        return self.name.partition(":")[0]

    @property
    def qualified(self) -> str:
        """The name with dots only, as the JSON contract spells it: `pkg.mod.Class.method`."""
        return self.name.replace(":", ".")

    @property
    def short(self) -> str:
        """The last part of the name: `method`."""
        return self.name.rpartition(":")[2].rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Class:
    """A `class` statement: its name (`pkg.mod:Outer.Inner`), where, and its own attributes.

    `body` maps the names bound in the class body to slots; `bases` are slots of the base
    expressions, `keywords` of the class keywords (`metaclass=...`), `fields` the annotated names
    in order (what a dataclass would make parameters of).
    """

    name: str
    place: Place
    bases: tuple[int, ...] = ()
    base_texts: tuple[str, ...] = ()
    keywords: tuple[tuple[str, int], ...] = ()
    body: tuple[tuple[str, int], ...] = ()
    fields: tuple[str, ...] = ()
    decorators: tuple[int, ...] = ()
    outer: int | None = None


class Call(NamedTuple):
    """A call site: who calls (function index), where, the callee as written, what is passed.

    `arguments` are (position or keyword, slot); "*" and "**" stand for unpacked ones. `loop` is the
    number of loops around the site in its function, `awaited` whether the result is awaited there.
    """

    owner: int
    line: int
    column: int
    text: str
    function: int
    arguments: tuple[tuple[int | str, int], ...]
    result: int
    loop: int = 0
    awaited: bool = False


class Import(NamedTuple):
    """An import as written, made absolute: `module`, and `name` for `from module import name`."""

    line: int
    module: str
    name: str
    alias: str
    typing_only: bool = False


class Signature(NamedTuple):
    """The slots of a function: parameters in order, result, yielded value (0: none), and the range
    of slots that it and all that is nested in it use."""

    parameters: tuple[int, ...]
    result: int
    yielded: int
    first: int
    last: int


Step = tuple[int | str | None | tuple[int | str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that `read` knows of one file; pure in its bytes and its path, so it can be cached.

    `functions[0]` is the module body. `steps` is the value flow of each function over `slots`
    numbered variables; the operations are documented in `autospan.read`. `signatures` are parallel
    to `functions`. `decorations` are (function or -1, class or -1, decorator's slot, call). `guard` is the line range of
    `if __name__ == "__main__"`; `ignores` are the lines of `# autospan: ignore[reason]`.
    """

    path: str
    module: str
    package: bool
    lines: int = 0
    functions: tuple[Function, ...] = ()
    classes: tuple[Class, ...] = ()
    calls: tuple[Call, ...] = ()
    imports: tuple[Import, ...] = ()
    steps: tuple[tuple[Step, ...], ...] = ()
    signatures: tuple[Signature, ...] = ()
    decorations: tuple[tuple[int, int, int, int], ...] = ()
    slots: int = 0
    exports: tuple[str, ...] | None = None
    guard: tuple[int, int] | None = None
    ignores: tuple[tuple[int, str], ...] = ()
    problems: tuple[Problem, ...] = ()


# --- link ---------------------------------------------------------------------------------------


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
    """What an argument may be: a constant (`text` is it), a project function or class, or an
    external name. `target` indexes `Graph.functions` or `Graph.classes`, -1 otherwise."""

    kind: Literal["constant", "function", "class", "instance", "external", "collection"]
    text: str
    target: int = -1


class Argument(NamedTuple):
    """One passed argument: position (0-based) or keyword, and the values it may have."""

    key: int | str
    values: tuple[Value, ...]


class Site(NamedTuple):
    """A call that leaves the project (or whose receiver is unknown).

    `name` is canonical and dotted, aliases resolved through values: `requests.Session.post`.
    `?conn.execute` is a call of `.execute` on an unknown value written `conn` (last name only).
    """

    caller: int
    line: int
    name: str
    arguments: tuple[Argument, ...] = ()
    loop: int = 0
    awaited: bool = False
    confidence: Confidence = "exact"


class Decoration(NamedTuple):
    """A decorator on a function or class of the project: its canonical name and what it was given.

    `function` and `klass` are indices (-1: none); `called` tells `@task()` from `@task`.
    """

    function: int
    klass: int
    line: int
    name: str
    called: bool
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkedClass:
    """A class with its ancestors resolved: dotted names, nearest first, project and external.

    `methods` maps names bound to functions in the class's own body to function indices.
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
    external modules that each module imports.
    """

    functions: tuple[Function, ...]
    classes: tuple[LinkedClass, ...]
    edges: tuple[Edge, ...]
    sites: tuple[Site, ...]
    decorations: tuple[Decoration, ...]
    guards: tuple[tuple[str, int, int], ...] = ()
    imports: tuple[tuple[str, Import], ...] = ()
    problems: tuple[Problem, ...] = ()


# --- recognize ----------------------------------------------------------------------------------


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
    gives, what it leaves out, where the library is used, and whether it is wired already."""

    package: str
    library: str
    gives: str
    lacks: str = ""
    places: tuple[Place, ...] = ()
    requirement: str = ""
    wired: bool = False


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
    effort: tuple[Effort, ...] = ()
    forbidden: tuple[tuple[int, str], ...] = ()
    problems: tuple[Problem, ...] = ()


# --- rank and plan ------------------------------------------------------------------------------


class Reason(NamedTuple):
    """Why a function scores as it does: the signal, its share of the score, words, evidence."""

    signal: str
    weight: float
    words: str
    evidence: tuple[Place, ...] = ()


class Candidate(NamedTuple):
    """A function (index) with its score in 0..1; `rank` 1 is best. The reasons add up to the score."""

    function: int
    rank: int
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which functions to plan for: the best `top`, all that match a glob, all that score enough,
    those that an entry point starts, those of a saved plan (names), or simply `everything`."""

    top: int | None = None
    functions: tuple[str, ...] = ()
    min_score: float | None = None
    entrypoints: bool = False
    named: tuple[str, ...] | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """The verdict on one parameter: captured under `key`, or withheld, and why."""

    parameter: str
    key: str
    captured: bool
    why: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A span to insert: into the function (name, ordinal) of a file, under which span name.

    `span` is "" where the helper's default name (module and qualified name) is the span name.
    """

    path: str
    function: str
    ordinal: int
    line: int
    span: str
    default_span: str
    captures: tuple[Capture, ...] = ()
    form: Form = "decorator"
    kind: FunctionKind = "sync"
    helper: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """A function that gets no span: `code` for machines, `why` in words."""

    path: str
    function: str
    ordinal: int
    line: int
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Helper:
    """A tracing helper to write: its path, and the module name that imports it."""

    path: str
    module: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to insert and what to leave alone, in the order of the candidates."""

    edits: tuple[Edit, ...]
    skips: tuple[Skip, ...] = ()
    helpers: tuple[Helper, ...] = ()


# --- rewrite ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patch:
    """One file before and after (None: the file is not there), and the edits it carries out."""

    path: str
    before: bytes | None
    after: bytes | None
    edits: tuple[Edit, ...] = field(default=())
