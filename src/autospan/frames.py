"""Functions that look at the frames above them: a wrapper would be what they see there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from autospan.model import Argument, Graph, Site, Source

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
"""Calls that give frames."""

_LEVELS: Mapping[str, tuple[int | str, int]] = {
    "sys._getframe": (0, 0),
    "sys._getframemodulename": (0, 0),
    "venusian.attach": ("depth", 0),
    "warnings.warn": (2, -1),
}
"""The argument that says how many levels up, and what to add; elsewhere it is `stacklevel`."""

_COMPUTED = 3
"""So many levels up, at least, looks what computes how many: `sys._getframe(depth + 2)`."""
_EXACT = re.compile(rb"\b_getframe(?:modulename)?\(\s*\d*\s*\)")
_KEYWORDS = {
    key: re.compile(rb"\b%b\s*=\s*(?!\d+\s*[,)])" % key.encode()) for key in ("stacklevel", "depth")
}
_LONG = 12
"""A call is looked through for so many lines."""

_RAISES = re.compile(rb"\braise\b[^\n#]*\.with_traceback\(")
_FRAMES = re.compile(rb"\.f_back\b|\b(?:inspect\.|extract_|walk_)stack\(|\b_source_traceback\b")
_INDEX = re.compile(rb"\[(-?)(\d{1,3})\]")
_LOOPS = re.compile(rb"\b(?:while|for)\b|\b_source_traceback\b")


def frame_readers(graph: Graph, sources: Collection[Source]) -> Mapping[int, str]:
    """The functions (index) between a call that looks at frames and the frame it looks for, each
    with the reason in words; calls that are only guessed are not followed.

    Who walks up frame by frame looks for the first one that is another file's, mostly, or for its
    caller's caller: then who calls it, and all that lead there within its file, are in between.
    """
    bodies = _bodies(graph, sources, _FRAMES, b"f_back", b"stack(", b"_source_traceback")
    callers: dict[int, set[int]] = {}
    for edge in graph.edges:
        if edge.confidence != "guessed":
            callers.setdefault(edge.callee, set()).add(edge.caller)
    found: dict[int, str] = {}
    levels = _Levels(graph, sources)
    for site in levels.sites():
        up = max(levels.of(site), _picked(site, bodies.get(site.caller, b"")))
        level = {site.caller} if up else set()
        for _ in range(up):
            for number in sorted(level):
                found.setdefault(number, _words(site, number))
            level = {caller for number in level for caller in callers.get(number, ())}
    for number in _bodies(graph, sources, _RAISES, b"with_traceback"):
        found.setdefault(number, "raises with the traceback that it is given")
    for walker in (number for number, body in bodies.items() if _LOOPS.search(body)):
        found.setdefault(walker, "walks up the frames above it")
        words = f"leads to what walks up the frames ({graph.functions[walker].short})"
        for number in (*sorted(callers.get(walker, ())), *_within_file(graph, callers, walker)):
            found.setdefault(number, words)
    return found


def _bodies(
    graph: Graph, sources: Iterable[Source], pattern: re.Pattern[bytes], *parts: bytes
) -> Mapping[int, bytes]:
    """The texts of the functions in which, or in what they define, a pattern is found; whatever it
    finds has one of the parts in it."""
    texts = {
        source.path: source.data.splitlines()
        for source in sources
        if any(part in source.data for part in parts)
    }
    found = {}
    for number, function in enumerate(graph.functions):
        if function.kind != "module" and function.place.file in texts:
            lines = texts[function.place.file][function.place.line - 1 : function.end_line]
            if pattern.search(body := b"\n".join(lines)):
                found[number] = body
    return found


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


class _Levels:
    """How many levels up calls look, which partly stands in their text."""

    def __init__(self, graph: Graph, sources: Iterable[Source]) -> None:
        self._graph = graph
        self._data = {
            source.path: source.data
            for source in sources
            if any(each in source.data for each in (b"stacklevel", b"_getframe", b"venusian"))
        }
        self._lines: dict[str, list[bytes]] = {}

    def sites(self) -> Iterator[Site]:
        """The calls that may look up, by their names or by words in their files."""
        functions = self._graph.functions
        near = {at for at, each in enumerate(functions) if each.place.file in self._data}
        for site in self._graph.sites:
            if site.caller in near or site.name in _LEVELS or site.name in _LOOKS:
                yield site

    def of(self, site: Site) -> int:
        """How many frames up from the function of the call it looks; 0: not at its callers."""
        path = self._graph.functions[site.caller].place.file
        if site.name in _LOOKS and site.name not in _LEVELS:
            return 1
        if path not in self._data and site.name not in _LEVELS:
            return 0
        key, more = _LEVELS.get(site.name, ("stacklevel", -1))
        level = max(_constant(site.arguments, each, 1) for each in (key, "stacklevel"))
        if self._computed(site, path):
            level = max(level, _COMPUTED)
        return max(int(site.name in _LOOKS), level + more)

    def _computed(self, site: Site, path: str) -> bool:
        """Whether the level is more than a number that stands in the call."""
        if site.name in _LOOKS and path not in self._data:
            return True  # under another name
        if path not in self._data:
            return False
        if path not in self._lines:
            self._lines[path] = self._data[path].splitlines()
        lines = self._lines[path]
        if site.name in _LOOKS:
            return not _EXACT.search(lines[site.line - 1])
        last = min(site.line + _LONG, self._graph.functions[site.caller].end_line)
        text = _call(b"\n".join(lines[site.line - 1 : last]), site.name)
        key = "depth" if _LEVELS.get(site.name, ("", 0))[0] == "depth" else "stacklevel"
        return _KEYWORDS[key].search(text) is not None


def _call(text: bytes, name: str) -> bytes:
    """The call of a name in a text that begins with its line: from its bracket to the closing one,
    all of it where the name, under which it need not be called, does not stand there."""
    last = re.escape(re.split(r"[?.]", name)[-1].encode())
    if (found := re.search(rb"\b%b\s*\(" % last, text)) is None:
        return text if name in _LEVELS else b""
    depth = 0
    for bracket in re.finditer(rb"[()]", text[found.end() - 1 :]):
        depth += 1 if bracket[0] == b"(" else -1
        if not depth:
            return text[found.end() - 1 : found.end() - 1 + bracket.end()]
    return text[found.start() :]


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
