"""Who reports, on which year, under which title: read from title, opening, signature and page metadata.

Nothing is resolved here; a name is kept as printed. The year is the period the figures cover, not the date of the page.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from extract.forms.bodies import (
    BREADCRUMB,
    body_after_dash,
    body_behind_title,
    body_in_statement,
    body_in_trail,
    ends_as_body,
    ends_as_region,
    is_body_told,
    is_government,
    is_same_body,
    marked,
    may_compile,
    name_in,
    speaks_as,
    tells_of,
    unwrapped,
)
from extract.forms.labels import compact
from extract.forms.lines import Line, is_prose
from extract.model import Anomaly

__all__ = ["Identity", "is_report_title", "read_identity", "title_positions"]

_REPORT = r"政府信息(?:公开)?(?:工作)?(?:的)?(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:情况)?(?:年度)?(?:年报|报告)"
_TITLE = re.compile(
    r"政府信息公开.{0,10}(?:年度报告|年报|工作报告|情况报告|公开报告)"
    rf"|信息公开(?:工作)?(?:年度报告|年报)|{_REPORT}$"
)
_CUT_TITLE = re.compile(r"政府信息(?:公开)?(?:工作)?$|20\d\d年(?:度)?(?:政府)?$|信息公开(?:工作)?(?:年度)?$|人民政府$")
"""A title that goes on in the next line."""
_YEAR_ALONE = re.compile(r"\(?(?:19|20)\d\d年(?:度)?\)?")
_ABOUT_A_REPORT = re.compile(r"图解|解读|一图读懂|漫画|视频")
_DASH = re.compile("[-‐‑–—―─－]")
_SENTENCE = re.compile(r"[,，。;；]")
_NOT_A_TITLE = re.compile(r"制度|指南|规定|办法|通知|工作年度报表|格式|模板")
_NEWS = re.compile(r"^(?:我|本|全)(?:省|自治区|市|区|县|旗|州|盟|镇|乡|街道).{0,6}(?:发布|公布|公开发布|出炉)")
_SIBLING = re.compile(
    r"^[【\[(]?(?:上|下|前|后)一?(?:篇|条|页)|^[【\[(]?(?:相关|推荐|热门)(?:阅读|链接|信息|文章|新闻)"
)
"""Links to other pages, whose titles are not this page's."""
_YEAR = r"(?<!\d)(?:(?:19|20)\d\d(?:学年|年)?(?:度)?[-—–~至])?(?P<year>(?:19|20)\d\d)(?:学年|年)?(?:度)?"
"""A span of years (2023-2024学年) counts for its last, as a stated period does."""
_YEAR_AT_END = re.compile(r"\((?P<year>(?:19|20)\d\d)年?(?:度)?\)(?:\([^()]*\))?$")
_HAN_YEAR = re.compile(
    r"(?<![一二三四五六七八九〇○零])(?:二[〇○◯零Oo0]|20|一九)[〇○◯零Oo0一二三四五六七八九\d]{2}(?=年)"
)
_HAN_DIGITS = str.maketrans("〇○◯零Oo一二三四五六七八九", "000000123456789")
_PERIOD = re.compile(
    r"(?:自|从)?(?P<y1>20\d\d)年(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日(?:起)?(?:至|到|—|-|–|~)"
    r"(?:(?P<y2>20\d\d)年|(?P<same>同年|当年))?(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日"
)
_OF_THE_YEAR_BEFORE = re.compile(r"(?:上一?年度?|去年|上一?期)(?!度|结转)(?:(?!本年|本报告)[^,。;]){0,20}$")
"""What stands before a period or year that is the last report's, 上一年度(2022年1月1日至…)."""
_ENACTED = r"(?:修订|修正|修改|印发|下发|颁布|公布|发布|出台|施行|实施|制定)"
_YEAR_OF_A_PAPER = re.compile(rf"(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?:关于)?{_ENACTED}")
"""Behind a year in a title: the report was handed out in it, 2024年发布的2023年度…年度报告."""
_YEAR_OF_A_RULE = re.compile(rf"(?:(?!信息公开)[^,。;:《》]){{0,12}}?{_ENACTED}")
"""Behind a year in a sentence: a rule was made in it, or a paper handed out."""
_IN_A_BASIS = re.compile(
    r"(?:根据|依据|依照|按照|遵照|对照)"
    r"(?:(?!规定|要求|精神|现将|特向|(?:编制|编写|撰写|形成|公布|发布)(?!的)|》(?![和及与、以(第]))[^,。;:])*$"
)
"""What stands before a year that says which rules a report follows; the clause ends where it says what is done."""
_A_MONTH = re.compile(r"\d{1,2}月")
_FROM_JANUARY = re.compile(r"0?1月(?:0?1日)?起?[至到—–~-]")
_TO_DECEMBER = re.compile(r"12月(?:31日|底|末)")
_HANDS_OUT = re.compile(r"(?:现将|将|公布|发布|编制|编写|撰写|形成|公开|制作|本报告)了?(?:[^,。;《》]{0,12})$")
"""What stands before the 《 of the report's own title."""
_A_YEAR_TOLD = re.compile(r"(?<!\d)(?P<year>20\d\d)年(?:度)?")
_SAYS_REPORT = re.compile(r".{0,40}信息公开.{0,12}(?:报告|年报)")
_SIGNED_DATE = re.compile(r"^(?P<y>20\d\d)年(?P<m>\d{1,2})月(?P<d>\d{1,2})日$")
_TITLE_KEY = re.compile(
    r"^\s*(?:(?:.{0,60}\s)?(?:[^:：\s]\s*){0,6}?(?:标\s*题|名\s*称|题\s*名|主\s*题)\s*[:：]"
    r"|(?:信\s*息|公\s*文|文\s*件)?\s*(?:标\s*题|名\s*称|题\s*名|主\s*题)\s+|(?:索\s*引\s*号|文\s*号)\s*[:：]\s*\S+\s+)\s*"
)
"""Saved pages and metadata blocks print the title behind its key."""
_OTHER_KEY = re.compile(
    r"(?:[\[【(（|]\s*)?(?:索\s*引\s*号|发布(?:日期|时间|机构|单位)|公开日期|(?:发文|成文|生成)日期|发文(?:机关|单位|字号)"
    r"|(?:信息|稿件)?来\s*源|文\s*号|浏览次数|日\s*期|时\s*间|作\s*者|字\s*体)\s*[:：].*$",
    re.S,
)
_ITEM_DATE = re.compile(
    r"(?:[\[【(（]\s*)?20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?\s*[\])）】]?\s*$"
)
"""The date behind a title in a list of pages."""
_OPENING_LINES = 12
_LONGEST_TITLE = 70
_PIECES_OF_A_TITLE = 4
"""Three that make the title, and a year alone behind them."""
_LONGEST_PART = 40
_LONGEST_LINE = 300
"""A longer line holds no title, whatever keys stand around it."""
_SEARCHED_LINES = 400
_ITEMS_OF_A_LIST = 3
"""A page headed by a year without a body, over so many titles of bodies, lists them."""
_LINES_OF_A_SECTION = 4
"""The first section's heading and first paragraphs: some reports say there who made them."""
_CHARACTERS_SEARCHED = 3000


@dataclass(frozen=True, slots=True)
class Identity:
    """Title, issuer and year as the document gives them, with where each was found.

    `competing_titles` are printed titles of different bodies or years between which nothing decides: on a page without
    sections the mark of a list. Title, and issuer or year, are then left out: a miss is better than a wrong name.
    """

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
    competing_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Title:
    """A title that may be the document's, and what it names."""

    text: str
    where: str
    year: int | None
    issuer: str | None
    lines: tuple[int, ...] = ()
    is_heading: bool = False
    behind: str | None = None
    """The body named behind a dash, where a site may be named as well."""

    @property
    def completeness(self) -> int:
        """How much it says: of issuer and year."""
        return (self.year is not None) + (self.issuer is not None)

    @property
    def named(self) -> str | None:
        """The body that it names. A line that is no heading may be the window's title, which ends with the site."""
        return self.issuer or (self.behind if self.is_heading else None)


@lru_cache(maxsize=4096)
def is_report_title(text: str) -> bool:
    """Whether a printed title is that of an annual report, and not of a guide, a picture story or a rule about one."""
    flat = _flat(text)
    if _ABOUT_A_REPORT.search(flat) or _SENTENCE.search(flat) or _SIBLING.search(flat) or _NEWS.search(flat):
        return False
    paper = unwrapped(flat) if "通知" in flat else None
    if paper:
        return is_report_title(paper[1])
    return bool(_TITLE.search(flat)) and not _NOT_A_TITLE.search(_without_issuer(flat))


def title_positions(lines: Sequence[Line], last: int) -> frozenset[int]:
    """The lines, from 0, on which titles of annual reports stand; those behind the line `last` may be left out."""
    return frozenset(index for title in _printed_titles(lines, last) for index in title.lines)


def _flat(text: str) -> str:
    """Compact text with years in figures: 二〇二四年 is 2024年."""
    return _in_figures(compact(text))


def _in_figures(flat: str) -> str:
    """Compact text with years in figures."""
    return _HAN_YEAR.sub(lambda year: year[0].translate(_HAN_DIGITS), flat) if "年" in flat else flat


def _without_issuer(flat: str) -> str:
    """The title behind its year: the issuer's own name may hold words that elsewhere mark a non-report."""
    match = re.search(_YEAR, flat)
    return flat[match.end() :] if match else flat


def read_identity(lines: Sequence[Line], metadata: Mapping[str, str], first_section_line: int | None) -> Identity:
    """Read title, issuer, year, period, signature from the printed lines before, and after, the sections."""
    before = lines[: _SEARCHED_LINES if first_section_line is None else first_section_line]
    start = 0 if first_section_line is None else max(0, first_section_line - _OPENING_LINES)
    opening = lines[start : start + _OPENING_LINES if first_section_line is None else first_section_line]
    closing = [line.text for line in lines[-8:] if line.grid is None]
    signed_by, signed_date = _signature(closing)
    printed = list(_printed_titles(before))
    head = _flat("".join(line.text for line in opening))[:3000]
    whole = head if period_in(head) else _flat(" ".join(line.text for line in lines[start : start + 60]))
    period = period_in(whole)
    title, competing = _title(printed, metadata, signed_by, has_sections=first_section_line is not None)
    # The titles of other pages say nothing of this one's year or body.
    used = set(title.lines) if title else set()
    others = {index for other in printed for index in other.lines} - used
    words = "".join(line.text for index, line in enumerate(lines) if _is_told(index, line, start, opening, others))
    prose = _flat(words)
    anomalies: list[Anomaly] = []
    year, year_evidence = _year(title.year if title else None, period, words, anomalies)
    issuer = title.issuer if title else None
    told: _Told | None = None
    if issuer is None or (title and (title.behind or not _stands_first(issuer, title.text))):
        # Most titles begin with the body, and nothing else is asked.
        told = _Told.by(
            [line for index, line in enumerate(lines) if _is_told(index, line, start, opening, others)],
            lines[start + len(opening) :][:_LINES_OF_A_SECTION] if first_section_line is not None else (),
            [line.text for line in before if _is_breadcrumb(line.text)],
            signed_by,
            metadata,
        )
    if told and title and title.behind and told.bears_out(title):
        issuer = title.behind
    if told and title and issuer and not _stands_first(issuer, title.text):
        issuer = told.in_full(issuer)
    issuer_evidence = f"title ({title.where})" if title and issuer else ""
    if issuer is not None and not ends_as_body(issuer):
        body = _named_like(issuer, signed_by, metadata)
        if body is not None:
            issuer, issuer_evidence = body, "title and metadata"
    if issuer is None and told:
        shown = title.text if title else "; ".join(competing)
        anomalies.append(Anomaly("issuer_missing_in_title", "title", shown))
        issuer, issuer_evidence = _issuer_elsewhere(prose[:_CHARACTERS_SEARCHED], told)
    return Identity(
        title=title.text if title else None,
        issuer=issuer,
        report_year=year,
        period=period,
        signed_by=signed_by,
        signed_date=signed_date,
        published_date=_date(metadata.get("publish_date", "")) or _printed_date(line.text for line in before),
        issuer_evidence=issuer_evidence,
        year_evidence=year_evidence,
        anomalies=tuple(anomalies),
        competing_titles=competing,
    )


def _is_told(index: int, line: Line, start: int, opening: Sequence[Line], others: set[int]) -> bool:
    """Whether a line is part of the opening that speaks of this report."""
    within = start <= index < start + len(opening) and index not in others
    return within and not _is_breadcrumb(line.text) and not _SIBLING.search(_opening_of(line.text))


def _opening_of(text: str) -> str:
    """The beginning of a line in compact form; an artefact, which the form leaves out, may not be cut."""
    return compact(text if "[" in text else text[:_LONGEST_RECURRING])


def _title(
    printed: Sequence[_Title], metadata: Mapping[str, str], signed_by: str | None, *, has_sections: bool
) -> tuple[_Title | None, tuple[str, ...]]:
    """The title, as printed where it can be, and the titles that compete if nothing decides between them.

    What decides, first to last: the title that the page's metadata names, a heading, the only body and year printed,
    the signature, the title of the browser's window.
    """
    near = [
        found for found in printed if has_sections or found.is_heading or found.lines[0] < _OPENING_LINES
    ] or printed
    article = _declared(metadata.get("article_title", ""), "metadata")
    page = _declared(re.split(r"[_|]|--|——| - ", metadata.get("title", ""))[0], "page title")
    if article and article.completeness:
        same = next((found for found in printed if _flat(found.text) == _flat(article.text)), None)
        # What the metadata name as the title has nothing of the window's behind it.
        return _completed(replace(same, is_heading=True) if same else article, printed, page)
    headings = [found for found in printed if found.is_heading and found.completeness]
    headings = [found for found in headings if found.year] or headings
    if headings and _agree(headings):
        return _completed(max(headings, key=lambda found: found.completeness), near, page)
    telling = [found for found in near if found.completeness]
    telling = [found for found in telling if found.year] or telling
    if not telling:
        bare = [found for found in (page, article, *near) if found]
        return max(bare, key=lambda found: found.completeness, default=None), ()
    if _agree(telling):
        chosen = max(telling, key=lambda found: found.completeness)
        return _completed(chosen, [found for found in near if found.year], page)
    for decides in (
        [found for found in telling if signed_by and found.issuer and is_same_body(found.issuer, signed_by)],
        [found for found in telling if page and page.completeness == 2 and _alike(found, page)],
    ):
        if decides and _agree(decides):
            return max(decides, key=lambda found: found.completeness), ()
    return None, tuple(dict.fromkeys(found.text for found in telling))


def _completed(chosen: _Title, printed: Sequence[_Title], page: _Title | None) -> tuple[_Title | None, tuple[str, ...]]:
    """A title, or a fuller one that agrees with it: printed behind it, or in the window's title."""
    if chosen.completeness == 2:
        return chosen, ()
    behind = [found for found in printed if not chosen.lines or found.lines > chosen.lines]
    fuller = [found for found in (*behind, page) if found and found.completeness == 2]
    bodies = {found.issuer for found in fuller}
    fitting = [found for found in fuller if _alike(found, chosen)]
    if fitting and _agree(fuller):
        return fitting[0], ()
    if len(bodies) >= _ITEMS_OF_A_LIST or (chosen.year is None and not _agree(behind)):
        return chosen, tuple(dict.fromkeys(found.text for found in behind))
    return chosen, ()


def _alike(one: _Title, other: _Title) -> bool:
    """Whether two titles can be of one report: what both name is the same."""
    if one.year and other.year and one.year != other.year:
        return False
    return not (one.named and other.named) or is_same_body(one.named, other.named)


def _agree(titles: Sequence[_Title]) -> bool:
    """Whether all titles can be of one report."""
    return all(_alike(one, other) for index, one in enumerate(titles) for other in titles[:index])


def _declared(text: str, where: str) -> _Title | None:
    text = _cleaned(text)
    is_title = 0 < len(text) <= _LONGEST_LINE and is_report_title(text)
    return _Title(text, where, *_parts(text), behind=_behind_dash(text)) if is_title else None


def _cleaned(text: str) -> str:
    """A title without its key before it and other keys or a date behind it; a line too long for one as it is."""
    if len(text) > _LONGEST_LINE:
        return text
    if ":" in text or "：" in text:
        text = _OTHER_KEY.sub("", _TITLE_KEY.sub("", text))
    elif "题" in text or "名" in text:
        text = _TITLE_KEY.sub("", text)
    if "20" in text:
        text = _ITEM_DATE.sub("", text)
    return text.strip()


def _printed_titles(lines: Sequence[Line], last_line: int | None = None) -> Iterator[_Title]:
    """Titles as printed; one whose parts stand on lines of their own (issuer, year, 年度报告) is joined.

    Titles that begin behind `last_line` are left out.
    """
    parts = list(_printed_parts(lines) if last_line is None else _parts_until(lines, last_line))
    flats = [part.flat for part in parts]
    index = 0
    while index < len(parts):
        count = _title_length(flats, index)
        if not count:
            index += 1
            continue
        first, last = index, index + count
        year, issuer = _parts("".join(flats[first:last]))
        if year is None and last < len(flats) and _YEAR_ALONE.fullmatch(flats[last]):
            last += 1
        elif year is None and first > 0 and _YEAR_ALONE.fullmatch(flats[first - 1]):
            first -= 1
        # Two names in a row are a menu of bodies.
        names = [position for position in (first - 1, first - 2) if position >= 0 and _is_body_line(flats[position])]
        if issuer is None and names == [first - 1]:
            first -= 1
        elif issuer is None and last < len(flats) and _names_in_brackets(flats[last]):
            last += 1
        text = re.sub(r"\s*\n\s*", "", "".join(part.text for part in parts[first:last])).strip()
        heading = any(part.is_heading for part in parts[first:last])
        where = tuple(part.line for part in parts[first:last])
        yield _Title(text, "text", *_parts(text), where, heading, _behind_dash(text))
        index = last


@dataclass(slots=True)
class _Part:
    """A printed piece that a title may be made of: its line, its text without keys, and that text as compared."""

    line: int
    text: str
    flat: str
    is_heading: bool


def _printed_parts(lines: Sequence[Line]) -> Iterator[_Part]:
    """The printed pieces that titles may be made of: paragraphs and cells, each with its line."""
    for index, line in enumerate(lines):
        if _is_breadcrumb(line.text):
            continue
        for cell in line.cells if line.grid is not None else line.cells[:1]:
            if cell.is_blank:
                continue
            text = cell.text
            found = _cleaned_again(text) if len(text) <= _LONGEST_RECURRING else _cleaned_and_flat(text)
            if found is not None:
                yield _Part(index, *found, cell.is_heading)


def _parts_until(lines: Sequence[Line], last_line: int) -> Iterator[_Part]:
    """The pieces up to a line, and as many behind it as a title that begins there may go on in."""
    behind = 0
    for part in _printed_parts(lines):
        if part.line > last_line:
            behind += 1
            if behind > _PIECES_OF_A_TITLE:
                return
        yield part


def _cleaned_and_flat(text: str) -> tuple[str, str] | None:
    """A printed text without its keys, and as compared; None if nothing is left. Prose compares with nothing."""
    cleaned = _cleaned(text)
    if not cleaned:
        return None
    return cleaned, cleaned if is_prose(cleaned) else _flat(cleaned)


_LONGEST_RECURRING = 120
_cleaned_again = lru_cache(maxsize=16384)(_cleaned_and_flat)


def _is_breadcrumb(text: str) -> bool:
    """Whether a line is a trail of links; few lines have any of its words and marks."""
    may_be = "位置" in text or "首页" in text or ">" in text or "＞" in text or "»" in text
    return may_be and BREADCRUMB.search(text) is not None


def _title_length(flats: Sequence[str], index: int) -> int:
    """How many pieces from this one on make a title; 0 if none do."""
    if not _may_open_title(flats[index]):
        return 0
    joined = ""
    for count in range(1, 4):
        if index + count > len(flats):
            return 0
        part = flats[index + count - 1]
        joined += part
        if len(joined) > _LONGEST_TITLE or (count > 1 and len(part) > _LONGEST_PART):
            return 0
        if is_report_title(joined):
            return count
        if _NOT_A_TITLE.search(_without_issuer(joined)):
            return 0
        if not _CUT_TITLE.search(joined):
            return 0
    return 0


def _may_open_title(flat: str) -> bool:
    """Whether a piece holds what every title, whole or cut, holds in its first piece; few pieces do."""
    return len(flat) <= _LONGEST_TITLE and ("信息" in flat or "年" in flat or "人民政府" in flat)


def _is_body_line(flat: str) -> bool:
    """Whether a line is the name of a body or region and nothing else."""
    return len(flat) <= 30 and name_in(flat) == flat


def _names_in_brackets(flat: str) -> bool:
    """Whether a line is the name of a body in brackets and nothing else."""
    return flat.startswith("(") and flat.endswith(")") and is_body_told(flat[1:-1])


@lru_cache(maxsize=4096)
def _parts(title: str | None) -> tuple[int | None, str | None]:
    """Year and issuer named by a title; of a paper that hands a report out, those of the report before the paper's."""
    if not title:
        return None, None
    flat = _flat(title)
    paper = unwrapped(flat)
    if paper is None:
        return _named_by(flat)
    by, inside, kind = paper
    year, issuer = _named_by(inside)
    handing = name_in(by)
    if issuer is None and kind != "通知":
        issuer = _named_by(flat)[1]
    elif issuer is None and handing and is_body_told(handing):
        issuer = handing
    elif issuer and ends_as_region(issuer) and handing and is_body_told(handing) and "政府" not in handing:
        # A department hands out the report of "the city": its own, or its government's.
        issuer = None
    return year or _named_by(flat)[0], issuer


def _named_by(flat: str) -> tuple[int | None, str | None]:
    """Year and issuer named by the compact form of a title."""
    matches = [match for match in re.finditer(_YEAR + r"(?!\d)", flat) if 2007 <= int(match["year"]) <= 2100]
    # 2025年…年度报告(2024年度) is published in the one year and about the other; so is 2025年公布2024年度….
    about = _YEAR_AT_END.search(flat) or _year_before_report(flat, matches)
    year = int(about["year"]) if about else None
    rest = flat.replace(matches[0][0], "\x00", 1) if matches else flat
    report = re.search(r"(?:的)?(?:关于)?(?:政府)?信息公开|政府信息(?=年度报告)", rest)
    if not report:
        return year, None
    before = rest[: report.start()]
    # XX人民政府信息公开…: one 政府 serves both words.
    if before.endswith("人民") and re.match("政府信息公开|信息公开", rest[report.start() :]):
        before += "政府"
    words = before.replace("\x00", "")
    issuer = name_in(words)
    if not _is_nameless(words) and not (issuer and ends_as_region(issuer)):
        return year, issuer
    behind = body_behind_title(rest[report.start() :])
    if behind and not (issuer and may_compile(behind)):
        # 荔浦市2022年…年度报告(教育局) is the department's: the city says where it is.
        return year, behind
    return year, issuer


def _year_before_report(flat: str, matches: Sequence[re.Match[str]]) -> re.Match[str] | None:
    """The year that the words 信息公开 follow: the last one before them, else the first; none in which it came out."""
    about = [match for match in matches if not _YEAR_OF_A_PAPER.match(flat, match.end())]
    report = flat.find("信息公开")
    before = [match for match in about if match.end() <= report]
    return before[-1] if before else next(iter(about), None)


def _is_nameless(words: str) -> bool:
    """Whether the words before 政府信息公开 hold nothing of a name."""
    return not re.sub("关于|公布|发布|印发|公开|年度|的|[《》:,.、]", "", words)


def _behind_dash(title: str) -> str | None:
    """The body that a title names behind a dash, where nothing or only a region stands before it."""
    if not _DASH.search(title):
        return None
    flat = _flat(title)
    issuer = _parts(title)[1]
    report = re.search("政府信息公开|信息公开", flat)
    if not report or (issuer and not ends_as_region(issuer)):
        return None
    before = re.sub(_YEAR, "", flat[: report.start()])
    return body_after_dash(flat[report.start() :]) if issuer or _is_nameless(before) else None


def period_in(flat: str) -> tuple[date, date] | None:
    """The period that compact text says the figures cover; a whole year, or None."""
    for match in _PERIOD.finditer(flat):
        if _OF_THE_YEAR_BEFORE.search(flat, max(0, match.start() - _LONGEST_PART), match.start()):
            continue
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
    words: str,
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
    told = set(_years_told(words))
    if len(told) == 1:
        return told.pop(), "opening of the text"
    return None, ""


def _years_told(words: str) -> Iterator[int]:
    """The years that an opening gives its report; not those of rules it follows, of dates, or of papers it quotes."""
    text = _in_figures(marked(words))[:_CHARACTERS_SEARCHED]
    for match in _A_YEAR_TOLD.finditer(text):
        before = text[max(0, match.start() - _LONGEST_LINE) : match.start()]
        behind = text[match.end() : match.end() + _LONGEST_LINE]
        if not _SAYS_REPORT.match(re.sub("[《》]", "", behind)):
            continue
        if _YEAR_OF_A_RULE.match(behind) or _is_in_a_date(before, behind):
            continue
        quote = before.rfind("《") if before.rfind("《") > before.rfind("》") else None
        if quote is not None and not _HANDS_OUT.search(before[:quote]):
            continue
        if not _IN_A_BASIS.search(before) and not _OF_THE_YEAR_BEFORE.search(before):
            yield int(match["year"])


def _is_in_a_date(before: str, behind: str) -> bool:
    """Whether a year is that of a day or month, unless the months are the year's first to last."""
    if not _A_MONTH.match(behind):
        return False
    return not (_FROM_JANUARY.match(behind) or (before.endswith(("至", "到")) and _TO_DECEMBER.match(behind)))


def _named_like(region: str, signed_by: str | None, metadata: Mapping[str, str]) -> str | None:
    """A body whose name begins with the region that a title names instead of a body: its government or committee."""
    for name in (signed_by or "", metadata.get("source", ""), metadata.get("publisher", "")):
        flat = re.sub(r"(?:办公室|办公厅)$", "", compact(name))
        if flat.startswith(region) and is_government(flat[len(region) :]):
            return flat
    return None


@dataclass(frozen=True, slots=True)
class _Told:
    """What the page says of its body outside of its title; names in compact form, empty where there is none."""

    statement: str
    """The body that says of itself that it made the report."""
    trail: str
    signed_by: str
    source: str
    publisher: str
    site: str
    prose: str
    """Opening and first paragraphs, line by line."""

    @classmethod
    def by(
        cls,
        opening: Sequence[Line],
        section: Sequence[Line],
        trails: Sequence[str],
        signed_by: str | None,
        metadata: Mapping[str, str],
    ) -> "_Told":
        """From the lines before the sections, the first ones of them, and the page's own data."""
        before = [marked(line.text) for line in opening if line.grid is None]
        within = [marked(line.text) for line in section if line.grid is None]
        prose = "\n".join([*before, *within])[:_CHARACTERS_SEARCHED]
        return cls(
            statement=body_in_statement(prose.split("\n"), "".join(before)) or "",
            trail=body_in_trail(trails) or "",
            signed_by=signed_by or "",
            source=compact(metadata.get("source", "")),
            publisher=compact(metadata.get("publisher", "")),
            site=compact(metadata.get("site_name", "")),
            prose=prose,
        )

    def bears_out(self, title: _Title) -> bool:
        """Whether the name behind a title's dash is the body's and not the site's.

        Headings and metadata hold no site, unless it bears that name; any other line may be the window's title, and
        needs a second witness. Whoever says or signs otherwise is believed before it.
        """
        name = title.behind or ""
        if any(said and not is_same_body(said, name) for said in (self.statement, self.signed_by)):
            return False
        if not speaks_as(name, self.prose):
            return False
        if self.statement or self.signed_by:
            return True
        if title.is_heading or title.where == "metadata":
            return name not in self.site
        return title.where == "text" and any(one and is_same_body(one, name) for one in (self.source, self.trail))

    def in_full(self, issuer: str) -> str:
        """A name that begins with its level (市教育局) as the page gives it elsewhere with its place."""
        if issuer[0] not in "省市县区旗州盟":
            return issuer
        names = (self.statement, self.signed_by, self.source, self.publisher)
        return next((name for name in names if name.endswith(issuer) and is_body_told(name)), issuer)

    def folder(self) -> str:
        """The department in whose folder the page lies, unless the text speaks as another kind of body."""
        return self.trail if self.trail and speaks_as(self.trail, self.prose) else ""


def _stands_first(issuer: str, title: str) -> bool:
    """Whether a title names its body before it says what it is."""
    flat = _flat(title)
    return flat.find(issuer) < flat.find("信息公开")


def _issuer_elsewhere(head: str, told: _Told) -> tuple[str | None, str]:
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
            if ends_as_body(name) and name_in(name) == name:
                return name, "opening of the text"
    if told.signed_by and ends_as_body(told.signed_by):
        return told.signed_by, "signature"
    if told.statement:
        return told.statement, "opening of the text"
    folder = told.folder()
    if folder and tells_of(folder, told.prose):
        return folder, "breadcrumb and text"
    # The source of a page is who passed the text on, often a news office: it alone names no issuer.
    if ends_as_body(told.publisher) and name_in(told.publisher) == told.publisher:
        return told.publisher, "metadata (publisher)"
    if folder and told.source == folder:
        return folder, "breadcrumb and metadata"
    return None, ""


def _signature(closing: Sequence[str]) -> tuple[str | None, date | None]:
    """Name and date under the text."""
    signed_by: str | None = None
    signed_date: date | None = None
    for text in reversed(closing):
        flat = _flat(text)
        if match := _SIGNED_DATE.match(flat):
            signed_date = signed_date or _day(match["y"], match["m"], match["d"])
        elif signed_date is not None and 3 <= len(flat) <= 30 and ends_as_body(flat):
            signed_by = flat
            break
        elif signed_date is not None:
            break
    return signed_by, signed_date


def _date(text: str) -> date | None:
    match = re.search(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})", text)
    return _day(match[1], match[2], match[3]) if match else None


def _day(year: str, month: str, day: str) -> date | None:
    """The day that is printed; None for one that no calendar has, such as a 30th of February."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _printed_date(opening: Iterable[str]) -> date | None:
    return next(_dates_after(opening), None)


def _dates_after(opening: Iterable[str]) -> Iterator[date]:
    for text in opening:
        match = re.search(r"(?:发布日期|发布时间|公开日期|发文日期|时间|日期)[::]?(.{8,12})", compact(text))
        found = _date(match[1]) if match else None
        if found:
            yield found
