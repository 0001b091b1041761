"""How portals number the further pages of a list, where the page does not link them: one line of a table each.

Belongs here: the table, and making the address of a page from it. Does not belong here: which page to ask for
(`spiders.linked`), links that a page shows (`columns`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from crawlers.pages import Page

__all__ = ["DIALECTS", "Dialect", "dialects_of", "learn", "numbered_address"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of numbering."""

    name: str
    title: str
    weight: int
    """How surely the signs mean this dialect (see `Recognised.weight`)."""
    address: str
    """The part of a list's address, from its path on, that the number goes into."""
    page: str
    """What replaces that part; `{n}` is the number of the page, counted from 1."""
    in_text: str | None = None
    """A sign in the page's text."""
    in_links: str | None = None
    """A sign in the paths of its links, of which there must be two."""
    in_address: str | None = None
    """A sign in the list's own address."""


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "ilist",
        "iList.jsp?cur_page=2",
        95,
        address=r"(?P<head>/[^?]*iList\.jsp\?.*?(?:(?<=[?&])cur_page=))\d*(?P<tail>.*)|(?P<whole>/[^?]*iList\.jsp\?.*)",
        page="{head}{n}{tail}|{whole}&cur_page={n}",
        in_text=r"iList\.jsp\?[^\"'<>]*cur_page=",
        in_address=r"/iList\.jsp",
    ),
    Dialect(
        "jeecms",
        "index_2.jhtml",
        94,
        address=r"(?P<head>/(?:[^?]*/)?)(?:index(?:_\d+)?\.jhtml)?(?P<tail>\?.*)?|(?P<whole>/[^?]*?)(?:_\d+)?\.jhtml",
        page="{head}index_{n}.jhtml{tail}|{whole}_{n}.jhtml",
        in_links=r"/\d+\.jhtml$",
        in_address=r"\.jhtml(?:\?|$)",
    ),
    Dialect(
        "totalpage",
        "pagination({totalPage: 9}) with index_2.html",
        92,
        address=r"(?P<head>/(?:[^?]*/)?)(?:index(?:_\d+)?\.(?P<ext>s?html?))?",
        page="{head}index_{n}.{ext}",
        in_text=r"\bpagination\s*\(\s*\{[^}]{0,400}?\btotalPages?\b",
    ),
    Dialect(
        "bare_number",
        "1.html, 2.html beside articles with a 24-digit or 19-digit name",
        85,
        address=r"(?P<head>/(?:[^?]*/)?)(?:(?:index|\d{1,4})\.(?P<ext>s?html?))?",
        page="{head}{n}.{ext}",
        in_links=r"/(?:[0-9a-f]{24}|\d{18,20})\.s?html?$",
    ),
    Dialect(
        "dash",
        "column-index-2.shtml",
        85,
        address=r"(?P<head>/[^?]*?(?:index|list))(?:-\d+)?\.(?P<ext>s?html?)",
        page="{head}-{n}.{ext}",
        in_text=r"(?:column-index|index|list)-\d{1,4}\.s?html?\b",
        in_address=r"(?:column-index|list|index)-\d+\.s?html?",
    ),
)
PAGE_PARAMETER = re.compile(
    r"^(?:page|pageno|pagenum|pageindex|currpage|curpage|cur_page|currentpage|p|pn|pageid|page_no|nowpage|topage)$",
    re.IGNORECASE,
)


def dialects_of(page: Page) -> Iterator[tuple[Dialect, str]]:
    """The dialects whose signs a list page shows, each with its sign in words."""
    paths = [urlsplit(link.url).path for link in page.links]
    parts = urlsplit(page.url)
    own = f"{parts.path}?{parts.query}" if parts.query else parts.path
    for dialect in DIALECTS:
        if dialect.in_text and re.search(dialect.in_text, page.text, re.IGNORECASE):
            yield dialect, f"pages numbered like {dialect.title}"
        elif dialect.in_address and re.search(dialect.in_address, own, re.IGNORECASE):
            yield dialect, f"an address numbered like {dialect.title}"
        elif dialect.in_links:
            count = sum(1 for path in paths if re.search(dialect.in_links, path, re.IGNORECASE))
            if count >= 2:
                yield dialect, f"{count} links of the kind numbered like {dialect.title}"


def numbered_address(dialect: Dialect, url: str, number: int) -> str | None:
    """The address of a numbered page of a list; None where the list's address is of another make."""
    parts = urlsplit(url)
    own = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    match = re.fullmatch(dialect.address, own, re.IGNORECASE)
    if match is None:
        return None
    groups = {name: value or "" for name, value in match.groupdict().items()}
    groups["ext"] = groups.get("ext") or "html"
    patterns = dialect.page.split("|")
    pattern = patterns[1] if len(patterns) > 1 and groups.get("whole") else patterns[0]
    path, _, query = pattern.format(n=number, **groups).partition("?")
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def by_parameter(url: str, number: int) -> str | None:
    """The address with the number of the page in its query, where the query has a place for it."""
    parts = urlsplit(url)
    pairs = parts.query.split("&")
    for place, pair in enumerate(pairs):
        name, _, value = pair.partition("=")
        if PAGE_PARAMETER.match(name) and value.isdigit():
            shift = -1 if value == "0" else 0
            pairs[place] = f"{name}={number + shift}"
            return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(pairs), ""))
    return None


def learn(numbered: dict[int, str], number: int) -> str | None:
    """The address of a page that is not linked, from those that are: what changes with the number is the number."""
    known = sorted((at, url) for at, url in numbered.items() if at > 1)
    for at, url in reversed(known):
        for match in reversed(list(re.finditer(r"\d+", url))):
            shift = int(match.group()) - at
            if shift not in (-1, 0, 1):
                continue
            if all(_with(url, match, other + shift) == address for other, address in known):
                return _with(url, match, number + shift)
    return None


def _with(url: str, match: re.Match[str], number: int) -> str:
    return f"{url[: match.start()]}{number}{url[match.end() :]}"


def has_page_parameter(url: str) -> bool:
    """Whether an address carries the number of a page in its query."""
    return any(PAGE_PARAMETER.match(name) for name, _ in parse_qsl(urlsplit(url).query))
