"""What is known of a tree before anything is planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autospan.model import Candidate, Facts, Finding, Graph, Observation, Problem, Survey, Tree


@dataclass(frozen=True, slots=True)
class Linked:
    """A tree with its call graph; `facts` are outlines."""

    tree: Tree
    facts: tuple[Facts, ...]
    graph: Graph

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of all stages, each once, sorted by place."""
        return tuple(sorted({*self.tree.problems, *self.graph.problems}))

    @property
    def best_first(self) -> Iterable[int]:
        """The functions (indices of the graph), the most interesting ones first."""
        return range(len(self.graph.functions))

    @property
    def lines(self) -> int:
        """Lines of Python that were read."""
        return sum(each.lines for each in self.facts)


@dataclass(frozen=True, slots=True)
class Surveyed(Linked):
    """A tree with what is recognized in it."""

    survey: Survey

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of all stages, each once, sorted by place."""
        found = {*self.tree.problems, *self.graph.problems, *self.survey.problems}
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Analysis(Surveyed):
    """Everything that is known of a tree before anything is planned; `observed` while it ran."""

    candidates: tuple[Candidate, ...]
    observed: tuple[Observation, ...] = ()

    @property
    def best_first(self) -> Iterable[int]:
        """The functions (indices of the graph) by their scores."""
        return (each.function for each in self.candidates)


@dataclass(frozen=True, slots=True)
class Audited:
    """What the rules find in a tree, and what that is held against: the functions (`Class.method`)
    by file, how many files there are, and the problems of all stages."""

    findings: tuple[Finding, ...]
    present: tuple[tuple[str, tuple[str, ...]], ...]
    files: int
    problems: tuple[Problem, ...]
