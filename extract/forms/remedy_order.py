"""Table 4 by the order of its printed headers, for lines of text and for grids without true columns.

An order that is complete is followed, whatever it is; figures under any other headers are refused.
"""

import re
from collections.abc import Iterator, Sequence

from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line
from extract.forms.remedy_labels import (
    ENOUGH_RESULTS,
    LITIGATION,
    OTHER_YEAR,
    TOTAL,
    Labels,
    Part,
    Placed,
    Refusal,
    in_order,
    is_order_untold,
    is_parent_lost,
    year_of,
)
from extract.forms.values import parse_value

__all__ = ["ByOrder"]

_ENOUGH_HEADERS = 12
"""So many results of fifteen, in the statutory order, still tell that order."""
_SURE_RESULTS = frozenset({"upheld", "corrected", "pending"})
"""Results whose names stand in no other table."""
_LONGEST_PAGE_NUMBER = 9
_PAGE_NUMBER = re.compile(r"[-—–]+\d{1,3}[-—–]+|第\d{1,3}页")


class ByOrder:
    """Figures by the order of the headers printed before them: lines of text, and grids without true columns."""

    def __init__(
        self, labels: Labels, caption: Sequence[str], rows: Sequence[list[str]] = (), *, is_unnamed: bool = False
    ) -> None:
        self.labels = labels
        self.is_unnamed = is_unnamed
        """Whether the caption is that of the table before."""
        self.channels: list[str] = list(caption)
        """Channels printed since the last run of figures."""
        self.in_words: list[int] = list(range(len(caption))) if len(set(caption)) == 1 else []
        """Which of them are lines in words of their own (行政诉讼情况), not headers."""
        self.rows: list[list[str]] = list(rows) or [list(caption)]
        """The same, by line."""
        self.results: list[str] = []
        """Results printed since the last run of figures."""
        self.last_order: tuple[str, ...] = ()
        self.last_results: list[str] = []
        self.header: Line | None = None
        self.pending: list[Fragment] = []
        self.pending_line: Line | None = None
        self.pending_unnamed = False
        self.items: dict[tuple[str, str], Fragment] = {}
        """Figures of a list that prints one result a line."""
        self.items_unnamed = False
        self.item_line: Line | None = None
        self.body = ""
        """What the labels of the last run of figures name beside the words of the form: a body."""
        self.has_orphans = False
        """Whether a result of the table, with its figure, stands before any channel."""

    def read(self, lines: Sequence[Line]) -> Iterator[Placed]:
        """The parts that the lines print, and the lines that had to be refused."""
        for line in lines:
            if line.grid is None and self._is_idle() and self._says_nothing(line):
                continue
            yield from self._read_line(line)
        yield from self._flush()

    def _is_idle(self) -> bool:
        """Whether nothing of a table is open: then a line that names nothing leaves all as it is."""
        return not (self.channels or self.results or self.last_order or self.last_results or self.items) and (
            self.header is None and self.pending_line is None
        )

    def _says_nothing(self, line: Line) -> bool:
        """Whether a line outside grids is one text without figures that is no label and no caption of the table."""
        if len(line.cells) != 1:
            return False
        cell = line.cells[0]
        if cell.is_value or len(cell.whole) <= _LONGEST_PAGE_NUMBER or self.labels.is_known(cell.label):
            return False
        return self.labels.caption(cell) is None and not self.labels.is_known(cell.text.split(None, 1)[0])

    def _tokens(self, line: Line, cells: Sequence[Fragment]) -> tuple[list[str], list[str], bool]:
        """Channels and results that label cells name, and whether anything else is printed."""
        channels: list[str] = []
        results: list[str] = []
        is_other = False
        for cell in cells:
            if whole := self.labels.channel_of(cell):
                channels.append(whole)
                continue
            words = [cell.label]
            if not line.is_aligned and not self.labels.is_known(cell.label) and len(cell.text.split()) > 1:
                words = cell.text.split()
                words = words if all(self.labels.is_known(word) for word in words) else [cell.label]
            for word in words:
                if channel := self.labels.channel(word):
                    channels.append(channel)
                elif result := self.labels.result(word):
                    results.append(result)
                elif len(cells) == 1 and (caption := self.labels.caption(cell)):
                    self.in_words.append(len(self.channels) + len(channels))
                    channels.append(caption)
                elif word:
                    is_other = True
        return channels, results, is_other

    def _order(self) -> tuple[str, ...]:
        """The channels in the order of the figures to come; a line in words counts only where no header is printed."""
        headers = [channel for place, channel in enumerate(self.channels) if place not in self.in_words]
        if self.in_words and any(channel != LITIGATION for channel in headers):
            return in_order(headers)
        return in_order(self.channels) if self.channels else self.last_order

    def _read_line(self, line: Line) -> Iterator[Placed]:
        labels, values = line.split()
        if not values and _PAGE_NUMBER.fullmatch(_whole(line)):
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
        self.rows.append(channels)
        self.results.extend(results)
        if len(results) >= ENOUGH_RESULTS:
            self.header = line
        if not values:
            return
        if all(value.is_blank for value in values) and (results or (channels and had_headers)):
            order = self._order()
            if line.grid is not None and len(results) == len(self.results) == 1 and len(order) == 1:
                # One result of a list, printed blank.
                yield from self._item(line, order[0], results[0], values[0])
            elif line.grid is not None and not channels and self._is_across(line, order, results, values):
                yield from self._items_across(line, order, results[0], values)
            return
        yield from self._figures(line, values, channels, results, is_other)

    def _forget(self) -> None:
        self.channels, self.rows, self.results, self.in_words = [], [], [], []
        self.last_order, self.last_results = (), []
        self.header, self.body = None, ""

    def _figures(
        self, line: Line, values: Sequence[Fragment], channels: list[str], results: list[str], is_other: bool
    ) -> Iterator[Placed]:
        if results == self.results == [TOTAL] and self.body and len(values) >= ENOUGH_RESULTS:
            # 总计 below the row of a body: the sum of the bodies.
            self.results = results = []
        printed = self.results or self.last_results
        order = self._order()
        run = list(values)
        if not order:
            self.has_orphans |= bool(_SURE_RESULTS.intersection(results))
            if self._one_block(self.results) is None:
                # 其他 and 总计 of another table.
                self.results = []
            return
        if line.grid is not None and len(results) == len(order) == 1 and all(figure.is_blank for figure in run[1:]):
            # Blanks behind the figure of a list pad the row to the width of its grid.
            run = run[:1]
        is_item = len(self.results) == 1 and len(results) == 1 and len(run) == 1
        if is_item and (order == (LITIGATION,) or (not channels and self._has_unknown(line))):
            # The label of another channel, most likely, that cannot be read; or of none but 行政诉讼.
            yield from self._stop_items()
            self._forget()
            return
        if is_item and len(order) == 1:
            yield from self._item(line, order[0], results[0], run[0])
            return
        if not channels and self._is_across(line, order, results, run):
            yield from self._items_across(line, order, results[0], run)
            return
        if self.items and results:
            # A line of the list that cannot be told: what follows may belong to another channel.
            yield from self._stop_items()
            self._forget()
            return
        if len(printed) < ENOUGH_RESULTS:
            if self.channels and sum(not figure.is_blank for figure in run) >= ENOUGH_RESULTS:
                # A run of figures whose results are not printed: the channel was theirs.
                yield Refusal(line, is_leftover=True)
                self._forget()
                return
            # A sum row of a list or figures of something else; a list that is broken off shows when it is flushed.
            if self.last_results and self.results == [TOTAL]:
                yield Refusal(line, is_leftover=True)
                self.results = []
            elif line.grid is None and is_other:
                self._forget()
            return
        if is_other and not channels and not results:
            is_unnamed = not self.channels and len(self.last_order) == 1 and not self.body
            is_past = any(OTHER_YEAR.search(cell.label) for cell in line.split()[0])
            if is_unnamed or is_past or len(run) not in self._layouts(order, printed):
                if line.grid is None:
                    self._forget()
                else:
                    yield Refusal(line, is_leftover=bool(self.last_order), year=year_of(line.cells))
                return
        if order == (LITIGATION,):
            # A sum over both channels of litigation, which the form does not have.
            is_sum = len(run) <= len(self.labels.all_results)
            if is_sum:
                self._emitted(printed)
            yield Refusal(line, is_leftover=is_sum)
            return
        if len(order) == 1 and self.header is not None and len(line.cells) == len(self.header.cells):
            heads = zip(line.cells, self.header.cells, strict=True)
            under = [cell for cell, head in heads if self.labels.result(head.label) is not None]
            if all(cell.is_value for cell in under) and all(cell in under for cell in run if not cell.is_blank):
                run = under
        if self.channels and (
            is_parent_lost(self.rows, self.channels) or is_order_untold(self.rows, self.labels.all_channels)
        ):
            self._emitted(printed)
            yield Refusal(line)
            return
        yield from self._run(line, run, order, printed)

    def _run(self, line: Line, run: list[Fragment], order: tuple[str, ...], printed: Sequence[str]) -> Iterator[Placed]:
        """Figures under known headers; a row that a converter broke in two is joined."""
        if self.pending_line is None:
            # Results printed anew and no channel with them: the channels are those of the run before.
            self.pending_unnamed = self.is_unnamed or (not self.channels and bool(self.results))
            self.pending_line = line
        self.pending.extend(run)
        widths = self._layouts(order, printed)
        if not widths:
            yield from self._stop_pending()
            return
        longest = max(widths)
        # A blank that may stand under a header is no blank behind the table: the header of a channel may be lost.
        end = self._end_of_header() if line.is_aligned else 0
        while len(self.pending) > max(longest, len(printed)) and self.pending[-1].is_blank:
            if self.pending[-1].column < end:
                break
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
        is_text = self.pending_line.grid is None
        if is_text and all(result != TOTAL for _, result in codes) and _may_hold_totals(self.pending, len(order)):
            # In lines of text a blank leaves no trace: with some lost, totals without a header would be as many.
            yield from self._stop_pending()
            return
        figures = dict(zip(codes, self.pending, strict=True))
        year, is_unnamed = year_of(self.pending_line.cells), self.pending_unnamed
        # The name of a body stands beside the first of its channels alone.
        is_same_body = bool(self.channels) and not self.results
        self.body = self._body(self.pending_line) or (self.body if is_same_body else "")
        self.pending, self.pending_line = [], None
        self.last_order = order
        self._emitted(printed)
        yield Part(figures, note, is_unnamed, year, self.body)

    def _body(self, line: Line) -> str:
        labels, values = line.split()
        above = [cell for cell in line.above if values and cell.column < values[0].column]
        return self.labels.body_of([*above, *labels])

    def _end_of_header(self) -> int:
        """The column behind the last result of the header."""
        cells = self.header.cells if self.header is not None else ()
        return max((cell.end_column for cell in cells if self.labels.result(cell.label)), default=0)

    def _has_unknown(self, line: Line) -> bool:
        """Whether a label stands in the line that is none of the form's and no number of the line."""
        labels, _ = line.split()
        return any(
            not (cell.is_value or self.labels.is_known(cell.label) or self.labels.channel_of(cell)) for cell in labels
        )

    def _emitted(self, printed: Sequence[str]) -> None:
        self.last_results = list(printed)
        self.channels, self.rows, self.results, self.in_words = [], [], [], []

    def _layouts(self, order: tuple[str, ...], printed: Sequence[str]) -> dict[int, tuple[list[tuple[str, str]], str]]:
        """Places of the figures by their number, as far as the printed headers allow; empty where they contradict."""
        layouts: dict[int, tuple[list[tuple[str, str]], str]] = {}
        results = self._one_block(printed)
        if results is not None and len(order) == 1 and len(printed) > len(results):
            # Results printed for more channels than are named: the name of one is lost, and perhaps its figures.
            return {}
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
            is_cut = not self.labels.is_whole([key[1] for key in self.items])
            yield from self._stop_items()
            self.items_unnamed = not self.channels
            if is_cut and self.items_unnamed:
                # A list that is cut, and another begins without a name.
                self._forget()
                return
        self.items[channel, result] = figure
        self.item_line = self.item_line or line
        self.last_order = (channel,)
        self.channels, self.rows, self.results, self.in_words = [], [], [], []

    def _is_across(self, line: Line, order: Sequence[str], results: Sequence[str], values: Sequence[Fragment]) -> bool:
        """Whether a line prints one result, and one figure under each of several channels."""
        is_row = len(results) == len(self.results) == 1 and len(line.split()[0]) == 1
        return is_row and 1 < len(order) == len(values) and LITIGATION not in order

    def _items_across(
        self, line: Line, order: Sequence[str], result: str, values: Sequence[Fragment]
    ) -> Iterator[Placed]:
        """The figures of one result, a channel each: a table with a line for each result."""
        if any(key[0] not in order for key in self.items) or (order[0], result) in self.items:
            yield from self._stop_items()
        self.items.update({(channel, result): value for channel, value in zip(order, values, strict=True)})
        self.item_line = self.item_line or line
        self.last_order = tuple(order)
        self.channels, self.rows, self.results, self.in_words = [], [], [], []

    def _are_whole_items(self) -> bool:
        """Whether every channel of the list has all its results."""
        channels = dict.fromkeys(channel for channel, _ in self.items)
        return all(
            self.labels.is_whole([result for own, result in self.items if own == channel]) for channel in channels
        )

    def _are_items_in_order(self) -> bool:
        """Whether a channel's results begin with the first: else its name stands beside the middle of its own rows.

        Then the rows behind the name are followed by those of the next channel, and make up as many.
        """
        if len({channel for channel, _ in self.items}) > 1:
            return True
        printed = [result for _, result in self.items]
        statutory = [result for result in self.labels.all_results if result in printed]
        total_first = sorted(statutory, key=lambda result: result != TOTAL)
        return printed == statutory or (printed == total_first and not self.has_orphans)

    def _stop_items(self) -> Iterator[Placed]:
        if self.items and self.item_line is not None:
            if self._are_whole_items() and self._are_items_in_order():
                yield Part(self.items, is_unnamed=self.is_unnamed or self.items_unnamed)
            elif len(self.items) > 1:
                yield Refusal(self.item_line)
        self.items, self.item_line, self.items_unnamed = {}, None, False

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


def _whole(line: Line) -> str:
    return line.cells[0].whole if len(line.cells) == 1 else compact(line.text)


def _may_hold_totals(figures: Sequence[Fragment], channels: int) -> bool:
    """Whether figures can be cut into one run a channel, each of which ends in the sum of the figures before."""
    numbers = [parse_value(figure.text, "count").value or 0 for figure in figures]
    return any(numbers) and _ends_in_sums(numbers, channels)


def _ends_in_sums(numbers: Sequence[float], runs: int) -> bool:
    if not runs:
        return not numbers
    return any(
        sum(numbers[: size - 1]) == numbers[size - 1] and _ends_in_sums(numbers[size:], runs - 1)
        for size in range(1, min(len(numbers), ENOUGH_RESULTS + 1) + 1)
    )


def _is_within(printed: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the printed labels are the whole sequence with some left out."""
    rest = iter(whole)
    return all(label in rest for label in printed)
