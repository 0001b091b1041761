"""What spacing parts that is one, and what stands so closely that it looks like one, in tables of a PDF."""

import numpy as np
from test_pdf_columns import line, read

from extract.readers.pdf.lattice import lattices_of, merged_rulings
from extract.readers.pdf.spaced import columns_under, in_one_column, less_spaced, unspaced_headings

SIZE = 10.0
COLUMNS = ((100.0, 110.0), (200.0, 210.0), (300.0, 310.0))


def test_words_that_stand_over_the_middle_of_a_column_only_together_are_one_heading() -> None:
    words = [(80.0, 130.0), (175.0, 190.0), (201.0, 235.0), (280.0, 330.0)]
    assert unspaced_headings(words, COLUMNS, SIZE) == [(80.0, 130.0), (175.0, 235.0), (280.0, 330.0)]


def test_the_heading_of_a_blank_column_is_not_put_to_its_neighbour() -> None:
    words = [(80.0, 130.0), (180.0, 230.0), (240.0, 270.0), (280.0, 330.0)]
    assert unspaced_headings(words, COLUMNS, SIZE) == words


def test_figures_at_two_places_under_one_heading_are_one_column() -> None:
    rows = [[(100.0, 105.0)], [(120.0, 125.0)]]
    assert columns_under([(90.0, 130.0)], [(100.0, 105.0), (120.0, 125.0)], rows) == [(100.0, 125.0)]
    both = [[(100.0, 105.0), (120.0, 125.0)]]
    assert columns_under([(90.0, 130.0)], [(100.0, 105.0), (120.0, 125.0)], both) == [(100.0, 105.0), (120.0, 125.0)]


def test_words_without_a_border_between_them_are_one() -> None:
    assert in_one_column([(0.0, 20.0), (30.0, 50.0), (70.0, 90.0)], [60.0]) == [(0.0, 50.0), (70.0, 90.0)]
    assert list(less_spaced([(0.0, 20.0), (30.0, 50.0), (90.0, 99.0)], SIZE)) == [[(0.0, 50.0), (90.0, 99.0)]]


class TestTablesWithoutRulings:
    def test_signs_for_none_keep_their_places_among_figures(self) -> None:
        _, (table,) = read([
            line(100, (200, "维持"), (260, "纠正"), (320, "其他"), (380, "总计")),
            line(120, (205, "10"), (265, "N/A"), (325, "N/A"), (385, "13")),
        ])  # fmt: skip
        assert table[-1] == ["10", "N/A", "N/A", "13"]

    def test_words_beside_figures_are_no_labels_of_several_rows(self) -> None:
        _, (table,) = read([
            line(100, (200, "维持"), (260, "纠正"), (320, "其他"), (380, "总计")),
            line(120, (205, "10"), (265, "略"), (325, "略"), (385, "13")),
        ])  # fmt: skip
        assert table[-1] == ["10", "略", "略", "13"]

    def test_figures_that_are_padded_now_left_now_right_are_one_column(self) -> None:
        rows = [line(100 + 20 * row, (20, "某行名"), (200, "1"), (260 + 8 * (row % 2), "2"), (330, "3"), (400, "4"))
                for row in range(4)]  # fmt: skip
        _, (table,) = read(rows)
        assert table == [["某行名", "1", "2", "3", "4"]] * 4

    def test_one_row_beside_the_columns_does_not_cost_the_others_their_blanks(self) -> None:
        rows = [line(100 + 20 * row, (20, "某行名"), (200, "1"), (260, "2"), (320, "3")) for row in range(5)]
        shifted = line(200, (20, "某行名"), (195, "12345678901234"), (300, "6"))
        blank = line(220, (20, "某行名"), (260, "7"), (320, "8"))
        _, (table,) = read([*rows, shifted, blank])
        assert table[-1] == ["某行名", "", "7", "8"]
        assert "" not in table[-2]

    def test_figures_that_run_together_leave_no_blanks_behind(self) -> None:
        rows = [line(100 + 20 * row, (20, "某行名"), (200, "1"), (260, "2")) for row in range(4)]
        _, (table,) = read([*rows, line(180, (20, "某行名"), (200, "000"))])
        assert table[-1] == ["某行名", "000"]

    def test_a_figure_close_behind_its_label_is_set_apart(self) -> None:
        rows = [line(100 + 20 * row, (150, "行名"), (200, "1"), (260, "2")) for row in range(4)]
        _, (table,) = read([*rows, line(180, (160, "某行名目3"), (260, "4"))])
        assert table[-1] == ["某行名目", "3", "4"]

    def test_units_beside_rows_are_not_one_upright_text(self) -> None:
        rows = [line(100 + 18 * row, (20, f"第{name}行"), (150, "条"), (200, "1"), (260, "2"))
                for row, name in enumerate("甲乙丙")]  # fmt: skip
        _, (table,) = read(rows)
        assert [row[1] for row in table] == ["条", "条", "条"]

    def test_a_numbered_line_begins_a_label_of_its_own(self) -> None:
        rows = [line(100 + 12 * row, (20, f"{row + 1}.某一类情形"), (200, "1"), (260, "2")) for row in range(2)]
        _, (table,) = read([*rows, line(124, (20, "3.第三类")), line(136, (20, "4.第四类"), (200, "5"), (260, "6"))])
        assert table[-1] == ["4.第四类", "5", "6"]


def test_a_second_border_inside_of_cells_makes_no_rows_or_columns() -> None:
    shapes = [(0.0, y, 200.0, y + 0.5) for y in (0.0, 30.0, 60.0)]
    shapes += [(x, 0.0, x + 0.5, 60.0) for x in (0.0, 100.0, 200.0)]
    for left, top in ((102.8, 2.8), (102.8, 32.8), (2.8, 2.8), (2.8, 32.8)):
        right, bottom = left + 94.4, top + 24.4
        shapes += [(left, top, right, top + 0.5), (left, bottom, right, bottom + 0.5)]
        shapes += [(left, top, left + 0.5, bottom), (right, top, right + 0.5, bottom)]
    (lattice,) = lattices_of(merged_rulings(np.array(shapes)))
    assert len(lattice.ys) > 3
    x, y = np.array([50.0, 150.0, 50.0, 150.0]), np.array([15.0, 15.0, 45.0, 45.0])
    plain = lattice.without_slits(x, y, 10.0)
    assert (len(plain.xs), len(plain.ys)) == (3, 3)
    assert [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in plain.cells] == [
        (0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1),
    ]  # fmt: skip
