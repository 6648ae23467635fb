"""The report of `suggest` in Markdown, for an issue, a wiki or a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autospan.present._candidates import Candidates, attributes, reasons
from autospan.present._markdown import code, plain
from autospan.present._page import counted
from autospan.present.text.view import View

if TYPE_CHECKING:
    from autospan.model import Effort

_PREFIX = "opentelemetry-instrumentation-"
_PLACES = 6
_ENTRIES = 10


def present(view: View) -> str:
    """GitHub's and GitLab's Markdown: what is free, what is cheap, what takes effort; longer lists
    are cut unless the view is verbose, and say so."""
    parts = (_summary, _free, _cheap, _coverage, _effort, _entries, _problems)
    return "\n".join(line for part in parts for line in part(view)) + "\n"


def _table(heads: Sequence[str], lines: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(line)} |" for line in lines)


def _cut(count: int, shown: int, view: View) -> int:
    """How many of `count` are shown."""
    return count if view.verbose else min(count, shown)


def _summary(view: View) -> Iterator[str]:
    analysis, survey = view.analysis, view.analysis.survey
    yield "## Tracing that this code could have\n"
    yield ", ".join(
        (
            counted(len(analysis.facts), "file"),
            counted(analysis.lines, "line"),
            counted(len(survey.entries), "entry point"),
            counted(len(survey.effects), "I/O call"),
            counted(len(survey.traced), "function") + " traced already.",
        )
    )


def _free(view: View) -> Iterator[str]:
    found = sorted(view.analysis.survey.free, key=lambda each: (each.wired, -len(each.places)))
    if not found:
        return
    yield f"\n### Free: {counted(len(found), 'instrumentation package')}, no code\n"
    yield from _table(
        ("package", "gives", "but"),
        (
            (
                code(each.package.removeprefix(_PREFIX)) + (" (wired)" if each.wired else ""),
                plain(each.gives),
                plain(each.lacks),
            )
            for each in found
        ),
    )


def _cheap(view: View) -> Iterator[str]:
    edits = view.plan.edits
    if not edits:
        return
    able, known = len(view.analysis.candidates), Candidates(view.analysis)
    yield f"\n### Cheap: the best {len(edits)} of {counted(able, 'function')}, a decorator each\n"
    yield from _table(
        ("", "function", "why", "attributes"),
        (
            (
                str(number),
                f"{code(each.function.replace(':', '.'))}<br>{code(f'{each.path}:{each.line}')}",
                plain(reasons(known.of(each)).plain),
                plain(attributes(each).plain),
            )
            for number, each in enumerate(edits, 1)
        ),
    )


def _coverage(view: View) -> Iterator[str]:
    before, after = view.outlook.before, view.outlook.after
    if not after.entries:
        return
    spans = counted(len(view.plan.edits), "span")
    yield "\n### Coverage\n"
    yield from _table(
        ("with the packages installed", "without", f"with {spans}", "of"),
        (
            (name, str(now), str(then), str(every))
            for name, now, then, every in (
                ("entry points with a root span", before.rooted, after.rooted, after.entries),
                ("I/O calls under a span", before.covered, after.covered, after.effects),
                ("I/O calls under a function's span", before.named, after.named, after.effects),
            )
        ),
    )


def _effort(view: View) -> Iterator[str]:
    groups: dict[tuple[str, str, str], list[Effort]] = {}
    for each in view.analysis.survey.effort:
        groups.setdefault((each.what, each.why, each.fix), []).append(each)
    if groups:
        yield "\n### Effort: where a trace breaks\n"
    for (what, why, fix), places in groups.items():
        yield f"- **{plain(what)}**: {plain(why)}. Way out: {plain(fix)}."
        shown = _cut(len(places), _PLACES, view)
        more = f" and {len(places) - shown} more" if len(places) > shown else ""
        yield f"  {', '.join(code(str(each.place)) for each in places[:shown])}{more}"


def _entries(view: View) -> Iterator[str]:
    nobody = [each for each in view.analysis.survey.entries if each.dark]
    if not nobody:
        return
    yield f"\n### {counted(len(nobody), 'entry point')} whose root span nobody opens\n"
    shown = _cut(len(nobody), _ENTRIES, view)
    yield from _table(
        ("kind", "name", "place"),
        ((each.kind, code(each.name), code(str(each.place))) for each in nobody[:shown]),
    )
    if len(nobody) > shown:
        yield f"\n… and {len(nobody) - shown} more: `--verbose`"


def _problems(view: View) -> Iterator[str]:
    found = (*view.analysis.problems, *view.problems)
    if found:
        yield "\n### Not read\n"
    yield from (f"- {code(str(each.place))} {plain(each.message)}" for each in found)
