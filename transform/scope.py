"""Whose figures a report gives: one body's own, or a government's over its departments and lower governments.

Belongs here: what statement, title, kind of body and magnitude say of it, with the evidence in words. Does not belong
here: comparing one report with others (rules of kind `reconciliation` in `checks`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FiguresAsked", "IssuerKind", "Scope", "ScopeFigures", "decide_scope"]


class IssuerKind(StrEnum):
    """The sort of body."""

    GOVERNMENT = "government"
    """A people's government of a county or above, or the administrative office of a league or prefecture."""
    GOVERNMENT_OFFICE = "government_office"
    """The general office of such a government (办公厅, 办公室)."""
    DEPARTMENT = "department"
    TOWNSHIP_GOVERNMENT = "township_government"
    SUBDISTRICT = "subdistrict"
    """A street office (街道办事处), or an area office of the same rank."""
    ZONE_COMMITTEE = "zone_committee"
    """The committee of a development zone: it acts like a government and is none."""
    INSTITUTION = "institution"
    """Schools, hospitals, companies, centres, courts, people's organisations."""
    UNKNOWN = "unknown"


class Scope(StrEnum):
    """Whose figures a report gives."""

    OWN = "own"
    CONSOLIDATED = "consolidated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ScopeFigures:
    """What the tables and the prose of the report itself count: a tie-breaker, never more."""

    new: float | None = None
    """Applications newly received, as the table prints them (件)."""
    carried_over: float | None = None
    """Applications carried over from the year before (件)."""
    prose: tuple[str, ...] = ()
    """The prose of the report, section by section."""


FiguresAsked = Callable[[], ScopeFigures]
"""Figures are gathered only for the few bodies whose scope may hang on them."""

_NAMED_SO = "(?!(?<=万)全[区县]|(?<=天)(?<![今昨当每全]天)全县|全州[县镇](?!级))"
"""Not the whole of a place, but part of its name (a test holds this against the gazetteer)."""
_WHOLE = f"(?<![安完健齐]){_NAMED_SO}全(?:自治区|自治州|自治县|省|市|县|区|州|盟|旗)(?![场域])"
_WIDE = re.compile(
    rf"{_WHOLE}[^。；;]{{0,16}}?(?:受理|收到|申请|主动公开|公开政府信息|行政机关)"
    rf"|{_WHOLE}各|各级行政机关|各级(?:人民)?政府|汇总(?:[全各]|统计|数据|上报)|(?:数据|统计|情况)[^。；;，,]{{0,8}}汇总|各(?:县|县区|乡镇|镇街|街镇)[、（(]"
)
_WIDE_WORD = re.compile(f"{_WHOLE}|各部门")
_WIDE_TITLE = re.compile(f"{_WHOLE}|汇总|政府系统")
_NARROW = re.compile(
    r"(?:不含|不包括|不包含)[^。；;，,]{0,14}(?:部门|乡镇|街道|县区|区县)|(?:仅|只)(?:含|包括|包含|统计)[^。；;，,]{0,12}(?:本级|政府办|办公[厅室]|本机关)"
)
_LOWER_LEVELS = re.compile("(?:乡镇|街道|县区|区县)(?:部门|(?!.*部门))")
_COUNTED = r"[^。；;，,\d]{0,12}?(?:收到|新收|受理|接收|收悉)[^。；;，,\d]{0,20}?申请[^。；;\d]{0,8}?(\d{1,7})件"
_WIDE_COUNT = re.compile(rf"{_WHOLE}{_COUNTED}")
_OWN_COUNT = re.compile(
    rf"(?:[省市县区州盟旗](?:人民)?政府(?:办公[厅室]|办|本级)|[省市县区州盟旗]本级|本机关){_COUNTED}"
)
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_DOUBT_BELOW = 0.5
"""A table that counts less than this share of what the prose gives for the whole place is not the whole place's."""
_SNIPPET = 24
_GOVERNING = (IssuerKind.GOVERNMENT, IssuerKind.ZONE_COMMITTEE)


def decide_scope(
    kind: IssuerKind,
    title: str | None,
    text: str | None,
    zone: str | None = None,
    figures: FiguresAsked | None = None,
) -> tuple[Scope, str]:
    """Whose figures, and why.

    A government's report adds up its departments and lower governments unless it says otherwise; its office reports for
    itself even where it speaks of the whole city. A zone's committee is believed only by its words, and a zone without
    a code stands for no division, so its report must not pass for one of the division above it.

    Figures decide only where the prose gives a count for the whole place and the table's equals it, or equals the one
    that the prose gives for the body alone; where the prose contradicts the table the scope is unknown.
    """
    if kind is IssuerKind.UNKNOWN:
        return Scope.UNKNOWN, "the kind of body is not known"
    if kind is IssuerKind.GOVERNMENT_OFFICE:
        return _scope_of_office(title, figures)
    if kind not in _GOVERNING:
        return Scope.OWN, f"kind of body: {kind.value}"
    if zone:
        return Scope.UNKNOWN, f"{zone} has no division code, so its figures stand for no division"
    if title and "本级" in title:
        return Scope.OWN, "title: 本级"
    body = _flat(text)
    narrow = _NARROW.search(body)
    if narrow:
        # Figures without the lower levels may still hold the departments': then they are neither scope.
        is_own = not _LOWER_LEVELS.search(narrow.group())
        return Scope.OWN if is_own else Scope.UNKNOWN, f"text: {narrow.group()}"
    counted = _told_by_count(figures)
    if counted:
        return counted
    named = _WIDE_TITLE.search(title or "")
    if named:
        return Scope.CONSOLIDATED, f"title: {named.group()}"
    wide = _WIDE.search(body) or _WIDE_WORD.search(body)
    if wide:
        return Scope.CONSOLIDATED, f"text: {body[wide.start() : wide.start() + _SNIPPET]}"
    if kind is IssuerKind.ZONE_COMMITTEE:
        return Scope.UNKNOWN, "a zone's committee, and the text does not say whose figures it gives"
    return Scope.CONSOLIDATED, "kind of body: a government adds up its departments; the text does not say"


def _scope_of_office(title: str | None, figures: FiguresAsked | None) -> tuple[Scope, str]:
    """An office's report is its own, unless title or table show that it gives the whole place's under its own name."""
    own = f"kind of body: {IssuerKind.GOVERNMENT_OFFICE.value}"
    named = _WIDE_TITLE.search(title or "")
    if named:
        return Scope.UNKNOWN, f"{own}, but title: {named.group()}"
    counted = _told_by_count(figures)
    if counted and counted[0] is Scope.CONSOLIDATED:
        return Scope.UNKNOWN, f"{own}, but {counted[1]}"
    return Scope.OWN, own


def _told_by_count(asked: FiguresAsked | None) -> tuple[Scope, str] | None:
    """What the table's count says beside the counts that the prose gives for the whole place and for the body."""
    figures = asked() if asked else None
    if figures is None or figures.new is None or not figures.prose:
        return None
    prose = _flat("".join(figures.prose))
    if not _WIDE_WORD.search(prose):
        return None
    prose = _THOUSANDS.sub("", prose)
    whole = _WIDE_COUNT.search(prose)
    if not whole:
        return None
    alone = _OWN_COUNT.search(prose)
    all_in = figures.new + (figures.carried_over or 0)
    table = {figures.new, all_in}
    # Small counts are alike by chance, and a place with one opened request is its office.
    if alone and alone.group(1) != whole.group(1):
        is_whole, is_alone = float(whole.group(1)) in table, float(alone.group(1)) in table
        if is_whole != is_alone:
            said = whole if is_whole else alone
            return (
                Scope.CONSOLIDATED if is_whole else Scope.OWN,
                f"figures: the table counts {figures.new:g}, text: {said.group()}",
            )
        return None
    if float(whole.group(1)) in table and float(whole.group(1)) > 0:
        return Scope.CONSOLIDATED, f"figures: the table counts {figures.new:g}, text: {whole.group()}"
    if all_in < _DOUBT_BELOW * float(whole.group(1)):
        return Scope.UNKNOWN, f"figures: the table counts {figures.new:g}, less than text: {whole.group()}"
    return None


def _flat(text: str | None) -> str:
    """The text without white space: line breaks cut words in two. Marks stay in the width in which they are printed."""
    return "".join((text or "").split())
