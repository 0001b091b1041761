"""Pages that come with status 200 in place of the one asked for: lists, home pages, soft 404s, the same page for all.

Belongs here: what a host was seen to send, and comparing with it. Does not belong here: pages that show by their own
words what they are (`validation`), asking again (`second_look`).

A page is never doubted that reads like a report or bears the title of its row. Where one does neither, the host is
asked once for an address that cannot exist: what comes back is how this host says that a page is missing.

After a burst some portals answer every article with their list, their home page or one and the same page.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlsplit

from crawlers.answers import Article, Kind, judge_article
from crawlers.archive.ledger import Outcome
from crawlers.hosts import host_key
from crawlers.notes import Notes
from crawlers.pages import Page
from crawlers.schedule import BURST
from crawlers.validation import Finding, looks_like_html

__all__ = ["Impostors", "Suspicion", "impossible_address"]

REPORT_TEXT = re.compile(
    r"总体情况|主动公开政府信息|收到和处理政府信息公开申请|被申请行政复议|存在的主要问题|政府信息管理|年度报告附表|依申请公开(?:政府)?信息"
)
NOT_OF_A_TITLE = re.compile(r"[\W_]+|关于|工作|年度|年报|年|报告|政府|信息|公开|的")
LEAST_TITLE = 4
SHINGLE = 6
ALIKE = 0.9
PAGE_NAME = re.compile(r"[^/]*$")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is wrong with a page; `passing` where the host may send the right one when it is asked more slowly."""

    finding: Finding
    passing: bool = False
    sends: str = "another page"
    """What came, as in "the portal sends another page in place of articles"."""


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    """How a host answers an address that it does not have: None where it says so by its status."""

    digest: str
    shingles: frozenset[str]


@dataclass(slots=True)
class _Seen:
    asked: bool = False
    missing: _Fingerprint | None = None


class Impostors:
    """What each host of a run sent."""

    def __init__(self, notes: Notes | None = None) -> None:
        self._notes = notes or Notes()
        self._seen: dict[str, _Seen] = {}

    def listed(self, url: str, body: bytes) -> None:
        """Remember a list page."""
        self._notes.add("list", host_key(url), _digest(body))

    def is_list(self, url: str, body: bytes) -> bool:
        """Whether a page is one of the host's list pages, to the byte."""
        return self._notes.has("list", host_key(url), _digest(body))

    def knows_missing(self, url: str) -> bool:
        """Whether the host was asked for an address that cannot exist."""
        return self._of(url).asked

    def learn(self, url: str, status: int, body: bytes, content_type: str) -> None:
        """Remember how the host answers an address that cannot exist."""
        seen = self._of(url)
        seen.asked = True
        if status == 200 and looks_like_html(body):
            seen.missing = _fingerprint(Page(url, body, content_type))

    def doubts(self, page: Page, title: str) -> bool:
        """Whether nothing on a page says that it is the one of its row."""
        return not REPORT_TEXT.search(page.text) and not _bears(page, title)

    def judge(self, page: Page, title: str, article: Article | None = None) -> Suspicion | None:
        """What came in place of an article; None for one that may be it.

        Args:
            page: what came.
            title: what its row says.
            article: the page, where somebody has read it already.
        """
        article = article or Article(page)
        host, digest = host_key(page.url), _digest(page.body)
        if self.is_list(page.url, page.body):
            sentence = "the portal sent its list page in place of the article"
            return Suspicion(Finding(Outcome.ERROR_PAGE, sentence), passing=True, sends="its list page")
        # The titles under which this page, and this text whatever stands around it, came first.
        first = self._notes.first("page", host, digest, text=title)
        if first != title and _core(first) != _core(title) and not _bears(page, title):
            sentence = f"the portal sent the same page for this address and for “{first}”"
            return Suspicion(Finding(Outcome.ERROR_PAGE, sentence), passing=True)
        first = title if article.digest is None else self._notes.first("text", host, article.digest, text=title)
        if first != title and not article.is_titled(title):  # one report in two columns bears its title in both
            sentence = f"{BURST}the page that came for “{first}” too, titled otherwise"
            return Suspicion(Finding(Outcome.ERROR_PAGE, sentence), passing=True)
        missing = self._of(page.url).missing
        if missing is not None and self.doubts(page, title) and _alike(_fingerprint(page), missing):
            sentence = "200 with the page that this host sends for addresses that do not exist"
            return Suspicion(Finding(Outcome.ERROR_PAGE, sentence), passing=True)
        return None

    @staticmethod
    def judge_links(article: Article, title: str) -> Suspicion | None:
        """A page of links that is not titled as its row: a home page, a list, whatever the host sends instead."""
        judged = judge_article(title, article)
        if judged.kind != Kind.OTHER_PAGE:
            return None
        return Suspicion(Finding(Outcome.ERROR_PAGE, f"{BURST}{judged.reason}"), passing=True)

    def _of(self, url: str) -> _Seen:
        return self._seen.setdefault(host_key(url), _Seen())


def impossible_address(url: str) -> str:
    """An address beside this one that no portal has; the same for the same address, so that runs are alike."""
    parts = urlsplit(url)
    name = PAGE_NAME.search(parts.path)
    suffix = re.search(r"\.\w{2,6}$", name.group() if name else "")
    made_up = blake2b(f"{parts.netloc}{parts.path}".encode(), digest_size=8).hexdigest()
    return f"{parts.scheme}://{parts.netloc}{PAGE_NAME.sub('', parts.path)}{made_up}{suffix.group() if suffix else ''}"


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=12).hexdigest()


def _core(title: str) -> str:
    """What tells one title from another: body and year, without the words that all titles share."""
    return NOT_OF_A_TITLE.sub("", title.rstrip("…."))


def _bears(page: Page, title: str) -> bool:
    """Whether a page shows the title of its row outside links: a list shows it too, as a link."""
    core = _core(title)
    if len(core) < LEAST_TITLE:
        return False
    return core in _core(page.unlinked) or core in _core(" ".join(_named(page)))


def _named(page: Page) -> list[str]:
    """The titles that a page gives itself."""
    if page.tree is None:
        return []
    return [str(text) for text in page.tree.xpath("//title/text() | //meta[@name='ArticleTitle']/@content")]


def _fingerprint(page: Page) -> _Fingerprint:
    # Some repeat the address, in part or whole, and count their visitors.
    parts = urlsplit(page.url)
    named = sorted({page.url, parts.path, parts.path.rpartition("/")[2]} - {"", "/"}, key=len, reverse=True)
    shown = page.shown
    for address in named:
        shown = shown.replace(address, "")
    shown = re.sub(r"\d+", "", shown)
    shingles = frozenset(shown[place : place + SHINGLE] for place in range(max(1, len(shown) - SHINGLE + 1)))
    return _Fingerprint(_digest(page.body), shingles)


def _alike(one: _Fingerprint, other: _Fingerprint) -> bool:
    """Whether two pages are the same but for dates, counters and the address that some repeat."""
    if one.digest == other.digest:
        return True
    shared = len(one.shingles & other.shingles)
    return shared >= ALIKE * len(one.shingles | other.shingles) > 0
