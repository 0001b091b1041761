"""The dimensions: tables `regions`, `issuers`, `codes`."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from extract.forms.declaration import Edition, load_forms
from extract.forms.statements import load_statements
from transform.form_index import measure_expressions
from transform.regions.gazetteer import Division, Gazetteer, Level, load_gazetteer
from transform.schema.codes import FLAG_MEANINGS
from transform.schema.derive import conform, from_rows
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["build_codes", "build_issuers", "build_regions"]

_REGION_LEVELS = (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP)
_ANY_EDITION = "all"

# The latest report speaks for the body: bodies are renamed, promoted and moved to another division.
_ISSUERS = """
WITH latest AS (
    SELECT *, row_number() OVER (PARTITION BY issuer_id ORDER BY report_year DESC, report_id) AS place FROM reports
),
seen AS (
    SELECT
        issuer_id, list(DISTINCT issuer ORDER BY issuer) AS names, min(report_year) AS first_year,
        max(report_year) AS last_year, count(*) AS report_count
    FROM reports GROUP BY issuer_id
)
SELECT
    l.issuer_id, l.issuer, s.names, l.issuer_kind, l.level, l.province_code, l.province, l.prefecture_code,
    l.prefecture, l.county_code, l.county, l.township, l.division_code, l.region_status, s.first_year, s.last_year,
    s.report_count
FROM latest l JOIN seen s USING (issuer_id)
WHERE l.place = 1
ORDER BY l.issuer_id
"""


def build_issuers(*, reports: pa.Table) -> pa.Table:
    """Every body that has reported, as its latest report names and places it."""
    return conform(TABLES["issuers"], run_sql(_ISSUERS, {"reports": reports}))


def build_regions() -> pa.Table:
    """Every division of the gazetteer with the units above it."""
    gazetteer = load_gazetteer()
    return from_rows(TABLES["regions"], _region_rows(gazetteer))


def _region_rows(gazetteer: Gazetteer) -> Iterator[dict[str, Any]]:
    for division in _every_division(gazetteer):
        chain = {found.level: found for found in (division, *gazetteer.ancestors(division.code))}
        row: dict[str, Any] = {
            "division_code": division.code,
            "region": division.name,
            "level": division.level.value,
            "is_zone": division.is_zone,
            "parent_code": division.parent if division.level is not Level.PROVINCE else None,
        }
        for level in (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY):
            found = chain.get(level)
            row[f"{level.value}_code"] = found.code if found else None
            row[level.value] = found.name if found else None
        yield row


def _every_division(gazetteer: Gazetteer) -> Iterator[Division]:
    waiting = [division for division in gazetteer.divisions.values() if division.level is Level.PROVINCE]
    while waiting:
        division = waiting.pop()
        yield division
        waiting.extend(gazetteer.children(division.code))


def build_codes() -> pa.Table:
    """Every code that stands in a table, with its words, unit, definition and how it compares over editions."""
    forms = load_forms()
    rows = [row for edition in forms.editions.values() for row in _edition_rows(edition)]
    for order, anomaly in enumerate(forms.anomaly_codes, start=1):
        rows.append(
            _row(_ANY_EDITION, "anomaly", anomaly.code, order, severity=anomaly.severity, definition=anomaly.meaning)
        )
    for order, statement in enumerate(load_statements(), start=1):
        rows.append(
            _row(
                _ANY_EDITION,
                "statement",
                statement.code,
                order,
                label_zh=statement.label,
                label_en=statement.en,
                parent=statement.code.split(".")[0],
                unit=statement.unit[0],
                value_type="amount" if "元" in statement.unit else "count",
            )
        )
    known = {anomaly.code for anomaly in forms.anomaly_codes}
    for order, (flag, (severity, meaning)) in enumerate(FLAG_MEANINGS.items(), start=len(forms.anomaly_codes) + 1):
        if flag.value not in known:
            rows.append(_row(_ANY_EDITION, "anomaly", flag.value, order, severity=severity, definition=meaning))
    return from_rows(TABLES["codes"], rows)


def _edition_rows(edition: Edition) -> Iterator[dict[str, Any]]:
    forms = load_forms()
    for order, section in enumerate(edition.sections, start=1):
        yield _row(edition.id, "section", section.code, order, label_zh=section.title, source=edition.name)
    for order, table in enumerate(edition.tables, start=1):
        yield _row(
            edition.id, "table", table.id, order, label_zh=table.title, parent=table.section, source=edition.name
        )
    yield from _unique(_row_codes(edition))
    yield from _unique(_column_codes(edition))
    yield from _cell_codes(edition)
    for order, check in enumerate(edition.checks, start=1):
        yield _row(
            edition.id, "rule", check.id, order, label_zh=check.zh, label_en=check.en, severity=check.severity,
            definition=check.note or None, expression=check.expr, source=edition.name,
        )  # fmt: skip
    for order, entry in enumerate(forms.crosswalk, start=1):
        expression = getattr(entry, edition.id)
        if expression is not None:
            yield _row(
                edition.id, "measure", entry.canonical, order, expression=expression, source=edition.name,
                comparability_notes=[f"{pair}: {how}" for pair, how in entry.comparability.items()],
            )  # fmt: skip


def _unique(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows whose code is new: a column such as `change` stands in several blocks of one table."""
    seen: set[str] = set()
    for row in rows:
        if row["code"] not in seen:
            seen.add(row["code"])
            yield row


def _row_codes(edition: Edition) -> Iterator[dict[str, Any]]:
    order = 0
    for table in edition.tables:
        for block in table.blocks:
            for row in block.rows:
                order += 1
                has_parent = row.parent in {other.code for other in block.rows}
                yield _row(
                    edition.id, "row", f"{table.id}.{row.code}", order, label_zh=row.label, label_en=row.en or None,
                    parent=f"{table.id}.{row.parent}" if has_parent else table.id, value_type=row.type, unit=row.unit,
                    row_kind=row.kind, definition=row.note or None, source=edition.name,
                )  # fmt: skip


def _column_codes(edition: Edition) -> Iterator[dict[str, Any]]:
    order = 0
    for table in edition.tables:
        for block in table.blocks:
            for column in block.columns:
                order += 1
                yield _row(
                    edition.id, "column", f"{table.id}.{column.code}", order, label_zh=column.label,
                    label_en=column.en or None, parent=table.id, value_type=column.type, unit=column.unit,
                    definition=column.note or None, source=edition.name,
                )  # fmt: skip


def _cell_codes(edition: Edition) -> Iterator[dict[str, Any]]:
    measures = _measures_by_cell(edition)
    for order, cell in enumerate(edition.cell_by_code.values(), start=1):
        yield _row(
            edition.id, "cell", cell.code, order, label_zh=f"{cell.row_label}：{cell.column_label}",
            label_en=cell.en or None, parent=cell.table, value_type=cell.type, unit=cell.unit, source=edition.name,
            crosswalk=measures.get(cell.code, []),
        )  # fmt: skip


def _measures_by_cell(edition: Edition) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for expression in measure_expressions():
        if expression.edition == edition.id:
            for term in expression.left:
                found.setdefault(term.cell, []).append(expression.id)
    return found


def _row(edition: str, kind: str, code: str, order: int, **words: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(TABLES["codes"].column_names)
    row.update(edition=edition, code_kind=kind, code=code, print_order=order, crosswalk=[], comparability_notes=[])
    row.update(words)
    return row
