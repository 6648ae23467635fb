"""Folding the calls from the callees up: what spans a call of each function opens, how often."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from autospan.model import Function, Span, Tally, Times
from autospan.predict.calls import Calls, Step

_FAN = 24
"""How many different spans are kept beneath a function."""
_LIMIT = 1_000_000
"""Where counting ends: paths multiply."""


_NOTHING = Tally()


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


@dataclass(slots=True)
class Fold:
    """A call of a function: the spans that it opens (node or ~leaf, in the order of the code) and
    how often, how many kinds of span are left out, the tally, whether it does I/O in the end."""

    spans: dict[int, Often]
    cut: int = 0
    tally: Tally = _NOTHING
    remote: bool = False


def fold(
    calls: Calls,
    functions: Sequence[Function],
    carriers: Mapping[int, Span],
    doers: Collection[int],
) -> tuple[dict[int, Fold], dict[int, Span]]:
    """Per node that is reached: what a call of it opens; per node with a span: the span.

    `carriers` are the spans that functions (indices) carry, `doers` functions that do I/O.
    """
    folds = {~number: Fold({~number: Often()}, 0, Tally(1, 1), True) for number in _leaves(calls)}
    spans = {~number: calls.leaves[number] for number in _leaves(calls)}
    for component in calls.order:
        carrying = {
            node: carriers[calls.functions[node]]
            for node in component
            if calls.functions[node] in carriers
        }
        recursive = len(component) > 1 or component[0] in calls.callees(component[0])
        mixed = recursive and not (len(component) == len(carrying) == 1)
        below = _below(component, calls, functions, folds, recursive=mixed)
        below.remote |= any(calls.functions[node] in doers for node in component)
        own = Tally(1, 1, 1, int(not below.remote))
        if recursive:
            for node in carrying:
                below.spans[node] = Often(0, None, True)
                below.tally = below.tally.plus(own._replace(least=0, open=True))
        _bound(below)
        spans |= {node: bare._replace(cut=1) for node, bare in carrying.items()}
        built = {node: _span(carrying[node], below, spans) for node in carrying}
        spans |= built
        for node in component:
            folds[node] = below
            if node in carrying:
                tally = below.tally._replace(least=1) if recursive else below.tally.plus(own)
                folds[node] = Fold({node: Often()}, 0, tally, below.remote)
    return folds, spans


def _leaves(calls: Calls) -> range:
    return range(len(calls.leaves))


def occurring(below: Fold, spans: Mapping[int, Span]) -> tuple[Span, ...]:
    """The spans that a call opens, each as often as it occurs there; equal calls are one."""
    often: dict[tuple[object, ...], Often] = {}
    shown: dict[tuple[object, ...], Span] = {}
    for target, each in below.spans.items():
        span = spans[target]
        key = (target,) if target >= 0 else (span.name, span.by)
        often[key] = often[key].plus(each) if key in often else each
        shown.setdefault(key, span)
    return tuple(
        span._replace(least=often[key].least, most=often[key].most, times=often[key].times)
        for key, span in shown.items()
    )


def _span(bare: Span, below: Fold, spans: Mapping[int, Span]) -> Span:
    return bare._replace(children=occurring(below, spans), cut=below.cut)


def _below(
    component: Sequence[int],
    calls: Calls,
    functions: Sequence[Function],
    folds: Mapping[int, Fold],
    *,
    recursive: bool,
) -> Fold:
    """What the functions of a component open beneath their own spans, each of them called once;
    `recursive`: a call may run them any number of times with no span of theirs between."""
    below = Fold({})
    inside = set(component)
    for node in component:
        steps = [each for each in calls.steps.get(node, ()) if each.target not in inside]
        for choices in _choices(steps, calls, functions, folds):
            taken = max((folds[each.target] for each in choices), key=_spans)
            step = choices[0]
            below.tally = below.tally.plus(taken.tally.within(step.sure, step.loop))
            for each in choices:
                _merge(below, folds[each.target], each, recursive, alone=len(choices) == 1)
    if recursive:
        below.tally = below.tally._replace(least=0, open=bool(below.tally.spans))
    return below


def _spans(each: Fold) -> int:
    return each.tally.spans


def _merge(below: Fold, called: Fold, step: Step, recursive: bool, *, alone: bool) -> None:
    below.cut += called.cut
    below.remote |= called.remote
    for target, often in called.spans.items():
        now = often.within(step.sure and alone and not recursive, step.loop, recursive)
        known = below.spans.get(target)
        below.spans[target] = now if known is None else known.plus(now)


def _choices(
    steps: Sequence[Step],
    calls: Calls,
    functions: Sequence[Function],
    folds: Mapping[int, Fold],
) -> Iterator[list[Step]]:
    """The steps, those together of which only one is taken: methods of one name that one line
    calls, or one function in several contexts (of which the fullest stands for all)."""
    for _, line in groupby(steps, key=lambda each: each.line):
        names: dict[str, dict[int, Step]] = {}
        for step in line:
            if step.target < 0:
                yield [step]
                continue
            function = calls.functions[step.target]
            same = names.setdefault(functions[function].short, {})
            known = same.get(function)
            if known is None or _spans(folds[step.target]) > _spans(folds[known.target]):
                same[function] = step
        for same in names.values():
            yield list(same.values())


def _bound(below: Fold) -> None:
    """Keep so many spans; those of functions rather than those of packages."""
    if len(below.spans) > _FAN:
        first = sorted(below.spans, key=lambda target: target < 0)[:_FAN]
        kept = {target: often for target, often in below.spans.items() if target in set(first)}
        below.cut += len(below.spans) - len(kept)
        below.spans = kept
