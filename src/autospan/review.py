"""`review`: what the rules have found in a program, held against the comments in its code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from autospan.ignores import find_ignores
from autospan.model import Facts, Finding, Graph, Ignore, Source
from autospan.rules import known
from autospan.rules.as006_unused_ignore import unused
from autospan.rules.checked import Checked


def review(
    found: Sequence[Finding],
    checked: Checked,
    facts: Sequence[Facts],
    sources: Sequence[Source],
    rules: frozenset[str],
) -> tuple[Finding, ...]:
    """The findings without those that the comments in these files accept, and with the comments
    that accept nothing (AS006), sorted by place; columns are those where the lines begin, from 1.
    """
    graph = checked.graph
    ignores = find_ignores(graph, facts)
    kept = [each for each in found if not _ignored(each, ignores, graph)]
    if "AS006" in rules:
        left = [*_unused(ignores, found, checked, rules)]
        kept += (each for each in unused(left) if not _ignored(each, ignores, graph))
    return tuple(sorted(set(_placed(kept, sources))))


def _ignored(finding: Finding, ignores: Mapping[Ignore, int | None], graph: Graph) -> bool:
    own = finding.rule == "AS006"
    return any(
        _meant(each, function, finding, graph) and (not own or "AS006" in each.rules)
        for each, function in ignores.items()
    )


def _meant(ignore: Ignore, function: int | None, finding: Finding, graph: Graph) -> bool:
    """Whether a comment is about a finding: in its line, or in the function that it heads."""
    if ignore.place.file != finding.place.file or not ignore.covers(finding.rule):
        return False
    if ignore.place.line == finding.place.line:
        return True
    if function is None:
        return False
    head = graph.functions[function]
    return head.first_line <= finding.place.line <= head.end_line


def _unused(
    ignores: Mapping[Ignore, int | None],
    found: Sequence[Finding],
    checked: Checked,
    rules: frozenset[str],
) -> Iterator[tuple[Ignore, str]]:
    """The comments, or those of their rules, that are about nothing; rules that did not run may be
    what they are about."""
    functions = checked.graph.functions
    everything = all(each.code in rules for each in known() if hasattr(each.module, "find"))
    for each, function in ignores.items():
        hits = {one.rule for one in found if _meant(each, function, one, checked.graph)}
        idle = tuple(rule for rule in each.rules if rule in rules - hits - {"AS005", "AS006"})
        keeps_out = function is not None and checked.refuse(function, functions[function]) is None
        if idle or not (each.rules or hits or keeps_out or not everything):
            where = functions[function].name if function is not None else ""
            yield each._replace(rules=idle), where


def _placed(findings: Iterable[Finding], sources: Iterable[Source]) -> Iterator[Finding]:
    lines: dict[str, list[bytes]] = {}
    data = {each.path: each.data for each in sources}
    for each in findings:
        file, line, _ = each.place
        if file not in lines:
            lines[file] = data.get(file, b"").splitlines()
        text = lines[file][line - 1] if 0 < line <= len(lines[file]) else b""
        column = len(text) - len(text.lstrip()) + 1
        yield each._replace(place=each.place._replace(column=column))
