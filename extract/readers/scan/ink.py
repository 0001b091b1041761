"""Where print stands: the ink of a region, its lines of text, and whether there is any.

Belongs here: finding text by its darkness. Does not belong here: what the text says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extract.readers.scan.pixels import Grey, components, gaussian, runs

__all__ = ["Ink", "TextLine", "ink_of", "lines_in", "without_borders"]

_DARKEST = 110
_FAINTEST = 45
_REMNANT = 4
"""Pixels along the sides of a cell in which the edge of a line may show."""
_LEAST_FAINT = 8.0
_FAINT_SIGMAS = 4.5
_SIGMA_OF_MEDIAN = 1.4826


@dataclass(frozen=True, slots=True)
class Ink:
    """The levels of darkness of one page: what is surely print, and what is more than the noise of its paper."""

    print_level: int
    faint_level: int


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text, in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from side to side."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


def ink_of(grey: Grey, darkness: Grey) -> Ink:
    """The levels of a page."""
    sample = darkness[::5, ::5]
    dark = sample[sample > 60]
    print_level = int(np.clip(0.45 * np.percentile(dark, 75), _FAINTEST, _DARKEST)) if dark.size else _DARKEST
    # The noise of the paper, seen as faint print would be: smoothed over a stroke, against the paper around it.
    departure = gaussian(grey, 1.2).astype(np.int16) - gaussian(grey, 5.0)
    noise = _SIGMA_OF_MEDIAN * float(np.median(np.abs(departure[::3, ::3])))
    faint_level = _LEAST_FAINT + _FAINT_SIGMAS * noise
    return Ink(print_level, int(min(faint_level, print_level)))


def without_borders(darkness: Grey, ink: Ink) -> Grey:
    """A cell without what the lines around it leave along its sides."""
    result = darkness.copy()
    height, width = result.shape
    mask = (gaussian(darkness, 1.0) >= ink.faint_level).astype(np.uint8)
    labels, stats = components(mask)
    for index in range(1, len(stats)):
        left, top, wide, high, _area = (int(value) for value in stats[index])
        # What lies wholly along a side is no text; text that touches a line reaches further in.
        is_level = min(top + high, height - top) <= _REMNANT
        is_upright = min(left + wide, width - left) <= _REMNANT
        if is_level or is_upright:
            window = result[top : top + high, left : left + wide]
            window[labels[top : top + high, left : left + wide] == index] = 0
    return result


def lines_in(darkness: Grey, ink: Ink, em: float, *, smallest: float = 0.22) -> list[TextLine]:
    """The lines of text of a region, from top to bottom; `em` is the height of a character of the page in pixels.

    Specks smaller than a share of a character make no line; strokes one above the other (三, 二) make one.
    """
    labels, stats = components((gaussian(darkness, 0.8) >= ink.print_level).astype(np.uint8))
    keep = np.maximum(stats[:, 2], stats[:, 3]) >= max(3.0, smallest * em)
    keep[0] = False
    if not keep.any():
        return []
    printed: NDArray[np.bool_] = keep[labels]
    bands = _merged_bands(runs(np.logical_or.reduce(printed, axis=1)), em)
    lines = []
    for top, bottom in bands:
        columns = np.flatnonzero(printed[top:bottom].any(axis=0))
        if len(columns):
            lines.append(TextLine(int(columns[0]), top, int(columns[-1]) + 1, bottom))
    return lines


def _merged_bands(bands: Sequence[tuple[int, int]], em: float) -> list[tuple[int, int]]:
    """Bands that are strokes of one line joined: low ones, as long as the whole is no higher than a character."""
    merged: list[tuple[int, int]] = []
    for top, bottom in bands:
        if merged:
            last_top, last_bottom = merged[-1]
            low = min(bottom - top, last_bottom - last_top) < 0.6 * em
            if low and bottom - last_top <= 1.25 * em and top - last_bottom <= 0.5 * em:
                merged[-1] = (last_top, bottom)
                continue
        merged.append((top, bottom))
    return merged
