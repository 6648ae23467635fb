"""Folding the calls from the callees up: what spans a call of each function opens, how often."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from autospan.model import ROUNDS, Function, Span, Tally
from autospan.predict.calls import Calls, Step
from autospan.predict.folds import Fold, Often, added

_FAN = 24
"""How many different spans are kept beneath a function."""


@dataclass(slots=True)
class Folded:
    """Per node (or ~leaf) what a call of it opens, and the span of those that carry one.

    `carriers` are the spans that functions (indices) carry, `doers` functions that do I/O.
    """

    calls: Calls
    functions: Sequence[Function]
    carriers: dict[int, Span]
    doers: Collection[int]
    folds: dict[int, Fold] = field(default_factory=dict)
    spans: dict[int, Span] = field(default_factory=dict)

    def fold(self, component: Sequence[int]) -> None:
        """Work a strongly connected component out, once those that it calls are."""
        carried = {node: self.carriers.get(self.calls.functions[node]) for node in component}
        carrying = {node: span for node, span in carried.items() if span is not None}
        below = _below(component, self.calls, self.functions, self.folds)
        below.remote |= any(self.calls.functions[node] in self.doers for node in component)
        recursive = len(component) > 1 or component[0] in self.calls.callees(component[0])
        if recursive:
            below = _recursive(below, carrying, alone=len(component) == 1)
        _bound(below)
        self.spans |= {node: bare._replace(cut=1) for node, bare in carrying.items()}
        self.spans |= {node: _span(carrying[node], below, self.spans) for node in carrying}
        own = Tally(1, 1, 1, int(not below.remote), load=1)
        for node in component:
            self.folds[node] = below
            if node in carrying:
                tally = below.tally._replace(least=1) if recursive else below.tally.plus(own)
                self.folds[node] = Fold({node: Often()}, 0, tally, below.remote)


def fold(
    calls: Calls,
    functions: Sequence[Function],
    carriers: Mapping[int, Span],
    doers: Collection[int],
) -> Folded:
    """What all that is reached opens."""
    found = Folded(calls, functions, dict(carriers), doers)
    for number, leaf in enumerate(calls.leaves):
        found.folds[~number] = Fold({~number: Often()}, 0, Tally(1, 1), True)
        found.spans[~number] = leaf
    for component in calls.order:
        found.fold(component)
    return found


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
) -> Fold:
    """What the functions of a component open beneath their own spans, each of them run once."""
    below = Fold({})
    inside = set(component)
    for node in component:
        steps = [each for each in calls.steps.get(node, ()) if each.target not in inside]
        parts: list[tuple[int, Fold]] = []
        for line, alternatives in _alternatives(steps, calls, functions, folds):
            part = alternatives[0]
            for other in alternatives[1:]:
                part.choose(other)
            parts.append((line, part))
        if parts:
            below.add(added(parts, functions[calls.functions[node]].choices))
    return below


def _recursive(below: Fold, carrying: Collection[int], *, alone: bool) -> Fold:
    """The same of functions that call each other, their own spans beneath each of these. Where one
    function calls itself and has a span, what else it opens is once beneath each of its spans.
    The load of several functions is that of one round: most such circles are in the graph only."""
    load = below.tally.load
    if not (alone and carrying):
        below = below.within(False, True, True)
    if not alone:
        below.tally = below.tally._replace(load=load)
    own = Tally(0, 1, 1, int(not below.remote), True, ROUNDS if alone else 1)
    for node in carrying:
        below.spans[node] = Often(0, None, True)
        below.tally = below.tally.plus(own)
    return below


def _alternatives(
    steps: Sequence[Step],
    calls: Calls,
    functions: Sequence[Function],
    folds: Mapping[int, Fold],
) -> Iterator[tuple[int, list[Fold]]]:
    """Line by line what is called, in one list that of which only one is: methods of one name, or
    one function in several contexts (of which the fullest stands for all). Lines that open nothing
    are left out: they are most."""
    for number, line in groupby(steps, key=lambda each: each.line):
        taken = list(line)
        if not any(folds[each.target].opens for each in taken):
            continue
        names: dict[str, dict[int, Fold]] = {}
        for step in taken:
            called = folds[step.target].within(step.sure, step.loop, False)
            if step.target < 0:
                yield number, [called]
                continue
            function = calls.functions[step.target]
            same = names.setdefault(functions[function].short, {})
            known = same.get(function)
            if known is None or called.tally.spans > known.tally.spans:
                same[function] = called
        for same in names.values():
            yield number, list(same.values())


def _bound(below: Fold) -> None:
    """Keep so many spans; those of functions rather than those of packages."""
    if len(below.spans) > _FAN:
        first = {*sorted(below.spans, key=lambda target: target < 0)[:_FAN]}
        below.cut += len(below.spans) - len(first)
        below.spans = {target: each for target, each in below.spans.items() if target in first}
