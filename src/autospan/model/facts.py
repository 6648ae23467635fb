"""What is read: places, files, and the facts of one file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple

STARTS = "\0"
"""Ends a constant of which only the beginning is known: `"handle_" + kind`."""

FunctionKind = Literal["module", "sync", "async", "generator", "async generator"]
ParameterKind = Literal["positional", "standard", "star", "keyword", "double star"]


class Place(NamedTuple):
    """Where something stands: a POSIX path relative to the root, a 1-based line (0: all of it)."""

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
    """What `discover` found below one root (absolute path), sorted by path."""

    root: str
    sources: tuple[Source, ...]
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()


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
    `standing`: a loop in it goes on until its body finds a reason to leave ("open"), or until
    somebody else says so ("flag": `while not self.stopped.is_set()`), "" for none.
    `swallows`: the line of the first handler that catches every exception and raises none, 0.
    `choices`: (first line, last line, number) of what not every call runs that ends normally; of
    those with one number, other than 0, at most one is run.
    `branches`, of what is defined several times: (line, number) of the branches it stands in.
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
    swallows: int = 0
    choices: tuple[tuple[int, int, int], ...] = ()
    standing: Literal["", "open", "flag"] = ""
    branches: tuple[tuple[int, int], ...] = ()

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
        return _last(self.name)


@cache
def _last(name: str) -> str:
    return name.rpartition(":")[2].rpartition(".")[2]


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
    number of loops around the site in its function, `awaited` whether the result is awaited there,
    `discarded` whether the call is a statement, its result dropped.
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
    discarded: bool = False


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


Step = tuple[Any, ...]
"""An operation and its operands: numbers, texts, tuples of these (`autospan.read` lists them)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that `read` knows of one file; pure in its bytes and its path, so it can be cached.

    `functions[0]` is the module body. `steps` is the value flow of each function over `slots`
    numbered variables; the operations are documented in `autospan.read`. `signatures` are parallel
    to `functions`. `decorations` are (function or -1, class or -1, decorator's slot, call).
    `guard` is the line range of `if __name__ == "__main__"`; `ignores` are the lines (and the
    reasons) of `# autospan: ignore[reason]`.
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

    def outline(self) -> Facts:
        """The facts without what only `link` asks for: steps, signatures and calls."""
        return replace(self, steps=(), signatures=(), calls=())
