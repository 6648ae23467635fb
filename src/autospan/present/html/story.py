"""What the page says first: where the project stands, and what to do about it on Monday."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from autospan.model import Free
    from autospan.present.html.view import View


class Meter(NamedTuple):
    """A share of a whole at three times: today, with the free packages, with the plan as well."""

    title: str
    about: str
    total: int
    today: int
    free: int
    planned: int

    def percent(self, number: int) -> int:
        """A number as a share of the whole; 100 only for all of it."""
        return 100 * number // self.total if self.total else 0


class Step(NamedTuple):
    """Something to do: what, what it brings, the command for it, and where the page says more."""

    title: str
    words: str
    command: str
    link: str
    label: str


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `1,234 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def missing(view: View) -> list[Free]:
    """The free packages that are of use and not switched on yet."""
    return [each for each in view.analysis.survey.free if not each.wired and each.fits is not False]


def headline(view: View) -> tuple[str, str]:
    """Where the project stands, and where it could; "" where there is nothing to say."""
    functions, spans = len(view.analysis.candidates), len(view.chosen.edits)
    if not functions:
        return "There is no function here that could carry a span.", ""
    today = view.today.after
    if not today.entries:
        least = f"{counted(spans, 'function')} of {functions:,} {_verb(spans, 'deserve')} a span."
        return "Nothing here starts a trace.", least if spans else ""
    stands = f"{today.rooted or 'None'} of {counted(today.entries, 'entry point')}"
    return f"{stands} {'is' if today.rooted == 1 else 'are'} traced.", _promise(view)


def _promise(view: View) -> str:
    """What the packages bring, and what the decorators of the plan: root spans, or the purpose of
    I/O, whichever is the larger gain."""
    today, free, planned = view.today.after, view.free.after, view.planned.after
    spans, told = len(view.chosen.edits), []
    if free.rooted > today.rooted:
        told.append(f"{_bring(len(missing(view)), 'free package')} {free.rooted:,}")
    roots = (planned.rooted - free.rooted) / planned.entries
    purposes = (planned.named - free.named) / (planned.effects or 1)
    if spans and roots > 0 and roots >= purposes:
        more = f"{counted(spans, 'decorator')} to" if told else _bring(spans, "decorator")
        told.append(f"{more} {planned.rooted:,}")
    elif spans and purposes > 0:
        calls = counted(planned.effects, "I/O call")
        says = f"{counted(spans, 'decorator')} {_verb(spans, 'explain')}"
        told.append(f"{says} {planned.named:,} of {calls}")
    return ", ".join(told) + "." if told else ""


def _bring(number: int, noun: str) -> str:
    return f"{counted(number, noun)} {_verb(number, 'bring')} it to"


def _verb(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def meters(view: View) -> tuple[Meter, ...]:
    """The coverage as numbers; what does not occur in the code is left out."""
    today, free, planned = view.today.after, view.free.after, view.planned.after
    found = (
        Meter(
            "Entry points with a root span",
            "What starts work: requests, tasks, commands, threads.",
            planned.entries,
            today.rooted,
            free.rooted,
            planned.rooted,
        ),
        Meter(
            "I/O calls under a span",
            "Of those that entry points reach, on every way to them.",
            planned.effects,
            today.covered,
            free.covered,
            planned.covered,
        ),
        Meter(
            "I/O calls under a span of your own code",
            "These say what a query or a request is done for.",
            planned.effects,
            today.named,
            free.named,
            planned.named,
        ),
    )
    return tuple(each for each in found if each.total)


def steps(view: View) -> tuple[Step, ...]:
    """What to do, in order."""
    return tuple(each for each in (_free(view), _cheap(view), _effort(view), _keep(view)) if each)


def _free(view: View) -> Step | None:
    packages = missing(view)
    if not packages:
        return None
    gain = view.free.after.rooted - view.today.after.rooted
    words = (
        f"No code changes; {counted(gain, 'more entry point')} traced."
        if gain
        else ("No code changes: spans for the libraries that this code uses.")
    )
    title = f"Switch on {counted(len(packages), 'free package')}"
    return Step(title, words, view.command("init", "--write"), "free", "What each gives")


def _cheap(view: View) -> Step | None:
    edits = view.chosen.edits
    if not edits:
        return None
    files = counted(len({each.path for each in edits}), "file")
    words = f"One line each, in {files}; `autospan remove` takes them out to the byte."
    title = f"Apply {counted(len(edits), 'span')}"
    return Step(title, words, view.command("apply", *view.options), "functions", "Read the diffs")


def _effort(view: View) -> Step | None:
    found = Counter(each.what for each in view.analysis.survey.effort)
    if not found:
        return None
    (what, times), *_ = found.most_common(1)
    words = f"Mostly: {what} ({counted(times, 'place')})."
    title = f"Look at {counted(found.total(), 'place')} by hand"
    return Step(title, words, "", "effort", "Why, and what to do")


def _keep(view: View) -> Step | None:
    if not view.analysis.survey.entries:
        return None
    words = "Fails where a new entry point starts no trace: before a commit, and in CI."
    return Step("Keep it traced", words, view.command("check"), "traces", "The entry points")
