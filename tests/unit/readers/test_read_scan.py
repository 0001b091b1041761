"""Scans and pictures: pages drawn here with a font of the machine, then worn as scanners wear them."""

import contextlib
import io
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from extract.model import Block, Grid, GridCell, Paragraph, Place, Unreadable
from extract.readers.image import blocks_of_picture, read_image
from extract.readers.scan import blocks_of_page, joined_over_pages, pages_in

FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)
FONT = next((path for path in FONTS if Path(path).is_file()), None)
needs_font = pytest.mark.skipif(FONT is None, reason="no Chinese font on this machine: no scan can be drawn")

WIDTH, HEIGHT = 420.0, 300.0
DOTS = 200 / 72


@dataclass(frozen=True)
class Drawn:
    """A cell to draw: row, column, spans and text."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


TABLE = (
    Drawn(0, 0, "项目", 2),
    Drawn(0, 1, "申请人情况", 1, 3),
    Drawn(1, 1, "自然人"),
    Drawn(1, 2, "其他"),
    Drawn(1, 3, "总计"),
    Drawn(2, 0, "予以公开"),
    Drawn(2, 1, "15"),
    Drawn(2, 2, "0"),
    Drawn(2, 3, "15"),
    Drawn(3, 0, "部分公开"),
    Drawn(3, 1, "7"),
    Drawn(3, 2, ""),
    Drawn(3, 3, "/"),
    Drawn(4, 0, "收费金额"),
    Drawn(4, 1, "1096.43", 1, 2),
    Drawn(4, 3, "8"),
)
COLUMNS = (40.0, 130.0, 200.0, 270.0, 340.0)
ROWS = (90.0, 112.0, 134.0, 156.0, 178.0, 200.0)
TITLE = "演示县人民政府2023年政府信息公开工作年度报告"


def draw(
    cells: Sequence[Drawn] = TABLE,
    *,
    rows: Sequence[float] = ROWS,
    title: str = TITLE,
    erase: Sequence[tuple[float, float, float, float]] = (),
    ink: int = 0,
) -> Image.Image:
    """A page at 200 dpi with a title, a table and a closing line; `erase` are boxes painted white, in points."""
    assert FONT is not None
    page = Image.new("L", (round(WIDTH * DOTS), round(HEIGHT * DOTS)), 255)
    pen = ImageDraw.Draw(page)
    large, small = (ImageFont.truetype(FONT, round(size * DOTS)) for size in (14, 10))
    pen.text((46 * DOTS, 40 * DOTS), title, font=large, fill=ink)
    for cell in cells:
        box = [
            DOTS * edge
            for edge in (
                COLUMNS[cell.column],
                rows[cell.row],
                COLUMNS[cell.column + cell.column_span],
                rows[cell.row + cell.row_span],
            )
        ]
        pen.rectangle(box, outline=ink, width=2)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        pen.text(middle, cell.text, font=small, fill=ink, anchor="mm")
    pen.text((46 * DOTS, 230 * DOTS), "二、收到和处理政府信息公开申请情况", font=small, fill=ink)
    for left, top, right, bottom in erase:
        pen.rectangle((left * DOTS, top * DOTS, right * DOTS, bottom * DOTS), fill=255)
    return page


def worn(page: Image.Image, *, dots: int = 150, degrees: float = 1.2, noise: float = 8.0) -> NDArray[np.uint8]:
    """The page as a scanner gives it: smaller, tilted, unevenly lit, noisy, compressed."""
    size = (round(WIDTH * dots / 72), round(HEIGHT * dots / 72))
    tilted = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255).resize(size, Image.Resampling.LANCZOS)
    grey = np.asarray(tilted.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float64)
    light = np.linspace(0.88, 1.0, grey.shape[1])[None, :]
    dirty = (40 + grey * 0.8) * light + np.random.default_rng(7).normal(0, noise, grey.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(dirty, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=60)
    return np.asarray(Image.open(buffer), dtype=np.uint8)


def read(image: NDArray[np.uint8]) -> list[Block]:
    height, width = image.shape[:2]
    points = (WIDTH, HEIGHT) if width > height else (HEIGHT, WIDTH)
    return blocks_of_page(image, page=3, width_points=points[0], height_points=points[1], first_table=5, first_line=9)


def the_grid(blocks: Sequence[Block]) -> Grid:
    (grid,) = [block for block in blocks if isinstance(block, Grid)]
    return grid


def drawn_cells(grid: Grid) -> set[Drawn]:
    return {Drawn(cell.row, cell.column, cell.text, cell.row_span, cell.column_span) for cell in grid.cells}


@needs_font
class TestPage:
    def test_a_clean_page_is_read_cell_by_cell_with_places(self):
        blocks = read(np.asarray(draw()))
        grid = the_grid(blocks)
        assert drawn_cells(grid) == set(TABLE)
        assert not [cell for cell in grid.cells if cell.doubt]
        fifteen = next(cell for cell in grid.cells if cell.text == "15")
        assert (fifteen.place.page, fifteen.place.table, fifteen.place.row, fifteen.place.column) == (3, 5, 3, 2)
        assert fifteen.place.box == pytest.approx((130, 134, 200, 156), abs=2)
        texts = [block.text for block in blocks if isinstance(block, Paragraph)]
        assert texts == [TITLE, "二、收到和处理政府信息公开申请情况"]
        assert [isinstance(block, Grid) for block in blocks] == [False, True, False]
        assert [block.place.line for block in blocks if isinstance(block, Paragraph)] == [9, 10]

    @pytest.mark.parametrize("degrees", [-1.5, 1.5])
    def test_a_tilted_noisy_scan_of_150_dpi_says_the_same(self, degrees: float):
        grid = the_grid(read(worn(draw(), degrees=degrees)))
        assert drawn_cells(grid) == set(TABLE)

    @pytest.mark.parametrize("quarters", [1, 2])
    def test_a_page_scanned_sideways_or_upside_down_is_turned(self, quarters: int):
        image = np.rot90(np.asarray(draw()), quarters)
        grid = the_grid(read(np.ascontiguousarray(image)))
        assert drawn_cells(grid) == set(TABLE)
        box = next(cell for cell in grid.cells if cell.text == "1096.43").place.box
        # Boxes stay those of the page as given.
        turned = {
            1: (178, WIDTH - 270, 200, WIDTH - 130),
            2: (WIDTH - 270, HEIGHT - 200, WIDTH - 130, HEIGHT - 178),
        }[quarters]
        assert box == pytest.approx(turned, abs=2)

    def test_broken_lines_part_cells_all_the_same(self):
        gaps = [(198, 140, 202, 144), (128, 163, 132, 167), (150, 154, 160, 158), (300, 132, 309, 136)]
        assert drawn_cells(the_grid(read(np.asarray(draw(erase=gaps))))) == set(TABLE)

    def test_a_faint_figure_is_not_a_blank_cell(self):
        page = np.asarray(draw()).astype(np.int64)
        left, top, right, bottom = (round(edge * DOTS) for edge in (134, 158, 196, 176))
        page[top:bottom, left:right] = 255 - (255 - page[top:bottom, left:right]) // 9
        cell = next(cell for cell in the_grid(read(page.astype(np.uint8))).cells if (cell.row, cell.column) == (3, 1))
        assert cell.text == "7" or cell.doubt

    def test_specks_leave_a_blank_cell_blank(self):
        page = np.asarray(draw()).copy()
        for x, y in ((215, 160), (250, 170), (230, 166)):
            page[round(y * DOTS) : round(y * DOTS) + 2, round(x * DOTS) : round(x * DOTS) + 2] = 60
        cell = next(cell for cell in the_grid(read(page)).cells if (cell.row, cell.column) == (3, 2))
        assert (cell.text, cell.doubt) == ("", "")

    def test_a_thin_minus_is_part_of_its_figure(self):
        page = np.asarray(draw([*TABLE[:-1], Drawn(4, 3, "5")])).copy()
        x, y = round(297 * DOTS), round(189 * DOTS)
        page[y : y + 2, x : x + 8] = 150
        cell = next(
            cell for cell in the_grid(read(worn(Image.fromarray(page)))).cells if (cell.row, cell.column) == (4, 3)
        )
        assert cell.text != "5" or cell.doubt

    @pytest.mark.parametrize(
        ("stroke", "darkness"),
        [((291, 167, 320, 167), 20), ((268, 181, 335, 150), 90), ((308, 150, 295, 184), 90)],
        ids=["struck out", "crossed by a seal", "crossed from above"],
    )
    def test_a_stroke_over_a_figure_leaves_it_in_doubt(self, stroke: tuple[int, int, int, int], darkness: int):
        cells = [Drawn(3, 3, "8235") if (cell.row, cell.column) == (3, 3) else cell for cell in TABLE]
        page = draw(cells)
        ImageDraw.Draw(page).line([edge * DOTS for edge in stroke], fill=darkness, width=4)
        found = the_grid(read(np.asarray(page))).cells
        assert next(cell for cell in found if (cell.row, cell.column) == (3, 3)).doubt
        assert not [cell.text for cell in found if cell.doubt and cell.column < 3 and cell.row < 3]

    def test_print_paler_than_that_of_the_table_is_in_doubt(self):
        page = np.asarray(draw()).astype(np.int64)
        left, top, right, bottom = (round(edge * DOTS) for edge in (134, 158, 196, 176))
        page[top:bottom, left:right] = 255 - (255 - page[top:bottom, left:right]) // 2
        found = the_grid(read(page.astype(np.uint8))).cells
        assert [(cell.row, cell.column) for cell in found if cell.doubt] == [(3, 1)]

    def test_two_figures_in_one_cell_are_in_doubt(self):
        cells = [Drawn(4, 1, "12      9", 1, 2) if cell.text == "1096.43" else cell for cell in TABLE]
        cell = next(c for c in the_grid(read(np.asarray(draw(cells)))).cells if (c.row, c.column) == (4, 1))
        assert cell.doubt == "joined_digits"

    def test_a_white_page_has_no_blocks(self):
        assert read(np.full((830, 1160), 255, dtype=np.uint8)) == []


def encoded(page: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    page.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


@needs_font
class TestImage:
    def test_all_pages_of_a_tiff_are_read(self):
        page = draw().crop((0, round(20 * DOTS), round(WIDTH * DOTS), round(80 * DOTS)))
        document = read_image(encoded(page, "TIFF", save_all=True, append_images=[page]))
        assert [(text.text, text.place.page, text.place.line) for text in document.paragraphs] == [
            (TITLE, 1, 1),
            (TITLE, 2, 2),
        ]
        assert document.notes == ("has_images", "ocr")

    def test_transparent_paper_is_white(self):
        grey = draw()
        clear = Image.new("RGBA", grey.size, (0, 0, 0, 0))
        clear.putalpha(Image.fromarray(255 - np.asarray(grey)))
        blocks = blocks_of_picture(encoded(clear, "PNG"), page=2, first_table=4, first_line=1)
        assert drawn_cells(the_grid(blocks)) == set(TABLE)
        assert the_grid(blocks).place.table == 4

    def test_pages_below_each_other_are_straightened_one_by_one_and_placed_in_the_picture(self):
        white = Image.new("L", (round(595.3 * DOTS), round(841.9 * DOTS)), 255)
        page = draw()
        whole = Image.new("L", (white.width, 2 * white.height), 255)
        for number, degrees in enumerate((-1.0, 1.0)):
            sheet = white.copy()
            sheet.paste(page, (100, 400))
            whole.paste(sheet.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255), (0, number * white.height))
        grids = [block for block in read_image(encoded(whole, "PNG")).blocks if isinstance(block, Grid)]
        assert [drawn_cells(grid) for grid in grids] == [set(TABLE)] * 2
        assert [(grid.place.page, grid.place.table) for grid in grids] == [(1, 1), (1, 2)]
        tops = [grid.place.box[1] for grid in grids if grid.place.box]
        assert tops[1] - tops[0] == pytest.approx(841.9, abs=12)

    def test_a_picture_is_cut_only_in_the_margins_of_its_pages(self):
        def rows(blank: slice) -> NDArray[np.uint8]:
            picture = np.full((1700, 595), 255, dtype=np.uint8)
            picture[20:-20:9, 50:-50] = 0
            picture[blank] = 255
            return picture

        assert pages_in(rows(slice(780, 900)), 595.3) == [
            (0, pytest.approx(842, abs=2)),
            (pytest.approx(842, abs=2), 1700),
        ]
        assert pages_in(rows(slice(800, 820)), 595.3) == [(0, 1700)]
        assert pages_in(rows(slice(780, 900))[:1200], 595.3) == [(0, 1200)]


class TestLimits:
    def test_an_icon_has_no_blocks_and_loads_no_model(self):
        document = read_image(encoded(Image.new("RGB", (32, 32), "red"), "PNG"))
        assert document.blocks == ()
        assert document.notes == ("has_images",)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF"])
    def test_a_picture_cut_in_its_header_is_broken(self, kind: str):
        whole = encoded(Image.effect_noise((200, 200), 60).convert("L"), kind)
        with pytest.raises(Unreadable) as caught:
            read_image(whole[:12])
        assert caught.value.code == "broken_image"

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF"])
    def test_bytes_of_a_picture_in_disorder_raise_nothing_else(self, kind: str):
        whole = bytearray(encoded(Image.effect_noise((90, 30), 60).convert("L"), kind))
        rng = random.Random(3)
        for _ in range(30):
            broken = bytearray(whole)
            for _ in range(4):
                broken[rng.randrange(8, len(broken))] = rng.randrange(256)
            with contextlib.suppress(Unreadable):
                read_image(bytes(broken[: rng.randrange(20, len(broken))]))

    @pytest.mark.parametrize(
        "header",
        [
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 60_000, 60_000) + b"\x08\0\0\0\0",
            b"GIF89a" + struct.pack("<HH", 65_000, 65_000) + bytes(20),
            b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", 65_000, 65_000) + bytes(20),
            b"BM" + bytes(16) + struct.pack("<ii", 100_000, -100_000) + bytes(20),
        ],
    )
    def test_a_bomb_is_refused_by_its_header(self, header: bytes):
        with pytest.raises(Unreadable) as caught:
            read_image(header)
        assert caught.value.code == "image_too_large"

    def test_a_tiff_whose_directories_turn_in_a_circle_ends(self):
        entries = struct.pack("<HHII", 256, 4, 1, 500) + struct.pack("<HHII", 257, 4, 1, 500)
        data = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 2) + entries + struct.pack("<I", 8)
        with pytest.raises(Unreadable) as caught:
            read_image(data)
        assert caught.value.code == "broken_image"


def grid_on(page: int, rows: Sequence[Sequence[tuple[str, int, int]]], widths: Sequence[float]) -> Grid:
    """A grid with boxes; a cell is its text, row span and column span. Positions taken from above are left out."""
    edges = [50.0]
    for width in widths:
        edges.append(edges[-1] + width)
    taken: set[tuple[int, int]] = set()
    cells = []
    for number, row in enumerate(rows):
        column = 0
        for text, down, across in row:
            while (number, column) in taken:
                column += 1
            taken.update((number + y, column + x) for y in range(down) for x in range(across))
            box = (edges[column], 100.0 + 20 * number, edges[column + across], 100.0 + 20 * (number + down))
            cells.append(GridCell(number, column, text, Place(page, 1, number + 1, column + 1, box=box), down, across))
    return Grid(tuple(cells), len(rows), len(widths), Place(page, 1))


class TestJoining:
    UPPER = ([("一", 1, 2), ("1", 1, 1), ("2", 1, 1)], [("办理结果", 1, 1), ("甲没有", 1, 1), ("3", 1, 1), ("4", 1, 1)])

    def test_a_cut_table_is_one_again_with_its_merged_label_and_its_cut_row(self):
        upper = grid_on(1, self.UPPER, [40, 60, 50, 50])
        lower = grid_on(
            2,
            ([("", 2, 1), ("现成信息", 1, 1), ("", 1, 1), ("", 1, 1)], [("乙", 1, 1), ("5", 1, 1), ("6", 1, 1)]),
            [41, 59, 50, 51],
        )
        number = Paragraph("- 1 -", Place(1, line=1))
        joined = joined_over_pages([upper, number, lower])
        grid = the_grid(joined)
        assert (grid.row_count, grid.column_count) == (3, 4)
        texts = {(cell.row, cell.column): (cell.text, cell.row_span) for cell in grid.cells}
        assert texts[1, 0] == ("办理结果", 2)
        assert texts[1, 1] == ("甲没有\n现成信息", 1)
        assert texts[1, 2] == ("3", 1)
        assert texts[2, 1] == ("乙", 1)

    def test_a_part_with_fewer_columns_goes_on_the_finer_ones(self):
        upper = grid_on(1, ([("申请人", 1, 1), ("1", 1, 1), ("2", 1, 1)],), [100, 50, 50])
        lower = grid_on(2, ([("甲", 1, 1), ("乙", 1, 1), ("3", 1, 1), ("4", 1, 1)],), [40, 60, 50, 50])
        grid = the_grid(joined_over_pages([upper, lower]))
        assert [(cell.column, cell.column_span) for cell in grid.rows[0]] == [(0, 2), (2, 1), (3, 1)]

    @pytest.mark.parametrize(
        ("page", "widths", "between"),
        [(3, [40, 60, 50, 50], ""), (2, [60, 40, 50, 50], ""), (2, [40, 60, 50, 50], "四、另一张表")],
    )
    def test_other_tables_stay_apart(self, page: int, widths: list[float], between: str):
        upper = grid_on(1, self.UPPER, [40, 60, 50, 50])
        lower = grid_on(page, ([("乙", 1, 2), ("5", 1, 1), ("6", 1, 1)],) * 2, widths)
        lower = Grid(
            (*lower.cells[:3], *grid_on(page, ([("乙", 1, 1), ("x", 1, 1), ("5", 1, 1), ("6", 1, 1)],), widths).cells),
            2,
            4,
            lower.place,
        )
        text = [Paragraph(between, Place(1, line=1))] if between else []
        assert len(joined_over_pages([upper, *text, lower])) == 2 + len(text)
