"""Letters that a line strikes out, told letter by letter.

Belongs here: lines through letters. Does not belong here: cells.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from extract.readers.pdf_again.layout import Letter

__all__ = ["without_struck"]

_THROUGH = 0.25
"""How far from the middle of a letter a line may cross it, in type sizes."""
_BESIDE = 0.7
"""How far beyond its first and last letter the line may go, in type sizes."""
_TOUCH = 1.0


def without_struck(letters: list[Letter], lines: NDArray[np.float64]) -> tuple[list[Letter], NDArray[np.float64]]:
    """Letters and lines (left, top, right, bottom) without letters that are struck out, and what strikes them."""
    if not letters or not len(lines):
        return letters, lines
    heights = np.sort([letter.middle[1] for letter in letters])
    reach = _THROUGH * max(letter.size for letter in letters)
    middles = (lines[:, 1] + lines[:, 3]) / 2
    is_near = np.searchsorted(heights, middles + reach) > np.searchsorted(heights, middles - reach)
    is_level = lines[:, 2] - lines[:, 0] > lines[:, 3] - lines[:, 1]
    upright = lines[~is_level]
    gone: set[int] = set()
    striking = np.zeros(len(lines), np.bool_)
    for line in _joined(lines, np.flatnonzero(is_near & is_level).tolist()):
        left, right = float(lines[line, 0].min()), float(lines[line, 2].max())
        y = float(middles[line].mean())
        through = [number for number, letter in enumerate(letters) if _is_through(letter, left, right, y)]
        if _fits([letters[number] for number in through], left, right) and not any(
            box[0] <= right + _TOUCH and box[2] >= left - _TOUCH and box[1] <= y + _TOUCH and box[3] >= y - _TOUCH
            for box in upright
        ):
            gone.update(through)
            striking[line] = True
    if not gone:
        return letters, lines
    return [letter for number, letter in enumerate(letters) if number not in gone], lines[~striking]


def _joined(lines: NDArray[np.float64], numbers: Sequence[int]) -> list[list[int]]:
    """Level lines in groups of which one begins where another ends."""
    groups: list[list[int]] = []
    for number in sorted(numbers, key=lambda one: float(lines[one, 0])):
        for group in groups:
            last = lines[group[-1]]
            if abs(lines[number, 1] - last[1]) <= 1 and -_TOUCH <= lines[number, 0] - last[2] <= 1.5 * _TOUCH:
                group.append(number)
                break
        else:
            groups.append([number])
    return groups


def _is_through(letter: Letter, left: float, right: float, y: float) -> bool:
    x, middle = letter.middle
    return left <= x <= right and abs(middle - y) <= _THROUGH * letter.size


def _fits(letters: Sequence[Letter], left: float, right: float) -> bool:
    """Whether a line is as long as the letters it goes through, and these are more than a dash."""
    if not any(letter.text.isalnum() for letter in letters):
        return False
    size = max(letter.size for letter in letters)
    before = min(letter.left for letter in letters) - left
    behind = right - max(letter.right for letter in letters)
    printed = sum(letter.right - letter.left for letter in letters)
    return min(before, behind) >= -0.1 * size and max(before, behind) <= _BESIDE * size and 2 * printed >= right - left
