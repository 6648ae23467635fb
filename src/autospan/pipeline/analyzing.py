"""From a folder to its `Analysis`: discover, read, link, recognize, rank."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autospan.analysis import Analysis, Linked, Surveyed
from autospan.collector import collector_off
from autospan.config import Config
from autospan.helper import is_helper
from autospan.model import OURS, Facts, Tree
from autospan.remembered import Known, Ranked, remembered
from autospan.resources import ALONE, Resources, rank_key, tree_key
from autospan.shelf import knowledge

if TYPE_CHECKING:
    from autospan.knowledge import Knowledge

Progress = Callable[[str, int, int], None]
"""Told what is being done: the stage, how many files are done, and of how many (0: unknown)."""


def connect(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Linked:
    """Discover, read and link what is below a folder (or one file), and nothing after that: what
    was needed on the way is left to the end of the process."""
    tell = progress or _silent
    with collector_off():
        tree = _discover(root, config, tell)
        return _connect(tree, config, knowledge(root, config), tell, resources, ending=True)


def examine(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Surveyed:
    """Discover, read, link and recognize what is below a folder (or one file)."""
    tell = progress or _silent
    with collector_off():
        tree = _discover(root, config, tell)
        return _examine(tree, root, config, tell, resources, _key(tree, root, config, resources))


def analyze(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Analysis:
    """Discover, read, link, recognize and rank what is below a folder (or one file)."""
    tell = progress or _silent
    with collector_off():
        tree = _discover(root, config, tell)
        key = _key(tree, root, config, resources)
        surveyed = _examine(tree, root, config, tell, resources, key)
        found = remembered(
            resources.cache,
            rank_key(key, config),
            Ranked,
            lambda: _rank(surveyed, config, tell),
            worth=lambda _: _complete(surveyed.facts),
        )
        return _observed(surveyed, config, found)


def ranked(surveyed: Surveyed, config: Config) -> Analysis:
    """What was examined, and then ranked."""
    with collector_off():
        return _observed(surveyed, config, _rank(surveyed, config, _silent))


def _key(tree: Tree, root: Path, config: Config, resources: Resources) -> bytes:
    """What the cache knows a tree by; nothing where there is no cache."""
    from autospan.catalog import bootstraps

    return tree_key(tree, config, bootstraps(root)) if resources.cache else b""


def _examine(
    tree: Tree, root: Path, config: Config, tell: Progress, resources: Resources, key: bytes
) -> Surveyed:
    """What there is to know of a tree: from the cache, if that has seen the very same one."""
    from autospan.declined import baseline_file, declined_functions

    known = remembered(
        resources.cache,
        key,
        Known,
        lambda: _recognize(tree, root, config, tell, resources),
        worth=lambda made: _complete(made.facts),
    )
    no = declined_functions(baseline_file(root, config), Path(tree.root), known.graph.functions)
    return Surveyed(tree, known.facts, known.graph, replace(known.survey, declined=no))


def _complete(facts: Sequence[Facts]) -> bool:
    from autospan.reading import complete

    return complete(facts)


def _recognize(
    tree: Tree, root: Path, config: Config, tell: Progress, resources: Resources
) -> Known:
    from autospan.recognize import recognize

    packs = knowledge(root, config)
    linked = _connect(tree, config, packs, tell, resources)
    tell("recognize", 0, 0)
    found = recognize(linked.graph, packs, tree, _traced_by(tree, config))
    return Known(linked.facts, linked.graph, found)


def _rank(surveyed: Surveyed, config: Config, tell: Progress) -> Ranked:
    from autospan.rank import rank

    tell("rank", 0, 0)
    return Ranked(rank(surveyed.graph, surveyed.survey, config.learns))


def _observed(surveyed: Surveyed, config: Config, found: Ranked) -> Analysis:
    """The analysis, with what recordings of the running program tell."""
    tree, facts, graph, survey = surveyed.tree, surveyed.facts, surveyed.graph, surveyed.survey
    if not config.evidence:
        return Analysis(tree, facts, graph, survey, found.candidates)
    from autospan.evidence import weigh

    recordings = [Path(each) for each in config.evidence]
    weighed, observed = weigh(found.candidates, graph, recordings)
    return Analysis(tree, facts, graph, survey, weighed, observed)


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody is told of."""


def _discover(root: Path, config: Config, tell: Progress) -> Tree:
    from autospan.discover import discover

    tell("discover", 0, 0)
    return discover(root, config)


def _connect(
    tree: Tree,
    config: Config,
    packs: Knowledge,
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

    graph = link(reading(), packs, config.link_budget * 1_000_000, ending=ending)
    return Linked(tree, tuple(outlines), graph)


def _traced_by(tree: Tree, config: Config) -> dict[str, str]:
    """What opens a span besides what the packs know: the configured names, and our own helper."""
    helpers = {config.helper, *(each.module for each in tree.sources if is_helper(each))} - {""}
    ours = {f"{helper}.traced": OURS for helper in sorted(helpers)}
    return {**ours, **dict.fromkeys(config.traced_by, "in-house")}
