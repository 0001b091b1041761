"""What the printed labels of table 4 name, and what a layout of it gives."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from extract.forms.declaration import FormBlock
from extract.forms.labels import bare
from extract.forms.lines import Fragment, Line

__all__ = [
    "BODIES_TOTAL",
    "ENOUGH_RESULTS",
    "LITIGATION",
    "OTHER_YEAR",
    "TOTAL",
    "Labels",
    "Part",
    "Placed",
    "Refusal",
    "in_order",
    "is_order_untold",
    "is_parent_lost",
    "year_of",
]

LITIGATION = "行政诉讼"
"""The header over both channels of litigation; alone it names a sum that the form does not have."""
TOTAL = "total"
BODIES_TOTAL = "总计"
"""The label of a row that adds up the rows of several bodies."""
ENOUGH_RESULTS = 4
_LONGEST_CAPTION = 30
_NO_CAPTION = re.compile(r"\d{3}|[。，,；;]|未(?!经)|无|没有")
OTHER_YEAR = re.compile(r"上年|去年|上一年|同期|历年")
_YEAR = re.compile(r"(20\d\d)(?:年(?:度)?)?(?:数据|数量|件数|合计)?")
_BEHIND_CHANNEL = re.compile(r"(?:案件)?(?:情况|数量|件数)[)）]?$")
_BETWEEN = "-—–:：·,，/()（）"
_NEARLY = 0.8
_CLEARLY = 0.15
_SHORTEST_DAMAGED = 3


def year_of(cells: Sequence[Fragment]) -> int | None:
    """The year that the label of a row of figures names."""
    return next((int(match[1]) for cell in cells if (match := _YEAR.fullmatch(cell.whole))), None)


@dataclass
class Part:
    """Figures of one printed run by channel and result. `note` says what the headers lack.

    `is_unnamed`: results are printed over the figures, but no channel; it is taken from the run before. `year` is the
    one that the row's label names, `body` what it names beside the words of the form: 市公安局, or 总计 of such rows.
    """

    figures: dict[tuple[str, str], Fragment]
    note: str = ""
    is_unnamed: bool = False
    year: int | None = None
    body: str = ""

    @property
    def channels(self) -> set[str]:
        """The channels of which figures are printed."""
        return {channel for channel, _ in self.figures}

    def is_blank_in(self, channel: str) -> bool:
        """Whether no figure of a channel is printed."""
        return all(figure.is_blank for (own, _), figure in self.figures.items() if own == channel)


@dataclass
class Refusal:
    """Figures under headers of the table whose places cannot be told; a leftover is known not to be of the form.

    `is_unnamed`: results are printed over them, and no channel anywhere: perhaps the table once more.
    """

    line: Line
    is_leftover: bool = False
    year: int | None = None
    is_unnamed: bool = False


Placed = Part | Refusal


class Labels:
    """What a printed label means in table 4.

    With `reads_damaged`, a label that is nearly one header and no other stands for it. No label stands for a channel
    that is `printed` whole: its own name has lost nothing.
    """

    def __init__(self, block: FormBlock, *, reads_damaged: bool = False, printed: Container[str] = ()) -> None:
        self.block = block
        self.reads_damaged = reads_damaged
        self.all_results = tuple(column.code for column in block.columns)
        """The results in the order of the form."""
        self.all_channels = tuple(row.code for row in block.rows)
        """The channels in the order of the form."""
        self._channels = {LITIGATION: LITIGATION}
        self._channels |= {label: rows[0].code for label, rows in block.rows_by_label.items()}
        self._results = {label: column.code for label, column in block.columns_by_label.items()}
        self._lost = {label: code for label, code in self._channels.items() if code not in printed}
        """The names of the channels that damaged labels may stand for."""

    def channel(self, label: str) -> str | None:
        """The channel that a normalised label names; 行政诉讼 is kept apart."""
        found = self._channels.get(label)
        if found is None and self.reads_damaged and label not in self._results:
            found = _nearest(label, self._lost, self._results)
        return found

    def channel_of(self, cell: Fragment) -> str | None:
        """The channel that a printed cell names; 行政诉讼（复议后起诉） names the one in brackets."""
        channel = self.channel(cell.label)
        if channel == LITIGATION:
            return self.caption(cell) or channel
        if channel is None and len(cell.whole) <= _LONGEST_CAPTION and ("诉" in cell.whole or "议" in cell.whole):
            # 行政复议案件数量, or 行政诉讼—复议后起诉; but 行政诉讼 行政复议 are two headers.
            short = _BEHIND_CHANNEL.sub("", cell.whole)
            inner = self._channels.get(bare(short.removeprefix(LITIGATION).lstrip(_BETWEEN)))
            return inner if not short.startswith(LITIGATION) or (inner or "").startswith("litigation") else None
        return channel

    def named_channel(self, cell: Fragment) -> str | None:
        """The channel that a cell names, as a label or in words of its own."""
        # Every name of a channel has one of these characters, and few other cells have.
        if "诉" not in cell.whole and "议" not in cell.whole:
            return None
        return self.channel_of(cell) or self.caption(cell)

    def result(self, label: str) -> str | None:
        """The result that a normalised label names."""
        found = self._results.get(label)
        if found is None and self.reads_damaged and label not in self._channels:
            found = _nearest(label, self._results, self._lost)
        return found

    def is_known(self, label: str) -> bool:
        """Whether the label is a header of the table."""
        if label in self._channels or label in self._results:
            return True
        return self.reads_damaged and bool(self.channel(label) or self.result(label))

    def caption(self, cell: Fragment) -> str | None:
        """The channel that a line above a table names in words of its own (（二）行政诉讼：复议后起诉)."""
        text = cell.whole
        if len(text) > _LONGEST_CAPTION or _NO_CAPTION.search(text):
            return None
        direct, after = "直接起诉" in text or "直接提起" in text, "复议后" in text
        if direct or after:
            return None if direct and after else self.channel("未经复议直接起诉" if direct else "复议后起诉")
        if self.reads_damaged and cell.label.startswith(LITIGATION):
            inner = self.channel(bare(cell.label.removeprefix(LITIGATION).lstrip(_BETWEEN)))
            if inner is not None:
                return inner
        litigation, reconsideration = "诉讼" in text, "行政复议" in text
        if litigation == reconsideration:
            return None
        return LITIGATION if litigation else self.channel("行政复议")

    def body_of(self, cells: Sequence[Fragment]) -> str:
        """What the labels of a row of figures name that is no channel, result or year; 总计 where that is all."""
        named = [cell for cell in cells if not cell.is_value and year_of([cell]) is None and not self.channel_of(cell)]
        own = "".join(cell.label for cell in named if self.result(cell.label) is None)
        return own or (BODIES_TOTAL if any(self.result(cell.label) == TOTAL for cell in named) else "")

    def is_whole(self, results: Sequence[str]) -> bool:
        """Whether the results are those of the form, each once, with or without the total."""
        return len(results) == len(set(results)) and {*results, TOTAL} == set(self.all_results)


def _nearest(label: str, wanted: Mapping[str, str], others: Mapping[str, str]) -> str | None:
    """What a label with a character lost or changed stands for: like one header, and clearly less like any other."""
    if not _SHORTEST_DAMAGED <= len(label) <= _LONGEST_CAPTION:
        return None
    likeness: dict[str, float] = {}
    for known, code in (*wanted.items(), *((other, "") for other in others)):
        likeness[code] = max(likeness.get(code, 0.0), SequenceMatcher(None, label, known, autojunk=False).ratio())
    best = max(likeness, key=lambda code: likeness[code])
    second = max((like for code, like in likeness.items() if code != best), default=0.0)
    return best or None if likeness[best] >= _NEARLY and likeness[best] - second >= _CLEARLY else None


def in_order(channels: Sequence[str]) -> tuple[str, ...]:
    """Channels in the order of their figures: 行政诉讼 stands for the channels printed under it.

    Empty where the print does not tell: 行政诉讼 alone beside another channel, or before and after it.
    """
    unique = list(dict.fromkeys(channels))
    if LITIGATION not in unique:
        return tuple(unique)
    first, last = channels.index(LITIGATION), len(channels) - 1 - list(reversed(channels)).index(LITIGATION)
    if any(not channel.startswith("litigation") and channel != LITIGATION for channel in channels[first:last]):
        return ()
    parts = [channel for channel in unique if channel.startswith("litigation")]
    if not parts and len(unique) > 1:
        return ()
    whole: list[str] = []
    for channel in unique:
        if channel == LITIGATION:
            whole.extend(parts or [LITIGATION])
        elif channel not in parts:
            whole.append(channel)
    return tuple(whole)


def is_parent_lost(rows: Sequence[Sequence[str]], channels: Sequence[str]) -> bool:
    """Whether channels of both kinds stand in different header rows, and no 行政诉讼 says which comes first."""
    wanted = set(channels)
    is_mixed = len({channel.startswith("litigation") for channel in wanted}) > 1
    return is_mixed and not any(LITIGATION in row or wanted <= set(row) for row in rows)


def is_order_untold(rows: Sequence[Sequence[str]], order: Sequence[str]) -> bool:
    """Whether one channel stands in a row above another that comes before it in the form: only a row tells an order.

    A heading of one line beside one of two begins higher, and may be the second all the same. What a row repeats of
    those above, as a dump does with merged cells, is printed there.
    """
    places = {LITIGATION: 1.0} | {channel: float(place) for place, channel in enumerate(order)}
    above: set[str] = set()
    for row in rows:
        own = set(row) - above
        if any(places[channel] < places[other] for channel in own for other in above):
            return True
        above |= own
    return False
