"""The solved program as a `Graph`: edges, calls that leave the program, decorations, classes."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.link import values as v
from autospan.link.guess import Guesser
from autospan.link.solve import Solver
from autospan.model import (
    Argument,
    Confidence,
    Decoration,
    Edge,
    Function,
    Graph,
    LinkedClass,
    Problem,
    Site,
    Value,
)
from autospan.read.expressions import STARTS

_MOST_VALUES = 24
_MOST_WRAPPERS = 8


class Result:
    """Turns a solver's state into a graph; functions and classes ordered by (path, line)."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.program = solver.program
        functions, classes = self.program.functions, self.program.classes
        self._function_order = sorted(
            range(len(functions)), key=lambda n: (functions[n].place, functions[n].name)
        )
        self._class_order = sorted(range(len(classes)), key=lambda n: classes[n].place)
        self._function_at = {old: new for new, old in enumerate(self._function_order)}
        self._class_at = {old: new for new, old in enumerate(self._class_order)}
        self._translated: dict[int, Value | None] = {}

    def graph(self) -> Graph:
        """The graph."""
        sites, guesses = self._sites()
        return Graph(
            functions=tuple(self._function(number) for number in self._function_order),
            classes=tuple(self._class(number) for number in self._class_order),
            edges=self._edges(guesses),
            sites=tuple(sorted(sites, key=lambda site: (site.caller, site.line, site.name))),
            decorations=tuple(sorted(self._decorations(), key=lambda each: each[:4])),
            guards=tuple(
                (facts.path, *facts.guard) for facts in self.program.facts if facts.guard
            ),
            imports=tuple(
                (facts.path, each) for facts in self.program.facts for each in facts.imports
            ),
            problems=self._problems(),
        )

    def _problems(self) -> tuple[Problem, ...]:
        return tuple(problem for facts in self.program.facts for problem in facts.problems)

    def _function(self, number: int) -> Function:
        """The function, its owner and outer function as indices of the graph."""
        function = self.program.functions[number]
        if function.owner is None and function.outer is None:
            return function
        file = self.program.file_of[number]
        owner, outer = function.owner, function.outer
        return function._replace(
            owner=None if owner is None else self._class_at[self.program.class_base[file] + owner],
            outer=None
            if outer is None
            else self._function_at[self.program.function_base[file] + outer],
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
            values = self._values(self.solver.node(where, slot))
            functions = [each.target for each in values if each.kind == "function"]
            if functions:
                methods.append((name, functions[0]))
            elif values:
                attributes.append((name, values))
        return LinkedClass(
            described.name, described.place, ancestors, tuple(methods), tuple(attributes)
        )

    # --- edges

    def _edges(self, guesses: list[Edge]) -> tuple[Edge, ...]:
        found, at = guesses, self._function_at
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
        guesser = Guesser(self.program)
        for number, call in enumerate(self.program.calls):
            caller = self._function_at[
                self.program.function_base[self.program.file_of_call[number]] + call.owner
            ]
            names = self.solver.sites.get(number)
            if names is not None:
                if not call.text.startswith("@"):
                    sites += self._external(number, caller, names)
            elif number not in self.solver.fan_out and "." in call.text:
                receiver, _, method = call.text.rpartition(".")
                where = self.solver.shifts[self.program.file_of_call[number]]
                if self._known(self.solver.node(where, call.function)):
                    continue
                for callee in guesser.candidates(receiver, method):
                    at = self._function_at[callee]
                    guesses.append(Edge(caller, at, call.line, "guessed", call.loop))
                name = f"?{receiver}.{method}"
                sites.append(self._site(number, caller, name, 0, "guessed"))
        return sites, guesses

    def _known(self, node: int) -> bool:
        return self.solver.flow.held[node] is not None if node else False

    def _external(self, number: int, caller: int, names: dict[str, int]) -> Iterator[Site]:
        confidence: Confidence = "exact" if len(names) == 1 else "inferred"
        for name, receiver in sorted(names.items()):
            yield self._site(number, caller, name, receiver, confidence)

    def _site(
        self, number: int, caller: int, name: str, receiver: int, confidence: Confidence
    ) -> Site:
        call = self.program.calls[number]
        arguments = self._arguments(number)
        if receiver:
            value = self._value(receiver)
            if value is not None:
                arguments = (*arguments, Argument("self", (value,)))
        return Site(caller, call.line, name, arguments, call.loop, call.awaited, confidence)

    def _arguments(self, number: int) -> tuple[Argument, ...]:
        call = self.program.calls[number]
        if not call.arguments:
            return ()
        where = self.solver.shifts[self.program.file_of_call[number]]
        found: list[Argument] = []
        for key, slot in call.arguments:
            values = self._values(self.solver.node(where, slot))
            if values:
                found.append(Argument(key, values))
        return tuple(found)

    # --- values

    def _values(self, node: int) -> tuple[Value, ...]:
        held = self.solver.flow.held[node] if node else None
        if held is None:
            return ()
        numbers = (held,) if type(held) is int else sorted(held) if type(held) is set else ()
        values = [self._value(each) for each in numbers]
        return tuple(dict.fromkeys(each for each in values if each is not None))

    def _value(self, number: int) -> Value | None:
        if number not in self._translated:
            self._translated[number] = self._translate(self.solver.values.items[number])
        return self._translated[number]

    def _translate(self, item: v.Item) -> Value | None:
        kind = item[0]
        if kind == v.BOX:
            return self._collection(int(item[1]))
        if kind in (v.FUNCTION, v.GENERATOR, v.COROUTINE):
            number = self._wrapped(int(item[1]), int(item[2]))
            name = self.program.functions[number].qualified
            return Value("function", name, self._function_at[number])
        if kind in (v.BOUND, v.STATIC, v.CLASSMETHOD, v.PROPERTY):
            return self._value(int(item[1]))
        if kind in (v.CLASS, v.INSTANCE):
            described = self.program.classes[int(item[1])]
            text = described.name.replace(":", ".")
            target = self._class_at[int(item[1])]
            return Value("class" if kind == v.CLASS else "instance", text, target)
        if kind in (v.EXTERNAL, v.EXTERNAL_METHOD):
            return Value("external", str(item[1]))
        if kind == v.MODULE:
            return Value("external", str(item[1]))
        if kind == v.CONSTANT:
            return Value("constant", _shown(str(item[1])))
        return None

    def _wrapped(self, number: int, shift: int) -> int:
        """The function that a decorator's wrapper stands for, where there is exactly one: what the
        function around the wrapper was given, in the copy that the decorated function got."""
        for _ in range(_MOST_WRAPPERS):
            where = self.solver.shifts[shift]
            outer = self.program.functions[number].outer
            if outer is None or where.first > where.last:
                break
            around = self.program.function_base[self.program.file_of[number]] + outer
            given = self.solver.parameters(around, shift)[:1]
            held = [self.solver.values.items[each] for node in given for each in self.solver.flow.values(node)]
            functions = [item for item in held if item[0] == v.FUNCTION]
            if len(functions) != 1:
                break
            number, shift = int(functions[0][1]), int(functions[0][2])
        return number

    def _collection(self, box: int) -> Value | None:
        """A container as its constants, joined by commas; functions in it are told one by one."""
        constants: list[str] = []
        for _, node in self.solver.boxes.nodes(box)[:_MOST_VALUES]:
            for number in self.solver.flow.values(node)[:_MOST_VALUES]:
                item = self.solver.values.items[number]
                if item[0] == v.CONSTANT:
                    constants.append(_shown(str(item[1])))
        return Value("collection", ",".join(dict.fromkeys(constants)), box)

    # --- decorators

    def _decorations(self) -> Iterator[Decoration]:
        for file, facts in enumerate(self.program.facts):
            where = self.solver.shifts[file]
            for function, klass, slot, call in facts.decorations:
                number = self.program.call_base[file] + call
                site = self.program.calls[number]
                called = site.text.endswith("()")
                target = (
                    self._function_at[self.program.function_base[file] + function]
                    if function >= 0
                    else -1
                )
                on = self._class_at[self.program.class_base[file] + klass] if klass >= 0 else -1
                made = self._call_that_made(number, slot, file) if called else -1
                arguments = self._arguments(made) if made >= 0 else ()
                for name in self._decorator_names(number, made, where, slot, site.text):
                    yield Decoration(target, on, site.line, name, called, arguments)

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
        for value in self._values(node):
            if value.kind in ("function", "class", "instance"):
                names.append(value.text)
        if not names:
            names.append("?" + text.removeprefix("@").removesuffix("()"))
        return sorted(set(names))


def _shown(text: str) -> str:
    """A constant as it was written: `#7` is 7, a known beginning ends in an ellipsis."""
    return text.removeprefix("#").replace(STARTS, "…")
