"""`link` on ordinary Python that says in comments what its calls resolve to (`fixtures/link`).

On the line of a call stand, each with a comma-separated list:

    # calls: pkg.mod.func, other      exactly the project functions called there (not the guessed
                                      ones); names of the same file without its module; a line
                                      with no such comment calls none
    # guessed: Class.method           those that only the method's name speaks for
    # external: requests.post         exactly the names outside the project, builtins aside; a
                                      line with no such comment is not looked at
    # unknown: x.method               calls on a receiver of which nothing is known
    # none                            nothing of all that
    # bug: why                        what stands in the comment is the answer so far, a wrong one

Where a fixture can be run, it is: what Python really calls must be in the comments, too.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from autospan import link as linking
from autospan.catalog import packs
from autospan.config import Config
from autospan.discover import discover
from autospan.knowledge import Knowledge, load
from autospan.link import link
from autospan.link.externals import Externals
from autospan.link.program import Program
from autospan.link.solve import Solver
from autospan.model import Facts, Graph, Source
from autospan.read import read
from autospan.routes import Routes

FIXTURES = Path(__file__).parents[1] / "fixtures" / "link"
THEMES = sorted(path.name for path in FIXTURES.iterdir() if not path.name.startswith((".", "_")))
KINDS = ("calls", "guessed", "external", "unknown", "none", "bug")
COMMENT = re.compile(rf"#\s*(?=(?:{'|'.join(KINDS)})\b)")


# --- what the comments say, and what is found ---------------------------------------------------

Line = tuple[str, int]
Found = Mapping[str, set[str]]


def expected(path: str, module: str, text: str) -> dict[Line, dict[str, set[str]]]:
    """The expectations of one file by line."""
    lines: dict[Line, dict[str, set[str]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for comment in COMMENT.split(line)[1:]:
            kind, colon, names = comment.strip().partition(":")
            assert (kind in KINDS) and bool(colon) == (kind != "none"), f"{path}:{number}: {line}"
            listed = {each.strip().removeprefix(f"{module}.") for each in names.split(",")}
            lines.setdefault((path, number), {})[kind] = listed
    return lines


def actual(graph: Graph, modules: Mapping[str, str]) -> dict[Line, dict[str, set[str]]]:
    """What the graph says by line, spelled as in the comments."""
    lines: dict[Line, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for edge in graph.edges:
        path = graph.functions[edge.caller].place.file
        name = graph.functions[edge.callee].qualified.removeprefix(f"{modules[path]}.")
        kind = "guessed" if edge.confidence == "guessed" else "calls"
        lines[path, edge.line][kind].add(name)
    for site in graph.sites:
        path = graph.functions[site.caller].place.file
        kind = "unknown" if site.name.startswith("?") else "external"
        if not site.name.startswith("builtins."):
            lines[path, site.line][kind].add(site.name.removeprefix("?"))
    return lines


def differences(said: Found, found: Found) -> Iterator[str]:
    """In words, what a line says and is not so, or is so and not said."""
    always = set(KINDS[:4]) if "none" in said else {"calls", "guessed", *said} - {"bug"}
    for kind in sorted(always):
        if said.get(kind, set()) != (here := found.get(kind, set())):
            yield f"{kind}: {', '.join(sorted(here)) or 'nothing'}"


@cache
def knowledge() -> Knowledge:
    return load(packs())


@cache
def linked(theme: str) -> tuple[tuple[Source, ...], tuple[Facts, ...], Graph]:
    sources = discover(FIXTURES / theme, Config()).sources
    facts = tuple(read(each) for each in sources)
    return sources, facts, link(facts, knowledge())


@pytest.mark.parametrize("theme", THEMES)
def test_fixture(theme: str) -> None:
    sources, _, graph = linked(theme)
    assert sources and not graph.problems
    said: dict[Line, dict[str, set[str]]] = {}
    for source in sources:
        said |= expected(source.path, source.module, source.data.decode())
    found = actual(graph, {each.path: each.module for each in sources})
    wrong = [
        f"{path}:{line}: {difference}"
        for path, line in sorted({*said, *found})
        for difference in differences(said.get((path, line), {}), found.get((path, line), {}))
    ]
    assert not wrong, "the graph says:\n" + "\n".join(wrong)
    assert said


# --- what Python does ---------------------------------------------------------------------------

OBSERVER = """
import json, os, runpy, sys
root, script = sys.argv[1:]
sys.path[:0] = [root, os.path.dirname(script)]
seen = set()
# Generators and coroutines (0x2A0) are left out: they run later than they are called.
def watch(frame, event, argument):
    caller = frame.f_back
    if event == "call" and caller and not frame.f_code.co_flags & 0x2A0:
        files = caller.f_code.co_filename, frame.f_code.co_filename
        if all(file.startswith(root) for file in files):
            seen.add((files[0], caller.f_lineno, files[1], frame.f_code.co_firstlineno))
sys.setprofile(watch)
runpy.run_path(script, run_name="__main__")
sys.setprofile(None)
print(json.dumps(sorted(seen)))
"""


def scripts(theme: str) -> list[Path]:
    """The files of a fixture that can be run: the only one, `main.py`, those with a main guard."""
    _, facts, _ = linked(theme)
    root = FIXTURES / theme
    if root.is_file():
        return [root]
    return [root / each.path for each in facts if each.guard or each.path == "main.py"]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="decorators are called in the line of `def`")
@pytest.mark.parametrize("theme", [theme for theme in THEMES if scripts(theme)])
def test_comments_are_true(theme: str) -> None:
    sources, _, graph = linked(theme)
    root = FIXTURES / theme if (FIXTURES / theme).is_dir() else FIXTURES
    said: dict[Line, dict[str, set[str]]] = {}
    for source in sources:
        said |= expected(source.path, source.module, source.data.decode())
    names: dict[Line, set[str]] = defaultdict(set)
    for each in graph.functions:
        if each.kind != "module":
            names[each.place.file, each.first_line].add(each.qualified)
    modules = {each.path: each.module for each in sources}
    for caller, line, callee in observed(root, scripts(theme)):
        here = said.get((caller, line), {})
        told = here.get("calls", set()) | here.get("guessed", set())
        called = {each.removeprefix(f"{modules[caller]}.") for each in names[callee]}
        assert "bug" in here or not called or called & told, f"{caller}:{line} calls {called}"


def observed(root: Path, scripts: Iterable[Path]) -> Iterator[tuple[str, int, Line]]:
    """(file, line, where the callee stands) of what is called when scripts run."""
    for script in scripts:
        command = [sys.executable, "-B", "-c", OBSERVER, str(root), str(script)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        for caller, line, callee, first in json.loads(run.stdout.splitlines()[-1]):
            paths = [Path(each).relative_to(root).as_posix() for each in (caller, callee)]
            yield paths[0], line, (paths[1], first)


# --- the graph as a whole -----------------------------------------------------------------------


def graph_of(**files: str) -> Graph:
    """The graph of modules given by name (`shop__orders` is `shop.orders`)."""
    return link([read(source(name.replace("__", "."), text)) for name, text in files.items()], NONE)


def source(module: str, text: str) -> Source:
    return Source(module.replace(".", "/") + ".py", module, False, text.encode(), "utf-8", "")


NONE = load([])


def calls(graph: Graph) -> Counter[tuple[str, str]]:
    names = [each.qualified for each in graph.functions]
    return Counter((names[each.caller], names[each.callee]) for each in graph.edges)


@pytest.mark.parametrize("theme", THEMES)
def test_order_of_files_does_not_matter(theme: str) -> None:
    _, facts, graph = linked(theme)
    shuffled = random.Random(7).sample(facts, len(facts))
    assert link(shuffled, knowledge()) == link(facts[::-1], knowledge()) == graph


DECORATED = """
import functools

def traced(function):
    def wrapper(*args):
        return function(*args)
    return wrapper

@traced
def buy():
    charge()

@traced
def browse():
    render()

def charge(): pass
def render(): pass

def shop():
    buy()

def window():
    browse()
"""


def test_contexts_of_a_decorator_are_kept_apart() -> None:
    graph = graph_of(m=DECORATED)
    names = {each.short: number for number, each in enumerate(graph.functions)}
    routes = Routes.of(graph)
    for start, end, there in [
        ("shop", "charge", True),
        ("shop", "render", False),
        ("window", "render", True),
        ("window", "charge", False),
        ("wrapper", "charge", True),  # the wrapper as such stands for both
        ("wrapper", "render", True),
    ]:
        assert (routes.down(names[start], names[end]) is not None) == there, (start, end)
    wrapped = {(each.caller, each.callee): each for each in graph.edges}
    contexts = [wrapped[names["wrapper"], names[each]].contexts for each in ("buy", "browse")]
    assert contexts[0][0] and contexts[1][0] and contexts[0] != contexts[1]


CONFIDENCE = """
class A:
    def run(self): pass
    def only_here_at_all(self): pass
class B(A):
    def run(self): pass
    def __enter__(self): pass
def f(x):
    A().run()
    for each in [A(), B()]: each.run()
    with B(): pass
    x.only_here_at_all()
    for _ in x:
        for _ in x: A().run()
"""


def test_confidence_and_loops() -> None:
    graph = graph_of(m=CONFIDENCE)
    names = [each.qualified for each in graph.functions]
    told = [(each.line, names[each.callee], each.confidence, each.loop) for each in graph.edges]
    assert sorted(told) == [
        (9, "m.A.run", "exact", 0),
        (10, "m.A.run", "inferred", 1),
        (10, "m.B.run", "inferred", 1),
        (11, "m.B.__enter__", "inferred", 0),
        (12, "m.A.only_here_at_all", "guessed", 0),
        (14, "m.A.run", "exact", 2),
    ]


SITES = """
import thing
class Model: pass
def callback(): pass
KEYS = ["a", "b"]
async def f(name="it"):
    await thing.call(name, 7, callback, Model, Model(), KEYS, thing.other, key="k" + name)
    for _ in x: unknown.method(1)
"""


def test_sites_carry_what_is_passed() -> None:
    graph = graph_of(m=SITES)
    site, unknown = graph.sites
    passed = {each.key: [value[:2] for value in each.values] for each in site.arguments}
    assert (site.name, site.awaited, site.loop) == ("thing.call", True, 0)
    assert passed == {
        0: [("constant", "it")],
        1: [("constant", "7")],
        2: [("function", "m.callback")],
        3: [("class", "m.Model")],
        4: [("instance", "m.Model")],
        5: [("collection", "a,b")],
        6: [("external", "thing.other")],
        "key": [("constant", "k…")],
    }
    assert (unknown.name, unknown.confidence, unknown.loop) == ("?unknown.method", "guessed", 1)


DECORATIONS = """
import web
from web import route as r
app = web.App()
def own(text): return lambda f: f
@app.route("/a", methods=["GET"])
@r
@own("x")
@missing.deco(1)
def f(): pass
@web.register
class C:
    @staticmethod
    def m(): pass
"""


def test_decorations() -> None:
    graph = graph_of(m=DECORATIONS)
    names = [each.qualified for each in graph.functions]
    found = [
        (
            names[each.function] if each.function >= 0 else graph.classes[each.klass].name,
            each.name,
            each.called,
            [value.text for argument in each.arguments for value in argument.values],
        )
        for each in graph.decorations
    ]
    assert found == [
        ("m:C", "web.register", False, []),
        ("m.f", "web.App.route", True, ["/a", "GET"]),
        ("m.f", "web.route", False, []),
        ("m.f", "m.own", True, ["x"]),
        ("m.f", "?missing.deco", True, ["1"]),
        ("m.C.m", "builtins.staticmethod", False, []),
    ]


HIERARCHY = """
import outside
class A(outside.Base): pass
class B(A): kind = "b"
class C(A): pass
class D(B, C):
    def run(self): pass
"""


def test_classes_are_linearised() -> None:
    graph = graph_of(m=HIERARCHY)
    *_, last = graph.classes
    assert last.ancestors == ("m.B", "m.C", "m.A", "outside.Base")
    assert [name for name, _ in last.methods] == ["run"]
    assert [name for name, _ in graph.classes[1].attributes] == ["kind"]
    assert graph.functions[last.methods[0][1]].owner == 3


HOPELESS = {
    "class that is its own base": "class A(A): pass\nclass A(A):\n def f(self): self.f()\nA().f()",
    "bases in a circle": (
        "class A: pass\nclass B(A): pass\nA = B\nclass C(A, B, A):\n def f(self): self.f()\nC().f()"
    ),
    "no order of bases": "class A: pass\nclass B(A): pass\nclass C(A, B): pass\nC().f()",
    "list in itself": "x = []\nx.append(x)\nx[0][0][0]()\nfor y in x: y()",
    "function of itself": "def f(x): return x(x)\nf(f)(f)",
    "deeper and deeper": "def f(x): return f((x, f))\nf(1)",
    "dict of dicts": "d = {}\nwhile d: d = {'d': d, **d}\nd['d']['d']()",
    "decorator of itself": "def d(f):\n @d\n def g(): return f()\n return g\n@d\ndef h(): h()\n",
    "partial of itself": "from functools import partial as p\nf = p(print)\nf = p(f, f)\nf()",
    "star import of itself": "from m import *\nfrom m import f\nf()",
    "attribute of itself": "class A: pass\na = A()\na.a = a\na.a.a.a.f()\n",
    "property of itself": "class A:\n @property\n def p(self): return self.p.p\nA().p.p()",
    "class in a loop": "while x:\n class A(A if x else object): pass\n A()()",
    "generator of itself": "def g():\n yield from g()\n for x in g(): yield x\nnext(g())()",
    "getattr of itself": "n = 'n'\nn = getattr(n, n)\nimport m\ngetattr(m, 'n' + n)(n)",
    "super without a class": "def f(): super().f()\nsuper().x\nsuper(1, 2).y()",
    "calls with too much": "def f(a): a()\nf(f, f, *f, b=f, **f)\nf(a=f)",
}


@pytest.mark.parametrize("name", HOPELESS)
def test_code_without_an_end_has_one_here(name: str) -> None:
    assert graph_of(m=HOPELESS[name]).functions


def everything_calls_everything(count: int) -> str:
    """Functions that call each other through one table, and classes in deep hierarchies."""
    lines = [
        f"def f{n}(x, y=None):\n    TABLE[x](f{n}); y(x); return f{n + 1}" for n in range(count)
    ]
    lines += [f"class C{n}({f'C{n - 1}' if n % 50 else ''}):\n    a = f{n}" for n in range(count)]
    table = ", ".join(f"{n}: f{n}" for n in range(count))
    return "\n".join([*lines, f"TABLE = {{{table}}}", "f0(TABLE, f1)", "C49().a(1)"])


def work(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    """How many edges and watchers the solver makes, and how many values its nodes hold."""
    solver = Solver(Program([read(source("m", text))]), Externals(NONE))
    count = 0

    def counted(method):
        def wrapper(*args):
            nonlocal count
            count += 1
            return method(*args)

        return wrapper

    for name in ("copy", "watch"):
        monkeypatch.setattr(solver.flow, name, counted(getattr(solver.flow, name)))
    solver.solve()
    return count + sum(len(solver.flow.values(node)) for node in range(len(solver.flow.held)))


def test_the_cost_grows_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where everything reaches everything, values stop at a limit: twice the code, twice the work,
    not four times."""
    one, two = (work(monkeypatch, everything_calls_everything(count)) for count in (1000, 2000))
    assert one < 400 * 1000
    assert two < 2.3 * one


def test_containers_that_hold_each_other_are_told_to_a_depth() -> None:
    """Told to the end, sixteen lists that hold all others would be 16! values."""
    names = [f"x{n}" for n in range(16)]
    lines = [*(f"{name} = []" for name in names), "import out"]
    lines += [f"{one}.append({other})" for one in names for other in names]
    graph = link([read(source("m", "\n".join([*lines, "out.put(x0)", ""])))], NONE)
    assert [site.name for site in graph.sites if site.name.startswith("out")] == ["out.put"]


def test_a_spent_budget_is_a_problem_and_still_a_graph() -> None:
    lines = [f"def f{n}(x):\n    return f{n + 1}(x)\n" for n in range(50)]
    facts = [read(source("m", "\n".join([*lines, "def f50(x):\n    return x\n", "f0(f0)\n"])))]
    whole, part = link(facts, NONE), link(facts, NONE, budget=30)
    assert not whole.problems
    assert 0 < len(part.edges) < len(whole.edges)
    assert set(part.edges) <= set(whole.edges)
    (problem,) = part.problems
    assert problem.message.startswith("incomplete: ")
    assert problem.message.endswith(" after 30 steps")
    assert part == link(facts, NONE, budget=30)


def test_the_budget_goes_by_the_size_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [read(source("m", "def f(x):\n    return x\n\nf(f(f(f)))\n"))]
    monkeypatch.setattr(linking, "STEPS", 0)
    assert not link(facts, NONE).problems
    monkeypatch.setattr(linking, "STEPS_PER_CALL", 1)
    (problem,) = link(facts, NONE).problems
    assert problem.message.endswith(" after 3 steps")
    assert not link(facts, NONE, budget=1_000).problems
