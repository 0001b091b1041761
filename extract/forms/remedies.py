"""Table 4, reconsideration and litigation: fifteen figures, by channel and result (E2019 and E2021).

The official form prints one row under three header rows; bodies also print three tables, stacked blocks or a list. The
printed headers place each figure; a second copy of the table must agree with the first.
"""

from collections.abc import Sequence

from extract.forms.declaration import Edition
from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, withheld
from extract.forms.remedy_layouts import Part, Refusal, placed_parts
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.forms.sections import section_of_heading

__all__ = ["read_remedies"]

_TABLE = "t4"
_LONGEST_HEADER = 120
"""A longer line above the figures is prose, not what is left of the headers."""


def read_remedies(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 4 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    block = edition.table(_TABLE).blocks[0]
    codes = [f"{_TABLE}.{row.code}.{column.code}" for row in block.rows for column in block.columns]
    refused: list[Line] = []
    copies: list[dict[str, Fragment]] = []
    notes: list[str] = []
    channels: set[str] = set()
    for placed in placed_parts(block, lines):
        if isinstance(placed, Refusal):
            if placed.is_leftover:
                reading.leave(placed.line, "extra_line")
            else:
                refused.append(placed.line)
            continue
        if not copies or placed.channels & channels:
            # A channel printed again begins another copy of the table.
            copies.append({})
            channels = set()
        channels |= placed.channels
        copies[-1].update(_by_code(placed))
        notes.append(placed.note)
    _take(edition, reading, copies)
    for note in filter(None, notes):
        reading.note("header_incomplete", _TABLE, note)
    _withhold(reading, codes, refused)
    if not reading.is_found:
        _take_unheaded(edition, reading, codes, lines)
    reading.cells.sort(key=lambda cell: codes.index(cell.code))
    return reading


def _by_code(part: Part) -> dict[str, Fragment]:
    return {f"{_TABLE}.{channel}.{result}": figure for (channel, result), figure in part.figures.items()}


def _take(edition: Edition, reading: TableReading, copies: Sequence[dict[str, Fragment]]) -> None:
    """Read the table from its printed copies: alike they are one table, in conflict none is believed."""
    filled = [copy for copy in copies if any(not figure.is_blank for figure in copy.values())] or list(copies[:1])
    if not filled:
        return
    first, *others = filled
    for other in others:
        if {code: figure.text for code, figure in other.items()} == {c: figure.text for c, figure in first.items()}:
            reading.note("duplicate_table", _TABLE, "the table is printed more than once, alike")
            continue
        text = " ".join(figure.text for figure in other.values() if figure.text)
        reading.note("conflicting_copies", _TABLE, text)
        reading.leave(Line(tuple(other.values())), "second_value_row")
    if any(anomaly.code == "conflicting_copies" for anomaly in reading.anomalies):
        codes = dict.fromkeys(code for copy in filled for code in copy)
        for code in codes:
            printed = [copy[code] for copy in filled if code in copy]
            raw = Fragment(" | ".join(figure.text or "…" for figure in printed), printed[0].place)
            reading.cells.append(withheld(code, raw, "conflicting_copies"))
        return
    reading.cells.extend(read_cell(edition, code, figure) for code, figure in first.items())


def _withhold(reading: TableReading, codes: Sequence[str], refused: Sequence[Line]) -> None:
    """Figures of the table that could not be placed: kept as text in the cells that nothing else fills."""
    for line in refused:
        reading.note("column_shift", _TABLE, line.text)
        found = {cell.code for cell in reading.cells}
        raw = Fragment(line.text, line.cells[0].place)
        missing = [code for code in codes if code not in found]
        reading.cells.extend(withheld(code, raw, "column_shift") for code in missing)
        if not missing:
            reading.leave(line, "column_shift")


def _is_reordered(text: str) -> bool:
    """Whether the text of broken headers prints the channels in another order than the form."""
    pairs = (("行政复议", "行政诉讼"), ("直接起诉", "复议后"))
    return any(0 <= text.find(second) < text.find(first) for first, second in pairs)


def _take_unheaded(edition: Edition, reading: TableReading, codes: list[str], lines: Sequence[Line]) -> None:
    """The one full row of figures in section four, where the headers are lost: believed only if all its sums close."""
    inside = False
    rows: list[Sequence[Fragment]] = []
    before = ""
    for line in lines:
        section = section_of_heading(edition, line.cells[0].text) if line.grid is None and line.cells else None
        if section is not None:
            inside = section == "s4"
            before = ""
            continue
        _, values = line.split()
        if inside and len(values) == len(codes) and all(not value.is_blank for value in values):
            rows.append(values)
        elif inside and not rows and len(line.text) <= _LONGEST_HEADER:
            before += compact(line.text)
    if len(rows) != 1:
        return
    cells = [read_cell(edition, code, value) for code, value in zip(codes, rows[0], strict=True)]
    by_code = {cell.code: cell for cell in cells}
    sums = [evaluate(rule, by_code) for rule in rules_of(edition.id) if rule.kind == "block_sum"]
    is_confirmed = all(result.status is RuleStatus.PASS for result in sums) and any(result.right for result in sums)
    # The sums hold in any order of the channels: what is left of their headers must not speak against the order.
    if is_confirmed and not _is_reordered(before):
        reading.note("header_incomplete", _TABLE, "headers lost; order confirmed by all three sums")
        reading.cells.extend(cells)
    else:
        reading.note("header_incomplete", _TABLE, "headers lost; the sums do not confirm the order")
        reading.cells.extend(withheld(cell.code, Fragment(cell.raw, cell.place), "header_lost") for cell in cells)
