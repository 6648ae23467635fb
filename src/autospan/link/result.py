"""The solved program as a `Graph`: edges, calls that leave the program, decorations, classes."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.link.guess import Guesser
from autospan.link.keeping import Keeping
from autospan.link.marks import find_marked
from autospan.link.solve import Solver
from autospan.link.translate import Translation
from autospan.model import (
    Argument,
    Confidence,
    Decoration,
    Edge,
    Function,
    Graph,
    LinkedClass,
    Place,
    Problem,
    Site,
    Unresolved,
    Value,
)


class Result(Translation):
    """Turns a solver's state into a graph; functions and classes ordered by (path, line)."""

    def __init__(self, solver: Solver) -> None:
        super().__init__(solver)
        self._builtins: set[tuple[int, str]] = set()
        self._keeping = Keeping(solver)

    def graph(self) -> Graph:
        """The graph."""
        sites, guesses = self._sites()
        sites += self._stores()
        return Graph(
            functions=tuple(self._function(number) for number in self._function_order),
            classes=tuple(self._class(number) for number in self._class_order),
            edges=self._edges(guesses),
            sites=tuple(sorted(sites, key=lambda site: (site.caller, site.line, site.name))),
            decorations=tuple(sorted(self._decorations(), key=lambda each: each[:4])),
            guards=tuple((facts.path, *facts.guard) for facts in self.program.facts if facts.guard),
            unresolved=tuple(sorted(self._unresolved())),
            imports=tuple(
                (facts.path, each) for facts in self.program.facts for each in facts.imports
            ),
            applied=(*self._applied(), *find_marked(self)),
            problems=self._problems(),
            iterations=tuple(
                Site(self.function_at[function], line, f"{name}.__iter__", loop=1)
                for function, line, name in sorted(self.solver.iterated)
            ),
            cut=len(self.solver.flow.megamorphic),
        )

    def _stores(self) -> Iterator[Site]:
        """Functions that are stored in attributes outside the program: `client.on_message = f`."""
        for (function, line, name), node in self.solver.stores.items():
            stored = Argument(0, self.values(node))
            yield Site(self.function_at[function], line, name, (stored,))

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
            confidence: Confidence = "exact"
            if call < 0 or len(self.solver.fan_out.get(call, ())) > 1:
                confidence = "inferred"
            found.append(Edge(at[caller], at[callee], line, confidence, loop, (inside, into)))
        return tuple(sorted(found))

    # --- calls that leave the program

    def _sites(self) -> tuple[list[Site], list[Edge]]:
        sites: list[Site] = []
        guesses: list[Edge] = []
        guesser = Guesser(self.solver)
        for number, call in enumerate(self.program.calls):
            caller = self.function_at[
                self.program.function_base[self.program.file_of_call[number]] + call.owner
            ]
            names = self.solver.sites.get(number)
            if names is not None:
                if not call.text.startswith("@"):
                    sites += self._external(number, caller, names)
            elif number not in self.solver.fan_out and "." in call.text:
                where = self.solver.shifts[self.program.file_of_call[number]]
                if self._known(self.solver.node(where, call.function)):
                    continue
                for callee in guesser.candidates(number):
                    at = self.function_at[callee]
                    guesses.append(Edge(caller, at, call.line, "guessed", call.loop))
                sites.append(self._site(number, caller, f"?{call.text}", 0, "guessed"))
        return sites, guesses

    def _unresolved(self) -> Iterator[Unresolved]:
        """The calls of a value of which nothing is known; methods are looked for by their names."""
        for number, call in enumerate(self.program.calls):
            if number in self.solver.sites or number in self.solver.fan_out:
                continue
            file = self.program.file_of_call[number]
            known = self._known(self.solver.node(self.solver.shifts[file], call.function))
            if not known and "." not in call.text and not call.text.startswith("@"):
                function = self.program.function_base[file] + call.owner
                yield Unresolved(self.function_at[function], call.line, call.text)

    def _known(self, node: int) -> bool:
        return self.solver.flow.held[node] is not None if node else False

    def _external(self, number: int, caller: int, names: dict[str, int]) -> Iterator[Site]:
        """The sites of one call; of a builtin, only the first in each function is told."""
        confidence: Confidence = "exact" if len(names) == 1 else "inferred"
        for name, receiver in sorted(names.items()):
            if name.startswith("builtins.") and name != "builtins.open":
                if (caller, name) in self._builtins:
                    continue
                self._builtins.add((caller, name))
            yield self._site(number, caller, name, receiver, confidence)

    def _site(
        self, number: int, caller: int, name: str, receiver: int, confidence: Confidence
    ) -> Site:
        call = self.program.calls[number]
        plain = name.startswith("builtins.") and name != "builtins.open"
        arguments = () if plain else self.arguments(number)
        if receiver:
            value = self.value(receiver)
            if value is not None:
                arguments = (*arguments, Argument("self", (value,)))
        return Site(
            caller, call.line, name, arguments, call.loop, call.awaited, confidence, call.discarded
        )

    def _applied(self) -> Iterator[Site]:
        """Calls in functions that are copied for each use, use by use, where functions or classes
        are passed on in it."""
        uses = self.solver.uses()
        calls: dict[int, list[int]] = {}
        for number in sorted(self.solver.sites) if uses else ():
            call = self.program.calls[number]
            owner = self.program.function_base[self.program.file_of_call[number]] + call.owner
            if owner in uses and call.arguments:
                calls.setdefault(owner, []).append(number)
        for owner, numbers in calls.items():
            for shift in uses[owner]:
                sites = [site for each in numbers for site in self._use(each, owner, shift)]
                passed = (each for site in sites for each in site.arguments)
                if any(v.kind in ("function", "class") for each in passed for v in each.values):
                    yield from sites

    def _use(self, number: int, owner: int, shift: int) -> Iterator[Site]:
        line, arguments = self.program.calls[number].line, self.arguments(number, shift)
        for name in sorted(self.solver.sites[number]):
            yield Site(self.function_at[owner], line, name, arguments, confidence="inferred")

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
        for earlier in range(number - 1, max(first, number - 40) - 1, -1):
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
        if not names:
            names.append("?" + text.removeprefix("@").removesuffix("()"))
        return sorted(set(names))
