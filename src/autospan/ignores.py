"""Comments that accept what `check` would report: `# autospan: ignore[AS001: once a year]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from autospan.model import Facts, Graph, Ignore, Place

_RULED = re.compile(r"\s*(AS\d{3}(?:\s*,\s*AS\d{3})*)\s*(?::\s*(.*))?", re.IGNORECASE)


def find_ignores(graph: Graph, facts: Sequence[Facts]) -> Mapping[Ignore, int | None]:
    """The comments, each with the function (index) that it stands at: on the line of its `def`, of
    a decorator or directly above these; None for one that stands elsewhere."""
    comments = tuple(_comments(facts))
    if not comments:
        return {}
    heads = dict(_heads(graph))
    return {each: heads.get((each.place.file, each.place.line)) for each in comments}


def _comments(facts: Sequence[Facts]) -> Iterator[Ignore]:
    for each in facts:
        for line, text in each.ignores:
            ruled = _RULED.fullmatch(text)
            rules = tuple(re.split(r"\s*,\s*", ruled[1].upper())) if ruled else ()
            yield Ignore(Place(each.path, line), rules, (ruled[2] or "") if ruled else text)


def _heads(graph: Graph) -> Iterator[tuple[tuple[str, int], int]]:
    """Lines that head a function; the line above one counts where it heads no other."""
    written = [(n, each) for n, each in enumerate(graph.functions) if each.kind != "module"]
    for number, function in written:
        yield (function.place.file, function.first_line - 1), number
    for number, function in written:
        for line in range(function.first_line, function.place.line + 1):
            yield (function.place.file, line), number
