"""Characters and properties of a Word file to blocks: paragraphs, and tables by the marks that end cells and rows.

Belongs here: what the special characters mean. Does not belong here: where text and properties lie in the file.

The mark that ends a cell and the one that ends a row are the same character; only the properties of the paragraph that
it ends tell them apart. In a table inside a cell both are paragraph marks.
"""

import re
from dataclasses import dataclass

from extract.model import Block
from extract.readers.doc.formatting import CharacterRun, Formatting, Look, ParagraphLook
from extract.readers.doc.pieces import Piece, Text
from extract.readers.edges import needs_converter
from extract.readers.marked import MarkedFlow, blocks_of
from extract.readers.spans import is_note_mark, with_note_marks

__all__ = ["StoryReader"]

_CELL, _SECTION, _PARAGRAPH = "\x07", "\x0c", "\r"
_MARKS = re.compile(f"[{_CELL}{_SECTION}{_PARAGRAPH}]")
_SPECIAL = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff]")
_PICTURES = "\x01\x08"
_FIELD_OPENS, _FIELD_TURNS, _FIELD_ENDS = "\x13", "\x14", "\x15"
_PRINTED_AS = {"\x0b": "\n", "\x0e": "\n", "\x1e": "\u2011", "\t": "\t", "\n": "\n"}
_FIRST_LETTER = " "
_DRAWN_FIELD = re.compile(r"\s*(?:EQ|SYMBOL)\b", re.I)
_UNTOLD = "\ufffd"
"""Stands for what a field draws without saying it in text."""


@dataclass(slots=True)
class _Field:
    """A field being read: its code so far, and whether its result has begun."""

    code: str = ""
    has_result: bool = False


class StoryReader:
    """Reads stretches of text (stories) one after the other; places are counted through."""

    def __init__(self, text: Text, formatting: Formatting) -> None:
        self._text = text
        self._formatting = formatting
        self._is_plain = formatting.is_plain and not any(piece.modifiers for piece in text.pieces)
        self._flow = MarkedFlow()
        self._fields: list[_Field] = []
        self.has_pictures = False

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks read so far."""
        return blocks_of([self._flow])

    def read(self, start: int, end: int) -> None:
        """Add the blocks of one story. Raises Unreadable where its marks make no sound paragraphs and rows."""
        position = start
        piece = self._text.pieces[0]
        paragraph, printed, end_paragraph = self._formatting.paragraph, self._printed, self._end
        for found in _MARKS.finditer(self._text.characters, start, end):
            mark, at = found[0], found.start()
            if not piece.start <= at < piece.end:
                piece = self._text.piece_at(at)
            look = paragraph(piece, at)
            text = printed(position, at, look) if at > position else ""
            position = at + 1
            if mark == _PARAGRAPH and not (look.ends_inner_cell or look.ends_inner_row):
                if (self._fields and self._is_in_code) or self._look_of(piece, at, look):
                    self._flow.go_on(text, look.depth)
                    continue
            elif self._fields and self._is_in_code and mark == _CELL:
                raise needs_converter("A field code reaches over table cells.")
            end_paragraph(text, mark, look, piece, at)
        if position < end:
            self._flow.end_paragraph(printed(position, end, None), 0)
        self._flow.close()
        if self._fields:
            raise needs_converter("A field does not end.")

    @property
    def _is_in_code(self) -> bool:
        return any(not one.has_result for one in self._fields)

    def _look_of(self, piece: Piece, at: int, look: ParagraphLook) -> Look:
        """Whether a mark is deleted or hidden."""
        if self._is_plain:
            return Look.PLAIN
        runs = self._formatting.runs(piece, at, at + 1, look.style)
        return (runs[0].look if runs else Look.PLAIN) & (Look.DELETED | Look.HIDDEN)

    def _end(self, text: str, mark: str, look: ParagraphLook, piece: Piece, at: int) -> None:
        """Add a paragraph by what its mark ends."""
        depth = look.depth
        if mark == _CELL and depth != 1:
            raise needs_converter("A table cell ends outside any table, or one level too high.")
        if mark == _SECTION or depth == 0:
            self._flow.end_paragraph(text, depth)
        elif look.ends_row if mark == _CELL else look.ends_inner_row:
            if text and not text.isspace():
                raise needs_converter("A table row holds text outside its cells.")
            if look.shape is None:
                raise needs_converter("A table row does not say where its cells are.")
            of_mark = self._look_of(piece, at, look)
            deleted, hidden = bool(of_mark & Look.DELETED), bool(of_mark & Look.HIDDEN)
            self._flow.end_row(look.shape, depth, is_deleted=deleted, is_hidden=hidden)
        elif mark == _CELL or look.ends_inner_cell:
            self._flow.end_cell(text, depth)
        else:
            self._flow.end_paragraph(text, depth)

    def _printed(self, start: int, end: int, look: ParagraphLook | None) -> str:
        """What is printed of the characters from `start` to `end`, which hold no mark."""
        runs: list[CharacterRun] = []
        if not self._is_plain:
            style = look.style if look else 0
            position = start
            while position < end:
                piece = self._text.piece_at(position)
                until = min(end, piece.end)
                runs.extend(self._formatting.runs(piece, position, until, style))
                position = until
        text = self._text.characters[start:end]
        if not runs and not self._fields and _SPECIAL.search(text) is None:
            return text
        return self._carefully_printed(start, end, runs, in_table=look is not None and look.depth > 0)

    def _carefully_printed(self, start: int, end: int, runs: list[CharacterRun], *, in_table: bool) -> str:
        """As `_printed`, character by character where properties or special characters matter."""
        pieces: list[str] = []
        raised: list[int] = []
        position = start
        for run in (*runs, CharacterRun(end, end, Look.PLAIN, "")):
            if run.start > position:
                pieces.append(self._unfielded(self._text.characters[position : run.start]))
            text = self._text.characters[run.start : run.end]
            if run.symbol:
                text = "".join(run.symbol if one in "(\x28" else one for one in text)
            shown = self._unfielded(text)
            if run.look.is_printed:
                if run.look & Look.RAISED and in_table and is_note_mark(shown):
                    raised.append(len(pieces))
                pieces.append(shown)
            position = run.end
        text = "".join(with_note_marks(pieces, raised) if raised else pieces)
        if any("\ud800" <= one <= "\udfff" for one in text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text

    def _unfielded(self, text: str) -> str:
        """The printed characters of a stretch; field codes are followed across stretches."""
        if not self._fields and _SPECIAL.search(text) is None:
            return text
        shown: list[str] = []
        for one in text:
            if one == _FIELD_OPENS:
                self._fields.append(_Field())
            elif one == _FIELD_TURNS and self._fields:
                self._fields[-1].has_result = True
            elif one == _FIELD_ENDS and self._fields:
                ended = self._fields.pop()
                if not ended.has_result and not self._is_in_code and _DRAWN_FIELD.match(ended.code):
                    shown.append(_UNTOLD)
            elif self._is_in_code:
                self._fields[-1].code += one
            elif one >= _FIRST_LETTER:
                shown.append(one)
            elif one in _PRINTED_AS:
                shown.append(_PRINTED_AS[one])
            elif one in _PICTURES:
                self.has_pictures = True
        return "".join(shown)
