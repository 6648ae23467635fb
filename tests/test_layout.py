"""Inserted lines are laid out like the project's own: its formatter changes none of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import black
import isort
import pytest

from autospan.codemod import on
from autospan.layout import read_layouts
from autospan.model import Edit, Helper, Layout, Plan, Source
from autospan.rewrite import rewrite, unwrite

IMPORTS = (
    "",
    '"""Orders."""\n',
    "from __future__ import annotations\n",
    "import os\n",
    "import os\nimport sys\nfrom pathlib import Path\n\nimport requests\n",
    "import os\n\nimport requests\n\nimport shop\nfrom shop import orders\n",
    "from shop import orders\nfrom shop.web import app\n",
    "from __future__ import annotations\n\nimport os\n\nfrom . import views\n",
    '"""Doc."""\n\nfrom . import views\n',
    "from . import views\n",
    "# about\n\nfrom .views import (\n    a,\n    b,\n)\n",
    "import os\n\n# the shop\nfrom shop.web import app\n",
    "import os\n\nimport zoo\nfrom shop import b\n\nfrom .. import views\n\nx = 1\n",
)
BODY = """

class Order:
    @property
    def f(self, aaaaaaaaaaaa, bbbbbbbbbbbbb, ccccccccccccc, dddddddddddd):
        return self.x("a")

    class Inner:
        def f(self, customer_number, order_number, shipment_number, article_number, amount):
            return self.x("b")


def f(aaaaaaaaaaaa, bbbbbbbbbbbb, cccccccccccc, dddddddddddd, eeeeeeeeeeee, ffffffffffff):
    return 1
"""
LONG = ("aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd", "eeeeeeeeeeee")
EDITS: tuple[tuple[Edit, ...], ...] = (
    (on("f"), on("Order.f", order_id="order_id")),
    (
        on("f", **dict(zip(LONG, LONG, strict=True))),
        on("Order.f", **{each: each for each in LONG[:4]}),
        on("Order.Inner.f", "a.name.of.its.own", **{each: each for each in LONG}),
    ),
    (
        on("f", **{each: f"shop.order.{each}" for each in LONG}),
        on("Order.f", "x" * 70),
        on("Order.Inner.f", **{each: f"shop.{each}" for each in LONG[:3]}),
    ),
)
BLACK = '[tool.black]\nline-length = {}\n[tool.isort]\nprofile = "black"\nline_length = {}\n{}'
RUFF = '[tool.ruff]\nline-length = {}\n{}[tool.ruff.lint]\nselect = ["I"]\n[tool.ruff.format]\n{}'

MIXED = "[tool.ruff.lint.isort]\nforce-sort-within-sections = true\n"


def project(root: Path, pyproject: str) -> Layout:
    (root / "shop").mkdir()
    (root / "shop/__init__.py").touch()
    (root / ".git").mkdir()
    (root / "pyproject.toml").write_text(pyproject)
    return read_layouts(root, ["shop/orders.py"])["shop/orders.py"]


def carried_out(
    text: str, edits: tuple[Edit, ...], layout: Layout, helper: str = "shop._tracing"
) -> str:
    source = Source("shop/orders.py", "shop.orders", False, text.encode(), "utf-8", "")
    lines = text.split("\n")
    placed = []
    for each in edits:
        head = "    " * each.function.count(".", 12) + "def f("
        at = next(number for number, line in enumerate(lines, 1) if line.startswith(head))
        placed.append(Edit(**{**fields(each), "line": at, "helper": helper}))
    plan = Plan(
        tuple(placed),
        helpers=(Helper("shop/_tracing.py", "shop._tracing"),),
        layouts={source.path: layout},
    )
    patches, problems = rewrite(plan, {source.path: source})
    assert problems == ()
    after = next(each.after for each in patches if each.path == source.path)
    traced = Source("shop/orders.py", "shop.orders", False, after, "utf-8", "")
    back, problems = unwrite({traced.path: traced}, ["shop._tracing"])
    assert back[0].after == source.data
    assert problems == ()
    return after.decode()


def fields(edit: Edit) -> dict[str, object]:
    return {name: getattr(edit, name) for name in Edit.__dataclass_fields__}


@pytest.mark.parametrize(
    ("width", "options", "strings", "edits"),
    [
        (88, "", True, EDITS[2]),
        (72, "force_sort_within_sections = true\n", True, EDITS[1]),
        (100, "lines_between_sections = 0\n", False, EDITS[0]),
    ],
)
def test_black_and_isort_change_nothing(
    tmp_path: Path, width: int, options: str, strings: bool, edits: tuple[Edit, ...]
) -> None:
    skipping = "" if strings else "skip-string-normalization = true\n"
    text = BLACK.format(f"{width}\n{skipping}".rstrip(), width, options)
    layout = project(tmp_path, text)
    mode = black.Mode(line_length=width, string_normalization=strings)
    config = isort.Config(settings_path=str(tmp_path), src_paths=(tmp_path,))

    def formatted(code: str) -> str:
        return black.format_str(isort.code(code, config=config), mode=mode)

    for imports in IMPORTS:
        body = BODY if strings else BODY.replace('"', "'")
        before = formatted(imports + body)
        for helper in ("shop._tracing", ""):
            after = carried_out(before, edits, layout, helper)
            assert formatted(after) == after


@pytest.mark.parametrize(
    ("width", "quote", "options"),
    [
        (88, "double", ""),
        (70, "single", "[tool.ruff.lint.isort]\nforce-sort-within-sections = true\n"),
    ],
)
def test_ruff_changes_nothing(tmp_path: Path, width: int, quote: str, options: str) -> None:
    text = RUFF.format(width, "", f'quote-style = "{quote}"\n') + options
    layout = project(tmp_path, text)
    files = {}
    for number, imports in enumerate(IMPORTS):
        path = tmp_path / f"shop/case_{number}.py"
        files[path] = EDITS[number % len(EDITS)]
        path.write_text(imports + BODY)
    formatted(tmp_path)
    after = {path: carried_out(path.read_text(), edits, layout) for path, edits in files.items()}
    for path, code in after.items():
        path.write_text(code)
    formatted(tmp_path)
    for path, code in after.items():
        assert path.read_text() == code


def formatted(root: Path) -> None:
    for command in (["check", "--select", "I", "--fix-only", "-q"], ["format", "-q"]):
        line = [sys.executable, "-m", "ruff", *command, "--no-cache", "shop"]
        subprocess.run(line, cwd=root, check=True, timeout=60)


# --- what is configured -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "quote", "width", "sorted_by"),
    [
        ({}, "", 0, None),
        ({"pyproject.toml": "[tool.black]\n"}, '"', 88, None),
        ({"pyproject.toml": '[tool.ruff.lint]\nselect = ["E", "F"]\n'}, "", 88, None),
        ({"ruff.toml": 'lint.select = ["E"]\nlint.ignore = ["E501"]\n'}, "", 0, None),
        ({"pyproject.toml": "[tool.black]\nskip_string_normalization = true\n"}, "", 88, None),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 99\n"}, "", 99, None),
        ({"ruff.toml": "line-length = 99\n[format]\nquote-style = 'single'\n"}, "'", 99, None),
        ({"ruff.toml": "[format]\nquote-style = 'preserve'\n"}, "", 88, None),
        ({"ruff.toml": "[lint]\nextend-select = ['I']\n"}, "", 0, (False, True)),
        ({"ruff.toml": "select = ['ALL']\n"}, "", 0, (False, True)),
        ({".pre-commit-config.yaml": "- id: black\n- id: isort\n"}, '"', 88, (False, True)),
        ({".pre-commit-config.yaml": "- id: ruff-format\n"}, '"', 88, None),
        ({".pre-commit-config.yaml": "- id: black-jupyter\n"}, "", 0, None),
        ({".editorconfig": "root = true\n[*.py]\nmax_line_length = 79\n"}, "", 79, None),
        ({".editorconfig": "[*]\nmax_line_length = off\n"}, "", 0, None),
        ({"setup.cfg": "[flake8]\nmax-line-length = 110\n"}, "", 110, None),
        ({"setup.cfg": "[isort]\nforce_sort_within_sections = 1\n"}, "", 0, (True, True)),
        ({".isort.cfg": "[settings]\nprofile = google\n"}, "", 0, (True, True)),
        ({"tox.ini": "[isort]\nlines_between_sections = 0\n"}, "", 0, (False, False)),
        ({"pyproject.toml": "[tool.isort]\nlength_sort = true\n"}, "", 0, None),
        ({"pyproject.toml": "no toml", "setup.cfg": "no ini"}, "", 0, None),
    ],
)
def test_the_configuration_is_found(
    tmp_path: Path,
    files: dict[str, str],
    quote: str,
    width: int,
    sorted_by: tuple[bool, bool] | None,
) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    layout = read_layouts(tmp_path / "src", ["pkg/a.py"])["pkg/a.py"]
    assert (layout.quote, layout.width) == (quote, width)
    sorting = layout.imports
    assert (sorting and (sorting.mixed, sorting.spaced)) == sorted_by


def test_the_nearest_configuration_holds_and_the_repository_is_the_end(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nline-length = 50\n")
    top = tmp_path / "repository"
    (top / "services/shop/src/shop").mkdir(parents=True)
    (top / ".git").mkdir()
    (top / "pyproject.toml").write_text("[tool.isort]\nknown_first_party = ['acme']\n")
    (top / "services/shop/pyproject.toml").write_text("[tool.black]\nline-length = 70\n")
    found = read_layouts(top, ["services/shop/src/shop/a.py", "a.py"])
    assert [each.width for each in found.values()] == [70, 0]
    names = [each.imports.first_party for each in found.values() if each.imports]
    assert names == [(".git", "acme", "services")] * 2


def test_without_configuration_the_file_shows_its_quotes() -> None:
    text = 'x = [\'a\', "b", \'c\']  # "d" "e" "f"\n' + BODY.replace('"', "'")
    assert "@traced('n', capture=('a',))\ndef f" in carried_out(
        text, (on("f", "n", a="a"),), Layout()
    )
