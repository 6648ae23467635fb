"""One pass over the graph: which calls, decorators and bases the packs have something to say of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from autospan.knowledge import Knowledge
from autospan.knowledge.matcher import Matcher
from autospan.knowledge.rules import EffectRule, EntryRule, FreeRule, Rule
from autospan.model import Decoration, Graph, Site, Value

_VENDORED = {"vendor", "vendors", "vendored", "third_party", "thirdparty", "extern"}


class BaseHit(NamedTuple):
    """A rule, the class that it holds for, and the ancestor that says so."""

    rule: Rule
    klass: int
    base: str


class Applied(NamedTuple):
    """A decorator that is called by hand, `app.task(name="pay")(charge)`: what it makes an entry
    of, and the call that holds its arguments."""

    rule: EntryRule
    site: Site
    value: Value


class Hits(NamedTuple):
    """Everything that matched, in the order of the graph."""

    calls: tuple[tuple[Rule, Site], ...]
    decorations: tuple[tuple[Rule, Decoration], ...]
    bases: tuple[BaseHit, ...]
    applied: tuple[Applied, ...] = ()


def find_hits(graph: Graph, knowledge: Knowledge) -> Hits:
    """The matches of all rules. Names are matched once each, however often they are called.

    A pattern on an unknown receiver (`?conn.execute`) counts only if the project imports the
    library of its pack somewhere: without the import it is somebody else's method.
    """
    present = _present(graph, knowledge)
    calls = _Chooser(knowledge.calls, present)
    decorators = _Chooser(knowledge.decorators, present)
    return Hits(
        tuple(
            (rule, site._replace(name=knowledge.canonical(site.name)))
            for sites, kind in (
                (graph.sites, Rule),
                (graph.iterations, Rule),
                (graph.applied, EntryRule),
            )
            for site in sites
            for rule in calls[site.name]
            if isinstance(rule, kind)
        ),
        tuple(
            (rule, one._replace(name=knowledge.canonical(one.name)))
            for one in graph.decorations
            for rule in decorators[one.name]
        ),
        tuple(_bases(graph, _Chooser(knowledge.bases, present))),
        tuple(_applied(graph, knowledge, decorators)),
    )


class _Chooser(dict[str, tuple[Rule, ...]]):
    """Name to the most specific rule of each sort (of free packages: to all)."""

    def __init__(self, matcher: Matcher, present: frozenset[str]) -> None:
        super().__init__()
        self._matcher = matcher
        self._present = present

    def __missing__(self, name: str) -> tuple[Rule, ...]:
        if name.startswith("?"):
            self[name] = self._choose(name.replace("()", ""), self._present)
        else:
            made = name.removesuffix(".__init__")  # to make an heir is to call the class
            self[name] = self._choose(name, None) or self._choose(made, None) or self._weakly(name)
            if name.endswith("="):
                self[name] = tuple(rule for rule in self[name] if isinstance(rule, EntryRule))
        return self[name]

    def _choose(self, name: str, packs: frozenset[str] | None) -> tuple[Rule, ...]:
        chosen: dict[object, list[Rule]] = {}
        for rule in self._matcher.find(name):
            if (packs is None and not _loose(rule)) or rule.pack in self._present:
                _add(chosen, rule, name in rule.names)
        return tuple(rule for rules in chosen.values() for rule in rules)

    def _weakly(self, name: str) -> tuple[Rule, ...]:
        """What is kept on an external object (`flask.g.db.execute`) is as good as unknown."""
        parts = name.replace("()", "").split(".")
        found = self._choose("?" + ".".join(parts[-2:]), self._present) if len(parts) > 2 else ()
        return tuple(rule for rule in found if isinstance(rule, EffectRule) and rule.weak)


def _applied(graph: Graph, knowledge: Knowledge, decorators: _Chooser) -> Iterator[Applied]:
    """Decorators of entries that are called with a function, with or without arguments before; in
    decorators of the program, use by use."""
    made: dict[tuple[int, int, str], Site] = {}
    used = {site[:3] for site in graph.applied}
    for site in (*(one for one in graph.sites if one[:3] not in used), *graph.applied):
        name = site.name.removesuffix("()")
        if not any(isinstance(r, EntryRule) for r in decorators[name]):
            continue
        if name == site.name:
            made[site.caller, site.line, name] = site
        passed = next((one.values for one in site.arguments if one.key == 0), ())
        given = made.get((site.caller, site.line, name), site)
        for rule in decorators[name]:
            for value in passed if isinstance(rule, EntryRule) and not rule.given else ():
                if value.kind in ("function", "instance") and isinstance(rule, EntryRule):
                    yield Applied(rule, given._replace(name=knowledge.canonical(name)), value)


def _present(graph: Graph, knowledge: Knowledge) -> frozenset[str]:
    """The packs whose library the project imports, and those that are of no library."""
    imported: set[str] = set()
    for _, one in graph.imports:
        dotted = f"{one.module}.{one.name}" if one.name else one.module
        parts = dotted.split(".")
        imported.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return frozenset(
        library.name
        for library in knowledge.libraries
        if not library.imports or not imported.isdisjoint(library.imports)
    )


def _bases(graph: Graph, chooser: _Chooser) -> list[BaseHit]:
    """For every class and sort of rule, the nearest ancestor that matches."""
    hits: list[BaseHit] = []
    for number, klass in enumerate(graph.classes):
        told: set[object] = set()
        for ancestor in klass.ancestors:
            found = chooser[ancestor] or chooser[_published(ancestor)]
            rules = [rule for rule in found if _sort(rule) not in told]
            hits += (BaseHit(rule, number, ancestor) for rule in rules)
            told.update(map(_sort, rules))
    return hits


def _published(name: str) -> str:
    """The name that vendored code has elsewhere: `lib.Base` of `shop._vendor.lib.Base`."""
    parts = name.split(".")
    last = max((at for at, part in enumerate(parts) if part.strip("_") in _VENDORED), default=-1)
    return ".".join(parts[last + 1 :])


def _add(chosen: dict[object, list[Rule]], rule: Rule, exact: bool) -> None:
    """The most specific rule of a sort holds, and all entry rules that name the thing exactly."""
    rules = chosen.setdefault(_sort(rule), [])
    if not rules or (exact and isinstance(rule, EntryRule)):
        rules.append(rule)


def _loose(rule: Rule) -> bool:
    """Whether any library may be meant: `**.Iface` counts where the project imports the pack's."""
    return any(name.startswith("**.") for name in rule.names)


def _sort(rule: Rule) -> object:
    """Entries of one kind and condition are a sort; every free package is one; else each table."""
    if isinstance(rule, EntryRule):
        return EntryRule, rule.kind, rule.given
    return rule if isinstance(rule, FreeRule) else type(rule)
