"""The statutory tables from grids and flattened lines: shapes that real documents have, and the errors to refuse.

Grids are built from rows of text; a number after `*` is a row span, after `+` a column span.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from extract.forms.declaration import load_forms
from extract.forms.recognise import recognise
from extract.model import (
    Block,
    CellReading,
    CellStatus,
    Confidence,
    Document,
    DocumentFormat,
    Grid,
    GridCell,
    Paragraph,
    Place,
    ReportReading,
)

E2021 = load_forms().editions["E2021"]
ROWS_3 = [row for row in E2021.table("t3").blocks[0].rows if row.kind != "group"]
_MARK = re.compile(r"(?:\*(\d+))?(?:\+(\d+))?$")


def grid(rows: Sequence[Sequence[str]], *, is_aligned: bool = True) -> Grid:
    """A grid from rows of cells; `text*2+3` spans two rows and three columns."""
    taken: set[tuple[int, int]] = set()
    cells = []
    for number, row in enumerate(rows):
        column = 0
        for printed in row:
            while (number, column) in taken:
                column += 1
            match = _MARK.search(printed)
            assert match is not None
            row_span, column_span = int(match[1] or 1), int(match[2] or 1)
            taken |= {(number + r, column + c) for r in range(row_span) for c in range(column_span)}
            place = Place(table=1, row=number + 1, column=column + 1)
            cells.append(GridCell(number, column, printed[: match.start()], place, row_span, column_span))
            column += column_span
    width = max(column for _, column in taken) + 1
    return Grid(tuple(cells), len(rows), width, Place(table=1), is_aligned)


def read(*blocks: Block) -> ReportReading:
    return recognise(Document(DocumentFormat.HTML, tuple(blocks))).report


def by_code(report: ReportReading) -> dict[str, CellReading]:
    return {cell.code: cell for cell in report.cells}


def values(report: ReportReading, row: str) -> list[int | float | None]:
    cells = by_code(report)
    return [cells[f"{row}.{column.code}"].value for column in E2021.table("t3").blocks[0].columns]


def table_3(figures: dict[str, Sequence[str]] | None = None, skip: Sequence[str] = ()) -> list[list[str]]:
    """Table 3 of E2021 as rows of a grid, zeros but for the rows given, one label cell each."""
    rows = [
        ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）*3+3", "申请人情况+7"],
        ["自然人*2", "法人或其他组织+5", "总计*2"],
        ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
    ]
    for row in ROWS_3:
        if row.code not in skip:
            printed = (figures or {}).get(row.code, ["0"] * 7)
            rows.append([f"{row.number}{row.label}+3", *printed])
    return rows


MARKS = Paragraph("逾期不补正 本年制发件数 本年处理决定数量", Place(line=1))
"""Labels of E2021, for documents that print table 3 or 4 alone."""


def test_rows_are_found_by_label_not_by_position() -> None:
    rows = table_3({"granted": ["5", "0", "0", "0", "0", "0", "5"], "total_processed": ["5", *["0"] * 5, "5"]})
    swapped = [*rows[:5], rows[6], rows[5], *rows[7:]]
    assert values(read(MARKS, grid(swapped)), "t3.granted") == [5, 0, 0, 0, 0, 0, 5]


def test_a_missing_row_shifts_nothing() -> None:
    report = read(MARKS, grid(table_3({"other_misc": ["7", "0", "0", "0", "0", "0", "7"]}, skip=["granted"])))
    assert values(report, "t3.other_misc") == [7, 0, 0, 0, 0, 0, 7]
    assert "t3.granted.total" not in by_code(report)
    assert any(a.code == "rows_missing" and "予以公开" in a.text for a in report.anomalies)


def test_columns_are_found_by_header_when_an_extra_subtotal_is_printed() -> None:
    rows = table_3()
    rows[1] = ["自然人*2", "法人或其他组织+6", "总计*2"]
    rows[2] = ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "小计"]
    rows[0] = ["勾稽关系*3+3", "申请人情况+8"]
    rows[3:] = [[row[0], *row[1:7], "0", row[7]] for row in rows[3:]]
    rows[3] = [rows[3][0], "1", "2", "0", "0", "0", "3", "5", "6"]
    assert values(read(MARKS, grid(rows)), "t3.new_received") == [1, 2, 0, 0, 0, 3, 6]


def test_a_row_with_a_lost_cell_is_withheld_not_shifted() -> None:
    rows = table_3()
    rows[3] = [rows[3][0], "1", "2", "0", "0", "3"]
    cell = by_code(read(MARKS, grid(rows, is_aligned=False)))["t3.new_received.commercial"]
    assert (cell.value, cell.status) == (None, CellStatus.WITHHELD)
    assert "2" in cell.raw


def test_a_row_with_an_extra_cell_is_withheld_not_shifted() -> None:
    rows = table_3()
    rows[3] = [rows[3][0], "1", "2", "0", "0", "0", "0", "3", "3"]
    assert by_code(read(MARKS, grid(rows, is_aligned=False)))["t3.new_received.total"].value is None


@pytest.mark.parametrize("is_by_space", [True, False])
def test_a_row_with_blanks_is_doubted_where_white_space_alone_parts_the_columns(is_by_space: bool) -> None:
    rows = table_3({"carried_forward": ["", "2", "0", "0", "0", "0", "2"], "granted": ["0"] * 7})
    read_again = by_code(read(MARKS, replace(grid(rows), is_by_space=is_by_space)))
    doubted = {code for code, cell in read_again.items() if "place_by_space" in cell.flags}
    own = {f"t3.carried_forward.{column.code}" for column in E2021.table("t3").blocks[0].columns}
    assert "t3.carried_forward.natural_person" in own & doubted if is_by_space else not doubted
    assert doubted <= own
    assert all(read_again[code].confidence is Confidence.DOUBTFUL for code in doubted)


def test_a_row_with_blanks_is_doubted_also_beside_a_table_whose_sums_fail() -> None:
    failing = {row.code: ["1", "0", "0", "0", "0", "0", "9"] for row in ROWS_3}
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    reviews = replace(grid([["行政复议+5"], results, ["2", "", "0", "0", "3"]]), is_by_space=True)
    found = by_code(read(MARKS, grid(table_3(failing)), reviews))
    assert "suspect_reading" in found["t3.granted.total"].flags
    assert "place_by_space" in found["t4.reconsideration.upheld"].flags


def test_a_remark_behind_the_figures_does_not_hide_the_row() -> None:
    rows = table_3()
    rows[0] = ["勾稽关系*3+3", "申请人情况+7", "备注*3"]
    rows[3] = [rows[3][0], "4", "0", "0", "0", "0", "0", "4", "含上年"]
    assert values(read(MARKS, grid(rows)), "t3.new_received") == [4, 0, 0, 0, 0, 0, 4]


def test_words_in_a_figure_cell_are_kept_as_text() -> None:
    rows = table_3({"granted": ["见附件", "0", "0", "0", "0", "0", "0"]})
    cell = by_code(read(MARKS, grid(rows)))["t3.granted.natural_person"]
    assert (cell.value, cell.status, cell.raw) == (None, CellStatus.TEXT, "见附件")


def test_a_value_merged_over_applicants_is_withheld() -> None:
    rows = table_3({"granted": ["9+7"]})
    assert by_code(read(MARKS, grid(rows)))["t3.granted.natural_person"].value is None


def test_one_row_of_other_handling_leaves_its_children_absent() -> None:
    rows = table_3(skip=["other_correction_overdue", "other_fee_unpaid", "other_misc"])
    rows.insert(-2, ["（六）其他处理+3", "3", "0", "0", "0", "0", "0", "3"])
    report = read(MARKS, grid(rows))
    assert values(report, "t3.other_handling") == [3, 0, 0, 0, 0, 0, 3]
    assert "t3.other_misc.total" not in by_code(report)


def test_a_printed_group_subtotal_is_left_over_not_a_cell() -> None:
    rows = table_3()
    rows.insert(7, ["（三）不予公开+3", "0", "0", "0", "0", "0", "0", "0"])
    report = read(MARKS, grid(rows))
    assert [left.reason for left in report.leftovers] == ["printed_subtotal"]
    assert len([cell for cell in report.cells if cell.table == "t3"]) == 175


def test_a_table_pasted_twice_is_one_table() -> None:
    report = read(MARKS, grid(table_3()), grid(table_3()))
    assert len([cell for cell in report.cells if cell.table == "t3"]) == 175
    assert any(anomaly.code == "duplicate_table" for anomaly in report.anomalies)


def test_two_copies_that_differ_are_withheld_where_they_differ() -> None:
    other = table_3({"granted": ["1", "0", "0", "0", "0", "0", "1"]})
    cells = by_code(read(MARKS, grid(table_3()), grid(other)))
    assert cells["t3.granted.total"].status is CellStatus.WITHHELD
    assert cells["t3.granted.research"].value == 0


def test_a_damaged_label_is_accepted_only_in_the_one_gap_that_it_fits() -> None:
    rows = table_3({"withheld_prohibited_by_law": ["2", "0", "0", "0", "0", "0", "2"]})
    place = next(i for i, row in enumerate(rows) if "禁止公开" in row[0])
    rows[place][0] = "2.其他法律行政止公开+3"
    cell = by_code(read(MARKS, grid(rows)))["t3.withheld_prohibited_by_law.natural_person"]
    assert cell.value == 2
    assert "label_damaged" in cell.flags
    rows[place][0] = "本行是别的内容+3"
    report = read(MARKS, grid(rows))
    assert "t3.withheld_prohibited_by_law.natural_person" not in by_code(report)
    assert any(left.reason == "unknown_label" for left in report.leftovers)


def test_a_label_that_has_lost_the_bracket_of_its_remark() -> None:
    rows = table_3({"partially_disclosed": ["0", "1", "1", "0", "2", "0", "4"]})
    place = next(i for i, row in enumerate(rows) if "部分公开" in row[0])
    rows[place][0] = "（二）部分公开人区分处理的，只计这一情形，不计其他情形）+3"
    cell = by_code(read(MARKS, grid(rows)))["t3.partially_disclosed.legal_service"]
    assert (cell.value, "label_damaged" in cell.flags) == (2, True)


def test_a_damaged_label_beside_a_missing_row_names_the_row_it_resembles() -> None:
    figures = ["0", "5", "0", "0", "0", "1", "6"]
    rows = table_3({"withheld_internal_affairs": figures}, skip=["withheld_third_party_rights"])
    place = next(i for i, row in enumerate(rows) if "内部事务" in row[0])
    rows[place][0] = "5.属于三类内部事务信+3"
    report = read(MARKS, grid(rows))
    assert values(report, "t3.withheld_internal_affairs") == [int(figure) for figure in figures]
    assert "t3.withheld_third_party_rights.total" not in by_code(report)
    # A label as like one as the other names neither.
    rows[place][0] = "5.属于保护三类信息+3"
    report = read(MARKS, grid(rows))
    assert "t3.withheld_internal_affairs.total" not in by_code(report)
    assert any(left.reason == "unknown_label" for left in report.leftovers)


def test_an_unlabelled_row_is_believed_only_when_its_sums_close() -> None:
    figures: dict[str, Sequence[str]] = {
        "new_received": ["5", *["0"] * 5, "5"],
        "granted": ["2", *["0"] * 5, "2"],
        "partially_disclosed": ["3", *["0"] * 5, "3"],
        "total_processed": ["5", *["0"] * 5, "5"],
    }
    rows = table_3(figures)
    place = next(i for i, row in enumerate(rows) if "部分公开" in row[0])
    rows[place] = rows[place][1:]
    cell = by_code(read(MARKS, grid(rows, is_aligned=False)))["t3.partially_disclosed.total"]
    assert (cell.value, cell.confidence) == (3, Confidence.CONFIRMED)
    rows[place] = ["4", *["0"] * 5, "3"]
    cell = by_code(read(MARKS, grid(rows, is_aligned=False)))["t3.partially_disclosed.total"]
    assert (cell.value, cell.status) == (None, CellStatus.WITHHELD)


def test_figures_printed_before_their_labels_are_withheld() -> None:
    blocks: list[Block] = [MARKS, Paragraph("自然人", Place(line=2)), Paragraph("总计", Place(line=3))]
    for number, row in enumerate(ROWS_3):
        blocks += [
            Paragraph(text, Place(line=number)) for text in (["1", *["0"] * 5, "1"] if number == 0 else ["0"] * 7)
        ]
        blocks.append(Paragraph(f"{row.number}{row.label}", Place(line=number)))
    report = read(*blocks)
    assert all(cell.value is None for cell in report.cells if cell.table == "t3")


def table_4(figures: Sequence[str], totals: bool = True) -> list[list[str]]:
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", *(["总计"] if totals else [])]
    wide = len(results)
    return [
        [f"行政复议+{wide}", f"行政诉讼+{2 * wide}"],
        [*(f"{result}*2" for result in results), f"未经复议直接起诉+{wide}", f"复议后起诉+{wide}"],
        [*results, *results],
        list(figures),
    ]


def test_table_4_reads_fifteen_figures_in_order() -> None:
    figures = ["1", "2", "3", "4", "10", *["0"] * 5, "0", "0", "1", "0", "1"]
    cells = by_code(read(MARKS, grid(table_4(figures))))
    assert cells["t4.reconsideration.total"].value == 10
    assert cells["t4.litigation_after_reconsideration.other"].value == 1


def test_table_4_keeps_a_total_left_at_zero_and_says_that_it_is_wrong() -> None:
    report = read(MARKS, grid(table_4(["10", "1", "0", "0", "0", *["0"] * 10])))
    assert by_code(report)["t4.reconsideration.total"].value == 0
    assert [a.where for a in report.anomalies if a.code == "sum_mismatch"] == ["t4.block_total[reconsideration]"]


def test_table_4_without_totals_has_no_totals() -> None:
    cells = by_code(read(MARKS, grid(table_4(["1", "0", "0", "0", *["0"] * 8], totals=False))))
    assert cells["t4.reconsideration.upheld"].value == 1
    assert "t4.reconsideration.total" not in cells


@pytest.mark.parametrize("count", [14, 13, 16])
def test_table_4_with_a_wrong_number_of_figures_is_withheld(count: int) -> None:
    cells = by_code(read(MARKS, grid(table_4(["1"] * count), is_aligned=False)))
    assert all(cell.value is None for cell in cells.values())


def test_table_2_reads_blocks_under_their_headings() -> None:
    rows = [
        ["第二十条第（一）项+4"],
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", "1", "0", "11"],
        ["行政规范性文件", "22\n（其中修订 16 件）", "/", "66"],
        ["第二十条第（八）项+4"],
        ["信息内容", "本年收费金额（单位：万元）+3"],
        ["行政事业性收费", "96171.6+3"],
    ]
    cells = by_code(read(grid(rows)))
    assert cells["t2.rules.in_force"].value == 11
    assert cells["t2.normative_documents.issued"].value == 22
    assert cells["t2.normative_documents.repealed"].status is CellStatus.NOT_APPLICABLE
    assert (cells["t2.admin_fees.amount"].unit, cells["t2.admin_fees.amount"].yuan) == ("万元", 961716000)


def test_a_heading_by_itself_is_no_table() -> None:
    report = read(
        Paragraph("二、主动公开政府信息情况", Place(line=1)), Paragraph("行政许可事项全部公开。", Place(line=2))
    )
    assert report.cells == ()


def test_a_missing_table_is_named() -> None:
    report = read(MARKS, grid(table_3()))
    assert report.missing_tables == ("t2", "t4")


def test_labels_of_another_edition_than_the_year_are_flagged() -> None:
    report = read(Paragraph("甲镇2019年政府信息公开工作年度报告", Place(line=1)), MARKS, grid(table_3()))
    assert (report.edition, report.year_edition) == ("E2021", "E2019")
    assert any(anomaly.code == "wrong_edition" for anomaly in report.anomalies)


def test_a_header_in_another_order_is_followed_in_a_grid_and_refused_in_a_dump() -> None:
    rows = table_3({"new_received": ["1", "2", "0", "0", "0", "3", "6"]})
    rows[1] = ["法人或其他组织+5", "自然人*2", "总计*2"]
    rows[3:] = [[row[0], *row[2:7], row[1], row[7]] for row in rows[3:]]
    assert values(read(MARKS, grid(rows)), "t3.new_received") == [1, 2, 0, 0, 0, 3, 6]
    dump = [[text.split("+")[0].split("*")[0] for text in row] for row in rows]
    cells = by_code(read(MARKS, grid(dump, is_aligned=False)))
    assert cells["t3.new_received.commercial"].value is None


def test_a_blank_copy_beside_a_filled_table_is_no_copy() -> None:
    blank = table_3({row.code: [""] * 7 for row in ROWS_3})
    report = read(MARKS, grid(table_3()), *[Paragraph("附：空白表", Place(line=9))], second_grid(blank))
    assert values(report, "t3.granted") == [0] * 7


def second_grid(rows: Sequence[Sequence[str]]) -> Grid:
    """The same as `grid`, as the second table of the document."""
    first = grid(rows)
    cells = tuple(replace(cell, place=replace(cell.place, table=2)) for cell in first.cells)
    return replace(first, cells=cells, place=Place(table=2))


def test_a_subtotal_of_other_handling_beside_its_children_is_left_over() -> None:
    rows = table_3({"other_misc": ["2", "0", "0", "0", "0", "0", "2"]})
    place = next(i for i, row in enumerate(rows) if row[0].startswith("1.申请人无正当理由"))
    rows.insert(place, ["（六）其他处理+3", "2", "0", "0", "0", "0", "0", "2"])
    report = read(MARKS, grid(rows))
    assert "t3.other_handling.total" not in by_code(report)
    assert values(report, "t3.other_misc") == [2, 0, 0, 0, 0, 0, 2]
    assert [left.reason for left in report.leftovers] == ["printed_subtotal"]


def test_last_years_column_of_table_2_is_never_taken_for_this_years() -> None:
    rows = [
        ["第二十条第（一）项+5"],
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数", "上年数"],
        ["规章", "1", "0", "11", "12"],
        ["行政规范性文件", "", "", "", "324"],
    ]
    for is_aligned in (True, False):
        flat = rows if is_aligned else [["第二十条第（一）项", *[""] * 4], *rows[1:]]
        cells = by_code(read(grid(flat, is_aligned=is_aligned)))
        assert cells["t2.rules.in_force"].value == 11
        assert cells["t2.normative_documents.in_force"].value is None


def test_group_and_item_in_one_label_cell_name_the_item() -> None:
    rows = table_3({"not_processed_repeat": ["2", "0", "0", "0", "0", "0", "2"]})
    place = next(i for i, row in enumerate(rows) if "重复申请" in row[0])
    rows[place][0] = "（五）不予处理2.重复申请+3"
    assert values(read(MARKS, grid(rows)), "t3.not_processed_repeat") == [2, 0, 0, 0, 0, 0, 2]


@pytest.mark.parametrize("ordinal", ["①", "1", "1 ", "- ", "(1)", "1．"])
def test_ordinals_of_any_kind_are_no_part_of_a_label(ordinal: str) -> None:
    rows = table_3({"withheld_state_secret": ["1", "0", "0", "0", "0", "0", "1"]})
    place = next(i for i, row in enumerate(rows) if "属于国家秘密" in row[0])
    rows[place][0] = f"{ordinal}属于国家秘密+3"
    cell = by_code(read(MARKS, grid(rows)))["t3.withheld_state_secret.total"]
    assert cell.value == 1
    assert "label_damaged" not in cell.flags


# ---- table 3: a column of subtotals, rows that slipped, headers in pieces or in another order ------------------------

ORGANISATIONS = ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
WITH_SUBTOTAL = ["1", "2", "0", "0", "0", "3", "5", "6"]


def with_subtotal(heads: Sequence[Sequence[str]], figures: Sequence[str] = WITH_SUBTOTAL) -> list[list[str]]:
    """Table 3 under a header of its own, with a column of subtotals behind the organisations."""
    rows = [[f"{row.number}{row.label}+3", *["0"] * 8] for row in ROWS_3]
    rows[0][1:] = figures
    rows[2][1:] = figures
    return [*map(list, heads), *rows]


def dumped(rows: Sequence[Sequence[str]]) -> Grid:
    """The rows as a dump keeps them: texts without spans."""
    return grid([[text.split("+")[0].split("*")[0] for text in row] for row in rows], is_aligned=False)


GLUED = ("法人或其他组织\n{}", "法人或其他组织（{}）", "法人或其他组织-{}")


@pytest.mark.parametrize("glue", GLUED)
@pytest.mark.parametrize("draw", [grid, dumped])
def test_a_subtotal_under_a_glued_header_is_no_applicant(glue: str, draw: Callable[..., Grid]) -> None:
    heads = [["项目+3", "自然人", *(glue.format(name) for name in (*ORGANISATIONS, "小计")), "总计"]]
    assert values(read(MARKS, draw(with_subtotal(heads))), "t3.granted") == [1, 2, 0, 0, 0, 3, 6]


def test_a_subtotal_beside_blank_totals_is_never_the_total() -> None:
    heads = [["项目+3", "自然人", *(GLUED[2].format(name) for name in (*ORGANISATIONS, "小计")), "总计"]]
    rows = with_subtotal(heads, [*WITH_SUBTOTAL[:-1], ""])
    for draw in (grid, dumped):
        assert values(read(MARKS, draw(rows)), "t3.granted") == [1, 2, 0, 0, 0, 3, None]


def noted_subtotals(report: ReportReading) -> list[tuple[str, str]]:
    return [(anomaly.where, anomaly.text) for anomaly in report.anomalies if anomaly.code == "applicant_subtotal"]


SUBTOTAL_HEADS = [
    ["勾稽关系*3+3", "申请人情况+8"],
    ["自然人*2", "法人或其他组织+6", "总计*2"],
    [*ORGANISATIONS, "小计"],
]
SUBTOTALS_OF_ALL = [(f"t3.{row.code}", "5" if number in (0, 2) else "0") for number, row in enumerate(ROWS_3)]


@pytest.mark.parametrize("draw", [grid, dumped])
def test_the_figures_of_a_column_of_subtotals_are_noted_by_row(draw: Callable[..., Grid]) -> None:
    assert noted_subtotals(read(MARKS, draw(with_subtotal(SUBTOTAL_HEADS)))) == SUBTOTALS_OF_ALL


def test_the_group_itself_heads_a_column_of_subtotals_where_all_organisations_are_named_beside_it() -> None:
    heads = [["项目+3", "自然人", *ORGANISATIONS, "法人或其他组织", "总计"]]
    report = read(MARKS, grid(with_subtotal(heads)))
    assert noted_subtotals(report)[0] == ("t3.new_received", "5")
    assert values(report, "t3.new_received") == [1, 2, 0, 0, 0, 3, 6]


def test_a_figure_under_a_blank_heading_of_the_group_is_no_subtotal() -> None:
    heads = [["勾稽关系*3+3", "申请人情况+8"], ["自然人*2", "法人或其他组织+6", "总计*2"], [*ORGANISATIONS, ""]]
    assert noted_subtotals(read(MARKS, grid(with_subtotal(heads)))) == []


def test_subtotals_of_copies_that_differ_are_not_noted() -> None:
    other = grid(with_subtotal(SUBTOTAL_HEADS, ["1", "2", "0", "0", "0", "3", "4", "6"]))
    noted = dict(noted_subtotals(read(MARKS, grid(with_subtotal(SUBTOTAL_HEADS)), other)))
    assert "t3.new_received" not in noted
    assert noted["t3.carried_over"] == "0"


def test_a_subtotal_merged_with_a_figure_is_not_noted() -> None:
    rows = with_subtotal(SUBTOTAL_HEADS)
    place = len(SUBTOTAL_HEADS)
    rows[place] = [*rows[place][:-2], "6+2"]
    assert "t3.new_received" not in dict(noted_subtotals(read(MARKS, grid(rows))))


@pytest.mark.parametrize("draw", [grid, dumped])
def test_damaged_names_do_not_move_the_subtotal(draw: Callable[..., Grid]) -> None:
    heads = [
        ["勾稽关系*3+3", "申请人情况+8"],
        ["自然人*2", "法人或其他组织+6", "总计*2"],
        ["商业企", "科研机构", "社会公益组织", "法律服务机", "其他", "小计"],
    ]
    assert values(read(MARKS, draw(with_subtotal(heads))), "t3.granted") == [1, 2, 0, 0, 0, 3, 6]


def test_a_subtotal_without_a_place_is_placed_by_sums_or_not_at_all() -> None:
    heads = [["自然人", "法人或其他组织", "总计"], ["小计"]]
    plain = [["3", "2", "1", "4", "5", "6", "18", "21"]]
    report = read(MARKS, dumped(with_subtotal(heads, *plain)))
    assert values(report, "t3.granted") == [3, 2, 1, 4, 5, 6, 21]
    assert values(report, "t3.partially_disclosed") == [0] * 7
    report = read(MARKS, dumped(with_subtotal(heads, ["3", "2", "1", "4", "5", "6", "7", "21"])))
    assert values(report, "t3.granted") == [None] * 7


def slipped(by: Sequence[str], column: int) -> Grid:
    """Table 3 drawn with every position, one row replaced from a column on; an empty column at the right edge."""
    rows = [
        ["项目", "", "", "自然人", *ORGANISATIONS, "总计", ""],
        *([f"{row.number}{row.label}", "", "", *["0"] * 7, ""] for row in ROWS_3),
    ]
    rows[3][column:] = by
    return grid(rows)


@pytest.mark.parametrize(
    ("by", "column", "fourth"),
    [
        (["", "1", "2", "0", "0", "0", "3", "6"], 3, 0),
        (["1", "2", "0", "0", "0", "3", "6", "", "", ""], 1, 0),
        (["", "1", "2", "0", "——", "0", "3", "6"], 3, None),
    ],
)
def test_a_row_that_stands_beside_its_columns_is_read_in_order(
    by: Sequence[str], column: int, fourth: int | None
) -> None:
    assert values(read(MARKS, slipped(by, column)), "t3.granted") == [1, 2, 0, fourth, 0, 3, 6]


def test_a_row_that_stands_beside_its_columns_is_withheld_where_either_of_two_blanks_may_be_one_too_many() -> None:
    by = ["", "1", "2", "0", "", "0", "3", "6"]
    assert values(read(MARKS, slipped(by, 3)), "t3.granted") == [None] * 7
    assert values(read(MARKS, slipped(["", "1", "2", "0", "", "0", "5", "8"], 3)), "t3.granted") == [None] * 7


@pytest.mark.parametrize("first", ["", "3"])
def test_a_header_over_a_column_of_figures_and_a_column_without_any_heads_the_figures(first: str) -> None:
    heads = ["项目", "自然人+2", *ORGANISATIONS[:-1], f"{ORGANISATIONS[-1]}+2", "总计"]
    rows = [[f"{row.number}{row.label}", "1", "", "0", "0", "0", "0", "2", "", "3"] for row in ROWS_3]
    rows[2][1:] = [first, "", "2", "", "0", "", "3", "", "5" if not first else "8"]
    report = read(MARKS, grid([heads, *rows]))
    assert values(report, "t3.granted") == [int(first) if first else None, 2, None, 0, None, 3, 8 if first else 5]
    assert values(report, "t3.new_received") == [1, 0, 0, 0, 0, 2, 3]


@pytest.mark.parametrize(
    "by",
    [
        ["1", "2", "0", "0", "0", "0", "3", "6"],
        ["1", "2", "", "0", "0", "0", "3", "6"],
        ["", "1", "2", "0", "0", "0", "4", ""],
    ],
)
def test_a_row_that_slipped_is_withheld_where_order_does_not_tell(by: Sequence[str]) -> None:
    report = read(MARKS, slipped(by, 3))
    cells = [cell for cell in report.cells if cell.code.startswith("t3.granted.")]
    assert {cell.value for cell in cells} == {None}
    assert any(cell.status is CellStatus.WITHHELD for cell in cells)


def test_a_remark_without_a_header_does_not_move_a_row() -> None:
    assert values(read(MARKS, slipped(["1", "2", "0", "0", "0", "3", "6", "无"], 3)), "t3.granted") == [
        1, 2, 0, 0, 0, 3, 6,
    ]  # fmt: skip


def swapped(*, one_line: bool) -> Grid:
    order = ["科研机构", "商业企业", "社会公益组织", "其他", "法律服务机构"]
    figures = ["1", "2", "3", "4", "5", "6", "21"]
    heads = [["自然人", "法人或其他组织", "总计"], order]
    if not one_line:
        heads = [[name] for head in heads for name in head]
    rows = [[f"{row.number}{row.label}", *["0"] * 7] for row in ROWS_3]
    rows[0][1:] = rows[2][1:] = figures
    return grid([*heads, *rows], is_aligned=False)


def test_columns_in_another_order_are_followed_where_one_line_says_so_and_sums_close() -> None:
    assert values(read(MARKS, swapped(one_line=True)), "t3.granted") == [1, 3, 2, 4, 6, 5, 21]
    report = read(MARKS, swapped(one_line=False))
    assert values(report, "t3.granted") == [None] * 7
    assert values(report, "t3.partially_disclosed") == [0] * 7


def test_the_second_part_of_a_cut_table_keeps_the_columns_of_the_first() -> None:
    rows = table_3({"carried_forward": ["", "2", "", "", "", "3", "5"]})
    rows[1] = ["法人或其他组织+5", "自然人*2", "总计*2"]
    report = read(MARKS, grid(rows[:12]), second_grid(rows[12:]))
    assert values(report, "t3.carried_forward") == [3, None, 2, None, None, None, 5]


def test_categories_in_tables_of_their_own_have_headers_of_their_own() -> None:
    head = [["", "自然人", "法人或其他组织", "", "", "", "", "", "总计"], ["", "", *ORGANISATIONS, "小计", ""]]
    rows = [[f"{row.number}{row.label}", *WITH_SUBTOTAL] for row in ROWS_3]
    for is_aligned in (True, False):
        report = read(MARKS, *(grid([*head, row], is_aligned=is_aligned) for row in rows))
        assert values(report, "t3.granted") == values(report, "t3.carried_forward") == [1, 2, 0, 0, 0, 3, 6]


def test_a_remark_column_that_no_header_names_moves_no_row() -> None:
    rows = table_3({"granted": ["1", "2", "0", "0", "0", "3", "6"]})
    rows[3:] = [[*row, text] for row, text in zip(rows[3:], ["", "无", "含上年2件", *["无"] * 30], strict=False)]
    for draw in (grid, dumped):
        assert values(read(MARKS, draw(rows)), "t3.granted") == [1, 2, 0, 0, 0, 3, 6]


def test_a_withheld_row_with_a_remark_is_withheld_and_not_blank() -> None:
    rows = table_3()
    rows[5][1:] = ["1", "2", "0", "0", "3", "见附件"]
    cell = by_code(read(MARKS, dumped(rows)))["t3.granted.total"]
    assert (cell.status, cell.raw) == (CellStatus.WITHHELD, "1 | 2 | 0 | 0 | 3")


def test_a_blank_copy_in_a_dump_is_no_copy() -> None:
    filled = table_3({"granted": ["1", "2", "0", "0", "0", "3", "6"]})
    blank = table_3({row.code: [""] * 7 for row in ROWS_3})
    place = next(number for number, row in enumerate(filled) if "予以公开" in row[0])
    filled[place] = [filled[place][0], "1", "2", "0", "0", "0", "3"]
    for both in ((filled, blank), (blank, filled)):
        report = read(MARKS, dumped([row for rows in both for row in rows]))
        assert values(report, "t3.carried_forward") == [0] * 7
        cell = by_code(report)["t3.granted.total"]
        assert (cell.value, cell.status) == (None, CellStatus.WITHHELD)


def test_totals_alone_in_a_dump_stand_under_their_header() -> None:
    rows = [
        ["项目", "", "", "自然人", *ORGANISATIONS, "总计"],
        *([f"{row.number}{row.label}", "", "", *[""] * 6, "4"] for row in ROWS_3),
    ]
    assert values(read(MARKS, grid(rows, is_aligned=False)), "t3.granted") == [*[None] * 6, 4]


def test_figures_joined_by_a_blank_are_parted_where_that_is_certain() -> None:
    rows = [["自然人", *ORGANISATIONS, "总计"], *([f"{row.number}{row.label}", *["0"] * 7] for row in ROWS_3)]
    rows[1][1:] = ["0 0", "2", "0", "0", "0", "2"]
    rows[2][1:] = ["1 1", "2", "0", "0", "0", "4"]
    rows[3][1:] = ["1 1", "2", "0", "0", "0", "5"]
    report = read(MARKS, grid(rows, is_aligned=False))
    assert values(report, "t3.new_received") == [0, 0, 2, 0, 0, 0, 2]
    assert values(report, "t3.carried_over") == [1, 1, 2, 0, 0, 0, 4]
    assert values(report, "t3.granted") == [None] * 7


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (["0 0", "0", "0", "0", "0", "0"], [0] * 7),
        (["0", "0", "0", "0", "0 0 0"], [0] * 7),
        (["0 3", "0", "0", "0", "0", "4"], [0, 3, 0, 0, 0, 0, 4]),
        (["3 0", "0", "0", "0", "0", "4"], [None] * 7),
        (["0 0 0", "0", "0", "0", "0", "0"], [None] * 7),
    ],
)
def test_what_follows_a_zero_and_a_blank_is_a_figure_of_its_own_whatever_the_sum(
    printed: list[str], expected: list[int | None]
) -> None:
    rows = [["自然人", *ORGANISATIONS, "总计"], *([f"{row.number}{row.label}", *["0"] * 7] for row in ROWS_3)]
    rows[1][1:] = printed
    assert values(read(MARKS, grid(rows, is_aligned=False)), "t3.new_received") == expected


def test_a_zero_is_parted_beside_a_column_of_subtotals_too() -> None:
    rows = with_subtotal([["自然人", *ORGANISATIONS, "小计", "总计"]])
    rows[1][1:] = ["0 0", "2", "0", "0", "0", "2", "2"]
    rows[3][1:] = ["1", "2 0", "0", "0", "0", "2", "3"]
    report = read(MARKS, grid(rows, is_aligned=False))
    assert values(report, "t3.new_received") == [0, 0, 2, 0, 0, 0, 2]
    assert values(report, "t3.granted") == [None] * 7


def a_line_a_cell(rows: Sequence[Sequence[str]]) -> list[Block]:
    """A table as paragraphs, one for each cell."""
    texts = [text.split("+")[0].split("*")[0] for row in rows for text in row]
    return [Paragraph(text, Place(line=number)) for number, text in enumerate(texts, start=5) if text]


def test_figures_of_a_row_without_a_label_in_a_table_of_a_line_a_cell_are_a_row_of_their_own() -> None:
    five, two = ["5", *["0"] * 5, "5"], ["2", *["0"] * 5, "2"]
    three = ["3", *["0"] * 5, "3"]
    figures: dict[str, Sequence[str]] = {
        "new_received": five, "granted": two, "partially_disclosed": three, "total_processed": five,
    }  # fmt: skip
    rows = table_3(figures)
    place = next(number for number, row in enumerate(rows) if "部分公开" in row[0])
    rows[place] = rows[place][1:]
    report = read(MARKS, *a_line_a_cell(rows))
    assert values(report, "t3.granted") == [2, 0, 0, 0, 0, 0, 2]
    assert values(report, "t3.partially_disclosed") == [3, 0, 0, 0, 0, 0, 3]
    assert "label_missing" in by_code(report)["t3.partially_disclosed.total"].flags


@pytest.mark.parametrize("second", [["3", "0", "0", "0", "0", "0", "4"], ["3", "0", "0", "0", "0", "3"]])
def test_figures_without_a_label_that_do_not_add_up_or_are_not_all_there_make_no_row(second: list[str]) -> None:
    rows = table_3({"granted": ["2", *["0"] * 5, "2"]})
    place = next(number for number, row in enumerate(rows) if "部分公开" in row[0])
    rows[place] = second
    report = read(MARKS, *a_line_a_cell(rows))
    assert values(report, "t3.granted") == [None] * 7
    assert not any(cell.value for cell in report.cells if cell.row == "partially_disclosed")


def withheld_group(first: Sequence[str], second: Sequence[str]) -> Grid:
    """Table 3 with the group 不予公开 in a column of its own; its first two rows as given, without the group's span."""
    rows = [
        ["勾稽关系*3+2", "申请人情况+7"],
        ["自然人*2", "法人或其他组织+5", "总计*2"],
        [*ORGANISATIONS],
    ]
    for row in ROWS_3:
        if row.code == "withheld_state_secret":
            rows.append([*first, "4", *["0"] * 5, "4"])
        elif row.code == "withheld_prohibited_by_law":
            rows.append([*second, "7", *["0"] * 5, "7"])
        else:
            rows.append([f"{row.number}{row.label}+2", *["0"] * 7])
    return grid(rows)


def test_figures_beside_a_group_whose_second_row_stands_below_are_those_of_its_first() -> None:
    report = read(MARKS, withheld_group(["（三）不予公开", ""], ["", "2.其他法律行政法规禁止公开"]))
    assert by_code(report)["t3.withheld_state_secret.total"].raw == "4"
    assert "label_missing" in by_code(report)["t3.withheld_state_secret.total"].flags
    assert values(report, "t3.withheld_prohibited_by_law") == [7, 0, 0, 0, 0, 0, 7]
    assert not report.leftovers


def test_figures_beside_a_group_whose_first_row_stands_below_are_a_subtotal() -> None:
    report = read(MARKS, withheld_group(["（三）不予公开", ""], ["", "1.属于国家秘密"]))
    assert [left.reason for left in report.leftovers] == ["printed_subtotal"]
    assert values(report, "t3.withheld_state_secret") == [7, 0, 0, 0, 0, 0, 7]


def test_a_group_without_a_blank_below_it_does_not_stand_for_its_first_row() -> None:
    report = read(MARKS, withheld_group(["（三）不予公开+2"], ["2.其他法律行政法规禁止公开+2"]))
    assert [left.reason for left in report.leftovers] == ["printed_subtotal"]
    assert "t3.withheld_state_secret.total" not in by_code(report)


def test_a_figure_whose_row_and_column_break_is_doubtful_and_one_broken_sum_is_no_confirmation() -> None:
    five = ["5", *["0"] * 5, "5"]
    wrong: dict[str, Sequence[str]] = {"new_received": five, "granted": ["3", *["0"] * 5, "5"], "total_processed": five}
    cells = by_code(read(MARKS, grid(table_3(wrong))))
    assert cells["t3.granted.natural_person"].confidence is Confidence.DOUBTFUL
    assert cells["t3.granted.total"].confidence is Confidence.READ
    assert "sum_mismatch" in cells["t3.granted.total"].flags


def test_when_most_rows_break_the_reading_is_suspected_blanks_or_not() -> None:
    figures: dict[str, Sequence[str]] = {row.code: ["1", "", "", "", "", "", "9"] for row in ROWS_3[2:8]}
    figures["new_received"] = ["3", "", "", "", "", "", "3"]
    report = read(MARKS, grid(table_3(figures)))
    assert [anomaly.where for anomaly in report.anomalies if anomaly.code == "suspect_reading"] == ["t3"]
    assert by_code(report)["t3.granted.total"].confidence is Confidence.DOUBTFUL


@pytest.mark.parametrize("count", [1, 2])
def test_the_first_rows_under_damaged_labels_are_told_by_the_row_below(count: int) -> None:
    figures: dict[str, Sequence[str]] = {
        "new_received": ["5", *["0"] * 5, "5"],
        "carried_over": ["1", *["0"] * 5, "1"],
        "granted": ["6", *["0"] * 5, "6"],
        "total_processed": ["6", *["0"] * 5, "6"],
    }
    rows = table_3(figures)
    first = next(i for i, row in enumerate(rows) if "新收" in row[0])
    damaged = ["一、本年新收政信息公开甲请数量+3", "二、上年结转政府信公开申请数童+3"]
    for offset in range(count):
        rows[first + offset][0] = damaged[offset]
    report = read(MARKS, grid(rows))
    assert values(report, "t3.new_received")[-1] == 5
    assert values(report, "t3.carried_over")[-1] == 1
    assert "label_damaged" in by_code(report)["t3.new_received.total"].flags


def test_a_row_of_other_words_above_the_table_is_no_row_of_it() -> None:
    rows = table_3()
    first = next(i for i, row in enumerate(rows) if "新收" in row[0])
    rows[first][0], rows[first + 1][0] = "全市统计口径说明+3", "另一种统计口径说明+3"
    assert "t3.new_received.total" not in by_code(read(MARKS, grid(rows)))


def test_a_lost_label_in_a_repeated_group_is_told_by_the_row_above_it() -> None:
    two = ["2", *["0"] * 5, "2"]
    figures: dict[str, Sequence[str]] = dict.fromkeys(
        ("new_received", "not_processed_reconfirmation", "total_processed"), two
    )
    rows: list[list[str]] = []
    for row in table_3(figures):
        label = row[0].removesuffix("+3")
        is_row = len(row) == 8
        rows.append([label, label, *row[1:]] if is_row else row)
    of_group = [i for i, row in enumerate(rows) if any(word in row[0] for word in ("大量反复申请", "重新出具"))]
    for i in of_group:
        rows[i][0] = "（五）不予处理"
    rows[of_group[-1]][1] = ""
    header = [[cell.replace("*3+3", "*3+2") for cell in row] for row in rows[:3]]
    report = read(MARKS, grid([*header, *rows[3:]]))
    assert values(report, "t3.not_processed_reconfirmation") == [2, 0, 0, 0, 0, 0, 2]


def test_a_blank_row_with_a_cell_too_many_is_blank() -> None:
    rows = table_3({"granted": [""] * 7})
    place = next(i for i, row in enumerate(rows) if "予以公开" in row[0])
    rows[place].append("")
    cell = by_code(read(MARKS, grid(rows, is_aligned=False)))["t3.granted.total"]
    assert (cell.value, cell.status) == (None, CellStatus.BLANK)


def turned(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [list(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("is_aligned", [True, False])
def test_a_table_that_lies_on_its_side(is_aligned: bool) -> None:
    heads = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"]
    figures = {"granted": ["5", "1", "0", "0", "2", "0", "8"], "total_processed": ["5", "1", "0", "0", "2", "0", "8"]}
    rows = [["申请人情况", *heads]]
    rows += [[f"{row.number}{row.label}", *figures.get(row.code, ["0"] * 7)] for row in ROWS_3]
    report = read(MARKS, grid(turned(rows), is_aligned=is_aligned))
    assert values(report, "t3.granted") == [5, 1, 0, 0, 2, 0, 8]
    assert by_code(report)["t3.granted.total"].place.column == next(
        place for place, row in enumerate(rows, 1) if "予以公开" in row[0]
    )
    second = [["第二十条第（五）项", ""], ["信息内容", "行政许可"], ["本年处理决定数量", "502"]]
    assert by_code(read(MARKS, grid(second)))["t2.licensing.decisions"].value == 502


def test_labels_broken_over_lines_of_text_are_one_again() -> None:
    figures = {"withheld_deliberative_process": ["3", "0", "0", "0", "0", "0", "3"]}
    lines: list[str] = ["自然人", "商业", "企业", "科研机构", "社会公益", "组织", "法律服务机构", "其他", "总计"]
    for row in ROWS_3:
        label = f"{row.number}{row.label}"
        lines += [label[:6], label[6:]] if len(label) > 8 else [label]
        lines += figures.get(row.code, ["0"] * 7)
    report = read(MARKS, *(Paragraph(text, Place(line=number)) for number, text in enumerate(filter(None, lines), 2)))
    assert len([cell for cell in report.cells if cell.value is not None]) == 7 * len(ROWS_3)
    assert values(report, "t3.withheld_deliberative_process") == [3, 0, 0, 0, 0, 0, 3]


def test_a_formula_without_a_figure_moves_no_figure_beside_it() -> None:
    rows = table_3({"granted": ["0", "0", "0", "0", "2", "1", "=SUM(D5:I5)"]}, skip=["new_received"])
    granted = next(place for place, row in enumerate(rows) if "予以公开" in row[0])
    rows[granted][:1] = ["三、本年度办理结果", "（一）予以公开", ""]
    assert values(read(MARKS, grid(rows)), "t3.granted") == [0, 0, 0, 0, 2, 1, None]


def test_a_blank_figure_beside_a_column_of_last_year() -> None:
    # Eight figures a row, the last of them last year's total: in one row the first is blank.
    heads = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计", "上年总计"]
    rows = [["申请人情况", *heads]]
    rows += [[f"{row.number}{row.label}", *["0"] * 7, "4"] for row in ROWS_3]
    rows[4][1:] = ["", "0", "0", "728", "0", "0", "728", "26"]
    report = read(MARKS, grid(rows, is_aligned=False))
    told = {code: cell.value for code, cell in by_code(report).items() if cell.value}
    assert 26 not in told.values()
    assert all(code.endswith(("public_welfare", "total")) for code in told)


@pytest.mark.parametrize("is_first", [False, True])
def test_a_total_named_before_the_applicants_stands_where_the_sums_say(is_first: bool) -> None:
    # Its header spans all lines of the header, and a dump puts it into the first.
    lines = ["申请人情况", "总计", "自然人", "法人或其他组织"]
    lines += ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    figures = {"granted": ["5", "1", "0", "0", "2", "0"], "new_received": ["9", "0", "3", "0", "1", "0"]}
    figures["carried_forward"] = ["4", "0", "0", "0", "0", "7"]
    for row in ROWS_3:
        parts = figures.get(row.code, ["0"] * 6)
        total = [str(sum(map(int, parts)))]
        lines += [f"{row.number}{row.label}", *([*total, *parts] if is_first else [*parts, *total])]
    report = read(MARKS, *(Paragraph(text, Place(line=number)) for number, text in enumerate(lines, 2)))
    assert values(report, "t3.granted") == [5, 1, 0, 0, 2, 0, 8]


def test_a_cell_too_many_in_a_row_that_begins_with_a_blank_is_not_told_from_the_blank() -> None:
    rows = table_3()
    place = next(i for i, row in enumerate(rows) if "禁止公开" in row[0])
    rows[place][1:] = ["", "1", "", "0", "", "", "", "1"]
    cells = by_code(read(MARKS, grid(rows)))
    own = [cell for code, cell in cells.items() if code.startswith("t3.withheld_prohibited_by_law.")]
    assert {cell.status for cell in own} == {CellStatus.WITHHELD}


def test_a_row_that_slipped_into_columns_of_subtotals_and_blank_totals() -> None:
    rows = table_3()
    rows[1] = ["自然人*2", "法人或其他组织+6", "总计*2"]
    rows[2] = ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "小计"]
    for row in rows[3:]:
        row[1:] = ["2", "0", "3", "0", "0", "0", "3", ""]
    place = next(i for i, row in enumerate(rows) if "三安全" in row[0])
    rows[place][1:] = ["", "0", "1", "0", "0", "0", "0", "1"]
    cells = by_code(read(MARKS, grid(rows)))
    assert cells["t3.granted.research"].value == 3
    own = [cell for code, cell in cells.items() if code.startswith("t3.withheld_security_stability.")]
    assert {cell.status for cell in own} == {CellStatus.WITHHELD}


def test_the_mark_of_a_note_behind_a_label_is_none_of_it() -> None:
    rows = [
        ["第二十条第（一）项+4"],
        ["信息内容", "本年制发件数*", "本年废止件数※", "现行有效件数#"],
        ["规章", "1", "2", "3"],
    ]
    cells = by_code(read(MARKS, grid(rows), grid(table_3())))
    codes = [f"t2.rules.{column}" for column in ("issued", "repealed", "in_force")]
    assert [cells[code].value for code in codes] == [1, 2, 3]


SUMMARY = [
    ["申请结果", "2022年", "2023年", "增长"],
    *([label, "83", "85", "2%"] for label in ("予以公开", "部分公开", "不予公开", "其他处理", "总计")),
]
"""A table of outcomes without applicants, as reports print beside their prose."""


def test_a_summary_of_outcomes_without_applicants_is_no_copy_of_the_table() -> None:
    rows = table_3({"granted": ["3", "1", "0", "0", "0", "0", "4"]})
    report = read(MARKS, grid(SUMMARY), replace(grid(rows), place=Place(table=2)))
    assert values(report, "t3.granted") == [3, 1, 0, 0, 0, 0, 4]
    assert values(report, "t3.total_processed") == [0] * 7


def test_a_summary_of_outcomes_alone_is_withheld() -> None:
    cells = by_code(read(MARKS, grid(SUMMARY)))
    own = [cell for code, cell in cells.items() if code.startswith("t3.granted.")]
    assert {cell.status for cell in own} == {CellStatus.WITHHELD}


def test_a_blank_where_other_rows_of_a_part_that_slipped_print_a_figure_is_a_figure() -> None:
    rows = table_3()
    cut = next(i for i, row in enumerate(rows) if "信访" in row[0])
    # Behind a page break a column of labels is lost: figures stand a column to the left of their headers.
    second = [[row[0].replace("+3", "+2"), *row[1:], ""] for row in rows[cut:]]
    second[1][1:] = ["", "0", "0", "0", "0", "0", "0", ""]
    cells = by_code(read(MARKS, grid(rows[:cut]), second_grid(second)))
    own = [cell for code, cell in cells.items() if code.startswith("t3.not_processed_repeat.")]
    assert {cell.status for cell in own} == {CellStatus.WITHHELD}


def test_a_row_of_a_text_keeps_its_figures_apart_however_many_blanks_are_between() -> None:
    wide = "（二）部分公开（区分处理的，只计这一情形，不计其他情形）" + "".join(
        f"\xa0\xa0\xa0\xa0{n}" for n in (3, 0, 0, 0, 0, 1, 4)
    )
    lines = ["\xa0\xa0".join(["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计"])]
    for row in ROWS_3:
        lines.append(wide if row.code == "partially_disclosed" else f"{row.number}{row.label} 0 0 0 0 0 0 0")
    report = read(MARKS, *(Paragraph(text, Place(line=number)) for number, text in enumerate(lines, 2)))
    assert values(report, "t3.partially_disclosed") == [3, 0, 0, 0, 0, 1, 4]


def test_fifteen_figures_in_one_line_of_text_are_a_row() -> None:
    lines = [
        "行政复议 行政诉讼",
        "结果维持 结果纠正 其他结果 尚未审结 总计 未经复议直接起诉 复议后起诉",
        "结果维持 结果纠正 其他结果 尚未审结 总计 结果维持 结果纠正 其他结果 尚未审结 总计",
        "1 0 0 1 2 0 0 0 0 0 3 0 0 0 3",
    ]
    cells = by_code(read(MARKS, *(Paragraph(text, Place(line=number)) for number, text in enumerate(lines, 2))))
    assert cells["t4.reconsideration.total"].value == 2
    assert cells["t4.litigation_after_reconsideration.upheld"].value == 3


def test_a_blank_is_no_figure_where_the_rows_together_fill_more_columns_than_the_form_has() -> None:
    rows = [[f"{row.number}{row.label}", "1", "2", "0", "", "0", "0", "1", "4"] for row in ROWS_3]
    rows[2][1:] = ["", "2", "", "", "", "3", "0", "5"]
    heads = ["项目", "自然人", *ORGANISATIONS, "总计", ""]
    found = values(read(MARKS, replace(grid([heads, *rows]), is_aligned=False)), "t3.granted")
    assert found == [None] * 7


BODIES = ["市府办", "市公安局", "市教育局", "市水利局", "市民政局", "市财政局"]


@pytest.mark.parametrize("is_aligned", [True, False])
@pytest.mark.parametrize("top", [["项目+3", *BODIES, "合计"], ["项目+3", *BODIES[:5], "其他", "总计"]])
def test_columns_that_are_bodies_are_no_applicants(top: list[str], is_aligned: bool) -> None:
    figures = {row.code: ["1", "2", "0", "0", "1", "0", "4"] for row in ROWS_3}
    rows = [top, *table_3(figures)[3:]]
    report = read(MARKS, grid(rows, is_aligned=is_aligned))
    assert not [cell for cell in report.cells if cell.table == "t3"]
    assert "extra_line" in {leftover.reason for leftover in report.leftovers}


def test_a_table_by_bodies_says_nothing_against_the_table_by_applicants() -> None:
    own = {row.code: ["3", "0", "0", "0", "0", "0", "3"] for row in ROWS_3}
    by_body = {row.code: ["1", "2", "0", "0", "0", "0", "3"] for row in ROWS_3}
    top = ["项目+3", *BODIES, "合计"]
    report = read(MARKS, grid(table_3(own)), Paragraph("分单位情况", Place(line=2)), grid([top, *table_3(by_body)[3:]]))
    assert values(report, "t3.granted") == [3, 0, 0, 0, 0, 0, 3]


@pytest.mark.parametrize(
    "names",
    [
        ["口口", "商业企业", "口口口", "口口口口", "口口口", "口", "总计"],
        ["新收件数", "结转件数", "办结件数", "转下年件数", "维持件数", "纠正件数", "合计件数"],
    ],
)
def test_a_header_that_is_damaged_or_invented_names_no_bodies(names: list[str]) -> None:
    rows = table_3({"granted": ["1", "2", "0", "0", "1", "0", "4"]})
    rows[:3] = [["项目+3", *names]]
    assert by_code(read(MARKS, grid(rows)))["t3.granted.total"].raw
