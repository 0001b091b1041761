"""Tables without upright rulings: columns told by the white space between them.

Belongs here: which lines of text form a table, its rows and the order of its cells. Does not belong here: paragraphs.

Only the order of cells in a row is certain, so the tables are not aligned. A blank cell stands where every other row
has a figure.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extract.model import Box
from extract.readers.pdf.tables import PageCell, PageTable
from extract.readers.pdf.typeset import Piece, TextLine

__all__ = ["with_columns"]

_VALUE = re.compile(r"[+-]?[\d０-９][\d０-９,，.．%％]*(?:亿元|万元|元|件|条|个|项|次|份|宗|人)?|[/／—–-]{1,3}|无")
_SAME_ROW = 0.85
"""Lines whose baselines are nearer than this, in type sizes, stand in one row: a label of two lines beside a figure."""
_LOOSEST = 3.2
_CLEARLY_NEARER = 0.7
_MOST_BETWEEN = 3
_FIGURES_OF_ONE_ROW = 4
_LONGEST = 60


@dataclass
class _Row:
    lines: list[TextLine] = field(default_factory=list)

    @property
    def pieces(self) -> list[tuple[float, Piece]]:
        return [(line.base, piece) for line in self.lines for piece in line.pieces]

    @property
    def has_columns(self) -> bool:
        return any(_is_row(line) for line in self.lines)

    @property
    def first(self) -> float:
        return self.lines[0].base

    @property
    def last(self) -> float:
        return self.lines[-1].base


def with_columns(
    lines: Sequence[TextLine], level: Sequence[tuple[float, float, float]]
) -> Iterator[list[TextLine] | PageTable]:
    """Lines from the top down as stretches of text and tables; `level` are rulings as y, left, right."""
    position = 0
    text: list[TextLine] = []
    while position < len(lines):
        stop = _region(lines, position)
        if stop == position:
            text.append(lines[position])
            position += 1
            continue
        if text:
            yield text
            text = []
        yield _table(_rows(lines[position:stop], level))
        position = stop
    if text:
        yield text


def _is_value(text: str) -> bool:
    return _VALUE.fullmatch(text) is not None


def _is_row(line: TextLine) -> bool:
    """Whether a line is a row of cells by itself."""
    pieces = line.pieces
    if line.turn != 0 or any(len(piece.text) > _LONGEST for piece in pieces):
        return False
    values = sum(_is_value(piece.text) for piece in pieces)
    return len(pieces) > 2 or (len(pieces) == 2 and values > 0)


def _region(lines: Sequence[TextLine], start: int) -> int:
    """The end of the table that begins at a line; `start` if none does."""
    if not _is_row(lines[start]):
        return start
    end, rows, position = start + 1, 1, start + 1
    while position < len(lines) and position - end <= _MOST_BETWEEN:
        pitch = lines[position].base - lines[position - 1].base
        if pitch > _LOOSEST * lines[position].size or lines[position].turn != 0:
            break
        if _is_row(lines[position]):
            end, rows = position + 1, rows + 1
        elif len(lines[position].text) > _LONGEST or "。" in lines[position].text:
            break
        position += 1
    figures = max(sum(_is_value(piece.text) for piece in line.pieces) for line in lines[start:end])
    if figures == 0 or (rows < 2 and figures < _FIGURES_OF_ONE_ROW):
        return start
    # The rest of a last label may follow its figures.
    while end < len(lines) and lines[end].base - lines[end - 1].base < _SAME_ROW * lines[end].size:
        end += 1
    return end


def _rows(lines: Sequence[TextLine], level: Sequence[tuple[float, float, float]]) -> list[_Row]:
    """Lines as rows; a line of text alone joins the row that it clearly is nearer to, never across a ruling."""
    left, right = min(line.start for line in lines), max(line.end for line in lines)
    barriers = sorted(y for y, start, end in level if end - start > 0.4 * (right - left))
    rows: list[_Row] = []
    for line in lines:
        if (
            rows
            and line.base - rows[-1].last < _SAME_ROW * line.size
            and not _parted(barriers, rows[-1].lines[-1], line)
        ):
            rows[-1].lines.append(line)
        else:
            rows.append(_Row([line]))
    pitches = [following.first - row.last for row, following in pairwise(rows)]
    result: list[_Row] = []
    pending: list[_Row] = []
    for number, row in enumerate(rows):
        if row.has_columns:
            for one in pending:
                row.lines[:0] = one.lines
            pending = []
            result.append(row)
            continue
        before = pitches[number - 1] if number else float("inf")
        after = pitches[number] if number < len(pitches) else float("inf")
        parted_before = number == 0 or _parted(barriers, rows[number - 1].lines[-1], row.lines[0])
        parted_after = number == len(rows) - 1 or _parted(barriers, row.lines[-1], rows[number + 1].lines[0])
        is_before = not parted_before and (parted_after or before < _CLEARLY_NEARER * after)
        is_after = not parted_after and (parted_before or after < _CLEARLY_NEARER * before)
        if (is_before and (barriers or before < 2 * row.lines[0].size)) and result and not pending:
            result[-1].lines.extend(row.lines)
        elif is_after and (barriers or after < 2 * row.lines[0].size):
            pending.append(row)
        else:
            result.extend(pending)
            pending = []
            result.append(row)
    result.extend(pending)
    return result


def _parted(barriers: Sequence[float], line: TextLine, following: TextLine) -> bool:
    """Whether a ruling lies between the middles of two lines."""
    one = bisect_right(barriers, line.base - 0.36 * line.size)
    return one != bisect_right(barriers, following.base - 0.36 * following.size)


def _table(rows: list[_Row]) -> PageTable:
    columns = _columns(rows)
    cells: list[PageCell] = []
    width = 1
    for number, row in enumerate(rows):
        slots = _slots(row, columns)
        width = max(width, len(slots))
        for column, (text, doubt, box) in enumerate(slots):
            cells.append(PageCell(number, column, 1, 1, text, doubt, box))
    box = _around([cell.box for cell in cells])
    return PageTable(cells, len(rows), [box[0]] * width + [box[2]], box, is_aligned=False)


def _columns(rows: list[_Row]) -> list[tuple[float, float]]:
    """The spans of the columns of figures; empty where figures of one row share a column, and so nothing is told."""
    counted = [row for row in rows if sum(_is_value(piece.text) for _, piece in row.pieces) > 0]
    spans = sorted((piece.start, piece.end) for row in counted for _, piece in row.pieces if _is_value(piece.text))
    columns: list[tuple[float, float]] = []
    for start, end in spans:
        if columns and start <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], end))
        else:
            columns.append((start, end))
    for row in counted:
        taken = [_column_of(piece, columns) for _, piece in row.pieces if _is_value(piece.text)]
        if len(taken) != len(set(taken)):
            return []
    fullest = max((sum(_is_value(piece.text) for _, piece in row.pieces) for row in counted), default=0)
    return columns if len(columns) <= max(fullest + 2, 3) else []


def _column_of(piece: Piece, columns: list[tuple[float, float]]) -> int | None:
    for number, (start, end) in enumerate(columns):
        if piece.start <= end and piece.end >= start:
            return number
    return None


def _slots(row: _Row, columns: list[tuple[float, float]]) -> list[tuple[str, str, Box]]:
    """The cells of a row, left to right: its words, then its figures with a blank where a column has none."""
    doubt = next((line.doubt for line in row.lines if line.doubt), "")
    stacks: list[list[tuple[float, Piece]]] = []
    for base, piece in sorted(row.pieces, key=lambda one: (one[1].start, one[0])):
        # Lines of one cell lie over each other.
        for stack in stacks:
            if piece.start < max(one.end for _, one in stack) and piece.end > min(one.start for _, one in stack):
                stack.append((base, piece))
                break
        else:
            stacks.append([(base, piece)])
    found = []
    for stack in stacks:
        stack.sort(key=lambda one: one[0])
        text = "\n".join(piece.text for _, piece in stack)
        found.append((min(piece.start for _, piece in stack), text, _around([piece.box for _, piece in stack])))
    found.sort(key=lambda one: one[0])
    values = [one for one in found if _is_value(one[1])]
    if not values or not columns:
        return [(text, doubt, box) for _, text, box in found]
    by_column: dict[int, tuple[float, str, Box]] = {}
    labels = []
    for one in found:
        column = _column_of(Piece(one[1], one[0], one[2][2], one[2]), columns) if _is_value(one[1]) else None
        if column is None:
            labels.append(one)
        else:
            by_column[column] = one
    if any(label[0] > min(value[0] for value in values) for label in labels):
        return [(text, doubt, box) for _, text, box in found]
    top, bottom = min(one[2][1] for one in found), max(one[2][3] for one in found)
    slots = [(text, doubt, box) for _, text, box in labels]
    for number, (start, end) in enumerate(columns):
        cell = by_column.get(number)
        slots.append((cell[1], doubt, cell[2]) if cell else ("", doubt, (start, top, end, bottom)))
    return slots


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
