"""What a pack may say of how values flow through a library: called back, kept, stood in for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autospan.knowledge.rules import Complaint, Key, Rule

VERBS = ("each", "called", "awaited", "entered", "listed", "paired", "awaitable", "callable")
"""What `[gives]` may do with an argument before it is the result of the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRule(Rule):
    """An external call that calls back one of its arguments, its receiver ("self"), or what that
    keeps under an attribute ("self.NAME"): the value itself, or the `methods` of it that are
    listed (properties are read)."""

    where: Literal["call"]
    function: tuple[Key, ...]
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRule(Rule):
    """The receiver of an external call (the object, where the call makes one; what it gives, with
    `result`) keeps an argument or "self" `under` an attribute. A dotted one leads over others."""

    where: Literal["call"]
    argument: tuple[Key, ...]
    under: str
    result: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRule(Rule):
    """What an external call gives stands for another value whenever it is used: for an argument
    (`of`), or for what `calling` an argument gives. Of an outside object it is what that keeps
    `under` an attribute. `attribute` is the argument that names an attribute of all this, `method`
    gives the value itself.
    """

    where: Literal["call"]
    of: tuple[Key, ...] = ()
    calling: tuple[Key, ...] = ()
    under: str = ""
    attribute: tuple[Key, ...] = ()
    method: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """It stands for an argument, or for what that gives."""
        yield from Rule.complaints(self)
        if bool(self.of) == bool(self.calling):
            yield "of", "or calling: one of them says which argument it stands for"
