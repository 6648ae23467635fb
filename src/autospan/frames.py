"""Functions that look at the frames above them: a wrapper would be what they see there."""

from __future__ import annotations

from collections.abc import Mapping

from autospan.model import Argument, Graph, Site

_LOOKS = frozenset(
    (
        "inspect.currentframe",
        "inspect.stack",
        "sys._getframe",
        "sys._getframemodulename",
        "traceback.extract_stack",
        "traceback.walk_stack",
    )
)
"""Calls that give frames; a constant first argument says how many levels up."""


def frame_readers(graph: Graph) -> Mapping[int, str]:
    """The functions (index) between a call that looks at frames and the frame it looks for, each
    with the reason in words; calls that are only guessed are not followed."""
    callers: dict[int, set[int]] = {}
    for edge in graph.edges:
        if edge.confidence != "guessed":
            callers.setdefault(edge.callee, set()).add(edge.caller)
    found: dict[int, str] = {}
    for site in graph.sites:
        level = {site.caller} if (levels := _levels(site)) else set()
        for _ in range(levels):
            for number in sorted(level):
                found.setdefault(number, _words(site, number))
            level = {caller for number in level for caller in callers.get(number, ())}
    return found


def _words(site: Site, number: int) -> str:
    if number == site.caller:
        return f"looks at its caller's frame ({site.name} in line {site.line})"
    return f"calls what looks at the frame above it ({site.name})"


def _levels(site: Site) -> int:
    """How many frames up from the function of the call it looks; 0: not at its callers."""
    if site.name in _LOOKS:
        return max(1, _constant(site.arguments, 0, 1))
    return max(0, _constant(site.arguments, "stacklevel", 1) - 1)


def _constant(arguments: tuple[Argument, ...], key: int | str, default: int) -> int:
    for argument in arguments:
        if argument.key == key:
            numbers = [int(each.text) for each in argument.values if each.text.isdecimal()]
            return min(max(numbers, default=default), 9)
    return default
