"""Workbooks: what is drawn is read back, and what only a spreadsheet shows (formats, hidden parts) is read as shown."""

import contextlib
import io
import random
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Border, Font, Side
from reader_samples import assert_tiles, rows_of, shape, spans, texts

from benchmarks.writer.draw_sheets import SheetStyle, draw_xls, draw_xlsx
from benchmarks.writer.page import Page, page_of
from extract.forms.recognise import recognise
from extract.model import CellStatus, Document, DocumentFormat, Grid, Unreadable
from extract.readers import read_document
from extract.readers.number_formats import number_text, print_number
from extract.readers.sheet_blocks import MOST_CELLS, Sheet, SheetCell, blocks_of_sheets
from extract.readers.sheets import read_sheets
from pipelines.sample.random_reports import random_report

Rows = list[list[object]]


def xlsx(rows: Rows, *merged: str, change: Callable[[object], None] | None = None) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    if change is not None:
        change(workbook)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def xls(rows: Rows, *merged: tuple[int, int, int, int]) -> bytes:
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("Sheet1")
    corners = {(top, left): (bottom, right) for top, bottom, left, right in merged}
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if (row, column) in corners:
                sheet.write_merge(row, corners[row, column][0], column, corners[row, column][1], value)
            elif value is not None:
                sheet.write(row, column, value)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def wrong_cells(page: Page, document: Document) -> tuple[list[str], list[str]]:
    """Cells read with another value than drawn, and cells not read."""
    report = recognise(document).report
    read = {cell.code: cell for cell in report.cells}
    missed = [code for code in page.expected if code not in read or read[code].status is CellStatus.WITHHELD]
    wrong = [code for code, value in page.expected.items() if code not in missed and read[code].value != value]
    wrong += [code for code, cell in read.items() if code not in page.expected and cell.value is not None]
    return wrong, missed


@pytest.mark.parametrize("draw", [draw_xlsx, draw_xls])
@pytest.mark.parametrize("seed", range(12))
def test_a_random_report_is_read_back_whole(draw: Callable[[Page, random.Random], bytes], seed: int) -> None:
    facts = random_report(random.Random(seed))
    page = page_of(facts)
    document = read_document(draw(page, random.Random(seed)))
    assert wrong_cells(page, document) == ([], [])
    report = recognise(document).report
    assert (report.issuer, report.report_year) == (facts.issuer, facts.report_year)
    for grid in document.grids:
        assert_tiles(grid)


@pytest.mark.parametrize("draw", [draw_xlsx, draw_xls])
def test_the_same_state_draws_the_same_bytes(draw: Callable[[Page, random.Random], bytes]) -> None:
    page = page_of(random_report(random.Random(1)))
    assert draw(page, random.Random(2)) == draw(page, random.Random(2))


def test_titles_and_prose_are_paragraphs_and_tables_grids() -> None:
    rows: Rows = [
        ["某局年度报告", None, None],
        ["一、总体情况"],
        ["本年度主动公开信息若干条，具体情况如下。"],
        ["项目", "制作数", "废止数"],
        ["规章", 1, 0],
        ["规范性文件", None, None],
        ["行政许可", 3, 4],
        ["二、下一节的标题跨过整个表格", None, None],
        ["类别", "数量", "备注"],
        ["信函", 5, None],
    ]
    document = read_sheets(xlsx(rows, "A1:C1", "A8:C8"))
    assert shape(document) == "PPPGPG"
    assert rows_of(document.grids[0])[2] == ["规范性文件", "", ""]
    assert document.grids[1].rows[1][0].place.row == 10
    assert document.grids[1].cells[0].place.table == 2


def test_an_empty_row_before_headers_parts_tables_and_one_before_figures_does_not() -> None:
    rows: Rows = [["甲", "乙"], ["a", 1], [], ["b", 2], [], ["丙", "丁"], ["c", 3]]
    document = read_sheets(xlsx(rows))
    assert [rows_of(grid) for grid in document.grids] == [
        [["甲", "乙"], ["a", "1"], ["b", "2"]],
        [["丙", "丁"], ["c", "3"]],
    ]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_merged_ranges_become_spans(kind: str) -> None:
    rows: Rows = [["组", "甲", None], [None, "乙", "丙"], [None, 1, 2]]
    data = xlsx(rows, "A1:A3", "B1:C1") if kind == "xlsx" else xls(rows, (0, 2, 0, 0), (0, 0, 1, 2))
    grid = read_sheets(data).grids[0]
    assert rows_of(grid) == [["组", "甲"], ["乙", "丙"], ["1", "2"]]
    assert spans(grid)[:2] == [(0, 0, 3, 1), (0, 1, 1, 2)]


def test_columns_and_rows_that_print_nothing_give_no_cells() -> None:
    rows: Rows = [["甲", None, "乙"], [None, None, None], ["a", None, 1]]
    grid = read_sheets(xlsx(rows)).grids[0]
    assert rows_of(grid) == [["甲", "乙"], ["a", "1"]]
    assert [cell.place.column for cell in grid.rows[0]] == [1, 3]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_numbers_read_as_a_person_types_them(kind: str) -> None:
    rows: Rows = [["甲", "乙", "丙", "丁"], [5.0, 6.933, 0.1 + 0.2, "0012"]]
    grid = read_sheets(xlsx(rows) if kind == "xlsx" else xls(rows)).grids[0]
    assert rows_of(grid)[1] == ["5", "6.933", "0.3", "0012"]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (12.0, "General", "12"),
        (1234.5, "#,##0.00", "1234.5"),
        (0.25, "0%", "25%"),
        (0.0712, "0.00%", "7.12%"),
        (85, '0"件"', "85件"),
        (85, "0件", "85件"),
        (6.933, 'General"万元"', "6.933万元"),
        (0, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"??_ ;_ @_ ', "0"),
        (-3, "0_);[Red](0)", "-3"),
        (3, ";;;", ""),
        (44562, "yyyy-mm-dd", "2022-01-01"),
        (44562, "yyyy年m月d日", "2022年1月1日"),
        (44562.5, "yyyy/m/d h:mm", "2022-01-01 12:00"),
        (1e15, "General", "1000000000000000"),
        (1e-7, "General", "0.0000001"),
    ],
)
def test_a_number_prints_under_its_format(value: float, code: str, text: str) -> None:
    printed = print_number(value, code)
    assert (printed.text, printed.is_doubtful) == (text, False)


@pytest.mark.parametrize("code", ["0,", '0!.0,"万"', "0.0,,", "0.00E+00", '"约"@"5"0', '0"."0', '0"0"'])
def test_a_format_that_shows_another_number_leaves_the_figure_in_doubt(code: str) -> None:
    assert print_number(69330, code).is_doubtful


def test_numbers_without_value_say_so() -> None:
    assert [number_text(value) for value in (float("nan"), float("inf"))] == ["#NUM!", "#NUM!"]


def test_a_scaled_figure_is_in_doubt() -> None:
    def scale(workbook: object) -> None:
        workbook.active["B2"].number_format = '0!.0,"万"'  # type: ignore[attr-defined]

    grid = read_sheets(xlsx([["甲", "乙"], ["a", 69330]], change=scale)).grids[0]
    assert grid.rows[1][1].doubt == "garbled_text"


def test_what_is_hidden_is_left_out_and_noted() -> None:
    def hide(workbook: object) -> None:
        sheet = workbook.active  # type: ignore[attr-defined]
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True
        draft = workbook.create_sheet("草稿")  # type: ignore[attr-defined]
        draft["A1"] = 7
        draft.sheet_state = "veryHidden"

    rows: Rows = [["甲", "暗", "乙"], ["暗", 1, 2], ["a", 3, 4]]
    document = read_sheets(xlsx(rows, change=hide))
    assert rows_of(document.grids[0]) == [["甲", "乙"], ["a", "4"]]
    assert document.notes == ("has_hidden_table",)


def test_hidden_rows_and_columns_of_an_xls_are_left_out() -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Sheet1")
    for row in range(3):
        for column in range(3):
            sheet.write(row, column, f"{row}{column}甲")
    sheet.row(1).hidden = True
    sheet.col(1).hidden = True
    buffer = io.BytesIO()
    workbook.save(buffer)
    document = read_sheets(buffer.getvalue())
    assert rows_of(document.grids[0]) == [["00甲", "02甲"], ["20甲", "22甲"]]
    assert document.notes == ("has_hidden_table",)


def test_a_merged_title_over_hidden_columns_stays() -> None:
    def hide(workbook: object) -> None:
        workbook.active.column_dimensions["A"].hidden = True  # type: ignore[attr-defined]

    document = read_sheets(xlsx([["标题", None, None], ["x", "甲", "乙"], ["y", "a", 1]], "A1:C1", change=hide))
    assert texts(document) == ["标题"]


def test_note_marks_and_struck_out_text_add_no_digits() -> None:
    def write(workbook: object) -> None:
        sheet = workbook.active  # type: ignore[attr-defined]
        sheet["A2"] = CellRichText("5", TextBlock(InlineFont(vertAlign="superscript"), "1"))
        sheet["B2"] = CellRichText("8", TextBlock(InlineFont(strike=True), "9"))
        sheet["C2"] = 77
        sheet["C2"].font = Font(strike=True)

    assert rows_of(read_sheets(xlsx([["甲", "乙", "丙"]], change=write)).grids[0])[1] == ["5[1]", "8", ""]


def test_note_marks_of_an_xls_add_no_digits() -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Sheet1")
    raised = xlwt.easyfont("escapement superscript")
    for column, name in enumerate("甲乙"):
        sheet.write(0, column, name)
    sheet.write_rich_text(1, 0, ["5", ("1", raised)])
    sheet.write(1, 1, 2)
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert rows_of(read_sheets(buffer.getvalue()).grids[0])[1] == ["5[1]", "2"]


def test_a_formula_that_was_never_computed_stands_as_it_is() -> None:
    rows = rows_of(read_sheets(xlsx([["甲", "乙"], [1, "=SUM(A2:A2)"]])).grids[0])
    assert rows[1] == ["1", "=SUM(A2:A2)"]


def test_the_name_of_an_only_sheet_is_a_heading_unless_it_says_nothing() -> None:
    def name(workbook: object) -> None:
        workbook.active.title = "年度报告"  # type: ignore[attr-defined]

    document = read_sheets(xlsx([["甲", "乙"], ["a", 1]], change=name))
    assert texts(document) == ["年度报告"]
    assert document.paragraphs[0].is_heading
    assert texts(read_sheets(xlsx([["甲", "乙"], ["a", 1]]))) == []


def test_the_names_of_several_sheets_are_no_captions() -> None:
    def name(workbook: object) -> None:
        workbook.active.title = "表四 复议诉讼"  # type: ignore[attr-defined]
        workbook.create_sheet("说明")["A1"] = "正文"  # type: ignore[attr-defined]

    document = read_sheets(xlsx([["甲", "乙"], ["a", 1]], change=name))
    assert texts(document) == ["正文"]
    assert document.grids[0].place.page == 1
    assert document.paragraphs[0].place.page == 2


def printed_rows(grid: Grid) -> Rows:
    return [[cell.text for cell in row] for row in grid.rows]


def test_a_table_that_goes_on_without_headers_keeps_its_blank_columns() -> None:
    head: Rows = [["项目", "自然人", "企业", "总计"], ["新收", 1, 2, 3], ["结转", 4, 5, 9], ["接上页。"]]
    _, later = read_sheets(xlsx([*head, ["公开", None, 6, 6], ["不予公开", None, None, 7]])).grids
    assert printed_rows(later) == [["公开", "", "6", "6"], ["不予公开", "", "", "7"]]
    # A table of its own is given no column: it has headers, or is narrower.
    headers: Rows = [["渠道", None, "结果", "件数"], ["合计", None, 6, 6]]
    assert read_sheets(xlsx([*head, *headers])).grids[-1].column_count == 3
    narrower: Rows = [["维持", 6], ["合计", 6]]
    assert read_sheets(xlsx([*head, *narrower])).grids[-1].column_count == 2


def framed(rows: Rows, *areas: str) -> Document:
    side = Side(style="thin")

    def draw(workbook: Any) -> None:
        for area in areas:
            for row in workbook.active[area]:
                for cell in row:
                    cell.border = Border(side, side, side, side)

    return read_sheets(xlsx(rows, change=draw))


def test_frames_tell_rows_without_figures() -> None:
    rows: Rows = [
        ["年度报告"],
        ["结果", "维持", "总计"],
        [None],
        [None],
        ["项目", "企业", "总计"],
        ["新收"],
        ["公开", 1, 2],
    ]
    first, second = framed(rows, "A2:C3", "A5:C7").grids
    assert printed_rows(first) == [["结果", "维持", "总计"], ["", "", ""]]
    assert printed_rows(second)[1:] == [["新收", "", ""], ["公开", "1", "2"]]


def test_tables_side_by_side_are_tables_of_their_own() -> None:
    rows: Rows = [
        ["项目", "企业", "总计", None, "维持", "纠正"],
        ["新收", 1, 2, None, 3, 4],
        ["公开", 5, 6],
    ]
    first, second = read_sheets(xlsx(rows)).grids
    assert printed_rows(first) == [["项目", "企业", "总计"], ["新收", "1", "2"], ["公开", "5", "6"]]
    assert printed_rows(second) == [["维持", "纠正"], ["3", "4"]]
    assert second.cells[0].place.column == 5


def test_headers_printed_again_below_a_caption_open_another_table() -> None:
    table: Rows = [["项目", "企业", "总计"], ["新收", 1, 2]]
    document = read_sheets(xlsx([["报告"], *table, ["附表："], *table], "A1:C1", "A4:C4"))
    assert len(document.grids) == 2


def test_a_row_across_the_whole_table_that_parts_its_rows_stays_in_it() -> None:
    rows: Rows = [["项", "甲", "乙"], ["a", 1, 2], ["第二组", None, None], ["b", None, None], ["c", 3, 4]]
    (grid,) = read_sheets(xlsx(rows, "A3:C3")).grids
    assert rows_of(grid)[2:4] == [["第二组"], ["b", "", ""]]


def test_a_heading_between_tables_without_an_empty_row_is_a_paragraph() -> None:
    rows: Rows = [
        ["甲", "乙"],
        ["a", 1],
        ["三、收到和处理"],
        ["项", "丙", "丁", "总计"],
        ["一、新收"],
        ["二、结转", 1, 2, 3],
    ]
    document = read_sheets(xlsx(rows))
    assert shape(document) == "GPG"
    assert rows_of(document.grids[1])[1] == ["一、新收", "", "", ""]


def test_a_cell_in_the_last_corner_does_not_fill_the_memory() -> None:
    def write(workbook: object) -> None:
        workbook.active["XFD1048576"] = 1  # type: ignore[attr-defined]

    document = read_sheets(xlsx([["甲", "乙"], ["a", 1]], change=write))
    assert len(document.grids[0].cells) == 4


def test_a_grid_beyond_all_measure_is_refused() -> None:
    sheet = Sheet("a")
    for number in range(1000):
        sheet.cells[number, number] = SheetCell("1", is_number=True)
        sheet.cells[number, 0] = SheetCell("a")
    assert MOST_CELLS < 1000 * 1000
    with pytest.raises(Unreadable) as caught:
        blocks_of_sheets([sheet])
    assert caught.value.code == "sheet_too_large"


def test_ranges_that_overlap_lose_no_text_and_share_no_place() -> None:
    sheet = Sheet("a", merged=[(0, 0, 2, 2), (1, 1, 3, 3), (0, 0, 1 << 19, 1 << 13)])
    for row in range(5):
        for column in range(5):
            sheet.cells[row, column] = SheetCell(f"{row}{column}甲")
    blocks, _ = blocks_of_sheets([sheet])
    for grid in Document(DocumentFormat.XLSX, blocks).grids:
        assert_tiles(grid)


def test_a_locked_or_broken_workbook_says_so() -> None:
    whole = xlsx([["甲", "乙"], ["a", 1]])
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content + b" " * 50_000_000 if name.endswith("sheet1.xml") else content)
    entity = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(entity, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + re.sub(
                    rb"<\?xml.*?\?>", b"", content
                )
            target.writestr(name, content)
    for data in (whole[: len(whole) // 2], bomb.getvalue(), entity.getvalue(), xls([["甲", "乙"]])[:1500]):
        with pytest.raises(Unreadable) as caught:
            read_sheets(data)
        assert caught.value.code == "broken_workbook"


@pytest.mark.parametrize("kind", ["xlsx", "xls", "xlsx parts"])
def test_damaged_workbooks_give_a_document_or_unreadable(kind: str) -> None:
    page = page_of(random_report(random.Random(3), edition="E2021", oddities=()))
    whole = (draw_xls if kind == "xls" else draw_xlsx)(page, random.Random(1), SheetStyle())
    rng = random.Random(5)
    for _ in range(60):
        data = damaged_parts(whole, rng) if kind == "xlsx parts" else damaged(whole, rng)
        with contextlib.suppress(Unreadable):
            assert isinstance(read_sheets(data), Document)


def damaged(whole: bytes, rng: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(rng.randint(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[: rng.randrange(len(data))] if rng.random() < 0.2 else data)


def damaged_parts(whole: bytes, rng: random.Random) -> bytes:
    """The package with damage in the XML of one part, where a reader meets it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(buffer, "w") as target:
        names = source.namelist()
        chosen = rng.choice([name for name in names if name.startswith("xl/")])
        for name in names:
            content = source.read(name)
            if name == chosen:
                values = re.findall(rb'"[^"]*"', content) or [b'""']
                old = rng.choice(values)
                content = content.replace(
                    old, rng.choice([b'"-1"', b'"99999999999"', b'"A0"', b'""', b'"x"', b'"1e400"'])
                )
            target.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Page, bytes]]]:
    """The same reports saved by LibreOffice, a producer that shares no code with ours."""
    folder = tmp_path_factory.mktemp("office")
    pages = [page_of(random_report(random.Random(seed))) for seed in range(4)]
    for number, page in enumerate(pages):
        (folder / f"{number}.xlsx").write_bytes(draw_xlsx(page, random.Random(number)))
    made: dict[str, list[tuple[Page, bytes]]] = {}
    for suffix, kind in (("xls", "xls:MS Excel 97"), ("xlsx", "xlsx:Calc MS Excel 2007 XML"), ("ods", "ods")):
        out = folder / suffix
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind]
        try:
            subprocess.run(
                [*command, "--outdir", str(out), *(str(path) for path in sorted(folder.glob("*.xlsx")))],
                check=True,
                capture_output=True,
                timeout=300,
            )
        except (OSError, subprocess.SubprocessError):
            pytest.skip("LibreOffice is not installed")
        if not out.exists():
            pytest.skip("LibreOffice is installed without Calc, which would have written these workbooks")
        made[suffix] = [(page, Path(out, f"{n}.{suffix}").read_bytes()) for n, page in enumerate(pages)]
    return made


@pytest.mark.parametrize("suffix", ["xls", "xlsx", "ods"])
def test_workbooks_of_another_producer_are_read_whole(
    converted: dict[str, list[tuple[Page, bytes]]], suffix: str
) -> None:
    for page, data in converted[suffix]:
        assert wrong_cells(page, read_document(data)) == ([], [])
