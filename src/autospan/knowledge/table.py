"""One table of a pack's file, as its mistakes are told: file, line, header, key."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autospan.model import Place, Problem


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a pack's file: its header, and which one of that header it is (-1: the only)."""

    path: str
    text: str
    header: str
    number: int
    problems: list[Problem]
    pack: str = ""

    def complain(self, key: str, message: str, hint: str = "") -> None:
        """Add a problem at the line of a key of this table."""
        named = f"[{self.header}]" if self.number < 0 else f"[[{self.header}]] {self.number + 1}"
        place = Place(self.path, self.line(key))
        self.problems.append(Problem(place, f"{named}: {key} {message}", hint))

    def line(self, key: str) -> int:
        """The 1-based line of the key in this table, of the header without it, 0 without either."""
        header = re.compile(r"\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}")
        wanted, seen, start = max(self.number, 0), -1, 0
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := header.match(line):
                seen += found.group(1) == self.header
                start = number if (found.group(1), seen) == (self.header, wanted) else start
                inside = start == number
            elif start and inside and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
                return number
        return start
