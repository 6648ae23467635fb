"""What certainly only computes: neither a function nor anything that it leads to can do I/O."""

from __future__ import annotations

import datetime
import logging
import re
import sys
from collections import deque
from collections.abc import Iterable

from autospan.model import Graph, Survey

_TYPES = (str, bytes, bool, int, float, list, tuple, dict, set, frozenset, deque, datetime.datetime,
          datetime.timedelta, re.Pattern, re.Match, logging.Logger)  # fmt: skip
_METHODS = frozenset(name for each in _TYPES for name in dir(each))
_LANGUAGE = frozenset((*sys.stdlib_module_names, "builtins"))


def find_computing(graph: Graph, survey: Survey) -> frozenset[int]:
    """The functions (indices) that do no I/O that is known, await nothing, and call nothing but the
    standard library, methods that are called like those of plain values, and each other."""
    doubtful = {effect.function for effect in survey.effects}
    doubtful |= {each.caller for each in graph.unresolved}
    doubtful |= {site.caller for site in graph.sites if not _plain(site.name)}
    doubtful |= {number for number, each in enumerate(graph.functions) if each.shape.awaits}
    return frozenset(range(len(graph.functions))) - _callers(graph, doubtful)


def _plain(name: str) -> bool:
    """Whether a call (canonical name) is one of the standard library, or like one of a value's."""
    if name.startswith("?"):
        return name.rpartition(".")[2] in _METHODS
    return name.partition(".")[0] in _LANGUAGE


def _callers(graph: Graph, starts: Iterable[int]) -> set[int]:
    """These functions and all that lead to them, be it by a guess."""
    callers: dict[int, list[int]] = {}
    for edge in graph.edges:
        callers.setdefault(edge.callee, []).append(edge.caller)
    found, pending = set(starts), list(starts)
    while pending:
        new = [each for each in callers.get(pending.pop(), ()) if each not in found]
        found.update(new)
        pending += new
    return found
