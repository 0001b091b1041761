"""The bytes in which the cache keeps an extraction: its words as JSON, its cells as columns.

A column that says the same of every cell is written once. The same extraction always gives the same bytes.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from extract.api import from_json, to_json
from extract.model import Extraction
from transform.cell_columns import CELL_FIELDS, CellColumns, StoredReading, columns_of

__all__ = ["PACKING", "pack", "unpack"]

PACKING = "columns-1"
"""Names the form of the bytes: another form is another entry of the cache, never misread."""
# Fast enough to be lost in the cost of reading a document; level 9 saves another 3 % and takes three times as long.
_LEVEL = 6
_END_OF_WORDS = b"\n"
"""Between the two parts: JSON without indentation holds no line break."""


def pack(extraction: Extraction) -> bytes:
    """The extraction in the form in which it is kept."""
    report = extraction.report
    columns = b""
    if report is not None:
        columns = packed_columns(columns_of(report))
        extraction = replace(extraction, report=replace(report, cells=()))
    return packed_parts(to_json(extraction), columns, _LEVEL)


def packed_parts(words: bytes, columns: bytes, level: int) -> bytes:
    """The two parts in one."""
    return zlib.compress(words + _END_OF_WORDS + columns, level)


def packed_columns(columns: CellColumns) -> bytes:
    """The cells of a document as JSON."""
    same: dict[str, Any] = {}
    each: dict[str, Sequence[Any]] = {}
    for name in CELL_FIELDS:
        values = columns[name]
        if len(values) and _is_one(values):
            same[name] = values[0]
        else:
            each[name] = values
    told = {"count": len(columns), "same": same, "each": each}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def unpack(payload: bytes) -> Extraction:
    """The extraction that `pack` was given; its cells are made into objects when they are asked for."""
    words, _, columns = zlib.decompress(payload).partition(_END_OF_WORDS)
    extraction = from_json(words)
    if extraction.report is None:
        return extraction
    told = json.loads(columns)
    same = {name: [value] * told["count"] for name, value in told["same"].items()}
    report = StoredReading.of(extraction.report, CellColumns(same | told["each"]))
    return replace(extraction, report=report)


def _is_one(values: Sequence[Any]) -> bool:
    """Whether all values are one: 1 and 1.0 are two, as they are in JSON."""
    first, kind = values[0], type(values[0])
    return all(type(value) is kind and value == first for value in values)
