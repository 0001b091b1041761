"""Keeping the documents of a portal: pages and files, new ones and twins.

Belongs here: what becomes of an article and of its files. Does not belong here: lists (`base`), what an article page
says (`answers`), answers that show what they are only beside others of the host (`second_look`).
"""

import re
from collections.abc import Iterator

from scrapy import Request
from scrapy.http import Response

from crawlers.answers import ENOUGH, Article, Kind, judge_article
from crawlers.archive.ledger import FetchRow, Outcome, Role
from crawlers.collection import CHANGED, Task
from crawlers.links import (
    Verdict,
    behind_viewer,
    body_named,
    canonical_url,
    hands_out_file,
    identity_key,
    judge_title,
    may_name_one_report,
)
from crawlers.middlewares import header
from crawlers.pages import Link, Page
from crawlers.schedule import BURST
from crawlers.spiders.asking import AskingSpider
from crawlers.validation import Finding, looks_like_html

__all__ = ["DocumentSpider", "left_out"]

FILE_OF_A_REPORT = re.compile(r"年度?报|报告|附件")
BODY = "body"
"""In the notes: address and title of the first article with a body, by portal and digest."""
MOST_DEPTH = 2
"""Lists behind rows of lists: bodies of a county, years of a body."""


class DocumentSpider(AskingSpider):
    """Keeps what is a report, or may be one."""

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
            if body is None:
                continue
            article = Article(Page(row.final_url or row.url or "", body, row.content_type or ""))
            digest = article.digest
            if row.link_text:
                self.collection.impostors.judge(article.page, row.link_text, article)
            if digest is not None and row.url is not None and row.portal_id is not None:
                self._first_with(row.portal_id, digest, row.url, row.link_text or "")

    def _document(self, task: Task, response: Response, page: Page, held: FetchRow | None = None) -> Iterator[Request]:
        """Keep a page or a file; `held` is the row whose bytes still hold (304)."""
        article = task.read_article(page) if task.role is Role.ARTICLE and looks_like_html(page.body) else None
        if article is not None:
            judged = judge_article(task.link_text or "", article)
            if judged.kind == Kind.LIST and task.depth < MOST_DEPTH:
                self._as_list(task, response.url)
                yield from self._list_page(task, response, page)
                return
            if judged.kind in (Kind.OTHER_PAGE, Kind.LIST):  # what a browser shows, or a list too deep
                finding = Finding(Outcome.ERROR_PAGE, f"{BURST}{judged.reason}")
                yield from self._unusable(task, response, finding)
                return
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
            for link in self._files_of(task, page):
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
            return Outcome.SAME_CONTENT, f"the same text as {first}"
        return Outcome.STORED, named

    def _first_with_this_body(self, task: Task, article: Article | None) -> str | None:
        """The address of an earlier article of the portal, in this run, with this text."""
        if article is None or article.digest is None:
            return None
        return self._first_with(task.portal.id, article.digest, task.url, task.link_text or "")

    def _first_with(self, portal_id: str, digest: str, url: str, title: str) -> str | None:
        """The address of an earlier article with a body that may be the same report; None for a body of its own."""
        for key in (digest, f"{digest} {body_named(title)}"):  # one more for a text that another body has copied
            first, _, named = self.collection.notes.first(BODY, portal_id, key, text=f"{url} {title}").partition(" ")
            if first == url:
                return None
            if may_name_one_report(title, named):
                return first
        return None

    def _attachments(self, article: Task, page: Page) -> Iterator[Request]:
        """The files that an article links to: often the report itself."""
        self.collection.visit(article.portal).read.add(identity_key(article.url))
        for link in self._files_of(article, page):
            yield from self._ask_file(article, link)

    def _files_of(self, article: Task, page: Page) -> Iterator[Link]:
        is_linked = False
        for link in map(self._behind_viewer, page.links):
            # What else stands in the page's head or foot is a form or a guide.
            if hands_out_file(link.url, link.title) and (not link.in_furniture or FILE_OF_A_REPORT.search(link.title)):
                is_linked = True
                yield link
        if not is_linked and page.scripted_files and article.read_article(page).marks < ENOUGH:
            yield from page.scripted_files  # no report on the page, and a script that shows one

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
