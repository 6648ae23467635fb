"""Dominance: the functions through which every way from an entry point to others leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def find_dominated(callees: Mapping[int, Iterable[int]], starts: Iterable[int]) -> dict[int, int]:
    """To how many functions each function (index) is the only way from any of the `starts`.

    These are the functions beneath it in the tree of immediate dominators (Cooper, Harvey and
    Kennedy 2001) of the call graph, grown from one root above all starts.
    """
    import rustworkx

    edges = [(caller, callee) for caller, found in sorted(callees.items()) for callee in found]
    begin = sorted(set(starts))
    root = 1 + max((*begin, *(node for edge in edges for node in edge)), default=-1)
    digraph: rustworkx.PyDiGraph[int, None] = rustworkx.PyDiGraph()
    digraph.add_nodes_from(range(root + 1))
    digraph.add_edges_from_no_data([*((root, each) for each in begin), *edges])
    beneath: dict[int, list[int]] = {}
    for node, above in rustworkx.immediate_dominators(digraph, root).items():
        if node != root:
            beneath.setdefault(above, []).append(node)
    return _counted(beneath, root)


def _counted(beneath: Mapping[int, list[int]], root: int) -> dict[int, int]:
    """How many nodes stand beneath each node of a tree, at any depth; those with none left out."""
    order, pending = [], [root]
    while pending:
        node = pending.pop()
        order.append(node)
        pending += beneath.get(node, ())
    found: dict[int, int] = {}
    for node in reversed(order):
        below = beneath.get(node, ())
        found[node] = sum(1 + found[each] for each in below)
    return {node: count for node, count in found.items() if count and node != root}
