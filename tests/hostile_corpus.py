"""Hostile files and trees: how to build each, and what every stage may say about it.

`CASES` maps a name to a builder and an expectation. A builder fills an empty folder; where the
operating system has to misbehave it patches the standard library through pytest's `monkeypatch`.
A later stage adds its field to `Expectation` and its test to `test_hostile.py`.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import pytest

Builder = Callable[[Path, pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Expectation:
    """What the stages give for a case.

    `problems` of `discover`, all of them: file, line, part of the message. `sources`: the paths it
    gives. `encoding` of each of them. `syntax` of each of them: "fine"; "new", refused by
    interpreters older than `since` and lowered; "wrong", refused by all, at `line`; "deep", read or
    refused, as the interpreter likes, but not a crash. `modules`: their names, where they matter.
    """

    problems: tuple[tuple[str, int, str], ...] = ()
    sources: tuple[str, ...] = ("x.py",)
    encoding: str = "utf-8"
    syntax: str = "fine"
    since: tuple[int, int] = (3, 10)
    line: int = 0
    modules: tuple[str, ...] = ()


def file(data: bytes | str, name: str = "x.py") -> Builder:
    """One file."""
    return tree({name: data})


def tree(files: Mapping[str, bytes | str]) -> Builder:
    """Several files; text is UTF-8."""

    def build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.encode() if isinstance(data, str) else data)

    return build


def links(files: Mapping[str, str], targets: Mapping[str, str]) -> Builder:
    """Files, and symbolic links to the targets."""

    def build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tree(files)(folder, monkeypatch)
        for name, target in targets.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(target)

    return build


def named(name: bytes, data: bytes = b"x = 1\n") -> Builder:
    """One file whose name is no text, and a good one."""

    def build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = os.path.join(os.fsencode(folder), name)  # noqa: PTH118
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as out:  # noqa: PTH123
            out.write(data)
        (folder / "x.py").write_bytes(b"x = 1\n")

    return build


def unreadable(name: str, error: OSError) -> Builder:
    """Two files, `a/y.py` and `x.py`; opening `name`, a file or a folder, fails with `error`."""

    def build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tree({"a/y.py": "", "x.py": "x = 1\n"})(folder, monkeypatch)
        scan = os.scandir

        def scandir(path):
            if Path(path) == folder / name:
                raise error
            return scan(path)

        def open_(path):
            if Path(path) == folder / name:
                raise error
            return FileIO(path)

        monkeypatch.setattr(os, "scandir", scandir)
        monkeypatch.setattr("autospan.discover.FileIO", open_)

    return build


def vanishing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`y.py` is deleted between the listing of its folder and the reading."""
    tree({"x.py": "x = 1\n", "y.py": ""})(folder, monkeypatch)

    def open_(path):
        (folder / "y.py").unlink(missing_ok=True)
        return FileIO(path)

    monkeypatch.setattr("autospan.discover.FileIO", open_)


def pipe(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A named pipe with a Python name: opening it would block for ever."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(folder / "p.py")
    (folder / "x.py").write_bytes(b"x = 1\n")


def down_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file 400 folders down."""
    path = folder.joinpath(*["d"] * 400)
    path.mkdir(parents=True)
    (path / "x.py").write_bytes(b"x = 1\n")


def nested(head: str, count: int, last: str = "pass") -> str:
    """`count` compound statements, each in the body of the one before."""
    return "".join(" " * n + head + "\n" for n in range(count)) + " " * count + last + "\n"


BAD_BYTE = "byte 0xe9"
WRONG = "wrong"
CAFE = "# é\nname = 'café'\n"

CASES: dict[str, tuple[Builder, Expectation]] = {
    # --- encodings
    "latin-1 without cookie": (
        file(b"x = 1\n" + CAFE.encode("latin-1")),
        Expectation((("x.py", 2, f"not UTF-8: {BAD_BYTE}"),), encoding="latin-1"),
    ),
    "latin-1 with cookie": (
        file(("# -*- coding: latin-1 -*-\n" + CAFE).encode("latin-1")),
        Expectation(encoding="iso8859-1"),
    ),
    "latin-1 with cookie in line 2, CRLF": (
        file(("#!/usr/bin/python\r\n# vim: set fileencoding=latin1 :\r\n" + CAFE).encode("latin1")),
        Expectation(encoding="iso8859-1"),
    ),
    "cookie in line 3 does not count": (
        file(("#\n#\n# coding: latin-1\n" + CAFE).encode("latin-1")),
        Expectation((("x.py", 4, BAD_BYTE),), encoding="latin-1"),
    ),
    "cookie below code does not count": (
        file(("x = 1\n# coding: latin-1\n" + CAFE).encode("latin-1")),
        Expectation((("x.py", 3, BAD_BYTE),), encoding="latin-1"),
    ),
    "emacs cookie": (
        file("# -*- coding: utf-8-unix -*-\n" + CAFE),
        Expectation(),
    ),
    "cp1252": (
        file(("# coding: cp1252\n" + "s = '€'\n").encode("cp1252")),
        Expectation(encoding="cp1252"),
    ),
    "shift-jis": (
        file("# coding: shift_jis\ns = '表示'\n".encode("shift_jis")),
        Expectation(encoding="shift_jis"),
    ),
    "wrong cookie, really utf-8": (
        file("# coding: ascii\n" + CAFE),
        Expectation((("x.py", 2, "not valid `ascii`"),)),
    ),
    "wrong cookie, really latin-1": (
        file(b"# coding: utf-8\n\n" + CAFE.encode("latin-1")),
        Expectation((("x.py", 3, "not valid `utf-8`"),), encoding="latin-1"),
    ),
    "unknown cookie": (
        file("# coding: klingon\n" + CAFE),
        Expectation((("x.py", 1, "declares `klingon`"),)),
    ),
    "cookie that is no text encoding": (
        file("\n# coding: rot13\nx = 1\n"),
        Expectation((("x.py", 2, "declares `rot13`"),)),
    ),
    "cookie that cannot be true": (
        file("# coding: utf-16\nx = 1\n"),
        Expectation((("x.py", 1, "declares `utf-16`"),)),
    ),
    "bom": (
        file(codecs.BOM_UTF8 + CAFE.encode()),
        Expectation(encoding="utf-8-sig"),
    ),
    "bom and the same cookie": (
        file(codecs.BOM_UTF8 + b"# coding: utf8\n" + CAFE.encode()),
        Expectation(encoding="utf-8-sig"),
    ),
    "bom and another cookie": (
        file(codecs.BOM_UTF8 + b"# coding: latin-1\n" + CAFE.encode()),
        Expectation((("x.py", 1, "byte order mark but declares"),), encoding="utf-8-sig"),
    ),
    "bom and then not utf-8": (
        file(codecs.BOM_UTF8 + b"x = 1\n" + CAFE.encode("latin-1")),
        Expectation((("x.py", 2, BAD_BYTE),), sources=()),
    ),
    "bom alone": (file(codecs.BOM_UTF8), Expectation(encoding="utf-8-sig")),
    "bom in the middle": (
        file("x = 1\n\ufeffy = 2\n"),
        Expectation(syntax=WRONG, line=2),
    ),
    "utf-16": (file(CAFE.encode("utf-16")), Expectation((("x.py", 1, "UTF-16"),), sources=())),
    "utf-16 without bom": (
        file("x\n".encode("utf-16-be")),
        Expectation((("x.py", 1, "NUL byte"),), sources=()),
    ),
    "utf-32": (file(CAFE.encode("utf-32")), Expectation((("x.py", 1, "UTF-16"),), sources=())),
    "encoded surrogate": (
        file(b"x = 1\ns = '\xed\xa0\x80'\n"),
        Expectation((("x.py", 2, "not UTF-8: byte 0xed"),), encoding="latin-1"),
    ),
    "escaped surrogate": (file(b"s = '\\ud800'\n"), Expectation()),
    "truncated utf-8": (
        file(b"s = 1  # \xc3"),
        Expectation((("x.py", 1, "byte 0xc3"),), encoding="latin-1"),
    ),
    "null bytes": (
        file(b"x = 1\ny = '\0'\n"),
        Expectation((("x.py", 2, "NUL byte"),), sources=()),
    ),
    "binary": (
        file(bytes(range(256)) * 40),
        Expectation((("x.py", 1, "NUL byte"),), sources=()),
    ),
    # --- lines and blanks
    "cr": (file("def f():\r    return g()\rx = f()\r"), Expectation()),
    "cr, cookie in line 2, bad byte in line 4": (
        file(b"#!python\r# coding: utf-8\rx = 1\ry = '\xe9'\r"),
        Expectation((("x.py", 4, BAD_BYTE),), encoding="latin-1"),
    ),
    "crlf": (file("def f():\r\n    return g()\r\n"), Expectation()),
    "mixed line ends": (
        file("def f():\r\n    x = 1\r    y = 2\n    return g()\n\r\n"),
        Expectation(),
    ),
    "tabs": (file("def f():\n\tif x:\n\t\treturn g()\n"), Expectation()),
    "tabs of different width": (
        file("if a:\n\tb()\n        c()\n"),
        Expectation(syntax=WRONG, line=3),
    ),
    "form feeds": (file("\x0cdef f():\n    g()\n\x0c\nclass A:\n\x0c    x = 1\n"), Expectation()),
    "vertical tab": (file("x = 1\n\x0by = 2\n"), Expectation(syntax=WRONG, line=2)),
    "unicode line separators": (file("s = 'a\u2028b\u2029c\x85d'\nt = 1\n"), Expectation()),
    "trailing control-z": (file("x = 1\n\x1a"), Expectation(syntax=WRONG, line=2)),
    "empty": (file(""), Expectation()),
    "only blanks": (file(" \n\t\n\x0c\n"), Expectation()),
    "only comments": (file("# nothing\n# here"), Expectation()),
    "only a docstring": (file('"""nothing here"""'), Expectation()),
    "no final newline": (file("def f(): return g()"), Expectation()),
    "no final newline in a comment": (file("x = 1\n    # end"), Expectation()),
    "backslash at the end of the file": (file("x = 1 + \\"), Expectation(syntax=WRONG, line=1)),
    "backslash continuations": (file("x = \\\n  f(\\\n 1)\ny = \\\n\\\n2\n"), Expectation()),
    "blank after a backslash": (file("x = 1 + \\ \n 2\n"), Expectation(syntax=WRONG, line=1)),
    # --- size and depth
    "20,000 lines": (file("def f(x):\n    return g(x)\n\n\n\n" * 4_000), Expectation()),
    "one line of 150 kB": (file("x = [" + "f(1), " * 25_000 + "]\n"), Expectation()),
    "larger than two megabytes": (
        file("x = 1\n" * 400_000),
        Expectation((("x.py", 0, "larger than 2,000,000 bytes"),), sources=()),
    ),
    "500 calls deep": (file("f(" * 500 + ")" * 500 + "\n"), Expectation(syntax="deep")),
    "500 lists deep": (file("x = " + "[" * 500 + "]" * 500 + "\n"), Expectation(syntax="deep")),
    "5,000 parentheses deep": (file("(" * 5000 + ")" * 5000), Expectation(syntax="deep")),
    "5,000 open parentheses": (file("(" * 5000), Expectation(syntax=WRONG, line=1)),
    "500 ifs deep": (file(nested("if a:", 500)), Expectation(syntax=WRONG, line=101)),
    "500 functions deep": (file(nested("def f():", 500)), Expectation(syntax=WRONG, line=101)),
    "90 functions deep": (file(nested("def f():", 90, "g()")), Expectation()),
    "sum of 5,000": (file("x = " + " + ".join(["f()"] * 5000) + "\n"), Expectation(syntax="deep")),
    "text of 2,000 pieces": (file("x = (" + "'a'\n" * 2000 + ")\n"), Expectation()),
    "500 attributes": (file("x = a" + ".b" * 500 + "\n"), Expectation(syntax="deep")),
    "5,000 chained calls": (file("x = a" + ".b()" * 5000 + "\n"), Expectation(syntax="deep")),
    "5,000 nots": (file("x = " + "not " * 5000 + "y\n"), Expectation(syntax="deep")),
    "3,000 elifs": (
        file("if a: pass\n" + "elif b: f()\n" * 3000),
        Expectation(syntax="deep"),
    ),
    "new syntax and 5,000 parentheses": (
        file("type X = int\nx = " + "(" * 5000 + ")" * 5000),
        Expectation(syntax="deep"),
    ),
    "new syntax and 5,000 chained calls": (
        file("type X = int\nx = a" + ".b()" * 5000 + "\n"),
        Expectation(syntax="deep"),
    ),
    "line 1 of 300 arguments": (
        file("def f(" + ", ".join(f"a{n}" for n in range(300)) + "): pass\n"),
        Expectation(),
    ),
    # --- Python 2
    "python 2: print": (file("x = 1\nprint 'a'\n"), Expectation(syntax=WRONG, line=2)),
    "python 2: print to a file": (
        file("import sys\nprint >>sys.stderr, 'a' % 1\n"),
        Expectation(syntax="deep"),  # an expression: only a later stage could know
    ),
    "python 2: except": (
        file("try:\n    f()\nexcept ValueError, e:\n    pass\n"),
        Expectation(syntax="wrong before 3.14", line=3),
    ),
    "python 2: raise": (file("raise ValueError, 'a'\n"), Expectation(syntax=WRONG, line=1)),
    "python 2: exec": (file("exec 'x = 1' in d\n"), Expectation(syntax=WRONG, line=1)),
    "python 2: backquotes": (file("x = `y`\n"), Expectation(syntax=WRONG, line=1)),
    "python 2: <>": (file("if x <> y: pass\n"), Expectation(syntax=WRONG, line=1)),
    "python 2: octal": (file("x = 1\n\nos.chmod(p, 0755)\n"), Expectation(syntax=WRONG, line=3)),
    "python 2: long": (file("x = 10L\n"), Expectation(syntax=WRONG, line=1)),
    "python 2: ur string": (file("x = ur'a'\n"), Expectation(syntax=WRONG, line=1)),
    "python 2: tuple parameter": (
        file("def f(a, (b, c)):\n    pass\n"),
        Expectation(syntax=WRONG, line=1),
    ),
    # --- plain errors
    "unclosed bracket": (file("x = 1\ny = (1,\nz = 2\n"), Expectation(syntax=WRONG)),
    "unclosed string": (file("x = 1\ns = 'a\n"), Expectation(syntax=WRONG, line=2)),
    "unclosed docstring": (file('def f():\n    """a\n'), Expectation(syntax=WRONG)),
    "missing body": (file("def f():\n\nx = 1\n"), Expectation(syntax=WRONG, line=3)),
    "bad dedent": (file("if a:\n        b()\n    c()\n"), Expectation(syntax=WRONG, line=3)),
    "merge conflict": (
        file("x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> b\n"),
        Expectation(syntax=WRONG, line=2),
    ),
    "jinja template": (
        file("{% if a %}\nimport {{ name }}\n{% endif %}\n"),
        Expectation(syntax=WRONG, line=1),
    ),
    "html": (file("<!DOCTYPE html>\n<p>no</p>\n"), Expectation(syntax=WRONG, line=1)),
    "future that is none": (file("from __future__ import braces\nf()\n"), Expectation()),
    "future too late": (file("x = 1\nfrom __future__ import division\n"), Expectation()),
    "future after a docstring": (
        file('"""d"""\nfrom __future__ import annotations, division\n'),
        Expectation(),
    ),
    "return outside of a function": (file("return f()\n"), Expectation()),
    "nonlocal in a module": (file("nonlocal x\n"), Expectation()),
    # --- old and new syntax
    "names shadowed three times": (
        file("def f(): a()\ndef f(): b()\nclass f: pass\nf = 1\ndef f(): c()\n"),
        Expectation(),
    ),
    "soft keywords as names": (
        file("match = case = type = _ = 1\nprint(match, case)\ntype(match)\nlazy = match\n"),
        Expectation(),
    ),
    "unicode names": (file("def größe(µ): return ﬁ(µ)\nclass 名前: pass\n"), Expectation()),
    "walrus and match": (
        file("if (n := f()) > 1:\n    match n:\n        case [1, *_] | {'a': A(b=2)}: g()\n"),
        Expectation(),
    ),
    "parenthesised context managers": (file("with (a() as b, c()): d()\n"), Expectation()),
    "except star": (
        file("try:\n    f()\nexcept* A as e:\n    g()\n"),
        Expectation(syntax="new", since=(3, 11)),
    ),
    "star in a subscript": (
        file("def f(*a: *Ts): return x[*f()]\n"),
        Expectation(syntax="new", since=(3, 11)),
    ),
    "type parameters": (
        file("class A[\n  T,\n  *U]:\n  def f[**P](self, a: T): return g(a)\ntype B[T] = A[T]\n"),
        Expectation(syntax="new", since=(3, 12)),
    ),
    "f-strings inside out": (
        file("x = f'{f\"{g('a')}\" + '\\n'.join(\n  h() # c\n)}'\n"),
        Expectation(syntax="new", since=(3, 12)),
    ),
    "defaults of type parameters": (
        file("class A[T = int, *U = *tuple[int]]: pass\n"),
        Expectation(syntax="new", since=(3, 13)),
    ),
    "except without parentheses": (
        file("try:\n    f()\nexcept KeyError, mod.Error:\n    g()\n"),
        Expectation(syntax="new", since=(3, 14)),
    ),
    "t-string": (file("x = t'{f()} {a!r:>{b()}}'\n"), Expectation(syntax="new", since=(3, 14))),
    # --- the file system
    "empty folder": (tree({}), Expectation(sources=())),
    "folder with a file's name": (
        tree({"x.py/y.py": ""}),
        Expectation(sources=("x.py/y.py",)),
    ),
    "module and package of one name": (
        tree({"a/x.py": "", "a/x/__init__.py": ""}),
        Expectation(sources=("a/x.py", "a/x/__init__.py")),
    ),
    "names that are no identifiers": (
        tree({"my-app/2 b.c.py": "", "my-app/class.py": "", "my-app/:.py": ""}),
        Expectation(
            sources=("my-app/2 b.c.py", "my-app/:.py", "my-app/class.py"),
            modules=("my-app.2 b_c", "my-app._", "my-app.class"),
        ),
    ),
    "only a suffix": (tree({".py": "x = 1\n"}), Expectation(sources=(".py",))),
    "folder loop": (
        links({"a/x.py": ""}, {"a/loop": "..", "a/self": "."}),
        Expectation(sources=("a/x.py",)),
    ),
    "link to itself": (
        links({"x.py": ""}, {"y.py": "y.py", "z": "z"}),
        Expectation((("y.py", 0, "link to nothing"),)),
    ),
    "link to nothing": (
        links({"x.py": ""}, {"y.py": "gone.py", "z": "gone"}),
        Expectation((("y.py", 0, "link to nothing"),)),
    ),
    "lock of an editor": (links({"x.py": ""}, {".#x.py": "me@host.1"}), Expectation()),
    "link to a file of the tree": (links({"x.py": ""}, {"y.py": "x.py"}), Expectation()),
    "link out of the tree": (
        links({"x.py": ""}, {"y.py": os.__file__, "z": "/"}),
        Expectation((("y.py", 0, "out of the tree"), ("z", 0, "out of the tree"))),
    ),
    "file name that is no text": (
        named(b"caf\xe9.py"),
        Expectation(((r"caf\xe9.py", 0, "not valid UTF-8"),)),
    ),
    "folder name that is no text": (
        named(b"caf\xe9/y.py"),
        Expectation(((r"caf\xe9", 0, "not valid UTF-8"),)),
    ),
    "other file name that is no text": (named(b"caf\xe9.jpg"), Expectation()),
    "file name with a newline": (tree({"a\nb.py": ""}), Expectation(sources=("a\nb.py",))),
    "file without permission": (
        unreadable("a/y.py", PermissionError(13, "Permission denied")),
        Expectation((("a/y.py", 0, "no permission"),)),
    ),
    "folder without permission": (
        unreadable("a", PermissionError(13, "Permission denied")),
        Expectation((("a", 0, "no permission"),)),
    ),
    "broken disk": (
        unreadable("a/y.py", OSError(5, "Input/output error")),
        Expectation((("a/y.py", 0, "Input/output error"),)),
    ),
    "file that vanishes": (vanishing, Expectation((("y.py", 0, "vanished"),))),
    "folder that vanishes": (
        unreadable("a", FileNotFoundError(2, "No such file or directory")),
        Expectation((("a", 0, "vanished"),)),
    ),
    "pipe": (pipe, Expectation((("p.py", 0, "not a regular file"),))),
    "400 folders down": (down_there, Expectation(sources=("d/" * 400 + "x.py",))),
    "bad ignore file": (
        tree({".gitignore": "z.py\n[z-a]\n!\ny.py\n", "x.py": "", "y.py": "", "z.py": ""}),
        Expectation(
            ((".gitignore", 2, "no gitignore pattern"), (".gitignore", 3, "no gitignore pattern"))
        ),
    ),
    "ignore file that is a folder": (
        tree({".gitignore/y.py": "", "x.py": ""}),
        Expectation(((".gitignore", 0, "cannot be read"),)),
    ),
}
