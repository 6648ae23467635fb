"""Functions that open a span already: by a known API, or by a wrapper of the project's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from autospan.knowledge import Knowledge
from autospan.knowledge.matcher import Matcher
from autospan.knowledge.rules import Rule
from autospan.knowledge.spans import TracedRule
from autospan.model import Decoration, Graph, Place, Site, Traced, Tree
from autospan.recognize.configured import find_configured, wrapped
from autospan.recognize.given import Written
from autospan.recognize.hits import Hits
from autospan.recognize.index import Index
from autospan.recognize.wrapping import heirs, wrapped_by

_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_ENTERS = ("__enter__", "__aenter__")
_RUN_BY_USE = (*_ENTERS, "__init__", "__call__")
_HANDED_ON = 2  # statements of a function that only makes a block for its caller


def find_traced(
    graph: Graph,
    index: Index,
    hits: Hits,
    knowledge: Knowledge,
    tree: Tree,
    traced_by: Mapping[str, str],
) -> tuple[Traced, ...]:
    """Every function that opens a span or is given one, each once, sorted.

    A project decorator whose wrapper opens a span traces what it decorates, a project context
    manager that opens one traces what enters it, and so on until nothing new is found. So does a
    wrapper that is put around functions by a call, or around the methods of classes.
    """
    decorations = [(rule, one) for rule, one in hits.decorations if isinstance(rule, TracedRule)]
    state = _State(graph, index, declined=_declined(graph, decorations, Written(tree)))
    for rule, site in hits.calls:
        if isinstance(rule, TracedRule):
            state.called(rule, site)
    for rule, one in decorations:
        state.decorate(one, rule.api, rule.short)
    for number, api, place in find_configured(index, knowledge.unnamed, tree):
        state.mark(number, api, place)
    rules = [TracedRule(where="call", names=(name,), api=api) for name, api in traced_by.items()]
    own = Matcher(rules, {})
    for one in graph.decorations if rules else ():
        for rule in own.find(one.name):
            if isinstance(rule, TracedRule):
                state.decorate(one, rule.api)
    for number, api in _named(index, knowledge, own):
        state.named(number, api)
    state.spread()
    state.wrap(tree)
    return tuple(sorted(state.traced.values()))


def _declined(
    graph: Graph, decorations: list[tuple[TracedRule, Decoration]], written: Written
) -> frozenset[int]:
    """The functions whose own decorator says that they get no span, though their class has one."""
    return frozenset(
        one.function
        for rule, one in decorations
        if rule.unless and one.function >= 0
        if written.holds(rule.unless, Place(graph.functions[one.function].place.file, one.line))
    )


def _named(index: Index, knowledge: Knowledge, own: Matcher) -> Iterator[tuple[int, str]]:
    """Project functions that a pack or the configuration says open a span; a class that is named
    stands for what entering or calling it runs."""
    for name, number in index.functions.items():
        for rule in _tracing(own, knowledge.opening, name):
            yield number, rule.api
            break
    for name, klass in index.classes.items():
        for rule in _tracing(own, knowledge.opening, name):
            for _, _, function in index.methods(klass, _RUN_BY_USE):
                yield function, rule.api
            break


def _tracing(own: Matcher, opening: Matcher, name: str) -> Iterator[TracedRule]:
    found: tuple[Rule, ...] = (*own.find(name), *opening.find(name))
    return (rule for rule in found if isinstance(rule, TracedRule))


@dataclass(slots=True)
class _State:
    """What is known so far, and what has yet to be followed."""

    graph: Graph
    index: Index
    declined: frozenset[int] = frozenset()
    traced: dict[int, Traced] = field(default_factory=dict)
    apis: dict[int, str] = field(default_factory=dict)
    opening: list[tuple[int, str]] = field(default_factory=list)
    decorations: dict[int, list[Decoration]] = field(default_factory=dict)
    managers: set[int] = field(default_factory=set)
    callers: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    opened: dict[int, str] = field(default_factory=dict)

    def called(self, rule: TracedRule, site: Site) -> None:
        """A call opens a span, or gives one to the functions that it is handed."""
        place = self.index.at(site.caller, site.line)
        if not rule.function:
            self.open(site.caller, rule.api, place, rule.block)
        for number in wrapped(self.index, rule, site) if rule.function else ():
            self.mark(number, rule.api, place)

    def open(self, function: int, api: str, place: Place, block: bool) -> None:
        """The body of a function opens a span, or hands a block that does to its caller."""
        opening = self.graph.functions[function]
        if opening.kind == "module":
            return
        self.mark(function, api, place)
        self.opening.append((function, api))
        if block and not opening.shape.withs and 0 < opening.shape.statements <= _HANDED_ON:
            self.managers.add(function)

    def decorate(self, one: Decoration, api: str, short: tuple[str, ...] = ()) -> None:
        """A tracing decorator stands on a function, or on all methods of a class."""
        targets = [one.function]
        if one.function < 0:
            targets = [number for _, number in self.graph.classes[one.klass].methods]
        for target in targets:
            known = target in self.traced
            place = Place(self.graph.functions[target].place.file, one.line)
            self.mark(target, api, place, self.graph.functions[target].kind in short)
            if not known and (outer := self.graph.functions[target].outer) is not None:
                self.opening.append((outer, api))

    def named(self, function: int, api: str) -> None:
        """A function opens a span for whom it decorates and for whom calls it."""
        self.apis[function] = api
        self.managers.add(function)
        self.opening.append((function, api))

    def spread(self) -> None:
        """Follows decorators and context managers of the project to a fixed point."""
        if not self.decorations:
            self._prepare()
        while self.opening:
            function, api = self.opening.pop()
            if function in self.opened:
                continue
            api = self.opened[function] = self.apis.get(function, api)
            for one in self.decorations.get(function, ()):
                self.decorate(one, api)
            for caller, line in self._callers(function) if function in self.managers else ():
                self.open(caller, api, self.index.at(caller, line), function not in self.apis)
            outer = self.graph.functions[function].outer
            if outer is not None and self.graph.functions[outer].kind != "module":
                self.opening.append((outer, api))

    def wrap(self, tree: Tree) -> None:
        """Follows the wrappers that are put around functions by calls, until nothing is new."""
        known: set[int] = set()
        while new := self.opened.keys() - known:
            known |= new
            for found in wrapped_by(self.graph, tree, sorted(new)):
                api = self.opened[found.wrapper]
                for function in found.functions:
                    if function not in self.traced:
                        self.mark(function, api, self.graph.functions[found.wrapper].place)
                for user in found.users:
                    self._wrap_classes(user, api)
            self.spread()

    def _wrap_classes(self, user: int, api: str) -> None:
        """A class decorator, or an `__init_subclass__`, puts a wrapper around whatever it finds."""
        for one in self.decorations.get(user, ()):
            if one.klass >= 0:
                self.decorate(one, api)
        for klass in heirs(self.graph, user):
            for _, method in self.graph.classes[klass].methods:
                self.mark(method, api, self.graph.functions[user].place)

    def mark(self, function: int, api: str, place: Place, early: bool = False) -> None:
        """A function has a span by an API, as a place shows."""
        if function in self.declined:
            return
        known = self.traced.get(function)
        new = Traced(function, api, place, early)
        self.traced[function] = min(known, new) if known else new

    def _prepare(self) -> None:
        """Who is decorated by project functions, and which are the project's context managers."""
        for one in self.graph.decorations:
            if one.name in _MANAGERS and one.function >= 0:
                self.managers.add(one.function)
            for decorator in self._decorators(one.name):
                self.decorations.setdefault(decorator, []).append(one)
        for klass in range(len(self.graph.classes)):
            entered = [number for _, _, number in self.index.methods(klass, _ENTERS)]
            self.managers.update(entered)

    def _callers(self, function: int) -> list[tuple[int, int]]:
        """Who calls a function, and on which line, but for decorating with it."""
        if not self.callers:
            applied = {self._applied(one) for one in self.graph.decorations}
            for edge in self.graph.edges:
                place = self.index.at(edge.caller, edge.line)
                if (place.file, place.line) not in applied:
                    self.callers.setdefault(edge.callee, []).append((edge.caller, edge.line))
        return self.callers.get(function, [])

    def _applied(self, one: Decoration) -> tuple[str, int]:
        graph = self.graph
        decorated = graph.functions[one.function] if one.function >= 0 else graph.classes[one.klass]
        return decorated.place.file, one.line

    def _decorators(self, name: str) -> Iterator[int]:
        """The project function that a decorator is, or the methods that run if it is a class."""
        if name in self.index.functions:
            yield self.index.functions[name]
        elif name in self.index.classes:
            for _, _, number in self.index.methods(self.index.classes[name], ("__call__",)):
                yield number
