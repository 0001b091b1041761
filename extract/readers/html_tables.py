"""One HTML table: whether it serves layout, and its cells, placed by the table model of the HTML standard.

Belongs here: rows, cells, spans and what stands between them. Does not belong here: the text of a cell, the page.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from extract.readers.html_text import (
    BLOCKS,
    CONTROLS,
    RAISED,
    SKIPPED,
    SKIPPED_IN_TEXT,
    cell_text,
    collapsed,
    flat_text,
    has_several_cells,
    is_hidden,
)
from extract.readers.regular_tables import RawCell, regular_table_reader
from extract.readers.spans import PlacedCell, SpanLayout

__all__ = [
    "TableReading",
    "hides_part",
    "is_layout",
    "is_pasted",
    "puts_out_of_sight",
    "rows_of_regular_table",
    "serves_layout",
]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_GROUP_ORDER = {"thead": 0, "tfoot": 2}
_CELLS = frozenset({"td", "th"})
_NOT_BETWEEN = _CELLS | {"table", "caption"}
"""What cannot stand between a table and its own rows and cells."""
_SPAN = re.compile(r"\s*\+?(\d{1,9})")
_MOST_COLUMNS = 1000  # the cap of the HTML standard for colspan; also the widest grid we build
_MOST_ROWS = 65534  # the cap of the HTML standard for rowspan
_PROSE_IN_CELL = 400
_FEW_CELLS = 6
_PROSE_IN_COLUMN = 100
is_pasted = etree.XPath("count(.//*) > 3.5 * count(.//td | .//th)")
"""Whether cells hold much markup: then a stylesheet reads the table faster than a walk over its elements."""
_STYLE_WORDS = (
    "isplay", "isibility", "size:0", "size: 0", "through", ":su", ": su", "ISPLAY", "ISIBILITY", "SIZE:0", "SIZE: 0",
)  # fmt: skip
"""What is in every style that hides an element, or raises it beside other text."""
hides_part = etree.XPath(
    f"boolean(.//@hidden or .//@style[{' or '.join(f'contains(., {word!r})' for word in _STYLE_WORDS)}])"
)
_MORE_STYLE_WORDS = ("opacity", "transparent", "clip", ":-", ": -", "OPACITY", "TRANSPARENT", "CLIP")
puts_out_of_sight = etree.XPath(
    f"boolean(.//@style[{' or '.join(f'contains(., {word!r})' for word in _MORE_STYLE_WORDS)}])"
)


class TableReading:
    """The cells of one data table, placed by the table model of the HTML standard."""

    def __init__(self, *, may_hide: bool) -> None:
        self.cells: list[PlacedCell] = []
        self.row_count = 0
        self.around: list[str] = []
        """Caption and stray text between cells: browsers show it before the table."""
        self.may_hide = may_hide

    def place(self, rows: list[list[RawCell]]) -> None:
        """Fill `cells` from the rows of a regular table."""
        self.row_count = len(rows)
        layout = SpanLayout(self.cells, 0, self.row_count)
        for row in rows:
            layout.start_row()
            for text, row_span, column_span in row:
                layout.place(
                    text,
                    _span(row_span, _MOST_ROWS, zero=_MOST_ROWS) if row_span else 1,
                    _span(column_span, _MOST_COLUMNS, zero=1) if column_span else 1,
                )

    def read(self, table: Element, inner: list[Element] | None) -> None:
        """Fill `cells`; tables inside cells go to `inner` and not into the text."""
        groups = self._groups(table)
        may_hide = self.may_hide
        for rows in groups:
            layout = SpanLayout(self.cells, self.row_count, self.row_count + len(rows))
            place = layout.place
            for row in rows:
                layout.start_row()
                for cell in row:
                    if may_hide and is_hidden(cell):
                        continue
                    row_span = cell.get("rowspan")
                    column_span = cell.get("colspan")
                    # A bare number or word is the text of its cell as it stands.
                    text = None if may_hide or len(cell) else cell.text
                    place(
                        text if text is not None and text.isalnum() else cell_text(cell, may_hide, inner),
                        1 if row_span is None else _span(row_span, _MOST_ROWS, zero=_MOST_ROWS),
                        1 if column_span is None else _span(column_span, _MOST_COLUMNS, zero=1),
                    )
            self.row_count += len(rows)

    def _groups(self, table: Element) -> list[list[list[Element]]]:
        """The cells of each row, by row group, head first and foot last; cells without a <tr> make a row."""
        ranked: list[tuple[int, list[list[Element]]]] = []
        stack: list[Iterator[Element]] = [iter((table,))]
        open_group: list[list[Element]] | None = None
        loose: list[Element] | None = None
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
                if stack:
                    open_group = loose = None
                continue
            tag = element.tag
            if self.may_hide and is_hidden(element):
                continue
            if tag == "tr":
                if open_group is None:
                    open_group = []
                    ranked.append((1, open_group))
                open_group.append(self._row_cells(element))
                loose = None
            elif tag in _CELLS:
                if loose is None:
                    loose = []
                    if open_group is None:
                        open_group = []
                        ranked.append((1, open_group))
                    open_group.append(loose)
                loose.append(element)
            elif tag == "caption":
                self._stray_lines(element)
            elif tag in _ROW_GROUPS:
                open_group = []
                loose = None
                ranked.append((_GROUP_ORDER.get(tag, 1), open_group))
                self._stray(element.text)
                stack.append(element.iterchildren())
            elif tag not in SKIPPED:
                # The table itself, or a <form>, <div> or <font> between table and rows.
                self._stray(element.text)
                stack.append(element.iterchildren())
            if tag != "table":
                self._stray(element.tail)
        ranked.sort(key=lambda pair: pair[0])
        return [rows for _, rows in ranked if rows]

    def _row_cells(self, row: Element) -> list[Element]:
        """The cells of a row, also those inside a <form> or <font>; any other text of the row is stray."""
        self._stray(row.text)
        children: list[Element] = row[:]
        if all([child.tag in _CELLS for child in children]):
            for child in children:
                tail = child.tail
                if tail is not None:
                    self._stray(tail)
            return children
        cells: list[Element] = []
        stack: list[Iterator[Element]] = [row.iterchildren()]
        while stack:
            for child in stack[-1]:
                if child.tag in _CELLS:
                    cells.append(child)
                elif child.tag not in SKIPPED:
                    if next(child.iterdescendants("td", "th"), None) is not None and child.tag != "table":
                        self._stray(child.text)
                        stack.append(child.iterchildren())
                        break
                    self._stray_lines(child)
                tail = child.tail
                if tail:
                    self._stray(tail)
            else:
                stack.pop()
        return cells

    def _stray(self, text: str | None) -> None:
        if text and not text.isspace():
            self.around.append(text)

    def _stray_lines(self, element: Element) -> None:
        self.around.extend(flat_text(element, self.may_hide).split("\n"))


def _span(printed: str, most: int, *, zero: int) -> int:
    """A span attribute by the rules of the HTML standard: leading digits count, garbage is 1, 0 is `zero`."""
    if printed.isdecimal() and printed.isascii() and len(printed) < 5:
        number = int(printed)
    else:
        match = _SPAN.match(printed)
        if match is None:
            return 1
        number = int(match[1])
    return zero if number == 0 else min(number, most)


rows_of_regular_table = regular_table_reader(
    blocks=(BLOCKS | {"pre"}) - {"br"},
    left_out=SKIPPED_IN_TEXT - CONTROLS,
    irregular=RAISED | CONTROLS | {"table"},
    collapsed=collapsed,
)


def _own_cells(table: Element) -> list[list[Element]]:
    """The cells of the table's own rows, tables inside cells not entered."""
    rows: list[list[Element]] = []
    stack: list[Element] = [table]
    while stack:
        element = stack.pop()
        cells = [child for child in element if child.tag in _CELLS]
        if cells:
            rows.append(cells)
        stack.extend(child for child in element if child.tag not in _NOT_BETWEEN)
    return rows


def is_layout(table: Element) -> bool:
    """True if a table that holds tables serves layout.

    It is data all the same if the inner tables are single cells and more than one cell has text of its own or more than
    one row has several inner tables, or if most of its rows are full of cells of its own and the cells that hold a
    table hold little else.
    """
    plain = 0
    holding: list[Element] = []
    full_rows = wrapped_rows = 0
    for row in _own_cells(table):
        filled, before = 0, len(holding)
        for cell in row:
            inner = next(cell.iterdescendants("table"), None)
            if inner is not None:
                holding.append(cell)
            elif any(text.strip() for text in cell.itertext()):
                filled += 1
        plain += filled
        full_rows += filled >= 3
        wrapped_rows += len(holding) - before >= 2
    several = [cell for cell in holding if any(has_several_cells(inner) for inner in cell.iterdescendants("table"))]
    if not several:
        return plain < 2 and wrapped_rows < 2
    if full_rows < 2 or len(holding) * 4 > plain:
        return True
    return any(len(flat_text(cell, may_hide=False, inner=[])) > _PROSE_IN_COLUMN for cell in holding)


def serves_layout(cells: list[PlacedCell], row_count: int) -> bool:
    """True if a table without tables inside frames text: one cell, or an article in one of few cells."""
    if len(cells) <= 1:
        return True
    longest = max(len(cell[4]) for cell in cells)
    if longest <= _PROSE_IN_COLUMN:
        return False
    if len(cells) <= row_count:
        return True
    return longest > _PROSE_IN_CELL and len(cells) <= _FEW_CELLS
