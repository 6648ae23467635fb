"""Functions that a decorator only marks, and the later walk that registers what is marked.

    def route(path):                                for name in dir(self):
        def mark(f):                                    f = getattr(self, name)
            f._path = path                              if hasattr(f, "_path"):
            return f                                        app.add_url_rule(f._path, view_func=f)
        return mark

What the walk hands on is unknown, but it is asked for an attribute that only such functions have.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from autospan.link.program import Program
from autospan.link.translate import Translation
from autospan.model import Argument, Site, Value

_PROBES = ("hasattr", "getattr")
_MOST_VERSIONS = 16
_Asked = dict[int, list[tuple[int, str]]]


def find_marked(result: Translation) -> Iterator[Site]:
    """The calls of such walks, once for each marked function."""
    solver, program = result.solver, result.program
    asked = _asked(result)
    for number in _calls_near(program, asked):
        call, file = program.calls[number], program.file_of_call[number]
        owner = program.function_base[file] + call.owner
        for key, node in solver.passed(number, file) if number in solver.sites else ():
            names = [name for line, name in asked.get(node, ()) if line <= call.line]
            for name in sorted(solver.sites.get(number, ())) if names else ():
                if not name.startswith("builtins."):
                    rest = [one for one in result.arguments(number) if one.key != key]
                    for value in _functions(result, names[-1]):
                        arguments = (*rest, Argument(key, (value,)))
                        caller = result.function_at[owner]
                        yield Site(caller, call.line, name, arguments, confidence="inferred")


def _calls_near(program: Program, asked: _Asked) -> Iterator[int]:
    """The calls of the files that hold the nodes of what is asked for a mark."""
    ends = [*program.call_base[1:], len(program.calls)]
    files = {bisect_right(program.node_base, node) - 1 for node in asked if node < program.nodes}
    for file in sorted(files):
        yield from range(program.call_base[file], ends[file])


def _asked(result: Translation) -> _Asked:
    """The nodes of what is asked for a mark: the lines, and the marks."""
    found: _Asked = {}
    marked, program = result.solver.marked, result.program
    for number, call in enumerate(program.calls) if marked else ():
        if call.text in _PROBES and len(call.arguments) > 1:
            (_, slot), (_, name) = call.arguments[:2]
            file = program.file_of_call[number]
            where = result.solver.shifts[file]
            texts = [one.text for one in result.values(result.solver.node(where, name))]
            held = result.solver.flow.values(result.solver.node(where, slot))
            if len(texts) == 1 and texts[0] in marked and marked[texts[0]].isdisjoint(held):
                for each in _versions(result, result.solver.node(where, slot)):
                    found.setdefault(each, []).append((call.line, texts[0]))
    return found


def _versions(result: Translation, node: int) -> list[int]:
    """A node and those that it flows into: a variable has one for each loop that reads it."""
    found = [node]
    for number, each in enumerate(found):
        if number >= _MOST_VERSIONS:
            break
        held = result.solver.flow.targets[each]
        targets = [] if held is None else [held] if isinstance(held, int) else held
        found += [one for one in targets if one not in found]
    return found


def _functions(result: Translation, mark: str) -> list[Value]:
    values = (result.value(each) for each in sorted(result.solver.marked[mark]))
    return list(dict.fromkeys(one for one in values if one is not None and one.target >= 0))
