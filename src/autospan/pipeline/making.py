"""From an `Analysis` to what is shown and written: plans, findings, predictions, patches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from autospan.analysis import Analysis, Surveyed
from autospan.config import Config
from autospan.helper import giving_modules, is_helper
from autospan.model import Outlook, Patch, Plan, Problem, Selection, Tree
from autospan.pipeline.stages import Progress, silent

if TYPE_CHECKING:
    from autospan.wire import Wiring

Patches = tuple[tuple[Patch, ...], tuple[Problem, ...]]
"""What is to be written, and what could not be carried out."""


def make_plan(analysis: Analysis, config: Config, selection: Selection) -> Plan:
    """The plan for a selection of functions."""
    (made,) = make_plans(analysis, config, selection)
    return made


def make_plans(analysis: Analysis, config: Config, *selections: Selection) -> tuple[Plan, ...]:
    """The plans for several selections, which costs little more than the longest of them."""
    from autospan.layout import read_layouts
    from autospan.plan import planner

    tree, graph, survey, facts = analysis.tree, analysis.graph, analysis.survey, analysis.facts
    own = [source for source in tree.sources if not is_helper(source)]
    plans = map(planner(analysis.candidates, graph, survey, own, facts, config), selections)
    return tuple(
        replace(made, layouts=read_layouts(tree.root, (edit.path for edit in made.edits)))
        for made in plans
    )


def make_outlook(
    analysis: Analysis, plan: Plan, packages: Collection[str] | None = None
) -> Outlook:
    """The predicted trace of every entry point once the plan is carried out, and the coverage, with
    these auto-instrumentation packages (None: all that the code could use)."""
    from autospan.predict import planned, predict

    return predict(analysis.graph, analysis.survey, planned(plan, analysis.graph), packages)


def make_wiring(found: Surveyed) -> Wiring:
    """What `init` writes: the module that starts tracing, its calls, the requirement lines."""
    from autospan.wire import wire

    return wire(found.survey, found.tree)


def make_patches(analysis: Analysis, plan: Plan, progress: Progress | None = None) -> Patches:
    """The patches that carry a plan out, and what could not be carried out."""
    from autospan.rewrite import rewrite

    sources = {source.path: source for source in analysis.tree.sources}
    return rewrite(plan, sources, partial(progress or silent, "rewrite"))


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
