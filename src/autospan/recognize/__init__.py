"""Graph and knowledge to survey: entry points, effects, existing tracing, free spans, effort."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autospan.knowledge import Knowledge
from autospan.model import Graph, Problem, Survey, Tree
from autospan.recognize.agents import find_agents
from autospan.recognize.effects import find_effects
from autospan.recognize.efforts import find_efforts
from autospan.recognize.entries import find_entries
from autospan.recognize.forbidden import find_forbidden
from autospan.recognize.free import find_free
from autospan.recognize.hits import find_hits
from autospan.recognize.index import Index
from autospan.recognize.launches import find_launches
from autospan.recognize.spans import find_lost, find_recorded
from autospan.recognize.standing import find_standing
from autospan.recognize.tracing import find_traced

__all__ = ["recognize"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


def recognize(
    graph: Graph, knowledge: Knowledge, tree: Tree, traced_by: Mapping[str, str] = _NOTHING
) -> Survey:
    """What the packs recognise in the graph, each list sorted.

    `traced_by` names project functions (dotted, patterns allowed) that open a span as a decorator
    or when called, with the API name to report: `{"shop.tracing.trace": "in-house"}`.
    """
    hits = find_hits(graph, knowledge)
    index = Index.of(graph, hits.bases)
    traced = find_traced(graph, index, hits, knowledge, tree, traced_by)
    problems: list[Problem] = []
    by_hand = {one.function for one in traced}
    found = find_entries(graph, index, hits, knowledge, tree, problems)
    entries = tuple(sorted(entry.settled(by_hand) for entry in found))
    effects = find_effects(graph, hits)
    free = find_free(graph, hits, knowledge, tree)
    standing = find_standing(index, hits, entries)
    return Survey(
        entries=entries,
        effects=effects,
        traced=traced,
        lost=find_lost(hits, index),
        recorded=find_recorded(hits, index),
        free=free,
        agents=find_agents(graph, hits, knowledge, tree),
        launches=find_launches(knowledge, tree),
        effort=find_efforts(graph, hits, entries, effects, free, standing),
        forbidden=find_forbidden(index, hits),
        standing=tuple(sorted(standing.items())),
        problems=tuple(sorted((*problems, *knowledge.problems))),
    )
