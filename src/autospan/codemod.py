"""What codemods share: the protocol of a transform, how one is run, and a few LibCST verbs.

A transform is ordinary LibCST: a tree goes in, a tree comes out. It never sees encodings, newlines
or form feeds: `run` gives it a plain tree and carries only the changed lines back (`splice`).
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, cast

import libcst as cst

from autospan.condense import Condensed, condense
from autospan.model import Capture, Edit, Form, Layout, Place, Problem, Source
from autospan.splice import plain, splice

_PLAIN = Layout()


@dataclass(frozen=True, slots=True)
class Task:
    """What a transform is asked to do in one file: the edits, and the modules that give `traced`.

    `text` is what the tree was parsed from (`run` fills it in): decoded, `\\n` newlines.
    `layout` is how new lines are laid out.
    """

    source: Source
    edits: tuple[Edit, ...] = ()
    helpers: tuple[str, ...] = ()
    text: str = ""
    layout: Layout = _PLAIN


@dataclass(frozen=True, slots=True)
class Outcome:
    """A transform's result: the new tree (the same one: nothing to do), and the edits it carried
    out, in the order of the source."""

    module: cst.Module
    done: tuple[Edit, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """One case of a transform: its test and its documentation. The file is `shop/orders.py`, the
    helper `shop._tracing`; without `edits` the transform finds its work in the file itself."""

    shows: str
    before: str
    after: str
    edits: tuple[Edit, ...] = ()

    @classmethod
    def of(cls, shows: str, diff: str, *edits: Edit) -> Example:
        """From a diff of the whole file, in which a line follows its mark: `+`, `-` or a blank."""
        lines = diff.strip("\n").split("\n")
        before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        return cls(shows, before, after, edits)


def on(
    function: str, span: str = "", ordinal: int = 0, form: Form = "decorator", **keys: str
) -> Edit:
    """An edit for an example: the function as `Class.method`, attribute keys by parameter."""
    captures = tuple(Capture(name, key, captured=True, why="") for name, key in keys.items())
    path, name, helper = "shop/orders.py", f"shop.orders:{function}", "shop._tracing"
    default = name.replace(":", ".")
    return Edit(path, name, ordinal, 0, span, default, captures, form, helper=helper)


class Transform(Protocol):
    """A module in `transforms/`: its docstring is its manual page, its examples are its tests."""

    EXAMPLES: tuple[Example, ...]
    """What it does, case by case; also what it leaves alone (`before == after`)."""

    def transform(self, module: cst.Module, task: Task) -> Outcome:
        """Change the tree as the task asks; what cannot be done is a Problem."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A file after a transform: its bytes, the edits done in the order of the source, and the new
    lines, each with the 1-based number of the original line that it stands above."""

    data: bytes
    done: tuple[Edit, ...] = ()
    added: tuple[tuple[int, str], ...] = ()
    problems: tuple[Problem, ...] = ()


def run(transform: Transform, task: Task, tree: ast.Module | None = None) -> Change:
    """Carry a transform out on the bytes of a file. What cannot be read or written is a Problem,
    and then the bytes are those of the source.

    Where the source is parsed already, to `tree`, LibCST reads and prints what matters of it only;
    if it comes to grief with that, all.
    """
    source = task.source
    try:
        return _run(transform, task, tree)
    except (cst.ParserSyntaxError, ValueError, LookupError, RecursionError, MemoryError) as error:
        if tree:
            return run(transform, task)
        if isinstance(error, cst.ParserSyntaxError):
            problem = Problem(Place(source.path, error.raw_line), f"LibCST: {error.message}")
        else:
            why = str(error) or type(error).__name__
            problem = Problem(Place(source.path), f"not rewritten: {why}")
        return Change(source.data, problems=(problem,))


def _run(transform: Transform, task: Task, tree: ast.Module | None) -> Change:
    source = task.source
    text = plain(source.data, source.encoding)
    condensed = condense(text, tree, task.edits) if tree else Condensed(text, {})
    module = cst.parse_module(condensed.text)
    with _deep_recursion():
        outcome = transform.transform(module, replace(task, text=text))
        if outcome.module is module:
            return Change(source.data, problems=outcome.problems)
        code = condensed.expand(outcome.module.code)
    data, added = splice(source.data, source.encoding, text, code)
    return Change(data, outcome.done, added, outcome.problems)


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """LibCST takes up to five Python frames a level: an `elif` chain of 200 would be too much."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, 5_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


# --- functions ----------------------------------------------------------------------------------

_DEFINITIONS = (cst.FunctionDef, cst.ClassDef)
_BLOCKS: set[object] = (
    {cst.Module, cst.FunctionDef, cst.ClassDef, cst.IndentedBlock, cst.With, cst.If, cst.Else}
    | {cst.For, cst.While, cst.Try, cst.TryStar, cst.ExceptHandler, cst.ExceptStarHandler}
    | {cst.Finally, cst.Match, cst.MatchCase}
)


def addressed(task: Task) -> dict[tuple[str, int], Edit]:
    """The edits of a task by the name and the ordinal of their functions."""
    return {(edit.function.partition(":")[2], edit.ordinal): edit for edit in task.edits}


Changer = Callable[[cst.FunctionDef], cst.FunctionDef]
Chooser = Callable[[str, int, cst.FunctionDef], Changer | None]


def map_functions(
    module: cst.Module, choose: Chooser, within: set[str] | None = None
) -> cst.Module:
    """The module with those functions changed for which `choose(name, ordinal, function)` says how.

    `choose` is asked in the order of the source. Names are dotted (`Class.method`, `outer.inner`);
    the ordinal counts earlier functions of the same name, in whichever branch they stand. Only the
    definitions named in `within` are looked into (None: all).
    """
    return cst.ensure_type(module.visit(_Definitions(choose, within)), cst.Module)


class _Definitions(cst.CSTTransformer):
    """Walks statements only, never expressions, and only into the definitions it is told to.

    What holds no changed function stays the same object, so that one can see what changed.
    """

    def __init__(self, choose: Chooser, within: set[str] | None) -> None:
        super().__init__()
        self._choose = choose
        self._within = within
        self._path: list[str] = []
        self._seen: Counter[str] = Counter()
        self._changers: list[Changer | None] = []
        self._changed = 0
        self._changed_before: list[int] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if type(node) not in _BLOCKS:
            return False
        self._changed_before.append(self._changed)
        if not isinstance(node, _DEFINITIONS):
            return True
        self._path.append(node.name.value)
        name = ".".join(self._path)
        if isinstance(node, cst.FunctionDef):
            self._changers.append(self._choose(name, self._seen[name], node))
            self._seen[name] += 1
        return self._within is None or name in self._within

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        pass  # looking for a method of that name takes longer than all the rest

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        pass

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        if type(original_node) not in _BLOCKS:
            return updated_node
        same = self._changed_before.pop() == self._changed
        if isinstance(original_node, _DEFINITIONS):
            self._path.pop()
        if isinstance(updated_node, cst.FunctionDef) and (changer := self._changers.pop()):
            self._changed += 1
            return cast("cst.CSTNodeT", changer(updated_node))
        return original_node if same else updated_node
