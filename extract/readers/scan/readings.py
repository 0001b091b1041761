"""What the cells of a scanned table say, each read twice, and how sure that is.

The two readings share the model and nothing else: the first sees print freed of its background, the second the picture
as it is, at another size and another offset. Where they differ, the cell is in doubt. No text is bent towards what a
form expects; the only glyphs told by their shape are dashes and slashes, which say nothing to a model of words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extract.readers.scan.ink import Ink, TextLine, lines_in, without_borders
from extract.readers.scan.lattice import CellBox, Lattice
from extract.readers.scan.pixels import Grey, components, gaussian, placed, runs
from extract.readers.scan.pose import Upright
from extract.readers.scan.recogniser import HEIGHT, Reading, read_lines

__all__ = ["CellText", "read_cells", "spaced", "text_strip"]

_UNCERTAIN = "ocr_uncertain"
_FILL = 0.66
_FILL_AGAIN = 0.5
"""The share of the model's height that a character takes, in the first and the second reading."""
_SURE, _FAIR, _GOOD = 0.5, 0.3, 0.8
"""Probability of the least character: both readings sure, or one fair where the other is good."""
_LABEL_EM = 20
"""Pixels of a character's width in lines of words. Words need less than digits."""
_WIDEST = 1600
_NARROW = 7.0
"""Width over height up to which a line may be a number."""
_WORD = re.compile("[\u3400-\u9fff（）()、：:\u201c\u201d]")
_LOOSE = re.compile("(?<=[\u3000-\u9fff\uff00-\uffef]) +| +(?=[\u3000-\u9fff\uff00-\uffef])")
_LOOKALIKES = frozenset("OoQDCcUθΘ日曰口〇○。lIi|丨｜!！SsBbZzgq一丿ー")
_NOT_WORDS = frozenset("日曰口一丿丨")
_DASHES = re.compile("[-—–－一ーｰ_＿─━]+")
_FIGURE_FIRST = re.compile(r"\s*[约共增减+-]{0,2}\d+(?![\d、．)）]|\.(?!\d))")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_IN_NUMBERS = frozenset("0123456789.,+-%/")
_ROUND = frozenset("0Oo")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?")
_STROKES = frozenset("/1Il7|")
_LEAST_SLANT = -0.12
_SLASH_SLANT = -0.3
_FAINT_EM = 0.28
_THIN_EM = 0.15
_GAP_EM = 0.8
_DOT_SHARE = 0.02
_SIDE = 4
"""Pixels along the sides of a cell that no figure touches."""
_CROSSING_EM = 0.3
_STRIKE = 0.85
"""Of the height of a line: no digit has a level stroke that long at its middle."""
_MIDDLE = (0.3, 0.66)
_PALE = 0.66
"""Of the usual darkness of the print in a table: seals and pencil are paler."""


@dataclass(frozen=True, slots=True)
class CellText:
    """The text of one cell and the reason for doubt, empty where there is none."""

    text: str
    doubt: str = ""


@dataclass(slots=True)
class _Cell:
    """A cell while it is read."""

    box: CellBox
    clean: Grey
    raw: Grey
    lines: list[TextLine]
    is_faint: bool = False
    is_stacked: bool = False
    is_remnant: bool = False
    """Something is left that is too small or too faint for a figure, and large for dirt."""
    has_specks: bool = False
    is_overprinted: bool = False
    """A stroke that is part of no figure runs over the text: a seal, a line that strikes it out, a note by hand."""
    peak: float = 0.0
    """How dark the print is."""
    is_pale: bool = False
    shape: str = ""
    readings: list[Reading] | None = None
    again: Reading | None = None


def read_cells(page: Upright, lattice: Lattice, ink: Ink, em: float) -> list[CellText]:
    """The texts of a table's cells, in their order. `em` is the height of a character in pixels."""
    cells = [_prepared(page, box, ink, em) for box in lattice.cells]
    peaks = [cell.peak for cell in cells if cell.peak]
    pale = _PALE * float(np.median(peaks)) if peaks else 0.0
    for cell in cells:
        cell.is_pale = 0 < cell.peak < pale
    _read_first(cells, em)
    _read_again(cells, em)
    dotted = sum(cell.has_specks for cell in cells) > _DOT_SHARE * len(cells) + 1
    return [_judged(cell, em, dotted) for cell in cells]


def _prepared(page: Upright, box: CellBox, ink: Ink, em: float) -> _Cell:
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    clean = without_borders(page.darkness[rows, columns], ink)
    lines = lines_in(clean, ink, em)
    cell = _Cell(box, clean, page.grey[rows, columns], lines)
    if not lines:
        cell.lines = _faint_lines(clean, ink, em)
        cell.is_faint = bool(cell.lines)
    specks = [line for line in cell.lines if _is_speck(line, em)]
    cell.lines = [line for line in cell.lines if line not in specks]
    cell.is_remnant = not cell.lines and any(max(line.width, line.height) >= 0.3 * em for line in specks)
    if len(cell.lines) == 1 and not cell.is_faint:
        cell.lines, cell.is_remnant = _with_thin_print(clean, cell.lines[0], ink, em)
    cell.has_specks = _has_specks(cell, ink, em)
    lines = cell.lines
    cell.is_stacked = (
        len(lines) >= 2
        and box.height > 2 * max(line.width for line in lines)
        and max(line.width for line in lines) <= 1.5 * em
        and box.height > 1.5 * box.width
    )
    if len(cell.lines) == 1:
        cell.shape = _shape(clean, cell.lines[0], ink, em)
    if lines:
        cell.peak = max(_peak(clean, line) for line in lines)
        cell.is_overprinted = _is_crossed(clean, ink, em) or (
            not cell.shape and any(_is_struck(clean, line, ink, em) for line in lines)
        )
    return cell


def _peak(clean: Grey, line: TextLine) -> float:
    """The darkness of the darkest print in a line."""
    return float(np.percentile(clean[line.top : line.bottom, line.left : line.right].max(axis=0), 80))


def _is_crossed(clean: Grey, ink: Ink, em: float) -> bool:
    """Whether a stroke runs into the cell from its side."""
    inner = clean[_SIDE:-_SIDE, _SIDE:-_SIDE]
    if not inner.size:
        return False
    height, width = inner.shape
    _, stats = components((inner >= ink.print_level).astype(np.uint8))
    return any(
        max(wide, high) >= _CROSSING_EM * em and (left == 0 or top == 0 or left + wide == width or top + high == height)
        for left, top, wide, high, _area in stats[1:].tolist()
    )


def _is_struck(clean: Grey, line: TextLine, ink: Ink, em: float) -> bool:
    """Whether a level stroke longer than any of a digit runs through the middle of a line."""
    height = max(line.height, 0.6 * em)
    first, last = (line.top + round(share * line.height) for share in _MIDDLE)
    dark = clean[first : last + 1, line.left : line.right] >= ink.print_level
    return any(end - start >= _STRIKE * height for row in dark for start, end in runs(row))


def _with_thin_print(clean: Grey, line: TextLine, ink: Ink, em: float) -> tuple[list[TextLine], bool]:
    """A line with the thin print at its ends (a minus, a point), and whether print is left far from it."""
    level = max(ink.faint_level, 0.4 * ink.print_level)
    _, stats = components((gaussian(clean, 0.8) >= level).astype(np.uint8))
    left, top, right, bottom = line.left, line.top, line.right, line.bottom
    is_far = False
    for x, y, width, height, _area in stats[1:].tolist():
        if max(width, height) < _THIN_EM * em:
            continue
        is_beside = y + height / 2 >= top - 0.2 * em and y + height / 2 <= bottom + 0.2 * em
        if is_beside and x + width >= line.left - 1.2 * em and x <= line.right + 1.2 * em:
            left, right = min(left, x), max(right, x + width)
        elif max(width, height) >= _FAINT_EM * em:
            is_far = True
    return [TextLine(left, top, right, bottom)], is_far


def _is_speck(line: TextLine, em: float) -> bool:
    """Whether print is too small for a figure and too round for a dash."""
    return line.height < 0.4 * em and line.width < 0.4 * em and line.width < 1.6 * line.height


def _faint_lines(clean: Grey, ink: Ink, em: float) -> list[TextLine]:
    """Print too faint to be sure of, but more than noise: one line around it, or none."""
    if not clean.size:
        return []
    labels, stats = components((gaussian(clean, 1.2) >= ink.faint_level).astype(np.uint8))
    large = [stat for stat in stats[1:] if max(stat[2], stat[3]) >= _FAINT_EM * em]
    if not large or labels.size == 0:
        return []
    left, top = min(int(stat[0]) for stat in large), min(int(stat[1]) for stat in large)
    right = max(int(stat[0] + stat[2]) for stat in large)
    bottom = max(int(stat[1] + stat[3]) for stat in large)
    return [TextLine(left, top, right, bottom)]


def _has_specks(cell: _Cell, ink: Ink, em: float) -> bool:
    """Whether dirt the size of a decimal point lies in the cell, away from its text."""
    around = cell.clean >= ink.print_level
    for line in cell.lines:
        margin = round(0.4 * em)
        around[max(0, line.top - margin) : line.bottom + margin, max(0, line.left - margin) : line.right + margin] = 0
    if not around.any():
        return False
    _, stats = components(around.astype(np.uint8))
    return bool((stats[1:, 4] >= 4).any())


def _shape(clean: Grey, line: TextLine, ink: Ink, em: float) -> str:
    """`dash` for level strokes alone, `slash` for one straight slanted stroke, `slant` for one that may be a 1."""
    if line.height <= 0.25 * em and line.width >= 0.2 * em and line.width >= 1.6 * line.height:
        return "dash"
    if line.height < 0.4 * em or line.width > 0.9 * line.height or line.width < 0.18 * line.height:
        return ""
    window = clean[line.top : line.bottom, line.left : line.right].astype(np.float64)
    window[window < ink.print_level] = 0
    mass = window.sum(axis=1)
    if not mass.all():
        return ""
    xs = np.arange(window.shape[1])
    centres = window @ xs / mass
    spread = np.sqrt(np.maximum(0, window @ (xs**2) / mass - centres**2))
    ys = np.arange(len(centres))
    slope, start = np.polyfit(ys, centres, 1)
    off = np.abs(centres - slope * ys - start)
    # One stroke: its thickness is the same everywhere, and its middle runs straight from corner to corner.
    is_stroke = float(np.percentile(off, 90)) <= 0.06 * line.height + 0.5 and float(spread.max()) <= 0.16 * line.height
    if not is_stroke or slope > _LEAST_SLANT:
        return ""
    return "slash" if slope <= _SLASH_SLANT else "slant"


def _strip(image: Grey, line: TextLine, paper: int, em: float, fill: float) -> Grey:
    """One short line on a strip of the model's height, at the scale of the page and not of the glyph."""
    height = max(line.height, 0.68 * em) / fill
    scale = HEIGHT / height
    margin = 0.25 * max(line.height, 0.68 * em)
    left, top = line.left - margin, (line.top + line.bottom - height) / 2
    width = min(_WIDEST, max(16, round((line.width + 2 * margin) * scale)))
    return placed(image, scale, left, top, width, HEIGHT, paper)


def text_strip(image: Grey, line: TextLine) -> Grey:
    """One line of words on a strip of the model's height, pressed together as far as words stay readable."""
    em = max(8.0, line.height * 0.95)
    height = line.height * 1.25
    left, top = line.left - 0.2 * em, line.top - 0.125 * line.height
    width = min(_WIDEST, max(24, round((line.width + 0.4 * em) / em * _LABEL_EM)))
    return placed(image, width / (line.width + 0.4 * em), left, top, width, HEIGHT, 255, vertical=HEIGHT / height)


def spaced(text: str) -> str:
    """Words without the blanks that the model sees beside Chinese characters."""
    return _LOOSE.sub("", text.strip()) if _WORD.search(text) else _without_blanks(text)


def _is_narrow(line: TextLine, em: float) -> bool:
    return line.width <= _NARROW * max(line.height, 0.6 * em)


def _read_first(cells: Sequence[_Cell], em: float) -> None:
    strips: list[Grey] = []
    owners: list[int] = []
    for index, cell in enumerate(cells):
        light = 255 - cell.clean
        if cell.is_stacked:
            strips.append(_stacked(light, cell.lines))
            owners.append(index)
            continue
        for line in cell.lines:
            is_short = _is_narrow(line, em)
            strips.append(_strip(light, line, 255, em, _FILL) if is_short else text_strip(light, line))
            owners.append(index)
    for owner, reading in zip(owners, read_lines(strips), strict=True):
        cell = cells[owner]
        cell.readings = [*(cell.readings or []), reading]


def _stacked(light: Grey, lines: Sequence[TextLine]) -> Grey:
    """Characters that stand one above the other, laid side by side."""
    size = max(max(line.width, line.height) for line in lines)
    pieces = []
    for line in lines:
        scale = 40 / size
        width = max(12, round(line.width * scale) + 6)
        top = line.top - (size - line.height) / 2 - size * 0.1
        clipped = light[line.top : line.bottom, line.left : line.right]
        pieces.append(placed(clipped, scale, -3 / scale, top - line.top, width, HEIGHT, 255))
    strip: Grey = np.hstack(pieces)
    return strip


def _read_again(cells: Sequence[_Cell], em: float) -> None:
    """The second reading, of every cell that is not plainly words."""
    chosen = [cell for cell in cells if cell.readings and len(cell.lines) == 1 and not _is_words(cell.readings[0].text)]
    strips = []
    for cell in chosen:
        line = cell.lines[0]
        paper = int(np.percentile(cell.raw, 75))
        strips.append(_strip(cell.raw, line, paper, em, _FILL_AGAIN))
    for cell, reading in zip(chosen, read_lines(strips), strict=True):
        cell.again = reading


def _is_words(text: str) -> bool:
    """Whether a text is a label: words, and no figure with its unit or remark."""
    words = _WORD.findall(text)
    return (
        not _FIGURE_FIRST.match(text)
        and len(words) >= 2
        and len(words) > 0.5 * len(text)
        and not set(words) <= _NOT_WORDS
    )


def _judged(cell: _Cell, em: float, is_dirty: bool) -> CellText:
    """The text of a cell and whether it is to be doubted."""
    if not cell.readings:
        return CellText("", "" if cell.box.is_certain and not cell.is_remnant else _UNCERTAIN)
    if cell.again is None:
        joined = "\n".join(map(spaced, (reading.text for reading in cell.readings)))
        is_unsure = min(reading.mean for reading in cell.readings) < _SURE or not _is_words(joined)
        return CellText(joined, _UNCERTAIN if is_unsure or cell.is_faint or cell.is_pale else "")
    first, second = cell.readings[0], cell.again
    text, is_sure = _agreed(first, second)
    if cell.shape == "dash":
        # A model of words makes anything of a dash.
        is_dash = _DASHES.fullmatch(first.text) or _DASHES.fullmatch(second.text)
        text, is_sure = (
            ("—" if cell.lines[0].width > 0.7 * em else "-"),
            bool(is_dash) or cell.lines[0].width > 0.5 * em,
        )
    elif cell.shape == "slash":
        # A model of words takes a slash for a 1; no upright or italic 1 leans that far.
        text, is_sure = "/", {first.text, second.text} <= _STROKES
    elif cell.shape == "slant":
        is_sure = False
    if set(text) <= _IN_NUMBERS and any(map(str.isdigit, text)) and not _NUMBER.fullmatch(text):
        is_sure = False
    is_overprinted = cell.is_overprinted or cell.is_pale
    is_part = cell.is_faint or cell.is_remnant or not cell.box.is_certain
    if is_overprinted or is_part or (is_dirty and _has_point(text)):
        is_sure = False
    if _has_gap(cell, em) and any(character.isdigit() for character in text):
        return CellText(text, "joined_digits")
    return CellText(text, "" if is_sure else _UNCERTAIN)


def _has_point(text: str) -> bool:
    """Whether a dot or comma stands where dirt could be one; thousands parted in threes are meant."""
    return bool(set(text) & set(".,")) and _THOUSANDS.fullmatch(text) is None


def _agreed(first: Reading, second: Reading) -> tuple[str, bool]:
    """The text of two readings, and whether they leave no doubt."""
    one, other = _without_blanks(first.text), _without_blanks(second.text)
    if one == other and not set(one) & _LOOKALIKES:
        low, high = sorted((first.least, second.least))
        return one, bool(one) and (low >= _SURE or (low >= _FAIR and high >= _GOOD))
    if first.figures == second.figures == "0" and ({one, other} <= _ROUND or ("0" in (one, other))):
        # Alone in a cell, nothing but the height of letters beside it would tell O from 0, and there are none.
        return "0", {one, other} <= _ROUND or {one, other} <= {"0", *_LOOKALIKES}
    if one != other or len(one) <= 3:
        # The same strips, read as figures only: better than a letter, and no less in doubt.
        figures = [reading.figures for reading in (first, second)]
        if figures[0] and figures[0] == figures[1]:
            return figures[0], False
    best = first if first.least >= second.least or not other else second
    return _without_blanks(best.text), False


def _without_blanks(text: str) -> str:
    """A short text without the blanks that the model sees between wide digits; real gaps are measured in the ink."""
    return "".join(text.split())


def _has_gap(cell: _Cell, em: float) -> bool:
    """Whether the ink of a line stands in two places far apart: two cells in one, where a line was missed."""
    line = cell.lines[0]
    columns = cell.clean[line.top : line.bottom, line.left : line.right].max(axis=0) >= 60
    filled = np.flatnonzero(columns)
    return bool(len(filled) > 1 and int(np.diff(filled).max()) > _GAP_EM * em)
