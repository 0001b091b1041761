"""Pages that a grabber put below each other in one picture, told apart by the blank margins between them.

Each lies in its own way, and all of them at once would take the memory of all. A picture without such margins (one long
web page) is not cut: a cut stands only where nothing is printed.
"""

from itertools import pairwise

from extract.readers.scan.pixels import Grey, background_free, resized, runs

__all__ = ["pages_in"]

_SCALE = 0.75
"""Pixels in a point, where margins are looked for."""
_PAGE = 841.9
"""Points: the height of A4, the page expected."""
_MARGIN = 40.0
"""Points. The gaps of lines and headings are lower; the margins of two pages are higher."""
_NEAREST, _FURTHEST = 0.5, 1.25
"""Of a page: where the next margin may begin and end."""
_INK = 90
_DIRT = 0.003


def pages_in(grey: Grey, width_points: float) -> list[tuple[int, int]]:
    """The first and the last row but one of each page, from top to bottom; one for a picture of a single page."""
    height, width = grey.shape
    per_point = width / width_points
    if height <= (1 + _NEAREST) * _PAGE * per_point:
        return [(0, height)]
    small = resized(grey, round(width_points * _SCALE), round(height / per_point * _SCALE))
    is_blank = (background_free(small, round(9 * _SCALE)) > _INK).mean(axis=1) <= _DIRT
    blanks = [(start, end) for start, end in runs(is_blank) if end - start >= _MARGIN * _SCALE]
    page = _PAGE * _SCALE
    cuts = [0.0]
    while True:
        wanted = cuts[-1] + page
        near = [
            min(max(wanted, start + _MARGIN * _SCALE / 4), end - _MARGIN * _SCALE / 4)
            for start, end in blanks
            if start > cuts[-1] + _NEAREST * page and end < len(is_blank)
        ]
        near = [at for at in near if at <= cuts[-1] + _FURTHEST * page] or near[:1]
        if not near:
            break
        cuts.append(min(near, key=lambda at: abs(at - wanted)))
    rows = [*(round(cut * height / len(is_blank)) for cut in cuts), height]
    return list(pairwise(rows))
