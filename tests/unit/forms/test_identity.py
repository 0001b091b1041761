"""Title, issuer and year from titles and openings of many kinds."""

import pytest

from extract.api import extract
from extract.forms.identity import Identity, is_report_title, read_identity
from extract.forms.lines import Fragment, Line
from extract.model import Extraction, ExtractionStatus, Place
from extract.readers import read_document


def lines(*texts: str) -> list[Line]:
    """One line for each text; a text that begins with # is a heading."""
    return [
        Line((Fragment(text.removeprefix("#"), Place(line=number), is_heading=text.startswith("#")),))
        for number, text in enumerate(texts, start=1)
    ]


def identity_of(*texts: str, section: int | None = None, **metadata: str) -> Identity:
    return read_identity(lines(*texts), metadata, section)


def page(body: str, head: str = "") -> Extraction:
    return extract(f"<html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>".encode())


SECTIONS = (
    "<p>一、总体情况</p><p>本镇认真落实条例，全年主动公开信息若干条，无行政复议。</p>"
    "<p>二、主动公开政府信息情况</p><p>本年制发规范性文件若干件，均已主动公开。</p>"
)
OWN = "望江镇人民政府2024年政府信息公开工作年度报告"
SIBLING = "青川县教育局2023年政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("title", "issuer", "year"),
    [
        ("甲县水利局2022年政府信息公开工作年度报告", "甲县水利局", 2022),
        ("2022年甲县水利局政府信息公开工作年度报告", "甲县水利局", 2022),
        ("甲县水利局2021年度政府信息公开工作报告", "甲县水利局", 2021),
        ("甲县水利局关于2022年政府信息公开工作的年度报告", "甲县水利局", 2022),
        ("甲市乙区丙丁街道办事处2020 年度政府信息公开年报", "甲市乙区丙丁街道办事处", 2020),
        ("甲市人民政府 2024 年政府信息公开工作年度报告", "甲市人民政府", 2024),
        ("甲县乙镇2023年政府信息公开工作年度报告（文字版）", "甲县乙镇", 2023),
        ("甲市2025年政府信息公开工作年度报告", "甲市", 2025),
        ("2022年度甲县人民政府信息公开工作年度报告", "甲县人民政府", 2022),
    ],
)
def test_a_title_names_issuer_and_year(title: str, issuer: str, year: int) -> None:
    identity = read_identity(lines(title, "正文"), {}, None)
    assert (identity.issuer, identity.report_year) == (issuer, year)
    assert identity.title == title


def test_a_title_over_two_lines_is_joined() -> None:
    identity = read_identity(lines("甲县信访局", "2020年政府信息公开工作年度报告"), {}, None)
    assert identity.title == "甲县信访局2020年政府信息公开工作年度报告"
    cut = read_identity(lines("甲县信访局2020年度政府信息公开工作", "年度报告"), {}, None)
    assert (cut.issuer, cut.report_year) == ("甲县信访局", 2020)


def test_the_stated_period_decides_the_year_and_a_contradiction_is_an_anomaly() -> None:
    identity = read_identity(
        lines("甲镇2021年政府信息公开工作年度报告", "本报告数据的统计期限为2020年1月1日至2020年12月31日。"), {}, None
    )
    assert identity.report_year == 2020
    assert [anomaly.code for anomaly in identity.anomalies] == ["wrong_year"]


NO_YEAR = "#甲县水利局政府信息公开工作年度报告"


@pytest.mark.parametrize(
    ("opening", "year"),
    [
        ("根据2019年修订的《中华人民共和国政府信息公开条例》，编制本报告。2023年，我局扎实推进。", None),
        ("根据2007年4月公布的《政府信息公开条例》要求，特编制2023年报告。", None),
        ("按照《2021年政府信息公开工作年度报告格式》编制。", None),
        ("按照省政府2022年政府信息公开年度报告编制安排，我局开展了编制。", None),
        ("2024年1月，根据政府信息公开条例，编制本年度报告。", None),
        ("本局于2024年1月25日公开政府信息公开年度报告。", None),
        ("2022年政府信息公开年报已公布，2023年政府信息公开年报如下。", None),
        ("根据2021年印发的《政府信息公开工作年度报告格式》要求，现公布甲县水利局2023年度政府信息公开年度报告。", 2023),
        ("根据《政府信息公开条例》（2019年修订）规定编制2023年度政府信息公开年度报告。", 2023),
        ("依照《政府信息公开条例》我局2023年度政府信息公开年度报告如下。", 2023),
        ("继上一年度（2022年度）政府信息公开年度报告之后，现公布2023年度政府信息公开年度报告。", 2023),
        ("现公布《甲县水利局二〇二三年度政府信息公开年度报告》。", 2023),
        ("现将甲县水利局2023年度政府信息公开年度报告予以公布。", 2023),
        ("2023年1月至12月，我局的政府信息公开情况报告如下。", 2023),
        ("截至2023年12月31日，政府信息公开情况报告如下。", 2023),
    ],
)
def test_an_opening_gives_the_year_of_its_report_and_of_nothing_else(opening: str, year: int | None) -> None:
    identity = identity_of(NO_YEAR, opening)
    assert (identity.report_year, identity.issuer) == (year, "甲县水利局")
    assert identity.year_evidence == ("opening of the text" if year else "")


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("甲县水利局2024年发布的2023年度政府信息公开工作年度报告", 2023),
        ("甲县水利局2024年公布2023年度政府信息公开工作年度报告", 2023),
        ("甲县水利局2024年3月5日公布2023年度政府信息公开工作年度报告", 2023),
        ("甲县水利局2023年度（2024年公布）政府信息公开工作年度报告", 2023),
        ("2024年甲县水利局关于印发2023年政府信息公开工作年度报告的公告", 2023),
        ("甲县水利局2024年发布的政府信息公开工作年度报告", None),
        ("甲县水利局发布2023年政府信息公开工作年度报告", 2023),
    ],
)
def test_the_year_in_which_a_report_came_out_is_not_the_year_it_is_on(title: str, year: int | None) -> None:
    assert identity_of(f"#{title}", "正文").report_year == year


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("上一年度报告的统计期限为2022年1月1日至2022年12月31日。", 2023),
        ("上一年度（2022年1月1日至2022年12月31日）报告已公布。", 2023),
        ("去年的统计期限为2022年1月1日至2022年12月31日，今年自2023年1月1日至2023年12月31日。", 2023),
        ("申请量比上年增长。统计期限自2022年1月1日至2022年12月31日。", 2022),
        ("上年结转申请数量统计期限自2022年1月1日至2022年12月31日。", 2022),
    ],
)
def test_the_period_of_the_report_before_is_not_this_ones(text: str, year: int) -> None:
    identity = identity_of("甲县水利局2023年政府信息公开工作年度报告", text)
    assert identity.report_year == year
    assert bool(identity.anomalies) == (year != 2023)


def test_an_issuer_missing_in_the_title_comes_from_the_opening() -> None:
    identity = read_identity(
        lines("政府信息公开工作年度报告", "特向社会公布2020年度甲区乙镇人民政府信息公开年度报告。"), {}, None
    )
    assert (identity.issuer, identity.report_year) == ("甲区乙镇人民政府", 2020)
    assert identity.issuer_evidence == "opening of the text"


def test_a_breadcrumb_is_not_a_title() -> None:
    identity = read_identity(
        lines("当前位置：首页 > 政务公开 > 政府信息公开年报", "甲县水利局2022年政府信息公开工作年度报告"), {}, None
    )
    assert identity.issuer == "甲县水利局"


def test_a_region_for_an_issuer_is_completed_by_the_source_of_the_page() -> None:
    identity = read_identity(
        lines("甲实验区2025年度政府信息公开工作年度报告"), {"source": "甲实验区管委会办公室"}, None
    )
    assert identity.issuer == "甲实验区管委会"


def test_nothing_to_go_by_gives_nothing() -> None:
    identity = read_identity(lines("会议纪要", "各单位要高度重视。"), {}, None)
    assert (identity.issuer, identity.report_year, identity.title) == (None, None, None)


@pytest.mark.parametrize(
    "title",
    [
        "图解：甲县水利局2022年政府信息公开工作年度报告",
        "甲县水利局2022年政府信息公开工作年度报告解读",
        "政府信息公开工作年度报告制度",
        "甲县政府信息公开指南",
        "2022年政府网站工作年度报表",
    ],
)
def test_what_is_about_a_report_is_not_a_report(title: str) -> None:
    assert not is_report_title(title)


def test_a_signature_gives_name_and_date() -> None:
    identity = read_identity(
        lines("甲县信访局2020年政府信息公开工作年度报告", "正文", "无", "甲县信访局", "2021年1月29日"), {}, None
    )
    assert identity.signed_by == "甲县信访局"
    assert str(identity.signed_date) == "2021-01-29"


def test_a_day_that_no_calendar_has_is_no_date_and_no_fault() -> None:
    identity = read_identity(lines("甲县信访局2020年政府信息公开工作年度报告", "甲县信访局", "2021年2月30日"), {}, None)
    assert identity.signed_date is None


class TestSiblingTitles:
    """Titles of other reports that stand on the same page."""

    @pytest.mark.parametrize("before", [(SIBLING,), (SIBLING, "青川县公安局2023年政府信息公开工作年度报告")])
    def test_a_heading_beats_titles_listed_before_it(self, before: tuple[str, ...]) -> None:
        identity = identity_of(*before, f"#{OWN}")
        assert (identity.title, identity.issuer, identity.report_year) == (OWN, "望江镇人民政府", 2024)

    def test_the_title_in_the_metadata_beats_every_printed_one(self) -> None:
        identity = identity_of(SIBLING, "正文", article_title=OWN)
        assert (identity.issuer, identity.report_year) == ("望江镇人民政府", 2024)
        printed = identity_of(f"#{SIBLING}", OWN, article_title=OWN)
        assert (printed.issuer, printed.issuer_evidence) == ("望江镇人民政府", "title (text)")

    def test_a_bare_heading_takes_no_body_from_a_title_before_it(self) -> None:
        identity = identity_of(SIBLING, "#2024年政府信息公开工作年度报告")
        assert (identity.issuer, identity.report_year) == (None, 2024)

    def test_a_bare_heading_is_completed_by_the_fuller_title_under_it(self) -> None:
        identity = identity_of(SIBLING, "#2024年政府信息公开工作年度报告", OWN)
        assert (identity.title, identity.issuer) == (OWN, "望江镇人民政府")

    def test_a_heading_without_year_takes_none_from_a_title_before_it(self) -> None:
        identity = identity_of(SIBLING, "#望江镇人民政府政府信息公开工作年度报告")
        assert (identity.issuer, identity.report_year) == ("望江镇人民政府", None)

    @pytest.mark.parametrize("column", ["青川县政府信息公开年报", "青川县2019年政府信息公开年报"])
    def test_a_column_name_is_no_title(self, column: str) -> None:
        identity = identity_of(column, "#2024年政府信息公开工作年度报告")
        assert (identity.issuer, identity.report_year) == (None, 2024)

    @pytest.mark.parametrize("link", ["上一篇：", "下一篇:", "【上一条】", "相关链接：", "上一页 "])
    def test_a_link_to_another_page_is_no_title(self, link: str) -> None:
        identity = identity_of(link + SIBLING, OWN)
        assert (identity.issuer, identity.report_year) == ("望江镇人民政府", 2024)
        alone = identity_of(link + SIBLING, "正文")
        assert (alone.title, alone.issuer, alone.report_year) == (None, None, None)

    def test_titles_of_several_bodies_without_a_heading_name_nobody(self) -> None:
        identity = identity_of(SIBLING, OWN, section=2)
        assert (identity.title, identity.issuer, identity.report_year) == (None, None, None)
        assert identity.competing_titles == (SIBLING, OWN)
        assert [anomaly.code for anomaly in identity.anomalies] == ["issuer_missing_in_title"]

    def test_the_signature_decides_between_titles(self) -> None:
        identity = identity_of(SIBLING, OWN, "正文", "望江镇人民政府", "2025年1月20日", section=2)
        assert (identity.issuer, identity.report_year) == ("望江镇人民政府", 2024)

    def test_the_title_of_the_window_decides_between_titles(self) -> None:
        identity = identity_of(SIBLING, OWN, section=2, title=f"{OWN}_政府信息公开年报_青川县人民政府")
        assert (identity.issuer, identity.report_year) == ("望江镇人民政府", 2024)

    def test_one_title_in_two_wordings_does_not_compete(self) -> None:
        identity = identity_of("青川县" + OWN, OWN, "2024年政府信息公开工作年度报告", section=3)
        assert (identity.issuer, identity.competing_titles) == ("青川县望江镇人民政府", ())

    def test_a_page_with_siblings_before_its_heading_is_read_from_the_heading(self) -> None:
        report = page(f"<ul><li>{SIBLING}</li></ul><h1>{OWN}</h1>{SECTIONS}").report
        assert report is not None
        assert (report.title, report.issuer, report.report_year) == (OWN, "望江镇人民政府", 2024)

    def test_a_list_of_reports_is_no_report(self) -> None:
        items = "".join(
            f"<li>青川县{body}2024年政府信息公开工作年度报告 2025-01-1{day}</li>"
            for day, body in enumerate(("教育局", "公安局", "民政局"))
        )
        years = "".join(f"<li>{year}年政府信息公开工作年度报告</li>" for year in range(2015, 2025))
        for body in (
            f"<h1>政府信息公开年报</h1><ul>{items}</ul>",
            f"<h1>2024年政府信息公开年报</h1><ul>{items}</ul>",
            f"<h1>青川县政府信息公开年报</h1><ul>{years}</ul>",
        ):
            extraction = page(body)
            assert (extraction.status, extraction.reason_code) == (ExtractionStatus.NOT_A_REPORT, "no_report")

    def test_news_about_a_report_is_no_report(self) -> None:
        assert not is_report_title("我县发布2024年政府信息公开工作年度报告")
        assert identity_of("我县发布2024年政府信息公开工作年度报告").issuer is None
        assert is_report_title("我局2024年政府信息公开工作年度报告")
        assert identity_of("我局2024年政府信息公开工作年度报告").issuer is None


@pytest.mark.parametrize(
    "key",
    [
        "名称：",
        "信息名称：",
        "公文名称：",
        "主题：",
        "名　　称：",
        "标题 ",
        "名称 ",
        "索引号：123 名称：",
        "索引号：123 ",
    ],
)
def test_the_key_before_a_title_is_not_part_of_the_name(key: str) -> None:
    identity = identity_of(key + OWN)
    assert (identity.issuer, identity.report_year) == ("望江镇人民政府", 2024)


def test_a_title_in_a_grid_is_one_cell_and_not_its_row() -> None:
    for row in ("<td>名称<td colspan=3>{}", "<td>名　　称：<td>{}<td>发布日期：<td>2025-01-20"):
        grid = f"<table><tr><td>索引号<td>123<td>文号<td>无<tr>{row.format(OWN)}</table>"
        report = page(f"{grid}{SECTIONS}").report
        assert report is not None
        assert (report.title, report.issuer) == (OWN, "望江镇人民政府")


@pytest.mark.parametrize(
    ("title", "issuer", "year"),
    [
        ("望江镇人民政府发布2024年政府信息公开工作年度报告", "望江镇人民政府", 2024),
        ("望江镇人民政府二〇二四年政府信息公开工作年度报告", "望江镇人民政府", 2024),
        ("望江镇人民政府二○二四年度政府信息公开工作年度报告", "望江镇人民政府", 2024),
        ("二零一四年望江镇人民政府信息公开工作年度报告", "望江镇人民政府", 2014),
        ("附件1：青川县教育局2024年政府信息公开工作年度报告", "青川县教育局", 2024),
        ("1.青川县教育局2024年政府信息公开工作年度报告", "青川县教育局", 2024),
        ("【年报】青川县教育局2024年政府信息公开工作年度报告", "青川县教育局", 2024),
        ("青川县教育局关于公布2024年政府信息公开工作年度报告的公告", "青川县教育局", 2024),
        ("青川县人民政府2024年度政务公开暨政府信息公开工作年度报告", "青川县人民政府", 2024),
        ("青川县机关事务管理局2023-2024年政府信息公开工作年度报告", "青川县机关事务管理局", 2024),
        ("青川县人民政府门户网站2024年政府信息公开年报", None, 2024),
        ("青川县新闻发布中心2024年政府信息公开工作年度报告", "青川县新闻发布中心", 2024),
        ("青川县住房和城乡建设局（县人民防空办公室）2024年政府信息公开工作年度报告",
         "青川县住房和城乡建设局(县人民防空办公室)", 2024),
        ("中共青川县委宣传部2024年政府信息公开工作年度报告", "中共青川县委宣传部", 2024),
        ("本溪市人民政府2024年政府信息公开工作年度报告", "本溪市人民政府", 2024),
        ("全州县2024年政府信息公开工作年度报告", "全州县", 2024),
        ("青川县残联2024年政府信息公开工作年度报告", "青川县残联", 2024),
        ("望江镇2024年政府信息公开工作年度报告", "望江镇", 2024),
        ("青川县教育局2025年政府信息公开工作年度报告（2024年度）", "青川县教育局", 2024),
        ("青川县教育局政府信息公开工作年度报告（2024年）", "青川县教育局", 2024),
    ],
)  # fmt: skip
def test_only_the_name_is_left_of_the_words_before_the_report(title: str, issuer: str | None, year: int) -> None:
    identity = identity_of(title)
    assert (identity.issuer, identity.report_year) == (issuer, year)


def test_the_name_of_a_site_in_the_window_is_no_issuer() -> None:
    identity = identity_of("#2024年政府信息公开工作年度报告", title="青川县人民政府门户网站 政府信息公开年报")
    assert (identity.title, identity.issuer) == ("2024年政府信息公开工作年度报告", None)


def test_the_source_of_a_page_names_no_issuer_but_the_publisher_does() -> None:
    bare = "#2024年政府信息公开工作年度报告"
    assert identity_of(bare, source="青川县融媒体中心").issuer is None
    identity = identity_of(bare, source="青川县融媒体中心", publisher="青川县教育局")
    assert (identity.issuer, identity.issuer_evidence) == ("青川县教育局", "metadata (publisher)")
    assert identity_of("来源：青川县融媒体中心", bare).issuer is None


def test_source_and_publisher_are_read_apart() -> None:
    metadata = read_document("来源：青川县融媒体中心\n发布机构：青川县教育局\n正文\n".encode()).metadata
    assert (metadata["source"], metadata["publisher"]) == ("青川县融媒体中心", "青川县教育局")


@pytest.mark.parametrize(
    ("before", "tail"),
    [
        ("".join(f"<li>栏目{number}</li>" for number in range(30)), ""),
        ("<li>总体情况</li><li>机构设置</li>", ""),
        ("<p>目录</p><p>一、总体情况</p><p>二、主动公开政府信息情况</p><p>三、收到和处理政府信息公开申请情况</p>", ""),
        ("", "".join(f"<p>工具{number}</p>" for number in range(20))),
    ],
)
@pytest.mark.parametrize("tag", ["h1", "p"])
def test_menus_and_contents_around_a_title_do_not_hide_it(before: str, tail: str, tag: str) -> None:
    report = page(f"{before}<{tag}>{OWN}</{tag}>{tail}{SECTIONS}").report
    assert report is not None
    assert (report.title, report.issuer, report.report_year) == (OWN, "望江镇人民政府", 2024)


@pytest.mark.parametrize(
    "parts",
    [
        ("望江镇人民政府", "2024年", "政府信息公开工作年度报告"),
        ("望江镇人民政府", "2024年政府信息公开", "工作年度报告"),
        ("望江镇人民政府2024年政府", "信息公开工作年度报告"),
        ("望江镇人民政府", "2024年政府信息公开工作", "年度报告"),
        ("望江镇人民政府", "政府信息公开工作年度报告", "（2024年度）"),
        ("望江镇人民政府政府信息公开工作年度报告", "（2024年度）"),
        ("望江镇人民政府", "二〇二四年度政府信息公开工作年度报告"),
    ],
)
def test_a_title_broken_over_several_lines_is_joined(parts: tuple[str, ...]) -> None:
    identity = identity_of("导航", *parts, "正文")
    assert (identity.title, identity.issuer, identity.report_year) == ("".join(parts), "望江镇人民政府", 2024)


def test_a_menu_of_bodies_above_a_bare_title_names_nobody() -> None:
    identity = identity_of("青川县教育局", "青川县公安局", "2024年政府信息公开工作年度报告")
    assert identity.issuer is None
