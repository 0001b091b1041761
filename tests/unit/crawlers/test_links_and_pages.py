"""Addresses, titles, dates and list pages are read as portals write them."""

import json
import os
import unicodedata
from pathlib import Path

import pytest
from crawl_peer import datastore, listing
from hypothesis import given
from hypothesis import strategies as st

from crawlers.archive import Outcome, Role
from crawlers.links import (
    SPACES,
    canonical_url,
    directory_of,
    find_date,
    hands_out_file,
    identity_key,
    is_attachment,
    is_report_candidate,
    judge_title,
    normal_forms,
    resolve,
    without_spaces,
)
from crawlers.pages import Page, decode
from crawlers.robots import ALLOW_ALL, read_robots
from crawlers.spiders.hanweb import find_units, read_datastores
from crawlers.spiders.static_paged import find_columns, find_rows, read_paging
from crawlers.validation import judge_response

LIST = "http://a.gov.cn/zwgk/zfxxgknb/"


@given(st.text() | st.text("政府（２０２３）年，报 \u3000\u200b\u00a0e\u0301か\u3099ﾊﾞｶ\uac00\u11a8\ufeff①㈱"))
def test_normal_forms_and_spaces_are_those_of_the_library(text: str) -> None:
    assert normal_forms(text) == unicodedata.normalize("NFKC", text)
    assert without_spaces(text) == SPACES.sub("", text)


# ---- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "href", "expected"),
    [
        (LIST, "./202101/t20210129_1.html", "http://a.gov.cn/zwgk/zfxxgknb/202101/t20210129_1.html"),
        (LIST, "../../x/t20210129_1.html#top", "http://a.gov.cn/x/t20210129_1.html"),
        (LIST, "//b.gov.cn/1.html", "http://b.gov.cn/1.html"),
        (LIST, "/a b.pdf", "http://a.gov.cn/a%20b.pdf"),
        (LIST, "https://A.gov.cn:443/报告.pdf", "https://a.gov.cn/%E6%8A%A5%E5%91%8A.pdf"),
        (LIST, "javascript:void(0)", None),
        (LIST, "#top", None),
        (LIST, "mailto:x@a.gov.cn", None),
        (LIST, "http://[broken/", None),
        (LIST, "ftp://a.gov.cn/x.pdf", None),
    ],
)
def test_a_link_becomes_an_address_or_nothing(base: str, href: str, expected: str | None) -> None:
    assert resolve(base, href) == expected


def test_a_list_without_its_closing_slash_means_its_own_folder() -> None:
    assert directory_of("http://a.gov.cn/zwgk/zfxxgknb") == LIST
    assert directory_of(LIST) == LIST
    assert directory_of(f"{LIST}index_1.html") == LIST


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.a.gov.cn/x/index.html", "https://a.gov.cn/x"),
        ("http://a.gov.cn/t1.html?isMobile=false", "http://a.gov.cn/t1.html"),
        ("http://a.gov.cn/x.html;jsessionid=AB12?a=1", "http://a.gov.cn/x.html?a=1"),
        ("http://m.a.gov.cn/content/mpost_12.html", "http://www.a.gov.cn/content/post_12.html"),
        ("http://a.gov.cn/%e6%8a%a5.html", "http://a.gov.cn/%E6%8A%A5.html"),
        ("http://a.gov.cn/r.jsp?area=1&fbtime=2021", "http://a.gov.cn/r.jsp?fbtime=2021&area=1"),
        ("http://a.gov.cn/x.html?_=1699&ddtab=true", "http://a.gov.cn/x.html"),
    ],
)
def test_twins_of_an_address_are_one(one: str, other: str) -> None:
    assert identity_key(one) == identity_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.gov.cn/year_details.aspx?dept=58&year=2022", "http://a.gov.cn/year_details.aspx?dept=58&year=2021"),
        ("http://a.gov.cn/r.jsp?area=1&fbtime=2021", "http://a.gov.cn/r.jsp?area=2&fbtime=2021"),
        ("http://a.gov.cn/index_1.html", "http://a.gov.cn/index_2.html"),
        ("http://zwgk.a.gov.cn/x", "http://a.gov.cn/x"),
    ],
)
def test_what_is_the_identity_is_kept(one: str, other: str) -> None:
    assert identity_key(one) != identity_key(other)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/col/col314/index.html?uid=1737&pageNum=1", "/col/col314/index.html"),
        ("/col/col314/?pagenum=1&uid=1737", "/col/col314/"),
        ("/col/col314/index.html?uid=1737", "/col/col314/index.html"),
        ("/art/2024/1/25/art_1229670709_88644.html?uid=1737&pageNum=1", "/art/2024/1/25/art_1229670709_88644.html"),
        (
            "/art/2024/1/25/art_1229670709_88644.html?pageNum=3",
            "/art/2024/1/25/art_1229670709_88644.html?pageNum=3",
        ),
        ("/col/col314/index.html?uid=1737&pageNum=3", "/col/col314/index.html?uid=1737&pageNum=3"),
        ("/col/col314/index.html?uid=1737&number=A01", "/col/col314/index.html?uid=1737&number=A01"),
        ("/list.aspx?uid=1737&pageNum=1", "/list.aspx?uid=1737&pageNum=1"),
        ("/x/index.html?pageNum=1", "/x/index.html?pageNum=1"),
    ],
)
def test_the_unit_and_page_that_a_reader_came_from_make_no_other_address(address: str, expected: str) -> None:
    assert canonical_url(f"http://a.gov.cn{address}") == f"http://a.gov.cn{expected}"


def test_a_canonical_address_can_still_be_opened() -> None:
    assert canonical_url("HTTP://www.A.gov.cn:80//x/index.html?isMobile=true#p") == "http://www.a.gov.cn/x/index.html"
    assert canonical_url(canonical_url("http://a.gov.cn/%7ex?b=%2f")) == canonical_url("http://a.gov.cn/%7ex?b=%2f")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn/P020210129.pdf", True),
        ("http://a.gov.cn/x.DOCX?v=1", True),
        ("http://a.gov.cn/module/download/downfile.jsp?classid=0&filename=2402.doc", True),
        ("http://a.gov.cn/module/download/downfile.jsp?classid=0&filename=icon.png", False),
        ("http://a.gov.cn/t1.html", False),
        ("http://a.gov.cn/pdf/", False),
    ],
)
def test_a_file_is_told_from_a_page(url: str, expected: bool) -> None:
    assert is_attachment(url) is expected


# ---- titles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "某市2022年政府信息公开工作年度报告",
        "某市关于2022年政府信息公开工作的年度报告（图片版）",
        "2021年度政府信息公开工作报告",
        "某区政府信息公开工作情况报告",
        "某局门户网站政府信息公开年度报告",
        "市委组织部2020年政府信息公开年度报告",
        "财政局2022年度报告",
        "生态环境局2021年年报",
        "区水利局",
        "龙田镇2021年",
        "市委组织部",
        "2020年",
        "关于2022年政府信息公开工作的年…",
        "某街道办事处(文字版)",
        "市第一图书馆2022年政府信息公开工作年度报告",
        "市干部培训学院2021年政府信息公开年度报告",
        "动漫产业园管委会2020年政府信息公开年度报告",
        "区残联",
        "2021年市妇联",
    ],
)
def test_a_report_in_an_annual_report_column_is_followed(title: str) -> None:
    assert is_report_candidate(title, f"{LIST}t1.html", "政府信息公开年报")


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("（图解）某市2022年政府信息公开工作年度报告", "a reading"),
        ("一图读懂2022年政府信息公开年报", "a reading"),
        ("一图读懂市第一图书馆2022年政府信息公开年报", "a reading"),
        ("市第一图书馆2022年政府信息公开年报动漫版", "a reading"),
        ("某市2022年政府信息公开工作年度报告解读", "a reading"),
        ("政府信息公开工作年度报告制度", "rules"),
        ("政府信息公开指南（2022年版）", "rules"),
        ("2022年政府网站工作年度报表", "the website's own"),
        ("某局网站年度报表", "the website's own"),
        ("2022年某区政府网站工作年度报告", "the website's own"),
        ("政府信息公开工作年度报告编制规范", "rules"),
        ("政府信息公开年报格式文本", "rules"),
        ("政府信息公开申请流程图", "rules"),
        ("关于做好2022年政府信息公开年度报告编制工作的通知", "a notice"),
        ("某区召开政府信息公开年度报告培训会", "news"),
        ("某区政府信息公开年度报告编报工作启动", "news"),
        ("2022年法治政府建设年度报告", "a report on another subject"),
        ("2022年部门决算报告", "a report on another subject"),
        ("某某书记到我区慰问", "the title is not"),
        ("下一页", "the title is not"),
    ],
)
def test_what_stands_beside_reports_is_left_out_with_its_reason(title: str, reason: str) -> None:
    verdict = judge_title(title, "政府信息公开年报")
    assert not verdict.follow
    assert verdict.reason.startswith(reason)


def test_a_bare_name_counts_only_inside_an_annual_report_column() -> None:
    assert not judge_title("区水利局", "机构概况").follow
    assert judge_title("区水利局", "政府信息公开年报").follow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[2021-01-29]", "2021-01-29"),
        ("2026-\n01-\n23", "2026-01-23"),
        ("2021年1月9日", "2021-01-09"),
        ("２０２１．０１．２９", "2021-01-29"),
        ("2021-13-40", None),
        ("索引号 2021-00426", None),
    ],
)
def test_a_date_is_found_as_portals_print_it(text: str, expected: str | None) -> None:
    assert find_date(text) == expected


# ---- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "title", "date"),
    [
        ('<li><a href="t20210129_1.html">年报</a><span>2021-01-29</span></li>', "年报", "2021-01-29"),
        ("<li><a title='某局年报全' href='t20210129_1.html'>某局…</a>[2021-01-29]</li>", "某局年报全", "2021-01-29"),
        ('<li><a href="t20210129_1.html">某局年报 <i>2021-01-29</i></a></li>', "某局年报", "2021-01-29"),
        ('<tr><td><a href="t20210129_1.html">年报</a></td><td>2021-01-\n29</td></tr>', "年报", "2021-01-29"),
        ('<li><a href="c/">[公安]</a><a href="t20210129_1.html">年报</a><b>2021.1.29</b></li>', "年报", "2021-01-29"),
        ('<p><a href="t20210129_1.html">年报</a></p>', "年报", None),
        ('<li><a href="t20210129_1.html"><h4>某局年报</h4><p>2021<br>01-29</p></a></li>', "某局年报", None),
        ('<li><a href="t20210129_1.html">某局2020年报 <b>29</b> <i>2021-01</i></a></li>', "某局2020年报", None),
    ],
)  # fmt: skip
def test_a_row_gives_its_full_title_and_date(row: str, title: str, date: str | None) -> None:
    page = Page(LIST, f"<html><table><ul>{row}</ul></table></html>".encode())
    (link,) = [link for link in find_rows(page, LIST) if "t2021" in link.url]
    assert (link.title, link.date) == (title, date)


def test_unescaped_ampersands_in_addresses_keep_their_parameters() -> None:
    page = Page(LIST, b'<a href="x.jsp?a=1&para=2&copy=3&amp;d=4">x</a>')
    assert page.links[0].url == f"{LIST}x.jsp?a=1&para=2&copy=3&d=4"


@pytest.mark.parametrize(
    ("body", "header", "rule"),
    [
        ("年报".encode(), "", "utf-8"),
        (b"\xef\xbb\xbf" + "年报".encode(), "", "bom"),
        (b"<meta charset=gb2312>" + "年报".encode("gb18030"), "text/html; charset=utf-8", "meta"),
        ("年报".encode("gbk"), "text/html; charset=GBK", "header"),
        ("年报".encode("gbk"), "text/html; charset=iso-8859-1", "gb18030"),
        (b"<meta charset=utf-8>" + "年报".encode("gbk"), "", "gb18030"),
    ],
)
def test_text_is_decoded_also_under_a_wrong_label(body: bytes, header: str, rule: str) -> None:
    text, found = decode(body, header)
    assert text.endswith("年报")
    assert found == rule


@pytest.mark.parametrize(
    ("script", "second", "total"),
    [
        ('createPageHTML(9, 0, "index", "html");', ["index_1.html", "index_2.html"], 9),
        ("createPageHTML('page_div', 10, 1,'xlist','shtml',189);", ["xlist_2.shtml", "xlist_1.shtml"], 10),
        ("createPageHTML(3, 1, 'index', 'shtml');", ["index_2.shtml", "index_1.shtml"], 3),
        ('createPage(4,0,"index","htm")', ["index_1.htm", "index_2.htm"], 4),
        ("var currentPage = 0; var countPage = 5;", ["index_1.html", "index_2.html"], 5),
        ('function createPageHTML(_nPageCount, _nCurrIndex){} createPageHTML(2, 0, "index", "html")',
         ["index_1.html", "index_2.html"], 2),
    ],
)  # fmt: skip
def test_both_meanings_of_the_numbering_are_known(script: str, second: list[str], total: int) -> None:
    paging = read_paging(Page(LIST, f"<html><script>{script}</script></html>".encode()))
    assert paging is not None
    assert [paging.page(2, offset) for offset in paging.offsets] == second
    assert paging.total == total


def test_a_rendered_numbered_link_settles_the_meaning() -> None:
    html = '<script>createPageHTML(3, 0, "index", "html")</script><a href="index_2.html">2</a>'
    paging = read_paging(Page(LIST, html.encode()))
    assert paging is not None
    assert paging.offsets == (1,)


@pytest.mark.parametrize("text", ["", 'createPageHTML(1, 0, "index", "html")', "var countPage = 1;"])
def test_a_list_of_one_page_has_no_numbering(text: str) -> None:
    assert read_paging(Page(LIST, f"<html><script>{text}</script></html>".encode())) is None


def test_columns_of_years_and_bodies_are_found_below_a_column_and_nothing_else() -> None:
    html = (
        '<a href="./2021n/">2021年</a><a href="nb_2022n/index.html">2022年</a><a href="2021ndbg/2021qjbm/">区级部门</a>'
        '<a href="./">年报</a><a href="../zfxxgkzn/">指南</a><a href="./202101/">一月</a><a href="zd/">年报制度</a>'
        '<a href="http://b.gov.cn/zwgk/zfxxgknb/2021n/">别处</a><a href="a/b/c/">深</a>'
    )
    page = Page(LIST, html.encode())
    assert [link.href for link in find_columns(page, LIST)] == ["./2021n/", "nb_2022n/index.html", "2021ndbg/2021qjbm/"]


@pytest.mark.parametrize("name", ["t20230129_2444881.html", "t15699357.shtml", "t19700101_3416401.shtml"])
def test_articles_of_every_dialect_are_rows(name: str) -> None:
    page = Page(LIST, f'<a href="{name}">某局年报</a>'.encode())
    assert [link.href for link in find_rows(page, LIST)] == [name]


def test_navigation_is_no_row() -> None:
    html = (
        '<div class="nav"><a href="/zwgk/">公开</a><a href="./">政府信息公开年度报告</a></div>'
        '<div class="footer"><a href="http://beian.gov.cn/x.html">备案</a><a href="index_1.html">下一页</a></div>'
    )
    assert find_rows(Page(LIST, html.encode()), LIST) == ()


@pytest.mark.skipif("OGI_CORPUS" not in os.environ, reason="OGI_CORPUS is not set: the shared corpus is not here")
def test_the_real_list_page_of_engebei_is_read_in_full() -> None:
    folder = Path(os.environ["OGI_CORPUS"]) / "real"
    expected = json.loads((folder / "list-ordos-engebei.expected.json").read_text("utf-8"))
    url = "http://egb.ordos.gov.cn/xxgk/xxgknb"  # without its closing slash, as lists are often served
    page = Page(url, (folder / "list-ordos-engebei.html").read_bytes())
    rows = find_rows(page, url)
    found = [[row.title, row.href, row.date, judge_title(row.title, "信息公开年报").follow] for row in rows]
    assert found == expected["items"]
    paging = read_paging(page)
    assert paging is not None
    assert paging.total == expected["pages_total"]
    assert [paging.page(2, offset) for offset in paging.offsets] == [expected["next_page"]]
    assert find_columns(page, url) == ()


# ---- hanweb ---------------------------------------------------------------------------------------------------------

ROWS = [
    ("/art/2021/1/29/art_30_1.html", "某局2020年政府信息公开工作年度报告", "2021-01-29"),
    ("/art/2020/1/9/art_30_2.html", "某局2019年政府信息公开工作年度报告", "2020-01-09"),
]


def column_page(store: str, script: str) -> Page:
    html = f'<html><div id="7"><script type="text/xml">{store}</script></div><script>{script}</script></html>'
    return Page("http://a.gov.cn/col/col30/index.html", html.encode())


def test_rows_are_unpacked_from_the_xml_of_the_first_screen() -> None:
    (store,) = read_datastores(column_page(datastore(ROWS, 2), ""))
    assert [(row.url, row.title, row.date) for row in store.rows] == [
        (f"http://a.gov.cn{href}", title, day) for href, title, day in ROWS
    ]
    assert (store.total, store.row_count) == (2, 2)


@pytest.mark.parametrize(
    "script",
    [
        "$('#7').jpage({totalRecord:9, perPage:15, proxyUrl:'/module/jpage/dataproxy.jsp', "
        "ajaxParam:{col:1,appid:1,webid:55,path:'/',columnid:30,sourceContentType:1,unitid:7,webname:'某市'}});",
        '$("#7").jpage({"totalRecord":"9","perPage":"15","proxyUrl":"/module/jpage/dataproxy.jsp",'
        "ajaxParam:\"{col:1,appid:1,webid:55,path:'/',columnid:30,sourceContentType:1,unitid:'7',webname:'某市'}\"});",
    ],
)
def test_the_numbers_of_a_unit_are_read_from_its_script(script: str) -> None:
    (unit,) = find_units(column_page(datastore(ROWS, 9), script))
    assert (unit.total, unit.per_page, unit.rows) == (9, 15, 2)
    assert unit.endpoint == "http://a.gov.cn/module/jpage/dataproxy.jsp"
    picked = {key: unit.fields[key] for key in ("columnid", "unitid", "webid", "path", "webname")}
    assert picked == {"columnid": "30", "unitid": "7", "webid": "55", "path": "/", "webname": "某市"}


def test_numbers_published_only_in_nextgroup_are_the_ones_used() -> None:
    group = "/module/web/jpage/dataproxy.jsp?page=2&amp;webid=1&amp;columnid=Qx9=&amp;unitid=Zk3="
    (unit,) = find_units(column_page(datastore(ROWS, 9, group), ""))
    assert unit.next_url is not None
    assert (unit.fields["columnid"], unit.fields["unitid"]) == ("Qx9=", "Zk3=")


def test_of_several_units_the_one_of_the_column_is_read() -> None:
    other = "$('#1').jpage({totalRecord:99,perPage:5,a:{columnid:1,unitid:1}});"
    script = f"{other}$('#7').jpage({{totalRecord:9,perPage:5,a:{{columnid:30,unitid:7}}}});"
    (unit,) = find_units(column_page(datastore(ROWS, 9), script))
    assert unit.fields["unitid"] == "7"


# ---- answers --------------------------------------------------------------------------------------------------------

C3VK = "<script>document.cookie='C3VK=ab; max-age=300';location.reload()</script>"
REPORT = "<html><body>某局2020年政府信息公开工作年度报告 一、总体情况 主动公开</body></html>"


@pytest.mark.parametrize(
    ("role", "status", "body", "outcome", "stops"),
    [
        (Role.ARTICLE, 521, "<script>document.cookie='__jsluid_h=1'</script>", Outcome.CHALLENGE, True),
        (Role.ARTICLE, 412, "<script>$_ts={}</script>", Outcome.CHALLENGE, True),
        (Role.ARTICLE, 403, "<html>reason:GeoBL wzws</html>", Outcome.CHALLENGE, True),
        (Role.ARTICLE, 403, "<html>Forbidden</html>", Outcome.HTTP_ERROR, False),
        (Role.LISTING, 200, C3VK, Outcome.CHALLENGE, True),
        (Role.ARTICLE, 404, "", Outcome.HTTP_ERROR, False),
        (Role.ARTICLE, 200, "", Outcome.EMPTY, False),
        (Role.ARTICLE, 200, " \n", Outcome.EMPTY, False),
        (Role.ARTICLE, 200, "<html><body> </body></html>", Outcome.EMPTY, False),
        (Role.ARTICLE, 200, "<html><body>您访问的页面不存在</body></html>", Outcome.ERROR_PAGE, False),
        (Role.ARTICLE, 200, "<html><title>页面未找到</title><body>返回首页</body></html>", Outcome.ERROR_PAGE, False),
        (Role.ARTICLE, 200, "<html><img src='/404.png'>页面走丢了，3秒后返回</html>", Outcome.ERROR_PAGE, False),
        (Role.ATTACHMENT, 200, REPORT, Outcome.ERROR_PAGE, False),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_page_is_named(role: Role, status: int, body: str, outcome: Outcome, stops: bool) -> None:
    finding = judge_response(role=role, status=status, body=body.encode())
    assert finding is not None
    assert (finding.outcome, finding.stops_host) == (outcome, stops)
    assert finding.reason


@pytest.mark.parametrize(
    ("role", "body"),
    [
        (Role.ARTICLE, REPORT.encode()),
        (Role.ARTICLE, b"<html><body><img src=1.jpg></body></html>"),
        (Role.ARTICLE, f"<html>{REPORT}<p>原链接已失效，页面不存在的，请联系我们</p></html>".encode()),
        (Role.ATTACHMENT, b"%PDF-1.4 ..."),
        (Role.ATTACHMENT, b"<html xmlns:o='urn:schemas-microsoft-com:office:office'>Word</html>"),
        (Role.ATTACHMENT, b"{\\rtf1 x}"),
    ],
)
def test_a_page_or_a_file_passes(role: Role, body: bytes) -> None:
    assert judge_response(role=role, status=200, body=body) is None


def test_an_article_that_ends_at_the_home_page_is_an_error_page() -> None:
    finding = judge_response(
        role=Role.ARTICLE,
        status=200,
        body="<html><body>首页 新闻 公告</body></html>".encode(),
        asked="http://a.gov.cn/t1.html",
        answered="http://a.gov.cn/",
    )
    assert finding is not None
    assert finding.outcome is Outcome.ERROR_PAGE


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>404</html>", b"", b"  \n", b"\x00\x01\x02"])
def test_what_is_no_robots_text_counts_as_absent(body: bytes) -> None:
    assert read_robots(body) is ALLOW_ALL


def test_robots_text_is_obeyed_under_our_own_name_and_for_everyone() -> None:
    rules = read_robots(b"User-agent: ogi-warehouse\nDisallow: /a\nCrawl-delay: 7\n\nUser-agent: *\nDisallow: /b")
    assert not rules.allows("http://a.gov.cn/a/1.html")
    assert rules.delay_seconds == 7
    assert not read_robots(b"User-agent: *\nDisallow: /").allows("http://a.gov.cn/x")
    assert read_robots(b"User-agent: *\nCrawl-delay: 86400").delay_seconds == 120


def test_a_list_page_of_our_tests_has_rows() -> None:
    html = listing(("t20210129_1.html", "某局2020年年报", "2021-01-29"))
    assert len(find_rows(Page(LIST, html.encode()), LIST)) == 1


@pytest.mark.parametrize(
    ("url", "title", "is_file"),
    [
        ("http://a.gov.cn/dl.jsp?filename=a.pdf&token=0", "附件：年度报告.pdf", True),
        ("http://a.gov.cn/dl.jsp?filename=a.pdf&token=0", "某局2023年政府信息公开年度报告", False),
        ("http://a.gov.cn/show.jsp?name=a", "附件：年度报告.pdf", False),
        ("http://a.gov.cn/download.jsp?id=77", "年度报告.docx", True),
    ],
)
def test_an_address_hands_out_a_file_where_it_and_its_title_both_name_one(url: str, title: str, is_file: bool) -> None:
    assert hands_out_file(url, title) is is_file
