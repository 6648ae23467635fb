"""What a trace will look like: predicted spans, per entry point, and how much they cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from autospan.model.facts import Place

Origin = Literal["auto", "existing", "planned"]
Times = Literal["once", "condition", "loop", "recursion"]

INTERNAL_LIMIT = 10
"""instrumentation-score SPA-001: internal spans that a trace has at most in one service."""
SHORT_LIMIT = 20
"""instrumentation-score SPA-005: spans under 5 ms that a trace has at most."""
ROUNDS = 3
"""How often a loop is taken to go round where a number is needed."""
_LIMIT = 1_000_000


class Span(NamedTuple):
    """A span that will be opened, and those directly beneath it, in the order of the code.

    `origin` is who opens it: auto-instrumentation (`by` is the package), tracing by hand (`by` is
    the API), or the plan. `function` (index) carries it or makes the call at `place`. Under each of
    its parents it is opened `least` to `most` times (None: no bound); `times` says in a word why.
    `cut` counts the spans beneath that are left out: too many, too deep, or shown already further
    up (recursion). Spans are shared between parents: walk them with `Trace.tree`, which is bounded.
    """

    name: str
    origin: Origin
    by: str
    function: int
    place: Place
    least: int = 1
    most: int | None = 1
    times: Times = "once"
    children: tuple[Span, ...] = ()
    cut: int = 0


class Tally(NamedTuple):
    """How many spans a trace has: at `least` (nothing conditional, no loop entered), and `spans` if
    as many as can be are opened while every loop goes round once: of branches and methods that
    exclude each other those with most. `internal` of these are not of auto-instrumentation, `short`
    of the internal ones have no I/O beneath. `open`: loops or recursion repeat some."""

    least: int = 0
    spans: int = 0
    internal: int = 0
    short: int = 0
    open: bool = False
    load: int = 0

    def plus(self, other: Tally) -> Tally:
        """Of two things that are both done. Counting ends at a million."""
        return Tally(
            min(self.least + other.least, _LIMIT),
            min(self.spans + other.spans, _LIMIT),
            min(self.internal + other.internal, _LIMIT),
            min(self.short + other.short, _LIMIT),
            self.open or other.open,
            min(self.load + other.load, _LIMIT),
        )

    def either(self, other: Tally) -> Tally:
        """Of two things of which one is done: the larger one, surely no more than the smaller."""
        larger = max(self, other, key=lambda each: (each.spans, each.internal))
        least = min(self.least, other.least)
        load = max(self.load, other.load)
        return larger._replace(least=least, open=self.open or other.open, load=load)

    def within(self, sure: bool, repeated: bool) -> Tally:
        """Of something that is done only if something is so, or again and again."""
        least = self.least if sure else 0
        if not (repeated and self.spans):
            return self._replace(least=least)
        return self._replace(least=least, open=True, load=min(self.load * ROUNDS, _LIMIT))


@dataclass(frozen=True, slots=True)
class Trace:
    """What an entry point (index in `Survey.entries`) will show: usually one root span; several (or
    none) where nobody opens a root, so that each of `spans` starts a trace of its own."""

    entry: int
    spans: tuple[Span, ...]
    tally: Tally
    rooted: bool

    @property
    def noisy(self) -> bool:
        """More internal spans than SPA-001 allows."""
        return self.tally.internal > INTERNAL_LIMIT

    @property
    def hasty(self) -> bool:
        """More spans than SPA-005 allows that are probably under 5 ms, for they do no I/O."""
        return self.tally.short > SHORT_LIMIT

    def tree(self, depth: int = 8, size: int = 100) -> tuple[Span, ...]:
        """The spans as a tree of at most `size` spans and `depth` levels; the upper levels win.
        What is left out is counted in `cut` of the span above it."""
        kept = _upper(self.spans, depth, size)
        return tuple(_pruned(span, (number,), kept) for number, span in enumerate(self.spans))


def _upper(spans: tuple[Span, ...], depth: int, size: int) -> set[tuple[int, ...]]:
    """The paths (positions from the top) of the first `size` spans, level by level."""
    kept: set[tuple[int, ...]] = set()
    level: list[tuple[tuple[int, ...], Span]] = [((at,), span) for at, span in enumerate(spans)]
    while level and depth and len(kept) < size:
        level = level[: size - len(kept)]
        kept.update(path for path, _ in level)
        depth -= 1
        level = list(_below(level, size))
    return kept


def _below(
    level: list[tuple[tuple[int, ...], Span]], size: int
) -> Iterator[tuple[tuple[int, ...], Span]]:
    for path, span in level:
        for at, child in enumerate(span.children[:size]):
            yield (*path, at), child


def _pruned(span: Span, path: tuple[int, ...], kept: set[tuple[int, ...]]) -> Span:
    children = tuple(
        _pruned(child, (*path, at), kept)
        for at, child in enumerate(span.children)
        if (*path, at) in kept
    )
    cut = span.cut + len(span.children) - len(children)
    return span if children == span.children else span._replace(children=children, cut=cut)


class Coverage(NamedTuple):
    """How much is traced: entry points with a root span, of all at which a trace begins; I/O calls
    that entry points reach, those of them that stand under some span on every way from there, and
    those that stand under a span of a function (`named`: by hand or planned), so that one sees what
    they are done for; `under` are the functions (indices) that do the latter."""

    entries: int = 0
    rooted: int = 0
    effects: int = 0
    covered: int = 0
    named: int = 0
    under: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The predicted traces, parallel to `Survey.entries`, and the coverage without and with the
    plan. `packages` are the auto-instrumentation packages that are taken to be installed."""

    traces: tuple[Trace, ...]
    before: Coverage
    after: Coverage
    packages: tuple[str, ...]
