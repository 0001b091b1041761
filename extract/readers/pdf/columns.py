"""Tables without upright rulings: rows told by their figures, columns by the white space between them.

Belongs here: which lines of text form a table, its rows and the order of its cells. Does not belong here: paragraphs.

Figures stand on one line each; the label of a row may take several, above and below it. So each line of figures is a
row, words that follow each other closely are one label, and a label belongs to the figures beside it. Only the order of
cells in a row is certain: the tables are not aligned. A blank cell stands where other rows have a figure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from extract.model import Box
from extract.readers.pdf.tables import PageCell, PageTable
from extract.readers.pdf.typeset import Piece, TextLine, is_value
from extract.readers.pdf.words import (
    ENUMERATED,
    Span,
    Word,
    around,
    figures_apart,
    glued_figures_apart,
    headings_apart,
    headings_together,
    labels_apart,
    unspaced,
)

__all__ = ["with_columns"]

_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}\s*、")
_RUN_TOGETHER = re.compile(r"0\d+")
_SAME_ROW = 0.35
"""Figures whose baselines differ by at most this, in type sizes, stand in one row."""
_OFF_LINE = 0.2
_BESIDE = 0.9
_LOOSEST = 3.2
_MOST_BETWEEN = 10
_FIGURES_OF_ONE_ROW = 4
_LONGEST = 60
_LARGER = 1.2
_CLOSE = 1.15
"""Lines of one label follow each other at the least distance found, up to this factor."""
_USUAL_PITCH = 1.3
"""Lines of one label are no farther apart, in type sizes, where nothing tells how far: next come rows."""
_LARGEST_PITCH = 1.9
_UPRIGHT_PITCH = 1.4
"""Characters beside rows of figures and farther apart than this, in type sizes, are the units of the rows."""
_HEADER_PITCH = 2.2
_LONGEST_HEADER = 14
_WIDE = 5
_OFF_CENTRE = 0.6
_HEADING_PITCH = 1.5
_ENOUGH_ROWS, _MOST_ROWS = 4, 100
"""Rows among which one may stand apart."""
_HALVES = 0.6
"""Middles of columns are farther apart than this share of what is usual in their table."""

Level = Sequence[tuple[float, float, float]]


@dataclass(slots=True)
class _Cell:
    """Words one below the other."""

    words: list[Word]

    @property
    def start(self) -> float:
        return min(word.piece.start for word in self.words)

    @property
    def end(self) -> float:
        return max(word.piece.end for word in self.words)

    @property
    def first(self) -> float:
        return self.words[0].base

    @property
    def last(self) -> float:
        return self.words[-1].base

    @property
    def centre(self) -> float:
        return (self.first + self.last) / 2

    @property
    def text(self) -> str:
        return "\n".join(word.piece.text for word in self.words)

    @property
    def doubt(self) -> str:
        return next((word.doubt for word in self.words if word.doubt), "")

    @property
    def box(self) -> Box:
        return around([word.piece.box for word in self.words])


Slot = tuple[str, str, Box]


def with_columns(lines: Sequence[TextLine], level: Level) -> Iterator[list[TextLine] | PageTable]:
    """Lines from the top down as stretches of text and tables; `level` are rulings as y, left, right."""
    position = 0
    text: list[TextLine] = []
    while position < len(lines):
        stop = _region(lines, position)
        if stop == position:
            text.append(lines[position])
            position += 1
            continue
        label = _label_above(text, lines[position])
        rows = [*label, *lines[position:stop]]
        members = [*_header_above(text, rows), *rows]
        if text:
            yield text
            text = []
        yield _table(members, level)
        position = stop
    if text:
        yield text


def _values(line: TextLine) -> int:
    return sum(is_value(piece.text) for piece in line.pieces)


def _is_row(line: TextLine) -> bool:
    """Whether a line is a row of cells by itself, or the figures of one."""
    pieces = line.pieces
    if line.turn != 0 or any(len(piece.text) > _LONGEST for piece in pieces):
        return False
    return len(pieces) > 2 or (len(pieces) == 2 and _values(line) > 0)


def _region(lines: Sequence[TextLine], start: int) -> int:
    """The end of the table that begins at a line; `start` if none does."""
    if not _is_row(lines[start]):
        return start
    end, rows, position = start + 1, 1, start + 1
    while position < len(lines) and position - end <= _MOST_BETWEEN:
        line = lines[position]
        if line.base - lines[position - 1].base > _LOOSEST * line.size or line.turn != 0:
            break
        if _is_row(line) or (_values(line) == len(line.pieces) and rows > 1):
            end, rows = position + 1, rows + 1
        elif _ends_table(lines, position):
            break
        position += 1
    figures = max(_values(line) for line in lines[start:end])
    if figures == 0 or (rows < 2 and figures < _FIGURES_OF_ONE_ROW):
        return start
    # The rest of a last label may follow its figures.
    while end < len(lines) and lines[end].base - lines[end - 1].base < _BESIDE * lines[end].size:
        end += 1
    return end


def _ends_table(lines: Sequence[TextLine], position: int) -> bool:
    """Whether a line that is no row is prose or a heading, and not a label."""
    line = lines[position]
    if len(line.text) > _LONGEST or "。" in line.text or line.size > _LARGER * lines[position - 1].size:
        return True
    if len(line.pieces) > 1 or not _NUMBERED.match(line.text) or _is_between_rows(lines, position):
        return False
    following = (other for other in lines[position + 1 : position + 3] if other.base - line.base < _BESIDE * line.size)
    if any(_values(other) for other in following):
        return False
    # A label of several rows stands between two of them.
    around = (lines[position - 1], lines[position + 1]) if position + 1 < len(lines) else ()
    is_near = all(abs(other.base - line.base) < _LARGEST_PITCH * line.size and _values(other) for other in around)
    return not around or not is_near


def _is_between_rows(lines: Sequence[TextLine], position: int) -> bool:
    """Whether figures stand right below a line in the columns of those right above it: a heading inside the table."""
    if position + 1 >= len(lines):
        return False
    above, below = (
        [piece for piece in line.pieces if is_value(piece.text)] for line in (lines[position - 1], lines[position + 1])
    )
    return len(below) >= _FIGURES_OF_ONE_ROW and sum(
        any(one.start <= other.end and one.end >= other.start for other in above) for one in below
    ) == len(below)


def _label_above(text: list[TextLine], row: TextLine) -> list[TextLine]:
    """The lines above a first row of figures with which its label begins, taken out of `text`."""
    if not text or text[-1].turn != 0 or len(text[-1].pieces) > 1 or not _values(row):
        return []
    line = text[-1]
    pitch = (row.base - line.base) / line.size
    is_cut = not is_value(row.pieces[0].text) and not ENUMERATED.match(row.text) and ENUMERATED.match(line.text)
    left = min(piece.start for piece in row.pieces if is_value(piece.text))
    if line.end > left or not (pitch < _BESIDE or (is_cut and pitch < _CLOSE * _USUAL_PITCH)):
        return []
    return [text.pop()]


def _header_above(text: list[TextLine], rows: Sequence[TextLine]) -> list[TextLine]:
    """Lines just above a table that stand over its figures: the upper parts of its headers, taken out of `text`.

    The corner over the labels may stand between them, in the middle of the header's height.
    """
    starts = [piece.start for line in rows for piece in line.pieces if is_value(piece.text)]
    left = min(starts) - 2 * rows[0].size
    following = rows[0]
    count = corner = 0
    for line in reversed(text):
        if following.base - line.base > _HEADER_PITCH * line.size or line.turn != 0:
            break
        words = (word for piece in line.pieces for word in piece.text.split())
        if line.start > left and all(len(word) <= _LONGEST_HEADER for word in words):
            count += corner + 1
            corner = 0
        elif line.end < left + line.size or (len(line.pieces) > 1 and line.pieces[-1].start > left):
            corner += 1
        else:
            break
        following = line
    taken = text[len(text) - count :]
    del text[len(text) - count :]
    return taken


def _table(lines: Sequence[TextLine], level: Level) -> PageTable:
    words = figures_apart(
        [Word(_base(piece, line), line.size, piece, line.doubt) for line in lines for piece in line.pieces]
    )
    labels = [word for word in words if not is_value(word.piece.text)]
    values = _unbroken([word for word in words if is_value(word.piece.text)], labels)
    rows = _rows_of_figures(values)
    alone = _alone(rows, labels)
    if alone:
        labels += alone
        values = [word for word in values if word not in alone]
        rows = _rows_of_figures(values)
    columns = _columns(rows)
    left = columns[0][0] if columns else min(word.piece.start for word in values)
    labels = headings_apart(glued_figures_apart(labels, columns), columns)
    if run_together := [word for word in labels if is_value(word.piece.text) and word not in alone]:
        values += run_together
        labels = [word for word in labels if word not in run_together]
        rows = _rows_of_figures(values)
        columns = _columns(rows)
    labels = headings_together(labels, columns)
    labels, gaps = labels_apart(labels, left)
    headings = _lines_of_header(labels, rows, left)
    labels = [*headings, *unspaced([word for word in labels if word not in headings], left, gaps)]
    cells = _cells(labels, rows, level, left)
    beside: list[list[_Cell]] = [[] for _ in rows]
    loose: list[_Cell] = []
    for cell in cells:
        row = _row_beside(cell, rows, level)
        if row is None:
            loose.append(cell)
        else:
            beside[row].append(cell)
    first = min(word.base for word in rows[0])
    header = [cell for cell in loose if cell.centre < first]
    loose = [cell for cell in loose if cell.centre >= first]
    spans = _spanning(rows, beside, loose)
    spanning = {id(cell) for _, _, cell in spans}
    between = _headers_between([cell for cell in loose if id(cell) not in spanning], left)
    columns_of = _columns_by_block(rows, header, between, columns, [cell for own in beside for cell in own])
    # Figures that run together leave columns that only look blank.
    slots_of = [() for _ in rows] if any(_RUN_TOGETHER.fullmatch(word.piece.text) for word in values) else columns_of
    placed: list[tuple[float, list[Slot]]] = [*_header_rows(header, columns_of[0])]
    heading = {id(cell) for row in between for cell in row}
    for run, under in _runs(between, rows, columns_of):
        placed += _header_rows(run, under)
    # Where every row of figures has a label, a label without figures is a row of blanks.
    under_of = list(zip(rows, slots_of, strict=True)) if all(beside) else []
    placed += [
        (cell.centre, [(cell.text, cell.doubt, cell.box), *_blanks(cell, under_of)])
        for cell in loose
        if id(cell) not in spanning and id(cell) not in heading
    ]
    row_at: dict[float, int] = {}
    for figures, own, under in zip(rows, beside, slots_of, strict=True):
        height = min(word.base for word in figures)
        row_at[height] = len(row_at)
        placed.append((height, _slots(figures, [cell for cell in own if id(cell) not in spanning], under)))
    placed.sort(key=lambda one: one[0])
    number_of = {row_at[height]: number for number, (height, _) in enumerate(placed) if height in row_at}
    made = [
        PageCell(number_of[start], 0, number_of[stop - 1] - number_of[start] + 1, 1, cell.text, cell.doubt, cell.box)
        for start, stop, cell in spans
    ]
    shifted = {row for cell in made for row in range(cell.row, cell.row + cell.row_span)}
    for number, (_, slots) in enumerate(placed):
        for column, (text, doubt, box) in enumerate(slots, int(number in shifted)):
            made.append(PageCell(number, column, 1, 1, text, doubt, box))
    made.sort(key=lambda cell: (cell.row, cell.column))
    box = around([cell.box for cell in made])
    width = max(cell.column for cell in made) + 1
    return PageTable(made, len(placed), [box[0]] * width + [box[2]], box, is_aligned=False)


def _lines_of_header(labels: Sequence[Word], rows: Sequence[Sequence[Word]], left: float) -> list[Word]:
    """Words above all figures from the first line on that has some over them, and those closely below.

    Headings of columns of blanks may stand to the left of all figures, as labels do.
    """
    above = [word for word in labels if word.base < rows[0][0].base - _SAME_ROW * word.size]
    top = min((word.base for word in above if word.piece.end > left), default=None)
    if top is None:
        return []
    result: list[Word] = []
    last = max(word.base for word in above if word.piece.end > left)
    for word in sorted(above, key=lambda one: one.base):
        if word.base >= top - _SAME_ROW * word.size and word.base - last <= _BESIDE * word.size:
            result.append(word)
            last = max(last, word.base)
    return result


def _base(piece: Piece, line: TextLine) -> float:
    """The baseline of a piece where it clearly is not that of its line: cells of other heights run into each other."""
    return piece.base if abs(piece.base - line.base) > _OFF_LINE * line.size else line.base


def _alone(rows: Sequence[Sequence[Word]], labels: Sequence[Word]) -> list[Word]:
    """Figures that stand alone on their line and in no column of others: page numbers inside a table."""
    result = []
    for row in rows:
        word = row[0]
        if len(row) > 1 or any(abs(one.base - word.base) < _BESIDE * word.size for one in labels):
            continue
        others = (one for other in rows if other is not row for one in other)
        if len(rows) > 1 and not any(_overlaps(word.piece, one.piece) for one in others):
            result.append(word)
    return result


def _headers_between(loose: Sequence[_Cell], left: float) -> list[list[_Cell]]:
    """Rows of headers below the first row of figures: cells of one height, some of them over the figures."""
    rows: list[list[_Cell]] = []
    for cell in sorted(loose, key=lambda one: one.centre):
        if rows and cell.centre - rows[-1][0].centre <= _SAME_ROW * cell.words[0].size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [row for row in rows if len(row) > 1 and any(cell.end > left for cell in row)]


def _runs(
    between: Sequence[Sequence[_Cell]], rows: Sequence[Sequence[Word]], columns_of: Sequence[Sequence[Span]]
) -> Iterator[tuple[list[_Cell], Sequence[Span]]]:
    """The cells of each header below the first row of figures, and the columns of the rows under it."""
    runs: dict[int, list[_Cell]] = {}
    for cells in between:
        above = sum(row[0].base < cells[0].centre for row in rows)
        runs.setdefault(above, []).extend(cells)
    for above, run in runs.items():
        yield run, columns_of[above] if above < len(rows) else ()


def _columns_by_block(
    rows: Sequence[Sequence[Word]],
    header: Sequence[_Cell],
    between: Sequence[Sequence[_Cell]],
    columns: Sequence[Span],
    labels: Sequence[_Cell],
) -> list[Sequence[Span]]:
    """The columns of each row of figures: those of the rows under the same header, also where no row has a figure."""
    heights = [row[0].centre for row in between]
    blocks = [sum(height < row[0].base for height in heights) for row in rows]
    by_block: dict[int, Sequence[Span]] = {}
    for block in sorted(set(blocks)):
        own = [row for row, number in zip(rows, blocks, strict=True) if number == block]
        found = _columns(own) if between else columns
        over = between[block - 1] if block else header
        by_block[block] = _with_blank_columns(found, over, labels) if found else found
    return [by_block[block] for block in blocks]


def _with_blank_columns(columns: Sequence[Span], header: Sequence[_Cell], labels: Sequence[_Cell]) -> list[Span]:
    """Columns with those added of which only the heading is printed, on a line with the others' headings.

    A column without a heading is a sign that headings do not stand over their columns: then nothing is added. What
    stands over labels heads them, and so does what is farthest to the left.
    """

    def touches(cell: _Cell, column: Span) -> bool:
        return cell.start <= column[1] and cell.end >= column[0]

    if any(not any(touches(cell, column) for cell in header) for column in columns):
        return list(columns)
    reach = max((cell.end for cell in labels), default=columns[0][0])
    corner = min(header, key=lambda cell: cell.start)
    # Level with a heading just above a column: farther up stand common headings of several columns.
    over = [max((cell for cell in header if touches(cell, one)), key=lambda cell: cell.last) for one in columns]
    blank = [
        (cell.start, cell.end)
        for cell in header
        if (cell.start > columns[0][1] or (cell.start > reach and cell is not corner))
        and len(cell.text) > 1
        and not any(touches(cell, column) for column in columns)
        and any(abs(cell.centre - one.centre) <= _SAME_ROW * cell.words[0].size for one in over)
    ]
    return sorted([*columns, *blank])


def _spanning(
    rows: Sequence[Sequence[Word]], beside: Sequence[Sequence[_Cell]], loose: Sequence[_Cell]
) -> list[tuple[int, int, _Cell]]:
    """Labels of several rows with the first row and the one after the last, where their places tell it.

    Such a label stands in the middle of its rows, to the left of their own labels. Nothing is told unless every one of
    them fits and none of the rows is left over.
    """
    own = [max(cells, key=lambda cell: cell.start) if cells else None for cells in beside]
    groups = [*loose, *(cell for cells, last in zip(beside, own, strict=True) for cell in cells if cell is not last)]
    groups.sort(key=lambda cell: cell.centre)
    if not groups:
        return []
    reach = max(cell.end for cell in groups)
    if reach > min(word.piece.start for figures in rows for word in figures):
        return []
    tops, bottoms = [], []
    for figures, cell in zip(rows, own, strict=True):
        size = figures[0].size
        heights = [figures[0].base, *([cell.first, cell.last] if cell else [])]
        tops.append(min(heights) - size)
        bottoms.append(max(heights))
    borders = [(bottom + top) / 2 for bottom, top in zip(bottoms, tops[1:], strict=False)]
    borders = [2 * tops[0] - borders[0] + bottoms[0] - tops[0] if borders else tops[0], *borders]
    borders.append(2 * bottoms[-1] - borders[-1] - bottoms[-1] + tops[-1] if len(rows) > 1 else bottoms[-1])
    result: list[tuple[int, int, _Cell]] = []
    row = 0
    waiting = list(groups)
    while row < len(rows):
        cell = own[row]
        if cell is None or cell.start <= reach:
            row += 1
            continue
        stop = row
        while stop < len(rows) and (last := own[stop]) is not None and last.start > reach:
            stop += 1
        start = row
        while start < stop:
            if not waiting:
                return []
            group = waiting.pop(0)
            middle = group.centre - 0.36 * group.words[0].size
            ends = range(start + 1, stop + 1)
            end = min(ends, key=lambda one: abs((borders[start] + borders[one]) / 2 - middle))
            if abs((borders[start] + borders[end]) / 2 - middle) > _OFF_CENTRE * group.words[0].size:
                return []
            result.append((start, end, group))
            start = end
        row = stop
    return result if not waiting else []


def _unbroken(values: Sequence[Word], labels: Sequence[Word]) -> list[Word]:
    """Figures with those put together whose digits go on in a second line, above and below the middle of their row."""
    ordered = sorted(values, key=lambda one: (one.piece.start, one.base))
    gone: set[int] = set()
    result: list[Word] = []
    for number, word in enumerate(ordered):
        if number in gone:
            continue
        for other_number, other in enumerate(ordered):
            pitch = other.base - word.base
            if (
                other_number not in gone
                and 0.6 * word.size < pitch <= 1.6 * word.size
                and _overlaps(word.piece, other.piece)
                and _is_around_a_row(word, other, values, labels)
            ):
                gone.add(other_number)
                box = around([word.piece.box, other.piece.box])
                start, end = min(word.piece.start, other.piece.start), max(word.piece.end, other.piece.end)
                piece = Piece(f"{word.piece.text}\n{other.piece.text}", start, end, box)
                word = Word(word.base + pitch / 2, word.size, piece, word.doubt or other.doubt)
                break
        result.append(word)
    return result


def _is_around_a_row(word: Word, other: Word, values: Sequence[Word], labels: Sequence[Word]) -> bool:
    """Whether the middle of a row lies between two figures: figures of other columns, or its label."""
    least, most = word.base + 0.25 * word.size, other.base - 0.25 * word.size
    if any(least < one.base < most for one in values):
        return True
    own = any(abs(one.base - two.base) < 0.2 * two.size for one in labels for two in (word, other))
    return not own and any(least < one.base < most for one in labels)


def _rows_of_figures(values: Sequence[Word]) -> list[list[Word]]:
    """Figures in rows, from the top down."""
    rows: list[list[Word]] = []
    for word in sorted(values, key=lambda one: one.base):
        if rows and word.base - rows[-1][0].base <= _SAME_ROW * word.size:
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def _cells(labels: Sequence[Word], rows: Sequence[Sequence[Word]], level: Level, left: float) -> list[_Cell]:
    """Words in cells: those that follow each other closely, one over the other."""
    ordered = sorted(labels, key=lambda one: (one.base, one.piece.start))
    bases = [row[0].base for row in rows]

    def is_beside(word: Word) -> bool:
        return any(abs(base - word.base) <= _SAME_ROW * word.size for base in bases)

    over = {round(word.base) for word in ordered if word.piece.end > left}
    """Heights at which words stand over the figures: headers, which no label goes on from."""

    def is_header(word: Word) -> bool:
        return round(word.base) in over and not is_beside(word)

    following: list[tuple[float, int, int]] = []
    around: list[float] = []
    for number, word in enumerate(ordered):
        for other_number in range(number + 1, len(ordered)):
            other = ordered[other_number]
            pitch = (other.base - word.base) / max(word.size, other.size)
            if pitch > _LARGEST_PITCH:
                break
            if pitch > 0.6 and _overlaps(word.piece, other.piece) and not _is_parted(word, other, level):
                beside = is_beside(word), is_beside(other)
                is_upright = len(word.piece.text) == len(other.piece.text) == 1
                if is_upright and not (all(beside) and pitch > _UPRIGHT_PITCH):
                    following.append((0.0, number, other_number))
                elif (
                    not all(beside)
                    and not (is_header(word) and beside[1])
                    and not (is_header(other) and beside[0])
                    and not _is_over_several(word, other, ordered)
                    and not ENUMERATED.match(other.piece.text)
                ):
                    following.append((pitch, number, other_number))
                    if not any(beside) and any(word.base < base < other.base for base in bases):
                        around.append(pitch)
                break
    # Two lines of a label with its figures between them tell how close the lines of a label are.
    closest = min(around or [min(pitch, _USUAL_PITCH) for pitch, _, _ in following if pitch > 0], default=0.0)
    cell_of = {number: _Cell([word]) for number, word in enumerate(ordered)}
    for pitch, number, other_number in following:
        is_heading = (
            pitch <= _HEADING_PITCH
            and ordered[other_number].base < min(bases)
            and _is_under(ordered[number].piece, ordered[other_number].piece, ordered[number].size)
        )
        if is_heading or pitch <= _CLOSE * closest:
            one, other_cell = cell_of[number], cell_of[other_number]
            if one is not other_cell:
                one.words.extend(other_cell.words)
                for position, cell in cell_of.items():
                    if cell is other_cell:
                        cell_of[position] = one
    cells = list({id(cell): cell for cell in cell_of.values()}.values())
    for cell in cells:
        cell.words.sort(key=lambda word: (word.base, word.piece.start))
    return cells


def _is_over_several(word: Word, other: Word, words: Sequence[Word]) -> bool:
    """Whether one of two words, one over the other, has several neighbours on the other's line: a common heading."""

    def count(one: Word, base: float) -> int:
        return sum(
            abs(third.base - base) <= 0.1 * one.size
            and min(one.piece.end, third.piece.end) - max(one.piece.start, third.piece.start) > 0.2 * one.size
            for third in words
        )

    return count(word, other.base) > 1 or count(other, word.base) > 1


def _is_under(one: Piece, other: Piece, size: float) -> bool:
    """Whether two pieces have one middle or one left edge."""
    return abs(one.start + one.end - other.start - other.end) < size or abs(one.start - other.start) < 0.3 * size


def _overlaps(one: Piece, other: Piece) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0.5 * min(one.end - one.start, other.end - other.start)


def _is_parted(word: Word, other: Word, level: Level) -> bool:
    """Whether a level ruling lies between two words."""
    x = (max(word.piece.start, other.piece.start) + min(word.piece.end, other.piece.end)) / 2
    return any(left <= x <= right and word.middle < y < other.middle for y, left, right in level)


def _row_beside(cell: _Cell, rows: Sequence[Sequence[Word]], level: Level) -> int | None:
    """The one row of figures that a label stands beside; None for a header, or a label of several rows."""
    reach = 0.5 * cell.words[0].size
    near = [number for number, row in enumerate(rows) if cell.first - reach <= row[0].base <= cell.last + reach]
    if len(near) == 1:
        return near[0]
    if near or not level:
        return None
    # Between two rulings with one row of figures, every word belongs to it.
    x, y = (cell.start + cell.end) / 2, cell.centre - 0.36 * cell.words[0].size
    above = max((at for at, left, right in level if left <= x <= right and at < y), default=None)
    below = min((at for at, left, right in level if left <= x <= right and at > y), default=None)
    if above is None or below is None:
        return None
    inside = [number for number, row in enumerate(rows) if above < row[0].middle < below]
    return inside[0] if len(inside) == 1 else None


def _columns(rows: Sequence[Sequence[Word]]) -> list[Span]:
    """The spans of the columns of figures; empty where figures of one row share a column, and so nothing is told.

    One row may stand beside the columns of all others.
    """
    if any(below[0].base - row[0].base < _BESIDE * row[0].size for row, below in pairwise(rows)):
        return []  # Rows of one line are not as close: digits of a row stand on several lines.
    columns = _fitting_columns(rows)
    if columns or not _ENOUGH_ROWS <= len(rows) <= _MOST_ROWS:
        return columns
    most = median(len(row) for row in rows)
    without_one = [_fitting_columns([*rows[:number], *rows[number + 1 :]]) for number in range(len(rows))]
    fitting = [columns for columns in without_one if 0 < len(columns) <= most]
    return fitting[0] if len(fitting) == 1 else []


def _fitting_columns(rows: Sequence[Sequence[Word]]) -> list[Span]:
    """The spans of the columns of figures; empty where figures of one row share a column."""
    columns = _joined_spans(word for row in rows if not _is_apart(row, rows) for word in row)
    columns = _without_halves(columns, rows)
    for row in rows:
        taken = [_column_of(word.piece.start, word.piece.end, columns) for word in row]
        if len(row) > 1 and len(taken) != len(set(taken)):
            return []
    return columns if len(columns) <= max(len(row) for row in rows) + (len(columns) > _WIDE) else []


def _without_halves(columns: list[Span], rows: Sequence[Sequence[Word]]) -> list[Span]:
    """Columns with the halves of one put together, in which figures stand now more to the left, now more to the right.

    No row has a figure in both halves, and they are much closer to each other than columns are.
    """
    most = max(len(row) for row in rows)
    while most > 1 and len(columns) > most:
        middles = [(start + end) / 2 for start, end in columns]
        pitches = [other - one for one, other in pairwise(middles)]
        number = min(range(len(pitches)), key=lambda one: pitches[one])
        whole = columns[number][0], columns[number + 1][1]
        if pitches[number] > _HALVES * median(pitches) or any(
            sum(word.piece.start <= whole[1] and word.piece.end >= whole[0] for word in row) > 1 for row in rows
        ):
            break
        columns = [*columns[:number], whole, *columns[number + 2 :]]
    return columns


def _joined_spans(words: Iterable[Word]) -> list[Span]:
    columns: list[Span] = []
    for start, end in sorted((word.piece.start, word.piece.end) for word in words):
        if columns and start <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], end))
        else:
            columns.append((start, end))
    return columns


def _is_apart(row: Sequence[Word], rows: Sequence[Sequence[Word]]) -> bool:
    """Whether a figure alone in its row stands in no column of a wide table: in a cell over the whole width."""
    if len(row) > 1 or max(len(other) for other in rows) < _FIGURES_OF_ONE_ROW:
        return False
    others = (word for other in rows if other is not row for word in other)
    return not any(word.piece.start <= row[0].piece.end and word.piece.end >= row[0].piece.start for word in others)


def _column_of(start: float, end: float, columns: Sequence[tuple[float, float]]) -> int | None:
    """The first column that a span touches."""
    return next((number for number, one in enumerate(columns) if start <= one[1] and end >= one[0]), None)


def _header_rows(header: Sequence[_Cell], columns: Sequence[tuple[float, float]]) -> Iterator[tuple[float, list[Slot]]]:
    """Headers as rows: last the cells just above each column of figures, before them the common headings by height."""
    rest = list(header)
    lowest: list[_Cell] = []
    for start, end in _headed(columns, header):
        over = [cell for cell in header if cell.start <= end and cell.end >= start]
        if not over:
            lowest = []
            break
        lowest.append(max(over, key=lambda cell: cell.last))
    if len({id(cell) for cell in lowest}) == len(lowest) > 1:
        # What stands to the left of them on the same height heads the labels.
        top, bottom = min(cell.first for cell in lowest), max(cell.last for cell in lowest)
        left = min(cell.start for cell in lowest)
        heads = [cell for cell in header if cell.end < left and top <= cell.centre <= bottom]
        taken = {id(cell) for cell in (*lowest, *heads)}
        rest = [cell for cell in header if id(cell) not in taken]
        cells = [*sorted(heads, key=lambda cell: cell.start), *lowest]
        yield max(cell.last for cell in lowest), [(cell.text, cell.doubt, cell.box) for cell in cells]
    rows: list[list[_Cell]] = []
    for cell in sorted(rest, key=lambda one: one.centre):
        if rows and cell.centre - rows[-1][0].centre <= _SAME_ROW * cell.words[0].size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    # A heading over the first columns that spans two rows stands between them: it comes first, as its columns do. So
    # do the headings level with it, where they stand beside the one above.
    over = [cell for cell in rest if not columns or cell.end > columns[0][0]]
    if over and (first := min(over, key=lambda cell: cell.start)) not in rows[0]:
        own = next(row for row in rows if first in row)
        is_beside = own is rows[1] and not any(_is_over(one, other) for one in rows[0] for other in own)
        if len(own) == 1 or is_beside:
            rows.remove(own)
            rows[0] += own
    for row in rows:
        yield row[0].centre, _by_place(row)


def _is_over(one: _Cell, other: _Cell) -> bool:
    """Whether two cells share some of their width."""
    return one.start <= other.end and one.end >= other.start


def _headed(columns: Sequence[Span], header: Sequence[_Cell]) -> Sequence[Span]:
    """Columns from the first to the last with a heading: a row with a cell too many makes one more at the edge."""
    headed = [
        number
        for number, (start, end) in enumerate(columns)
        if any(cell.start <= end and cell.end >= start for cell in header)
    ]
    return columns[headed[0] : headed[-1] + 1] if headed else columns


def _blanks(label: _Cell, rows: Sequence[tuple[Sequence[Word], Sequence[Span]]]) -> list[Slot]:
    """A blank for each column beside a label to the left of them; `rows` are the figures and columns of each row."""
    _, columns = min(rows, key=lambda one: abs(one[0][0].base - label.centre), default=((), ()))
    if not columns or label.end > columns[0][0]:
        return []
    return [("", "", (start, label.box[1], end, label.box[3])) for start, end in columns]


def _by_place(cells: Sequence[_Cell]) -> list[Slot]:
    return [(cell.text, cell.doubt, cell.box) for cell in sorted(cells, key=lambda one: one.start)]


def _slots(figures: Sequence[Word], labels: Sequence[_Cell], columns: Sequence[tuple[float, float]]) -> list[Slot]:
    """The cells of a row, left to right: its words, then its figures with a blank where a column has none."""
    found = [*labels, *(_Cell([word]) for word in figures)]
    left = min(word.piece.start for word in figures)
    # A narrow table may have parts with other columns, one below the other.
    is_sparse = 2 * len(figures) < len(columns) < _WIDE
    if not columns or is_sparse or any(cell.start > left for cell in labels):
        return _by_place(found)
    if any(sum(word.piece.start <= end and word.piece.end >= start for start, end in columns) > 1 for word in figures):
        return _by_place(found)  # Figures of two columns run together.
    slots = _by_place(labels)
    by_column = {_column_of(word.piece.start, word.piece.end, columns): _Cell([word]) for word in figures}
    if None in by_column:
        return _by_place(found)
    box = around([cell.box for cell in found])
    for number, (start, end) in enumerate(columns):
        cell = by_column.get(number)
        slots.append((cell.text, cell.doubt, cell.box) if cell else ("", "", (start, box[1], end, box[3])))
    return slots
