"""What a page says of itself: the site's name, the column's name, and where a page without a list sends its reader.

Belongs here: meta tags and titles, refreshes, redirects by script, frames; pure functions over one page. Does not
belong here: asking for what they name, and the rows of a list (`spiders`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawlers.hosts import host_key
from crawlers.links import SPACES, behind_viewer, is_attachment
from crawlers.pages import Page

__all__ = ["Signpost", "column_name", "meta_of", "signposts", "site_name", "title_of"]

REFRESH = re.compile(r"^\s*\d*(?:\.\d+)?\s*[;,]\s*(?:url\s*=)?\s*[\"']?(.+?)[\"']?\s*$", re.IGNORECASE)
SCRIPT_REDIRECT = re.compile(
    r"(?:\b(?:window|self|top|parent|document)\s*\.\s*)?\blocation(?:\s*\.\s*href)?\s*=\s*([\"'])([^\"'\s]+)\1"
    r"|\blocation\s*\.\s*(?:replace|assign)\s*\(\s*([\"'])([^\"'\s]+)\3",
)
SHELL_TEXT = 400
"""Visible characters under which a redirect in a script is taken for the page's purpose: elsewhere it is a button's."""
NO_LIST_FRAME = re.compile(
    r"count|stat(?:istic)?s?\b|visit|login|sso|share|weather|tianqi|foot|header|\btop\b|banner|nav|menu|tree\.jsp|"
    r"search(?:bar|box)|chat|robot|ai-?ask|survey|map\b|ditu|video|player|wza|kefu|consult",
    re.IGNORECASE,
)
LIST_FRAME = re.compile(r"list|column|/col/|lan?mu|xxgk|gknb|ndbg|nb\b|nianbao|report|openness|channel", re.IGNORECASE)
OF_A_COLUMN = re.compile(r"年报|年度报告|信息公开|政务公开|首页|列表|栏目")
OF_A_SITE = re.compile(r"政府|局|委|厅|办|院|区|县|市|省|镇|乡|街道|网|部|署|中心")
TITLE_JOINTS = re.compile(r"\s*[_|｜—–>»]+\s*|\s+-+\s+|-{2,}|(?<=[\u4e00-\u9fff])-(?=[\u4e00-\u9fff])")
SITE_TAIL = re.compile(r"(?:人民政府)?(?:官方|政务|政府|公众信息|信息公开)?(?:门户)?(?:网站群?|网)$")
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Signpost:
    """An address to which a page without a list sends its reader."""

    url: str
    how: str
    """In words: `a meta refresh`, `a redirect by script`, `a frame`."""


def signposts(page: Page) -> tuple[Signpost, ...]:
    """Where the page leads on the same host or elsewhere, the surest first. Whoever asks checks the host."""
    found: dict[str, Signpost] = {}
    for post in (*_refreshes(page), *_redirects(page), *_frames(page)):
        if post.url != page.url and not is_attachment(post.url) and behind_viewer(post.url) is None:
            found.setdefault(post.url, post)
    return tuple(found.values())


def _refreshes(page: Page) -> Iterator[Signpost]:
    for element in [] if page.tree is None else page.tree.iter("meta"):
        if str(element.get("http-equiv", "")).strip().lower() == "refresh":
            match = REFRESH.match(str(element.get("content", "")))
            target = page.resolve(match.group(1)) if match else None
            if target is not None:
                yield Signpost(target, "a meta refresh")


def _redirects(page: Page) -> Iterator[Signpost]:
    if len(page.shown) > SHELL_TEXT:
        return
    for match in SCRIPT_REDIRECT.finditer(page.text):
        target = page.resolve(match.group(2) or match.group(4))
        if target is not None:
            yield Signpost(target, "a redirect by script")


def _frames(page: Page) -> list[Signpost]:
    """Frames of the page's own host that may hold its list, those first whose address speaks of one."""
    frames = []
    for element in [] if page.tree is None else page.tree.iter("iframe", "frame"):
        source = next((str(element.get(key)) for key in ("src", "data-src") if element.get(key)), "")
        target = page.resolve(source)
        if target is None or host_key(target) != host_key(page.url):
            continue
        about = " ".join((urlsplit(target).path, str(element.get("id", "")), str(element.get("name", ""))))
        if not NO_LIST_FRAME.search(about):
            frames.append(Signpost(target, "a frame"))
    return sorted(frames, key=lambda frame: LIST_FRAME.search(frame.url) is None)


def meta_of(page: Page, name: str) -> str:
    """The content of a meta tag, whatever the order and case of its attributes; empty where there is none."""
    for element in [] if page.tree is None else page.tree.iter("meta"):
        if str(element.get("name", "")).strip().lower() == name.lower():
            content = " ".join(str(element.get("content", "")).split())
            if content:
                return content
    return ""


def title_of(page: Page) -> str:
    """The page's title."""
    element = None if page.tree is None else page.tree.find(".//title")
    return "" if element is None else " ".join("".join(element.itertext()).split())


def site_name(page: Page) -> str:
    """The body whose site this is: the SiteName of the page, else the part of its title that names no column."""
    named = SPACES.sub("", meta_of(page, "SiteName"))
    if not named:
        parts = [part for part in TITLE_JOINTS.split(title_of(page)) if part]
        parts = [part for part in parts if OF_A_SITE.search(part) and not OF_A_COLUMN.search(part)]
        named = SPACES.sub("", parts[-1]) if parts else ""
    return _without_tail(named)[:LONGEST_NAME]


def _without_tail(name: str) -> str:
    """荔浦市人民政府门户网站 is the site of 荔浦市人民政府."""
    match = SITE_TAIL.search(name)
    if match is None or not name[: match.start()]:
        return name
    kept = "人民政府" if match.group().startswith("人民政府") else ""
    return f"{name[: match.start()]}{kept}"


def column_name(page: Page) -> str:
    """The column's name as the page's meta tags or title give it; empty where they do not speak of one."""
    named = SPACES.sub("", meta_of(page, "ColumnName"))
    if not named:
        first = [SPACES.sub("", part) for part in TITLE_JOINTS.split(title_of(page)) if part][:1]
        named = first[0] if first and re.search(r"年报|年度报告|工作报告", first[0]) else ""
    return named[:LONGEST_NAME]
