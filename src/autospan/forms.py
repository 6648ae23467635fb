"""Which form a span takes: a decorator, or a block in the body where a wrapper would be in the way.

The block is one line, indented by a single blank, between `def` and a body that stays as it is:

    def caller():
     with traced(block="shop.frames.caller"):
        return sys._getframe(1).f_code.co_name

It adds no frame and keeps the function object. It needs a body that is indented by two blanks or
more and has no docstring, which must stay the first statement of its function. The body of a
generator would run with the span current for whoever consumes it, so generators get none but in
native style, where the block's span is not made current.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from itertools import takewhile
from typing import NamedTuple

from autospan.frames import frame_readers
from autospan.model import Form, Function, Graph, Source

_READS = re.compile(
    rb"\.__(code|closure|defaults|kwdefaults|globals)__\b|\bget(source|sourcelines|closurevars)\("
)

_PARTS = rb"\.__(?:code|closure|defaults|kwdefaults|globals)__\b"
_ANY = re.compile(_PARTS)  # begins with plain text, which is looked for ten times as fast
_OWN = re.compile(rb"(\.?)\b(\w+)" + _PARTS)


class Choice(NamedTuple):
    """The form of a span, and in words what speaks against a wrapper; None: nothing is safe."""

    form: Form | None
    why: str = ""


def choose_forms(
    graph: Graph, sources: Sequence[Source], unseen: bool = False
) -> Callable[[int], Choice]:
    """For any function (index): the form that its span takes.

    `unseen`: a block also where a wrapper could be told in theory, by a body of one statement or a
    coroutine function.
    """
    by_path = {source.path: source for source in sources}
    seen = {
        **_read_by_name(graph, by_path),
        **_taken_apart(graph, by_path),
        **frame_readers(graph, sources),
    }
    recursive = _recursive(graph)

    @cache
    def choose(number: int) -> Choice:
        function = graph.functions[number]
        if number in seen:
            fits = _fits(function, by_path)
            return Choice("block" if fits else None, seen[number])
        why = "is recursive: a wrapper would take up the stack" if number in recursive else ""
        if function.outer is not None and graph.functions[function.outer].kind != "module":
            why = "is made anew by each call of the function around it, and so would a wrapper be"
        if unseen and function.shape.statements <= 1:
            why = "is one statement: a wrapper would be more than it"
        elif unseen and function.kind == "async":
            why = (
                "is a coroutine function: a wrapper would let a wrong call pass until it is awaited"
            )
        return Choice("block", why) if why and _fits(function, by_path) else Choice("decorator")

    return choose


def _read_by_name(graph: Graph, sources: Mapping[str, Source]) -> Mapping[int, str]:
    """The functions whose name stands before `.__code__` or the like in their own module, unless
    it stands alone and is also a parameter's there, such as `f`."""
    found = {
        path: [(dot != b"", name.decode("ascii", "replace")) for dot, name in _OWN.findall(text)]
        for path, text in ((source.path, source.data) for source in sources.values())
        if _ANY.search(text)
    }
    taken = {
        (each.place.file, parameter.name)
        for each in graph.functions
        if found.get(each.place.file)
        for parameter in each.parameters
    }
    read = {
        path: {name for dotted, name in names if dotted or (path, name) not in taken}
        for path, names in found.items()
    }
    return {
        number: "its module reads its code, defaults or cells"
        for number, function in enumerate(graph.functions)
        if function.short in read.get(function.place.file, ())
    }


def _taken_apart(graph: Graph, sources: Mapping[str, Source]) -> Mapping[int, str]:
    """The functions that a decorator of the project is handed which reads their code object,
    defaults, cells or source, as a wrapper does not have them."""
    found: dict[int, str] = {}
    reads: dict[int, bool] = {}
    for one in graph.decorations:
        for by in one.by if one.function >= 0 else ():
            decorator = graph.functions[by]
            if by not in reads:
                reads[by] = bool(_READS.search(_text(decorator, sources)))
            if reads[by]:
                found[one.function] = f"its decorator {decorator.short} reads what it is made of"
    return found


def _recursive(graph: Graph) -> frozenset[int]:
    """The functions that may call themselves, directly or through others; guesses aside. A wrapper
    that one decorator makes of many functions is one for each of them."""
    import rustworkx

    nodes: dict[tuple[int, int], int] = {}
    calls = [
        (
            nodes.setdefault((caller, inside), len(nodes)),
            nodes.setdefault((callee, into), len(nodes)),
        )
        for caller, callee, _, confidence, _, (inside, into) in graph.edges
        if confidence != "guessed"
    ]
    digraph: rustworkx.PyDiGraph[None, None] = rustworkx.PyDiGraph()
    digraph.extend_from_edge_list(calls)
    loops = {caller for caller, callee in calls if caller == callee}
    circles = (each for each in rustworkx.strongly_connected_components(digraph) if len(each) > 1)
    round_ = loops.union(*circles)
    return frozenset(function for (function, _), node in nodes.items() if node in round_)


def _text(function: Function, sources: Mapping[str, Source]) -> bytes:
    source = sources.get(function.place.file)
    lines = _lines(source) if source else []
    return b"\n".join(lines[function.place.line - 1 : function.end_line])


@lru_cache(maxsize=64)
def _lines(source: Source) -> list[bytes]:
    return source.data.splitlines()


def has_line(function: Function, source: Source) -> bool:
    """Whether a line can be put first into the body of a function: that stands in lines of its own,
    and more than a docstring, which shares its line with nothing."""
    text = _text(function, {source.path: source}).decode(source.encoding, "replace")
    if not _indent(text) or not function.docstring:
        return _indent(text) != ""
    tokens = _tokens(text)
    _, docstring, after = _line(tokens), _line(tokens), next(tokens, None)
    alone = all(each.string != ";" for each in docstring)
    return alone and after is not None and after.type != tokenize.DEDENT


def _line(tokens: Iterator[tokenize.TokenInfo]) -> list[tokenize.TokenInfo]:
    """The next logical line."""
    return [*takewhile(lambda each: each.type != tokenize.NEWLINE, tokens)]


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens of a function but for comments and what breaks no statement, as far as it goes."""
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                yield token


def has_room(function: Function, source: Source) -> bool:
    """Whether a block can be put into the body without touching a line of it."""
    text = _text(function, {source.path: source}).decode(source.encoding, "replace")
    return not function.docstring and re.fullmatch(r" [ \t]+", _indent(text)) is not None


def _fits(function: Function, sources: Mapping[str, Source]) -> bool:
    """Whether a block may be current in a body that has room for it."""
    source = sources.get(function.place.file)
    return "generator" not in function.kind and source is not None and has_room(function, source)


def _indent(text: str) -> str:
    """By how much the body of a `def` is indented more than that; "" for one in the same line."""
    tokens = _tokens(text)
    header, body = _line(tokens), next(tokens, None)
    if body is None or body.type != tokenize.INDENT:
        return ""
    return body.string.removeprefix(header[0].string if header[0].type == tokenize.INDENT else "")
