"""What signals look at: one `Facet` a function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from autospan.computing import find_computing
from autospan.model import Effect, Entry, Function, Graph, Place, Survey
from autospan.paths import Reach, trace_paths
from autospan.startup import find_startup
from autospan.surroundings import Class, look_around

Measure = tuple[float, str, tuple[Place, ...]]
"""What a signal finds: its value 0..1, the words for it ("" if there is nothing), evidence."""

NOTHING: Measure = (0.0, "", ())
"""What every signal gives that finds nothing, this very value: most do, of most functions."""


class Facet(NamedTuple):
    """All that the signals look at for one function."""

    function: Function
    number: int
    effects: tuple[Effect, ...]
    reach: Reach | None
    entries: tuple[int, ...]
    entry_count: int
    served: bool
    callees: int
    callers: int
    steps: tuple[int, int]
    work: int
    files: int
    below: int
    flow: float
    fresh: float
    looped: float
    recursive: bool
    klass: Class | None
    typical: float
    logs: int
    graph: Graph
    survey: Survey
    own_entry: Entry | None
    makes: int
    decorates: int
    serves: bool
    once: bool
    computes: bool
    asks: bool

    @property
    def lines(self) -> int:
        """The lines from `def` to the end."""
        return max(1, self.function.end_line - self.function.place.line + 1)


def facets(graph: Graph, survey: Survey) -> Iterable[Facet]:
    """A facet of every function that could carry a span: no module bodies, no lambdas."""
    paths, around = trace_paths(graph, survey), look_around(graph, survey)
    effects: dict[int, list[Effect]] = {}
    for effect in survey.effects:
        for each in {effect.function, around.home[effect.function]}:
            effects.setdefault(each, []).append(effect)
    entries = {entry.function: entry for entry in reversed(survey.entries)}
    logs, makes, decorates = _logs(graph), _made(graph, survey), _decorated(graph)
    startup, standing = find_startup(graph, survey), dict(survey.standing)
    computing, asking = find_computing(graph, survey), _asking(graph)
    for number, function in enumerate(graph.functions):
        if function.kind == "module" or function.short.startswith("<lambda"):
            continue
        yield Facet(
            function,
            number,
            tuple(effects.get(number, ())),
            paths.reach.get(number),
            paths.entries.get(number, ()),
            paths.entry_count.get(number, 0),
            number in paths.served,
            paths.callees.get(number, 0),
            paths.callers.get(number, 0),
            paths.steps.get(number, (0, 0)),
            around.work.get(number, 0),
            around.files.get(number, 0),
            around.below.get(number, 0),
            around.flow.get(number, 0.0),
            around.fresh.get(number, 0.0),
            around.looped.get(number, 0.0),
            number in around.recursive,
            None if function.owner is None else around.classes.get(function.owner),
            around.typical.get(function.place.file, 1.0),
            logs.get(number, 0),
            graph,
            survey,
            entries.get(number),
            makes.get(number, 0),
            max(decorates.get(number, 0), decorates.get(function.qualified, 0)),
            number in startup.serving or number in standing,
            number in startup.once,
            number in computing,
            number in asking,
        )


def _made(graph: Graph, survey: Survey) -> Counter[int]:
    """How many entry points are defined in each function."""
    return Counter(
        around
        for entered in {entry.function for entry in survey.entries}
        for around in _around(graph, entered)
    )


def _decorated(graph: Graph) -> Counter[int | str]:
    """How many functions and classes each function decorates, by its number and, where it makes
    the decorator, by its name."""
    found: Counter[int | str] = Counter()
    for each in graph.decorations:
        found.update({each.name, *each.by})
    return found


def _around(graph: Graph, number: int) -> set[int]:
    """The functions that a function is defined in, directly or not."""
    found: set[int] = set()
    outer = graph.functions[number].outer
    while outer is not None and outer not in found:
        found.add(outer)
        outer = graph.functions[outer].outer
    return found


_ASKS = frozenset(
    "builtins.input getpass.getpass click.prompt click.confirm click.pause typer.prompt "
    "typer.confirm inquirer.prompt".split()
)


def _asking(graph: Graph) -> set[int]:
    """The functions that ask a person at the terminal, and those that call these for it."""
    own = {site.caller for site in graph.sites if site.name in _ASKS}
    return own | {
        edge.caller for edge in graph.edges if edge.callee in own and edge.confidence != "guessed"
    }


_LOGS = re.compile(r"(?<![a-z])(logg?(er|ing)?|LOG)\.|logging\.Logger\.|structlog|loguru")


def _logs(graph: Graph) -> dict[int, int]:
    """How many calls to a logger each function makes."""
    found: dict[int, int] = {}
    verdicts: dict[str, bool] = {}
    for site in graph.sites:
        verdict = verdicts.get(site.name)
        if verdict is None:
            verdict = verdicts[site.name] = bool(_LOGS.search(site.name))
        if verdict:
            found[site.caller] = found.get(site.caller, 0) + 1
    return found
