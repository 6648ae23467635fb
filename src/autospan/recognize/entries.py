"""Entry points: functions that something outside the program starts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from autospan.knowledge import Knowledge
from autospan.knowledge.matcher import star
from autospan.knowledge.rules import EntryRule
from autospan.model import Argument, Edge, Entry, Graph, LinkedClass, Place, Problem, Tree, Value
from autospan.recognize.hits import Hits
from autospan.recognize.index import Index, argument
from autospan.recognize.naming import fill, pattern, verb, verb_of
from autospan.recognize.scripts import scripts
from autospan.recognize.settings import settings
from autospan.recognize.targets import Target, rows, targets

_STRENGTH = {"decorator": 0, "call": 0, "base": 1, "setting": 2, "script": 3, "guard": 4}


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and the rule that found it: a route is better evidence than a base class."""

    rule: EntryRule
    entry: Entry

    def settled(self, by_hand: set[int]) -> Entry:
        """The entry with its root span: auto by the rule's package, manual if traced by hand."""
        if self.rule.root:
            return replace(self.entry, root_span="auto", package=self.rule.root)
        if self.entry.function in by_hand:
            return replace(self.entry, root_span="manual")
        return self.entry


def find_entries(
    graph: Graph,
    index: Index,
    hits: Hits,
    knowledge: Knowledge,
    tree: Tree,
    problems: list[Problem],
) -> list[Found]:
    """All entry points, of each function and kind only those with the strongest evidence."""
    rules = [rule for rule in knowledge.unnamed if isinstance(rule, EntryRule)]
    found = [*_decorated(index, hits), *_called(index, hits), *_derived(index, hits)]
    return _strongest(
        [
            *found,
            *_set(index, [rule for rule in rules if rule.where == "setting"], tree, found),
            *_scripted(index, [rule for rule in rules if rule.where == "script"], tree, problems),
            *_guarded(index, [rule for rule in rules if rule.where == "guard"]),
        ]
    )


def _decorated(index: Index, hits: Hits) -> Iterator[Found]:
    for rule, one in hits.decorations:
        if isinstance(rule, EntryRule):
            kind, target = ("function", one.function) if one.function >= 0 else ("class", one.klass)
            value = Value("function" if kind == "function" else "class", "", target)
            place = _place_of(index, value)
            prefix = index.prefix(rule, one.name, place.file)
            facts = {"called": verb(rule, one.name), "prefix": prefix}
            where = Place(place.file, one.line)
            yield from _enter(rule, index, value, where, f"@{one.name}", facts, one.arguments)


def _called(index: Index, hits: Hits) -> Iterator[Found]:
    for rule, site in hits.calls:
        if isinstance(rule, EntryRule):
            place = index.at(site.caller, site.line)
            prefix = index.prefix(rule, site.name, place.file)
            facts = {"called": verb(rule, site.name), "prefix": prefix}
            for value in argument(site.arguments, rule.function):
                target = index.named(value.text) if value.kind == "constant" else value
                evidence = f"{site.name}()"
                yield from _enter(rule, index, target, place, evidence, facts, site.arguments)


def _derived(index: Index, hits: Hits) -> Iterator[Found]:
    """Methods by base class, each once: for the class that defines it, else for the first heir."""
    inherited: list[Found] = []
    seen: set[tuple[int, str]] = set()
    for rule, klass, base in hits.bases:
        if isinstance(rule, EntryRule):
            place = index.graph.classes[klass].place
            value = Value("class", "", klass)
            facts = {"base": star(pattern(rule, base), base)}
            evidence = f"subclass of {base}"
            for one in _enter(rule, index, value, place, evidence, facts, (), base):
                if index.graph.functions[one.entry.function].owner != klass:
                    inherited.append(one)
                    continue
                seen.add((one.entry.function, one.entry.kind))
                yield one
    for one in inherited:
        if (one.entry.function, one.entry.kind) not in seen:
            seen.add((one.entry.function, one.entry.kind))
            yield one


def _set(index: Index, rules: list[EntryRule], tree: Tree, found: list[Found]) -> Iterator[Found]:
    """Strings in settings name code by its dotted path, or an entry of the pack by its name."""
    entries = {(one.rule.pack, one.entry.name): one.entry.function for one in found}
    for setting in settings(tree, frozenset(name for rule in rules for name in rule.names)):
        for rule in rules:
            if setting.name in rule.names:
                value, facts = index.named(setting.text), {"setting": setting.name}
                if value is None and (rule.pack, setting.text) in entries:
                    value = Value("function", setting.text, entries[rule.pack, setting.text])
                facts["text"] = setting.text
                yield from _enter(rule, index, value, setting.place, setting.name, facts)


def _scripted(
    index: Index, rules: list[EntryRule], tree: Tree, problems: list[Problem]
) -> Iterator[Found]:
    for script in scripts(tree, problems):
        for rule in rules:
            if script.group in rule.names:
                value, facts = index.named(script.target), {"script": script.name}
                evidence = f"{script.group} {script.name}"
                yield from _enter(rule, index, value, script.place, evidence, facts)


def _guarded(index: Index, rules: list[EntryRule]) -> Iterator[Found]:
    """What the lines of `if __name__ == "__main__"` call, or the body of a `__main__` module."""
    graph = index.graph
    ranges = {path: (first, last) for path, first, last in graph.guards}
    for number, body in enumerate(graph.functions):
        if body.kind != "module":
            continue
        main = body.module.rpartition(".")[2] == "__main__"
        lines = (0, body.end_line) if main else ranges.get(body.place.file)
        facts = {"module": body.module.removesuffix(".__main__")}
        for edge in _edges_of(graph, number) if lines else ():
            value = Value("function", "", edge.callee)
            if lines and lines[0] <= edge.line <= lines[1]:
                place = Place(body.place.file, edge.line)
                for rule in rules:
                    yield from _enter(rule, index, value, place, "main guard", facts)


def _edges_of(graph: Graph, caller: int) -> Iterator[Edge]:
    """The calls of one function that are more than guesses; edges are sorted by caller."""
    start = bisect_left(graph.edges, (caller,))
    for edge in takewhile(lambda edge: edge.caller == caller, islice(graph.edges, start, None)):
        special = graph.functions[edge.callee].short.startswith("__")
        if edge.confidence != "guessed" and not special:
            yield edge


def _enter(
    rule: EntryRule,
    index: Index,
    value: Value | None,
    place: Place,
    evidence: str,
    facts: dict[str, str],
    arguments: tuple[Argument, ...] = (),
    base: str = "",
) -> Iterator[Found]:
    """The entries that a value stands for: a function, the rule's methods of a class, or those of
    everything in a collection."""
    graph = index.graph
    for one, beside in rows(value) if value is not None else ():
        for target in targets(rule, index, one, arguments, base):
            called = graph.functions[target.function]
            if called.short.startswith("<") or called.kind == "module":
                continue
            name = fill(rule.name, beside or arguments, _known(graph, target) | facts)
            entry = Entry(target.function, rule.kind, name or called.short, place, evidence)
            yield Found(rule, entry)


def _known(graph: Graph, target: Target) -> dict[str, str]:
    """What a template may say of the function that runs."""
    called = graph.functions[target.function]
    return {
        **(_constants(graph.classes[target.klass]) if target.klass >= 0 else {}),
        "function": called.short,
        "class": _class_of(graph, target.function, target.klass),
        "star": target.star,
        "method": target.star.upper(),
        "verb": verb_of(target.method or called.short),
        "module": called.module,
        "qualified": called.qualified,
        "stem": called.module.rpartition(".")[2],
    }


def _class_of(graph: Graph, function: int, klass: int) -> str:
    """The name of the class that is registered, else of the one that a function stands in."""
    owner = klass if klass >= 0 else graph.functions[function].owner
    return "" if owner is None else graph.classes[owner].name.rpartition(":")[2]


def _constants(klass: LinkedClass) -> dict[str, str]:
    """The constants of a class body: `name = "ledger.check"`."""
    firsts = ((name, values[0]) for name, values in klass.attributes if values)
    return {name: value.text for name, value in firsts if value.kind == "constant"}


def _place_of(index: Index, value: Value) -> Place:
    graph = index.graph
    holder = graph.functions if value.kind == "function" else graph.classes
    return holder[value.target].place


def _strongest(found: Iterable[Found]) -> list[Found]:
    """Of each function and kind the best evidence, each entry once. `main` yields to `cli`."""
    best: dict[tuple[int, str], int] = {}
    kept: dict[tuple[int, str, str], Found] = {}
    for one in sorted(found, key=_strength):
        entry, strength = one.entry, _strength(one)
        if strength == best.setdefault((entry.function, _family(entry.kind)), strength):
            kept.setdefault((entry.function, entry.kind, entry.name), one)
    return list(kept.values())


def _strength(one: Found) -> int:
    return len(_STRENGTH) if one.rule.fallback else _STRENGTH[one.rule.where]


def _family(kind: str) -> str:
    return "cli" if kind == "main" else kind
