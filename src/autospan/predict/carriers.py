"""The functions that carry spans."""

from __future__ import annotations

from collections.abc import Mapping

from autospan.model import Graph, Span, Survey


def carriers_of(graph: Graph, survey: Survey, planned: Mapping[int, str]) -> dict[int, Span]:
    """The functions with a span of their own, as spans that nothing is known beneath of."""
    functions = graph.functions
    new = {
        number: Span(name, "planned", "", number, functions[number].place)
        for number, name in planned.items()
    }
    old = {
        each.function: Span(
            functions[each.function].qualified, "existing", each.api, each.function, each.place
        )
        for each in reversed(survey.traced)
    }
    return {**new, **old}
