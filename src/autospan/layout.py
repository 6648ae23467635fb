"""How a project lays out its code: what the configuration of its formatter, its import sorter and
its editor says, so that the lines that are put in look as if they had been formatted with the rest.

Read are Black's, Ruff's and isort's tables, `.editorconfig` and flake8's line length, in the folder
of a file and those above it up to the top of the repository; a hook in `.pre-commit-config.yaml`
counts as a tool without configuration. Of each tool the nearest configuration holds.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from autospan.model import Layout, Sorting

_Table = Mapping[str, Any]
_USUAL = 88
_UNKNOWN = ("length_sort", "no_sections", "force_alphabetical_sort", "reverse_sort", "from_first")
"""Options of isort under which imports are left where they would be without it."""
_INI = {
    ".isort.cfg": ("settings", "isort"),
    "setup.cfg": ("isort", "tool:isort"),
    "tox.ini": ("isort",),
}
_TOML = ("pyproject.toml", ".ruff.toml", "ruff.toml")
_FILES = frozenset((*_TOML, ".pre-commit-config.yaml", ".editorconfig", ".flake8", *_INI))


def read_layouts(root: str | Path, paths: Iterable[str]) -> Mapping[str, Layout]:
    """The layout of each of these files below a root. What cannot be read says nothing."""
    for cached in (_names, _text, _toml, _ini):
        cached.cache_clear()
    above: dict[str, tuple[Path, ...]] = {}
    known: dict[tuple[Path, ...], Layout] = {}
    found = {}
    for path in paths:
        folder = path.rpartition("/")[0]
        if folder not in above:
            above[folder] = tuple(_up(Path(root, folder)))
        if above[folder] not in known:
            known[above[folder]] = _layout(above[folder])
        found[path] = known[above[folder]]
    return found


def _layout(folders: tuple[Path, ...]) -> Layout:
    """The layout that these folders configure, the nearest one first."""
    black = _first(folders, lambda each: _tool(each, "black"), "black")
    ruff = _first(folders, _ruff)
    formatted = _first(folders, _ruff_format, "ruff-format")
    if formatted is not None:
        style = formatted.get("quote-style", "double")
        quote = {"double": '"', "single": "'"}.get(style, "")
        return Layout(quote, (ruff or {}).get("line-length", _USUAL), _sorting(folders, ruff))
    if black is not None:
        quote = "" if black.get("skip-string-normalization") else '"'
        return Layout(quote, black.get("line-length", _USUAL), _sorting(folders, ruff))
    return Layout("", _width(folders, ruff), _sorting(folders, ruff))


def _up(folder: Path) -> Iterator[Path]:
    """The folders with configuration from this one to the top of the repository."""
    for each in (folder, *folder.parents):
        names = _names(each)
        if not names.isdisjoint(_FILES):
            yield each
        if ".git" in names:
            return


@cache
def _names(folder: Path) -> frozenset[str]:
    return frozenset(each.name for each in _entries(folder))


def _first(
    folders: Iterable[Path], ask: Callable[[Path], _Table | None], hook: str = ""
) -> dict[str, Any] | None:
    """The nearest table; an empty one where only a hook names the tool."""
    for folder in folders:
        if (table := ask(folder)) is not None:
            return {key.replace("_", "-"): value for key, value in table.items()}
        if hook and re.search(rf"\bid: *{hook}\b(?!-)", _text(folder / ".pre-commit-config.yaml")):
            return {}
    return None


# --- line length


def _width(folders: Iterable[Path], ruff: _Table | None) -> int:
    """The longest line that the editor or a linter is told of; 0 if none."""
    if ruff and (isinstance(ruff.get("line-length"), int) or _measures(ruff)):
        return int(ruff.get("line-length", _USUAL))
    for folder in folders:
        sections = _ini(folder / ".editorconfig", "[top]\n")
        for name in ("*.py", "*"):
            if (told := sections.get(name, {}).get("max_line_length", "")).isdigit():
                return int(told)
        for file in (".flake8", "setup.cfg", "tox.ini"):
            table = _ini(folder / file).get("flake8", {})
            told = table.get("max-line-length", table.get("max_line_length", ""))
            if told.isdigit():
                return int(told)
    return 0


def _measures(ruff: _Table) -> bool:
    """Whether Ruff complains of long lines, of which it has an idea of its own."""
    lint = ruff.get("lint", ruff)
    named = {*_listed(lint.get("select")), *_listed(lint.get("extend-select"))}
    return not named.isdisjoint(("E", "E5", "E501")) and "E501" not in _listed(lint.get("ignore"))


# --- imports


def _sorting(folders: tuple[Path, ...], ruff: _Table | None) -> Sorting | None:
    for folder in folders:
        if (found := _isort(folder)) is not None:
            return _sorted_by(found, folder)
    if ruff is not None and _sorts(ruff):
        found = ruff.get("lint", ruff).get("isort", {})
        top = next((each for each in folders if _ruff(each) is not None), folders[-1])
        return _sorted_by({key.replace("-", "_"): each for key, each in found.items()}, top)
    return None


def _sorted_by(table: _Table, folder: Path) -> Sorting | None:
    if any(_true(table.get(each, False)) for each in _UNKNOWN):
        return None
    google = table.get("profile") == "google"
    ours, theirs = (set(_listed(table.get(f"known_{each}"))) for each in _PARTIES)
    places = [folder, folder / "src", *(folder / each for each in _listed(table.get("src_paths")))]
    for place in places:
        ours |= {each.stem for each in _entries(place) if each.is_dir() or each.suffix == ".py"}
    return Sorting(
        first_party=tuple(sorted(ours - theirs)),
        mixed=_true(table.get("force_sort_within_sections", google)),
        spaced=str(table.get("lines_between_sections", 1)) != "0",
    )


_PARTIES = ("first_party", "third_party")


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _isort(folder: Path) -> _Table | None:
    """The settings of isort; none of them, where only a hook names it."""
    for file, names in _INI.items():
        sections = _ini(folder / file)
        if name := next((name for name in names if name in sections), ""):
            return sections[name]
    table = _tool(folder, "isort")
    hook = re.search(r"\bid: *isort\b", _text(folder / ".pre-commit-config.yaml"))
    return {} if table is None and hook else table


def _sorts(ruff: _Table) -> bool:
    """Whether Ruff is told to sort imports."""
    lint = {**ruff, **ruff.get("lint", {})}
    chosen = [*_listed(lint.get("select")), *_listed(lint.get("extend-select"))]
    return any(each in ("I", "ALL") or each.startswith("I00") for each in chosen)


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [each for each in re.split(r"[,\s]+", value) if each]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _true(value: object) -> bool:
    return str(value).lower() in ("true", "1", "yes", "on")


# --- files


def _ruff(folder: Path) -> _Table | None:
    for name in (".ruff.toml", "ruff.toml"):
        if (folder / name).is_file():
            return _toml(folder / name)
    return _tool(folder, "ruff")


def _ruff_format(folder: Path) -> _Table | None:
    found: object = (_ruff(folder) or {}).get("format")
    return found if isinstance(found, dict) else None


def _tool(folder: Path, name: str) -> _Table | None:
    found = _toml(folder / "pyproject.toml").get("tool", {})
    table: object = found.get(name) if isinstance(found, dict) else None
    return table if isinstance(table, dict) else None


@cache
def _toml(path: Path) -> _Table:
    try:
        found: _Table = tomli.loads(_text(path))
    except tomli.TOMLDecodeError:
        return {}
    return found


@cache
def _ini(path: Path, head: str = "") -> Mapping[str, Mapping[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(head + _text(path))
    except configparser.Error:
        return {}
    return {name: parser[name] for name in parser.sections()}


@cache
def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return ""
