"""Where the figures of table 4 stand: each run of figures of one channel, placed by the headers that are printed.

Columns decide in grids whose columns mean something. Elsewhere, and where columns and headers do not agree, the printed
order of the headers decides.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from extract.forms.declaration import FormBlock
from extract.forms.lines import Line
from extract.forms.remedy_columns import ByColumn
from extract.forms.remedy_labels import ENOUGH_RESULTS, LITIGATION, Labels, Part, Placed, Refusal
from extract.forms.remedy_order import ByOrder

__all__ = ["Part", "Placed", "Refusal", "placed_parts"]


def placed_parts(block: FormBlock, lines: Sequence[Line], *, reads_damaged: bool = False) -> Iterator[Placed]:
    """The parts of table 4 that a document prints, in print order, and what had to be refused."""
    labels = Labels(block)
    if reads_damaged:
        whole = (labels.channel_of(cell) for line in lines for cell in line.cells)
        printed = {channel for channel in whole if channel not in (None, LITIGATION)}
        labels = Labels(block, reads_damaged=True, printed=printed)
    caption: list[str] = []
    caption_rows: list[list[str]] = []
    before: list[str] = []
    for grid, group in groupby(lines, key=lambda line: line.grid):
        members = list(group)
        if grid is None:
            order = ByOrder(labels, [])
            yield from order.read(members)
            caption = order.channels if not order.results else []
            caption_rows = order.rows
            continue
        named = {channel for line in members for cell in line.cells if (channel := labels.named_channel(cell))}
        is_unnamed = False
        own = _named_at_first(labels, members)
        if len(set(caption)) > 1 and not own & set(caption):
            # The first row of the header, printed as a line above the grid.
            before = []
        elif own - {LITIGATION}:
            # A grid that prints its channels needs no caption; one beside them would only be a further channel.
            caption, before = [], []
        elif caption:
            before = caption
        elif not named and before and _prints_results(labels, members):
            # The headers of the table before once more, without its caption: a copy of it, or nobody knows whose.
            caption, is_unnamed = before, True
        if not caption and not named:
            # Figures without a channel are never placed: most grids of a report are other tables.
            if _prints_results(labels, members):
                rows = (line for line in members if _has_run(line))
                yield from (Refusal(line, is_leftover=True, is_unnamed=True) for line in rows)
            continue
        columns = ByColumn(labels, caption, is_unnamed=is_unnamed)
        placed = columns.read(members) if members[0].is_aligned else None
        if placed is not None:
            yield from placed
        else:
            over = caption_rows if len(set(caption)) > 1 else []
            for part in ByOrder(labels, caption, over, is_unnamed=is_unnamed).read(members):
                if isinstance(part, Part) and members[0].is_aligned and columns.contradicts(part, members):
                    yield Refusal(Line(tuple(part.figures.values()), (), grid, True), year=part.year)
                else:
                    yield part
        caption = []


def _named_at_first(labels: Labels, lines: Sequence[Line]) -> set[str]:
    """The channels that a grid names before its first run of figures, or beside it."""
    named: set[str] = set()
    for line in lines:
        named.update(channel for cell in line.cells if (channel := labels.named_channel(cell)))
        own, figures = line.split()
        results = [cell for cell in own if labels.result(cell.label)]
        is_item = len(results) == 1 and any(not figure.is_blank for figure in figures)
        if is_item or (len(figures) >= ENOUGH_RESULTS and not results):
            break
    return named


def _has_run(line: Line) -> bool:
    """Whether a row holds as many figures as one channel."""
    return sum(not figure.is_blank for figure in line.split()[1]) >= ENOUGH_RESULTS


def _prints_results(labels: Labels, lines: Sequence[Line]) -> bool:
    results = [{result for cell in line.cells if (result := labels.result(cell.label))} for line in lines]
    return any(len(found) >= ENOUGH_RESULTS for found in results)
