"""From a folder to its `Analysis`: discover, read, link, recognize, rank."""

from __future__ import annotations

from pathlib import Path

from autospan.analysis import Analysis, Linked, Surveyed
from autospan.collector import collector_off
from autospan.config import Config
from autospan.pipeline.stages import Progress, connected, discovered, examined, key_of, silent
from autospan.remembered import Ranked, remembered
from autospan.resources import ALONE, Resources, rank_key
from autospan.shelf import knowledge


def connect(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Linked:
    """Discover, read and link what is below a folder (or one file), and nothing after that: what
    was needed on the way is left to the end of the process."""
    tell = progress or silent
    with collector_off():
        tree = discovered(root, config, tell)
        return connected(tree, config, knowledge(root, config), tell, resources, ending=True)


def examine(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Surveyed:
    """Discover, read, link and recognize what is below a folder (or one file)."""
    tell = progress or silent
    with collector_off():
        tree = discovered(root, config, tell)
        return examined(tree, root, config, tell, resources, key_of(tree, root, config, resources))


def analyze(
    root: Path, config: Config, progress: Progress | None = None, resources: Resources = ALONE
) -> Analysis:
    """Discover, read, link, recognize and rank what is below a folder (or one file)."""
    from autospan.reading import complete

    tell = progress or silent
    with collector_off():
        tree = discovered(root, config, tell)
        key = key_of(tree, root, config, resources)
        surveyed = examined(tree, root, config, tell, resources, key)
        found = remembered(
            resources.cache,
            rank_key(key, config),
            Ranked,
            lambda: _rank(surveyed, config, tell),
            worth=lambda _: complete(surveyed.graph.problems),
        )
        return _observed(surveyed, config, found)


def ranked(surveyed: Surveyed, config: Config) -> Analysis:
    """What was examined, and then ranked."""
    with collector_off():
        return _observed(surveyed, config, _rank(surveyed, config, silent))


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
