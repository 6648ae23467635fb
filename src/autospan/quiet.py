"""What a span would tell nothing of: it runs once, has no end, only computes, waits for nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from autospan.model import Candidate, Function

_WAITING = frozenset("io io-reach io-steps flow entry awaits team".split())
"""The signals of which one is enough for a span: I/O, an end of its own, a team's habit."""
_AGAINST = ("start-up", "factory", "endless", "interactive")
"""The discounts of which one is enough against it."""
_KNOWN = 0.15  # of all functions: fewer that reach I/O, and most of the I/O is not known
_NOTABLE = 0.05  # of the score: what a recording adds for a twentieth of the time or more
_LONG = 40  # lines that may take their time without any I/O


def find_quiet(
    candidates: Sequence[Candidate], functions: Sequence[Function]
) -> Callable[[Candidate], tuple[str, str] | None]:
    """For a candidate: (code, words) if a span there would tell nothing.

    That is what runs once, does not end or asks a person; what only computes; and what is short,
    awaits nothing and reaches no I/O, unless hardly anything in the project reaches I/O that is
    known: then it stands in libraries that nobody told of. A team's own habit outweighs all of it,
    and so does time that was recorded; where nothing opens an entry point's span, one tells of it.
    """
    worth = sum(not functions[each.function].trivial for each in candidates)
    waiting = {each.function for each in candidates if _says(each, _WAITING)}
    known = len(waiting) >= _KNOWN * worth

    def quiet(candidate: Candidate) -> tuple[str, str] | None:
        function = functions[candidate.function]
        if _says(candidate, ("team",)) or _recorded(candidate):
            return None
        if against := _says(candidate, _AGAINST):
            return "quiet", against
        if not _says(candidate, ("entry",)) and (against := _says(candidate, ("no-io",))):
            return "quiet", against
        lines = function.end_line - function.place.line + 1
        if not known or lines >= _LONG or candidate.function in waiting:
            return None
        return "quiet", "waits for nothing that is known: its caller's span says as much"

    return quiet


def _recorded(candidate: Candidate) -> bool:
    """Whether a recording says that it takes time."""
    return any(each.signal == "evidence" and each.weight >= _NOTABLE for each in candidate.reasons)


def _says(candidate: Candidate, signals: Collection[str]) -> str:
    """The words of the first reason that one of some signals gives; "" if none does. Of `team`,
    only what speaks for the function counts."""
    for each in candidate.reasons:
        if each.signal in signals and (each.signal != "team" or each.weight > 0):
            return each.words
    return ""
