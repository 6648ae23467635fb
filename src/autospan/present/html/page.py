"""What the template is filled with."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from autospan import __version__
from autospan.present.html.codemap import Module, chart
from autospan.present.html.story import counted, headline, meters, steps

if TYPE_CHECKING:
    from autospan.model import Effort, Problem
    from autospan.present.html.view import View

_PLACES, _PROBLEMS = 8, 40
_MAPS = (("wide", 1160, 500), ("tall", 360, 520))


class Trouble(NamedTuple):
    """A kind of effort, and where it is needed: (place, function); `more` places are not listed."""

    what: str
    why: str
    fix: str
    times: int
    places: list[tuple[str, str]]
    more: int


def page(view: View) -> dict[str, Any]:
    """The names that the template knows."""
    modules = _modules(view)
    problems = (*view.analysis.problems, *view.problems)
    return {
        "version": __version__,
        "project": PurePath(view.analysis.tree.root).name or view.path,
        "size": _size(view),
        "headline": headline(view),
        "meters": meters(view),
        "steps": steps(view),
        "maps": [(name, w, h, chart(modules, w, h)) for name, w, h in _MAPS],
        "modules": _telling(modules),
        "free": sorted(view.analysis.survey.free, key=lambda each: (each.wired, -len(each.places))),
        "agents": view.analysis.survey.agents,
        "effort": _effort(view),
        "problems": [_problem(each) for each in problems[:_PROBLEMS]],
        "more_problems": max(0, len(problems) - _PROBLEMS),
        "entries": len(view.analysis.survey.entries),
        "spans": len(view.chosen.edits),
        "counted": counted,
        "commands": {
            "diff": view.command("diff", *view.options),
            "init": view.command("init"),
        },
    }


def _size(view: View) -> str:
    own = sum(each.kind != "module" for each in view.analysis.graph.functions)
    return ", ".join(
        (
            counted(len(view.analysis.facts), "file"),
            counted(view.analysis.lines, "line"),
            counted(own, "function"),
        )
    )


def _modules(view: View) -> list[Module]:
    survey = view.analysis.survey
    calls = {(each.function, each.place, each.call) for each in survey.effects}
    every = Counter(place.file for _, place, _ in calls)
    free, planned = (
        Counter(place.file for function, place, _ in calls if function in outlook.after.under)
        for outlook in (view.free, view.planned)
    )
    return [
        Module(
            each.module,
            each.path,
            each.lines,
            every[each.path],
            free[each.path],
            planned[each.path],
        )
        for each in view.analysis.facts
    ]


def _telling(modules: list[Module]) -> list[Module]:
    """The modules with most I/O, for those who do not see the map."""
    return sorted((m for m in modules if m.effects), key=lambda m: (-m.effects, m.name))[:20]


def _effort(view: View) -> list[Trouble]:
    groups: dict[tuple[str, str, str], list[Effort]] = {}
    for each in view.analysis.survey.effort:
        groups.setdefault((each.what, each.why, each.fix), []).append(each)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return [
        Trouble(
            *words,
            len(found),
            [(str(each.place), view.name(each.function)) for each in found[:_PLACES]],
            max(0, len(found) - _PLACES),
        )
        for words, found in ordered
    ]


def _problem(each: Problem) -> tuple[str, str, str]:
    return str(each.place), each.message, each.hint
