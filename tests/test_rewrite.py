"""From plan to patches and back: helpers, verification, and files in every disguise."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from autospan import codemod
from autospan import rewrite as stage
from autospan.fingerprint import fingerprint
from autospan.model import Edit, Helper, Patch, Place, Plan, Problem, Source
from autospan.rewrite import rewrite, unwrite
from autospan.upkeep import digest, helper_file

HELPER = Helper("shop/_tracing.py", "shop._tracing")
PATH = "shop/orders.py"


def source(data: bytes, path: str = PATH, encoding: str = "utf-8", package: bool = False) -> Source:
    module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return Source(path, module, package, data, encoding, "")


def helper(data: bytes | None = None) -> Source:
    return source(helper_file() if data is None else data, HELPER.path)


def edit(name: str = "f", line: int = 0, path: str = PATH) -> Edit:
    return Edit(path, f"shop.orders:{name}", 0, line, "", name, helper=HELPER.module)


def plan(*edits: Edit) -> Plan:
    return Plan(edits, (), (HELPER,))


def by_path(*sources: Source) -> dict[str, Source]:
    return {each.path: each for each in sources}


def applied(data: bytes, *edits: Edit, encoding: str = "utf-8") -> bytes:
    """The file after a rewrite that has no problems, proven to be undone and to be stable."""
    orders = source(data, encoding=encoding)
    patches, problems = rewrite(plan(*edits), by_path(orders))
    assert not problems
    created, patch = patches
    assert (created.path, created.before, created.after) == (HELPER.path, None, helper_file())
    assert patch.after is not None
    traced = by_path(source(patch.after, encoding=encoding), helper())
    assert rewrite(plan(*(replace(each, line=0) for each in edits)), traced) == ((), ())
    undone, problems = unwrite(traced)
    assert {each.path: each.after for each in undone} == {HELPER.path: None, PATH: data}
    assert not problems
    return patch.after


DISGUISES = [
    pytest.param(b"x = 1\r\ndef f():\r\n    pass\r\n", "utf-8", b"\r\n@traced\r\n", id="CRLF"),
    pytest.param(b"x = 1\rdef f():\r    pass\r", "utf-8", b"\r@traced\r", id="CR"),
    pytest.param(b"x = 1\r\n\ndef f(): 0\rg = 2\n", "utf-8", b"\n@traced\ndef", id="mixed"),
    pytest.param(b"\xef\xbb\xbfdef f(): 0\n", "utf-8-sig", b"\xef\xbb\xbffrom shop", id="BOM"),
    pytest.param(b"\xef\xbb\xbfdef f(): 0\n", "utf-8", b"\n@traced\n", id="BOM, said utf-8"),
    pytest.param(b"# coding: latin-1\ndef f(): '\xe9'\n", "iso-8859-1", b"from", id="Latin-1"),
    pytest.param(
        "# coding: shift_jis\ndef f(): 'ソ表'\n".encode("shift_jis"), "shift_jis", b"@", id="SJIS"
    ),
    pytest.param(
        "# coding: iso2022_jp\ndef f(): '日本'\n".encode("iso2022_jp"),
        "iso2022_jp",
        b"@traced\n",
        id="stateful",
    ),
    pytest.param(
        b"\x0cimport os\n\x0c\ndef f(): 0\n\x0c", "utf-8", b"@traced\ndef", id="form feed"
    ),
    pytest.param(
        b"if 1:\n  \x0c  def f():\n    \treturn 1\n", "utf-8", b"\n  @traced\n", id="feed"
    ),
    pytest.param(b"if 1:\n\tdef f():\n\t\treturn 1", "utf-8", b"\n\t@traced\n\tdef", id="tabs"),
    pytest.param(
        "x = 'a\u2028b\x85'\ndef f(): 0\n".encode(), "utf-8", b"@traced\ndef", id="U+2028"
    ),
    pytest.param(b"def f():   \n    0   \n   \n\t\n\n", "utf-8", b"@traced\n", id="white lines"),
    pytest.param(b"'''Doc.''';import os;x = 1;\ndef f(): 0\n", "utf-8", b"\nfrom", id="semicolons"),
    pytest.param(b"def f(): 0", "utf-8", b"@traced\ndef f(): 0", id="no newline at all"),
    pytest.param(b"x = '''\\\n@a\n'''\\\n\ndef f(): 0\n", "utf-8", b"@traced\ndef", id="continued"),
]


@pytest.mark.parametrize(("data", "encoding", "part"), DISGUISES)
def test_every_other_byte_stays(data: bytes, encoding: str, part: bytes) -> None:
    assert part in applied(data, edit(), encoding=encoding)


def test_edits_are_those_carried_out_in_source_order() -> None:
    data = b"def g(): 0\ndef f(): 0\n"
    patches, _ = rewrite(plan(edit("f", 2), edit("g", 1)), by_path(source(data)))
    assert [each.function for each in patches[1].edits] == ["shop.orders:g", "shop.orders:f"]


def test_nothing_to_do() -> None:
    assert rewrite(Plan(()), {}) == ((), ())
    assert rewrite(plan(), by_path(helper())) == ((), ())


def test_what_is_done_is_told() -> None:
    files = [source(b"def f(): 0\n", f"shop/{name}.py") for name in "ab"]
    edits = (replace(edit(path=each.path), function=f"{each.module}:f") for each in files)
    told: list[tuple[int, int]] = []
    patches, _ = rewrite(plan(*edits), by_path(*files), lambda *counts: told.append(counts))
    assert len(patches) == 3
    assert told == [(0, 2), (1, 2)]


def messages(problems: tuple[Problem, ...]) -> list[str]:
    return [f"{problem.place}: {problem.message}" for problem in problems]


def test_a_definition_in_another_line_is_not_edited() -> None:
    data = b"def f(): 0\n\ndef g(): 0\n"
    patches, problems = rewrite(plan(edit("f", 2), edit("g", 3)), by_path(source(data)))
    assert b"\ndef f(): 0\n\n@traced\ndef g(): 0\n" in (patches[1].after or b"")
    assert messages(problems) == [
        f"{PATH}:2: no span for shop.orders:f: it is not defined in this line"
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"def f(:\n", "orders.py:1: LibCST: "),
        (b"def f(): '\0'\n", "null bytes"),
        (b"def f(): '\xff'\n", "missing encoding declaration"),
        (b"def f(): " + b"(" * 5000 + b")" * 5000, "nested too deeply"),
        (b"if 1:\n    \\\ndef f(): 0\n", "orders.py"),
        (b"\\\ndef f(): 0\n", "line 1 would not stay"),
    ],
)
def test_what_cannot_be_rewritten_is_a_problem(data: bytes, message: str) -> None:
    patches, problems = rewrite(plan(edit()), by_path(source(data)))
    assert patches == ()
    assert message in messages(problems)[0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"def f():\n    return '\xff'\n", "can't decode byte 0xff"),
        (b"# coding: no-such-codec\ndef f():\n    pass\n", "no-such-codec"),
        (b"# coding: ascii\ndef f():\n    return '\xff'\n", "can't decode byte 0xff"),
        (b"\xef\xbb\xbf# coding: latin-1\ndef f():\n    pass\n", "encoding problem"),
    ],
)
def test_what_python_cannot_decode_gets_no_span(data: bytes, message: str) -> None:
    """It is read all the same, as Latin-1: other files call what is in it."""
    patches, problems = rewrite(plan(edit()), by_path(source(data, encoding="latin-1")))
    assert patches == ()
    (told,) = messages(problems)
    assert told.startswith(f"{PATH}: left as it is: ")
    assert message in told


def test_a_block_that_could_not_be_undone_is_left_out() -> None:
    """The comment stands between the levels of our line and of the body."""
    data = b"def g(): 0\ndef f():\n  # here\n    return 1\n # there\n"
    block = replace(edit("f"), form="block")
    patches, problems = rewrite(plan(edit("g"), block), by_path(source(data)))
    assert [each.after for each in patches[1:]] == [
        b"from shop._tracing import traced\n\n\n@traced\n" + data
    ]
    assert "cannot be put around its body" in messages(problems)[0]


def test_a_name_that_the_encoding_cannot_spell_is_escaped() -> None:
    data = b"# coding: latin-1\ndef f(): '\xe9'\n"
    assert b"@traced('\\u20ac')\n" in applied(data, replace(edit(), span="€"), encoding="latin-1")


def test_a_long_chain_is_no_trouble() -> None:
    data = b"def f(x):\n    if x: pass\n" + b"    elif x: pass\n" * 500
    assert b"@traced\n" in applied(data, edit())


def test_a_file_that_was_not_read() -> None:
    assert messages(rewrite(plan(edit()), {})[1]) == [f"{PATH}: to be edited, but was not read"]


# --- verification -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("def f(): 0\n", "@traced\ndef f(): 1\n", "line 1 would not stay as it is"),
        ("def f(): 0\n", "@traced\nimport os\ndef f(): 0\n", "the result would be no Python"),
        ("def f(): 0\n", "import os\ndef f(): 0\n", "the result would be another program"),
        ("def f(): 0\n", "return 0\ndef f(): 0\n", "the result would not compile"),
    ],
)
def test_a_wrong_result_is_caught(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    change = codemod.Change(new.encode(), (edit(),))
    monkeypatch.setattr(stage, "run", lambda *_: change)
    patches, problems = rewrite(plan(edit()), by_path(source(old.encode())))
    assert patches == ()
    assert message in problems[0].message
    assert problems[0].hint == "edits: f"


def test_a_result_that_could_not_be_undone_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(
        transform: codemod.Transform, task: codemod.Task, tree: ast.Module | None
    ) -> codemod.Change:
        done = codemod.run(transform, task, tree)
        return done if task.edits else codemod.Change(task.source.data)

    monkeypatch.setattr(stage, "run", forgetful)
    patches, problems = rewrite(plan(edit()), by_path(source(b"def f(): 0\n")))
    assert patches == ()
    assert "removing the spans would not restore it" in problems[0].message


# --- the helper ---------------------------------------------------------------------------------


def test_the_helper_is_not_created_for_nothing() -> None:
    patches, problems = rewrite(plan(edit("missing")), by_path(source(b"def f(): 0\n")))
    assert patches == ()
    assert len(problems) == 1


def test_a_module_of_the_same_name_that_is_not_ours() -> None:
    theirs = helper(b"def traced(name): ...\n")
    patches, problems = rewrite(plan(edit()), by_path(source(b"def f(): 0\n"), theirs))
    assert patches == ()
    assert "not written by autospan" in problems[0].message


def older(data: bytes) -> bytes:
    """A helper as an earlier autospan would have written it."""
    header, _, body = data.partition(b"\n")
    text = body.replace(b"def traced", b"def  traced")
    mark = digest(text)
    words = header.split(b" ")
    return b" ".join([*words[:3], b"0.0.1", f"sha256:{mark}.".encode(), b"old"]) + b"\n" + text


def test_an_older_helper_is_brought_up_to_date() -> None:
    for newline in (b"\n", b"\r\n"):
        old = older(helper_file()).replace(b"\n", newline)
        patches, problems = rewrite(plan(), by_path(helper(old)))
        new = helper_file().replace(b"\n", newline)
        assert patches == (Patch(HELPER.path, old, new),)
        assert not problems


def test_an_edited_helper_is_left_alone_and_this_is_said() -> None:
    old = older(helper_file()) + b"# mine\n"
    patches, problems = rewrite(plan(), by_path(helper(old)))
    assert patches == ()
    (problem,) = problems
    assert problem.place == Place(HELPER.path, 1)
    assert problem.message.startswith("edited, so not brought up to autospan ")
    assert problem.hint.startswith("to get the new one, delete all but its first line")
    said = "kept: it was edited since autospan wrote it"
    assert unwrite(by_path(helper(old))) == (
        (),
        (Problem(problem.place, said, "delete it if it may go"),),
    )


def test_an_edited_helper_of_this_version_is_no_problem() -> None:
    assert rewrite(plan(), by_path(helper(helper_file() + b"\nmine = 1\n"))) == ((), ())


def test_a_helper_of_which_the_first_line_is_left_is_written_anew() -> None:
    for version in (helper_file(), older(helper_file())):
        first = version.partition(b"\n")[0] + b"\n\n"
        patches, problems = rewrite(plan(), by_path(helper(first)))
        assert patches == (Patch(HELPER.path, first, helper_file()),)
        assert not problems


def test_a_helper_is_brought_up_to_date_where_nothing_is_left_to_trace() -> None:
    """It is found by its first line, not only beside the functions of the plan."""
    old = helper(older(helper_file()))
    (patch,), problems = rewrite(Plan((), (), ()), by_path(old))
    assert (patch.path, patch.after) == (HELPER.path, helper_file())
    assert not problems


def reformatted(code: bytes) -> bytes:
    """As Black leaves it at 60 columns, isort sorts it, and git checks it out on Windows."""
    black = pytest.importorskip("black")

    text = black.format_str(code.decode(), mode=black.Mode(line_length=60))
    text = text.replace("import sys\nimport threading", "import threading\nimport sys")
    assert text.encode() != code
    return text.replace("\n", "\r\n").encode()


def test_a_reformatted_helper_counts_as_unedited() -> None:
    current = reformatted(helper_file())
    assert rewrite(plan(), by_path(helper(current))) == ((), ())
    assert [patch.after for patch in unwrite(by_path(helper(current)))[0]] == [None]
    earlier = current.replace(b"# autospan: helper 0.1.0", b"# autospan: helper 0.0.1")
    (patch,), problems = rewrite(plan(), by_path(helper(earlier)))
    assert patch.after == helper_file().replace(b"\n", b"\r\n")
    assert not problems


EDITS = [
    (b"value[:500]", b"value[:501]"),
    (b"# older releases", b"# mine: older releases"),
    (b"if block:", b"if not block:"),
    (b"import threading", b"import threading\nimport time"),
]


@pytest.mark.parametrize(("old", "new"), EDITS, ids=[new.decode() for _, new in EDITS])
def test_what_a_person_would_edit_counts(old: bytes, new: bytes) -> None:
    code = helper_file().partition(b"\n")[2]
    assert old in code
    assert fingerprint(code) != fingerprint(code.replace(old, new))


def test_code_that_is_no_python_has_no_fingerprint() -> None:
    assert fingerprint(b"def f(:\n") == fingerprint(b"(" * 500) == ""


def test_a_helper_of_a_later_autospan_is_left_alone() -> None:
    later = helper_file().replace(b"helper 0.", b"helper 99.")
    assert rewrite(plan(), by_path(helper(later))) == ((), ())


USERS = [
    b"from shop._tracing import traced\nf = traced(len)\n",
    b"from shop import _tracing\n",
    b"from . import _tracing\n",
    b"from ._tracing import other\n",
    b"import shop._tracing\n",
    b"import_module('shop._tracing')\n",
    b"import _tracing; this is no Python\n",
]


@pytest.mark.parametrize("data", USERS)
def test_a_helper_in_use_is_kept(data: bytes) -> None:
    patches, problems = unwrite(by_path(source(data), helper()))
    assert patches == ()
    assert f"kept: {PATH} still imports it" in [each.message for each in problems]


@pytest.mark.parametrize("data", [b"from my._tracing import x\n", b"_tracing = 1\n", b"# _tracing"])
def test_a_helper_that_is_only_named_alike_goes(data: bytes) -> None:
    patches, problems = unwrite(by_path(source(data), helper()))
    assert [patch.after for patch in patches] == [None]
    assert not problems


def test_a_helper_that_is_installed() -> None:
    data = b"from autospan.runtime import traced\n\n\n@traced\ndef f(): 0\n"
    patches, _ = unwrite(by_path(source(data)), ["autospan.runtime"])
    assert [patch.after for patch in patches] == [b"def f(): 0\n"]


def test_a_relative_import_in_a_package() -> None:
    data = b"from ._tracing import traced\n@traced\ndef f(): 0\n"
    init = source(data, "shop/__init__.py", package=True)
    patches, _ = unwrite(by_path(init, helper()))
    assert [patch.after for patch in patches] == [b"def f(): 0\n", None]
