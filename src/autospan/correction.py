"""What was found in a program, corrected by what a change makes of a part of it.

The part alone does not show all that the whole shows, and may show what the whole does not. But so
it does before the change and after: what is found in the part counts only where the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from autospan.model import Finding

_Key = tuple[str, str, str, str]
"""Rule, file, function, subject."""


def corrected(
    known: Iterable[Finding],
    before: Iterable[Finding],
    after: Iterable[Finding],
    again: Callable[[Finding], Finding | None],
) -> tuple[Finding, ...]:
    """What the whole shows after a change: `known` is what it showed before, `before` and `after`
    are what the part shows. What only the whole ever showed is asked for `again`: where it is now,
    None if it is there no more."""
    whole, old, new = _sorted_out(known), _sorted_out(before), _sorted_out(after)
    found: list[Finding] = []
    for key in dict.fromkeys((*whole, *new)):
        here, now = whole.get(key, []), new.get(key, [])
        if [each.words for each in old.get(key, [])] != [each.words for each in now]:
            found += now
        elif len(here) == len(now):
            places = (each.place for each in now)
            found += (a._replace(place=place) for a, place in zip(here, places, strict=True))
        else:
            found += (moved for each in here if (moved := again(each)) is not None)
    return tuple(found)


def _sorted_out(findings: Iterable[Finding]) -> Mapping[_Key, list[Finding]]:
    found: dict[_Key, list[Finding]] = {}
    for each in sorted(findings):
        key = (each.rule, each.place.file, each.function, each.subject)
        found.setdefault(key, []).append(each)
    return found
