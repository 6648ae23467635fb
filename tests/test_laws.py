"""The laws of the design page, over generated modules and over the standard library.

1. Applying twice changes nothing the second time.
2. Removing what was applied gives the original bytes, in every encoding and layout.
3. Every other line stays as it was; the result compiles and is the same program.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autospan.model import Capture, Edit, Form, Helper, Layout, Plan, Sorting, Source
from autospan.rewrite import rewrite, unwrite
from autospan.splice import BOM, byte_lines, plain
from autospan.upkeep import helper_file

HELPER = Helper("shop/_tracing.py", "shop._tracing")
LAYOUTS = (Layout(), Layout("'", 40, Sorting(("shop",))))
MODULES = (HELPER.module, "opentelemetry")
OURS = {"traced", "_traced", "__traced__", "_traced_2", "t"}
OURS |= {f"{each}.start_as_current_span" for each in ("tracer", "_tracer", "__tracer__")}
ATTRIBUTES = re.compile(r"_{0,2}trace(_\d+|__)?\.get_current_span\(\)\.set_attributes\(")
THOROUGH = bool(os.environ.get("THOROUGH"))
"""Whether to try much more than before every merge: other modules every time, shrunk where one
fails, and the whole standard library."""
bounded = settings(
    max_examples=300 if THOROUGH else 12,  # of which the last few run no line that is new
    phases=[Phase.generate, *([Phase.shrink] if THOROUGH else [])],  # shrinking costs minutes
    derandomize=not THOROUGH,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


# --- modules ------------------------------------------------------------------------------------

NAMES = st.sampled_from(["f", "g", "run", "save", "A", "B", "_traced", "ünï"])
PARAMETERS = st.sampled_from(
    ["", "self", "a, /, b=1, *c, d: int = 2, **e", "traced", "x=(\n 1,\n)"]
)
DECORATORS = st.sampled_from(
    ["@staticmethod", "@app.route('/')", "@a.b(1)[2]", "@cache  # why", "@many(\n  1,  # one\n\n)"]
)
SIMPLE = st.sampled_from(
    [
        "pass",
        "x = 1; y = 2",
        "x = '''\n@traced\ndef f(): pass\n'''",
        "'a string'",
        "return",
        "yield 1",
        "# a comment",
        "",
        "x = [\n1,\n\n# here\n  2]",
        "x = 1 + \\\n  2",
        "import os",
        "from a import (b,\n   c)",
        "f = lambda x: x  # traced",
        "del x;",
    ]
)
HEADS = ["if x:", "else:", "for i in x:", "while x:", "with x as y:", "try:", "finally:", "async"]
HEADERS = st.sampled_from(
    [
        "",
        "\n",
        "# about\n",
        "#!/usr/bin/env python\n# about\n\n# f\n",
        "'''Doc.'''\n",
        "# c\n\n'''Doc\n\n@traced'''\n\n\n",
        "'''Doc.'''; x = 1\n",
        "'''Doc.'''\nfrom __future__ import annotations\n",
        "# c\nfrom __future__ import (\n    division,\n    annotations\n)\nimport os, sys\n",
        "import os\nimport sys; x = 1\n\n__all__ = ['f']\n",
        "'''Doc.'''\nimport os\nif TYPE_CHECKING:\n    import late\n# end\n",
        "try:\n    import json\nexcept ImportError:\n    json = None\nimport os\n\n\n",
        "from shop._tracing import traced\n@traced\ndef before(): pass\n",
        "from ._tracing import exporter, traced as t\nprint(t)\n",
        "traced = 1\n",
    ]
)


def indented(text: str, unit: str) -> str:
    """A statement moved in by one level; what is inside strings and brackets stays."""
    first, *rest = text.split("\n")
    return "\n".join([unit + first if first else "", *rest])


@st.composite
def statements(draw: st.DrawFn, unit: str, depth: int = 0) -> list[str]:
    """A few statements, each a list of logical lines that `indented` can move."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3 if depth < 2 else 1))):
        kind = draw(st.sampled_from(["def", "def", "class", "if", "try", "for", "simple"]))
        if kind == "simple" or depth > 3:
            simple = draw(SIMPLE)
            lines.append(simple if depth or not simple.startswith(("return", "yield")) else "x = 0")
        elif kind == "def":
            lines += draw(function(unit, depth))
        else:
            lines += draw(compound(kind, unit, depth))
    return lines


@st.composite
def function(draw: st.DrawFn, unit: str, depth: int) -> list[str]:
    lines: list[str] = []
    for decorator in draw(st.lists(DECORATORS, max_size=2)):
        lines += [decorator, *draw(st.sampled_from([[], [], ["# between"], ["", "# note", ""]]))]
    head = f"{draw(st.sampled_from(['', 'async ']))}def {draw(NAMES)}({draw(PARAMETERS)}):"
    body = draw(st.sampled_from([" return 1", " 'doc'; pass", "  # comment", "", ""]))
    if body.strip() and "#" not in body:
        return [*lines, head + body]
    return [*lines, head + body, *draw(suite(unit, depth, "function"))]


@st.composite
def compound(draw: st.DrawFn, kind: str, unit: str, depth: int) -> list[str]:
    heads = {
        "class": (f"class {draw(NAMES)}:", ""),
        "if": ("if x:", "else:"),
        "try": ("try:", "except (A, B) as e:"),
        "for": ("for x in y:", "else:"),
    }[kind]
    return [
        line
        for head in heads
        if head
        for line in (head, *draw(suite(unit, depth, "class" if kind == "class" else "")))
    ]


@st.composite
def suite(draw: st.DrawFn, unit: str, depth: int, of: str) -> list[str]:
    inner = draw(statements(unit, depth + 1))
    if of != "function":  # `return` and `yield` only where they may stand
        inner = ["pass" if line.startswith(("return", "yield")) else line for line in inner]
    return [indented(line, unit) for line in [*inner, "pass"]]


COOKIES = [
    ("", "utf-8"),
    ("", "utf-8"),
    ("# coding: latin-1\n", "latin-1"),
    ("# -*- coding: cp1252 -*-\n\n", "cp1252"),
    ("# vim: set fileencoding=utf-8 :\n", "utf-8"),
]


@st.composite
def modules(draw: st.DrawFn) -> bytes:
    """The bytes of a module: any layout, any encoding, any newlines."""
    unit = draw(st.sampled_from(["    ", "  ", "\t", " \t"]))
    body = "\n".join(draw(statements(unit)))
    cookie, encoding = draw(st.sampled_from(COOKIES))
    text = cookie + draw(HEADERS) + body + draw(st.sampled_from(["\n", "", "\n\n  \n", "\n# end"]))
    mark = BOM if encoding == "utf-8" and draw(st.booleans()) else b""
    lines = text.split("\n")
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]]))
    feeds = draw(st.sets(st.integers(1, len(lines)), max_size=2))
    lines = [f"\f{line}" if number in feeds else line for number, line in enumerate(lines)]
    pairs = [(line, ends[number % len(ends)]) for number, line in enumerate(lines)]
    whole = "".join(line + end for line, end in pairs).removesuffix(pairs[-1][1])
    return mark + whole.encode(encoding)


# --- the laws -----------------------------------------------------------------------------------


def source(data: bytes, path: str = "shop/orders.py") -> Source:
    lines = BytesIO(data.replace(b"\r", b"\n"))
    encoding = tokenize.detect_encoding(lines.readline)[0]
    return Source(path, path.removesuffix(".py").replace("/", "."), False, data, encoding, "")


def parse(data: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(data, "<module>", "exec", dont_inherit=True)
        return ast.parse(data)


def leaves_room(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    """Whether a block fits between the head of a function and its body."""
    first = function.body[0]
    head = re.match(r"[ \t]*", lines[function.lineno - 1].replace("\f", ""))
    body = re.match(r"[ \t]*", lines[first.lineno - 1].replace("\f", ""))
    decorators = getattr(first, "decorator_list", ())
    if any(each.lineno <= function.lineno for each in (first, *decorators)) or not (head and body):
        return False
    moved = body[0].removeprefix(head[0])
    return ast.get_docstring(function) is None and len(moved) > 1 and moved[0] == " "


def edits(data: bytes, source: Source, blocks: bool = False) -> list[Edit]:
    """An edit for every function of a module; with `blocks` a block wherever there is room."""
    text = plain(data, source.encoding).split("\n")
    seen: Counter[str] = Counter()

    def walk(node: ast.AST, around: tuple[str, ...]) -> Iterator[Edit]:
        for child in ast.iter_child_nodes(node):
            inner = around
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = (*around, child.name)
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                name = ".".join(inner)
                captures = tuple(
                    Capture(each.arg, each.arg, captured=True, why="") for each in child.args.args
                )
                full = f"{source.module}:{name}"
                place = (source.path, full, seen[name], child.lineno)
                form: Form = "block" if blocks and leaves_room(child, text) else "decorator"
                yield Edit(*place, "", name, captures, form, helper=HELPER.module)
                seen[name] += 1
            yield from walk(child, inner)

    return list(walk(parse(data), ()))


def apply(data: bytes, wanted: list[Edit], helper: bool = False) -> bytes:
    orders = source(data)
    known = {orders.path: orders} | ({HELPER.path: tracing()} if helper else {})
    layouts = {orders.path: LAYOUTS[len(data) % len(LAYOUTS)]}
    patches, problems = rewrite(Plan(tuple(wanted), (), (HELPER,), layouts), known)
    assert not problems
    return next((each.after or b"" for each in patches if each.path == orders.path), data)


def tracing() -> Source:
    return source(helper_file(), HELPER.path)


def remove(data: bytes) -> bytes:
    orders = source(data)
    patches, problems = unwrite({orders.path: orders, HELPER.path: tracing()})
    assert [each.message for each in problems if "still imports" not in each.message] == []
    return next((each.after or b"" for each in patches if each.path == orders.path), data)


class Undecorated(ast.NodeTransformer):
    """Takes our decorators and imports out of an AST, by name."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.decorator_list = [
                each
                for each in node.decorator_list
                if ast.unparse(getattr(each, "func", each)) not in OURS
            ]
            node.body = [inner for each in node.body for inner in self.outside(each)]
        if isinstance(node, ast.Module):
            node.body = [
                each
                for each in node.body
                if not (isinstance(each, ast.ImportFrom) and each.module in MODULES)
                and not (isinstance(each, ast.Assign) and "get_tracer" in ast.unparse(each))
            ]
        return super().generic_visit(node)

    def outside(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.Expr) and ATTRIBUTES.match(ast.unparse(node)):
            return []
        call = node.items[0].context_expr if isinstance(node, ast.With) else None
        ours = isinstance(call, ast.Call) and ast.unparse(call.func) in OURS
        return node.body if isinstance(node, ast.With) and ours else [node]


def check_laws(data: bytes, wanted: list[Edit]) -> None:
    clean = remove(data)  # the example may carry spans of its own
    result = apply(data, wanted)
    assert apply(result, [replace(each, line=0) for each in wanted], helper=True) == result
    assert remove(result) == clean
    rest = iter(byte_lines(result.removeprefix(BOM)))
    assert all(any(line == other for other in rest) for line in byte_lines(data.removeprefix(BOM)))
    assert result.startswith(BOM) == data.startswith(BOM)
    before, after = (ast.dump(Undecorated().visit(parse(each))) for each in (data, result))
    assert before == after
    assert {line[-1:] for line in byte_lines(result)} <= {
        line[-1:] for line in byte_lines(data)
    } | {b"\n"}


@bounded
@given(modules(), st.randoms(use_true_random=False))
def test_generated_modules(data: bytes, random: object) -> None:
    every = edits(data, source(data))
    shuffle = getattr(random, "sample")  # noqa: B009
    check_laws(data, shuffle(every, len(every) // 2))
    check_laws(data, every)
    check_laws(data, blocks := edits(data, source(data), blocks=True))
    check_laws(data, [replace(each, helper="") for each in blocks])  # native style


BODIES = (
    b"def f(a, b=1):\n\t'''Doc.'''\n\n\t# why\n\treturn a\n",
    b"def f(a):\r\n  # type: (int) -> int\r\n# left\r\n  # why\r\n  return a\r\n",
    b"def f(a):  # type: (int) -> int\n\f    # why\n    async def g(): return b\n    # end",
    b"class A:\n \tdef f(self, trace, _tracer):\n \t\t'a' 'b'\n \t\tif trace: pass\n# end\n",
    b"def f(a): # \\\n\n\n    @app.g\n    def g(b): 'doc'; b = 1\n    return g",
    b"@app.f\ndef f(a):\r    @app.g\r    def g(b):\r        'doc'; b = 1\r    return g\r",
    b"def f(a):\n    if a:\n        pass\n",
)
"""Where a line in the body has to find its place: tabs, docstrings, comments, no last newline."""


@pytest.mark.parametrize("data", BODIES)
def test_attributes_in_the_body(data: bytes) -> None:
    wanted = [replace(each, helper="") for each in edits(data, source(data))]
    result = apply(data, wanted)
    assert result.count(b".set_attributes(") == 1
    check_laws(data, wanted)
    half = apply(data, wanted[:1])
    rest = [replace(each, line=0) for each in wanted[1:]]
    assert remove(apply(half, rest)) == data
    for one, other in zip(functions(data), functions(result), strict=True):
        assert ast.get_docstring(one) == ast.get_docstring(other)


def functions(data: bytes) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(parse(data)) if isinstance(node, kinds)]


@bounded
@given(modules())
def test_in_two_steps(data: bytes) -> None:
    every = edits(data, source(data))
    half = apply(data, every[::2])
    rest = [replace(each, line=0) for each in every[1::2]]
    assert remove(apply(half, rest, helper=True)) == remove(data)


REWORDED = (
    b'"by hand", capture=()',
    b"'checkout'",
    b'\n    "by hand",\n    capture={"a": "b"},  # ours\n',
)
"""What people make of the arguments of our decorators: another name, other quotes, more lines."""


@bounded
@given(modules(), st.randoms(use_true_random=False))
def test_removed_whatever_people_made_of_it(data: bytes, random: object) -> None:
    """Names, captures, quotes and layout of spans changed, some given twice or taken out by hand,
    the import doubled or merged: what is left of them goes, all else stays."""
    choice = getattr(random, "choice")  # noqa: B009
    data = data.replace(b"traced", b"spans")
    result = apply(data, edits(data, source(data)))
    newline = next(iter(byte_lines(data)), b"\n")[-1:]

    def reworded(found: re.Match[bytes]) -> bytes:
        indent, name = found[1], found[2]
        span = indent + b"@" + name + b"(" + choice(REWORDED) + b")"
        return choice([b"", found[0], span + b"\n", (span + b"\n") * 2]).replace(b"\n", newline)

    changed = re.sub(rb"(?m)^([ \t\f]*)@(traced)(?:\(.*\))?(?:\r\n|\r|\n)", reworded, result)
    doubled = re.sub(
        rb"(?m)^(from shop\._tracing import traced)(\r\n|\r|\n)", rb"\1\2\1 # again\2", changed
    )
    for each in (changed, doubled):
        assert remove(each) == data


LIBRARY = sorted(Path(ast.__file__).parent.glob("*.py"))
SAMPLE = [path for path in LIBRARY[::9] if path.stat().st_size < 16_000]


@pytest.mark.parametrize("path", LIBRARY if THOROUGH else SAMPLE, ids=lambda path: path.name)
def test_standard_library(path: Path) -> None:
    data = path.read_bytes()
    check_laws(data, edits(data, source(data)))
    check_laws(data, blocks := edits(data, source(data), blocks=True))
    check_laws(data, [replace(each, helper="") for each in blocks])  # native style


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_new_syntax() -> None:
    data = b"def f[T](x: T) -> T: return f'{'a'}'\nclass A[T]:\n    async def g[U](self): yield\n"
    check_laws(data, edits(data, source(data)))


def test_syntax_newer_than_the_interpreter() -> None:
    data = b"import os\ntype L = list[int]\ndef f[T](x: T) -> T: return f'{'a'}'\n"
    edit = Edit("shop/orders.py", "shop.orders:f", 0, 3, "", "", helper=HELPER.module)
    result = apply(data, [edit])
    assert b"import os\nfrom shop._tracing import traced\ntype L" in result
    assert remove(result) == data
