"""Which versions of which library an instrumentation package supports: OpenTelemetry's own table.

The table is `opentelemetry/instrumentation/bootstrap_gen.py` of the distribution
`opentelemetry-instrumentation`, generated from the packages' metadata by its maintainers. It is
read as data, never imported.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autospan.model import Place, Problem

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """The table of one release, `version` ("" for none).

    `libraries`: package to the library requirements (PEP 508) that it supports, empty for the
    packages that need no library. `pins`: package to the requirement that installs it.
    """

    version: str = ""
    libraries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)


def bootstrap(paths: Iterable[Path], problems: list[Problem]) -> Bootstrap:
    """The newest of the copies at `paths`; what cannot be read becomes a problem."""
    tables = [table for path in paths for table in _read(path, problems)]
    return max(tables, key=lambda table: _order(table.version), default=Bootstrap())


def _read(path: Path, problems: list[Problem]) -> Iterable[Bootstrap]:
    try:
        module = ast.parse(path.read_text(encoding="utf-8"))
        version = ast.parse(path.with_name("version.py").read_text(encoding="utf-8"))
        rows, defaults = _value(module, "libraries"), _value(module, "default_instrumentations")
        named = str(_value(version, "__version__"))
        pairs = [(row["instrumentation"], row["library"]) for row in rows]
        pairs += [(default, "") for default in defaults]
    except (OSError, ValueError, SyntaxError, KeyError, TypeError) as error:
        message = f"not readable as OpenTelemetry's table of packages: {error}"
        problems.append(Problem(Place(path.as_posix()), message))
        return
    libraries: dict[str, tuple[str, ...]] = {}
    for pin, library in pairs:
        name = _named(pin)
        libraries[name] = libraries.get(name, ()) + ((library,) if library else ())
    yield Bootstrap(named, libraries, {_named(pin): pin for pin, _ in pairs})


def _value(module: ast.Module, name: str) -> Any:
    """The literal that a module assigns to a name. Raises ValueError if it is none."""
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return ast.literal_eval(value)
            case _:
                pass
    raise ValueError(f"it does not assign {name}")


def _named(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0] if found else requirement


def _order(version: str) -> tuple[int, ...]:
    """0.66b2 after 0.66b1 after 0.9: the numbers count (a final release counts as the last)."""
    numbers = [int(number) for number in re.findall(r"\d+", version)]
    return (*numbers[:2], 0 if re.search("[ab]", version) else 1, *numbers[2:])
