"""Entry points: functions that something outside the program starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from autospan.knowledge import Knowledge
from autospan.knowledge.matcher import star
from autospan.knowledge.rules import EntryRule
from autospan.model import Graph, LinkedClass, Problem, Tree, Value
from autospan.recognize.found import Found, enter
from autospan.recognize.given import settle
from autospan.recognize.hits import Hits
from autospan.recognize.index import Index
from autospan.recognize.naming import pattern
from autospan.recognize.registered import find_registered
from autospan.recognize.settings import settings
from autospan.recognize.starts import find_starts

_STRENGTH = {
    "decorator": 0, "call": 0, "store": 0, "base": 1, "setting": 2, "document": 2, "definition": 3,
    "script": 4, "command": 5, "guard": 6,
}  # fmt: skip


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
    hits = settle(graph, hits, tree)
    found = [*find_registered(index, hits), *_derived(index, hits)]
    named = _set(index, [rule for rule in rules if rule.where == "setting"], tree, found)
    return _strongest([*found, *named, *find_starts(index, rules, tree, problems)])


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
            for one in enter(rule, index, value, place, evidence, facts, (), base):
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
                value, facts = (
                    index.named(setting.text, setting.place.file),
                    {"setting": setting.name},
                )
                if value is None and (rule.pack, setting.text) in entries:
                    value = Value("function", setting.text, entries[rule.pack, setting.text])
                facts["text"] = setting.text
                yield from enter(rule, index, value, setting.place, setting.name, facts)
    dotted = [(rule, name) for rule in rules for name in rule.names if "." in name]
    for klass in index.graph.classes if dotted else ():
        for rule, name in dotted:
            if fnmatchcase(klass.name.rpartition(":")[2], name.partition(".")[0]):
                yield from _kept(index, rule, klass, name.partition(".")[2])


def _kept(index: Index, rule: EntryRule, klass: LinkedClass, name: str) -> Iterator[Found]:
    """Functions that a class of settings holds: `functions = [resize]` in `WorkerSettings`."""
    facts = {"setting": name}
    for attribute, values in (*klass.attributes, *_methods(klass)):
        for value in values if attribute == name else ():
            yield from enter(rule, index, value, klass.place, name, facts)
            for one in (value, *value.items):
                if one.kind == "constant":
                    target = index.located(one.text, klass.place.file)
                    yield from enter(rule, index, target, klass.place, name, facts)


def _methods(klass: LinkedClass) -> Iterator[tuple[str, tuple[Value, ...]]]:
    return ((name, (Value("function", name, number),)) for name, number in klass.methods)


def _strongest(found: Iterable[Found]) -> list[Found]:
    """Of each function and kind the best evidence, each entry once. `main` yields to
    `cli`, what wraps requests by its looks to what is known to answer them."""
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
    return {"main": "cli", "http_hook": "http"}.get(kind, kind)
