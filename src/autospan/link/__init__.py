"""`link`: the facts of all files to one `Graph`, by the flow of values between them."""

from __future__ import annotations

from collections.abc import Iterable

from autospan.link.externals import Externals, Models
from autospan.link.program import Program
from autospan.link.result import Result
from autospan.link.solve import Solver
from autospan.link.widen import widen
from autospan.model import Facts, Graph

__all__ = ["Models", "link"]


STEPS, STEPS_PER_CALL = 100_000, 40
"""What a program may take if nobody says otherwise. Those of which it was counted, from 10,000 to
100,000 calls (Django, salt, CKAN, buildbot …), take two to seven steps a call."""


def link(facts: Iterable[Facts], models: Models, budget: int = 0, *, ending: bool = False) -> Graph:
    """The call graph of a program: who calls whom and what leaves it.

    Edges are "exact" (one target), "inferred" (several, implicit, or named by the key of a registry
    that is called like where they stand) or "guessed" (by name alone).
    The result does not depend on the order of the facts. Nothing is kept of them but what the graph
    says: facts that come from an iterator are given up on the way. After `budget` steps (0: as many
    as a program of its size should take) the graph is what was found so far, with a problem that
    says so. Where the process is `ending`, its memory is not given back piece by piece: that takes
    a thirtieth of the time.
    """
    program = Program(sorted(facts, key=lambda each: each.path))
    solver = Solver(program, Externals(models))
    solver.flow.budget = budget or STEPS + STEPS_PER_CALL * len(program.calls)
    solver.solve()
    widen(solver)
    graph = Result(solver).graph()
    if not ending:
        solver.dissolve()
    return graph
