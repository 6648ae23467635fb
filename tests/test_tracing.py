"""Tracing that is there already: every API's decorators, blocks and calls, and a project's own; no
function that has a span by them gets a second one."""

from __future__ import annotations

from pathlib import Path

import pytest

from autospan.config import Config
from autospan.knowledge import Knowledge
from autospan.link import link
from autospan.marks import laid, marked
from autospan.model import Selection
from autospan.plan import plan
from autospan.rank import rank
from autospan.read import read
from autospan.recognize import recognize
from autospan.shelf import knowledge

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures" / "tracing").glob("*.py"))


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return knowledge(Path(), Config())


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_no_second_span(path: Path, known: Knowledge) -> None:
    tree = laid(path)
    facts = [read(source) for source in tree.sources]
    graph = link(facts, known)
    survey = recognize(graph, known, tree)
    found = {(graph.functions[one.function].place.line, one.api) for one in survey.traced}
    marks = marked(path.read_text("utf-8"))
    assert found == {(line, api) for line, kind, api in marks if kind == "traced"}
    everything = Selection(everything=True)
    ranked = rank(graph, survey)
    made = plan(ranked, graph, survey, tree.sources, facts, Config(), everything)
    traced = {line for line, _ in found}
    assert not traced & {edit.line for edit in made.edits}
    free = {line for line, kind, _ in marks if kind == "none"}
    assert free == {edit.line for edit in made.edits}
