"""Calls that are no edges: those that leave the program, and those that nothing is known of."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.link.guess import Guesser
from autospan.link.solve import Solver
from autospan.link.translate import Translation
from autospan.model import Argument, Confidence, Edge, Site, Unresolved


class Sites(Translation):
    """Tells the calls of a solved program that are no edges."""

    def __init__(self, solver: Solver) -> None:
        super().__init__(solver)
        self._builtins: set[tuple[int, str]] = set()

    def sites(self) -> tuple[list[Site], list[Edge]]:
        """The calls that leave the program or have an unknown receiver, and the guessed edges."""
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

    def unresolved(self) -> Iterator[Unresolved]:
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
                sites = [site for each in numbers for site in self._use(each, owner, shift)]
                passed = (each for site in sites for each in site.arguments)
                if any(v.kind in ("function", "class") for each in passed for v in each.values):
                    yield from sites

    def _use(self, number: int, owner: int, shift: int) -> Iterator[Site]:
        line, arguments = self.program.calls[number].line, self.arguments(number, shift)
        for name in sorted(self.solver.sites[number]):
            yield Site(self.function_at[owner], line, name, arguments, confidence="inferred")

    def stores(self) -> Iterator[Site]:
        """Functions that are stored in attributes outside the program: `client.on_message = f`."""
        for (function, line, name), node in self.solver.stores.items():
            stored = Argument(0, self.values(node))
            yield Site(self.function_at[function], line, name, (stored,))
