"""Every pack against its annotated fixture; the marks are those of `autospan.marks`."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from autospan import catalog, marks
from autospan.knowledge import Knowledge, load
from autospan.knowledge.parse import MAPPINGS, RULES
from autospan.model import Problem, Tree

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FIXTURES = Path(__file__).parents[1] / "fixtures" / "packs"
PACKS = [path.stem for path in catalog.packs()]
EVERYWHERE = ("where", "excluding", "pack")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(catalog.packs())


def test_every_pack_has_a_fixture_that_shows_what_it_must_not_match() -> None:
    texts = {pack: (FIXTURES / f"{pack}.py").read_text() for pack in PACKS}
    assert [pack for pack, text in texts.items() if "# none" not in text] == []
    kinds = {pack: {kind for _, kind, _ in marks.marked(text)} for pack, text in texts.items()}
    assert [pack for pack, found in kinds.items() if found <= {"none"}] == []


def test_every_fixture_is_of_a_pack() -> None:
    names = {path.name.partition(".")[0] for path in FIXTURES.iterdir() if path.is_file()}
    assert names == set(PACKS)


def test_what_a_package_spans_has_a_root_span() -> None:
    """A report must not say of a job that a package spans it, and that nobody does."""
    served = r"SERVER span for every request|CONSUMER span (where|for every one handled)"
    packs = [tomllib.loads(path.read_text(encoding="utf-8")) for path in catalog.packs()]
    serving = [
        pack
        for pack in packs
        if any(re.search(served, each["gives"]) for each in pack.get("free", ()))
    ]
    assert len(serving) > 10
    entries = [each for pack in serving for each in pack.get("entry", ())]
    assert [
        each["names"] for each in entries if each["kind"] in ("http", "task") and "root" not in each
    ] == []


@pytest.mark.parametrize("pack", PACKS)
def test_fixture(pack: str, knowledge: Knowledge) -> None:
    tree = marks.laid(FIXTURES / f"{pack}.py")
    assert _told(marks.mismatches(tree, knowledge), tree) == []


def _told(problems: tuple[Problem, ...], tree: Tree) -> list[str]:
    """One readable line a mismatch, so that a failing test shows the line of the fixture."""
    lines = tree.sources[0].data.decode().splitlines()
    return [f"{p.place.line}: {p.message} | {lines[p.place.line - 1].strip()}" for p in problems]


def test_the_example_in_the_documentation_works(tmp_path: Path) -> None:
    manual = (FIXTURES.parents[1] / "docs" / "packs.md").read_text()
    blocks = dict(re.findall(r"```(toml|python)\n(.*?)```", manual, re.DOTALL))
    pack = tmp_path / "pigeon.toml"
    pack.write_text(blocks["toml"])
    knowledge = load([pack])
    assert marks.mismatches(marks.project(blocks["python"]), knowledge) == ()


def test_the_documentation_lists_every_table_and_key() -> None:
    manual = (FIXTURES.parents[1] / "docs" / "packs.md").read_text()
    rows = re.findall(r"^\| `\[+(\w+)\]+` \|(.*)\|$", manual, re.MULTILINE)
    assert {table for table, _ in rows} == {"library", *RULES, *MAPPINGS}
    unsaid = {
        ("wiring", "names"),
        ("launch", "names"),
        *((table, key) for table in RULES for key in EVERYWHERE),
    }
    for table, row in rows:
        keys = {key.name for key in fields(RULES[table])} if table in RULES else set()
        missing = {key for key in keys if f"`{key}`" not in row and (table, key) not in unsaid}
        assert not missing, table
