"""Who reports, on which year, under which title: read from title, opening, signature and page metadata.

Nothing is resolved here; a name is kept as printed. The year is the period the figures cover, not the date of the page.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from extract.forms.labels import compact
from extract.forms.lines import Line
from extract.model import Anomaly

__all__ = ["Identity", "is_report_title", "read_identity"]

_REPORT = r"政府信息(?:公开)?(?:工作)?(?:的)?(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:情况)?(?:年度)?(?:年报|报告)"
_TITLE = re.compile(
    r"政府信息公开.{0,10}(?:年度报告|年报|工作报告|情况报告|公开报告)"
    rf"|信息公开(?:工作)?(?:年度报告|年报)|{_REPORT}$"
)
_CUT_TITLE = re.compile(r"政府信息(?:公开)?(?:工作)?$|20\d\d年(?:度)?$")
"""A title that goes on in the next line."""
_ABOUT_A_REPORT = re.compile(r"图解|解读|一图读懂|漫画|视频")
_SENTENCE = re.compile(r"[,，。;；]")
_NOT_A_TITLE = re.compile(r"制度|指南|规定|办法|通知|工作年度报表|格式|模板")
_YEAR = r"(?P<year>(?:19|20)\d\d)年?(?:度)?"
_PERIOD = re.compile(
    r"(?:自|从)?(?P<y1>20\d\d)年(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日(?:起)?(?:至|到|—|-|–|~)"
    r"(?:(?P<y2>20\d\d)年|(?P<same>同年|当年))?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日"
)
_SIGNED_DATE = re.compile(r"^(?P<y>20\d\d)年(?P<m>\d{1,2})月(?P<d>\d{1,2})日$")
_BODY = (
    "人民政府办公厅|人民政府办公室|政府办公厅|政府办公室|人民政府|街道办事处|办事处|管理委员会|管委会|委员会|办公室|办公厅|"
    "信访局|管理局|税务局|海关|总局|分局|局|厅|委|院|中心|集团|公司|大学|学院|医院|学校|中学|小学|部|署|街道|镇|乡|支队|总队|大队|队|联合会|协会|银行|所|站|处|馆|台|社|室|会|办"
)
_ENDS_AS_BODY = re.compile(rf"(?:{_BODY})(?:（[^（）]*）|\([^()]*\))?$")
_ENDS_AS_REGION = re.compile(r"(?:省|市|区|县|旗|州|盟|兵团|示范区|实验区|开发区|新区|园区|特别行政区)$")
_TITLE_KEY = re.compile(r"^\s*(?:标题|名称|题名)\s*[:：]\s*")
"""Saved pages print the title behind its key."""
_BREADCRUMB = re.compile(r"(?:当前|您的|所在)的?位置|^\s*首页|首页\s*[>＞»/]")
_OPENING_LINES = 12


@dataclass(frozen=True, slots=True)
class Identity:
    """Title, issuer and year as the document gives them, with where each was found."""

    title: str | None
    issuer: str | None
    report_year: int | None
    period: tuple[date, date] | None
    signed_by: str | None
    signed_date: date | None
    published_date: date | None
    issuer_evidence: str
    year_evidence: str
    anomalies: tuple[Anomaly, ...]


def is_report_title(text: str) -> bool:
    """Whether a printed title is that of an annual report, and not of a guide, a picture story or a rule about one."""
    flat = compact(text)
    if _ABOUT_A_REPORT.search(flat) or _SENTENCE.search(flat):
        return False
    return bool(_TITLE.search(flat)) and not _NOT_A_TITLE.search(_without_issuer(flat))


def _without_issuer(flat: str) -> str:
    """The title behind its year: the issuer's own name may hold words that elsewhere mark a non-report."""
    match = re.search(_YEAR, flat)
    return flat[match.end() :] if match else flat


def read_identity(lines: Sequence[Line], metadata: Mapping[str, str], first_section_line: int | None) -> Identity:
    """Read title, issuer, year, period, signature from the printed lines before, and after, the sections."""
    opening = [line.text for line in lines[: first_section_line if first_section_line is not None else _OPENING_LINES]]
    title, title_from = _title(opening, metadata)
    head = compact("".join(opening[:_OPENING_LINES]))[:3000]
    whole = head if period_in(head) else compact(" ".join(line.text for line in lines[:60]))
    period = period_in(whole)
    closing = [line.text for line in lines[-8:] if line.grid is None]
    signed_by, signed_date = _signature(closing)
    anomalies: list[Anomaly] = []
    title_year, title_issuer = _parts(title)
    year, year_evidence = _year(title_year, period, head, metadata, title, anomalies)
    issuer, issuer_evidence = title_issuer, f"title ({title_from})" if title_issuer else ""
    if title_issuer is not None and not _ENDS_AS_BODY.search(title_issuer):
        body = _named_like(title_issuer, signed_by, metadata)
        if body is not None:
            issuer, issuer_evidence = body, "title and metadata"
    if issuer is None:
        anomalies.append(Anomaly("issuer_missing_in_title", "title", title or ""))
        issuer, issuer_evidence = _issuer_elsewhere(head, signed_by, metadata)
    return Identity(
        title=title,
        issuer=issuer,
        report_year=year,
        period=period,
        signed_by=signed_by,
        signed_date=signed_date,
        published_date=_date(metadata.get("publish_date", "")) or _printed_date(opening),
        issuer_evidence=issuer_evidence,
        year_evidence=year_evidence,
        anomalies=tuple(anomalies),
    )


def _title(opening: Sequence[str], metadata: Mapping[str, str]) -> tuple[str | None, str]:
    """The title and where it stood: the candidate that names most of issuer and year, as printed where it can be."""
    page = re.split(r"[_|]|--|——| - ", metadata.get("title", ""))[0]
    candidates = [
        *((text, "text") for text in _printed_titles(opening)),
        (metadata.get("article_title", ""), "metadata"),
        (page, "page title"),
    ]
    usable = [(text.strip(), where) for text, where in candidates if text and is_report_title(text)]
    return max(usable, key=lambda found: _completeness(found[0]), default=(None, ""))


def _completeness(title: str) -> int:
    """How much a title says: year, and an issuer that reads as a body or a region."""
    year, issuer = _parts(title)
    named = issuer is not None and bool(_ENDS_AS_BODY.search(issuer) or _ENDS_AS_REGION.search(issuer))
    return 2 * (year is not None) + 2 * named + (issuer is not None)


def _printed_titles(opening: Sequence[str]) -> Iterator[str]:
    """Titles as printed; one whose parts stand on lines of their own (issuer, year, 年度报告) is joined."""
    lines = [_TITLE_KEY.sub("", text) for text in opening if text.strip() and not _BREADCRUMB.search(text)]
    lines = lines[:_OPENING_LINES]
    for index, text in enumerate(lines):
        flat = compact(text)
        if len(flat) > 70 or _NOT_A_TITLE.search(_without_issuer(flat)):
            continue
        joined, last = text, index
        if not is_report_title(joined) and index + 1 < len(lines) and _CUT_TITLE.search(flat):
            following = compact(lines[index + 1])
            if len(following) <= 30 and is_report_title(flat + following):
                joined, last = text + lines[index + 1], index + 1
        if not is_report_title(joined):
            continue
        if _parts(joined)[1] is None and index > 0 and last == index:
            before = compact(lines[index - 1])
            if len(before) <= 30 and (_ENDS_AS_BODY.search(before) or _ENDS_AS_REGION.search(before)):
                joined = lines[index - 1] + joined
        yield re.sub(r"\s*\n\s*", "", joined).strip()


def _parts(title: str | None) -> tuple[int | None, str | None]:
    """Year and issuer named by a title."""
    if not title:
        return None, None
    flat = compact(title)
    match = re.search(_YEAR + r"(?!\d)", flat)
    year = int(match["year"]) if match and 2007 <= int(match["year"]) <= 2100 else None
    rest = flat.replace(match[0], "\x00", 1) if match and year else flat
    report = re.search(r"(?:的)?(?:关于)?(?:政府)?信息公开|政府信息(?=年度报告)", rest)
    if not report:
        return year, None
    before = rest[: report.start()]
    if rest[report.start() :].startswith("信息公开") and before.endswith("人民"):
        before += "政府"
    # XX人民政府信息公开…: one 政府 serves both words.
    if before.endswith("人民") and rest[report.start() :].startswith("政府信息公开"):
        before += "政府"
    issuer = re.sub(r"^(?:关于|中国共产党)|(?:关于|的|之)$", "", before.replace("\x00", "")).strip("《》:,.-—")
    issuer = re.sub(r"^\(.*?\)|(?:关于|的)$", "", issuer)
    return year, issuer if 2 <= len(issuer) <= 40 else None


def period_in(flat: str) -> tuple[date, date] | None:
    """The period that compact text says the figures cover; a whole year, or None."""
    for match in _PERIOD.finditer(flat):
        try:
            start = date(int(match["y1"]), int(match["m1"]), int(match["d1"]))
            end = date(int(match["y2"] or match["y1"]), int(match["m2"]), int(match["d2"]))
        except ValueError:
            continue
        if 300 <= (end - start).days <= 366:
            return start, end
    return None


def _year(
    title_year: int | None,
    period: tuple[date, date] | None,
    head: str,
    metadata: Mapping[str, str],
    title: str | None,
    anomalies: list[Anomaly],
) -> tuple[int | None, str]:
    """The report year: the stated period, else the title, else the opening. A contradiction is an anomaly."""
    stated = period[1].year if period else None
    if stated and title_year and stated != title_year:
        anomalies.append(Anomaly("wrong_year", "title", f"title says {title_year}, the period stated is {stated}"))
    if stated:
        return stated, "period stated in the text"
    if title_year:
        return title_year, "title"
    named = re.search(r"(?<!\d)(20\d\d)年(?:度)?(?=.{0,40}(?:政府信息公开|信息公开).{0,12}(?:报告|年报))", head)
    if named:
        return int(named[1]), "opening of the text"
    return None, ""


def _named_like(region: str, signed_by: str | None, metadata: Mapping[str, str]) -> str | None:
    """A body whose name begins with the region that a title names instead of a body: its government or committee."""
    for name in (signed_by or "", metadata.get("source", ""), metadata.get("publisher", "")):
        flat = re.sub(r"(?:办公室|办公厅)$", "", compact(name))
        if flat.startswith(region) and re.fullmatch(r"(?:人民政府|管委会|管理委员会)", flat[len(region) :]):
            return flat
    return None


def _issuer_elsewhere(head: str, signed_by: str | None, metadata: Mapping[str, str]) -> tuple[str | None, str]:
    """The issuer of a report whose title names none: from the opening, the signature or the page's metadata."""
    patterns = (
        r"(?:公布|发布|现将|将|编制)(?:了)?(?:\d{4}年(?:度)?)(?P<name>[^,，。;；:：]{2,30}?)(?:政府)?信息公开",
        r"(?:公布|发布|现将|将|编制)(?:了)?(?P<name>[^,，。;；:：\d]{2,30}?)\d{4}年(?:度)?(?:政府)?信息公开",
    )
    for pattern in patterns:
        match = re.search(pattern, head)
        if match:
            name = match["name"]
            if name.endswith("人民"):
                name += "政府"
            if _ENDS_AS_BODY.search(name) and not re.match(r"^(?:我|本)", name):
                return name, "opening of the text"
    if signed_by and _ENDS_AS_BODY.search(signed_by):
        return signed_by, "signature"
    for key in ("publisher", "source"):
        name = compact(metadata.get(key, ""))
        if name and _ENDS_AS_BODY.search(name):
            return name, f"metadata ({key})"
    return None, ""


def _signature(closing: Sequence[str]) -> tuple[str | None, date | None]:
    """Name and date under the text."""
    signed_by: str | None = None
    signed_date: date | None = None
    for text in reversed(closing):
        flat = compact(text)
        if match := _SIGNED_DATE.match(flat):
            signed_date = signed_date or date(int(match["y"]), int(match["m"]), int(match["d"]))
        elif signed_date is not None and 3 <= len(flat) <= 30 and _ENDS_AS_BODY.search(flat):
            signed_by = flat
            break
        elif signed_date is not None:
            break
    return signed_by, signed_date


def _date(text: str) -> date | None:
    match = re.search(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})", text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _printed_date(opening: Sequence[str]) -> date | None:
    return next(_dates_after(opening), None)


def _dates_after(opening: Sequence[str]) -> Iterator[date]:
    for text in opening:
        match = re.search(r"(?:发布日期|发布时间|公开日期|发文日期|时间|日期)[::]?(.{8,12})", compact(text))
        found = _date(match[1]) if match else None
        if found:
            yield found
