"""From a folder to what the rules of `check` find in it, without what it takes to find that."""

from __future__ import annotations

from pathlib import Path

from autospan.analysis import Audited, Surveyed
from autospan.collector import collector_off
from autospan.config import Config
from autospan.pipeline.making import make_findings
from autospan.pipeline.stages import Progress, discovered, examined, key_of, silent
from autospan.remembered import remembered
from autospan.resources import ALONE, Resources, audit_key


def audit(
    root: Path,
    config: Config,
    rules: frozenset[str],
    progress: Progress | None = None,
    resources: Resources = ALONE,
) -> Audited:
    """What these rules (ids) find below a folder; where that is known, nothing else is loaded."""
    from autospan.declined import baseline_file, declined_in
    from autospan.reading import complete

    tell = progress or silent
    with collector_off():
        tree = discovered(root, config, tell)
        key = key_of(tree, root, config, resources)
        no = declined_in(baseline_file(root, config))

        def make() -> Audited:
            return audited(examined(tree, root, config, tell, resources, key), config, rules)

        return remembered(
            resources.cache,
            audit_key(key, config, rules, no),
            Audited,
            make,
            worth=lambda made: complete(made.problems),
        )


def audited(found: Surveyed, config: Config, rules: frozenset[str]) -> Audited:
    """What these rules (ids) find in what was examined."""
    present: dict[str, list[str]] = {}
    for each in found.graph.functions:
        present.setdefault(each.place.file, []).append(each.name.partition(":")[2])
    return Audited(
        make_findings(found, config, rules),
        tuple((file, tuple(names)) for file, names in present.items()),
        len(found.facts),
        found.problems,
    )
