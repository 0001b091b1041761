"""Tables that go on at the top of the next page, put together.

Belongs here: when two tables are one. Does not belong here: anything on one page.
"""

import re
from collections.abc import Sequence

from extract.model import Box
from extract.readers.pdf_again.tables import Rows, SetCell, nearest

__all__ = ["joined_parts"]

_FIGURE = re.compile(r"[\s\d０-９.,，%+-]+|[/／—–]+|无")
_NUMBERED = re.compile(r"\s*(?:[一二三四五六七八九十]+\s*[、.．]|[（(][一二三四五六七八九十]+[)）]|\d+\s*[.．、)）])")


def joined_parts(parts: list[tuple[int, str | Rows, Box]]) -> list[tuple[int, str | Rows, Box]]:
    """Parts with tables joined that go on at the top of the next page."""
    result: list[tuple[int, str | Rows, Box]] = []
    for number, part, box in parts:
        previous = result[-1][1] if result else None
        if (
            isinstance(part, Rows)
            and isinstance(previous, Rows)
            and _last_page(previous) == number - 1
            and _go_together(previous, part)
        ):
            _append(previous, part)
        else:
            result.append((number, part, box))
    return result


def _last_page(table: Rows) -> int:
    return max(cell.page for row in table.rows for cell in row)


def _go_together(table: Rows, following: Rows) -> bool:
    ends_agree = abs(table.edges[0] - following.edges[0]) < 6 and abs(table.edges[-1] - following.edges[-1]) < 6
    finer, coarser = sorted((table.edges, following.edges), key=len, reverse=True)
    places = [nearest(finer, edge) for edge in coarser]
    return (
        ends_agree
        and len(set(places)) == len(places)
        and all(abs(finer[place] - edge) < 6 for place, edge in zip(places, coarser, strict=True))
    )


def _on_edges(table: Rows, edges: Sequence[float]) -> list[list[SetCell]]:
    """The rows of a table with columns counted on the edges of a finer one."""
    places = [nearest(edges, edge) for edge in table.edges]
    return [
        [
            SetCell(
                places[cell.column],
                places[min(cell.column + cell.column_span, len(places) - 1)] - places[cell.column],
                cell.row_span,
                cell.text,
                cell.doubt,
                cell.box,
                cell.page,
            )
            for cell in row
        ]
        for row in table.rows
    ]


def _append(table: Rows, following: Rows) -> None:
    if len(following.edges) > len(table.edges):
        table.rows = _on_edges(table, following.edges)
        table.edges = following.edges
    rows = _on_edges(following, table.edges)
    head = 0
    while head < min(len(rows), len(table.rows), 6) and _is_again(table.rows[head], rows[head]):
        head += 1
    rows = rows[head:]
    if rows and _is_rest(table.rows[-1], rows[0]):
        rest = {cell.column: cell for cell in rows[0]}
        table.rows[-1] = [
            SetCell(
                cell.column,
                cell.column_span,
                cell.row_span,
                "\n".join(text for text in (cell.text, rest[cell.column].text if cell.column in rest else "") if text),
                cell.doubt or (rest[cell.column].doubt if cell.column in rest else ""),
                cell.box,
                cell.page,
            )
            for cell in table.rows[-1]
        ]
        rows = rows[1:]
    table.rows.extend(rows)


def _is_again(row: list[SetCell], other: list[SetCell]) -> bool:
    texts = ["".join(cell.text.split()) for cell in row]
    again = texts == ["".join(cell.text.split()) for cell in other]
    return again and any(texts) and not any(_FIGURE.fullmatch(text) for text in texts if text)


def _is_rest(row: list[SetCell], following: list[SetCell]) -> bool:
    """Whether a row holds only the rest of a label whose beginning and figures stand on the page before."""
    words = [cell.text for cell in following if cell.text.strip()]
    if not words or any(_FIGURE.fullmatch(text) or _NUMBERED.match(text) for text in words):
        return False
    begun = [cell.text for cell in row if cell.text.strip() and not _FIGURE.fullmatch(cell.text)]
    return any(_NUMBERED.match(text) for text in begun) and len(following) >= len(row)
