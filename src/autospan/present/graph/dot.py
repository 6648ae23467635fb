"""The call graph, or a part of it, for Graphviz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from autospan.neighbourhood import LEVELS
from autospan.present.graph import name_of

if TYPE_CHECKING:
    from autospan.model import Entry
    from autospan.neighbourhood import Part

_STYLES = {"exact": "", "inferred": ' [style="dashed"]', "guessed": ' [style="dotted"]'}


def present(part: Part, entries: Iterable[Entry] = ()) -> bytes:
    """The project's own functions, a cluster a module; exact calls as solid lines, inferred ones
    dashed, guessed ones dotted. Entry points are filled, the functions asked for have two borders.
    """
    named: dict[int, list[str]] = {}
    for entry in entries:
        named.setdefault(entry.function, []).append(f"{entry.kind} {entry.name}".strip())
    drawn = {number for edge in part.edges for number in edge[:2]} | set(part.starts)
    lines = [
        "digraph calls {",
        '  rankdir="LR"; compound=true;',
        '  node [shape="box", fontname="sans-serif"]; graph [fontname="sans-serif"];',
        *_clusters(part, sorted(drawn), named),
        *_calls(part),
        "}",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _clusters(part: Part, numbers: list[int], named: Mapping[int, list[str]]) -> Iterator[str]:
    functions = part.graph.functions
    numbers.sort(key=lambda number: (functions[number].module, number))
    for module, inside in groupby(numbers, key=lambda number: functions[number].module):
        yield f"  subgraph {_quoted('cluster_' + module)} {{"
        yield f'    label={_quoted(module)}; style="rounded"; color="gray60";'
        for number in inside:
            function = functions[number]
            label = [function.name.partition(":")[2] or module, *named.get(number, ())]
            look = ', style="filled", fillcolor="gold"' if number in named else ""
            look += ", peripheries=2" if number in part.starts else ""
            yield f"    {_quoted(name_of(function))} [label={_quoted(*label)}{look}];"
        yield "  }"


def _calls(part: Part) -> Iterator[str]:
    """Every pair of functions once, as it is known best."""
    functions = part.graph.functions
    best = {
        (name_of(functions[edge.caller]), name_of(functions[edge.callee])): edge.confidence
        for edge in sorted(part.edges, key=lambda edge: -LEVELS.index(edge.confidence))
    }
    for (caller, callee), confidence in sorted(best.items()):
        yield f"  {_quoted(caller)} -> {_quoted(callee)}{_STYLES[confidence]};"


def _quoted(*lines: str) -> str:
    """A DOT string of one or more lines."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(" ".join(line.split()) for line in escaped) + '"'
