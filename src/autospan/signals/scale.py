"""Counts on a scale of 0 to 1."""

from __future__ import annotations

import math
from functools import cache


@cache
def upto(most: float, count: float) -> float:
    """The logarithm of a count as a share of that of the `most` that makes a difference."""
    return min(1.0, math.log1p(max(0.0, count)) / math.log1p(most))
