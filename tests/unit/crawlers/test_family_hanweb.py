"""Hanweb: what its pages say, how a list is asked for, and whole crawls of each kind of server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from crawl_peer import Answer, CrawlRun, Peer, article, crawl, datastore, write_entry
from family_sites import assert_collected, crawl_site, make_site, serve

from crawlers.archive import Outcome, Role
from crawlers.pages import Page
from crawlers.recognition import recognise
from crawlers.spiders.hanweb import find_units, read_datastores
from crawlers.spiders.jpage import Unit
from crawlers.spiders.openness_module import find_annual_reports, find_search, find_trees, page_count

COLUMN = "http://a.gov.cn/col/col30/index.html"


def page(html: str, url: str = COLUMN) -> Page:
    return Page(url, f"<html>{html}</html>".encode())


def art(number: int, column: int = 30) -> tuple[str, str, str]:
    return f"/art/2021/1/{number}/art_{column}_{number}.html", f"某局{number}2020年政府信息公开年报", "2021-01-02"


# ---- jpage ----------------------------------------------------------------------------------------------------------


def test_a_row_is_the_article_of_its_record_not_its_category() -> None:
    record = '<li><a href="/col/col77/index.html">某教育局</a><a href="/art/2021/1/2/art_30_1.html">年报</a></li>'
    for text in (f"<![CDATA[{record}]]>", record.replace("<", "&lt;").replace(">", "&gt;"), record):
        (store,) = read_datastores(page(f"<datastore><recordset><record>{text}</record></recordset></datastore>"))
        assert [row.href for row in store.rows] == ["/art/2021/1/2/art_30_1.html"]
        assert store.row_count == 1


def test_ampersands_and_escapes_of_nextgroup_stay_what_they_are() -> None:
    group = "./dataproxy.jsp?page=2&para=1&copy=3&columnid=Qx%2B9/Fs=&unitid=Zk%3D"
    (unit,) = find_units(page(f"<script>{datastore([art(1)], 9, group)}</script>"))
    query = "page=2&para=1&copy=3&columnid=Qx%2B9/Fs=&unitid=Zk%3D"
    assert unit.next_url == f"http://a.gov.cn/module/web/jpage/dataproxy.jsp?{query}"
    assert (unit.fields["columnid"], unit.fields["unitid"]) == ("Qx+9/Fs=", "Zk=")


def test_a_bare_nextgroup_lies_where_the_page_has_its_dataproxy() -> None:
    script = (
        "<script>$('#7').jpage({perPage:5,proxyUrl:'/module/jpage/dataproxy.jsp',p:{columnid:30,unitid:7}});</script>"
    )
    (unit,) = find_units(
        page(f"<script>{datastore([art(1)], 9, './dataproxy.jsp?page=2&columnid=30')}</script>{script}")
    )
    assert unit.endpoint == "http://a.gov.cn/module/jpage/dataproxy.jsp"
    assert unit.next_url == f"{unit.endpoint}?page=2&columnid=30"


def test_a_dataproxy_that_no_page_names_is_also_looked_for_at_its_older_place() -> None:
    script = "$('#7').jpage({perPage:15,totalRecord:40,p:{columnid:30,unitid:7}});"
    (unit,) = find_units(page(f"<script>{script}</script>"))
    server = Server(40)
    unit.start()
    while (question := unit.next_question()) is not None:
        is_there = question.url.startswith("http://a.gov.cn/module/jpage/dataproxy.jsp?")
        answer = server.answer(question.url, question.post.body.decode() if question.post else "") if is_there else None
        unit.learn(question, None if answer is None else read_datastores(answer))
    assert unit.rows == 40


def test_units_are_matched_with_their_own_rows_and_other_columns_are_left_aside() -> None:
    other = datastore([("/art/2021/1/2/art_1_1.html", "春节放假通知", "2021-01-02")], 99)
    own = datastore([art(1), art(2)], 9)
    second = datastore([art(7, 31)], 1)
    script = "".join(
        f"$('#{unit}').jpage({{perPage:5,totalRecord:{total},p:{{columnid:{column},unitid:{unit}}}}});"
        for unit, column, total in ((8, 30, 9), (7, 1, 99), (6, 31, 1))
    )
    boxes = ((7, other), (8, own), (6, second))
    html = "".join(f'<div id="{box}"><script type="text/xml">{store}</script></div>' for box, store in boxes)
    units = find_units(page(f"{html}<script>{script}</script>"))
    assert [(unit.fields["unitid"], unit.rows, unit.total) for unit in units] == [("8", 2, 9), ("6", 1, 1)]


class Server:
    """A dataproxy of `total` rows, played without HTTP."""

    def __init__(self, total: int, **habits: Any) -> None:
        self.total, self.habits, self.asked = total, habits, 0

    def answer(self, url: str, form: str) -> Page | None:
        self.asked += 1
        given = dict(part.split("=", 1) for part in f"{url.partition('?')[2]}&{form}".split("&") if "=" in part)
        if self.habits.get("only") == "GET" and form:
            return None
        size = self.habits.get("size", 15)
        if "page" in given and not self.habits.get("ignores_page"):
            first = (int(given["page"]) - 1) * size
            if self.habits.get("last_again"):
                first = min(first, (self.total - 1) // size * size)
            shown = range(first, min(first + size, self.total))
        elif "startrecord" in given and not self.habits.get("ignores_records"):
            first = int(given["startrecord"]) - self.habits.get("from", 1)
            shown = range(first, min(int(given["endrecord"]), self.total, first + self.habits.get("cap", 999)))
            if first >= self.habits.get("deep", 10_000):
                shown = range(0)
        else:
            shown = range(min(size, self.total))
        rows = [art(number) for number in shown]
        text = datastore(rows, self.total) if rows else "<datastore><recordset></recordset></datastore>"
        return page(text)


def read_all(unit: Unit, server: Server) -> int:
    unit.start()
    while (question := unit.next_question()) is not None:
        assert server.asked < 60, "the list never ends"
        answer = server.answer(question.url, question.post.body.decode() if question.post else "")
        unit.learn(question, None if answer is None else read_datastores(answer))
    return unit.rows


@pytest.mark.parametrize("first", [0, 6, 15, 45])
@pytest.mark.parametrize("total", [46, 100])
@pytest.mark.parametrize(
    "habits",
    [
        {},
        {"only": "GET"},
        {"ignores_records": True},
        {"ignores_records": True, "size": 7},
        {"ignores_records": True, "size": 40},
        {"ignores_records": True, "last_again": True},
        {"ignores_records": True, "only": "GET", "size": 10},
        {"cap": 10},
        {"deep": 30},
        {"deep": 30, "size": 20},
        {"from": 0},
        {"ignores_page": True},
    ],
    ids=str,
)
def test_no_row_is_missed_whatever_the_server_obeys(habits: dict[str, Any], total: int, first: int) -> None:
    store = datastore([art(number) for number in range(first)], total)
    script = f"$('#7').jpage({{perPage:15,totalRecord:{total},p:{{columnid:30,unitid:7}}}});"
    html = f'<div id="7"><script type="text/xml">{store}</script></div><script>{script}</script>'
    (unit,) = find_units(page(html))
    server = Server(total, **habits)
    assert read_all(unit, server) == total
    assert server.asked <= 25, server.asked


def test_a_server_that_answers_nothing_is_left_after_a_few_questions() -> None:
    script = "$('#7').jpage({perPage:15,totalRecord:99,p:{columnid:30,unitid:7}});"
    (unit,) = find_units(page(f"<script>{script}</script>"))
    server = Server(0)
    assert read_all(unit, server) == 0
    assert server.asked <= 8


# ---- the openness module --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<script>$.post('/module/xxgk/search.jsp?fbtime=-1', "
        "{infotypeId:'A02', jdid:3, area:'1133', divid:'div30'})</script>",
        '<form action="/module/xxgk/search.jsp"><input name="infotypeId" value="A02"><input name="jdid" value="3">'
        '<input type="hidden" name="area" value="1133"></form>',
        "<script>data: 'infotypeId=A02&jdid=3&area=1133&divid=div30&currpage=1', "
        'url: "/module/xxgk/search.jsp"</script>',
    ],
)  # fmt: skip
def test_a_search_is_read_from_scripts_and_forms(html: str) -> None:
    search = find_search(page(html), "30")
    assert search is not None
    assert search.endpoint == "http://a.gov.cn/module/xxgk/search.jsp"
    picked = {key: search.fields[key] for key in ("infotypeId", "jdid", "area", "divid", "fbtime")}
    assert picked == {"infotypeId": "A02", "jdid": "3", "area": "1133", "divid": "div30", "fbtime": "-1"}
    assert search.column == "30"
    assert "currpage" not in search.fields


@pytest.mark.parametrize(("text", "count"), [("共 <b>7</b> 页", 7), ("第1页 共12页", 12), ("1/5页", 5), ("x", None)])
def test_the_number_of_pages_is_read(text: str, count: int | None) -> None:
    assert page_count(text) == count


TREES = (
    "d.add('11370685004267407B','0','市民政局','');d.add('113706850042674xx','0','市财政局','')",
    '[{"id":"11370685004267407B","pId":"0","name":"市民政局"},{"id":"113706850042674990","name":"市财政局"}]',
    '<li><a href="#" areacode="11370685004267407B">市民政局</a></li>'
    "<a onclick=\"show('113706850042674990','市财政局')\">市财政局</a>",
    '<a href="xxgkAnnualReport.jsp?area=11370685004267407B">市民政局</a>'
    '<a href="xxgkAnnualReport.jsp?area=113706850042674990">市财政局</a>',
)


@pytest.mark.parametrize("tree", TREES)
def test_bodies_are_read_from_a_tree(tree: str) -> None:
    tree = tree.replace("113706850042674xx", "113706850042674990")
    found = find_annual_reports(page(tree, "http://a.gov.cn/module/xxgk/tree.jsp?area=1"), is_tree=True)
    assert found is not None
    assert found.bodies == {"11370685004267407B": "市民政局", "113706850042674990": "市财政局"}


def test_pairs_that_no_link_names_are_tried_unless_the_page_links_the_years_itself() -> None:
    years = "<option value=2021>2021年</option><option>2020</option>"
    links = '<a href="/module/xxgk/xxgkAnnualReport.jsp?fbtime=2021&area=113708830043262784">某镇</a>'
    found = find_annual_reports(page(f"<select>{years}</select>{links}"))
    assert found is not None
    assert list(found.unlinked()) == [("113708830043262784", "2020")]
    more = links.replace("2021", "2019")
    explicit = find_annual_reports(page(f"<select>{years}</select>{links}{more}"))
    assert explicit is not None
    assert list(explicit.unlinked()) == []


def test_trees_are_found_in_frames_and_scripts() -> None:
    html = '<iframe src="/module/xxgk/tree.jsp?area=113&amp;x=1"></iframe>'
    assert find_trees(page(html)) == ("http://a.gov.cn/module/xxgk/tree.jsp?area=113&x=1",)


# ---- recognition ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    [
        "<script>$('#7').jpage({perPage:5})</script>",
        "<script type='text/xml'><datastore></datastore></script>",
        "<script>$.post('/module/xxgk/search.jsp')</script>",
        '<a href="/module/xxgk/xxgkAnnualReport.jsp?area=1&fbtime=2021">x</a>',
    ],
)
def test_a_page_is_known_by_its_scripts(html: str) -> None:
    assert recognise(page(html))[0].family == "hanweb"


# ---- whole crawls ---------------------------------------------------------------------------------------------------

SERVERS: dict[str, dict[str, Any]] = {
    "by-records": {},
    "by-page": {"obeys": "page"},
    "page-size-of-its-own": {"obeys": "page", "habits": {"page_size": 8}},
    "capped": {"habits": {"cap": 4}},
    "deep-windows-empty": {"habits": {"deep_empty": 15}},
    "from-zero": {"habits": {"counts_from_zero": True}},
    "escaped": {"habits": {"screen": "escaped", "bare_ampersands": True}},
    "empty-screen": {"habits": {"screen": "empty", "old_proxy": True}},
    "encrypted": {"obeys": "page", "habits": {"encrypted": True, "bare_ampersands": True}},
    "two-units": {"habits": {"other_unit": True}},
    "categories": {"habits": {"categories": True}},
    "uncounted": {"habits": {"counts_rows": False}},
    "pinned": {"habits": {"pinned": True}},
    "search": {"habits": {"module": "search"}},
    "search-mixed": {"habits": {"module": "search", "mixed": 2}},
    "annual": {"negatives": False, "twins": False, "habits": {"module": "annual"}},
    "annual-bare": {"negatives": False, "twins": False, "habits": {"module": "annual", "bare_ampersands": True}},
}


def of_site(run: CrawlRun, portal: str) -> CrawlRun:
    return CrawlRun(run.code, run.events, run.stderr, [row for row in run.rows if row.portal_id == portal])


def test_every_kind_of_server_is_collected_in_full(tmp_path: Path) -> None:
    sites = {
        name: make_site("hanweb", reports=17, seed=place, **given)
        for place, (name, given) in enumerate(SERVERS.items())
    }
    with serve(tmp_path / "sites", *sites.values()) as server:
        run = crawl_site(tmp_path, server, list(sites.values()))
        for name, site in sites.items():
            try:
                assert_collected(of_site(run, site.site.id), server, site)
            except AssertionError as problem:
                raise AssertionError(f"{name}: {problem}") from problem
    mixed = [row for row in run.rows if row.portal_id == sites["search-mixed"].site.id]
    assert any(row.outcome is Outcome.NOT_FOLLOWED and "another column" in (row.reason or "") for row in mixed)


CODES = {"113708830043262784": "某镇", "11370685004267407B": "市民政局", "113325000026455663": "市教育局"}
ANNUAL = "/module/xxgk/xxgkAnnualReport.jsp"


def annual_report(method: str, given: Mapping[str, str]) -> Answer:
    """One page a body and year; 2020 is missing for one body."""
    code, year = given.get("area", ""), given.get("fbtime", "")
    if code not in CODES or year not in ("2020", "2021", "2022") or (code, year) == ("113708830043262784", "2020"):
        return Answer("", 404)
    return Answer(article(f"{CODES[code]}{year}年政府信息公开工作年度报告"))


YEARS = "<select><option>2022年</option><option>2021年</option><option>2020年</option></select>"
TREE = "".join(f"tree.add('{code}','0','{name}');" for code, name in CODES.items())
SITES: dict[str, tuple[str, dict[str, Any]]] = {
    "tree-in-a-frame": (
        "/col/col30/index.html",
        {
            "/col/col30/index.html": f'<iframe src="/module/xxgk/tree.jsp?area=1137"></iframe>{YEARS}'
            f"<script>var u='{ANNUAL}?area='</script>",
            "/module/xxgk/tree.jsp": TREE,
        },
    ),
    "bodies-in-a-list": (
        "/col/col30/index.html",
        {
            "/col/col30/index.html": YEARS
            + "".join(f'<a href="{ANNUAL}?area={code}&fbtime=2022">{name}</a>' for code, name in CODES.items())
        },
    ),
    "a-report-itself": (
        f"{ANNUAL}?area=11370685004267407B&fbtime=2021",
        {
            ANNUAL: lambda method, given: (
                Answer(
                    article("市民政局2021年政府信息公开工作年度报告", after=f"{YEARS}{BODIES}")
                )
                if given.get("fbtime") == "2021" and given.get("area") == "11370685004267407B"
                else annual_report(method, given)
            )
        },
    ),
}  # fmt: skip
BODIES = "".join(f'<a href="{ANNUAL}?area={code}&fbtime=2021">{name}</a>' for code, name in CODES.items())


def test_reports_that_link_one_another_are_not_asked_for_again(tmp_path: Path) -> None:
    links = "".join(
        f'<a href="{ANNUAL}?area={code}&fbtime={year}">{year}年</a>' for code in CODES for year in (2021, 2022)
    )
    pages = {
        f"{ANNUAL}?area={code}&fbtime={year}": Answer(
            article(f"{name}{year}年政府信息公开工作年度报告", after=links), with_etag=False
        )
        for code, name in CODES.items()
        for year in (2021, 2022)
    }
    start = next(iter(pages))
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "p", "hanweb", peer.url(start))
        crawl(tmp_path, "r1")
        first, peer.log = [path for path in peer.paths if "xxgkAnnualReport" in path], []
        crawl(tmp_path, "r2")
        second = [path for path in peer.paths if "xxgkAnnualReport" in path]
    assert sorted(first) == sorted(pages)
    assert second == [start]


@pytest.mark.parametrize("name", SITES)
def test_every_body_is_asked_for_every_year(name: str, tmp_path: Path) -> None:
    start, pages = SITES[name]
    with Peer({ANNUAL: annual_report, **pages}) as peer:
        write_entry(tmp_path / "registry", "p", "hanweb", peer.url(start))
        runs = [crawl(tmp_path, "r1"), crawl(tmp_path, "r2")]
    assert [run.code for run in runs] == [0, 0], runs[0].stderr
    articles = [row for row in runs[0].rows if row.role is Role.ARTICLE]
    assert sum(row.outcome is Outcome.STORED for row in articles) == 8
    assert len(articles) == 9
    assert runs[0].finished("p")["failed"] == 0, "a pair that was made up is no failure"
    assert not any(row.outcome is Outcome.STORED for row in runs[1].rows)
