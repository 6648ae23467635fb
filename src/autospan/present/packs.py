"""The knowledge packs in use, one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autospan.present._page import counted, render, rows, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from autospan.knowledge import Pack

_TOLD = {
    "EntryRule": "entry points",
    "EffectRule": "effects",
    "TracedRule": "tracing",
    "FreeRule": "free spans",
    "LaunchRule": "ways to start",
    "EffortRule": "effort",
    "ForbidRule": "refusals",
    "CallbackRule": "callbacks",
}


def present(packs: Sequence[Pack], width: int, colors: bool = False) -> str:
    """Name, and the number of rules of each kind."""
    return render(_parts(packs), width, colors)


def _parts(packs: Sequence[Pack]) -> Iterator[RenderableType]:
    yield rows([((pack.library.name, "cyan"), (_said(pack), "dim")) for pack in packs])
    total = sum(len(pack.rules) for pack in packs)
    yield text(f"\n{counted(len(packs), 'pack')}, {counted(total, 'rule')}")


def _said(pack: Pack) -> str:
    kinds = Counter(type(rule).__name__ for rule in pack.rules)
    told = [f"{count} {_TOLD[kind]}" for kind, count in kinds.items() if kind in _TOLD]
    return ", ".join(told) or "names only"
