"""`predict`: the traces of entry points, how often each span occurs, and what is covered."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autospan import pipeline
from autospan.config import Config
from autospan.model import Outlook, Selection, Span, Trace
from autospan.pipeline import Analysis

SHOP = {
    "shop/__init__.py": "",
    "shop/web.py": """
        import flask
        from shop import orders

        app = flask.Flask(__name__)

        def known(view):
            def inner(**given):
                orders.check(given)
                return view(**given)
            return inner

        @app.route("/orders", methods=["POST"])
        def create():
            return orders.place(flask.request.json)

        @app.route("/orders/<number>")
        @known
        def show(number):
            return orders.explode(orders.load(number))
        """,
    "shop/orders.py": """
        import requests
        import sqlite3

        DB = sqlite3.connect("shop.db")

        def place(order):
            for line in order["lines"]:
                reserve(line)
            charge(order)
            return save(order)

        def reserve(line):
            save(line)
            save(line)

        def charge(order):
            return requests.post("https://bank.example", json=order)

        def save(row):
            DB.cursor().execute("insert", row)

        def load(number):
            return DB.cursor().execute("select", number).fetchone()

        def check(given):
            return len(given) > 2 and given

        def explode(part):
            return [explode(each) for each in part.parts] + [load(part.number)]
        """,
    "shop/job.py": """
        from shop import orders

        def main():
            orders.charge(orders.load(1))
            orders.charge(orders.load(2))

        if __name__ == "__main__":
            main()
        """,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    from textwrap import dedent

    root = tmp_path_factory.mktemp("predict")
    for path, text in SHOP.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(dedent(text))
    return pipeline.analyze(root, Config())


def outlook(analysis: Analysis, *names: str) -> Outlook:
    selection = Selection(named=tuple(f"shop.{name}" for name in names))
    return pipeline.make_outlook(analysis, pipeline.make_plan(analysis, Config(), selection))


def trace(analysis: Analysis, entry: str, *names: str) -> Trace:
    found = outlook(analysis, *names)
    entries = [each.name for each in analysis.survey.entries]
    return found.traces[entries.index(entry)]


def shown(spans: tuple[Span, ...]) -> list[object]:
    """The tree in a few words."""
    return [
        (f"{each.name.removeprefix('shop.')} {each.times}", *shown(each.children)) for each in spans
    ]


def test_a_function_without_a_span_hands_those_beneath_it_on(shop: Analysis) -> None:
    found = trace(shop, "POST /orders", "orders.save")
    assert shown(found.spans) == [
        (
            "POST /orders once",
            ("orders.save loop", ("sqlite3.Cursor.execute once",)),
            ("requests.post once",),
        )
    ]
    save = found.spans[0].children[0]
    assert (save.origin, save.most) == ("planned", None)
    assert found.rooted
    assert found.tally.internal == 3  # twice for each line, once for the order
    assert found.tally.spans == 1 + 3 + 3 + 1
    assert found.tally.open


def test_a_function_with_a_span_keeps_them(shop: Analysis) -> None:
    found = trace(shop, "POST /orders", "orders.place", "orders.reserve")
    place = found.spans[0].children[0]
    assert shown((place,)) == [
        (
            "orders.place once",
            ("orders.reserve loop", ("sqlite3.Cursor.execute once",)),
            ("requests.post once",),
            ("sqlite3.Cursor.execute once",),
        )
    ]
    assert place.children[0].children[0].most == 2


def test_recursion_is_said_and_ends(shop: Analysis) -> None:
    found = trace(shop, "GET /orders/<number>", "orders.explode")
    explode = found.spans[0].children[-1]
    assert explode.name == "shop.orders.explode"
    assert shown(explode.children) == [
        ("sqlite3.Cursor.execute once",),
        ("orders.explode recursion",),
    ]
    bare = trace(shop, "GET /orders/<number>").spans[0].children
    assert [(each.name, each.times) for each in bare] == [("sqlite3.Cursor.execute", "recursion")]
    again = next(each for each in explode.children if each.name == explode.name)
    assert again.children == ()
    assert again.cut


def test_what_decorators_do_first_belongs_to_the_trace(shop: Analysis) -> None:
    found = trace(shop, "GET /orders/<number>", "orders.check")
    assert "orders.check once" in [row[0] for row in shown(found.spans[0].children)]
    assert (found.tally.internal, found.tally.short) == (1, 1)


def test_without_a_root_every_span_starts_a_trace(shop: Analysis) -> None:
    found = trace(shop, "python -m shop.job", "orders.charge")
    assert not found.rooted
    assert {each.name for each in found.spans} == {
        "sqlite3.Cursor.execute",
        "shop.orders.charge",
    }
    assert [each.most for each in found.spans] == [2, 2]
    assert trace(shop, "python -m shop.job", "job.main").rooted


def test_packages_that_are_off_open_no_spans(shop: Analysis) -> None:
    from autospan.predict import predict

    found = predict(shop.graph, shop.survey, {}, packages=())
    assert not any(each.spans or each.rooted for each in found.traces)
    assert found.before == found.after
    assert found.before.rooted == found.before.covered == 0


def test_coverage_before_and_after(shop: Analysis) -> None:
    nothing = outlook(shop)
    assert nothing.before == nothing.after
    assert (nothing.before.entries, nothing.before.rooted) == (3, 2)
    assert nothing.before.named == 0
    some = outlook(shop, "job.main", "orders.place")
    assert some.before == nothing.before
    assert some.after.rooted == 3
    assert some.after.covered == some.after.effects > some.before.covered
    assert 0 < some.after.named < some.after.effects  # explode stands under no span of a function


# --- against programs that are run


def written(chance: random.Random, depth: int, later: list[str], indent: str) -> Iterator[str]:
    """Statements that call some of the functions that come later."""
    for _ in range(chance.randint(1, 3)):
        callee = chance.choice(later) if later else "leaf"
        inner = list(written(chance, depth - 1, later, indent + "    ")) if depth else []
        inner = inner or [f"{indent}    {callee}()"]
        other = [f"{indent}    {chance.choice(later or ['leaf'])}()"]
        leave = [f"{indent}    return"]
        choice = chance.randint(0, 11)
        lines = {
            0: ["if flag():", *inner],
            1: ["if flag():", *inner, f"{indent}else:", *other],
            2: ["if flag():", *inner, *leave],
            3: ["for _ in range(3):", *inner],
            4: [f"flag() and {callee}()"],
            5: [f"{callee}() if flag() else leaf()"],
            6: ["while flag():", *inner, f"{indent}    if flag():", f"{indent}        break"],
            7: ["try:", *inner, f"{indent}except OSError:", *other],
            8: ["match flag():", f"{indent}    case True:", f"{indent}        {callee}()"],
            9: [
                "for _ in range(2):",
                f"{indent}    if flag():",
                f"{indent}        return {callee}()",
            ],
            10: ["if flag():", *inner, f"{indent}elif flag():", *other, *leave],
        }.get(choice, [f"{callee}()"])
        yield indent + lines[0]
        yield from lines[1:]


def program(seed: int) -> str:
    chance = random.Random(seed)
    names = [f"f{number}" for number in range(6)]
    lines = []
    for at, name in enumerate(names):
        lines += [f"def {name}():", *written(chance, 2, names[at + 1 :], "    "), ""]
    again = ["def leaf():", "    if flag():", "        leaf()", ""]
    main = ["if __name__ == '__main__':", "    f0()"]
    return "\n".join(["from flags import flag", "", *lines, *again, *main, ""])


PROGRAMS = range(15)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    root = tmp_path_factory.mktemp("programs")
    (root / "flags.py").write_text(
        "import random\n\ndef flag():\n    return random.random() < 0.4\n"
    )
    for seed in PROGRAMS:
        (root / f"p{seed}.py").write_text(program(seed))
    return pipeline.analyze(root, Config())


class Node:
    """A span that was opened, and those beneath it."""

    def __init__(self, name: str) -> None:
        self.name, self.children = name, list[Node]()

    def count(self) -> int:
        return 1 + sum(each.count() for each in self.children)


def run(module: str, text: str, spanned: set[str], flag: Callable[[], bool]) -> Node:
    """Run a program whose spanned functions note when they are called."""
    top = Node("")
    open_nodes = [top]

    def traced(function: Any) -> Any:
        def call() -> None:
            node = Node(f"{module}.{function.__name__}")
            open_nodes[-1].children.append(node)
            open_nodes.append(node)
            function()
            open_nodes.pop()

        return call

    names: dict[str, Any] = {"flag": flag, "__name__": module}
    exec(text.replace("from flags import flag\n", ""), names)
    for name in spanned:
        names[name] = traced(names[name])
    names["f0"]()
    return top


def fits(children: list[Node], predicted: tuple[Span, ...]) -> None:
    """Assert that what was opened beneath a span is what was predicted, as often."""
    known = {each.name: each for each in predicted}
    counts = Counter(each.name for each in children)
    assert counts.keys() <= known.keys()
    for each in predicted:
        assert each.least <= counts[each.name]
        assert each.most is None or counts[each.name] <= each.most
    for child in children:
        if known[child.name].times != "recursion":
            fits(child.children, known[child.name].children)


@pytest.mark.parametrize("seed", PROGRAMS)
def test_what_is_run_lies_within_the_bounds(programs: Analysis, seed: int) -> None:
    """A random program, run ten times with other conditions; exact where there is no condition."""
    chance = random.Random(-seed)
    spanned = {name for name in ("f1", "f2", "f3", "f4", "f5", "leaf") if chance.random() < 0.7}
    names = tuple(f"p{seed}.{name}" for name in spanned)
    plan = pipeline.make_plan(programs, Config(), Selection(named=names))
    spanned = {each.function.partition(":")[2] for each in plan.edits}
    found = pipeline.make_outlook(programs, plan)
    starts = [programs.graph.functions[each.function].module for each in programs.survey.entries]
    trace = found.traces[starts.index(f"p{seed}")]
    for likely in (0.0, 0.2, 0.5, 0.5, 0.5, 0.8):
        top = run(f"p{seed}", program(seed), spanned, lambda p=likely: chance.random() < p)
        fits(top.children, trace.spans)
        count = top.count() - 1
        assert trace.tally.least <= count
        assert trace.tally.open or count <= trace.tally.spans


def test_a_tree_is_bounded_and_says_where_it_is_cut(shop: Analysis) -> None:
    found = trace(shop, "POST /orders", "orders.place", "orders.reserve")
    (root,) = found.tree(depth=2)
    assert [each.name for each in root.children] == ["shop.orders.place"]
    assert (root.children[0].children, root.children[0].cut) == ((), 3)
    (root,) = found.tree(size=3)
    assert [len(each.children) for each in (root, *root.children)] == [1, 1]
    assert root.children[0].cut == 2
    assert found.tree() == found.spans


def test_wide_and_deep_programs_are_folded_once(tmp_path: Path) -> None:
    """Forty levels, each called twice by the one above: 2**40 paths."""
    lines = ["import requests", "def f40(): requests.get('https://x.example')"]
    twice = "def f{0}():\n    f{1}()\n    f{1}()"
    lines += [twice.format(level, level + 1) for level in range(39, -1, -1)]
    lines.append("if __name__ == '__main__':\n    f0()")
    (tmp_path / "deep.py").write_text("\n".join(lines))
    analysis = pipeline.analyze(tmp_path, Config())
    everything = pipeline.make_plan(analysis, Config(), Selection(everything=True))
    found = pipeline.make_outlook(analysis, everything)
    (only,) = found.traces
    assert only.tally.spans == 1_000_000  # where counting ends
    assert only.noisy
    assert only.tree(size=5)[0].children[0].children
