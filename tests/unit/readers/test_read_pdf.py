"""PDF files: rulings, spans, page breaks, what is not printed, and files that mean harm."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_samples import FONT, ROWS, SIZE, Canvas, apart, heading, pdf, table, turned, twice
from reader_samples import assert_tiles, corpus_file, needs_corpus, shape, spans
from reportlab.lib.pdfencrypt import StandardEncryption

from extract.model import Document, Grid, Paragraph, Unreadable
from extract.readers import read_document
from extract.readers.pdf import read_pdf


def rows_of(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def only_grid(data: bytes) -> Grid:
    (grid,) = read_pdf(data).grids
    return grid


def drawn(**options: object) -> bytes:
    def draw(drawing: Canvas) -> None:
        heading(drawing)
        table(drawing, **options)  # type: ignore[arg-type]

    return pdf(draw)


class TestRulings:
    @pytest.mark.parametrize("lines", ["stroke", "fill", "boxes"])
    def test_strokes_thin_boxes_and_boxes_of_cells_are_rulings(self, lines: str) -> None:
        grid = only_grid(drawn(lines=lines))
        assert rows_of(grid) == ROWS
        assert grid.is_aligned
        assert not grid.is_by_space
        assert_tiles(grid)

    def test_rulings_inside_a_form_object_are_placed_by_its_matrix(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            drawing.beginForm("table")
            drawing.setFont(FONT, SIZE)
            table(drawing, x=0, y=200)
            drawing.endForm()
            drawing.saveState()
            drawing.translate(80, 400)
            drawing.scale(1.2, 1.2)
            drawing.doForm("table")
            drawing.restoreState()

        grid = only_grid(pdf(draw))
        assert rows_of(grid) == ROWS
        assert grid.place.box == pytest.approx((80, 201.9, 416, 297.9), abs=0.2)

    def test_a_missing_ruling_merges_cells(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            for x, top in ((80, 700), (200, 700), (280, 680), (360, 700)):
                drawing.line(x, top, x, 620)
            for y in (700, 660, 620):
                drawing.line(80, y, 360, y)
            drawing.line(200, 680, 360, 680)
            for x, y, text in ((90, 675, "甲"), (270, 686, "乙"), (210, 666, "1"), (290, 666, "2"), (90, 636, "丙")):
                drawing.drawString(x, y, text)

        grid = only_grid(pdf(draw))
        assert spans(grid) == [
            (0, 0, 2, 1), (0, 1, 1, 2), (1, 1, 1, 1), (1, 2, 1, 1), (2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 1, 1),
        ]  # fmt: skip
        assert_tiles(grid)

    def test_frames_and_boxes_behind_paragraphs_are_no_tables(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            for row in range(3):
                drawing.rect(70, 600 - 20 * row, 450, 20)
                drawing.drawString(80, 606 - 20 * row, f"框中第{row}行")
            drawing.setFillGray(1)
            drawing.rect(70, 700, 450, 20, stroke=0, fill=1)
            drawing.setFillGray(0)
            drawing.drawString(80, 706, "白底上的正文")

        document = read_pdf(pdf(draw))
        assert not document.grids
        assert [paragraph.text for paragraph in document.paragraphs[1:]] == [
            "白底上的正文", "框中第0行", "框中第1行", "框中第2行",
        ]  # fmt: skip

    def test_a_table_cut_off_by_the_page_is_in_doubt_where_it_is_cut(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            clip = drawing.beginPath()
            clip.rect(50, 50, 288, 700)
            drawing.clipPath(clip, stroke=0)
            table(drawing)

        grid = only_grid(pdf(draw))
        assert {cell.column for cell in grid.cells if cell.doubt} == {2}


class TestText:
    @pytest.mark.parametrize(("gap", "doubt"), [(0.5, ""), (1.5, ""), (3, "joined_digits"), (7, "joined_digits")])
    def test_digits_drawn_apart_are_one_number_in_doubt_where_the_gap_is_wide(self, gap: float, doubt: str) -> None:
        grid = only_grid(drawn(text=apart(gap)))
        assert rows_of(grid) == ROWS
        assert {cell.doubt for cell in grid.cells if cell.text in ("10", "203", "12")} == {doubt}

    def test_digits_far_apart_stay_apart(self) -> None:
        assert rows_of(only_grid(drawn(text=apart(12))))[1][1] == "1 0"

    def test_text_drawn_twice_is_read_once(self) -> None:
        assert rows_of(only_grid(drawn(text=twice))) == ROWS

    def test_a_number_wider_than_its_column_is_in_doubt(self) -> None:
        grid = only_grid(drawn(rows=[["项目", "数", "金"], ["行政许可", "1234567", "5"]], widths=[120, 20, 20]))
        assert [cell.doubt != "" for cell in grid.rows[1]] == [False, True, True]

    def test_a_number_that_begins_the_next_line_is_not_cut_from_the_one_before(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing, [["项目", "数量", "金额"], ["行政许可", "10", "7"], ["行政处罚", "", ""]])
            for x, base in ((204, 652.4), (364 - 20, 653.3)):
                drawing.drawString(x, base, "25")

        for step in range(10):
            # Heights are told apart in steps: one of these lies between the two lines.
            def lower(drawing: Canvas, down: float = step / 5) -> None:
                drawing.translate(0, -down)
                draw(drawing)

            assert not [cell.text for cell in only_grid(pdf(lower)).cells if cell.doubt]

    def test_a_raised_digit_is_a_note_mark(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing)
            drawing.setFont(FONT, 5)
            drawing.drawString(216, 670, "1")

        assert rows_of(only_grid(pdf(draw)))[1][1] == "10[1]"

    def test_vertical_labels_come_one_character_a_line(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            drawing.rect(80, 500, 30, 150)
            for y in (575, 500):
                drawing.rect(110, y, 100, 75)
                drawing.rect(210, y, 60, 75)
            for number, letter in enumerate("三、本年度办理结果"):
                drawing.drawString(90, 636 - 15 * number, letter)
            for y, label, value in ((610, "予以公开", "7"), (530, "部分公开", "8")):
                drawing.drawString(120, y, label)
                drawing.drawString(220, y, value)

        grid = only_grid(pdf(draw))
        assert rows_of(grid) == [["\n".join("三、本年度办理结果"), "予以公开", "7"], ["部分公开", "8"]]
        assert spans(grid)[0] == (0, 0, 2, 1)

    def test_a_label_turned_upright_is_read_in_its_direction(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing, rows=[["", "1", "2"], ["", "3", "4"]], height=60, widths=[30, 80, 80])
            drawing.saveState()
            drawing.translate(98, 648)
            drawing.rotate(90)
            drawing.drawString(0, 0, "办理")
            drawing.restoreState()

        assert rows_of(only_grid(pdf(draw)))[0] == ["办理", "1", "2"]

    def test_lines_of_a_paragraph_are_joined_and_headings_stand_alone(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            drawing.drawString(98, 760, "一、总体情况")
            body = "政府信息公开工作按照要求开展，主动公开各类信息若干条，收到申请若干件，均按时办结，"
            for number in range(3):
                drawing.drawString(
                    80 + (18 if number == 0 else 0), 740 - 16 * number, body[2:] if number == 0 else body
                )
            drawing.drawString(80, 692, "没有结转。")
            drawing.drawString(98, 676, "二、主动公开情况")

        printed = [paragraph.text for paragraph in read_pdf(pdf(draw)).paragraphs]
        assert len(printed) == 4
        assert printed[1] == "一、总体情况"
        assert printed[2].endswith("没有结转。")
        assert printed[3] == "二、主动公开情况"


class TestWhatIsNotPrinted:
    def test_hidden_text_is_not_read(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing)
            drawing.saveState()
            hidden = drawing.beginText(210, 626)
            hidden.setTextRenderMode(3)
            hidden.textLine("99")
            drawing.drawText(hidden)
            drawing.restoreState()
            drawing.setFillGray(1)
            drawing.drawString(220, 646, "88")

        assert rows_of(only_grid(pdf(draw))) == ROWS

    def test_white_text_on_colour_is_read(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            drawing.setFillColorRGB(0, 0, 0.5)
            drawing.rect(80, 680, 280, 20, stroke=0, fill=1)
            drawing.setFillGray(1)
            for x, text in zip((90, 204, 290), ROWS[0], strict=True):
                drawing.drawString(x, 686, text)
            drawing.setFillGray(0)
            table(drawing, [["", "", ""], *ROWS[1:]])

        grid = only_grid(pdf(draw))
        assert rows_of(grid) == ROWS
        assert not any(cell.doubt for cell in grid.cells)

    def test_what_a_box_covers_is_not_read(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing)
            drawing.setFillGray(1)
            drawing.rect(202, 662, 40, 14, stroke=0, fill=1)
            drawing.setFillGray(0)
            drawing.drawString(204, 666, "77")

        assert rows_of(only_grid(pdf(draw)))[1][1] == "77"

    def test_watermarks_do_not_enter_cells(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing)
            drawing.setFillGray(0.85)
            drawing.setFont(FONT, 50)
            drawing.drawString(100, 640, "内部资料")
            drawing.translate(150, 620)
            drawing.rotate(30)
            drawing.drawString(0, 0, "样稿2023")

        assert rows_of(only_grid(pdf(draw))) == ROWS

    def test_small_pale_text_among_dark_text_is_dropped_with_a_doubt(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing)
            drawing.setFillGray(0.85)
            drawing.drawString(225, 666, "5")

        grid = only_grid(pdf(draw))
        assert (grid.rows[1][1].text, grid.rows[1][1].doubt) == ("10", "garbled_text")


class TestPages:
    @pytest.mark.parametrize("degrees", [90, 180, 270])
    def test_turned_pages_are_read_as_they_are_shown(self, degrees: int) -> None:
        document = read_pdf(turned(drawn(), degrees))
        assert rows_of(document.grids[0]) == ROWS
        box = document.grids[0].place.box
        assert box is not None
        left, top, right, bottom = box
        width, height = (842, 595) if degrees != 180 else (595, 842)
        assert 0 <= left < right <= width + 1
        assert 0 <= top < bottom <= height + 1
        assert (right - left > bottom - top) == (degrees == 180)

    @pytest.mark.parametrize(("across", "down", "angle"), [(595, 0, 90), (0, 842, -90)])
    def test_a_table_drawn_sideways_is_read_sideways(self, across: int, down: int, angle: int) -> None:
        def draw(drawing: Canvas) -> None:
            drawing.translate(across, down)
            drawing.rotate(angle)
            drawing.drawString(300, 560, "某县2023年政府信息公开工作年度报告")
            table(drawing, y=500)

        document = read_pdf(pdf(draw))
        assert shape(document) == "PG"
        assert rows_of(document.grids[0]) == ROWS
        left, top, right, bottom = document.grids[0].cells[0].place.box or (0, 0, 0, 0)
        assert bottom - top > right - left

    def test_a_table_with_open_borders_and_a_cut_label_is_one(self) -> None:
        def first(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing, [*ROWS[:2], ["（四）无", "1", ""]], y=120, is_open_below=True)
            drawing.drawString(290, 30, "- 1 -")

        def second(drawing: Canvas) -> None:
            table(drawing, [["法提供", "", ""], ["二、其他", "5", "6"]], y=800, is_open_above=True)
            drawing.drawString(290, 30, "- 2 -")

        document = read_pdf(pdf(first, second))
        assert shape(document) == "PG"
        grid = document.grids[0]
        assert rows_of(grid) == [*ROWS[:2], ["（四）无\n法提供", "1", ""], ["二、其他", "5", "6"]]
        assert [row[0].place.page for row in grid.rows] == [1, 1, 1, 2]
        assert_tiles(grid)

    def test_a_repeated_header_is_left_out(self) -> None:
        grid = only_grid(
            pdf(lambda one: table(one, y=120), lambda one: table(one, [ROWS[0], ["罚没", "1", "2"]], y=800))
        )
        assert rows_of(grid) == [*ROWS, ["罚没", "1", "2"]]

    def test_rows_whole_on_both_sides_of_a_break_stay_two(self) -> None:
        grid = only_grid(
            pdf(
                lambda one: table(one, [["行政许可", "", "3"]], y=60, is_open_below=True),
                lambda one: table(one, [["行政处罚", "5", ""]], y=800, is_open_above=True),
            )
        )
        assert rows_of(grid) == [["行政许可", "", "3"], ["行政处罚", "5", ""]]

    def test_tables_with_other_columns_are_two(self) -> None:
        document = read_pdf(pdf(lambda one: table(one, y=120), lambda one: table(one, y=800, widths=[80, 120, 60])))
        assert shape(document) == "GG"

    def test_a_page_number_inside_an_open_table_is_no_cell_text(self) -> None:
        def draw(drawing: Canvas) -> None:
            table(drawing, y=120, height=28, is_open_below=True)
            drawing.drawString(290, 9, "- 1 -")

        assert rows_of(only_grid(pdf(draw))) == ROWS


class TestWithoutRulings:
    def test_columns_are_told_by_white_space(self) -> None:
        rows = [
            ["项目", "自然人", "企业", "总计"],
            ["一、新收", "3", "4", "7"],
            ["二、结转", "", "1", "1"],
            ["总计", "12", "33", "45"],
        ]

        def draw(drawing: Canvas) -> None:
            heading(drawing)
            table(drawing, rows, widths=[160, 80, 80, 80], lines="none")

        grid = only_grid(pdf(draw))
        assert rows_of(grid) == rows
        assert not grid.is_aligned
        assert grid.is_by_space

    def test_prose_with_figures_is_no_table(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            for number in range(5):
                drawing.drawString(
                    80, 700 - 16 * number, f"2023年第{number}季度收到申请 12 件，办结 10 件，结转 2 件。"
                )

        assert not read_pdf(pdf(draw)).grids


class TestBadFiles:
    def test_a_password_is_said(self) -> None:
        locked = pdf(heading, encrypt=StandardEncryption("user", "owner"))
        with pytest.raises(Unreadable) as caught:
            read_pdf(locked)
        assert caught.value.code == "encrypted_file"

    def test_an_owner_password_alone_locks_nothing(self) -> None:
        def draw(drawing: Canvas) -> None:
            table(drawing)

        assert rows_of(only_grid(pdf(draw, encrypt=StandardEncryption("", "owner", canPrint=0)))) == ROWS

    @pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<</Root 1 0 R>>"])
    def test_broken_files_are_refused(self, data: bytes) -> None:
        with pytest.raises(Unreadable) as caught:
            read_pdf(data)
        assert caught.value.code == "broken_pdf"

    def test_too_many_pages_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("extract.readers.pdf.pdfium.MOST_PAGES", 2)
        with pytest.raises(Unreadable) as caught:
            read_pdf(pdf(heading, heading, heading))
        assert caught.value.code == "too_many_pages"

    def test_too_many_objects_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("extract.readers.pdf.pdfium.MOST_OBJECTS_A_PAGE", 5)
        with pytest.raises(Unreadable) as caught:
            read_pdf(drawn())
        assert caught.value.code == "pdf_too_large"

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**32))
    def test_damaged_bytes_are_read_or_refused(self, seed: int) -> None:
        rng = random.Random(seed)
        data = bytearray(drawn())
        for _ in range(rng.choice((1, 5, 40))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            document = read_pdf(bytes(data))
        except Unreadable:
            return
        assert isinstance(document, Document)


class TestPictures:
    def test_a_page_without_text_goes_to_recognition(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[tuple[int, ...], int]] = []

        def recognised(file: object, index: int, *_: object) -> list[Paragraph]:
            asked.append(((), index))
            return []

        monkeypatch.setattr("extract.readers.pdf._recognised", recognised)

        def picture(drawing: Canvas) -> None:
            for number in range(80):
                path = drawing.beginPath()
                path.moveTo(100, 100 + number)
                path.curveTo(120, 130, 150, 160, 180, 100 + number)
                drawing.drawPath(path, fill=1)

        document = read_pdf(pdf(lambda one: table(one), picture))
        assert [index for _, index in asked] == [1]
        assert document.notes == ("has_images",)
        assert rows_of(document.grids[0]) == ROWS

    def test_a_missing_recogniser_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(name: str) -> object:
            raise ImportError(name)

        monkeypatch.setattr("extract.readers.pdf.import_module", missing)

        def garbage(drawing: Canvas) -> None:
            for number in range(20):
                drawing.drawString(80, 700 - 12 * number, "".join(chr(0xE000 + 7 * number + one) for one in range(20)))

        with pytest.raises(Unreadable) as caught:
            read_pdf(pdf(garbage, lambda one: one.drawImage(_white(), 0, 0, 595, 842)))
        assert caught.value.code == "scan_not_supported"


def _white() -> object:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    return ImageReader(Image.new("L", (60, 80), 255))


class TestMetadata:
    def test_a_title_that_a_person_wrote_is_kept(self) -> None:
        assert read_pdf(pdf(heading, title="某市2023年政府信息公开工作年度报告")).metadata == {
            "title": "某市2023年政府信息公开工作年度报告"
        }

    @pytest.mark.parametrize("title", ["untitled", "Microsoft Word - 文档1.doc", "新建 Microsoft Word 文档", "report"])
    def test_a_title_that_a_program_wrote_is_not(self, title: str) -> None:
        assert read_pdf(pdf(heading, title=title)).metadata == {}

    def test_the_name_of_a_file_loses_what_the_program_added(self) -> None:
        titled = pdf(heading, title="Microsoft Word - 某县2022年政府信息公开年度报告.doc")
        assert read_pdf(titled).metadata == {"title": "某县2022年政府信息公开年度报告"}


@needs_corpus
@pytest.mark.parametrize(("name", "pages"), [("huaian-2024.pdf", 6), ("hongze-2024.pdf", 5)])
def test_real_reports_have_their_tables(name: str, pages: int) -> None:
    document = read_document(corpus_file("real", name))
    assert [grid.column_count for grid in document.grids][-2:] == [10, 15]
    for grid in document.grids:
        assert_tiles(grid)
        assert all(cell.place.page and 1 <= cell.place.page <= pages for cell in grid.cells)
    assert all(block.place.box for block in document.blocks)


class TestRowsWithoutRulings:
    """Labels of several lines and of several rows, told by their places."""

    def test_a_label_of_several_lines_belongs_to_the_figures_beside_it(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            for y, lines in (
                (700, ("一、本年新收",)),
                (670, ("二、上年结转政", "府信息公开申请")),
                (640, ("三、总计",)),
            ):
                for number, line in enumerate(lines):
                    drawing.drawString(80, y + 5.5 * (len(lines) - 1) - 11 * number, line)
                for x, figure in ((260, "3"), (340, "4"), (420, "7")):
                    drawing.drawString(x, y, figure)

        grid = only_grid(pdf(draw))
        assert [row[0].text for row in grid.rows] == ["一、本年新收", "二、上年结转政\n府信息公开申请", "三、总计"]
        assert all(len(row) == 4 for row in grid.rows)

    def test_a_label_of_several_rows_spans_them(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            for number, (label, figure) in enumerate(zip("甲乙丙丁", ("12", "34", "56", "78"), strict=True)):
                drawing.drawString(200, 700 - 20 * number, f"结果{label}")
                drawing.drawString(340, 700 - 20 * number, figure)
            drawing.drawString(80, 690, "行政复议")
            drawing.drawString(80, 650, "行政诉讼")

        grid = only_grid(pdf(draw))
        assert [(cell.text, cell.row, cell.row_span) for cell in grid.cells if cell.row_span > 1] == [
            ("行政复议", 0, 2), ("行政诉讼", 2, 2),
        ]  # fmt: skip

    def test_the_heading_of_the_first_columns_comes_first(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            drawing.drawString(300, 720, "行政诉讼")
            drawing.drawString(100, 712, "行政复议")
            for x, text in ((250, "直接起诉"), (350, "复议后起诉")):
                drawing.drawString(x, 704, text)
            for number in range(6):
                drawing.drawString(80 + 60 * number, 688, "维持" if number % 2 == 0 else "纠正")
                drawing.drawString(85 + 60 * number, 670, str(number))

        texts_of_first = [cell.text for cell in only_grid(pdf(draw)).rows[0]]
        assert texts_of_first == ["行政复议", "行政诉讼"]

    def test_digits_in_two_lines_are_never_a_blank(self) -> None:
        def draw(drawing: Canvas) -> None:
            heading(drawing)
            for y, figures in ((700, ("1", "2", "3")), (670, ("4", "", "6")), (640, ("7", "8", "9"))):
                drawing.drawString(80, y, f"第{y}行")
                for x, figure in zip((260, 340, 420), figures, strict=True):
                    drawing.drawString(x, y, figure)
            drawing.drawString(338, 675, "49")
            drawing.drawString(338, 664, "1")

        grid = only_grid(pdf(draw))
        assert [cell.text for cell in grid.rows[1]] == ["第670行", "4", "49\n1", "6"]
