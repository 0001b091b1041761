"""The codes that stand in the tables: table `codes`."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from extract.forms.declaration import Edition, load_forms
from extract.forms.statements import load_statements
from transform.form_index import measure_expressions
from transform.rules.declared import load_rules
from transform.schema.codes import FLAG_MEANINGS
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES

__all__ = ["build_codes"]

_ANY_EDITION = "all"


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
    others = (rule for rule in load_rules() if edition.id in rule.editions)
    for order, rule in enumerate(others, start=len(edition.checks) + 1):
        yield _row(
            edition.id, "rule", rule.id, order, label_zh=rule.sentence_zh("…"), label_en=rule.sentence_en("…"),
            severity=rule.severity, definition=rule.describes, source=rule.source or None,
        )  # fmt: skip
    for order, entry in enumerate(forms.crosswalk, start=1):
        expression = getattr(entry, edition.id)
        if expression is not None:
            yield _row(
                edition.id, "measure", entry.canonical, order, label_zh=entry.zh, label_en=entry.en,
                unit="元" if entry.unit == "yuan" else "件", expression=expression, source=edition.name,
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
