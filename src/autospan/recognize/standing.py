"""Loops that wait for work as long as their thread, their connection or their program lives."""

from __future__ import annotations

from collections.abc import Iterable

from autospan.knowledge.rules import ForbidRule
from autospan.model import Entry, Site
from autospan.recognize.forbidden import always
from autospan.recognize.hits import Hits
from autospan.recognize.index import Index

_WAITS = frozenset(
    "accept async_get blmove blpop brpop get get_message poll readline receive recv recv_bytes "
    "recv_multipart recvfrom select sleep wait wait_for".split()
)
_LIVES = {
    "thread": "its thread",
    "rpc": "the connection",
    "websocket": "the connection",
    "consumer": "the consumer",
}
SERVES = "the program"


def find_standing(index: Index, hits: Hits, entries: Iterable[Entry]) -> dict[int, str]:
    """The functions (index) that serve, or wait in a loop for what to do next, and what lives as
    long: "" where it is not known.

    A loop that is asked from outside to stop (`while not self.stopped.is_set()`) does so anywhere,
    one that ends by itself (`while True: … return`) where it is what a thread or a connection runs:
    elsewhere it is a retry, or reads what there is.
    """
    lives = {entry.function: _LIVES[entry.kind] for entry in entries if entry.kind in _LIVES}
    found: dict[int, str] = {}
    for number in sorted({site.caller for site in index.graph.sites if _waits(site)}):
        function = index.graph.functions[number]
        if "generator" in function.kind:
            continue
        if function.standing == "flag" or (function.standing and number in lives):
            found[number] = lives.get(number, "")
    for rule, site in hits.calls:
        if isinstance(rule, ForbidRule) and "caller" in rule.function and always(index, site):
            found[site.caller] = SERVES
    return found


def _waits(site: Site) -> bool:
    """Whether a call in a loop may be the one that waits: not the `get` of a dictionary."""
    last = site.name.rpartition(".")[2]
    keyed = last == "get" and any(each.key == 0 for each in site.arguments)
    return bool(site.loop) and last in _WAITS and not keyed
