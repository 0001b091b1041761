"""A table without upright rulings from its lines: the order of the cells in each of its rows.

Belongs here: how cells, columns and headers make a table. Does not belong here: which lines are a table (`columns`).

Figures stand on one line each; the label of a row may take several, above and below it. So each line of figures is a
row, words that follow each other closely are one label, and a label belongs to the figures beside it. Only the order of
cells in a row is certain: the tables are not aligned. A blank cell stands where other rows have a figure.
"""

import re
from collections.abc import Sequence
from functools import partial

from extract.readers.pdf.figure_columns import (
    column_of,
    columns_of_figures,
    figures_alone,
    figures_in_two_lines,
    gone_on,
    row_numbers,
    rows_of_figures,
    unbroken_figures,
)
from extract.readers.pdf.measures import CLOSE, USUAL_PITCH, WIDE
from extract.readers.pdf.open_cells import (
    Cell,
    Level,
    Slot,
    by_place,
    cells_of,
    gaps_at_numbers,
    is_aligned_at_top,
    is_over,
    row_below,
    row_beside,
    spanning_labels,
)
from extract.readers.pdf.open_headers import (
    columns_below,
    columns_by_block,
    header_rows,
    header_runs,
    headers_between,
    headings_from_above,
    lines_of_header,
)
from extract.readers.pdf.tables import PageCell, PageTable
from extract.readers.pdf.typeset import Piece, TextLine, is_value
from extract.readers.pdf.widths import Span, touch
from extract.readers.pdf.words import (
    ENUMERATED,
    Word,
    around,
    figures_apart,
    glued_figures_apart,
    headings_apart,
    headings_of_blanks_apart,
    headings_together,
    labels_apart,
    unspaced,
)

__all__ = ["table_of"]

_RUN_TOGETHER = re.compile(r"0\d+")
_UNIT = re.compile(r"[（(]?(?:亿元|万元|[元件条个项次份宗人篇场部家])[)）]?")
_OFF_LINE = 0.2


def table_of(
    lines: Sequence[TextLine], level: Level, carried: Sequence[Span], foot: Sequence[TextLine] = ()
) -> PageTable:
    """The table that lines are.

    `carried` are the columns of a table at the foot of the page before that may go on, `foot` are headings there.
    """
    words = figures_apart(
        [Word(_base(piece, line), line.size, piece, line.doubt) for line in lines for piece in line.pieces]
    )
    labels = [*headings_from_above(foot, words), *(word for word in words if not is_value(word.piece.text))]
    values = unbroken_figures([word for word in words if is_value(word.piece.text)], labels)
    values = figures_in_two_lines(values, labels)
    rows = rows_of_figures(values)
    alone = figures_alone(rows, labels)
    if alone:
        labels += alone
        values = [word for word in values if word not in alone]
        rows = rows_of_figures(values)
    if numbers := row_numbers(rows, labels, carried):
        labels += numbers
        values = [word for word in values if word not in numbers]
        rows = rows_of_figures(values)
    columns = columns_of_figures(rows)
    left = columns[0][0] if columns else min(word.piece.start for word in values)
    labels = headings_apart(glued_figures_apart(labels, columns), columns)
    no_figures = [*alone, *numbers]
    if run_together := [word for word in labels if is_value(word.piece.text) and word not in no_figures]:
        values += run_together
        labels = [word for word in labels if word not in run_together]
        rows = rows_of_figures(values)
        columns = columns_of_figures(rows)
    labels = headings_together(labels, partial(columns_below, rows=rows, labels=labels, columns=columns))
    is_at_top = is_aligned_at_top(labels, rows, left)
    labels, gaps = labels_apart(labels, left)
    gaps += [(word.piece.end, word.piece.end + _OFF_LINE * word.size) for word in numbers]
    if is_at_top:
        gaps += gaps_at_numbers(labels, rows, left)
    headings = lines_of_header(labels, rows, left)
    rest = [word for word in labels if word not in headings]
    labels = [*headings_of_blanks_apart(headings, columns), *unspaced(rest, left, gaps)]
    cells = cells_of(labels, rows, level, left)
    beside: list[list[Cell]] = [[] for _ in rows]
    loose: list[Cell] = []
    for cell in cells:
        row = row_below(cell, rows) if is_at_top else row_beside(cell, rows, level)
        if row is None:
            loose.append(cell)
        else:
            beside[row].append(cell)
    first = min(word.base for word in rows[0])
    header = [cell for cell in loose if cell.centre < first]
    loose = [cell for cell in loose if cell.centre >= first]
    spans = spanning_labels(rows, beside, loose)
    spanning = {id(cell) for _, _, cell in spans}
    between = headers_between([cell for cell in loose if id(cell) not in spanning], left)
    columns_of = columns_by_block(rows, header, between, columns, [cell for own in beside for cell in own])
    if not header and not between and (going_on := gone_on(carried, rows)):
        columns_of = [going_on for _ in rows]
    # Figures that run together leave columns that only look blank.
    slots_of = [() for _ in rows] if any(_RUN_TOGETHER.fullmatch(word.piece.text) for word in values) else columns_of
    placed: list[tuple[float, list[Slot]]] = [*header_rows(header, columns_of[0])]
    heading = {id(cell) for row in between for cell in row}
    for run, under in header_runs(between, rows, columns_of):
        placed += header_rows(run, under)
    # Where every row of figures has a label, a label without figures is a row of blanks; a unit is no label.
    is_named = all(any(not _UNIT.fullmatch(cell.text) for cell in own) for own in beside)
    under_of = list(zip(rows, slots_of, strict=True)) if is_named else []
    single = [cell for cell in loose if id(cell) not in spanning and id(cell) not in heading]
    number_beside = _numbers_beside(single, numbers)
    placed += [
        (
            cell.centre,
            [
                *by_place(number_beside.get(id(cell), [])),
                *by_place([cell]),
                *(() if _may_be_part(cell, cells) else _blanks(cell, under_of)),
            ],
        )
        for cell in single
        if cell.words[0] not in numbers
    ]
    with_label = [id(cell) for cells in number_beside.values() for cell in cells]
    placed += [
        (cell.centre, by_place([cell])) for cell in single if cell.words[0] in numbers and id(cell) not in with_label
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
    edges = [box[0]] * width + [box[2]]
    return PageTable(made, len(placed), edges, box, is_aligned=False, is_by_space=True, columns=list(slots_of[-1]))


def _base(piece: Piece, line: TextLine) -> float:
    """The baseline of a piece where it clearly is not that of its line: cells of other heights run into each other."""
    return piece.base if abs(piece.base - line.base) > _OFF_LINE * line.size else line.base


def _numbers_beside(cells: Sequence[Cell], numbers: Sequence[Word]) -> dict[int, list[Cell]]:
    """The numbers of rows without figures, by the label that each stands beside, level with one of its lines."""
    labels = [cell for cell in cells if cell.words[0] not in numbers]
    beside: dict[int, list[Cell]] = {}
    for cell in (one for one in cells if one.words[0] in numbers):
        level = [one for one in labels if one.first - _OFF_LINE <= cell.centre <= one.last + _OFF_LINE]
        if level:
            beside.setdefault(id(min(level, key=lambda one: abs(one.centre - cell.centre))), []).append(cell)
    return beside


def _may_be_part(cell: Cell, cells: Sequence[Cell]) -> bool:
    """Whether a label without figures may go on in the next one, or may be the end of that above.

    They are as near as lines of one label are, and the lower one does not begin with a number as the upper one does.
    """

    def goes_on(upper: Cell, lower: Cell) -> bool:
        is_near = 0 < lower.first - upper.last <= USUAL_PITCH * CLOSE * upper.words[0].size
        is_begun = ENUMERATED.match(upper.text) is not None and ENUMERATED.match(lower.text) is None
        return is_near and is_begun and is_over(upper, lower)

    return any(goes_on(cell, other) or goes_on(other, cell) for other in cells if other is not cell)


def _blanks(label: Cell, rows: Sequence[tuple[Sequence[Word], Sequence[Span]]]) -> list[Slot]:
    """A blank for each column beside a label to the left of them; `rows` are the figures and columns of each row."""
    _, columns = min(rows, key=lambda one: abs(one[0][0].base - label.centre), default=((), ()))
    if not columns or label.end > columns[0][0]:
        return []
    return [("", "", (start, label.box[1], end, label.box[3])) for start, end in columns]


def _slots(figures: Sequence[Word], labels: Sequence[Cell], columns: Sequence[tuple[float, float]]) -> list[Slot]:
    """The cells of a row, left to right: its words, then its figures with a blank where a column has none."""
    found = [*labels, *(Cell([word]) for word in figures)]
    left = min(word.piece.start for word in figures)
    # A narrow table may have parts with other columns, one below the other.
    is_sparse = 2 * len(figures) < len(columns) < WIDE
    if not columns or is_sparse or any(cell.start > left for cell in labels):
        return by_place(found)
    if any(sum(touch(word.piece.span, column) for column in columns) > 1 for word in figures):
        return by_place(found)  # Figures of two columns run together.
    slots = by_place(labels)
    by_column = {column_of(word.piece.span, columns): Cell([word]) for word in figures}
    if None in by_column:
        return by_place(found)
    box = around([cell.box for cell in found])
    for number, (start, end) in enumerate(columns):
        cell = by_column.get(number)
        slots.append((cell.text, cell.doubt, cell.box) if cell else ("", "", (start, box[1], end, box[3])))
    return slots
