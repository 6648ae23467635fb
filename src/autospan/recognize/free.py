"""Auto-instrumentation that the code would use: by what it calls, not by what is installed."""

from __future__ import annotations

from autospan.knowledge import Knowledge
from autospan.knowledge.matcher import compiled
from autospan.knowledge.rules import FreeRule, WiringRule
from autospan.model import Free, Graph, Place, Tree
from autospan.recognize.hits import Hits


def find_free(graph: Graph, hits: Hits, knowledge: Knowledge, tree: Tree) -> tuple[Free, ...]:
    """One row a package, sorted by package. `places` gives the first use in each file."""
    uses = _uses(graph, hits)
    hidden = {package for rule in uses for package in rule.hides}
    wired = _wired(graph, knowledge, tree)
    return tuple(
        Free(
            package=rule.package,
            library=rule.pack,
            gives=rule.gives,
            lacks=rule.lacks,
            places=tuple(sorted(Place(path, line) for path, line in places.items())),
            requirement=rule.requirement,
            wired=rule.package in wired,
        )
        for rule, places in sorted(uses.items(), key=lambda item: item[0].package)
        if rule.package not in hidden
    )


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


def _wired(graph: Graph, knowledge: Knowledge, tree: Tree) -> frozenset[str]:
    """The packages that the code installs itself, or all if a start command installs them."""
    rules = [rule for rule in knowledge.unnamed if isinstance(rule, WiringRule)]
    texts = [text for rule in rules for text in rule.texts]
    if any(text in document.text for document in tree.documents for text in texts):
        return frozenset(rule.package for rule in knowledge.free)
    names = {site.name for site in graph.sites if "instrument" in site.name}
    return frozenset(
        rule.package
        for rule in knowledge.free
        if any(compiled(pattern).fullmatch(name) for pattern in rule.wired for name in names)
    )
