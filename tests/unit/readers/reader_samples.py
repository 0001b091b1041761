"""Small documents and helpers that several reader tests share. Everything is written here, nothing is copied."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from extract.model import Document, Grid, Paragraph

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"

needs_corpus = pytest.mark.skipif(
    "OGI_CORPUS" not in os.environ, reason="OGI_CORPUS is not set: no real reports to read"
)


def corpus_file(*parts: str) -> bytes:
    """The bytes of one file of the shared corpus."""
    return Path(os.environ["OGI_CORPUS"], *parts).read_bytes()


def docx(body: str, *, title: str | None = None, prologue: str = "", parts: dict[str, str] | None = None) -> bytes:
    """A DOCX file whose document body is `body`, written with the prefix w."""
    document = f'{prologue}<w:document xmlns:w="{W}" xmlns:mc="{MC}"><w:body>{body}</w:body></w:document>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", document)
        if title is not None:
            archive.writestr(
                "docProps/core.xml",
                '<cp:coreProperties xmlns:cp="urn:cp" xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f"<dc:title>{title}</dc:title></cp:coreProperties>",
            )
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def para(text: str) -> str:
    """A DOCX paragraph of one run."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "") -> str:
    """A DOCX table cell of one paragraph."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{para(text)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    """A DOCX table row."""
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def texts(document: Document) -> list[str]:
    """The paragraphs' texts, in order."""
    return [paragraph.text for paragraph in document.paragraphs]


def rows_of(grid: Grid) -> list[list[str]]:
    """The texts of a grid, row by row."""
    return [[cell.text for cell in row] for row in grid.rows]


def shape(document: Document) -> str:
    """The kinds of blocks in order, P and G."""
    return "".join("P" if isinstance(block, Paragraph) else "G" for block in document.blocks)


def spans(grid: Grid) -> list[tuple[int, int, int, int]]:
    """Row, column, row span and column span of each cell."""
    return [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in grid.cells]


def printed(document: Document) -> str:
    """Every non-blank character of a document's blocks, in order."""
    pieces: list[str] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            pieces.append(block.text)
        else:
            pieces.extend(cell.text for row in block.rows for cell in row)
    return "".join("".join(pieces).split())


def assert_tiles(grid: Grid) -> None:
    """No slot of the grid belongs to two cells, and every cell lies inside the grid."""
    taken: set[tuple[int, int]] = set()
    for one in grid.cells:
        assert min(one.row_span, one.column_span) >= 1
        assert one.end_row <= grid.row_count
        assert one.end_column <= grid.column_count
        slots = {(r, c) for r in range(one.row, one.end_row) for c in range(one.column, one.end_column)}
        assert not slots & taken
        taken |= slots
