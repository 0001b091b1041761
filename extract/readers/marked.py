"""What DOC and RTF tables share: paragraphs whose marks end cells and rows become blocks.

Belongs here: the bookkeeping of open cells, rows and tables inside cells. Does not belong here: any file format.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from extract.model import Block, Paragraph, Place
from extract.readers.edges import EdgeCell, RowShape, filled_row, grid_of_rows, needs_converter

__all__ = ["MarkedFlow", "blocks_of"]

_DEEPEST = 32


@dataclass(slots=True)
class _Table:
    """A table being read, with its unfinished row and cell, and the tables inside its cells."""

    rows: list[list[EdgeCell]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    inner: list["_Table"] = field(default_factory=list)
    is_in_cell: bool = False


class MarkedFlow:
    """Blocks in the making. A depth is how many tables stand around a paragraph: 0 outside any."""

    def __init__(self) -> None:
        self.items: list[str | list[list[EdgeCell]]] = []
        """Paragraphs and tables in order, without places."""
        self._open: list[_Table] = []
        self._begun: tuple[str, int] | None = None
        """Text and depth of a paragraph whose mark is not printed."""

    @property
    def is_inside_row(self) -> bool:
        """Whether a table row has begun and not ended."""
        return any(table.texts or table.is_in_cell for table in self._open)

    def go_on(self, text: str, depth: int) -> None:
        """A paragraph ends by a mark that is not printed: it goes on in the next, if that stands in the same table."""
        self._begun = self._joined(text, depth), depth

    def _joined(self, text: str, depth: int) -> str:
        """`text` behind the paragraph that goes on in it."""
        if self._begun is None:
            return text
        (begun, its_depth), self._begun = self._begun, None
        if its_depth == depth:
            return begun + text
        self.end_paragraph(begun, its_depth)
        return text

    def end_paragraph(self, text: str, depth: int) -> None:
        """A paragraph ends; inside a table its cell goes on."""
        if self._begun:
            text = self._joined(text, depth)
        if depth == 0:
            if self._open:
                self._close(0)
            if text and not text.isspace():
                self.items.append(text)
            return
        table = self._at(depth)
        table.is_in_cell = True
        if text:
            table.parts.append(text)

    def end_cell(self, text: str, depth: int) -> None:
        """A paragraph ends, and its cell with it."""
        if self._begun:
            text = self._joined(text, depth)
        table = self._at(depth)
        if table.parts:
            if text:
                table.parts.append(text)
            text = "\n".join(table.parts)
            table.parts = []
        table.texts.append(text)
        table.is_in_cell = False

    def end_row(self, shape: RowShape, depth: int, *, is_deleted: bool, is_hidden: bool) -> None:
        """A row ends; `shape` says where its cells lie. A hidden row end hides a row that prints nothing else."""
        if self._joined("", depth).strip():
            raise needs_converter("A table row ends inside a cell.")
        table = self._at(depth)
        if table.is_in_cell:
            raise needs_converter("A table row ends inside a cell.")
        cells = filled_row(shape, table.texts)
        if not is_deleted and not (is_hidden and not "".join(table.texts).strip()):
            table.rows.append(cells)
        table.texts = []

    def close(self) -> None:
        """The text ends. Raises Unreadable where it ends inside a row."""
        if self._begun:
            self.end_paragraph("", self._begun[1])
        self._close(0)

    def _at(self, depth: int) -> _Table:
        """The innermost table at `depth`, begun if need be."""
        if len(self._open) == depth > 0:
            return self._open[-1]
        if not 0 < depth <= _DEEPEST:
            raise needs_converter("Its tables stand in each other too deep, or a cell in none.")
        self._close(depth)
        while len(self._open) < depth:
            if self._open:
                self._open[-1].is_in_cell = True
            self._open.append(_Table())
        return self._open[-1]

    def _close(self, depth: int) -> None:
        """End the tables deeper than `depth`."""
        while len(self._open) > depth:
            table = self._open.pop()
            if table.texts or table.is_in_cell:
                raise needs_converter("A table ends inside a row.")
            if not self._open:
                self._add_tables(table)
            elif sum(map(len, table.rows)) == 1 and not table.inner:
                # A frame around a paragraph: it belongs to the cell that it stands in.
                self._open[-1].parts.extend(cell.text for row in table.rows for cell in row if cell.text)
            else:
                self._open[-1].inner.append(table)

    def _add_tables(self, outermost: _Table) -> None:
        """Add a table and, behind it, those inside its cells."""
        waiting = [outermost]
        while waiting:
            table = waiting.pop()
            waiting.extend(reversed(table.inner))
            rows = [row for row in table.rows if row]
            if rows:
                self.items.append(rows)


def blocks_of(flows: Iterable[MarkedFlow]) -> tuple[Block, ...]:
    """The blocks of finished flows, one after the other, with places counted through."""
    blocks: list[Block] = []
    lines = tables = 0
    for flow in flows:
        for item in flow.items:
            if isinstance(item, str):
                lines += 1
                blocks.append(Paragraph(item, Place(line=lines)))
            else:
                tables += 1
                blocks.append(grid_of_rows(item, tables))
    return tuple(blocks)
