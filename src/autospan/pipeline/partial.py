"""What the rules find in a few files, from the last whole audit and the files around them.

What these files show by themselves, before what has changed since and after, corrects what was
found in the whole (`autospan.correction`), which is not linked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from autospan.analysis import Audited
from autospan.correction import corrected
from autospan.helper import is_helper
from autospan.model import Facts, Finding, Function, Place, Problem, Tree
from autospan.pipeline.change import Asked, Change, around, change_since
from autospan.pipeline.past import Past
from autospan.pipeline.stages import declining, joined, silent, surveyed
from autospan.remembered import Known
from autospan.resources import Resources
from autospan.shelf import knowledge

if TYPE_CHECKING:
    from autospan.knowledge import Knowledge
    from autospan.rules.checked import Checked


class _Part(NamedTuple):
    """What some files show by themselves."""

    tree: Tree
    checked: Checked
    found: tuple[Finding, ...]


def audit_part(asked: Asked, past: Past, resources: Resources) -> Audited | None:
    """What is asked for; None where that has to be seen in the whole (`change_since`)."""
    change = change_since(past, asked, resources)
    if change is None:
        return None
    then, now = around(change, past, asked, resources)
    packs = knowledge(asked.root, asked.config)
    sources = tuple(change.old.get(each.path, each) for each in asked.tree.sources)
    earlier = replace(asked.tree, sources=sources, documents=past.documents)
    before = _part(replace(asked, tree=earlier), then, packs, past)
    after = _part(asked, now, packs, past)
    facts = [each for path, each in now.items() if asked.wanted(path)]
    return Audited(
        tuple(sorted(_findings(asked, past, before, after, facts))),
        tuple(_present(past, change)),
        sum(not is_helper(each) for each in asked.tree.sources),
        tuple(sorted(_problems(asked, past, change))),
    )


def _part(asked: Asked, facts: Mapping[str, Facts], packs: Knowledge, past: Past) -> _Part:
    from autospan.rules.finding import checking, find

    sources = tuple(each for each in asked.tree.sources if each.path in facts or is_helper(each))
    tree = replace(asked.tree, sources=sources, problems=())
    linked = joined(tree, facts.values(), asked.config, packs, silent)
    known = Known(linked.facts, linked.graph, surveyed(tree, linked.graph, asked.config, packs))
    survey = declining(tree, asked.root, asked.config, known)
    inside = {(file, name) for file, names in past.inside for name in names if file in facts}
    functions = enumerate(linked.graph.functions)
    seen = frozenset(n for n, each in functions if (each.place.file, each.name) in inside)
    checked = checking(linked.graph, survey, sources, asked.config.secrets, seen)
    return _Part(tree, checked, find(checked, asked.rules))


def _findings(
    asked: Asked, past: Past, before: _Part, after: _Part, facts: list[Facts]
) -> Iterable[Finding]:
    """What is found: in the wanted files now, in the others what was found there."""
    from autospan.review import review

    def wanted(findings: Iterable[Finding]) -> list[Finding]:
        return [each for each in findings if asked.wanted(each.place.file)]

    again = _asked_again(before.checked, after.checked)
    found = corrected(wanted(past.found), wanted(before.found), wanted(after.found), again)
    yield from review(found, after.checked, facts, after.tree.sources, asked.rules)
    there = {each.path for each in asked.tree.sources}
    others = (each for each in past.audited.findings if not asked.wanted(each.place.file))
    yield from (each for each in others if each.place.file in there)


def _asked_again(before: Checked, after: Checked) -> Callable[[Finding], Finding | None]:
    """Where a finding is now that only the whole shows: at the same distance from the `def` of its
    function. It is no more if the function is gone or, of an untraced one, can carry no span."""
    heads = {_address(each): each for each in before.graph.functions}
    now = {_address(each): number for number, each in enumerate(after.graph.functions)}

    def again(finding: Finding) -> Finding | None:
        address = (finding.place.file, finding.function)
        if address not in now or address not in heads:
            return None
        function = after.graph.functions[now[address]]
        if finding.rule == "AS001" and after.refuse(now[address], function):
            return None
        line = finding.place.line - heads[address].place.line + function.place.line
        return finding._replace(place=Place(finding.place.file, line))

    return again


def _address(function: Function) -> tuple[str, str]:
    return function.place.file, function.name


def _present(past: Past, change: Change) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The functions by file."""
    yield from (each for each in past.audited.present if each[0] not in change.files)
    for path, facts in change.after.items():
        if facts.functions:
            yield path, tuple(each.name.partition(":")[2] for each in facts.functions)


def _problems(asked: Asked, past: Past, change: Change) -> set[Problem]:
    """The problems of the past but for those of what has changed, and what there is of these."""
    kept = set(past.audited.problems) - set(past.problems)
    kept -= {each for each in kept if each.place.file in change.files}
    new = {each for facts in change.after.values() for each in facts.problems}
    return kept | new | set(asked.tree.problems)
