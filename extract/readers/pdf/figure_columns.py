"""Figures of a table without upright rulings: their rows, and the columns that the white space between them tells.

Belongs here: figures and their places. Does not belong here: labels (`open_cells`), headers (`open_headers`).
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from extract.readers.pdf.measures import BESIDE, FIGURES_OF_ONE_ROW, LARGEST_PITCH, SAME_ROW, WIDE
from extract.readers.pdf.typeset import Piece
from extract.readers.pdf.widths import Span, touch
from extract.readers.pdf.words import Word, around, overlaps

__all__ = [
    "column_of",
    "columns_of_figures",
    "each_under_one",
    "figures_alone",
    "figures_in_two_lines",
    "gone_on",
    "row_numbers",
    "rows_of_figures",
    "unbroken_figures",
]

_ENOUGH_ROWS, _MOST_ROWS = 4, 100
"""Rows among which one may stand apart."""
_ROW_NUMBER = re.compile(r"\d{1,3}")
_ENOUGH_NUMBERS = 3
_HALVES = 0.6
"""Middles of columns are farther apart than this share of what is usual in their table."""


_ONE_LEADING = 1.02
_PADDING = 1.2
"""On both sides of a figure in its cell, in type sizes, at most."""
_NEXT_LABELS = 6
"""Words among which the next line of a label is found."""
_OFF_COLUMN = 0.35
"""In type sizes, how far a figure may stand from the edge or the middle of its column on the page before."""


def rows_of_figures(values: Sequence[Word]) -> list[list[Word]]:
    """Figures in rows, from the top down."""
    rows: list[list[Word]] = []
    for word in sorted(values, key=lambda one: one.base):
        if rows and word.base - rows[-1][0].base <= SAME_ROW * word.size:
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def unbroken_figures(values: Sequence[Word], labels: Sequence[Word]) -> list[Word]:
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
                and (overlaps(word.piece, other.piece) or _touch_beside_row(word, other, values))
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


def figures_in_two_lines(values: Sequence[Word], labels: Sequence[Word]) -> list[Word]:
    """Figures with those put together, in doubt, whose digits go on in a second line at the top or foot of their row.

    Some figures of a row, as near to those of the next as the lines of a label are to each other, in columns in which
    one digit more has no room.
    """
    rows = rows_of_figures(values)
    leading = _leading(labels)
    rest: set[int] = set()
    joined: list[Word] = []
    for row, below in pairwise(rows):
        few, many = sorted((row, below), key=len)
        if below[0].base - row[0].base > _ONE_LEADING * leading or len(few) == len(many):
            continue
        middles = sorted((word.piece.start + word.piece.end) / 2 for word in many)
        room = min(other - one for one, other in pairwise(middles))
        beside = [[other for other in many if overlaps(word.piece, other.piece)] for word in few]
        pairs = [(word, found[0]) for word, found in zip(few, beside, strict=True) if len(found) == 1]
        lines = [sorted(pair, key=lambda one: one.base) for pair in pairs]
        if len(pairs) < len(few) or not all(_has_no_room(first, room) for first, _ in lines):
            continue
        for (first, last), (_, own) in zip(lines, pairs, strict=True):
            start, end = min(first.piece.start, last.piece.start), max(first.piece.end, last.piece.end)
            box = around([first.piece.box, last.piece.box])
            piece = Piece(f"{first.piece.text}\n{last.piece.text}", start, end, box)
            joined.append(Word(own.base, own.size, piece, "joined_digits"))
            rest |= {id(first), id(last)}
    return [*(word for word in values if id(word) not in rest), *joined]


def _has_no_room(word: Word, room: float) -> bool:
    """Whether one digit more would not fit into a column: digits that go on below are no figure of their own."""
    text = word.piece.text
    digit = (word.piece.end - word.piece.start) / len(text)
    return text.isdigit() and text[0] != "0" and room < digit * (len(text) + 1) + _PADDING * word.size


def _leading(labels: Sequence[Word]) -> float:
    """How far the lines of a label are from each other: the least distance of two, one above the other; else 0."""
    ordered = sorted(labels, key=lambda one: one.base)
    pitches = (
        (other.base - word.base, word.size)
        for number, word in enumerate(ordered)
        for other in ordered[number + 1 : number + 1 + _NEXT_LABELS]
        if BESIDE * word.size < other.base - word.base <= LARGEST_PITCH * word.size
        and overlaps(word.piece, other.piece)
    )
    return min((pitch for pitch, size in pitches if BESIDE * size < pitch <= LARGEST_PITCH * size), default=0.0)


def _touch_beside_row(word: Word, other: Word, values: Sequence[Word]) -> bool:
    """Whether two figures touch in their width, and midway between them stands a row without a figure there."""
    start, end = min(word.piece.start, other.piece.start), max(word.piece.end, other.piece.end)
    if end - start > word.piece.end - word.piece.start + other.piece.end - other.piece.start:
        return False
    middle = (word.base + other.base) / 2
    row = [one for one in values if abs(one.base - middle) <= 0.1 * one.size]
    return len(row) >= FIGURES_OF_ONE_ROW and not any(touch(one.piece.span, (start, end)) for one in row)


def _is_around_a_row(word: Word, other: Word, values: Sequence[Word], labels: Sequence[Word]) -> bool:
    """Whether the middle of a row lies between two figures: figures of other columns, or its label."""
    least, most = word.base + 0.25 * word.size, other.base - 0.25 * word.size
    if any(least < one.base < most for one in values):
        return True
    own = any(abs(one.base - two.base) < 0.2 * two.size for one in labels for two in (word, other))
    return not own and any(least < one.base < most for one in labels)


def figures_alone(rows: Sequence[Sequence[Word]], labels: Sequence[Word]) -> list[Word]:
    """Figures that stand alone on their line and in no column of others: page numbers inside a table."""
    result = []
    for row in rows:
        word = row[0]
        if len(row) > 1 or any(abs(one.base - word.base) < BESIDE * word.size for one in labels):
            continue
        others = (one for other in rows if other is not row for one in other)
        if len(rows) > 1 and not any(overlaps(word.piece, one.piece) for one in others):
            result.append(word)
    return result


def row_numbers(rows: Sequence[Sequence[Word]], labels: Sequence[Word], carried: Sequence[Span]) -> list[Word]:
    """The numbers of rows: they stand left of labels and count up, or go on left of the columns of the page before.

    A figure alone in its row, what the row is there for, is one only in the column of those of other rows.
    """
    beside_others: list[Word] = []
    alone: list[Word] = []
    for row in rows:
        first, *others = sorted(row, key=lambda one: one.piece.start)
        right = min((one.piece.start for one in others), default=float("inf"))
        if _ROW_NUMBER.fullmatch(first.piece.text) and any(
            first.piece.end < label.piece.start
            and label.piece.end < right
            and abs(label.base - first.base) <= BESIDE * first.size
            for label in labels
        ):
            (beside_others if others else alone).append(first)
    alone = [word for word in alone if any(overlaps(word.piece, other.piece) for other in beside_others)]
    found = sorted([*beside_others, *alone], key=lambda one: one.base)
    counts = list(pairwise(int(word.piece.text) for word in found))
    if not found or any(other not in (one + 1, 1) for one, other in counts) or (counts and set(counts) <= {(1, 1)}):
        return []
    goes_on = bool(carried) and all(word.piece.end < carried[0][0] for word in found)
    is_each = len(found) == len(rows) > 1
    return found if goes_on or is_each or len(found) >= _ENOUGH_NUMBERS else []


def columns_of_figures(rows: Sequence[Sequence[Word]]) -> list[Span]:
    """The spans of the columns of figures; empty where figures of one row share a column, and so nothing is told.

    One row may stand beside the columns of all others.
    """
    if not rows or any(below[0].base - row[0].base < BESIDE * row[0].size for row, below in pairwise(rows)):
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
        taken = [column_of(word.piece.span, columns) for word in row]
        if len(row) > 1 and len(taken) != len(set(taken)):
            return []
    return columns if len(columns) <= max(len(row) for row in rows) + (len(columns) > WIDE) else []


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
            sum(touch(word.piece.span, whole) for word in row) > 1 for row in rows
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
    if len(row) > 1 or max(len(other) for other in rows) < FIGURES_OF_ONE_ROW:
        return False
    others = (word for other in rows if other is not row for word in other)
    return not any(touch(word.piece.span, row[0].piece.span) for word in others)


def column_of(span: Span, columns: Sequence[Span]) -> int | None:
    """The first column that a span touches."""
    return next((number for number, one in enumerate(columns) if touch(span, one)), None)


def gone_on(carried: Sequence[Span], rows: Sequence[Sequence[Word]]) -> list[Span]:
    """Columns of a table that goes on, as wide as all its figures; none unless each figure has a column of its own.

    All figures stand at the left, the middle or the right of theirs: what only touches may be of other columns.
    """
    columns = each_under_one(carried, rows)
    anchors = {"start", "middle", "end"}
    for word in (word for row in rows for word in row if columns):
        start, end = word.piece.start, word.piece.end
        left, right = next(one for one in carried if touch(word.piece.span, one))
        off = {"start": start - left, "middle": (start + end - left - right) / 2, "end": end - right}
        anchors &= {name for name, by in off.items() if abs(by) <= _OFF_COLUMN * word.size}
    return columns if anchors else []


def each_under_one(spans: Sequence[Span], rows: Sequence[Sequence[Word]]) -> list[Span]:
    """Spans as wide as all figures under them; none unless each figure of a row stands under another one alone."""
    columns = list(spans)
    for row in rows:
        taken: set[int] = set()
        for word in row:
            start, end = word.piece.start, word.piece.end
            own = [number for number, one in enumerate(columns) if touch(word.piece.span, one)]
            if len(own) != 1 or own[0] in taken:
                return []
            taken.add(own[0])
            columns[own[0]] = min(start, columns[own[0]][0]), max(end, columns[own[0]][1])
    return columns
