"""Functions that look at the frames above them: a wrapper would be what they see there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from autospan.model import Argument, Function, Graph, Site, Source

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


_FRAMES = re.compile(rb"\.f_back\b|\b(?:inspect\.|extract_|walk_)stack\(|\b_source_traceback\b")
_INDEX = re.compile(rb"\[(-?)(\d{1,3})\]")
_LOOPS = re.compile(rb"\b(?:while|for)\b|\b_source_traceback\b")


def frame_readers(graph: Graph, sources: Iterable[Source]) -> Mapping[int, str]:
    """The functions (index) between a call that looks at frames and the frame it looks for, each
    with the reason in words; calls that are only guessed are not followed.

    Who walks up frame by frame looks for the first one that is another file's, mostly, or for its
    caller's caller: then who calls it, and all that lead there within its file, are in between.
    """
    texts = {
        source.path: source.data.splitlines() for source in sources if _FRAMES.search(source.data)
    }
    bodies = {
        number: body
        for number, function in enumerate(graph.functions)
        if (body := _body(function, texts))
    }
    callers: dict[int, set[int]] = {}
    for edge in graph.edges:
        if edge.confidence != "guessed":
            callers.setdefault(edge.callee, set()).add(edge.caller)
    found: dict[int, str] = {}
    for site in graph.sites:
        levels = max(_levels(site), _picked(site, bodies.get(site.caller, b"")))
        level = {site.caller} if levels else set()
        for _ in range(levels):
            for number in sorted(level):
                found.setdefault(number, _words(site, number))
            level = {caller for number in level for caller in callers.get(number, ())}
    for walker in (number for number, body in bodies.items() if _LOOPS.search(body)):
        found.setdefault(walker, "walks up the frames above it")
        words = f"leads to what walks up the frames ({graph.functions[walker].short})"
        for number in (*sorted(callers.get(walker, ())), *_within_file(graph, callers, walker)):
            found.setdefault(number, words)
    return found


def _body(function: Function, texts: Mapping[str, Sequence[bytes]]) -> bytes:
    """The text of a function that looks at frames, itself or in what it defines; of others b""."""
    if function.kind == "module" or function.place.file not in texts:
        return b""
    body = b"\n".join(texts[function.place.file][function.place.line - 1 : function.end_line])
    return body if _FRAMES.search(body) else b""


def _within_file(
    graph: Graph, callers: Mapping[int, Collection[int]], function: int
) -> Iterator[int]:
    """The functions of its file that call a function, directly or through others of the file."""
    file = graph.functions[function].place.file
    seen, pending = {function}, [function]
    while pending:
        for caller in sorted(callers.get(pending.pop(), ())):
            if caller not in seen and graph.functions[caller].place.file == file:
                seen.add(caller)
                pending.append(caller)
                yield caller


def _words(site: Site, number: int) -> str:
    if number == site.caller:
        return f"looks at its caller's frame ({site.name} in line {site.line})"
    return f"calls what looks at the frame above it ({site.name})"


def _levels(site: Site) -> int:
    """How many frames up from the function of the call it looks; 0: not at its callers."""
    if site.name in _LOOKS:
        return max(1, _constant(site.arguments, 0, 1))
    level = _constant(site.arguments, "stacklevel", 1)
    if site.name == "warnings.warn":
        level = max(level, _constant(site.arguments, 2, 1))
    return max(0, level - 1)


def _picked(site: Site, body: bytes) -> int:
    """How many frames up from the function of the call it picks from a stack: `stack()[-3]`."""
    if site.name not in ("inspect.stack", "traceback.extract_stack"):
        return 0
    picked = (int(index) - (sign == b"-") for sign, index in _INDEX.findall(body))
    return min(max(picked, default=0), 9)


def _constant(arguments: tuple[Argument, ...], key: int | str, default: int) -> int:
    for argument in arguments:
        if argument.key == key:
            numbers = [int(each.text) for each in argument.values if each.text.isdecimal()]
            return min(max(numbers, default=default), 9)
    return default
