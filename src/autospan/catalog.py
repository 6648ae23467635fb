"""What there is, by file name: packs, weights, transforms, presenters, rules. None is registered by
hand."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import tomli

_HERE = Path(__file__).parent


def packs() -> tuple[Path, ...]:
    """The shipped packs, `packs/*.toml`, sorted by name."""
    return tuple(sorted((_HERE / "packs").glob("*.toml")))


def weights(table: str) -> dict[str, float]:
    """A table of `weights.toml`: how much each signal counts in the ranking."""
    text = (_HERE / "weights.toml").read_text("utf-8")
    return {name: float(value) for name, value in tomli.loads(text)[table].items()}


def bootstraps(root: Path) -> tuple[Path, ...]:
    """The copies at hand of OpenTelemetry's table of instrumentation packages: the one that
    autospan is installed with, and those of virtual environments in the project's folder."""
    name = Path("opentelemetry", "instrumentation", "bootstrap_gen.py")
    own = [Path(folder) / name for folder in sys.path if folder]
    theirs = [
        site / name
        for environment in (".venv", "venv", "env")
        for site in sorted((root / environment).glob("lib/python3*/site-packages"))
    ]
    return tuple(path for path in (*own, *theirs) if path.is_file())


def transforms() -> tuple[str, ...]:
    """The names of the shipped transforms, sorted: one module of `autospan.transforms` each."""
    return _modules("transforms")


def presenters() -> tuple[str, ...]:
    """The names of the output formats, sorted: one module of `autospan.present` each."""
    return _modules("present")


def rules() -> tuple[str, ...]:
    """The rules of `check`, sorted: one module of `autospan.rules` each, `as001_…`."""
    return tuple(name for name in _modules("rules") if name[2:5].isdigit())


def transform(name: str) -> ModuleType:
    """The module of a transform. Raises `ModuleNotFoundError` for an unknown name."""
    return import_module(f"autospan.transforms.{name}")


def presenter(name: str) -> ModuleType:
    """The module of an output format. Raises `ModuleNotFoundError` for an unknown name."""
    return import_module(f"autospan.present.{name}")


def rule_module(name: str) -> ModuleType:
    """The module of a rule. Raises `ModuleNotFoundError` for an unknown name."""
    return import_module(f"autospan.rules.{name}")


def _modules(folder: str) -> tuple[str, ...]:
    found = iter_modules([str(_HERE / folder)])
    return tuple(sorted(one.name for one in found if not one.name.startswith("_")))
