"""Weights of signals from functions that people traced: the fit behind `benchmarks/ranking.py`.

The model is that of `autospan.rank`: a sum of signals, times one minus each discount. Weights are
never negative. A function without a span is often one that nobody got to, so labels are read as
positive and unlabelled: both sides weigh the same in every project, every family of projects weighs
the same, and those that fit worst weigh more (a soft maximum over projects). What few projects can
tell is little: the weights are pulled strongly towards equal shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

Array = Any
FLOOR = 0.03
PULL, PULL_DISCOUNTS, WORST = 0.1, 0.015, 6.0
MILD = 0.35  # what the logarithm of a discount starts from: thirty per cent off
MOST_UNLABELLED = 1500


@dataclass(frozen=True)
class Project:
    """Signals and discounts (a row a function), labels (1: traced), and its family of projects."""

    name: str
    family: str
    signals: Array
    discounts: Array
    labels: Array


@dataclass(frozen=True)
class Weights:
    """A share a signal, adding up to one, and a fraction a discount."""

    signals: Array
    discounts: Array

    def score(self, project: Project) -> Array:
        """The score of every function of a project."""
        return (project.signals @ self.signals) * np.prod(
            1 - project.discounts * self.discounts, axis=1
        )


def fit(projects: Sequence[Project], prior: Array) -> Weights:
    """The weights for these projects; `prior` are the shares that signals have without any."""
    parts = [_thinned(each) for each in projects]
    families = [each.family for each in projects]
    importance = np.array([1 / families.count(each) for each in families])
    loss = _Loss(parts, importance / importance.sum(), prior / prior.sum())
    found = minimize(
        loss, loss.start(), jac=True, method="L-BFGS-B", bounds=loss.bounds(), tol=1e-9
    )
    _, _, shares, decay = loss.unpack(found.x)
    return Weights(shares / shares.sum(), 1 - np.exp(-decay))


def _thinned(project: Project) -> Project:
    """All traced functions, and of the others at most so many, evenly taken."""
    traced, rest = np.flatnonzero(project.labels == 1), np.flatnonzero(project.labels == 0)
    kept = np.concatenate([traced, rest[:: max(1, len(rest) // MOST_UNLABELLED)]])
    return Project(
        project.name,
        project.family,
        project.signals[kept],
        project.discounts[kept],
        project.labels[kept],
    )


class _Loss:
    """Logistic loss on a multiple of the logarithm of the score, an intercept a project."""

    def __init__(self, parts: Sequence[Project], importance: Array, prior: Array) -> None:
        self.importance, self.prior = importance, prior
        self.signals = np.vstack([each.signals for each in parts])
        self.discounts = np.vstack([each.discounts for each in parts])
        labels = np.concatenate([each.labels for each in parts])
        self.sign = 2.0 * labels - 1
        ends = np.cumsum([len(each.labels) for each in parts])
        self.slices = [
            slice(end - len(each.labels), end) for end, each in zip(ends, parts, strict=True)
        ]
        self.weight = np.concatenate([_balanced(each.labels) for each in parts])

    def start(self) -> Array:
        """Intercepts, the multiple, equal shares, mild discounts."""
        discounts = np.full(self.discounts.shape[1], MILD)
        return np.concatenate([np.zeros(len(self.slices)), [3.0], self.prior, discounts])

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """No signal counts against a function, no discount for it."""
        shares: list[tuple[float | None, float | None]] = [(0, 1)] * len(self.prior)
        decay: list[tuple[float | None, float | None]] = [(0, 3)] * self.discounts.shape[1]
        return [(None, None)] * len(self.slices) + [(0.5, 12)] + shares + decay

    def unpack(self, x: Array) -> tuple[Array, float, Array, Array]:
        """Intercepts, the multiple, shares, and the logarithms of what discounts leave."""
        first, last = len(self.slices), len(self.slices) + 1 + len(self.prior)
        return x[:first], x[first], x[first + 1 : last], x[last:]

    def __call__(self, x: Array) -> tuple[float, Array]:
        """The loss and its gradient."""
        intercepts, multiple, shares, decay = self.unpack(x)
        total = FLOOR + self.signals @ shares
        score = np.log(total) - self.discounts @ decay
        margin = multiple * score
        for intercept, part in zip(intercepts, self.slices, strict=True):
            margin[part] += intercept
        margin *= self.sign
        losses = np.logaddexp(0, -margin) * self.weight
        slope = -self.sign * self.weight / (1 + np.exp(np.clip(margin, -50, 50)))
        each = np.array([losses[part].sum() for part in self.slices])
        soft = self.importance * np.exp(WORST * (each - each.max()))
        value = np.log(soft.sum()) / WORST + each.max()
        for share, part in zip(soft / soft.sum(), self.slices, strict=True):
            slope[part] *= share
        off, count = shares - self.prior, len(self.prior)
        value += PULL * count * (off @ off) + 0.3 * (shares.sum() - 1) ** 2
        value += PULL_DISCOUNTS * ((decay - MILD) @ (decay - MILD))
        by_score = multiple * slope
        gradient = [
            np.array([slope[part].sum() for part in self.slices]),
            [slope @ score],
            self.signals.T @ (by_score / total) + 2 * PULL * count * off + 0.6 * (shares.sum() - 1),
            -self.discounts.T @ by_score + 2 * PULL_DISCOUNTS * (decay - MILD),
        ]
        return float(value), np.concatenate(gradient)


def _balanced(labels: Array) -> Array:
    traced = max(1, int(labels.sum()))
    return np.where(labels == 1, 0.5 / traced, 0.5 / max(1, len(labels) - traced))
