"""A page as a Word file, from raw XML: merged cells, nested tables, split runs, tracked changes. Pure."""

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.writer.page import Page, ParagraphKind, WrittenParagraph, is_hole
from benchmarks.writer.sheet import Sheet
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable, Slot

__all__ = ["DocxHabits", "draw_docx_page", "random_habits"]

_DATE = (1980, 1, 1, 0, 0, 0)
_WIDTH = 9000
_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns='
    '"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)


@dataclass(frozen=True, slots=True)
class DocxHabits:
    """How a Word file is built."""

    split_runs: bool = False
    grid_before: bool = True
    """Positions without a cell at the edges of a row are told by gridBefore and gridAfter, else left out or empty."""
    holes: str = "absent"
    nested: bool = False
    """The report stands in the one cell of a layout table."""
    controls: bool = False
    """Values stand in content controls."""
    tracked: bool = False
    """Some figures carry a deleted older figure as a tracked change."""
    hidden: bool = False
    """Some cells hold hidden text beside the figure."""
    grid_wrong: bool = False
    """tblGrid names fewer columns than the rows have."""
    padded: bool = False
    fields: bool = False
    """Some figures stand in a field, with its instruction beside them."""


def random_habits(rng: random.Random) -> DocxHabits:
    """Habits as Word files have them."""
    return DocxHabits(
        split_runs=rng.random() < 0.4,
        grid_before=rng.random() < 0.5,
        holes=rng.choice(("absent", "empty")),
        nested=rng.random() < 0.1,
        controls=rng.random() < 0.15,
        tracked=rng.random() < 0.1,
        hidden=rng.random() < 0.1,
        grid_wrong=rng.random() < 0.1,
        padded=rng.random() < 0.3,
        fields=rng.random() < 0.1,
    )


def draw_docx_page(page: Page, rng: random.Random, habits: DocxHabits | None = None) -> bytes:
    """The Word file of a page. Habits are drawn from `rng` unless given."""
    drawer = _Drawer(rng, habits or random_habits(rng))
    body = "".join(drawer.blocks(page))
    if drawer.habits.nested:
        frame = f'<w:tblPr/><w:tblGrid><w:gridCol w:w="{_WIDTH}"/></w:tblGrid>'
        body = f"<w:tbl>{frame}<w:tr><w:tc><w:tcPr/>{body}<w:p/></w:tc></w:tr></w:tbl><w:p/>"
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    document = f"{head}<w:document {_NS}><w:body>{body}<w:sectPr/></w:body></w:document>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
        ):
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text)
    return buffer.getvalue()


class _Drawer:
    def __init__(self, rng: random.Random, habits: DocxHabits) -> None:
        self.rng = rng
        self.habits = habits

    def blocks(self, page: Page) -> Iterator[str]:
        for block in page.blocks:
            if isinstance(block, WrittenParagraph):
                yield self._paragraph(block)
            else:
                yield self._table(block)
                yield "<w:p/>"

    def _paragraph(self, paragraph: WrittenParagraph) -> str:
        align = {ParagraphKind.TITLE: "center", ParagraphKind.SIGNATURE: "right"}.get(paragraph.kind, "both")
        bold = "<w:b/>" if paragraph.kind in (ParagraphKind.TITLE, ParagraphKind.HEADING) else ""
        size = 44 if paragraph.kind is ParagraphKind.TITLE else 32
        return (
            f'<w:p><w:pPr><w:jc w:val="{align}"/></w:pPr><w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr>'
            f'<w:t xml:space="preserve">{escape(paragraph.text)}</w:t></w:r></w:p>'
        )

    def _table(self, table: PrintedTable) -> str:
        sheet = Sheet.of(table)
        count = sheet.column_count
        width = _WIDTH // count
        named = max(1, count - 2) if self.habits.grid_wrong else count
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
        columns = f'<w:gridCol w:w="{width}"/>' * named
        rows = "".join(self._row(slots, width) for slots in table.grid())
        return (
            f'<w:tbl><w:tblPr><w:tblW w:w="{_WIDTH}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders></w:tblPr>'
            f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
        )

    def _row(self, slots: tuple[Slot, ...], width: int) -> str:
        cells = [slot for slot in slots if slot.is_first_column]
        leading = trailing = 0
        if self.habits.holes == "absent":
            while cells and is_hole(cells[-1].cell):
                cells.pop()
                trailing += 1
            if self.habits.grid_before:
                while cells and is_hole(cells[0].cell):
                    cells.pop(0)
                    leading += 1
        properties = ""
        if self.habits.grid_before and (leading or trailing):
            before = f'<w:gridBefore w:val="{leading}"/>' if leading else ""
            after = f'<w:gridAfter w:val="{trailing}"/>' if trailing else ""
            properties = f"<w:trPr>{before}{after}</w:trPr>"
        drawn = "".join(self._cell(slot.cell, width, starts=slot.is_first_row) for slot in cells)
        return f"<w:tr>{properties}{drawn}</w:tr>"

    def _cell(self, cell: PrintedCell, width: int, *, starts: bool) -> str:
        properties = f'<w:tcW w:w="{width * cell.column_span}" w:type="dxa"/>'
        if cell.column_span > 1:
            properties += f'<w:gridSpan w:val="{cell.column_span}"/>'
        if cell.row_span > 1:
            properties += '<w:vMerge w:val="restart"/>' if starts else "<w:vMerge/>"
        content = self._content(cell) if starts else "<w:p/>"
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"

    def _content(self, cell: PrintedCell) -> str:
        text = cell.text
        is_value = cell.kind is CellKind.VALUE
        if is_value and self.habits.padded:
            text = self.rng.choice((text + "\u00a0", "\u00a0" + text, text))
        plain = is_value and cell.text.isascii() and cell.text.isdigit()
        runs = "<w:r><w:br/></w:r>".join(self._runs(line, split=plain) for line in text.split("\n"))
        if plain and self.habits.fields and self.rng.random() < 0.1:
            runs = (
                '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> =SUM(LEFT) </w:instrText></w:r>'
                f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{runs}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
            )
        if plain and self.habits.tracked and self.rng.random() < 0.1:
            old = f'<w:del w:id="1" w:author="a"><w:r><w:delText>{self.rng.randint(1, 99)}</w:delText></w:r></w:del>'
            runs = old + f'<w:ins w:id="2" w:author="a">{runs}</w:ins>'
        if plain and self.habits.hidden and self.rng.random() < 0.1:
            runs += "<w:r><w:rPr><w:vanish/></w:rPr><w:t>5</w:t></w:r>"
        paragraph = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr>{runs}</w:p>'
        if is_value and self.habits.controls:
            return f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph}</w:sdtContent></w:sdt>"
        return paragraph

    def _runs(self, text: str, *, split: bool) -> str:
        pieces = [text]
        if split and self.habits.split_runs and len(text) > 1:
            at = self.rng.randrange(1, len(text))
            pieces = [text[:at], text[at:]]
        return "".join(
            f'<w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'
            for piece in pieces
            if piece
        )
