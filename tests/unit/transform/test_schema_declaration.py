"""The declaration of columns and tables, and what derives from it."""

import json

import duckdb
import pyarrow as pa
import pytest

from extract.forms.declaration import load_forms
from transform.schema import columns
from transform.schema.columns import Column, Unit
from transform.schema.derive import (
    SchemaViolation,
    arrow_schema,
    comment_sql,
    conform,
    data_dictionary_markdown,
    datapackage,
    datapackage_json,
    empty,
    from_rows,
    violations,
)
from transform.schema.tables import EXTRACT_CELLS, EXTRACT_REPORTS, MEASURES, RATES, TABLES, WARNINGS, Table

ALL_TABLES = (*TABLES.values(), EXTRACT_CELLS, EXTRACT_REPORTS)
ALL_COLUMNS = [(table, column) for table in ALL_TABLES for column in table.columns]
COUNT = Column("count", "int64", Unit.REPORT, "数量", "How many.", "none counted", minimum=0)
NAME = Column("name", "string", Unit.NONE, "名称", "What it is called.", values=("a", "b"))
SMALL = Table("small", "A table for tests.", "name", (NAME, COUNT), ("name",), ("name",))


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_every_column_says_what_it_is_and_has_a_unit_or_states_none(table: Table):
    for column in table.columns:
        assert isinstance(column.unit, Unit), column.name
        assert column.title_zh, column.name
        assert column.description.endswith("."), column.name


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_numbers_that_count_something_have_a_unit(table: Table):
    plain_numbers = {"report_year", "first_year", "last_year", "print_order", "section_order", "status_code"}
    plain_numbers |= {"statement_order", "version_number", "valid_from_year", "valid_to_year"}
    plain_numbers |= {"declared_from", "declared_to", "covered_year"}  # years
    plain_numbers |= {"entry"}  # a place in a file
    for column in table.columns:
        if column.dtype in ("int32", "int64", "float64") and column.name not in plain_numbers:
            assert column.unit is not Unit.NONE, column.name


def test_a_column_name_means_one_type_everywhere():
    types: dict[str, set[str]] = {}
    for _, column in ALL_COLUMNS:
        types.setdefault(column.name, set()).add(column.dtype)
    mixed = {name: found for name, found in types.items() if len(found) > 1}
    assert mixed == {}


def test_every_declared_column_is_used():
    declared = {value.name for value in vars(columns).values() if isinstance(value, Column)}
    used = {column.name for _, column in ALL_COLUMNS}
    assert declared - used == set()


def test_every_warning_is_used():
    assert set(WARNINGS) == {warning for table in ALL_TABLES for warning in table.usage_warnings}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_a_table_that_grows_is_sorted_by_year_first(table: Table):
    if table.partition:
        assert table.partition == "report_year"
        assert table.sort_by[0] == "report_year"


def test_what_ogi_extract_writes_stands_under_the_same_names_in_the_warehouse():
    assert set(EXTRACT_CELLS.column_names) <= set(TABLES["cells"].column_names)
    outside = set(EXTRACT_REPORTS.column_names) - set(TABLES["reports"].column_names)
    assert outside == {"reason_code"}


CELLS_PROMISED = "document cell table row column value unit raw status confidence flags place"
REPORTS_PROMISED = (
    "document status reason title issuer report_year edition scope province prefecture county township division_code "
    "region_status checks"
)


def test_extract_tables_have_the_columns_promised():
    names = " ".join(name for name in EXTRACT_CELLS.column_names if name != "yuan")
    assert names == f"{CELLS_PROMISED} implied repair_hint"
    assert " ".join(EXTRACT_REPORTS.column_names).startswith(REPORTS_PROMISED)


def test_measures_are_those_of_the_crosswalk():
    assert list(MEASURES) == [entry.canonical for entry in load_forms().crosswalk]
    assert set(MEASURES) <= set(TABLES["region_year"].column_names)


def test_every_rate_has_numerator_and_denominator_beside_it():
    names = TABLES["region_year"].column_names
    for rate in RATES:
        place = names.index(rate.name)
        assert names[place + 1 : place + 3] == (f"{rate.name}_numerator", f"{rate.name}_denominator")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"columns": (NAME, NAME)}, "declared twice"),
        ({"primary_key": ("nobody",)}, "not among its columns"),
        ({"primary_key": ("count",)}, "allows null"),
        ({"usage_warnings": ("unheard_of",)}, "not declared"),
    ],
)
def test_a_contradictory_declaration_is_refused(changes: dict[str, object], sentence: str):
    parts = {"columns": (NAME, COUNT), "primary_key": ("name",), "sort_by": (), "usage_warnings": ()} | changes
    with pytest.raises(ValueError, match=sentence):
        Table("small", "A table.", "name", **parts)


def test_conform_orders_casts_and_sorts():
    loose = pa.table({"count": pa.array([2, 1], pa.int8()), "name": ["b", "a"]})
    made = conform(SMALL, loose)
    assert made.schema == arrow_schema(SMALL)
    assert made.to_pylist() == [{"name": "a", "count": 1}, {"name": "b", "count": 2}]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": ["a"]}, "the column count is missing"),
        ({"name": ["a"], "count": [1], "more": [1]}, "the column more is not declared"),
        ({"name": ["a", "a"], "count": [1, 2]}, r"the key \(name\) is not unique: 1 repeated, first name a"),
        ({"name": [None], "count": [1]}, "null is not allowed"),
        ({"name": ["c"], "count": [1]}, "undeclared code 'c'"),
        ({"name": ["a"], "count": [-1]}, "holds -1, below 0"),
        ({"name": ["a"], "count": [1.5]}, "does not hold int64"),
    ],
)
def test_what_is_not_as_declared_is_refused_with_a_sentence(data: dict[str, list[object]], sentence: str):
    with pytest.raises(SchemaViolation, match=sentence):
        conform(SMALL, pa.table(data))


def test_violations_are_listed_and_not_raised():
    assert violations(SMALL, pa.table({"name": ["a"], "count": pa.array([None], pa.int64())})) == []
    assert len(violations(SMALL, pa.table({"name": ["c"], "count": [-1]}))) == 2


def test_rows_must_have_exactly_the_declared_columns():
    with pytest.raises(SchemaViolation, match="lacks the column count"):
        from_rows(SMALL, [{"name": "a"}])
    assert from_rows(SMALL, []) == empty(SMALL)


@pytest.mark.parametrize("kind", ["VIEW", "TABLE"])
def test_duckdb_takes_every_comment(kind: str):
    with duckdb.connect(":memory:") as connection:
        for table in TABLES.values():
            connection.register(f"source_{table.name}", empty(table))
            temporary = "TEMP" if kind == "VIEW" else ""
            connection.execute(f"CREATE {temporary} {kind} {table.name} AS FROM source_{table.name}")
            for statement in comment_sql(table, kind=kind):
                connection.execute(statement)
        comments = connection.execute(
            "SELECT comment FROM duckdb_columns() WHERE table_name = 'applications' AND comment IS NOT NULL"
        ).fetchall()
    assert len(comments) == len(TABLES["applications"].columns)


def test_comments_go_on_views_and_tables_only():
    with pytest.raises(ValueError, match="not on a INDEX"):
        comment_sql(SMALL, kind="INDEX")


def test_the_data_package_describes_every_column():
    package = datapackage()
    fields = {
        resource["title"]: [field["name"] for field in resource["schema"]["fields"]]
        for resource in package["resources"]
    }
    assert fields == {table.name: list(table.column_names) for table in TABLES.values()}
    json.loads(datapackage_json())


def test_the_data_package_lists_the_files_that_exist():
    paths = {"regions": ["regions/part-0.parquet"], "cells": ["cells/b", "cells/a"]}
    package = datapackage(paths)
    assert {resource["title"]: resource["path"] for resource in package["resources"]} == {
        "regions": ["regions/part-0.parquet"],
        "cells": ["cells/a", "cells/b"],
    }


def test_the_dictionary_names_every_table_column_and_rule():
    text = data_dictionary_markdown()
    for table in TABLES.values():
        assert f"## {table.name}\n" in text
        for column in table.columns:
            assert f"| `{column.name}` |" in text
    assert "`t3.row_total`" in text
    assert text == data_dictionary_markdown()
