"""Small made-up extractions: a report is written as its non-blank cells, everything else about it has a default."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pyarrow as pa

from extract.forms.declaration import load_forms
from extract.model import (
    Anomaly,
    CellReading,
    CellStatus,
    DocumentFormat,
    Extraction,
    ExtractionStatus,
    Place,
    ReportReading,
    Section,
)
from transform.coverage import PORTALS, UNREAD
from transform.extracted import ExtractedDocument
from transform.identity import Identity
from transform.population import no_population
from transform.renditions import build_renditions
from transform.schema.derive import empty
from transform.schema.tables import TABLES
from transform.steps import STEPS, steps_by_table

BLANK = "blank"
TEXT = "text"
WITHHELD = "withheld"
FETCHED = datetime(2026, 3, 1, tzinfo=UTC)

Values = Mapping[str, float | str]


@dataclass(frozen=True)
class Body:
    """A body for the tests: what `identify` would have found."""

    name: str
    kind: str = "department"
    level: str | None = "county"
    scope: str = "own"
    division_code: str | None = "341302"
    province: str | None = "安徽省"
    prefecture: str | None = "宿州市"
    county: str | None = "埇桥区"

    @property
    def issuer_id(self) -> str:
        return f"{self.division_code or 'nowhere'}-{self.name}"

    def identity(self) -> Identity:
        return Identity(
            issuer_id=self.issuer_id,
            issuer=self.name,
            issuer_kind=self.kind,
            level=self.level,
            scope=self.scope,
            scope_evidence="stated in the test",
            region_status="resolved" if self.division_code else "unresolved",
            region_evidence="stated in the test",
            division_code=self.division_code,
            province_code=f"{self.division_code[:2]}0000" if self.division_code else None,
            province=self.province,
            prefecture_code=f"{self.division_code[:4]}00" if self.division_code and self.prefecture else None,
            prefecture=self.prefecture,
            county_code=self.division_code if self.county else None,
            county=self.county,
        )


BUREAU = Body("埇桥区教育局")


def cell(code: str, value: float | str) -> CellReading:
    """One cell; a word of BLANK, TEXT, WITHHELD stands for a cell without a number."""
    place = Place(table=1, row=1, column=1)
    if isinstance(value, str):
        return CellReading(code, None, "" if value == BLANK else "增", CellStatus(value), place)
    return CellReading(code, value, f"{value:g}", CellStatus.REPORTED, place, unit="件")


def full_form(edition: str, values: Values, *, others: float | str = 0) -> dict[str, float | str]:
    """Every cell of the edition: `others` unless `values` says otherwise."""
    return {spec.code: others for spec in load_forms().editions[edition].cells} | dict(values)


def reading(values: Values, *, issuer: str | None, year: int | None, edition: str, **more: object) -> ReportReading:
    made = ReportReading(
        title=f"{issuer}{year}年政府信息公开工作年度报告",
        issuer=issuer,
        report_year=year,
        edition=edition,
        year_edition=edition,
        cells=tuple(cell(code, value) for code, value in values.items()),
        tables=("t3",),
        missing_tables=(),
        sections=(Section("s1", "一、总体情况", "本年无重大变化。", Place(line=2)),),
        published_date=date(year + 1, 1, 20) if year else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def document(
    values: Values,
    *,
    body: Body | None = BUREAU,
    year: int | None = 2022,
    edition: str = "E2021",
    name: str = "",
    kind: DocumentFormat = DocumentFormat.HTML,
    url: str | None = None,
    fetched_at: datetime | None = FETCHED,
    last_seen_at: datetime | None = None,
    anomalies: tuple[Anomaly, ...] = (),
) -> ExtractedDocument:
    """A document that was read as the report of a body."""
    label = f"{body.name if body else ''}-{year}-{name}"
    report = reading(values, issuer=body.name if body else None, year=year, edition=edition, anomalies=anomalies)
    return ExtractedDocument(
        sha256=sha256(label.encode()).hexdigest(),
        extraction=Extraction(ExtractionStatus.READ, kind, report),
        extractor_version="test-1",
        byte_count=1000,
        url=url or f"http://ogi.example.test/{label}.html",
        portal_id="test-portal",
        fetched_at=fetched_at,
        last_seen_at=last_seen_at,
    )


def unread(status: ExtractionStatus, code: str = "no_table", name: str = "x") -> ExtractedDocument:
    """A document that is no report."""
    return ExtractedDocument(
        sha256=sha256(f"unread-{name}".encode()).hexdigest(),
        extraction=Extraction(status, DocumentFormat.PDF, None, code, "No table was found: look at the page."),
        extractor_version="test-1",
        byte_count=10,
        url=f"http://ogi.example.test/{name}",
        fetched_at=FETCHED,
    )


class Year(dict[str, pa.Table]):
    """The tables of one year by name, each made when it is first asked for, as the pipeline would."""

    def __init__(
        self,
        documents: Iterable[ExtractedDocument],
        *,
        year: int,
        bodies: Iterable[Body] = (BUREAU,),
        previous_cells: pa.Table | None = None,
        previous: Mapping[str, pa.Table] | None = None,
        earlier: Mapping[str, pa.Table] | None = None,
        sources: Mapping[str, Any] | None = None,
    ) -> None:
        self._documents = list(documents)
        self._year = year
        self._identities = {body.name: body.identity() for body in bodies}
        self._previous = {**({"cells": previous_cells} if previous_cells is not None else {}), **(previous or {})}
        self._earlier = dict(earlier or {})
        self._sources = {
            "extractions": self._documents,
            "corrections": (),
            "verdicts": (),
            "population": no_population(),
            "fetches": empty(TABLES["ledger"]),
            "portals": PORTALS.empty_table(),
            "unread": UNREAD.empty_table(),
            **(sources or {}),
        }

    def _source(self, name: str) -> Any:
        return self._sources[name]

    def __missing__(self, table: str) -> pa.Table:
        step = steps_by_table()[table]
        if table == "renditions":
            self[table] = build_renditions(
                report_year=self._year,
                extractions=self._documents,
                identify_issuer=lambda _, found: self._identities[found.issuer or ""],
            )
        else:
            inputs = {name: self._source(name) for name in step.source_inputs}
            inputs |= {name: self[name] for name in step.table_inputs}
            previous = {name: self._previous.get(name, empty(TABLES[name])) for name in step.previous_year_inputs}
            earlier = {name: self._earlier.get(name, empty(TABLES[name])) for name in step.earlier_year_inputs}
            self[table] = step.run(inputs, report_year=self._year, previous=previous, earlier=earlier)
        return self[table]

    def every_table(self) -> dict[str, pa.Table]:
        return {step.table: self[step.table] for step in STEPS if step.by_year}


def row_of(table: pa.Table, **key: object) -> dict[str, object]:
    """The one row with these values."""
    (row,) = [row for row in table.to_pylist() if all(row[name] == value for name, value in key.items())]
    return row
