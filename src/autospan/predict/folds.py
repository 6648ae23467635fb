"""What a call opens: how that adds up along a body, of which a call runs some branches only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from autospan.model import Tally, Times

_LIMIT = 1_000_000
"""Where counting ends: paths multiply."""
_NOTHING = Tally()

Range = tuple[int, int, int]


class Often(NamedTuple):
    """How often a span is opened: `most` is None without a bound."""

    least: int = 1
    most: int | None = 1
    recursive: bool = False

    @property
    def times(self) -> Times:
        """In a word."""
        if self.recursive:
            return "recursion"
        if self.most is None:
            return "loop"
        return "once" if self.least else "condition"

    def within(self, sure: bool, repeated: bool, recursive: bool) -> Often:
        """How often, where all this is done only if something is so, or again and again."""
        most = None if repeated or recursive else self.most
        return Often(self.least if sure else 0, most, self.recursive or recursive)

    def plus(self, other: Often) -> Often:
        """How often in both together."""
        most = None
        if self.most is not None and other.most is not None:
            most = min(self.most + other.most, _LIMIT)
        least = min(self.least + other.least, _LIMIT)
        return Often(least, most, self.recursive or other.recursive)

    def either(self, other: Often) -> Often:
        """How often in one of them."""
        most = None
        if self.most is not None and other.most is not None:
            most = max(self.most, other.most)
        return Often(min(self.least, other.least), most, self.recursive or other.recursive)


_NEVER = Often(0, 0)


@dataclass(slots=True)
class Fold:
    """A call of a function: the spans that it opens (node or ~leaf, in the order of the code) and
    how often, how many kinds of span are left out, the tally, whether it does I/O in the end.
    Most open none: then nothing is left out either, and the tally is empty."""

    spans: dict[int, Often]
    cut: int = 0
    tally: Tally = _NOTHING
    remote: bool = False

    @property
    def opens(self) -> bool:
        """Whether a span is opened or I/O is done at all."""
        return bool(self.spans) or self.remote

    def within(self, sure: bool, repeated: bool, recursive: bool) -> Fold:
        """The same, where it is called only if something is so, or again and again."""
        if not self.spans or (sure and not repeated and not recursive):
            return Fold({**self.spans}, self.cut, self.tally, self.remote)
        spans = {
            target: often.within(sure, repeated, recursive) for target, often in self.spans.items()
        }
        tally = self.tally.within(sure, repeated or recursive)
        return Fold(spans, self.cut, tally, self.remote)

    def add(self, other: Fold) -> None:
        """And then the other."""
        self.remote |= other.remote
        if not other.spans:
            return
        for target, often in other.spans.items():
            known = self.spans.get(target)
            self.spans[target] = often if known is None else known.plus(often)
        self.cut += other.cut
        self.tally = self.tally.plus(other.tally)

    def choose(self, other: Fold) -> None:
        """Or the other."""
        self.remote |= other.remote
        if not self.spans and not other.spans:
            return
        for target in {**self.spans, **other.spans}:
            one, two = self.spans.get(target, _NEVER), other.spans.get(target, _NEVER)
            self.spans[target] = one.either(two)
        self.cut = max(self.cut, other.cut)
        self.tally = self.tally.either(other.tally)


def added(parts: Sequence[tuple[int, Fold]], choices: tuple[Range, ...]) -> Fold:
    """A body: what its lines open (line, fold), of which not all are run (`Function.choices`)."""
    ranges, parents = _nested(choices)
    within: dict[int, Fold] = {}
    whole = Fold({})
    for line, part in parts:
        home = _innermost(line, ranges)
        (whole if home is None else within.setdefault(home, Fold({}))).add(part)
    if not within:
        return whole
    groups: dict[int | None, dict[int, Fold | None]] = {None: {}}
    for at in range(len(ranges) - 1, -1, -1):
        for group in groups.pop(at, {}).values():
            if group is not None:
                within.setdefault(at, Fold({})).add(group)
        siblings = groups.setdefault(parents[at], {})
        number = ranges[at][2] or -1 - at
        known = siblings.setdefault(number, None)  # also of what opens nothing: its place counts
        if at in within:
            this = within[at].within(False, False, False)
            if known is None:
                siblings[number] = this
            else:
                known.choose(this)
    for group in reversed(groups[None].values()):
        if group is not None:
            whole.add(group)
    return whole


@cache
def _nested(choices: tuple[Range, ...]) -> tuple[list[Range], list[int | None]]:
    """The ranges in the order of the code, and for each which is the one around it."""
    ranges = sorted({*choices}, key=lambda each: (each[0], -each[1]))
    around: list[int] = []
    parents: list[int | None] = []
    for at, (_, last, _) in enumerate(ranges):
        while around and ranges[around[-1]][1] < last:
            around.pop()
        parents.append(around[-1] if around else None)
        around.append(at)
    return ranges, parents


def _innermost(line: int, ranges: Sequence[Range]) -> int | None:
    found = None
    for at, (first, last, _) in enumerate(ranges):
        if first > line:
            break
        if line <= last:
            found = at
    return found
