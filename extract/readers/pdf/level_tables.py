"""Tables with level rulings alone: upright ones are put where the white space between figures says that columns part.

Belongs here: columns from white space between given rows. Does not belong here: tables without rulings (`columns`),
cells from lines (`lattice`).

The level rulings tell the rows exactly, and where they stop short, which labels span several. Each row of figures
stands between two of them; a table for which that does not hold, or whose headers fit no columns, is left to `columns`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from extract.readers.pdf.glyphs import Glyphs
from extract.readers.pdf.lattice import Lattice, Rulings, lattices_of
from extract.readers.pdf.typeset import TextLine, is_value, text_lines

__all__ = ["level_tables"]

Ruling = tuple[float, float, float]
"""y, left, right."""
Span = tuple[float, float]

_SAME = 3.0
_SAME_ROW = 0.35
_LARGER = 1.2
_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}\s*、")
_CLOSE = 0.3
"""Characters nearer than this, in type sizes, are of one column."""
_SPACED = 0.75
_OFF = 1.0
"""How far a heading may stand off the middle or the edge of its columns."""
_BESIDE = 1.5
_MOST_BANDS = 400


class _Untold(Exception):
    """The columns of a table cannot be told."""


@dataclass(eq=False)
class _Band:
    """What stands between two rulings: its lines, figures, and the spans of its characters with their heights."""

    top: float
    bottom: float
    lines: list[TextLine] = field(default_factory=list)
    letters: list[Span] = field(default_factory=list)
    figures: list[Span] = field(default_factory=list)


def level_tables(level: Sequence[Ruling], glyphs: Glyphs) -> Iterator[Lattice]:
    """The tables between level rulings; `glyphs` are the characters outside other tables."""
    for stack in _stacks(level):
        ys = sorted({ruling[0] for ruling in stack})
        if len(ys) > _MOST_BANDS:
            continue
        for part in _parts(stack, _bands(ys, stack, glyphs)):
            try:
                lattice = _lattice(stack, part)
            except _Untold:
                continue
            if lattice is not None and _is_true(lattice, part):
                yield lattice


def _stacks(level: Sequence[Ruling]) -> Iterator[list[Ruling]]:
    """Rulings one below the other within the width of the first."""
    stack: list[Ruling] = []
    left = right = 0.0
    by_height: dict[float, list[Ruling]] = {}
    for ruling in sorted(level):
        by_height.setdefault(ruling[0], []).append(ruling)
    for pieces in by_height.values():
        start, end = min(piece[1] for piece in pieces), max(piece[2] for piece in pieces)
        if not stack or start < left - _SAME or end > right + _SAME:
            if len(stack) > 1:
                yield stack
            stack, left, right = [], start, end
        stack.extend(pieces)
    if len(stack) > 1:
        yield stack


def _bands(ys: Sequence[float], stack: Sequence[Ruling], glyphs: Glyphs) -> list[_Band]:
    left, right = min(ruling[1] for ruling in stack), max(ruling[2] for ruling in stack)
    keys = np.searchsorted(ys, glyphs.y) - 1
    keys[(glyphs.y <= ys[0]) | (glyphs.y >= ys[-1]) | (glyphs.x < left) | (glyphs.x > right)] = -1
    bands = [_Band(top, bottom) for top, bottom in pairwise(ys)]
    chosen = keys >= 0
    inside, keys = glyphs.where(chosen), keys[chosen]
    for key, start, end in zip(keys.tolist(), inside.starts.tolist(), inside.ends.tolist(), strict=True):
        bands[key].letters.append((start, end))
    for line in text_lines(inside, keys):
        band = bands[line.key]
        band.lines.append(line)
        band.figures.extend((piece.start, piece.end) for piece in line.pieces if is_value(piece.text))
    return bands


def _parts(stack: Sequence[Ruling], bands: Sequence[_Band]) -> Iterator[list[_Band]]:
    """Bands of one table each: what stands between two tables is blank, prose or a heading."""
    sizes = sorted(line.size for band in bands if band.figures for line in band.lines)
    if not sizes:
        return
    usual = sizes[len(sizes) // 2]
    part: list[_Band] = []
    for band in bands:
        if _is_between(band, usual):
            if part:
                yield part
            part = []
        else:
            part.append(band)
    if part:
        yield part


def _is_between(band: _Band, usual: float) -> bool:
    if not band.lines:
        return True
    if band.figures or any(len(line.pieces) > 1 for line in band.lines):
        return False
    return any("。" in line.text or line.size > _LARGER * usual for line in band.lines) or (
        _NUMBERED.match(band.lines[0].text) is not None
    )


def _lattice(stack: Sequence[Ruling], bands: Sequence[_Band]) -> Lattice | None:
    top, bottom = bands[0].top, bands[-1].bottom
    rulings = [ruling for ruling in stack if top <= ruling[0] <= bottom]
    outer = [ruling for ruling in rulings if ruling[0] in (top, bottom)]
    left, right = min(ruling[1] for ruling in outer), max(ruling[2] for ruling in outer)
    for y in (top, bottom):
        pieces = [ruling for ruling in outer if ruling[0] == y]
        if min(piece[1] for piece in pieces) > left + _SAME or max(piece[2] for piece in pieces) < right - _SAME:
            return None
    if not any(band.figures for band in bands):
        return None
    pieces_at: dict[float, list[Span]] = {left: [(top, bottom)], right: [(top, bottom)]}
    for header, body in _blocks(bands):
        for x, start, end in _Block(header, body, rulings, left, right).uprights():
            pieces_at.setdefault(x, []).append((start, end))
    if len(pieces_at) == 2:
        return None
    uprights = [(x, start, end) for x, spans in pieces_at.items() for start, end in _joined(spans, _SAME)]
    found = lattices_of(Rulings(np.array(rulings, np.float64), np.array(uprights, np.float64)))
    return found[0] if len(found) == 1 else None


def _blocks(bands: Sequence[_Band]) -> Iterator[tuple[list[_Band], list[_Band]]]:
    """Headers and the rows below them; a header in the midst of a table begins a block with columns of its own."""
    header: list[_Band] = []
    body: list[_Band] = []
    waiting: list[_Band] = []
    for band in bands:
        if band.figures:
            first = min((start for one in body for start, _ in one.figures), default=0.0)
            if body and any(end > first for one in waiting for _, end in one.letters):
                yield header, body
                header, body = waiting, []
            else:
                body.extend(waiting)
            waiting = []
            body.append(band)
        elif body:
            waiting.append(band)
        else:
            header.append(band)
    yield header, [*body, *waiting]


class _Block:
    """Rows with the same columns, and the headers over them."""

    def __init__(
        self, header: list[_Band], body: list[_Band], rulings: Sequence[Ruling], left: float, right: float
    ) -> None:
        self._bands = [*header, *body]
        self._head = len(header)
        self._left, self._right = left, right
        self._rulings: dict[float, list[Span]] = {}
        for y, start, end in rulings:
            self._rulings.setdefault(y, []).append((start, end))
        self._size = max(line.size for band in body for line in band.lines)
        self._first_figure = 0
        """The first column of figures."""
        self._across: list[_Band] = []

    def uprights(self) -> Iterator[tuple[float, float, float]]:
        """The upright lines as x, top, bottom."""
        edges = self._edges()
        is_ruled = [
            [self._is_ruled(band.top, (start + end) / 2) for start, end in pairwise(edges)] for band in self._bands
        ]
        runs = [self._runs([row[column] for row in is_ruled]) for column in range(len(edges) - 1)]
        for number, band in enumerate(self._bands):
            extents = [runs[column][number] for column in range(len(edges) - 1)]
            start = 0
            for column in range(1, len(extents) + 1):
                if column < len(extents) and extents[column] == extents[start]:
                    continue
                # All cells from `start` to `column` begin and end with the same rulings.
                if start:
                    yield edges[start], band.top, band.bottom
                for edge in self._inner(extents[start], edges, start, column):
                    yield edge, band.top, band.bottom
                start = column

    def _is_ruled(self, y: float, x: float) -> bool:
        return any(start <= x <= end for start, end in self._rulings.get(y, ()))

    @staticmethod
    def _runs(is_ruled: Sequence[bool]) -> list[Span]:
        """For each row of a column, the first row of its cell and the one after its last."""
        starts = [number for number, ruled in enumerate(is_ruled) if ruled or number == 0]
        result: list[Span] = []
        for start, end in pairwise([*starts, len(is_ruled)]):
            result.extend([(start, end)] * (end - start))
        return result

    def _inner(self, extent: Span, edges: Sequence[float], start: int, stop: int) -> Iterator[float]:
        """The edges that part cells of the same height."""
        first, last = int(extent[0]), int(extent[1])
        if first < self._head or self._bands[first] in self._across:
            yield from self._over_columns(self._words(first, last, edges[start], edges[stop]), edges[start : stop + 1])
            return
        own = min(self._first_figure, stop)
        if own > start:
            words = self._words(first, last, edges[start], edges[own])
            for word, following in pairwise(words):
                between = [edge for edge in edges[start + 1 : own] if word[1] <= edge <= following[0]]
                if between:
                    yield between[-1]
        yield from (edges[column] for column in range(max(start + 1, own), stop))

    def _words(self, first: int, last: int, left: float, right: float) -> list[Span]:
        letters = [letter for band in self._bands[first:last] for letter in band.letters]
        return _joined((one for one in letters if left <= (one[0] + one[1]) / 2 <= right), _CLOSE * self._size)

    def _edges(self) -> list[float]:
        """The places where columns part, with the outer borders."""
        columns = self._figure_columns()
        body = [
            letter
            for band in self._bands[self._head :]
            for letter in band.letters
            if band not in self._across or letter[1] < columns[0][0]
        ]
        lowest = [
            letter
            for number, band in enumerate(self._bands[: self._head])
            for letter in band.letters
            if not any(
                self._is_ruled(below.top, (letter[0] + letter[1]) / 2) for below in self._bands[number + 1 : self._head]
            )
        ]
        covered = _joined([*columns, *body, *lowest], _CLOSE * self._size)
        for start, end in covered:
            held = [column for column in columns if start <= column[0] and column[1] <= end]
            if len(held) > 1:
                raise _Untold
            is_heading = not held and not any(start <= one[0] and one[1] <= end for one in body)
            is_single = sum(start <= one[0] and one[1] <= end for one in lowest) == 1
            if is_heading and is_single and start > columns[0][0]:
                raise _Untold  # A heading whose letters are spaced, or a column without a figure.
        labels = [one for one in covered if one[1] < columns[0][0]]
        rest = covered[len(labels) :] if covered[: len(labels)] == labels else []
        if not rest:
            raise _Untold
        labels = _joined(labels, _SPACED * self._size)
        ends = sorted({x for spans in self._rulings.values() for span in spans for x in span})
        ends = [x for x in ends if self._left + _SAME < x < self._right - _SAME]
        edges: list[float] = []
        for one, other in pairwise([*labels, *rest]):
            own = [x for x in ends if one[1] <= x <= other[0]]
            edges.append(own[-1] if own else (one[1] + other[0]) / 2)
        if any(start < x < end for x in ends for start, end in rest):
            raise _Untold
        if labels:
            border = edges[len(labels) - 1]
            inner = [x for x in ends if x < border - 1]
            # White space beside a place where rulings end is of the same border.
            apart = [
                edge for edge in edges[: len(labels) - 1] if all(abs(x - edge) > _BESIDE * self._size for x in inner)
            ]
            edges = [*inner, *apart, *edges[len(labels) - 1 :]]
        edges = [self._left, *sorted(edges), self._right]
        first = columns[0][0]
        self._first_figure = sum(edge <= first for edge in edges) - 1
        return edges

    def _figure_columns(self) -> list[Span]:
        """The spans of the columns of figures."""
        bands = self._bands[self._head :]
        self._across = self._rows_across(bands)
        bands = [band for band in bands if band not in self._across]
        columns = _joined((one for band in bands for one in band.figures), 0.0)
        for band in bands:
            bases: dict[Span, list[float]] = {}
            for line in band.lines:
                for piece in line.pieces:
                    if is_value(piece.text):
                        column = next(one for one in columns if one[0] <= piece.start <= one[1])
                        bases.setdefault(column, []).append(piece.base)
            if not bases:
                continue
            middles = [sum(own) / len(own) for own in bases.values()]
            labels = [piece.base for line in band.lines for piece in line.pieces if not is_value(piece.text)]
            is_row = any(len(own) == 1 for own in bases.values()) or (
                len(labels) == 1 and abs(labels[0] - middles[0]) <= _SAME_ROW * self._size
            )
            if not is_row or max(middles) - min(middles) > _SAME_ROW * self._size:
                raise _Untold  # Two rows of figures between two rulings, and not digits that go on in a second line.
        return columns

    @staticmethod
    def _rows_across(bands: Sequence[_Band]) -> list[_Band]:
        """Rows whose one figure stands in the midst of several columns."""
        columns = _joined((one for band in bands if len(band.figures) > 1 for one in band.figures), 0.0)
        if len(columns) < 2:
            return []
        return [
            band
            for band in bands
            if len(band.figures) == 1
            and sum(start <= band.figures[0][1] and end >= band.figures[0][0] for start, end in columns) != 1
            and columns[0][0] < band.figures[0][0]
            and band.figures[0][1] < columns[-1][1]
        ]

    def _over_columns(self, words: Sequence[Span], edges: Sequence[float]) -> Iterator[float]:
        """The edges that part headings: each stands in the middle of its columns, or all at their left or right."""
        if len(words) < 2:
            return
        if len(words) == len(edges) - 1 and all(
            start >= one and end <= other for (start, end), (one, other) in zip(words, pairwise(edges), strict=True)
        ):
            yield from edges[1:-1]
            return
        best: tuple[float, tuple[float, ...]] | None = None
        for place in (0.5, 0.0, 1.0):
            found = _divided(words, edges, place)
            if found is not None and (best is None or found[0] < 0.5 * best[0]):
                best = found
        if best is None or best[0] > _OFF * self._size:
            raise _Untold
        yield from best[1]


def _divided(words: Sequence[Span], edges: Sequence[float], place: float) -> tuple[float, tuple[float, ...]] | None:
    """How far words stand off at most, and the edges between them, for the division where that is least.

    `place` is where in its columns each word stands: 0 at the left, 0.5 in the middle, 1 at the right.
    """
    ways: dict[int, tuple[float, tuple[float, ...]]] = {0: (0.0, ())}
    for number, (start, end) in enumerate(words):
        following: dict[int, tuple[float, tuple[float, ...]]] = {}
        is_last = number == len(words) - 1
        for first, (off, parted) in ways.items():
            for last in range(first + 1, len(edges)):
                if edges[first] > start + 1 or edges[last] < end - 1 or is_last != (last == len(edges) - 1):
                    continue
                before, after = start - edges[first], edges[last] - end
                own = abs(before - after) / 2 if place == 0.5 else before if place == 0.0 else after
                worst = max(off, own)
                if last not in following or worst < following[last][0]:
                    following[last] = worst, (*parted, *([] if is_last else [edges[last]]))
        ways = following
    return ways.get(len(edges) - 1)


def _joined(spans: Iterable[Span], gap: float) -> list[Span]:
    """Spans with those put together that are no farther apart than `gap`."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + gap:
            result[-1] = result[-1][0], max(result[-1][1], end)
        else:
            result.append((start, end))
    return result


def _is_true(lattice: Lattice, bands: Sequence[_Band]) -> bool:
    """Whether each figure lies in one cell, and no two of a line in the same."""
    for band in bands:
        y = (band.top + band.bottom) / 2
        for line in band.lines:
            figures = [piece for piece in line.pieces if is_value(piece.text)]
            cells = [
                set(lattice.cells_at(np.array([one.start + 0.5, one.end - 0.5]), np.array([y, y])).tolist())
                for one in figures
            ]
            if any(len(cell) != 1 or -1 in cell for cell in cells) or len({min(cell) for cell in cells}) != len(cells):
                return False
    return True
