"""The solved program as a `Graph`: edges, calls that leave the program, decorations, classes."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.link import values as v
from autospan.link.keeping import Keeping
from autospan.link.marks import find_marked
from autospan.link.sites import Sites
from autospan.link.solve import Solver
from autospan.model import (
    Confidence,
    Decoration,
    Edge,
    Function,
    Graph,
    LinkedClass,
    Place,
    Problem,
    Site,
    Value,
)


class Result(Sites):
    """Turns a solver's state into a graph; functions and classes ordered by (path, line)."""

    def __init__(self, solver: Solver) -> None:
        super().__init__(solver)
        self._keeping = Keeping(solver)

    def graph(self) -> Graph:
        """The graph."""
        sites, guesses = self.sites()
        sites += self.stores()
        return Graph(
            functions=tuple(self._function(number) for number in self._function_order),
            classes=tuple(self._class(number) for number in self._class_order),
            edges=self._edges(guesses),
            sites=tuple(sorted(sites, key=lambda site: (site.caller, site.line, site.name))),
            decorations=tuple(sorted(self._decorations(), key=lambda each: each[:4])),
            guards=tuple((facts.path, *facts.guard) for facts in self.program.facts if facts.guard),
            unresolved=tuple(sorted(self.unresolved())),
            imports=tuple(
                (facts.path, each) for facts in self.program.facts for each in facts.imports
            ),
            applied=(*self.applied(), *find_marked(self)),
            problems=self._problems(),
            iterations=tuple(
                Site(self.function_at[function], line, f"{name}.__iter__", loop=1)
                for function, line, name in sorted(self.solver.iterated)
            ),
            cut=len(self.solver.flow.megamorphic),
        )

    def _problems(self) -> tuple[Problem, ...]:
        found = [problem for facts in self.program.facts for problem in facts.problems]
        flow = self.solver.flow
        if flow.waiting:
            message = f"incomplete: {flow.waiting:,} variables waited after {flow.steps:,} steps"
            hint = "raise `link-budget`, or `exclude` generated code"
            found.append(Problem(Place("call graph"), message, hint))
        return tuple(found)

    def _function(self, number: int) -> Function:
        """The function, its owner and outer function as indices of the graph."""
        function = self.program.functions[number]
        if function.owner is None and function.outer is None:
            return function
        file = self.program.file_of[number]
        owner, outer = function.owner, function.outer
        return function._replace(
            owner=None if owner is None else self.class_at[self.program.class_base[file] + owner],
            outer=None
            if outer is None
            else self.function_at[self.program.function_base[file] + outer],
        )

    def _class(self, number: int) -> LinkedClass:
        described = self.program.classes[number]
        ancestors = tuple(
            self.program.classes[each].name.replace(":", ".") if isinstance(each, int) else each
            for each in self.solver.classes.order(number)[1:]
        )
        where = self.solver.shifts[self.program.file_of_class[number]]
        methods: list[tuple[str, int]] = []
        attributes: list[tuple[str, tuple[Value, ...]]] = []
        for name, slot in described.body:
            values = self.values(self.solver.node(where, slot))
            functions = [each.target for each in values if each.kind == "function"]
            if functions:
                methods.append((name, functions[0]))
            else:
                attributes.append((name, values))
        return LinkedClass(
            described.name, described.place, ancestors, tuple(methods), tuple(attributes)
        )

    # --- edges

    def _edges(self, guesses: list[Edge]) -> tuple[Edge, ...]:
        found, at = guesses, self.function_at
        for (caller, callee, line, inside, into), call in self.solver.edges.items():
            loop = self.program.calls[call].loop if call >= 0 else 0
            several = self.solver.fan_out.get(call, ())
            confidence: Confidence = "exact"
            if call < 0 or len(several) > 1:
                confidence = "inferred"
                if self._refuses(callee) and not all(map(self._refuses, several)):
                    continue
            found.append(Edge(at[caller], at[callee], line, confidence, loop, (inside, into)))
        return tuple(sorted(found))

    def _refuses(self, function: int) -> bool:
        """Whether a method only raises: where it may be overridden, the others are meant."""
        return self.program.functions[function].trivial == "only raises"

    # --- decorators

    def _decorations(self) -> Iterator[Decoration]:
        for file, facts in enumerate(self.program.facts):
            where = self.solver.shifts[file]
            for function, klass, slot, call in facts.decorations:
                number = self.program.call_base[file] + call
                site = self.program.calls[number]
                called = site.text.endswith("()")
                made = self._call_that_made(number, slot, file) if called else -1
                arguments = self.arguments(made) if made >= 0 else ()
                by = sorted(self.solver.fan_out.get(number, ()))
                one = Decoration(
                    self.function_at[self.program.function_base[file] + function]
                    if function >= 0
                    else -1,
                    self.class_at[self.program.class_base[file] + klass] if klass >= 0 else -1,
                    site.line,
                    "",
                    called,
                    arguments,
                    tuple(self.function_at[each] for each in by),
                    any(self._keeping.keeps(each) for each in by),
                )
                for name in self._decorator_names(number, made, where, slot, site.text):
                    yield one._replace(name=name)

    def _call_that_made(self, number: int, slot: int, file: int) -> int:
        """The call whose result is the decorator: `app.route("/")` of `@app.route("/")`."""
        first = self.program.call_base[file]
        for earlier in range(number - 1, max(first, number - 200) - 1, -1):
            if self.program.calls[earlier].result == slot:
                return earlier
        return -1

    def _decorator_names(
        self, number: int, made: int, where: object, slot: int, text: str
    ) -> list[str]:
        """Canonical names of a decorator: external ones, else the project's functions."""
        names = list(self.solver.sites.get(made if made >= 0 else number, {}))
        base = self.solver.shifts[self.program.file_of_call[number]]
        node = self.solver.node(base, self.program.calls[made].function if made >= 0 else slot)
        own = ("function", "class", "instance")
        names += [value.text for value in self.values(node) if value.kind in own]
        names += self._inherited(node)
        if not names:
            names.append("?" + text.removeprefix("@").removesuffix("()"))
        return sorted(set(names))

    def _inherited(self, node: int) -> Iterator[str]:
        """The classes outside the program from which those in a node (partials of them) inherit."""
        items, held = self.solver.values.items, [*self.solver.flow.values(node)]
        for value in [each for each in held if items[each][0] == v.PARTIAL]:
            held += self.solver.flow.values(self.solver.made_of(value)[0])
        for value in held:
            if items[value][0] in (v.CLASS, v.INSTANCE):
                yield from self.solver.classes.external(int(items[value][1]))
