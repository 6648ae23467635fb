"""Turns a plan into patches, and traced sources back: bytes in, verified bytes out.

    plan + sources -> rewrite -> patches          sources -> unwrite -> patches

Nothing is given that was not proven on the spot. After `rewrite` every original line is still there
byte for byte and in order, the file compiles as before, its AST without our nodes is the
original's, and taking the spans out again gives the original bytes. A file that fails in any of
these gets a Problem and no patch.

LibCST is shown a part of a file (`condense`), the proof all of it: what is compared, by lines, AST
and bytes, has in the place of each stand-in the very lines that it stood for.
"""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from autospan.codemod import Change, Task, Transform, run
from autospan.imports import TRACED
from autospan.model import Edit, Helper, Layout, Patch, Place, Plan, Problem, Source
from autospan.native import MARK
from autospan.transforms import add_native_span, add_span, remove_native_span, remove_span
from autospan.upkeep import HEADER, Found, dropped, imports_module, is_foreign, not_ours, upkept
from autospan.verify import fault, lost_line, parse, undecodable

Result = tuple[tuple[Patch, ...], tuple[Problem, ...]]


def rewrite(
    plan: Plan, sources: Mapping[str, Source], tell: Callable[[int, int], None] | None = None
) -> Result:
    """The patches that carry a plan out, sorted by path, and what could not be carried out.

    `sources` by path: the files that the plan edits, and the helpers that exist already, which are
    brought up to date. Functions that carry our decorator are not edited again, so a plan carried
    out twice gives no patch. `tell` is told how many files are done, and of how many.
    """
    foreign = {each.module: each for each in plan.helpers if is_foreign(each, sources)}
    by_file: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in plan.edits:
        if edit.helper not in foreign:
            by_file[edit.path].append(edit)
    results: list[Found] = []
    for path, edits in by_file.items():
        if tell:
            tell(len(results), len(by_file))
        results.append(_edited(path, tuple(edits), sources, plan.layouts.get(path, Layout())))
    used = {edit.helper for patch, _ in results if patch for edit in patch.edits}
    present = {
        Helper(each.path, each.module) for each in sources.values() if HEADER.match(each.data)
    }
    known = {helper for helper in plan.helpers if helper.module not in foreign} | present
    results += [upkept(each, sources, used) for each in known]
    results += [(None, (not_ours(helper),)) for helper in foreign.values()]
    return _sorted(results)


def unwrite(
    sources: Mapping[str, Source], helpers: Iterable[str] = (), edits: Sequence[Edit] | None = None
) -> Result:
    """The patches that take out all that autospan wrote, sorted by path, and what has to stay.

    Helper modules are known by their first line; `helpers` names further ones, such as
    `autospan.runtime`. A helper file goes too, unless it was edited or something still imports it.
    With `edits`, only the spans of the functions that these name are taken out, and helpers stay.
    """
    own = {each.module: each for each in sources.values() if HEADER.match(each.data)}
    modules = {*own, *helpers}
    if edits is not None:
        by_file: defaultdict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            by_file[edit.path].append(edit)
        return _sorted(_restored(sources[path], modules, by_file[path]) for path in by_file)
    results = [_restored(each, modules) for each in sources.values() if each.module not in own]
    after = {patch.path: patch.after or b"" for patch, _ in results if patch}
    for module, helper in own.items():
        users = [
            path
            for path, each in sources.items()
            if each is not helper and imports_module(each, after.get(path, each.data), module)
        ]
        results.append(dropped(helper, users))
    return _sorted(results)


def _sorted(results: Iterable[Found]) -> Result:
    patches = [patch for patch, _ in results if patch]
    problems = {problem for _, found in results for problem in found}
    return tuple(sorted(patches, key=lambda patch: patch.path)), tuple(sorted(problems))


# --- one file -----------------------------------------------------------------------------------


def _edited(
    path: str, edits: tuple[Edit, ...], sources: Mapping[str, Source], layout: Layout
) -> Found:
    if path not in sources:
        return None, (Problem(Place(path), "to be edited, but was not read"),)
    source = sources[path]
    helpers = (edits[0].helper,) if edits[0].helper else ()
    add = add_span if helpers else add_native_span
    try:
        tree = parse(source.data)
    except ValueError as error:
        return None, (Problem(Place(path), f"left as it is: {error}"),)
    if tree is None and (why := undecodable(source.data)):
        return None, (Problem(Place(path), f"left as it is: {why}", "Python cannot run it either"),)
    change = run(add, Task(source, edits, helpers, layout=layout), tree)
    problems = change.problems
    if astray := [edit for edit, line in _placed(change) if not _belongs(edit, line)]:
        rest = tuple(edit for edit in edits if edit not in astray)
        change = run(add, Task(source, rest, helpers, layout=layout), tree)
        problems += tuple(_astray(edit) for edit in astray)
    if change.data == source.data:
        return None, problems
    if wrong := _wrong(source, tree, change, helpers):
        if blocks := [edit for edit in change.done if edit.form == "block"]:
            rest = tuple(edit for edit in edits if edit not in blocks)
            patch, found = _edited(path, rest, sources, layout) if rest else (None, problems)
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
    new = parse(change.data) if tree else None
    back = _bare(_with(source, change.data), new, helpers)
    restored = back == _bare(source, tree, helpers)
    if different := fault(source, tree, new, helpers):  # uses the trees up
        return different
    return "" if restored else "removing the spans would not restore it"


def _bare(source: Source, tree: ast.Module | None, helpers: Sequence[str]) -> bytes:
    """The file without any of our spans, those of earlier runs included."""
    remove, word = (remove_span, TRACED) if helpers else (remove_native_span, MARK)
    if word.encode() not in source.data:
        return source.data
    return run(remove, Task(source, helpers=tuple(helpers)), tree).data


def _with(source: Source, data: bytes) -> Source:
    digest = hashlib.sha256(data).hexdigest()
    return Source(source.path, source.module, source.package, data, source.encoding, digest)


def _restored(source: Source, modules: Collection[str], edits: Sequence[Edit] = ()) -> Found:
    data, found, done = source.data, list[Problem](), dict[Edit, None]()
    try:
        for remove, helpers in _removers(source, modules):
            before = _with(source, data)
            tree = parse(data)
            change = run(remove, Task(before, tuple(edits), helpers), tree)
            found += change.problems
            done |= dict.fromkeys(change.done)
            if change.data == data:
                continue
            if wrong := fault(before, tree, parse(change.data), helpers):
                return None, (*found, Problem(Place(source.path), f"left as it is: {wrong}"))
            data = change.data
    except ValueError as error:
        return None, (Problem(Place(source.path), f"left as it is: {error}"),)
    patch = Patch(source.path, source.data, data, tuple(done)) if data != source.data else None
    return patch, tuple(found)


def _removers(
    source: Source, modules: Collection[str]
) -> Iterator[tuple[Transform, tuple[str, ...]]]:
    """The transforms that may find their work in a file, with the helpers that they look for."""
    leaves = {module.rpartition(".")[2].encode() for module in modules}
    if TRACED.encode() in source.data and any(leaf in source.data for leaf in leaves):
        yield remove_span, tuple(modules)
    if MARK.encode() in source.data:
        yield remove_native_span, ()
