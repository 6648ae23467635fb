"""What a project depends on: the versions that it declares, and those that a lock file fixes."""

from __future__ import annotations

import ast
import configparser
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import tomli

from autospan.model import Document, Place, Tree

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^]]*])?\s*\(?([^;#@)]*)")
_ELSEWHERE = re.compile(r"\s*(?:[-#./]|\w+(?:\+\w+)?:)")  # an option, a comment, a path, a URL
_LOCKED = re.compile(r'^name = "([^"]+)"\r?\nversion = "([^"]+)"', re.MULTILINE)
_BETWEEN = re.compile(r"[-_.]+")


class Dependency(NamedTuple):
    """A distribution: its normalised name (PEP 503), the version specifier as declared (PEP 440,
    "" for any), the exact version that is pinned or locked ("" for none), and where."""

    name: str
    specifier: str
    version: str
    place: Place


def dependencies(tree: Tree) -> dict[str, Dependency]:
    """By normalised name; an exact version is preferred to a range. Unreadable files say nothing.

    Read are requirements files, pyproject.toml (PEP 621, dependency groups, Poetry), setup.cfg,
    setup.py (literals only), Pipfile.lock, poetry.lock, uv.lock and pdm.lock.
    """
    found: dict[str, Dependency] = {}
    for document in tree.documents:
        reader = _reader(document.path.rpartition("/")[2])
        try:
            rows = list(reader(document.text)) if reader else []
        except (ValueError, SyntaxError, TypeError, AttributeError, configparser.Error):
            continue  # `scripts` tells about files that are broken
        for name, specifier, version in rows:
            _keep(found, document, normalized(name), specifier.strip(), version)
    return found


def normalized(name: str) -> str:
    """The name of a distribution as PEP 503 compares it: `Foo._bar` is `foo-bar`."""
    return _BETWEEN.sub("-", name).lower()


def _keep(
    found: dict[str, Dependency], document: Document, name: str, specifier: str, version: str
) -> None:
    known = found.get(name)
    if known is None or (version and not known.version) or not (known.specifier or known.version):
        place = Place(document.path, _line(document.text, name))
        found[name] = Dependency(name, specifier, version, place)


def _line(text: str, name: str) -> int:
    """The 1-based line of the first mention of a distribution, 0 without one."""
    pattern = re.escape(name).replace(r"\-", r"[-_.]+")
    found = re.search(rf"(?<![\w.-]){pattern}(?![\w-])", text, re.IGNORECASE)
    return text.count("\n", 0, found.start()) + 1 if found else 0


Row = tuple[str, str, str]


def _reader(name: str) -> Callable[[str], Iterator[Row]] | None:
    if name in _READERS:
        return _READERS[name]
    return _requirements if name.endswith((".txt", ".in")) else None


def _row(text: object) -> Iterator[Row]:
    """A requirement as PEP 508 writes it: `redis[hiredis] >= 4 ; python_version > "3"`."""
    found = _REQUIREMENT.match(text) if isinstance(text, str) else None
    if found:
        specifier = found[2].strip()
        pinned = re.fullmatch(r"===?\s*([\w.!+-]+)", specifier)
        yield found[1], specifier, pinned[1] if pinned else ""


def _requirements(text: str) -> Iterator[Row]:
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        if not _ELSEWHERE.match(line):
            yield from _row(re.sub(r"\s--?[a-z].*", "", line))


def _pyproject(text: str) -> Iterator[Row]:
    document = tomli.loads(text)
    project = document.get("project", {})
    groups = (project.get("optional-dependencies", {}), document.get("dependency-groups", {}))
    lists = [project.get("dependencies", []), *(one for group in groups for one in group.values())]
    for entries in lists:
        for entry in entries:
            yield from _row(entry)
    poetry = document.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [one.get("dependencies", {}) for one in poetry.get("group", {}).values()]
    for table in tables:
        yield from _poetry(table)


def _poetry(table: Mapping[str, object]) -> Iterator[Row]:
    for name, value in table.items():
        version = value.get("version", "") if isinstance(value, dict) else value
        if name != "python" and isinstance(version, str):
            yield name, ",".join(_caret(part.strip()) for part in version.split(",")), ""


def _caret(text: str) -> str:
    """Poetry's `^1.2` and `~1.2` as PEP 440 writes them; a bare version is exact."""
    found = re.fullmatch(r"([\^~])\s*v?(\d+(?:\.\d+)*)", text)
    if not found:
        return "" if text == "*" else f"=={text}" if text[:1].isdigit() else text
    parts = [int(part) for part in found[2].split(".")]
    fixed = 1 if found[1] == "~" and len(parts) > 1 else 0
    if found[1] == "^":
        fixed = next((at for at, part in enumerate(parts) if part), len(parts) - 1)
    above = [*parts[:fixed], parts[fixed] + 1]
    return f">={found[2]},<{'.'.join(str(part) for part in above)}"


def _setup_cfg(text: str) -> Iterator[Row]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    lists = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        lists += [value for _, value in parser.items("options.extras_require")]
    for lines in lists:
        yield from _requirements(lines)


def _setup_py(text: str) -> Iterator[Row]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.keyword(arg="install_requires" | "extras_require"):
                for each in ast.walk(node.value):
                    if isinstance(each, ast.Constant):
                        yield from _row(each.value)
            case _:
                pass


def _lock(text: str) -> Iterator[Row]:
    """A lock file of Poetry, uv or PDM: machines wrote it, name and version on lines of their own
    (reading all of it as TOML would take seconds for a large project)."""
    for name, version in _LOCKED.findall(text):
        yield name, f"=={version}", version


def _pipfile_lock(text: str) -> Iterator[Row]:
    document = json.loads(text)
    for section in ("default", "develop"):
        for name, entry in document.get(section, {}).items():
            yield from _row(name + str(entry.get("version", "")))


_READERS = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "Pipfile.lock": _pipfile_lock,
    "poetry.lock": _lock,
    "uv.lock": _lock,
    "pdm.lock": _lock,
}


def overlap(dependency: Dependency, supported: str) -> bool | None:
    """Whether a version that the project may have lies in a range (PEP 440); None: unknown.

    An exact version is tested as it is. Of a declared range, the versions that the two ranges
    name are tried, and those just above them: ranges that overlap share one of these.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        wanted = SpecifierSet(supported, prereleases=True)
        if dependency.version:
            return Version(dependency.version) in wanted
        if not dependency.specifier:
            return None
        declared = SpecifierSet(dependency.specifier, prereleases=True)
        named = [each.version.removesuffix(".*") for each in (*wanted, *declared)]
        tried = [Version(text) for name in named for text in (name, f"{name}.0.1", f"{name}.99999")]
    except (InvalidSpecifier, InvalidVersion):
        return None
    return any(each in wanted and each in declared for each in (*tried, Version("99999")))
