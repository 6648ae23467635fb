"""`downgrade`: what it lowers, and that every line keeps its definitions and calls.

An interpreter lowers only what it does not read itself, so that each of these tests checks the
lowering on the interpreters that are older than the syntax, and the text as it is on the others.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap

import libcst
import pytest

from autospan.downgrade import downgrade


def facts(text: str) -> list[tuple[int, str]]:
    """Lines of definitions ("def f"), calls ("f()") and names of the text, without positions."""
    found = []
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.append((node.lineno, f"def {name}"))
            case ast.ClassDef(name=name):
                found.append((node.lineno, f"class {name}"))
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                found.append((node.lineno, f"{name}()"))
    return sorted(found)


def lowered(text: str, encoding: str = "utf-8") -> str:
    return downgrade(textwrap.dedent(text).encode(encoding), encoding)


CASES = {
    "type parameters": (
        """\
        @a()
        def f[T: b(), *U, **P](x: T = c()) -> T: return d()
        class A[
            T,
        ](B, m=e()):
            async def g[
                T
            ](
                self, x=h()): i()
        class C[
            T
        ]: j()
        """,
        [
            *("1 a()", "2 c()", "2 d()", "2 def f", "3 class A", "5 e()", "6 def g"),
            *("9 h()", "9 i()", "10 class C", "12 j()"),
        ],
        {"2 b()"},
    ),
    "type aliases": (
        """\
        type X = int; a()
        if b:
            type Y[
                T: (int, str) = str
            ] = (
                dict[T, c()])
            d()
        type type = type
        """,
        ["1 a()", "6 c()", "7 d()"],
        set(),
    ),
    "f-string with its own quotes": (
        """\
        x = f'{a('b')} 100% {{c}} {d["e"]:{f("g")}} {h()=!r}'
        y = f"{i(f"{j(f"{k()}")}")}"
        """,
        ["1 a()", "1 f()", "1 h()", "2 i()", "2 j()", "2 k()"],
        set(),
    ),
    "f-string over several lines": (
        '''\
        x = f"""{a()}
        text {
            b(
                c(
        f"{k(
        )}"),
            )
        } {d():{
            e()}}
        """.f() + f'{
            g()  # a comment with a ' in it
        }'
        h()
        ''',
        ["1 a()", "1 f()", "3 b()", "4 c()", "5 k()", "8 d()", "9 e()", "11 g()", "13 h()"],
        set(),
    ),
    "f-string in a row of strings": (
        """\
        a('b'
          f"{c('\\n')}"  # why
          rf"\\d{d("e")}" \\
          "f" 'g').h()
        """,
        ["1 a()", "1 h()", "2 c()", "3 d()"],
        set(),
    ),
    "odd values in an f-string": (
        """\
        async def f():
            a(f"{*b("c"),}{(lambda: d(""))}{await e("")}{(g := h(""))}{yield i("")}{ {1: ""} }")
        """,
        ["1 def f", "2 a()", "2 b()", "2 d()", "2 e()", "2 h()", "2 i()"],
        set(),
    ),
    "t-strings": (
        """\
        x = t'{a()} {b!r:>{c()}}'
        y = rt"\\d{d()} {e["f"]}"
        """,
        ["1 a()", "1 c()", "2 d()"],
        set(),
    ),
    "except without parentheses": (
        """\
        try: a()
        except B, C: d()
        except E, f.g, h: i()
        except (J, K) as l: m()
        """,
        ["1 a()", "2 d()", "3 i()", "4 m()"],
        set(),
    ),
    "except star": (
        """\
        try: a()
        except* B: c()
        except *(D, E) as f: g()
        except* H, I: j()
        """,
        ["1 a()", "2 c()", "3 g()", "4 j()"],
        set(),
    ),
    "stars": (
        """\
        a()[*b(), c()] = d()[*e]
        def f(*args: *G[h()]): pass
        """,
        ["1 a()", "1 b()", "1 c()", "1 d()", "2 def f", "2 h()"],
        set(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_line_keeps_its_facts(name):
    text, expected, optional = CASES[name]
    found = [f"{line} {fact}" for line, fact in facts(lowered(text))]
    assert sorted(set(found) - optional) == sorted(expected)


@pytest.mark.parametrize("name", CASES)
def test_the_number_of_lines_stays(name):
    text = textwrap.dedent(CASES[name][0])
    assert lowered(text).count("\n") == text.count("\n")


def test_syntax_of_the_future():
    """Nobody reads these yet, except LibCST."""
    if not hasattr(libcst, "LazyImport"):
        pytest.skip("needs LibCST 1.9")
    text = lowered("""\
        lazy import a.b as c; lazy from d import (
            e)
        f([*g() for h in i()])
        j({**k() for m in n()}, (*o() for p in q()))
        """)
    tree = ast.parse(text)
    assert [type(node).__name__ for node in tree.body[:2]] == ["Import", "ImportFrom"]
    assert facts(text) == [(3, f"{name}()") for name in "fgi"] + [
        (4, f"{name}()") for name in "jknoq"
    ]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="reads it itself")
def test_the_older_forms():
    assert lowered("type X[T] = T\n") == "X = T\n"
    assert lowered("class A[T](B[T]): pass\n") == "class A(B[T]): pass\n"
    assert lowered("x = f'{a['b']}: 5% {{c}}\\n'\n") == "x = ('%s: 5%% {c}\\n' % ((a['b']),))\n"
    assert lowered("def f[\nT](): pass\n") == "def f \\\n(): pass\n"


def test_what_the_interpreter_reads_stays():
    text = "x = f'{a!r:>{b}}' 'c'\nwith (d() as e, f()): pass\nmatch x:\n    case [1, *y]: pass\n"
    assert lowered(text) == text


def test_line_ends_marks_and_encodings():
    text = "type A = int\r\ndef größe():\r    a()\n"
    for encoding in ("utf-8", "utf-8-sig", "latin-1"):
        assert facts(lowered(text, encoding)) == [(2, "def größe"), (3, "a()")]


def test_literal_text_is_kept_as_a_value():
    text = lowered("a(f'SELECT {b('c')} FROM \"d\" WHERE e = 100% {{f}}\\t')\n")
    constants = [n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant)]
    assert "".join(c for c in constants if c != "c").startswith("SELECT ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = 1\nprint 'python 2'\n", 2),
        ("def f(:\n", 1),
        ("x = 1\n\nx = f'{'\n", 3),
        ("type X = int\ny = (\n", None),
        ("x = 1\n  y = 2\n", 2),
        ("x = 1\n\ny = '\x00'\n", None),
        ("(" * 300 + ")" * 300, None),
    ],
)
def test_plain_errors_are_the_interpreters_own(text, line):
    with pytest.raises(SyntaxError) as caught:
        downgrade(text.encode())
    assert line is None or caught.value.lineno == line
    assert caught.value.msg


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="reads it itself")
@pytest.mark.parametrize("name", ["e", "err", "exc_value", "_"])
def test_python_2_except_is_not_mended(name):
    with pytest.raises(SyntaxError, match="parenthesi"):
        lowered(f"try: a()\nexcept B, {name}: pass\n")


def test_long_expressions_are_lowered():
    text = "type X = int\nx = (" + "'a'\n" * 400 + ")\ny = " + " + ".join(["f()"] * 300) + "\n"
    assert len(facts(lowered(text))) == 300


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000,
        "x = " + "not " * 50_000 + "y",
        "x = " + "lambda: " * 50_000 + "y",
        "x = a" + ".b()" * 20_000,
        "if a: b\n" + "elif a: b\n" * 50_000,
        "f'{" * 5_000,
    ],
    ids=["brackets", "nots", "lambdas", "calls", "elifs", "f-strings"],
)
def test_what_would_overflow_the_parser_is_refused(text):
    code = "import sys; from autospan.downgrade import downgrade\n"
    code += "try: downgrade(b'type X = int\\n' + sys.stdin.buffer.read())\n"
    code += "except SyntaxError: print('refused')"
    done = subprocess.run([sys.executable, "-c", code], input=text.encode(), capture_output=True)
    assert (done.returncode, done.stdout.strip()) == (0, b"refused"), done.stderr[-500:]


def test_nothing_is_imported_for_nothing():
    code = "import sys, autospan.downgrade; sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
