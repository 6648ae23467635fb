"""How well `rank` finds the functions that people traced by hand; the weights learned from them.

Reads folders TREES/<project> (a project whose tracing was taken out) and LABELS/<project>.json:
`files` [[path, module] …], `functions` [[file, `Class.name`, line, lines, label] …] with label 1
for a function whose span was taken out, 2 for one that is left out of account, 0 for the others. It
fetches nothing. The projects behind the shipped weights, and their pins:

    chroma      chroma-core/chroma@93652ec08694      onyx        onyx-dot-app/onyx@a7d66a8b778c
    saleor      saleor/saleor@723cd4eba87d           seer        getsentry/seer@b070c782e495
    codecov     codecov/umbrella@a8ec2db6eb3a        skypilot    PyPI skypilot 0.14.1
    azure_blob  PyPI azure-storage-blob 12.31.1      azure_ml    PyPI azure-ai-ml 1.35.2
    synapse     element-hq/synapse@a58ad44eb0ce      marimo      PyPI marimo 0.25.2
    snuba       getsentry/snuba@61009262d9a0         dagster     PyPI dagster 1.13.29
    skyvern     PyPI skyvern 1.0.56                  camel       PyPI camel-ai 0.2.90
    browser_use PyPI browser-use 0.13.14             llama_index PyPI llama-index-core 0.14.25
    gcs         PyPI google-cloud-storage 3.17.1, without its generated google/cloud/_storage_v2
    semantic_kernel PyPI semantic-kernel 1.45.0

Labels are had by listing the functions that open a span (a decorator such as `sentry_sdk.trace` or
`distributed_trace`, a `with tracer.start_as_current_span`), and taking decorators, `with` lines and
imports out of the source. Projects of one vendor (`azure_*`, those of Sentry) are one family: each
project is ranked with weights learned from the other families.

Needs numpy and scipy (the dependency group `ranking`).

    python benchmarks/ranking.py TREES LABELS                   cross-validated figures
    python benchmarks/ranking.py TREES LABELS --shipped         with the weights that ship
    python benchmarks/ranking.py TREES LABELS --visible 0.3     the rest, with so many spans visible
    python benchmarks/ranking.py TREES LABELS --write           and write src/autospan/weights.toml
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pickle
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads only get in each other's way here

import numpy as np
from fitting import Project, Weights, fit

from autospan.config import configure
from autospan.learning import learn
from autospan.model import Graph, Survey, Traced
from autospan.pipeline import analyze
from autospan.signals import DISCOUNTS, SIGNALS, facets

WEIGHTS = Path(__file__).parents[1] / "src" / "autospan" / "weights.toml"
PRIOR = {
    "io": 0.2,
    "io-steps": 0.2,
    "awaits": 0.7,
    "file-size": 0.5,
    "io-reach": 0.6,
    "dominance": 0.4,
    "novelty": 0.2,
    "typed": 0.7,
    "care": 0.8,
}
"""Shares before anything is learned, where not 1: less for what overlaps with other signals."""
BY_HAND = frozenset(("nested", "endless", "factory", "start-up", "interactive"))
"""Discounts on what labels cannot tell: such functions are never or hardly ever among them."""
VENDORS = {"seer": "sentry", "snuba": "sentry", "codecov": "sentry"}
FIGURES = ("auc", "recall10", "lift", "rprec")


@dataclass(frozen=True)
class Case:
    """A project: what was analysed, and per function that is labelled (index) 1 or 0."""

    name: str
    graph: Graph
    survey: Survey
    labels: Mapping[int, int]

    @property
    def family(self) -> str:
        """The vendor, where a project is one of several of it."""
        return VENDORS.get(self.name, self.name.partition("_")[0])


def main() -> None:
    """Measure, learn, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("trees", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--shipped", action="store_true", help="rank with the weights that ship")
    parser.add_argument(
        "--visible", type=float, default=0.0, help="share of the spans left visible"
    )
    parser.add_argument("--seeds", type=int, default=5, help="draws of visible spans")
    parser.add_argument("--write", action="store_true", help="write the weights of all projects")
    parser.add_argument("--cache", type=Path, help="a folder that keeps analyses between runs")
    options = parser.parse_args()
    cases = [_case(path, options) for path in sorted(options.labels.glob("*.json"))]
    projects = [_project(case) for case in cases]
    if options.visible:
        _print({case.name: _visible(case, projects, options) for case in cases})
        return
    if options.shipped:
        _print({each.name: figures(_shipped().score(each), each.labels) for each in projects})
        return
    found = {each.name: _left_out(each, projects) for each in projects}
    mean = _print(found)
    weights = fit(projects, _prior())
    text = _written(weights, cases, mean)
    print("\n" + text)
    if options.write:
        WEIGHTS.write_text(text, "utf-8")


def _case(path: Path, options: argparse.Namespace) -> Case:
    kept = options.cache and options.cache / f"{path.stem}.pickle"
    if kept and kept.exists():
        graph, survey = pickle.loads(kept.read_bytes())
    else:
        root = options.trees / path.stem
        analysis = analyze(root, configure(root, {}))
        graph, survey = analysis.graph, analysis.survey
        if kept:
            kept.write_bytes(pickle.dumps((graph, survey)))
    return Case(path.stem, graph, survey, _matched(graph, json.loads(path.read_text("utf-8"))))


def _matched(graph: Graph, truth: dict[str, Any]) -> dict[int, int]:
    """The labels by function: same file, same name in it, the nearest line."""
    by_name: dict[tuple[str, str], list[int]] = {}
    for number, function in enumerate(graph.functions):
        if function.kind != "module" and function.outer is None:
            local = function.name.partition(":")[2]
            by_name.setdefault((function.place.file, local), []).append(number)
    found: dict[int, int] = {}
    for file, name, line, _, label in truth["functions"]:
        near = by_name.get((truth["files"][file][0], name), [])
        free = [each for each in near if each not in found]
        if free:
            nearest = min(free, key=lambda each: abs(graph.functions[each].place.line - line))
            found[nearest] = label
    return {number: label for number, label in sorted(found.items()) if label != 2}


def _project(case: Case) -> Project:
    rows, labels = [], []
    for facet in facets(case.graph, case.survey):
        if facet.number in case.labels:
            rows.append([each.measure(facet)[0] for each in (*SIGNALS, *DISCOUNTS)])
            labels.append(case.labels[facet.number])
    table = np.array(rows)
    return Project(
        case.name, case.family, table[:, : len(SIGNALS)], table[:, len(SIGNALS) :], np.array(labels)
    )


def _prior() -> Any:
    return np.array([PRIOR.get(each.name, 1.0) for each in SIGNALS])


def _shipped() -> Weights:
    return Weights(
        np.array([each.weight for each in SIGNALS]), np.array([each.weight for each in DISCOUNTS])
    )


def _left_out(project: Project, projects: Iterable[Project]) -> dict[str, float]:
    others = [each for each in projects if each.family != project.family]
    return figures(fit(others, _prior()).score(project), project.labels)


def figures(scores: Any, labels: Any) -> dict[str, float]:
    """AUC, recall in the first tenth, precision among the first R (the number of labels), and how
    many times that is the precision of a random order."""
    order = np.argsort(-scores, kind="stable")
    hits = labels[order]
    count, traced = len(hits), int(hits.sum())
    places = np.flatnonzero(hits)
    above = (places - np.arange(traced)).sum()
    precision = hits[:traced].sum() / traced
    return {
        "auc": float(1 - above / (traced * (count - traced))),
        "recall10": float(hits[: round(count / 10)].sum() / traced),
        "lift": float(precision * count / traced),
        "rprec": float(precision),
    }


def _visible(case: Case, projects: list[Project], options: argparse.Namespace) -> dict[str, float]:
    """The mean figures of the spans that are not visible, over several draws of those that are."""
    project = next(each for each in projects if each.name == case.name)
    others = [each for each in projects if each.family != case.family]
    weights = _shipped() if options.shipped else fit(others, _prior())
    scores = dict(zip(case.labels, weights.score(project), strict=True))
    spans = [number for number, label in case.labels.items() if label]
    drawn = []
    for seed in range(options.seeds):
        order = np.random.default_rng(seed).permutation(spans)
        shown = {int(each) for each in order[: round(options.visible * len(spans))]}
        found = _learned(case, scores, shown)
        rest = [number for number in case.labels if number not in shown]
        judged = [np.array([table[each] for each in rest]) for table in (found, case.labels)]
        drawn.append(figures(*judged))
    return {name: float(np.mean([each[name] for each in drawn])) for name in FIGURES}


def _learned(case: Case, scores: Mapping[int, float], shown: set[int]) -> dict[int, float]:
    places = case.graph.functions
    traced = tuple(Traced(each, "by hand", places[each].place) for each in sorted(shown))
    team = learn(case.graph, Survey(traced=traced))
    if team is None:
        return dict(scores)
    return {number: team.adapt(number, float(score))[0] for number, score in scores.items()}


def _print(found: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    mean = {name: float(np.mean([each[name] for each in found.values()])) for name in FIGURES}
    logs = [math.log(max(each["lift"], 0.1)) for each in found.values()]
    mean["lift"] = math.exp(sum(logs) / len(logs))
    print(f"{'':14}" + "".join(f"{name:>10}" for name in FIGURES))
    for name, each in (*found.items(), ("mean", mean)):
        print(f"{name:14}" + "".join(f"{each[figure]:10.3f}" for figure in FIGURES))
    return mean


def _written(weights: Weights, cases: Iterable[Case], mean: Mapping[str, float]) -> str:
    shares = dict(zip((each.name for each in SIGNALS), weights.signals, strict=True))
    taken = dict(zip((each.name for each in DISCOUNTS), weights.discounts, strict=True))
    taken.update({each.name: each.weight for each in DISCOUNTS if each.name in BY_HAND})
    lines = [
        "# Written by `python benchmarks/ranking.py TREES LABELS --write`; its head names the pins."
    ]
    lines += ["# Cross-validated, each project without its vendor (lift: geometric mean):"]
    lines += ["#   " + ", ".join(f"{name} {mean[name]:.3f}" for name in FIGURES)]
    lines += ["# Projects: " + ", ".join(f"{each.name}" for each in cases)]
    lines += ["", "[signals]  # shares of the score; they add up to 1", *_rounded(shares)]
    lines += [
        "",
        "[discounts]  # fractions taken off; " + ", ".join(sorted(BY_HAND)) + " by hand",
    ]
    lines += [
        f"{name} = {value:.3f}" for name, value in sorted(taken.items(), key=lambda each: -each[1])
    ]
    return "\n".join(lines) + "\n"


def _rounded(shares: Mapping[str, float]) -> list[str]:
    """Three decimals that add up to one."""
    ordered = sorted(shares.items(), key=lambda each: -each[1])
    whole = [round(1000 * value) for _, value in ordered]
    whole[0] += 1000 - sum(whole)
    return [f"{name} = {value / 1000:.3f}" for (name, _), value in zip(ordered, whole, strict=True)]


if __name__ == "__main__":
    main()
