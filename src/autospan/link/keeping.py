"""What functions of the program do with a function they are given: wrap it, or keep it."""

from __future__ import annotations

from autospan.link.solve import Solver

_STORING = frozenset("append appendleft add insert setdefault update extend".split())


class Keeping:
    """Decorators that do more than wrap, from the steps of their bodies; each is read once."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.program = solver.program
        self._read: dict[int, bool] = {}

    def keeps(self, function: int) -> bool:
        """Whether a function puts what it is given, or a closure over it, into a container."""
        if function not in self._read:
            self._read[function] = self._follow(function)
        return self._read[function]

    def _follow(self, function: int) -> bool:
        """One pass over the steps: `own` are the slots of what is given, and of what holds it."""
        parameters = self.program.signatures[function].parameters
        method = self.program.functions[function].owner is not None
        own: set[object] = {*parameters[1:]} if method else {*parameters}
        first = self.program.call_base[self.program.file_of[function]]
        for step in self.program.steps[function]:
            match step:
                case ("func", slot, *_):
                    own.add(slot)
                case ("copy", target, source) if source in own:
                    own.add(target)
                case ("build", target, _, _, tuple(slots)) if not own.isdisjoint(slots):
                    own.add(target)
                case ("setitem", _, _, _, slot, _) if slot in own:
                    return True
                case ("call", int(number)):
                    call = self.program.calls[first + number]
                    if not own.isdisjoint(slot for _, slot in call.arguments):
                        own.add(call.result)
                        if self._stores(first + number):
                            return True
                case _:
                    pass
        return False

    def _stores(self, number: int) -> bool:
        """Whether a call puts its arguments into a container (or something that is called so)."""
        return (
            number not in self.solver.fan_out
            and self.program.calls[number].text.rpartition(".")[2] in _STORING
        )
