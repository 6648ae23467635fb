"""Calls that are no edges: those that leave the program, and those that nothing is known of."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.link.guess import Guesser
from autospan.link.registry import Named, Registry, is_keyed
from autospan.link.solve import Solver
from autospan.link.translate import Translation
from autospan.model import Argument, Confidence, Edge, Site, Unresolved


class Sites(Translation):
    """Tells the calls of a solved program that are no edges."""

    def __init__(self, solver: Solver) -> None:
        super().__init__(solver)
        self._builtins: set[tuple[int, str]] = set()
        self._registry = Registry(solver.program)

    def sites(self) -> tuple[list[Site], list[Edge]]:
        """The calls that leave the program or have an unknown receiver, and the guessed edges."""
        sites: list[Site] = []
        guesses: list[Edge] = []
        guesser = Guesser(self.solver)
        bases, files = self.program.function_base, self.program.file_of_call
        for number, call in enumerate(self.program.calls):
            caller, text = self.function_at[bases[files[number]] + call.owner], call.text
            if is_keyed(text):
                guesses += self._registered(number, caller)
            names = self.solver.sites.get(number)
            if names is not None:
                if text[:1] != "@":
                    sites += self._external(number, caller, names)
            elif self._of_unknown(number):
                for callee in guesser.candidates(number):
                    at = self.function_at[callee]
                    guesses.append(Edge(caller, at, call.line, "guessed", call.loop))
                sites.append(self._site(number, caller, f"?{text}", 0, "guessed"))
        return sites, guesses

    def _registered(self, number: int, caller: int) -> Iterator[Edge]:
        """The edges to what a call gets by a constant key, where that is all that is known, or only
        that a wrapper stands before it: guessed by a name, unless its place says the same."""
        call = self.program.calls[number]
        callees, placed = self._named(number)
        if not callees:
            return
        known = self.solver.fan_out.get(number, ())
        if all(self.program.functions[each].outer is not None for each in known):
            sure = placed and len(callees) == 1
            confidence: Confidence = "inferred" if sure else "guessed"
            for callee in callees:
                if callee not in known:
                    yield Edge(caller, self.function_at[callee], call.line, confidence, call.loop)

    def _named(self, number: int) -> Named:
        """The functions that a call names by a constant key."""
        text = self.program.calls[number].text
        module = self.program.facts[self.program.file_of_call[number]].module
        return self._registry.named(text, module) if is_keyed(text) else Named((), False)

    def _of_unknown(self, number: int) -> bool:
        """Whether a call is that of a method, of a value of which nothing is known."""
        call = self.program.calls[number]
        if number in self.solver.fan_out or "." not in call.text or is_keyed(call.text):
            return False
        where = self.solver.shifts[self.program.file_of_call[number]]
        return not self._known(self.solver.node(where, call.function))

    def unresolved(self) -> Iterator[Unresolved]:
        """The calls of a value of which nothing is known; methods and what is called by a constant
        key are looked for by their names."""
        for number, call in enumerate(self.program.calls):
            if number in self.solver.sites or number in self.solver.fan_out:
                continue
            file = self.program.file_of_call[number]
            plain = "." not in call.text and not call.text.startswith("@")
            if not (plain or is_keyed(call.text)) or self._named(number).functions:
                continue
            if not self._known(self.solver.node(self.solver.shifts[file], call.function)):
                function = self.program.function_base[file] + call.owner
                yield Unresolved(self.function_at[function], call.line, call.text)

    def _known(self, node: int) -> bool:
        return self.solver.flow.held[node] is not None if node else False

    def _external(self, number: int, caller: int, names: dict[str, int]) -> Iterator[Site]:
        """The sites of one call; of a builtin, only the first in each function is told."""
        confidence: Confidence = "exact" if len(names) == 1 else "inferred"
        for name, receiver in sorted(names.items()) if len(names) > 1 else names.items():
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

    def applied(self) -> Iterator[Site]:
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
                used = [(each, self.arguments(each, shift)) for each in numbers]
                passed = (each for _, arguments in used for each in arguments)
                if any(v.kind in ("function", "class") for each in passed for v in each.values):
                    for each, arguments in used:
                        yield from self._use(each, owner, arguments)

    def _use(self, number: int, owner: int, arguments: tuple[Argument, ...]) -> Iterator[Site]:
        line = self.program.calls[number].line
        for name in sorted(self.solver.sites[number]):
            yield Site(self.function_at[owner], line, name, arguments, confidence="inferred")

    def stores(self) -> Iterator[Site]:
        """Functions that are stored in attributes outside the program: `client.on_message = f`."""
        for (function, line, name), node in self.solver.stores.items():
            stored = Argument(0, self.values(node))
            yield Site(self.function_at[function], line, name, (stored,))
