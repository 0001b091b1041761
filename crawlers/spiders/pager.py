"""What a list page says about its own place: which page of how many, how many rows, and the links around it.

Belongs here: reading `1/11`, `共52条`, 下页, and the counts in scripts. Does not belong here: which page to ask for
next (the family's spider).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crawlers.pages import Page

__all__ = ["Pager", "read_pager"]

NEXT = re.compile(r"^(?:下一?页|后一?页|向后|next(?:page)?|[>›»]{1,2})[>›»]*$", re.IGNORECASE)
PREVIOUS = re.compile(r"^[<‹«]*(?:上一?页|前一?页|向前|prev(?:ious)?(?:page)?|[<‹«]{1,2})$", re.IGNORECASE)
LAST = re.compile(r"^(?:尾页|末页|最后一?页|最末页|last(?:page)?|[>›»]{3}|[>›»]\|)$", re.IGNORECASE)
NUMBERED = re.compile(r"^[\[(（]?(?:(?:转到|跳转到|到)?第)?(\d{1,4})页?[\])）]?$")
OF = re.compile(r"^第?\s*(\d{1,4})\s*页?\s*[/／]\s*共?\s*(\d{1,4})\s*页?$")
OF_IN_TEXT = re.compile(r"(?<![\d/／.-])(\d{1,4})\s*页?\s*[/／]\s*(?:共|总)?\s*(\d{1,4})(?![\d/／.-])")
NUMBER_IN_TEXT = re.compile(r"(?:第|当前(?:为|是|页)?[:：]?第?)\s*(\d{1,4})\s*页")
PAGES_IN_TEXT = re.compile(r"(?:共|总)(?:计|页数)?[:：]?\s*(\d{1,4})\s*页|总页数[:：]?\s*(\d{1,4})")
ROWS_IN_TEXT = re.compile(
    r"(?:共|总)(?:计|有|数)?[:：]?\s*(\d{1,6})\s*(?:条|篇|个)|(?:总记录数?|总条数|总数)[:：]?\s*(\d{1,6})"
)
PAGES_IN_SCRIPT = re.compile(
    r"(?<![A-Za-z_])[\"']?(?:pageCount|totalPages?|countPage|pageTotal|totalPageNum|maxPage)[\"']?\s*[:=]\s*[\"']?(\d{1,4})(?!\d)",
    re.IGNORECASE,
)
ROWS_IN_SCRIPT = re.compile(
    r"(?<![A-Za-z_])[\"']?(?:totalRecords?|totalCount|recordCount|totalRows?|totalNum|total|infoCount)[\"']?\s*[:=]\s*"
    r"[\"']?(\d{1,6})(?!\d)",
    re.IGNORECASE,
)
FIRST_YEAR = 1900
"""From here on a number that stands alone is a year, no page."""
TITLE = 6
"""Characters from which a link's text is a title, no 下一页."""
SHORT = 60
"""Characters of a text that may state a page's place: a sentence of an article is longer."""


@dataclass(frozen=True, slots=True)
class Pager:
    """The place of a list page, as far as the page states it."""

    number: int | None = None
    """Which page this is, from 1."""
    pages: int | None = None
    rows: int | None = None
    next: str | None = None
    previous: str | None = None
    last: str | None = None
    numbered: Mapping[int, str] | None = None
    """Links to pages by the number shown."""

    @property
    def is_silent(self) -> bool:
        """Whether the page says nothing at all about other pages."""
        return self.pages is None and self.rows is None and not (self.next or self.last or self.numbered)


def read_pager(page: Page) -> Pager:
    """The place of a list page, from its links, its visible text and its scripts."""
    following = previous = last = None
    numbered: dict[int, str] = {}
    for link in page.links:
        label = "".join(link.title.split())
        number = NUMBERED.match(label)
        if NEXT.match(label):
            following = following or link.url
        elif PREVIOUS.match(label):
            previous = previous or link.url
        elif LAST.match(label):
            last = last or link.url
        elif number and 0 < int(number.group(1)) < FIRST_YEAR:
            numbered.setdefault(int(number.group(1)), link.url)
    number_here, pages, rows = _stated(page)
    if number_here is None:
        number_here = _marked(page.tree)
    if pages is None and numbered and numbered[max(numbered)] == last:
        pages = max(numbered)  # "1 2 3 … 11 尾页": the last number leads where 尾页 leads
    return Pager(number_here, pages, rows, following, previous, last, numbered or None)


def _stated(page: Page) -> tuple[int | None, int | None, int | None]:
    number = pages = rows = None
    for text in _short_texts(page.tree):
        of = OF.match(text) or OF_IN_TEXT.search(text)
        if of and number is None and 0 < int(of.group(1)) <= int(of.group(2)):
            number, pages = int(of.group(1)), int(of.group(2))
        if number is None and (match := NUMBER_IN_TEXT.search(text)):
            number = int(match.group(1))
        if pages is None and (match := PAGES_IN_TEXT.search(text)):
            pages = int(match.group(1) or match.group(2))
        if rows is None and (match := ROWS_IN_TEXT.search(text)):
            rows = int(match.group(1) or match.group(2))
    if pages is None and (match := PAGES_IN_SCRIPT.search(page.text)):
        pages = int(match.group(1))
    if rows is None and (match := ROWS_IN_SCRIPT.search(page.text)):
        rows = int(match.group(1))
    return number, pages or None, rows


def _short_texts(tree: Any) -> list[str]:
    """The texts of small elements outside links and list rows: where pagers state their place."""
    if tree is None:
        return []
    found = []
    for element in tree.iter("span", "div", "p", "td", "li", "em", "b", "strong", "label", "i", "font"):
        text = _short_text(element)
        if text is None:  # a box of many things: only what stands in it directly
            own = " ".join(" ".join([element.text or "", *(child.tail or "" for child in element)]).split())
            text = own if len(own) <= SHORT else ""
        if text and any(character.isdigit() for character in text) and not _is_of_a_row(element):
            found.append(text)
    return found


def _short_text(element: Any) -> str | None:
    """The text of an element; None as soon as it is longer than a pager's.

    The texts of its parts are kept apart: `<span>1/11</span><span>1</span><a>2</a>` is page 1 of 11, not of 1112.
    """
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        if isinstance(part, str):
            parts.append(part)
            size += len(part.strip())
            if size > SHORT:
                return None
    return " ".join(" ".join(parts).split())


def _is_of_a_row(element: Any) -> bool:
    """Whether an element belongs to a row of the list: a date such as 01/29 there is no page of pages."""
    for _ in range(3):
        if element is None:
            return False
        if element.tag == "a":
            return True
        if element.tag in ("li", "tr", "dd", "dt"):
            return any(len("".join(anchor.itertext()).strip()) >= TITLE for anchor in element.iter("a"))
        element = element.getparent()
    return False


def _marked(tree: Any) -> int | None:
    """The number of the page that is marked as the one shown: `<span class="p_no_d">3</span>`."""
    if tree is None:
        return None
    for element in tree.iter("span", "b", "strong", "a", "em", "li"):
        kind = str(element.get("class") or "")
        if re.search(r"\bp_no_d\b|\b(?:current|curr|cur|active|on|this|selected)\b", kind):
            text = "".join(part for part in element.itertext() if isinstance(part, str)).strip()
            if text.isdigit() and 0 < int(text) < FIRST_YEAR:
                return int(text)
    return None
