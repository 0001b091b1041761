"""A dry run: a family's own spider reads the first rows of a list, and none of them is asked for.

Belongs here: what a spider would do, noted instead of done. Does not belong here: how a family reads its lists.
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.archive.ledger import FetchRow, Outcome, Role
from crawlers.collection import Collection, Task
from crawlers.families import load_spider
from crawlers.links import judge_title
from crawlers.middlewares import task_of
from crawlers.pages import Page
from crawlers.registry import Portal
from crawlers.spiders.base import PortalSpider, Walk

__all__ = ["RowSeen", "Trial", "trial_spider"]


@dataclass(frozen=True, slots=True)
class RowSeen:
    """A row of a list and what a crawl would do with it."""

    title: str
    date: str | None
    url: str
    verdict: str
    """`collect`, `near_miss` (a reading, a guide: named, not collected), `other_host` or `left_out`."""
    reason: str = ""


@dataclass(slots=True)
class Trial:
    """What a spider read before it was stopped."""

    budget: int
    """List pages that may still be asked for."""
    rows: list[RowSeen] = field(default_factory=list)
    columns: list[tuple[str, str]] = field(default_factory=list)
    """Names and addresses of the columns below: years, bodies."""
    waiting: deque[Task] = field(default_factory=deque)
    """List pages that a crawl would ask for next."""

    @property
    def collected(self) -> int:
        """Rows that a crawl would ask for."""
        return sum(row.verdict == "collect" for row in self.rows)


class TrialMixin(PortalSpider):
    """Notes rows instead of asking for them, and asks for list pages one after the other until one has brought rows.

    Its own methods begin with `_trial`, so that no family's method is covered up.
    """

    def __init__(self, portals: Sequence[Portal], collection: Collection, trials: Mapping[str, Trial]) -> None:
        super().__init__(portals, collection)
        self.trials = trials

    async def start(self) -> AsyncIterator[Request]:
        """The first request of each portal."""
        async for request in super().start():
            yield request
        for portal in self.portals:
            for request in self._trial_on(portal):
                yield request

    def on_response(self, response: Response) -> Iterator[Request]:
        """Read an answer, and ask for the next list page if no row was found yet."""
        assert response.request is not None  # set by the engine
        yield from super().on_response(response)
        yield from self._trial_on(task_of(response.request).portal)

    def on_failure(self, failure: Failure) -> Iterator[Request]:
        """Note the failure, and ask for the next list page."""
        yield from super().on_failure(failure)
        yield from self._trial_on(task_of(failure.request).portal)  # type: ignore[attr-defined]

    def _ask(self, task: Task) -> Iterator[Request]:
        """Note what a crawl would ask for."""
        trial = self.trials[task.portal.id]
        if task.role is Role.LISTING:
            walk: Walk = task.context[0]
            column = (walk.name, walk.url)
            if not walk.is_root and column not in trial.columns:
                trial.columns.append(column)
            trial.waiting.append(task)
        elif not task.portal.allows(task.ask):
            self._trial_note(trial, task, "other_host", "its host is not among the portal's hosts")
        else:
            self._trial_note(trial, task, "collect")
        return iter(())

    def _leave_out(self, task: Task, outcome: Outcome, reason: str) -> None:
        """Note what a crawl would leave out."""
        if task.role is Role.LISTING:
            return
        near = judge_title(task.link_text or "", in_report_column=True).is_near_miss or outcome.value == "candidate"
        verdict = "other_host" if outcome is Outcome.OFF_REGISTRY_HOST else "near_miss" if near else "left_out"
        self._trial_note(self.trials[task.portal.id], task, verdict, reason)

    def _document(self, task: Task, response: Response, page: Page, held: FetchRow | None = None) -> Iterator[Request]:
        """A link with a column's address, such as that of a year, led to the report itself: a crawl keeps it."""
        yield from super()._document(task, response, page, held)
        self._trial_note(self.trials[task.portal.id], task, "collect")

    @staticmethod
    def _trial_note(trial: Trial, task: Task, verdict: str, reason: str = "") -> None:
        trial.rows.append(RowSeen(task.link_text or "", task.listed_date, task.ask, verdict, reason))

    def _trial_on(self, portal: Portal) -> Iterator[Request]:
        yield from self._guarded(partial(self._trial_next, self.trials[portal.id]))

    def _trial_next(self, trial: Trial) -> Iterator[Request]:
        while trial.waiting and trial.budget > 0 and not trial.collected:
            requests = list(super()._ask(trial.waiting.popleft()))
            trial.budget -= len(requests)
            yield from requests
            if requests:
                return


def trial_spider(family: str) -> type[TrialMixin]:
    """The spider of a family, as a dry run."""
    spider = load_spider(family)
    return type(f"Trial{spider.__name__}", (TrialMixin, spider), {})
