"""Hanweb's openness module: `search.jsp` lists, `tree.jsp`, and `xxgkAnnualReport.jsp` by body and year.

Belongs here: what a page says about these, pure. Does not belong here: asking and recording (`hanweb`, `base`).

`search.jsp` may answer with the whole district: the column is known by `divid=div<col>`, its rows by `art_<col>_`.
`xxgkAnnualReport.jsp?area=<code of the body>&fbtime=<year>` has one page a body and year and no article number; bodies
and years stand in links, in drop-down lists, or in the tree.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlsplit

from crawlers.links import resolve
from crawlers.pages import Link, Page

__all__ = [
    "AnnualReports",
    "Search",
    "annual_key",
    "column_of_article",
    "find_annual_reports",
    "find_search",
    "find_trees",
    "page_count",
    "report_link",
]

SEARCH = re.compile(r"[\w:/.-]*/module/xxgk/search\.jsp(?:\?[^\s\"'<>\\)]*)?", re.IGNORECASE)
TREE = re.compile(r"[\w:/.-]*/?module/xxgk/tree\.jsp\?[^\s\"'<>\\)]*", re.IGNORECASE)
ANNUAL = re.compile(r"[\w:/.-]*xxgkAnnualReport\.jsp(?:\?[^\s\"'<>\\)]*)?", re.IGNORECASE)
FIELDS = (
    "infotypeId", "jdid", "area", "divid", "vc_title", "vc_number", "vc_filenumber", "vc_all", "sortfield", "texttype",
    "fbtime", "standardXxgk", "isAllList", "ssybm", "webid", "columnid", "fbtype", "currpage",
)  # fmt: skip
USUAL = {
    "vc_title": "", "vc_number": "", "vc_filenumber": "", "vc_all": "", "texttype": "", "fbtime": "-1",
    "sortfield": ",createdatetime:0,orderid:0",
}  # fmt: skip
ARTICLE_COLUMN = re.compile(r"/art_(\d+)_\d+\.html?", re.IGNORECASE)
PAGES = re.compile(
    r"共\s*(?:<[^>]*>\s*)*(\d+)\s*(?:<[^>]*>\s*)*页|\bpageCount\s*[=:]\s*[\"']?(\d+)|\d+\s*/\s*(\d+)\s*页"
)
CODE = r"(?=[0-9A-Za-z]*\d{6})[0-9A-Za-z]{8,24}"
YEAR = re.compile(r"^\s*((?:19|20)\d\d)\s*(?:年度?)?\s*(?:年报|年度报告|报告)?\s*$")
CHINESE = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff（）()·、\d]{1,39}")
STEP = 160


@dataclass(frozen=True, slots=True)
class Search:
    """A list behind `search.jsp`: where to ask, with which fields, and which column it is."""

    endpoint: str
    fields: Mapping[str, str]
    column: str | None


@dataclass(slots=True)
class AnnualReports:
    """Bodies and years of `xxgkAnnualReport.jsp`, and which pairs are linked."""

    endpoint: str
    bodies: dict[str, str] = field(default_factory=dict)
    """Name by code; the name may be empty."""
    years: list[str] = field(default_factory=list)
    linked: set[tuple[str, str]] = field(default_factory=set)
    offers_years: bool = False
    """Whether years stand in the page to choose from, beside those of the links."""

    def unlinked(self) -> Iterator[tuple[str, str]]:
        """The pairs to try: all, but for linked bodies where the page links what there is.

        It does where it links several years of one body, or offers no years to choose from.
        """
        counts = Counter(code for code, _ in self.linked)
        explicit = not self.offers_years or any(count > 1 for count in counts.values())
        for code in self.bodies:
            if not (explicit and counts[code]):
                yield from ((code, year) for year in self.years if (code, year) not in self.linked)


def find_search(page: Page, column: str | None, options: Mapping[str, str] | None = None) -> Search | None:
    """The search list that a page configures, or is."""
    own = SEARCH.search(page.url)
    match = own or SEARCH.search(page.text)
    if match is None:
        return None
    address = resolve(page.url, html.unescape(match.group()).replace("\\/", "/")) or page.url
    fields = {**USUAL, **_said(page), **dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))}
    divided = re.fullmatch(r"div(\d+)", fields.get("divid", ""))
    number = (options or {}).get("columnid") or (divided.group(1) if divided else column)
    if number and not divided:
        fields["divid"] = f"div{number}"
    fields.pop("currpage", None)
    return Search(address.partition("?")[0], fields, number)


def _said(page: Page) -> dict[str, str]:
    """Fields from hidden inputs and scripts of the page."""
    said: dict[str, str] = {}
    names = "|".join(FIELDS)
    script = re.compile(rf"(?<![\w.])[\"']?({names})[\"']?\s*[:=]\s*(?:'([^']*)'|\"([^\"]*)\"|([\w:-]+))")
    for match in script.finditer(page.text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        said.setdefault(match.group(1), value)
    tree = page.tree
    for box in tree.iter("input") if tree is not None else ():
        name = str(box.get("name") or box.get("id") or "")
        if name in FIELDS and box.get("value"):
            said[name] = str(box.get("value"))
    # `infotypeId=A01&divid=div30` inside one string.
    for match in re.finditer(rf"[\"'&?]({names})=([^&\"'<>\s]*)", page.text):
        said.setdefault(match.group(1), match.group(2))
    return said


def column_of_article(url: str) -> str | None:
    """The column number in the address of an article."""
    match = ARTICLE_COLUMN.search(url)
    return match.group(1) if match else None


def page_count(text: str) -> int | None:
    """How many pages a search says it has."""
    match = PAGES.search(text)
    return int(next(group for group in match.groups() if group)) if match else None


# ---- annual reports by body and year --------------------------------------------------------------------------------


def annual_key(url: str) -> tuple[str, str] | None:
    """Body and year of an address of `xxgkAnnualReport.jsp`; an empty text for what it does not name."""
    parts = urlsplit(url)
    if not parts.path.lower().endswith("xxgkannualreport.jsp"):
        return None
    fields = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
    return fields.get("area", ""), fields.get("fbtime", "")


def find_trees(page: Page) -> tuple[str, ...]:
    """The addresses of trees of bodies that a page names."""
    found = (resolve(page.url, html.unescape(match.group())) for match in TREE.finditer(page.text))
    return tuple(dict.fromkeys(url for url in found if url is not None and "+" not in url))


def find_annual_reports(page: Page, *, is_tree: bool = False) -> AnnualReports | None:
    """Bodies and years that a page names; None where it does not speak of the endpoint."""
    named = ANNUAL.search(page.text) or ANNUAL.search(page.url)
    if named is None and not is_tree:
        return None
    default = "/module/xxgk/xxgkAnnualReport.jsp"
    address = resolve(page.url, html.unescape(named.group()) if named else default) or page.url
    found = AnnualReports(address.partition("?")[0])
    for url, name in _addresses(page):
        key = annual_key(url)
        if key is None or not key[0]:
            continue
        code, year = key
        found.bodies[code] = found.bodies.get(code) or ("" if YEAR.match(name) else name)
        if re.fullmatch(r"(?:19|20)\d\d", year):
            found.linked.add((code, year))
    for code, name in _codes(page, is_tree=is_tree):
        found.bodies[code] = found.bodies.get(code) or name
    offered = {match.group(1) for text in _choices(page) if (match := YEAR.match(text))}
    found.offers_years = bool(offered)
    found.years = sorted(offered | {year for _, year in found.linked}, reverse=True)
    return found


def _addresses(page: Page) -> Iterator[tuple[str, str]]:
    """Addresses of the endpoint with the text beside them: in links, and in scripts."""
    yield from ((link.url, link.title) for link in page.links)
    for match in ANNUAL.finditer(page.text):
        url = resolve(page.url, html.unescape(match.group()))
        # An address that a script puts together ends where the first part does: `area="+code`.
        if url is not None and "area=" in url and not re.search(r"=(?:&|$)", url):
            near = page.text[max(0, match.start() - STEP) : match.start()]
            names = CHINESE.findall(near.rpartition("<")[2] if "<" in near else near)
            yield url, names[-1] if names else ""


def _codes(page: Page, *, is_tree: bool) -> Iterator[tuple[str, str]]:
    """Codes of bodies with their names: options, attributes, calls, nodes of a tree."""
    for code, name in re.findall(rf"<option\b[^>]*\bvalue\s*=\s*[\"']?({CODE})[\"']?[^>]*>\s*([^<]+)", page.text):
        yield code, name.strip()
    named = rf"(?:area|areacode|orgcode|org|deptcode)[\"']?\s*[=:]\s*\\?[\"']?({CODE})\b"
    pattern = rf"{named}|[\"'>(]({CODE})[\"'<,)]" if is_tree else named
    for match in re.finditer(pattern, page.text, re.IGNORECASE):
        code = next(group for group in match.groups() if group)
        behind = page.text[match.end() : match.end() + STEP]
        # The name stands in the same call, object or link.
        name = CHINESE.search(re.split(r"[)}]|</a|\n", behind)[0])
        if name is None:
            ahead = re.split(r"[({]|<a|\n", page.text[max(0, match.start() - STEP) : match.start()])[-1]
            name = CHINESE.search(ahead)
        if name is not None or not is_tree:
            yield code, name.group() if name else ""


def _choices(page: Page) -> Iterator[str]:
    """Texts that may be years to choose from."""
    yield from (link.title for link in page.links)
    yield from re.findall(r"<(?:option|li|span|a|em|dd)\b[^>]*>\s*([^<]{4,12}?)\s*<", page.text)


def report_link(reports: AnnualReports, code: str, year: str) -> Link:
    """The address of one body's report of one year."""
    return Link(url=f"{reports.endpoint}?area={code}&fbtime={year}", title=reports.bodies.get(code, ""))
