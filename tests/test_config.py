"""`configure`: what it finds, what it merges, and how it complains."""

from __future__ import annotations

import pytest

from autospan.config import Config, ConfigError, configure


@pytest.fixture
def project(tmp_path):
    """A repository with a pyproject.toml of the given text."""
    (tmp_path / ".git").mkdir()

    def write(text: str, where: str = "."):
        folder = tmp_path / where
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def complaints(root, **overrides) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        configure(root, overrides)
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1
    return str(caught.value).splitlines()


def test_defaults(tmp_path):
    (tmp_path / ".git").mkdir()
    assert configure(tmp_path, {}) == Config()


def test_every_key(project):
    root = project("""
[tool.autospan]
exclude = ["scripts/old_*.py"]
include = ["tests/support/"]
default-excludes = false
roots = ["src"]
style = "native"
helper = "shop.observability.tracing"
budget = 0
span-name = "{short}.{qualname}"
namespace = "acme.shop"
capture = false
secrets = ["iban", "pin_*"]
traced-by = ["shop.tracing.*", "timed"]
packs = ["packs/acme.toml"]
top = 3
""")
    (root / "src").mkdir()
    (root / "packs").mkdir()
    (root / "packs/acme.toml").touch()
    assert configure(root, {}) == Config(
        exclude=("scripts/old_*.py",),
        include=("tests/support/",),
        default_excludes=False,
        roots=("src",),
        style="native",
        helper="shop.observability.tracing",
        budget=0,
        span_name="{short}.{qualname}",
        namespace="acme.shop",
        capture=False,
        secrets=("iban", "pin_*"),
        traced_by=("shop.tracing.*", "timed"),
        packs=(str(root.resolve() / "packs/acme.toml"),),
        top=3,
        folder=str(root.resolve()),
    )


def test_overrides_replace_and_none_is_not_given(project):
    root = project('[tool.autospan]\ntop = 3\nbudget = 4\nsecrets = ["a"]\n')
    config = configure(root, {"top": 7, "budget": None, "traced_by": ["t"], "secrets": ("b",)})
    assert (config.top, config.budget) == (7, 4)
    assert (config.traced_by, config.secrets) == (("t",), ("b",))


def test_found_above_a_file_and_past_a_project_without_a_table(project):
    root = project("[tool.autospan]\ntop = 3\n")
    project("[project]\nname = 'a'\n", "services/a")
    (root / "services/a/x.py").touch()
    assert configure(root / "services/a/x.py", {}).top == 3
    assert configure(root / "services/a", {}).folder == str(root.resolve())


def test_the_nearest_table_counts(project):
    root = project("[tool.autospan]\ntop = 3\n")
    project("[tool.autospan]\ntop = 4\n", "a")
    assert configure(root / "a", {}).top == 4


def test_the_search_ends_at_the_repository(project):
    root = project("[tool.autospan]\ntop = 3\n")
    (root / "inner/.git").mkdir(parents=True)
    assert configure(root / "inner", {}).top == 15


def test_all_errors_at_once_with_their_lines(project):
    root = project("""[tool.autospan]
exlude = ["a"]
traced_by = ["b"]
top = "ten"
budget = true
style = "fancy"
exclude = "tests"
secrets = ["a b", "c", "d-e"]
roots = ["gone"]
include = ["!", "ok"]
helper = "a..b"
namespace = "acme."
capture = 1
span-name = "{modul}.{function}"
""")
    assert complaints(root) == [
        "pyproject.toml:2: unknown key `exlude`; did you mean `exclude`?",
        "pyproject.toml:3: unknown key `traced_by`; did you mean `traced-by`?",
        'pyproject.toml:4: `top` must be an integer, not "ten"',
        "pyproject.toml:5: `budget` must be an integer, not true",
        'pyproject.toml:6: `style` must be "helper" or "native", not "fancy"',
        'pyproject.toml:7: `exclude` must be a list of strings, not "tests"; '
        'write `exclude = ["tests"]`',
        'pyproject.toml:8: `secrets` must hold names, not "a b"; * stands for any characters',
        'pyproject.toml:8: `secrets` must hold names, not "d-e"; * stands for any characters',
        'pyproject.toml:9: `roots` names a path that is not there: "gone"; '
        f"paths are relative to {root.resolve()}",
        "pyproject.toml:10: `include` has a bad pattern \"!\": Invalid git pattern: '!'; "
        "see `man gitignore`",
        'pyproject.toml:11: `helper` must be a dotted module, not "a..b"; such as shop.tracing',
        'pyproject.toml:12: `namespace` is no attribute key prefix: "acme."; such as acme.shop',
        "pyproject.toml:13: `capture` must be true or false, not 1",
        'pyproject.toml:14: `span-name` has an unknown field {modul}: "{modul}.{function}"; '
        "did you mean {module}?",
    ]


def test_errors_of_file_and_command_line_together(project):
    root = project("[tool.autospan]\ntop = 0\n")
    assert complaints(root, budget=-1, tpo=3) == [
        "pyproject.toml:2: `top` must be at least 1, not 0",
        "command line: `budget` must be at least 0, not -1",
        "command line: unknown key `tpo`; did you mean `top`?",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tool]\nautospan.tpo = 1\n", 2),
        ("tool.autospan.'tpo' = 1\n", 1),
        ("[tool . 'autospan']\n\n tpo=1\n", 3),
        ("[tool.autospan]\n[tool.autospan.tpo]\nx = 1\n", 2),
        ("[project]\ntpo = 1\n[tool.autospan]\ntpo.x = 1\n", 4),
        ("[[tool.autospan.tpo]]\nx = 1\n", 1),
    ],
)
def test_lines_are_found_however_the_key_is_written(project, text, line):
    assert complaints(project(text))[0].startswith(f"pyproject.toml:{line}: unknown key `tpo`")


def test_toml_errors(project):
    [complaint] = complaints(project("[tool.autospan]\ntop = \n"))
    assert complaint.startswith("pyproject.toml:2: not valid TOML: ")
    [complaint] = complaints(project("tool.autospan = 3\n"))
    assert complaint == "pyproject.toml: `autospan` must be a table, not 3; write [tool.autospan]"
    root = project("")
    (root / "pyproject.toml").write_bytes(b"# a\n# \xe9\n")
    [complaint] = complaints(root)
    assert complaint.startswith("pyproject.toml:2: not UTF-8")
    (root / "pyproject.toml").write_bytes(b"tool = 1\n")
    [complaint] = complaints(root)
    assert complaint.startswith("pyproject.toml: cannot be read")


def test_a_broken_file_above_is_named_from_the_root(project):
    root = project("[tool.autospan\n")
    (root / "a").mkdir()
    assert complaints(root / "a")[0].startswith("../pyproject.toml:1: not valid TOML")
