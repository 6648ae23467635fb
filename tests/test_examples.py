"""The examples of `transforms/examples`: the whole line carried out on them, in both styles, gives
what they show; and then they run, with every span that was written.

    # What is shown. Needs 3.12. As crlf, bom, latin-1, no newline.     (the Python, the layout)
    === shop/web.py                                                     (if not shop/orders.py)
     a line of the file
    !why the function in the next line gets no span                       (~: none in native style)
    +a line that the helper's style adds
    *a line that the native style adds

Write the lines without a blank in front anew with `REWRITE=1 pytest tests/test_examples.py`.
"""

from __future__ import annotations

import dataclasses
import os
import re
import runpy
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from autospan import pipeline
from autospan.analysis import Analysis
from autospan.config import Config
from autospan.model import Patch, Plan, Selection
from autospan.rewrite import unwrite
from autospan.splice import BOM, plain

FOLDER = Path(__file__).parent.parent / "transforms" / "examples"
STYLES = {"helper": Config(), "native": Config(style="native")}


class File(NamedTuple):
    """A file of an example: its path, and its lines, marks and all."""

    path: str
    marked: tuple[str, ...]

    def before(self, title: str) -> bytes:
        """What it holds before a span is added, in the layout that the title asks for."""
        text = "".join(f"{line[1:]}\n" for line in self.marked if line[:1] in ("", " "))
        text = text.removesuffix("\n") if "no newline" in title else text
        text = text.replace("\n", "\r\n") if "crlf" in title else text
        data = text.encode("latin-1" if "latin-1" in title else "utf-8")
        return BOM + data if "bom" in title else data


class Case(NamedTuple):
    """An example: the comment above it, and its files."""

    title: str
    files: tuple[File, ...]

    @property
    def runs(self) -> bool:
        """Whether this interpreter understands it."""
        needs = re.search(r"[Nn]eeds 3\.(\d+)", self.title)
        return needs is None or sys.version_info >= (3, int(needs[1]))


def read_cases(path: Path) -> Iterator[Case]:
    for found in re.finditer(r"(?m)((?:^#.*\n)+)((?:^(?!#).*\n?)+)", path.read_text("utf-8")):
        title, body = found[1], found[2].rstrip("\n")
        parts = re.split(
            r"(?m)^=== (.+)\n", body if body.startswith("===") else f"=== shop/orders.py\n{body}"
        )
        files = zip(parts[1::2], parts[2::2], strict=True)
        yield Case(
            title,
            tuple(File(name, tuple(text.removesuffix("\n").split("\n"))) for name, text in files),
        )


CASES = [
    pytest.param(case, id=f"{path.stem}: {case.title[2:].splitlines()[0]}")
    for path in sorted(FOLDER.glob("*.diff"))
    for case in read_cases(path)
]


@pytest.mark.parametrize("case", CASES)
def test_example(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(tmp_path / "before", case)
    run(tmp_path / "before", case, monkeypatch)
    changes = {}
    for style, config in STYLES.items():
        root = tmp_path / style
        lay(root, case)
        config = dataclasses.replace(config, folder=str(root), roots=(".",))
        _, plan, patches = apply(root, config)
        spans = run(root, case, monkeypatch)
        if case.runs:
            check(plan, spans)
        changes[style] = (plan, {each.path: each for each in patches})
        again, _, changed = apply(root, config)
        assert not changed, "a second run changes something"
        back, problems = unwrite({each.path: each for each in again.tree.sources}, ("_tracing",))
        undone = {each.path: each.after for each in back}
        assert (problems, undone) == ((), {each.path: each.before for each in patches})
    shown = [File(each.path, tuple(marked(case, each, changes))) for each in case.files]
    if os.environ.get("REWRITE"):
        replace(case, shown)
    else:
        assert "\n".join(written(shown)) == "\n".join(written(case.files))


def lay(root: Path, case: Case) -> None:
    """Write the files of an example below a folder; `shop` is a package."""
    for each in case.files:
        path = root / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.before(case.title))
        if path.parent.name == "shop":
            (path.parent / "__init__.py").touch()


def apply(root: Path, config: Config) -> tuple[Analysis, Plan, tuple[Patch, ...]]:
    """Put a span on every function that can carry one, as if each were asked for by name."""
    analysis = pipeline.analyze(root, config)
    names = tuple(each.qualified for each in analysis.graph.functions)
    plan = pipeline.make_plan(analysis, config, Selection(functions=names))
    patches, problems = pipeline.make_patches(analysis, plan)
    assert not problems
    for patch in patches:
        (root / patch.path).write_bytes(patch.after or b"")
    return analysis, plan, patches


def run(root: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Run the files in order: modules of packages are imported, scripts run. The spans that were
    opened, by the name of the function, with the keys of their attributes."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with monkeypatch.context() as patched:
        patched.setattr(trace, "_TRACER_PROVIDER", provider)
        patched.setattr(sys, "dont_write_bytecode", True)
        patched.setattr(sys, "path", [str(root), *sys.path])
        known = set(sys.modules)
        for each in case.files if case.runs else ():
            path = PurePosixPath(each.path)
            if (root / path.parent / "__init__.py").exists() or "namespace" in case.title:
                import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
            else:
                patched.setattr(sys, "path", [str((root / path).parent), *sys.path])
                runpy.run_path(str(root / path), run_name="__main__")
        for name in set(sys.modules) - known:
            if (
                str(getattr(sys.modules[name], "__file__", "")).startswith(str(root))
                or name == "shop"
            ):
                del sys.modules[name]
    found: dict[str, set[str]] = {}
    for span in exporter.get_finished_spans():
        found.setdefault(span.name, set()).update(span.attributes or ())
    return found


def check(plan: Plan, spans: dict[str, set[str]]) -> None:
    """Every span of the plan was opened, with every attribute, and no other; of functions that
    stand in for each other, one."""
    opened: dict[str, set[str]] = {}
    for name, keys in spans.items():
        opened.setdefault(name.rpartition(".")[2], set()).update(keys)
    wanted: dict[str, dict[str, set[str]]] = {}
    for edit in plan.edits:
        name = (edit.span or edit.default_span).rpartition(".")[2]
        keys = {each.key for each in edit.captures if each.captured}
        wanted.setdefault(edit.function, {}).setdefault(name, set()).update(keys)
    assert {*opened} <= {name for each in wanted.values() for name in each}
    for names in wanted.values():
        assert any(name in opened and keys <= opened[name] for name, keys in names.items()), (
            names,
            opened,
        )


def marked(
    case: Case, file: File, changes: dict[str, tuple[Plan, dict[str, Patch]]]
) -> Iterator[str]:
    """The lines of a file with what each style adds or leaves out, marked."""
    encoding = "latin-1" if "latin-1" in case.title else "utf-8"
    before = plain(file.before(case.title), encoding).split("\n")
    plans = {style: plan for style, (plan, _) in changes.items()}
    why = {
        style: {(each.path, each.line): each.why for each in plan.skips}
        for style, plan in plans.items()
    }
    added = {
        style: additions(before, plain(patches[file.path].after or b"", encoding).split("\n"))
        if file.path in patches
        else [[] for _ in before]
        for style, (_, patches) in changes.items()
    }
    original = [line[1:] for line in file.marked if line[:1] in ("", " ")]
    for number, line in enumerate(original, 1):
        place = (file.path, number)
        if place in why["helper"]:
            yield f"!{why['helper'][place]}"
        elif place in why["native"]:
            yield f"~{why['native'][place]}"
        for style, mark in (("helper", "+"), ("native", "*")):
            yield from (f"{mark}{each}" for each in added[style][number - 1])
        yield f" {line}".rstrip(" ") if line else ""


def additions(before: Sequence[str], after: Sequence[str]) -> list[list[str]]:
    """The lines that are new above each line."""
    found: list[list[str]] = [[] for _ in range(len(before) + 1)]
    at = 0
    for line in after:
        if at < len(before) and line == before[at]:
            at += 1
        else:
            found[at].append(line)
    assert at == len(before)
    for number, group in enumerate(found):  # a blank line in front of a group may be its last one
        if group and not group[-1] and number and not before[number - 1]:
            found[number - 1] += ["", *group[:-1]]
            group.clear()
    return found


def written(files: Sequence[File]) -> Iterator[str]:
    for each in files:
        if len(files) > 1 or each.path != "shop/orders.py":
            yield f"=== {each.path}"
        yield from each.marked


def replace(case: Case, files: Sequence[File]) -> None:
    """Write an example anew in its file."""
    for path in FOLDER.glob("*.diff"):
        text = path.read_text("utf-8")
        old = case.title + "\n".join(written(case.files))
        if old in text:
            path.write_text(text.replace(old, case.title + "\n".join(written(files))), "utf-8")
