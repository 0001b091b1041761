"""How the pages of a static list are numbered, as its first page states it.

Belongs here: calls of `createPageHTML`, `countPage`, rendered page links, the two meanings of a number. Does not belong
here: asking for the pages (`static_paged`).

Numbering is not uniform. `createPageHTML(9, 0, "index", "html")` counts from 0 and calls its second page
`index_1.html`; `createPageHTML('page_div', 10, 1, 'xlist', 'shtml', 189)` counts from 1 and calls it `xlist_2.shtml`;
some portals write the first form and mean the second. A page number alone does not tell them apart, a rendered link
does.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from crawlers.pages import Page

__all__ = ["Paging", "read_paging"]

CALL = re.compile(r"createPage\w*\s*\(([^()]{1,240})\)", re.IGNORECASE)
COUNT_PAGE = re.compile(r"\b(?:countPage|pageCount|totalPages?|nPageCount)\s*[=:]\s*[\"']?(\d+)", re.IGNORECASE)
CURRENT_PAGE = re.compile(r"\bcurrentPage\s*=\s*[\"']?(\d+)")
SUFFIX = re.compile(r"index[\"'_+\s.\w()\\-]{0,60}?[\"'.](shtml|html|htm)\b")
NUMBERED = re.compile(r"/[a-z][\w-]*?_\d+\.(shtml|html|htm)$", re.IGNORECASE)
SUFFIXES = ("html", "shtml", "htm")
NEXT_PAGE = re.compile(r"^\s*(?:下一?页|后一?页|下页|next(?:\s*page)?|>|»|›)[\s>»›]*$", re.IGNORECASE)
LAST_PAGE = re.compile(r"^\s*(?:尾页|末页|最后一?页|last(?:\s*page)?|>>|»»)\s*$", re.IGNORECASE)
COMMENT = re.compile(r"(?<!:)//|^\s*/?\*")
SCRIPT_TAG = re.compile(r"<script\b[^>]*>", re.IGNORECASE)
TEXT_IN_CODE = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True, slots=True)
class Paging:
    """How the pages of a list are numbered: the second page is `<prefix>_<1 + offset>.<suffix>`."""

    total: int
    prefix: str
    suffix: str
    offsets: tuple[Literal[0, 1], ...]
    """Meanings to try, the likelier first; one alone where the page itself shows a numbered link."""

    rows: int | None = None
    """How many rows the list says it holds, where it does."""

    def page(self, number: int, offset: int) -> str:
        """The file of a page, counted from 1."""
        return f"{self.prefix}.{self.suffix}" if number == 1 else f"{self.prefix}_{number - 1 + offset}.{self.suffix}"


@dataclass(frozen=True, slots=True)
class _Call:
    """What one call of the paging script says."""

    total: int
    current: int
    prefix: str
    suffix: str
    from_one: bool
    rows: int | None


def read_paging(page: Page) -> Paging | None:
    """The numbering that a first list page states, by script or by rendered links; None where it has one page."""
    own = _prefix_of(page)
    calls = [call for match in CALL.finditer(page.text) if (call := _read_call(match, page.text)) is not None]
    # Several lists may stand on one page: the one whose files are called like this page is its own.
    call = next((each for each in calls if each.prefix == own), calls[0] if calls else None)
    total, current = (call.total, call.current) if call else (0, None)
    if call is None:
        count, now = COUNT_PAGE.search(page.text), CURRENT_PAGE.search(page.text)
        total = int(count.group(1)) if count else 0
        current = int(now.group(1)) if now else None
    suffix = call.suffix if call and call.suffix else _suffix_of(page)
    prefix = call.prefix if call and call.prefix else own
    rendered = _rendered_offsets(page, prefix, suffix)
    if not total and rendered:
        total = max(number for number, _ in rendered)
    if total < 2:
        return None
    offsets: tuple[Literal[0, 1], ...]
    shown = {offset for number, offset in rendered if number == 2}
    if shown == {0} or shown == {1}:
        offsets = (0,) if shown == {0} else (1,)
    else:
        offsets = (1, 0) if (call and call.from_one) or current == 1 else (0, 1)
    return Paging(total, prefix, suffix, offsets, call.rows if call else None)


def _read_call(match: re.Match[str], text: str) -> _Call | None:
    """A call with figures; None for the function's own definition, and for a call that is a comment."""
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    # Of a page on one line only the script's own code counts, without its texts: addresses begin with // too.
    line = TEXT_IN_CODE.sub("", SCRIPT_TAG.split(line)[-1])
    if COMMENT.search(line) or re.search(r"\bfunction\s*$", line):
        return None
    words = [word.strip().strip("\"'") for word in match.group(1).split(",")]
    numbers = [(place, int(word)) for place, word in enumerate(words) if word.isdigit()]
    if len(numbers) < 2 or re.search(r"\bvar\b", match.group(1)):
        return None
    (first, one), (_, two) = numbers[:2]
    file = next((place for place in range(1, len(words)) if words[place].lower() in SUFFIXES), None)
    prefix = words[file - 1] if file is not None and re.fullmatch(r"[A-Za-z][\w-]*", words[file - 1]) else ""
    total, current = max(one, two), min(one, two)
    return _Call(
        total=total if one or two > 1 else 0,  # a list of no pages
        current=current,
        prefix=prefix,
        suffix=words[file].lower() if file is not None else "",
        # A container's name in front marks the dialect that counts from 1.
        from_one=first == 1,
        rows=next((number for _, number in numbers[2:] if number >= total), None),
    )


def _suffix_of(page: Page) -> str:
    name = urlsplit(page.url).path.rpartition("/")[2]
    if name.endswith((".html", ".shtml", ".htm")):
        return name.rpartition(".")[2]
    rendered = (NUMBERED.search(urlsplit(link.url).path) for link in page.links)
    match = next((found for found in rendered if found), None) or SUFFIX.search(page.text)
    return match.group(1).lower() if match else "html"


def _prefix_of(page: Page) -> str:
    name = urlsplit(page.url).path.rpartition("/")[2].rpartition(".")[0]
    return re.sub(r"_\d+$", "", name) or "index"


def _rendered_offsets(page: Page, prefix: str, suffix: str) -> list[tuple[int, int]]:
    """Page numbers and offsets of the numbered links that the page shows, such as `<a href="index_1.html">2</a>`."""
    pattern = re.compile(rf"(?:^|/){re.escape(prefix)}_(\d+)\.{re.escape(suffix)}$")
    found: list[tuple[int, int]] = []
    last = 0
    for link in page.links:
        match = pattern.search(urlsplit(link.url).path)
        if match is None:
            continue
        named, text = int(match.group(1)), link.title.strip("[]第页 ")
        if text.isdigit():
            number = int(text)
        elif NEXT_PAGE.match(link.title):
            number = 2
        else:
            last = max(last, named) if LAST_PAGE.match(link.title) else last
            continue
        offset = named - (number - 1)
        if offset in (0, 1):
            found.append((number, offset))
    if last and found:
        offset = found[0][1]
        found.append((last + 1 - offset, offset))
    return found
