"""Table 4 by the headers over each column and the labels left in each row, for grids with true columns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

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
    is_parent_lost,
    year_of,
)

__all__ = ["ByColumn"]


@dataclass
class _Columns:
    """The headers standing over each column so far."""

    channel: dict[int, str] = field(default_factory=dict)
    result: dict[int, str] = field(default_factory=dict)
    other: set[int] = field(default_factory=set)


class ByColumn:
    """Figures by the headers above their column and the labels left in their row: grids with true columns."""

    def __init__(self, labels: Labels, caption: Sequence[str], *, is_unnamed: bool = False) -> None:
        self.labels = labels
        self.is_unnamed = is_unnamed
        """Whether the caption is that of the table before."""
        order = in_order(caption)
        self.caption = order[0] if len(order) == 1 else None
        self.heads = _Columns()
        self.rows: list[list[str]] = []
        """The channels of each header row."""
        self.since_figures: list[str] = []
        """What the header rows since the last figures print: channels or results."""
        self.has_figures = False
        self.is_spoiled = False
        """Whether the results of one channel are printed twice, and no figures or channel between."""

    def read(self, lines: Sequence[Line]) -> list[Placed] | None:
        """The parts of one grid; None where columns and headers do not agree, or nothing of the table is there."""
        placed: list[Placed] = []
        items: dict[tuple[str, str], Fragment] = {}
        for line in lines:
            if not self._is_figures(line):
                self._read_headers(line)
                if self.is_spoiled:
                    return None
                continue
            if self._is_foreign(line):
                if self.heads.result or items:
                    placed.append(Refusal(line, is_leftover=True))
                continue
            year = year_of(line.cells)
            figures = self._row(line)
            if figures is None:
                if year is not None and any(isinstance(part, Part) for part in placed):
                    placed.append(Refusal(line, year=year))
                    continue
                return None
            if not figures:
                if self.heads.result or items:
                    placed.append(Refusal(line, is_leftover=True, year=year))
                continue
            if self._are_words(line) and any(isinstance(part, Part) for part in placed):
                placed.append(Refusal(line, is_leftover=True, year=year))
                continue
            if self._are_whole(figures):
                before = min(cell.column for cell in figures.values())
                body = self.labels.body_of(self._row_labels(line, before))
                placed.append(Part(figures, is_unnamed=self._is_unnamed(line), year=year, body=body))
                self.since_figures, self.has_figures = [], True
                continue
            if figures.keys() & items.keys():
                return None
            items.update(figures)
            self.since_figures, self.has_figures = [], True
            if self._are_whole(items) and len(items) >= self._list_width(items):
                placed.append(Part(items, is_unnamed=self.is_unnamed))
                items = {}
        if items:
            if not self._are_whole(items):
                return None
            placed.append(Part(items, is_unnamed=self.is_unnamed))
        return placed if any(isinstance(part, Part) for part in placed) else None

    def _is_unnamed(self, line: Line) -> bool:
        """Whether figures are headed by results of their own, but by the channel of the figures before."""
        if self.is_unnamed:
            return True
        if self.since_figures != ["results"] or not self.has_figures:
            return False
        return not any(self.labels.channel_of(cell) for cell in (*line.cells, *line.above))

    def _is_foreign(self, line: Line) -> bool:
        """Whether a row is of the body's own making: a label that is not the form's, and few figures.

        A row that has lost a figure looks alike where it has a label of its own; so figures are only left where they
        could not fill one channel, or where no header of a result stands above them.
        """
        own, figures = line.split()
        named = [cell for cell in own if not cell.is_value]
        if not named or any(self.labels.is_known(cell.label) or self.labels.channel_of(cell) for cell in own):
            return False
        if any(self.labels.is_known(cell.label) or self.labels.channel_of(cell) for cell in line.above):
            return False
        if not self.heads.result:
            return not self.heads.channel
        filled = [cell for cell in figures if not cell.is_blank]
        return len(filled) < ENOUGH_RESULTS and len(figures) < ENOUGH_RESULTS

    def _are_words(self, line: Line) -> bool:
        """Whether a row has a label that is not the form's and prints no number: below the figures, none of theirs."""
        own, figures = line.split()
        if any(any(map(str.isdigit, cell.text)) for cell in figures) or all(cell.is_blank for cell in figures):
            return False
        labels = [cell for cell in (*own, *line.above) if not cell.is_blank]
        known = (self.labels.is_known(cell.label) or self.labels.channel_of(cell) for cell in labels)
        return any(cell in labels for cell in own) and not any(known)

    def contradicts(self, part: Part, lines: Sequence[Line]) -> bool:
        """Whether figures stand under another channel's wide header than the one they were given."""
        figures = {id(figure): channel for (channel, _), figure in part.figures.items()}
        self.heads = _Columns()
        for line in lines:
            if any(id(cell) in figures for cell in line.cells):
                break
            if not self._is_figures(line):
                self._read_headers(line)
        width = Counter(self.heads.channel.values())
        for line in lines:
            for cell in line.cells:
                above = self.heads.channel.get(cell.column)
                channel = figures.get(id(cell))
                if channel is None or above is None or above == channel or width[above] < ENOUGH_RESULTS:
                    continue
                if above != LITIGATION or not channel.startswith("litigation"):
                    return True
        return False

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
        if len(under) >= ENOUGH_RESULTS:
            return all(cell.column not in self.heads.result for cell in named)
        if self.heads.result or not cells or not cells[-1].is_blank:
            return False
        results = [cell for cell in named if self.labels.result(cell.label)]
        return len(results) == 1 and results[0] is named[-1] and self._row_channel(line, results[0].column) is not None

    def _read_headers(self, line: Line) -> None:
        over: str | None = None
        named = [channel for cell in line.cells if (channel := self.labels.channel_of(cell))]
        self.rows.append(named)
        results = [cell for cell in line.cells if self.labels.result(cell.label)]
        if named:
            self.since_figures.append("channels")
        if len(results) >= ENOUGH_RESULTS:
            again = self.since_figures[-1:] == ["results"] and not named
            self.is_spoiled = again and all(cell.column in self.heads.result for cell in results)
            self.since_figures.append("results")
        for cell in line.cells:
            span = range(cell.column, cell.end_column)
            if cell.is_blank:
                if over is not None:
                    self.heads.channel.update(dict.fromkeys(span, over))
                continue
            over = self.labels.channel_of(cell)
            if over is None and sum(not other.is_blank for other in line.cells) == 1:
                over = self.labels.caption(cell)
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
        named = [self.labels.channel_of(cell) for cell in self._row_labels(line, before)]
        found = [channel for channel in named if channel is not None]
        return found[-1] if found else None

    def _row(self, line: Line) -> dict[tuple[str, str], Fragment] | None:
        """The figures of one row by place; empty where the row is none of the form's, None where places conflict."""
        start = self._first_figure(line)
        figures = line.cells[start:]
        if not figures:
            return {}
        if any(cell.is_value and not cell.is_blank for cell in line.cells[:start]):
            # A number where the row should be named: the row has moved.
            return None
        first = figures[0].column
        if any(OTHER_YEAR.search(cell.label) for cell in self._row_labels(line, first)):
            return {}
        row_channel = self._row_channel(line, first)
        row_results = {result for cell in line.cells[:start] if (result := self.labels.result(cell.label))}
        if row_results == {TOTAL} and self._are_placed(figures, row_channel):
            # 总计 beside figures whose places the headers tell: the sum of the rows of several bodies.
            row_results = set()
        is_sum = row_channel is None and row_results == {TOTAL} and self.heads.result and not self.heads.channel
        if row_channel == LITIGATION or is_sum:
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
            is_wide = row_result is None and any(
                self._place(column, row_channel, row_result) != place for column in range(cell.column, cell.end_column)
            )
            if place in found or (is_wide and not cell.is_blank):
                return None
            found[place] = cell
        return found if self._is_sound(found, figures) else None

    def _are_placed(self, figures: Sequence[Fragment], row_channel: str | None) -> bool:
        """Whether the headers, the channel beside the row with them, tell the place of every figure of a row."""
        printed = [cell for cell in figures if not cell.is_blank]
        return bool(printed) and all(self._place(cell.column, row_channel, None) is not None for cell in printed)

    def _is_sound(self, found: dict[tuple[str, str], Fragment], figures: Sequence[Fragment]) -> bool:
        """Whether nothing hints that headers or figures have moved against each other."""
        if any(column >= figures[-1].end_column for column in self.heads.result):
            # A header without a cell below it: a cell is lost, and the others may have moved into its place.
            return False
        by_channel: dict[str, list[str]] = {}
        for channel, result in found:
            by_channel.setdefault(channel, []).append(result)
        is_split = any(
            self.heads.channel.get(cell.column) == LITIGATION and not cell.is_blank and cell not in found.values()
            for cell in figures
        )
        if is_split and any(channel.startswith("litigation") for channel in by_channel):
            # Figures under 行政诉讼 beside a channel of it: the header of the other channel is lost.
            return False
        if is_parent_lost(self.rows, list(by_channel)):
            return False
        return len({tuple(results) for results in by_channel.values()}) <= 1

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
        if channel is None or result is None or channel == LITIGATION:
            return None
        return channel, result

    def _is_outside(self, column: int) -> bool:
        """Whether a figure stands under a header that is none of the form's: a remark, or a sum over channels."""
        if column in self.heads.channel:
            return self.heads.channel[column] == LITIGATION and column in self.heads.result
        return column in self.heads.other or self.heads.result.get(column) == TOTAL
