"""What is proposed and written: candidates, plans and patches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from autospan.model.facts import FunctionKind, Place

Form = Literal["decorator", "block"]


class Reason(NamedTuple):
    """Why a function scores as it does: the signal, its share of the score, words, evidence, and
    the signal's value (0..1): times its weight, the share; for what lowers the score, times its
    weight and what is left of the score."""

    signal: str
    weight: float
    words: str
    evidence: tuple[Place, ...] = ()
    value: float = 1.0


class Candidate(NamedTuple):
    """A function (index), its score in 0..1 (the reasons add up to it) and rank (1 is best).

    `shown` are the signals whose reasons to show where there is no room for all.
    """

    function: int
    rank: int
    score: float
    reasons: tuple[Reason, ...]
    shown: tuple[str, ...] = ()

    @property
    def telling(self) -> tuple[Reason, ...]:
        """The reasons for it to show where there is no room for all."""
        by_signal = {each.signal: each for each in self.reasons}
        return tuple(by_signal[each] for each in self.shown)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which functions to plan for: the best `top`, all that match a glob, all that score enough,
    those that an entry point starts, those of a saved plan (names), or the fewest that stand on
    every way from an entry point to I/O (`coverage`). What is not worth a span is left out, unless
    it is asked for: by a glob that is its whole name, or by `everything`."""

    top: int | None = None
    functions: tuple[str, ...] = ()
    min_score: float | None = None
    entrypoints: bool = False
    named: tuple[str, ...] | None = None
    everything: bool = False
    coverage: bool = False


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

    `span` is "" where the helper's own name for it, `default_span` (module and qualified name), is
    the span's; that is "" where it is not sure, as in a script, or not the function's alone.
    `against` says what speaks against a decorator, where the form is another. `hidden`: what
    the names it imports are to begin with, for those who go through all those of the module.
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
    against: str = ""
    hidden: Literal["", "_", "__"] = ""

    @property
    def name(self) -> str:
        """What the span is called."""
        return self.span or self.default_span

    def called(self, name: str) -> Edit:
        """The same edit under another name; "" keeps the one that it has."""
        return replace(self, span="" if name == self.default_span else name) if name else self


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
class Sorting:
    """How imports are sorted: which top-level names are the project's own, whether `import x` and
    `from x import y` are `mixed`, whether a blank line keeps sections apart (`spaced`)."""

    first_party: tuple[str, ...] = ()
    mixed: bool = False
    spaced: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """How new lines are laid out: the quote of strings ("": as most are in the file), the longest
    line (0: any), and how imports are sorted (None: they are not)."""

    quote: str = ""
    width: int = 0
    imports: Sorting | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to insert and what to leave alone, in the order of the candidates; `layouts` by path.

    `loose` are the paths of edited files that may not find a helper, and so get the native style.
    """

    edits: tuple[Edit, ...]
    skips: tuple[Skip, ...] = ()
    helpers: tuple[Helper, ...] = ()
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    loose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """One file before and after (None: the file is not there), and the edits it carries out."""

    path: str
    before: bytes | None
    after: bytes | None
    edits: tuple[Edit, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Commit:
    """A part of a change that is merged on its own: what it is about in a few words (`title`), in
    a sentence (`about`), and its patches; those of earlier commits are carried out before."""

    title: str
    about: str
    patches: tuple[Patch, ...]
