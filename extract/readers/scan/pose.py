"""How a page lies in its picture: tilt and slight perspective, and the way back from the straightened page.

Skew is estimated on a picture of 100 dpi: many times faster than on the page, and as exact.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extract.model import Box
from extract.readers.scan.pixels import (
    Grey,
    Matrix,
    background_free,
    homography,
    resized,
    through,
    turned,
    warped,
)
from extract.readers.scan.rulings import Ruling, rulings_of

__all__ = ["SCALE", "Upright", "straightened"]

SCALE = 200 / 72
"""Pixels in a point of a straightened page."""
_HALF = SCALE / 2
_WIDEST_TILT = 8.0
"""Degrees."""
_INK = 90
_MOST_POINTS = 60_000
_LONG = 60.0
"""Points. The direction of shorter lines says little about the page."""
_STEEPEST = 0.05
_SPREAD = 120.0
"""Points between lines before their directions tell perspective."""


@dataclass(frozen=True, eq=False)
class Upright:
    """A straightened page, `SCALE` pixels to the point, with the way back to the picture as it was given."""

    grey: Grey
    darkness: Grey
    back: Matrix
    """From pixels here to points of the page as given."""

    def box(self, left: float, top: float, right: float, bottom: float) -> Box:
        """A box of this page in points of the page as given."""
        corners = through(
            self.back, np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=float)
        )
        low, high = corners.min(axis=0), corners.max(axis=0)
        return (
            round(float(low[0]), 1),
            round(float(low[1]), 1),
            round(float(high[0]), 1),
            round(float(high[1]), 1),
        )


def straightened(grey: Grey, quarters: int, width_points: float, height_points: float) -> Upright:
    """The page turned clockwise by quarter turns and straightened."""
    page = turned(grey, quarters)
    if quarters % 2:
        width_points, height_points = height_points, width_points
    height, width = page.shape
    half = resized(page, round(width_points * _HALF), round(height_points * _HALF))
    to_half = np.diag([half.shape[1] / width, half.shape[0] / height, 1.0])
    straighten = _rectification(half)
    to_full = np.diag([2.0, 2.0, 1.0])
    if width > 2 * half.shape[1]:
        # Averaging keeps thin lines that sampling would lose.
        source = resized(page, 2 * half.shape[1], 2 * half.shape[0])
        forth = to_full @ straighten @ np.linalg.inv(to_full)
    else:
        source = page
        forth = to_full @ straighten @ to_half
    straight = warped(source, forth, 2 * half.shape[1], 2 * half.shape[0])
    unscale = np.diag([width_points / half.shape[1], height_points / half.shape[0], 1.0])
    back = _unturned(quarters, width_points, height_points) @ unscale @ np.linalg.inv(to_full @ straighten)
    return Upright(straight, background_free(straight, round(9 * SCALE)), back)


def _unturned(quarters: int, width: float, height: float) -> Matrix:
    """Points of a page turned clockwise to points of the page as given; `width` and `height` of the turned page."""
    return np.array(
        {
            0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            1: [[0, 1, 0], [-1, 0, width], [0, 0, 1]],
            2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
            3: [[0, -1, height], [1, 0, 0], [0, 0, 1]],
        }[quarters % 4],
        dtype=float,
    )


def _rectification(half: Grey) -> Matrix:
    """The homography that straightens a page of 100 dpi."""
    darkness = background_free(half, round(9 * _HALF))
    tilt = _tilt(darkness)
    height, width = half.shape
    turn = _rotation(-tilt, width / 2, height / 2)
    level, upright = rulings_of(warped(darkness, turn, width, height) if abs(tilt) > 0.02 else darkness, _HALF, _LONG)
    across = _direction(level)
    down = _direction(upright)
    if across is None and down is None:
        return turn
    if across is None:
        lean = down(width / 2) if down else 0.0
        across = _constant(-lean)
    if down is None:
        down = _constant(-across(height / 2))
    source = np.array(
        [
            _crossing(width / 2, y, across(y), x, height / 2, down(x))
            for x, y in ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height)))
        ]
    )
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=float)
    if np.abs(source - target).max() < 0.5:
        return turn
    return homography(source, target) @ turn


def _constant(value: float) -> Callable[[float], float]:
    return lambda _position: value


def _direction(lines: Sequence[Ruling]) -> Callable[[float], float] | None:
    """The slope of lines by where they stand: constant, or linear where lines stand far apart; None without lines."""
    kept = [(line.middle, line.slope(), line.length) for line in lines if line.length >= _LONG * _HALF]
    kept = [line for line in kept if abs(line[1]) <= _STEEPEST]
    if not kept:
        return None
    places, slopes, weights = (np.array(column) for column in zip(*kept, strict=True))
    middle = _median(slopes, weights)
    near = np.abs(slopes - middle) <= 0.02
    places, slopes, weights = places[near], slopes[near], weights[near]
    if len(places) < 4 or np.ptp(places) < _SPREAD * _HALF:
        return _constant(middle)
    centre = float(places.mean())
    for _ in range(2):
        rise, level = np.polyfit(places - centre, slopes, 1, w=weights)
        off = np.abs(np.polyval((rise, level), places - centre) - slopes)
        good = off <= max(0.0015, 3 * float(np.median(off)))
        if good.all() or good.sum() < 4 or np.ptp(places[good]) < _SPREAD * _HALF:
            break
        places, slopes, weights = places[good], slopes[good], weights[good]
    return lambda position: float(level + rise * (position - centre))


def _median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The weighted median."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(total, total[-1] / 2))])


def _crossing(x: float, y: float, slope: float, x2: float, y2: float, lean: float) -> tuple[float, float]:
    """Where the level line through (x, y) meets the upright line through (x2, y2)."""
    # y' = y + slope (x' - x); x' = x2 + lean (y' - y2)
    down = (y + slope * (x2 - lean * y2 - x)) / (1 - slope * lean)
    return x2 + lean * (down - y2), down


def _rotation(degrees: float, x: float, y: float) -> Matrix:
    """A rotation about a point; positive degrees turn the right side down."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[cosine, -sine, x - cosine * x + sine * y], [sine, cosine, y - sine * x - cosine * y], [0, 0, 1]])


def _tilt(darkness: Grey) -> float:
    """The tilt of lines and text in degrees, positive where the right side lies lower: where rows are sharpest."""
    ys, xs = np.nonzero(darkness > _INK)
    if len(ys) < 50:
        return 0.0
    step = -(-len(ys) // _MOST_POINTS)
    ys, xs = ys[::step].astype(np.float64), xs[::step].astype(np.float64)

    def sharpness(degrees: float) -> float:
        rows = np.bincount((ys - math.tan(math.radians(degrees)) * xs + 2 * darkness.shape[1]).astype(np.int64))
        return float((rows.astype(np.float64) ** 2).sum())

    best = max(np.arange(-_WIDEST_TILT, _WIDEST_TILT + 0.1, 0.5), key=sharpness)
    for step_size in (0.1, 0.02):
        best = max(np.arange(best - 5 * step_size, best + 5.1 * step_size, step_size), key=sharpness)
    return float(best)
