"""The HTML report: one file that needs nothing else, whatever the code holds that it is about."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autospan import pipeline
from autospan.commands.suggest import viewed
from autospan.config import Config
from autospan.model import Coverage, Outlook, Selection
from autospan.pipeline import Analysis
from autospan.present import diff, html
from autospan.present.html.changes import alone
from autospan.present.html.codemap import Module, chart
from autospan.present.html.embed import as_json
from autospan.present.html.story import headline
from autospan.present.html.treemap import Box, squarify

LEGACY = Path(__file__).parents[1] / "fixtures" / "legacy"
HOSTILE = '''"""</script><script>pwned = 1</script><!-- <script>"""
import flask, sqlite3
app = flask.Flask(__name__)

@app.route("/</script><img src=x onerror=pwned=1>")
def give(order_id="</pre><script>pwned = 1</script>"):
    \'\'\'"><svg onload=pwned=1> ]]> \\u2028 \u2028 & \x00\'\'\'
    for each in range(3):
        sqlite3.connect("</textarea>").execute("select '<b>'")
    return order_id
'''.replace("\x00", "")


@cache
def analysis(root: Path = LEGACY) -> Analysis:
    return pipeline.analyze(root, Config())


@cache
def view(root: Path = LEGACY) -> html.View:
    return viewed(analysis(root), Config(), Selection(top=15), "shop", ("--top", "15"))


@cache
def page(root: Path = LEGACY) -> str:
    return html.present(view(root)).decode()


class Parsed(HTMLParser):
    """A page, read as a browser would: its tags, and the texts of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside][-1] += data
        else:
            self.text += data


def data(text: str) -> dict[str, Any]:
    return dict(json.loads(Parsed(text).raw["script"][0]))


# --- one file


@pytest.mark.parametrize("root", [LEGACY, LEGACY / "tools"], ids=["app", "scripts"])
def test_nothing_is_fetched(root: Path) -> None:
    parsed = Parsed(page(root))
    for tag, attributes in parsed.tags:
        assert tag not in {"iframe", "object", "embed", "base", "img", "audio", "video"}
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in {"src", "srcset", "style"}, (tag, name)
            if name in {"href", "action"}:
                assert (value or "").startswith(("#", "data:image/svg+xml,")), (tag, value)
    assert "@import" not in parsed.raw["style"][0] and "url(" not in parsed.raw["style"][0]
    assert not re.search(r"\b(fetch|XMLHttpRequest|import)\b", parsed.raw["script"][1])


def test_only_its_own_style_and_script_are_allowed() -> None:
    parsed = Parsed(page())
    policy = next(each["content"] for _, each in parsed.tags if "http-equiv" in each) or ""
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    for text in (parsed.raw["style"][0], parsed.raw["script"][1]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert len(parsed.raw["script"]) == 2 and len(parsed.raw["style"]) == 1


def test_it_says_where_the_code_stands_and_what_to_do() -> None:
    text = Parsed(page()).text
    survey = analysis().survey
    assert f"of {sum(each.begins for each in survey.entries)} entry points" in text
    assert "autospan apply shop --top 15" in text
    assert all(each.what in text and each.fix in text for each in survey.effort)
    assert all(each.package.rpartition("-")[2] in text for each in survey.free)
    assert all(each.message in text for each in analysis().problems)
    assert "Nothing here starts a trace" not in text


def test_the_data_are_those_of_the_analysis() -> None:
    found, known = data(page()), analysis()
    listed = found["functions"]
    assert listed["total"] == len(listed["rows"]) == len(known.candidates)
    names = [f"{listed['files'][row[0]][1]}.{row[1]}" for row in listed["rows"]]
    functions = known.graph.functions
    assert names == [functions[each.function].qualified for each in known.candidates]
    planned = [at for at, row in enumerate(listed["rows"]) if -1 in row[5:]]
    assert len(planned) == 15
    for at in planned:
        detail = listed["details"][str(at)]
        assert "\n+" in detail["diff"] and detail["reasons"] and detail["span"]["name"]
        assert detail["source"]["lines"]
    assert len(found["traces"]["rows"]) == len(known.survey.entries)
    assert {row["kind"] for row in found["traces"]["rows"]} == {
        each.kind for each in known.survey.entries
    }


def test_excerpts_mark_the_lines_that_do_io() -> None:
    known = analysis()
    details = data(page())["functions"]["details"].values()
    marks = {(at, words) for each in details for at, words in each["source"]["marks"].items()}
    effects = {
        (str(each.place.line), f"{each.kind} {each.system}") for each in known.survey.effects
    }
    assert marks and {(at, words) for at, words in marks if " " in words} <= effects


def test_the_diff_of_a_function_is_that_of_a_plan_for_it_alone() -> None:
    """What is cut out of a file's patch is what `rewrite` makes of that one edit."""
    found = analysis()
    whole = pipeline.make_plan(found, Config(), Selection(top=40))
    patches, _ = pipeline.make_patches(found, replace(whole, helpers=()))
    several = [patch for patch in patches if len(patch.edits) > 1][:2]
    assert several
    for patch in several:
        functions = {
            (each.name, each.ordinal): each
            for each in found.graph.functions
            if each.place.file == patch.path
        }
        for edit in patch.edits:
            single, _ = pipeline.make_patches(found, replace(whole, edits=(edit,), helpers=()))
            assert diff.present([alone(patch, edit, functions)]) == diff.present(single)


# --- whatever the code is


NAMES = ("app.py", 'a"><img src=x onerror=pwned=1>.py', "<\u2215script><script>pwned=1.py")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name in NAMES:
        (folder / name).write_text(HOSTILE, encoding="utf-8")
    (folder / "latin.py").write_bytes(
        "# coding: latin-1\ndef f(x):\n    '\xe9'\n    return print(x)\n".encode("latin-1")
    )
    (folder / "<b>.py").write_text("def broken(:\n")
    return folder


def test_hostile_code_stays_text(hostile: Path) -> None:
    text = page(hostile)
    parsed = Parsed(text)
    known = {tag for tag, _ in Parsed(page()).tags}
    assert {tag for tag, _ in parsed.tags} <= known
    assert len(parsed.raw["script"]) == 2
    assert not any(name.startswith("on") for _, each in parsed.tags for name in each)
    sources = [each["source"]["lines"] for each in data(text)["functions"]["details"].values()]
    assert any("    return order_id" in lines for lines in sources)
    assert {name for name, _ in data(text)["functions"]["files"]} == {*NAMES, "latin.py"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "There is no function here that could carry a span."),
        (
            {"one.py": "def one(x):\n    print(x)\n    return open(x)\n"},
            "Nothing here starts a trace.",
        ),
        ({"flat.py": "import os\nos.remove('x')\n"}, "no function here"),
        ({"empty.py": "", "bad.py": "def (:\n"}, "no function here"),
    ],
    ids=["nothing", "one function", "no function", "a problem"],
)
def test_hardly_any_code(files: dict[str, str], said: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    shown = page(tmp_path)
    assert said in shown
    assert data(shown)["traces"] == {"total": 0, "rows": []}


def test_json_in_a_script_cannot_end_it() -> None:
    value = {"</script>": ["<!--", "]]>", "\u2028\u2029", "&amp;", "é", 1.5, None, "\\"]}
    text = as_json(value)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == value
    assert json.loads(as_json("a \udcff b").encode()) == "a \udcff b"


def test_the_page_of_a_large_project_is_bounded() -> None:
    """Many thousand functions, five thousand entry points: the best are listed, and the best of
    these in detail."""
    found = analysis()
    times = 27_000 // len(found.candidates)
    many = tuple(
        each._replace(rank=number + 1) for number, each in enumerate(found.candidates * times)
    )
    entries = found.survey.entries * 90
    survey = replace(found.survey, entries=entries)
    outlooks = {
        name: replace(outlook, traces=outlook.traces * 90)
        for name, outlook in zip(("free", "planned"), (view().free, view().planned), strict=True)
    }
    large = replace(found, candidates=many, survey=survey)
    text = html.present(view()._replace(analysis=large, **outlooks)).decode()
    listed, traces = data(text)["functions"], data(text)["traces"]
    assert 1_500_000 < len(text.encode()) < 2_000_000
    assert 500 < len(traces["rows"]) < traces["total"] == len(entries)
    assert 50 < sum("after" in row for row in traces["rows"]) < len(traces["rows"])
    assert 20_000 < len(listed["rows"]) < listed["total"] == len(many)
    assert 15 <= len(listed["details"]) < len(listed["rows"])


# --- its parts


@pytest.mark.parametrize(
    "sizes", [[1], [6, 6, 4, 3, 2, 2, 1], [1000, 1, 1, 1], list(range(300, 0, -1))]
)
def test_rectangles_fill_the_box_in_proportion(sizes: list[float]) -> None:
    box = Box(0, 0, 600, 400)
    found = list(squarify(sizes, box))
    scale = 600 * 400 / sum(sizes)
    for size, each in zip(sizes, found, strict=True):
        assert each.width * each.height == pytest.approx(size * scale)
        assert each.x >= -1e-6 and each.x + each.width <= 600 + 1e-6
        assert each.y >= -1e-6 and each.y + each.height <= 400 + 1e-6
    overlapping = [
        (one, other)
        for at, one in enumerate(found[:40])
        for other in found[at + 1 : 40]
        if min(one.x + one.width, other.x + other.width) - max(one.x, other.x) > 1e-6
        and min(one.y + one.height, other.y + other.height) - max(one.y, other.y) > 1e-6
    ]
    assert overlapping == []


def test_rectangles_are_those_of_the_paper() -> None:
    """The example of Bruls, Huizing and van Wijk: 6 6 4 3 2 2 1 in a box of 6 by 4."""
    found = list(squarify([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4)))
    assert found[0] == pytest.approx((0, 0, 3, 2))
    assert found[1] == pytest.approx((0, 2, 3, 2))
    assert found[2] == pytest.approx((3, 0, 12 / 7, 7 / 3))


def test_a_package_that_dominates_is_split() -> None:
    names = ["shop.a.x", "shop.a.y", "shop.b.x", "shop.c", "shop.d.deep.x", "tool"]
    modules = [Module(name, f"{name}.py", 100, 4, 0, at) for at, name in enumerate(names)]
    groups = chart(modules, 800, 400)
    assert {each.name for each in groups} == {"", "shop", "shop.a", "shop.b", "shop.d.deep"}
    levels = {cell.file: (cell.before, cell.after) for group in groups for cell in group.cells}
    assert levels["shop.a.x.py"] == (0, 0)
    assert levels["shop.a.y.py"] == (0, 1)
    assert levels["shop.d.deep.x.py"] == (0, 4)


def test_the_map_of_many_modules_is_bounded() -> None:
    modules = [Module(f"p{at % 7}.m{at}", f"{at}.py", 1 + at % 900) for at in range(9000)]
    groups = chart(modules, 1160, 500)
    assert sum(len(each.cells) for each in groups) < 420
    small = re.findall(r"(\d+) small modules", " ".join(c.title for g in groups for c in g.cells))
    shown = sum(bool(cell.file) for group in groups for cell in group.cells)
    assert sum(map(int, small)) + shown == len(modules)


@pytest.mark.parametrize(
    ("today", "free", "planned", "said"),
    [
        (
            (4, 0),
            (33, 0),
            (49, 9),
            ("4 of 56 entry points are traced.", "to 33, 15 decorators to 49."),
        ),
        (
            (1, 0),
            (1, 0),
            (49, 9),
            ("1 of 56 entry points is traced.", "15 decorators bring it to 49."),
        ),
        (
            (56, 3),
            (56, 3),
            (56, 40),
            ("56 of 56 entry points", "explain 40 of 80 I/O calls."),
        ),
        (
            (9, 0),
            (33, 0),
            (36, 40),
            ("9 of 56", "to 33, 15 decorators explain 40 of 80 I/O calls."),
        ),
        ((0, 0), (33, 0), (33, 0), ("None of 56 entry points", "bring it to 33.")),
        ((7, 0), (7, 0), (7, 0), ("7 of 56 entry points are traced.", "")),
    ],
)
def test_the_headline_tells_the_story(today: Any, free: Any, planned: Any, said: Any) -> None:
    today, free, planned = (
        Outlook((), Coverage(), Coverage(56, rooted, 80, rooted, named), ())
        for rooted, named in (today, free, planned)
    )
    first, second = headline(view()._replace(today=today, free=free, planned=planned))
    assert said[0] in first and second.endswith(said[1])
