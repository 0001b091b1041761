"""Portals of Hanweb: jpage lists, `search.jsp` lists, and annual reports by body and year.

Belongs here: which of these a column page is, and the way through it. Does not belong here: what a page says
(`jpage`, `openness_module`), asking and recording (`base`).
"""

import copy
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scrapy import Request

from crawlers.archive.ledger import Role
from crawlers.collection import INCOMPLETE, Collection, Post, Task
from crawlers.families.hanweb import HanwebOptions
from crawlers.hosts import host_key
from crawlers.links import Verdict, canonical_url, identity_key, judge_title
from crawlers.pages import Link, Page
from crawlers.registry import Portal
from crawlers.spiders.base import Listing, PortalSpider, Walk
from crawlers.spiders.jpage import (
    ARTICLE,
    Datastore,
    Question,
    Unit,
    column_number,
    find_units,
    read_datastores,
)
from crawlers.spiders.openness_module import (
    AnnualReports,
    Search,
    annual_key,
    column_of_article,
    find_annual_reports,
    find_search,
    find_trees,
    page_count,
    report_link,
)

__all__ = ["Datastore", "HanwebSpider", "Unit", "find_units", "read_datastores"]

logger = logging.getLogger(__name__)

COLUMN = re.compile(r"/col/col\d+(?:/(?:index\.html?)?)?$", re.IGNORECASE)
COLUMN_TITLE = re.compile(
    r"^(?:19|20)\d\d\s*年?度?(?:政府信息公开)?(?:工作)?(?:年报|年度报告|报告)?$|"
    r"(?:部门|乡镇|镇街|镇乡|街道|单位|本级|政府)(?:政府)?(?:信息公开)?(?:工作)?(?:年报|年度报告)$"
)


@dataclass(frozen=True, slots=True)
class UnitStep:
    """A request to dataproxy for one unit."""

    unit: int
    question: Question


@dataclass(frozen=True, slots=True)
class SearchStep:
    """A page of a search list, asked by POST or by GET."""

    page: int
    by_post: bool = True


@dataclass(frozen=True, slots=True)
class TreeStep:
    """The tree of bodies, or the page of one body without a year."""

    code: str = ""


@dataclass(slots=True)
class State:
    """What is known of a column after its first page."""

    units: list[Unit] = field(default_factory=list)
    search: Search | None = None
    search_brings_own: bool = False
    """Whether rows of the column itself were among the answers."""
    pages: int | None = None
    reports: AnnualReports | None = None


class HanwebSpider(PortalSpider):
    """Collects Hanweb portals."""

    name = "hanweb"

    def __init__(self, portals: Sequence[Portal], collection: Collection) -> None:
        super().__init__(portals, collection)
        self._made_up: set[str] = set()
        """Addresses put together from a body and a year: that one has no report says nothing about the portal."""

    # ---- reading -----------------------------------------------------------------------------------------------------

    def read_list(self, walk: Walk, task: Task, page: Page) -> Listing:
        """The rows in the page's datastores; where it has none, its plain links to articles."""
        step = task.context[1]
        if isinstance(step, UnitStep):
            return self._read_answer(walk, step, page)
        if isinstance(step, SearchStep):
            return self._read_search(walk, step, page)
        if isinstance(step, TreeStep):
            return self._read_tree(walk, step, page)
        return self._read_column(walk, page)

    def _read_column(self, walk: Walk, page: Page) -> Listing:
        stores, units = read_datastores(page), self._units(walk, page)
        rows = _rows_of_units(stores, units)
        rows = rows or tuple(
            link
            for link in page.links
            if annual_key(link.url) is None
            and (
                (ARTICLE.search(link.url) and (link.in_row or not link.in_furniture))
                or (link.in_row and judge_title(link.title, in_report_column=False).follow)
            )
        )
        if (reports := find_annual_reports(page)) is not None:
            rows = (*rows, *self._reports(reports, page))
        columns = tuple(
            link
            for link in page.links
            if COLUMN.search(urlsplit(link.url).path)
            and COLUMN_TITLE.search(link.title.strip())
            and host_key(link.url) == host_key(page.url)
            and column_number(link.url) != column_number(page.url)
            and not judge_title(link.title).is_near_miss
        )
        asks_on = bool(units or find_trees(page) or reports) or self._search(walk, page) is not None
        if not rows and not columns and asks_on:
            # An empty first screen, and the family's scripts: the rows come from another address.
            return Listing((), note="the first screen is empty, the rows are asked for", shell=True)
        return Listing(rows, columns)

    def _read_tree(self, walk: Walk, step: TreeStep, page: Page) -> Listing:
        """Bodies from a tree, with the years that the column named; or the years on the page of one body."""
        found, known = find_annual_reports(page, is_tree=not step.code), self._state(walk).reports
        if found is None:
            return Listing((), note="no bodies")
        if step.code:
            found.bodies = {step.code: (known.bodies.get(step.code, "") if known else "")}
        elif known is not None:
            found.endpoint, found.years = known.endpoint, sorted({*known.years, *found.years}, reverse=True)
        rows = self._reports(found, page)
        return Listing(rows, note=f"{len(found.bodies)} bodies, {len(found.years)} years", shell=not rows)

    def _reports(self, reports: AnnualReports, page: Page) -> tuple[Link, ...]:
        """The reports that a page links, and those of other years and bodies that it names."""
        made = [report_link(reports, code, year) for code, year in reports.unlinked()]
        self._made_up.update(identity_key(link.url) for link in made)
        return (*_annual_rows(page), *made)

    def _read_answer(self, walk: Walk, step: UnitStep, page: Page) -> Listing:
        unit = self._state(walk).units[step.unit]
        stores = _stores(page, unit)
        rows = tuple(row for store in stores for row in store.rows)
        count = sum(store.row_count for store in stores)
        after = copy.deepcopy(unit)
        after.learn(step.question, stores)
        last = walk.pages >= walk.portal.options.max_pages or after.next_question() is None
        if last and after.proven and after.short:
            return Listing(rows, note=f"{INCOMPLETE}{after.rows} of {after.total} rows were read")
        return Listing(rows, note=f"{count} rows" if count else f"no rows in {len(page.body)} bytes: end of the list")

    def _read_search(self, walk: Walk, step: SearchStep, page: Page) -> Listing:
        state = self._state(walk)
        rows = tuple(
            link for link in page.links if ARTICLE.search(link.url) or (link.in_row and not COLUMN.search(link.url))
        )
        own = state.search.column if state.search else None
        state.search_brings_own |= any(own is not None and column_of_article(row.url) == own for row in rows)
        pages = state.pages or page_count(page.text)
        note = f"{len(rows)} rows on page {step.page} of {pages or 'an unknown number'}"
        most = walk.portal.options.max_pages
        if pages and step.page < pages and (not rows or step.page >= most) and state.pages:
            note = f"{INCOMPLETE}{note}, and none after it is read"
        return Listing(rows, note=note)

    def judge_row(self, walk: Walk, row: Link) -> Verdict:
        """Rows of a search may belong to other columns: it can answer with the whole district."""
        state = walk.state if isinstance(walk.state, State) else None
        own = state.search.column if state and state.search else None
        number = column_of_article(row.url)
        if state is not None and own and number and number != own:
            if state.search_brings_own:
                return Verdict(False, f"a row of another column (art_{number}_)")
            return judge_title(row.title, in_report_column=False)
        return super().judge_row(walk, row)

    # ---- going on ----------------------------------------------------------------------------------------------------

    def go_on(self, walk: Walk, task: Task, page: Page | None, listing: Listing | None, new: int) -> Iterator[Task]:
        """The next rows of each unit, the next page of the search, the reports of each body and year."""
        step, state = task.context[1], self._state(walk)
        if step is None:
            if page is not None:
                yield from self._begin(walk, state, task, page)
            return
        if isinstance(step, TreeStep):
            if page is not None and not step.code:
                yield from self._pages_of_bodies(walk, find_annual_reports(page, is_tree=True), state.reports)
            return
        if walk.pages > walk.portal.options.max_pages:
            logger.warning("portal=%s column=%s has more pages than max_pages", walk.portal.id, walk.url)
        elif isinstance(step, UnitStep):
            unit = state.units[step.unit]
            unit.learn(step.question, None if page is None else _stores(page, unit))
            yield from self._more(walk, step.unit, unit)
        elif isinstance(step, SearchStep):
            yield from self._search_on(walk, state, step, page, new)

    def _begin(self, walk: Walk, state: State, task: Task, page: Page) -> Iterator[Task]:
        state.units = self._units(walk, page)
        for place, unit in enumerate(state.units):
            unit.start()
            yield from self._more(walk, place, unit)
        state.search = self._search(walk, page) if not state.units else None
        if state.search is not None:
            is_answer = "search.jsp" in page.url and any(ARTICLE.search(link.url) for link in page.links)
            state.pages = page_count(page.text) if is_answer else None
            if not is_answer:
                yield self._search_task(walk, state.search, SearchStep(1))
            elif state.pages is None or state.pages > 1:
                yield self._search_task(walk, state.search, SearchStep(2))
        state.reports = find_annual_reports(page)
        for tree in find_trees(page) if state.reports or not state.units else ():
            yield self.list_task(walk, tree, step=TreeStep(), guess=True)
        yield from self._pages_of_bodies(walk, state.reports, None)

    def after_known(self, walk: Walk, task: Task, page: Page, listing: Listing) -> Iterator[Task]:
        """The other lists of a column page, of which its first screen shows nothing."""
        if task.context[1] is None:
            state = self._state(walk)
            state.units = self._units(walk, page)
            for place, unit in enumerate(state.units):
                unit.start()
                if not unit.met:
                    yield from self._more(walk, place, unit)

    def _units(self, walk: Walk, page: Page) -> list[Unit]:
        options = walk.portal.options_as(HanwebOptions)
        said = {
            "columnid": options.column_id or "",
            "unitid": options.unit_id or "",
            "webid": options.web_id or "",
            "appid": options.app_id or "",
        }
        return find_units(page, said, options.per_page)

    def _search(self, walk: Walk, page: Page) -> Search | None:
        options = walk.portal.options_as(HanwebOptions)
        return find_search(page, column_number(page.url), {"columnid": options.column_id or ""})

    def _more(self, walk: Walk, place: int, unit: Unit) -> Iterator[Task]:
        question = unit.next_question()
        if question is not None:
            step = UnitStep(place, question)
            yield self.list_task(walk, question.url, step=step, post=question.post, guess=not unit.proven)
        elif unit.short:
            logger.warning(
                "portal=%s column=%s counts %s rows, %d were found", walk.portal.id, walk.url, unit.total, unit.rows
            )

    # ---- search.jsp --------------------------------------------------------------------------------------------------

    def _search_on(self, walk: Walk, state: State, step: SearchStep, page: Page | None, new: int) -> Iterator[Task]:
        assert state.search is not None  # the step says so
        found = page is not None and any(ARTICLE.search(link.url) for link in page.links)
        if page is not None:
            state.pages = page_count(page.text) or state.pages
        if not found and not new:
            if step.by_post and step.page <= 2:  # nothing by POST: the same by GET, once
                yield self._search_task(walk, state.search, SearchStep(step.page, by_post=False))
            return
        if (new or (state.pages or 0) > step.page) and (state.pages is None or step.page < state.pages):
            yield self._search_task(walk, state.search, SearchStep(step.page + 1, step.by_post))

    def _search_task(self, walk: Walk, search: Search, step: SearchStep) -> Task:
        fields = {**search.fields, "currpage": str(step.page)}
        if step.by_post:
            return self.list_task(walk, search.endpoint, step=step, post=Post.form(fields), guess=step.page == 1)
        query = Post.form(fields).body.decode()
        return self.list_task(walk, f"{search.endpoint}?{query}", step=step, guess=step.page == 1)

    # ---- annual reports by body and year -----------------------------------------------------------------------------

    def _pages_of_bodies(
        self, walk: Walk, reports: AnnualReports | None, known: AnnualReports | None
    ) -> Iterator[Task]:
        """Where no year is named: the pages of the bodies, which name theirs."""
        if reports is None or reports.years or (known is not None and known.years):
            return
        endpoint = known.endpoint if known is not None else reports.endpoint
        for code in list(reports.bodies)[: walk.portal.options.max_pages]:
            yield self.list_task(walk, f"{endpoint}?area={code}", step=TreeStep(code), guess=True)

    def _open(self, walk: Walk, parent_url: str | None) -> Iterator[Request]:
        """The column page; an entry may also point at the report of one body and year, which leads to the others."""
        key = annual_key(walk.url)
        if key is None or not all(key):
            yield from super()._open(walk, parent_url)
            return
        yield from self._ask(
            Task(
                portal=walk.portal,
                url=canonical_url(walk.url),
                ask=walk.url,
                role=Role.ARTICLE,
                parent_url=parent_url,
                context=(walk, None),
            )
        )

    def _ask(self, task: Task) -> Iterator[Request]:
        task.guess = task.guess or (task.role is Role.ARTICLE and identity_key(task.url) in self._made_up)
        yield from super()._ask(task)

    def _attachments(self, article: Task, page: Page) -> Iterator[Request]:
        """The files of an article; beside an annual report stand those of other years and bodies."""
        yield from super()._attachments(article, page)
        if annual_key(article.url) is None:
            return
        rows = _annual_rows(page)
        walk: Walk
        if article.context is not None:
            walk = article.context[0]
            reports = find_annual_reports(page)
            rows = self._reports(reports, page) if reports is not None else rows
            for tree in find_trees(page):
                self._state(walk).reports = reports
                yield from self._ask(self.list_task(walk, tree, step=TreeStep(), guess=True))
        else:
            walk = Walk(article.portal, article.portal.index_url, article.portal.column)
        visit = self.collection.visit(article.portal)
        self._note_listed(article.portal, rows)
        for row in rows:
            visit.seen.add(identity_key(row.url))
            if visit.before is None or not visit.before.is_known(row) or self._asks_again(visit, row):
                yield from self._follow(walk, article, row)
            else:
                visit.known += 1

    @staticmethod
    def _state(walk: Walk) -> State:
        if not isinstance(walk.state, State):
            walk.state = State()
        return walk.state


def _rows_of_units(stores: tuple[Datastore, ...], units: list[Unit]) -> tuple[Link, ...]:
    """The first screens; of a list that is another column's, only what is titled as a report."""
    own = {unit.box for unit in units if unit.box}
    several = len(stores) > 1 and bool(own & {store.box for store in stores})
    return tuple(
        row
        for store in stores
        for row in store.rows
        if not several or store.box in own or judge_title(row.title, in_report_column=False).follow
    )


def _stores(page: Page, unit: Unit) -> tuple[Datastore, ...]:
    """The rows of an answer; some servers send the list items without the XML around them."""
    stores = read_datastores(page, unit.endpoint)
    rows = tuple(link for link in page.links if ARTICLE.search(link.url)) if not stores else ()
    if not rows:
        return stores
    keys = tuple(canonical_url(row.url) for row in rows)
    return (Datastore(rows=rows, row_count=len(rows), total=None, next_url=None, keys=keys),)


def _annual_rows(page: Page) -> tuple[Link, ...]:
    """Links to the report of one body and one year."""
    rows: dict[tuple[str, str], Link] = {}
    for link in page.links:
        key = annual_key(link.url)
        if key is not None and all(key):
            rows.setdefault(key, link)
    return tuple(rows.values())
