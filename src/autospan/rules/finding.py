"""What all rules find in a program."""

from __future__ import annotations

from collections.abc import Sequence

from autospan.forms import choose_forms
from autospan.model import Finding, Graph, Source, Survey
from autospan.refusals import not_offered
from autospan.rules import known
from autospan.rules.checked import Checked


def checking(
    graph: Graph,
    survey: Survey,
    sources: Sequence[Source],
    secrets: tuple[str, ...],
    known_inside: frozenset[int] = frozenset(),
) -> Checked:
    """A program as the rules see it; `secrets` are the names that the project withholds itself, and
    the functions (indices) of `known_inside` are known to run under a span."""
    refuse = not_offered(graph, survey, (), choose_forms(graph, sources))
    return Checked(graph, survey, refuse, secrets, known_inside)


def find(checked: Checked, rules: frozenset[str]) -> tuple[Finding, ...]:
    """The findings of these rules (ids), also those that comments accept."""
    finders = [each.module for each in known() if each.code in rules]
    return tuple(one for each in finders if hasattr(each, "find") for one in each.find(checked))
