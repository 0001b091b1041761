"""Tables that a page break cuts, put together again.

Belongs here: when two tables are one, and which cells are halves of one. Does not belong here: anything on one page.

Two tables are one if nothing stands between them and their outer edges agree, and the columns of one are among those of
the other. A header that is printed again is left out. Halves of a row or of a merged label are joined where the print
says so; where it does not, they stay apart, and the labels decide.
"""

import re
from collections.abc import Sequence

from extract.readers.pdf.tables import PageCell, PageTable

__all__ = ["joined_tables"]

_SAME_EDGE = 3.0
_FIGURE = re.compile(r"[\s\d０-９.,，%％/／+-]+|[-—–]+|无")
_ENUMERATED = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}\s*[、．.,，]|[（(]\s*[一二三四五六七八九十]{1,3}\s*[)）]|第[一二三四五六七八九十]{1,4}[条章节]"
    r"|[(（]?\d{1,2}\s*[.．、)）])"
)
_MOST_HEADER_ROWS = 6


def joined_tables(table: PageTable, following: PageTable) -> bool:
    """Join `following` to `table` if both are one; False if they are two tables."""
    if not table.is_aligned or not following.is_aligned:
        return False
    edges = _common_edges(table.edges, following.edges)
    if edges is None:
        return False
    if not table.tail:
        table.head = [cell for cell in table.cells if cell.row < _MOST_HEADER_ROWS]
        table.tail = [cell for cell in table.cells if cell.row + cell.row_span == table.row_count]
    _set_on_edges(table, edges)
    _set_on_edges(following, edges)
    lower, row_count = following.cells, following.row_count
    repeated = _repeated_rows(table.head, lower)
    if repeated:
        lower = [cell for cell in lower if cell.row >= repeated]
        row_count -= repeated
        for cell in lower:
            cell.row -= repeated
    is_split = _is_split_row(table, following, lower, is_repeated=repeated > 0)
    shift = table.row_count - (1 if is_split else 0)
    rest = _appended(table, lower, shift, is_split=is_split)
    table.row_count = shift + row_count
    table.cells.extend(rest)
    table.tail = [cell for cell in (*table.tail, *rest) if cell.row + cell.row_span == table.row_count]
    table.is_open_below = following.is_open_below
    table.is_by_space |= following.is_by_space
    return True


def _common_edges(one: Sequence[float], other: Sequence[float]) -> list[float] | None:
    """The edges of the finer table if the other's are among them and both are equally wide; None otherwise.

    A table may stand a little to the side on the next page: its left edge is the origin.
    """
    finer, coarser = (one, other) if len(one) >= len(other) else (other, one)
    if abs((finer[-1] - finer[0]) - (coarser[-1] - coarser[0])) > 2 * _SAME_EDGE or abs(finer[0] - coarser[0]) > 12:
        return None
    offset = coarser[0] - finer[0]
    positions = [_position(edge - offset, finer) for edge in coarser]
    if any(position is None for position in positions) or len(set(positions)) != len(positions):
        return None
    return list(finer)


def _position(edge: float, edges: Sequence[float]) -> int | None:
    best = min(range(len(edges)), key=lambda number: abs(edges[number] - edge))
    return best if abs(edges[best] - edge) <= 2 * _SAME_EDGE else None


def _set_on_edges(table: PageTable, edges: Sequence[float]) -> None:
    """Count the columns of a table on other edges."""
    if len(table.edges) != len(edges):
        offset = table.edges[0] - edges[0]
        places = [_position(edge - offset, edges) or 0 for edge in table.edges]
        for cell in table.cells:
            end = places[cell.column + cell.column_span]
            cell.column = places[cell.column]
            cell.column_span = end - cell.column
        table.edges = list(edges)


def _repeated_rows(upper: Sequence[PageCell], lower: Sequence[PageCell]) -> int:
    """How many rows at the head of the lower part repeat the head of the upper part and hold no figures.

    Only some rows of a header may be printed again; its cells then end with them.
    """
    best = 0
    for count in range(1, _MOST_HEADER_ROWS + 1):
        one, other = _head(upper, count), _head(lower, count)
        if not one or one != other or any(_FIGURE.fullmatch(text) for *_, text in one if text):
            break
        if any(text for row, *_, text in one if row == count - 1) and not any(
            cell.row < count < cell.row + cell.row_span for cell in lower
        ):
            best = count
    return best


def _head(cells: Sequence[PageCell], count: int) -> list[tuple[int, int, int, int, str]]:
    """The cells of the first rows: row, column, spans as far as those rows go, text without blanks."""
    return [
        (cell.row, cell.column, min(cell.row_span, count - cell.row), cell.column_span, "".join(cell.text.split()))
        for cell in sorted(cells, key=lambda one: (one.row, one.column))
        if cell.row < count
    ]


def _is_split_row(table: PageTable, following: PageTable, lower: Sequence[PageCell], *, is_repeated: bool) -> bool:
    """Whether the last row above and the first row below are halves of one row."""
    last = {cell.column: cell for cell in table.tail}
    first = {cell.column: cell for cell in lower if cell.row == 0}
    own = [cell for cell in last.values() if cell.row == table.row_count - 1]
    if not own or not first:
        return False
    shared = [(last[column], first[column]) for column in last.keys() & first.keys()]
    if any(one.column_span != other.column_span for one, other in shared) or len(shared) != len(last):
        return False
    rows = [(one, other) for one, other in shared if one.row == table.row_count - 1]
    if any(one.text.strip() and other.text.strip() and _is_figure(one, other) for one, other in rows):
        return False
    texts = [(one.text.strip(), other.text.strip()) for one, other in rows]
    if not any(one for one, _ in texts) or not any(other for _, other in texts):
        return False
    labels = [(one, other) for one, other in texts if one and other]
    is_open = table.is_open_below and (following.is_open_above or is_repeated)
    if is_open:
        return all(not _ENUMERATED.match(other) for _, other in labels) and not _is_complete(texts)
    if len(labels) > 1 and not any(_FIGURE.fullmatch(half) for pair in texts for half in pair if half):
        # A header: no form has two rows of words in the same columns, one below the other.
        return all(not _ENUMERATED.match(other) for _, other in labels)
    # Both halves have a border of their own: only a label that is cut in two tells it.
    return bool(labels) and all(_ENUMERATED.match(one) and not _ENUMERATED.match(other) for one, other in labels)


def _is_figure(one: PageCell, other: PageCell) -> bool:
    return bool(_FIGURE.fullmatch(one.text)) or bool(_FIGURE.fullmatch(other.text))


def _is_complete(texts: Sequence[tuple[str, str]]) -> bool:
    """Whether both halves have a label and figures of their own."""
    return all(
        any(half and not _FIGURE.fullmatch(half) for half in side)
        and any(half and _FIGURE.fullmatch(half) for half in side)
        for side in zip(*texts, strict=True)
    )


def _appended(table: PageTable, lower: Sequence[PageCell], shift: int, *, is_split: bool) -> list[PageCell]:
    """The cells of the lower part with their rows in the whole, without the halves that join a cell above."""
    last = {cell.column: cell for cell in table.tail}
    is_header = _is_cut_header(table, lower)
    first = [cell for cell in lower if cell.row == 0]
    rest: list[PageCell] = []
    for cell in lower:
        above = last.get(cell.column) if cell.row == 0 else None
        is_half = above is not None and above.column_span == cell.column_span
        is_rest = above is not None and is_half and not _is_beside_label(cell, first) and _is_continued(above, cell)
        if above is not None and is_half and (is_split or is_header or is_rest):
            above.text = "\n".join(text for text in (above.text, cell.text) if text)
            above.doubt = above.doubt or cell.doubt
            above.row_span = shift + cell.row_span - above.row
        else:
            cell.row += shift
            rest.append(cell)
    return rest


def _is_cut_header(table: PageTable, lower: Sequence[PageCell]) -> bool:
    """Whether the break lies inside a header: words alone on both sides, and finer columns under a common heading.

    Cells of equal width above and below the break are then halves of one that spans rows.
    """
    above = [cell for cell in table.tail if cell.row == table.row_count - 1]
    below = [cell for cell in lower if cell.row == 0]
    if any(_FIGURE.fullmatch(cell.text) for cell in (*above, *below) if cell.text.strip()):
        return False
    edges = {cell.column: cell.column_span for cell in below}
    return any(
        cell.column in edges and edges[cell.column] < cell.column_span and cell.column + edges[cell.column] in edges
        for cell in above
    )


def _is_beside_label(cell: PageCell, row: Sequence[PageCell]) -> bool:
    """Whether a cell without text is a figure's place: a label stands to the left of it, and none to the right."""
    if cell.text.strip() or cell.row_span > 1:
        return False
    labels = [one.column for one in row if one.text.strip() and not _FIGURE.fullmatch(one.text)]
    return bool(labels) and max(labels) < cell.column


def _is_continued(above: PageCell, below: PageCell) -> bool:
    """Whether a cell at the head of a page is the rest of a merged label above the break."""
    if above.row_span == 1 and below.row_span == 1:
        return False
    one, other = above.text.strip(), below.text.strip()
    if _FIGURE.fullmatch(one) or _FIGURE.fullmatch(other):
        return False
    if not other:
        return below.row_span > 1 or above.row_span > 1
    if not one:
        return False
    return _ENUMERATED.match(one) is not None and _ENUMERATED.match(other) is None
