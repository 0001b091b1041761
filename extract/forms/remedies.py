"""Table 4, reconsideration and litigation: fifteen figures, by channel and result (E2019 and E2021).

The official form prints one row under three header rows; bodies also print three tables, stacked blocks or a list. The
printed headers place each figure; a second copy of the table must agree with the first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from extract.forms.declaration import Edition
from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, withheld
from extract.forms.remedy_labels import BODIES_TOTAL, ENOUGH_RESULTS, TOTAL, Labels
from extract.forms.remedy_layouts import Part, Placed, Refusal, placed_parts
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.forms.sections import section_of
from extract.forms.values import parse_value
from extract.forms.years import own_year
from extract.model import CellReading

__all__ = ["read_remedies"]

_TABLE = "t4"
_LONGEST_HEADER = 120
"""A longer line above the figures is prose, not what is left of the headers."""


def read_remedies(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read table 4 from the printed lines of a document; without the table, the reading has no cells."""
    reading = TableReading(_TABLE)
    block = edition.table(_TABLE).blocks[0]
    codes = [f"{_TABLE}.{row.code}.{column.code}" for row in block.rows for column in block.columns]
    refused = _take(edition, reading, list(placed_parts(block, lines)), lines)
    _withhold(reading, codes, refused)
    if len({_channel(cell.code) for cell in reading.cells if _is_told(cell)}) < len(block.rows):
        _take_damaged(edition, reading, lines)
    if not reading.is_found:
        _take_unheaded(edition, reading, codes, lines)
    reading.cells.sort(key=lambda cell: codes.index(cell.code))
    return reading


def _take(edition: Edition, reading: TableReading, placed: Sequence[Placed], lines: Sequence[Line]) -> list[Line]:
    """Read the table from its printed parts; the lines that belong to it and could not be placed."""
    refused: list[Line] = []
    parts: list[Part] = []
    years = {one.year for one in placed if one.year is not None}
    own = own_year(years, lines) if years else None
    for one in placed:
        is_past = years and one.year is not None and one.year != own
        if isinstance(one, Part):
            if _has_moved(one):
                refused.append(Line(tuple(one.figures.values())))
            elif is_past:
                line = Line(tuple(one.figures.values()))
                if own is None:
                    refused.append(line)
                else:
                    reading.leave(line, "extra_line")
            elif own is None or one.year == own or not any(_is_copy(one, other) for other in placed):
                parts.append(one)
            else:
                refused.append(Line(tuple(one.figures.values())))
        elif one.is_leftover or (is_past and own is not None):
            reading.leave(one.line, "extra_line")
        else:
            refused.append(one.line)
    _settle(edition, reading, parts)
    for one in placed:
        if isinstance(one, Refusal) and one.is_unnamed:
            _hold_against(reading, parts, one.line.split()[1])
    for note in filter(None, (part.note for part in parts)):
        reading.note("header_incomplete", _TABLE, note)
    return refused


def _hold_against(reading: TableReading, parts: Sequence[Part], figures: Sequence[Fragment]) -> None:
    """Withhold what a run of as many figures, whose channels are not printed, says otherwise: a copy in conflict.

    Figures that differ in most places are not the same table.
    """
    values = [parse_value(figure.text, "count").value for figure in figures]
    for part in parts:
        if len(part.figures) != len(values):
            continue
        pairs = zip(part.figures.items(), values, figures, strict=True)
        other = {
            f"{_TABLE}.{channel}.{result}": figure.text
            for ((channel, result), own), value, figure in pairs
            if parse_value(own.text, "count").value != value
        }
        if other and 2 * len(other) <= len(values):
            _withhold_copies(reading, other)


def _withhold_copies(reading: TableReading, other: Mapping[str, str]) -> None:
    """Withhold the cells of which a copy prints another text, given by code; blanks stay blank."""
    for index, cell in enumerate(reading.cells):
        if cell.code in other and cell.value is not None:
            raw = Fragment(f"{cell.raw or '…'} | {other[cell.code] or '…'}", cell.place)
            reading.cells[index] = withheld(cell.code, raw, "conflicting_copies")
    reading.note("conflicting_copies", _TABLE, " ".join(other.values()))


def _has_moved(part: Part) -> bool:
    """Whether a row that is blank at one end adds up only when all its figures stand one place nearer to that end."""
    figures = list(part.figures.values())
    if all(figure.is_blank for figure in figures) or not (figures[0].is_blank or figures[-1].is_blank):
        return False
    values = [parse_value(figure.text, "count").value for figure in figures]
    if _closing(part, values) is not False:
        return False
    nearer = []
    if figures[0].is_blank:
        nearer.append([*values[1:], None])
    if figures[-1].is_blank:
        nearer.append([None, *values[:-1]])
    return any(_closing(part, moved) for moved in nearer)


def _closing(part: Part, values: Sequence[float | None]) -> bool | None:
    """Whether the figures of every channel whose total is printed add up to it; None where none is."""
    totals: dict[str, float] = {}
    sums: dict[str, float] = {}
    for (channel, result), value in zip(part.figures, values, strict=True):
        if result == TOTAL and value is not None:
            totals[channel] = value
        elif result != TOTAL:
            sums[channel] = sums.get(channel, 0) + (value or 0)
    return all(total == sums.get(channel, 0) for channel, total in totals.items()) if totals else None


def _is_copy(part: Part, other: Placed) -> bool:
    """Whether another part, of a named year, prints figures of the same channels."""
    return isinstance(other, Part) and other.year is not None and bool(other.channels & part.channels)


def _settle(edition: Edition, reading: TableReading, parts: Sequence[Part]) -> None:
    """Read each cell from all parts that print it: alike they are one, in conflict none is believed.

    A blank copy beside a filled one is no copy. A cell that only one of two conflicting copies prints is not believed,
    nor a figure whose channel is only that of the part before, unless it says the same.
    """
    copies: dict[str, list[Part]] = {}
    for part in parts:
        for channel in sorted(part.channels):
            copies.setdefault(channel, []).append(part)
    for channel, found in copies.items():
        filled = [part for part in found if not part.is_blank_in(channel)]
        if any(part.is_unnamed for part in filled) and len(filled) < len(found):
            # Filled figures that no channel heads, and a blank run before them: whose they are is not printed.
            filled = found
        told = _without_bodies(channel, filled or found[:1], reading)
        results = list(dict.fromkeys(result for part in told for own, result in part.figures if own == channel))
        cells = {
            result: [
                read_cell(edition, f"{_TABLE}.{channel}.{result}", part.figures[channel, result])
                for part in told
                if (channel, result) in part.figures
            ]
            for result in results
        }
        differing = {result for result in results if len({(cell.value, cell.status) for cell in cells[result]}) > 1}
        if _are_bodies(told) and any(cell.value for copies in cells.values() for cell in copies):
            # Rows of several bodies and none that adds them up: no copies, also where they happen to agree.
            differing = set(results)
        if len(told) > 1 and not differing:
            reading.note("duplicate_table", _TABLE, "the table is printed more than once, alike")
        for result in results:
            first = cells[result][0]
            if result not in differing and not (differing and len(cells[result]) < len(told)):
                reading.cells.append(first)
                continue
            raw = Fragment(" | ".join(cell.raw or "…" for cell in cells[result]), first.place)
            reading.cells.append(withheld(first.code, raw, "conflicting_copies"))
        if differing:
            text = " ".join(cell.raw for result in results for cell in cells[result][1:] if cell.raw)
            reading.note("conflicting_copies", _TABLE, text)
            for part in told[1:]:
                line = Line(tuple(figure for (own, _), figure in part.figures.items() if own == channel))
                reading.leave(line, "second_value_row")


def _are_bodies(parts: Sequence[Part]) -> bool:
    """Whether rows that print the same channel are named after different bodies."""
    return len({part.body for part in parts if part.body}) > 1


def _without_bodies(channel: str, parts: Sequence[Part], reading: TableReading) -> Sequence[Part]:
    """The one row 总计 of several bodies, if it is the sum of all the others; else the parts as they are."""
    totals = [part for part in parts if part.body == BODIES_TOTAL]
    others = [part for part in parts if part.body != BODIES_TOTAL]
    if len(totals) != 1 or not others or not all(part.body for part in others):
        return parts
    for key, figure in totals[0].figures.items():
        if key[0] != channel:
            continue
        printed = [part.figures[key] for part in others if key in part.figures]
        values = [parse_value(one.text, "count").value for one in printed if not one.is_blank]
        if None in values or parse_value(figure.text, "count").value != sum(value or 0 for value in values):
            return parts
    for part in others:
        figures = tuple(figure for (own, _), figure in part.figures.items() if own == channel)
        reading.leave(Line(figures), "second_value_row")
    return totals


def _withhold(reading: TableReading, codes: Sequence[str], refused: Sequence[Line]) -> None:
    """Figures of the table that could not be placed: kept as text in the cells that nothing else fills.

    A channel of nothing but blanks is not filled: beside figures that have no place, it may be theirs.
    """
    if any(sum(cell.is_value and not cell.is_blank for cell in line.cells) >= ENOUGH_RESULTS for line in refused):
        filled = {_channel(cell.code) for cell in reading.cells if cell.raw}
        reading.cells[:] = [cell for cell in reading.cells if _channel(cell.code) in filled]
    for line in refused:
        reading.note("column_shift", _TABLE, line.text)
        found = {cell.code for cell in reading.cells}
        raw = Fragment(line.text, line.cells[0].place)
        missing = [code for code in codes if code not in found]
        reading.cells.extend(withheld(code, raw, "column_shift") for code in missing)
        if not missing:
            reading.leave(line, "column_shift")


def _is_told(cell: CellReading) -> bool:
    """Whether a cell is read: a number, or printed blank."""
    return cell.value is not None or not cell.raw


def _channel(code: str) -> str:
    return code.rpartition(".")[0]


def _take_damaged(edition: Edition, reading: TableReading, lines: Sequence[Line]) -> None:
    """Read a table whose headers have lost characters: believed only where the figures of every channel add up.

    What whole headers told must stay as it is, and so must a conflict of copies: the other copy may lie outside the
    lines that are read again.
    """
    if any("conflicting_copies" in cell.flags for cell in reading.cells):
        return
    block = edition.table(_TABLE).blocks[0]
    inside: list[Line] = []
    is_inside = False
    for line in lines:
        section = section_of(edition, line)
        is_inside = section == "s4" if section is not None else is_inside
        if is_inside:
            inside.append(line)
    if not inside:
        known = Labels(block)
        grids = {
            line.grid
            for line in lines
            if line.grid and len({known.result(cell.label) for cell in line.cells} - {None}) >= ENOUGH_RESULTS
        }
        inside = [line for line in lines if line.grid in grids]
    again = TableReading(_TABLE)
    if not inside or _take(edition, again, list(placed_parts(block, inside, reads_damaged=True)), lines):
        return
    if len(again.cells) != len(block.rows) * len(block.columns) or not _adds_up(edition, again.cells):
        return
    told = {cell.code: cell.value for cell in reading.cells if _is_told(cell)}
    differing = {cell.code: cell for cell in again.cells if cell.code in told and told[cell.code] != cell.value}
    if differing:
        # Figures that differ in most places are not the same table.
        if 2 * len(differing) <= len(told):
            _withhold_copies(reading, {code: cell.raw for code, cell in differing.items()})
        return
    reading.cells[:] = [
        cell if cell.code in told else replace(cell, flags=(*cell.flags, "label_damaged")) for cell in again.cells
    ]
    reading.leftovers[:], reading.anomalies[:] = again.leftovers, again.anomalies
    reading.note("header_incomplete", _TABLE, "headers damaged; order confirmed by all three sums")


def _adds_up(edition: Edition, cells: Sequence[CellReading]) -> bool:
    """Whether all cells have a figure, and those of each channel add up to its total."""
    by_code = {cell.code: cell for cell in cells}
    if any(cell.value is None for cell in cells):
        return False
    sums = [evaluate(rule, by_code) for rule in rules_of(edition.id) if rule.kind == "block_sum"]
    return all(result.status is RuleStatus.PASS for result in sums)


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
        section = section_of(edition, line)
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
    # Figures that are all the same stand so in any order; of others the sums tell the totals, not which is which.
    assumed = ("columns_assumed",) if len({value.text for value in rows[0]}) > 1 else ()
    cells = [read_cell(edition, code, value, flags=assumed) for code, value in zip(codes, rows[0], strict=True)]
    is_confirmed = _adds_up(edition, cells)
    # The sums hold in any order of the channels: what is left of their headers must not speak against the order.
    if is_confirmed and not _is_reordered(before):
        reading.note("header_incomplete", _TABLE, "headers lost; order confirmed by all three sums")
        reading.cells.extend(cells)
    else:
        reading.note("header_incomplete", _TABLE, "headers lost; the sums do not confirm the order")
        reading.cells.extend(withheld(cell.code, Fragment(cell.raw, cell.place), "header_lost") for cell in cells)
