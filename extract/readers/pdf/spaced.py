"""What spacing parts that is one: words of a heading with spaced letters, figures at several places of one column.

Belongs here: spans of words and of columns. Does not belong here: how either is found.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from statistics import median

from extract.readers.pdf.widths import Span, touch

__all__ = ["WIDEST_BLANK", "columns_under", "in_one_column", "less_spaced", "unspaced_headings"]

WIDEST_BLANK = 1.3
"""Letters of one heading are parted by one wide blank at most, in type sizes."""
_MOST_WORDS = 4
_BETTER = 0.25
"""By how much, in type sizes, words together stand better over a column than one of them alone."""
_HALF_OF_STEP = 0.6
"""A heading begins farther from the beginning of the column before than this share of the usual step."""
_ONE_LETTER = 1.1
_FITS = 0.35
_USUALLY_FITS = 0.5
_MOST_BLANKS = 6
_FEWEST = 2
"""Headings at least that tell how headings stand over their columns."""


def unspaced_headings(words: Sequence[Span], columns: Sequence[Span], size: float) -> list[Span]:
    """Words of headings, put together where that is how they stand over their column as the other headings do.

    Headings stand in the middle of their columns, or all at their left or right. Nothing is put together where they do
    not: then the place of a heading tells nothing.
    """
    candidates = [(column, list(_runs_over(words, number, columns, size))) for number, column in enumerate(columns)]
    candidates = [(column, runs) for column, runs in candidates if runs]
    if len(candidates) < min(_FEWEST, len(columns)):
        return list(words)
    chosen: list[tuple[float, int, int]] = []
    least = float("inf")
    least_place = 0.5
    for place in (0.5, 0.0, 1.0):
        found = [_best(words, runs, column, place, size) for column, runs in candidates]
        off = median(one[0] for one in found)
        if off < least - 0.01 * size:
            least, chosen, least_place = off, found, place
    if least > _USUALLY_FITS * size or any(stop > following for (_, _, stop), (_, following, _) in pairwise(chosen)):
        return list(words)
    result = list(words)
    for off, first, stop in reversed(chosen):
        if stop - first > 1 and off <= _FITS * size:
            result[first:stop] = [(words[first][0], words[stop - 1][1])]
    return _with_ends(result, columns, size) if least_place == 0.0 else result


def _with_ends(words: Sequence[Span], columns: Sequence[Span], size: float) -> list[Span]:
    """Headings that begin where their columns do, with what stands behind them and begins no column of blanks.

    That is much nearer to the beginning of the column than the next column would be, or a single letter.
    """
    pitches = [other[0] - one[0] for one, other in pairwise(columns)]
    if not pitches:
        return list(words)
    result: list[Span] = []
    for word in words:
        own = next((column for column in columns if result and touch(result[-1], column)), None)
        if (
            own is not None
            and not any(touch(word, column) for column in columns)
            and word[0] - result[-1][1] <= WIDEST_BLANK * size
            and (word[0] - own[0] <= _HALF_OF_STEP * median(pitches) or word[1] - word[0] <= _ONE_LETTER * size)
        ):
            result[-1] = result[-1][0], word[1]
        else:
            result.append(word)
    return result


def _runs_over(words: Sequence[Span], column: int, columns: Sequence[Span], size: float) -> Iterator[tuple[int, int]]:
    """The words that may be the heading of a column: they reach over it, and over no other."""
    others = [one for number, one in enumerate(columns) if number != column]
    for first in range(len(words)):
        for stop in range(first + 1, min(first + _MOST_WORDS, len(words)) + 1):
            if stop - first > 1 and words[stop - 1][0] - words[stop - 2][1] > WIDEST_BLANK * size:
                break
            whole = words[first][0], words[stop - 1][1]
            if touch(whole, columns[column]) and not any(touch(whole, other) for other in others):
                yield first, stop


def _best(
    words: Sequence[Span], runs: Sequence[tuple[int, int]], column: Span, place: float, size: float
) -> tuple[float, int, int]:
    """How far off the heading of a column stands, and its words: several only if that is clearly better than one."""

    def off(run: tuple[int, int]) -> float:
        start, end = words[run[0]][0], words[run[1] - 1][1]
        return abs(start + place * (end - start) - column[0] - place * (column[1] - column[0]))

    best = min(runs, key=off)
    single = min((run for run in runs if run[1] - run[0] == 1), key=off, default=None)
    if single is not None and off(single) <= off(best) + _BETTER * size:
        best = single
    return off(best), *best


def columns_under(words: Sequence[Span], columns: Sequence[Span], rows: Sequence[Sequence[Span]]) -> list[Span]:
    """Columns with those put together under one heading of which each row has one figure at most.

    Figures of one column may stand now more to the left, now more to the right.
    """
    result: list[Span] = []
    last: list[Span] = []
    for column in columns:
        over = [word for word in words if touch(word, column)]
        if result and len(over) == 1 and over == last:
            whole = result[-1][0], column[1]
            if not any(sum(touch(figure, whole) for figure in row) > 1 for row in rows):
                result[-1] = whole
                continue
        result.append(column)
        last = over
    return result


def in_one_column(words: Sequence[Span], edges: Sequence[float]) -> list[Span]:
    """Words with those put together between which no column ends."""
    result = list(words[:1])
    for word in words[1:]:
        if any(result[-1][1] - 1 <= edge <= word[0] + 1 for edge in edges):
            result.append(word)
        else:
            result[-1] = result[-1][0], word[1]
    return result


def less_spaced(words: Sequence[Span], size: float) -> Iterator[list[Span]]:
    """The words with one blank taken for spacing inside a heading, then with two, and so on."""
    blanks = [
        number for number, (one, other) in enumerate(pairwise(words), 1) if other[0] - one[1] <= WIDEST_BLANK * size
    ]
    if len(blanks) > _MOST_BLANKS:
        return
    for count in range(1, len(blanks) + 1):
        for gone in combinations(blanks, count):
            result: list[Span] = []
            for number, word in enumerate(words):
                if number in gone:
                    result[-1] = result[-1][0], word[1]
                else:
                    result.append(word)
            yield result
