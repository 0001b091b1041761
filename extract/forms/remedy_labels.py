"""What the printed labels of table 4 name, and what a layout of it gives."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extract.forms.declaration import FormBlock
from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line

__all__ = [
    "ENOUGH_RESULTS",
    "LITIGATION",
    "OTHER_YEAR",
    "TOTAL",
    "Labels",
    "Part",
    "Placed",
    "Refusal",
    "in_order",
    "is_parent_lost",
]

LITIGATION = "行政诉讼"
"""The header over both channels of litigation; alone it names a sum that the form does not have."""
TOTAL = "total"
ENOUGH_RESULTS = 4
_LONGEST_CAPTION = 30
_NO_CAPTION = re.compile(r"\d{3}|[。，,；;]|未(?!经)|无|没有")
OTHER_YEAR = re.compile(r"上年|去年|上一年|同期|历年")


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


@dataclass
class Labels:
    """What a printed label means in table 4."""

    block: FormBlock

    def channel(self, label: str) -> str | None:
        """The channel that a normalised label names; 行政诉讼 is kept apart."""
        row = self.block.rows_by_label.get(label)
        return row[0].code if row else (LITIGATION if label == LITIGATION else None)

    def channel_of(self, cell: Fragment) -> str | None:
        """The channel that a printed cell names; 行政诉讼（复议后起诉） names the one in brackets."""
        channel = self.channel(cell.label)
        return self.caption(cell.text) or channel if channel == LITIGATION else channel

    def result(self, label: str) -> str | None:
        """The result that a normalised label names."""
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
        return LITIGATION if litigation else self.channel("行政复议")

    @property
    def all_results(self) -> tuple[str, ...]:
        """The results in the order of the form."""
        return tuple(column.code for column in self.block.columns)

    @property
    def all_channels(self) -> tuple[str, ...]:
        """The channels in the order of the form."""
        return tuple(row.code for row in self.block.rows)

    def is_whole(self, results: Sequence[str]) -> bool:
        """Whether the results are those of the form, each once, with or without the total."""
        return len(results) == len(set(results)) and {*results, TOTAL} == set(self.all_results)


def in_order(channels: Sequence[str]) -> tuple[str, ...]:
    """Channels in the order of their figures: 行政诉讼 stands for the channels printed under it."""
    unique = list(dict.fromkeys(channels))
    if LITIGATION not in unique:
        return tuple(unique)
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
