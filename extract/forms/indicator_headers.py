"""The header of the 2014 statistics table: which printed column holds the figures of the report's own year.

Regional versions print last year, running totals or tiers of government beside it, and columns that hold no figures.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from extract.forms.labels import strip_ordinal
from extract.forms.lines import Line

__all__ = ["Header", "Kind", "is_numbering", "opens_header"]

_NAMES = frozenset({"统计指标", "指标名称", "指标", "统计项目"})
_NUMBERING = frozenset({"序号", "代码", "编号", "行次", "指标代码"})
_REMARKS = frozenset({"备注", "说明", "备注说明", "填报说明"})
_UNIT = re.compile(r"(?:计量)?单位(?:[::(].*)?")
_PAST = re.compile(r"上年|去年|上一年|上期|同期|同比|增长|增减|较上|比上")
_RUNNING = re.compile(r"历年|累计")
_OWN_YEAR = re.compile(r"(?:本年(?:度)?)?(?:累计|统计数(?:据)?|数量|数据|数值|合计|总计|填报数|指标值)?")
_YEAR = re.compile(r"(20\d\d)(?:年(?:度)?)?(?:统计数(?:据)?|数量|数据|数值|合计|总计)?")
_REMARK = re.compile(r"\([^()]*\)$")
_LONGEST = 20


class Kind(Enum):
    """What a printed column holds."""

    NAME = "name"
    UNIT = "unit"
    NUMBERING = "numbering"
    REMARK = "remark"
    OWN_YEAR = "own year"
    OTHER_FIGURE = "other figure"
    """Last year, a running total, a tier of government, or anything else that is not known to be of the own year."""


@dataclass
class Header:
    """The header of the table as read so far: the texts over each column, and the order in which they are printed."""

    columns: dict[int, list[str]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    grid: int | None = None

    def add(self, line: Line) -> None:
        """Take a line between the words that open the header and the first row."""
        self.grid = line.grid
        for cell in line.cells:
            text = cell.whole
            if not _is_header_text(text):
                continue
            self.printed.append(text)
            for column in range(cell.column, cell.end_column):
                self.columns.setdefault(column, []).append(text)

    @property
    def is_empty(self) -> bool:
        """Whether no header is printed."""
        return not self.printed

    @property
    def groups(self) -> int:
        """How many lists of indicators stand side by side."""
        return max(1, sum(text in _NAMES for text in self.printed))

    @property
    def has_numbering(self) -> bool:
        """Whether a column numbers the rows."""
        return any(text in _NUMBERING for text in self.printed)

    def kinds_by_column(self) -> dict[int, Kind]:
        """What each column holds; a header over others counts for them all."""
        last = _last_year(self.printed)
        return {column: _combined([_kind(text, last) for text in texts]) for column, texts in self.columns.items()}

    def kinds_in_order(self) -> list[Kind]:
        """What the columns hold, in print order, where columns are not to be told."""
        last = _last_year(self.printed)
        return [_kind(text, last) for text in self.printed]


def opens_header(line: Line) -> bool:
    """Whether a line prints the words that open the header of the table."""
    return any(cell.whole in _NAMES for cell in line.cells)


def is_numbering(line: Line) -> bool:
    """Whether a line is nothing but the header of a numbering column."""
    return len(line.cells) == 1 and line.cells[0].whole in _NUMBERING


def _last_year(texts: Sequence[str]) -> int:
    """The latest year that heads a column; a report prints no later year than its own."""
    return max((int(match[1]) for text in texts if (match := _YEAR.fullmatch(_plain(text)))), default=0)


def _plain(text: str) -> str:
    return _REMARK.sub("", text)


def _is_header_text(text: str) -> bool:
    if _YEAR.fullmatch(text):
        return True
    return 1 < len(text) < _LONGEST and not text.isdigit() and bool(strip_ordinal(text)[1])


def _kind(text: str, last_year: int) -> Kind:
    plain = _plain(text)
    if text in _NAMES:
        return Kind.NAME
    if text in _NUMBERING:
        return Kind.NUMBERING
    if _UNIT.fullmatch(text):
        return Kind.UNIT
    if plain in _REMARKS:
        return Kind.REMARK
    if year := _YEAR.fullmatch(plain):
        return Kind.OWN_YEAR if int(year[1]) == last_year else Kind.OTHER_FIGURE
    if _PAST.search(plain) or (_RUNNING.search(plain) and "本年" not in plain):
        return Kind.OTHER_FIGURE
    return Kind.OWN_YEAR if _OWN_YEAR.fullmatch(plain) else Kind.OTHER_FIGURE


def _combined(kinds: Sequence[Kind]) -> Kind:
    """The kind of a column under several headers: the most restrictive."""
    order = (Kind.NAME, Kind.NUMBERING, Kind.UNIT, Kind.REMARK, Kind.OTHER_FIGURE, Kind.OWN_YEAR)
    return next(kind for kind in order if kind in kinds)
