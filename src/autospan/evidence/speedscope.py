"""Profiles in the format of speedscope, which py-spy, Austin and pyinstrument write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autospan.model import Frame

_SECONDS = {
    "seconds": 1.0,
    "milliseconds": 1e-3,
    "microseconds": 1e-6,
    "nanoseconds": 1e-9,
}


def frames(document: dict[str, Any]) -> Iterator[Frame]:
    """The functions, with the time that they were on the stack, and calls if these are events."""
    shared = document["shared"]["frames"]
    for profile in document["profiles"]:
        seconds: dict[int, float] = {}
        calls: dict[int, int] = {}
        if profile["type"] == "sampled":
            whole = _sampled(profile, seconds)
        else:
            whole = _evented(profile, seconds, calls)
        unit = _SECONDS.get(profile.get("unit", ""), 0.0)
        for number, time in sorted(seconds.items()):
            row = shared[number]
            file, line, name = row.get("file") or "", row.get("line") or 0, row.get("name") or ""
            scale = unit or 1.0  # samples, bytes …: only the shares mean something
            told = calls.get(number, 0) if unit else 0
            if file:
                yield Frame(file, int(line), name, told, time * scale, whole * scale)


def _sampled(profile: dict[str, Any], seconds: dict[int, float]) -> float:
    samples, weights = profile["samples"], profile["weights"]
    for stack, weight in zip(samples, weights, strict=True):
        for number in set(stack):
            seconds[number] = seconds.get(number, 0.0) + weight
    return float(sum(weights))


def _evented(profile: dict[str, Any], seconds: dict[int, float], calls: dict[int, int]) -> float:
    opened: dict[int, list[float]] = {}
    for event in profile["events"]:
        number, at = event["frame"], float(event["at"])
        starts = opened.setdefault(number, [])
        if event["type"] == "O":
            starts.append(at)
            calls[number] = calls.get(number, 0) + 1
        elif starts:
            start = starts.pop()
            if not starts:  # recursion is counted once
                seconds[number] = seconds.get(number, 0.0) + at - start
    return float(profile["endValue"]) - float(profile["startValue"])
