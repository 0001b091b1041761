"""What people decided about figures and breaches: applied while the source is what it was, loudly stale afterwards.

Belongs here: the entries, the guard, what becomes of each (table `corrections`). Does not belong here: their files
(pipelines/corrections.py).

An entry names a document by its SHA-256, so that it survives reruns, rebuilds and other extractors. Its `expect` is
what was printed when the person looked: an entry whose `expect` no longer equals what is read changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.declaration import load_forms
from extract.forms.rules import RuleStatus
from extract.forms.values import yuan
from extract.model import CellReading, CellStatus
from transform.extracted import ExtractedDocument, chosen, hashes, reading_of
from transform.schema.codes import WarehouseFlag
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = [
    "CORRECTIONS_COLUMNS",
    "Correction",
    "Entry",
    "Verdict",
    "add_verdicts",
    "build_corrections",
    "correct_cells",
    "current_entries",
]

_APPLIED, _STALE, _UNMATCHED, _SUPERSEDED = "applied", "stale", "unmatched", "superseded"
CORRECTIONS_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "renditions": ("document_sha256", "report_id", "report_year", "is_primary"),
    "checks": ("report_id", "check_id", "status", "expected", "printed", "verdict_state"),
}
"""The columns of each argument that `build_corrections` looks at."""

_STATE_OF_VERDICT = {"holds": _APPLIED, "stale": _STALE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one entry of a file says. `document` is a SHA-256 or its start; `expect` holds what was read at the time.

    `file` and `number` say where it stands: the name of the file in its folder, and its place there from 1.
    """

    document: str
    reason: str
    author: str
    day: date
    expect: Mapping[str, float | str | None]
    file: str
    number: int

    @property
    def target(self) -> str:
        """What of the document it is about."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Entry):
    """A figure that a person read in the document. `expect` may hold `value` and `raw`."""

    cell: str
    value: float

    @property
    def target(self) -> str:
        """The cell."""
        return self.cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Entry):
    """What a person decided about a check. `expect` may hold `expected` and `printed`."""

    check: str
    verdict: str
    cell: str | None = None

    @property
    def target(self) -> str:
        """The check, and the cell where the entry names one."""
        return self.check if self.cell is None else f"{self.check} {self.cell}"


AnyEntry = TypeVar("AnyEntry", bound=Entry)


def current_entries(entries: Iterable[AnyEntry]) -> list[AnyEntry]:
    """Of entries about one thing the latest: by date, then by file and place in it. In order of document and target."""
    latest: dict[tuple[str, str], AnyEntry] = {}
    for entry in sorted(entries, key=lambda item: (item.day, item.file, item.number)):
        rivals = [key for key in latest if key[1] == entry.target and _same_start(key[0], entry.document)]
        for key in rivals:
            del latest[key]
        latest[entry.document, entry.target] = entry
    return [latest[key] for key in sorted(latest)]


def _same_start(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


# ---- corrections -----------------------------------------------------------------------------------------------------


def correct_cells(cells: pa.Table, corrections: Sequence[Correction]) -> pa.Table:
    """The table `cells` with corrected values in place, `raw` as printed, and the flag that says so.

    Where `expect` is not what is read, the value stays and the flag `correction_stale` tells.
    """
    if not corrections or cells.num_rows == 0:
        return cells
    changed: dict[int, dict[str, Any]] = {}
    named = cells.column("cell")
    for correction in current_entries(corrections):
        mask = pc.and_(
            pc.equal(named, correction.cell), pc.starts_with(cells.column("document_sha256"), correction.document)
        )
        for place in pc.indices_nonzero(mask).to_pylist():
            changed[place] = _corrected(cells.slice(place, 1).to_pylist()[0], correction)
    if not changed:
        return cells
    places = pa.array(list(changed), pa.int64())
    mask = pc.is_in(pa.array(range(cells.num_rows), pa.int64()), value_set=places)
    replaced = pa.Table.from_pylist(list(changed.values()), schema=cells.schema)
    key = [("report_id", "ascending"), ("cell", "ascending")]
    return pa.concat_tables([cells.filter(pc.invert(mask)), replaced]).sort_by(key).combine_chunks()


def _corrected(row: dict[str, Any], correction: Correction) -> dict[str, Any]:
    if not _is_as_expected(correction.expect, row["value"], row["raw"]):
        return {**row, "flags": [*row["flags"], WarehouseFlag.CORRECTION_STALE.value]}
    return {
        **row,
        "value": correction.value,
        "yuan": yuan(correction.value, row["unit"]) if _is_money(row) else None,
        "status": CellStatus.REPORTED.value,
        "flags": [*row["flags"], WarehouseFlag.CORRECTED_BY_PERSON.value],
        "implied": None,
        "repair_hint": None,
    }


def _is_money(row: Mapping[str, Any]) -> bool:
    spec = load_forms().editions[row["edition"]].cell_by_code.get(row["cell"])
    return spec is not None and spec.type == "amount"


def _is_as_expected(expect: Mapping[str, float | str | None], value: float | None, raw: str) -> bool:
    return ("value" not in expect or expect["value"] == value) and ("raw" not in expect or expect["raw"] == raw)


# ---- verdicts --------------------------------------------------------------------------------------------------------

_VERDICT_SCHEMA = pa.schema(
    [
        ("document", pa.string()), ("check_id", pa.string()), ("cell", pa.string()), ("verdict", pa.string()),
        ("verdict_reason", pa.string()), ("verdict_author", pa.string()), ("has_expected", pa.bool_()),
        ("expect_expected", pa.float64()), ("has_printed", pa.bool_()), ("expect_printed", pa.float64()),
        ("place", pa.int32()),
    ]
)  # fmt: skip
_WITH_VERDICTS = """
WITH found AS (
    SELECT c.report_id, c.check_id, v.*
    FROM checks c
    JOIN reports r USING (report_id)
    JOIN verdicts v ON v.check_id = c.check_id AND starts_with(r.document_sha256, v.document)
    WHERE v.cell IS NULL OR list_contains(c.cells, v.cell)
    QUALIFY row_number() OVER (PARTITION BY c.report_id, c.check_id ORDER BY v.place DESC) = 1
)
SELECT
    c.*, f.verdict, f.verdict_reason, f.verdict_author,
    CASE
        WHEN f.verdict IS NULL THEN NULL
        WHEN (NOT f.has_expected OR f.expect_expected IS NOT DISTINCT FROM c.expected)
            AND (NOT f.has_printed OR f.expect_printed IS NOT DISTINCT FROM c.printed) THEN 'holds'
        ELSE 'stale'
    END AS verdict_state
FROM checks c LEFT JOIN found f USING (report_id, check_id)
ORDER BY c.report_id, c.check_id
"""


def add_verdicts(checks: pa.Table, reports: pa.Table, verdicts: Sequence[Verdict]) -> pa.Table:
    """The checks with what people decided about them; `reports` has report_id and document_sha256."""
    if not verdicts:
        nothing = pa.nulls(checks.num_rows, pa.string())
        for name in ("verdict", "verdict_reason", "verdict_author", "verdict_state"):
            checks = checks.append_column(name, nothing)
        return checks
    rows = [
        {
            "document": item.document,
            "check_id": item.check,
            "cell": item.cell,
            "verdict": item.verdict,
            "verdict_reason": item.reason,
            "verdict_author": item.author,
            "has_expected": "expected" in item.expect,
            "expect_expected": item.expect.get("expected"),
            "has_printed": "printed" in item.expect,
            "expect_printed": item.expect.get("printed"),
            "place": place,
        }
        for place, item in enumerate(
            sorted(current_entries(verdicts), key=lambda item: (item.day, item.file, item.number))
        )
    ]
    tables = {
        "checks": checks,
        "reports": reports.select(["report_id", "document_sha256"]),
        "verdicts": pa.Table.from_pylist(rows, schema=_VERDICT_SCHEMA),
    }
    return run_sql(_WITH_VERDICTS, tables)


# ---- table `corrections` ---------------------------------------------------------------------------------------------


def build_corrections(
    *,
    corrections: Sequence[Correction],
    verdicts: Sequence[Verdict],
    extractions: Iterable[ExtractedDocument],
    renditions: pa.Table,
    checks: pa.Table,
) -> pa.Table:
    """One row for each entry of the files: what was read, what the person says, and whether it is applied."""
    entries: list[Entry] = [*corrections, *verdicts]
    if not entries:
        return from_rows(TABLES["corrections"], [])
    starts = tuple({entry.document for entry in entries})
    named = [sha256 for sha256 in hashes(extractions) if sha256.startswith(starts)]
    documents = {item.sha256: item for item in chosen(extractions, named)}
    speaking = _speaking(renditions, documents)
    decided = _decided(checks)
    current = {id(entry) for entry in (*current_entries(corrections), *current_entries(verdicts))}
    rows = []
    for entry in entries:
        matching = [sha for sha in documents if sha.startswith(entry.document)]
        row = _row_of(entry, matching, speaking)
        if len(matching) != 1:
            many = f"{len(matching)} documents begin with {entry.document}: name more of the SHA-256"
            row |= _state(_UNMATCHED, many if matching else f"no document begins with {entry.document}")
        elif isinstance(entry, Correction):
            is_speaking = speaking.get(matching[0], {}).get("is_primary", False)
            row |= _state_of_correction(entry, documents[matching[0]], is_speaking=is_speaking, row=row)
        elif isinstance(entry, Verdict):
            row |= _state_of_verdict(entry, row, decided)
        if id(entry) not in current:
            row |= _state(_SUPERSEDED, "a later entry speaks of the same")
        rows.append(row)
    return from_rows(TABLES["corrections"], rows)


def _speaking(renditions: pa.Table, documents: Mapping[str, ExtractedDocument]) -> dict[str, dict[str, Any]]:
    """The report that each of the documents carries, and whether it is the one that speaks for it."""
    columns = ["document_sha256", "report_id", "report_year", "is_primary"]
    wanted = pc.is_in(renditions.column("document_sha256"), value_set=pa.array(list(documents), pa.string()))
    return {row["document_sha256"]: row for row in renditions.select(columns).filter(wanted).to_pylist()}


def _decided(checks: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    columns = ["report_id", "check_id", "status", "expected", "printed", "verdict_state"]
    found = checks.select(columns).filter(pc.is_valid(checks.column("verdict_state")))
    return {(row["report_id"], row["check_id"]): row for row in found.to_pylist()}


def _row_of(entry: Entry, matching: Sequence[str], speaking: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The row as far as the entry alone tells it."""
    row: dict[str, Any] = dict.fromkeys(TABLES["corrections"].column_names)
    report = speaking.get(matching[0], {}) if len(matching) == 1 else {}
    row |= {
        "file": entry.file,
        "entry": entry.number,
        "entry_kind": "correction" if isinstance(entry, Correction) else "verdict",
        "document_named": entry.document,
        "document_sha256": matching[0] if len(matching) == 1 else None,
        "report_id": report.get("report_id"),
        "covered_year": report.get("report_year"),
        "correction_reason": entry.reason,
        "author": entry.author,
        "decided_on": entry.day,
    }
    if isinstance(entry, Correction):
        row |= {"cell": entry.cell, "value_corrected": entry.value}
        row |= {"value_expected": entry.expect.get("value"), "raw_expected": entry.expect.get("raw")}
    if isinstance(entry, Verdict):
        row |= {"check_id": entry.check, "cell": entry.cell, "verdict": entry.verdict}
    return row


def _state(state: str, reason: str | None = None) -> dict[str, Any]:
    return {"state": state, "state_reason": reason}


def _state_of_correction(
    entry: Correction, document: ExtractedDocument, *, is_speaking: bool, row: Mapping[str, Any]
) -> dict[str, Any]:
    if row["report_id"] is None:
        return _state(_UNMATCHED, "the document carries no report")
    reading = reading_of(document)
    cell = next((cell for cell in reading.cells if cell.code == entry.cell), None) if reading else None
    if cell is None:
        return _state(_UNMATCHED, f"nothing is read in {entry.cell} of this document")
    value = None if cell.value is None else float(cell.value)
    read: dict[str, Any] = {"value_read": value, "raw_read": cell.raw}
    if not _is_as_expected(entry.expect, value, cell.raw):
        return read | _state(_STALE, _read_otherwise(entry, cell))
    if not is_speaking:
        return read | _state(_STALE, "another document speaks for the report now: look whether it needs the correction")
    return read | _state(_APPLIED)


def _read_otherwise(entry: Correction, cell: CellReading) -> str:
    number = "no number" if cell.value is None else f"{cell.value:g}"
    expected = ", ".join(f"{name} {value!r}" for name, value in sorted(entry.expect.items()))
    return f"now read: {number} (printed {cell.raw!r}); the entry expects {expected}"


def _state_of_verdict(
    entry: Verdict, row: Mapping[str, Any], decided: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    if row["report_id"] is None:
        return _state(_UNMATCHED, "the document carries no report")
    check = decided.get((row["report_id"], entry.check))
    if check is None:
        return _state(_STALE, f"the report has no check {entry.target} now, or another document speaks for it")
    state = _STATE_OF_VERDICT[check["verdict_state"]]
    if state == _STALE and check["status"] in (RuleStatus.PASS, RuleStatus.ASSUMED_ZERO):
        return _state(_SUPERSEDED, "the check holds now: there is nothing left to decide")
    if state == _STALE:
        found = f"expected {check['expected']}, printed {check['printed']}"
        return _state(state, f"the check now says: {found}")
    return _state(state)
