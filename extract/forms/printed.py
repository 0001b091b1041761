"""What reading one statutory table gives, and how a printed cell becomes a reading."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from extract.forms.declaration import CellSpec, Edition
from extract.forms.lines import Fragment, Line
from extract.forms.values import ParsedValue, names_scale, parse_value, unit_in, yuan
from extract.model import Anomaly, CellReading, CellStatus, Confidence, Leftover

__all__ = ["TableReading", "altered", "confirm", "read_cell", "settle_copies", "withheld"]


@dataclass
class TableReading:
    """One statutory table as read. `cells` keeps the order of the form's rows as printed."""

    table: str
    cells: list[CellReading] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)

    def leave(self, line: Line, reason: str) -> None:
        """Keep a line of the table that no cell of the form took."""
        if line.text:
            self.leftovers.append(Leftover(line.text, reason, line.cells[0].place))

    def note(self, code: str, where: str, text: str) -> None:
        """Record an anomaly once."""
        anomaly = Anomaly(code, where, text)
        if anomaly not in self.anomalies:
            self.anomalies.append(anomaly)

    @property
    def is_found(self) -> bool:
        """Whether any cell of the table was printed."""
        return bool(self.cells)


def read_cell(
    edition: Edition, code: str, fragment: Fragment, *, header: str = "", flags: Sequence[str] = ()
) -> CellReading:
    """A printed cell of known place in the form. `header` may name the unit: of money, or a scale (万件)."""
    spec: CellSpec = edition.cell_by_code[code]
    value_type = spec.type
    parsed = parse_value(fragment.text, value_type)
    doubt = fragment.doubt
    all_flags = parsed.flags
    if flags or doubt:
        all_flags = (*flags, *all_flags, doubt) if doubt else (*flags, *all_flags)
    unit = parsed.unit
    in_yuan = None
    is_doubtful = bool(all_flags) and (bool(flags or doubt) or not _DOUBTFUL.isdisjoint(all_flags))
    if value_type == "amount":
        unit = unit or unit_in(header)
        in_yuan = yuan(parsed.value, unit)
        if parsed.value is not None and unit is None and parsed.value != 0:
            all_flags = (*all_flags, "unit_missing")
    else:
        if parsed.value and header and names_scale(header):
            # 12 under 万件 is no 12: what the figure counts by is not what the form counts by.
            parsed, is_doubtful, all_flags = ParsedValue(None, CellStatus.TEXT), True, (*all_flags, "unit_missing")
        unit = unit or spec.unit
    reading = _new(CellReading)
    _set_code(reading, spec.code)  # one text for all documents: its hash is known
    _set_value(reading, parsed.value)
    _set_raw(reading, fragment.text)
    _set_status(reading, parsed.status)
    _set_place(reading, fragment.place)
    _set_unit(reading, unit)
    _set_yuan(reading, in_yuan)
    _set_confidence(reading, Confidence.DOUBTFUL if is_doubtful else Confidence.READ)
    _set_flags(reading, all_flags)
    _set_implied(reading, None)
    _set_repair_hint(reading, None)
    return reading


_DOUBTFUL = frozenset({"split_digits", "invalid_count", "invalid_amount"})
# A frozen dataclass fills its slots through object.__setattr__, at twice the cost of the slots' own setters. A test
# holds that both ways give equal readings.
_new = object.__new__
_SETTERS = {field.name: CellReading.__dict__[field.name].__set__ for field in fields(CellReading)}
(
    _set_code, _set_value, _set_raw, _set_status, _set_place, _set_unit, _set_yuan, _set_confidence, _set_flags,
    _set_implied, _set_repair_hint,
) = _SETTERS.values()  # fmt: skip


def altered(reading: CellReading, **changes: Any) -> CellReading:
    """A copy with some fields changed: as dataclasses.replace makes it, in a third of the time."""
    copy = _new(CellReading)
    _set_code(copy, reading.code)
    _set_value(copy, reading.value)
    _set_raw(copy, reading.raw)
    _set_status(copy, reading.status)
    _set_place(copy, reading.place)
    _set_unit(copy, reading.unit)
    _set_yuan(copy, reading.yuan)
    _set_confidence(copy, reading.confidence)
    _set_flags(copy, reading.flags)
    _set_implied(copy, reading.implied)
    _set_repair_hint(copy, reading.repair_hint)
    for name, value in changes.items():
        _SETTERS[name](copy, value)
    return copy


def confirm(reading: CellReading) -> None:
    """Raise the confidence of a reading just made, before anyone else sees it: a copy costs as much as reading it."""
    _set_confidence(reading, Confidence.CONFIRMED)


def withheld(code: str, fragment: Fragment, flag: str) -> CellReading:
    """A printed cell whose place in the form is in doubt: the text is kept, no value is believed.

    A blank whose text is in doubt may hide a figure, and is withheld too.
    """
    status = CellStatus.WITHHELD if fragment.text or fragment.doubt else CellStatus.BLANK
    return CellReading(code, None, fragment.text, status, fragment.place, confidence=Confidence.DOUBTFUL, flags=(flag,))


def settle_copies(printed: Iterable[CellReading], reading: TableReading) -> Iterator[CellReading]:
    """One reading a cell, in the order first printed, of cells that a document may print more than once.

    Copies that agree are one; copies that differ are withheld. A wholly blank table beside a filled one is no copy, and
    a line whose columns cannot be told says nothing against one whose columns can, unless it prints other figures only.
    """
    cells = list(printed)
    filled = {cell.place.table for cell in cells if cell.raw}
    is_one_table = not filled or filled.issuperset([cell.place.table for cell in cells])
    if is_one_table and len({cell.code for cell in cells}) == len(cells):
        yield from cells
        return
    copies: dict[str, list[CellReading]] = {}
    for cell in cells:
        if filled and cell.place.table not in filled:
            reading.note("duplicate_table", reading.table, "a blank copy of the table is printed too")
            continue
        copies.setdefault(cell.code, []).append(cell)
    for code, found in copies.items():
        if len(found) == 1:
            yield found[0]
            continue
        told = [cell for cell in found if "column_shift" not in cell.flags] or found
        if any(_speaks_against(told[0], cell) for cell in found if cell not in told):
            told = found
        if len({(cell.value, cell.status) for cell in told}) == 1:
            if len(told) > 1:
                reading.note("duplicate_table", reading.table, "the table is printed more than once, alike")
            yield told[0]
        else:
            raw = " | ".join(cell.raw for cell in told)
            reading.note("conflicting_copies", code, raw)
            yield withheld(code, Fragment(raw, told[0].place), "conflicting_copies")


def _speaks_against(told: CellReading, other: CellReading) -> bool:
    """Whether the figures of a line whose columns cannot be told, and which should hold this figure, do not."""
    figures = {parse_value(part, "amount").value for part in other.raw.split("|")}
    return told.value is not None and figures != {None} and told.value not in figures
