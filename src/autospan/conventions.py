"""The attribute keys of OpenTelemetry's semantic conventions that names of parameters spell.

They are the constants of the distribution `opentelemetry-semantic-conventions`, one module a
namespace, each with a docstring that tells whether it is deprecated: `USER_ID = "user.id"`. The
modules are read as data, never imported, and only those of a namespace that a name begins with.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

NAMESPACES = tuple("client db graphql http messaging rpc server tls url user user_agent".split())
"""Those that say of one operation what they say, and nothing else in any program. Not the others:
`cloud.region`, `k8s.pod.uid` and `service.version` are of the process that sends the span, not of
what a function is handed; `file.size`, `thread.id` and `device.id` have an owner in many programs
who means another thing; `error.type` makes a span a failure."""

_FOLDER = ("semconv", "_incubating", "attributes")
_REPLACED = re.compile(r"Deprecated: Replaced by `([a-z0-9_.]+)`\.")
_STABLE = "Deprecated in favor of stable "


@cache
def convention(name: str) -> str:
    """The key that a whole name in snake case spells, `user.id` for `user_id`; for a deprecated
    one the key that replaces it, if one does; "" for none."""
    for namespace in NAMESPACES:
        if name.startswith(f"{namespace}_") and (found := _keys(namespace).get(name.upper())):
            return _current(*found)
    return ""


def _current(key: str, told: str) -> str:
    if _live(told):
        return key
    replaced = _REPLACED.fullmatch(told)
    heir = replaced[1] if replaced else ""
    namespace = heir.partition(".")[0]
    keys = _keys(namespace) if namespace in NAMESPACES else {}
    known, told = keys.get(_constant(heir), ("", ""))
    return heir if known == heir and _live(told) else ""


def _live(told: str) -> bool:
    return not told.startswith("Deprecated") or told.startswith(_STABLE)


@cache
def _keys(namespace: str) -> Mapping[str, tuple[str, str]]:
    """By the constant's name each key of a namespace and what is told about it; none if the module
    is not there or not readable. Beginnings of keys (`http.request.header`) are left out: their
    constants have other names."""
    try:
        spec = find_spec("opentelemetry")  # in parts: each distribution has a folder of that name
        homes = (spec and spec.submodule_search_locations) or ()
        paths = (Path(home, *_FOLDER, f"{namespace}_attributes.py") for home in homes)
        module = ast.parse(next(filter(Path.is_file, paths)).read_bytes())
    except (StopIteration, OSError, ValueError, SyntaxError):
        return {}
    return {name: (key, told) for name, key, told in _told(module) if name == _constant(key)}


def _constant(key: str) -> str:
    return key.replace(".", "_").upper()


def _told(module: ast.Module) -> Iterator[tuple[str, str, str]]:
    """Name, value and docstring of each constant."""
    for pair in pairwise(module.body):
        match pair:
            case (
                ast.AnnAssign(target=ast.Name(name), value=ast.Constant(str(key))),
                ast.Expr(ast.Constant(str(told))),
            ):
                yield name, key, told.strip()
            case _:
                pass
