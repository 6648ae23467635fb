"""`predict`: the traces of entry points, how often each span occurs, and what is covered."""

from __future__ import annotations

from pathlib import Path

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
            ("orders.save loop", ("sqlite3.Cursor.execute condition",)),
            ("requests.post condition",),
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
            "orders.place condition",
            ("orders.reserve loop", ("sqlite3.Cursor.execute condition",)),
            ("requests.post condition",),
            ("sqlite3.Cursor.execute condition",),
        )
    ]
    assert place.children[0].children[0].most == 2


def test_recursion_is_said_and_ends(shop: Analysis) -> None:
    found = trace(shop, "GET /orders/<number>", "orders.explode")
    explode = found.spans[0].children[-1]
    assert explode.name == "shop.orders.explode"
    assert shown(explode.children) == [
        ("sqlite3.Cursor.execute condition",),
        ("orders.explode recursion",),
    ]
    bare = trace(shop, "GET /orders/<number>").spans[0].children
    assert [(each.name, each.times) for each in bare] == [("sqlite3.Cursor.execute", "recursion")]
    again = next(each for each in explode.children if each.name == explode.name)
    assert again.children == ()
    assert again.cut


def test_what_decorators_do_first_belongs_to_the_trace(shop: Analysis) -> None:
    found = trace(shop, "GET /orders/<number>", "orders.check")
    assert "orders.check condition" in [row[0] for row in shown(found.spans[0].children)]
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
