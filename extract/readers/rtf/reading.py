"""The control words of RTF to blocks: text, groups and their properties, tables.

Belongs here: what control words mean for what is printed. Does not belong here: the grammar, the encodings.

Groups nest without recursion: the state of each open group is kept on a list. What is not printed (fonts, styles,
pictures, headers, notes, field codes) is passed over whole.
"""

import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace

from extract.readers.edges import Merge, RowShape, needs_converter
from extract.readers.marked import MarkedFlow
from extract.readers.rtf.codepages import codec_of_charset, codec_of_page, decoded
from extract.readers.rtf.tokens import Tokens, broken
from extract.readers.spans import is_note_mark, with_note_marks

__all__ = ["RtfReading"]

_MOST_GROUPS = 10_000
"""Groups open at once. Word processors open some dozen."""
_MOST_EDGES = 1000
"""Edges of one row. A word processor makes 64, and chokes on thousands: such a file is not handed to one."""
_UNTOLD = "\ufffd"
"""Stands for what a field or formula draws without saying it in text."""
_DRAWN_FIELD = re.compile(r"[\s{]*(?:\\[a-z0-9]+\s*)*[\s{]*EQ\b", re.I)

# fmt: off
_PASSED_OVER = frozenset({
    "colortbl", "stylesheet", "pict", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr",
    "footerf", "footnote", "annotation", "xe", "tc", "tcn", "rxe", "txe", "private1", "filetbl", "nonshppict",
    "shprslt", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "template", "fldinst", "pntxta", "pntxtb",
    "nonesttables", "shppict",
})
# fmt: on
"""Destinations that hold nothing printed in the body, or a second copy of it."""
_SEARCHED = frozenset({"info", "shpinst", "do", "upr"})
"""Destinations with a printed or telling part inside."""
_CHARACTERS = {
    "tab": "\t", "line": "\n", "softline": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002",
    "qmspace": "\u2005",
}  # fmt: skip
_SIGNS = {"~": "\u00a0", "_": "\u2011", "\t": "\t"}
_HIDING = {"v": "hidden", "strike": "struck", "striked": "double_struck", "deleted": "deleted"}
_CELL_FLAGS = {
    "clmgf": ("across", Merge.FIRST), "clmrg": ("across", Merge.COVERED),
    "clvmgf": ("down", Merge.FIRST), "clvmrg": ("down", Merge.COVERED),
}  # fmt: skip


@dataclass(slots=True)
class _Row:
    """A row as the word trowd and what follows describe it."""

    left: int = 0
    edges: list[int] = field(default_factory=list)
    across: list[Merge] = field(default_factory=list)
    down: list[Merge] = field(default_factory=list)
    next_across: Merge = Merge.NONE
    next_down: Merge = Merge.NONE

    def add_edge(self, edge: int) -> None:
        """A cell is complete; its right edge is told last."""
        if len(self.edges) >= _MOST_EDGES:
            raise broken("A table row declares more cells than any program makes.")
        self.edges.append(edge)
        self.across.append(self.next_across)
        self.down.append(self.next_down)
        self.next_across = self.next_down = Merge.NONE

    def shape(self) -> RowShape:
        """The finished row."""
        return RowShape((self.left, *self.edges), tuple(self.across), tuple(self.down))


class _Story:
    """A stretch of text with blocks of its own: the body, a text box, the title of the file's properties."""

    def __init__(self) -> None:
        self.flow = MarkedFlow()
        self.row: _Row | None = None
        self.inner_row: _Row | None = None
        self.has_open_row = False
        """A row was described whose end has not come."""
        self.pieces: list[str] = []
        self.raised: list[int] = []

    def take(self) -> str:
        """The text of the paragraph that ends here."""
        text = "".join(with_note_marks(self.pieces, self.raised) if self.raised else self.pieces)
        self.pieces = []
        self.raised = []
        if any("\ud800" <= one <= "\udfff" for one in text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text


@dataclass(slots=True)
class _State:
    """What the open group says of the text in it."""

    story: _Story | None
    """None where the text is not read."""
    outside: _Story | None
    """The story around a searched destination."""
    in_fonts: bool = False
    in_inner_row: bool = False
    fallback: int = 1
    font: int | None = None
    hidden: bool = False
    struck: bool = False
    double_struck: bool = False
    deleted: bool = False
    raised: bool = False
    in_table: bool = False
    depth: int = 0

    @property
    def is_printed(self) -> bool:
        """Whether text counts as printed."""
        return not (self.hidden or self.struck or self.double_struck or self.deleted)

    @property
    def table_depth(self) -> int:
        """How many tables stand around a paragraph."""
        return max(self.depth, 1) if self.in_table else self.depth


class RtfReading:
    """One file being read."""

    def __init__(self, source: str) -> None:
        self._tokens = Tokens(source)
        self._body = _Story()
        self._boxes: list[_Story] = []
        self._title = _Story()
        self._state = _State(self._body, self._body)
        self._stack: list[_State] = []
        self._fonts: dict[int | None, str | None] = {}
        self._default_font: int | None = None
        self._page: str | None = None
        self._pending = bytearray()
        self._to_skip = 0
        self._starred = False
        self.has_pictures = False
        self._actions: dict[str, Callable[[int | None], None]] = {
            "par": lambda _: self._end_paragraph(),
            "sect": lambda _: self._end_paragraph(),
            "page": lambda _: self._break(),
            "column": lambda _: self._break(),
            "cell": lambda _: self._end_cell(1),
            "nestcell": lambda _: self._end_cell(self._state.table_depth),
            "row": lambda _: self._end_row(1),
            "nestrow": lambda _: self._end_row(self._state.table_depth),
            "trowd": lambda _: self._start_row(),
            "trleft": self._set_left,
            "cellx": self._add_edge,
            "intbl": lambda number: self._set("in_table", number != 0),
            "itap": lambda number: self._set("depth", number or 0),
            "pard": lambda _: self._reset_paragraph(),
            "plain": lambda _: self._reset_characters(),
            "super": lambda number: self._set("raised", number != 0),
            "sub": lambda number: self._set("raised", number != 0),
            "up": lambda number: self._set("raised", number != 0),
            "dn": lambda number: self._set("raised", number != 0),
            "nosupersub": lambda _: self._set("raised", False),
            "u": self._add_unicode,
            "uc": lambda number: self._set("fallback", min(max(number or 0, 0), 8)),
            "bin": lambda number: self._tokens.skip_bytes(number or 0),
            "ansicpg": self._set_page,
            "mac": lambda _: self._set_page(10000),
            "pc": lambda _: self._set_page(437),
            "pca": lambda _: self._set_page(850),
            "deff": self._set_default_font,
            "f": self._set_font,
            "fcharset": lambda number: self._set_codec(codec_of_charset(number or 0)),
            "cpg": lambda number: self._set_codec(codec_of_page(number or 0)),
            "fonttbl": lambda _: self._open_fonts(),
            "title": lambda _: self._open_part("title"),
            "shptxt": lambda _: self._open_part("box"),
            "dptxbxtext": lambda _: self._open_part("box"),
            "ud": lambda _: self._open_part("outside"),
            "nesttableprops": lambda _: self._set("in_inner_row", True),
            "moMath": lambda _: self._untold(),
        }

        self._known = frozenset({*self._actions, *_PASSED_OVER, *_SEARCHED, *_CHARACTERS, *_HIDING, *_CELL_FLAGS})
        """Most words say how the text looks: they are passed over at once."""

    def read(self) -> None:
        """Read the whole file. Raises Unreadable where it is cut off or its tables make no sense."""
        take = self._tokens.next
        known = self._known
        while (token := take()) is not None:
            kind, text, number = token
            if kind == "text":
                self._bytes(text.encode("latin-1"))
            elif kind == "word":
                if text in known or self._starred or self._to_skip:
                    self._word(text, number)
            elif kind == "hex":
                self._bytes(bytes([int(text, 16)]), is_escaped=True)
            else:
                self._flush()
                self._starred = kind == "sign" and text == "*"
                if kind == "open":
                    self._to_skip = 0
                    self._stack.append(self._state)
                    if len(self._stack) > _MOST_GROUPS:
                        raise broken("Its groups stand in each other too deep.")
                    self._state = copy(self._state)
                elif kind == "close":
                    self._to_skip = 0
                    if len(self._stack) < 2:
                        break  # the file ends with its first group
                    self._state = self._stack.pop()
                else:
                    self._sign(text)
        self._flush()
        if len(self._stack) > 1:
            raise broken("It ends inside a group: it was cut off.")

    def stories(self) -> list[MarkedFlow]:
        """The finished blocks of the body and the text boxes."""
        finished = []
        for story in (self._body, *self._boxes):
            if text := story.take():
                if story.flow.is_inside_row:
                    raise needs_converter("A table ends inside a cell.")
                story.flow.end_paragraph(text, 0)
            story.flow.close()
            finished.append(story.flow)
        return finished

    def title(self) -> str | None:
        """The title in the file's properties."""
        return self._title.take().strip() or None

    # Characters

    def _bytes(self, raw: bytes, *, is_escaped: bool = False) -> None:
        self._starred = False
        if self._to_skip:
            # The fallback of a Unicode character counts escaped bytes and plain characters alike.
            skipped = min(self._to_skip, len(raw))
            self._to_skip -= skipped
            raw = raw[skipped:]
        if self._state.story is not None and raw:
            self._pending += raw

    def _flush(self) -> None:
        """Decode the bytes gathered so far."""
        if self._pending:
            codec = self._fonts.get(self._state.font if self._state.font is not None else self._default_font)
            text = decoded(bytes(self._pending), codec, self._page)
            self._pending.clear()
            self._add(text)

    def _add(self, text: str) -> None:
        state = self._state
        if state.story is None or not state.is_printed:
            return
        if state.raised and is_note_mark(text) and (state.in_table or state.depth or state.story.has_open_row):
            state.story.raised.append(len(state.story.pieces))
        state.story.pieces.append(text)

    def _add_unicode(self, number: int | None) -> None:
        self._to_skip = self._state.fallback
        self._add(chr((number or 0) & 0xFFFF))

    def _untold(self) -> None:
        self._tokens.skip_group()
        self._add(_UNTOLD)

    def _sign(self, sign: str) -> None:
        if self._to_skip and sign != "*":
            self._to_skip -= 1
        elif sign in "\\{}":
            self._add(sign)
        elif sign in _SIGNS:
            self._add(_SIGNS[sign])
        elif sign in "\r\n":
            self._end_paragraph()

    # Control words

    def _word(self, word: str, number: int | None) -> None:
        self._flush()
        is_starred, self._starred = self._starred, False
        if self._to_skip:
            if word != "u" and word in _CHARACTERS:
                self._to_skip -= 1
                return
            self._to_skip = 0
        if word in _SEARCHED:
            self._state.outside, self._state.story = self._state.story, None
            return
        if word in _PASSED_OVER:
            self._pass_over(word)
            return
        if word in _CHARACTERS:
            self._add(_CHARACTERS[word])
        elif word in _HIDING:
            self._set(_HIDING[word], number != 0)
        elif word in _CELL_FLAGS and (row := self._row()) is not None:
            name, merge = _CELL_FLAGS[word]
            setattr(row, f"next_{name}", merge)
        elif (action := self._actions.get(word)) is not None:
            action(number)
        elif is_starred:
            self._tokens.skip_group()

    def _pass_over(self, word: str) -> None:
        passed = self._tokens.skip_group()
        if self._state.story is None:
            return
        if word in ("pict", "shppict") and self._state.is_printed:
            self.has_pictures = True
        elif word == "fldinst" and _DRAWN_FIELD.match(passed):
            self._add(_UNTOLD)

    def _set(self, name: str, value: bool | int) -> None:
        setattr(self._state, name, value)

    def _reset_paragraph(self) -> None:
        self._state.in_table = False
        self._state.depth = 0

    def _reset_characters(self) -> None:
        state = self._state
        state.hidden = state.struck = state.double_struck = state.deleted = state.raised = False
        state.font = None

    def _set_page(self, number: int | None) -> None:
        self._page = codec_of_page(number or 0) or self._page

    def _set_default_font(self, number: int | None) -> None:
        self._default_font = number

    def _set_font(self, number: int | None) -> None:
        self._state.font = number

    def _set_codec(self, codec: str | None) -> None:
        if self._state.in_fonts:
            self._fonts[self._state.font] = codec

    def _open_fonts(self) -> None:
        self._state.in_fonts = True
        self._state.story = None

    def _open_part(self, name: str) -> None:
        """A part of a searched destination whose text is read."""
        if self._state.story is not None:
            return
        if name == "outside":
            self._state.story = self._state.outside
        elif name == "title":
            self._state.story = self._title
        elif self._state.outside is not None:
            story = _Story()
            self._boxes.append(story)
            self._state = replace(_State(story, None), fallback=self._state.fallback, font=self._state.font)

    # Paragraphs and tables

    def _end_paragraph(self) -> None:
        state, story = self._state, self._state.story
        if story is None or story is self._title:
            return
        text = story.take()
        if state.deleted or state.hidden:
            story.flow.go_on(text, state.table_depth)
            return
        if state.table_depth == 0 and (story.has_open_row or story.flow.is_inside_row) and text.strip():
            raise needs_converter("A paragraph stands between the cells of a table row.")
        if state.table_depth == 0 and story.flow.is_inside_row:
            return
        story.flow.end_paragraph(text, state.table_depth)

    def _break(self) -> None:
        """A page or column ends: outside tables a paragraph ends with it, inside a line."""
        story = self._state.story
        if story is None:
            return
        if self._state.table_depth or story.has_open_row:
            self._add("\n")
        elif story.pieces:
            self._end_paragraph()

    def _end_cell(self, depth: int) -> None:
        story = self._state.story
        if story is not None and story is not self._title:
            if depth == 1 and self._state.depth > 1:
                raise needs_converter("A table inside a cell ends its cells like an outer one.")
            story.flow.end_cell(story.take(), depth)

    def _end_row(self, depth: int) -> None:
        story = self._state.story
        if story is None or story is self._title:
            return
        row = story.inner_row if depth > 1 else story.row
        if row is None or not row.edges:
            raise needs_converter("A table row does not say where its cells are.")
        if "".join(story.pieces).strip():
            raise needs_converter("A table row holds text outside its cells.")
        story.take()
        story.flow.end_row(row.shape(), depth, is_deleted=self._state.deleted, is_hidden=self._state.hidden)
        if depth == 1:
            story.has_open_row = False

    def _start_row(self) -> None:
        story = self._state.story
        if story is None:
            return
        if self._state.in_inner_row:
            story.inner_row = _Row()
        else:
            story.row = _Row()
            story.has_open_row = True

    def _row(self) -> _Row | None:
        story = self._state.story
        if story is None:
            return None
        return story.inner_row if self._state.in_inner_row else story.row

    def _set_left(self, number: int | None) -> None:
        if (row := self._row()) is not None:
            row.left = number or 0

    def _add_edge(self, number: int | None) -> None:
        if (row := self._row()) is not None:
            row.add_edge(number or 0)
