"""Table 2 in the shapes that dumps give it: a row is believed where label, header and number of figures agree."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from extract.forms.declaration import load_forms
from extract.forms.disclosure import read_disclosure
from extract.forms.lines import Fragment, lines_of
from extract.forms.printed import TableReading, withheld
from extract.model import Block, CellStatus, Confidence, Document, DocumentFormat, Grid, GridCell, Paragraph, Place

EDITIONS = load_forms().editions
RULES = ("t2.rules.issued", "t2.rules.repealed", "t2.rules.in_force")
FIRST = ["本年制发件数", "本年废止件数", "现行有效件数"]
DECISIONS = "本年处理决定数量"


def grid(rows: Sequence[Sequence[str]], table: int = 1, *, is_aligned: bool = False) -> Grid:
    cells = tuple(
        GridCell(r, c, text, Place(table=table, row=r + 1, column=c + 1))
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return Grid(cells, len(rows), max(map(len, rows)), Place(table=table), is_aligned)


def texts(*lines: str) -> list[Block]:
    return [Paragraph(text, Place(line=number)) for number, text in enumerate(lines, 1)]


def read(*blocks: Block, edition: str = "E2021") -> TableReading:
    return read_disclosure(EDITIONS[edition], lines_of(Document(DocumentFormat.TEXT, tuple(blocks))))


def values(reading: TableReading) -> dict[str, int | float | None]:
    return {cell.code: cell.value for cell in reading.cells}


def table(*, repeats: bool, figures: bool = True, remark: Sequence[str] = ()) -> list[list[str]]:
    """The dump of a table with merged cells, whose text is repeated or left blank in the cells behind."""

    def wide(text: str) -> list[str]:
        return [text] * 3 if repeats else [text, "", ""]

    def value(text: str) -> str:
        return text if figures else ""

    heads, ends = (["备注"], [*remark]) if remark else ([], [])
    return [
        ["第二十条第（一）项"] * (4 if repeats else 1) + [""] * (0 if repeats else 3) + [""] * len(ends),
        ["信息内容", *FIRST, *heads],
        ["规章", value("8"), value("0"), value("19"), *ends],
        ["第二十条第（五）项", *([""] * (3 + len(ends)))],
        ["信息内容", *wide(DECISIONS), *heads],
        ["行政许可", *wide(value("502")), *ends],
    ]


TRUTH = {**dict(zip(RULES, (8, 0, 19), strict=True)), "t2.licensing.decisions": 502}


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("remark", [(), ("",), ("无",), ("含上年",)])
def test_a_merged_field_is_one_field_whether_its_text_is_repeated_or_not(repeats: bool, remark: Sequence[str]) -> None:
    assert values(read(grid(table(repeats=repeats, remark=remark)))) == TRUTH


def test_repeated_fields_that_differ_are_withheld() -> None:
    rows = table(repeats=True)
    rows[5][2] = "503"
    assert values(read(grid(rows)))["t2.licensing.decisions"] is None


@pytest.mark.parametrize("filled_first", [True, False])
def test_a_blank_copy_in_the_same_grid_is_no_copy(filled_first: bool) -> None:
    copies = [table(repeats=True), table(repeats=True, figures=False)]
    reading = read(grid([row for copy in (copies if filled_first else reversed(copies)) for row in copy]))
    assert values(reading) == TRUTH
    assert [anomaly.code for anomaly in reading.anomalies] == ["duplicate_table"]


def test_a_blank_copy_does_not_stand_for_a_row_that_could_not_be_read() -> None:
    filled = table(repeats=True)
    filled[5][0] = "许"
    reading = read(grid([*filled, *table(repeats=True, figures=False)]))
    assert "t2.licensing.decisions" not in values(reading)


@pytest.mark.parametrize("repeats", [True, False])
def test_the_heading_may_stand_in_a_column_of_its_own(repeats: bool) -> None:
    again = "第二十条第（一）项" if repeats else ""
    rows = [["第二十条第（一）项", "信息内容", *FIRST], [again, "规章", "8", "0", "19"]]
    assert values(read(grid(rows))) == dict(zip(RULES, (8, 0, 19), strict=True))


def test_the_heading_may_be_glued_to_the_header_over_the_rows() -> None:
    rows = [["第二十条第（五）项 信息内容", DECISIONS, DECISIONS], ["行政许可", "20", "20"]]
    assert values(read(grid(rows))) == {"t2.licensing.decisions": 20}


@pytest.mark.parametrize("glued", [True, False])
def test_last_years_column_in_lines_of_text_is_never_this_years_figure(glued: bool) -> None:
    header = ["信息内容 " + " ".join(FIRST) + " 上年数"] if glued else ["信息内容", *FIRST, "上年数"]
    # The blank of one column is lost: three figures are left of four.
    reading = read(*texts("第二十条第（一）项", *header, "规章", "1", "3", "509"))
    assert set(values(reading).values()) == {None}
    whole = values(read(*texts("第二十条第（一）项", *header, "规章", "1", "2", "3", "509")))
    assert list(whole.values()) == ([None] * 3 if glued else [1, 2, 3])


def test_a_number_broken_over_two_lines_withholds_its_row() -> None:
    header = grid([["第二十条第（九）项", "", ""], ["信息内容", "采购项目数量", "采购总金额"]])
    torn = read(header, *texts("5", "政府集中采购", "3670.78", "30"), edition="E2019")
    assert set(values(torn).values()) == {None}
    rows = [["第二十条第（九）项"], ["信息内容", "采购项目数量", "采购总金额"], ["政府集中采购", "3670.78", "30"]]
    assert set(values(read(grid(rows), edition="E2019")).values()) == {None}


def test_a_damaged_label_in_its_own_block_is_read_in_doubt() -> None:
    rows = table(repeats=True)
    rows[5][0] = "行政许"
    cell = {cell.code: cell for cell in read(grid(rows)).cells}["t2.licensing.decisions"]
    assert (cell.value, cell.confidence, cell.flags) == (502, Confidence.DOUBTFUL, ("label_damaged",))
    rows[5][0] = "行政处"
    assert "t2.penalty.decisions" not in values(read(grid(rows)))


@pytest.mark.parametrize(("doubt", "status"), [("", CellStatus.BLANK), ("joined_digits", CellStatus.WITHHELD)])
def test_a_blank_whose_text_is_in_doubt_may_hide_a_figure(doubt: str, status: CellStatus) -> None:
    cell = withheld("t2.rules.issued", Fragment("", Place(), doubt=doubt), "column_shift")
    assert (cell.value, cell.status) == (None, status)


@pytest.mark.parametrize("between", [[], texts("政府信息公开工作年度报告"), texts("- 2 -")])
def test_a_line_between_two_parts_of_a_copy_hides_no_conflict(between: list[Block]) -> None:
    header = ["信息内容", DECISIONS]
    first = [["第二十条第（六）项"], header, ["行政处罚", "120"], ["行政强制", "7"]]
    reading = read(
        grid(first, 1),
        *texts("附表："),
        grid(first[:2], 2),
        *between,
        grid([["行政处罚", "138"], ["行政强制", "7"]], 3),
    )
    assert values(reading) == {"t2.penalty.decisions": None, "t2.coercion.decisions": 7}


def test_a_copy_whose_columns_cannot_be_told_speaks_against_other_figures() -> None:
    def rows(figures: Sequence[str]) -> list[list[str]]:
        return [["第二十条第（一）项"], ["信息内容", *FIRST], ["规章", *figures]]

    same = read(grid(rows(["8", "0", "19"]), 1), grid(rows(["8", "0", "19", "8"]), 2))
    assert values(same) == dict(zip(RULES, (8, 0, 19), strict=True))
    other = read(grid(rows(["8", "0", "19"]), 1), grid(rows(["7", "1", "5", "6"]), 2))
    assert set(values(other).values()) == {None}


def test_headers_in_another_order_glued_together_are_followed_or_refuse_the_figures() -> None:
    # As wide as its column, a header leaves one blank before the next, and the two come out as one text.
    glued = [["第二十条第（一）项"], ["信息内容", FIRST[2], f"{FIRST[1]} {FIRST[0]}"], ["规章", "19", "0", "8"]]
    assert values(read(grid(glued))) == dict(zip(RULES, (8, 0, 19), strict=True))
    torn = [["第二十条第（一）项"], ["信息内容", FIRST[2], f"{FIRST[1]}{FIRST[0]}"], ["规章", "19", "0", "8"]]
    assert set(values(read(grid(torn))).values()) == {None}


def two_years(years: Sequence[str], *, is_aligned: bool) -> list[Block]:
    """A block whose header stands over the figures of two years."""
    rows = [
        ["第二十条第（八）项", ""],
        ["信息内容", "本年收费金额（单位：万元）", ""],
        ["", *years],
        ["行政事业性收费", "12", ""],
    ]
    cells = grid(rows, is_aligned=is_aligned)
    if is_aligned:
        wide = [replace(cell, column_span=2) if (cell.row, cell.column) == (1, 1) else cell for cell in cells.cells]
        wide = [cell for cell in wide if (cell.row, cell.column) != (1, 2)]
        cells = Grid(tuple(wide), 4, 3, Place(table=1), is_aligned=True)
    return [*texts("某局2023年政府信息公开工作年度报告"), cells]


@pytest.mark.parametrize("is_aligned", [True, False])
def test_of_the_years_under_a_header_the_reports_own_is_read(is_aligned: bool) -> None:
    (fee,) = read(*two_years(["2022年", "2023年"], is_aligned=is_aligned)).cells
    assert (fee.value, fee.status) == (None, CellStatus.BLANK)
    (fee,) = read(*two_years(["2023年", "2022年"], is_aligned=is_aligned)).cells
    assert fee.value == 12
    (fee,) = read(*two_years(["2021年", "2022年"], is_aligned=is_aligned)).cells
    assert (fee.value, fee.status) == (None, CellStatus.WITHHELD)


def test_a_list_of_one_figure_a_line() -> None:
    rows = [["规章", FIRST[0], "8"], ["", FIRST[1], "0"], ["", FIRST[2], "19"], ["行政许可", DECISIONS, "502"]]
    assert values(read(grid(rows))) == TRUTH


def test_rows_that_print_the_heading_of_their_block_beside_their_name() -> None:
    rows = [["项目", *FIRST], ["第二十条第（一）项 规章", "8", "0", "19"], ["项目", DECISIONS, "", ""]]
    rows.append(["第二十条第（五）项 行政许可", "502", "", ""])
    assert values(read(grid(rows))) == TRUTH


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (["3", "", "1", "", "7", ""], [3, 1, 7]),
        (["", "", "1", "", "", ""], [None, 1, None]),
        (["", "3", "", "", "", "7"], [3, None, 7]),
    ],
)
def test_a_header_over_two_cells_heads_the_one_that_is_filled(
    printed: Sequence[str], expected: Sequence[int | None]
) -> None:
    place = Place(table=1)
    heads = [GridCell(0, 0, "信息内容", place)] + [
        GridCell(0, 1 + 2 * number, text, place, 1, 2)
        for number, text in enumerate(("本年制发件数", "本年废止件数", "现行有效件数"))
    ]
    figures = [GridCell(1, 0, "规章", place), *(GridCell(1, 1 + n, text, place) for n, text in enumerate(printed))]
    found = values(read(Grid((*heads, *figures), 2, 7, place, is_aligned=True)))
    assert [found[f"t2.rules.{code}"] for code in ("issued", "repealed", "in_force")] == expected


@pytest.mark.parametrize("is_aligned", [True, False])
def test_articles_in_a_column_of_their_own_beside_the_rows_below_a_header_without_one(is_aligned: bool) -> None:
    rows = [
        ["条款", "信息内容", *FIRST],
        ["第二十条第（一）项", "规章", "8", "0", "19"],
        ["", "信息内容", DECISIONS, "", ""],
        ["第二十条第（五）项", "行政许可", "502", "", ""],
        ["第二十条第（六）项", "行政处罚", "31", "", ""],
        ["", "行政强制", "4", "", ""],
    ]
    read_values = values(read(grid(rows, is_aligned=is_aligned)))
    assert [read_values[code] for code in RULES] == [8, 0, 19]
    decisions = ("licensing", "penalty", "coercion")
    assert [read_values.get(f"t2.{row}.decisions") for row in decisions] == [502, 31, 4]


def test_an_article_beside_a_row_of_another_opens_its_own_block() -> None:
    rows = [["条款", "信息内容", *FIRST], ["第二十条第（五）项", "规章", "8", "0", "19"]]
    assert not any(value is not None for value in values(read(grid(rows, is_aligned=True))).values())


def parted(below: Sequence[str], figures: Sequence[str], *, is_aligned: bool = True) -> Grid:
    """A block whose header spans three columns, with a line below it, and its row."""
    place = Place(table=1)
    rows = [
        ["第二十条第（五）项", "", "", ""],
        ["信息内容", DECISIONS, "", ""],
        ["", *below],
        ["行政许可", *figures],
    ]
    made = grid(rows, is_aligned=is_aligned)
    cells = [cell for cell in made.cells if cell.text or cell.row != 1 or not is_aligned]
    wide = [replace(cell, column_span=3) if cell.text == DECISIONS and is_aligned else cell for cell in cells]
    return Grid(tuple(wide), len(rows), 4, place, is_aligned=is_aligned)


@pytest.mark.parametrize("is_aligned", [True, False])
@pytest.mark.parametrize("below", [("2022年", "2023年", "增减"), ("市本级", "县（市、区）", "合计"), ("增", "减", "")])
def test_words_that_part_the_column_below_its_header_withhold_the_figure(
    below: Sequence[str], is_aligned: bool
) -> None:
    (cell,) = read(parted(below, ["12", "", ""], is_aligned=is_aligned)).cells
    assert (cell.value, cell.status, cell.confidence) == (None, CellStatus.WITHHELD, Confidence.DOUBTFUL)
    (cell,) = read(parted(below, ["", "", ""], is_aligned=is_aligned)).cells
    assert cell.status is CellStatus.BLANK


@pytest.mark.parametrize(
    "below", [("件", "件", "件"), ("（件）", "", ""), ("数量", "", ""), ("/", "", ""), ("", "", "")]
)
def test_units_and_blanks_below_a_header_part_nothing(below: Sequence[str]) -> None:
    assert values(read(parted(below, ["12", "", ""]))) == {"t2.licensing.decisions": 12}


def test_one_text_over_the_whole_of_a_header_is_harmless_only_if_it_names_the_reports_year() -> None:
    title = texts("某局2023年政府信息公开工作年度报告")
    for below, expected in (("2023年", 12), ("2022年", None), ("简易程序", None)):
        assert values(read(*title, parted([below, "", ""], ["12", "", ""]))) == {"t2.licensing.decisions": expected}


def test_a_row_of_words_that_the_form_does_not_have_parts_nothing() -> None:
    block = parted(["详见附件", "", ""], ["12", "", ""])
    cells = [replace(cell, text="其他") if (cell.row, cell.column) == (2, 0) else cell for cell in block.cells]
    assert values(read(replace(block, cells=tuple(cells)))) == {"t2.licensing.decisions": 12}


def penalties(*rows: tuple[str, str]) -> TableReading:
    return read(grid([["第二十条第（六）项", ""], ["信息内容", DECISIONS], *rows], is_aligned=True))


def test_a_figure_in_a_cell_that_spans_two_rows_is_neither_rows() -> None:
    block = grid(
        [["第二十条第（六）项", ""], ["信息内容", DECISIONS], ["行政处罚", "12"], ["行政强制"]], is_aligned=True
    )
    cells = [replace(cell, row_span=2) if cell.text == "12" else cell for cell in block.cells]
    found = read(replace(block, cells=tuple(cells))).cells
    assert [(cell.code, cell.value, cell.raw, cell.status, cell.flags) for cell in found] == [
        ("t2.penalty.decisions", None, "12", CellStatus.WITHHELD, ("merged_rows",)),
        ("t2.coercion.decisions", None, "", CellStatus.WITHHELD, ("merged_rows",)),
    ]


@pytest.mark.parametrize("remark", ["（不含公安）", "（含行政强制）", "（其中：罚款）", "（仅市本级）", "（除交通外）"])
def test_a_bracket_that_sets_bounds_to_the_row_leaves_its_figure_in_doubt(remark: str) -> None:
    (cell,) = penalties((f"行政处罚{remark}", "12")).cells
    assert (cell.value, cell.confidence, cell.flags) == (12, Confidence.DOUBTFUL, ("qualified_label",))


@pytest.mark.parametrize("remark", ["", "（件）", "（单位：件）", "（注1）", "（其中罚款3件）", "（处理决定）"])
def test_other_brackets_behind_a_label_say_nothing_against_its_figure(remark: str) -> None:
    (cell,) = penalties((f"行政处罚{remark}", "12")).cells
    assert (cell.value, cell.confidence, cell.flags) == (12, Confidence.READ, ())


def test_rows_alike_but_for_the_bracket_behind_their_label_are_parts() -> None:
    (cell,) = penalties(("行政处罚（简易程序）", "12"), ("行政处罚（普通程序）", "12")).cells
    assert (cell.value, cell.status, cell.flags) == (None, CellStatus.WITHHELD, ("qualified_label",))
    for again in ("行政处罚（简易程序）", "行政处罚", "行政处罚（件）", "行政处罚（注2）"):
        (cell,) = penalties(("行政处罚（简易程序）", "12"), (again, "12")).cells
        assert cell.value == 12


def test_a_count_under_a_header_in_ten_thousands_is_no_count() -> None:
    rows = [["第二十条第（六）项", "", ""], ["信息内容", f"{DECISIONS}（单位：万件）", ""], ["行政处罚", "12", ""]]
    (found,) = [cell for cell in read(grid(rows)).cells if cell.raw == "12"]
    assert (found.value, found.status, found.confidence) == (None, CellStatus.TEXT, Confidence.DOUBTFUL)
