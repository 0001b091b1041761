"""The statistics table of 2014 to 2018 (政府信息公开情况统计表, 国办发〔2014〕32号): one indicator a line.

Regional versions add columns (by tier, or cumulative over the years) and use labels of their own; a line whose column
cannot be told is withheld.
"""

import re
from collections.abc import Iterator, Sequence

from extract.forms.declaration import Edition
from extract.forms.labels import compact
from extract.forms.lines import Fragment, Line
from extract.forms.printed import TableReading, read_cell, withheld
from extract.model import CellReading

__all__ = ["read_indicators"]

_TABLE = "st"
_UNITS = frozenset({"条", "件", "次", "篇", "万元", "元", "个", "人", "人次", "—", "-", ""})
_HEADER_WORDS = frozenset({"统计指标", "指标名称", "指标", "统计项目"})
_CUMULATIVE = ("累计", "历年")
_CURRENT = re.compile(r"^(?:20\d\d年(?:度)?|统计数|数量|数据|合计|总计|本年(?:度)?(?:累计)?|填报数)$")


def read_indicators(edition: Edition, lines: Sequence[Line]) -> TableReading:
    """Read the statistics table from the printed lines of a document."""
    reading = TableReading(_TABLE)
    index = edition.table(_TABLE).blocks[0].rows_by_label
    section: str | None = None
    header: tuple[str, ...] = ()
    collecting = False
    found: dict[str, CellReading] = {}
    for line in lines:
        texts = [compact(cell.text) for cell in line.cells if cell.text]
        if _HEADER_WORDS & set(texts):
            header, collecting = (), True
        if collecting:
            header = (*header, *_value_headers(texts))
        for start, cell in enumerate(line.cells):
            rows = index.get(cell.label)
            if not rows:
                continue
            collecting = False
            row = rows[0] if len(rows) == 1 else next((r for r in rows if r.parent == section), rows[0])
            if row.level == 1:
                section = row.code
            values = [other for other in line.cells[start + 1 :] if other.is_value or compact(other.text) in _UNITS]
            unit = next((compact(v.text) for v in values if compact(v.text) in _UNITS - {"", "-", "—"}), "")
            numbers = [value for value in values if compact(value.text) not in _UNITS or value.is_blank]
            if row.kind == "group" or not values:
                break
            code = f"{_TABLE}.{row.code}.value"
            reading_of_row = _read(edition, code, numbers, header, unit)
            if reading_of_row is not None:
                found.setdefault(code, reading_of_row)
            break
    reading.cells.extend(found.values())
    return reading


def _value_headers(texts: Sequence[str]) -> Iterator[str]:
    """The headers of figure columns among the printed texts of a header line, left to right."""
    for text in texts:
        if len(text) < 20 and (_CURRENT.match(text) or any(mark in text for mark in _CUMULATIVE)):
            yield text


def _read(
    edition: Edition, code: str, numbers: Sequence[Fragment], header: Sequence[str], unit: str
) -> CellReading | None:
    if not numbers:
        return None
    if len(numbers) == 1:
        return read_cell(edition, code, numbers[0], header=unit)
    current = [position for position, name in enumerate(header) if not any(mark in name for mark in _CUMULATIVE)]
    if len(header) == len(numbers) and len(current) == 1:
        return read_cell(edition, code, numbers[current[0]], header=unit)
    raw = Fragment(" | ".join(number.text for number in numbers), numbers[0].place)
    return withheld(code, raw, "column_unknown")
