"""Tables of a PDF without upright rulings: columns of blanks, numbers of rows, tables that a page break cuts."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from test_pdf_columns import SIZE, line, read, rows_of, width, word

from extract.readers.pdf.columns import header_at_foot, with_columns
from extract.readers.pdf.figure_columns import figures_in_two_lines
from extract.readers.pdf.flow import Passage
from extract.readers.pdf.joining import joined_tables
from extract.readers.pdf.pages import _carried
from extract.readers.pdf.spaced import unspaced_headings
from extract.readers.pdf.tables import PageCell, PageTable
from extract.readers.pdf.typeset import TextLine
from extract.readers.pdf.words import headings_of_blanks_apart

TOTALS = (line(200, (20, "予以公开情况甲"), (425, "7")), line(220, (20, "部分公开情况乙"), (425, "9")))
"""Rows with a figure in the last column alone."""
NAMES = ("个人", "企业", "机构", "其他", "总计")


def one_table(lines: Sequence[TextLine]) -> list[list[str]]:
    (table,) = read(lines)[1]
    return table


def middle(centre: float, text: str) -> tuple[float, str]:
    return centre - width(text) / 2, text


class TestColumnsOfBlanks:
    def test_headings_close_to_each_other_are_parted_where_they_are_as_far_as_those_beside(self) -> None:
        close = word(180, 205, "商业企业 科研机构")
        headings = [word(180, 145, "自然人"), close, word(180, 300, "其他"), word(180, 350, "总计")]
        found = headings_of_blanks_apart(headings, [(355.0, 365.0)])
        assert [one.piece.text for one in found] == ["自然人", "商业企业", "科研机构", "其他", "总计"]
        assert all(one.piece.end <= other.piece.start for one, other in pairwise(found))

    @pytest.mark.parametrize(
        ("text", "start", "columns"),
        [
            ("本年收费 处理金额", 205.0, [(242.0, 252.0)]),
            ("收费 （万元）", 205.0, [(355.0, 365.0)]),
            ("收费 金额", 205.0, [(355.0, 365.0)]),
        ],
        ids=["over the middle of a column", "a remark", "closer than columns are"],
    )
    def test_a_heading_with_a_blank_in_it_stays_whole(
        self, text: str, start: float, columns: list[tuple[float, float]]
    ) -> None:
        headings = [word(180, 105, "自然人"), word(180, start, text), word(180, 350, "总计")]
        assert headings_of_blanks_apart(headings, columns) == headings

    def test_without_a_corner_the_first_heading_stands_over_a_column_of_blanks(self) -> None:
        heads = line(
            180, *(middle(centre, text) for centre, text in zip((190, 250, 310, 370, 430), NAMES, strict=True))
        )
        assert one_table([heads, *TOTALS])[1:] == [
            ["予以公开情况甲", "", "", "", "", "7"],
            ["部分公开情况乙", "", "", "", "", "9"],
        ]

    def test_a_common_heading_over_a_column_of_blanks_is_no_column_of_its_own(self) -> None:
        """It is level with the heading of a column that has one line alone, and some way off the middle."""
        over = line(170, middle(160, "自然人"), middle(342, "法人或其他组织"), middle(460, "总计"))
        names = ("商业企业", "科研机构", "公益组织", "服务机构", "其他")
        heads = line(190, *map(middle, (220, 275, 330, 390, 430), names))
        row = line(210, (20, "结转下年办理"), *map(middle, (220, 275, 390, 430, 460), ("10", "38", "53", "13", "114")))
        assert one_table([over, heads, row])[-1][-6:] == ["10", "38", "", "53", "13", "114"]

    def test_a_corner_farther_from_the_next_heading_than_those_from_each_other_heads_the_labels(self) -> None:
        heads = line(
            180,
            *(
                middle(centre, text)
                for centre, text in zip((130, 230, 280, 330, 380, 430), ("项目", *NAMES), strict=True)
            ),
        )
        assert one_table([heads, *TOTALS])[1] == ["予以公开情况甲", "", "", "", "", "7"]

    @pytest.mark.parametrize("in_force", ["", "7"])
    def test_a_corner_in_step_with_columns_as_wide_as_that_of_the_labels_heads_the_labels(self, in_force: str) -> None:
        centres = (100, 220, 340, 460)
        heads = line(100, *map(middle, centres, ("信息内容", "制发件数", "废止件数", "现行件数")))
        rows = [
            line(120, (42, "规章"), middle(220, "0"), middle(340, "0")),
            line(140, (42, "文件"), middle(220, "3"), middle(340, "1"), *([middle(460, in_force)] if in_force else [])),
        ]
        assert one_table([heads, *rows])[1:] == [["规章", "0", "0", ""], ["文件", "3", "1", in_force]]

    def test_a_header_begins_with_the_first_of_its_lines_though_no_figure_stands_under_it(self) -> None:
        heads = [
            line(165, middle(250, "社会"), middle(310, "法律")),
            line(172, middle(190, "个人"), middle(370, "其他"), middle(430, "总计")),
            line(179, middle(250, "组织"), middle(310, "机构")),
        ]
        text, (table,) = read([*heads, *TOTALS])
        assert text == []
        assert table[0] == ["个人", "社会\n组织", "法律\n机构", "其他", "总计"]


class TestNumbersOfRows:
    @pytest.mark.parametrize("first", [1, 8])
    def test_they_are_no_figures(self, first: int) -> None:
        heads = line(180, (210, "企业"), (260, "机构"), (310, "总计"))
        rows = [
            line(200 + 20 * number, (20, str(first + number)), (50, label), (210, "3"), (260, "4"))
            for number, label in enumerate(("予以公开", "部分公开", "不予公开"))
        ]
        rows.append(line(260, (20, str(first + 3)), (50, "总计"), (210, "9"), (260, "12"), (310, "21")))
        table = one_table([heads, *rows])
        assert table[1] == [str(first), "予以公开", "3", "4", ""]
        assert table[-1] == [str(first + 3), "总计", "9", "12", "21"]

    @pytest.mark.parametrize("words", [("主动公开", "依申请公开"), ("件", "件")])
    def test_the_only_figure_of_a_row_is_no_number_of_it(self, words: tuple[str, str]) -> None:
        labels = ("规章", "规范性文件")
        rows = [
            line(200 + 20 * number, (20, label), (120, str(number + 1)), (140, text))
            for number, (label, text) in enumerate(zip(labels, words, strict=True))
        ]
        assert one_table(rows) == [["规章", "1", words[0]], ["规范性文件", "2", words[1]]]

    def test_a_row_of_blanks_has_a_number_too(self) -> None:
        rows = [
            line(200 + 20 * number, (20, str(number + 1)), (50, label), *figures)
            for number, (label, figures) in enumerate((
                ("予以公开", [(210, "3"), (260, "4")]),
                ("部分公开", []),
                ("其他处理", [(210, "1"), (260, "2")]),
            ))
        ]  # fmt: skip
        assert one_table(rows)[1] == ["2", "部分公开", "", ""]

    def test_equal_figures_do_not_count(self) -> None:
        rows = [
            line(200 + 20 * number, (20, "1"), (50, "件"), (210, "3"), (260, "4"), (310, "5")) for number in range(3)
        ]
        assert [row[0] for row in one_table(rows)] == ["1", "1", "1"]

    def test_figures_left_of_other_words_that_do_not_count_up_stay_figures(self) -> None:
        rows = [
            line(200 + 20 * number, (20, figure), (50, "元"), (210, "3"), (260, "4"))
            for number, figure in enumerate(("4", "9", "2"))
        ]
        assert one_table(rows)[0] == ["4", "元", "3", "4"]

    def test_a_single_row_goes_on_with_the_columns_of_the_page_before(self) -> None:
        rows = [line(60, (20, "23"), (50, "继续办理"), (210, "3"), (260, "4"))]
        carried = [(205.0, 225.0), (255.0, 275.0), (305.0, 325.0)]
        rows.append(line(80, (20, "24"), (50, "其他"), (210, "1"), (260, "1")))
        found = [part for part in with_columns(rows, (), carried) if isinstance(part, PageTable)]
        assert rows_of(found[0]) == [["23", "继续办理", "3", "4", ""], ["24", "其他", "1", "1", ""]]


class TestSpacedHeadings:
    def test_what_stands_behind_a_heading_and_begins_no_column_is_of_it(self) -> None:
        columns = [(100.0, 110.0), (200.0, 210.0), (300.0, 310.0)]
        words = [(100.0, 140.0), (150.0, 180.0), (200.0, 250.0), (300.0, 340.0), (350.0, 360.0)]
        assert unspaced_headings(words, columns, SIZE) == [(100.0, 180.0), (200.0, 250.0), (300.0, 360.0)]

    def test_a_heading_as_far_as_columns_are_stays_apart(self) -> None:
        columns = [(100.0, 110.0), (130.0, 140.0), (160.0, 170.0)]
        words = [(100.0, 120.0), (130.0, 150.0), (160.0, 180.0), (190.0, 210.0)]
        assert unspaced_headings(words, columns, SIZE) == words

    def test_headings_of_each_part_stand_over_the_figures_below_them(self) -> None:
        lines = [
            line(100, (20, "项目"), (180, "本年"), (210, "制发"), (300, "现行件数")),
            line(120, (20, "规章"), (200, "12"), (315, "3")),
            line(140, (20, "规范性文件"), (200, "14"), (315, "5")),
            line(160, (20, "项目"), (230, "本年"), (260, "处理")),
            line(180, (20, "行政许可"), (250, "66")),
            line(200, (20, "行政处罚"), (250, "71")),
        ]
        table = one_table(lines)
        assert table[0] == ["项目", "本年 制发", "现行件数"]
        assert table[3] == ["项目", "本年 处理"]


class TestRowsInTheMidst:
    def test_a_numbered_heading_between_rows_whose_labels_take_several_lines_ends_no_table(self) -> None:
        def rows(base: float) -> list[TextLine]:
            return [
                line(base - 6, (30, "新收政府信息")),
                line(base, *((210.0 + 50 * number, "1") for number in range(4))),
                line(base + 6, (30, "公开申请")),
            ]

        text, tables = read([*rows(200), line(226, (20, "三、本年度办理结果")), *rows(252)])
        assert (text, len(tables)) == ([], 1)

    def test_the_last_label_has_as_many_lines_below_its_figures_as_above(self) -> None:
        rows = [line(100, (20, "予以公开"), (210, "1"), (260, "2"))]
        rows += [
            line(120, (20, "申请人逾期")),
            line(132, (20, "不补正的"), (210, "3"), (260, "4")),
            line(144, (20, "不再处理")),
        ]
        assert read([*rows, line(160, (20, "正文在表格下面"))]) == (
            ["正文在表格下面"],
            [[["予以公开", "1", "2"], ["申请人逾期\n不补正的\n不再处理", "3", "4"]]],
        )

    def test_digits_of_a_second_line_that_stand_beside_the_first_are_of_one_figure(self) -> None:
        lines = [
            line(194, (312, "1")),
            line(200, (20, "予以公开"), (210, "1"), (250, "2"), (280, "3"), (350, "5")),
            line(206, (308, "6")),
            line(230, (20, "部分公开"), (210, "1"), (250, "2"), (280, "3"), (310, "4"), (350, "5")),
        ]
        assert one_table(lines)[0] == ["予以公开", "1", "2", "3", "1\n6", "5"]


class TestFiguresInTwoLines:
    """A cell at the top or the foot of its row: what does not fit goes on in a line of its own."""

    STARTS = (210, 232, 254, 276)
    LABELS = (word(100, 20, "申请人逾期"), word(112, 20, "不补正"))

    def row(self, base: float, label: str, *figures: str) -> TextLine:
        return line(base, (20, label), *((start, one) for start, one in zip(self.STARTS, figures, strict=True) if one))

    def test_at_the_foot(self) -> None:
        rows = [self.row(100, "予以公开", "3", "4", "5", "12"), self.row(130, "部分公开", "1", "1", "1", "3")]
        wrapped = [self.row(160, "申请人逾期", "", "", "", "84"), self.row(172, "不补正", "0", "0", "0", "0")]
        assert one_table([*rows, *wrapped])[-1] == ["申请人逾期\n不补正", "0", "0", "0", "84\n0"]

    def test_they_are_in_doubt(self) -> None:
        values = [word(100, 276, "84"), word(112, 276, "0"), word(112, 254, "0"), word(140, 254, "1")]
        found = {one.piece.text: one.doubt for one in figures_in_two_lines(values, self.LABELS)}
        assert found == {"84\n0": "joined_digits", "0": "", "1": ""}

    @pytest.mark.parametrize(
        ("upper", "beside", "pitch"),
        [("0", 254, 12), ("84", 220, 12), ("84", 254, 16)],
        ids=["a zero goes not on", "room for more digits", "farther than lines of a label"],
    )
    def test_figures_of_two_rows_stay_apart(self, upper: str, beside: float, pitch: float) -> None:
        values = [word(100, 276, upper), word(100 + pitch, 276, "0"), word(100 + pitch, beside, "0")]
        assert figures_in_two_lines(values, self.LABELS) == values

    def test_half_a_label_beside_a_unit_is_no_row_of_blanks(self) -> None:
        lines = [
            line(100, (20, "规范性文件数"), (150, "件"), (210, "3"), (260, "4"), (310, "5"), (360, "6")),
            line(130, (20, "制发规范性")),
            line(142, (150, "件"), (210, "3"), (260, "4"), (310, "5"), (360, "6")),
            line(154, (20, "文件总数")),
        ]
        assert not any(row[1:] == [""] * 4 for row in one_table(lines))


class TestParts:
    """A label that another line may belong to is no row of blanks."""

    FIRST = (
        line(70, (20, "（一）予以"), (210, "3"), (260, "4"), (310, "5")),
        line(100, (20, "1.信访举报")),
        line(105.5, (210, "3"), (260, "4"), (310, "5")),
        line(111, (20, "投诉类申请")),
    )

    def blanks_of(self, upper: str, lower: str, *, pitch: float) -> list[list[str]]:
        rows = [line(140, (20, upper)), line(140 + pitch, (20, lower), (210, "1"), (260, "2"), (310, "3"))]
        return [row for row in one_table([*self.FIRST, *rows]) if row[1:] == [""] * 3]

    def test_the_beginning_of_one(self) -> None:
        assert self.blanks_of("（二）部分公开的", "其他情形", pitch=14.9) == []

    @pytest.mark.parametrize(
        ("upper", "lower", "pitch"), [("（二）部分公开", "（三）其他", 14.9), ("（二）部分公开", "总计", 18)]
    )
    def test_a_row_of_its_own(self, upper: str, lower: str, pitch: float) -> None:
        assert self.blanks_of(upper, lower, pitch=pitch) == [[upper, "", "", ""]]


class TestPageBreaks:
    ROWS = (line(60, (20, "予以公开"), (210, "1"), (310, "3")), line(80, (20, "部分公开"), (210, "4"), (310, "6")))
    HEADS = line(780, (20, "项目"), (200, "自然人"), (250, "企业"), (300, "总计"))

    def read(self, lines: Sequence[TextLine], foot: Sequence[TextLine]) -> list[list[str]]:
        found = [part for part in with_columns(lines, (), foot=foot) if isinstance(part, PageTable)]
        return rows_of(found[0])

    def test_headings_at_the_foot_of_a_page_head_the_rows_of_the_next(self) -> None:
        foot = header_at_foot([line(740, (20, "正文在表格上面。")), self.HEADS])
        assert foot == [self.HEADS]
        assert self.read(self.ROWS, foot) == [
            ["项目", "自然人", "企业", "总计"],
            ["予以公开", "1", "", "3"],
            ["部分公开", "4", "", "6"],
        ]

    def test_a_heading_that_the_break_cuts_is_one(self) -> None:
        foot = [line(780, (20, "项目"), (200, "自然"), (250, "企业"), (310, "总"))]
        rest = line(45, (205, "人"), (310, "计"))
        assert self.read([rest, *(one for one in self.ROWS)], foot)[0] == ["项目", "自然\n人", "企业", "总\n计"]

    def test_a_common_heading_at_the_foot_is_no_part_of_the_one_heading_under_its_middle(self) -> None:
        foot = [line(780, middle(250, "复议"), middle(425, "诉讼"))]
        heads = line(
            45, *(middle(200 + 50 * n, text) for n, text in enumerate(("维持", "纠正", "总计", "维持", "纠正", "总计")))
        )
        figures = line(65, *(middle(200 + 50 * n, str(n)) for n in range(6)))
        table = self.read([heads, figures], foot)
        assert table[0] == ["复议", "诉讼"]
        assert table[1] == ["维持", "纠正", "总计", "维持", "纠正", "总计"]

    @pytest.mark.parametrize(("shift", "columns"), [(0.0, 3), (6.0, 2)], ids=["in place", "of other widths"])
    def test_a_table_goes_on_where_its_figures_stand_as_those_before(self, shift: float, columns: int) -> None:
        carried = [(210.0, 215.0), (260.0, 265.0), (310.0, 315.0)]
        wide = [(one - 12, other + 12) for one, other in carried]
        rows = [
            line(base, (20, label), (210 + shift, figure), (310 + shift, figure))
            for base, label, figure in ((60, "予以公开", "1"), (80, "部分公开", "4"))
        ]
        found = [part for part in with_columns(rows, (), wide) if isinstance(part, PageTable)]
        assert [len(row) - 1 for row in rows_of(found[0])] == [columns, columns]

    def test_a_header_that_is_printed_again_is_there_once(self) -> None:
        again = line(40, (20, "项目"), (200, "自然人"), (250, "企业"), (300, "总计"))
        assert [row[0] for row in self.read([again, *self.ROWS], [self.HEADS])] == ["项目", "予以公开", "部分公开"]

    @pytest.mark.parametrize(
        "last",
        [line(780, (20, "正文"), (200, "一段话。")), line(780, (20, "规章"), (200, "3")), line(780, (20, "一段话"))],
        ids=["prose", "a row", "a single text"],
    )
    def test_other_last_lines_are_no_header(self, last: TextLine) -> None:
        assert header_at_foot([line(740, (20, "正文在表格上面。")), last]) == []

    def test_the_rest_of_a_table_has_its_columns_though_it_is_one_row(self) -> None:
        lines = [
            line(40, (20, "项目"), (200, "自然人"), (250, "企业"), (300, "总计")),
            *self.ROWS,
            line(100, (240, "续表")),
            line(120, (20, "其他处理"), (210, "7"), (310, "2")),
        ]
        text, (first, second) = read(lines)
        assert text == ["续表"]
        assert first[-1] == ["部分公开", "4", "", "6"]
        assert second == [["其他处理", "7", "", "2"]]

    @pytest.mark.parametrize(
        ("label", "columns"),
        [("（一）予以公开", 3), ("四、又一张表", 2), ("这一行文字一直写到数字的上面去了。", 2)],
        ids=["a label", "a heading", "prose"],
    )
    def test_rows_below_the_label_of_a_row_of_blanks_have_the_columns_of_the_page_before(
        self, label: str, columns: int
    ) -> None:
        carried = [(205.0, 225.0), (255.0, 275.0), (305.0, 325.0)]
        parts = [one for one in with_columns([line(40, (20, label)), *self.ROWS], (), carried)]
        table = next(one for one in parts if isinstance(one, PageTable))
        assert [len(row) for row in rows_of(table)] == [columns + 1, columns + 1]

    @pytest.mark.parametrize(("gap", "is_carried"), [(8.0, True), (18.0, False)], ids=["a label", "a heading"])
    def test_labels_close_below_the_last_table_of_a_page_leave_its_columns(self, gap: float, is_carried: bool) -> None:
        columns = [(205.0, 225.0), (255.0, 275.0)]
        cell = PageCell(0, 0, 1, 1, "规章", "", (20.0, 90.0, 40.0, 100.0))
        table = PageTable([cell], 1, [20.0, 275.0], (20.0, 90.0, 275.0, 100.0), columns=columns)
        passage = Passage(
            "三、本年度办理结果", (20.0, 100.0 + gap, 110.0, 110.0 + gap), SIZE, is_full=False, is_indented=False
        )
        assert bool(_carried([table, passage])) is is_carried


class TestJoining:
    @pytest.mark.parametrize(("label", "height"), [("予以公开", 1), ("", 2)], ids=["a blank figure", "a cut label"])
    def test_a_blank_below_a_merged_heading_is_its_rest_unless_it_is_the_place_of_a_figure(
        self, label: str, height: int
    ) -> None:
        def cell(row: int, column: int, text: str, span: int = 1) -> PageCell:
            box = (100.0 * column, 20.0 * row, 100.0 * column + 100, 20.0 * (row + span))
            return PageCell(row, column, span, 1, text, "", box)

        edges = [0.0, 100.0, 200.0, 300.0]
        table = PageTable(
            [cell(0, 0, "项目", 2), cell(0, 1, "自然人", 2), cell(0, 2, "法人"), cell(1, 2, "企业")],
            2, edges, (0.0, 0.0, 300.0, 40.0),
        )  # fmt: skip
        below = PageTable([cell(0, 0, label), cell(0, 1, ""), cell(0, 2, "3")], 1, edges, (0.0, 0.0, 300.0, 20.0))
        assert joined_tables(table, below)
        own = [one for one in table.cells if one.column == 1]
        assert [one.row_span for one in own] == ([2, 1] if height == 1 else [3])
