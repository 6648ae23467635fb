"""`read`: what the facts say of one file, construct by construct."""

from __future__ import annotations

import pickle
import random
import sys
import textwrap
from collections import Counter

import pytest
from hostile_corpus import CASES

from autospan.config import Config
from autospan.discover import discover
from autospan.model import Facts, Function, Import, Parameter, Source
from autospan.read import read


def facts(text: str | bytes, module: str = "m", encoding: str = "utf-8", **more: bool) -> Facts:
    data = textwrap.dedent(text).encode() if isinstance(text, str) else text
    path = module.replace(".", "/") + ("/__init__.py" if more.get("package") else ".py")
    return read(Source(path, module, more.get("package", False), data, encoding, ""))


def functions(text: str, **more: bool) -> tuple[Function, ...]:
    """The functions without the module body."""
    return facts(text, **more).functions[1:]


def only(text: str) -> Function:
    (function,) = functions(text)
    return function


# --- functions: where, what kind, in what -------------------------------------------------------

FILE = """\
    '''Doc.'''
    import os

    @cache
    @app.route("/", name="x")
    def plain(a):
        '''Doc.'''
        return lambda x: (lambda: x)

    class Outer:
        @staticmethod
        async def method():
            class Local:
                def inner(self): yield 1
            await f()

        class Inner(Outer):
            def deep(self):
                def deeper(): pass
                async def rows(): yield 1
    """


def test_names_kinds_and_places() -> None:
    found = facts(FILE)
    assert [
        (each.name, each.kind, each.first_line, each.place.line, each.end_line)
        for each in sorted(found.functions, key=lambda each: each.place)
    ] == [
        ("m:<module>", "module", 1, 1, 20),
        ("m:plain", "sync", 4, 6, 8),
        ("m:plain.<lambda1>", "sync", 8, 8, 8),
        ("m:plain.<lambda1>.<lambda1>", "sync", 8, 8, 8),
        ("m:Outer.method", "async", 11, 12, 15),
        ("m:Outer.method.Local.inner", "generator", 14, 14, 14),
        ("m:Outer.Inner.deep", "sync", 18, 18, 20),
        ("m:Outer.Inner.deep.deeper", "sync", 19, 19, 19),
        ("m:Outer.Inner.deep.rows", "async generator", 20, 20, 20),
    ]
    assert {each.place.file for each in found.functions} == {"m.py"}
    assert found.functions[0].name == "m:<module>"


def test_owner_outer_and_decorators() -> None:
    found = facts(FILE)
    names = [each.name for each in found.functions]
    classes = [each.name for each in found.classes]
    told = {
        each.short: (
            classes[each.owner] if each.owner is not None else None,
            names[each.outer] if each.outer is not None else None,
            each.decorators,
        )
        for each in found.functions
        if each.kind != "module" and "<" not in each.name
    }
    assert told == {
        "plain": (None, None, ("cache", "app.route()")),
        "method": ("m:Outer", None, ("staticmethod",)),
        "inner": ("m:Outer.method.Local", "m:Outer.method", ()),
        "deep": ("m:Outer.Inner", None, ()),
        "deeper": (None, "m:Outer.Inner.deep", ()),
        "rows": (None, "m:Outer.Inner.deep", ()),
    }
    assert dict(zip(classes, (each.base_texts for each in found.classes), strict=True)) == {
        "m:Outer": (),
        "m:Outer.method.Local": (),
        "m:Outer.Inner": ("Outer",),
    }


def test_names_as_others_spell_them() -> None:
    (function,) = facts("class A:\n def f(self): g()", module="shop.orders").functions[1:]
    assert function.name == "shop.orders:A.f"
    assert (function.module, function.qualified, function.short) == (
        "shop.orders",
        "shop.orders.A.f",
        "f",
    )


HOMONYMS = {
    "one after the other": ("def f(): a()\ndef f(): b()\ndef f(): c()", [1, 2, 3]),
    "try/except/else/finally": (
        """\
        try:
            def f(): a()
        except A:
            def f(): b()
        except B:
            def f(): c()
        else:
            def f(): d()
        finally:
            def f(): e()
        """,
        [2, 4, 6, 8, 10],
    ),
    "if/elif/else": (
        "if x:\n def f(): a()\nelif y:\n def f(): b()\nelse:\n def f(): c()",
        [2, 4, 6],
    ),
    "loops": ("for x in y:\n def f(): a()\nelse:\n def f(): b()\ndef f(): c()", [2, 4, 5]),
    "match": ("match x:\n case 1:\n  def f(): a()\n case _:\n  def f(): b()", [3, 5]),
    "with": ("with x:\n def f(): a()\ndef f(): b()", [2, 3]),
    "getter and setter": (
        "class f:\n @property\n def f(self): a()\n @f.setter\n def f(self, x): b()",
        [3, 5],
    ),
    "classes of one name": ("class A:\n def f(self): a()\nclass A:\n def f(self): b()", [2, 4]),
    "class and function": ("def f():\n def f(): a()\nclass f:\n def f(self): b()", [2, 4]),
}


@pytest.mark.parametrize("name", HOMONYMS)
def test_ordinals_follow_the_source(name: str) -> None:
    text, lines = HOMONYMS[name]
    named = Counter(each.name for each in functions(text)).most_common(1)[0][0]
    found = [each for each in functions(text) if each.name == named]
    assert sorted((each.place.line, each.ordinal) for each in found) == [
        (line, ordinal) for ordinal, line in enumerate(lines)
    ]


BRANCHES = {
    "if a:\n    def f(): ...\nelif b:\n    def f(): ...\nelse:\n    def f(): ...": "012",
    "try:\n    import a\nexcept ImportError:\n    def f(): ...\nelse:\n    def f(): ...": "01",
    "match a:\n    case 1:\n        def f(): ...\n    case 2:\n        def f(): ...": "01",
    "class A:\n    if a:\n        def f(self): ...\n    else:\n        def f(self): ...": "01",
    "def g(a):\n    if a:\n        def f(): ...\n        return f\n    def f(): ...": "01",
    "def g(a):\n    if a:\n        def f(): ...\n    def f(): ...": "",
    "if a:\n    def f(): ...\n    def f(): ...\nelse:\n    def f(): ...": "02 12",
    "try:\n    def f(): ...\nfinally:\n    def f(): ...": "",
    "for a in b:\n    def f(): ...\nelse:\n    def f(): ...": "",
    "if a:\n    if b: raise\n    def f(): ...\nif c:\n    def f(): ...": "",
}


@pytest.mark.parametrize("text", BRANCHES)
def test_branches_tell_which_definitions_exclude_each_other(text: str) -> None:
    found = [dict(each.branches) for each in facts(text).functions if each.short == "f"]
    pairs = [
        f"{one}{other}"
        for other, second in enumerate(found)
        for one, first in enumerate(found[:other])
        if any(second.get(line, number) != number for line, number in first.items())
    ]
    wanted = BRANCHES[text].split() if BRANCHES[text] != "012" else ["01", "02", "12"]
    assert pairs == wanted


def test_ordinals_count_per_name() -> None:
    found = functions("def f(): a()\ndef g(): a()\nclass A:\n def f(self): a()\ndef g(): a()")
    assert [(each.name, each.ordinal) for each in found] == [
        ("m:f", 0),
        ("m:g", 0),
        ("m:A.f", 0),
        ("m:g", 1),
    ]


PARAMETERS = {
    "": [],
    "a": [("a", "standard", "", "")],
    "a, /, b=1": [("a", "positional", "", ""), ("b", "standard", "", "1")],
    "a: int, b: 'X' = None": [("a", "standard", "int", ""), ("b", "standard", "X", "None")],
    "*, a, b=x.y": [("a", "keyword", "", ""), ("b", "keyword", "", "x.y")],
    "*a: int, **b: str": [("a", "star", "int", ""), ("b", "double star", "str", "")],
    "a=1, *b, c=2, **d": [
        ("a", "standard", "", "1"),
        ("b", "star", "", ""),
        ("c", "keyword", "", "2"),
        ("d", "double star", "", ""),
    ],
    "a: dict[str, list[int]] | None = ()": [
        ("a", "standard", "dict[str, list[int]] | None", "()"),
    ],
    f"a={'x' * 99!r}": [("a", "standard", "", "…")],
}


@pytest.mark.parametrize("text", PARAMETERS)
def test_parameters(text: str) -> None:
    wanted = tuple(Parameter(*each) for each in PARAMETERS[text])
    assert only(f"def f({text}): g()").parameters == wanted
    assert only(f"async def f({text}): g()").parameters == wanted


TRIVIAL = {
    "pass": "only `pass`",
    "'''Doc.'''": "only a docstring",
    "...": "a stub",
    "raise NotImplementedError": "only raises",
    "return": "returns a constant",
    "return 1": "returns a constant",
    "'''Doc.'''\n return None": "returns a constant",
    "return self": "returns an attribute",
    "return self.a": "returns an attribute",
    "return self.a.b": "returns an attribute",
    "return self.a['b']": "returns an item",
    "self.a = a": "a single assignment",
    "self.a = 1": "a single assignment",
    "return f()": "",
    "return self.a + 1": "",
    "self.a = f()": "",
    "a = 1; return a": "",
    "if a: pass": "",
    "yield": "",
}


@pytest.mark.parametrize("body", TRIVIAL)
def test_trivial(body: str) -> None:
    assert only(f"def f(self, a):\n {body}").trivial == TRIVIAL[body]


@pytest.mark.parametrize(
    ("body", "documented"),
    [("'''D.'''", True), ("'''D.'''; g()", True), ("g(); 'D.'", False), ("b'D.'", False)],
)
def test_docstring(body: str, documented: bool) -> None:
    assert only(f"def f(): {body}").docstring is documented


ENDLESS = {
    "while True: g()": True,
    "while 1:\n  if a: g()": True,
    "while True:\n  try: g()\n  except A: continue": True,
    "while True:\n  def h(): return\n  h()": True,
    "while True:\n  if a: raise A": True,
    "while True:\n  try: g()\n  except KeyboardInterrupt: break": True,
    "while True:\n  try: g()\n  except Empty: break": False,
    "while True:\n  if a: break": False,
    "while True:\n  with a:\n   return 1": False,
    "while a: g()": False,
    "while False: g()": False,
    "for a in b: g()": False,
}


@pytest.mark.parametrize("body", ENDLESS)
def test_endless_loops(body: str) -> None:
    function = functions(f"def f():\n {body}")[0]
    assert function.endless is ENDLESS[body]


STANDING = {
    "while True:\n  if a: break": "open",
    "while True: g()": "",  # endless, which says more
    "while not stop.is_set(): g()": "flag",
    "while stop.is_set(): g()": "flag",
    "while self.running: g()": "flag",
    "while not self.stopped: g()": "flag",
    "while True:\n  if a: break\n while self.running: g()": "flag",
    "while self.running: g()\n while True:\n  if a: break": "flag",
    "while not self.pages: g()": "",
    "while not paused.is_set(): g()": "",
    "while running: g()": "",
    "while self.left > 0: g()": "",
    "while not stop.is_set(1): g()": "",
    "while f(): g()": "",
    "while False: g()": "",
    "for a in b: g()": "",
}


@pytest.mark.parametrize("body", STANDING)
def test_loops_that_go_on_until_somebody_says_so(body: str) -> None:
    assert functions(f"def f():\n {body}")[0].standing == STANDING[body]


TYPING_ONLY = """\
    import typing
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        import a
        def one(): f()
        class A:
            def two(self): f()
    else:
        import b
        def three(): f()
    if typing.TYPE_CHECKING:
        def four():
            def five(): f()
    def six(): f()
    """


def test_typing_only() -> None:
    found = facts(TYPING_ONLY)
    assert [each.short for each in found.functions if each.typing_only] == [
        "one",
        "two",
        "four",
        "five",
    ]


def test_typing_only_imports_and_methods() -> None:
    found = facts(TYPING_ONLY)
    assert [each.module for each in found.imports if each.typing_only] == ["a"]
    assert {each.short: each.typing_only for each in found.functions}["two"]


SHAPE = """\
    def f(a):
        '''Doc.'''
        for b in a:
            while b:
                if b: g(h())
                elif a: break
        try:
            with a, b: raise A
        except A: pass
        except B: pass
        match a:
            case 1: pass
            case _: pass
        def nested(): g(); g()
        return 1 if a else [i() for c in d]
    """


def test_shape() -> None:
    shape, nested = (each.shape for each in functions(SHAPE))
    assert shape._asdict() == {
        "statements": 17,
        "branches": 5,  # if, elif, two cases, the conditional expression
        "loops": 2,
        "calls": 3,
        "awaits": 0,
        "handlers": 2,
        "raises": 1,
        "withs": 1,
        "lines": 15,
    }
    assert (nested.statements, nested.calls, nested.lines) == (2, 2, 1)


def test_shape_of_a_coroutine() -> None:
    shape = only(
        "async def f():\n await g()\n async with a: await b\n async for c in d: pass"
    ).shape
    assert (shape.awaits, shape.withs, shape.loops, shape.calls) == (2, 1, 1, 1)


def test_decorators_are_not_calls_of_the_body() -> None:
    assert facts("@a\n@b(1)\ndef f(): g()").functions[0].shape.calls == 1  # b(1), before the def


def test_calls_know_their_loop_and_whether_they_are_awaited() -> None:
    found = facts("async def f():\n a()\n for x in b():\n  await c(1, k=x)\n  [d() for y in e()]")
    assert {(each.text, each.loop, each.awaited) for each in found.calls} == {
        ("a", 0, False),
        ("b", 0, False),
        ("c", 1, True),
        ("d", 2, False),
        ("e", 1, False),
    }
    passed = {each.text: [key for key, _ in each.arguments] for each in found.calls}
    assert passed["c"] == [0, "k"]


# --- modules ------------------------------------------------------------------------------------

IMPORTS = {
    "import a": [("a", "", "a")],
    "import a.b.c": [("a.b.c", "", "a")],
    "import a.b as c, d": [("a.b", "", "c"), ("d", "", "d")],
    "from a import b as c": [("a", "b", "c")],
    "from a.b import *": [("a.b", "*", "*")],
    "from . import b": [("shop.orders", "b", "b")],
    "from .b import c": [("shop.orders.b", "c", "c")],
    "from .. import b": [("shop", "b", "b")],
    "from ..b.c import d": [("shop.b.c", "d", "d")],
    "def f():\n from .a import b": [("shop.orders.a", "b", "b")],
}


@pytest.mark.parametrize("text", IMPORTS)
def test_imports(text: str) -> None:
    wanted = [Import(1 + text.count("\n"), *each) for each in IMPORTS[text]]
    assert list(facts(text, module="shop.orders.service").imports) == wanted
    assert list(facts(text, module="shop.orders", package=True).imports) == wanted


EXPORTS = {
    "x = 1": None,
    "__all__ = ['a', 'b']": ("a", "b"),
    "__all__ = ('a',)": ("a",),
    "__all__ = []": (),
    "__all__ = ['a']\n__all__ += ['b']": ("a", "b"),
    "__all__ = ['a', b, 1]": ("a",),
    "__all__ = a.__all__": None,
    "__all__ = a.__all__\n__all__ += ['b']": None,
    "__all__ = ['a'] + b": None,
    "def f():\n __all__ = ['a']": None,
    "__all__: list[str] = ['a']": None,  # bug: ("a",)
    "__all__ = ['a']\n__all__.extend(['b'])": ("a",),  # bug: ("a", "b"), or None
    "__all__ = ['a']\n__all__.append('b')": ("a",),  # bug: as above
}


@pytest.mark.parametrize("text", EXPORTS)
def test_exports(text: str) -> None:
    assert facts(text).exports == EXPORTS[text]


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("x = 1\nif __name__ == '__main__':\n f()\n g()", (2, 4)),
        ('if "__main__" == __name__: f()', (1, 1)),
        ("if __name__ != '__main__': f()", None),
        ("if __name__ == 'main': f()", None),
        ("def f():\n if __name__ == '__main__': f()", None),
        ("if name == '__main__': f()", None),
    ],
)
def test_main_guard(text: str, guard: tuple[int, int] | None) -> None:
    assert facts(text).guard == guard


@pytest.mark.parametrize(
    ("text", "ignores"),
    [
        ("def f(): pass  # autospan: ignore[too hot]", ((1, "too hot"),)),
        ("x = 1\n\n#autospan:ignore\ndef f(): pass", ((3, ""),)),
        ("# noqa  # autospan: ignore[ a ]\r\n# autospan: ignore[b]\r\n", ((1, "a"), (2, "b"))),
        ("# autospan: ignored by me\n", ((1, ""),)),  # lenient: nothing else begins so
        ("# autospan helper\n# ignore[x]", ()),
    ],
)
def test_ignores(text: str, ignores: tuple[tuple[int, str], ...]) -> None:
    assert facts(text).ignores == ignores


# --- bytes --------------------------------------------------------------------------------------

TEXT = "# coding\n\ndef f(größe='é'):\n    return g()\n"
DISGUISES = {
    "utf-8": (TEXT.encode(), "utf-8"),
    "latin-1": (TEXT.encode("latin-1"), "iso8859-1"),
    "bom": (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
    "bom, said utf-8": (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
    "crlf": (TEXT.replace("\n", "\r\n").encode(), "utf-8"),
    "cr": (TEXT.replace("\n", "\r").encode(), "utf-8"),
    "tabs": (TEXT.replace("    ", "\t").encode(), "utf-8"),
    "no final newline": (TEXT.rstrip("\n").encode(), "utf-8"),
    "form feed": (TEXT.replace("def", "\x0cdef").encode(), "utf-8"),
}


@pytest.mark.parametrize("name", DISGUISES)
def test_disguises_change_nothing(name: str) -> None:
    found, plain = facts(*DISGUISES[name][:1], encoding=DISGUISES[name][1]), facts(TEXT)
    assert not found.problems
    assert (found.lines, found.steps) == (plain.lines, plain.steps)
    assert [each.text for each in found.calls] == [each.text for each in plain.calls]
    assert [each._replace(place=None) for each in found.functions] == [
        each._replace(place=None) for each in plain.functions
    ]
    assert found.functions[1].place.line == 3
    assert found.functions[1].parameters == (Parameter("größe", "standard", "", "é"),)


NEWER = {
    "except*": "try:\n g()\nexcept* A:\n h()\ndef f(): i()",
    "type parameters": "def f[T: A](x: T) -> T: return g(x)\nclass A[T]:\n def m(self): h()",
    "type alias": "type A[T] = list[T]\ndef f(): g()",
    "f-string": "def f(): return f'{g('a')}'",
    "except without parentheses": "try: g()\nexcept A, B: h()\ndef f(): i()",
    "t-string": "def f(): return t'{g()} {a!r}'",
}


@pytest.mark.parametrize("name", NEWER)
def test_newer_syntax(name: str) -> None:
    found = facts(NEWER[name])
    assert not found.problems
    assert "m:f" in [each.name for each in found.functions]
    texts = {each.text for each in found.calls}
    assert texts and texts == {each for each in "ghi" if f"{each}(" in NEWER[name]}
    assert {each.line for each in found.calls} <= set(range(1, NEWER[name].count("\n") + 2))


# --- what cannot be read ------------------------------------------------------------------------

PROBLEMS = {
    "x = 1\ny = (\n": (2, "syntax error: '(' was never closed"),
    "def f(:\n pass": (1, "syntax error: "),
    "x = 1\nprint 'a'": (2, "Python 2 syntax: print 'a'"),
    "try:\n f()\nexcept (A, B), e:\n pass": (3, "syntax"),  # bug: should be "Python 2 syntax: …"
    "try:\n f()\nexcept A, e:\n pass": (3 if sys.version_info < (3, 14) else 0, "Python 2"),
    "raise A, 'b'": (1, "Python 2 syntax: raise A, 'b'"),
    "exec 'x' in y": (1, "Python 2 syntax: exec 'x' in y"),
    "x = 0755": (1, "syntax error: "),
    "<<<<<<< HEAD": (1, "syntax error: "),
}


@pytest.mark.parametrize("text", PROBLEMS)
def test_problems(text: str) -> None:
    line, words = PROBLEMS[text]
    found = facts(text)
    if line == 0:  # fine on this interpreter
        assert not found.problems
        return
    (problem,) = found.problems
    assert problem.place == ("m.py", line, 0)
    assert words in problem.message and problem.hint
    assert found.functions == found.calls == found.steps == ()


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 5000 + ")" * 5000,
        "x = a" + ".b()" * 5000,
        "x = " + "not " * 5000 + "y",
        "if a: pass\n" + "elif b: f()\n" * 5000,
        "x = " + "[" * 90 + "f()" + "]" * 90,
        "".join(" " * n + "def f():\n" for n in range(95)) + " " * 95 + "g()\n",
        "x = " + " + ".join(["f()"] * 5000),
        "x = lambda: " * 500 + "f()",
    ],
    ids=lambda text: text[:18].replace("\n", " "),
)
def test_depth_is_read_or_refused(text: str) -> None:
    limit = sys.getrecursionlimit()
    found = facts(text)
    assert sys.getrecursionlimit() == limit
    if found.problems:
        (problem,) = found.problems
        assert "nested too deeply" in problem.message or "syntax error" in problem.message
        assert not found.functions
    else:
        assert found.functions[0].name == "m:<module>"


# --- purity -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CASES))
def test_facts_are_values(name: str, tmp_path, monkeypatch) -> None:
    build, _ = CASES[name]
    try:
        build(tmp_path, monkeypatch)
    except OSError as error:
        pytest.skip(f"the file system refuses: {error}")
    sources = discover(tmp_path, Config()).sources
    once = {each.path: read(each) for each in sources}
    for each in random.Random(3).sample(sources, len(sources)):
        assert read(each) == once[each.path] == pickle.loads(pickle.dumps(once[each.path]))
        assert once[each.path].functions or once[each.path].problems
        check_tables(once[each.path])


def check_tables(found: Facts) -> None:
    """The tables of the facts fit together: indices point somewhere, ranges are nested."""
    assert len(found.functions) == len(found.signatures) == len(found.steps)
    for number, each in enumerate(found.functions):
        assert each.first_line <= each.place.line <= each.end_line
        assert each.outer is None or each.outer != number
        assert each.owner is None or 0 <= each.owner < len(found.classes)
        signature = found.signatures[number]
        assert each.kind == "module" or len(signature.parameters) == len(each.parameters)
        assert signature.last <= found.slots
        if each.outer is not None:
            around = found.signatures[each.outer]
            assert around.first <= signature.first and signature.last <= around.last
    for call in found.calls:
        assert call.owner < len(found.functions)
        slots = [slot for _, slot in call.arguments]
        assert all(0 <= slot <= found.slots for slot in [call.function, call.result, *slots])
    called = [step[1] for steps in found.steps for step in steps if step[0] == "call"]
    assert sorted(called) == list(range(len(found.calls)))
