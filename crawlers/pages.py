"""A page as bytes became text, and the links in it.

Belongs here: decoding, parsing, link text and the date beside a link. Does not belong here: what a link is for
(`links`) and how a family arranges its lists (`spiders`).
"""

import codecs
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from lxml import etree

from crawlers.links import behind_viewer, count_dates, directory_of, find_date, is_attachment, resolve, without_spaces
from crawlers.scripts import files_named, unfold

__all__ = ["Link", "Page", "address_of", "decode", "links_in_fragment", "text_of", "visible_text"]

Resolver = Callable[[str], str | None]
"""Makes the address of a link, as it is written, absolute."""

META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
BASE = re.compile(r"<base[^>]+href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
HIDDEN = ("script", "style", "head", "noscript", etree.Comment, etree.ProcessingInstruction)
"""What no reader sees."""
BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
ROW_TAGS = frozenset({"li", "tr", "dd", "dt", "p"})
FURNITURE = re.compile(r"foot|header|nav|menu|banner|sidebar|breadcrumb|crumb|share|friend", re.IGNORECASE)
MAX_ROW_TEXT = 600
OPENS = re.compile(
    r"(?:\blocation(?:\s*\.\s*href)?\s*=|\b(?:location\s*\.\s*(?:replace|assign)|open)\s*\()\s*"
    r"([\"'])(?P<url>[^\"'+]+)\1(?!\s*\+)"
)
"""A script that goes to a plain address; one put together from pieces is no address yet."""
HANDS_OVER = re.compile(
    r"[A-Za-z_$][\w$]*\s*\(\s*(?:this\s*,\s*)?([\"'])(?P<url>(?:https?:/|\.{1,2})?/[^\"'\s]+|[^\"'\s]+\.(?:s?html?|jhtml|pdf|docx?|wps))\1"
)
"""A call of the page's own that is handed an address."""
PRESSED: Any = etree.XPath("//@onclick/parent::*[self::li or self::tr or self::td or self::dd or self::p or self::div]")
DATA_ADDRESSES = ("data-url", "data-href", "data-link")
LEAST_TITLE = 4
DATED = re.compile(r"[\[(（]?(?:19|20)\d\d\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}日?[\])）]?")
SAYS_LITTLE = re.compile(r"\W+|详情|详细|查看|更多|阅读|点击|进入|全文|下载|浏览|more", re.IGNORECASE)
"""Words of a second link to the same page, beside the one that carries the title."""


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """The text of a page and the rule that found its encoding.

    Order: byte order mark, UTF-8 if it fits, the page's own declaration, the header, GB18030. GB2312 and GBK are read
    as GB18030, their superset; ISO-8859-1 is never believed of a Chinese page.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), "bom"
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    declared = META_CHARSET.search(body[:4096])
    header = HEADER_CHARSET.search(content_type)
    for rule, label in (
        ("meta", declared.group(1).decode("ascii") if declared else ""),
        ("header", header.group(1) if header else ""),
    ):
        codec = _codec(label)
        if codec is not None:
            return body.decode(codec, "replace"), rule
    return body.decode("gb18030", "replace"), "gb18030"


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return None
    if name in ("gb2312", "gbk", "gb18030", "hz"):
        return "gb18030"
    # A page that says UTF-8 and is not: nearly always GB18030 with a wrong label, or UTF-8 with a few broken bytes.
    return None if name in ("iso8859-1", "cp1252", "ascii", "utf-8") else name


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: where to, under which text, with which date beside it."""

    url: str
    title: str
    date: str | None = None
    href: str = ""
    in_row: bool = False
    """Whether it stands in a list item or table row with a date: the shape of a list entry."""
    in_furniture: bool = False
    """Whether it stands in the page's head, foot or navigation."""


@dataclass(frozen=True)
class Page:
    """The bytes of a page and the address they came from."""

    url: str
    body: bytes
    content_type: str = ""

    @cached_property
    def text(self) -> str:
        """The page as text."""
        return decode(self.body, self.content_type)[0]

    @cached_property
    def base(self) -> str:
        """What relative links are meant against."""
        return self._stated_base or directory_of(self.url)

    @cached_property
    def _stated_base(self) -> str | None:
        match = BASE.search(self.text[:8192]) if "<base" in self.text[:8192].lower() else None
        return resolve(self.url, match.group(1)) if match else None

    def resolve(self, href: str) -> str | None:
        """The absolute address of a link of this page; `?page=2` is meant against the page itself, not its folder."""
        if href.lstrip()[:1] == "?":
            return resolve(self._stated_base or self.url, href)
        return resolve(self.base, href)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """All links of the page, in order."""
        return _links_of(self.tree, self.resolve)

    @cached_property
    def scripted_files(self) -> tuple[Link, ...]:
        """Files whose addresses stand only in the page's scripts."""
        found = (self.resolve(href) for href in files_named(self.text))
        shown = (behind_viewer(url) or url for url in found if url is not None)
        return tuple(Link(url=url, title="") for url in dict.fromkeys(shown) if is_attachment(url))

    @cached_property
    def tree(self) -> Any:
        """The parsed page; None where there is nothing to parse."""
        return parse(self.text)

    @property
    def shown(self) -> str:
        """What a reader sees, spaces taken out."""
        return self._readings[0]

    @property
    def unlinked(self) -> str:
        """What a reader sees outside links, spaces taken out: navigation and lists are links."""
        return self._readings[1]

    @cached_property
    def _readings(self) -> tuple[str, str]:
        return _texts_of(self.tree)


def parse(text: str) -> Any:
    """The lenient HTML tree of a text, with the HTML that its script holds; None where it holds no element."""
    text = BARE_AMPERSAND.sub("&amp;", unfold(text)).replace("\x00", "")
    declared = XML_DECLARATION.match(text)  # which `fromstring` refuses in a text
    if declared is not None:
        text = text[declared.end() :]
    if not text or text.isspace():
        return None
    try:
        # Plain elements: the classes of lxml.html cost a look-up in Python for each element that is touched.
        return etree.fromstring(text, parser=etree.HTMLParser(huge_tree=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def visible_text(text: str) -> str:
    """What a reader sees of a text that is a page, spaces taken out."""
    return _texts_of(parse(text))[0]


def _texts_of(tree: Any) -> tuple[str, str]:
    """What is shown, and what of it stands outside links; from one copy, for libxml2 walks it faster than we do."""
    if tree is None:
        return "", ""
    copied = deepcopy(tree)
    etree.strip_elements(copied, *HIDDEN, with_tail=False)
    shown = without_spaces(text_of(copied))
    etree.strip_elements(copied, "a", with_tail=False)
    return shown, without_spaces(text_of(copied))


def text_of(element: Any) -> str:
    """All text in an element, comments left out."""
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False))


def links_in_fragment(text: str, base: str) -> tuple[Link, ...]:
    """All links in a piece of HTML, in order, each with its longest text and the date of its row."""
    return _links_of(parse(text), partial(resolve, base))


def _links_of(tree: Any, resolved: Resolver) -> tuple[Link, ...]:
    if tree is None:
        return ()
    found: list[Link] = []
    for anchor in tree.iter("a", "area"):
        href = address_of(anchor)
        url = resolved(href)
        if url is None:
            continue
        row = _row_of(anchor)
        text_of_link = _text(anchor)
        date = (
            find_date(" ".join(part for part in row.itertext() if isinstance(part, str))) if row is not None else None
        )
        date = date or find_date(text_of_link)
        found.append(
            Link(
                url=url,
                title=_longest_title(anchor, text_of_link) or _pictured(anchor),
                date=date,
                href=href.strip(),
                in_row=row is not None and date is not None,
                in_furniture=_in_furniture(anchor),
            )
        )
    found += _pressed(tree, resolved, {link.url for link in found})
    found = _with_titles_of_rows(tree, resolved, _with_the_best_titles(found))
    for frame in tree.iter("iframe", "embed", "object"):
        source = str(frame.get("src") or frame.get("data") or "")
        url = resolved(source)
        shown = url if url is None or is_attachment(url) else behind_viewer(url)
        if shown is not None:
            found.append(Link(url=shown, title="", href=source))
    return tuple(found)


def address_of(anchor: Any) -> str:
    """Where a link leads, as it is written: by its address, by a plain call that opens one, or by its data."""
    href = str(anchor.get("href") or "").strip()
    is_code = href[:11].lower() == "javascript:"
    if href and not is_code and not href.startswith("#"):
        return href
    for code in (href if is_code else "", str(anchor.get("onclick") or "")):
        match = OPENS.search(code) or HANDS_OVER.search(code)
        if match is not None:
            return match.group("url").strip()
    return next((value.strip() for name in DATA_ADDRESSES if (value := str(anchor.get(name) or ""))), href)


def _pressed(tree: Any, resolved: Resolver, known: set[str]) -> list[Link]:
    """Rows that lead somewhere when they are pressed, without a link in them."""
    found = []
    for element in PRESSED(tree):
        url = resolved(address_of(element))
        text = _text(element)
        if (
            url is None
            or url in known
            or not text
            or len(text) > MAX_ROW_TEXT
            or element.find(".//a[@href]") is not None
        ):
            continue
        known.add(url)
        date = find_date(text)
        title = _longest_title(element, text)
        found.append(Link(url, title, date, address_of(element), date is not None, _in_furniture(element)))
    return found


def _with_the_best_titles(links: list[Link]) -> list[Link]:
    """A picture or a 详情 that leads to a page has the title of the other link to it."""
    titles: dict[str, str] = {}
    for link in links:
        if SAYS_LITTLE.sub("", link.title):
            titles.setdefault(link.url, link.title)
    return [
        link if SAYS_LITTLE.sub("", link.title) else replace(link, title=titles.get(link.url, link.title))
        for link in links
    ]


def _with_titles_of_rows(tree: Any, resolved: Resolver, links: list[Link]) -> list[Link]:
    """A link that says 查看, in a row of its own, has the title that stands beside it in the row."""
    if not any(link.in_row and not SAYS_LITTLE.sub("", link.title) for link in links):
        return links
    titles: dict[str, str] = {}
    for anchor in tree.iter("a"):
        url, row = resolved(address_of(anchor)), _row_of(anchor)
        if url is None or row is None or SAYS_LITTLE.sub("", _text(anchor)):
            continue
        cells = [_text(cell) for cell in row.iter("td", "span", "p", "h3", "h4", "div", "em", "b") if len(cell) == 0]
        own = DATED.sub("", " ".join(part for part in (row.text or "",) if part)).strip()
        best = max([*cells, own], key=lambda text: len(DATED.sub("", text)), default="")
        if len(best) >= LEAST_TITLE:
            titles.setdefault(url, best)
    return [
        link if SAYS_LITTLE.sub("", link.title) else replace(link, title=titles.get(link.url, link.title))
        for link in links
    ]


def _pictured(anchor: Any) -> str:
    """The words of a link that is a picture."""
    said = (str(image.get("alt") or image.get("title") or "") for image in anchor.iter("img"))
    return next((" ".join(text.split()) for text in said if text.strip()), "")


def _row_of(anchor: Any) -> Any:
    """The list item or table row around a link, if it is this link's own and not a box of many."""
    element = anchor.getparent()
    for _ in range(6):
        if element is None:
            return None
        if element.tag in ROW_TAGS or (element.tag == "div" and len(element.findall(".//a")) == 1):
            addresses = {str(other.get("href")) for other in element.iter("a") if other.get("href")}
            text = "".join(part for part in element.itertext() if isinstance(part, str))
            # A row may carry a link to its category or body beside the title; two dates mean a box of several rows.
            small = (
                len(text) <= MAX_ROW_TEXT and len(addresses) <= 3 and (len(addresses) == 1 or count_dates(text) <= 1)
            )
            if not small:
                return None
            if element.tag != "div" or find_date(text):
                return element
        element = element.getparent()
    return None


def _text(element: Any) -> str:
    return " ".join("".join(part for part in element.itertext() if isinstance(part, str)).split())


def _longest_title(anchor: Any, text: str) -> str:
    """The `title` attribute when it says more than the shown text, which portals cut with an ellipsis."""
    shown = re.sub(
        r"^[·•▪\-\s]+|\s*[\[(（]?(?:19|20)\d\d[-./年]?\s*\d{1,2}[-./月]\s*\d{1,2}日?[\])）]?\s*$"
        r"|(?<=\S)\s+\d{1,2}\s+(?:19|20)\d\d[-./年]\d{1,2}月?\s*$",
        "",
        text,
    ).strip()
    attribute = " ".join(str(anchor.get("title") or "").split())
    is_cut = shown.endswith(("…", "...", "．．．")) and bool(attribute)
    return attribute if is_cut or len(attribute) > len(shown) else shown


def _in_furniture(anchor: Any) -> bool:
    element = anchor
    while element is not None:
        if element.tag in ("header", "footer", "nav"):
            return True
        if element.tag not in ("body", "html") and FURNITURE.search(
            f"{element.get('class', '')} {element.get('id', '')}"
        ):
            return True
        element = element.getparent()
    return False
