"""Every rule of `check` against its annotated fixture, and its manual page."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from autospan import catalog
from autospan.baseline import compare, load_baseline
from autospan.knowledge import Knowledge, load
from autospan.link import link
from autospan.marks import project
from autospan.model import Finding
from autospan.present import rule as manual
from autospan.read import read
from autospan.recognize import recognize
from autospan.review import review
from autospan.rules import chosen, known, named
from autospan.rules.as004_secret_captured import exposed
from autospan.rules.as005_stale_baseline_entry import stale
from autospan.rules.finding import checking, find

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures" / "rules"
PAGES = ROOT / "docs" / "rules"
MARK = re.compile(r"# finding: (AS\d{3})")
RULES = catalog.rules()


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(catalog.packs())


def found(path: Path, knowledge: Knowledge) -> tuple[Finding, ...]:
    """What all rules find in a fixture, and the baseline beside it does not accept."""
    tree = project(path.read_text(encoding="utf-8"))
    facts = [read(source) for source in tree.sources]
    graph = link(facts, knowledge)
    survey = recognize(graph, knowledge, tree)
    every, _ = chosen((), ())
    checked = checking(graph, survey, tree.sources, ())
    findings = review(find(checked, every), checked, facts, tree.sources, every)
    present = {"app.py": {each.name.partition(":")[2] for each in graph.functions}}
    held = compare(findings, load_baseline(path.with_suffix(".json"), FIXTURES), present)
    return (*held.new, *stale("baseline", held.stale))


@pytest.mark.parametrize("name", RULES)
def test_fixture(name: str, knowledge: Knowledge) -> None:
    path = FIXTURES / f"{name}.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = Counter(
        (number, rule) for number, line in enumerate(lines, 1) for rule in MARK.findall(line)
    )
    told = Counter(
        (each.place.line, each.rule) for each in found(path, knowledge) if each.rule != "AS005"
    )
    show = {number: lines[number - 1].strip() for number, _ in (marked - told) + (told - marked)}
    assert (marked - told, told - marked, show) == (Counter(), Counter(), {})


@pytest.mark.parametrize("name", [each for each in RULES if not each.startswith("as005")])
def test_the_fixture_of_a_rule_shows_what_it_finds_and_what_it_must_not(name: str) -> None:
    text = (FIXTURES / f"{name}.py").read_text(encoding="utf-8")
    assert f"# finding: {name[:5].upper()}" in text
    assert text.count("# none") >= 3


def test_stale_entries_are_told_at_their_line(knowledge: Knowledge) -> None:
    (entry,) = [
        each
        for each in found(FIXTURES / "as005_stale_baseline_entry.py", knowledge)
        if each.rule == "AS005"
    ]
    text = (FIXTURES / "as005_stale_baseline_entry.json").read_text(encoding="utf-8")
    assert "traced_since" in text.splitlines()[entry.place.line - 1]
    assert "traced_since" in entry.words


def test_every_fixture_is_of_a_rule() -> None:
    assert {path.stem for path in FIXTURES.iterdir() if path.is_file()} == set(RULES)


def test_columns_are_where_the_line_begins(knowledge: Knowledge) -> None:
    path = FIXTURES / "as008_span_dropped.py"
    assert {each.place.column for each in found(path, knowledge)} == {5}


def pages() -> dict[str, str]:
    """The pages as they should be: one a rule, and the table of them."""
    table = "".join(
        f"| [{each.code}]({each.code}.md) | {each.name} | {each.summary} |\n" for each in known()
    )
    shown = {f"{each.code}.md": manual.present(each) for each in known()}
    return {**shown, "README.md": INDEX + table}


INDEX = """# The rules of `check`

`autospan explain AS001` prints these pages. `--select` and `--ignore` (and keys of the same names
in the configuration) choose among them by id, by the beginning of one, or by name.

| id | name | finds |
|---|---|---|
"""


def test_the_pages_are_what_explain_says() -> None:
    """After a change that is meant: `REWRITE=1 pytest tests/test_rules.py`."""
    if os.environ.get("REWRITE"):
        for name, text in pages().items():
            (PAGES / name).write_text(text, encoding="utf-8")
    assert {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()} == pages()


def test_every_page_shows_code_and_a_way_out() -> None:
    for each in known():
        assert "```" in each.page, each.code
        assert "**Way out**" in each.page, each.code
        assert len(each.summary) < 100, each.code


def test_rules_go_by_id_beginning_and_name() -> None:
    every = frozenset(each.code for each in known())
    assert chosen((), ()) == (every, ())
    assert chosen(("AS001",), ())[0] == {"AS001"}
    assert chosen(("as00",), ("context-lost",))[0] == every - {"AS002"}
    _, (problem,) = chosen(("context-losd",), ())
    assert problem.hint == "did you mean context-lost?"
    rule = named("as001")
    assert rule is not None
    assert named(rule.name) == rule


@pytest.mark.parametrize(
    "name", ["user.password", "apiKey", "credit_card_number", "x.refresh_token", "phone2", "cvv"]
)
def test_names_that_give_something_away(name: str) -> None:
    assert exposed(name)


HARMLESS = """token_count max_tokens session.id messaging.kafka.message.key password_changed user.id
server.address http.route auth author monkey file.name"""


@pytest.mark.parametrize("name", HARMLESS.split())
def test_names_that_give_nothing_away(name: str) -> None:
    assert not exposed(name)


def test_names_of_the_project_count_too() -> None:
    assert exposed("shop.nickname", ("nickname",))
    assert exposed("loyalty_no", ("loyalty*",))
