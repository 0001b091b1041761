"""The 2014 statistics table with the columns that regions added: the figure of the own year, or none."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from extract.forms.declaration import load_forms
from extract.forms.indicators import read_indicators
from extract.forms.lines import lines_of
from extract.forms.printed import TableReading
from extract.model import Block, Document, DocumentFormat, Grid, GridCell, Paragraph, Place

E2014 = load_forms().editions["E2014"]
ROWS = [("收到申请数", "件", "21"), ("1.当面申请数", "件", "8"), ("2.传真申请数", "件", "13")]
TRUTH = {"st.received.value": 21, "st.received_in_person.value": 8, "st.received_fax.value": 13}


def grid(rows: Sequence[Sequence[str]], table: int = 1, *, is_aligned: bool = True) -> Grid:
    cells = tuple(
        GridCell(r, c, text, Place(table=table, row=r + 1, column=c + 1))
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return Grid(cells, len(rows), max(map(len, rows)), Place(table=table), is_aligned)


def lines(*texts: str) -> list[Block]:
    return [Paragraph(text, Place(line=number)) for number, text in enumerate(texts, 1)]


def read(*blocks: Block) -> TableReading:
    return read_indicators(E2014, lines_of(Document(DocumentFormat.HTML, tuple(blocks))))


def values(reading: TableReading) -> dict[str, int | float | None]:
    return {cell.code: cell.value for cell in reading.cells}


def anomalies(reading: TableReading) -> set[str]:
    return {anomaly.code for anomaly in reading.anomalies}


def table(header: Sequence[str], *behind: str, before: Sequence[str] = ()) -> list[list[str]]:
    """The rows under a header, with other figures before and behind the own year's."""
    return [
        ["统计指标", "单位", *header],
        *([label, unit, *before, figure, *behind] for label, unit, figure in ROWS),
    ]


@pytest.mark.parametrize("is_aligned", [True, False])
@pytest.mark.parametrize(
    "rows",
    [
        table(["统计数"]),
        table(["2016年", "2015年"], "99"),
        table(["2015年", "2016年"], before=["99"]),
        table(["上年统计数", "统计数"], before=["99"]),
        table(["本年度", "历年累计"], "99"),
        table(["合计", "市本级", "县区"], "99", "98"),
        table(["统计数", "备注"], ""),
    ],
    ids=["plain", "year first", "year last", "last year first", "running total", "tiers with a sum", "remark"],
)
def test_the_figure_of_the_own_year_is_read_under_its_header(rows: list[list[str]], is_aligned: bool) -> None:
    assert values(read(grid(rows, is_aligned=is_aligned))) == TRUTH


@pytest.mark.parametrize("is_aligned", [True, False])
def test_columns_of_which_none_is_the_own_years_are_withheld(is_aligned: bool) -> None:
    rows = table(["区政府统计数", "区直单位统计数"], "99")
    assert set(values(read(grid(rows, is_aligned=is_aligned))).values()) == {None}


def test_the_only_column_of_figures_is_read_whatever_its_header() -> None:
    assert values(read(grid(table(["区本级"])))) == TRUTH


TITLE = Paragraph("清河市2017年政府信息公开工作年度报告", Place(line=1))


@pytest.mark.parametrize("is_aligned", [True, False])
@pytest.mark.parametrize(
    "rows",
    [
        table(["总计（2008年以来）", "2017年度数"], before=["99"]),
        table(["统计数（历年累计）", "其中：本年度"], before=["99"]),
        table(["统计数（上年）", "本年发生数"], before=["99"]),
        table(["合计", "其中：2017年"], before=["99"]),
        table(["2017年", "2018年（预计）"], "99"),
        table(["2017年", "2018年"], "99"),
        table(["统计数（2016年）", "统计数（2017年）"], before=["99"]),
        table(["本年累计", "统计数（累计）"], "99"),
        table(["统计数（含上年结转）"]),
        table(["统计数（截至2017年12月31日）"]),
    ],
    ids=lambda rows: " ".join(rows[0][2:]),
)
def test_a_header_is_read_with_its_bracket_and_by_the_reports_own_year(rows: list[list[str]], is_aligned: bool) -> None:
    assert values(read(TITLE, grid(rows, is_aligned=is_aligned))) == TRUTH


@pytest.mark.parametrize("is_aligned", [True, False])
@pytest.mark.parametrize(
    "header",
    [
        "历年累计",
        "统计数（2008年以来累计）",
        "2016年统计数",
        "数量（上年同期）",
        "累计（2008-2017）",
        "2018年",
        "预计数",
    ],
)
def test_a_lone_column_of_another_time_is_withheld(header: str, is_aligned: bool) -> None:
    reading = read(TITLE, grid(table([header]), is_aligned=is_aligned))
    assert {(cell.value, cell.flags) for cell in reading.cells} == {(None, ("column_unknown",))}


def test_a_forecast_is_not_the_latest_year_of_a_report_without_title() -> None:
    assert values(read(grid(table(["2017年", "2018年（预计）"], "99")))) == TRUTH


@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_count_in_tens_or_more_is_withheld(is_aligned: bool) -> None:
    rows = table(["统计数"])
    rows[1][1] = "万件"
    reading = read(grid(rows, is_aligned=is_aligned))
    assert values(reading) == {**TRUTH, "st.received.value": None}
    assert [cell.flags for cell in reading.cells if cell.value is None] == [("unit_missing",)]
    rows = table(["统计数"])
    rows[1][0] = "收到申请数（万件）"
    assert values(read(grid(rows, is_aligned=is_aligned))) == {**TRUTH, "st.received.value": None}
    assert set(values(read(grid(table(["统计数（单位：万件）"]), is_aligned=is_aligned))).values()) == {None}


def test_money_in_an_unknown_unit_has_none() -> None:
    for unit, known in (("万元", "万元"), ("百万元", None), ("万美元", None)):
        rows = [["统计指标", "单位", "统计数"], ["七、依申请公开信息收取的费用", unit, "5"]]
        (cell,) = read(grid(rows)).cells
        assert (cell.unit, "unit_missing" in cell.flags) == (known, known is None)


@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_blank_of_the_own_year_is_not_filled_with_last_years_figure(is_aligned: bool) -> None:
    rows = table(["2016年", "2015年"], "99")
    rows[1][2] = ""
    assert values(read(grid(rows, is_aligned=is_aligned)))["st.received.value"] is None


def test_a_single_number_in_flattened_lines_is_not_believed_under_two_columns() -> None:
    texts = ["统计指标", "单位", "2016年", "2015年", "收到申请数", "件", "99", "1.当面申请数", "件", "8", "7"]
    assert values(read(*lines(*texts))) == {"st.received.value": None, "st.received_in_person.value": 8}


def test_the_number_of_the_next_row_is_not_a_figure() -> None:
    texts = ["序号", "统计指标", "单位", "统计数", "001", "收到申请数", "件", "002", "1.当面申请数", "件", "8", "003"]
    assert values(read(*lines(*texts))) == {"st.received.value": None, "st.received_in_person.value": 8}


def test_a_lost_cell_shifts_nothing() -> None:
    rows = table(["2016年", "2015年"], "99")
    del rows[1][2]
    assert values(read(grid(rows))) == {**TRUTH, "st.received.value": None}
    rows = table(["统计数"])
    del rows[1][1]
    assert values(read(grid(rows)))["st.received.value"] is None


def test_two_lists_side_by_side_are_both_read() -> None:
    rows = [
        ["统计指标", "单位", "统计数"] * 2,
        ["收到申请数", "件", "21", "举报投诉数量", "件", "4"],
        ["1.当面申请数", "件", "8", "七、依申请公开信息收取的费用", "万元", "0.5"],
    ]
    found = values(read(grid(rows)))
    assert (found["st.received.value"], found["st.complaints.value"], found["st.fees_collected.value"]) == (21, 4, 0.5)


CORRECTED = [["四、行政复议数量", "件", "5"], ["（二）被依法纠错数", "件", "3"]]


def test_a_label_of_two_sections_is_told_by_its_section() -> None:
    rows = [
        ["统计指标", "单位", "统计数"],
        *CORRECTED,
        ["五、行政诉讼数量", "件", "2"],
        ["（二）被依法纠错数", "件", "1"],
    ]
    found = values(read(grid(rows)))
    assert (found["st.reconsideration_corrected.value"], found["st.litigation_corrected.value"]) == (3, 1)


def test_a_section_under_an_unknown_heading_gives_its_figures_to_no_other() -> None:
    rows = [
        ["统计指标", "单位", "统计数"],
        CORRECTED[0],
        ["五、行政案件数", "件", "2"],
        ["（二）被依法纠错数", "件", "1"],
    ]
    reading = read(grid(rows))
    assert values(reading) == {"st.reconsideration.value": 5}
    assert [left.reason for left in reading.leftovers] == ["section_unknown"]


def test_a_second_table_alike_is_named_and_one_that_differs_is_withheld() -> None:
    first = table(["统计数"])
    other = [[*row[:2], row[2].replace("21", "22")] for row in first]
    alike = read(grid(first), grid(first, 2))
    assert values(alike) == TRUTH
    assert anomalies(alike) == {"duplicate_table"}
    differing = read(grid(first), grid(other, 2))
    assert values(differing) == {**TRUTH, "st.received.value": None}
    assert anomalies(differing) == {"conflicting_copies"}


def test_a_row_that_only_one_of_two_differing_tables_prints_is_withheld() -> None:
    first = table(["统计数"])
    other = [[*row[:2], row[2].replace("21", "22")] for row in first[:3]]
    assert values(read(grid(first), grid(other, 2)))["st.received_fax.value"] is None


@pytest.mark.parametrize("is_first", [True, False])
def test_a_blank_copy_beside_a_filled_one_is_no_copy(is_first: bool) -> None:
    filled = grid(table(["统计数"]))
    blank = grid([["统计指标", "单位", "统计数"], *([label, unit, ""] for label, unit, _ in ROWS)], 2)
    reading = read(*((blank, filled) if is_first else (filled, blank)))
    assert values(reading) == TRUTH
    assert anomalies(reading) == set()


def test_a_damaged_label_between_two_whole_ones_is_read_in_doubt() -> None:
    rows = table(["统计数"])
    rows[2][0] = "1.当申请数"
    for is_aligned in (True, False):
        reading = read(grid(rows, is_aligned=is_aligned))
        assert values(reading) == TRUTH
        flagged = {cell.code for cell in reading.cells if "label_damaged" in cell.flags}
        assert flagged == {"st.received_in_person.value"}


def test_a_damaged_label_that_may_be_one_of_two_is_not_read() -> None:
    rows = [
        ["统计指标", "单位", "统计数"],
        ["2.政府网站公开政府信息数", "条", "1"],
        ["政务微公开政府信息数", "条", "2"],
        ["5.其他方式公开政府信息数", "条", "3"],
    ]
    assert not {"st.proactive_weibo.value", "st.proactive_wechat.value"} & values(read(grid(rows))).keys()
    rows.insert(2, ["政务微公开政府信息数", "条", "4"])
    found = values(read(grid(rows)))
    assert (found["st.proactive_weibo.value"], found["st.proactive_wechat.value"]) == (4, 2)


def test_a_label_of_the_bodys_own_is_none_of_the_forms() -> None:
    rows = table(["统计数"])
    rows.insert(2, ["其中：县级部门办件", "件", "5"])
    assert values(read(grid(rows))) == TRUTH


def test_a_label_with_its_unit_in_one_text_is_no_damaged_label() -> None:
    texts = [
        "指标名称 单位 2016年 2015年",
        "收到申请数 件",
        "1.当面申请数 件",
        "9",
        "2.传真申请数",
        "件",
        "13",
        "8",
        "3.信函申请数",
    ]
    assert "st.received_in_person.value" not in values(read(*lines(*texts)))


@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_damaged_first_row_is_no_header(is_aligned: bool) -> None:
    rows = [
        ["统计指标", "统计数"],
        ["一、主动公开况", "——"],
        ["（一）主动公开政府信息数", "37"],
        ["其中：主动公开规范性文件数", "20"],
    ]
    found = values(read(grid(rows, is_aligned=is_aligned)))
    assert (found["st.proactive_total.value"], found["st.proactive_normative.value"]) == (37, 20)


def test_a_figure_beside_a_doubtful_blank_may_be_that_of_another_year() -> None:
    printed = grid([[label, unit, figure, ""] for label, unit, figure in ROWS])
    assert values(read(printed)) == TRUTH
    doubted = tuple(replace(cell, doubt="ocr_uncertain") if not cell.text else cell for cell in printed.cells)
    assert set(values(read(replace(printed, cells=doubted))).values()) == {None}


@pytest.mark.parametrize(("unit", "behind"), [("件", []), ("-", []), ("件", ["99"])])
def test_a_dash_for_a_figure_is_not_taken_for_the_unit(unit: str, behind: list[str]) -> None:
    header = ["统计指标", "单位", "2016年", "2015年"][: 3 + len(behind)]
    rows = [header, ["收到申请数", unit, "-", *behind], ["1.当面申请数", "件", "8", *behind]]
    reading = read(grid(rows, is_aligned=False))
    cell = next(cell for cell in reading.cells if cell.code == "st.received.value")
    assert cell.value is None


def test_a_section_glued_to_its_dash_is_no_header() -> None:
    header = grid([["统计指标", "单位", "统计数"]], is_aligned=False)
    section = Paragraph("三、依申请公开情况" + " " * 300 + "—", Place(line=1))
    assert values(read(header, section, grid(ROWS, 2, is_aligned=False))) == TRUTH


def test_a_header_printed_above_the_grid_names_none_of_its_columns() -> None:
    header = lines("单 统计", "统计指标", "位 数")
    assert values(read(*header, grid(ROWS))) == TRUTH
    two = [[label, unit, figure, "99"] for label, unit, figure in ROWS]
    assert set(values(read(*header, grid(two))).values()) == {None}


@pytest.mark.parametrize("figures", [("99", ""), ("", "99")])
@pytest.mark.parametrize("is_aligned", [True, False])
def test_where_no_header_is_printed_and_rows_have_two_figures_one_figure_alone_is_nobodys(
    is_aligned: bool, figures: tuple[str, str]
) -> None:
    rows = [[label, unit, figure, "99"] for label, unit, figure in ROWS]
    rows[1][2:] = figures
    assert set(values(read(grid(rows, is_aligned=is_aligned))).values()) == {None}


def test_label_unit_and_figure_in_one_line_of_text() -> None:
    printed = (" ".join(row) for row in ROWS)
    assert values(read(*lines("统计指标 单位 统计数", "三、依申请公开情况 —", *printed))) == TRUTH


def test_a_figure_behind_an_unknown_label_of_the_list_beside_is_not_this_lists() -> None:
    header = ["统计指标", "单位", "统计数"] * 2
    rows = [
        ["（一）收到申请数", "件", "21", "六、举报投诉数量", "件", "4"],
        ["1.当面申请数", "件", "八、机构建设和保障经", "个", "18"],
    ]
    found = values(read(grid([header, *rows], is_aligned=False)))
    assert found == {"st.received.value": 21, "st.complaints.value": 4}


def test_a_label_that_holds_the_names_of_two_rows_is_no_damaged_one() -> None:
    rows = [
        ["统计指标", "单位", "统计数"],
        ["2.政府网站公开政府信息数", "条", "3"],
        ["3.政务微博微信公开政府信息数", "条", "4"],
        ["4.政务微信公开政府信息数", "条", "5"],
    ]
    assert values(read(grid(rows))) == {"st.proactive_website.value": 3, "st.proactive_wechat.value": 5}
    rows[2][0] = "3.政务微口公开政府信息数"
    assert values(read(grid(rows)))["st.proactive_weibo.value"] == 4
