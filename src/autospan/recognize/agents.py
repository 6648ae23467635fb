"""Tracers of other products that the project starts: by command, by configuration, by call."""

from __future__ import annotations

from collections.abc import Iterator

from autospan.knowledge import Knowledge
from autospan.knowledge.rules import WiringRule
from autospan.model import Agent, Graph, Place, Tree
from autospan.recognize.given import Written
from autospan.recognize.hits import Hits


def find_agents(graph: Graph, hits: Hits, knowledge: Knowledge, tree: Tree) -> tuple[Agent, ...]:
    """Each product's places, sorted; of imports and documents the first in each file."""
    rules = [each for each in knowledge.unnamed if isinstance(each, WiringRule) and each.api]
    return tuple(
        sorted({*_called(graph, hits, tree), *_imported(graph, rules), *_said(tree, rules)})
    )


def _called(graph: Graph, hits: Hits, tree: Tree) -> Iterator[Agent]:
    written = Written(tree)
    for rule, site in hits.calls:
        if isinstance(rule, WiringRule):
            place = Place(graph.functions[site.caller].place.file, site.line)
            if not rule.given or written.holds(rule.given, place):
                yield Agent(rule.api, place)


def _imported(graph: Graph, rules: list[WiringRule]) -> Iterator[Agent]:
    names = {name: rule.api for rule in rules if rule.where == "import" for name in rule.names}
    for path, one in graph.imports:
        dotted = f"{one.module}.{one.name}."
        for name, api in names.items():
            if dotted.startswith(f"{name}."):
                yield Agent(api, Place(path, one.line))


def _said(tree: Tree, rules: list[WiringRule]) -> Iterator[Agent]:
    for document in tree.documents:
        for rule in rules:
            lines = enumerate(document.text.splitlines(), 1) if rule.texts else ()
            for number, line in lines:
                if any(text in line for text in rule.texts):
                    yield Agent(rule.api, Place(document.path, number))
                    break
