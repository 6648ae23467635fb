"""One lowering a piece of syntax: a LibCST node in, a node of older Python out, lines kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import libcst as cst


def lower(text: str) -> str:
    """The text with every piece of syntax lowered that the running interpreter does not read.

    Raises:
        libcst.ParserSyntaxError: LibCST does not read it either.
    """
    code = cst.parse_module(text).visit(_Lowering()).code
    if not _native("try: pass\nexcept* A: pass"):
        code = re.sub(r"(?m)^([ \t]*except)[ \t]*\*", r"\1 ", code)
    return code


class _Lowering(cst.CSTTransformer):
    """Lowers node by node, the innermost first; strings are lowered whole."""

    def on_visit(self, node: cst.CSTNode) -> bool:
        return type(node).__name__ not in _STRINGS

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        name = type(original_node).__name__
        if name in _STRINGS:
            return _string(original_node, self)
        syntax = _SYNTAX.get(name)
        return updated_node if not syntax or _native(syntax.sample) else syntax.lower(updated_node)


class _Code(cst.Name):
    """An expression that is any code: LibCST writes it as it stands, and need not parse it."""

    def _validate(self) -> None:
        """A name would have to be an identifier."""


@lru_cache
def _native(sample: str) -> bool:
    """Whether the running interpreter reads a piece of syntax."""
    try:
        ast.parse(sample)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _code(*nodes: cst.CSTNode) -> str:
    module = cst.Module([])
    return "".join(module.code_for_node(node) for node in nodes)


def _definition(node: Any) -> Any:
    """`def f(…)` for `def f[T](…)`; its newlines stay as continuation lines after the name."""
    if node.type_parameters is None:
        return node
    lines = _code(node.type_parameters).count("\n")
    return node.with_changes(
        type_parameters=None,
        whitespace_after_type_parameters=cst.SimpleWhitespace(""),
        name=_Code(node.name.value + " \\\n" * lines),
    )


def _alias(node: cst.TypeAlias) -> cst.Expr:
    """`X = value` for `type X[T] = value`."""
    parameters = _code(node.type_parameters) if node.type_parameters else ""
    name = node.name.value + " \\\n" * parameters.count("\n")
    equals = _code(node.whitespace_after_equals)
    return cst.Expr(_Code(f"{name} ={equals}{_code(node.value)}"), semicolon=node.semicolon)


def _handler(node: Any) -> Any:
    """`except (A, B):` for `except A, B:`; `except A, e:` is Python 2 and stays wrong."""
    match node.type:
        case cst.Tuple(lpar=[], elements=[_, cst.Element(value=cst.Name(value=last))]) if (
            last == last.lower()
        ):
            return node
        case cst.Tuple(lpar=[]):
            return node.with_changes(type=_Code(f"({_code(node.type)})"))
        case _:
            return node


def _index(node: cst.Index) -> cst.Index:
    """`a[b]` for `a[*b]`."""
    return node.with_changes(star=None, whitespace_after_star=None)


def _annotation(node: cst.Annotation) -> cst.Annotation:
    """`*args: Ts` for `*args: *Ts`."""
    match node.annotation:
        case cst.StarredElement(value=value):
            return node.with_changes(annotation=value)
        case _:
            return node


def _comprehension(node: Any) -> Any:
    """`[x for …]` for `[*x for …]`."""
    starred = isinstance(node.elt, cst.StarredElement)
    return node.with_changes(elt=node.elt.value) if starred else node


def _mapping_comprehension(node: cst.CSTNode) -> cst.BaseExpression:
    """`{x for …}` for `{**x for …}`."""
    return _Code(_code(node).replace("**", "", 1))


def _eager(node: Any) -> cst.Expr:
    """`import x` for `lazy import x`, also with `from`."""
    bare = node.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    code = _code(bare).removeprefix("lazy").lstrip()
    return cst.Expr(_Code(code), semicolon=node.semicolon)


class _Syntax(NamedTuple):
    """A sample (an interpreter that reads it needs no lowering), and the older node for a node."""

    sample: str
    lower: Callable[[Any], cst.CSTNode]


_SYNTAX = {
    "FunctionDef": _Syntax("def f[T](): pass", _definition),
    "ClassDef": _Syntax("class A[T = int]: pass", _definition),
    "TypeAlias": _Syntax("type X[T = int] = int", _alias),
    "ExceptHandler": _Syntax("try: pass\nexcept A, B: pass", _handler),
    "ExceptStarHandler": _Syntax("try: pass\nexcept* A, B: pass", _handler),
    "Index": _Syntax("a[*b]", _index),
    "Annotation": _Syntax("def f(*a: *b): pass", _annotation),
    "ListComp": _Syntax("[*x for x in y]", _comprehension),
    "SetComp": _Syntax("{*x for x in y}", _comprehension),
    "GeneratorExp": _Syntax("(*x for x in y)", _comprehension),
    "StarredDictComp": _Syntax("{**x for x in y}", _mapping_comprehension),
    "LazyImport": _Syntax("lazy import x", _eager),
    "LazyImportFrom": _Syntax("lazy from x import y", _eager),
}
_STRINGS = ("FormattedString", "TemplatedString", "ConcatenatedString")


class _Piece(NamedTuple):
    """A part of a formatted string: its code, and its plain text if it is no value."""

    code: str
    text: str | None = None


def _string(node: Any, visitor: cst.CSTTransformer) -> Any:
    """`("text %s" % (value,))` for a formatted string that the running interpreter refuses."""
    code = _code(node)
    if _native(f"({code}\n)"):
        return node
    lines, template, values = 0, "", ""
    for piece in _pieces(node, visitor):
        if piece.text is None:
            template += "%s"
            values += "\n" * lines + f"({piece.code}),"
            lines = 0
        else:
            template += piece.text.replace("%", "%%")
            lines += piece.code.count("\n")
    rest = "\n" * (code.count("\n") - values.count("\n"))
    return _Code(f"({template!r} % ({values}{rest}))")


def _pieces(node: Any, visitor: cst.CSTTransformer, start: str = "") -> Iterator[_Piece]:
    """The parts of a string in the order of the source, the values lowered already."""
    match type(node).__name__:
        case "ConcatenatedString":
            yield from _pieces(node.left, visitor)
            yield _Piece(_code(node.whitespace_between), "")
            yield from _pieces(node.right, visitor)
        case "FormattedString" | "TemplatedString":
            yield from _all_pieces(node.parts, visitor, node.start)
        case "FormattedStringExpression" | "TemplatedStringExpression":
            value = node.expression.visit(visitor)
            yield _Piece(
                _code(node.whitespace_before_expression, value, node.whitespace_after_expression)
            )
            yield from _all_pieces(node.format_spec or (), visitor, start)
        case "FormattedStringText" | "TemplatedStringText":
            yield _Piece(node.value, _text(node.value, start))
        case _:
            yield _Piece(_code(node), _literal(_code(node)))


def _all_pieces(nodes: Sequence[Any], visitor: cst.CSTTransformer, start: str) -> Iterator[_Piece]:
    for node in nodes:
        yield from _pieces(node, visitor, start)


def _text(text: str, start: str) -> str:
    """The value of the literal text in a formatted string that begins with `start` (`rf\"`)."""
    quote = start.lstrip("fFtTrR")
    raw = "r" if "r" in start.lower() else ""
    return _literal(raw + quote + text.replace("{{", "{").replace("}}", "}") + quote)


def _literal(code: str) -> str:
    try:
        return str(ast.literal_eval(code))
    except (SyntaxError, ValueError):
        return code
