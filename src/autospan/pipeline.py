"""The order of the stages; nothing else knows it.

paths ─discover→ Source ─read→ Facts ─link→ Graph ─recognize→ Survey ─rank→ Candidate
                                                              ─plan→ Plan ─rewrite→ Patch
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autospan.analysis import Analysis, Linked
from autospan.collector import collector_off
from autospan.config import Config
from autospan.helper import giving_modules, is_helper
from autospan.model import (
    OURS,
    Facts,
    Finding,
    Outlook,
    Patch,
    Plan,
    Problem,
    Selection,
    Tree,
)
from autospan.remembered import Known, keep, recall
from autospan.resources import ALONE, Resources, tree_key

if TYPE_CHECKING:
    from autospan.knowledge import Knowledge, Pack
    from autospan.wire import Wiring

__all__ = [
    "Analysis",
    "Linked",
    "Progress",
    "analyze",
    "connect",
    "known_packs",
    "make_cooling",
    "make_findings",
    "make_outlook",
    "make_patches",
    "make_plan",
    "make_removal",
    "make_wiring",
    "try_fixture",
]

Progress = Callable[[str, int, int], None]
"""Told what is being done: the stage, how many files are done, and of how many (0: unknown)."""

Patches = tuple[tuple[Patch, ...], tuple[Problem, ...]]
"""What is to be written, and what could not be carried out."""


def connect(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Linked:
    """Discover, read and link what is below a folder (or one file), and nothing after that: what
    was needed on the way is left to the end of the process."""
    tell = progress or (lambda *_: None)
    with collector_off():
        tree = _discover(root, config, tell)
        return _connect(tree, config, _knowledge(root, config), tell, resources, ending=True)


def analyze(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Analysis:
    """Discover, read, link, recognize and rank what is below a folder (or one file)."""
    from autospan.declined import baseline_file, declined_functions

    tell = progress or (lambda *_: None)
    with collector_off():
        tree = _discover(root, config, tell)
        facts, graph, survey, candidates = _known(tree, root, config, tell, resources)
        no = declined_functions(baseline_file(root, config), Path(tree.root), graph.functions)
        survey = replace(survey, declined=no)
        if not config.evidence:
            return Analysis(tree, facts, graph, survey, candidates)
        from autospan.evidence import weigh

        weighed, observed = weigh(candidates, graph, [Path(each) for each in config.evidence])
        return Analysis(tree, facts, graph, survey, weighed, observed)


def _known(tree: Tree, root: Path, config: Config, tell: Progress, resources: Resources) -> Known:
    """What there is to know of a tree: from the cache, if that has seen the very same one."""
    from autospan.catalog import bootstraps

    if resources.cache is None:
        return _analyze(tree, root, config, tell, resources)
    key = tree_key(tree, config, bootstraps(root))
    if (known := recall(resources.cache, key)) is None:
        from autospan.reading import complete

        known = _analyze(tree, root, config, tell, resources)
        if complete(known.facts):
            keep(resources.cache, key, known)
    return known


def _analyze(tree: Tree, root: Path, config: Config, tell: Progress, resources: Resources) -> Known:
    from autospan.rank import rank
    from autospan.recognize import recognize

    knowledge = _knowledge(root, config)
    linked = _connect(tree, config, knowledge, tell, resources)
    tell("recognize", 0, 0)
    survey = recognize(linked.graph, knowledge, tree, _traced_by(tree, config))
    tell("rank", 0, 0)
    return Known(linked.facts, linked.graph, survey, rank(linked.graph, survey, config.learns))


def _knowledge(root: Path, config: Config) -> Knowledge:
    from autospan.catalog import bootstraps
    from autospan.knowledge import load

    return load(_packs(config), bootstraps(root))


def _packs(config: Config) -> list[Path]:
    from autospan.catalog import packs

    return [*packs(), *(Path(each) for each in config.packs)]


def _discover(root: Path, config: Config, tell: Progress) -> Tree:
    from autospan.discover import discover

    tell("discover", 0, 0)
    return discover(root, config)


def _connect(
    tree: Tree,
    config: Config,
    knowledge: Knowledge,
    tell: Progress,
    resources: Resources,
    *,
    ending: bool = False,
) -> Linked:
    from autospan.link import link
    from autospan.reading import read_all

    own = [source for source in tree.sources if not is_helper(source)]
    outlines: list[Facts] = []

    def reading() -> Iterator[Facts]:
        """The facts of all files: whole to the linker, which gives them up; outlines remain."""
        for facts in read_all(own, resources, lambda done: tell("read", done, len(own))):
            outlines.append(facts.outline())
            yield facts
        tell("link", 0, 0)

    graph = link(reading(), knowledge, config.link_budget * 1_000_000, ending=ending)
    return Linked(tree, tuple(outlines), graph)


def _traced_by(tree: Tree, config: Config) -> dict[str, str]:
    """What opens a span besides what the packs know: the configured names, and our own helper."""
    helpers = {config.helper, *(each.module for each in tree.sources if is_helper(each))} - {""}
    ours = {f"{helper}.traced": OURS for helper in sorted(helpers)}
    return {**ours, **dict.fromkeys(config.traced_by, "in-house")}


def make_plan(analysis: Analysis, config: Config, selection: Selection) -> Plan:
    """The plan for a selection of functions."""
    from autospan.layout import read_layouts
    from autospan.plan import plan

    tree, graph, survey, facts = analysis.tree, analysis.graph, analysis.survey, analysis.facts
    own = [source for source in tree.sources if not is_helper(source)]
    made = plan(analysis.candidates, graph, survey, own, facts, config, selection)
    return replace(made, layouts=read_layouts(tree.root, (edit.path for edit in made.edits)))


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

    return predict(analysis.graph, analysis.survey, planned(plan, analysis.graph), packages)


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


def make_cooling(analysis: Analysis, config: Config) -> Patches:
    """The patches that take out autospan's spans that are hot and tiny; others are problems."""
    from autospan.evidence import hot_spans, not_ours
    from autospan.rewrite import unwrite

    edits = hot_spans(analysis.graph, analysis.survey, analysis.observed)
    sources = {source.path: source for source in analysis.tree.sources}
    patches, problems = unwrite(sources, giving_modules(analysis.tree, config), edits)
    return patches, (*problems, *not_ours(edits, patches))


def make_removal(root: Path, config: Config) -> tuple[Tree, tuple[Patch, ...], tuple[Problem, ...]]:
    """The patches that take out all that autospan wrote below a folder."""
    from autospan.discover import discover
    from autospan.rewrite import unwrite

    tree = discover(root, config)
    sources = {source.path: source for source in tree.sources}
    patches, problems = unwrite(sources, giving_modules(tree, config))
    return tree, patches, (*tree.problems, *problems)
