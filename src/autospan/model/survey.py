"""What the packs recognise in a call graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from autospan.model.facts import Place, Problem

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


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """An entry point: a function (index) that something outside the program starts.

    `name` is what people call it (`POST /orders/{id}`, a task or command name), `place` and
    `evidence` what shows it, `root_span` who opens its root span ("auto": the instrumentation
    `package` would; "manual": it is traced by hand; None: nobody). `kept`: a decorator at `place`
    gives the library the function below it, so that wrappers above it never run.
    """

    function: int
    kind: EntryKind
    name: str
    place: Place
    evidence: str
    root_span: RootSpan | None = None
    package: str = ""
    kept: bool = False

    @property
    def begins(self) -> bool:
        """Whether a trace begins here. Receivers of signals, hooks and other events run in the
        trace of whatever sends them."""
        return self.kind != "event"

    @property
    def dark(self) -> bool:
        """Whether a trace begins here and nobody opens its root span."""
        return self.begins and self.root_span is None


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


OURS = "autospan"
"""The API under which the spans are known that autospan wrote."""


@dataclass(frozen=True, slots=True, order=True)
class Traced:
    """A function (index) that already opens a span, by which API, and where that is seen; `early`:
    the span ends before the function has run."""

    function: int
    api: str
    place: Place
    early: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Lost:
    """A call (canonical name) that makes a span which nobody enters or ends: by which function."""

    function: int
    place: Place
    call: str


@dataclass(frozen=True, slots=True, order=True)
class Recorded:
    """Attributes that are put on a span by hand: by which function (index), where, by which call
    (canonical name), and the names of them that the code tells."""

    function: int
    place: Place
    call: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Free:
    """Auto-instrumentation that the code would use: PyPI `package`, for which `library`, what it
    gives, what it leaves out, and where the library is used.

    `requirement` is the range of the library that it supports (PEP 508, "" for none), `version`
    what the project has (`flask==2.0.1`, `flask>=2`), said at `declared`; `fits` whether these go
    together (None: unknown). `pin` installs it; `required`: the project depends on it already,
    `wired`: it is switched on already, `by_hand`: what to write where it is not started as others.
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
    by_hand: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Agent:
    """Another product's tracer that the project starts: which, and where."""

    api: str
    place: Place


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
    """Tracing that cannot be had mechanically: where, what happens today, and what to do; whether
    it is the `context` that is lost, and the package that would carry it over ("": none)."""

    place: Place
    function: int
    what: str
    why: str
    fix: str
    context: bool = False
    package: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the packs recognise in a graph, each list sorted. `forbidden` and `declined` are the
    functions (indices) that carry no span by a pack's word or by a person's, and why; `standing`
    those that wait for work in a loop as long as something lives, and what that is: "" where it is
    not known, "the program" of what serves."""

    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    traced: tuple[Traced, ...] = ()
    lost: tuple[Lost, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    free: tuple[Free, ...] = ()
    agents: tuple[Agent, ...] = ()
    launches: tuple[Launch, ...] = ()
    effort: tuple[Effort, ...] = ()
    forbidden: tuple[tuple[int, str], ...] = ()
    standing: tuple[tuple[int, str], ...] = ()
    declined: tuple[tuple[int, str], ...] = ()
    problems: tuple[Problem, ...] = ()
