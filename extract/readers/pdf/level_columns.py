"""The columns of a table with level rulings alone, from the white space between its characters.

Belongs here: where columns part, and which columns a heading stands over. Does not belong here: which lines and pages
are one table (`level_tables`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from extract.readers.pdf.spaced import WIDEST_BLANK, columns_under, in_one_column, less_spaced, unspaced_headings
from extract.readers.pdf.typeset import Piece, TextLine
from extract.readers.pdf.widths import Span, touch

__all__ = ["Band", "Block", "Ruling", "Untold", "joined"]

Ruling = tuple[float, float, float]
"""y, left, right."""

_SAME = 3.0
_SAME_ROW = 0.35
_CLOSE = 0.3
"""Characters nearer than this, in type sizes, are of one column."""
_SPACED = 0.75
_SEVERAL_CHARACTERS = 1.5
"""A span of labels wider than this, in type sizes, holds more than one character."""
_ENOUGH_ROWS = 3
"""White space at the same place in so many rows is no spacing of letters."""
_OFF = 1.0
"""How far a heading may stand off the middle or the edge of its columns."""
_BESIDE = 1.5
_PLACES = (0.5, 0.0, 1.0)
"""Where headings stand in their columns: in the middle, at the left, at the right."""


class Untold(Exception):
    """The columns of a table cannot be told."""


@dataclass(eq=False)
class Band:
    """What stands between two rulings: its lines, figures, and the spans of its characters with their heights.

    `is_step`: one of the rulings reaches farther to the right.
    """

    top: float
    bottom: float
    lines: list[TextLine] = field(default_factory=list)
    letters: list[Span] = field(default_factory=list)
    figures: list[Span] = field(default_factory=list)
    is_step: bool = False

    @property
    def is_one_word(self) -> bool:
        """Whether all its letters follow each other: a heading of the whole table, or a label."""
        return len(joined(self.letters, WIDEST_BLANK * self.lines[0].size if self.lines else 0.0)) == 1

    @property
    def words(self) -> list[Span]:
        """Its letters, those that follow each other closely put together."""
        return joined(self.letters, _CLOSE * self.lines[0].size if self.lines else 0.0)

    def is_figure(self, piece: Piece) -> bool:
        """Whether a piece of one of its lines is a figure of the table."""
        return (piece.start, piece.end) in self.figures

    def moved(self, down: float) -> "Band":
        """The same further down."""
        return replace(self, top=self.top + down, bottom=self.bottom + down)


class Block:
    """Rows with the same columns, and the headers over them."""

    def __init__(
        self, header: list[Band], body: list[Band], rulings: Sequence[Ruling], left: float, right: float
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
        self._first_span: Span = (0.0, 0.0)
        self._in_middle = False
        """Whether figures stand in the middle under their headings, and at neither side."""
        self._across: list[Band] = []
        self._covered: list[Span] = []
        """What labels, figures and the lowest headings cover."""

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
            words = self._words(first, last, edges[start], edges[stop])
            yield from self._headed(words, edges, start, stop, is_lowest=last == self._head)
            return
        own = min(self._first_figure, stop)
        if own > start:
            words = self._words(first, last, edges[start], edges[own])
            for word, following in pairwise(words):
                between = [edge for edge in edges[start + 1 : own] if word[1] <= edge <= following[0]]
                if between:
                    yield between[-1]
        yield from (edges[column] for column in range(max(start + 1, own), stop))

    def _headed(
        self, words: Sequence[Span], edges: Sequence[float], start: int, stop: int, *, is_lowest: bool
    ) -> Iterator[float]:
        """The edges that part headings; those over the labels may stand anywhere: where labels end is guessed."""
        own = self._first_figure
        corner = [word for word in words if word[1] <= edges[own]]
        rest = [word for word in words if word[0] >= edges[own]]
        if start < own < stop and corner and rest and len(corner) + len(rest) == len(words):
            yield edges[own]
            if len(corner) > 1:
                yield from self._over_columns(corner, edges[start : own + 1], is_lowest=False)
            try:
                yield from list(self._over_columns(rest, edges[own : stop + 1], is_lowest=is_lowest))
            except Untold:
                # The border to the labels lies as far from the middle of the first figures as the next one.
                middle = sum(self._first_span) / 2
                left = max(edges[own], 2 * middle - edges[own + 1])
                yield from self._over_columns(rest, [left, *edges[own + 1 : stop + 1]], is_lowest=is_lowest)
        else:
            yield from self._over_columns(words, edges[start : stop + 1], is_lowest=is_lowest)

    def _words(self, first: int, last: int, left: float, right: float) -> list[Span]:
        letters = [letter for band in self._bands[first:last] for letter in band.letters]
        return joined((one for one in letters if left <= (one[0] + one[1]) / 2 <= right), _CLOSE * self._size)

    def _edges(self) -> list[float]:
        """The places where columns part, with the outer borders."""
        columns = self._figure_columns()
        body = [
            letter
            for band in self._bands[self._head :]
            for letter in band.letters
            if band not in self._across or (band.figures and letter[1] < columns[0][0])
        ]
        behind = max((end for _, end in body if end < columns[0][0]), default=self._left)
        """Where the labels of the rows end."""
        letters, words = self._headings(behind)
        rows = [band.figures for band in self._bands[self._head :] if band not in self._across]
        columns = columns_under(words, columns, rows)
        self._in_middle = _are_in_middle(words, columns)
        # Headings whose letters are spaced are taken whole as well.
        headings = letters + [word for word in unspaced_headings(words, columns, self._size) if word not in words]
        covered = self._covered = joined([*columns, *body, *headings], _CLOSE * self._size)
        for start, end in covered:
            held = [column for column in columns if start <= column[0] and column[1] <= end]
            if len(held) > 1:
                raise Untold
            is_heading = not held and not any(start <= one[0] and one[1] <= end for one in body)
            is_single = sum(start <= one[0] and one[1] <= end for one in headings) == 1
            if is_heading and is_single and start > behind:
                raise Untold  # A heading whose letters are spaced, or a column without a figure.
        labels = [one for one in covered if one[1] < columns[0][0] and one[0] < behind]
        rest = covered[len(labels) :] if covered[: len(labels)] == labels else []
        if not rest:
            raise Untold
        labels = self._label_columns(labels)
        ends = sorted({x for spans in self._rulings.values() for span in spans for x in span})
        ends = [x for x in ends if self._left + _SAME < x < self._right - _SAME]
        edges: list[float] = []
        for one, other in pairwise([*labels, *rest]):
            own = [x for x in ends if one[1] <= x <= other[0]]
            edges.append(own[-1] if own else (one[1] + other[0]) / 2)
        if any(start < x < end for x in ends for start, end in rest):
            raise Untold
        if labels:
            border = edges[len(labels) - 1]
            inner = [x for x in ends if x < border - 1]
            # White space beside a place where rulings end is of the same border.
            apart = [
                edge for edge in edges[: len(labels) - 1] if all(abs(x - edge) > _BESIDE * self._size for x in inner)
            ]
            edges = [*inner, *apart, *edges[len(labels) - 1 :]]
        edges = [self._left, *sorted(edges), self._right]
        self._first_span = rest[0]
        self._first_figure = sum(edge <= rest[0][0] for edge in edges) - 1
        return edges

    def _headings(self, behind: float) -> tuple[list[Span], list[Span]]:
        """The letters and words of the lowest headings over figures: the corner does not tell where labels part.

        Below the first heading and the last there may be a cell without any text.
        """
        header = self._bands[: self._head]
        lowest: list[Span] = []
        for number, band in enumerate(header, 1):
            below = header[number:]
            for start, end in joined(band.letters, _CLOSE * self._size):
                own = [one for one in band.letters if start <= one[0] and one[1] <= end]
                under = [letter for one in below for letter in one.letters if letter[0] >= behind]
                # In between, a common heading may stand over the white space of two others.
                if any(left <= end for left, _ in under) and any(right >= start for _, right in under):
                    own = [one for one in own if not any(self._is_ruled(other.top, sum(one) / 2) for other in below)]
                lowest += own
        words = [word for word in joined(lowest, _CLOSE * self._size) if word[0] >= behind]
        return [one for one in lowest if any(start <= one[0] and one[1] <= end for start, end in words)], words

    def _label_columns(self, spans: Sequence[Span]) -> list[Span]:
        """Spans of labels with those put together that only spaced letters part."""
        result: list[Span] = []
        for one in spans:
            if result and one[0] - result[-1][1] <= _SPACED * self._size and not self._part(result[-1], one):
                result[-1] = result[-1][0], one[1]
            else:
                result.append(one)
        return result

    def _part(self, one: Span, other: Span) -> bool:
        """Whether the white space between two spans of labels parts columns: several rows have words on both sides."""
        if min(one[1] - one[0], other[1] - other[0]) <= _SEVERAL_CHARACTERS * self._size:
            return False
        rows = sum(
            all(any(start <= letter[0] and letter[1] <= end for letter in band.letters) for start, end in (one, other))
            for band in self._bands[self._head :]
        )
        return rows >= _ENOUGH_ROWS

    def _figure_columns(self) -> list[Span]:
        """The spans of the columns of figures."""
        bands = self._bands[self._head :]
        self._across = self._rows_across(bands)
        bands = [band for band in bands if band not in self._across]
        columns = joined((one for band in bands for one in band.figures), 0.0)
        for band in bands:
            bases: dict[Span, list[float]] = {}
            for line in band.lines:
                for piece in line.pieces:
                    if band.is_figure(piece):
                        column = next(one for one in columns if one[0] <= piece.start <= one[1])
                        bases.setdefault(column, []).append(piece.base)
            if not bases:
                continue
            middles = [sum(own) / len(own) for own in bases.values()]
            labels = [piece.base for line in band.lines for piece in line.pieces if not band.is_figure(piece)]
            is_row = any(len(own) == 1 for own in bases.values()) or (
                len(labels) == 1 and abs(labels[0] - middles[0]) <= _SAME_ROW * self._size
            )
            if not is_row or max(middles) - min(middles) > _SAME_ROW * self._size:
                raise Untold  # Two rows of figures between two rulings, and not digits that go on in a second line.
        return columns

    @staticmethod
    def _rows_across(bands: Sequence[Band]) -> list[Band]:
        """Rows whose one figure stands in the midst of several columns, and headings that stand over all of them."""
        columns = joined((one for band in bands if len(band.figures) > 1 for one in band.figures), 0.0)
        if len(columns) < 2:
            return []
        headings = [band for band in bands if not band.figures and any(end > columns[0][0] for _, end in band.letters)]
        return headings + [
            band
            for band in bands
            if len(band.figures) == 1
            and sum(touch(band.figures[0], column) for column in columns) != 1
            and columns[0][0] < band.figures[0][0]
            and band.figures[0][1] < columns[-1][1]
        ]

    def _over_columns(self, words: Sequence[Span], edges: Sequence[float], *, is_lowest: bool) -> Iterator[float]:
        """The edges that part headings: each stands in the middle of its columns, or all at their left or right."""
        words = in_one_column(words, edges)
        if len(words) < 2:
            return
        if len(words) == len(edges) - 1 and _is_each_in_a_column(words, edges):
            yield from edges[1:-1]
            return
        is_each = _is_each_in_a_column(words, edges)
        is_centred = is_each and self._is_centred(words, edges)
        found = self._division(words, edges, places=(0.5,) if is_centred and self._in_middle else _PLACES)
        if found is None and is_centred:
            found = tuple(edges[1:-1])  # Blanks are beside.
        if found is None:
            found = self._unlike_division(words, edges)
        if found is None and is_each and is_lowest:
            # A page break cuts the header and the headings of the other columns stand above it.
            found = tuple(edges[1:-1])
        if found is None:
            raise Untold
        yield from found

    def _is_centred(self, words: Sequence[Span], edges: Sequence[float]) -> bool:
        """Whether words stand in the middle of single columns."""
        middles = [sum(self._content(one, other)) / 2 for one, other in pairwise(edges)]
        return all(min(abs((start + end) / 2 - one) for one in middles) <= _CLOSE * self._size for start, end in words)

    def _division(
        self, words: Sequence[Span], edges: Sequence[float], places: Sequence[float] = _PLACES
    ) -> tuple[float, ...] | None:
        best = _best_division(words, edges, [self._content(one, other) for one, other in pairwise(edges)], places)
        return best[1] if best is not None and best[0] <= _OFF * self._size else None

    def _content(self, left: float, right: float) -> Span:
        """Where what stands between two edges begins and ends."""
        own = [(start, end) for start, end in self._covered if start >= left and end <= right]
        return (own[0][0], own[-1][1]) if own else (left, right)

    def _unlike_division(self, words: Sequence[Span], edges: Sequence[float]) -> tuple[float, ...] | None:
        """The one division that fits if nothing stands over columns at the edge, or headings are spaced.

        A cell too many in some row makes a column at the edge; a page break may cut a heading, whose rest is blank.
        """
        fitting: list[tuple[float, ...]] = []
        for count in range(1, len(edges) - len(words)):
            for part, edge in ((edges[:-count], edges[-count - 1]), (edges[count:], edges[count])):
                if (found := self._division(words, part)) is not None:
                    fitting.append((edge, *found))
        for fewer in less_spaced(words, self._size):
            if (found := self._division(fewer, edges)) is not None:
                fitting.append(found)
                break
        return fitting[0] if len(fitting) == 1 else None


def _are_in_middle(words: Sequence[Span], columns: Sequence[Span]) -> bool:
    """Whether columns of figures stand in the middle under their headings, and at neither side."""
    pairs = [(word, column) for column in columns for word in words if touch(word, column)]
    if not pairs:
        return False
    middle, left, right = (
        median(abs((1 - place) * (one[0] - other[0]) + place * (one[1] - other[1])) for one, other in pairs)
        for place in (0.5, 0.0, 1.0)
    )
    return middle < min(left, right)


def _is_each_in_a_column(words: Sequence[Span], edges: Sequence[float]) -> bool:
    """Whether each word lies in a column of its own."""
    columns = [
        next((number for number, (left, right) in enumerate(pairwise(edges)) if start >= left and end <= right), None)
        for start, end in words
    ]
    return None not in columns and len(set(columns)) == len(columns)


def _best_division(
    words: Sequence[Span], edges: Sequence[float], contents: Sequence[Span], places: Sequence[float]
) -> tuple[float, tuple[float, ...]] | None:
    """The division of columns among words that all stand at one of the places in their columns: where they fit best."""
    best: tuple[float, tuple[float, ...]] | None = None
    for place in places:
        found = _divided(words, edges, contents, place)
        if found is not None and (best is None or found[0] < 0.5 * best[0]):
            best = found
    return best


def _divided(
    words: Sequence[Span], edges: Sequence[float], contents: Sequence[Span], place: float
) -> tuple[float, tuple[float, ...]] | None:
    """How far words stand off at most, and the edges between them, for the division where that is least.

    `place` is where in its columns each word stands: 0 at the left, 0.5 in the middle, 1 at the right. What else stands
    in a column tells its left and right better than its edges, which are put midway between columns.
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
                if place == 0.5:
                    own = abs(before - after) / 2
                elif place == 0.0:
                    own = min(before, abs(start - contents[first][0]))
                else:
                    own = min(after, abs(contents[last - 1][1] - end))
                worst = max(off, own)
                if last not in following or worst < following[last][0]:
                    following[last] = worst, (*parted, *([] if is_last else [edges[last]]))
        ways = following
    return ways.get(len(edges) - 1)


def joined(spans: Iterable[Span], gap: float) -> list[Span]:
    """Spans with those put together that are no farther apart than `gap`."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + gap:
            result[-1] = result[-1][0], max(result[-1][1], end)
        else:
            result.append((start, end))
    return result
