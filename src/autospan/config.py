"""`[tool.autospan]` of pyproject.toml, and the flags on top of it, as one checked value."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple

import tomli

from autospan.model import Place, Problem
from autospan.naming import DEFAULT, faults
from autospan.toml_lines import line_of

Style = Literal["helper", "native"]


@dataclass(frozen=True, slots=True)
class Config:
    """What a project can set. TOML keys are the same names in kebab case (`traced-by`).

    `exclude`: gitignore patterns added to the defaults. `include`: patterns of files to read that a
    default would exclude. `default_excludes`: whether `autospan.discover.EXCLUDES` applies.
    `roots`: import roots, () to detect them. `style`: how spans are written. `helper`: the dotted
    module of the tracing helper, "" to write one. `budget`: spans a request may open (0: no limit).
    `span_name`: the template of span names (`naming`). `namespace`: prefix of attribute
    keys. `capture`: whether parameters become attributes. `secrets`: parameter names withheld
    besides the known ones. `traced_by`: decorators of the project that already open a span.
    `packs`: paths of more knowledge packs, absolute once checked. `evidence`: paths of recordings
    of the running program, likewise. `link_budget`: million steps of following values (0: by the
    size of the program). `learn`: whether the spans that the project has change the ranking. `top`:
    functions in the text report. `select`, `ignore`: rules of `check` (ids, beginnings of them,
    names). `baseline`: the file of what `check` accepts ("": beside pyproject.toml), absolute.
    `folder` is no key: the absolute folder of pyproject.toml ("": none), to which `exclude`,
    `include` and `roots` are relative, else to the analysed folder.
    """

    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    default_excludes: bool = True
    roots: tuple[str, ...] = ()
    style: Style = "helper"
    helper: str = ""
    budget: int = 10
    span_name: str = DEFAULT
    namespace: str = ""
    capture: bool = True
    secrets: tuple[str, ...] = ()
    traced_by: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    link_budget: int = 0
    learn: bool = True
    top: int = 15
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: str = ""
    folder: str = ""

    @property
    def learns(self) -> bool:
        """Whether the ranking learns: `learn`, and spans of ours do not look like anybody's."""
        return self.learn and self.style != "native"


class ConfigError(Exception):
    """Every error of a configuration at once, in `problems`; as text, one a line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(
            f"{problem.place}: {problem.message}" + (f"; {problem.hint}" if problem.hint else "")
            for problem in self.problems
        )


def configure(root: Path, overrides: Mapping[str, object]) -> Config:
    """The configuration for `root`, a folder or a file.

    The nearest pyproject.toml with a `[tool.autospan]` table at or above `root` counts, up to a
    folder with `.git`. An override replaces the file's value whole; None means not given. Paths in
    overrides are relative to the working directory, in the file to its folder.

    Raises:
        ConfigError: with every unreadable file, unknown key, wrong type and bad value.
    """
    problems: list[Problem] = []
    layers = [_options(overrides)]
    if found := _find(root.resolve(), problems):
        layers.insert(0, found)
    values: dict[str, Any] = {"folder": found.folder if found else ""}
    for layer in layers:
        for key, value in layer.table.items():
            troubles = tuple(_troubles(key, value, layer))
            where = Place(layer.name, layer.line(key)) if troubles else Place(layer.name)
            problems.extend(Problem(where, *trouble) for trouble in troubles)
            values[key.replace("-", "_")] = () if troubles else _settled(key, value, layer)
    if problems:
        raise ConfigError(tuple(problems))
    return Config(**values)


class _Layer(NamedTuple):
    """Keys and values from one place: what to call it, the folder of its paths, its text."""

    name: str
    folder: str
    table: Mapping[str, object]
    text: str = ""

    def line(self, key: str) -> int:
        """The line that sets `key`, else that of the table's header, else 0."""
        return line_of("tool.autospan", key, self.text)


def _options(overrides: Mapping[str, object]) -> _Layer:
    given = {k.replace("_", "-"): v for k, v in overrides.items() if v is not None}
    return _Layer("command line", str(Path.cwd()), given)


def _find(root: Path, problems: list[Problem]) -> _Layer | None:
    start = root.parent if root.is_file() else root
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        name = Path(os.path.relpath(path, start)).as_posix()
        if path.is_file() and (layer := _load(path, name, problems)):
            return layer
        if (folder / ".git").exists():
            break
    return None


def _load(path: Path, name: str, problems: list[Problem]) -> _Layer | None:
    """The `[tool.autospan]` table of a file; None if it has none or cannot be read (a problem)."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table = tomli.loads(text).get("tool", {}).get("autospan")
    except tomli.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = Place(name, int(line[1]) if line else 0)
        problems.append(Problem(where, f"not valid TOML: {error}", "correct the line"))
    except UnicodeDecodeError as error:
        where = Place(name, error.object.count(b"\n", 0, error.start) + 1)
        problems.append(Problem(where, "not UTF-8, as TOML must be", "convert the file to UTF-8"))
    except (OSError, AttributeError) as error:
        problems.append(Problem(Place(name), f"cannot be read: {error}", "correct the file"))
    else:
        if isinstance(table, dict):
            return _Layer(name, str(path.parent), table, text)
        if table is not None:
            what = f"`autospan` must be a table, not {_shown(table)}"
            problems.append(Problem(Place(name), what, "write [tool.autospan]"))
    return None


def _shown(value: object) -> str:
    if isinstance(value, str | int):
        return json.dumps(value, ensure_ascii=False)
    return "a table" if isinstance(value, dict) else f"a {type(value).__name__}"


_KEYS = {f.name.replace("_", "-"): str(f.type) for f in fields(Config) if f.name != "folder"}
_TYPES: dict[str, tuple[Callable[[object], bool], str]] = {
    "tuple[str, ...]": (
        lambda v: isinstance(v, list | tuple) and all(isinstance(item, str) for item in v),
        "a list of strings",
    ),
    "bool": (lambda v: isinstance(v, bool), "true or false"),
    "int": (lambda v: isinstance(v, int) and not isinstance(v, bool), "an integer"),
    "str": (lambda v: isinstance(v, str), "a string"),
    "Style": (lambda v: v in ("helper", "native"), '"helper" or "native"'),
}


def _troubles(key: str, value: object, layer: _Layer) -> Iterator[tuple[str, str]]:
    """What is wrong with one setting, each with the way out."""
    if key not in _KEYS:
        close = difflib.get_close_matches(key.lower().replace("_", "-"), _KEYS, n=1)
        known = f"did you mean `{close[0]}`?" if close else f"known keys: {', '.join(_KEYS)}"
        yield f"unknown key `{key}`", known
    elif not _TYPES[_KEYS[key]][0](value):
        expected = _TYPES[_KEYS[key]][1]
        alone = expected == "a list of strings" and isinstance(value, str)
        way = f'write `{key} = ["{value}"]`' if alone else ""
        yield f"`{key}` must be {expected}, not {_shown(value)}", way
    else:
        yield from _bad_values(key, value, layer)


def _bad_values(key: str, value: Any, layer: _Layer) -> Iterator[tuple[str, str]]:
    """What is wrong with a value of the right type."""
    match key:
        case "budget" | "link-budget" | "top" if value < (least := int(key == "top")):
            yield f"`{key}` must be at least {least}, not {value}", ""
        case "helper" if value and not _dotted(value):
            yield f'`helper` must be a dotted module, not "{value}"', "such as shop.tracing"
        case "namespace" if value and not re.fullmatch(r"[A-Za-z][\w-]*(\.[\w-]+)*", value):
            yield f'`namespace` is no attribute key prefix: "{value}"', "such as acme.shop"
        case "span-name":
            yield from ((f'`{key}` {what}: "{value}"', hint) for what, hint in faults(value))
        case "secrets" | "traced-by":
            for name in (each for each in value if not _dotted(each.replace("*", "x"))):
                yield f'`{key}` must hold names, not "{name}"', "* stands for any characters"
        case "roots" | "packs" | "evidence":
            hint = f"paths are relative to {layer.folder}"
            for path in (each for each in value if not Path(layer.folder, each).exists()):
                yield f'`{key}` names a path that is not there: "{path}"', hint
        case "exclude" | "include":
            for pattern in value:
                if wrong := _bad_pattern(pattern):
                    yield f'`{key}` has a bad pattern "{pattern}": {wrong}', "see `man gitignore`"
        case _:
            pass


def _dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _bad_pattern(pattern: str) -> str:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error) as error:
        return str(error)
    return ""


def _settled(key: str, value: Any, layer: _Layer) -> object:
    """The value as `Config` holds it: tuples, paths of packs absolute."""
    if key in ("packs", "evidence"):
        return tuple(str(Path(layer.folder, path)) for path in value)
    if key == "baseline" and value:
        return str(Path(layer.folder, value))
    if key == "roots":
        return tuple(Path(path).as_posix() for path in value)
    return tuple(value) if isinstance(value, list) else value
