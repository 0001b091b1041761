"""Keeping the documents of a portal: pages and files, new ones and twins.

Belongs here: what becomes of an article and of its files. Does not belong here: lists (`base`), what an article page
says (`answers`), answers that show what they are only beside others of the host (`second_look`).
"""

import re
from collections.abc import Iterator, Sequence

from scrapy import Request
from scrapy.http import Response

from crawlers.answers import Article, Kind, judge_article
from crawlers.archive.ledger import FetchRow, Outcome, Role
from crawlers.collection import CHANGED, Collection, Task
from crawlers.hosts import host_key
from crawlers.links import Verdict, behind_viewer, canonical_url, hands_out_file, identity_key, judge_title
from crawlers.middlewares import header
from crawlers.pages import Link, Page
from crawlers.registry import Portal
from crawlers.schedule import BURST
from crawlers.signposts import signposts
from crawlers.spiders.asking import AskingSpider
from crawlers.validation import Finding, looks_like_html

__all__ = ["DocumentSpider", "left_out"]

FILE_OF_A_REPORT = re.compile(r"年度?报|报告|附件")
LEAST_TEXT = 200
"""Visible characters under which an article that sends its reader elsewhere is a stub."""
MOST_DEPTH = 2
"""Lists behind rows of lists: bodies of a county, years of a body."""
MOST_BURSTS = 3
"""Wrong pages in a row after which a host is left alone in this run."""
LONGEST_BACK_OFF = 60.0


class DocumentSpider(AskingSpider):
    """Keeps what is a report, or may be one."""

    def __init__(self, portals: Sequence[Portal], collection: Collection) -> None:
        super().__init__(portals, collection)
        self._bodies: dict[tuple[str, str], tuple[str, str]] = {}
        """Address and row title of the first article with a body, by portal and digest."""
        self._bursts: dict[str, int] = {}
        """Wrong pages in a row, by host."""

    def _list_page(self, task: Task, response: Response, page: Page) -> Iterator[Request]:
        """Read and record a list page, and go on from it."""
        raise NotImplementedError

    def _unusable(self, task: Task, response: Response, finding: Finding) -> Iterator[Request]:
        """Record an answer that is not what was asked for."""
        raise NotImplementedError

    def _relive(self) -> None:
        """Know again what a run that was stopped had stored: a twin that comes now is no second report."""
        own = {portal.id for portal in self.portals}
        for row in self.collection.ledger.rows(run_id=self.collection.run_id):
            if row.portal_id not in own or row.role is not Role.ARTICLE or row.outcome is not Outcome.STORED:
                continue
            body = self.collection.body(row)
            digest = None if body is None else Article(Page(row.final_url or "", body, row.content_type or "")).digest
            if digest is not None and row.url is not None and row.portal_id is not None:
                self._bodies.setdefault((row.portal_id, digest), (row.url, row.link_text or ""))

    def _document(self, task: Task, response: Response, page: Page, held: FetchRow | None = None) -> Iterator[Request]:
        """Keep a page or a file; `held` is the row whose bytes still hold (304)."""
        article = Article(page) if task.role is Role.ARTICLE and looks_like_html(page.body) else None
        if article is not None:
            if task.led == 0 and held is None and (target := self._behind_stub(task, article)) is not None:
                task.led += 1
                self.collection.visit(task.portal).pending += 1
                yield self._request(task, target)
                return
            judged = judge_article(task.link_text or "", article)
            if judged.kind == Kind.LIST and task.depth < MOST_DEPTH:
                self._as_list(task, response.url)
                yield from self._list_page(task, response, page)
                return
            finding = self._wrong_page(task, article, judged.kind, judged.reason)
            if finding is not None:
                self._back_off(host_key(response.url))
                yield from self._unusable(task, response, finding)
                return
            self._bursts.pop(host_key(response.url), None)
        else:
            judged = None
        sha256 = held.sha256 if held is not None and held.sha256 else self.collection.raw.put(page.body)
        if judged is not None and judged.kind == Kind.CANDIDATE:
            outcome, reason = Outcome.CANDIDATE, str(judged.reason) or None
        else:
            outcome, reason = self._compare(task, sha256, article)
        self.collection.record(
            task,
            outcome,
            reason,
            final_url=response.url,
            status_code=response.status,
            sha256=sha256,
            byte_count=len(response.body),
            content_type=header(response, "Content-Type") or (held.content_type if held else None),
            etag=header(response, "ETag") or (held.etag if held else None),
            last_modified=header(response, "Last-Modified") or (held.last_modified if held else None),
        )
        if task.role is Role.ARTICLE and outcome is Outcome.CANDIDATE:
            for link in self._files_of(page):
                self._leave_out(self._file_task(task, link), Outcome.CANDIDATE, f"a file of a candidate: {reason}")
        elif task.role is Role.ARTICLE:
            yield from self._attachments(task, page)

    def _compare(self, task: Task, sha256: str, article: Article | None) -> tuple[Outcome, str | None]:
        """Whether the bytes, or the text in them, are new."""
        before = self.collection.ledger.latest_by_url(task.url)
        named = "no list names it any more, and it is still there" if task.unlisted else None
        if before is not None and before.sha256 == sha256 and before.outcome is not Outcome.CANDIDATE:
            return Outcome.SAME_CONTENT, named
        if before is not None and before.outcome is not Outcome.CANDIDATE:
            return Outcome.STORED, CHANGED
        twin = self.collection.ledger.first_address_of(sha256, task.portal.id)
        if twin is not None and identity_key(twin) != identity_key(task.url):
            return Outcome.SAME_CONTENT, f"the same bytes as {twin}"
        first = self._first_with_this_body(task, article)
        if first is not None:
            return Outcome.SAME_CONTENT, f"the same text as {first[0]}"
        return Outcome.STORED, named

    def _first_with_this_body(self, task: Task, article: Article | None) -> tuple[str, str] | None:
        """Address and title of an earlier article of the portal, in this run, with this text."""
        if article is None or article.digest is None:
            return None
        first = self._bodies.setdefault((task.portal.id, article.digest), (task.url, task.link_text or ""))
        return None if first[0] == task.url else first

    def _wrong_page(self, task: Task, article: Article, kind: str, reason: str) -> Finding | None:
        """After a burst some portals answer every article with their list, their home page or one and the same page."""
        if kind in (Kind.OTHER_PAGE, Kind.LIST):
            return Finding(Outcome.ERROR_PAGE, f"{BURST}{reason}")
        key = (task.portal.id, article.digest or "")
        first = self._bodies.get(key)
        if first is None or first[0] == task.url or first[1] == (task.link_text or ""):
            return None
        if article.is_titled(task.link_text or ""):
            return None  # one report in two columns
        return Finding(Outcome.ERROR_PAGE, f"{BURST}the page that came for {first[0]} too, titled otherwise")

    def _back_off(self, host: str) -> None:
        """Slow down at a host that sends wrong pages, and leave it alone if it goes on."""
        hosts = self.collection.hosts
        hosts.slow_down(host, min(hosts.slow_down(host, 0.0) * 2, LONGEST_BACK_OFF))
        self._bursts[host] = self._bursts.get(host, 0) + 1
        if self._bursts[host] >= MOST_BURSTS:
            hosts.stop(host, Outcome.ERROR_PAGE, f"the host sent {MOST_BURSTS} wrong pages in a row")

    @staticmethod
    def _behind_stub(task: Task, article: Article) -> str | None:
        """Where an article that shows nothing sends its reader: by refresh, by script, by a frame with the text."""
        if len(article.text) >= LEAST_TEXT or article.has_files:
            return None
        here = identity_key(article.page.url)
        ways = [post.url for post in signposts(article.page) if identity_key(post.url) != here]
        return next((url for url in ways if task.portal.allows(url)), None)

    def _attachments(self, article: Task, page: Page) -> Iterator[Request]:
        """The files that an article links to: often the report itself."""
        self.collection.visit(article.portal).read.add(identity_key(article.url))
        for link in self._files_of(page):
            yield from self._ask_file(article, link)

    def _files_of(self, page: Page) -> Iterator[Link]:
        for link in map(self._behind_viewer, page.links):
            # What else stands in the page's head or foot is a form or a guide.
            if hands_out_file(link.url, link.title) and (not link.in_furniture or FILE_OF_A_REPORT.search(link.title)):
                yield link

    def _ask_file(self, article: Task, link: Link) -> Iterator[Request]:
        """Ask for a file of an article, unless its name says that it is no report."""
        task = self._file_task(article, link)
        self.collection.visit(article.portal).seen.add(identity_key(link.url))
        verdict = judge_title(link.title or "附件", in_report_column=True)
        if verdict.follow or not verdict.is_near_miss:
            yield from self._ask(task)
        else:
            self._leave_out(task, left_out(verdict), verdict.reason)

    @staticmethod
    def _file_task(article: Task, link: Link) -> Task:
        return Task(
            portal=article.portal,
            url=canonical_url(link.url),
            ask=link.url,
            role=Role.ATTACHMENT,
            parent_url=article.url,
            link_text=link.title or article.link_text,
            listed_date=article.listed_date,
        )

    @staticmethod
    def _behind_viewer(link: Link) -> Link:
        """The file that a page of pdf.js shows."""
        url = behind_viewer(link.url)
        return link if url is None else Link(url=url, title=link.title, href=link.href, date=link.date)


def left_out(verdict: Verdict) -> Outcome:
    """The outcome of a row that its title rules out."""
    return Outcome.CANDIDATE if verdict.is_candidate else Outcome.NOT_FOLLOWED
