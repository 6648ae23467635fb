"""What draws the panels of the help, loaded without what it never draws here.

typer's `rich_utils` imports Rich's Markdown and tracebacks, and with them a parser of Markdown and
Pygments: a third of the time of `--help`. The help has neither.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

_UNUSED = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}


class _Later(type):
    """A class that stands for one of another module, which is loaded once somebody uses it."""

    def __call__(cls, *given: Any, **named: Any) -> Any:
        return _real(cls)(*given, **named)

    def __getattr__(cls, name: str) -> Any:
        return getattr(_real(cls), name)


def _real(stand_in: type) -> Any:
    return getattr(import_module(stand_in.__module__), stand_in.__name__)


def load_panels() -> None:
    """Import what typer draws help with."""
    absent = {module: name for module, name in _UNUSED.items() if module not in sys.modules}
    for module, name in absent.items():
        sys.modules[module] = ModuleType(module)
        setattr(sys.modules[module], name, _Later(name, (), {"__module__": module}))
    try:
        import_module("typer.rich_utils")
    finally:
        for module in absent:
            del sys.modules[module]
