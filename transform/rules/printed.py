"""Subtotals that a report prints in table 3 and the form does not have, as extraction left them over."""

from extract.forms.declaration import Edition, FormRow, load_forms
from extract.forms.labels import bare, variants_of
from extract.forms.values import parse_value
from extract.model import ReportReading

__all__ = ["printed_subtotals"]

_TABLE = "t3"
_ROW_SUBTOTAL = "printed_subtotal"
_COLUMN_SUBTOTAL = "applicant_subtotal"
_COLUMN = "subtotal"


def printed_subtotals(reading: ReportReading) -> list[str]:
    """Subtotals of table 3 as `t3.<group>.<column>=<figure>`, or `t3.<row>.subtotal=<figure>` for organisations.

    Only rows that print a whole number in every column are taken; what a torn row means cannot be told.
    """
    edition = load_forms().editions.get(reading.edition)
    if edition is None or _TABLE not in {table.id for table in edition.tables}:
        return []
    found: dict[str, float] = {}
    for left in reading.leftovers:
        if left.reason == _ROW_SUBTOTAL:
            found.update(_figures_of(edition, left.text))
    for anomaly in reading.anomalies:
        value = parse_value(anomaly.text, "count").value if anomaly.code == _COLUMN_SUBTOTAL else None
        if value is not None and anomaly.where.startswith(f"{_TABLE}."):
            found[f"{anomaly.where}.{_COLUMN}"] = float(value)
    return [f"{cell}={value:g}" for cell, value in sorted(found.items())]


def _figures_of(edition: Edition, text: str) -> dict[str, float]:
    """The figures of a line that prints a group's label and one figure for each column; else none."""
    columns = [column.code for column in edition.table(_TABLE).blocks[0].columns]
    words = text.split()
    figures = [parse_value(word, "count").value for word in words[-len(columns) :]]
    row = _group_named(edition, "".join(words[: -len(columns)]))
    if row is None or len(figures) != len(columns) or any(figure is None for figure in figures):
        return {}
    return {f"{_TABLE}.{row.code}.{code}": float(figure or 0) for code, figure in zip(columns, figures, strict=True)}


def _group_named(edition: Edition, label: str) -> FormRow | None:
    """The group that the end of a label names: words of the groups around it may stand before it."""
    wanted = bare(label)
    for row in edition.table(_TABLE).blocks[0].rows:
        is_group = row.kind == "group" and row.level > 1
        if is_group and any(wanted == name or wanted.endswith(name) for name in variants_of(row.label, row.variants)):
            return row
    return None
