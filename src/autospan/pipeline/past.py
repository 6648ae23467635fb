"""The last whole audit of a project, as far as a later one of a part of it asks for that."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from autospan.analysis import Audited, Surveyed
from autospan.cache import Cache
from autospan.config import Config
from autospan.model import Document, Finding, Problem, Source, Tree
from autospan.remembered import keep, recalled

Names = tuple[tuple[str, tuple[str, ...]], ...]
"""Names by file."""


class Past(NamedTuple):
    """What there was: the files (without their bytes), the problems of finding them, what the rules
    found, accepted by comments or not, and what was made of that. `inside`: the functions that run
    under a span; `elsewhere`: the files that show entry points of a file, itself left out."""

    sources: tuple[Source, ...]
    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    found: tuple[Finding, ...]
    inside: Names
    elsewhere: Names
    audited: Audited


def audited(examined: Surveyed, config: Config, rules: frozenset[str]) -> Past:
    """What these rules (ids) find in what was examined, and what is to be known of that later."""
    from autospan.review import review
    from autospan.rules.finding import checking, find

    tree, graph, survey = examined.tree, examined.graph, examined.survey
    checked = checking(graph, survey, tree.sources, config.secrets)
    found = find(checked, rules)
    places = ((each.place.file, each.name.partition(":")[2]) for each in graph.functions)
    whole = Audited(
        review(found, checked, examined.facts, tree.sources, rules),
        _by_file(places),
        len(examined.facts),
        examined.problems,
    )
    inside = [graph.functions[number] for number in sorted(checked.inside)]
    shown = (
        (graph.functions[each.function].place.file, each.place.file) for each in survey.entries
    )
    return Past(
        tuple(replace(each, data=b"") for each in tree.sources),
        tree.documents,
        tree.problems,
        found,
        _by_file((each.place.file, each.name) for each in inside),
        _by_file((file, by) for file, by in shown if by != file),
        whole,
    )


def keep_past(cache: Cache, key: bytes, past: Past, tree: Tree) -> None:
    """Keep it under the key of a project, with the bytes of its files: changes start from them."""
    contents = {_content(each): each.data for each in tree.sources}
    new = contents.keys() - cache.known(contents)
    cache.store({each: zlib.compress(contents[each], 1) for each in new})
    keep(cache, key, Past, past)


def recall_past(cache: Cache, key: bytes) -> Past | None:
    """What was kept of a project."""
    return recalled(cache, key, Past)


def with_bytes(cache: Cache, sources: Iterable[Source]) -> tuple[Source, ...] | None:
    """Files of the past with their bytes; None if these are not there any more."""
    wanted = {_content(each): each for each in sources}
    found = cache.load(wanted)
    if len(found) < len(wanted):
        return None
    return tuple(replace(wanted[key], data=zlib.decompress(found[key])) for key in wanted)


def _content(source: Source) -> bytes:
    return sha256(b"bytes" + source.digest.encode()).digest()


def _by_file(pairs: Iterable[tuple[str, str]]) -> Names:
    """Names by file, each once."""
    found: dict[str, dict[str, None]] = {}
    for file, name in pairs:
        found.setdefault(file, {})[name] = None
    return tuple((file, tuple(names)) for file, names in found.items())
