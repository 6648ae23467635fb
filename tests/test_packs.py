"""Every pack against its annotated fixture, through `read`, `link` and `recognize`.

A fixture says on the line of the thing concerned what must be found there, and nothing else may be:

    # entry: KIND NAME          on the `def` of the function that is entered
    # effect: KIND SYSTEM       on the call; `weak` at the end where only a name speaks for it
    # traced: API               on the `def`
    # forbidden                 on the `def`
    # effort                    on the call
    # free: PACKAGE             anywhere: the package is suggested
    # none                      nothing is found here, though it looks like it

`PACK.pyproject.toml` beside `PACK.py` is a document of the fixture's project.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from autospan import catalog
from autospan.knowledge import Knowledge, load
from autospan.knowledge.parse import MAPPINGS, RULES
from autospan.link import link
from autospan.model import Document, Graph, Source, Survey, Tree
from autospan.read import read
from autospan.recognize import recognize

FIXTURES = Path(__file__).parents[1] / "fixtures" / "packs"
PACKS = [path.stem for path in catalog.packs()]
EVERYWHERE = ("where", "excluding", "pack")
MARK = re.compile(r"# (entry|effect|traced|forbidden|effort|free|none)\b:?([^#]*)")

Finding = tuple[int, str, str]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(catalog.packs())


@pytest.mark.parametrize("pack", PACKS)
def test_pack_has_a_fixture_that_shows_what_it_must_not_match(pack: str) -> None:
    text = (FIXTURES / f"{pack}.py").read_text()
    assert "# none" in text
    assert {kind for _, kind, _ in _expected(text)} - {"none"}


def test_every_fixture_is_of_a_pack() -> None:
    names = {path.name.partition(".")[0] for path in FIXTURES.iterdir() if path.is_file()}
    assert names == set(PACKS)


@pytest.mark.parametrize("pack", PACKS)
def test_fixture(pack: str, knowledge: Knowledge) -> None:
    text = (FIXTURES / f"{pack}.py").read_text()
    tree = _tree(pack, text)
    graph = link([read(source) for source in tree.sources], knowledge)
    survey = recognize(graph, knowledge, tree)
    expected, found = list(_expected(text)), list(_found(graph, survey))
    free = {value for _, kind, value in expected if kind == "free"}
    wanted = Counter(one for one in expected if one[1] not in ("free", "none"))
    assert _lines(Counter(found), text) == _lines(wanted, text)
    assert free <= {one.package for one in survey.free}


def _tree(pack: str, text: str) -> Tree:
    data = text.encode()
    digest = hashlib.sha256(data).hexdigest()
    source = Source("app.py", "app", False, data, "utf-8", digest)
    documents = tuple(
        Document(path.name.removeprefix(f"{pack}."), path.read_text())
        for path in sorted(FIXTURES.glob(f"{pack}.*.*"))
    )
    return Tree("/", (source,), documents)


def _expected(text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        for kind, value in MARK.findall(line):
            yield number, kind, value.strip()


def _found(graph: Graph, survey: Survey) -> Iterator[Finding]:
    def line(function: int) -> int:
        return graph.functions[function].place.line

    for entry in survey.entries:
        yield line(entry.function), "entry", f"{entry.kind} {entry.name}"
    for effect in survey.effects:
        weak = " weak" if effect.weak else ""
        yield effect.place.line, "effect", f"{effect.kind} {effect.system}{weak}"
    for traced in survey.traced:
        yield line(traced.function), "traced", traced.api
    for function, _ in survey.forbidden:
        yield line(function), "forbidden", ""
    for effort in survey.effort:
        yield effort.place.line, "effort", ""


def _lines(findings: Counter[Finding], text: str) -> list[str]:
    """One readable line a finding, so that a failing test shows a diff of the fixture."""
    lines = text.splitlines()
    return [
        f"{number}: {kind}: {value} | {lines[number - 1].split('#')[0].strip()}"
        for number, kind, value in sorted(findings.elements())
    ]


def test_the_example_in_the_documentation_works(tmp_path: Path) -> None:
    manual = (FIXTURES.parents[1] / "docs" / "packs.md").read_text()
    blocks = dict(re.findall(r"```(toml|python)\n(.*?)```", manual, re.DOTALL))
    pack = tmp_path / "pigeon.toml"
    pack.write_text(blocks["toml"])
    knowledge = load([pack])
    tree = _tree("pigeon", blocks["python"])
    graph = link([read(source) for source in tree.sources], knowledge)
    found = Counter(_found(graph, recognize(graph, knowledge, tree)))
    wanted = Counter(one for one in _expected(blocks["python"]) if one[1] != "none")
    assert _lines(found, blocks["python"]) == _lines(wanted, blocks["python"])


def test_the_documentation_lists_every_table_and_key() -> None:
    manual = (FIXTURES.parents[1] / "docs" / "packs.md").read_text()
    rows = re.findall(r"^\| `\[+(\w+)\]+` \|(.*)\|$", manual, re.MULTILINE)
    assert {table for table, _ in rows} == {"library", *RULES, *MAPPINGS}
    unsaid = {("wiring", "names"), *((table, key) for table in RULES for key in EVERYWHERE)}
    for table, row in rows:
        keys = {key.name for key in fields(RULES[table])} if table in RULES else set()
        missing = {key for key in keys if f"`{key}`" not in row and (table, key) not in unsaid}
        assert not missing, table
