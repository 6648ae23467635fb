"""How a process starts: scripts of the packaging, documents, names a platform calls, guards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from autospan.beside import is_script
from autospan.knowledge.matcher import compiled
from autospan.knowledge.rules import EntryRule
from autospan.model import Entry, Function, Place, Problem, Tree, Value
from autospan.recognize.documents import commands, pairs
from autospan.recognize.found import Found, enter
from autospan.recognize.index import Index
from autospan.recognize.naming import fill
from autospan.recognize.scripts import scripts


def find_starts(
    index: Index, rules: list[EntryRule], tree: Tree, problems: list[Problem]
) -> Iterator[Found]:
    """The entries by `script`, `document`, `definition`, `command` and `guard`."""
    at = {where: [rule for rule in rules if rule.where == where] for where in _FINDERS}
    yield from _scripted(index, at["script"], tree, problems)
    yield from _documented(index, at["document"], tree)
    yield from _defined(index, at["definition"])
    yield from _commanded(index, at["command"], tree)
    yield from _guarded(index, at["guard"], tree)


_FINDERS = ("script", "document", "definition", "command", "guard")


def _scripted(
    index: Index, rules: list[EntryRule], tree: Tree, problems: list[Problem]
) -> Iterator[Found]:
    """Of several rules for a group, the one with most letters holds."""
    ordered = sorted(rules, key=lambda rule: max("*" in name for name in rule.names))
    for script in scripts(tree, problems):
        matching = (r for r in ordered if any(compiled(n).fullmatch(script.group) for n in r.names))
        for rule in [*matching][:1]:
            value = index.located(script.target, script.place.file)
            facts = {"script": script.name, "group": script.group}
            evidence = f"{script.group} {script.name}"
            yield from enter(rule, index, value, script.place, evidence, facts)


def _documented(index: Index, rules: list[EntryRule], tree: Tree) -> Iterator[Found]:
    """The values of keys name code: `handler: src/orders.create`; the first rule that finds it
    there holds."""
    for document in tree.documents:
        name = document.path.rpartition("/")[2]
        matching = [rule for rule in rules if any(fnmatchcase(name, one) for one in rule.files)]
        keys = frozenset(key for rule in matching for key in rule.names)
        for pair in pairs(document, keys) if keys else ():
            facts = {"called": pair.facts.get("parent", "").upper(), **pair.facts}
            for rule in matching:
                if pair.key in rule.names and _given(rule, pair.facts):
                    text = fill(rule.target, (), pair.facts) if rule.target else pair.value
                    value = index.located(text.strip("."), document.path)
                    evidence = f"{pair.key} {pair.value}"
                    found = [*enter(rule, index, value, pair.place, evidence, facts)]
                    yield from found
                    if found:
                        break


def _given(rule: EntryRule, facts: Mapping[str, str]) -> bool:
    """Whether the keys beside and around are what the rule asks for: `parent:browser:page`."""
    wanted = [one.partition(":") for one in rule.given]
    return not wanted or any(fnmatchcase(facts.get(key, ""), text) for key, _, text in wanted)


def _defined(index: Index, rules: list[EntryRule]) -> Iterator[Found]:
    """Functions that are called because of their name, their file or their parameters."""
    taking = [rule for rule in rules if rule.takes]
    named = [rule for rule in rules if not rule.takes]
    exact = {name: rule for rule in named for name in rule.names if "*" not in name}
    wild = [rule for rule in named if any("*" in name for name in rule.names)]
    for short, several in index.top_level.items():
        for path, number in several:
            for rule in (*([exact[short]] if short in exact else []), *wild):
                if _fits(rule, short, path):
                    yield from _define(index, rule, number, f"is called {short}")
    lengths = {len(rule.takes) for rule in taking}
    for number, function in enumerate(index.graph.functions):
        method = function.owner is not None
        if len(function.parameters) - method in lengths:
            taken = tuple(each.name for each in function.parameters[method:])
            for rule in (one for one in taking if one.takes == taken):
                if _fits(rule, _path(function), function.place.file):
                    yield from _define(index, rule, number, f"takes {', '.join(taken)}")


def _define(index: Index, rule: EntryRule, number: int, evidence: str) -> Iterator[Found]:
    value = Value("function", "", number)
    yield from enter(rule, index, value, index.graph.functions[number].place, evidence, {})


def _fits(rule: EntryRule, name: str, path: str) -> bool:
    base = path.rpartition("/")[2]
    return (not rule.files or any(fnmatchcase(base, one) for one in rule.files)) and any(
        compiled(each).fullmatch(name) for each in rule.names
    )


def _path(function: Function) -> str:
    """The name inside the module: `Class.method`, of nested functions `outer.<locals>.inner`."""
    name = function.name.partition(":")[2]
    outer, dot, short = name.rpartition(".")
    return name if function.owner is not None or not dot else f"{outer}.<locals>.{short}"


def _commanded(index: Index, rules: list[EntryRule], tree: Tree) -> Iterator[Found]:
    """`python -m shop.nightly` and `python bin/nightly.py` in what starts processes."""
    for document in tree.documents if rules else ():
        name = document.path.rpartition("/")[2]
        for rule in rules:
            if any(fnmatchcase(name, one) for one in rule.files):
                for command in commands(document):
                    body = index.module(command.target, document.path)
                    if body >= 0:
                        facts = {"command": command.text}
                        yield from _begin(index, rule, body, command.place, command.text, facts)


def _guarded(index: Index, rules: list[EntryRule], tree: Tree) -> Iterator[Found]:
    """What `if __name__ == "__main__"`, a `__main__` module or an executable script calls. A guard
    in a module that others import is no program but tries the module out, unless what it calls is a
    main, or nobody else calls it."""
    graph = index.graph
    shared = {e.callee for e in graph.edges if graph.functions[e.caller].kind != "module"}
    imported = {f"{one.module}.{one.name}".strip(".") for _, one in graph.imports}
    imported.update(one.module for _, one in graph.imports)
    guarded = {path for path, _, _ in graph.guards}
    packages = {source.path.rpartition("/")[0] for source in tree.sources if source.package}
    scripts = {
        source.path
        for source in tree.sources
        if is_script(source.data) and source.path.rpartition("/")[0] not in packages
    }
    for number, body in enumerate(graph.functions):
        if body.kind == "module":
            main = body.module.rpartition(".")[2] == "__main__"
            if main or body.place.file in guarded or body.place.file in scripts:
                module = body.module.removesuffix(".__main__")
                facts = {"module": module, "command": _command(body.place.file, module)}
                evidence = "main guard" if body.place.file in guarded else "script body"
                tried = body.module in imported and not main
                for rule in rules:
                    found = _begin(index, rule, number, body.place, evidence, facts)
                    yield from (
                        one for one in found if not tried or _is_program(index, one, shared)
                    )


def _command(path: str, module: str) -> str:
    """What runs a module: by its name, or by its file where that has another (`cps.py` beside the
    package `cps`)."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    named = stem in ("__init__", "__main__", module.rpartition(".")[2])
    return f"python -m {module}" if named else f"python {path}"


def _is_program(index: Index, one: Found, shared: set[int]) -> bool:
    function = index.graph.functions[one.entry.function]
    alone = function.kind != "module" and one.entry.function not in shared
    return alone or _is_main(function.short)


def _begin(
    index: Index, rule: EntryRule, body: int, place: Place, evidence: str, facts: Mapping[str, str]
) -> Iterator[Found]:
    """What a module that is run does: its `main`, else the function that it calls last, for which
    the calls before prepare. A body that calls several at once or methods is the entry itself."""
    module = index.graph.functions[body]
    guard = next((g for g in index.graph.guards if g[0] == module.place.file), None)
    first, end = (guard[1], guard[2]) if guard else (0, module.end_line)
    called = {e.callee: e.line for e in index.edges(body) if first <= e.line <= end}
    mains = [each for each in called if _is_main(index.graph.functions[each].short)]
    last = [each for each, line in called.items() if line == max(called.values())]
    if len(called) > 1 and index.graph.functions[last[0]].owner is not None:
        last = []
    entered = mains or (last if len(last) == 1 else [])
    for each in entered:
        shown = Place(module.place.file, called[each]) if place == module.place else place
        value = Value("function", "", each)
        yield from enter(rule, index, value, shown, evidence, facts)
    if called and not entered:
        shown = Place(module.place.file, first) if place == module.place else place
        name = fill(rule.name, (), facts) or module.module
        yield Found(rule, Entry(body, rule.kind, name, shown, evidence))


def _is_main(name: str) -> bool:
    return "main" in name.strip("_").split("_") or name == "amain"
