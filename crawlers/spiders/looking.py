"""One look at an address of which nothing is known yet: the page, and one step on where it holds no list itself.

Belongs here: which pages are looked at before a family is chosen. Does not belong here: the signs of families
(`recognition`), and what their spiders make of the page (`trial`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from crawlers.archive.ledger import Outcome
from crawlers.collection import Collection, Task
from crawlers.families import Recognised
from crawlers.links import canonical_url, identity_key
from crawlers.middlewares import header
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.registry import Portal
from crawlers.signposts import signposts
from crawlers.spiders.base import Listing, PortalSpider, Walk

__all__ = ["Look", "LookSpider"]

SURE = 80
"""Weight of signs from which on a page's frames and refreshes are not looked into."""
MOST_STEPS = 1
"""A page may send on once: a chain of stubs is a trap or a challenge."""


@dataclass(slots=True)
class Look:
    """What was seen."""

    pages: list[Page] = field(default_factory=list)
    """The page asked for, then the one it sends on to."""
    found: list[tuple[Page, Recognised]] = field(default_factory=list)
    """Families that the pages show signs of, the likeliest first."""
    steps: list[str] = field(default_factory=list)
    """How the page was reached from the address, in words."""


class LookSpider(PortalSpider):
    """Fetches a page as a crawl would, and the one it sends on to."""

    name = "look"

    def __init__(self, portals: Sequence[Portal], collection: Collection, look: Look) -> None:
        super().__init__(portals, collection)
        self.look = look

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """Nothing: rows are a family's matter."""
        return Listing(())

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """Nothing: what comes after the look is a trial's matter."""
        return iter(())

    def _list_page(self, task: Task, response: Response, page: Page) -> Iterator[Request]:
        """Keep the page, so that a trial finds it without asking again, and step on where it shows no list."""
        task.url = canonical_url(response.url)  # the trial asks for the page by the address that answered
        self.collection.record(
            task,
            Outcome.LISTING,
            final_url=response.url,
            status_code=response.status,
            sha256=self.collection.raw.put(response.body),
            byte_count=len(response.body),
            content_type=header(response, "Content-Type"),
        )
        look, walk = self.look, task.context[0]
        fragment = urlsplit(task.ask).fragment  # never sent, and in some addresses it names the column
        if fragment and "#" not in page.url:
            page = Page(f"{page.url}#{fragment}", page.body, page.content_type)
        if identity_key(page.url) != identity_key(task.ask):  # by a redirect, or a page that does nothing else
            look.steps.append(f"the address sends on to {page.url}")
        look.pages.append(page)
        look.found += [(page, recognised) for recognised in recognise(page)]
        look.found.sort(key=lambda pair: -pair[1].weight)
        if len(look.pages) > MOST_STEPS or (look.found and look.found[0][1].weight >= SURE):
            return
        for post in signposts(page):
            if task.portal.allows(post.url):
                look.steps.append(f"{post.how} leads to {post.url}")
                yield from self._ask(self.list_task(walk, post.url, parent_url=task.url))
                return
