"""From a folder to what the rules of `check` find in it, without what it takes to find that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autospan.analysis import Audited
from autospan.collector import collector_off
from autospan.config import Config
from autospan.pipeline.change import Asked
from autospan.pipeline.partial import audit_part
from autospan.pipeline.past import audited, keep_past, recall_past
from autospan.pipeline.stages import Progress, discovered, examined, key_of, silent
from autospan.remembered import keep, recalled
from autospan.resources import ALONE, Resources, audit_key, project_key


def audit(
    root: Path,
    config: Config,
    rules: frozenset[str],
    progress: Progress | None = None,
    resources: Resources = ALONE,
    near: Callable[[str], bool] | None = None,
) -> Audited:
    """What these rules (ids) find below a folder; where that is known, nothing else is loaded.

    With `near`, a test on paths, what has changed since the last whole audit is only looked at from
    the files that it names and those around them: what is found in them is then what the whole
    would show unless something far from them has a say in it, and what is found in others is what
    was found there then.
    """
    from autospan.declined import baseline_file, declined_in
    from autospan.reading import complete

    tell = progress or silent
    with collector_off():
        tree = discovered(root, config, tell)
        key = key_of(tree, root, config, resources)
        no = declined_in(baseline_file(root, config))
        name = audit_key(key, config, rules, no)
        project = project_key(tree, config, rules, no)
        cache = resources.cache
        if cache and (known := recalled(cache, name, Audited)):
            return known
        if cache and near and (past := recall_past(cache, project)):
            part = audit_part(Asked(tree, root, config, rules, near), past, resources)
            if part:
                return part
        found = audited(examined(tree, root, config, tell, resources, key), config, rules)
        if cache and complete(found.audited.problems):
            keep(cache, name, Audited, found.audited)
            keep_past(cache, project, found, tree)
        return found.audited
