"""Rows, columns and crosswalk of the forms, laid out for joining with cells. All of it follows from the declaration."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from extract.forms.declaration import Edition, FormColumn, FormRow, load_forms
from extract.forms.rules import Term, crosswalk_terms
from transform.expressions import Expression

__all__ = [
    "E2014_MAPPINGS_FROM",
    "Mapped",
    "columns_table",
    "e2014_mappings",
    "hierarchy_table",
    "measure_expressions",
    "rows_table",
]

E2014_MAPPINGS_FROM = "E2019"
"""The edition whose cells say what an E2014 figure stands for: the first with the present items."""

_STRING = pa.string()
_ROW_SCHEMA = pa.schema(
    [("edition", _STRING), ("table", _STRING), ("row", _STRING), ("label", _STRING), ("en", _STRING), ("kind", _STRING)]
)
_COLUMN_SCHEMA = pa.schema([("edition", _STRING), ("table", _STRING), ("column", _STRING), ("label", _STRING)])
_HIERARCHY_SCHEMA = pa.schema([("table", _STRING), ("parent", _STRING), ("child", _STRING)])


def _rows_of(edition: Edition) -> Iterator[tuple[str, FormRow]]:
    for table in edition.tables:
        for block in table.blocks:
            for row in block.rows:
                yield table.id, row


def _columns_of(edition: Edition) -> Iterator[tuple[str, FormColumn]]:
    for table in edition.tables:
        for block in table.blocks:
            for column in block.columns:
                yield table.id, column


@lru_cache(maxsize=1)
def rows_table() -> pa.Table:
    """Each row code under each edition, as the edition words it; as the latest edition does where it has no such row.

    A report may print a row that belongs to another edition; it still needs its words.
    """
    editions = tuple(load_forms().editions.values())
    latest = {(table, row.code): row for edition in editions for table, row in _rows_of(edition)}
    rows = []
    for edition in editions:
        own = {(table, row.code): row for table, row in _rows_of(edition)}
        for (table, code), row in ({**latest, **own}).items():
            words = {"label": row.label, "en": row.en, "kind": row.kind}
            rows.append({"edition": edition.id, "table": table, "row": code, **words})
    return pa.Table.from_pylist(rows, schema=_ROW_SCHEMA)


@lru_cache(maxsize=1)
def columns_table() -> pa.Table:
    """Each column code under each edition, worded as in `rows_table`."""
    editions = tuple(load_forms().editions.values())
    latest = {(table, column.code): column for edition in editions for table, column in _columns_of(edition)}
    rows = []
    for edition in editions:
        own = {(table, column.code): column for table, column in _columns_of(edition)}
        for (table, code), column in ({**latest, **own}).items():
            rows.append({"edition": edition.id, "table": table, "column": code, "label": column.label})
    return pa.Table.from_pylist(rows, schema=_COLUMN_SCHEMA)


@lru_cache(maxsize=1)
def hierarchy_table() -> pa.Table:
    """Which row is printed under which, over all editions."""
    pairs = {
        (table, row.parent, row.code): None
        for edition in load_forms().editions.values()
        for table, row in _rows_of(edition)
        if row.parent
    }
    rows: list[dict[str, Any]] = [{"table": table, "parent": parent, "child": child} for table, parent, child in pairs]
    return pa.Table.from_pylist(rows, schema=_HIERARCHY_SCHEMA)


@lru_cache(maxsize=1)
def measure_expressions() -> tuple[Expression, ...]:
    """The crosswalk as expressions: one for each measure and edition that has it."""
    forms = load_forms()
    return tuple(
        Expression(entry.canonical, edition, terms)
        for entry in forms.crosswalk
        for edition in forms.editions
        if (terms := crosswalk_terms(edition, entry.canonical)) is not None
    )


@dataclass(frozen=True, slots=True)
class Mapped:
    """An E2014 figure and the cells of the present form whose sum it stands for."""

    measure: str
    source: Expression
    targets: tuple[str, ...]
    comparability: str


@lru_cache(maxsize=1)
def e2014_mappings() -> tuple[Mapped, ...]:
    """E2014 figures that the crosswalk ties to plain sums of cells of the present form."""
    return tuple(_mappings())


def _mappings() -> Iterator[Mapped]:
    for entry in load_forms().crosswalk:
        source = crosswalk_terms("E2014", entry.canonical)
        target = crosswalk_terms(E2014_MAPPINGS_FROM, entry.canonical)
        comparability = entry.comparability.get(f"E2014-{E2014_MAPPINGS_FROM}", "none")
        if source is None or target is None or not all(_is_plain(term) for term in target):
            continue
        expression = Expression(entry.canonical, "E2014", source)
        yield Mapped(entry.canonical, expression, tuple(term.cell for term in target), comparability)


def _is_plain(term: Term) -> bool:
    return term.coefficient == 1 and not term.previous_year and not term.instead_of and bool(term.cell)
