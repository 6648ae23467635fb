"""Entry points that pyproject.toml, setup.cfg and setup.py declare; nothing of them is run."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import tomli

from autospan.model import Document, Place, Problem, Tree


class Script(NamedTuple):
    """One declared entry point: its group (`console_scripts`), name, target `pkg.mod:attr`."""

    group: str
    name: str
    target: str
    place: Place


def scripts(tree: Tree, problems: list[Problem]) -> Iterator[Script]:
    """All declared entry points, in the order of the files. Unreadable files become problems."""
    seen: set[str] = set()
    for document in (*tree.documents, *_setup_sources(tree)):
        reader = _READERS.get(document.path.rpartition("/")[2])
        if reader is None or document.path in seen:
            continue
        seen.add(document.path)
        try:
            found = [*reader(document.text)]
        except (ValueError, SyntaxError, configparser.Error) as error:
            message = f"not readable for entry points: {error}"
            problems.append(Problem(Place(document.path), message))
            continue
        for group, name, target in found:
            place = Place(document.path, _line(document.text, name, target))
            yield Script(group, name, target.partition("[")[0].strip(), place)


def _setup_sources(tree: Tree) -> Iterator[Document]:
    for source in tree.sources:
        if source.path.rpartition("/")[2] == "setup.py":
            yield Document(source.path, source.data.decode(source.encoding or "utf-8", "replace"))


def _pyproject(text: str) -> Iterator[tuple[str, str, str]]:
    document = tomli.loads(text)
    project, poetry = _table(document, "project"), _table(document, "tool", "poetry")
    yield from _targets("console_scripts", _table(project, "scripts"))
    yield from _targets("gui_scripts", _table(project, "gui-scripts"))
    yield from _targets("console_scripts", _table(poetry, "scripts"))
    for group in _table(project, "entry-points"):
        yield from _targets(group, _table(project, "entry-points", group))
    for group in _table(poetry, "plugins"):
        yield from _targets(group, _table(poetry, "plugins", group))


def _table(document: Mapping[str, object], *keys: str) -> Mapping[str, object]:
    for key in keys:
        inner = document.get(key)
        document = inner if isinstance(inner, dict) else {}
    return document


def _targets(group: str, table: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    for name, value in table.items():
        target = value.get("reference", "") if isinstance(value, dict) else value
        yield group, name, str(target)


def _setup_cfg(text: str) -> Iterator[tuple[str, str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    if parser.has_section("options.entry_points"):
        for group, lines in parser.items("options.entry_points"):
            yield from _lines(group, lines.splitlines())


def _lines(group: str, lines: list[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        name, equals, target = line.partition("=")
        if equals:
            yield group, name.strip(), target.strip()


def _setup_py(text: str) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id="setup") | ast.Attribute(attr="setup")):
                for keyword in node.keywords:
                    if keyword.arg == "entry_points":
                        yield from _literal(keyword.value)
            case _:
                pass


def _literal(node: ast.expr) -> Iterator[tuple[str, str, str]]:
    """The entry points of a literal dict or INI text; what is computed is left out."""
    match node:
        case ast.Constant(value=str(text)):
            parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
            parser.read_string(text)
            for group in parser.sections():
                yield from ((group, name, target) for name, target in parser.items(group))
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant):
                    texts = [n.value for n in ast.walk(value) if isinstance(n, ast.Constant)]
                    lines = [line for text in texts for line in str(text).splitlines()]
                    yield from _lines(str(key.value), lines)
        case _:
            pass


def _line(text: str, name: str, target: str) -> int:
    """The 1-based line that names a target, 0 if it is not spelt out."""
    for number, line in enumerate(text.splitlines(), 1):
        if target in line and name in line:
            return number
    return 0


_READERS = {"pyproject.toml": _pyproject, "setup.cfg": _setup_cfg, "setup.py": _setup_py}
