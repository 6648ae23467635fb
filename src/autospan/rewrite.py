"""Turns a plan into patches, and traced sources back: bytes in, verified bytes out.

    plan + sources -> rewrite -> patches          sources -> unwrite -> patches

Nothing is given that was not proven on the spot. After `rewrite` every original line is still there
byte for byte and in order, the file compiles as before, its AST without our nodes is the
original's, and taking the spans out again gives the original bytes. A file that fails in any of
these gets a Problem and no patch.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.resources import files

from autospan import __version__
from autospan.codemod import Change, Task, run
from autospan.imports import TRACED, absolute
from autospan.model import Edit, Helper, Patch, Place, Plan, Problem, Source
from autospan.transforms import add_span, remove_span
from autospan.verify import fault, lost_line, parse

Result = tuple[tuple[Patch, ...], tuple[Problem, ...]]


def rewrite(plan: Plan, sources: Mapping[str, Source]) -> Result:
    """The patches that carry a plan out, sorted by path, and what could not be carried out.

    `sources` by path: the files that the plan edits, and the helpers that exist already. Functions
    that carry our decorator are not edited again, so a plan carried out twice gives no patch.
    """
    foreign = {each.module: each for each in plan.helpers if _is_foreign(each, sources)}
    by_file: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in plan.edits:
        if edit.helper not in foreign:
            by_file[edit.path].append(edit)
    results = [_edited(path, tuple(edits), sources) for path, edits in by_file.items()]
    used = {edit.helper for patch, _ in results if patch for edit in patch.edits}
    results += [_helper(each, sources, used) for each in plan.helpers if each.module not in foreign]
    results += [(None, (_foreign(helper),)) for helper in foreign.values()]
    return _sorted(results)


def unwrite(sources: Mapping[str, Source], helpers: Iterable[str] = ()) -> Result:
    """The patches that take out all that autospan wrote, sorted by path, and what has to stay.

    Helper modules are known by their first line; `helpers` names further ones, such as
    `autospan.runtime`. A helper file goes too, unless it was edited or something still imports it.
    """
    own = {each.module: each for each in sources.values() if _HEADER.match(each.data)}
    modules = {*own, *helpers}
    results = [_restored(each, modules) for each in sources.values() if each.module not in own]
    after = {patch.path: patch.after or b"" for patch, _ in results if patch}
    for module, helper in own.items():
        users = [
            path
            for path, each in sources.items()
            if each is not helper and _imports(each, after.get(path, each.data), module)
        ]
        results.append(_dropped(helper, users))
    return _sorted(results)


_Found = tuple[Patch | None, tuple[Problem, ...]]


def _sorted(results: Iterable[_Found]) -> Result:
    patches = [patch for patch, _ in results if patch]
    problems = {problem for _, found in results for problem in found}
    return tuple(sorted(patches, key=lambda patch: patch.path)), tuple(sorted(problems))


# --- one file -----------------------------------------------------------------------------------


def _edited(path: str, edits: tuple[Edit, ...], sources: Mapping[str, Source]) -> _Found:
    if path not in sources:
        return None, (Problem(Place(path), "to be edited, but was not read"),)
    source, helpers = sources[path], (edits[0].helper,)
    try:
        tree = parse(source.data)
    except ValueError as error:
        return None, (Problem(Place(path), f"left as it is: {error}"),)
    change = run(add_span, Task(source, edits, helpers))
    problems = change.problems
    if astray := [edit for edit, line in _placed(change) if not _belongs(edit, line)]:
        rest = tuple(edit for edit in edits if edit not in astray)
        change = run(add_span, Task(source, rest, helpers))
        problems += tuple(_astray(edit) for edit in astray)
    if change.data == source.data:
        return None, problems
    if wrong := _wrong(source, tree, change, helpers):
        if blocks := [edit for edit in change.done if edit.form == "block"]:
            rest = tuple(edit for edit in edits if edit not in blocks)
            patch, found = _edited(path, rest, sources) if rest else (None, problems)
            return patch, (*found, *(_crossed(edit) for edit in blocks))
        names = ", ".join(edit.function.partition(":")[2] for edit in change.done)
        return None, (*problems, Problem(Place(path), f"left as it is: {wrong}", f"edits: {names}"))
    return Patch(path, source.data, change.data, change.done), problems


def _placed(change: Change) -> Iterable[tuple[Edit, int]]:
    """Each edit with the original line that its decorator or block now stands above."""
    lines = [line for line, text in change.added if text.lstrip().startswith(("@", "with "))]
    return zip(change.done, lines, strict=False)


def _belongs(edit: Edit, line: int) -> bool:
    """Whether this is the `def` of the edit's function, or for a block the line after its head."""
    return edit.line in (0, line) if edit.form == "decorator" else edit.line < line


def _astray(edit: Edit) -> Problem:
    message = f"no span for {edit.function}: it is not defined in this line"
    return Problem(Place(edit.path, edit.line), message, "the file changed since it was read?")


def _crossed(edit: Edit) -> Problem:
    message = f"no span for {edit.function}: a block cannot be put around its body and taken out"
    return Problem(Place(edit.path, edit.line), message, "comments between two levels of it?")


def _wrong(source: Source, tree: ast.Module | None, change: Change, helpers: Sequence[str]) -> str:
    if line := lost_line(source.data, change.data):
        return f"line {line} would not stay as it is"
    if different := fault(source, tree, change.data, helpers):
        return different
    back, bare = (_bare(_with(source, data), helpers) for data in (change.data, source.data))
    return "" if back == bare else "removing the spans would not restore it"


def _bare(source: Source, helpers: Sequence[str]) -> bytes:
    """The file without any of our spans, those of earlier runs included."""
    if TRACED.encode() not in source.data:
        return source.data
    return run(remove_span, Task(source, helpers=tuple(helpers))).data


def _with(source: Source, data: bytes) -> Source:
    digest = hashlib.sha256(data).hexdigest()
    return Source(source.path, source.module, source.package, data, source.encoding, digest)


def _restored(source: Source, modules: Collection[str]) -> _Found:
    leaves = {module.rpartition(".")[2].encode() for module in modules}
    if TRACED.encode() not in source.data or not any(leaf in source.data for leaf in leaves):
        return None, ()
    try:
        tree = parse(source.data)
        change = run(remove_span, Task(source, helpers=tuple(modules)))
        wrong = change.data != source.data and fault(source, tree, change.data, modules)
    except ValueError as error:
        return None, (Problem(Place(source.path), f"left as it is: {error}"),)
    if wrong:
        return None, (*change.problems, Problem(Place(source.path), f"left as it is: {wrong}"))
    changed = change.data != source.data
    return Patch(source.path, source.data, change.data) if changed else None, change.problems


# --- the helper file ----------------------------------------------------------------------------

_HEADER = re.compile(rb"# autospan: helper (\S+) sha256:([0-9a-f]{16})[^\r\n]*(?:\r\n?|\n)")


def helper_file() -> bytes:
    """What the helper file holds: `autospan/runtime.py` under a line that tells later whether it
    was edited (a digest of all below it, newlines aside)."""
    body = files("autospan").joinpath("runtime.py").read_bytes()
    words = "Yours to edit; autospan removes it only unedited."
    return f"# autospan: helper {__version__} sha256:{_digest(body)}. {words}\n".encode() + body


def _digest(body: bytes) -> str:
    return hashlib.sha256(_lf(body)).hexdigest()[:16]


def _lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _is_unedited(data: bytes) -> bool:
    header = _HEADER.match(data)
    return header is not None and header[2].decode() == _digest(data[header.end() :])


def _is_foreign(helper: Helper, sources: Mapping[str, Source]) -> bool:
    return helper.path in sources and not _HEADER.match(sources[helper.path].data)


def _foreign(helper: Helper) -> Problem:
    message = f"not written by autospan: spans that would import {helper.module} are left out"
    return Problem(Place(helper.path, 1), message, "name another module with `helper`")


def _helper(helper: Helper, sources: Mapping[str, Source], used: Collection[str]) -> _Found:
    """Create a helper that is used; bring an older one up to date unless it was edited."""
    wanted = helper_file()
    if helper.path not in sources:
        return (Patch(helper.path, None, wanted) if helper.module in used else None), ()
    present = sources[helper.path].data
    if not _is_older(present) or _lf(present) == wanted:
        return None, ()
    if _is_unedited(present):
        newline = b"\r\n" if b"\r\n" in present else b"\n"
        return Patch(helper.path, present, wanted.replace(b"\n", newline)), ()
    message = f"edited, so not brought up to autospan {__version__}"
    return None, (Problem(Place(helper.path, 1), message),)


def _is_older(data: bytes) -> bool:
    """Whether the helper is not from a later autospan than this one."""
    header = _HEADER.match(data)
    versions = [header[1].decode() if header else "", __version__]
    old, new = ([int(part) for part in re.findall(r"\d+", each)] for each in versions)
    return old <= new


def _dropped(helper: Source, users: Sequence[str]) -> _Found:
    if users:
        message = f"kept: {', '.join(sorted(users)[:3])} still imports it"
    elif not _is_unedited(helper.data):
        message = "kept: it was edited since autospan wrote it"
    else:
        return Patch(helper.path, helper.data, None), ()
    return None, (Problem(Place(helper.path, 1), message),)


def _imports(source: Source, data: bytes, module: str) -> bool:
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
