"""Spans that recordings show to cost more than they tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autospan.model import Edit, Graph, Observation, Patch, Place, Problem, Survey


def hot_spans(graph: Graph, survey: Survey, observed: Iterable[Observation]) -> tuple[Edit, ...]:
    """The spans, whoever wrote them, of functions that are called often and are over at once."""
    places = {each.function: each.place for each in survey.traced}
    found = []
    for each in observed:
        if each.tiny and (place := places.get(each.function)):
            function = graph.functions[each.function]
            path = function.place.file
            found.append(Edit(path, function.name, function.ordinal, place.line, "", ""))
    return tuple(found)


def not_ours(edits: Iterable[Edit], patches: Iterable[Patch]) -> Iterator[Problem]:
    """Which of the spans that were to be taken out have to be by hand."""
    done = {edit for patch in patches for edit in patch.edits}
    for edit in edits:
        if edit not in done:
            name = edit.function.replace(":", ".")
            message = f"the span of {name} is hot and tiny, and not written by autospan"
            yield Problem(Place(edit.path, edit.line), message, "delete it by hand")
