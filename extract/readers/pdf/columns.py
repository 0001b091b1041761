"""Tables without upright rulings among the lines of a page.

Belongs here: which lines of text form a table. Does not belong here: its rows and cells (`open_tables`), paragraphs.
"""

import re
from collections.abc import Iterator, Sequence

from extract.readers.pdf.measures import BESIDE, CLOSE, FIGURES_OF_ONE_ROW, LARGEST_PITCH, USUAL_PITCH
from extract.readers.pdf.open_cells import Level
from extract.readers.pdf.open_tables import table_of
from extract.readers.pdf.tables import PageTable
from extract.readers.pdf.typeset import TextLine, is_value
from extract.readers.pdf.widths import Span, touch
from extract.readers.pdf.words import ENUMERATED, overlaps

__all__ = ["MOST_LABELS", "header_at_foot", "is_label", "with_columns"]

_NUMBERED = re.compile(r"[一二三四五六七八九十]{1,3}\s*、")
_CONTINUED = re.compile(
    r"[（(]?\s*(?:续\s*上?\s*表|表\s*[\d一二三四五六七八九十]{0,2}\s*续)\s*[\d一二三四五六七八九十]{0,2}\s*[)）]?"
)
"""What stands over the rest of a table: it may have columns of other widths."""
MOST_LABELS = 8
"""Lines of labels of rows of blanks, at most, that stand between the parts of a table that a page break cuts."""
_LOOSEST = 3.2
_MOST_BETWEEN = 10
_LONGEST = 60
_LARGER = 1.2
_HEADER_PITCH = 2.2
_LONGEST_HEADER = 14
_OFF_PITCH = 0.05


def with_columns(
    lines: Sequence[TextLine],
    level: Level,
    carried: Sequence[Span] = (),
    furniture: int = 0,
    foot: Sequence[TextLine] = (),
) -> Iterator[list[TextLine] | PageTable]:
    """Lines from the top down as stretches of text and tables; `level` are rulings as y, left, right.

    `carried` are the columns of a table at the foot of the page before; below the first `furniture` lines it may go on.
    `foot` are the headings there under which nothing stands: a table that begins here may be theirs.
    """
    position = 0
    text: list[TextLine] = []
    above: Sequence[Span] = ()
    """The columns of the table right above `text`."""
    while position < len(lines):
        is_continued = bool(above) and bool(text) and _CONTINUED.fullmatch(text[0].text) is not None
        stop = _region(lines, position, is_continued=is_continued)
        if stop == position:
            text.append(lines[position])
            position += 1
            continue
        rows = [*_rows_above(text, lines[position:stop]), *lines[position:stop]]
        rows = [*_label_above(text, rows[0]), *rows]
        members = [*_header_above(text, rows), *rows]
        over = text[furniture:] if len(text) + len(members) == stop and carried else []
        is_labelled = 0 < len(over) <= MOST_LABELS and all(
            is_label(line.text, line.end, carried) and not _NUMBERED.match(line.text) for line in over
        )
        is_first = len(members) + furniture == stop or is_labelled
        is_right_below = len(text) == 1
        if text:
            yield text
            text = []
        is_own = is_first and not _is_printed_again(foot, members)
        going_on = above if is_continued and is_right_below else carried if is_first else ()
        table = table_of(members, level, going_on, foot if is_own else ())
        yield table
        above = table.columns
        position = stop
    if text:
        yield text


def is_label(text: str, end: float, columns: Sequence[Span]) -> bool:
    """Whether a line that ends at `end` may be the label of a row of blanks, left of its columns."""
    return end < columns[0][0] and len(text) <= _LONGEST and "。" not in text


def header_at_foot(lines: Sequence[TextLine]) -> list[TextLine]:
    """The last lines of a page if they are a header alone: words side by side, no figure; the first may be long."""
    count = 0
    following: TextLine | None = None
    for number, line in enumerate(reversed(lines), 1):
        if following is not None and following.base - line.base > _HEADER_PITCH * line.size:
            break
        texts = [piece.text for piece in line.pieces]
        is_header = line.turn == 0 and not _values(line) and "。" not in line.text
        if not is_header or any(len(text) > _LONGEST for text in texts[:1]):
            break
        if any(len(word) > _LONGEST_HEADER for text in texts[1:] for word in text.split()):
            break
        if len(texts) > 1:
            count = number
        elif following is None or following.base - line.base > BESIDE * line.size:
            break
        following = line
    return list(lines[len(lines) - count :])


def _is_printed_again(foot: Sequence[TextLine], members: Sequence[TextLine]) -> bool:
    """Whether a table has a line of the header at the foot of the page before as its own."""
    own = {line.text for line in members}
    return any(line.text in own for line in foot if len(line.pieces) > 1)


def _values(line: TextLine) -> int:
    return sum(is_value(piece.text) for piece in line.pieces)


def _is_row(line: TextLine) -> bool:
    """Whether a line is a row of cells by itself, or the figures of one."""
    pieces = line.pieces
    if line.turn != 0 or any(len(piece.text) > _LONGEST for piece in pieces):
        return False
    return len(pieces) > 2 or (len(pieces) == 2 and _values(line) > 0)


def _region(lines: Sequence[TextLine], start: int, *, is_continued: bool = False) -> int:
    """The end of the table that begins at a line; `start` if none does. One that is continued may have one figure."""
    if not _is_row(lines[start]):
        return start
    end, rows, position = start + 1, 1, start + 1
    while position < len(lines) and position - end <= _MOST_BETWEEN:
        line = lines[position]
        if line.base - lines[position - 1].base > _LOOSEST * line.size or line.turn != 0:
            break
        if _is_row(line) or (_values(line) == len(line.pieces) and rows > 1):
            end, rows = position + 1, rows + 1
        elif _ends_table(lines, position):
            break
        position += 1
    figures = max(_values(line) for line in lines[start:end])
    if figures == 0 or (rows < 2 and figures < FIGURES_OF_ONE_ROW and not is_continued):
        return start
    # The rest of a last label may follow its figures.
    while end < len(lines) and lines[end].base - lines[end - 1].base < BESIDE * lines[end].size:
        end += 1
    return _end_of_label(lines, start, end)


def _end_of_label(lines: Sequence[TextLine], start: int, end: int) -> int:
    """The end of a table whose last label begins level with its figures and goes on below them.

    Its lines are equally far apart and no longer than the first, and the next text stands farther off.
    """
    row = lines[end - 1]
    figures = [piece.start for piece in row.pieces if is_value(piece.text)]
    labels = [piece for piece in row.pieces if figures and piece.end < min(figures)]
    if not labels:
        return end
    around = _end_around(lines, end, labels[-1].start - row.size, labels[-1].end + row.size)
    if around > end or (end - 1 > start and row.base - lines[end - 2].base <= LARGEST_PITCH * row.size):
        return around
    stop, pitch = end, 0.0
    while stop < len(lines):
        line = lines[stop]
        own = line.base - lines[stop - 1].base
        if own > (USUAL_PITCH * CLOSE * line.size if stop == end else pitch + _OFF_PITCH * line.size):
            break
        if own < pitch - _OFF_PITCH * line.size or line.turn != 0 or _values(line):
            return end
        if any(ENUMERATED.match(piece.text) or _NUMBERED.match(piece.text) for piece in line.pieces):
            return end
        if not all(
            any(abs(one.start - piece.start) < line.size and piece.end < one.end + line.size for one in labels)
            for piece in line.pieces
        ):
            return end
        pitch = own
        stop += 1
    is_apart = stop == len(lines) or lines[stop].base - lines[stop - 1].base > LARGEST_PITCH * lines[stop].size
    return stop if is_apart else end


def _end_around(lines: Sequence[TextLine], end: int, left: float, right: float) -> int:
    """The end of a table whose last figures stand beside the middle of a label: as many lines follow as went before.

    The lines lie between `left` and `right`, equally far apart.
    """
    row = lines[end - 1]
    pitch = row.base - lines[end - 2].base if end > 1 else 0.0

    def count(step: int) -> int:
        found, number = 0, end - 1 + step
        while 0 <= number < len(lines):
            line, last = lines[number], lines[number - step]
            if abs(abs(line.base - last.base) - pitch) > _OFF_PITCH * line.size or line.turn != 0 or _values(line):
                break
            if len(line.pieces) > 1 or line.start < left or line.end > right:
                break
            if step > 0 and (ENUMERATED.match(line.text) or _NUMBERED.match(line.text)):
                break
            found, number = found + 1, number + step
        return found

    above = count(-1) if BESIDE * row.size <= pitch <= USUAL_PITCH * CLOSE * row.size else 0
    return end + above if above and count(1) == above else end


def _ends_table(lines: Sequence[TextLine], position: int) -> bool:
    """Whether a line that is no row is prose or a heading, and not a label."""
    line = lines[position]
    if len(line.text) > _LONGEST or "。" in line.text or line.size > _LARGER * lines[position - 1].size:
        return True
    if _CONTINUED.fullmatch(line.text):
        return True
    if len(line.pieces) > 1 or not _NUMBERED.match(line.text) or _is_between_rows(lines, position):
        return False
    following = (other for other in lines[position + 1 : position + 3] if other.base - line.base < BESIDE * line.size)
    if any(_values(other) for other in following):
        return False
    # A label of several rows stands between two of them.
    around = (lines[position - 1], lines[position + 1]) if position + 1 < len(lines) else ()
    is_near = all(abs(other.base - line.base) < LARGEST_PITCH * line.size and _values(other) for other in around)
    return not around or not is_near


def _is_between_rows(lines: Sequence[TextLine], position: int) -> bool:
    """Whether figures stand right below a line in the columns of those right above it: a heading inside the table."""
    if position + 1 >= len(lines):
        return False
    above, below = (
        [piece for line in _row_at(lines, position, step) for piece in line.pieces if is_value(piece.text)]
        for step in (-1, 1)
    )
    return len(below) >= FIGURES_OF_ONE_ROW and sum(
        any(touch(one.span, other.span) for other in above) for one in below
    ) == len(below)


def _row_at(lines: Sequence[TextLine], position: int, step: int) -> Iterator[TextLine]:
    """The lines of the row just above (`step` -1) or below (1) a line: they are nearer to each other than rows."""
    number = position + step
    while 0 <= number < len(lines):
        yield lines[number]
        number += step
        if not 0 <= number < len(lines) or abs(lines[number].base - lines[number - step].base) >= (
            BESIDE * lines[number].size
        ):
            return


def _rows_above(text: list[TextLine], rows: Sequence[TextLine]) -> list[TextLine]:
    """Rows above a table, each a single figure of its columns between the lines of its label, taken out of `text`."""
    figures = [piece for line in rows for piece in line.pieces if is_value(piece.text)]
    left = min(piece.start for piece in figures)
    following = rows[0]
    count = 0
    is_figure = False
    for number, line in enumerate(reversed(text), 1):
        pitch = (following.base - line.base) / line.size
        if pitch > _HEADER_PITCH or line.turn != 0 or len(line.pieces) > 1:
            break
        is_label = line.end < left
        if is_label and is_figure and pitch < BESIDE:
            count = number
        is_below = not is_label and following.end < left and pitch < BESIDE
        is_figure = is_below and is_value(line.text) and any(overlaps(line.pieces[0], one) for one in figures)
        if not is_label and not is_figure:
            break
        following = line
    taken = text[len(text) - count :]
    del text[len(text) - count :]
    return taken


def _label_above(text: list[TextLine], row: TextLine) -> list[TextLine]:
    """The lines above a first row of figures with which its label begins, taken out of `text`."""
    if not text or text[-1].turn != 0 or len(text[-1].pieces) > 1 or not _values(row):
        return []
    line = text[-1]
    pitch = (row.base - line.base) / line.size
    beside = next((piece for piece in row.pieces if overlaps(piece, line.pieces[0])), row.pieces[0])
    is_cut = not is_value(beside.text) and not ENUMERATED.match(beside.text) and ENUMERATED.match(line.text)
    left = min(piece.start for piece in row.pieces if is_value(piece.text))
    if line.end > left or not (pitch < BESIDE or (is_cut and pitch < CLOSE * USUAL_PITCH)):
        return []
    return [text.pop()]


def _header_above(text: list[TextLine], rows: Sequence[TextLine]) -> list[TextLine]:
    """Lines just above a table that stand over its figures: the upper parts of its headers, taken out of `text`.

    The corner over the labels may stand between them, in the middle of the header's height.
    """
    starts = [piece.start for line in rows for piece in line.pieces if is_value(piece.text)]
    left = min(starts) - 2 * rows[0].size
    following = rows[0]
    count = corner = 0
    for line in reversed(text):
        if following.base - line.base > _HEADER_PITCH * line.size or line.turn != 0 or _CONTINUED.fullmatch(line.text):
            break
        words = (word for piece in line.pieces for word in piece.text.split())
        # Headings of columns of blanks stand to the left of all figures.
        is_of_row = len(line.pieces) > 1 and following.base - line.base < BESIDE * line.size and not _values(following)
        if (line.start > left or is_of_row) and all(len(word) <= _LONGEST_HEADER for word in words):
            count += corner + 1
            corner = 0
        elif line.end < left + line.size or (len(line.pieces) > 1 and line.pieces[-1].start > left):
            corner += 1
        else:
            break
        following = line
    taken = text[len(text) - count :]
    del text[len(text) - count :]
    return taken
