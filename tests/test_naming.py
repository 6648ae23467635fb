"""`naming`: what a template makes of functions, no two names alike, and what is no template."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from autospan import pipeline
from autospan.config import Config
from autospan.model import Selection
from autospan.naming import DEFAULT, faults

SHOP = {
    "shop/__init__.py": "",
    "shop/orders/__init__.py": "",
    "shop/orders/service.py": """
        class Order:
            @property
            def total(self):
                return sum(line.price for line in self.lines if line.price > 0)

            @total.setter
            def total(self, value):
                self.lines = [value, *self.lines]
                self.changed = True

            def place(self):
                def line(row):
                    return row.price * row.count
                return [line(each) for each in self.lines]

        def place(order):
            order.place()
            return order.total
        """,
    "shop/refunds/__init__.py": "",
    "shop/refunds/service.py": """
        import sys
        from typing import overload

        @overload
        def refund(order: int) -> int: ...
        @overload
        def refund(order: str) -> str: ...
        def refund(order):
            return place(order) or order

        if sys.platform == "win32":
            def place(order):
                return order, len(order)
        else:
            def place(order):
                return len(order), order

        HANDLERS = [place]

        @HANDLERS.append
        def place(order):
            return order, HANDLERS.index(order)
        """,
    "shop/bank.py": """
        def charge(order):
            return order, len(order)
        """,
    "a/jobs.py": "def run(day):\n    return day, len(day)\n",
    "b/jobs.py": "def run(day):\n    return len(day), day\n",
    "b/night.py": """
        def main():
            return len("night"), 1

        if __name__ == "__main__":
            main()
        """,
}


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Analysis:
    root = tmp_path_factory.mktemp("naming")
    for path, text in SHOP.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text))
    return pipeline.analyze(root, Config())


def named(analysis: pipeline.Analysis, template: str = DEFAULT, **more: object) -> dict[str, str]:
    """The span names of all functions, by file and line."""
    config = Config(span_name=template, **more)
    plan = pipeline.make_plan(analysis, config, Selection(everything=True))
    return {f"{edit.path}:{edit.line}": edit.name for edit in plan.edits}


def written(analysis: pipeline.Analysis, template: str = DEFAULT) -> set[str]:
    """The names that stand in the code, because the helper would not give them by itself."""
    config = Config(span_name=template)
    plan = pipeline.make_plan(analysis, config, Selection(everything=True))
    return {edit.span for edit in plan.edits if edit.span}


def test_by_default_a_span_is_called_as_its_function_and_no_two_alike(
    analysis: pipeline.Analysis,
) -> None:
    assert sorted(named(analysis).values()) == [
        "a.jobs.run",
        "b.jobs.run",
        "b.night.main",
        "shop.bank.charge",
        "shop.orders.service.Order.place",
        "shop.orders.service.Order.place.line",
        "shop.orders.service.Order.total",
        "shop.orders.service.Order.total.setter",
        "shop.orders.service.place",
        "shop.refunds.service.place",
        "shop.refunds.service.place",  # under `else`: there is one or the other
        "shop.refunds.service.place#2",
        "shop.refunds.service.refund",  # its overloads open no spans
    ]


def test_what_the_helper_would_not_know_is_written(analysis: pipeline.Analysis) -> None:
    assert written(analysis) == {
        "a.jobs.run",  # both are imported as `jobs`
        "b.jobs.run",
        "b.night.main",  # a script is `__main__`
        "shop.orders.service.Order.total.setter",
        "shop.refunds.service.place#2",
    }


TEMPLATES = {
    "{short}.{qualname}": ["orders.service.Order.place", "bank.charge", "a.jobs.run"],
    "{class}.{function}": ["Order.place", "charge", "shop.orders.service.place"],
    "{package}: {class} / {function}": ["shop: Order / place", "shop: charge", "a: run"],
    "{{{function}}}": ["{charge}", "{refund}", "{total}", "{total}.setter"],
    "{function}": ["charge", "main", "a.jobs.run", "b.jobs.run", "place#2"],
    "{module}.{qualname}": ["shop.bank.charge"],
}


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("style", ["helper", "native"])
def test_templates(analysis: pipeline.Analysis, template: str, style: str) -> None:
    assert not list(faults(template))
    names = list(named(analysis, template, style=style).values())
    assert set(TEMPLATES[template]) <= set(names)
    assert len(set(names)) == len(names) - 1 == 12


def test_a_name_does_not_depend_on_what_else_is_chosen(analysis: pipeline.Analysis) -> None:
    every = named(analysis, "{function}")
    config = Config(span_name="{function}")
    for name in ("shop.refunds.service.place", "b.jobs.run"):
        plan = pipeline.make_plan(analysis, config, Selection(named=(name,)))
        assert plan.edits
        assert all(edit.name == every[f"{edit.path}:{edit.line}"] for edit in plan.edits)


def test_names_stand_in_the_code(analysis: pipeline.Analysis) -> None:
    selection = Selection(named=("shop.bank.charge",))
    config = Config(span_name="{short}.{qualname}")
    patches, _ = pipeline.make_patches(analysis, pipeline.make_plan(analysis, config, selection))
    after = {each.path: each.after or b"" for each in patches}
    assert b'@traced("bank.charge")\ndef charge(order):' in after["shop/bank.py"]


FAULTS = {
    "{module}": "does not name the function; have {qualname} or {function} in it",
    "": "does not name the function; have {qualname} or {function} in it",
    "{modul}.{function}": "has an unknown field {modul}; did you mean {module}?",
    "{order_id}": "has an unknown field {order_id}; fields are {module}, {short}, {package}, "
    "{qualname}, {class}, {function}",
    "{function.__code__}": "has an unknown field {function.__code__}; did you mean {function}?",
    "{}": "has an unknown field {}; fields are {module}, {short}, {package}, {qualname}, {class}, "
    "{function}",
    "{function": "is no template: expected '}' before end of string; write {{ and }} for braces",
    "{function}}": "is no template: Single '}' encountered in format string; write {{ and }} for "
    "braces",
    "{function!r:>9}": "formats a field; write fields as they are, like {module}",
    "{function}\n": "has characters that cannot be printed; leave them out",
}


@pytest.mark.parametrize("template", FAULTS)
def test_what_is_no_template(template: str) -> None:
    assert [f"{each.message}; {each.hint}" for each in faults(template)] == [FAULTS[template]]


def test_a_saved_plan_tells_a_property_from_its_setter_and_complains_of_one_name_for_two(
    analysis: pipeline.Analysis, tmp_path: Path
) -> None:
    import json

    from autospan.saved import amend, load_plan

    rows = [
        {"qualname": "shop.orders.service.Order.total", "line": line, "span": {"name": name}}
        for line, name in ((4, "the total"), (8, "set the total"))
    ]
    rows.append({"qualname": "shop.bank.charge", "line": 2, "span": {"name": "the total"}})
    (tmp_path / "plan.json").write_text(json.dumps({"version": 1, "functions": rows}))
    saved = load_plan(tmp_path / "plan.json")
    plan = pipeline.make_plan(analysis, Config(), Selection(named=tuple(saved.spans)))
    amended, problems = amend(plan, saved)
    assert sorted(each.name for each in amended.edits) == [
        "set the total",
        "the total",
        "the total",
    ]
    (problem,) = problems
    assert problem.message.endswith("have spans of one name, `the total`")
