"""The lines of a page, to be asked which of them stand around a point.

Belongs here: lines. Does not belong here: letters.
"""

import numpy as np
from numpy.typing import NDArray

from extract.model import Box

__all__ = ["SAME", "Rays"]

_SLACK = 2.0
"""How far a line may miss the point that it stands beside."""
SAME = 3.0
"""Edges nearer than this are one edge."""
_SMALLEST_CELL = 4.0
_DOT = 4.0


class Rays:
    """The lines of a page, to be asked which of them stand around a point."""

    def __init__(self, lines: NDArray[np.float64]) -> None:
        width, height = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
        dot = np.maximum(width, height) <= _DOT
        self._level = _without_gaps(lines[(width >= height) | dot], 0)
        self._upright = _without_gaps(lines[(height > width) | dot], 1)

    def around(self, x: float, y: float) -> Box | None:
        """The box of the nearest lines around a point; a side that a page break left open ends with its lines."""
        beside = self._upright[(self._upright[:, 1] - _SLACK <= y) & (self._upright[:, 3] + _SLACK >= y)]
        centres = (beside[:, 0] + beside[:, 2]) / 2
        lefts, rights = beside[centres < x], beside[centres > x]
        if not len(lefts) or not len(rights):
            return None
        left = float(centres[centres < x].max())
        right = float(centres[centres > x].min())
        over = self._level[(self._level[:, 0] - _SLACK <= x) & (self._level[:, 2] + _SLACK >= x)]
        heights = (over[:, 1] + over[:, 3]) / 2
        above, below = heights[heights < y], heights[heights > y]
        if not len(above) and not len(below):
            return None
        ends = beside[np.abs(centres - left) < _SLACK]
        top, bottom = float(ends[:, 1].min()), float(ends[:, 3].max())
        if len(above) and (float(above.max()) >= top - SAME or not len(below)):
            top = float(above.max())
        if len(below) and (float(below.min()) <= bottom + SAME or not len(above)):
            bottom = float(below.min())
        if right - left < _SMALLEST_CELL or bottom - top < _SMALLEST_CELL:
            return None
        return left, top, right, bottom

    def lines_through(self, top: float, bottom: float) -> tuple[list[float], list[float]]:
        """Places of the upright lines that pass between two heights, and of the level lines beside them."""
        passing = self._upright[(self._upright[:, 1] < bottom - _SLACK) & (self._upright[:, 3] > top + _SLACK)]
        if not len(passing):
            return [], []
        top, bottom = float(passing[:, 1].min()) - _SLACK, float(passing[:, 3].max()) + _SLACK
        beside = self._level[(self._level[:, 1] >= top) & (self._level[:, 3] <= bottom)]
        heights = (beside[:, 1] + beside[:, 3]) / 2
        return ((passing[:, 0] + passing[:, 2]) / 2).tolist(), heights.tolist()


def _without_gaps(lines: NDArray[np.float64], along: int) -> NDArray[np.float64]:
    """Lines of one direction (0 level, 1 upright) with the pieces of dashed ones put together."""
    if not len(lines):
        return lines
    across = 1 - along
    places = np.round((lines[:, across] + lines[:, across + 2]) / 2)
    result: list[list[float]] = []
    last = None
    for number in np.lexsort((lines[:, along], places)).tolist():
        line = lines[number].tolist()
        if last == places[number] and line[along] <= result[-1][along + 2] + SAME:
            result[-1][along + 2] = max(result[-1][along + 2], line[along + 2])
        else:
            result.append(line)
            last = places[number]
    kept = [line for line in result if line[along + 2] - line[along] > _DOT]
    return np.array(kept, np.float64).reshape(-1, 4)
