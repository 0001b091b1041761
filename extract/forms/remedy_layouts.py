"""Where the figures of table 4 stand: each run of figures of one channel, placed by the headers that are printed.

Columns decide in grids whose columns mean something. Elsewhere the printed order of the headers decides; it is followed
when it is complete, and refused when it is not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from extract.forms.declaration import FormBlock
from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line

__all__ = ["Part", "Refusal", "placed_parts"]

_LITIGATION = "行政诉讼"
"""The header over both channels of litigation; alone it names a sum that the form does not have."""
_TOTAL = "total"
_ENOUGH_RESULTS = 4
_ENOUGH_HEADERS = 12
"""So many results of fifteen, in the statutory order, still tell that order."""
_LONGEST_CAPTION = 30
_NO_CAPTION = re.compile(r"\d{3}|[。，,；;]|未(?!经)|无|没有")
_PAGE_NUMBER = re.compile(r"[-—–]+\d{1,3}[-—–]+|第\d{1,3}页")
_OTHER_YEAR = re.compile(r"上年|去年|上一年|同期|历年")


@dataclass
class Part:
    """Figures of one printed run by channel and result. `note` says what the headers lack."""

    figures: dict[tuple[str, str], Fragment]
    note: str = ""

    @property
    def channels(self) -> set[str]:
        """The channels of which figures are printed."""
        return {channel for channel, _ in self.figures}

    @property
    def is_blank(self) -> bool:
        """Whether no figure is printed."""
        return all(figure.is_blank for figure in self.figures.values())


@dataclass
class Refusal:
    """Figures under headers of the table whose places cannot be told; a leftover is known not to be of the form."""

    line: Line
    is_leftover: bool = False


Placed = Part | Refusal


def placed_parts(block: FormBlock, lines: Sequence[Line]) -> Iterator[Placed]:
    """The parts of table 4 that a document prints, in print order, and what had to be refused."""
    caption: list[str] = []
    for grid, group in groupby(lines, key=lambda line: line.grid):
        members = list(group)
        if grid is None:
            order = _ByOrder(block, [])
            yield from order.read(members)
            caption = order.channels if not order.results else []
            continue
        columns = _ByColumn(block, caption)
        placed = columns.read(members) if members[0].is_aligned else None
        yield from _ByOrder(block, caption).read(members) if placed is None else placed
        caption = []


@dataclass
class _Labels:
    """What a printed label means in table 4."""

    block: FormBlock

    def channel(self, label: str) -> str | None:
        row = self.block.rows_by_label.get(label)
        return row[0].code if row else (_LITIGATION if label == _LITIGATION else None)

    def result(self, label: str) -> str | None:
        column = self.block.columns_by_label.get(label)
        return column.code if column else None

    def is_known(self, label: str) -> bool:
        """Whether the label is a header of the table."""
        return (self.channel(label) or self.result(label)) is not None

    def caption(self, text: str) -> str | None:
        """The channel that a line above a table names in words of its own (（二）行政诉讼：复议后起诉)."""
        text = compact(text)
        if len(text) > _LONGEST_CAPTION or _NO_CAPTION.search(text):
            return None
        direct, after = "直接起诉" in text or "直接提起" in text, "复议后" in text
        if direct or after:
            return None if direct and after else self.channel("未经复议直接起诉" if direct else "复议后起诉")
        litigation, reconsideration = "诉讼" in text, "行政复议" in text
        if litigation == reconsideration:
            return None
        return _LITIGATION if litigation else self.channel("行政复议")

    @property
    def all_results(self) -> tuple[str, ...]:
        return tuple(column.code for column in self.block.columns)

    @property
    def all_channels(self) -> tuple[str, ...]:
        return tuple(row.code for row in self.block.rows)

    def is_whole(self, results: Sequence[str]) -> bool:
        """Whether the results are those of the form, each once, with or without the total."""
        return len(results) == len(set(results)) and {*results, _TOTAL} == set(self.all_results)


def _in_order(channels: Sequence[str]) -> tuple[str, ...]:
    """Channels in the order of their figures: 行政诉讼 stands for the channels printed under it."""
    unique = list(dict.fromkeys(channels))
    if _LITIGATION not in unique:
        return tuple(unique)
    parts = [channel for channel in unique if channel.startswith("litigation")]
    if not parts and len(unique) > 1:
        return ()
    whole: list[str] = []
    for channel in unique:
        if channel == _LITIGATION:
            whole.extend(parts or [_LITIGATION])
        elif channel not in parts:
            whole.append(channel)
    return tuple(whole)


class _ByOrder:
    """Figures by the order of the headers printed before them: lines of text, and grids without true columns."""

    def __init__(self, block: FormBlock, caption: Sequence[str]) -> None:
        self.labels = _Labels(block)
        self.channels: list[str] = list(caption)
        """Channels printed since the last run of figures."""
        self.results: list[str] = []
        """Results printed since the last run of figures."""
        self.last_order: tuple[str, ...] = ()
        self.last_results: list[str] = []
        self.header: Line | None = None
        self.pending: list[Fragment] = []
        self.pending_line: Line | None = None
        self.items: dict[tuple[str, str], Fragment] = {}
        """Figures of a list that prints one result a line."""
        self.item_line: Line | None = None

    def read(self, lines: Sequence[Line]) -> Iterator[Placed]:
        for line in lines:
            yield from self._read_line(line)
        yield from self._flush()

    def _tokens(self, line: Line, cells: Sequence[Fragment]) -> tuple[list[str], list[str], bool]:
        """Channels and results that label cells name, and whether anything else is printed."""
        channels: list[str] = []
        results: list[str] = []
        is_other = False
        for cell in cells:
            words = [cell.label]
            if line.grid is None and not self.labels.is_known(cell.label) and len(cell.text.split()) > 1:
                words = cell.text.split()
                words = words if all(self.labels.is_known(word) for word in words) else [cell.label]
            for word in words:
                if channel := self.labels.channel(word):
                    channels.append(channel)
                elif result := self.labels.result(word):
                    results.append(result)
                elif len(cells) == 1 and (caption := self.labels.caption(cell.text)):
                    channels.append(caption)
                elif word:
                    is_other = True
        return channels, results, is_other

    def _read_line(self, line: Line) -> Iterator[Placed]:
        labels, values = line.split()
        if not values and _PAGE_NUMBER.fullmatch(compact(line.text)):
            return
        channels, results, is_other = self._tokens(line, labels)
        if channels or results:
            yield from self._stop_pending()
        else:
            if is_other and not values:
                yield from self._stop_pending()
                if line.grid is None:
                    yield from self._flush()
                    self._forget()
                return
        had_headers = bool(self.results)
        self.channels.extend(channels)
        self.results.extend(results)
        if len(results) >= _ENOUGH_RESULTS:
            self.header = line
        if not values:
            return
        if all(value.is_blank for value in values) and (results or (channels and had_headers)):
            return
        yield from self._figures(line, values, channels, results, is_other)

    def _forget(self) -> None:
        self.channels, self.results, self.last_order, self.last_results = [], [], (), []
        self.header = None

    def _figures(
        self, line: Line, values: Sequence[Fragment], channels: list[str], results: list[str], is_other: bool
    ) -> Iterator[Placed]:
        printed = self.results or self.last_results
        order = _in_order(self.channels) if self.channels else self.last_order
        run = list(values)
        if not order:
            if self._one_block(self.results) is None:
                # 其他 and 总计 of another table.
                self.results = []
            return
        if len(self.results) == 1 and len(results) == 1 and len(order) == 1 and len(run) == 1:
            yield from self._item(line, order[0], results[0], run[0])
            return
        if len(printed) < _ENOUGH_RESULTS:
            # A sum row of a list or figures of something else; a list that is broken off shows when it is flushed.
            if self.last_results and self.results == [_TOTAL]:
                yield Refusal(line, is_leftover=True)
                self.results = []
            elif line.grid is None and is_other:
                self._forget()
            return
        if is_other and not channels and not results:
            is_unnamed = not self.channels and len(self.last_order) == 1
            is_past = any(_OTHER_YEAR.search(cell.label) for cell in line.split()[0])
            if is_unnamed or is_past or len(run) not in self._layouts(order, printed):
                if line.grid is None:
                    self._forget()
                else:
                    yield Refusal(line, is_leftover=bool(self.last_order))
                return
        if order == (_LITIGATION,):
            # A sum over both channels of litigation, which the form does not have.
            is_sum = len(run) <= len(self.labels.all_results)
            if is_sum:
                self._emitted(printed)
            yield Refusal(line, is_leftover=is_sum)
            return
        if len(order) == 1 and self.header is not None and len(line.cells) == len(self.header.cells):
            run = [
                cell
                for cell, head in zip(line.cells, self.header.cells, strict=True)
                if self.labels.result(head.label) is not None
            ]
        yield from self._run(line, run, order, printed)

    def _run(self, line: Line, run: list[Fragment], order: tuple[str, ...], printed: Sequence[str]) -> Iterator[Placed]:
        """Figures under known headers; a row that a converter broke in two is joined."""
        self.pending.extend(run)
        self.pending_line = self.pending_line or line
        widths = self._layouts(order, printed)
        if not widths:
            yield from self._stop_pending()
            return
        longest = max(widths)
        while len(self.pending) > longest and self.pending[-1].is_blank:
            self.pending.pop()
        if len(self.pending) < longest and not (
            len(self.pending) in widths and all(not figure.is_blank for figure in self.pending)
        ):
            return
        layout = widths.get(len(self.pending))
        if layout is None:
            yield from self._stop_pending()
            return
        codes, note = layout
        figures = dict(zip(codes, self.pending, strict=True))
        self.pending, self.pending_line = [], None
        self.last_order = order
        self._emitted(printed)
        yield Part(figures, note)

    def _emitted(self, printed: Sequence[str]) -> None:
        self.last_results = list(printed)
        self.channels, self.results = [], []

    def _layouts(self, order: tuple[str, ...], printed: Sequence[str]) -> dict[int, tuple[list[tuple[str, str]], str]]:
        """Places of the figures by their number, as far as the printed headers allow; empty where they contradict."""
        layouts: dict[int, tuple[list[tuple[str, str]], str]] = {}
        results = self._one_block(printed)
        statutory = self.labels.all_results
        whole = [(channel, result) for channel in order for result in statutory]
        is_statutory = order == tuple(channel for channel in self.labels.all_channels if channel in order)
        text = " ".join(printed)
        if results is not None:
            codes = [(channel, result) for channel in order for result in results]
            note = "" if len(results) == len(statutory) else "no 总计 column in any block"
            layouts[len(codes)] = (codes, note or ("" if len(printed) >= len(codes) else text))
        if is_statutory and len(whole) not in layouts:
            has_four = results is not None and tuple(results) == statutory[:-1]
            has_most = len(order) == len(self.labels.all_channels) and len(printed) >= _ENOUGH_HEADERS
            if has_four or (results is None and has_most and _is_within(printed, [code for _, code in whole])):
                layouts[len(whole)] = (whole, text)
        return layouts

    def _one_block(self, printed: Sequence[str]) -> list[str] | None:
        """The results of one channel in print order, if every channel prints the same."""
        for size in (len(self.labels.all_results), len(self.labels.all_results) - 1):
            blocks = [list(printed[start : start + size]) for start in range(0, len(printed), size)]
            if blocks and all(block == blocks[0] for block in blocks) and self.labels.is_whole(blocks[0]):
                return blocks[0]
        return None

    def _item(self, line: Line, channel: str, result: str, figure: Fragment) -> Iterator[Placed]:
        """One figure of a list of results, one a line."""
        begins = any(key[0] != channel for key in self.items) or (channel, result) in self.items
        if begins:
            yield from self._stop_items()
        self.items[channel, result] = figure
        self.item_line = self.item_line or line
        self.last_order, self.channels, self.results = (channel,), [], []

    def _stop_items(self) -> Iterator[Placed]:
        if self.items and self.item_line is not None:
            if self.labels.is_whole([result for _, result in self.items]):
                yield Part(self.items)
            elif len(self.items) > 1:
                yield Refusal(self.item_line)
        self.items, self.item_line = {}, None

    def _stop_pending(self) -> Iterator[Placed]:
        """Figures that no more can follow: too few or too many for the headers."""
        if self.pending_line is not None and any(not figure.is_blank for figure in self.pending):
            cells = tuple(self.pending)
            yield Refusal(Line(cells, (), self.pending_line.grid, self.pending_line.is_aligned))
            self._emitted(self.results or self.last_results)
        self.pending, self.pending_line = [], None

    def _flush(self) -> Iterator[Placed]:
        yield from self._stop_pending()
        yield from self._stop_items()


def _is_within(printed: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the printed labels are the whole sequence with some left out."""
    rest = iter(whole)
    return all(label in rest for label in printed)


@dataclass
class _Columns:
    """The headers standing over each column so far."""

    channel: dict[int, str] = field(default_factory=dict)
    result: dict[int, str] = field(default_factory=dict)
    other: set[int] = field(default_factory=set)


class _ByColumn:
    """Figures by the headers above their column and the labels left in their row: grids with true columns."""

    def __init__(self, block: FormBlock, caption: Sequence[str]) -> None:
        self.labels = _Labels(block)
        order = _in_order(caption)
        self.caption = order[0] if len(order) == 1 else None
        self.heads = _Columns()

    def read(self, lines: Sequence[Line]) -> list[Placed] | None:
        """The parts of one grid; None where columns and headers do not agree, or nothing of the table is there."""
        placed: list[Placed] = []
        items: dict[tuple[str, str], Fragment] = {}
        for line in lines:
            if not self._is_figures(line):
                self._read_headers(line)
                continue
            figures = self._row(line)
            if figures is None:
                return None
            if not figures:
                if self.heads.result or items:
                    placed.append(Refusal(line, is_leftover=True))
                continue
            if self._are_whole(figures):
                placed.append(Part(figures))
                continue
            if figures.keys() & items.keys():
                return None
            items.update(figures)
            if self._are_whole(items) and len(items) >= self._list_width(items):
                placed.append(Part(items))
                items = {}
        if items:
            if not self._are_whole(items):
                return None
            placed.append(Part(items))
        return placed if any(isinstance(part, Part) for part in placed) else None

    def _list_width(self, items: dict[tuple[str, str], Fragment]) -> int:
        return len({channel for channel, _ in items}) * len(self.labels.all_results)

    def _are_whole(self, figures: dict[tuple[str, str], Fragment]) -> bool:
        """Whether every channel has the results of the form, and all the same."""
        by_channel: dict[str, list[str]] = {}
        for channel, result in figures:
            by_channel.setdefault(channel, []).append(result)
        sets = {frozenset(results) for results in by_channel.values()}
        return len(sets) == 1 and all(self.labels.is_whole(results) for results in by_channel.values())

    def _is_figures(self, line: Line) -> bool:
        """Whether a row holds figures: a number is printed, or all is blank where headers say that figures belong."""
        cells = line.cells
        if any(cell.is_value and not cell.is_blank for cell in cells):
            return True
        named = [cell for cell in cells if not cell.is_blank]
        under = {self.heads.result[cell.column] for cell in cells if cell.is_blank and cell.column in self.heads.result}
        if len(under) >= _ENOUGH_RESULTS:
            return all(cell.column not in self.heads.result for cell in named)
        if self.heads.result or not cells or not cells[-1].is_blank:
            return False
        results = [cell for cell in named if self.labels.result(cell.label)]
        return len(results) == 1 and results[0] is named[-1] and self._row_channel(line, results[0].column) is not None

    def _read_headers(self, line: Line) -> None:
        over: str | None = None
        for cell in line.cells:
            span = range(cell.column, cell.end_column)
            if cell.is_blank:
                if over is not None:
                    self.heads.channel.update(dict.fromkeys(span, over))
                continue
            over = self.labels.channel(cell.label)
            if over is None and sum(not other.is_blank for other in line.cells) == 1:
                over = self.labels.caption(cell.text)
            if over is not None:
                self.heads.channel.update(dict.fromkeys(span, over))
            elif result := self.labels.result(cell.label):
                self.heads.result.update(dict.fromkeys(span, result))
            elif len(span) == 1:
                self.heads.other.update(span)

    def _row_labels(self, line: Line, before: int) -> list[Fragment]:
        reaching = [cell for cell in line.above if cell.column < before]
        return sorted([*reaching, *(cell for cell in line.cells if cell.column < before)], key=lambda cell: cell.column)

    def _row_channel(self, line: Line, before: int) -> str | None:
        """The channel that the labels left in a row name: the innermost one."""
        named = [self.labels.channel(cell.label) for cell in self._row_labels(line, before)]
        found = [channel for channel in named if channel is not None]
        return found[-1] if found else None

    def _row(self, line: Line) -> dict[tuple[str, str], Fragment] | None:
        """The figures of one row by place; empty where the row is none of the form's, None where places conflict."""
        start = self._first_figure(line)
        figures = line.cells[start:]
        if not figures:
            return {}
        first = figures[0].column
        if any(_OTHER_YEAR.search(cell.label) for cell in self._row_labels(line, first)):
            return {}
        row_channel = self._row_channel(line, first)
        row_results = {result for cell in line.cells[:start] if (result := self.labels.result(cell.label))}
        is_sum = row_channel is None and row_results == {_TOTAL} and self.heads.result and not self.heads.channel
        if row_channel == _LITIGATION or is_sum:
            return {}
        if len(row_results) > 1 or any(self.labels.is_known(cell.label) for cell in figures):
            return None
        row_result = next(iter(row_results), None)
        found: dict[tuple[str, str], Fragment] = {}
        for cell in figures:
            place = self._place(cell.column, row_channel, row_result)
            if place is None:
                if cell.is_blank or self._is_outside(cell.column):
                    continue
                return None
            is_wide = cell.end_column - cell.column > 1 and row_result is None
            if place in found or (is_wide and not cell.is_blank):
                return None
            found[place] = cell
        expected = {place for column in self.heads.result if (place := self._place(column, row_channel, row_result))}
        # A header without a cell below it: a cell is lost, and the others may have moved into its place.
        return found if expected <= found.keys() else None

    def _first_figure(self, line: Line) -> int:
        """Where the figures of a row begin: under the first result header, or behind the labels that name the place."""
        if self.heads.result:
            under = (place for place, cell in enumerate(line.cells) if cell.column in self.heads.result)
            return next(under, len(line.cells))
        known = [place for place, cell in enumerate(line.cells) if self.labels.is_known(cell.label)]
        return known[-1] + 1 if known else 0

    def _place(self, column: int, row_channel: str | None, row_result: str | None) -> tuple[str, str] | None:
        above_channel = self.heads.channel.get(column)
        above_result = self.heads.result.get(column)
        if row_channel and above_channel and row_channel != above_channel:
            return None
        if row_result and above_result and row_result != above_result:
            return None
        channel = row_channel or above_channel or self.caption
        result = row_result or above_result
        if channel is None or result is None or channel == _LITIGATION:
            return None
        return channel, result

    def _is_outside(self, column: int) -> bool:
        """Whether a figure stands under a header that is none of the form's: a remark, or a sum over channels."""
        if column in self.heads.channel:
            return self.heads.channel[column] == _LITIGATION and column in self.heads.result
        return column in self.heads.other or self.heads.result.get(column) == _TOTAL
