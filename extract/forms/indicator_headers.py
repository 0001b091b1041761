"""The header of the 2014 statistics table: which printed column holds the figures of the report's own year.

Regional versions print last year, running totals or tiers of government beside it, and columns that hold no figures.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from extract.forms.labels import strip_ordinal
from extract.forms.lines import Line
from extract.forms.values import names_scale
from extract.forms.years import own_year

__all__ = ["FIGURES", "Header", "Kind", "is_numbering", "opens_header"]

_NAMES = frozenset({"统计指标", "指标名称", "指标", "统计项目"})
_NUMBERING = frozenset({"序号", "代码", "编号", "行次", "指标代码"})
_REMARKS = frozenset({"备注", "说明", "备注说明", "填报说明"})
_UNIT = re.compile(r"(?:计量)?单位(?:[::(].*)?")
_PAST = re.compile(r"上年(?!度?结转)|去年|上一年|上期|同期|同比|增长|增减|较上|比上")
_RUNNING = re.compile(r"历年|以来|累计")
_OF_THE_YEAR = re.compile(r"本年|20\d\d年(?:度)?累计")
"""What is summed up within the year is no running total over the years, unless the header says so."""
_OVER_YEARS = re.compile(r"历年|以来")
_EXPECTED = re.compile(r"预计|预测|计划")
_FIGURES = r"(?:统计数(?:据)?|数量|数据|数值|合计|总计|填报数|指标值|(?:发生)?数)"
_OWN_YEAR = re.compile(rf"(?:本年(?:度)?)?(?:累计|{_FIGURES})?")
_YEAR = re.compile(rf"(20\d\d)(?:年(?:度)?)?{_FIGURES}?")
_ANY_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_PART = re.compile(r"其中[::]?")
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
    """A tier of government, or anything else that is not known to be of the own year."""
    OTHER_YEAR = "other year"
    """Last year, a running total over the years, a forecast: never the own year's figure, not even if it is alone."""


FIGURES = (Kind.OWN_YEAR, Kind.OTHER_FIGURE, Kind.OTHER_YEAR)
"""The kinds of columns that hold figures."""


@dataclass
class Header:
    """The header of the table as read so far: the texts over each column, and the order in which they are printed."""

    lines: Sequence[Line] = ()
    """The lines of the document, whose titles may name the report's own year."""
    columns: dict[int, list[str]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    grid: int | None = None
    _own: dict[int, bool] = field(default_factory=dict)
    """Of the years printed: whether the titles let them be the report's own."""

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
        own, has_part = self._own_year(), self._has_part()
        return {
            column: _combined([_kind(text, own, has_part=has_part) for text in texts])
            for column, texts in self.columns.items()
        }

    def kinds_in_order(self) -> list[Kind]:
        """What the columns hold, in print order, where columns are not to be told."""
        own, has_part = self._own_year(), self._has_part()
        return [_kind(text, own, has_part=has_part) for text in self.printed]

    @property
    def names_scale(self) -> bool:
        """Whether a header says that the figures are counted in tens or more."""
        return any(map(names_scale, self.printed))

    def _own_year(self) -> int:
        """The report's own year among those printed: the one its titles name, or the latest where they name none."""
        years = {year for text in self.printed if not _is_not_the_years(text) for year in _years(text)}
        for year in years - self._own.keys():
            self._own[year] = own_year({year}, self.lines) == year
        return max((year for year in years if self._own[year]), default=0)

    def _has_part(self) -> bool:
        """Whether a column is 其中：本年: then one without a year is the sum it is a part of."""
        return any(
            (part := _PART.match(text)) and ("本年" in text or _YEAR.fullmatch(_plain(text[part.end() :])))
            for text in self.printed
        )


def opens_header(line: Line) -> bool:
    """Whether a line prints the words that open the header of the table."""
    return any(cell.whole in _NAMES for cell in line.cells)


def is_numbering(line: Line) -> bool:
    """Whether a line is nothing but the header of a numbering column."""
    return len(line.cells) == 1 and line.cells[0].whole in _NUMBERING


def _years(text: str) -> set[int]:
    return {int(year) for year in _ANY_YEAR.findall(text)}


def _is_not_the_years(text: str) -> bool:
    """Whether a header, its brackets included, names last year, a running total over the years, or a forecast."""
    is_running = _RUNNING.search(text) and (_OVER_YEARS.search(text) or not _OF_THE_YEAR.search(text))
    return bool(is_running or _PAST.search(text) or _EXPECTED.search(text))


def _plain(text: str) -> str:
    return _REMARK.sub("", text)


def _is_header_text(text: str) -> bool:
    if _YEAR.fullmatch(text):
        return True
    return 1 < len(text) < _LONGEST and not text.isdigit() and bool(strip_ordinal(text)[1])


@lru_cache(maxsize=4096)
def _kind(text: str, own: int, *, has_part: bool) -> Kind:
    plain = _PART.sub("", _plain(text), count=1)
    if text in _NAMES:
        return Kind.NAME
    if text in _NUMBERING:
        return Kind.NUMBERING
    if _UNIT.fullmatch(text):
        return Kind.UNIT
    if plain in _REMARKS:
        return Kind.REMARK
    # What a bracket says counts as much as the words before it: 统计数（历年累计）, 统计数（上年）.
    years = _years(text)
    if _is_not_the_years(text) or years - {own}:
        return Kind.OTHER_YEAR
    if _YEAR.fullmatch(plain):
        return Kind.OWN_YEAR
    if not _OWN_YEAR.fullmatch(plain):
        return Kind.OTHER_FIGURE
    is_whole = has_part and not years and "本年" not in text
    return Kind.OTHER_YEAR if is_whole else Kind.OWN_YEAR


def _combined(kinds: Sequence[Kind]) -> Kind:
    """The kind of a column under several headers: the most restrictive."""
    order = (Kind.NAME, Kind.NUMBERING, Kind.UNIT, Kind.REMARK, Kind.OTHER_YEAR, Kind.OTHER_FIGURE, Kind.OWN_YEAR)
    return next(kind for kind in order if kind in kinds)
