"""What follows from the declaration of a table: Arrow schema, conformity, comments, data package, dictionary.

Belongs here: nothing that names a particular table or column. A new column needs no change in this module.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.declaration import load_forms
from transform.rules.declared import load_rules
from transform.schema.columns import Column, Unit
from transform.schema.order import in_order, neighbours_differ, sorted_by
from transform.schema.tables import TABLES, WARNINGS, Table

__all__ = [
    "SchemaViolation",
    "arrow_schema",
    "column_words",
    "comment_sql",
    "conform",
    "data_dictionary_markdown",
    "datapackage",
    "datapackage_json",
    "empty",
    "from_rows",
    "tables_markdown",
    "violations",
]

_LICENCE_NOTE = "Figures published by Chinese administrative bodies under the open-government-information regulation."
_EXAMPLES_SHOWN = 3
_FRICTIONLESS_TYPES = {
    "string": "string",
    "int32": "integer",
    "int64": "integer",
    "float64": "number",
    "bool": "boolean",
    "date": "date",
    "timestamp": "datetime",
    "list<string>": "array",
}


class SchemaViolation(ValueError):
    """A table that is not as declared. `table` names it, `problems` has one sentence for each breach."""

    def __init__(self, table: str, problems: Sequence[str]) -> None:
        super().__init__(f"table {table}: " + "; ".join(problems))
        self.table = table
        self.problems = tuple(problems)


def arrow_schema(table: Table) -> pa.Schema:
    """The Arrow schema of the table, its columns in declared order."""
    return pa.schema([pa.field(column.name, column.arrow_type, column.is_nullable) for column in table.columns])


def empty(table: Table) -> pa.Table:
    """The table without rows."""
    return arrow_schema(table).empty_table()


def from_rows(table: Table, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The rows as a conforming table. A row that lacks a column, or has one too many, is refused."""
    listed = list(rows)
    names = set(table.column_names)
    for row in listed:
        if row.keys() != names:
            problems = [f"a row lacks the column {name}" for name in sorted(names - row.keys())]
            problems += [f"a row has the undeclared column {name}" for name in sorted(row.keys() - names)]
            raise SchemaViolation(table.name, problems)
    arrays = []
    for column in table.columns:
        try:
            arrays.append(pa.array([row[column.name] for row in listed], type=column.arrow_type))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise SchemaViolation(
                table.name, [f"column {column.name} does not hold {column.dtype}: {error}"]
            ) from error
    loose = pa.table(arrays, names=list(table.column_names))
    return conform(table, loose)


def conform(table: Table, data: pa.Table) -> pa.Table:
    """The data with declared column order, types and row order. Raises SchemaViolation where that cannot be had."""
    declared, there = table.column_names, data.column_names
    missing = [name for name in declared if name not in there]
    extra = [name for name in there if name not in declared]
    if missing or extra:
        problems = [f"the column {name} is missing" for name in missing]
        problems += [f"the column {name} is not declared" for name in extra]
        raise SchemaViolation(table.name, problems)
    arrays = []
    for column in table.columns:
        try:
            arrays.append(data.column(column.name).cast(column.arrow_type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise SchemaViolation(
                table.name, [f"column {column.name} does not hold {column.dtype}: {error}"]
            ) from error
    typed = sorted_by(pa.table(arrays, names=list(declared)).combine_chunks(), table.sort_by)
    if problems := violations(table, typed):
        raise SchemaViolation(table.name, problems)
    return typed.combine_chunks().cast(arrow_schema(table))


def violations(table: Table, data: pa.Table) -> list[str]:
    """What breaks the declaration, one sentence each: duplicate keys, nulls, unknown codes, numbers out of range."""
    problems = []
    for column in table.columns:
        if column.name not in data.column_names:
            problems.append(f"the column {column.name} is missing")
            continue
        problems += _column_violations(column, data.column(column.name))
    if not problems:
        problems += _duplicate_keys(table, data)
    return problems


def _column_violations(column: Column, values: pa.ChunkedArray) -> list[str]:
    problems = []
    if values.null_count and not column.is_nullable:
        problems.append(f"column {column.name} has {values.null_count} nulls, and null is not allowed")
    if column.values and len(values):
        unknown = pc.unique(values.filter(pc.invert(pc.is_in(values, value_set=pa.array(column.values)))).drop_null())
        if len(unknown):
            shown = ", ".join(repr(value) for value in sorted(unknown.to_pylist())[:_EXAMPLES_SHOWN])
            problems.append(f"column {column.name} holds the undeclared code {shown}")
    if column.minimum is not None and len(values):
        problems += _out_of_range(column, values, pc.less(values, column.minimum), f"below {column.minimum:g}")
    if column.maximum is not None and len(values):
        problems += _out_of_range(column, values, pc.greater(values, column.maximum), f"above {column.maximum:g}")
    return problems


def _out_of_range(column: Column, values: pa.ChunkedArray, mask: pa.ChunkedArray, how: str) -> list[str]:
    outside = values.filter(pc.fill_null(mask, False))
    return [f"column {column.name} holds {outside[0].as_py()}, {how}"] if len(outside) else []


def _duplicate_keys(table: Table, data: pa.Table) -> list[str]:
    key = list(table.primary_key)
    if data.num_rows < 2 or _is_unique_by_order(table, data):
        return []
    counted = data.select(key).group_by(key).aggregate([([], "count_all")])
    if counted.num_rows == data.num_rows:
        return []
    twice = counted.filter(pc.greater(counted.column("count_all"), 1)).sort_by([(name, "ascending") for name in key])
    shown = ", ".join(f"{name} {twice.column(name)[0].as_py()}" for name in key)
    return [f"the key ({', '.join(key)}) is not unique: {twice.num_rows} repeated, first {shown}"]


def _is_unique_by_order(table: Table, data: pa.Table) -> bool:
    """Whether the row order alone shows that the key is unique; False where it shows nothing."""
    order = [name for name in table.sort_by if name != table.partition]
    if set(order) != set(table.primary_key) - {table.partition}:
        return False
    return in_order(data, order) and neighbours_differ(data, order)


def comment_sql(table: Table, *, kind: str = "VIEW") -> tuple[str, ...]:
    """DuckDB statements that put the declaration's words on a view or table of the same name."""
    if kind not in ("VIEW", "TABLE"):
        raise ValueError(f"comments go on a VIEW or a TABLE, not on a {kind}")
    warnings = " ".join(WARNINGS[warning] for warning in table.usage_warnings)
    about = f"{table.summary} One row: {table.grain}. {warnings}".strip()
    statements = [f"COMMENT ON {kind} {_quoted(table.name)} IS {_literal(about)}"]
    statements += [
        f"COMMENT ON COLUMN {_quoted(table.name)}.{_quoted(column.name)} IS {_literal(_comment(column))}"
        for column in table.columns
    ]
    return tuple(statements)


def _comment(column: Column) -> str:
    parts = [f"{column.title_zh}. {column.description}"]
    if column.unit is not Unit.NONE:
        parts.append(f"Unit: {column.unit.value}.")
    if column.values:
        parts.append("Values: " + "; ".join(_value_words(column)) + ".")
    if column.null_means:
        parts.append(f"Null: {column.null_means}.")
    if column.source:
        parts.append(f"Source: {column.source}.")
    return " ".join(parts)


def _value_words(column: Column) -> list[str]:
    return [
        f"{value} ({column.value_notes[value]})" if value in column.value_notes else value for value in column.values
    ]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def datapackage(paths: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The Frictionless description of the warehouse; `paths` gives the files of each table that exists.

    Without `paths`, every table is described with the pattern under which its files lie.
    """
    return {
        "profile": "data-package",
        "name": "ogi-warehouse",
        "title": "China's open-government-information annual reports (政府信息公开工作年度报告)",
        "description": _LICENCE_NOTE + " Null is never 0. Read the usage warnings of each table.",
        "resources": [_resource(table, paths) for table in TABLES.values() if paths is None or paths.get(table.name)],
    }


_MEDIA_TYPES = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv"}


def _resource(table: Table, paths: Mapping[str, Sequence[str]] | None) -> dict[str, Any]:
    pattern = f"{table.name}/{table.partition}=*/*.parquet" if table.partition else f"{table.name}/*.parquet"
    kind = "csv" if paths is not None and paths[table.name][0].endswith(".csv") else "parquet"
    return {
        "name": table.name.replace("_", "-"),
        "title": table.name,
        "description": table.summary,
        "path": sorted(paths[table.name]) if paths is not None else pattern,
        "format": kind,
        "mediatype": _MEDIA_TYPES[kind],
        "grain": table.grain,
        "usage_warnings": [WARNINGS[warning] for warning in table.usage_warnings],
        "schema": {"fields": [_field(column) for column in table.columns], "primaryKey": list(table.primary_key)},
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": not column.is_nullable}
    if column.values:
        constraints["enum"] = list(column.values)
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.maximum is not None:
        constraints["maximum"] = column.maximum
    described: dict[str, Any] = {
        "name": column.name,
        "type": _FRICTIONLESS_TYPES[column.dtype],
        "title": column.title_zh,
        "description": column.description,
        "unit": column.unit.value,
        "constraints": constraints,
    }
    if column.null_means:
        described["null_means"] = column.null_means
    if column.source:
        described["source"] = column.source
    if column.value_notes:
        described["value_notes"] = dict(column.value_notes)
    return described


def data_dictionary_markdown() -> str:
    """The data dictionary as Markdown: every table, column, unit, meaning of null, and every rule."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `transform/schema/`, `extract/forms/` and `transform/rules/`. Do not edit.",
        "",
        _LICENCE_NOTE,
        "A null is never 0. A table that lies in folders `report_year=…` is partitioned by report year.",
        "",
        "| table | one row is | |",
        "|---|---|---|",
    ]
    lines += [f"| [`{table.name}`](#{table.name}) | {table.grain} | {table.summary} |" for table in TABLES.values()]
    for table in TABLES.values():
        lines += ["", *_table_markdown(table)]
    lines += ["", *_rules_markdown()]
    return "\n".join(lines) + "\n"


def tables_markdown(tables: Sequence[Table]) -> str:
    """The dictionary of some tables alone, as it goes with an export."""
    lines = ["# Data dictionary", "", _LICENCE_NOTE, "A null is never 0."]
    for table in tables:
        lines += ["", *_table_markdown(table)]
    return "\n".join(lines) + "\n"


def _table_markdown(table: Table) -> list[str]:
    lines = [f"## {table.name}", "", table.summary, "", f"One row: {table.grain}. Key: {_listed(table.primary_key)}."]
    if table.usage_warnings:
        lines += ["", *(f"- **Beware.** {WARNINGS[warning]}" for warning in table.usage_warnings)]
    lines += ["", "| column | type | unit | 名称 | meaning | null means |", "|---|---|---|---|---|---|"]
    for column in table.columns:
        cells = (
            f"`{column.name}`", column.dtype, column.unit.value, column.title_zh, column_words(column),
            column.null_means or "never null",
        )  # fmt: skip
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def column_words(column: Column) -> str:
    """What a column means, with its codes and its source."""
    meaning = column.description
    if column.values:
        meaning += " Values: " + "; ".join(_value_words(column)) + "."
    if column.source:
        meaning += f" Source: {column.source}."
    return meaning


def _rules_markdown() -> list[str]:
    lines = [
        "## Rules", "", "Arithmetic of the forms (勾稽关系), as tested in `checks`.", "",
        "| edition | rule | severity | 说明 | meaning | expression |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for edition in load_forms().editions.values():
        for check in edition.checks:
            cells = (edition.id, f"`{check.id}`", check.severity, check.zh, check.en, f"`{check.expr}`")
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += [
        "", "Other rules, on the report as a whole, its prose, its dates, other reports, as tested in `checks`.", "",
        "| editions | rule | kind | severity | 说明 | meaning |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for rule in load_rules():
        words = (
            ", ".join(rule.editions), f"`{rule.id}`", rule.published_kind, rule.severity, rule.sentence_zh("…"),
            rule.sentence_en("…"),
        )  # fmt: skip
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in words) + " |")
    return lines


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def datapackage_json(paths: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """`datapackage` as stable UTF-8 JSON."""
    return (json.dumps(datapackage(paths), ensure_ascii=False, indent=2) + "\n").encode()
