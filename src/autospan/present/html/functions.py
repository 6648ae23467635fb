"""The ranked functions as data for the page: a line each, and details for as many as fit in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autospan.present.html.embed import weight
from autospan.present.html.excerpt import Excerpts
from autospan.present.html.view import Address, address

if TYPE_CHECKING:
    from autospan.model import Candidate, Capture, Edit, Function, Reason
    from autospan.present.html.view import View


def functions(view: View, budget: int, room: int) -> dict[str, Any]:
    """What the list shows: `files`, `whys`, and the `rows` that refer to them by number, with
    `details` by number of row, those of the plan first and then the best ones.

    The rows of the best functions that fit into `budget` bytes, the details that fit into `room`.
    """
    table = _Table(view)
    rows = []
    for candidate in view.analysis.candidates:
        rows.append(table.row(candidate))
        budget -= table.grown(rows[-1])
        if budget < 0:
            break
    return {
        "total": len(view.analysis.candidates),
        "files": table.files,
        "whys": table.whys,
        "rows": rows,
        "details": dict(_details(view, table, len(rows), room)),
    }


class _Table:
    """Functions as short rows; what many of them share is told once."""

    def __init__(self, view: View) -> None:
        self.files: list[list[str]] = []
        self.whys: list[tuple[str, str]] = []
        self.spans = {address(each): each for each in view.whole.edits}
        self.chosen = {address(each) for each in view.chosen.edits}
        self._view = view
        self._skips = {address(each): each for each in view.whole.skips}
        self._files: dict[str, int] = {}
        self._whys: dict[tuple[str, str], int] = {}
        self._told = (0, 0)

    def row(self, candidate: Candidate) -> list[Any]:
        """File, name in its module, line, score in ten thousandths, lines, what becomes of it (0:
        it could carry a span, -1: it is in the plan, n: the n-th reason why not) and kind; short
        ones end before zeros and ordinary kinds."""
        function = self._view.function(candidate.function)
        row = [
            self._file(function),
            function.name.partition(":")[2],
            function.place.line,
            round(candidate.score * 10_000),
            function.end_line - function.place.line + 1,
            self._state(_address(function)),
            "" if function.kind == "sync" else function.kind,
        ]
        while not row[-1]:
            row.pop()
        return row

    def grown(self, row: list[Any]) -> int:
        """The bytes of a row, and of what it is the first to refer to."""
        files, whys = len(self.files), len(self.whys)
        new = weight((row, self.files[self._told[0] :], self.whys[self._told[1] :]))
        self._told = (files, whys)
        return new

    def _file(self, function: Function) -> int:
        path = function.place.file
        if path not in self._files:
            self._files[path] = len(self.files)
            self.files.append([path, function.module])
        return self._files[path]

    def _state(self, at: Address) -> int:
        if at in self.chosen:
            return -1
        if at in self.spans or at not in self._skips:
            return 0
        why = (self._skips[at].code, self._skips[at].why)
        if why not in self._whys:
            self.whys.append(why)
            self._whys[why] = len(self.whys)
        return self._whys[why]


def _address(function: Function) -> Address:
    return function.place.file, function.name, function.ordinal


def _details(
    view: View, table: _Table, rows: int, room: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Details by number of row, until there is no more room (in bytes)."""
    excerpts = Excerpts(view)
    numbered = list(enumerate(view.analysis.candidates[:rows]))
    planned = [(n, c) for n, c in numbered if _address(view.function(c.function)) in table.chosen]
    known = {number for number, _ in planned}
    for number, candidate in (*planned, *(each for each in numbered if each[0] not in known)):
        function = view.function(candidate.function)
        edit = table.spans.get(_address(function))
        found = {
            "reasons": [_reason(each) for each in candidate.reasons],
            "span": _span(edit) if edit else None,
            "source": excerpts.source(function),
            "diff": excerpts.diff(edit) if edit else "",
        }
        room -= weight(found)
        if room < 0:
            return
        yield number, found


def _reason(reason: Reason) -> list[Any]:
    return [reason.signal, reason.weight, reason.words, [str(each) for each in reason.evidence]]


def _span(edit: Edit) -> dict[str, Any]:
    return {
        "name": edit.name,
        "form": edit.form,
        "captures": [_capture(each) for each in edit.captures],
    }


def _capture(capture: Capture) -> list[str]:
    """The parameter, the verdict (captured, withheld, skipped), why, and the key if it has one."""
    verdict, _, why = capture.why.partition(": ")
    return [capture.parameter, verdict, why, capture.key if capture.captured else ""]
