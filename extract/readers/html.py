"""HTML pages to blocks: lxml parses once, one walk without recursion makes paragraphs and grids.

Belongs here: markup. Does not belong here: which table is which form.

The whole body is read, not only the article: a wrong guess at the container loses tables, and the recogniser skips what
it does not know. Left out is only what no reader of the page sees or needs: scripts, hidden elements, struck-out text,
input controls, and <nav>, <header>, <footer> that hold no table. Raised or lowered digits beside other text of a cell
are a note mark and become "[1]".

How tables are told apart: a table whose cells hold tables, a table of one cell, and a table with an article in a cell
serve layout, so their content is walked as ordinary flow; every other table is data and becomes a Grid.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from extract.model import Block, Document, DocumentFormat, Grid, Paragraph, Place, Unreadable
from extract.readers.encoding import decode
from extract.readers.labels import labelled_values
from extract.readers.pictures import html_pictures, with_pictures, wraps_a_file
from extract.readers.regular_tables import RawCell, has_marks, regular_table_reader
from extract.readers.scripted import html_in_scripts, may_hold_html
from extract.readers.spans import PlacedCell, SpanLayout, grid_of, is_note_mark, with_note_marks
from extract.readers.text import blocks_of_text

__all__ = ["read_html"]

Element = Any
"""An lxml element. lxml is compiled; its stubs know less than this module needs."""

_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "title", "meta", "link", "base", "select", "option",
    "datalist", "input", "button", "textarea", "iframe", "frame", "object", "embed", "applet", "svg", "canvas",
    "audio", "video", "map", "area", "col", "colgroup",
})  # fmt: skip
_BOILERPLATE = frozenset({"nav", "header", "footer"})
_STRUCK = frozenset({"s", "strike", "del"})
_RAISED = frozenset({"sup", "sub"})
_SKIPPED_IN_TEXT = _SKIPPED | _STRUCK
_DOUBTFUL = _BOILERPLATE | _STRUCK
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset({
    "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "section", "article", "main", "aside", "center",
    "blockquote", "figure", "figcaption", "address", "fieldset", "legend", "form", "details", "summary", "body",
    "html", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "header", "footer", "nav", "menu", "dir",
    "hr", "frameset",
})  # fmt: skip
_ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_GROUP_ORDER = {"thead": 0, "tfoot": 2}
_CELLS = frozenset({"td", "th"})
_NOT_BETWEEN = _CELLS | {"table", "caption"}
"""What cannot stand between a table and its own rows and cells."""
_INLINE_WRAPPERS = frozenset({"p", "span", "font", "div", "strong", "b", "center", "o:p", "em", "u", "a"})

_WHITE = " \t\r\n\f\v"
_WHITE_RUN = re.compile(r"[ \t\r\n\f\v]+")
_LINE_MARK = "\0"
"""Marks a line break among the pieces of a cell's text; no other NUL reaches the parser."""
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.I)
_UNSEEN_STYLE = re.compile(r"visibility\s*:\s*hidden|font-size\s*:\s*0+(?:\.0*)?(?![\d.])|line-through", re.I)
_SHOWS_AGAIN = re.compile(r"visibility|font(?:-size)?\s*:|decoration", re.I)
# Patterns that each begin with a word, on lower-cased bytes: a case-blind alternation takes longer than the parse.
_MAY_HIDE_BY_STYLE = re.compile(rb"display\s*:\s*none")
_MAY_HIDE_BY_ATTRIBUTE = re.compile(rb"hidden[\s=>/]")
_MAY_BE_INVISIBLE = re.compile(rb"visibility\s*:\s*hidden")
_MAY_BE_TINY = re.compile(rb"font-size\s*:\s*0+(?:\.0*)?(?![\d.])")
_SPAN = re.compile(r"\s*\+?(\d{1,9})")
_MOST_COLUMNS = 1000  # the cap of the HTML standard for colspan; also the widest grid we build
_MOST_ROWS = 65534  # the cap of the HTML standard for rowspan

_PROSE_IN_CELL = 400
_FEW_CELLS = 6
_PROSE_IN_COLUMN = 100
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
_ENDLESS = 1 << 16
_LEAST_ATTRIBUTE = 40
"""Bytes of an attribute: a stretch of so many bytes with more words holds attributes, not a picture in letters."""
_LIMIT_ERRORS = frozenset({etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_INTERNAL_ERROR})
_IS_PASTED = etree.XPath("count(.//*) > 3.5 * count(.//td | .//th)")
"""Whether cells hold much markup: then a stylesheet reads the table faster than a walk over its elements."""
_INLINE_TAGS = re.compile(
    rb"</?(?:font|span|b|i|u|em|strong|a|big|small|tt|st1:\w+|o:\w+|v:\w+)(?=[\s/>])[^<>]*>", re.I
)
_FLOW_TAGS = re.compile(
    rb"</?(?!(?:table|thead|tbody|tfoot|tr|td|th|p|br|h[1-6]|caption|script|style)[\s/>])[a-z][^<>]*>", re.I
)
_HIDING_WORDS = ("isplay", "isibility", "size:0", "size: 0", "through", "ISPLAY", "ISIBILITY", "SIZE:0", "SIZE: 0")
_HIDES_PART = etree.XPath(
    f"boolean(.//@hidden or .//@style[{' or '.join(f'contains(., {word!r})' for word in _HIDING_WORDS)}])"
)


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
    root = _parse(source)
    metadata: dict[str, str] = {}
    blocks: tuple[Block, ...] = ()
    notes: tuple[str, ...] = ()
    if root is not None:
        walker = _Walker(may_hide=_may_hide(source), has_marks=has_marks(source))
        walker.walk(root)
        if may_hold_html(source) and not any(isinstance(block, Grid) for block in walker.blocks):
            # The page is drawn by a script: the article stands in it as text.
            for piece in html_in_scripts(text):
                inner = _parse(piece.encode("utf-8", "replace"))
                if inner is not None:
                    walker.walk(inner)
        blocks = tuple(walker.blocks)
        metadata = labelled_values(blocks)
        metadata |= _head_metadata(root)
        notes = _notes(root, walker)
        if b"data:image" in source:
            blocks, notes = with_pictures(blocks, notes, lambda: html_pictures(root))
    metadata |= {"encoding": decoded.encoding, "encoding_rule": decoded.rule}
    return Document(DocumentFormat.HTML, blocks, metadata, notes)


def _parse(source: bytes) -> Element | None:
    """The root element, or None for a page without any element.

    libxml2 stops at 256 nested elements and drops the rest. Real pages get there through unclosed <font> or <div>, so a
    page that is too deep is read again with a higher limit, then without inline tags, then with table tags only.
    """
    if _has_endless_tag(source):
        raise Unreadable(
            "broken_html",
            "A tag of the page holds thousands of attributes: it is damaged. Save the page again from a browser, or "
            "add the report in another format.",
        )
    root, complete = _parse_once(source, huge=False)
    if complete:
        return root
    for simplified in _simplifications(source):
        root, complete = _parse_once(simplified, huge=True)
        if complete:
            return root
    raise Unreadable(
        "nested_too_deep",
        "The page nests its elements deeper than the parser follows (2048 levels), so part of it would be lost. "
        "Save the page again from a browser, or add the report in another format.",
    )


def _has_endless_tag(source: bytes) -> bool:
    """Whether a tag goes on for so many attributes that the parser, which compares each with all, would take minutes.

    A stretch without `>` is looked for at steps of its length, which costs nothing on a sound page. What is long and
    has few words is a picture in an attribute.
    """
    for start in range(0, len(source) - _ENDLESS, _ENDLESS):
        if source.find(b">", start, start + _ENDLESS) < 0:
            is_in_tag = source.rfind(b"<", 0, start + 1) > source.rfind(b">", 0, start)
            stretch = source[start : start + _ENDLESS]
            # Where another `<` follows, the parser begins a new tag.
            if is_in_tag and b"<" not in stretch and len(stretch.split()) > _ENDLESS // _LEAST_ATTRIBUTE:
                return True
    return False


def _simplifications(source: bytes) -> Iterator[bytes]:
    yield source
    without_inline = _INLINE_TAGS.sub(b"", source)
    yield without_inline
    yield _FLOW_TAGS.sub(b"<br>", without_inline)


def _parse_once(source: bytes, *, huge: bool) -> tuple[Element | None, bool]:
    """The root and whether the parser reached the end."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, recover=True, huge_tree=huge
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError:
        return None, not _stopped_early(parser)
    return root, not _stopped_early(parser)


def _stopped_early(parser: Any) -> bool:
    """True if the parser gave up at one of its limits (depth, length of a text); it records that as its last error."""
    last = parser.error_log.last_error
    return last is not None and last.level == etree.ErrorLevels.FATAL and last.type in _LIMIT_ERRORS


class _Walker:
    """One pass over the tree, in reading order, with a stack of its own."""

    def __init__(self, *, may_hide: bool, has_marks: bool) -> None:
        self.blocks: list[Block] = []
        self.has_hidden_table = False
        self._may_hide = may_hide
        self._has_marks = has_marks
        self._parts: list[str] = []
        self._paragraphs = 0
        self._tables = 0
        self._inner: list[Element] = []
        """Data tables found inside the cells of the data table just taken."""

    def walk(self, root: Element) -> None:
        """Collect the blocks below `root`."""
        # Each entry: the children still to visit, what to do when they are done (the element's tag), and the text that
        # follows the element.
        stack: list[tuple[Iterator[Element], str, str | None]] = []
        children: Iterator[Element] = iter((root,))
        tag: str = ""
        tail: str | None = None
        parts = self._parts
        may_hide = self._may_hide
        while True:
            for child in children:
                name = child.tag
                if name == "br":
                    self._end_line()
                elif (
                    name in _SKIPPED
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
                    if name in _BLOCKS or name == "table":
                        self._end_line()
                    if child.text:
                        parts.append(child.text)
                    if len(child):
                        stack.append((children, tag, tail))
                        children, tag, tail = child.iterchildren(), name, child.tail
                        break
                    if name in _BLOCKS or name == "table":
                        self._end_line(is_heading=name in _HEADINGS)
                if child.tail:
                    parts.append(child.tail)
            else:
                if not stack:
                    break
                if tag in _BLOCKS or tag == "table":
                    self._end_line(is_heading=tag in _HEADINGS)
                if tail:
                    parts.append(tail)
                children, tag, tail = stack.pop()
        self._end_line()

    def _leaves_out(self, element: Element, name: str) -> bool:
        """True for an element nobody sees, or site furniture for certain."""
        if self._may_hide and _is_hidden(element):
            if name == "table" or next(element.iterdescendants("table"), None) is not None:
                self.has_hidden_table = True
            return True
        if name in _STRUCK or (self._may_hide and _is_unseen(element)):
            # One that was never closed swallows the page.
            return next(element.iterdescendants("table", *_BLOCKS), None) is None
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
        text = _collapsed("".join(parts))
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
        if nested and _is_layout(table):
            return False
        # Most pages hide something somewhere; few hide it in the table.
        reading = _TableReading(may_hide=self._may_hide and bool(_HIDES_PART(table)))
        inner: list[Element] = []
        is_odd = nested or reading.may_hide or self._has_marks
        rows = _rows_of_regular_table(table) if not is_odd and _IS_PASTED(table) else None
        if rows is None:
            reading.read(table, inner if nested else None)
        else:
            reading.place(rows)
        cells = reading.cells
        if _serves_layout(cells, reading.row_count):
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


class _TableReading:
    """The cells of one data table, placed by the table model of the HTML standard."""

    def __init__(self, *, may_hide: bool) -> None:
        self.cells: list[PlacedCell] = []
        self.row_count = 0
        self.around: list[str] = []
        """Caption and stray text between cells: browsers show it before the table."""
        self.may_hide = may_hide

    def place(self, rows: list[list[RawCell]]) -> None:
        """Fill `cells` from the rows of a regular table."""
        self.row_count = len(rows)
        layout = SpanLayout(self.cells, 0, self.row_count)
        for row in rows:
            layout.start_row()
            for text, row_span, column_span in row:
                layout.place(
                    text,
                    _span(row_span, _MOST_ROWS, zero=_MOST_ROWS) if row_span else 1,
                    _span(column_span, _MOST_COLUMNS, zero=1) if column_span else 1,
                )

    def read(self, table: Element, inner: list[Element] | None) -> None:
        """Fill `cells`; tables inside cells go to `inner` and not into the text."""
        groups = self._groups(table)
        may_hide = self.may_hide
        for rows in groups:
            layout = SpanLayout(self.cells, self.row_count, self.row_count + len(rows))
            for row in rows:
                layout.start_row()
                for cell in row:
                    if may_hide and _is_hidden(cell):
                        continue
                    row_span = cell.get("rowspan")
                    column_span = cell.get("colspan")
                    # A bare number or word is the text of its cell as it stands.
                    text = None if may_hide or len(cell) else cell.text
                    layout.place(
                        text if text is not None and text.isalnum() else _cell_text(cell, may_hide, inner),
                        1 if row_span is None else _span(row_span, _MOST_ROWS, zero=_MOST_ROWS),
                        1 if column_span is None else _span(column_span, _MOST_COLUMNS, zero=1),
                    )
            self.row_count += len(rows)

    def _groups(self, table: Element) -> list[list[list[Element]]]:
        """The cells of each row, by row group, head first and foot last; cells without a <tr> make a row."""
        ranked: list[tuple[int, list[list[Element]]]] = []
        stack: list[Iterator[Element]] = [iter((table,))]
        open_group: list[list[Element]] | None = None
        loose: list[Element] | None = None
        while stack:
            element = next(stack[-1], None)
            if element is None:
                stack.pop()
                if stack:
                    open_group = loose = None
                continue
            tag = element.tag
            if self.may_hide and _is_hidden(element):
                continue
            if tag == "tr":
                if open_group is None:
                    open_group = []
                    ranked.append((1, open_group))
                open_group.append(self._row_cells(element))
                loose = None
            elif tag in _CELLS:
                if loose is None:
                    loose = []
                    if open_group is None:
                        open_group = []
                        ranked.append((1, open_group))
                    open_group.append(loose)
                loose.append(element)
            elif tag == "caption":
                self._stray_lines(element)
            elif tag in _ROW_GROUPS:
                open_group = []
                loose = None
                ranked.append((_GROUP_ORDER.get(tag, 1), open_group))
                self._stray(element.text)
                stack.append(element.iterchildren())
            elif tag not in _SKIPPED:
                # The table itself, or a <form>, <div> or <font> between table and rows.
                self._stray(element.text)
                stack.append(element.iterchildren())
            if tag != "table":
                self._stray(element.tail)
        ranked.sort(key=lambda pair: pair[0])
        return [rows for _, rows in ranked if rows]

    def _row_cells(self, row: Element) -> list[Element]:
        """The cells of a row, also those inside a <form> or <font>; any other text of the row is stray."""
        self._stray(row.text)
        cells: list[Element] = []
        stack: list[Iterator[Element]] = [row.iterchildren()]
        while stack:
            for child in stack[-1]:
                if child.tag in _CELLS:
                    cells.append(child)
                elif child.tag not in _SKIPPED:
                    if next(child.iterdescendants("td", "th"), None) is not None and child.tag != "table":
                        self._stray(child.text)
                        stack.append(child.iterchildren())
                        break
                    self._stray_lines(child)
                tail = child.tail
                if tail:
                    self._stray(tail)
            else:
                stack.pop()
        return cells

    def _stray(self, text: str | None) -> None:
        if text and not text.isspace():
            self.around.append(text)

    def _stray_lines(self, element: Element) -> None:
        self.around.extend(_flat_text(element, self.may_hide).split("\n"))


def _span(printed: str, most: int, *, zero: int) -> int:
    """A span attribute by the rules of the HTML standard: leading digits count, garbage is 1, 0 is `zero`."""
    if printed.isdecimal() and printed.isascii() and len(printed) < 5:
        number = int(printed)
    else:
        match = _SPAN.match(printed)
        if match is None:
            return 1
        number = int(match[1])
    return zero if number == 0 else min(number, most)


def _cell_text(cell: Element, may_hide: bool, inner: list[Element] | None) -> str:
    """The text of a cell: one line per block or <br>, white space of the source collapsed, no-break spaces kept."""
    if may_hide:
        return "" if _is_unseen(cell) else _flat_text(cell, may_hide, inner)
    # By far the commonest cell is a number, or a chain like <p><span>number</span></p> with nothing around its links:
    # then the text of the cell is the text of the innermost element.
    element = cell
    children = len(cell)
    while children == 1:
        outer = element.text
        element = element[0]
        if element.tag not in _INLINE_WRAPPERS or _is_printed(outer) or _is_printed(element.tail):
            return _flat_text(cell, may_hide, inner)
        children = len(element)
    if children:
        return _flat_text(cell, may_hide, inner)
    text: str | None = element.text
    return "" if text is None else _collapsed(text)


def _is_printed(text: str | None) -> bool:
    return text is not None and text.strip(_WHITE) != ""


def _collapsed(text: str) -> str:
    """`text` as a browser shows it: runs of white space as one blank, none at the ends; no-break spaces stay."""
    if text.isalnum():
        return text
    if "\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text or "\v" in text:
        text = _WHITE_RUN.sub(" ", text)
    return text.strip(" ")


_rows_of_regular_table = regular_table_reader(
    blocks=(_BLOCKS | {"pre"}) - {"br"},
    left_out=_SKIPPED_IN_TEXT,
    irregular=_RAISED | {"table"},
    collapsed=_collapsed,
)


def _flat_text(element: Element, may_hide: bool, inner: list[Element] | None = None) -> str:
    """Text below `element`, lines joined by newline; with `inner`, data tables are put there and not read."""
    pieces: list[str] = []
    raised: list[int] = []
    stack: list[tuple[Iterator[Element], bool, str | None]] = []
    children: Iterator[Element] = element.iterchildren()
    is_block = False
    tail: str | None = None
    if element.text:
        pieces.append(element.text)
    while True:
        for child in children:
            name = child.tag
            if name == "br":
                pieces.append(_LINE_MARK)
            elif (
                name in _SKIPPED_IN_TEXT
                or name.__class__ is not str
                or (may_hide and (_is_hidden(child) or _is_unseen(child)))
            ):
                pass
            elif name in _RAISED and (mark := _note_mark(child)):
                raised.append(len(pieces))
                pieces.append(mark)
            elif name == "table" and inner is not None and _has_several_cells(child):
                inner.append(child)
                pieces.append(_LINE_MARK)
            else:
                breaks = name in _BLOCKS or name == "table" or name == "pre"
                if breaks:
                    pieces.append(_LINE_MARK)
                if child.text:
                    pieces.append(child.text)
                if len(child):
                    stack.append((children, is_block, tail))
                    children, is_block, tail = child.iterchildren(), breaks, child.tail
                    break
                if breaks:
                    pieces.append(_LINE_MARK)
            if child.tail:
                pieces.append(child.tail)
        else:
            if not stack:
                break
            if is_block:
                pieces.append(_LINE_MARK)
            if tail:
                pieces.append(tail)
            children, is_block, tail = stack.pop()
    if raised:
        pieces = with_note_marks(pieces, raised)
    lines = (_collapsed(line) for line in "".join(pieces).split(_LINE_MARK))
    return "\n".join(line for line in lines if line)


def _note_mark(element: Element) -> str | None:
    """The digits of a raised or lowered note mark; None if the element holds anything else."""
    if next(islice(element.iterdescendants(), 4, None), None) is not None:
        return None
    text = "".join(element.itertext())
    return text if is_note_mark(text) else None


def _lines_kept(element: Element) -> str:
    """The text below `element` as printed, <br> as newline, without what is struck out."""
    for struck in list(element.iter(*_STRUCK)):
        struck.clear(keep_tail=True)
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return "".join(element.itertext())


def _renumbered(grid: Grid, table: int) -> Grid:
    """A grid read from a text dump inside a page, as table number `table` of the page."""
    cells = [(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in grid.cells]
    return grid_of(cells, grid.row_count, table, is_aligned=False)


def _may_hide(source: bytes) -> bool:
    """False if no element of the page can be hidden: then none is asked."""
    lowered = source.lower()
    return bool(
        _MAY_HIDE_BY_STYLE.search(lowered)
        or _MAY_HIDE_BY_ATTRIBUTE.search(lowered)
        or b"line-through" in lowered
        or _MAY_BE_INVISIBLE.search(lowered)
        or _MAY_BE_TINY.search(lowered)
    )


def _is_hidden(element: Element) -> bool:
    style = element.get("style")
    if style is not None and _HIDDEN_STYLE.search(style):
        return True
    return element.get("hidden") is not None


def _is_unseen(element: Element) -> bool:
    """True for an element that keeps its place and shows no text: invisible, without size, or struck out by its style.

    Not if anything inside may be shown again: pages set a list to size 0 to close the gaps between its items.
    """
    style = element.get("style")
    if style is None or not _UNSEEN_STYLE.search(style):
        return False
    return not any(
        inner.get("class") is not None or inner.get("size") is not None or _SHOWS_AGAIN.search(inner.get("style", ""))
        for inner in element.iterdescendants()
    )


def _has_several_cells(table: Element) -> bool:
    cells = table.iterdescendants("td", "th")
    return next(cells, None) is not None and next(cells, None) is not None


def _own_cells(table: Element) -> list[list[Element]]:
    """The cells of the table's own rows, tables inside cells not entered."""
    rows: list[list[Element]] = []
    stack: list[Element] = [table]
    while stack:
        element = stack.pop()
        cells = [child for child in element if child.tag in _CELLS]
        if cells:
            rows.append(cells)
        stack.extend(child for child in element if child.tag not in _NOT_BETWEEN)
    return rows


def _is_layout(table: Element) -> bool:
    """True if a table that holds tables serves layout.

    It is data all the same if the inner tables are single cells and more than one cell has text of its own or more than
    one row has several inner tables, or if most of its rows are full of cells of its own and the cells that hold a
    table hold little else.
    """
    plain = 0
    holding: list[Element] = []
    full_rows = wrapped_rows = 0
    for row in _own_cells(table):
        filled, before = 0, len(holding)
        for cell in row:
            inner = next(cell.iterdescendants("table"), None)
            if inner is not None:
                holding.append(cell)
            elif any(text.strip() for text in cell.itertext()):
                filled += 1
        plain += filled
        full_rows += filled >= 3
        wrapped_rows += len(holding) - before >= 2
    several = [cell for cell in holding if any(_has_several_cells(inner) for inner in cell.iterdescendants("table"))]
    if not several:
        return plain < 2 and wrapped_rows < 2
    if full_rows < 2 or len(holding) * 4 > plain:
        return True
    return any(len(_flat_text(cell, may_hide=False, inner=[])) > _PROSE_IN_COLUMN for cell in holding)


def _serves_layout(cells: list[PlacedCell], row_count: int) -> bool:
    """True if a table without tables inside frames text: one cell, or an article in one of few cells."""
    if len(cells) <= 1:
        return True
    longest = max(len(cell[4]) for cell in cells)
    if longest <= _PROSE_IN_COLUMN:
        return False
    if len(cells) <= row_count:
        return True
    return longest > _PROSE_IN_CELL and len(cells) <= _FEW_CELLS


def _head_metadata(root: Element) -> dict[str, str]:
    """What <meta> and <title> say; attribute order and the case of names do not matter."""
    found: dict[str, str] = {}
    for element in root.iter("meta", "title"):
        if element.tag == "title":
            title = _WHITE_RUN.sub(" ", element.text or "").strip()
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
    has_grid = any(isinstance(block, Grid) for block in walker.blocks)
    if not has_grid and next(root.iter("img"), None) is not None:
        notes.append("has_images")
    if walker.has_hidden_table:
        notes.append("has_hidden_table")
    hands_out = any(_ATTACHMENT.search(link.get("href", "")) for link in root.iter("a"))
    if hands_out or (not has_grid and wraps_a_file(root)):
        notes.append("has_attachments")
    return tuple(notes)
