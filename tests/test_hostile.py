"""Nothing that lies in a folder makes a stage crash, or fall silent."""

from __future__ import annotations

import ast
import sys
import warnings
from pathlib import Path

import pytest
from hostile_corpus import CASES

from autospan.config import Config
from autospan.discover import discover
from autospan.downgrade import downgrade
from autospan.model import Source


@pytest.fixture(params=sorted(CASES))
def case(request, tmp_path, monkeypatch):
    build, expectation = CASES[request.param]
    folder = tmp_path / "root"
    folder.mkdir()
    try:
        build(folder, monkeypatch)
    except OSError as error:  # such a name, or such a link, is not to be had here
        pytest.skip(f"the file system refuses: {error}")
    return folder, expectation


def test_there_are_enough():
    assert len(CASES) >= 60


def test_discover(case: tuple[Path, object]):
    folder, expected = case
    tree = discover(folder, Config())
    found = [(p.place.file, p.place.line) for p in tree.problems]
    assert found == [(name, line) for name, line, _ in expected.problems]
    for problem, (_, _, words) in zip(tree.problems, expected.problems, strict=True):
        assert words in problem.message
        assert problem.hint
    assert tuple(s.path for s in tree.sources) == expected.sources
    for source in tree.sources:
        assert source.encoding == expected.encoding
        text = source.data.decode(source.encoding)
        assert text.encode(source.encoding) == source.data
        assert source.path.encode() and source.module.encode()
    assert len({s.module for s in tree.sources}) == len(tree.sources)
    if expected.modules:
        assert tuple(s.module for s in tree.sources) == expected.modules
    assert discover(folder, Config()).sources == tree.sources


def test_syntax(case):
    folder, expected = case
    for source in discover(folder, Config()).sources:
        outcome, line = parsed(source)
        match expected.syntax:
            case "deep":
                assert outcome in ("fine", "lowered", "wrong")
            case "wrong before 3.14" if sys.version_info >= (3, 14):
                assert outcome == "fine"
            case "wrong" | "wrong before 3.14":
                assert (outcome, line) == ("wrong", expected.line or line)
            case "new":
                newer = sys.version_info < expected.since
                assert outcome == ("lowered" if newer else "fine")
            case other:
                assert outcome == other


def parsed(source: Source) -> tuple[str, int]:
    """How a source can be read: as it is ("fine"), "lowered", or "wrong" at a line."""
    text = source.data.decode(source.encoding)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, RecursionError, MemoryError):
            pass
        else:
            return "fine", 0
    try:
        downgrade(source.data, source.encoding)
    except SyntaxError as error:
        return "wrong", error.lineno or 0
    return "lowered", 0
