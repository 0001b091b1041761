"""RTF as tokens: groups, control words, bytes.

Belongs here: the grammar. Does not belong here: what a word means.
"""

import re

from extract.model import Unreadable

__all__ = ["NEWLINE_WORD", "Tokens", "broken"]

NEWLINE_WORD = "par"
# Bytes are held as Latin-1 characters. A number belongs to its word, and so does one blank behind it.
_TOKEN = re.compile(
    r"(?P<text>[^\\{}\r\n]+)|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9a-fA-F]{2})"
    r"|(?P<open>\{)|(?P<close>\})|[\r\n]+|\\(?P<sign>[^a-zA-Z])|(?P<stray>\\)",
    re.S,
)
_STRUCTURE = re.compile(r"[{}]|\\bin(\d{1,10}) ?|\\.", re.S)


def broken(why: str) -> Unreadable:
    """The refusal of a file that is no sound RTF; `why` is a sentence."""
    return Unreadable("broken_rtf", f"{why} Open it in a word processor, save it again as DOCX, and add that copy.")


class Tokens:
    """The tokens of a file, one after the other: kind, text and number."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0

    def next(self) -> tuple[str, str, int | None] | None:
        """The next token: kind (text, word, hex, open, close, sign), its text and number; None at the end."""
        while True:
            found = _TOKEN.match(self._source, self._position)
            if found is None:
                return None
            self._position = found.end()
            kind = found.lastgroup
            if kind == "number":
                return "word", found["word"], int(found["number"])
            if kind is not None and kind != "stray":
                return kind, found[kind], None

    def skip_bytes(self, count: int) -> None:
        """Pass over `count` raw bytes."""
        self._position += max(0, count)

    def skip_group(self) -> str:
        """Pass over the rest of the group; the brace that ends it comes next. Gives what was passed."""
        start = self._position
        depth = 0
        position = start
        while True:
            found = _STRUCTURE.search(self._source, position)
            if found is None:
                self._position = len(self._source)
                return self._source[start:]
            position = found.end()
            if found[0] == "{":
                depth += 1
            elif found[0] == "}":
                if depth == 0:
                    self._position = found.start()
                    return self._source[start : found.start()]
                depth -= 1
            elif found[1]:
                position += int(found[1])
