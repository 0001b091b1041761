"""What a column page holds, told from its links alone: entries, years, bodies with columns, further pages.

Belongs here: pure rules over one page that fit any family. Does not belong here: which page to ask for (`spiders`),
what one address or title is (`links`), how addresses of further pages are made up (`page_numbers`).

Portals build lists in every way there is. What they share: entries stand together in one list or table, most with a
date; years are called `2023年`; further pages are called by number or 下一页. Nothing here knows a class name.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from crawlers.hosts import host_key
from crawlers.links import SPACES, directory_of, identity_key, is_attachment, judge_title
from crawlers.page_numbers import has_page_parameter
from crawlers.pages import Link, Page, address_of

__all__ = [
    "Entries",
    "Pager",
    "find_entries",
    "folder_of_articles",
    "is_below",
    "is_page_of",
    "is_year",
    "looks_like_article",
    "looks_like_column",
    "read_pager",
]

YEAR_ONLY = re.compile(r"^[\[【(（]?((?:19|20)\d\d)年?度?[\]】)）]?$")
YEAR_COLUMN = re.compile(
    r"^(?:19|20)\d\d年?度?(?:政府信息公开|信息公开|政务公开)?(?:工作)?(?:年度)?(?:年报|报告|年度报告)?$"
)
COLUMN_NAME = re.compile(
    r"^(?:本级|部门|各部门|镇街|往年|历年)?(?:政府)?(?:信息公开|政务公开)?(?:工作)?(?:年度报告|年报|年度工作报告|公开年报)$"
)
"""What the column itself is called: a menu's link to it, unless a date or a document's address says otherwise."""
PAST_YEARS = re.compile(
    r"^(?:(?:19|20)\d\d年?(?:[-—–~至到](?:19|20)\d\d年?度?|度?(?:及其?)?(?:以前|之前|前))|往年|历年)(?:年报|年度报告|报告)?$"
)
KIND_OF_BODIES = re.compile(
    r"^(?:本级|县政府|区政府|市政府|各?部门|县直|区直|市直|镇街|乡镇|各?镇|街道|镇办|乡街|直属|县级|区级|市级|往年|历年|下级|垂直)"
    r"[\u4e00-\u9fff（()）、]{0,12}(?:年度报告|年报|报告)$"
)
"""A part of a column of reports: those of departments, of towns, of past years."""
CALLED_AFTER_REPORTS = re.compile(r"(?:信息公开|政务公开).{0,8}(?:年报|年度报告)|^\s*(?:公开)?(?:年报|年度报告)")
NAMES_OF_COLUMN = frozenset({"ColumnName", "columnname", "ColumnType", "columntype"})
CALENDAR_YEARS = range(1949, 2101)
ARTICLE = re.compile(
    r"\d{5,}[a-z]?(?:_\d+)?\.(?:s?html?|jhtml|jsp|aspx?|php)$"
    r"|/[0-9a-f]{24,40}(?:\.s?html?|/?)$|/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}(?:\.s?html?|/?)$"
    r"|(?:content|post|art|doc|show|detail|info|news|article)[-_/](?:\w+[-_/])*[0-9a-f]{3,}(?:\.\w{3,5})?$"
    r"|/\d{4}[/-]?\d{2}[/-]?\d{2}/|/\d{4}/\d{2}-\d{2}/",
    re.IGNORECASE,
)
ARTICLE_PARAMETER = re.compile(
    r"^(?:id|infoid|newsid|articleid|docid|contentid|wbnewsid|nid|aid|dept|area|fbtime)$", re.IGNORECASE
)
COLUMN_FILE = re.compile(
    r"/(?:index|list|default|column|channel|[a-z]?list|common_list)(?:[-_]\w{1,12})*\.\w{3,5}$", re.IGNORECASE
)
REPORT_SLUG = re.compile(r"nb(?![a-z])|ndbg|gknb|niandubaogao|nianbao|annual", re.IGNORECASE)
NAVIGATION = re.compile(
    r"^(?:第?\d{1,4}页|[\[【(（]第?(?!(?:19|20)\d\d)\d{1,4}页?[\])】）]|首页|尾页|末页|上一?页|下一?页|前一?页|后一?页|第一页|最后一页|跳转|go|更多|更多>*|more|返回.*|下载|打印|关闭|\W*)$",
    re.IGNORECASE,
)
PAGE_NUMBER = re.compile(r"^(?:第?(\d{1,4})页?|[\[【(（〔〈<«]\s*第?(\d{1,4})页?\s*[\])】）〕〉>»])$")
NEXT_WORDS = re.compile(r"^\W*(?:下一?[页頁]|后一?页|next(?:page)?)\W*$", re.IGNORECASE)
NEXT_SIGN = re.compile(r"^[>›»→﹥＞]$")
NEXT_CLASS = re.compile(r"(?:^|[\s_-])(?:page)?-?next(?:$|[\s_-]|page)|nextpage|p_next", re.IGNORECASE)
FORBIDDEN_CLASS = re.compile(r"disabled|p_no_d|p_next_d\b|unable|nolink", re.IGNORECASE)
LOCATION = re.compile(
    r"(?:location(?:\.href|\.replace|\.assign)?|window\.open)\s*(?:=|\()\s*(?:encodeURI\s*\(\s*)?(['\"])(?P<head>[^'\"]*)\1"
    r"(?:\s*\+\s*(?P<what>[\w.\[\]() ]{1,60}?)(?:\s*\+\s*(['\"])(?P<tail>[^'\"]*)\4)?\s*(?=[;)}\n]|$))?(?!\s*\+)"
)
"""Where a script goes: a fixed address, or one with a number put into it; an address put together otherwise is none."""
CALLED = re.compile(r"([A-Za-z_$][\w$]*)\s*\(([^()]*)\)")
DATE_PARAMETER = re.compile(r"^(?:date|day|month|year|ym|ymd|rq|riqi|y|m|d|nian|yue|starttime|endtime)$", re.IGNORECASE)
SIZE_PARAMETER = re.compile(r"^(?:page_?size|per_?page|size|limit|rows|num|order\w*|sort\w*)$", re.IGNORECASE)
DATE_VALUE = re.compile(r"^(?:19|20)\d\d(?:[-/.]?\d{1,2}){1,2}$")
PAGES_SAID = (
    re.compile(r"共(?:有|计)?\D{0,2}?(\d{1,4})页"),
    re.compile(r"(?:页次|页码|第|当前)[:：]?\d{1,4}/(\d{1,4})"),
    re.compile(r"(?<![\d/])\d{1,4}/(\d{1,4})页"),
    re.compile(r"总页数[:：]?(\d{1,4})"),
)
PAGES_IN_SCRIPT = re.compile(
    r"(?<![A-Za-z_])(?:total_?pages?|page_?count|count_?page|page_?total|pages_?total|totalPageNum)[\"']?\s*[:=]\s*[\"']?(\d{1,4})\b",
    re.IGNORECASE,
)
ROWS_SAID = re.compile(r"(?:共(?:有|计)?|总数[:：]?|总计)\D{0,2}?(\d{1,6})(?:条|项|篇)(?:记录|信息|数据|文件)?")
ROWS_IN_SCRIPT = re.compile(
    r"(?<![A-Za-z_])(?:total_?records?|total_?count|record_?count|total_?rows?|row_?count|totalNum|dataTotal)[\"']?\s*[:=]\s*[\"']?(\d{1,6})\b",
    re.IGNORECASE,
)
PAGE_IN_SCRIPT = re.compile(
    r"[\"']([^\"'<>\s]{1,200}[?&](?:cur_page|page|pageNo|pageNum|pageIndex|currpage|curPage|pn)=)\d*[\"']\s*(?:\+|;)"
)
"""An address in a script that ends where the number of a page belongs."""
LISTS = frozenset({"ul", "ol", "table", "dl", "select"})
SMALLEST_GROUP = 2
LARGEST_COLUMN_COUNT = 2000


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a list page says that its further pages are, and how many there are."""

    next_url: str | None = None
    numbered: Mapping[int, str] = field(default_factory=dict)
    pages: int | None = None
    rows: int | None = None
    template: tuple[str, str] | None = None
    """What stands before and after the number in the addresses that a script of the page makes."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The links of a column page, by what they lead to."""

    rows: tuple[Link, ...] = ()
    columns: tuple[Link, ...] = ()
    """Years, and bodies with a column of their own."""
    dated: int = 0
    """Rows that stand beside a date."""


# ---- addresses ------------------------------------------------------------------------------------------------------


def is_year(title: str) -> bool:
    """Whether a link's text names a year and nothing else."""
    return YEAR_ONLY.match(_plain(title)) is not None


def looks_like_article(url: str) -> bool:
    """Whether an address has the shape of one document rather than of a list."""
    parts = urlsplit(url)
    if COLUMN_FILE.search(parts.path):
        return False
    if ARTICLE.search(parts.path) or is_attachment(url):
        return True
    return any(ARTICLE_PARAMETER.match(name) for name, _ in parse_qsl(parts.query))


def looks_like_column(url: str) -> bool:
    """Whether an address has the shape of a list: a folder, or a file called index or list."""
    path = urlsplit(url).path
    if COLUMN_FILE.search(path):
        return True
    return not looks_like_article(url) and (path.endswith("/") or "." not in path.rpartition("/")[2])


def column_prefix(url: str) -> str:
    """Host and folder of a column."""
    return f"{host_key(url)}{urlsplit(directory_of(url)).path}"


def is_below(url: str, column_url: str) -> bool:
    """Whether an address lies in a column's folder or below."""
    return f"{host_key(url)}{urlsplit(url).path}".startswith(column_prefix(column_url))


def folder_of_articles(url: str) -> str:
    """Host and folder of a document without what changes with date or number: documents of one column share it."""
    parts = [re.sub(r"\d+", "#", part) for part in urlsplit(url).path.split("/")[:-1]]
    while parts and re.fullmatch(r"#(?:[-_]#)*[a-z]?|", parts[-1]):
        parts.pop()
    return f"{host_key(url)}{'/'.join(parts)}/"


def _shape(url: str) -> str:
    parts = urlsplit(url)
    names = "&".join(sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
    path = re.sub(r"[0-9a-f]{16,}|\d+", "#", parts.path)
    return f"{host_key(url)}{path}?{names}"


def _plain(text: str) -> str:
    return SPACES.sub("", unicodedata.normalize("NFKC", text))


# ---- entries --------------------------------------------------------------------------------------------------------


def find_entries(page: Page, *, depth: int = 0, deepest: int = 3) -> Entries:
    """The entries of a column page, and the columns below it.

    Args:
        page: the column page.
        depth: columns above it that were walked; the deepest has no columns below.
        deepest: how many columns may stand one below the other.
    """
    own = identity_key(page.url)
    groups = _groups(page)
    rows: dict[str, Link] = {}
    columns: dict[str, Link] = {}
    lists = _list_groups(page, groups, own)
    dated = 0
    for place, link in enumerate(page.links):
        title = _plain(link.title)
        key = identity_key(link.url)
        if key == own or NAVIGATION.match(title) or (title.isdigit() and not YEAR_ONLY.match(title)):
            continue
        if _is_column(link, title, page, groups[place] in lists) and depth < deepest:
            columns.setdefault(key, link)
        elif _is_row(link, title, groups[place] in lists) and not (YEAR_ONLY.match(title) and not link.in_row):
            # A twin on another host is a row of its own: which of them may be asked, the portal's entry says.
            key = f"{host_key(link.url).removeprefix('www.')} {key}"
            kept = rows.get(key)
            if kept is None or len(link.title) > len(kept.title):
                rows[key] = link
                dated += kept is None and link.in_row
    if depth < deepest:
        for link in _scripted_years(page):
            columns.setdefault(identity_key(link.url), link)
    columns.pop(own, None)
    named = {identity_key(link.url) for link in rows.values()}
    kept_columns = tuple(link for key, link in columns.items() if key not in named)[:LARGEST_COLUMN_COUNT]
    if not rows and not kept_columns and depth < deepest:
        kept_columns = tuple(_bodies(page, groups, lists))[:LARGEST_COLUMN_COUNT]
    return Entries(tuple(rows.values()), kept_columns, dated)


def _bodies(page: Page, groups: list[str], lists: set[str]) -> Iterator[Link]:
    """Bodies with columns of any address, where a page that is called after reports lists nothing else."""
    if not CALLED_AFTER_REPORTS.search(_named(page)):
        return
    met = {identity_key(page.url)}
    for place, link in enumerate(page.links):
        title, key = _plain(link.title), identity_key(link.url)
        is_own = host_key(link.url).removeprefix("www.") == host_key(page.url).removeprefix("www.")
        if groups[place] not in lists or not is_own or link.in_furniture or key in met or NAVIGATION.match(title):
            continue
        if looks_like_column(link.url) and judge_title(title, in_report_column=True).follow:
            met.add(key)
            yield link


def _named(page: Page) -> str:
    """What a page calls itself, in its title and its tags."""
    if page.tree is None:
        return ""
    tags = (str(meta.get("content") or "") for meta in page.tree.iter("meta") if meta.get("name") in NAMES_OF_COLUMN)
    titles = ("".join(part for part in title.itertext() if isinstance(part, str)) for title in page.tree.iter("title"))
    return " ".join((*tags, *titles))


def _scripted_years(page: Page) -> Iterator[Link]:
    """Years that a select box or a script's function leads to, such as `<li onclick="goYear(2022)">2022年</li>`."""
    tree = page.tree
    if tree is None:
        return
    for number, url in _options(page, tree):
        if number in CALENDAR_YEARS:
            yield Link(url=url, title=f"{number}年")
    for element in tree.iter("a", "li", "span", "button", "div"):
        if not element.get("onclick") and not str(element.get("href") or "").lower().startswith("javascript:"):
            continue
        text = _plain("".join(part for part in element.itertext() if isinstance(part, str)))
        match = YEAR_ONLY.match(text)
        target = _address(page, element, int(match.group(1)))[0] if match else None
        if target is not None and host_key(target) == host_key(page.url):
            yield Link(url=target, title=text)


def _is_column(link: Link, title: str, page: Page, in_list: bool) -> bool:
    if is_attachment(link.url) or (link.in_row and not YEAR_ONLY.match(title)):
        return False
    if YEAR_ONLY.match(title):
        # A year is a filter or an archive page wherever it stands, unless its row has a date: then it is an entry.
        return not (link.in_row and looks_like_article(link.url))
    if PAST_YEARS.match(title):
        return host_key(link.url) == host_key(page.url)
    if not looks_like_column(link.url) or judge_title(title).is_near_miss:
        return False
    strict = judge_title(title, in_report_column=False).follow
    is_named = YEAR_COLUMN.match(title) is not None or KIND_OF_BODIES.search(title) is not None
    if _is_strictly_below(link.url, page.url):
        # A folder below the column is a part of it, unless its name is that of one report.
        return is_named or not (strict and re.search(r"(?:19|20)\d\d", title))
    if link.in_furniture:
        return False
    if YEAR_COLUMN.match(title) and title[:2].isdigit():
        return True
    if is_named and is_below(link.url, _parent(page.url)):
        return True
    if not in_list or strict:
        return False
    # A body's own column elsewhere: called like a column of reports, or of the same make as this page.
    kin = REPORT_SLUG.search(urlsplit(link.url).path) or _shape(link.url) == _shape(page.url)
    return bool(kin) and judge_title(title, in_report_column=True).follow


def _is_strictly_below(url: str, column_url: str) -> bool:
    folder, own = urlsplit(directory_of(column_url)).path, urlsplit(directory_of(url)).path
    return folder != "/" and folder != own and is_below(url, column_url)


def _parent(url: str) -> str:
    """The folder above a column's; the column itself where that would be the whole host."""
    folder = directory_of(url)
    above = urljoin(folder, "../")
    return folder if urlsplit(above).path == "/" else above


def _is_row(link: Link, title: str, in_list: bool) -> bool:
    strict = judge_title(link.title, in_report_column=False).follow
    if link.in_row:
        return not link.in_furniture or strict
    if is_attachment(link.url):
        return strict or (in_list and not link.in_furniture)
    if link.in_furniture or COLUMN_NAME.match(title):
        return strict and looks_like_article(link.url)
    return strict or (in_list and not (looks_like_column(link.url) and not judge_title(title).follow))


def _groups(page: Page) -> list[str]:
    """For each link of the page the list, table or box that it stands in."""
    tree = page.tree
    if tree is None:
        return [""] * len(page.links)
    root = tree.getroottree()
    by_address: dict[str, list[str]] = {}
    for anchor in tree.iter("a", "area"):
        href = address_of(anchor)
        by_address.setdefault(href, []).append(_group_of(anchor, root))
    met: Counter[str] = Counter()
    groups = []
    for link in page.links:
        known = by_address.get(link.href.strip(), [""])
        groups.append(known[min(met[link.href], len(known) - 1)])
        met[link.href] += 1
    return groups


def _group_of(anchor: Any, root: Any) -> str:
    element, last = anchor.getparent(), anchor
    for _ in range(7):
        if element is None or element.tag in ("body", "html"):
            break
        last = element
        if element.tag in LISTS:
            return str(root.getpath(element))
        if element.tag not in ("li", "tr", "td", "dd", "dt", "p", "span") and len(element.findall(".//a")) > 2:
            return str(root.getpath(element))
        element = element.getparent()
    return str(root.getpath(last))


def _list_groups(page: Page, groups: list[str], own: str) -> set[str]:
    """The groups that hold entries: links with dates, or mostly titles that a column of reports would hold."""
    members: dict[str, list[Link]] = {}
    for place, link in enumerate(page.links):
        if identity_key(link.url) != own and _plain(link.title):
            members.setdefault(groups[place], []).append(link)
    found = set()
    for group, links in members.items():
        titled = [
            link for link in links if not NAVIGATION.match(_plain(link.title)) and not _plain(link.title).isdigit()
        ]
        if not titled:
            continue
        strict = sum(judge_title(link.title, in_report_column=False).follow for link in titled)
        likely = sum(judge_title(link.title, in_report_column=True).follow for link in titled)
        dated = sum(link.in_row for link in titled)
        furniture = sum(link.in_furniture for link in titled)
        if furniture * 2 > len(titled) and not strict:
            continue
        mostly = len(titled) > SMALLEST_GROUP and likely * 3 >= len(titled) * 2
        if dated * 2 >= len(titled) or (strict and likely * 2 >= len(titled)) or mostly:
            found.add(group)
    return found


# ---- further pages --------------------------------------------------------------------------------------------------


def read_pager(page: Page) -> Pager:
    """The further pages that a list page names: by 下一页, by number, in a select box, or in a script's function."""
    tree = page.tree
    if tree is None:
        return Pager()
    following: list[tuple[int, str]] = []
    numbered: dict[int, str] = {}
    template = None
    for element in tree.iter("a", "button", "span", "li", "input", "link", "area"):
        text = _plain("".join(part for part in element.itertext() if isinstance(part, str)))
        if len(text) > 12:
            continue
        rank = _next_rank(element, text)
        number = int(named.group(1) or named.group(2)) if (named := PAGE_NUMBER.match(text)) else None
        if rank is None and (number is None or number in CALENDAR_YEARS):
            continue
        url, made = _address(page, element, number)
        template = template or made
        if url is None or not is_page_of(url, page.url):
            continue
        if rank is not None:
            following.append((rank, url))
        elif number is not None:
            numbered.setdefault(number, url)
    for number, url in _options(page, tree):
        if number not in CALENDAR_YEARS and is_page_of(url, page.url):
            numbered.setdefault(number, url)
    bare = PAGE_IN_SCRIPT.search(page.text) if template is None else None
    template = (bare.group(1), "") if bare else template
    shown = _figures_apart(tree)
    pages = max((int(found) for pattern in PAGES_SAID for found in pattern.findall(shown)), default=0) or max(
        (int(found) for found in PAGES_IN_SCRIPT.findall(page.text)), default=0
    )
    rows = max((int(found) for found in ROWS_SAID.findall(shown)), default=0) or max(
        (int(found) for found in ROWS_IN_SCRIPT.findall(page.text)), default=0
    )
    return Pager(
        next_url=min(following, key=lambda found: found[0])[1] if following else None,
        numbered=numbered,
        pages=pages or None,
        rows=rows or None,
        template=template,
    )


def _figures_apart(tree: Any) -> str:
    """What is shown, spaces taken out but those between figures: `页次：1/3` and a link `1` are not `1/31`."""
    parts = tree.xpath("//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::head)]")
    text = unicodedata.normalize("NFKC", " ".join(parts))
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text)


def _next_rank(element: Any, text: str) -> int | None:
    """How surely an element leads to the next page, the surest first; None where it does not."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    if FORBIDDEN_CLASS.search(named):
        return None
    if NEXT_WORDS.match(text):
        return 0
    if element.tag == "link":
        return 1 if str(element.get("rel") or "").lower() == "next" else None
    said = _plain(f"{element.get('title') or ''}{element.get('value') or ''}{element.get('aria-label') or ''}")
    if str(element.get("rel") or "").lower() == "next" or NEXT_WORDS.match(said):
        return 1
    images = "".join(_plain(f"{image.get('alt') or ''}") for image in element.iter("img")) if not text else ""
    if images and NEXT_WORDS.match(images):
        return 1
    if NEXT_SIGN.match(text):
        return 2
    return (
        3
        if not text.isdigit() and NEXT_CLASS.search(named) and element.tag in ("a", "button") and len(text) < 3
        else None
    )


def _address(page: Page, element: Any, number: int | None) -> tuple[str | None, tuple[str, str] | None]:
    """Where an element leads, and the pattern of addresses where a script's function makes them."""
    href = str(element.get("href") or "")
    url = page.resolve(href)
    if url is not None and identity_key(url) != identity_key(page.url):
        return url, None
    code = href if href.lower().startswith("javascript:") else ""
    code = f"{code};{element.get('onclick') or ''}"
    match = LOCATION.search(code)
    if match and not match.group("what"):
        return page.resolve(match.group("head")), None
    for name, arguments in CALLED.findall(code):
        made = _template(page.text, name)
        numbers = re.findall(r"\d+", arguments)
        if made is not None:
            wanted = numbers[0] if numbers else None if number is None else str(number)
            return (None if wanted is None else page.resolve(f"{made[0]}{wanted}{made[1]}")), made
    return page.resolve(address_of(element)), None  # a call that is handed the address, such as toPage('list-2.shtml')


def _template(text: str, name: str) -> tuple[str, str] | None:
    """What a function of the page puts before and after the number to which it goes."""
    body = re.search(rf"function\s+{re.escape(name)}\s*\([^)]*\)\s*\{{(.{{0,800}})", text, re.DOTALL) or re.search(
        rf"\b{re.escape(name)}\s*[:=]\s*(?:function\s*\([^)]*\)|\([^)]*\)\s*=>)\s*\{{(.{{0,800}})", text, re.DOTALL
    )
    for match in LOCATION.finditer(body.group(1)) if body else ():
        if match.group("what"):  # another place without a number is the first page
            return match.group("head"), match.group("tail") or ""
    return None


def _options(page: Page, tree: Any) -> Iterator[tuple[int, str]]:
    """Pages or years that a select box names."""
    for select in tree.iter("select"):
        change = str(select.get("onchange") or "")
        match = LOCATION.search(change)
        made = (match.group("head"), match.group("tail") or "") if match and match.group("what") else None
        if made is None:
            made = next((found for name, _ in CALLED.findall(change) if (found := _template(page.text, name))), None)
        for option in select.iter("option"):
            text = re.sub(r"\D", "", _plain("".join(part for part in option.itertext() if isinstance(part, str))))
            value = str(option.get("value") or "").strip()
            if not text:
                continue
            if re.search(r"[./?]", value):
                url = page.resolve(value)
            else:
                url = page.resolve(f"{made[0]}{value}{made[1]}") if made and value.isdigit() else None
            if url is not None:
                yield int(text), url


def is_page_of(url: str, page_url: str) -> bool:
    """Whether an address can be another page of the same list: of the same folder or make, and no other month."""
    if host_key(url).removeprefix("www.") != host_key(page_url).removeprefix("www."):
        return False
    here, there = urlsplit(page_url), urlsplit(url)
    folder = urlsplit(directory_of(page_url)).path
    stem = re.sub(r"\.\w{2,5}$", "", here.path)
    counted = has_page_parameter(url)  # a first page may be a file, and the others a program's
    if not counted and not (
        there.path.startswith((folder, stem)) or _shape(url).partition("?")[0] == _shape(page_url).partition("?")[0]
    ):
        return False
    before = dict(parse_qsl(here.query, keep_blank_values=True))
    changed = {name: value for name, value in parse_qsl(there.query) if before.get(name) != value}
    if changed and all(DATE_PARAMETER.match(name) or DATE_VALUE.match(value) for name, value in changed.items()):
        return False  # a calendar, which never ends
    if changed and all(SIZE_PARAMETER.match(name) for name in changed):
        return False  # the same rows, more or fewer of them at once
    return not re.search(r"/(?:19|20)\d\d[-/]\d{1,2}(?:[-/]\d{1,2})?/?$", there.path)
