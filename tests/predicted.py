"""What was seen of a program, held against what was predicted: span by span, by entry point."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from autospan import pipeline
from autospan.config import Config
from autospan.model import Entry, Selection, Span, Trace
from autospan.predict import planned, predict

PACKAGE = "opentelemetry-instrumentation-"
_SCOPE = "opentelemetry.instrumentation."


@dataclass(slots=True)
class Seen:
    """A span that was opened: by which package ("": the program), whether something was raised in
    it, and those beneath it."""

    name: str
    package: str
    raised: bool
    root: bool
    children: list[Seen] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What it is predicted as: packages name spans by what only running shows."""
        return self.package or self.name

    def failed(self) -> bool:
        """Whether something was raised in it, or beneath: the bounds do not hold there."""
        return self.raised or any(each.failed() for each in self.children)

    def size(self) -> int:
        """How many spans it is."""
        return 1 + sum(each.size() for each in self.children)


def seen_in(folder: Path) -> list[Seen]:
    """All spans that the processes of a run have written."""
    found: list[Seen] = []
    for file in sorted(folder.glob("*.json")):
        rows = json.loads(file.read_text("utf-8"))
        nodes = {
            key: Seen(name, _package(scope), raised, parent is None)
            for name, key, parent, raised, scope in rows
        }
        for _, key, parent, _, _ in rows:
            if parent in nodes:
                nodes[parent].children.append(nodes[key])
        found += nodes.values()
    return found


def _package(scope: str) -> str:
    return PACKAGE + scope.removeprefix(_SCOPE) if scope.startswith(_SCOPE) else ""


class Difference(NamedTuple):
    """What does not fit: `unpredicted`, `too few` or `too many`, beneath which span, what."""

    what: str
    parent: str
    child: str


@dataclass(slots=True)
class Comparison:
    """Per entry point (index) how many runs were seen, how many spans in all, what does not fit,
    and how often the number of spans beneath one was predicted exactly or within bounds, by who
    opens them (a package, or "" for the program)."""

    runs: Counter[int] = field(default_factory=Counter)
    spans: int = 0
    found: Counter[Difference] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    bounded: Counter[str] = field(default_factory=Counter)
    tallies: int = 0

    def add(self, seen: Seen, predicted: Span) -> None:
        """Compare the spans beneath one, and beneath these."""
        self.spans += 1
        below: dict[str, list[Span]] = {}
        for each in _visible(predicted.children):
            below.setdefault(each.by if each.origin == "auto" else each.name, []).append(each)
        counts = Counter(each.key for each in seen.children)
        for name in counts.keys() - below.keys():
            self.found[Difference("unpredicted", seen.name, name)] += 1
        for name, alike in below.items():
            self._number(seen, name, alike, counts[name])
        for child in seen.children:
            alike = below.get(child.key, [])
            known = [each for each in alike if each.children or each.times != "recursion"]
            if not known or child.package:
                self.spans += 1
                continue
            sure = len(known) == 1  # else one function, called in several contexts
            spans = [
                span if sure else span._replace(least=0) for each in known for span in each.children
            ]
            self.add(child, known[0]._replace(children=tuple(spans)))

    def _number(self, seen: Seen, name: str, alike: list[Span], count: int) -> None:
        least = sum(each.least for each in alike)
        most = sum(each.most if each.most is not None else count for each in alike)
        by = name if name.startswith(PACKAGE) else ""
        if count < least and not seen.failed():
            self.found[Difference("too few", seen.name, name)] += 1
        elif count > most:
            self.found[Difference("too many", seen.name, name)] += 1
        elif least == most and all(each.most is not None for each in alike):
            self.exact[by] += 1
        else:
            self.bounded[by] += 1


def _visible(spans: tuple[Span, ...]) -> Iterator[Span]:
    """The spans without those of OpenTracing, which OpenTelemetry does not see."""
    for each in spans:
        if each.origin != "existing":
            yield each
        else:
            for below in _visible(each.children):
                yield below._replace(least=0, most=None)


def compared(root: Path, selection: Selection, packages: tuple[str, ...], seen: Path) -> Comparison:
    """Hold the spans of all runs of all entry points against the prediction for a selection."""
    analysis = pipeline.analyze(root, Config())
    plan = pipeline.make_plan(analysis, Config(), selection)
    names = planned(plan, analysis.graph)
    on = [PACKAGE + each for each in packages]
    spans, result = seen_in(seen), Comparison()
    for trace in predict(analysis.graph, analysis.survey, names, on).traces:
        entry = analysis.survey.entries[trace.entry]
        function = analysis.graph.functions[entry.function].qualified
        top = _top(trace, entry)
        tops = {each.name: each for each in trace.spans if each.origin == "planned"}
        if top is not None:
            runs = [(each, top) for each in spans if _runs(each, entry, function)]
        else:  # it has no span: those that it opens begin a trace, or go on with that of its thread
            runs = [(each, tops[each.name]) for each in spans if each.name in tops]
        for each, expected in runs:
            before = result.found.total()
            result.add(each, expected)
            whole = top and entry.kind != "http_hook" and each.root and not each.failed()
            if whole and before == result.found.total():
                assert trace.tally.least <= each.size(), (entry.name, trace.tally, each.size())
                assert trace.tally.open or each.size() <= trace.tally.spans, entry.name
                result.tallies += 1
        result.runs[trace.entry] = len(runs)
    return result


def _top(trace: Trace, entry: Entry) -> Span | None:
    """The span that a run of an entry point begins with: the root, or for a hook, which runs inside
    of requests, that of its function."""
    spans = trace.spans
    if entry.kind == "http_hook" and spans and spans[0].origin == "auto":
        spans = spans[0].children
    return next((each for each in spans if each.function == entry.function), None)


def _runs(seen: Seen, entry: Entry, function: str) -> bool:
    """Whether a span is that of a run of an entry point."""
    if entry.root_span != "auto" or entry.kind == "http_hook":
        return seen.name == function and not seen.package
    if seen.package != entry.package:
        return False
    if entry.kind == "http":
        methods, _, rule = entry.name.partition(" ")
        return seen.name in {f"{method} {rule}" for method in methods.split(",")}
    inside = {each.name for each in seen.children}
    return seen.name in {f"run/{entry.name}", f"run/{function}"} or function in inside
