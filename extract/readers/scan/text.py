"""Text outside tables: lines by where print stands, read one by one and joined to paragraphs.

Belongs here: lines, their gaps and their order. Does not belong here: cells of ruled tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extract.readers.scan.ink import Ink, TextLine
from extract.readers.scan.pixels import Grey, components, runs, smeared

__all__ = ["PrintedLine", "em_of", "is_continued", "margins", "printed_lines", "runs_down"]

_SMALLEST_EM, _LARGEST_EM = 14.0, 60.0
_TALLEST = 4.0
"""Characters are not higher than this many times the usual one: seals, pictures and shadows are."""
_GAP = 1.9
"""Blank width, in heights of the line, that parts a line in pieces."""
_EDGE = 1.6
_CHARACTER_GAP = 0.35
_FEWEST_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One printed line, as pieces from left to right."""

    pieces: tuple[TextLine, ...]

    @property
    def left(self) -> int:
        """Where the print begins."""
        return self.pieces[0].left

    @property
    def right(self) -> int:
        """Where the print ends."""
        return self.pieces[-1].right

    @property
    def top(self) -> int:
        """The upper edge of the print."""
        return min(piece.top for piece in self.pieces)

    @property
    def bottom(self) -> int:
        """The lower edge of the print."""
        return max(piece.bottom for piece in self.pieces)

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top


def em_of(darkness: Grey, ink: Ink) -> float:
    """The height of a character of a region in pixels: what most components do not exceed."""
    return _em(components((darkness >= ink.print_level).astype(np.uint8))[1])


def _em(stats: NDArray[np.int32]) -> float:
    heights, widths = stats[1:, 3], stats[1:, 2]
    usual = heights[(heights >= 8) & (heights <= 80) & (widths >= 3) & (widths <= 100)]
    if len(usual) < 5:
        return 25.0
    return float(np.clip(np.percentile(usual, 80), _SMALLEST_EM, _LARGEST_EM))


def runs_down(darkness: Grey, ink: Ink, em: float) -> bool | None:
    """Whether lines of text run from top to bottom: along a line characters stand closer. None where it is unclear."""
    labels, stats = components((darkness >= ink.print_level).astype(np.uint8))
    size = np.maximum(stats[:, 2], stats[:, 3])
    keep = (size >= 0.2 * em) & (size <= 2 * em)
    keep[0] = False
    mask = keep[labels].astype(np.uint8)
    reach = round(_CHARACTER_GAP * em)
    across, down = (len(components(smeared(mask, *box))[1]) - 1 for box in ((reach, 1), (1, reach)))
    if max(across, down) < _FEWEST_CHARACTERS or 0.87 * max(across, down) < min(across, down):
        return None
    return down < across


def printed_lines(darkness: Grey, ink: Ink) -> list[PrintedLine]:
    """The lines of text of a page whose tables are blanked out, from top to bottom."""
    labels, stats = components((darkness >= ink.print_level).astype(np.uint8))
    em = _em(stats)
    widths, heights = stats[:, 2], stats[:, 3]
    # Fat letters run together: wide is no matter as long as it is not higher than a line.
    keep = (np.maximum(widths, heights) >= max(3.0, 0.2 * em)) & (heights <= _TALLEST * em)
    # Lines of a table that is none, underlines and bars of letterheads are long and thin.
    keep &= (heights > 0.3 * em) | (widths <= 2 * em)
    keep &= (widths <= _TALLEST * em) | (heights <= 2.2 * em)
    keep[0] = False
    printed = keep[labels]
    lines = []
    for top, bottom in _bands(printed.sum(axis=1), em):
        pieces = _pieces(printed[top:bottom], top, em)
        if pieces:
            lines.append(PrintedLine(tuple(pieces)))
    return lines


def _bands(profile: NDArray[np.int64], em: float) -> list[tuple[int, int]]:
    """Rows of text: stretches of the profile, low ones joined to their line, high ones cut at their valleys."""
    bands: list[tuple[int, int]] = []
    for start, end in runs(profile > 0):
        if bands:
            top, bottom = bands[-1]
            is_stroke = min(end - start, bottom - top) < 0.55 * em
            if is_stroke and start - bottom <= 0.35 * em and end - top <= 1.3 * em:
                bands[-1] = (top, end)
                continue
        bands.append((start, end))
    result: list[tuple[int, int]] = []
    for band in bands:
        result.extend(_cut(profile, *band, em))
    return [(top, bottom) for top, bottom in result if bottom - top >= 0.15 * em]


def _cut(profile: NDArray[np.int64], top: int, bottom: int, em: float) -> list[tuple[int, int]]:
    """A band cut where two lines of text touch: at a deep valley that leaves a line on either side."""
    margin = round(0.7 * em)
    if bottom - top < 1.9 * em:
        return [(top, bottom)]
    inner = profile[top + margin : bottom - margin]
    if not len(inner):
        return [(top, bottom)]
    valley = int(inner.argmin())
    if inner[valley] > 0.3 * profile[top:bottom].mean():
        return [(top, bottom)]
    at = top + margin + valley
    return [*_cut(profile, top, at, em), *_cut(profile, at, bottom, em)]


def _pieces(printed: NDArray[np.bool_], offset: int, em: float) -> list[TextLine]:
    """The pieces of a band, each with its own upper and lower edge."""
    filled = np.flatnonzero(printed.any(axis=0))
    height = max(printed.shape[0], 0.6 * em)
    cuts = np.flatnonzero(np.diff(filled) > _GAP * height)
    starts = [int(filled[0]), *(int(filled[cut + 1]) for cut in cuts)]
    ends = [*(int(filled[cut]) + 1 for cut in cuts), int(filled[-1]) + 1]
    pieces = []
    for left, right in zip(starts, ends, strict=True):
        rows = np.flatnonzero(printed[:, left:right].any(axis=1))
        piece = TextLine(left, offset + int(rows[0]), right, offset + int(rows[-1]) + 1)
        if max(piece.width, piece.height) >= 0.3 * em:
            pieces.append(piece)
    return pieces


def is_continued(upper: PrintedLine, lower: PrintedLine, left: int, right: int) -> bool:
    """Whether a line goes on in the next one: it fills the page's width, and the next begins at the margin."""
    em = min(upper.height, lower.height)
    return (
        max(upper.height, lower.height) <= 1.4 * em
        and right - upper.right <= _EDGE * em
        and lower.left - left <= 0.8 * em
        and lower.top - upper.bottom <= 2.2 * em
    )


def margins(lines: Sequence[PrintedLine]) -> tuple[int, int]:
    """Where the text of a page begins and ends."""
    long = [line for line in lines if line.right - line.left > 8 * line.height] or list(lines)
    return min(line.left for line in long), max(line.right for line in long)
