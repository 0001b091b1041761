"""Cells as columns say what the same cells say as objects, also after they were kept."""

from dataclasses import replace
from datetime import date

import pytest

from extract.api import to_json
from extract.model import (
    CellReading,
    CellStatus,
    Confidence,
    DocumentFormat,
    Extraction,
    ExtractionStatus,
    Place,
    ReportReading,
    Section,
)
from pipelines.packed import pack, unpack
from transform.cell_columns import CellColumns, StoredReading, columns_of

CELLS = (
    CellReading("t3.new_received.total", 3, "3", CellStatus.REPORTED, Place(page=1, box=(1.0, 2.5, 3.0, 4.0)), "件"),
    CellReading("t2.rules.issued", 2.0, "2.0", CellStatus.REPORTED, Place(line=4), flags=("read_twice", "other")),
    CellReading("t3.granted.total", None, "/", CellStatus.NOT_APPLICABLE, Place(table=1, row=2, column=3), implied=7),
    CellReading(
        "t4.total.total", None, "x\n1", CellStatus.WITHHELD, Place(), confidence=Confidence.DOUBTFUL,
        repair_hint="12 for 21", yuan=0.5,
    ),
)  # fmt: skip
REPORT = ReportReading(
    "某县2020年年度报告", "某县人民政府", 2020, "E2019", "E2019", CELLS, ("t3",), (),
    sections=(Section("s1", "一", "首行\n次行", Place(line=1)),), period=(date(2020, 1, 1), date(2020, 12, 31)),
)  # fmt: skip
READ = Extraction(ExtractionStatus.READ, DocumentFormat.PDF, REPORT, metadata={"title": "题\n目"}, place_text="a\nb")
NONE = Extraction(ExtractionStatus.NOT_A_REPORT, DocumentFormat.HTML, None, "no_report", "No report.")


@pytest.mark.parametrize(
    "cells", [CELLS, CELLS[:1], (), CELLS[:1] * 3, (CELLS[0], replace(CELLS[0], value=3.0))], ids=str
)
def test_what_was_packed_comes_back(cells: tuple[CellReading, ...]) -> None:
    extraction = replace(READ, report=replace(REPORT, cells=cells))
    found = unpack(pack(extraction))
    assert to_json(found) == to_json(extraction)
    assert found.report is not None
    assert found.report.cells == cells
    assert [type(cell.value) for cell in found.report.cells] == [type(cell.value) for cell in cells]
    assert pack(found) == pack(extraction)


def test_a_document_without_report_comes_back() -> None:
    assert unpack(pack(NONE)) == NONE


def test_a_stored_reading_is_a_reading() -> None:
    stored = unpack(pack(READ)).report
    assert isinstance(stored, StoredReading)
    assert len(columns_of(stored)) == len(CELLS)
    assert "cells" not in vars(stored)  # no object for a cell was made so far
    changed = replace(stored, cells=CELLS[:2])
    assert columns_of(changed).codes == [cell.code for cell in CELLS[:2]]
    assert stored.cells == CELLS
    assert stored == REPORT
    assert REPORT.__eq__(stored) is NotImplemented  # so that Python asks the stored one, whichever stands first
    assert stored != changed
    assert hash(stored) == hash(REPORT)


def test_counts_are_those_of_the_cells() -> None:
    columns = CellColumns.of(CELLS)
    assert columns.number_count == 2
    assert columns.doubtful_count == 1
    assert columns.readings() == CELLS
    assert columns_of(REPORT).values == columns.values
