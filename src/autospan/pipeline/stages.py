"""The stages up to the survey, one by one, on a tree that is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autospan.analysis import Linked, Surveyed
from autospan.config import Config
from autospan.helper import is_helper
from autospan.model import OURS, Facts, Graph, Survey, Tree
from autospan.remembered import Known, remembered
from autospan.resources import Resources, tree_key
from autospan.shelf import knowledge

if TYPE_CHECKING:
    from autospan.knowledge import Knowledge

Progress = Callable[[str, int, int], None]
"""Told what is being done: the stage, how many files are done, and of how many (0: unknown)."""


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody is told of."""


def discovered(root: Path, config: Config, tell: Progress) -> Tree:
    """What is below a folder (or one file)."""
    from autospan.discover import discover

    tell("discover", 0, 0)
    return discover(root, config)


def key_of(tree: Tree, root: Path, config: Config, resources: Resources) -> bytes:
    """What the cache knows a tree by; nothing where there is no cache."""
    from autospan.catalog import bootstraps

    return tree_key(tree, config, bootstraps(root)) if resources.cache else b""


def examined(
    tree: Tree, root: Path, config: Config, tell: Progress, resources: Resources, key: bytes
) -> Surveyed:
    """What there is to know of a tree: from the cache, if that has seen the very same one."""
    from autospan.reading import complete

    known = remembered(
        resources.cache,
        key,
        Known,
        lambda: _recognized(tree, root, config, tell, resources),
        worth=lambda made: complete(made.graph.problems),
    )
    return Surveyed(tree, known.facts, known.graph, declining(tree, root, config, known))


def declining(tree: Tree, root: Path, config: Config, known: Known) -> Survey:
    """The survey with the functions for which the baseline has a no."""
    from autospan.declined import baseline_file, declined_functions

    file = baseline_file(root, config)
    no = declined_functions(file, Path(tree.root), known.graph.functions)
    return replace(known.survey, declined=no)


def _recognized(
    tree: Tree, root: Path, config: Config, tell: Progress, resources: Resources
) -> Known:
    packs = knowledge(root, config)
    linked = connected(tree, config, packs, tell, resources)
    tell("recognize", 0, 0)
    return Known(linked.facts, linked.graph, surveyed(tree, linked.graph, config, packs))


def surveyed(tree: Tree, graph: Graph, config: Config, packs: Knowledge) -> Survey:
    """What the packs recognise in a graph."""
    from autospan.recognize import recognize

    return recognize(graph, packs, tree, _traced_by(tree, config))


def connected(
    tree: Tree,
    config: Config,
    packs: Knowledge,
    tell: Progress,
    resources: Resources,
    *,
    ending: bool = False,
) -> Linked:
    """A tree with its call graph."""
    from autospan.reading import read_all

    own = [source for source in tree.sources if not is_helper(source)]
    facts = read_all(own, resources, lambda done: tell("read", done, len(own)))
    return joined(tree, facts, config, packs, tell, ending=ending)


def joined(
    tree: Tree,
    facts: Iterable[Facts],
    config: Config,
    packs: Knowledge,
    tell: Progress,
    *,
    ending: bool = False,
) -> Linked:
    """A tree with the call graph of these facts, of which outlines remain."""
    from autospan.link import link

    outlines: list[Facts] = []

    def reading() -> Iterator[Facts]:
        """The facts of all files: whole to the linker, which gives them up."""
        for each in facts:
            outlines.append(each.outline())
            yield each
        tell("link", 0, 0)

    graph = link(reading(), packs, config.link_budget * 1_000_000, ending=ending)
    return Linked(tree, tuple(outlines), graph)


def _traced_by(tree: Tree, config: Config) -> dict[str, str]:
    """What opens a span besides what the packs know: the configured names, and our own helper, also
    as a script beside imports it."""
    own = [each.module for each in tree.sources if is_helper(each)]
    helpers = {config.helper, *own, *(name.rpartition(".")[2] for name in own)} - {""}
    ours = {f"{helper}.traced": OURS for helper in sorted(helpers)}
    return {**ours, **dict.fromkeys(config.traced_by, "in-house")}
