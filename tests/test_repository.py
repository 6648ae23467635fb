"""The repository keeps its own promises: documents say what is true, code keeps the house style."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from unittest import mock

import pytest
from test_cli import run

import autospan
from autospan import catalog
from autospan.config import Config
from autospan.signals import SIGNALS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
CODE = sorted([*(ROOT / "src" / "autospan").rglob("*.py"), *(ROOT / "transforms").glob("*.py")])
SCRIPTS = sorted([*(ROOT / "tests").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])

MODULE_LINES, FUNCTION_LINES = 250, 50
LONGER = {"src/autospan/runtime.py": 300}
"""Modules that may be longer, and how long. The runtime is one file because projects copy it."""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


# --- documents


def fenced(text: str, language: str) -> list[str]:
    """The code blocks of a language in a Markdown document, also those inside lists."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)


def typed(text: str) -> list[str]:
    """The commands that a document tells the reader to type: `$ ` in console blocks."""
    lines = "\n".join(fenced(text, "console")).splitlines()
    return [line.strip()[2:] for line in lines if line.strip().startswith("$ ")]


def test_two_commands_set_everything_up_and_ci_runs_the_second() -> None:
    suggest, test = (line for line in typed(README) if line.startswith("python3 -m venv"))
    assert suggest.endswith("autospan suggest fixtures/legacy")
    assert "pytest" in test
    assert f"\n    {test}\n" in (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@cache
def command(*arguments: str) -> str:
    """What `autospan ARGUMENTS` prints, without colour."""
    with mock.patch.dict(os.environ, {"NO_COLOR": "1", "TERM": "dumb"}):
        return run(ROOT, *arguments).stdout


def quoted_commands() -> Iterator[str]:
    """Every `autospan ...` in the documents: typed, in a table or in running text."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for line in (*typed(text), *re.findall(r"`([^`\n]+)`", text)):
            if found := re.search(r"(?:^|/| )autospan ([a-z].*|--.*)", line):
                yield found[1]


@pytest.mark.parametrize("line", sorted(set(quoted_commands())))
def test_quoted_commands_and_options_exist(line: str) -> None:
    name = line.split()[0]
    options = re.findall(r"(?<!\S)--[a-z-]+", line)
    if name.startswith("-"):
        assert name in command("--help")
        return
    assert re.search(rf"^\W*{name}\b", command("--help"), re.MULTILINE), name
    assert all(option in command(name, "--help") for option in options)


def test_the_selection_options_of_the_readme_exist() -> None:
    (sentence,) = re.findall(r"take the same selection: (.*?)\.", README, re.DOTALL)
    for name in ("diff", "apply"):
        helped = command(name, "--help")
        assert all(option in helped for option in re.findall(r"--[a-z-]+", sentence))


def table(header: str) -> list[list[str]]:
    """The rows below a header of a table in the README, as the plain texts of the cells."""
    (rows,) = re.findall(rf"^\| {header} \|.*\n\|[-|]+\n((?:\|.*\n)+)", README, re.MULTILINE)
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows.splitlines()]


def test_the_readme_lists_every_command() -> None:
    listed = {row[0].split()[1] for row in table("command")}
    assert all(re.search(rf"^\W*{name}\b", command("--help"), re.MULTILINE) for name in listed)
    shown = re.search(r"Commands(.*)", command("--help"), re.DOTALL)
    assert shown is not None
    assert listed == set(re.findall(r"^\W*([a-z]+)  ", shown[1], re.MULTILINE))


def test_the_readme_lists_every_configuration_key_with_its_default() -> None:
    shown = {field.name: field.default for field in fields(Config) if field.name != "folder"}
    expected = {
        name.replace("_", "-"): json.dumps(list(value) if isinstance(value, tuple) else value)
        for name, value in shown.items()
    }
    assert {row[0]: row[1] for row in table("key")} == expected


def test_the_readme_lists_every_rank_signal_with_its_share() -> None:
    assert {row[0]: float(row[1]) for row in table("signal")} == {
        signal.name: signal.weight for signal in SIGNALS
    }


KEPT = {
    "FREE": 3,
    "CHEAP": 3,
    "COVERAGE": 4,
    "EFFORT": 1,
    "ENTRY POINTS": 10,
    "PROBLEMS": 3,
    "NEXT": 9,
}
"""How many items of each section of the report the README shows."""


def shortened(report: str) -> str:
    """The report with every section cut to its first items: lines indented by two or three."""
    head, *sections = re.split(r"\n(?=[A-Z]{4})", report.strip("\n"))
    cut = [head]
    for section in sections:
        heading, *items = re.split(r"(?<!\n)\n(?=\n? {2,3}\S)", section.rstrip("\n"))
        kept = KEPT[heading.partition("  ")[0].strip()]
        cut.append("\n".join([heading, *items[:kept], *["  …"][: len(items) > kept]]) + "\n")
    return "\n".join(line.rstrip() for line in "\n".join(cut).splitlines()) + "\n"


def test_the_transcript_in_the_readme_is_what_suggest_says() -> None:
    """After a change that is meant: `REWRITE=1 pytest tests/test_repository.py -k transcript`."""
    said = shortened(command("suggest", "fixtures/legacy"))
    before, shown, after = re.split(r"(?<=<!-- transcript -->\n)|(?=<!-- end of tr)", README)
    block = f"```text\n{said}```\n"
    if os.environ.get("REWRITE"):
        (ROOT / "README.md").write_text(before + block + after, encoding="utf-8")
    else:
        seconds = r"\d+\.\d+ s"
        assert re.sub(seconds, "# s", shown) == re.sub(seconds, "# s", block)


def replayed(block: str, folder: Path) -> str:
    """A console block with what its commands print now, each run by bash in a folder."""
    told = []
    for typed in re.findall(r"^\$ .*\n(?:> ?.*\n|>\n)*", block, re.MULTILINE):
        line = re.sub(r"^(?:\$|>) ?", "", typed, flags=re.MULTILINE)
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=walking(folder), capture_output=True, text=True
        )
        told.append(f"{typed}{done.stdout}{done.stderr}")
    return "".join(f"{each.rstrip()}\n" for each in "".join(told).splitlines())


def walking(folder: Path) -> dict[str, str]:
    """The environment of somebody who types in a folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    people = {
        f"GIT_{who}_{what}": "walker"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    screen = {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    home = {"HOME": str(folder.parent), "XDG_CACHE_HOME": str(folder.parent / "cache")}
    return {**os.environ, **people, **screen, **home, "PATH": path}


def test_the_transcript_of_the_walkthrough(tmp_path: Path) -> None:
    """After a change that is meant: `REWRITE=1 pytest tests/test_repository.py -k transcript`."""
    folder, document = tmp_path / "oldshop", ROOT / "docs" / "walkthrough.md"
    shutil.copytree(ROOT / "fixtures" / "legacy", folder)
    start = 'git init -q && git add -A && git commit -qm "As we found it"'
    subprocess.run(["bash", "-c", start], cwd=folder, env=walking(folder), check=True)
    blocks = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
    parts = blocks.split(document.read_text())
    parts[1::2] = [replayed(block, folder) for block in parts[1::2]]
    now, seconds = "".join(parts), r"\d+\.\d+ s"
    if os.environ.get("REWRITE"):
        document.write_text(now, encoding="utf-8")
    assert re.sub(seconds, "# s", document.read_text()) == re.sub(seconds, "# s", now)


def test_the_example_in_the_readme_is_what_diff_says(tmp_path: Path) -> None:
    (example,) = fenced(README, "diff")
    before = "".join(f"{line[1:]}\n" for line in example.splitlines() if line[0] != "+")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "payments.py").write_text(before)
    said = command("diff", str(tmp_path), "--function", "shop.payments.Gateway.charge")
    hunks = re.split(r"^(?:diff|index|---|\+\+\+|@@|new file).*\n", said, flags=re.MULTILINE)
    assert example in hunks


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith("#"):
            assert (document.parent / target.partition("#")[0]).exists(), target


def test_paths_in_contributing_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    quoted = re.findall(r"`((?:src|tests|docs|fixtures|benchmarks|\.ci)(?:/[^`\s]*)?)`", text)
    assert len(quoted) > 10
    assert [path for path in quoted if "NAME" not in path and not (ROOT / path).exists()] == []


def test_the_changelog_begins_with_the_current_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)[0] == autospan.__version__


def test_the_map_of_documents_is_complete() -> None:
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    names = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert {name for name in names if f"({name})" not in text} == set()


def test_the_hook_calls_a_command_that_exists() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert re.findall(r"id: (\S+)", text) == re.findall(r"id: (autospan-\S+)", README)
    for entry in re.findall(r"entry: autospan (\S+)", text):
        assert command(entry, "--help")


# --- files


def files() -> Iterable[Path]:
    """The files that git knows or would add; without git, what does not lie in a hidden folder."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists():
        said = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode()
        return [ROOT / name for name in said.split("\0") if name]
    return [
        path
        for path in ROOT.rglob("*")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts[:-1])
    ]


def test_no_file_names_a_place_of_one_machine() -> None:
    own = [re.escape(str(ROOT))] if len(ROOT.parts) > 2 else []
    personal = r"(?<![\w.$~/}*-])/(?:(?:home|Users)/[a-z]|root/\.)"
    pattern = re.compile("|".join([*own, personal]).encode())
    found = [
        f"{relative(path)}: {match[0].decode()}"
        for path in files()
        if path.is_file() and not path.is_symlink()
        for match in pattern.finditer(path.read_bytes())
    ]
    assert found == []


def test_nothing_is_silenced() -> None:
    silencer = re.compile(r"# *(?:type: *ignore|noqa)")
    silenced = [path for path in CODE if silencer.search(path.read_text(encoding="utf-8"))]
    assert [relative(path) for path in silenced] == []


def test_no_module_is_called_what_it_is_not() -> None:
    nameless = {"utils", "util", "common", "helpers", "base", "manager", "core", "misc"}
    assert [relative(path) for path in CODE if path.stem in nameless] == []


# --- code


def test_size() -> None:
    lengths = {relative(path): len(path.read_bytes().splitlines()) for path in CODE}
    longer = {name: length for name, length in lengths.items() if length > MODULE_LINES}
    assert longer.keys() == LONGER.keys()
    assert [name for name, length in longer.items() if length > LONGER[name]] == []
    assert [
        f"{relative(path)}: {node.name}"
        for path in CODE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ] == []


def test_every_module_says_what_it_is() -> None:
    untold = [path for path in [*CODE, *SCRIPTS] if not ast.get_docstring(parsed(path))]
    assert [relative(path) for path in untold] == []


def test_every_public_name_says_what_it_gives() -> None:
    assert [
        f"{relative(path)}: {name}"
        for path in CODE
        for name, node in public(parsed(path))
        if not ast.get_docstring(node)
    ] == []


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Named]]:
    """Public functions, classes and methods; not overloads, not the methods of protocols that have
    no body, nor those of LibCST visitors: those are described elsewhere."""
    bases = [ast.unparse(base) for base in tree.bases] if isinstance(tree, ast.ClassDef) else []
    visitor = any(base.endswith(("Transformer", "Visitor")) for base in bases)
    for node in tree.body:
        if not isinstance(node, Named) or node.name.startswith("_"):
            continue
        overload = any(ast.unparse(each).endswith("overload") for each in node.decorator_list)
        bodiless = "Protocol" in bases and ast.unparse(node.body[-1]) == "..."
        if not (visitor or overload or bodiless):
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from public(node, f"{prefix}{node.name}.")


def test_every_transform_has_a_manual_page_and_examples() -> None:
    for name in catalog.transforms():
        transform = catalog.transform(name)
        assert transform.__doc__, name
        shown = [example.shows for example in transform.EXAMPLES]
        assert shown, name
        assert len(set(shown)) == len(shown), name


def test_every_presenter_presents() -> None:
    assert catalog.presenters()
    for name in catalog.presenters():
        assert callable(catalog.presenter(name).present), name


def test_every_module_can_be_imported() -> None:
    for path in CODE:
        source = "transforms" if path.parent.name == "transforms" else "src"
        parts = path.relative_to(ROOT / source).with_suffix("").parts
        full = ["autospan", "transforms", *parts] if source == "transforms" else [*parts]
        assert importlib.import_module(".".join(full).removesuffix(".__init__")).__doc__
