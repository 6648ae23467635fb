"""What was seen of the program while it ran."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    """A function as a recording names it: file as it was called there, line (0: unknown), name.

    `calls` made, `seconds` in it and what it calls, `whole` seconds of the recording; what the
    recording does not tell is 0. `runs` are contexts (tests) in which it ran, -1: not recorded.
    """

    file: str
    line: int
    name: str
    calls: int = 0
    seconds: float = 0.0
    whole: float = 0.0
    runs: int = -1


class Observation(NamedTuple):
    """What recordings tell of a function (index), added up: as `Frame`, `share` of the time."""

    function: int
    calls: int = 0
    seconds: float = 0.0
    share: float = 0.0
    runs: int = -1

    @property
    def tiny(self) -> bool:
        """Hot and tiny: called so often, and so short, that a span costs more than it tells."""
        return self.calls >= HOT and self.seconds / self.calls < TINY


HOT = 1_000
"""Calls in one recording from which on a function may be hot."""
TINY = 20e-6
"""Seconds a call below which a span is a large part of what it measures: recording one costs some
ten microseconds (`benchmarks/runtime.py` measures it)."""
