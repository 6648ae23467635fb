"""The source of a function, with its I/O marked, and the diff that gives it a span."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from autospan.present.html.changes import alone, written

if TYPE_CHECKING:
    from autospan.model import Edit, Function
    from autospan.present.html.view import View

_LINES, _WIDTH = 60, 200


class Excerpts:
    """Sources and patches of a view, by function."""

    def __init__(self, view: View) -> None:
        self._sources = {each.path: each for each in view.analysis.tree.sources}
        self._patches = {each.path: each for each in view.patches}
        self._functions: defaultdict[str, dict[tuple[str, int], Function]] = defaultdict(dict)
        for function in view.analysis.graph.functions:
            key = (function.name, function.ordinal)
            self._functions[function.place.file][key] = function
        self._marks: defaultdict[str, dict[int, str]] = defaultdict(dict)
        for effect in view.analysis.survey.effects:
            words = " ".join(filter(None, (effect.kind, effect.system)))
            self._marks[effect.place.file].setdefault(effect.place.line, words)
        self._lines = lru_cache(maxsize=64)(self._read)

    def source(self, function: Function) -> dict[str, Any]:
        """The first lines of a function with its decorators: the number of the first one, the
        lines, how many more there are, and what I/O is done in which of them."""
        path, first = function.place.file, function.first_line
        lines = self._lines(path)[first - 1 : function.end_line]
        marks = self._marks[path]
        return {
            "first": first,
            "lines": [line[:_WIDTH] for line in lines[:_LINES]],
            "more": max(0, len(lines) - _LINES),
            "marks": {
                number: marks[number]
                for number in range(first, first + min(len(lines), _LINES))
                if number in marks
            },
        }

    def diff(self, edit: Edit) -> str:
        """The hunks that give this one function its span; "" where they are not known."""
        patch = self._patches.get(edit.path)
        key = (edit.function, edit.ordinal)
        if patch is None or key not in {(each.function, each.ordinal) for each in patch.edits}:
            return ""
        encoding = self._sources[edit.path].encoding
        return written(alone(patch, edit, self._functions[edit.path]), encoding)

    def _read(self, path: str) -> list[str]:
        """The lines of a file as Python counts them."""
        source = self._sources[path]
        text = source.data.decode(source.encoding, "replace").removeprefix("\ufeff")
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
