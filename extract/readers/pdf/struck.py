"""Text struck out by a line drawn through it: a PDF keeps the characters and the line apart.

Belongs here: telling such a line from every other line near text. Does not belong here: tables, cells.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from extract.readers.pdf.glyphs import Glyphs
from extract.readers.pdf.pdfium import Floats, RawPage

__all__ = ["without_struck"]

_OFF_MIDDLE = 0.25
"""A line strikes out what it crosses at most so far from the middle, in type sizes; underlines are twice as far off."""
_THICKEST = 0.25
_OVERHANG = 0.7
"""A striking line begins and ends at most so far beside the text, in type sizes: a ruling of a table goes on."""
_SHORT_BY = 0.1
"""It leaves out no more of the first and the last character: a dash of a border crosses part of one."""
_LEAST_COVER = 0.5
"""Share of the line that is text: more blanks, and it is a line to write on."""
_JOINED = 1.5
"""Pieces of a line with a gap of at most this are one line: one for each run of text, or one for each cell."""
_TOUCH = 1.0
"""An upright ruling so near makes the line a border."""


def without_struck(page: RawPage, glyphs: Glyphs) -> tuple[RawPage, Glyphs]:
    """The page without the lines that strike out text, and the characters without those struck out."""
    rulings = page.rulings
    if not len(rulings) or not len(glyphs):
        return page, glyphs
    heights: Floats = rulings[:, 3] - rulings[:, 1]
    middles: Floats = (rulings[:, 1] + rulings[:, 3]) / 2
    # Rulings stand between lines of text: where nothing has its middle near one, nothing more is asked.
    largest = float(glyphs.sizes.max())
    reach = _OFF_MIDDLE * largest
    places = np.sort(glyphs.y)
    is_near = np.searchsorted(places, middles + reach) > np.searchsorted(places, middles - reach)
    is_level = (rulings[:, 2] - rulings[:, 0] > heights) & (heights <= _THICKEST * largest) & (rulings[:, 4] == 0)
    candidates = np.flatnonzero(is_near & is_level)
    if not len(candidates):
        return page, glyphs
    upright = rulings[heights > rulings[:, 2] - rulings[:, 0]]
    struck = np.zeros(len(glyphs), np.bool_)
    is_used = np.zeros(len(rulings), np.bool_)
    for pieces in _lines(rulings, middles, candidates):
        left, right = float(rulings[pieces, 0].min()), float(rulings[pieces, 2].max())
        y = float(middles[pieces].mean())
        crossed = _crossed(glyphs, left, right, y, float(heights[pieces].max()))
        if crossed.any() and not _meets(upright, left, right, y):
            struck |= crossed
            is_used[pieces] = True
    if not struck.any():
        return page, glyphs
    return replace(page, rulings=rulings[~is_used]), glyphs.where(~struck)


def _lines(rulings: Floats, middles: Floats, candidates: NDArray[np.int64]) -> list[list[int]]:
    """Rulings in groups of which each is one line."""
    lines: list[list[int]] = []
    right = 0.0
    for number in sorted(candidates.tolist(), key=lambda one: (round(float(middles[one])), float(rulings[one, 0]))):
        last = lines[-1][-1] if lines else number
        if lines and abs(middles[number] - middles[last]) <= 1 and rulings[number, 0] - right <= _JOINED:
            lines[-1].append(number)
            right = max(right, float(rulings[number, 2]))
        else:
            lines.append([number])
            right = float(rulings[number, 2])
    return lines


def _crossed(glyphs: Glyphs, left: float, right: float, y: float, height: float) -> NDArray[np.bool_]:
    """The characters that a level line crosses in their middle, if it is as long as they are and no longer."""
    crossed: NDArray[np.bool_] = (
        (glyphs.turns == 0)
        & (glyphs.x >= left)
        & (glyphs.x <= right)
        & (np.abs(glyphs.y - y) <= _OFF_MIDDLE * glyphs.sizes)
        & (height <= _THICKEST * glyphs.sizes)
    )
    if not crossed.any():
        return crossed
    starts, ends = glyphs.starts[crossed], glyphs.ends[crossed]
    size = float(glyphs.sizes[crossed].max())
    beside = (float(starts.min()) - left, right - float(ends.max()))
    is_as_long = min(beside) >= -_SHORT_BY * size and max(beside) <= _OVERHANG * size
    # A dash may be kept as a character and drawn as a line besides.
    has_text = any(chr(code).isalnum() for code in glyphs.codes[crossed].tolist())
    if is_as_long and has_text and float((ends - starts).sum()) >= _LEAST_COVER * (right - left):
        return crossed
    return np.zeros(len(glyphs), np.bool_)


def _meets(upright: Floats, left: float, right: float, y: float) -> bool:
    """Whether an upright ruling touches a level line: it is a part of a table."""
    return bool(
        (
            (upright[:, 0] <= right + _TOUCH)
            & (upright[:, 2] >= left - _TOUCH)
            & (upright[:, 1] <= y + _TOUCH)
            & (upright[:, 3] >= y - _TOUCH)
        ).any()
    )
