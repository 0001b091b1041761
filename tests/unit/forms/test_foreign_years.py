"""Tables of another year or of a sample, told by their captions: none of their figures stands as the report's own."""

import pytest

from extract.forms.declaration import load_forms
from extract.model import Block, CellStatus, Grid, Paragraph, Place, ReportReading
from tests.unit.forms.test_tables import grid, read

TITLE = "某市2023年政府信息公开工作年度报告"
ROWS_3 = [row for row in load_forms().editions["E2021"].table("t3").blocks[0].rows if row.kind != "group"]
INDICATORS = [
    "主动公开政府信息数", "政府公报公开政府信息数", "政府网站公开政府信息数", "收到申请数", "当面申请数", "传真申请数",
    "网络申请数", "信函申请数",
]  # fmt: skip


def paragraph(text: str) -> Paragraph:
    return Paragraph(text, Place(line=1))


HEADING_2 = paragraph("二、主动公开政府信息情况")
HEADING_4 = paragraph("四、政府信息公开行政复议、行政诉讼情况")


def disclosure(figure: str = "7", *, caption: str = "") -> Grid:
    top = [[f"{caption}+4"]] if caption else []
    return grid(
        [
            *top,
            ["第二十条第（一）项+4"],
            ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
            ["规章", figure, figure, figure],
            ["行政规范性文件", figure, figure, figure],
            ["第二十条第（五）项+4"],
            ["信息内容", "本年处理决定数量+3"],
            ["行政许可", f"{figure}+3"],
        ]
    )


def applications(figure: str = "0") -> Grid:
    header = ["", "自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    return grid([header, *([f"{row.number}{row.label}", *[figure] * 7] for row in ROWS_3)])


def remedies(figure: str = "7", *, caption: str = "") -> Grid:
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    top = [[f"{caption}+15"]] if caption else []
    total = str(4 * int(figure)) if figure else ""
    header = [["行政复议*2+5", "行政诉讼+10"], ["未经复议直接起诉+5", "复议后起诉+5"], results * 3]
    return grid([*top, *header, [*[figure] * 4, total] * 3])


def told(report: ReportReading, table: str) -> set[tuple[float | None, CellStatus]]:
    return {(cell.value, cell.status) for cell in report.cells if cell.table == table}


BLANK = {(None, CellStatus.BLANK)}
WITHHELD = {(None, CellStatus.WITHHELD)}


@pytest.mark.parametrize(
    ("own", "other"),
    [("2023年：", "上年（2022年）数据："), ("", "附：2022年数据（对比）"), ("", "2022年度"), ("本年数据", "去年数据")],
)
def test_a_blank_table_is_not_filled_with_last_years_copy(own: str, other: str) -> None:
    report = read(paragraph(TITLE), paragraph(own), disclosure(""), paragraph(other), disclosure("7"))
    assert told(report, "t2") == BLANK
    assert "conflicting_year" in {anomaly.code for anomaly in report.anomalies}
    assert any("7" in left.text for left in report.leftovers)


def test_nor_are_the_tables_of_applications_and_remedies() -> None:
    last = paragraph("附：2022年情况")
    report = read(paragraph(TITLE), applications(""), last, applications("4"))
    assert told(report, "t3") == BLANK
    last = paragraph("2022年行政复议、行政诉讼情况（对比）")
    report = read(paragraph(TITLE), disclosure(), HEADING_4, remedies(""), last, remedies("4"))
    assert told(report, "t4") == BLANK


def test_nor_is_the_table_of_indicators() -> None:
    def indicators(figure: str) -> Grid:
        return grid([["统计指标", "单位", "统计数"], *([name, "件", figure] for name in INDICATORS)])

    title = paragraph("某市2017年政府信息公开工作年度报告")
    last = paragraph("附：2016年度政府信息公开情况统计表（对比）")
    own = paragraph("政府信息公开情况统计表（2017年度）")
    assert told(read(title, own, indicators(""), last, indicators("5")), "st") == BLANK
    assert told(read(title, own, last, indicators("5")), "st") == WITHHELD
    assert told(read(title, own, indicators("6"), last, indicators("5")), "st") == {(6, CellStatus.REPORTED)}


@pytest.mark.parametrize(
    "caption",
    [
        "2022年度主动公开政府信息情况",
        "2023年，相关情况正在统计。2022年情况见下表：",
        "2023年情况正在统计。下表为2022年数据：",
        "2022年，具体数据如下：",
        "上年度情况见下表",
        "（样表，数据为示例）",
    ],
)
@pytest.mark.parametrize("is_inside", [False, True])
def test_figures_captioned_as_others_are_withheld(caption: str, is_inside: bool) -> None:
    parts: list[Block] = [disclosure(caption=caption)] if is_inside else [paragraph(caption), disclosure()]
    report = read(paragraph(TITLE), *parts)
    assert told(report, "t2") == WITHHELD
    assert {flag for cell in report.cells for flag in cell.flags} == {"conflicting_year"}
    assert {cell.raw for cell in report.cells} == {"7"}


def test_remedies_captioned_as_last_years_are_withheld() -> None:
    report = read(paragraph(TITLE), disclosure(), HEADING_4, remedies(caption="2022年度情况"))
    assert told(report, "t2") == {(7, CellStatus.REPORTED)}
    assert told(report, "t4") == WITHHELD


@pytest.mark.parametrize(
    "above",
    [
        "2023年主动公开政府信息情况",
        "2023年与2022年主动公开情况对比",
        "本年与上年对比情况",
        "根据2019年修订的条例",
        "发布时间：2024年1月",
        "（2022年1月1日至2023年12月31日）",
        "与2022年相比，具体情况如下：",
        "2022年结转3件，具体情况如下：",
        "2022年，本机关认真贯彻条例，成效明显。",
        "含上年结转数",
        "较上年增长",
        "二、主动公开政府信息情况",
        "单位：件",
    ],
)
def test_other_words_above_a_table_take_nothing_from_it(above: str) -> None:
    report = read(paragraph(TITLE), paragraph(above), disclosure())
    assert told(report, "t2") == {(7, CellStatus.REPORTED)}


def test_a_year_alone_says_nothing_where_the_reports_own_is_unknown() -> None:
    assert told(read(paragraph("2022年主动公开政府信息情况"), disclosure()), "t2") == {(7, CellStatus.REPORTED)}


def test_a_caption_holds_to_the_next_heading_or_caption() -> None:
    first = grid([["信息内容", "本年处理决定数量"], ["行政许可", "8"]])
    second = grid([["信息内容", "本年处理决定数量"], ["行政处罚", "9"]])
    parts: list[Block] = [paragraph("上年数据"), first, paragraph("第二十条第（六）项"), second]
    assert told(read(paragraph(TITLE), *parts), "t2") == WITHHELD
    own: list[Block] = [paragraph("上年数据"), first, paragraph("2023年数据"), first]
    assert told(read(paragraph(TITLE), *own), "t2") == {(8, CellStatus.REPORTED)}


def test_the_whole_report_of_another_year_behind_the_own_is_left_apart() -> None:
    prose = paragraph("2023年，本机关认真贯彻条例，推进政务公开，成效明显，群众满意。")
    own: list[Block] = [paragraph(TITLE), paragraph("一、总体情况"), prose, HEADING_2, disclosure(""), HEADING_4]
    other: list[Block] = [
        paragraph(TITLE.replace("2023", "2022")),
        HEADING_2,
        disclosure("7"),
        HEADING_4,
        remedies("7"),
    ]
    report = read(*own, *other)
    assert told(report, "t2") == BLANK
    assert told(report, "t4") == WITHHELD


def test_the_mention_of_another_years_report_takes_nothing_from_the_tables_below() -> None:
    link = paragraph("某市2022年政府信息公开工作年度报告")
    report = read(paragraph(TITLE), link, HEADING_2, disclosure())
    assert told(report, "t2") == {(7, CellStatus.REPORTED)}
