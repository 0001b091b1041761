"""Habits of portals that were met at simulators of other makers: no report may be lost by one, no other page kept."""

from pathlib import Path

import pytest
from crawl_peer import Answer, Peer, article, crawl, listing, report, write_entry

from crawlers.answers import BLANK, Article, Kind, judge_article
from crawlers.archive import Outcome, Role
from crawlers.columns import find_entries, read_pager
from crawlers.links import judge_title
from crawlers.pages import Page
from crawlers.spiders.nfcms import find_rows as find_posts
from crawlers.spiders.numbering import read_paging
from crawlers.validation import judge_response

LIST = "http://www.a.gov.cn/zwgk/zfxxgknb/"
COLUMN = "政府信息公开年报"
TITLE = "某区水利局2022年政府信息公开工作年度报告"


def page(body: str, title: str = COLUMN, url: str = LIST) -> Page:
    """A page with a title."""
    text = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return Page(url, text.encode(), "text/html; charset=utf-8")


# ---- titles ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "某区水利局关于2022年度政府信息… 03-09",
        "某区水利局2022年政…[3/9]",
        "某区2023年政府信息公开工作年度报告（含图解）",
        "某区2023年政府信息公开工作年度报告及解读",
        "关于印发《某区2023年政府信息公开工作年度报告》的通知",
    ],
)
def test_a_title_that_is_cut_dated_or_names_what_comes_along_is_followed(title: str) -> None:
    assert judge_title(title, COLUMN).follow


@pytest.mark.parametrize(
    "title",
    [
        "关于做好2022年度政府信息公开工作年度报告编制和发布工作的通知",
        "关于报送2022年政府信息公开工作年度报告的通知",
        "某区2023年政府信息公开工作年度报告图解",
        "某区2023年行政复议工作年度报告",
        "某区政务新媒体2023年度报告",
        "某区2023年事业单位法人年度报告书",
    ],
)
def test_what_asks_for_reports_or_is_another_is_left_out(title: str) -> None:
    assert not judge_title(title, COLUMN).follow


# ---- lists ----------------------------------------------------------------------------------------------------------


def test_an_address_without_a_scheme_makes_no_comment_of_the_numbering_on_its_line() -> None:
    row = '<li><a href="//www.a.gov.cn/zwgk/zfxxgknb/202301/t20230101_1.html">甲</a></li>'
    call = 'createPageHTML(3, 0, "index", "html");'
    paging = read_paging(page(f"<ul>{row}</ul><script>{call}</script>"))
    assert paging is not None
    assert paging.total == 3
    assert read_paging(page(f"<ul>{row}</ul><script>var a = 1; // {call}</script>")) is None
    assert read_paging(page(f"<script>var host = 'http://a.gov.cn//x'; {call}</script>")) is not None


@pytest.mark.parametrize("shape", ["[{}]", "【{}】", "（{}）", "第{}页", "{}"])
def test_numbers_of_pages_may_stand_in_brackets(shape: str) -> None:
    links = "".join(f"<a href='List.aspx?cid=9&page={n}'>{shape.format(n)}</a>" for n in (1, 2, 3))
    pager = read_pager(page(links, url="http://a.gov.cn/List.aspx?cid=9"))
    assert {2, 3} <= pager.numbered.keys()
    assert not read_pager(page(f"<a href='List.aspx?cid=9&page=2023'>{shape.format(2023)}</a>")).numbered


@pytest.mark.parametrize("order", [1, -1])
def test_a_twin_on_another_host_does_not_stand_for_the_row_that_may_be_asked(order: int) -> None:
    rows = [
        '<li><a href="http://www.a.gov.cn/xxgk/nb/content/mpost_77.html">某区水利局2022年政府信…</a>2023-01-05</li>',
        f'<li><a href="http://m.a.gov.cn/xxgk/nb/content/mpost_77.html">{TITLE}</a>2023-01-05</li>',
    ][::order]
    listed = page(f"<ul>{''.join(rows)}</ul>", url="http://www.a.gov.cn/xxgk/nb/")
    for found in (find_posts(listed, listed.url), find_entries(listed).rows):
        assert {row.url.split("/")[2] for row in found} == {"www.a.gov.cn", "m.a.gov.cn"}


def test_a_twin_on_another_host_and_another_page_does_not_either(tmp_path: Path) -> None:
    rows = [report(number) for number in range(1, 5)]
    paths = [f"/zwgk/zfxxgknb/{row[0][2:]}" for row in rows]
    twin = (f"http://m.localhost{paths[3]}", rows[3][1], rows[3][2])
    first = listing(*rows[:3], twin, after='<script>createPageHTML(2, 0, "index", "html");</script>')
    pages: dict[str, Answer | str] = {"/zwgk/zfxxgknb/": first, "/zwgk/zfxxgknb/index_1.html": listing(rows[3])}
    pages |= {path: article(row[1]) for path, row in zip(paths, rows, strict=True)}
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "p", "static_paged", peer.url("/zwgk/zfxxgknb/"))
        run = crawl(tmp_path, "1")
    assert [run.by_path()[path].outcome for path in paths[:3]] == [Outcome.STORED] * 3
    assert run.by_path()[paths[3]].url != twin[0]


def test_bodies_are_columns_where_a_page_called_after_reports_lists_nothing_else() -> None:
    names = ["档案馆", "审计局", "红星街道", "青石镇人民政府"]
    rows = "".join(f"<li><a href='/qz/d{n}/229{n}/index.html'>{name}</a></li>" for n, name in enumerate(names))
    columns = find_entries(page(f"<ul>{rows}</ul>", url="http://www.a.gov.cn/qz/nb/index.html")).columns
    assert [column.title for column in columns] == names
    assert not find_entries(page(f"<ul>{rows}</ul>", "部门", "http://www.a.gov.cn/qz/bm/index.html")).columns


def test_a_row_that_leads_to_a_viewer_is_the_file_that_it_shows(tmp_path: Path) -> None:
    row = ("/pdfjs/web/viewer.html?file=%2Fuploads%2F7.pdf", report(1)[1], report(1)[2])
    pages: dict[str, Answer | str] = {
        "/zwgk/zfxxgknb/": listing(row, report(2)),
        f"/zwgk/zfxxgknb/{report(2)[0][2:]}": article(report(2)[1]),
        "/pdfjs/web/viewer.html": "<html><head><title>viewer</title></head><body><div id=viewer></div></body></html>",
        "/uploads/7.pdf": Answer(b"%PDF-1.4 the report", content_type="application/pdf"),
    }
    with Peer(pages) as peer:
        write_entry(tmp_path / "registry", "p", "linked", peer.url("/zwgk/zfxxgknb/"))
        run, again = crawl(tmp_path, "1"), crawl(tmp_path, "2")
    assert again.finished("p")["known"] == 2
    assert run.by_path()["/uploads/7.pdf"].outcome is Outcome.STORED
    assert run.by_path()["/uploads/7.pdf"].link_text == row[1]


# ---- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。", Outcome.CHALLENGE),
        ("请求已被禁止", Outcome.CHALLENGE),
        ("当前位置：首页 > 政务公开 > 政府信息公开年报 该栏目正在建设中，敬请期待", Outcome.ERROR_PAGE),
    ],
)
def test_a_refusal_and_a_missing_page_are_known_also_in_the_frame_of_the_column(body: str, outcome: Outcome) -> None:
    text = f"<html><head><title>提示</title></head><body><p>{body}</p></body></html>"
    finding = judge_response(role=Role.ARTICLE, status=200, body=text.encode(), asked=f"{LIST}t1.html")
    assert finding is not None
    assert finding.outcome is outcome


def test_a_short_report_that_mentions_a_column_being_built_passes() -> None:
    text = f"<html><body><h1>{TITLE}</h1><p>因该栏目正在建设中，本年度未收到申请。</p></body></html>"
    assert judge_response(role=Role.ARTICLE, status=200, body=text.encode(), asked=f"{LIST}t1.html") is None


@pytest.mark.parametrize(
    "own",
    [
        "关于做好2022年度政府信息公开工作年度报告编制和发布工作的通知",
        "关于做好2022年度政府信息公开工作年度报告培训的方案",
        "某县2022年法治政府建设年度报告",
    ],
)
def test_a_row_that_is_cut_is_judged_by_the_page_own_title(own: str) -> None:
    body = f"<h1>{own}</h1><p>总体情况、主动公开、行政复议、行政诉讼各部分应当完整。</p>"
    row = f"{own[:12]}…"
    assert judge_article(row, Article(page(body, own))).kind == Kind.CANDIDATE
    assert judge_article(f"{TITLE[:10]}…", Article(page(body.replace(own, TITLE), TITLE))).kind == Kind.REPORT


def test_a_long_text_that_never_mentions_disclosure_is_no_report() -> None:
    title = "某县人民政府2023年工作报告"
    text = "<p>一年来全县生产总值增长百分之五，粮食总产量再创新高，城乡面貌明显改善，民生保障有力。</p>" * 8
    assert judge_article(title, Article(page(f"<h1>{title}</h1>{text}", title))).kind == Kind.CANDIDATE
    text += "<p>主动公开信息三条。</p>"
    assert judge_article(title, Article(page(f"<h1>{title}</h1>{text}", title))).kind == Kind.REPORT


PERCENT = "".join(f"%u{ord(letter):04x}" for letter in "一、总体情况本机关主动公开政府信息四十九条依申请公开三条")
SHELL = (
    "<div class='top'><img src='/logo.png'></div>{above}<h1>{title}</h1>"
    "<p>发布时间：2023-01-05 09:30　来源：某区水利局　浏览次数：<span id=hits></span></p>{body}"
    "<div class='footer'><img src='/dzjg.png'>主办：某区人民政府办公室　网站标识码：4401000001</div>"
)


def shell(body: str = "", above: str = "") -> Article:
    """An article page whose last label is filled in by a script."""
    return Article(page(SHELL.format(title=TITLE, body=body, above=above), TITLE, f"{LIST}t1.html"))


def test_a_shell_whose_count_a_script_fills_in_is_blank() -> None:
    assert judge_article(TITLE, shell("<script>_showDynClicks('wbnews', 1463, 644)</script>")).reason == BLANK


@pytest.mark.parametrize(
    "body",
    [
        "<p>No requests.</p>",
        "<p>√</p>",
        "<div id=zoom><p>零</p></div>",
        "<div class='bottom'><img src='/u/p1.jpg'></div>",
        "<div class='banner'><img src='/u/p1.jpg'></div>",
        "<div class='foot'><a href='/show?id=3'>年度报告全文</a></div>",
        "<a href='/dl?id=33'><i class='icon-pdf'></i></a>",
        "<a href='/dl?id=33'>名称：年度报告全文</a>",
        "<a href='/dl?id=33'>保存</a>",
        "<p>电话咨询1200次邮箱留言30条</p>",
        "<p>主办人大建议12件</p>",
        "<p>来源：收到0件</p>",
        "<p>上一篇：2022年收到申请0件</p>",
        "<h3>2022年本单位没有需要公布的年度报告</h3>",
        f"<script>var c = '{'5LiA44CB5oC7' * 20}';</script>",
        f"<script>var c = '{PERCENT}';</script>",
        "<script>zoom.prepend(said)</script>",
        "<script>page.setAttribute('src', file)</script>",
        "<script>zoom['inner' + 'HTML'] = said</script>",
        "<script>initReader('8812')</script>",
        "<script src='/js/jquery.flipbook.js'></script>",
        "<script type='text/html'><p>一</p></script>",
        '<script type=\'application/json\'>{"images": ["/u/p1"]}</script>',
        f"<!-- {'一、总体情况。本机关主动公开政府信息四十九条。' * 2} -->",
        "<div title='一、总体情况。本年度本机关主动公开政府信息四十九条，收到申请三件。'></div>",
    ],
)
def test_nothing_that_may_be_the_report_is_blank(body: str) -> None:
    assert judge_article(TITLE, shell(body)).kind == Kind.REPORT


@pytest.mark.parametrize("above", ["<a href='/dl?id=3'>下载</a>", f"<a href='/show?id=9'>{TITLE}</a>"])
def test_nor_is_a_page_that_links_the_text_above_its_title(above: str) -> None:
    assert judge_article(TITLE, shell(above=above)).kind == Kind.REPORT
