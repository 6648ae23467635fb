"""The whole line: on hostile folders, in any order, twice, back again; and nothing ever runs."""

from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_corpus import CASES

from autospan import discover as discover_stage
from autospan import pipeline
from autospan.config import Config
from autospan.model import Patch, Problem, Selection, Tree
from autospan.write import write

LEGACY = Path(__file__).parents[1] / "fixtures" / "legacy"
ALL = Selection(everything=True)
CONFIG = Config()
UNTRACED = frozenset(("AS001",))


def lay(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(textwrap.dedent(text).encode())
    return root


def content(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    found = (each for each in sorted(root.rglob("*")) if each.is_file())
    return {each.relative_to(root).as_posix(): each.read_bytes() for each in found}


def patched(root: Path, config: Config = CONFIG) -> tuple[tuple[Patch, ...], tuple[Problem, ...]]:
    """What `apply --all` would write."""
    analysis = pipeline.analyze(root, config)
    return pipeline.make_patches(analysis, pipeline.make_plan(analysis, config, ALL))


# --- hostile folders (law 5) --------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CASES))
def test_hostile(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build, expectation = CASES[name]
    folder = tmp_path / "root"
    folder.mkdir()
    lay(folder, {"good/__init__.py": "", "good/fine.py": "def fine(): return other() + 1\n"})
    try:
        build(folder, monkeypatch)
    except OSError as error:
        pytest.skip(f"the file system refuses: {error}")
    analysis = pipeline.analyze(folder, CONFIG)
    some = Selection(functions=("good.*",)) if name == "20,000 lines" else ALL
    plan = pipeline.make_plan(analysis, CONFIG, some)
    patches, problems = pipeline.make_patches(analysis, plan)
    functions = {each.name for each in analysis.graph.functions}
    assert "good.fine:fine" in functions
    assert "good/fine.py" in {each.path for each in patches}
    troubled = {each.place.file for each in (*analysis.problems, *problems)}
    read = {each.place.file for each in analysis.graph.functions}
    assert {each.path for each in analysis.tree.sources} <= read | troubled
    assert troubled >= {file for file, _, _ in expectation.problems}
    assert all(each.message and each.place.file for each in (*analysis.problems, *problems))


# --- order (law 4) ------------------------------------------------------------------------------


def test_the_order_of_files_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    straight = pipeline.analyze(LEGACY, CONFIG)
    plan = pipeline.make_plan(straight, CONFIG, Selection(top=15))
    found = discover_stage.discover

    def shuffled(root: Path, config: Config) -> Tree:
        tree = found(root, config)
        return replace(
            tree, sources=tuple(random.Random(5).sample(tree.sources, len(tree.sources)))
        )

    monkeypatch.setattr(discover_stage, "discover", shuffled)
    other = pipeline.analyze(LEGACY, CONFIG)
    assert other.tree.sources != straight.tree.sources
    assert other.graph == straight.graph
    assert other.survey == straight.survey
    assert other.candidates == straight.candidates
    again = pipeline.make_plan(other, CONFIG, Selection(top=15))
    assert again == plan
    assert pipeline.make_patches(other, again) == pipeline.make_patches(straight, plan)


def test_hashing_changes_nothing() -> None:
    """The same in processes that hash strings differently."""
    code = (
        "import sys; from pathlib import Path; from autospan import pipeline; "
        "from autospan.config import Config; from autospan.model import Selection; "
        "a = pipeline.analyze(Path(sys.argv[1]), Config()); "
        "print(a.graph, a.survey, a.candidates, "
        "pipeline.make_plan(a, Config(), Selection(everything=True)))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code, str(LEGACY / "oldshop" / "orders")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


# --- nothing runs (law 6) -----------------------------------------------------------------------

TRAP = """\
    import os, sys
    open({marker!r}, "a").write(__name__)

    class Meta(type):
        def __new__(cls, *args):
            os._exit(3)

    def decorator(function):
        sys.exit(3)

    @decorator
    def trapped(path: open({marker!r}, "a").write("annotation"), x=sys.exit(3)):
        return open(path).read() + {name}

    os._exit(3)
    """


def test_nothing_is_imported_or_executed(tmp_path: Path) -> None:
    marker, root = tmp_path / "marker", tmp_path / "root"
    names = (
        *("setup.py", "conftest.py", "sitecustomize.py", "wsgi.py", "manage.py", "json.py"),
        *("trap/__init__.py", "trap/__main__.py", "trap/a.py", "site-packages.pth"),
    )
    lay(root, {name: TRAP.format(marker=str(marker), name=repr(name)) for name in names})
    lay(
        root, {"pyproject.toml": "[project]\nname = 'x'\n[project.scripts]\nx = 'trap.a:trapped'\n"}
    )
    modules, directory = set(sys.modules), Path.cwd()
    before = content(root)
    patches, _ = patched(root)
    pipeline.make_removal(root, CONFIG)
    assert "trap/a.py" in {each.path for each in patches}
    assert not marker.exists()
    assert not {each for each in set(sys.modules) - modules if each.startswith("trap")}
    assert (content(root), Path.cwd()) == (before, directory)
    assert not any(str(root) in each for each in sys.path)


# --- twice, and back (laws 1 and 2) -------------------------------------------------------------

PROJECT = {
    "shop/__init__.py": "",
    "shop/orders.py": """\
        import requests
        from .bank import Bank

        def place(order_id, password):
            for line in load(order_id):
                Bank().charge(line)
            return requests.post("x")

        async def load(order_id):
            yield requests.get("x")
        """,
    "shop/bank.py": """\
        class Bank:
            @property
            def open(self): return check(1)

            @classmethod
            def make(cls): return cls()

            def charge(self, amount: int):
                def inner(): return check(amount)
                return inner()

        try:
            def check(x): return x + 1
        except ImportError:
            def check(x): return x + 2
        else:
            def check(x): return x + 3
        """,
    "cron/nightly.py": """\
        #!/usr/bin/env python
        import helper

        def main():
            helper.work(1)
            print("done")

        if __name__ == "__main__":
            main()
        """,
    "cron/helper.py": "def work(count):\n    print(count)\n    return count + 1\n",
    "tools/fix.py": "def main():\n    print(1)\n    print(2)\n\nmain()\n",
    "app.py": "import shop.orders\n\ndef run():\n    shop.orders.place(1, 2)\n    return 1\n",
    "space/inner/part.py": "def part(x):\n    print(x)\n    return x\n",
    "user.py": "from space.inner import part\n\ndef use():\n    part.part(1)\n    part.part(2)\n",
}


def carrying(root: Path) -> set[str]:
    """The functions that carry a span, where nothing is left to add."""
    plan = pipeline.make_plan(pipeline.analyze(root, CONFIG), CONFIG, ALL)
    assert not plan.edits
    return {each.function for each in plan.skips if each.code == "traced"}


def applied(root: Path, config: Config = CONFIG) -> tuple[Patch, ...]:
    """`apply --all`, without problems."""
    patches, problems = patched(root, config)
    assert not problems and not write(root, patches)
    return patches


def removed(root: Path, config: Config = CONFIG) -> None:
    """`remove`, without problems."""
    _, patches, problems = pipeline.make_removal(root, config)
    assert not problems and not write(root, patches)


CONFIGS = {
    "as it comes": CONFIG,
    "configured helper": Config(helper="shop.tracing"),
    "shipped helper": Config(helper="autospan.runtime"),
    "no capture": Config(capture=False),
}


TAKEN = {**PROJECT, "shop/_tracing.py": "x = 1\n", "_tracing.py": "y = 1\n"}


@pytest.mark.parametrize("files", [PROJECT, TAKEN], ids=["free", "taken"])
@pytest.mark.parametrize("name", CONFIGS)
def test_apply_twice_and_remove(name: str, files: Mapping[str, str], tmp_path: Path) -> None:
    config = CONFIGS[name]
    root = lay(tmp_path / "root", files)
    before = content(root)
    first = applied(root, config)
    assert {each.path for each in first} >= {path for path in PROJECT if "__init__" not in path}
    after = content(root)
    assert patched(root, config) == ((), ())
    removed(root, config)
    assert after != content(root) == before


@pytest.mark.parametrize("files", [PROJECT, TAKEN], ids=["free", "taken"])
def test_remove_when_somebody_has_deleted_the_helpers(
    files: Mapping[str, str], tmp_path: Path
) -> None:
    root = lay(tmp_path / "root", files)
    before = content(root)
    for patch in applied(root):
        if patch.before is None:
            (root / patch.path).unlink()
    removed(root)
    assert content(root) == before


OTHER_HELPERS = [
    pytest.param(PROJECT, CONFIG, id="as it comes"),
    pytest.param(PROJECT, Config(helper="autospan.runtime"), id="shipped helper"),
    pytest.param(
        *(PROJECT, Config(helper="shop.tracing")),
        id="configured helper",
    ),
    pytest.param(
        *(TAKEN, CONFIG),
        id="name taken",
    ),
    pytest.param(
        *({**TAKEN, "user.py": "def use():\n    print(1)\n    print(2)\n"}, CONFIG),
        id="a script that may find no helper",
    ),
]


@pytest.mark.parametrize(("files", "config"), OTHER_HELPERS)
def test_what_was_applied_counts_as_traced(
    files: Mapping[str, str], config: Config, tmp_path: Path
) -> None:
    root = lay(tmp_path, files)
    patches = applied(root, config)
    edited = {edit.function for each in patches for edit in each.edits}
    analysis = pipeline.analyze(root, config)
    plan = pipeline.make_plan(analysis, config, ALL)
    assert plan.edits == plan.helpers == ()
    assert {each.function for each in plan.skips if each.code == "traced"} == edited
    assert pipeline.audited(analysis, config, UNTRACED).audited.findings == ()


def test_helpers_stand_where_they_are_imported_from(tmp_path: Path) -> None:
    root = lay(tmp_path / "root", PROJECT)
    applied(root)
    helpers = {path for path, data in content(root).items() if data.startswith(b"# autospan: h")}
    assert helpers == {
        *("shop/_tracing.py", "cron/_tracing.py", "tools/_tracing.py", "_tracing.py"),
        "space/inner/_tracing.py",
    }
    for script in ("cron/nightly.py", "tools/fix.py"):
        run = subprocess.run(
            [sys.executable, "-B", script], cwd=root, capture_output=True, text=True, timeout=60
        )
        assert run.returncode == 0, run.stderr
    code = "import user; user.use()"
    run = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert run.stdout.split() == ["1", "2"], run.stderr


def test_apply_in_steps(tmp_path: Path) -> None:
    """Some and then all traces what all traces; the same few twice are a few."""
    root, whole = (lay(tmp_path / name, PROJECT) for name in ("root", "whole"))
    before = content(root)
    for top in (2, 2, 5):
        analysis = pipeline.analyze(root, CONFIG)
        plan = pipeline.make_plan(analysis, CONFIG, Selection(top=top))
        assert len(plan.edits) == {2: 2, 5: 1}[top] or (
            top == 2 and not plan.edits
        )  # two wait for nothing
        patches, problems = pipeline.make_patches(analysis, plan)
        assert not problems and not write(root, patches)
    applied(root)
    applied(whole)
    assert carrying(root) == carrying(whole)
    removed(root)
    assert content(root) == before


def test_what_was_traced_by_hand_stays(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/a.py": """\
            from opentelemetry import trace
            tracer = trace.get_tracer(__name__)

            @tracer.start_as_current_span("mine")
            def mine(x):
                print(x)
                return x

            def ours(x):
                print(x)
                return mine(x)
            """,
    }
    root = lay(tmp_path / "root", files)
    before = content(root)
    patches = applied(root)
    edits = [edit.function for each in patches for edit in each.edits]
    assert edits == ["shop.a:ours"]
    removed(root)
    assert content(root) == before


# --- comments, findings, progress ---------------------------------------------------------------

IGNORED = """\
    def above(): return f() + 1
    # autospan: ignore[not this one]
    def one(): return f() + 1
    @d  # autospan: ignore[nor this]
    @e
    def two(): return f() + 1
    def three(): return f() + 1  # autospan: ignore

    def four():
        return f() + 1  # autospan: ignore[inside does not count]
    """


def test_ignored_functions(tmp_path: Path) -> None:
    root = lay(tmp_path, {"m.py": IGNORED})
    analysis = pipeline.analyze(root, CONFIG)
    plan = pipeline.make_plan(analysis, CONFIG, ALL)
    assert {each.function.partition(":")[2] for each in plan.edits} == {"above", "four"}
    assert {each.function.partition(":")[2]: each.why for each in plan.skips} == {
        "one": "`# autospan: ignore[not this one]` stands there",
        "two": "`# autospan: ignore[nor this]` stands there",
        "three": "`# autospan: ignore[]` stands there",
    }


def test_findings_are_untraced_entry_points(tmp_path: Path) -> None:
    text = """\
        def sync():
            print(1)
            print(2)

        if __name__ == "__main__":
            sync()
        """
    skipped = text.replace("sync():", "sync():  # autospan: ignore[interactive]")
    files = {"shop/__init__.py": "", "shop/cli.py": text, "shop/skipped.py": skipped}
    root = lay(tmp_path, files)
    (finding,) = pipeline.audit(root, CONFIG, UNTRACED).findings
    assert (finding.function, finding.place) == ("shop.cli:sync", ("shop/cli.py", 1, 1))
    applied(root)
    assert pipeline.audit(root, CONFIG, UNTRACED).findings == ()


def test_progress_is_told(tmp_path: Path) -> None:
    root = lay(tmp_path, {f"m{number}.py": "x = 1\n" for number in range(60)})
    told: list[tuple[str, int, int]] = []
    pipeline.analyze(root, CONFIG, lambda *each: told.append(each))
    stages = dict.fromkeys(stage for stage, _, _ in told)
    assert list(stages) == ["discover", "read", "link", "recognize", "rank"]
    assert ("read", 50, 60) in told


def test_the_collector_is_back_on(tmp_path: Path) -> None:
    assert gc.isenabled()
    pipeline.analyze(lay(tmp_path, {"m.py": "x = 1\n"}), CONFIG)
    assert gc.isenabled()
