"""The helper file in a project: written, brought up to date, left alone, taken out."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files

from autospan import __version__
from autospan.fingerprint import fingerprint
from autospan.imports import absolute
from autospan.model import Helper, Patch, Place, Problem, Source
from autospan.verify import parse

Found = tuple[Patch | None, tuple[Problem, ...]]
"""What becomes of one file."""

HEADER = re.compile(rb"# autospan: helper (\S+) sha256:([0-9a-f]{16})[^\r\n]*(?:\r\n?|\n)")


@cache
def helper_file() -> bytes:
    """What the helper file holds: `autospan/runtime.py` under a line that tells later whether it
    was edited: a digest of all below it, which formatters do not change."""
    body = files("autospan").joinpath("runtime.py").read_bytes()
    words = "Yours; replaced only if unedited."
    return f"# autospan: helper {__version__} sha256:{fingerprint(body)}. {words}\n".encode() + body


def digest(body: bytes) -> str:
    """What the first line of a helper from before fingerprints says of the rest, newlines aside."""
    return hashlib.sha256(_lf(body)).hexdigest()[:16]


def _lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _is_unedited(data: bytes) -> bool:
    if (header := HEADER.match(data)) is None:
        return False
    body = data[header.end() :]
    return header[2].decode() in (digest(body), fingerprint(body)) or not body.strip()


def is_foreign(helper: Helper, sources: Mapping[str, Source]) -> bool:
    """Whether another module stands where the helper is to be."""
    return helper.path in sources and not HEADER.match(sources[helper.path].data)


def not_ours(helper: Helper) -> Problem:
    """What is said of a module that stands where the helper is to be."""
    message = f"not written by autospan: spans that would import {helper.module} are left out"
    return Problem(Place(helper.path, 1), message, "name another module with `helper`")


def upkept(helper: Helper, sources: Mapping[str, Source], used: Collection[str]) -> Found:
    """Create a helper that is used; bring an older one up to date unless it was edited.

    One that came from this version is up to date, however it was edited or formatted. One of which
    nothing but the first line is left is written anew.
    """
    wanted = helper_file()
    if helper.path not in sources:
        return (Patch(helper.path, None, wanted) if helper.module in used else None), ()
    present = sources[helper.path].data
    if not _is_older(present) or _is_current(present, wanted):
        return None, ()
    if _is_unedited(present):
        newline = b"\r\n" if b"\r\n" in present else b"\n"
        return Patch(helper.path, present, wanted.replace(b"\n", newline)), ()
    message = f"edited, so not brought up to autospan {__version__}; it goes on working as it is"
    return None, (Problem(Place(helper.path, 1), message, _REPLACE),)


_REPLACE = "to get the new one, delete all but its first line and run `autospan apply` again"


def _is_current(data: bytes, wanted: bytes) -> bool:
    """Whether a helper was written by this version, as far as it has a body still."""
    old, new = HEADER.match(data), HEADER.match(wanted)
    assert old is not None and new is not None
    return old.groups() == new.groups() and bool(data[old.end() :].strip())


def _is_older(data: bytes) -> bool:
    """Whether the helper is not from a later autospan than this one."""
    header = HEADER.match(data)
    versions = [header[1].decode() if header else "", __version__]
    old, new = ([int(part) for part in re.findall(r"\d+", each)] for each in versions)
    return old <= new


def dropped(helper: Source, users: Sequence[str]) -> Found:
    """Take a helper out, unless it was edited or files (`users`) still import it."""
    if users:
        message, hint = f"kept: {', '.join(sorted(users)[:3])} still imports it", ""
    elif not _is_unedited(helper.data):
        message, hint = "kept: it was edited since autospan wrote it", "delete it if it may go"
    else:
        return Patch(helper.path, helper.data, None), ()
    return None, (Problem(Place(helper.path, 1), message, hint),)


def imports_module(source: Source, data: bytes, module: str) -> bool:
    """Whether a file mentions a module by its full name, or imports it in parts."""
    if re.search(rb"(?<![\w.])%s\b" % re.escape(module.encode()), data):
        return True
    if module.rpartition(".")[2].encode() not in data:
        return False
    try:
        tree = parse(data)
    except ValueError:
        return True
    if tree is None:
        return True
    found = (
        f"{absolute(source, node.level, node.module or '')}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )
    return any(f"{name}.".startswith(f"{module}.") for name in found)
