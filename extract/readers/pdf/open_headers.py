"""Headers of a table without upright rulings: which cells they are, and the columns of blanks that they alone tell.

Belongs here: headings and what stands under them. Does not belong here: labels of rows (`open_cells`).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from extract.readers.pdf.figure_columns import columns_of_figures, each_under_one
from extract.readers.pdf.measures import BESIDE, SAME_ROW, USUAL_PITCH
from extract.readers.pdf.open_cells import Cell, Slot, by_place, is_over
from extract.readers.pdf.typeset import Piece, TextLine, is_value
from extract.readers.pdf.widths import Span, touch
from extract.readers.pdf.words import Word

__all__ = [
    "columns_below",
    "columns_by_block",
    "header_rows",
    "header_runs",
    "headers_between",
    "headings_from_above",
    "lines_of_header",
]

_HALF_A_ROW = 1.2
"""Headings of two rows stand so far, in type sizes, beside those of one of them."""
_MANY_LABELS, _NEARLY_ALL = 10, 0.9
"""Of so many labels this share tells where labels end."""
_NEXT_ROW = 2.0
"""A common heading stands so far above those of its columns, in type sizes: they are no lines of one."""
_IN_STEP = 1.1
"""Headings of columns are farther from each other, middle from middle, by at most this factor than the widest step."""
_BEYOND_LABELS = 0.8
"""In steps. Where the corner is in step, its middle is at most 0.6 of one from the left edge of the labels."""
_FEWEST_HEADINGS = 3
"""Headings at least, that of the labels among them, that tell the columns under them."""


def headings_from_above(foot: Sequence[TextLine], words: Sequence[Word]) -> list[Word]:
    """The headings at the foot of the page before, put above the first words of a table, as they stand on that page.

    Headings that go on with a word each, alone under its own, are cells that the break cuts: they stand just above.
    """
    if not foot:
        return []
    first = min(words, key=lambda one: one.base)
    values = [word.base for word in words if is_value(word.piece.text)]
    below = [word for word in words if word.base < min(values) - SAME_ROW * word.size]
    top = min(word.piece.box[1] for word in words)
    last = [piece for line in foot if foot[-1].base - line.base < BESIDE * line.size for piece in line.pieces]
    goes_on = _go_on(last, below)
    pitch = USUAL_PITCH if goes_on else _NEXT_ROW
    result = []
    for line in foot:
        for piece in line.pieces:
            base = first.base - pitch * first.size - (foot[-1].base - line.base)
            box = (piece.start, top, piece.end, top)
            result.append(Word(base, line.size, Piece(piece.text, piece.start, piece.end, box, base), line.doubt))
    return result


def _go_on(last: Sequence[Piece], below: Sequence[Word]) -> bool:
    """Whether the headings of a last line go on in the first words below: each of those stands under one of them alone.

    So a common heading, under which those of its columns follow, is not taken for the beginning of one of them.
    """
    if not below:
        return True
    top = min(below, key=lambda word: word.base)
    level = [word.piece for word in below if word.base - top.base < BESIDE * word.size]
    under = [[number for number, piece in enumerate(last) if touch(word.span, piece.span)] for word in level]
    return all(len(found) == 1 for found in under) and len({found[0] for found in under}) == len(under)


def lines_of_header(labels: Sequence[Word], rows: Sequence[Sequence[Word]], left: float) -> list[Word]:
    """Words above all figures from the first line on that has some over them, and those closely below.

    Headings of columns of blanks may stand to the left of all figures, as labels do.
    """
    above = [word for word in labels if word.base < rows[0][0].base - SAME_ROW * word.size]
    top = min((word.base for word in above if word.piece.end > left), default=None)
    if top is None:
        return []
    # Headings of columns of blanks may begin a line higher, nearer than rows are.
    for word in sorted(above, key=lambda one: one.base, reverse=True):
        if 0 < top - word.base < BESIDE * word.size:
            top = word.base
    result: list[Word] = []
    last = max(word.base for word in above if word.piece.end > left)
    for word in sorted(above, key=lambda one: one.base):
        if word.base >= top - SAME_ROW * word.size and word.base - last <= BESIDE * word.size:
            result.append(word)
            last = max(last, word.base)
    return result


def headers_between(loose: Sequence[Cell], left: float) -> list[list[Cell]]:
    """Rows of headers below the first row of figures: cells of one height, some of them over the figures."""
    rows: list[list[Cell]] = []
    for cell in sorted(loose, key=lambda one: one.centre):
        if rows and cell.centre - rows[-1][0].centre <= SAME_ROW * cell.words[0].size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [row for row in rows if len(row) > 1 and any(cell.end > left for cell in row)]


def header_runs(
    between: Sequence[Sequence[Cell]], rows: Sequence[Sequence[Word]], columns_of: Sequence[Sequence[Span]]
) -> Iterator[tuple[list[Cell], Sequence[Span]]]:
    """The cells of each header below the first row of figures, and the columns of the rows under it."""
    runs: dict[int, list[Cell]] = {}
    for cells in between:
        above = sum(row[0].base < cells[0].centre for row in rows)
        runs.setdefault(above, []).extend(cells)
    for above, run in runs.items():
        yield run, columns_of[above] if above < len(rows) else ()


def columns_below(
    base: float, rows: Sequence[Sequence[Word]], labels: Sequence[Word], columns: Sequence[Span]
) -> Sequence[Span]:
    """The columns of figures under a line of headings: of the rows before the next such line, or `columns` of all."""
    following = [row for row in rows if row[0].base > base]
    if not following:
        return columns
    left = min(word.piece.start for row in rows for word in row)
    first = following[0][0].base
    stop = min(
        (
            word.base
            for word in labels
            if word.base > first + BESIDE * word.size
            and word.piece.end > left
            and not any(abs(row[0].base - word.base) <= BESIDE * word.size for row in rows)
        ),
        default=float("inf"),
    )
    return columns_of_figures([row for row in following if row[0].base < stop]) or columns


def columns_by_block(
    rows: Sequence[Sequence[Word]],
    header: Sequence[Cell],
    between: Sequence[Sequence[Cell]],
    columns: Sequence[Span],
    labels: Sequence[Cell],
) -> list[Sequence[Span]]:
    """The columns of each row of figures: those of the rows under the same header, also where no row has a figure."""
    heights = [row[0].centre for row in between]
    blocks = [sum(height < row[0].base for height in heights) for row in rows]
    by_block: dict[int, Sequence[Span]] = {}
    for block in sorted(set(blocks)):
        own = [row for row, number in zip(rows, blocks, strict=True) if number == block]
        found: Sequence[Span] = columns_of_figures(own) if between else columns
        over = between[block - 1] if block else header
        by_block[block] = _with_blank_columns(found, over, labels) if found else _headed_columns(own, over)
    return [by_block[block] for block in blocks]


def _headed_columns(rows: Sequence[Sequence[Word]], header: Sequence[Cell]) -> list[Span]:
    """The columns under the headings, where blanks leave too few figures to tell them.

    None unless each figure stands under one of the headings, which are level, and in no row two under the same.
    """
    lowest = [cell for cell in header if not any(one.centre > cell.centre and is_over(cell, one) for one in header)]
    lowest.sort(key=lambda cell: cell.start)
    heights = [cell.centre for cell in lowest]
    if len(lowest) < _FEWEST_HEADINGS or max(heights) - min(heights) > SAME_ROW * lowest[0].words[0].size:
        return []
    if any(is_over(one, other) for one, other in pairwise(lowest)):
        return []
    if any(below[0].base - row[0].base < BESIDE * row[0].size for row, below in pairwise(rows)):
        return []  # As in `columns_of_figures`.
    # What is farthest to the left heads the labels.
    return each_under_one([(cell.start, cell.end) for cell in lowest[1:]], rows)


def _with_blank_columns(columns: Sequence[Span], header: Sequence[Cell], labels: Sequence[Cell]) -> list[Span]:
    """Columns with those added of which only the heading is printed, on a line with the others' headings.

    A column without a heading is a sign that headings do not stand over their columns: then nothing is added. What
    stands over labels heads them, and so does what is farthest to the left.
    """

    def is_lowest(cell: Cell) -> bool:
        return not any(other.centre > cell.centre and is_over(cell, other) for other in header)

    if any(not any(touch(cell.span, column) and is_lowest(cell) for cell in header) for column in columns):
        return list(columns)
    # A label may reach beyond the others where a table goes on with other widths.
    ends = sorted(cell.end for cell in labels)
    nearly_all = int(_NEARLY_ALL * (len(ends) - 1)) if len(ends) >= _MANY_LABELS else -1
    reach = ends[nearly_all] if ends else columns[0][0]
    corner = min(header, key=lambda cell: cell.start)
    # Level with a heading just above a column: farther up stand common headings of several columns.
    over = [max((cell for cell in header if touch(cell.span, one)), key=lambda cell: cell.last) for one in columns]
    is_corner_blank = corner.start > reach and _is_in_step(corner, header, labels)
    blank = [
        cell
        for cell in header
        if (cell.start > columns[0][1] or (cell.start > reach and (cell is not corner or is_corner_blank)))
        and len(cell.text) > 1
        and not any(touch(cell.span, column) for column in columns)
        and any(
            abs(cell.centre - one.centre) <= (_HALF_A_ROW if is_lowest(cell) else SAME_ROW) * cell.words[0].size
            for one in over
        )
    ]
    # Of two, one over the other, the upper one is a common heading, level with that of a column with one line alone.
    own = [cell for cell in blank if not any(one.centre > cell.centre and is_over(cell, one) for one in blank)]
    return sorted([*columns, *((cell.start, cell.end) for cell in own)])


def _is_in_step(corner: Cell, header: Sequence[Cell], labels: Sequence[Cell]) -> bool:
    """Whether what is farthest to the left in a header heads no labels but a column, as those beside it do.

    It stands as far from the next heading as the others do from each other, and farther from where the labels begin
    than the middle of a column of labels could, were it that wide.
    """
    level = [one for one in header if abs(one.centre - corner.centre) <= _HALF_A_ROW * corner.words[0].size]
    middles = sorted((one.start + one.end) / 2 for one in level)
    steps = [other - one for one, other in pairwise(middles)]
    starts = [cell.start for cell in labels if not is_value(cell.text)]
    if len(steps) < _FEWEST_HEADINGS or not starts:
        return False
    step = max(steps[1:])
    return steps[0] <= _IN_STEP * step and middles[0] - min(starts) >= _BEYOND_LABELS * step


def header_rows(header: Sequence[Cell], columns: Sequence[tuple[float, float]]) -> Iterator[tuple[float, list[Slot]]]:
    """Headers as rows: last the cells just above each column of figures, before them the common headings by height."""
    rest = list(header)
    lowest: list[Cell] = []
    for column in _headed(columns, header):
        over = [cell for cell in header if touch(cell.span, column)]
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
    rows: list[list[Cell]] = []
    for cell in sorted(rest, key=lambda one: one.centre):
        if rows and cell.centre - rows[-1][0].centre <= SAME_ROW * cell.words[0].size:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    # A heading over the first columns that spans two rows stands between them: it comes first, as its columns do. So
    # do the headings level with it, where they stand beside the one above.
    over = [cell for cell in rest if not columns or cell.end > columns[0][0]]
    if over and (first := min(over, key=lambda cell: cell.start)) not in rows[0]:
        own = next(row for row in rows if first in row)
        is_beside = own is rows[1] and not any(is_over(one, other) for one in rows[0] for other in own)
        if len(own) == 1 or is_beside:
            rows.remove(own)
            rows[0] += own
    for row in rows:
        yield row[0].centre, by_place(row)


def _headed(columns: Sequence[Span], header: Sequence[Cell]) -> Sequence[Span]:
    """Columns from the first to the last with a heading: a row with a cell too many makes one more at the edge."""
    headed = [number for number, column in enumerate(columns) if any(touch(cell.span, column) for cell in header)]
    return columns[headed[0] : headed[-1] + 1] if headed else columns
