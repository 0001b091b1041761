"""What is taken for a report, what is kept as a candidate, and what a portal sends in place of an article."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from crawl_peer import Answer, CrawlRun, Peer, article, crawl, listing, report, write_entry
from crawl_peer import Page as PeerPage

from crawlers.answers import BLANK, ENOUGH, NO_PART, Article, Judgement, Kind, judge_article
from crawlers.archive import Outcome, RawStore, Role
from crawlers.links import identity_key, is_attachment, judge_title, may_name_one_report
from crawlers.pages import Page, links_in_fragment
from crawlers.politeness import SHORTEST_PAUSE

BASE = "/zwgk/zfxxgknb/"
TITLE = "某局2022年政府信息公开工作年度报告"
URL = "http://a.gov.cn/zwgk/zfxxgknb/202301/t20230101_1.html"
NAV = "".join(
    f'<a href="/zwgk/{number}/">{name}</a>'
    for number, name in enumerate(("区情概况", "主动公开", "依申请公开", "规范性文件", "政府信息公开指南", "政策解读"))
)  # fmt: skip
REPORT = (
    "<p>一、总体情况</p><p>本机关主动公开政府信息49条。</p><p>二、主动公开政府信息情况</p><p>三、收到和处理政府信息公开申请情况</p>"
    "<p>四、政府信息公开行政复议、行政诉讼情况</p><p>五、存在的主要问题及改进情况</p><p>六、其他需要报告的事项</p>"
)


def page(body: str, title: str = TITLE) -> Article:
    """An article page with navigation beside its body."""
    return Article(
        Page(URL, f"<html><head><title>{title}</title></head><body><ul>{NAV}</ul>{body}</body></html>".encode())
    )


def only(run: CrawlRun) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each page and file, by the last part of its path."""
    return {
        path.rpartition("/")[2]: (row.outcome.value, row.reason or "")
        for path, row in run.by_path().items()
        if row.role in (Role.ARTICLE, Role.ATTACHMENT)
    }


# ---- titles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "区水利局", "中国邮政集团有限公司某县分公司", "某县税务局", "某镇2021年", "2022年度", "年度报告",
        "政府信息公开年报", "某某公路段", "国家统计局某调查队", "某某支行", "某局2022年政府信息公开工作总结",
        "2022年某区政府信息公开工作报告",
        "某局关于2013年政府信息公开工作情况的报告", "某市2022年政府信息公开工作年度报告（文字版）",
        "某市2022年政府信息公开工作年度报告（图片版）",
        "长风视频监控中心2022年政府信息公开工作年度报告", "某县投资促进中心培训部2021年政府信息公开工作年度报告",
        "某市动漫产业发展办公室2021年政府信息公开年报", "某市第三方评估中心2022年政府信息公开工作年度报告",
    ],
)  # fmt: skip
def test_reports_by_their_title(title: str) -> None:
    assert judge_title(title, in_report_column=True).follow


@pytest.mark.parametrize(
    ("title", "candidate"),
    [
        ("（图解）某市2022年政府信息公开工作年度报告", True),
        ("某市2022年政府信息公开工作年度报告解读", True),
        ("图解：某市2022年政府信息公开工作年度报告", True),
        ("一图读懂某县教育局2022年政府信息公开工作年度报告", True),
        ("视频解读某局2022年政府信息公开工作年度报告", True),
        ("动漫某局2022年政府信息公开工作年度报告", True),
        ("某县召开培训会2022年政府信息公开工作年度报告", True),
        ("某县人民政府网站2022年年度报告", True),
        ("某县2022年政务公开第三方评估报告", False),
        ("政府信息公开工作年度报告制度", True),
        ("某区政府网站工作年度报表（2022年度）", True),
        ("关于做好2022年政府信息公开年度报告编制工作的通知", True),
        ("2022年某某", True),
        ("政府信息公开指南", False),
        ("2022年法治政府建设年度报告", False),
        ("某某书记到我区慰问", False),
        ("下一页", False),
    ],
)
def test_what_is_nearly_a_report_is_a_candidate_and_the_rest_is_left_out(title: str, candidate: bool) -> None:
    verdict = judge_title(title, in_report_column=True)
    assert not verdict.follow
    assert verdict.is_candidate is candidate
    assert verdict.reason


def test_a_picture_or_a_more_has_the_title_of_the_other_link() -> None:
    row = f'<li><a href="1.html"><img src=x></a><a href="1.html">{TITLE}</a><a href="1.html">[详情]&gt;&gt;</a></li>'
    assert {link.title for link in links_in_fragment(row, URL)} == {TITLE}
    assert links_in_fragment("<a href=2.html>查看</a>", URL)[0].title == "查看"
    assert links_in_fragment(f"<a href=2.html>{'。' * 40}x</a>", URL)[0].title


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.a.gov.cn/x/post_1.html", "https://a.gov.cn/x/mpost_1.html"),
        ("http://a.gov.cn/x/t1.html", "http://m.a.gov.cn/x/t1.html?isMobile=true"),
        ("http://a.gov.cn/x/", "http://a.gov.cn/x/index.html"),
        ("http://a.gov.cn/x.jsp?area=1&fbtime=2020", "http://a.gov.cn/x.jsp?fbtime=2020&area=1"),
        ("http://a.gov.cn/api-gateway/f/file-download?fileUrl=T1&fileName=a.docx",
         "http://a.gov.cn/api-gateway/f/file-download?fileName=a.docx&fileUrl=T2"),
    ],
)  # fmt: skip
def test_twins_are_one_address(one: str, other: str) -> None:
    assert identity_key(one) == identity_key(other)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.gov.cn/api-gateway/jpaas-web-server/front/document/file-download?fileUrl=abc&fileName=x.docx", True),
        ("http://a.gov.cn/module/download/downfile.jsp?classid=0&filename=ab.pdf", True),
        ("http://a.gov.cn/module/download/downfile.jsp?classid=0&filename=ab.jpg", False),
        ("http://a.gov.cn/attach/0/x.pdf", True),
        ("http://a.gov.cn/search.jsp?name=x.docx", False),
        ("http://a.gov.cn/fbtime.jsp?fbtime=2020", False),
    ],
)
def test_files_are_known_by_their_address(url: str, expected: bool) -> None:
    assert is_attachment(url) is expected


# ---- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "body", "own", "kind"),
    [
        (TITLE, REPORT, TITLE, Kind.REPORT),
        ("区水利局", REPORT, "某区人民政府", Kind.REPORT),
        (TITLE, '<p>附件：<a href="P1.docx">年度报告.docx</a></p>', "某区人民政府", Kind.REPORT),
        (TITLE, "<p><img src=1.jpg></p><p><img src=2.jpg></p>", TITLE, Kind.REPORT),
        (TITLE, "<p>2008年，我局按照条例的要求做好政府信息公开工作，全年公开信息30条。</p>", TITLE, Kind.REPORT),
        (TITLE, "<p>一张图</p>", f"（图解）{TITLE}", Kind.CANDIDATE),
        (TITLE, REPORT, f"{TITLE}解读", Kind.CANDIDATE),
        (
            "某区2022年度报告",
            "<table><tr><td>网站名称</td></tr><tr><td>网站总访问量</td></tr><tr><td>信息发布总数</td></tr>"
            "<tr><td>留言办结数量</td></tr></table>",
            "某区2022年度报告",
            Kind.CANDIDATE,
        ),
        (
            "年度报告",
            "<p>第一条 为规范年度报告的编制。</p><p>第二条 每年1月31日前发布。</p><p>第三条 自发布之日起施行。</p>",
            "年度报告",
            Kind.CANDIDATE,
        ),
        ("某局年报", "<p>近日，某局召开政府信息公开工作培训会，各单位参加。</p>", "某局年报", Kind.CANDIDATE),
        ("区水利局", f"<p>{'今年以来全区农业生产形势良好。' * 20}</p>", "农业生产", Kind.CANDIDATE),
    ],
)
def test_a_page_is_held_against_its_row(row: str, body: str, own: str, kind: str) -> None:
    judged = judge_article(row, page(body, own))
    assert judged.kind == kind, judged
    assert bool(judged.reason) == (kind != Kind.REPORT)


SAYING_NOTHING = "<p>全县坚持依法公开、及时准确的原则，认真落实各项任务，推动工作迈上新台阶，得到群众好评。</p>" * 12


@pytest.mark.parametrize(
    ("row", "body"),
    [
        (TITLE, SAYING_NOTHING),
        ("某县2022年政府信息公开保密审查工作报告", SAYING_NOTHING[: len(SAYING_NOTHING) // 2]),
        ("某县2022年政务公开工作总结和2023年工作计划", f"{SAYING_NOTHING}<p>规范依申请公开办理。</p>"),
    ],
)
def test_a_long_text_without_any_part_of_the_form_is_a_candidate(row: str, body: str) -> None:
    assert judge_article(row, page(body, row)) == Judgement(Kind.CANDIDATE, NO_PART)


@pytest.mark.parametrize(
    "body",
    [
        SAYING_NOTHING[: len(SAYING_NOTHING) // 2],  # short
        f"{SAYING_NOTHING}<p>主动公开</p>",
        f"{SAYING_NOTHING}<p>全年公开信息30条。</p>",
        f"{SAYING_NOTHING}<p>未收费。</p>",
        f"{SAYING_NOTHING}<table><tr><td>1</td></tr></table>",
        f"{SAYING_NOTHING}<div><img src='t.png'></div>",
        f"{SAYING_NOTHING}<iframe src='/t.html'></iframe>",
        f"{SAYING_NOTHING}<a href='t.pdf'>附件</a>",
        f"{SAYING_NOTHING}<script>show('/files/t.pdf')</script>",
        f"{SAYING_NOTHING}<p>一、概述</p><p>二、主动公开情况</p><p>三、申请情况</p><p>四、收费及减免</p><p>五、问题</p>",
    ],
)
def test_a_text_that_may_be_a_report_or_bring_one_stays_a_report(body: str) -> None:
    assert judge_article(TITLE, page(body)).kind == Kind.REPORT


@pytest.mark.parametrize(
    "row", ["某县2010年政务公开工作总结和2011年工作计划", "某县保密局2010年政府信息公开工作年度报告"]
)
def test_a_doubtful_title_does_not_make_a_report_a_candidate(row: str) -> None:
    body = f"{SAYING_NOTHING}<p>一、主动公开情况</p><p>二、依申请公开情况</p>"
    assert judge_article(row, page(body, row)).kind == Kind.REPORT


def test_a_page_of_links_is_a_list_of_reports_or_another_page() -> None:
    rows = "".join(
        f'<li><a href="./{n}.html">某镇{n}2022年政府信息公开工作年度报告</a>2023-01-0{n}</li>' for n in range(1, 10)
    )
    news = "".join(f'<li><a href="/news/{n}.html">某区召开第{n}次工作会议部署下一步任务</a></li>' for n in range(20))
    assert judge_article("各镇街", page(rows, "某区人民政府")).kind == Kind.LIST
    assert judge_article("2022年度", page(rows, "某区人民政府")).kind == Kind.LIST
    assert judge_article(TITLE, page(rows, "某区人民政府")).kind == Kind.OTHER_PAGE
    assert judge_article(TITLE, page(news, "某区人民政府")).kind == Kind.OTHER_PAGE
    assert judge_article(TITLE, page(news + REPORT, "某区人民政府")).kind == Kind.REPORT


SHELL = (
    "<div class='top'><img src='/logo.png'></div><h1>{title}</h1>"
    "<table><tr><td>索引号</td><td>11440/2023-00012</td><td>发布机构：</td><td>某区水利局</td></tr>"
    "<tr><td>成文日期</td><td>2023-01-05</td><td>公开方式：主动公开</td></tr></table>"
    "<p>发布时间：2023-01-05 09:30　来源：某区水利局　浏览次数：<span id=hits></span>　字体：[大 中 小]</p>"
    "<div id='zoom'>{body}</div><p>打印</p><script>var title = '{title}'; share(title);</script>"
    "<div class='footer'><img src='/dzjg.png'>主办：某区人民政府办公室　网站标识码：4401000001　粤ICP备05000001号</div>"
)
"""A page as a content management system makes it, around its body."""


def shell(body: str = "", title: str = TITLE) -> Article:
    """An article page with everything around its body."""
    return page(SHELL.format(title=title, body=body), title)


@pytest.mark.parametrize("row", [TITLE, "区水利局", "2022年政府信息公开…"])
@pytest.mark.parametrize(
    "body", ["", "&nbsp;", "<p><br></p><p>　</p>", "Copyright 2023, all rights reserved", "<!-- 一、总体情况 -->"]
)
def test_a_shell_without_a_report_is_a_candidate(row: str, body: str) -> None:
    assert judge_article(row, shell(body)) == Judgement(Kind.CANDIDATE, BLANK)


def test_a_shell_among_many_links_is_a_candidate_too() -> None:
    links = "".join(f"<li><a href='/zwgk/{number}/'>政府信息公开栏目第{number}项</a></li>" for number in range(40))
    assert judge_article(TITLE, page(f"<ul>{links}</ul>{SHELL.format(title=TITLE, body='')}")).kind == Kind.CANDIDATE
    assert judge_article(TITLE, page(f"<ul>{links}</ul>{SHELL.format(title=TITLE, body='<p>见附件。</p>')}")).kind == (
        Kind.REPORT
    )


@pytest.mark.parametrize(
    "body",
    [
        "<p>2008年，我局公开信息30条。</p>",
        "<p>详见附件</p>",
        "本年度无依申请公开",
        f"<p>{TITLE}</p>",
        '<p>附件：<a href="P1.docx">年度报告.docx</a></p>',
        '<a href="/attach/download?file=a.pdf">附件</a>',
        "<img src=1.jpg>",
        "<p><a href=big.jpg><img src=small.jpg></a></p>",
        "<div style=\"background-image: url('1.jpg')\"></div>",
        "<iframe src='/pdfjs/web/viewer.html?file=%2Fa.pdf'></iframe>",
        "<iframe src='/wj/1.html'></iframe>",
        "<embed src='a.bin'>",
        "<object data='a.bin'></object>",
        "<canvas id=page1></canvas>",
        "<div id=pdf></div><script>showPdf('/upload/a.pdf')</script>",
        "<script>$.get('/api/article/1', function (text) { $('#zoom').html(text) })</script>",
        "<script>document.write(unescape('%u4E00'))</script>",
        "<script>var text = '一、总体情况本机关主动公开政府信息四十九条依申请公开三条';</script>",
        "<input type=hidden value='一、总体情况本机关主动公开政府信息四十九条依申请公开三条'>",
        "<textarea>一、总体情况。本机关主动公开政府信息49条。</textarea>",
        "<table><tr><td>本年新收</td><td>3</td></tr></table>",
        f"<table><tr>{''.join(f'<td>{number}</td>' for number in range(15))}</tr></table>",
        "<p>Annual report on open government information, 2022</p>",
        "<a href='http://b.gov.cn/art/77'>点击查看年度报告全文</a>",
        "<a href='https://mp.weixin.qq.com/s/abc'>公众号文章</a>",
        "<a href='/u/cms/77' download>年报</a>",
        "<a href='#' onclick='openFile(77)'>打印</a>",
        "<input type=button value=查看 onclick='show(77)'>",
        "<div class=open data-id=77>打开</div>",
        "<p>本年度可用浏览器访问的信息30条</p>",
        "<p>维护群众知情权，全年公开信息30条</p>",
        "<p>如需了解详情，请联系我们</p>",
        "<p>电话答复群众公开申请3件</p>",
        "<h3>2023年我镇未收到公开申请</h3>",
        "<h2><p>全年主动公开三十条</p>",
        "<h2>全年无申请，特此报告</h2>",
        "<p>公开方式：本年度无主动公开信息</p>",
        "<table><tr><td>公开方式</td><td>本年度无主动公开信息</td></tr></table>",
        "<p>发布时间：2023年1月5日，全年收到申请3件</p>",
        "<p>3</p><p>0</p>",
        "<script src='/getContent.do?id=77'></script>",
        "<div id=app></div><script type=module src='/assets/index-4f2a.js'></script>",
        "<script>var box = document.createElement('p'); box.innerText = said; zoom.appendChild(box)</script>",
        "<script>$('#zoom').text(said)</script>",
        "<script>location.href = where</script>",
        "<td background='1.jpg'></td>",
        "<input type=image src=1.jpg>",
        "<v:imagedata src='1.jpg'/>",
        "<pdf-view src='a'></pdf-view>",
        "<style>#zoom{background:url(1.jpg)}</style>",
        "<noscript>请启用脚本后查看</noscript>",
        "<article><header><img src=1.jpg></header></article>",
    ],
)
def test_whatever_may_be_the_report_keeps_a_page_a_report(body: str) -> None:
    assert judge_article(TITLE, shell(body)).kind == Kind.REPORT


@pytest.mark.parametrize(
    "around",
    [
        "<div id=top>{}<p><img src=1.jpg></p></div>",
        "<div class=header>{}<p><img src=1.jpg></p>",
        "<header><div class=logo></div>{}<img src=1.jpg></header>",
    ],
)
def test_a_head_that_holds_the_article_hides_no_picture_of_it(around: str) -> None:
    assert judge_article(TITLE, page(around.format(f"<h1>{TITLE}</h1>"))).kind == Kind.REPORT


@pytest.mark.parametrize(
    "beside",
    [
        "<link rel=stylesheet href=/a.css><script src=/js/jquery-1.12.4.min.js></script>",
        "<a href='javascript:window.print()'>打印</a><a href='javascript:void(0)' onclick='window.close()'>关闭</a>",
        "<p>上一篇：<a href='/1.html'>没有了</a></p>",
        "<div class=footer><a href='http://beian.miit.gov.cn/'>网站地图</a><a href='/about/'>关于本站</a></div>",
        "<footer><p>版权所有：某区人民政府</p><p>地址：某区某路1号　邮编：510000</p></footer>",
    ],
)
def test_what_each_page_of_a_site_has_is_no_report(beside: str) -> None:
    assert judge_article(TITLE, shell(beside)) == Judgement(Kind.CANDIDATE, BLANK)


def test_an_empty_shell_is_kept_as_a_candidate_until_the_report_is_put_in(tmp_path: Path) -> None:
    row = report(1)
    path = f"{BASE}{row[0][2:]}"
    empty, full = (
        f"<html><head><title>{row[1]}</title></head><body>{SHELL.format(title=row[1], body=body)}</body></html>"
        for body in ("", REPORT)
    )
    with Peer({BASE: listing(row, report(2)), path: empty, f"{BASE}{report(2)[0][2:]}": article(report(2)[1])}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        peer.pages[path] = full
        second = crawl(tmp_path, "2", "--full")
    kept = first.by_path()[path]
    assert (kept.outcome, kept.reason) == (Outcome.CANDIDATE, BLANK)
    assert RawStore(tmp_path / "raw").get(kept.sha256 or "") == empty.encode()
    assert (first.finished("p")["new"], first.finished("p")["candidates"]) == (1, 1)
    assert second.by_path()[path].outcome is Outcome.STORED


def test_near_misses_are_candidates_and_keep_what_was_asked_for(tmp_path: Path) -> None:
    rules = "<html><title>年度报告</title><p>第一条 规范。</p><p>第二条 发布。</p><p>第三条 施行。</p></html>"
    rows = (
        ("t20210101_1.html", "年度报告", "2021-01-01"),
        ("t20210102_2.html", "（图解）某区2020年政府信息公开工作年度报告", "2021-01-02"),
        ("t20210103_3.html", "政府信息公开指南", "2021-01-03"),
        report(4),
    )
    path = f"{BASE}{report(4)[0][2:]}"
    site = {BASE: listing(*rows), f"{BASE}t20210101_1.html": rules, path: article(report(4)[1])}
    with Peer(site) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        second = crawl(tmp_path, "2", "--full")
        asked = len(peer.log)
    found = only(first)
    assert {name: outcome for name, (outcome, _) in found.items()} == {
        "t20210101_1.html": "candidate",
        "t20210102_2.html": "candidate",
        "t20210103_3.html": "not_followed",
        path.rpartition("/")[2]: "stored",
    }
    kept = first.by_path()[f"{BASE}t20210101_1.html"]
    assert RawStore(tmp_path / "raw").get(kept.sha256 or "") == rules.encode()
    assert first.by_path()[f"{BASE}t20210102_2.html"].status_code is None
    assert only(second)["t20210101_1.html"] == ("candidate", "rules, by its page")
    assert second.by_path()[f"{BASE}t20210101_1.html"].status_code == 304
    assert asked <= 10  # robots, list, two articles, perhaps a look for what is not there; and the same again
    assert first.finished("p")["candidates"] == 2


def test_the_files_of_a_candidate_are_candidates_too(tmp_path: Path) -> None:
    rules = "<html><title>年度报告</title><p>第一条 规范。</p><p>第二条 发布。</p><p>第三条 施行。</p>"
    row = ("t20210101_1.html", "年度报告", "2021-01-01")
    site = {BASE: listing(row), f"{BASE}t20210101_1.html": f'{rules}<p><a href="P01.docx">附件</a></p></html>'}
    with Peer(site) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "1")
    assert only(run) == {
        "t20210101_1.html": ("candidate", "rules, by its page"),
        "P01.docx": ("candidate", "a file of a candidate: rules, by its page"),
    }
    assert f"{BASE}P01.docx" not in peer.paths


# ---- twins ----------------------------------------------------------------------------------------------------------


def test_one_body_under_two_addresses_is_stored_once_with_both_rows(tmp_path: Path) -> None:
    same = article(TITLE, f"<div>{REPORT * 3}</div>")
    rows = [(f"./a/t20230101_{n}.html", TITLE, "2023-01-01") for n in (1, 2, 3)]
    site = {
        BASE: listing(*rows),
        f"{BASE}a/t20230101_1.html": same,
        f"{BASE}a/t20230101_2.html": same,
        f"{BASE}a/t20230101_3.html": same.replace("<html>", "<html><!-- another column -->"),
    }
    with Peer(site) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "1")
    found = run.by_path()
    rows_found = sorted((found[f"{BASE}a/t20230101_{n}.html"] for n in (1, 2, 3)), key=lambda row: row.fetch_id)
    assert [row.outcome for row in rows_found] == [Outcome.STORED, Outcome.SAME_CONTENT, Outcome.SAME_CONTENT]
    assert len({row.sha256 for row in rows_found}) == 2
    reasons = {(row.reason or "").partition(" as http")[0] for row in rows_found[1:]}
    assert reasons <= {"the same bytes", "the same text"}
    assert len(reasons) == 2
    assert run.finished("p")["new"] == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("青山镇2021年政府信息公开工作年度报告", "绿水镇2021年政府信息公开工作年度报告", False),
        ("某县2021年政府信息公开年报", "某县2022年政府信息公开年报", False),
        ("某县财政局2021年政府信息公开工作年度报告", "财政局2021年政府信息公开年报（文字版）", True),
        ("2021年政府信息公开工作年度报告", "某县2021年政府信息公开年报", True),
        ("某县财政局2021年政府信息…", "某县财政局2021年政府信息公开工作年度报告", True),
    ],
)
def test_titles_tell_whether_equal_texts_may_be_one_report(one: str, other: str, expected: bool) -> None:
    assert may_name_one_report(one, other) is expected
    assert may_name_one_report(other, one) is expected


def test_a_report_copied_word_for_word_by_another_body_is_a_report_of_its_own(tmp_path: Path) -> None:
    titles = [f"{name}2021年政府信息公开工作年度报告" for name in ("青山镇", "绿水镇", "绿水镇", "青山镇")]
    rows = [(f"./202201/t2022011{number}_{number}.html", title, "2022-01-14") for number, title in enumerate(titles)]
    pages = {
        f"{BASE}{href[2:]}": f"<html><head><title>{title}</title></head><body><div>{REPORT * 3}</div></body></html>"
        for href, title, _ in rows
    }
    with Peer({BASE: listing(*rows), **pages}) as peer:
        write_entry(tmp_path / "registry", "a", "static_paged", peer.url(BASE))
        found = only(crawl(tmp_path, "night-1"))
    assert sorted(outcome for outcome, _ in found.values()) == ["same_content", "same_content", "stored", "stored"]


@pytest.mark.parametrize(
    "script",
    [
        r'var cfg = "{\"file\":\"\/upload\/a.pdf\",\"w\":800}"; showPdf(cfg);',
        "showPdf('/upload/a.pdf')",
        'view({"src": "/pdfjs/web/viewer.html?file=%2Fupload%2Fa.pdf"});',
    ],
)
def test_a_file_that_only_a_script_names_is_fetched(script: str, tmp_path: Path) -> None:
    row = report(1)
    name = row[0][2:]
    pages = {
        BASE: listing(row),
        f"{BASE}{name}": f"<html><body><h1>{row[1]}</h1><div id=pdf></div><script>{script}</script></body></html>",
        "/upload/a.pdf": Answer(b"%PDF-1.4\n", content_type="application/pdf"),
    }
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "a", "static_paged", peer.url(BASE))
        found = only(crawl(tmp_path, "night-1"))
    assert found["a.pdf"][0] == "stored"


def test_a_script_of_a_page_that_is_the_report_names_no_file_of_it() -> None:
    article_page = page(f"{REPORT}<script>var help = '/help/guide.pdf';</script>")
    assert article_page.marks >= ENOUGH
    assert [link.url for link in article_page.page.scripted_files] == ["http://a.gov.cn/help/guide.pdf"]


def test_a_twin_on_a_host_that_may_not_be_asked_does_not_hide_the_address_that_may(tmp_path: Path) -> None:
    peer = Peer({})
    port = peer.url("").rpartition(":")[2]
    href, title, day = report(2)
    peer.pages.update({
        BASE: listing((f"http://m.127.0.0.1:{port}{BASE}{href[2:]}", title, day), report(2), report(1)),
        **{f"{BASE}{report(number)[0][2:]}": article(report(number)[1], str(number)) for number in (1, 2)},
    })  # fmt: skip
    with peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "1")
    assert run.finished("p")["new"] == 2


# ---- bursts ---------------------------------------------------------------------------------------------------------


def test_after_a_burst_the_home_page_is_no_article_and_is_asked_again_another_night(tmp_path: Path) -> None:
    home = "".join(f'<li><a href="/news/{n}.html">某区召开第{n}次工作会议部署下一步任务</a></li>' for n in range(30))
    full = {f"{BASE}{report(number)[0][2:]}": article(report(number)[1], str(number)) for number in range(1, 7)}
    site = {BASE: listing(*(report(number) for number in range(1, 7))), **full}
    wrong = dict.fromkeys(list(full)[1:], f"<html><title>某区人民政府</title><body>{home}</body></html>")
    with Peer({**site, **wrong}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        asked = [path for path in peer.paths if path in full]
        peer.pages.update(full)
        second = crawl(tmp_path, "2")
    outcomes = [first.by_path()[path] for path in full]
    wrong_rows = [row for row in outcomes if row.outcome is Outcome.ERROR_PAGE]
    assert all(
        (row.reason or "").startswith(("in place of the article: ", "not asked: ", "the portal sent "))
        for row in wrong_rows
    )
    assert len(asked) <= 12
    assert len(wrong_rows) >= 5
    assert second.finished("p")["new"] == len(wrong_rows)


def test_one_page_for_rows_of_other_titles_is_no_article(tmp_path: Path) -> None:
    same = article("某局1关于2020年政府信息公开工作的年度报告", f"<div>{REPORT * 3}</div>")
    # Of one list page the last row is asked first.
    rows = [("./t20210102_2.html", "卫生健康委员会二〇一九年年报", "2021-01-02"), report(1)]
    site = {BASE: listing(*rows), f"{BASE}{report(1)[0][2:]}": same, f"{BASE}t20210102_2.html": same}
    with Peer(site) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "1")
    found = only(run)
    assert found[report(1)[0].rpartition("/")[2]][0] == "stored"
    assert found["t20210102_2.html"][0] == "error_page"
    assert "page" in found["t20210102_2.html"][1]


def test_a_host_that_sends_its_list_for_every_article_is_left_alone_until_another_night(tmp_path: Path) -> None:
    full = {f"{BASE}{report(number)[0][2:]}": article(report(number)[1], str(number)) for number in range(1, 29)}
    listed = listing(*(report(number) for number in range(1, 29)))
    served = 0

    def pressed(path: str) -> Callable[[str, Mapping[str, str]], Answer]:
        def answer(method: str, form: Mapping[str, str]) -> Answer:
            nonlocal served
            served += 1
            return Answer(full[path] if served <= 4 else listed)

        return answer

    site: dict[str, PeerPage] = {BASE: listed, **{path: pressed(path) for path in full}}
    with Peer(site) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        asked = peer.paths
        pauses = [after.start - before.end for before, after in pairwise(peer.log)]
        second = crawl(tmp_path, "2")
        again = peer.paths[len(asked) :]
        peer.pages.update(full)
        third = crawl(tmp_path, "3")
    assert first.finished("p")["new"] == 4
    assert set(first.by_path()) >= set(full)  # every address has its outcome
    left = [row.reason or "" for row in first.rows if row.elapsed_ms is None]
    assert len(left) >= 10
    assert all(said.startswith("not asked: the portal sends its list page in place of articles") for said in left)
    # Robots, list, four that came, five or the few more that waited meanwhile, some of them twice, and the proof.
    assert len(asked) <= 22
    assert min(pauses[-4:]) >= 8 * SHORTEST_PAUSE  # not faster again while another page still comes
    assert 2 < len(again) <= 18
    assert second.finished("p")["new"] == 0
    assert third.finished("p")["new"] == 24


def test_rows_that_lead_nowhere_keep_nobody_from_the_reports_beside_them(tmp_path: Path) -> None:
    rows = [report(number) for number in range(1, 19)]
    good = {1, 2, 9, 17, 18}
    listed = listing(*rows)
    pages = {
        f"{BASE}{report(number)[0][2:]}": article(report(number)[1], str(number)) if number in good else listed
        for number in range(1, 19)
    }
    with Peer({BASE: listed, **pages}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "1")
    assert run.finished("p")["new"] == len(good)
    assert not [row for row in run.rows if row.elapsed_ms is None]


# ---- hops and lists behind rows -------------------------------------------------------------------------------------

LIST = listing(report(1), report(2), after='<script>createPageHTML(2, 0, "index", "html");</script>')
STUBS = {
    "refresh": f'<html><meta http-equiv="refresh" content="0; url={BASE}list/"></html>',
    "script": f"<html><script>window.location.href = '{BASE}list/';</script></html>",
    "frame": '<html><body><p>政府信息公开年报</p><iframe src="/count/visit.html"></iframe>'
    f'<iframe src="/login/"></iframe><iframe src="{BASE}list/"></iframe>'
    '<iframe src="/share/footer.html"></iframe></body></html>',
}  # fmt: skip


@pytest.mark.parametrize("stub", STUBS)
def test_a_list_one_hop_away_is_read_to_its_end_and_cheaply_at_night(stub: str, tmp_path: Path) -> None:
    site = {
        BASE: STUBS[stub],
        f"{BASE}list/": LIST,
        f"{BASE}list/index_1.html": listing(report(3)),
        **{f"{BASE}list/{report(number)[0][2:]}": article(report(number)[1], str(number)) for number in (1, 2, 3, 4)},
    }
    with Peer(site) as peer:  # type: ignore[arg-type]
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        asked = len(peer.log)
        second = crawl(tmp_path, "2")
        again = peer.paths[asked:]
        peer.pages[f"{BASE}list/"] = listing(report(4), report(1), report(2))
        third = crawl(tmp_path, "3")
    assert first.finished("p")["new"] == 3, only(first)
    assert again == ["/robots.txt", BASE, f"{BASE}list/"]
    assert second.finished("p")["new"] == 0
    assert third.finished("p")["new"] == 1


def test_an_article_that_sends_on_is_followed_one_hop_and_never_off_the_hosts(tmp_path: Path) -> None:
    rows = [report(1), report(2)]
    one, two = (f"{BASE}{row[0][2:]}" for row in rows)
    site = {
        BASE: listing(*rows),
        one: "<html><script>location.href='/wj/1.html'</script></html>",
        two: '<html><meta http-equiv="refresh" content="0;url=http://evil.invalid/1.html"></html>',
        "/wj/1.html": article(report(1)[1]),
    }
    with Peer(site) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        run = crawl(tmp_path, "1")
    assert run.by_path()[one].outcome is Outcome.STORED
    assert (run.by_path()[one].final_url or "").endswith("/wj/1.html")
    assert not any("evil" in (row.final_url or "") for row in run.rows)


@pytest.mark.parametrize(
    "stub",
    [
        "<html><body><p>正文如下</p><iframe src='/wj/1.html'></iframe></body></html>",
        "<html><script>function go(){location.href='/wj/1.html'} setTimeout(go, 3000)</script><p>正在跳转</p></html>",
        "<html><meta http-equiv='refresh' content='0;url=/wj/1.html'></html>",
    ],
    ids=["frame", "function", "refresh"],
)
def test_an_article_that_stands_elsewhere_is_followed_there_and_costs_no_bytes_when_swept(
    stub: str, tmp_path: Path
) -> None:
    path = f"{BASE}{report(1)[0][2:]}"
    with Peer({BASE: listing(report(1)), path: stub, "/wj/1.html": article(report(1)[1])}) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1").by_path()[path]
        second = crawl(tmp_path, "2", "--full").by_path()[path]
    assert (first.outcome, first.final_url) == (Outcome.STORED, peer.url("/wj/1.html"))
    assert RawStore(tmp_path / "raw").get(first.sha256 or "") == article(report(1)[1]).encode()
    assert (second.outcome, second.status_code, second.sha256) == (Outcome.UNCHANGED, 304, first.sha256)


def test_a_row_that_leads_to_a_list_of_bodies_is_walked_and_looked_at_every_night(tmp_path: Path) -> None:
    links = [
        (f"./t2021010{n}_{n}.html", f"某镇{n}2020年政府信息公开工作年度报告", f"2021-01-0{n}") for n in range(1, 9)
    ]
    site = {
        BASE: listing(report(9), ("/xz/202101/t20210120_20.html", "各乡镇2020年", "2021-01-20")),
        f"{BASE}{report(9)[0][2:]}": article(report(9)[1]),
        "/xz/202101/t20210120_20.html": listing(*links[:-1]),
        **{f"/xz/202101/{href[2:]}": article(title) for href, title, _ in links},
    }
    site["/xz/202101/t20210120_20.html"] += "<ul>" + "".join(
        f'<li><a href="/zwgk/gk{n}/">政务公开栏目第{n}项内容</a></li>' for n in range(9)
    )
    with Peer(site) as peer:  # type: ignore[arg-type]
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url(BASE))
        first = crawl(tmp_path, "1")
        asked = len(peer.log)
        crawl(tmp_path, "2")
        again = peer.paths[asked:]
        peer.pages["/xz/202101/t20210120_20.html"] = listing(*links[::-1])
        third = crawl(tmp_path, "3")
    behind = first.by_path()["/xz/202101/t20210120_20.html"]
    assert behind.role is Role.LISTING, behind
    assert first.finished("p")["new"] == 8
    assert again == ["/robots.txt", BASE, "/xz/202101/t20210120_20.html"]
    assert third.finished("p")["new"] == 1


def test_an_empty_answer_is_no_page() -> None:
    empty = Article(Page(URL, b""))
    assert (empty.text, empty.titles, empty.digest) == ("", (), None)
