"""Suites of call graphs in the academic format: their cases, and how well they are met."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from measure import run

Pair = tuple[str, str]
TRUTH = "callgraph.json"
_LAMBDA = re.compile(r"<lambda\d*>")


class Outcome(NamedTuple):
    """How one case went: edges found and right, missing, spurious; `trouble` if it failed."""

    name: str
    right: int
    missing: tuple[Pair, ...] = ()
    spurious: tuple[Pair, ...] = ()
    trouble: str = ""

    @property
    def exact(self) -> bool:
        """Whether every edge is found and no other."""
        return not (self.missing or self.spurious or self.trouble)


def judged(cases: Path, truths: Path, profile: str) -> list[Outcome]:
    """The outcome of every case, by name; `profile` is "strict" or "internal"."""
    names = sorted(each.parent.relative_to(truths) for each in truths.rglob(TRUTH))
    return [_judge(name, cases / name, truths / name / TRUTH, profile) for name in names]


def total(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """Cases that are sound, complete and exact; precision and recall over all edges."""
    outcomes = list(outcomes)
    right = sum(each.right for each in outcomes)
    missing = sum(len(each.missing) for each in outcomes)
    spurious = sum(len(each.spurious) for each in outcomes)
    return {
        "cases": len(outcomes),
        "edges": right + missing,
        "sound": sum(not (each.missing or each.trouble) for each in outcomes),
        "complete": sum(not (each.spurious or each.trouble) for each in outcomes),
        "exact": sum(each.exact for each in outcomes),
        "failed": sum(bool(each.trouble) for each in outcomes),
        "precision": right / ((right + spurious) or 1),
        "recall": right / ((right + missing) or 1),
    }


def _judge(name: Path, folder: Path, truth: Path, profile: str) -> Outcome:
    """Run the command on one case and compare sets of edges."""
    wanted = edges(json.loads(truth.read_text("utf-8")))
    done = run("graph", str(folder), "--format", "json", "--quiet")
    try:
        found = edges(json.loads(done.output))
        trouble = "" if done.code == 0 else f"exit code {done.code}"
    except ValueError:
        last = done.errors.strip().rpartition("\n")[2]
        found, trouble = set(), last or f"exit code {done.code} and no JSON"
    if profile == "internal":
        own = frozenset(functions(folder))
        wanted, found = set(_between(wanted, own)), set(_between(found, own))
    return Outcome(
        name.as_posix(),
        len(wanted & found),
        tuple(sorted(wanted - found)),
        tuple(sorted(found - wanted)),
        trouble,
    )


def edges(graph: Mapping[str, Iterable[str]]) -> set[Pair]:
    """The edges of a graph in the academic format."""
    return {(caller, callee) for caller, callees in graph.items() for callee in callees}


def _between(pairs: Iterable[Pair], own: frozenset[str]) -> Iterator[Pair]:
    """The edges between functions (and from module bodies) of the case, lambdas under one name."""
    for caller, callee in pairs:
        pair = _LAMBDA.sub("<lambda>", caller), _LAMBDA.sub("<lambda>", callee)
        if _owned(pair[0], own) and _owned(pair[1], own) and f"{pair[1]}:" not in own:
            yield pair


def _owned(name: str, own: frozenset[str]) -> bool:
    """Whether the case defines a function, or (marked by a colon) a module, of that name."""
    around = name.partition(".<lambda>")[0]
    return name in own or f"{name}:" in own or (around != name and _owned(around, own))


def functions(folder: Path) -> Iterator[str]:
    """The dotted names of all functions below a folder; those of modules end in a colon."""
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield f"{module}:"
        try:
            yield from _defined(ast.parse(file.read_bytes()), module)
        except (SyntaxError, ValueError):
            continue


def _defined(node: ast.AST, around: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        name = around
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{around}.{child.name}"
            if not isinstance(child, ast.ClassDef):
                yield name
        yield from _defined(child, name)
