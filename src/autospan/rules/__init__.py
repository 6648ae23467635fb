"""The rules of `check`: one file each, called by its id and its name (`as001_untraced_entrypoint`).

The docstring of a rule's module is its manual page, `docs/rules/AS001.md` and what `autospan
explain AS001` prints; its first line says what the rule finds. `find` gives the findings, without
those that a comment or the baseline accepts; of `as005` and `as006`, which are about these, it is
another function.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from types import ModuleType
from typing import NamedTuple

from autospan.catalog import rule_module, rules
from autospan.model import Problem
from autospan.model.facts import Place


class Rule(NamedTuple):
    """A rule: `AS001`, `untraced-entrypoint`, its manual page in Markdown, its module."""

    code: str
    name: str
    page: str
    module: ModuleType

    @property
    def summary(self) -> str:
        """What the rule finds, in one line."""
        return self.page.partition("\n")[0]


@cache
def known() -> tuple[Rule, ...]:
    """All rules, by id."""
    return tuple(_rule(name) for name in rules())


def _rule(file: str) -> Rule:
    code, _, name = file.partition("_")
    module = rule_module(file)
    return Rule(code.upper(), name.replace("_", "-"), (module.__doc__ or "").strip(), module)


def named(word: str) -> Rule | None:
    """The rule with this id or name."""
    return next((each for each in known() if word.lower() in (each.code.lower(), each.name)), None)


def chosen(
    select: Iterable[str], ignore: Iterable[str]
) -> tuple[frozenset[str], tuple[Problem, ...]]:
    """The ids of the rules that are selected (all, if none is named) and not ignored, and what
    names no rule. A rule goes by its id, the beginning of it, or its name."""
    problems: list[Problem] = []
    wanted = _meant("select", tuple(select), problems) or {each.code for each in known()}
    return frozenset(wanted - _meant("ignore", tuple(ignore), problems)), tuple(problems)


def _meant(key: str, words: tuple[str, ...], problems: list[Problem]) -> set[str]:
    found: set[str] = set()
    for word in words:
        meant = {
            each.code
            for each in known()
            if each.name == word.lower() or (word and each.code.startswith(word.upper()))
        }
        if not meant:
            problems.append(Problem(Place("check"), f"`{key}` names no rule: {word}", _near(word)))
        found |= meant
    return found


def _near(word: str) -> str:
    close = get_close_matches(word.lower(), [each.name for each in known()], n=1)
    listed = ", ".join(each.code for each in known())
    return f"did you mean {close[0]}?" if close else f"there are {listed}"
