"""Rectangles in proportion, as square as they can be.

The algorithm is that of Bruls, Huizing and van Wijk, "Squarified treemaps" (2000): a row along the
shorter side is filled for as long as its worst shape gets better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle: its upper left corner, and its size."""

    x: float
    y: float
    width: float
    height: float

    def shrunk(self, left: float, top: float, right: float, bottom: float) -> Box:
        """What is left inside of these margins; never of negative size."""
        width, height = self.width - left - right, self.height - top - bottom
        return Box(self.x + left, self.y + top, max(width, 0.0), max(height, 0.0))


def squarify(sizes: Sequence[float], box: Box) -> Iterator[Box]:
    """A rectangle for each size (positive, the largest first); together they fill the box."""
    scale = box.width * box.height / (sum(sizes) or 1)
    areas = [size * scale for size in sizes]
    while areas:
        side = min(box.width, box.height)
        count = _row(areas, side)
        row, areas = areas[:count], areas[count:]
        laid, box = _laid(row, box)
        yield from laid


def _row(areas: Sequence[float], side: float) -> int:
    """How many of the areas make the best row along a side."""
    total, worst = 0.0, float("inf")
    for count, area in enumerate(areas):
        total += area
        shape = _worst(areas[0], area, total, side)
        if count and shape > worst:
            return count
        worst = shape
    return len(areas)


def _worst(largest: float, smallest: float, total: float, side: float) -> float:
    """The worst ratio of sides in a row."""
    if not (total and smallest and side):
        return float("inf")
    square = (side / total) ** 2
    return max(square * largest, 1 / (square * smallest))


def _laid(row: Sequence[float], box: Box) -> tuple[list[Box], Box]:
    """The row's rectangles along the shorter side of the box, and what is left of the box."""
    found, at, total = [], 0.0, sum(row)
    if box.width >= box.height:
        depth = total / box.height if box.height else 0.0
        for area in row:
            length = area / depth if depth else 0.0
            found.append(Box(box.x, box.y + at, depth, length))
            at += length
        return found, box.shrunk(depth, 0, 0, 0)
    depth = total / box.width if box.width else 0.0
    for area in row:
        length = area / depth if depth else 0.0
        found.append(Box(box.x + at, box.y, length, depth))
        at += length
    return found, box.shrunk(0, depth, 0, 0)
