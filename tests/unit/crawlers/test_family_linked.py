"""Columns of any make are read from their links alone, and nothing else on the page is taken for a list."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from crawl_peer import Answer, Peer, article, crawl, listing, write_entry
from family_sites import assert_collected
from family_variants import column_page, crawl_variants, lists_of

from crawlers.archive import Outcome
from crawlers.columns import find_entries, folder_of_articles, looks_like_article, looks_like_column, read_pager
from crawlers.families.linked import recognise as recognise_linked
from crawlers.pages import Page
from crawlers.postbacks import Postback, find_postback
from crawlers.recognition import recognise

COLUMN = "http://a.gov.cn/zwgk/zfxxgknb/"
COUNTY = {"czj": "某县财政局", "jyj": "某县教育局", "lsx": "柳树乡"}


def page(body: str, url: str = COLUMN) -> Page:
    return Page(url, f"<html><body>{body}</body></html>".encode())


# ---- further pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fragment",
    [
        '<a href="index_2.html">下一页</a>',
        '<a class="x" href="?page=2"> 下页 &gt; </a>',
        '<a href="/zwgk/zfxxgknb/2.html">&gt;</a>',
        '<a href="?pn=2"><img alt="下一页" src="n.gif"></a>',
        '<a rel="next" href="?p=2"></a>',
        '<a href="javascript:void(0)" onclick="location.href=\'list_2.htm\'">后一页</a>',
        "<script>function go(p){ window.location.href = './list.jsp?p=' + p; }</script>"
        '<a href="javascript:go(2)">下一页</a>',
        "<button onclick=\"location='?page=2'\">下一页</button>",
        '<a href="javascript:;" onclick="toPage(\'/zwgk/zfxxgknb/6b86-2.shtml\')">下一页</a>',
        "<a onclick=\"query(this,'./6b86-2.shtml')\">下一页</a>",
    ],
)
def test_the_next_page_is_found_however_it_is_named(fragment: str) -> None:
    found = read_pager(page(fragment)).next_url
    assert found is not None
    assert "2" in found


@pytest.mark.parametrize(
    "fragment",
    [
        '<a href="/xwzx/rili.aspx?month=2024-02">&gt;</a>',
        '<a href="?month=2024-02">下一页</a>',
        '<a href="/zwgk/zfxxgknb/2024/02/">&gt;</a>',
        '<a href="http://b.gov.cn/zwgk/zfxxgknb/2.html">下一页</a>',
        '<a href="/qita/lanmu/index.html">下一页</a>',
        '<a href="javascript:;" class="disabled">下一页</a>',
        '<a href="1.html">下一篇</a>',
    ],
)
def test_calendars_other_hosts_and_other_columns_are_no_next_page(fragment: str) -> None:
    assert read_pager(page(fragment)).next_url is None


def test_an_address_that_a_script_puts_together_otherwise_is_not_guessed() -> None:
    pager = read_pager(
        page(
            "<a onclick=\"location.href='index'+(p==1?'':'_'+p)+'.jhtml'\">下一页</a>"
            "<select onchange=\"location.href='index'+(this.value==1?'':'_'+this.value)+'.jhtml'\">"
            "<option value='2'>2</option></select>"
        )
    )
    assert (pager.next_url, pager.numbered) == (None, {})


@pytest.mark.parametrize(
    ("url", "head", "expected"),
    [
        ("http://a.gov.cn/News/List/zfxxgknb", "", "http://a.gov.cn/News/List/zfxxgknb?page=2"),
        ("http://a.gov.cn/nb/list.php?page=1", "", "http://a.gov.cn/nb/list.php?page=2"),
        ("http://a.gov.cn/nb/list.php", '<base href="/other/">', "http://a.gov.cn/other/?page=2"),
    ],
)
def test_a_bare_query_is_meant_against_the_page_itself(url: str, head: str, expected: str) -> None:
    shown = page(f'{head}<a href="?page=2">下一页</a>', url)
    assert [link.url for link in shown.links] == [expected]
    assert shown.resolve(" ?page=2") == expected
    assert shown.resolve("2.html") == (f"{expected.partition('?')[0]}2.html" if head else shown.base + "2.html")


def test_a_function_that_fills_a_form_names_the_next_page() -> None:
    script = "<script>function goPage(n){ document.pf.pageNo.value = n; document.pf.submit(); }</script>"
    link = '<a href="javascript:goPage(2)">下一页</a>'
    for method in ("post", "get"):
        form = (
            f'<form name="pf" method="{method}" action="list.do"><input type="hidden" name="pageNo" value="1"></form>'
        )
        sent = find_postback(page(f"{form}{script}{link}"), 2)
        assert sent == Postback(f"{COLUMN}list.do", {"pageNo": "2"}, by_get=method == "get")
    assert find_postback(page(f"{script}{link}"), 2) is None
    assert find_postback(page(f'<form><input name="q"></form>{script}{link}'), 2) is None


def test_numbers_are_pages_and_years_are_not() -> None:
    pager = read_pager(
        page('<a href="?page=1">1</a><a href="?page=2">2</a><a href="?year=2023">2023</a><a href="?page=17">17</a>')
    )
    assert sorted(pager.numbered) == [1, 2, 17]


@pytest.mark.parametrize(
    ("fragment", "pages", "rows"),
    [
        ("<div>共 12 页</div>", 12, None),
        ("<div>第3/11页</div>", 11, None),
        ("<div>共<b>37</b>条记录</div>", None, 37),
        ("<script>var pageCount = 4; var totalCount='40';</script>", 4, 40),
        ("<div>页次：1/9</div>", 9, None),
        ('<div><span>页次：1/3</span><a href="?page=1">1</a><a href="?page=2">2</a></div>', 3, None),
        ("<div>共 <b>12</b> 页 <b>118</b> 条</div>", 12, None),
        ("<div>总页数：<span>5</span><span>1</span></div>", 5, None),
        ("<div>共享单车</div>", None, None),
    ],
)
def test_the_count_is_read_where_the_page_tells_it(fragment: str, pages: int | None, rows: int | None) -> None:
    pager = read_pager(page(fragment))
    assert (pager.pages, pager.rows) == (pages, rows)


def test_a_choice_of_the_page_size_is_no_page() -> None:
    assert read_pager(page('<a href="?pageSize=20">20</a><a href="?pageSize=50">50</a>')).numbered == {}


def test_a_select_box_names_pages_by_address_or_by_number() -> None:
    by_address = page(
        '<select onchange="location.href=this.value"><option value="index_2.html">第2页</option></select>'
    )
    by_number = page(
        "<select onchange=\"location.href='list.aspx?page='+this.value\"><option value='2'>2</option></select>"
    )
    assert read_pager(by_address).numbered == {2: f"{COLUMN}index_2.html"}
    assert read_pager(by_number).numbered == {2: f"{COLUMN}list.aspx?page=2"}


# ---- entries --------------------------------------------------------------------------------------------------------


def test_rows_are_taken_and_the_menu_is_not() -> None:
    entries = find_entries(
        page(
            '<ul class="left"><li><a href="/zn/">政府信息公开指南</a></li>'
            '<li><a href="/nb/">政府信息公开年报</a></li></ul>'
            '<ul><li><a href="/Content-12345.html">某区财政局2022年政府信息公开工作年度报告</a><i>2023-01-10</i></li>'
            '<li><a href="/Content-12346.html">区水利局</a><i>2023-01-11</i></li></ul>'
        )
    )
    assert [row.url[-18:] for row in entries.rows] == ["Content-12345.html", "Content-12346.html"]
    assert entries.columns == ()


def test_an_undated_list_is_known_by_its_titles() -> None:
    entries = find_entries(
        page(
            "<table>"
            + "".join(
                f'<tr><td><a href="show.aspx?id={number}">{name}2022年政府信息公开工作…</a></td></tr>'
                for number, name in enumerate(("财政局", "教育局", "水利局"))
            )
            + "</table>"
        )
    )
    assert len(entries.rows) == 3


@pytest.mark.parametrize(
    "fragment",
    [
        '<a href="/nw12346/index.html">2023年</a>',
        '<div class="nav"><a href="list.aspx?year=2023">2023年度</a></div>',
        '<ul><li><a href="2023n/">2023</a></li></ul>',
        '<a href="/zwgk/old_2023.html">2023年以前</a>',
        '<a href="lsnb/">2008-2023年</a>',
        "<select onchange=\"location.href='list.aspx?year='+this.value\"><option value='2023'>2023年</option></select>",
        "<script>function y(n){location.href='?year='+n}</script><li onclick=\"y(2023)\">2023年</li>",
    ],
)
def test_a_year_is_a_column_below(fragment: str) -> None:
    columns = find_entries(page(fragment)).columns
    assert len(columns) == 1
    assert "2023" in columns[0].title


def test_parts_of_a_column_are_columns_and_the_menus_own_are_not() -> None:
    entries = find_entries(
        page(
            '<div class="leftmenu"><a href="/zwgk/zfxxgknb/zj/">镇街</a><a href="bmnb/">部门信息公开年报</a></div>'
            '<a href="../jdnb/">街道年报</a><a href="/zwgk/zfxxgkzn/">政府信息公开指南</a>'
            '<a href="/nb/">政府信息公开年报</a><a href="zd/">年度报告制度</a><a href="/qita/index.html">部门动态</a>'
        )
    )
    assert [column.title for column in entries.columns] == ["镇街", "部门信息公开年报", "街道年报"]
    assert entries.rows == ()


def test_a_program_may_hold_the_further_pages_of_a_file() -> None:
    linked = page('<a href="/info/iList.jsp?cat_id=15282&amp;cur_page=2">下一页</a>')
    made = page("<script>var url = '/info/iList.jsp?cat_id=15282&cur_page=' + p;</script>第1/3页")
    assert read_pager(linked).next_url == "http://a.gov.cn/info/iList.jsp?cat_id=15282&cur_page=2"
    assert read_pager(made).template == ("/info/iList.jsp?cat_id=15282&cur_page=", "")


def test_bodies_with_columns_of_their_own_are_columns_and_articles_are_rows() -> None:
    names = ("财政局", "教育局", "水利局")
    below = "".join(f'<li><a href="/{place}j/zfxxgknb/">{name}</a></li>' for place, name in enumerate(names))
    single = "".join(f'<li><a href="content_10{place}.html">{name}</a></li>' for place, name in enumerate(names))
    home = "".join(f'<li><a href="/{place}j/">{name}</a></li>' for place, name in enumerate(names))
    assert len(find_entries(page(f"<ul>{below}</ul>")).columns) == 3
    assert len(find_entries(page(f"<ul>{single}</ul>")).rows) == 3
    departments = find_entries(page(f"<ul>{home}</ul>"))
    assert (departments.rows, departments.columns) == ((), ())


def test_addresses_of_one_off_systems_have_the_shape_of_articles() -> None:
    for path in (
        "/2023/01-19/2677014.html",
        "/Content-2361064.html",
        "/xxgk-show-136188.html",
        "/News/Detail/20240117163714550.html",
        "/e/action/ShowInfo.php?classid=174&id=7841&tempid=14",
        "/year_details.aspx?dept=58&year=2022",
        "/zwgk/xxgkndbg/content_851036",
        "/doc/2023/01/29/3871146.shtml",
        "/zwgk/show/baf33a44cac64c9e9b2cc73b4981bea3.html",
    ):
        assert looks_like_article(f"http://a.gov.cn{path}"), path
    for path in ("/zwgk/nb/", "/zwgk/nb/index.html", "/nb/list.aspx?cid=4", "/column-index-2.shtml", "/zwgk/zfxxgknb"):
        assert looks_like_column(f"http://a.gov.cn{path}"), path
    assert folder_of_articles("http://a.gov.cn/2023/01-19/1.html") == folder_of_articles(
        "http://a.gov.cn/2022/03-01/2.html"
    )


# ---- recognition ----------------------------------------------------------------------------------------------------


def test_it_is_the_fallback_and_never_more() -> None:
    own = recognise(column_page("linked"))
    assert own[0].family == "linked"
    assert own[0].weight <= 40
    assert recognise_linked(page("<p>建设中</p>")) is None


# ---- the crawl ------------------------------------------------------------------------------------------------------

VARIANTS = {
    "henan": {"articles": "henan", "pager": "sign"},
    "timestamp": {"articles": "timestamp", "pager": "numbers"},
    "folder": {"articles": "folder", "pager": "select"},
    "empire": {"articles": "empire", "pager": "script", "table": True},
    "file": {"address": "file", "pager": "script"},
    "years": {"arrange": "years"},
    "years in folders": {"arrange": "years", "address": "file"},
    "bodies": {"arrange": "bodies", "dates": False},
    "frame": {"arrange": "frame"},
    "calendar": {"calendar": True, "pager": "sign"},
    "undated": {"dates": False, "site": {"title_attributes": False}},
}


def test_every_habit_is_collected_in_full(tmp_path: Path) -> None:
    server, runs = crawl_variants(tmp_path, "linked", VARIANTS)
    for name, (made, run) in runs.items():
        assert_collected(run, server, made)
        assert not any("rili" in (row.url or "") for row in run.rows), f"{name}: walked into the calendar"
        assert len(lists_of(run)) <= 15, name


def test_pages_that_are_only_counted_are_a_failure_one_can_see(tmp_path: Path) -> None:
    _, runs = crawl_variants(tmp_path, "linked", {"said": {"address": "file", "pager": "said"}})
    _, run = runs["said"]
    assert run.events[-1]["event"] is not None
    assert max(event.get("failed", 0) for event in run.events) >= 1


def test_a_body_whose_column_is_the_report_itself_is_kept_as_a_report(tmp_path: Path) -> None:
    text = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、行政复议 五、存在的主要问题"
    report = (
        f"<html><head><title>某局2022年政府信息公开工作年度报告</title></head><body><p>{text * 9}</p></body></html>"
    )
    names = ("财政局", "教育局", "水利局")
    links = "".join(f'<li><a href="/{place}/zfxxgknb/">{name}</a></li>' for place, name in enumerate(names))
    own = listing((f"/Content-{12345}.html", "财政局2021年政府信息公开工作年度报告", "2022-01-10"))
    pages = {
        "/nb/": f"<html><body><ul>{links}</ul></body></html>",
        "/0/zfxxgknb/": own,
        "/1/zfxxgknb/": report,
        "/2/zfxxgknb/": report.replace("某局", "水利局").replace("总体情况", "水利总体情况"),
        "/Content-12345.html": article("财政局2021年政府信息公开工作年度报告"),
    }
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "a", "linked", peer.url("/nb/"))
        run = crawl(tmp_path, "night-1")
        later = crawl(tmp_path, "night-2")
    found = {path: (row.role.value, row.outcome.value) for path, row in run.by_path().items()}
    again = {path: (row.role.value, row.outcome.value) for path, row in later.by_path().items()}
    assert again["/1/zfxxgknb/"] == ("article", "unchanged")
    assert found["/1/zfxxgknb/"] == ("article", "stored")
    assert found["/2/zfxxgknb/"] == ("article", "stored")
    assert found["/Content-12345.html"] == ("article", "stored")
    assert found["/0/zfxxgknb/"] == ("listing", "listing")


def test_years_that_are_reports_themselves_are_not_asked_for_again(tmp_path: Path) -> None:
    text = "一、总体情况 二、主动公开政府信息情况 三、收到和处理政府信息公开申请情况 四、行政复议 五、存在的主要问题"
    links = "".join(
        f'<tr><td>{name}</td><td><a href="show.aspx?dept={slug}&year={year}">{year}年度</a></td></tr>'
        for slug, name in COUNTY.items()
        for year in (2021, 2022)
    )
    pages = {
        f"/nb/show.aspx?dept={slug}&year={year}": Answer(
            article(f"{name}{year}年报", f"<p>{text}</p>"), with_etag=False
        )
        for slug, name in COUNTY.items()
        for year in (2021, 2022)
    }
    with Peer({"/nb/list.aspx": f"<html><body><table>{links}</table></body></html>", **pages}) as peer:
        write_entry(tmp_path / "registry", "a", "linked", peer.url("/nb/list.aspx"))
        asked = []
        for night in ("night-1", "night-2"):
            peer.log = []
            crawl(tmp_path, night)
            asked.append([path for path in peer.paths if "show" in path])
    assert (sorted(asked[0]), asked[1]) == (sorted(pages), [])


def test_a_list_that_never_ends_is_left_when_it_repeats_itself(tmp_path: Path) -> None:
    rows = [
        (f"/Content-1234{number}.html", f"某局{number}2022年政府信息公开工作年度报告", "2023-01-10")
        for number in range(3)
    ]
    pages = {
        "/nb/list.aspx": listing(*rows, after='<a href="/nb/list.aspx?page=2">下一页</a>'),
        **{path: article(title) for path, title, _ in rows},
    }
    for number in range(2, 9):
        after = f'<a href="/nb/list.aspx?page={number + 1}">下一页</a><span>第{number}/40页</span>'
        pages[f"/nb/list.aspx?page={number}"] = listing(*rows, after=after)
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "a", "linked", peer.url("/nb/list.aspx"))
        run = crawl(tmp_path, "night-1")
    assert [path for path in peer.paths if "page=" in path] == ["/nb/list.aspx?page=2"]
    assert "incomplete list: page 2 of 40" in (run.by_path()["/nb/list.aspx?page=2"].reason or "")


def test_a_form_that_is_sent_back_brings_the_next_page(tmp_path: Path) -> None:
    rows = [
        (f"/Show.aspx?id={number}", f"某局{number}2022年政府信息公开工作年度报告", "2023-01-10")
        for number in range(1, 6)
    ]

    def aspx(method: str, given: Mapping[str, str]) -> Answer:
        number = int(given["__EVENTARGUMENT"]) if method == "POST" and given.get("__VIEWSTATE") == "k+/=" else 1
        pager = "".join(
            f"<a href=\"javascript:__doPostBack('pager','{other}')\">{other}</a>"
            for other in (1, 2, 3)
            if other != number
        )
        head = '<form method="post" action="List.aspx?cid=7"><input type="hidden" name="__VIEWSTATE" value="k+/=" />'
        return Answer(listing(*rows[2 * number - 2 : 2 * number], before=head, after=f"{pager}</form>"))

    pages = {"/nb/List.aspx": aspx, "/Show.aspx": lambda method, given: Answer(article(rows[int(given["id"]) - 1][1]))}
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "a", "linked", peer.url("/nb/List.aspx?cid=7"))
        run = crawl(tmp_path, "night-1")
    assert run.code == 0, run.stderr
    assert sorted(path for path in peer.paths if "Show" in path) == [path for path, _, _ in rows]
    assert [asked.form.get("__EVENTARGUMENT") for asked in peer.log if asked.method == "POST"] == ["2", "3"]


@pytest.mark.parametrize("offset", [0, 1])
def test_a_column_of_a_body_numbered_by_a_script_is_read_to_its_end(offset: int, tmp_path: Path) -> None:
    bodies = "".join(f'<li><a href="../../{slug}/zfxxgknb/">{name}</a></li>' for slug, name in COUNTY.items())
    pages: dict[str, str] = {"/zwgk/bmnb/": f"<html><body><ul>{bodies}</ul></body></html>"}
    reports = []
    for slug, name in COUNTY.items():
        rows = [
            (f"./{year + 1}01/t{year + 1}0120_{year}.html", f"{name}{year}年政府信息公开年度报告", f"{year + 1}-01-20")
            for year in range(2018, 2024)
        ]
        reports += [f"/{slug}/zfxxgknb/{href[2:]}" for href, _, _ in rows]
        pages |= {f"/{slug}/zfxxgknb/{href[2:]}": article(title) for href, title, _ in rows}
        script = f"<script>createPageHTML(2, {offset}, 'index', 'html')</script>"
        pages[f"/{slug}/zfxxgknb/"] = listing(*rows[:4], after=script)
        pages[f"/{slug}/zfxxgknb/index_{1 + offset}.html"] = listing(*rows[4:], after=script)
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "a", "linked", peer.url("/zwgk/bmnb/"))
        run = crawl(tmp_path, "night-1")
    assert run.code == 0, run.stderr
    assert sorted(path for path in peer.paths if "/t20" in path) == sorted(reports)


def test_rows_in_another_scheme_are_asked_in_that_of_their_list(tmp_path: Path) -> None:
    title = "某局2022年政府信息公开工作年度报告"
    with Peer() as peer:
        secure = peer.url("/Content-12345.html").replace("http://", "https://")
        peer.pages |= {"/nb/": listing((secure, title, "2023-01-10")), "/Content-12345.html": article(title)}
        write_entry(tmp_path / "registry", "a", "linked", peer.url("/nb/"))
        run = crawl(tmp_path, "night-1")
    assert run.by_path()["/Content-12345.html"].outcome is Outcome.STORED


def test_a_count_of_rows_is_no_reason_to_stop(tmp_path: Path) -> None:
    rows = [
        (f"/nb/content_1000{number}.html", f"某局{number}2022年政府信息公开工作年度报告", "2023-01-10")
        for number in range(1, 8)
    ]
    news = "".join(
        f'<li><a href="/xw/content_2000{n}.html">我县举办第{n}届运动会</a><i>2024-05-0{n}</i></li>' for n in (1, 2, 3)
    )
    pages = {path: article(title) for path, title, _ in rows}
    for number in range(1, 5):
        numbers = "".join(f'<a href="?p={n}">{n}</a>' for n in (number - 1, number + 1) if 0 < n < 5)
        after = f"{numbers}<span>共7条</span><ul>{news}</ul>"
        pages["/nb/" if number == 1 else f"/nb/?p={number}"] = listing(*rows[2 * number - 2 : 2 * number], after=after)
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "a", "linked", peer.url("/nb/"))
        run = crawl(tmp_path, "night-1")
    assert run.code == 0, run.stderr
    assert sorted(path for path in peer.paths if "/nb/content" in path) == [path for path, _, _ in rows]
