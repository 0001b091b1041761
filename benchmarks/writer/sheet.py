"""A table that can be changed: rows taken out and put in, cut in two, cells pushed along, spans kept right.

Belongs here: geometry. Does not belong here: what a row or a fault means.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from benchmarks.writer.page import HOLE, is_hole
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable

__all__ = ["Anchor", "Sheet"]


@dataclass(slots=True)
class Anchor:
    """A cell at its top-left corner."""

    row: int
    column: int
    cell: PrintedCell

    @property
    def end_row(self) -> int:
        return self.row + self.cell.row_span

    @property
    def end_column(self) -> int:
        return self.column + self.cell.column_span


class Sheet:
    """Cells by their corners. Positions without a cell become holes when the table is taken out again."""

    def __init__(self, id: str, section: str, rows: Iterable[Sequence[PrintedCell]] = ()) -> None:
        self.id = id
        self.section = section
        self.anchors: list[Anchor] = []
        self.row_count = 0
        taken: set[tuple[int, int]] = set()
        for number, row in enumerate(rows):
            self.row_count = number + 1
            column = 0
            for cell in row:
                while (number, column) in taken:
                    column += 1
                taken.update(
                    (number + down, column + right)
                    for down in range(cell.row_span)
                    for right in range(cell.column_span)
                )
                if not is_hole(cell):
                    self.anchors.append(Anchor(number, column, cell))
                column += cell.column_span

    @classmethod
    def of(cls, table: PrintedTable) -> "Sheet":
        return cls(table.id, table.section, table.rows)

    @property
    def column_count(self) -> int:
        return max((anchor.end_column for anchor in self.anchors), default=0)

    def row(self, number: int) -> list[Anchor]:
        """The cells that begin in a row, left to right."""
        return sorted((anchor for anchor in self.anchors if anchor.row == number), key=lambda anchor: anchor.column)

    def covering(self, number: int) -> Iterator[Anchor]:
        """The cells that reach into a row from above."""
        return (anchor for anchor in self.anchors if anchor.row < number < anchor.end_row)

    def rows_of_values(self) -> list[int]:
        """The rows in which cells of the form begin."""
        return sorted({anchor.row for anchor in self.anchors if anchor.cell.kind is CellKind.VALUE})

    def values(self, number: int) -> list[Anchor]:
        """The cells of the form in a row, left to right."""
        return [anchor for anchor in self.row(number) if anchor.cell.kind is CellKind.VALUE]

    def delete_row(self, number: int) -> None:
        """Take out a row. A cell that spans more rows stays, one row shorter."""
        kept = []
        for anchor in self.anchors:
            if anchor.row <= number < anchor.end_row:
                if anchor.cell.row_span == 1:
                    continue
                anchor.cell = replace(anchor.cell, row_span=anchor.cell.row_span - 1)
            elif anchor.row > number:
                anchor.row -= 1
            kept.append(anchor)
        self.anchors = kept
        self.row_count -= 1

    def insert_row(self, number: int, cells: Sequence[PrintedCell]) -> None:
        """Put in a row before row `number`; cells that reach over the place grow by a row, and the others flow on."""
        for anchor in self.anchors:
            if anchor.row < number < anchor.end_row:
                anchor.cell = replace(anchor.cell, row_span=anchor.cell.row_span + 1)
            elif anchor.row >= number:
                anchor.row += 1
        self.row_count += 1
        taken = {column for anchor in self.covering(number) for column in range(anchor.column, anchor.end_column)}
        column = 0
        for cell in cells:
            while column in taken:
                column += 1
            self.anchors.append(Anchor(number, column, cell))
            column += cell.column_span

    def shift(self, number: int, start: int, by: int) -> None:
        """Push the cells of a row that begin at or right of column `start` along."""
        for anchor in self.row(number):
            if anchor.column >= start:
                anchor.column += by

    def cut(self, number: int, *, repeat_labels: bool = False) -> tuple["Sheet", "Sheet"]:
        """Two tables, the second beginning with row `number`. A cell over the cut goes on below it, empty or again."""
        first, second = Sheet(self.id, self.section), Sheet(self.id, self.section)
        first.row_count, second.row_count = number, self.row_count - number
        for anchor in self.anchors:
            if anchor.end_row <= number:
                first.anchors.append(Anchor(anchor.row, anchor.column, anchor.cell))
            elif anchor.row >= number:
                second.anchors.append(Anchor(anchor.row - number, anchor.column, anchor.cell))
            else:
                above = replace(anchor.cell, row_span=number - anchor.row)
                text = anchor.cell.text if repeat_labels else ""
                below = replace(anchor.cell, text=text, row_span=anchor.end_row - number)
                first.anchors.append(Anchor(anchor.row, anchor.column, above))
                second.anchors.append(Anchor(0, anchor.column, below))
        return first, second

    def table(self) -> PrintedTable:
        """The table as printed; free positions are holes."""
        width = self.column_count
        taken: set[tuple[int, int]] = set()
        for anchor in self.anchors:
            taken.update(
                (row, column)
                for row in range(anchor.row, anchor.end_row)
                for column in range(anchor.column, anchor.end_column)
            )
        rows = []
        for number in range(self.row_count):
            cells = [(anchor.column, anchor.cell) for anchor in self.row(number)]
            cells += [(column, HOLE) for column in range(width) if (number, column) not in taken]
            rows.append(tuple(cell for _, cell in sorted(cells, key=lambda item: item[0])))
        return PrintedTable(self.id, self.section, width, tuple(rows))
