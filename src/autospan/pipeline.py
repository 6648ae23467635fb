"""The order of the stages; nothing else knows it.

paths ─discover→ Source ─read→ Facts ─link→ Graph ─recognize→ Survey ─rank→ Candidate
                                                              ─plan→ Plan ─rewrite→ Patch
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autospan.collector import collector_off
from autospan.config import Config
from autospan.model import (
    Candidate,
    Facts,
    Finding,
    Graph,
    Outlook,
    Patch,
    Plan,
    Problem,
    Selection,
    Source,
    Survey,
    Tree,
)

if TYPE_CHECKING:
    from autospan.knowledge import Knowledge, Pack
    from autospan.wire import Wiring

Progress = Callable[[str, int, int], None]
"""Told what is being done: the stage, how many files are done, and of how many (0: unknown)."""

Patches = tuple[tuple[Patch, ...], tuple[Problem, ...]]
"""What is to be written, and what could not be carried out."""


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
class Analysis(Linked):
    """Everything that is known of a tree before anything is planned."""

    survey: Survey
    candidates: tuple[Candidate, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of all stages, each once, sorted by place."""
        found = {*self.tree.problems, *self.graph.problems, *self.survey.problems}
        return tuple(sorted(found))

    @property
    def best_first(self) -> Iterable[int]:
        """The functions (indices of the graph) by their scores."""
        return (each.function for each in self.candidates)


def connect(root: Path, config: Config, progress: Progress | None = None) -> Linked:
    """Discover, read and link what is below a folder (or one file), and nothing after that: what
    was needed on the way is left to the end of the process."""
    with collector_off():
        knowledge = _knowledge(root, config)
        return _connect(root, config, knowledge, progress or _silent, ending=True)


def analyze(root: Path, config: Config, progress: Progress | None = None) -> Analysis:
    """Discover, read, link, recognize and rank what is below a folder (or one file)."""
    from autospan.declined import baseline_file, declined_functions
    from autospan.rank import rank
    from autospan.recognize import recognize

    tell = progress or _silent
    knowledge = _knowledge(root, config)
    with collector_off():
        linked = _connect(root, config, knowledge, tell)
        tree, graph = linked.tree, linked.graph
        tell("recognize", 0, 0)
        survey = recognize(graph, knowledge, tree, _traced_by(tree, config))
        no = declined_functions(baseline_file(root, config), Path(tree.root), graph.functions)
        survey = replace(survey, declined=no)
        tell("rank", 0, 0)
        return Analysis(tree, linked.facts, graph, survey, rank(graph, survey))


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody is told of."""


def _knowledge(root: Path, config: Config) -> Knowledge:
    from autospan.catalog import bootstraps
    from autospan.knowledge import load

    return load(_packs(config), bootstraps(root))


def _packs(config: Config) -> list[Path]:
    from autospan.catalog import packs

    return [*packs(), *(Path(each) for each in config.packs)]


def _connect(
    root: Path, config: Config, knowledge: Knowledge, tell: Progress, *, ending: bool = False
) -> Linked:
    from autospan.discover import discover
    from autospan.link import link

    tell("discover", 0, 0)
    tree = discover(root, config)
    outlines: list[Facts] = []

    def reading() -> Iterator[Facts]:
        """The facts of all files: whole to the linker, which gives them up; outlines remain."""
        for facts in _read_all(tree, tell):
            outlines.append(facts.outline())
            yield facts
        tell("link", 0, 0)

    graph = link(reading(), knowledge, config.link_budget * 1_000_000, ending=ending)
    return Linked(tree, tuple(outlines), graph)


def _read_all(tree: Tree, tell: Progress) -> Iterator[Facts]:
    """The facts of every source that the project wrote itself (autospan's helper is left out)."""
    from autospan.read import read

    total = len(tree.sources)
    for done, source in enumerate(tree.sources):
        if done % 50 == 0:
            tell("read", done, total)
        if not is_helper(source):
            yield read(source)


def _traced_by(tree: Tree, config: Config) -> dict[str, str]:
    """What opens a span besides what the packs know: the configured names, and our own helper."""
    helpers = {config.helper, *(each.module for each in tree.sources if is_helper(each))} - {""}
    ours = {f"{helper}.traced": "autospan" for helper in sorted(helpers)}
    return {**ours, **dict.fromkeys(config.traced_by, "in-house")}


def is_helper(source: Source) -> bool:
    """Whether a source is a tracing helper that autospan wrote."""
    from autospan.helper import MARK

    return source.data.startswith(MARK)


def make_plan(analysis: Analysis, config: Config, selection: Selection) -> Plan:
    """The plan for a selection of functions."""
    from autospan.plan import plan

    own = tuple(source for source in analysis.tree.sources if not is_helper(source))
    graph, survey, facts = analysis.graph, analysis.survey, analysis.facts
    return plan(analysis.candidates, graph, survey, own, facts, config, selection)


def make_findings(analysis: Analysis, config: Config, rules: frozenset[str]) -> tuple[Finding, ...]:
    """What these rules (ids) find, and no comment in the code accepts."""
    from autospan.review import review

    sources = analysis.tree.sources
    return review(analysis.graph, analysis.survey, analysis.facts, sources, config.secrets, rules)


def make_outlook(
    analysis: Analysis, plan: Plan, packages: Collection[str] | None = None
) -> Outlook:
    """The predicted trace of every entry point once the plan is carried out, and the coverage, with
    these auto-instrumentation packages (None: all that the code could use)."""
    from autospan.predict import planned, predict

    graph = analysis.graph
    return predict(graph, analysis.survey, planned(plan, graph), packages)


def make_wiring(analysis: Analysis) -> Wiring:
    """What `init` writes: the module that starts tracing, its calls, the requirement lines."""
    from autospan.wire import wire

    return wire(analysis.survey, analysis.tree)


def known_packs(config: Config) -> tuple[Pack, ...]:
    """The packs in use, the shipped ones first. Raises `PackError`."""
    from autospan.knowledge import read_packs

    return read_packs(_packs(config))


def try_fixture(path: Path, config: Config) -> tuple[Problem, ...]:
    """How an annotated fixture differs from what the packs find in it, at its own lines."""
    from autospan.marks import tried

    return tried(path, _knowledge(path.parent, config))


def make_patches(analysis: Analysis, plan: Plan) -> Patches:
    """The patches that carry a plan out, and what could not be carried out."""
    from autospan.rewrite import rewrite

    return rewrite(plan, {source.path: source for source in analysis.tree.sources})


def make_removal(root: Path, config: Config) -> tuple[Tree, tuple[Patch, ...], tuple[Problem, ...]]:
    """The patches that take out all that autospan wrote below a folder."""
    from autospan.discover import discover
    from autospan.rewrite import unwrite

    tree = discover(root, config)
    beside = {each.module.rpartition(".")[2] for each in tree.sources if is_helper(each)}
    helpers = sorted({config.helper, *beside} - {""})  # a script imports the helper beside it
    patches, problems = unwrite({source.path: source for source in tree.sources}, helpers)
    return tree, patches, (*tree.problems, *problems)
