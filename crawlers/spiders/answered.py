"""Lists that an interface answers as JSON: an empty answer is no fault, and rows may name the files of their article.

Belongs here: what all such families share beyond the base. Does not belong here: reading answers (`json_lists`), how
one family asks.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawlers.archive.ledger import Outcome, Role
from crawlers.collection import Task
from crawlers.json_lists import find_list
from crawlers.links import identity_key
from crawlers.pages import Link, Page
from crawlers.registry import Portal
from crawlers.scripts import read_json
from crawlers.spiders.base import Listing, PortalSpider
from crawlers.validation import Finding

__all__ = ["AnsweredListSpider"]


class AnsweredListSpider(PortalSpider):
    """A spider of lists answered as JSON."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._files: dict[tuple[str, str], tuple[Link, ...]] = {}

    def keep_files(self, portal: Portal, article_url: str, files: Sequence[Link]) -> None:
        """Remember the files of an article that is going to be asked for."""
        if files:
            self._files[portal.id, identity_key(article_url)] = tuple(files)

    def _judge_listing(self, task: Task, page: Page, listing: Listing) -> Finding | None:
        finding = super()._judge_listing(task, page, listing)
        if finding is None or finding.outcome is not Outcome.LAYOUT_CHANGED:
            return finding
        answer = find_list(read_json(page.text))
        if answer is not None and not answer.rows and not answer.total:
            return Finding(Outcome.EMPTY, "the column says that it holds nothing yet")
        return Finding(Outcome.LAYOUT_CHANGED, listing.note) if listing.note and answer is None else finding

    def _attachments(self, article: Task, page: Page) -> Iterator[Request]:
        yield from super()._attachments(article, page)
        yield from self._kept(article)

    def _unusable(self, task: Task, response: Response, finding: Finding) -> Iterator[Request]:
        yield from super()._unusable(task, response, finding)
        if task.role is Role.ARTICLE and not finding.stops_host:
            yield from self._kept(task)  # the page is gone; its files may still be there

    def _kept(self, article: Task) -> Iterator[Request]:
        for link in self._files.pop((article.portal.id, identity_key(article.url)), ()):
            yield from self._ask_file(article, link)
