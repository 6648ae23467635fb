"""What a pack may say of spans that the code makes itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autospan.knowledge.rules import Key, Rule
from autospan.model import FunctionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRule(Rule):
    """The function decorated by this, or whose body calls it, opens a span by `api`.

    `block`: the call gives a context manager, so that a function of a line or two that calls it
    and has no `with` hands it to its caller, who opens the span. `held`: of a call whose result is
    dropped nothing is seen. `short`: the kinds of functions on which the decorator's span ends
    before they have run; `unless` are `argument:pattern` of the source text of a decorator that
    opens none.

    `function` are the arguments of a call that hold what is given a span instead of the caller, or
    its path, in the `module` that another argument names. Such paths stand in the keys `function`
    of a `section` of INI `files`, and in a `variable` of the environment; with `kinds` these are
    plain names of functions of these kinds.
    """

    where: Literal["decorator", "call", "section", "variable"]
    api: str
    block: bool = False
    held: bool = False
    short: tuple[FunctionKind, ...] = ()
    unless: tuple[str, ...] = ()
    function: tuple[Key, ...] = ()
    module: tuple[Key, ...] = ()
    files: tuple[str, ...] = ()
    kinds: tuple[FunctionKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeRule(Rule):
    """A call (or decorator) that puts attributes on a span: the arguments that may be the `key` of
    one, and those that hold many, as the keys of a dict or the items of a sequence (`keys`)."""

    where: Literal["decorator", "call"]
    key: tuple[Key, ...] = ()
    keys: tuple[Key, ...] = ()
