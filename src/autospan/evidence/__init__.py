"""`weigh`: the ranking, once recordings of the running program have had their say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from autospan.evidence.hot import hot_spans, not_ours
from autospan.evidence.matching import observe
from autospan.evidence.recordings import frames
from autospan.model import Candidate, Graph, Observation, Reason

__all__ = ["hot_spans", "not_ours", "shown", "weigh"]

_LITTLE = 0.01
"""Share of the time from which on it counts."""


def weigh(
    candidates: Sequence[Candidate], graph: Graph, recordings: Iterable[Path]
) -> tuple[tuple[Candidate, ...], tuple[Observation, ...]]:
    """The candidates with one reason more where a recording tells something, best first again.

    Raises:
        ConfigError: if a file cannot be read as one of the formats that are known.
    """
    found = observe(graph, [frame for path in recordings for frame in frames(path)])
    seen = {each.function: each for each in found}
    weighed = [_weighed(each, seen.get(each.function)) for each in candidates]
    weighed.sort(key=lambda each: (-each.score, each.rank))
    ranked = (each._replace(rank=rank) for rank, each in enumerate(weighed, 1))
    return tuple(ranked), found


def _weighed(candidate: Candidate, seen: Observation | None) -> Candidate:
    if seen is None:
        return candidate
    factor, words = _judgement(seen)
    room = candidate.score if factor < 0 else 1 - candidate.score
    share = round(factor * room, 4)
    if not words:
        return candidate
    reasons = (*candidate.reasons, Reason("evidence", share, words))
    score = round(candidate.score + share, 4)
    return candidate._replace(
        score=score,
        reasons=tuple(sorted(reasons, key=lambda each: -abs(each.weight))),
        shown=("evidence", *candidate.shown)[:3] if share > 0 else candidate.shown,
    )


def _judgement(seen: Observation) -> tuple[float, str]:
    """What is taken off the score, or added of what is left to 1, and why."""
    if seen.tiny:
        each = shown(seen.seconds / seen.calls)
        return -0.9, f"called {seen.calls:,} times, {each} each: hot and tiny"
    if seen.share >= _LITTLE:
        several = " in one call" if seen.calls == 1 else f" in {seen.calls:,} calls"
        calls = several if seen.calls else ""
        return min(seen.share, 0.6), f"takes {seen.share:.0%} of the recorded time{calls}"
    if seen.runs == 0:
        return -0.3, "did not run where coverage was recorded"
    if seen.calls:
        each = f", {shown(seen.seconds / seen.calls)} each" if seen.seconds else ""
        often = "once" if seen.calls == 1 else f"{seen.calls:,} times"
        return 0.02, f"called {often}{each}"
    if seen.runs > 0:
        plural = "context" if seen.runs == 1 else "contexts"
        return 0.02, f"ran in {seen.runs:,} recorded {plural}"
    return 0.0, ""


def shown(seconds: float) -> str:
    """`1.2 µs`, `31 ms`, `2.5 s`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.{2 if seconds < 10 * size else 3}g} {unit}"
    return f"{seconds / 1e-6:.1g} µs"
