"""What a pack may say. The fields of a rule are the keys of its TOML table, their types the checks.

`where` says how a thing is found, the other keys what it means. `names` are dotted names or
patterns (see `matcher`); `excluding` takes some of them out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from autospan.model import EntryKind

EffectKind = Literal[
    "db", "http", "rpc", "queue", "storage", "cloud", "mail", "remote", "socket",
    "process", "cache", "sleep", "lock", "file", "template", "cpu",
]  # fmt: skip
Only = Literal["public", "declared", "field", "body"]
WEAK = 0.3
_WEIGHTS = {"process": 0.8, "cache": 0.6, "sleep": 0.5, "lock": 0.5}
_LOCAL = {"file": 0.4, "template": 0.4, "cpu": 0.4}

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ALTERNATIVE = re.compile(r"\d+|[A-Za-z_][\w-]*|'[^']*'")

Key = int | str
Complaint = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What every rule has: the patterns it matches, and the pack that it comes from."""

    names: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    pack: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """What the types cannot check, as (key, message)."""
        if not self.names:
            yield "names", "is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The library or family that a pack describes: import names and PyPI distributions."""

    name: str
    imports: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRule(Rule):
    """Something outside the program starts the function. `root` is the package that opens its span.

    `function` lists the arguments that may hold the function or class (keyword, position, "*" for
    any, "self" for the receiver); `methods` which methods of a class count. `name` is a template.
    `otherwise` says what runs instead of a method that only the library defines, "*" standing for
    all of `methods`: `{"*" = ["dispatch"], post = ["form_valid"]}`.
    A `fallback` gives way to any other rule that finds the same function under the same kind.
    `prefix` are `class:keyword` of what routes hang on (`flask.Blueprint:url_prefix`).
    With `every`, all of these arguments do, not only the first that is passed.
    `only`, `parameters` and `suffix` say which methods are entered, and no helpers beside them.
    `given` are `argument:pattern` of the source text: the rule holds for a decorator or call that
    was given one of them, and then goes before a rule without. With `template`, what an inherited
    method leaves to the class (`run` that a base's `__call__` calls and does not have) is entered
    too. `looped` calls count only in a loop. The strings of `local` arguments are names of the
    module that calls. A decorator that `keeps` the function that it is handed gives the library
    that one to call: a wrapper above it never runs. `files` are the names of the files that
    `document`, `command` and `definition` look into; `target` says how the keys of a document name
    code.
    """

    where: Literal[
        "decorator", "call", "base", "guard", "script", "setting", "definition", "document",
        "command", "store",
    ]  # fmt: skip
    kind: EntryKind
    name: str = "{function}"
    function: tuple[Key, ...] = ()
    methods: tuple[str, ...] = ()
    otherwise: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    root: str = ""
    fallback: bool = False
    prefix: tuple[str, ...] = ()
    only: tuple[Only, ...] = ()
    parameters: int = -1
    suffix: str = ""
    given: tuple[str, ...] = ()
    template: bool = False
    files: tuple[str, ...] = ()
    target: str = ""
    takes: tuple[str, ...] = ()
    looped: bool = False
    every: bool = False
    local: bool = False
    keeps: bool = False

    def complaints(self) -> Iterator[Complaint]:
        """A call needs `function`, a base `methods`; a template only known placeholders."""
        if self.where not in ("guard", "command"):
            yield from Rule.complaints(self)
        if self.where in ("document", "command") and not self.files:
            yield "files", "is missing: the names of the documents to look into"
        if self.where == "call" and not self.function:
            yield "function", 'is missing: where = "call" needs the argument that is the function'
        if self.where == "base" and not self.methods:
            yield "methods", 'is missing: where = "base" needs the methods that are entered'
        for text in PLACEHOLDER.findall(self.name + self.target):
            if not all(_ALTERNATIVE.fullmatch(part) for part in text.split("|")):
                yield "name", f"has a placeholder that cannot be filled: {{{text}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRule(Rule):
    """A call (or a decorator's wrapper) does I/O of `kind` on `system`, spanned by `package`."""

    where: Literal["call", "decorator"]
    kind: EffectKind
    system: str
    weight: float = 0.0
    weak: bool = False
    package: str = ""

    @property
    def strength(self) -> float:
        """The weight in 0..1: as given, 0.3 if weak, else by kind (knowledge.md section 3.4)."""
        default = (_WEIGHTS | _LOCAL).get(self.kind, 1.0)
        return self.weight or (WEAK if self.weak else default)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbidRule(Rule):
    """The function must not be decorated. `function` and `methods` as in `EntryRule`; "caller" is
    the function that makes the call, if it does so whenever it runs: it serves until it is stopped,
    and what it calls before that, it calls once."""

    where: Literal["decorator", "call", "base"]
    reason: str
    function: tuple[Key, ...] = ()
    methods: tuple[str, ...] = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffortRule(Rule):
    """Tracing is lost or wrong here: what, why, and what to write instead.

    `given` and `unless` are `argument:pattern` of the constants that a call may be passed: the rule
    holds only where one of the first fits, and none of the second. `context`: what is started there
    does not see the context of whoever starts it; `package` would carry it over.
    """

    where: Literal["decorator", "call", "base"]
    what: str
    why: str
    fix: str
    given: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    context: bool = False
    package: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeRule(Rule):
    """An auto-instrumentation package. `names` are the uses that call for it (default: any use of
    the library's imports); `hides` are packages that it makes superfluous; `requirement` is the
    version range of the library that it supports, for packages that OpenTelemetry's own table does
    not have; `wired` are the calls that install it. `by_hand` says what to write for a package that
    is not started with the others (it registers no instrumentor), or for a library's own spans."""

    package: str
    gives: str
    lacks: str = ""
    requirement: str = ""
    hides: tuple[str, ...] = ()
    wired: tuple[str, ...] = ()
    by_hand: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """None: names have a default."""
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WiringRule(Rule):
    """What starts tracing: `texts` in a document (Procfile, Dockerfile …), a call (with one of
    `given`, as in `EntryRule`) or an import. It installs every package of OpenTelemetry, or is
    another product's tracer: `api`."""

    where: Literal["document", "call", "import"]
    texts: tuple[str, ...] = ()
    api: str = ""
    given: tuple[str, ...] = ()

    def complaints(self) -> Iterator[Complaint]:
        """Documents have texts, the rest names; what OpenTelemetry calls are is `wired`."""
        if self.where != "document":
            yield from Rule.complaints(self)
            if not self.api:
                yield "api", "is missing: the product that is started"
        elif self.names:
            yield "names", "has no meaning here: `texts` are looked for"
        elif not self.texts:
            yield "texts", "is empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRule(Rule):
    """A program that loads the application in its processes (gunicorn, celery): the command lines
    that call it begin with one of `programs`, with the words after it (`celery worker`: anywhere).

    `code` starts tracing in each of its processes, in which `{module}` is the wiring module; it
    goes into that module, or into `file`. Without code, the application has to do it: `how`.
    """

    programs: tuple[str, ...]
    why: str
    how: str = ""
    code: str = ""
    file: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """Programs, not names; one way to start tracing."""
        if self.names:
            yield "names", "has no meaning here: `programs` are looked for"
        if not (self.how or self.code):
            yield "how", "is missing: how tracing is started, or the `code` that does it"
