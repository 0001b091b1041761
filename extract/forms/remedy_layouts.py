"""Where the figures of table 4 stand: each run of figures of one channel, placed by the headers that are printed.

Columns decide in grids whose columns mean something. Elsewhere, and where columns and headers do not agree, the printed
order of the headers decides.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from extract.forms.declaration import FormBlock
from extract.forms.lines import Line
from extract.forms.remedy_columns import ByColumn
from extract.forms.remedy_labels import Part, Placed, Refusal
from extract.forms.remedy_order import ByOrder

__all__ = ["Part", "Refusal", "placed_parts"]


def placed_parts(block: FormBlock, lines: Sequence[Line]) -> Iterator[Placed]:
    """The parts of table 4 that a document prints, in print order, and what had to be refused."""
    caption: list[str] = []
    for grid, group in groupby(lines, key=lambda line: line.grid):
        members = list(group)
        if grid is None:
            order = ByOrder(block, [])
            yield from order.read(members)
            caption = order.channels if not order.results else []
            continue
        columns = ByColumn(block, caption)
        placed = columns.read(members) if members[0].is_aligned else None
        yield from ByOrder(block, caption).read(members) if placed is None else placed
        caption = []
