"""HTML pages to blocks: lxml parses once, one walk without recursion makes paragraphs and grids.

Belongs here: the order of a page, and what it says of itself. Does not belong here: parsing (`html_source`), the text
of an element (`html_text`), the cells of a table (`html_tables`), which table is which form.

The whole body is read, not only the article: a wrong guess at the container loses tables, and the recogniser skips what
it does not know. Left out is only what no reader of the page sees or needs: scripts, hidden elements, struck-out text,
input controls outside data tables, and <nav>, <header>, <footer> that hold no table. Raised or lowered digits beside
other text of a cell are a note mark and become "[1]".

How tables are told apart: a table whose cells hold tables, a table of one cell, and a table with an article in a cell
serve layout, so their content is walked as ordinary flow; every other table is data and becomes a Grid.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from extract.model import Block, Document, DocumentFormat, Grid, Paragraph, Place
from extract.readers.encoding import decode
from extract.readers.html_source import may_put_out_of_sight, page_may_hide, parse_page
from extract.readers.html_styles import write_styles
from extract.readers.html_tables import (
    TableReading,
    hides_part,
    is_layout,
    is_pasted,
    puts_out_of_sight,
    rows_of_regular_table,
    serves_layout,
)
from extract.readers.html_text import BLOCKS, HEADINGS, SKIPPED, STRUCK, WHITE_RUN, collapsed, is_hidden, is_unseen
from extract.readers.labels import labelled_values
from extract.readers.pictures import html_pictures, with_pictures, wraps_a_file
from extract.readers.regular_tables import has_marks
from extract.readers.scripted import html_in_carriers, html_in_scripts, may_hold_html
from extract.readers.spans import grid_of
from extract.readers.text import blocks_of_text

__all__ = ["read_html"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_BOILERPLATE = frozenset({"nav", "header", "footer"})
_DOUBTFUL = _BOILERPLATE | STRUCK
_BOILERPLATE_LENGTH = 3000
_META_KEYS = {
    "articletitle": "article_title",
    "pubdate": "publish_date",
    "contentsource": "source",
    "sitename": "site_name",
    "columnname": "column_name",
    "url": "url",
    "publishdate": "publish_date",
    "source": "source",
}


def read_html(data: bytes) -> Document:
    """The blocks and metadata of an HTML page or fragment.

    Raises Unreadable if the nesting is deeper than the parser follows: text would be lost without a word.
    """
    decoded = decode(data)
    text = decoded.text
    if decoded.encoding == "utf-8" and decoded.rule == "utf8_strict" and b"\0" not in data:
        source = data
    else:
        # A character reference to a surrogate cannot appear here; a lone surrogate in UTF-16 became U+FFFD.
        source = text.replace("\0", "").encode("utf-8", "replace")
    root = parse_page(source)
    metadata: dict[str, str] = {}
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    if root is not None:
        walker = _Walker(source)
        if walker.may_hide:
            write_styles(root)
        walker.walk(root)
        _read_what_scripts_place(walker, root, text)
        blocks = tuple(walker.blocks)
        metadata = labelled_values(blocks)
        metadata |= _head_metadata(root)
        notes = _notes(root, walker)
        if b"data:image" in source:
            blocks, notes = with_pictures(blocks, notes, lambda: html_pictures(root))
    metadata |= {"encoding": decoded.encoding, "encoding_rule": decoded.rule}
    return Document(DocumentFormat.HTML, blocks, metadata, notes)


def _read_what_scripts_place(walker: "_Walker", root: Element, text: str) -> None:
    """Of a page without a table: the article that it holds as text, for a script or a frame to show."""
    if walker.has_grid:
        return
    if may_hold_html(walker.source):
        walker.walk_pieces(html_in_scripts(text))
    for pieces in html_in_carriers(root):
        # The same article may stand in several places.
        if walker.has_grid:
            return
        walker.walk_pieces(pieces)


class _Walker:
    """One pass over the tree, in reading order, with a stack of its own."""

    def __init__(self, source: bytes) -> None:
        self.blocks: list[Block] = []
        self.has_hidden_table = False
        self.source = source
        self.may_put_out_of_sight = may_put_out_of_sight(source)
        self.may_hide = self.may_put_out_of_sight or page_may_hide(source)
        self._parts: list[str] = []
        self._paragraphs = 0
        self._tables = 0
        self._inner: list[Element] = []
        """Data tables found inside the cells of the data table just taken."""

    @cached_property
    def _has_marks(self) -> bool:
        return has_marks(self.source)

    @property
    def has_grid(self) -> bool:
        """Whether a table was found so far."""
        return any(isinstance(block, Grid) for block in self.blocks)

    def walk_pieces(self, pieces: Iterable[str]) -> None:
        """Collect the blocks of pieces of HTML, one after the other."""
        for piece in pieces:
            inner = parse_page(piece.encode("utf-8", "replace"))
            if inner is not None:
                self.walk(inner)

    def walk(self, root: Element) -> None:
        """Collect the blocks below `root`."""
        # Each entry: the children still to visit, what to do when they are done (the element's tag), and the text that
        # follows the element.
        stack: list[tuple[Iterator[Element], str, str | None]] = []
        children: Iterator[Element] = iter((root,))
        tag: str = ""
        tail: str | None = None
        parts = self._parts
        may_hide = self.may_hide
        while True:
            for child in children:
                name = child.tag
                if name == "br":
                    self._end_line()
                elif (
                    name in SKIPPED
                    or name.__class__ is not str
                    or ((may_hide or name in _DOUBTFUL) and self._leaves_out(child, name))
                ):
                    pass  # the element is left out, the text after it is not
                elif name == "table" and self._take_table(child):
                    if self._inner:
                        # Written after their outer grid, whose cell stands without them.
                        stack.append((children, tag, tail))
                        children, tag, tail = iter(self._inner), "", child.tail
                        self._inner = []
                        break
                elif name == "pre" and self._take_preformatted(child):
                    pass
                else:
                    if name in BLOCKS or name == "table":
                        self._end_line()
                    if child.text:
                        parts.append(child.text)
                    if len(child):
                        stack.append((children, tag, tail))
                        children, tag, tail = child.iterchildren(), name, child.tail
                        break
                    if name in BLOCKS or name == "table":
                        self._end_line(is_heading=name in HEADINGS)
                if child.tail:
                    parts.append(child.tail)
            else:
                if not stack:
                    break
                if tag in BLOCKS or tag == "table":
                    self._end_line(is_heading=tag in HEADINGS)
                if tail:
                    parts.append(tail)
                children, tag, tail = stack.pop()
        self._end_line()

    def _leaves_out(self, element: Element, name: str) -> bool:
        """True for an element nobody sees, or site furniture for certain."""
        if self.may_hide and is_hidden(element):
            if name == "table" or next(element.iterdescendants("table"), None) is not None:
                self.has_hidden_table = True
            return True
        if name in STRUCK or (self.may_hide and is_unseen(element)):
            # One that was never closed swallows the page.
            return next(element.iterdescendants("table", *BLOCKS), None) is None
        if name not in _BOILERPLATE:
            return False
        # An unclosed <header> swallows the page, and an article may carry its title in one.
        if next(element.iterdescendants("table"), None) is not None:
            return False
        if next(element.iterancestors("article", "main"), None) is not None:
            return False
        return len("".join(element.itertext())) <= _BOILERPLATE_LENGTH

    def _end_line(self, *, is_heading: bool = False) -> None:
        """Close the open paragraph, if it holds anything."""
        parts = self._parts
        if not parts:
            return
        text = collapsed("".join(parts))
        parts.clear()
        if text and not text.isspace():
            self._paragraphs += 1
            self.blocks.append(Paragraph(text, Place(line=self._paragraphs), is_heading))

    def _take_preformatted(self, element: Element) -> bool:
        """Add a <pre>, which keeps its lines and blanks, as the text dump it is; False if it holds more than text."""
        if next(element.iterdescendants("table", "script", "style", "p", "div"), None) is not None:
            return False
        self._end_line()
        for block in blocks_of_text(_lines_kept(element)):
            if isinstance(block, Paragraph):
                self._paragraphs += 1
                self.blocks.append(Paragraph(block.text, Place(line=self._paragraphs), block.is_heading))
            else:
                self._tables += 1
                self.blocks.append(_renumbered(block, self._tables))
        return True

    def _take_table(self, table: Element) -> bool:
        """Add `table` as a grid; False if it serves layout and must be walked instead."""
        nested = next(table.iterdescendants("table"), None) is not None
        if nested and is_layout(table):
            return False
        # Most pages hide something somewhere; few hide it in the table.
        hides = self.may_hide and (hides_part(table) or (self.may_put_out_of_sight and puts_out_of_sight(table)))
        reading = TableReading(may_hide=bool(hides))
        inner: list[Element] = []
        is_odd = nested or reading.may_hide
        is_plain = not is_odd and is_pasted(table) and not self._has_marks
        rows = rows_of_regular_table(table) if is_plain else None
        if rows is None:
            reading.read(table, inner if nested else None)
        else:
            reading.place(rows)
        cells = reading.cells
        if serves_layout(cells, reading.row_count):
            return False
        self._end_line()
        for line in reading.around:
            self._parts.append(line)
            self._end_line()
        if any(cell[4] for cell in cells):
            self._tables += 1
            self.blocks.append(grid_of(cells, reading.row_count, self._tables))
        for element in inner:
            element.tail = None  # read already, as text of the outer cell
        self._inner = inner
        return True


def _lines_kept(element: Element) -> str:
    """The text below `element` as printed, <br> as newline, without what is struck out."""
    for struck in list(element.iter(*STRUCK)):
        struck.clear(keep_tail=True)
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return "".join(element.itertext())


def _renumbered(grid: Grid, table: int) -> Grid:
    """A grid read from a text dump inside a page, as table number `table` of the page."""
    cells = [(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in grid.cells]
    return grid_of(cells, grid.row_count, table, is_aligned=False)


def _head_metadata(root: Element) -> dict[str, str]:
    """What <meta> and <title> say; attribute order and the case of names do not matter."""
    found: dict[str, str] = {}
    for element in root.iter("meta", "title"):
        if element.tag == "title":
            title = WHITE_RUN.sub(" ", element.text or "").strip()
            if title:
                found.setdefault("title", title)
            continue
        name = element.get("name") or element.get("property")
        key = _META_KEYS.get(name.strip().lower()) if name else None
        content = (element.get("content") or "").strip()
        if key and content:
            found.setdefault(key, content)
    return found


_ATTACHMENT = re.compile(r"\.(?:docx?|wps|pdf|xlsx?|et|rtf|ofd|zip|rar|7z)(?:$|[?#&])|downfile", re.IGNORECASE)
"""Addresses of files that a page hands out."""


def _notes(root: Element, walker: _Walker) -> tuple[str, ...]:
    notes = []
    has_grid = walker.has_grid
    if not has_grid and next(root.iter("img"), None) is not None:
        notes.append("has_images")
    if walker.has_hidden_table:
        notes.append("has_hidden_table")
    hands_out = any(_ATTACHMENT.search(link.get("href", "")) for link in root.iter("a"))
    if hands_out or (not has_grid and wraps_a_file(root)):
        notes.append("has_attachments")
    return tuple(notes)
