"""What a sample portal holds: one YAML file a site, with its list rows and its habits.

Belongs here: the declaration and the pages behind its rows. Does not belong here: how a family arranges its lists
(`families`), HTTP (`server`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Literal, Protocol
from zlib import crc32

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from pipelines.sample.draw_docx import DocxStyle, draw_docx
from pipelines.sample.draw_html import Body, HtmlStyle, PageContext, draw_article, draw_html
from pipelines.sample.facts import SAMPLE_DATA, Facts, FactsError, read_yaml

__all__ = [
    "REGISTRY_FOLDER",
    "SITES_FOLDER",
    "Addresses",
    "FileAddress",
    "ListedRow",
    "NoticeKind",
    "Rendition",
    "Resource",
    "Row",
    "Site",
    "SitePages",
    "load_sites",
    "make_rows",
    "report_path",
    "shown_title",
]

SITES_FOLDER = SAMPLE_DATA / "sites"
REGISTRY_FOLDER = SAMPLE_DATA / "portals"

HTML = "text/html"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TITLE_SHOWN = 22
_STYLES = TypeAdapter(HtmlStyle)


class Rendition(StrEnum):
    """In which form a report is published."""

    PAGE = "page"
    ATTACHMENT = "attachment"
    """A page without the text, and a Word file."""
    PAGE_AND_ATTACHMENT = "page_and_attachment"
    """The same report twice: as a page and as a Word file below it."""
    IMAGE_TABLES = "image_tables"
    """Text as a page, tables as pictures."""


class NoticeKind(StrEnum):
    """What else stands in an annual-report column."""

    GUIDE = "guide"
    RULES = "rules"
    PICTURE_STORY = "picture_story"
    EXPLANATION = "explanation"
    WEBSITE_REPORT = "website_report"
    NEWS = "news"


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(_Declared):
    """One row of the list: a report, a notice, an address elsewhere, or a page that is gone."""

    report: str | None = None
    notice: NoticeKind | None = None
    link: str | None = None
    gone: bool = False
    title: str | None = None
    """As listed; a report's own title where left out."""
    published: date | None = None
    rendition: Rendition = Rendition.PAGE
    style: dict[str, Any] = Field(default_factory=dict)
    copies: int = 1
    """2 lists the same content twice under two addresses, as when a report stands in two columns."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Row":
        if sum((self.report is not None, self.notice is not None, self.link is not None, self.gone)) != 1:
            raise ValueError("a row is one of: report, notice, link, gone")
        if self.report is None and (self.title is None or self.published is None):
            raise ValueError("a row that is no report needs title and published")
        return self


class Site(_Declared):
    """One portal: address, habits, rows. Rows are listed newest first, whatever their order here."""

    id: str = Field(pattern=r"^sample-[a-z-]+$")
    host: str = Field(pattern=r"^[a-z-]+\.test$")
    family: str
    """How the site lists its articles: a name in `families`."""
    name: str
    column: str = "政府信息公开年报"
    path: str = "/"
    """Static family: the folder of the column."""
    extension: Literal["html", "shtml", "htm"] = "html"
    rows_per_page: int = 5
    paging: Literal["zero_based", "one_based", "one_based_container"] = "zero_based"
    beyond_last_page: Literal["missing", "stub"] = "missing"
    year_columns: bool = False
    """The column page lists a sub-column for each report year instead of articles."""
    title_attributes: bool = True
    """List titles are cut, with the full text in `title=`; otherwise they stand in full, without the attribute."""
    date_in_brackets: bool = False
    column_id: int = 0
    unit_id: int = 0
    web_id: int = 0
    obeys: Literal["range", "page"] = "range"
    """Hanweb: which paging parameters dataproxy.jsp looks at."""
    first_screen: int = 6
    """Hanweb: rows that the column page itself holds."""
    robots: Literal["text", "missing", "html"] = "text"
    encoding: str = "utf-8"
    habits: dict[str, Any] = Field(default_factory=dict)
    """What only its family knows; the family's module checks it."""
    style: dict[str, Any] = Field(default_factory=dict)
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """What one address answers."""

    body: bytes
    content_type: str
    modified: datetime
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """A strong validator: equal bytes, equal tag."""
        return f'"{sha256(self.body).hexdigest()[:20]}"'


@dataclass(frozen=True, slots=True)
class FileAddress:
    """Where a file stands (path with query), how the article writes its address, and how it is sent."""

    path: str
    href: str
    content_type: str | None = None
    """Left out: the type that fits the file."""
    headers: Mapping[str, str] = field(default_factory=dict)


class Addresses(Protocol):
    """How a family names its articles and files."""

    def article(self, site: "Site", published: date, number: int, report_year: int) -> str:
        """The path of an article."""

    def file(self, site: "Site", article: str, published: date, number: int, label: str) -> FileAddress:
        """The address of a file called `label` that belongs to an article."""


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A row as the list shows it. `path` is on this host; `link` is an address elsewhere."""

    title: str
    published: date
    path: str = ""
    link: str = ""
    report_year: int | None = None


@dataclass(frozen=True, slots=True)
class SitePages:
    """Rows and the pages and files behind them, by path with query."""

    rows: tuple[ListedRow, ...]
    resources: Mapping[str, Resource]
    modified: datetime


def load_sites(folder: Path | None = None) -> dict[str, Site]:
    """All sites of a folder by id. Raises FactsError naming file and key."""
    chosen = folder or SITES_FOLDER
    sites = {}
    for path in sorted(chosen.glob("*.yml")):
        try:
            site = Site.model_validate(read_yaml(path))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
            raise FactsError(f"{path}: cannot be read as YAML: {problem}") from problem
        except ValidationError as problem:
            first = problem.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "file"
            raise FactsError(f"{path}: {place}: {first['msg']}") from problem
        sites[site.id] = site
    if not sites:
        raise FactsError(f"{chosen}: no site files (*.yml) here")
    return sites


def make_rows(site: Site, addresses: Addresses, facts: Mapping[str, Facts], revisions: Mapping[str, int]) -> SitePages:
    """Draw every page and file of a site. `revisions` counts the corrections of a report; each dates it a day later."""
    rows: list[ListedRow] = []
    resources: dict[str, Resource] = {}
    for row in site.rows:
        for copy in range(row.copies):
            listed, drawn = _draw_row(site, addresses, row, copy, facts, revisions)
            rows.append(listed)
            resources.update(drawn)
    rows.sort(key=lambda listed: (listed.published, listed.title, listed.path), reverse=True)
    newest = max((resource.modified for resource in resources.values()), default=_at(date(2020, 1, 1)))
    return SitePages(tuple(rows), resources, newest)


def shown_title(site: Site, title: str) -> str:
    """The title as a list cuts it."""
    is_cut = site.title_attributes and len(title) > _TITLE_SHOWN
    return f"{title[:_TITLE_SHOWN]}…" if is_cut else title


def _at(day: date, revision: int = 0) -> datetime:
    return datetime.combine(day, time(9, 30), tzinfo=UTC) + timedelta(days=revision)


def _draw_row(
    site: Site, addresses: Addresses, row: Row, copy: int, facts: Mapping[str, Facts], revisions: Mapping[str, int]
) -> tuple[ListedRow, dict[str, Resource]]:
    if row.report is not None:
        if row.report not in facts:
            raise FactsError(f"site {site.id}: no facts are called {row.report}")
        return _draw_report(site, addresses, row, copy, facts[row.report], revisions.get(row.report, 0))
    assert row.title is not None
    assert row.published is not None
    if row.link is not None:
        return ListedRow(row.title, row.published, link=row.link), {}
    path = _article_path(site, addresses, row.published, f"{row.title}{copy}", row.published.year - 1)
    listed = ListedRow(row.title, row.published, path, report_year=row.published.year - 1)
    if row.notice is None:
        return listed, {}
    style = _style(site, row)
    page = _context(site, path, row.published)
    body = draw_article(row.title, _notice_body(row.notice, site, row), style, page)
    return listed, {path: Resource(body, HTML, _at(row.published))}


def _draw_report(
    site: Site, addresses: Addresses, row: Row, copy: int, facts: Facts, revision: int
) -> tuple[ListedRow, dict[str, Resource]]:
    published = row.published or facts.published
    path = report_path(site, addresses, row, facts, copy)
    modified = _at(published, revision)
    style = _style(site, row)
    page = _context(site, path, published)
    resources = {}
    if row.rendition in (Rendition.ATTACHMENT, Rendition.PAGE_AND_ATTACHMENT):
        label = f"{facts.title_text}.docx"
        address = addresses.file(site, path, published, _number(f"{site.id}/{facts.slug}/file"), label)
        file = draw_docx(facts, DocxStyle(nbsp_padding=style.nbsp_padding))
        resources[address.path] = Resource(file, address.content_type or _DOCX, modified, address.headers)
        page = _context(site, path, published, ((label, address.href),))
    body = {Rendition.ATTACHMENT: Body.ATTACHMENT_ONLY, Rendition.IMAGE_TABLES: Body.IMAGE_TABLES}.get(
        row.rendition, style.body
    )
    drawn = draw_html(facts, replace(style, body=body), page)
    resources[path] = Resource(drawn, HTML, modified)
    return ListedRow(row.title or facts.title_text, published, path, report_year=facts.report_year), resources


def _style(site: Site, row: Row) -> HtmlStyle:
    return _STYLES.validate_python({"encoding": site.encoding, **site.style, **row.style})


def _context(site: Site, path: str, published: date, attachments: tuple[tuple[str, str], ...] = ()) -> PageContext:
    return PageContext(
        site_name=site.name,
        column_name=site.column,
        url=f"http://{site.host}{path}",
        breadcrumb=("首页", "政务公开", "政府信息公开", site.column),
        published_at=f"{published.isoformat()} 09:30",
        index_number=f"{crc32(site.id.encode()) % 10**9:09d}/{published.year}-{crc32(path.encode()) % 10**5:05d}",
        attachments=attachments,
    )


def _number(text: str) -> int:
    """A stable article number: the same row has the same address in every run."""
    return 1_000_000 + crc32(text.encode()) % 9_000_000


def report_path(site: Site, addresses: Addresses, row: Row, facts: Facts, copy: int = 0) -> str:
    """The path of a report's page; every copy of a row has its own."""
    published = row.published or facts.published
    return _article_path(site, addresses, published, f"{facts.slug}{copy}", facts.report_year)


def _article_path(site: Site, addresses: Addresses, published: date, key: str, year: int) -> str:
    return addresses.article(site, published, _number(f"{site.id}/{key}"), year)


_NOTICES = {
    NoticeKind.GUIDE: ("为方便公众查询，{name}编制本指南，说明公开的范围、方式和申请的流程。",),
    NoticeKind.RULES: ("第一条 为规范年度报告的编制和发布，制定本制度。", "第二条 年度报告于每年1月31日前发布。"),
    NoticeKind.PICTURE_STORY: ('<img src="./W0{number}.jpg" alt="" width="700" />',),
    NoticeKind.EXPLANATION: ("年度报告已经发布。本文介绍报告的六个部分分别讲什么，方便公众阅读。",),
    NoticeKind.NEWS: ("近日，{name}召开政府信息公开工作培训会，各单位负责人员参加。",),
    NoticeKind.WEBSITE_REPORT: (
        '<table border="1"><tr><td>网站名称</td><td>{name}</td></tr>'
        "<tr><td>网站总访问量（单位：次）</td><td>{number}</td></tr>"
        "<tr><td>信息发布总数（单位：条）</td><td>1286</td></tr>"
        "<tr><td>留言办结数量（单位：条）</td><td>47</td></tr></table>",
    ),
}


def _notice_body(kind: NoticeKind, site: Site, row: Row) -> str:
    values = {"name": escape(site.name), "number": _number(f"{site.id}/{row.title}")}
    texts = (text.format(**values) for text in _NOTICES[kind])
    return "\n".join(text if text.startswith("<table") else f"<p>{text}</p>" for text in texts)
