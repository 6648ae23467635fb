"""Annotated fixtures of packs: Python whose comments say what must be found in their line.

    # entry: KIND NAME          on the `def` of the function that is entered
    # effect: KIND SYSTEM       on the call; `weak` at the end where only a name speaks for it
    # traced: API               on the `def`
    # forbidden                 on the `def`
    # effort                    on the call
    # lost                      on a call that makes a span which is dropped
    # attribute: NAME           on a call or decorator that puts it on a span
    # free: PACKAGE             anywhere: the package is suggested
    # launch: PROGRAM           anywhere: a document starts processes with it
    # calls: f, Class.method    on the call: exactly the functions of the file that are called there
    # none                      nothing is found here, though it looks like it

What no comment says must not be found. A file `NAME.DOCUMENT` beside `NAME.py` is a document of the
fixture's project. The module is called `app.py`, or what the first line says: `# file: dodo.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from autospan.knowledge import Knowledge
from autospan.link import link
from autospan.model import Document, Graph, Place, Problem, Source, Survey, Tree
from autospan.read import read
from autospan.recognize import recognize

KINDS = (
    "entry",
    "effect",
    "traced",
    "forbidden",
    "effort",
    "lost",
    "attribute",
    "free",
    "launch",
    "agent",
    "calls",
    "none",
)
_MARK = re.compile(rf"# ({'|'.join(KINDS)})\b:?([^#]*)")
_FILE = re.compile(r"# file: (\S+)")

Mark = tuple[int, str, str]
"""Line, kind, words."""


def laid(path: Path) -> Tree:
    """The project of a fixture: its module, and the documents beside it.

    Raises:
        OSError: if the file cannot be read.
        UnicodeDecodeError: if it is not UTF-8.
    """
    documents = tuple(
        Document(each.name.removeprefix(f"{path.stem}."), each.read_text(encoding="utf-8"))
        for each in sorted(path.parent.glob(f"{path.stem}.*"))
        if each.is_file() and each != path
    )
    return project(path.read_text(encoding="utf-8"), documents)


def tried(path: Path, knowledge: Knowledge) -> tuple[Problem, ...]:
    """How a fixture differs from what the packs find in it, at its own lines."""
    try:
        found = mismatches(laid(path), knowledge)
    except (OSError, UnicodeDecodeError) as error:
        return (Problem(Place(str(path)), f"not readable: {error}"),)
    return tuple(each._replace(place=each.place._replace(file=str(path))) for each in found)


def project(text: str, documents: tuple[Document, ...] = ()) -> Tree:
    """A tree of one module."""
    data = text.encode()
    named = _FILE.match(text)
    name = named[1] if named else "app.py"
    module = name.removesuffix(".py").replace("/", ".")
    source = Source(name, module, False, data, "utf-8", hashlib.sha256(data).hexdigest())
    return Tree("/", (source,), documents)


def marked(text: str) -> tuple[Mark, ...]:
    """What the comments say, line by line."""
    return tuple(
        (number, kind, each.strip())
        for number, line in enumerate(text.splitlines(), 1)
        for kind, words in _MARK.findall(line)
        for each in (words.split(",") if kind in ("calls", "attribute") else (words,))
    )


def mismatches(tree: Tree, knowledge: Knowledge) -> tuple[Problem, ...]:
    """What is found and not marked, and the other way round, by line."""
    text = tree.sources[0].data.decode()
    graph = link([read(source) for source in tree.sources], knowledge)
    survey = recognize(graph, knowledge, tree)
    wanted = marked(text)
    anywhere = {mark for mark in wanted if mark[1] in ("free", "launch", "agent")}
    given = {("free", each.package) for each in survey.free}
    given |= {("launch", each.program) for each in survey.launches}
    given |= {("agent", each.api) for each in survey.agents}
    asked = Counter(mark for mark in wanted if mark not in anywhere and mark[1] != "none")
    found = Counter(_found(graph, survey))
    called = {line for line, kind, _ in wanted if kind == "calls"}
    found.update({mark for mark in _calls(graph, tree.sources[0].module) if mark[0] in called})
    lacking = [*(asked - found), *(mark for mark in anywhere if mark[1:] not in given)]
    path = tree.sources[0].path
    problems = [_problem(path, mark, "is marked and not found") for mark in lacking]
    problems += [_problem(path, mark, "is found and not marked") for mark in found - asked]
    return tuple(sorted(problems))


def _problem(path: str, mark: Mark, words: str) -> Problem:
    line, kind, value = mark
    said = f"{kind}: {value}" if value else kind
    return Problem(Place(path, line), f"`{said}` {words}")


def _calls(graph: Graph, module: str) -> Iterator[Mark]:
    for edge in graph.edges:
        yield edge.line, "calls", graph.functions[edge.callee].qualified.removeprefix(f"{module}.")


def _found(graph: Graph, survey: Survey) -> Iterator[Mark]:
    def line(function: int) -> int:
        return graph.functions[function].place.line

    for entry in survey.entries:
        yield line(entry.function), "entry", f"{entry.kind} {entry.name}"
    for effect in survey.effects:
        weak = " weak" if effect.weak else ""
        yield effect.place.line, "effect", f"{effect.kind} {effect.system}{weak}"
    for traced in survey.traced:
        yield line(traced.function), "traced", traced.api
    for function, _ in survey.forbidden:
        yield line(function), "forbidden", ""
    for lost in survey.lost:
        yield lost.place.line, "lost", ""
    for recorded in survey.recorded:
        for name in recorded.names:
            yield recorded.place.line, "attribute", name
    for effort in survey.effort:
        yield effort.place.line, "effort", ""
