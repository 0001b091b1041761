"""Tables of a PDF without upright rulings, from lines of text: labels side by side, headers of several lines."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from extract.readers.pdf.columns import with_columns
from extract.readers.pdf.tables import PageTable
from extract.readers.pdf.typeset import Piece, TextLine
from extract.readers.pdf.words import Word, labels_apart

SIZE = 10.0
LEFT = 200.0
"""Where the figures of the tables here begin."""


def width(text: str) -> float:
    return sum(SIZE / 2 if letter.isascii() else SIZE for letter in text)


def piece(base: float, start: float, text: str) -> Piece:
    return Piece(text, start, start + width(text), (start, base - SIZE, start + width(text), base), base)


def line(base: float, *texts: tuple[float, str]) -> TextLine:
    """A line of texts, each with the place where it begins."""
    pieces = tuple(piece(base, start, text) for start, text in texts)
    box = (pieces[0].start, base - SIZE, pieces[-1].end, base)
    return TextLine(-1, 0, base, SIZE, pieces, box)


def word(base: float, start: float, text: str) -> Word:
    return Word(base, SIZE, piece(base, start, text), "")


def rows_of(table: PageTable) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.row_count)]
    for cell in table.cells:
        rows[cell.row].append(cell.text)
    return rows


def read(lines: Sequence[TextLine]) -> tuple[list[str], list[list[list[str]]]]:
    """The text outside tables, and the tables as rows of text."""
    text: list[str] = []
    tables: list[list[list[str]]] = []
    for part in with_columns(lines, ()):
        if isinstance(part, PageTable):
            tables.append(rows_of(part))
        else:
            text += [one.text for one in part]
    return text, tables


class TestLabelsSideBySide:
    def test_a_label_printed_in_each_of_its_columns_tells_where_columns_part(self) -> None:
        labels = [
            word(100, 20, "本年度办理结果"), word(100, 100, "本年度办理结果"),
            word(120, 20, "本年度办理结果 予以公开"),
        ]  # fmt: skip
        apart, gaps = labels_apart(labels, LEFT)
        assert [one.piece.text for one in apart] == [
            "本年度办理结果", "本年度办理结果", "本年度办理结果", "予以公开",
        ]  # fmt: skip
        assert gaps == [(90.0, 100.0)]
        assert all(one.piece.end <= other.piece.start for one, other in pairwise(apart[2:]))

    @pytest.mark.parametrize("text", ["本年收费金额 本年收费金额", "本年收费金额本年收费金额"])
    def test_copies_in_one_text_are_parted(self, text: str) -> None:
        loose = Word(100, SIZE, Piece(text, 20, 150, (20, 90, 150, 100), 100), "")
        apart, gaps = labels_apart([loose], LEFT)
        assert [one.piece.text for one in apart] == ["本年收费金额", "本年收费金额"]
        assert gaps == [(80.0, 90.0)]

    def test_blanks_inside_a_label_stay_where_no_columns_part(self) -> None:
        labels = [word(100, 20, "本年度办理结果"), word(100, 120, "本年度办理结果"), word(120, 20, "行 政 许 可")]
        assert [one.piece.text for one in labels_apart(labels, LEFT)[0]] == [
            "本年度办理结果", "本年度办理结果", "行 政 许 可",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "labels",
        [
            [word(100, 20, "其他"), word(100, 100, "其他")],
            [word(100, 20, "予以公开"), word(120, 20, "予以公开")],
            [word(100, 20, "予以公开"), word(100, 100, "部分公开")],
            [word(100, LEFT, "本年度办理结果"), word(100, LEFT + 90, "本年度办理结果")],
        ],
        ids=["short", "one below the other", "different", "over the figures"],
    )
    def test_other_words_tell_of_no_columns(self, labels: list[Word]) -> None:
        assert labels_apart(labels, LEFT) == (labels, [])


FIGURES = [
    line(200, (20, "予以公开"), (210, "1"), (260, "2"), (310, "3")),
    line(220, (20, "部分公开"), (210, "4"), (260, "5"), (310, "6")),
]
UNEVEN = [
    line(200, (20, "予以公开"), (210, "1"), (260, "2"), (300, "3"), (365, "6")),
    line(220, (20, "部分公开"), (210, "4"), (255, "5000000000"), (312, "6"), (365, "15")),
]
"""Figures that share a place with those of another column: no column is told."""
NAMES = line(180, (205, "企业"), (255, "机构"), (305, "其他"))


class TestHeadersAboveATable:
    def test_a_common_heading_above_the_names_is_a_row_of_the_table(self) -> None:
        text, (table,) = read(
            [line(100, (20, "正文在表格上面。")), line(162, (240, "法人或其他组织")), NAMES, *FIGURES]
        )
        assert text == ["正文在表格上面。"]
        assert table[:2] == [["法人或其他组织"], ["企业", "机构", "其他"]]

    def test_the_corner_between_two_lines_of_headings_goes_with_them(self) -> None:
        top = line(150, (240, "申请人情况"))
        text, (table,) = read([top, line(165, (20, "勾稽关系")), NAMES, *FIGURES])
        assert text == []
        assert {"申请人情况", "勾稽关系"} <= {cell for row in table for cell in row}

    def test_a_corner_without_a_heading_above_it_stays_text(self) -> None:
        text, (table,) = read([line(165, (20, "勾稽关系")), NAMES, *FIGURES])
        assert text == ["勾稽关系"]
        assert table[0] == ["企业", "机构", "其他"]

    def test_headings_of_two_rows_stand_in_one_row_with_what_is_printed_between_them(self) -> None:
        heads = [
            line(150, (262, "其他组织")),
            line(158, (20, "项目"), (205, "自然人"), (360, "总计")),
            line(180, (250, "企业"), (305, "机构")),
        ]
        assert read([*heads, *UNEVEN])[1][0][:2] == [["项目", "自然人", "其他组织", "总计"], ["企业", "机构"]]

    def test_a_heading_over_those_of_the_next_row_stays_in_a_row_of_its_own(self) -> None:
        heads = [
            line(140, (240, "申请人情况")),
            line(158, (20, "项目"), (205, "自然人"), (262, "其他组织"), (360, "总计")),
            line(180, (250, "企业"), (305, "机构")),
        ]
        assert read([*heads, *UNEVEN])[1][0][:2] == [["申请人情况"], ["项目", "自然人", "其他组织", "总计"]]

    @pytest.mark.parametrize(
        "above",
        [
            line(162, (20, "三、收到和处理政府信息公开申请情况表如下所列")),
            line(162, (240, "本机关收到的申请全部列在下面的表格里")),
            line(150, (240, "法人或其他组织")),
        ],
        ids=["from the margin", "prose", "too far"],
    )
    def test_prose_and_what_stands_far_above_are_no_headings(self, above: TextLine) -> None:
        text, (table,) = read([above, NAMES, *FIGURES])
        assert text == [above.text]
        assert table[0] == ["企业", "机构", "其他"]


class TestHeadersInsideATable:
    def test_names_of_two_heights_below_the_first_figures_are_two_rows_in_the_order_of_their_columns(self) -> None:
        second = [
            line(240, (205, "行政"), (280, "诉讼")),
            line(258, (205, "维持"), (255, "纠正"), (305, "审结")),
            line(280, (20, "复议数量"), (210, "7"), (260, "8"), (310, "9")),
            line(300, (20, "诉讼数量"), (210, "3"), (260, "2"), (310, "1")),
        ]
        _, (table,) = read([NAMES, *FIGURES, *second])
        assert table == [
            ["企业", "机构", "其他"],
            ["予以公开", "1", "2", "3"],
            ["部分公开", "4", "5", "6"],
            ["行政", "诉讼"],
            ["维持", "纠正", "审结"],
            ["复议数量", "7", "8", "9"],
            ["诉讼数量", "3", "2", "1"],
        ]

    def test_the_lowest_names_over_the_columns_are_one_row_whatever_their_heights(self) -> None:
        second = [
            line(245, (205, "维持"), (305, "审结")),
            line(252, (20, "办理结果"), (255, "纠正")),
            line(280, (20, "复议数量"), (210, "7"), (260, "8"), (310, "9")),
            line(300, (20, "诉讼数量"), (210, "3"), (260, "2"), (310, "1")),
        ]
        _, (table,) = read([NAMES, *FIGURES, *second])
        assert [cell for cell in table[3] if cell != "办理结果"] == ["维持", "纠正", "审结"]
        assert table[-2:] == [["复议数量", "7", "8", "9"], ["诉讼数量", "3", "2", "1"]]


class TestColumnsOfBlanks:
    """Only totals, or few figures: the headings alone tell of the other columns."""

    HEADS = line(180, (80, "项目"), (205, "自然人"), (255, "企业"), (285, "其他"), (320, "小计"), (360, "总计"))
    TOTALS = (line(200, (20, "予以公开情况甲"), (365, "7")), line(220, (20, "部分公开情况乙"), (365, "9")))

    def test_headings_left_of_all_figures_stand_over_columns_of_blanks(self) -> None:
        assert read([self.HEADS, *self.TOTALS])[1] == [
            [
                ["项目", "自然人", "企业", "其他", "小计", "总计"],
                ["予以公开情况甲", "", "", "", "", "7"],
                ["部分公开情况乙", "", "", "", "", "9"],
            ]
        ]

    def test_what_stands_over_the_labels_is_no_heading_of_a_column(self) -> None:
        heads = line(180, (20, "序"), (60, "项目"), (205, "自然人"), (360, "总计"))
        _, (table,) = read([heads, *self.TOTALS])
        assert table[1:] == [["予以公开情况甲", "", "7"], ["部分公开情况乙", "", "9"]]

    def test_figures_that_share_no_column_stand_under_their_headings(self) -> None:
        heads = line(180, (20, "项目"), *((200 + 60 * number, text) for number, text in enumerate("甲乙丙丁戊")))
        rows = [line(200, (20, "予以公开"), (203, "4")), line(220, (20, "部分公开"), (380, "2"), (440, "5"))]
        _, (table,) = read([heads, *rows])
        assert table[1:] == [["予以公开", "4", "", "", "", ""], ["部分公开", "", "", "", "2", "5"]]

    def test_the_rows_of_a_page_without_a_header_have_the_columns_of_the_page_before(self) -> None:
        (first,) = (part for part in with_columns([self.HEADS, *self.TOTALS], ()) if isinstance(part, PageTable))
        (going_on,) = (part for part in with_columns(self.TOTALS, (), first.columns) if isinstance(part, PageTable))
        assert rows_of(going_on) == [["予以公开情况甲", "", "", "", "", "7"], ["部分公开情况乙", "", "", "", "", "9"]]

    @pytest.mark.parametrize(
        ("above", "figure"),
        [([line(150, (20, "四、又一张表"))], 365), ([], 345), ([line(180, (20, "项目"), (350, "数量"))], 365)],
        ids=["text above", "beside all columns", "a header of its own"],
    )
    def test_a_table_of_its_own_has_no_columns_of_another(self, above: list[TextLine], figure: float) -> None:
        rows = [line(200, (20, "予以公开"), (figure, "7")), line(220, (20, "部分公开"), (figure, "9"))]
        carried = [(205.0, 235.0), (255.0, 275.0), (285.0, 305.0), (320.0, 340.0), (360.0, 380.0)]
        found = [part for part in with_columns([*above, *rows], (), carried) if isinstance(part, PageTable)]
        assert rows_of(found[0])[-2:] == [["予以公开", "7"], ["部分公开", "9"]]

    def test_a_single_figure_between_the_lines_of_its_label_is_a_row_above_the_others(self) -> None:
        first = [line(188, (20, "其他法律行政法规")), line(194, (365, "3")), line(200, (20, "禁止公开"))]
        text, (table,) = read(
            [*first, *(line(one.base + 20, *((p.start, p.text) for p in one.pieces)) for one in self.TOTALS)]
        )
        assert (text, table[0]) == ([], ["其他法律行政法规\n禁止公开", "3"])


def top(base: float, figure: str, *texts: Sequence[str], group: Sequence[str] = ()) -> list[TextLine]:
    """A row whose figures stand level with the first line of its labels; its lines are 13 points apart."""
    lines = []
    for number in range(max(len(texts), len(group))):
        pieces = [(20.0, one) for one in group[number : number + 1]] + [
            (60.0, str(one)) for one in texts[number : number + 1]
        ]
        if number == 0:
            pieces += [(210.0, figure), (260.0, figure)]
        lines.append(line(base + 13 * number, *pieces))
    return lines


class TestLabelsThatBeginLevelWithTheirFigures:
    ROWS = (
        *top(200, "1", "1.属于", "国家秘", "密", group=("(三)不", "予公开")),
        *top(250, "2", "2.其他", "法律行", "政法规"),
        *top(300, "3", "3.危及", "安全"),
        *top(340, "4", "4.保护"),
    )

    def test_all_lines_below_belong_to_the_row(self) -> None:
        assert read(self.ROWS) == (
            [],
            [
                [
                    ["(三)不\n予公开", "1.属于\n国家秘\n密", "1", "1"],
                    ["2.其他\n法律行\n政法规", "2", "2"],
                    ["3.危及\n安全", "3", "3"],
                    ["4.保护", "4", "4"],
                ]
            ],
        )

    def test_the_last_label_is_taken_whole(self) -> None:
        text, (table,) = read(
            [*self.ROWS[:-1], *top(340, "4", "4.保护", "第三方", "权益"), line(400, (20, "注：如下。"))]
        )
        assert table[-1] == ["4.保护\n第三方\n权益", "4", "4"]
        assert text == ["注：如下。"]

    @pytest.mark.parametrize(
        "below",
        [
            [line(353, (60, "四、又一节"))],
            [line(353, (60, "这一段文字比标签长"))],
            [line(353, (60, "第三方")), line(366, (20, "正文在表格下面"))],
        ],
        ids=["a heading", "longer", "text follows closely"],
    )
    def test_what_may_be_text_below_the_table_is_none_of_its_label(self, below: list[TextLine]) -> None:
        text, (table,) = read([*self.ROWS, *below])
        assert table[-1] == ["4.保护", "4", "4"]
        assert text == [one.text for one in below]

    def test_labels_in_the_middle_of_their_rows_stay_as_they_are(self) -> None:
        rows = [
            one
            for base, figure in ((200, "1"), (250, "2"), (300, "3"))
            for one in (
                line(base - 13, (60, "甲甲甲")),
                line(base, (60, "乙乙乙"), (210, figure), (260, figure)),
                line(base + 13, (60, "丙丙丙")),
            )
        ]
        _, (table,) = read(rows[1:])
        assert table[1] == ["甲甲甲\n乙乙乙\n丙丙丙", "2", "2"]
