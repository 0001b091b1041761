"""Grids that are not this report's: captioned as another year's or as a sample, or under another year's report title.

A last year's table has the very labels of this year's, and only the words above it tell them apart. So it is told
before any table is read: the readers of the four tables then see nothing but what may be this year's.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from extract.forms.declaration import Edition
from extract.forms.identity import is_report_title
from extract.forms.labels import compact
from extract.forms.lines import Line
from extract.forms.sections import section_of

__all__ = ["ForeignGrids", "foreign_grids"]

_LONGEST_CAPTION = 40
_LONGEST_TITLE = 70
_MOST_NEUTRAL = 6
"""So many short lines above a grid that say nothing of a year are looked past: its unit, its number, who filled it."""
_SENTENCE_END = re.compile(r"[。;!?]")
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_POINTS_BELOW = re.compile(r"下表|如下|见表|附表|下列表")
_YEAR_FIRST = re.compile(r"在?20\d\d年度?")
_MENTION = re.compile(
    r"(?<![\d与同比较于自从至到截])(20\d\d)年度?"
    r"(?!\d{1,2}月|修订|修改|版|印发|公布|发布|施行|实施|制发|制定|以来|以前|起|底|末|初|填报|格式|结转|相比)"
)
"""A year that a caption is about: no date, no edition of a regulation, nothing that figures are compared with."""
_ANY_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_LAST = re.compile(r"(?<![比较与同])(?:上年|去年|上一年)度?(?!结转|转|未|末|底|遗留|相比|增|减|同)")
_THIS = re.compile(r"本年|今年|当年")
_SAMPLE = re.compile(r"样表|示例|样例|范例")


@dataclass(frozen=True, slots=True)
class ForeignGrids:
    """Grids by their ordinals.

    `captioned` ones are not this year's by their own caption, or as part of a second report. `titled` ones stand under
    the title of another year's report, which may be a mere mention: they give way only to the same table elsewhere.
    """

    captioned: frozenset[int]
    titled: frozenset[int]


def foreign_grids(edition: Edition, lines: Sequence[Line], report_year: Callable[[], int | None]) -> ForeignGrids:
    """The grids that are another year's or a sample; the report's year is asked for only where a year is printed."""
    captioned: set[int] = set()
    under_titles: list[dict[int, str | None]] = []
    """For each title of another year's report, the sections in which the grids under it stand."""
    own_sections: set[str] = set()
    above: list[Line] = []
    section: str | None = None
    is_other = is_under_title = False
    for grid, group in groupby(lines, key=lambda line: line.grid):
        members = list(group)
        top = members if grid is None else _full_width(members)
        for line in top:
            if _is_title(line) and _ANY_YEAR.search(line.text):
                own = report_year()
                is_under_title = own is not None and str(own) not in line.text
                if is_under_title:
                    under_titles.append({})
                    section = None
            section = section_of(edition, line) or section
        if grid is None:
            above = members
            continue
        told = _told_by_caption(edition, top, report_year)
        if told is None:
            # Without a word between two grids the second goes on with the table of the first.
            told = _told_by_caption(edition, above, report_year)
        is_other = is_other if told is None else told
        if is_other:
            captioned.add(grid)
        elif is_under_title:
            under_titles[-1][grid] = section
        elif section is not None:
            own_sections.add(section)
        above = []
    titled: set[int] = set()
    for sections in under_titles:
        # With the tables of one section again, it is a second report; else a link to it, or a mention.
        is_report = not own_sections.isdisjoint([code for code in sections.values() if code])
        (captioned if is_report else titled).update(sections)
    return ForeignGrids(frozenset(captioned), frozenset(titled))


def _is_title(line: Line) -> bool:
    """Whether a line is the title of a report, and not the caption of its table."""
    return len(line.text) <= _LONGEST_TITLE and "表" not in line.text and is_report_title(line.text)


def _full_width(members: Sequence[Line]) -> list[Line]:
    """The first rows of a grid that print one text and no more: a caption inside the table."""
    rows = []
    for line in members:
        printed = [cell for cell in line.cells if not cell.is_blank]
        if len(printed) > 1 or any(cell.is_value for cell in printed):
            break
        rows.append(line)
    return rows


def _told_by_caption(edition: Edition, above: Sequence[Line], report_year: Callable[[], int | None]) -> bool | None:
    """Whether the nearest line that speaks of a year says another one; None where the grid before goes on."""
    for count, line in enumerate(reversed(above)):
        if _is_title(line):
            continue  # also as the running head of a page on which a table goes on
        caption = _caption(line.text)
        told = _is_other(caption, report_year) if caption else None
        if told is not None:
            return told
        if caption is None or count >= _MOST_NEUTRAL or section_of(edition, line) is not None:
            return False
    return None


def _caption(text: str) -> str | None:
    """What a line says of the table below it: a short line all, prose only its last sentence; None where nothing."""
    flat = compact(text)
    is_short = len(flat) <= _LONGEST_CAPTION and not _SENTENCE_END.search(flat)
    if is_short and ("," not in flat or _IN_BRACKETS.fullmatch(flat)):
        return flat
    sentences = [sentence for sentence in _SENTENCE_END.split(flat) if sentence]
    if not sentences or not _POINTS_BELOW.search(sentences[-1]):
        return None
    first, *others = sentences[-1].split(",")
    if not others:
        return first
    return f"{first},{others[-1]}" if _YEAR_FIRST.fullmatch(first) else others[-1]


def _is_other(caption: str, report_year: Callable[[], int | None]) -> bool | None:
    """Whether a caption is of a sample or of another year and not of the report's own; None where it names neither."""
    if _SAMPLE.search(caption):
        return True
    years = set(_MENTION.findall(caption))
    own = report_year() if years else None
    if own is not None:
        return str(own) not in _ANY_YEAR.findall(caption)
    if _LAST.search(caption):
        return not _THIS.search(caption)
    return False if _THIS.search(caption) else None
