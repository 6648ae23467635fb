"""The manual page of a rule, as `explain AS001` prints it and `docs/rules` holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autospan.present._page import literal, render

if TYPE_CHECKING:
    from autospan.rules import Rule


def present(rule: Rule, colors: bool = False) -> str:
    """The page in Markdown: the id and the name as its title, then what the module says."""
    title, *lines = [f"# {rule.code} {rule.name}", "", *rule.page.splitlines()]
    page = [literal(title, "bold"), *map(literal, lines)]
    return render(page, max(len(each) for each in page), colors)
