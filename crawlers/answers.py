"""What an article page says, held against the row that led to it: a report, nearly one, a list, or another page.

Belongs here: reading one page. Does not belong here: whether the answer is a page at all (`validation`), and what the
report says (extraction). Nothing is thrown away on a doubt: a page counts as a report until something speaks against
it, and then the ledger keeps it as a candidate with its bytes.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crawlers.blank_pages import is_blank
from crawlers.links import (
    ABOUT_OPENNESS,
    CUT,
    IS_REPORT,
    behind_viewer,
    hands_out_file,
    judge_title,
    normal_forms,
    without_spaces,
)
from crawlers.pages import Link, Page, text_of

__all__ = ["BLANK", "ENOUGH", "Article", "Judgement", "Kind", "judge_article"]

MARKERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"总体情况|概\s*述|概况|基本情况",
        r"主动公开(?:政府信息|情况|信息)|主动公开",
        r"依申请公开|收到和处理政府信息公开申请|政府信息公开申请",
        r"第二十条第[（(]?[一五六七八]",
        r"本年新收|上年结转|结转下年度|本年度办理结果",
        r"行政复议",
        r"行政诉讼|提起诉讼",
        r"存在的?(?:主要)?问题",
        r"改进(?:情况|措施|方向)|下一步(?:工作)?(?:打算|安排|计划)|努力方向",
        r"其他需要报告的?事项",
        r"(?:本|年度)报告(?:由|中|所列|的?电子版|按照)|编制本(?:年度)?报告|统计(?:数据|期限)",
        r"规章|规范性文件",
    )
)
ENOUGH = 3
"""Marks of a report, of the dozen, at which nothing else on the page counts."""

AGAINST: tuple[tuple[str, re.Pattern[str], int], ...] = (
    (
        "the website's own yearly return, by its page",
        re.compile(
            r"网站总?访问(?:总)?量|独立用户访问|信息发布总数|专栏专题|留言办[理结]|征集调查|网站名称|安全防护|信息更新"
        ),
        3,
    ),
    (
        "rules, by its page",
        re.compile(r"第[一二三四五六七八九十]{1,3}条(?!第|规定|例)"),
        3,
    ),
    (
        "a guide, by its page",
        re.compile(r"(?:编制|制定)(?:了)?本《?(?:[\u4e00-\u9fff]{0,12})?指南|受理机构|受理申请|申请表|办理时限"),
        2,
    ),
    (
        "a reading of a report, by its page",
        re.compile(r"(?:本文|本期|一图|带您|带你|小编|方便公众阅读|图解|解读如下|解读[:：])"),
        1,
    ),
    (
        "news, by its page",
        re.compile(r"(?:近日|日前|[一二三四五六七八九十\d]+日(?:上午|下午)?)[^。]{0,40}(?:召开|举办|举行|组织|开展)"),
        1,
    ),
)
IN_PROSE = re.compile(
    r"收费|减免|复议|诉讼|申诉|举报|投诉|不足|打算|年报|公开的?(?:形式|内容|渠道|方式|目录|范围)|"
    r"(?:公开|发布|公布|制作|受理|收到)[^。;]{0,16}\d+(?:余|多)?[条件次篇份]"
)
"""What reports in plain prose say, from before there was a form."""
DOUBTFUL = re.compile(r"保密(?!局|委|办|行政|科技)|(?:总结|报告)(?:及|和|与|暨|、).{0,10}(?:计划|打算|安排|要点)")
"""Titles of what stands beside reports and may be one: its page decides."""
DISCLOSURE = re.compile(r"公开|公開|公布|申请")
LEAST_BEGINNING = 6
"""Characters of a row's title that must be the beginning of the page's."""
LONGEST_NEWS = 1500
SHORT = 200
"""Visible characters under which a page may be a wrapper of pictures or files."""
LONG = 400
"""Characters of a text that would somewhere say what reports say, if it were one."""
NO_PART = "no part of the form on the page, and nothing that could hold one: no table, file, picture or frame"
BLANK = "the page shows its title and nothing else: no text, file, picture or frame"
MANY_LINKS = 10
SOME_ROWS = 3
COLLECTION = re.compile(
    r"汇总|各(?:部门|单位|乡|镇|街道|县|市|区|局)|(?:部门|单位|乡镇|街道|镇街)$|(?:19|20)\d\d年?(?:度)?$"
)
"""Words of a row that leads to a list of reports."""
LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a page is, and why."""

    kind: str
    reason: str = ""


class Kind:
    """Kinds of pages behind a row of an annual-report list."""

    REPORT = "report"
    CANDIDATE = "candidate"
    LIST = "list"
    """A list of reports: of bodies, of years."""
    OTHER_PAGE = "other_page"
    """A home page, a list, another article: sent in place of the article."""


@dataclass(frozen=True)
class Article:
    """An article page, read as a reader does."""

    page: Page

    @cached_property
    def text(self) -> str:
        """What is shown, spaces taken out."""
        return self.page.shown

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """What the page calls itself: meta tag, headings, title."""
        tree = self.page.tree
        if tree is None:
            return ()
        named = [
            str(meta.get("content") or "")
            for meta in tree.iter("meta")
            if str(meta.get("name") or "").lower() in ("articletitle", "title", "og:title")
        ]
        headings: dict[str, list[Any]] = {"h1": [], "h2": [], "h3": [], "title": []}
        for element in tree.iter(*headings):
            headings[element.tag].append(element)
        named += ["".join(each.itertext()) for found in headings.values() for each in found[:3]]
        return tuple(dict.fromkeys(text for name in named if (text := _bare(name))))

    @cached_property
    def marks(self) -> int:
        """How many of a report's marks the text bears. Links are left out: navigation names 主动公开 everywhere."""
        text = self.unlinked
        return sum(pattern.search(text) is not None for pattern in MARKERS)

    @cached_property
    def _innermost(self) -> Any:
        return _body_of(self.page.tree)

    @cached_property
    def body(self) -> str:
        """The text of the innermost element that holds the most of the page's paragraphs and tables."""
        return "" if self._innermost is None else without_spaces(text_of(self._innermost))

    @property
    def is_all_prose(self) -> bool:
        """Whether what a reader sees is a text of some length: no table, picture, file or frame may hold a report."""
        body = self.body
        if len(body) < SHORT or len(body) * 2 < len(self.unlinked):
            return False
        around = self._innermost.getparent()
        found = (self._innermost if around is None else around).iter("img", "table", "canvas", "svg", "video")
        return not (any(True for _ in found) or self.has_content_elsewhere or self.page.scripted_files)

    @cached_property
    def digest(self) -> str | None:
        """One text for equal bodies, whatever stands around them; None for a body too short to tell."""
        body = self.body
        return hashlib.sha256(body.encode()).hexdigest()[:24] if len(body) >= SHORT else None

    @cached_property
    def has_content_elsewhere(self) -> bool:
        """Whether the page may carry its report as a file, as pictures or in a frame."""
        tree = self.page.tree
        if tree is None:
            return True
        if self.has_files:
            return True
        if any(True for _ in tree.iter("iframe", "embed", "object")):
            return True
        return bool(tree.xpath("//p//img | //div[contains(@id,'zoom') or contains(@class,'content')]//img"))

    @cached_property
    def has_files(self) -> bool:
        """Whether the page links or shows files."""
        return any(hands_out_file(link.url, link.title) or behind_viewer(link.url) for link in self.page.links)

    def is_titled(self, title: str) -> bool:
        """Whether the page calls itself as the row does, or nearly so."""
        wanted = _bare(title)
        return any(_alike(wanted, own) for own in self.titles) or (len(wanted) >= 6 and wanted in self.unlinked)

    @cached_property
    def unlinked(self) -> str:
        """What is shown outside links."""
        return without_spaces(normal_forms(self.page.unlinked[:LONGEST_TEXT]))

    @cached_property
    def rows(self) -> tuple[Link, ...]:
        """Links to reports, as a list of them has."""
        return tuple(
            link
            for link in self.page.links
            if not link.in_furniture and judge_title(link.title, in_report_column=False).follow
        )

    @cached_property
    def is_mostly_links(self) -> bool:
        """Whether most of what is shown are links, as on a home page or a list; one of reports may be short."""
        links = [link for link in self.page.links if len(link.title) >= 4]
        linked = sum(len(without_spaces(link.title)) for link in links)
        return (len(links) >= MANY_LINKS or len(self.rows) >= SOME_ROWS) and linked * 2 >= len(self.text)


def judge_article(title: str, article: Article) -> Judgement:
    """What the page behind a row is.

    Args:
        title: the row's title.
        article: the page.
    """
    unlike = _as_the_row_would_say(title, article)
    if unlike is not None:
        return unlike
    if article.marks >= ENOUGH:
        near = next((verdict for own in article.titles[:1] if (verdict := judge_title(own)).is_near_miss), None)
        if near is not None and near.reason.startswith("a reading") and not judge_title(title).is_near_miss:
            return Judgement(Kind.CANDIDATE, f"{near.reason}, by the page's own title")
        return Judgement(Kind.REPORT)
    titled = article.is_titled(title)
    if len(article.rows) >= SOME_ROWS and not titled and _may_be_collection(title):
        return Judgement(Kind.LIST, "a list of reports behind a row of the list")
    if article.is_mostly_links and not (titled and article.has_content_elsewhere):
        return _list_or_other(title, article, titled)
    for own in article.titles[:1]:
        verdict = judge_title(own)
        if verdict.is_near_miss and not verdict.reason.startswith(("news", "a notice")):
            return Judgement(Kind.CANDIDATE, f"{verdict.reason}, by the page's own title")
    for reason, pattern, enough in AGAINST:
        if enough == 1 and (article.marks > 1 or article.has_content_elsewhere or len(article.body) > LONGEST_NEWS):
            continue  # one word is too little against a page that is long, or may carry the report otherwise
        if len({match.group() for match in pattern.finditer(article.unlinked)}) >= enough:
            return Judgement(Kind.CANDIDATE, reason)
    if _tells_of_something_else(article):
        return Judgement(Kind.CANDIDATE, "the text of the page does not speak of disclosure")
    says_nothing = not (
        article.marks or titled or article.has_content_elsewhere or ABOUT_OPENNESS.search(article.unlinked)
    )
    if says_nothing and len(article.text) >= SHORT:
        return Judgement(Kind.CANDIDATE, "nothing on the page reads like a report, nor has it the title of its row")
    if _is_no_part_of_the_form(title, article):
        return Judgement(Kind.CANDIDATE, NO_PART)
    return _report_unless_blank(title, article)


def _as_the_row_would_say(title: str, article: Article) -> Judgement | None:
    """What the page's own title rules out, where the row shows no more than its beginning."""
    row, own = _bare(title), next(iter(article.titles), "")
    if len(row) < LEAST_BEGINNING or not own.startswith(row) or own == row:
        return None
    verdict = judge_title(own, in_report_column=True)
    if verdict.follow or not (verdict.is_near_miss or verdict.is_other_subject):
        return None
    return Judgement(Kind.CANDIDATE, f"{verdict.reason}, by the page's own title")


def _tells_of_something_else(article: Article) -> bool:
    """Whether a long text, most of what the page shows, never mentions disclosure."""
    body = article.body
    return (
        len(body) >= SHORT
        and len(body) * 2 >= len(article.unlinked)
        and not article.has_content_elsewhere
        and not DISCLOSURE.search(body)
    )


def _is_no_part_of_the_form(title: str, article: Article) -> bool:
    """Whether a text, all that the page shows, says nothing that a report says; hardly anything if doubtful."""
    is_doubtful = DOUBTFUL.search(_bare(title)) is not None
    return (
        article.marks <= is_doubtful
        and len(article.body) >= (SHORT if is_doubtful else LONG)
        and article.is_all_prose
        and not IN_PROSE.search(normal_forms(article.body))
    )


def _report_unless_blank(title: str, article: Article) -> Judgement:
    may_be_elsewhere = article.has_content_elsewhere or bool(article.page.scripted_files)
    if not may_be_elsewhere and is_blank(article.page, (title, *article.titles)):
        return Judgement(Kind.CANDIDATE, BLANK)
    return Judgement(Kind.REPORT)


def _may_be_collection(title: str) -> bool:
    bare = _bare(title)
    return not (IS_REPORT.search(bare) and ABOUT_OPENNESS.search(bare)) or bool(COLLECTION.search(bare))


def _list_or_other(title: str, article: Article, titled: bool) -> Judgement:
    if len(article.rows) >= SOME_ROWS and _may_be_collection(title):
        return Judgement(Kind.LIST, "a list of reports behind a row of the list")
    if titled or any(hands_out_file(link.url, link.title) and not link.in_furniture for link in article.page.links):
        return _report_unless_blank(title, article)
    return Judgement(Kind.OTHER_PAGE, "a page of links that is not titled as the row")


def _bare(title: str) -> str:
    return CUT.sub("", without_spaces(normal_forms(title)))


def _alike(wanted: str, found: str) -> bool:
    """Whether a title is found again: most of its pairs of characters."""
    if not wanted or not found:
        return False
    if wanted in found or (len(found) >= 6 and found in wanted):
        return True
    pairs = {wanted[at : at + 2] for at in range(len(wanted) - 1)}
    return bool(pairs) and sum(pair in found for pair in pairs) >= 0.6 * len(pairs)


def _body_of(tree: Any) -> Any:
    if tree is None:
        return None
    sizes: dict[Any, int] = {}
    for element in tree.iter("p", "table"):
        above = element.getparent()
        if above is not None and above.tag not in ("td", "th", "li"):
            sizes[above] = sizes.get(above, 0) + len(text_of(element))
    return max(sizes, key=lambda element: sizes[element], default=None)
