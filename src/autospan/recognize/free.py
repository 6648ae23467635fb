"""Auto-instrumentation that the code would use: by what it calls, not by what is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from autospan.knowledge import Knowledge
from autospan.knowledge.matcher import compiled
from autospan.knowledge.rules import FreeRule, WiringRule
from autospan.model import Free, Graph, Place, Tree
from autospan.recognize.dependencies import Dependency, dependencies, normalized, overlap
from autospan.recognize.hits import Hits

_GROUP = b"opentelemetry_instrumentor"
_PACKAGE = re.compile(rb"""["'](opentelemetry-[a-z0-9-]+)["']""")
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(.*)")


def find_free(graph: Graph, hits: Hits, knowledge: Knowledge, tree: Tree) -> tuple[Free, ...]:
    """One row a package, sorted by package. `places` gives the first use in each file."""
    uses = _merged(_uses(graph, hits))
    hidden = {package for rule in uses for package in rule.hides}
    wired = _wired(graph, knowledge, tree)
    declared = dependencies(tree) if uses else {}
    return tuple(
        replace(
            _supported(rule, knowledge, declared),
            places=tuple(sorted(Place(path, line) for path, line in places.items())),
            pin=knowledge.bootstrap.pins.get(rule.package, rule.package),
            required=normalized(rule.package) in declared,
            wired=rule.package in wired,
            by_hand=rule.by_hand,
        )
        for rule, places in sorted(uses.items(), key=lambda item: item[0].package)
        if rule.package not in hidden
    )


def _supported(rule: FreeRule, knowledge: Knowledge, declared: Mapping[str, Dependency]) -> Free:
    """The row of a package: of the distributions that it supports, the one the project has."""
    ranges = knowledge.bootstrap.libraries.get(rule.package) or (rule.requirement,)
    free = Free(rule.package, rule.pack, rule.gives, rule.lacks, requirement=ranges[0])
    for requirement in ranges:
        found = _REQUIREMENT.match(requirement)
        dependency = declared.get(normalized(found[1])) if found else None
        if found and dependency:
            exact = f"=={dependency.version}" if dependency.version else dependency.specifier
            return replace(
                free,
                requirement=requirement,
                version=dependency.name + exact if exact else "",
                declared=dependency.place,
                fits=overlap(dependency, found[2]),
            )
    return free


def _uses(graph: Graph, hits: Hits) -> dict[FreeRule, dict[str, int]]:
    """Per rule the first line of use in each file."""
    uses: dict[FreeRule, dict[str, int]] = {}

    def use(rule: FreeRule, place: Place) -> None:
        lines = uses.setdefault(rule, {})
        lines[place.file] = min(lines.get(place.file, place.line), place.line)

    for rule, site in hits.calls:
        if isinstance(rule, FreeRule):
            use(rule, Place(graph.functions[site.caller].place.file, site.line))
    for rule, one in hits.decorations:
        if isinstance(rule, FreeRule):
            functions, classes = graph.functions, graph.classes
            place = (functions[one.function] if one.function >= 0 else classes[one.klass]).place
            use(rule, Place(place.file, one.line))
    for rule, klass, _ in hits.bases:
        if isinstance(rule, FreeRule):
            use(rule, graph.classes[klass].place)
    return uses


def _merged(uses: Mapping[FreeRule, dict[str, int]]) -> dict[FreeRule, dict[str, int]]:
    """One rule a package: of several packs that ask for it, the one whose library is used most."""
    first: dict[str, FreeRule] = {}
    merged: dict[FreeRule, dict[str, int]] = {}
    for rule, lines in sorted(uses.items(), key=lambda item: (-len(item[1]), item[0].pack)):
        kept = merged.setdefault(first.setdefault(rule.package, rule), {})
        for path, line in lines.items():
            kept[path] = min(kept.get(path, line), line)
    return merged


def _wired(graph: Graph, knowledge: Knowledge, tree: Tree) -> frozenset[str]:
    """The packages that the code installs itself, or all if a start command installs them."""
    rules = [rule for rule in knowledge.unnamed if isinstance(rule, WiringRule)]
    texts = [text for rule in rules if not rule.api for text in rule.texts]
    if any(text in document.text for document in tree.documents for text in texts):
        return frozenset(rule.package for rule in knowledge.free)
    names = {
        site.name for site in graph.sites if "instrument" in site.name or "elemetry" in site.name
    }
    called = {
        rule.package
        for rule in knowledge.free
        if any(compiled(pattern).fullmatch(name) for pattern in rule.wired for name in names)
    }
    return frozenset(called.union(*_by_group(knowledge, tree)))


def _by_group(knowledge: Knowledge, tree: Tree) -> Iterator[set[str]]:
    """The packages that files install which go through the group of instrumentors, as the one that
    `init` writes does: those that the file names, or else all."""
    packages = {rule.package for rule in knowledge.free}
    for source in tree.sources:
        if _GROUP in source.data:
            named = {each.decode() for each in _PACKAGE.findall(source.data)}
            yield named & packages or packages
