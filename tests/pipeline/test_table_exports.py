"""`ogi export --out`: the tables in other programs' formats say what the Parquet says."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from openpyxl import load_workbook
from pipeline_helpers import Ogi

from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.table_exports import _stata_names, export_tables
from pipelines.warehouse import Warehouse
from transform.schema.derive import conform
from transform.schema.tables import TABLES


def _rows(layout: DataLayout, table: str) -> list[dict[str, Any]]:
    declared = TABLES[table]
    rows = Warehouse(layout).read(table)
    return list(rows.sort_by([(name, "ascending") for name in declared.sort_by]).to_pylist())


def _csv_rows(archive: zipfile.ZipFile, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{table}.csv").decode())))


def test_a_zip_holds_every_table_and_its_description(built: DataLayout, tmp_path: Path, ogi: Ogi) -> None:
    answer = ogi("export", "--out", tmp_path / "all.zip", "--data", built.root, "--json")
    assert answer.code == 0
    counts = json.loads(answer.out)["rows"]
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        described = json.loads(archive.read("datapackage.json"))
        assert {resource["title"] for resource in described["resources"]} == set(TABLES)
        assert {resource["format"] for resource in described["resources"]} == {"csv"}
        assert "## region_year" in archive.read("data_dictionary.md").decode()
        for name, table in TABLES.items():
            rows = _csv_rows(archive, name)
            assert len(rows) == counts[name] == Warehouse(built).read(name).num_rows
            if rows:
                assert tuple(rows[0]) == table.column_names
        cells = _csv_rows(archive, "cells")
    expected = _rows(built, "cells")
    assert [row["value"] for row in cells] == ["" if row["value"] is None else f"{row['value']:g}" for row in expected]
    assert [json.loads(row["flags"]) for row in cells] == [row["flags"] for row in expected]
    assert any(row["value"] == "" for row in cells)


@pytest.mark.parametrize("name", ["out.zip", "out.xlsx", "out.dta"])
def test_the_same_tables_are_the_same_bytes(built: DataLayout, tmp_path: Path, name: str) -> None:
    written = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        export_tables(built, tmp_path / folder / name)
        written.append((tmp_path / folder / name).read_bytes())
    assert written[0] == written[1]


def test_a_workbook_has_a_sheet_for_each_table_and_keeps_gaps(built: DataLayout, tmp_path: Path) -> None:
    export_tables(built, tmp_path / "out.xlsx", ["applications", "reports"])
    book = load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["dictionary", "applications", "reports"]
    head, *rows = list(book["applications"].iter_rows(values_only=True))
    place = head.index("count")
    assert [row[place] for row in rows] == [row["count"] for row in _rows(built, "applications")]
    words = [row[1] for row in book["dictionary"].iter_rows(values_only=True) if row[0] == "applications"]
    assert words[1:] == list(TABLES["applications"].column_names)


def test_a_text_that_looks_like_a_formula_stays_one_and_a_cut_one_says_so(copied: DataLayout, tmp_path: Path) -> None:
    rows = Warehouse(copied).read("narratives").to_pylist()
    rows[0]["text"] = '=HYPERLINK("http://example.com")\x0b'
    year = rows[0]["report_year"]
    long = next(row for row in rows[1:] if row["report_year"] == year)
    long["text"] = "长" * 40_000
    kept = pa.Table.from_pylist([row for row in rows if row["report_year"] == year])
    Warehouse(copied).write("narratives", year, conform(TABLES["narratives"], kept))
    export_tables(copied, tmp_path / "out.xlsx", ["narratives"], [year])
    sheet = load_workbook(tmp_path / "out.xlsx")["narratives"]
    cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=HYPERLINK")]
    assert [cell.data_type for cell in cells] == ["s"]
    (cut,) = [str(cell.value) for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("长长")]
    assert len(cut) == 32_767
    assert "40,000 characters" in cut


def test_stata_reads_what_parquet_holds(built: DataLayout, tmp_path: Path) -> None:
    export_tables(built, tmp_path / "out.dta", ["applications"])
    frame = pd.read_stata(tmp_path / "out.dta")
    expected = _rows(built, "applications")
    assert [None if pd.isna(value) else int(value) for value in frame["count"]] == [row["count"] for row in expected]
    assert list(frame["issuer"]) == [row["issuer"] for row in expected]
    with pd.io.stata.StataReader(tmp_path / "out.dta") as reader:
        assert reader.variable_labels()["issuer"] == TABLES["applications"].column("issuer").title_zh


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_fits_stata(built: DataLayout, tmp_path: Path, table: str) -> None:
    export_tables(built, tmp_path / "out.dta", [table])
    assert len(pd.read_stata(tmp_path / "out.dta")) == Warehouse(built).read(table).num_rows
    names = _stata_names(TABLES[table].column_names)
    assert len(set(names.values())) == len(names)
    assert max(map(len, names.values())) <= 32


def test_one_year_alone(built: DataLayout, tmp_path: Path) -> None:
    done = export_tables(built, tmp_path / "out.zip", ["reports", "codes"], [2020])
    assert done.rows["reports"] == sum(row["report_year"] == 2020 for row in _rows(built, "reports")) > 0
    assert done.rows["codes"] == Warehouse(built).read("codes").num_rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--out", "x.csv"), "use one of .zip, .xlsx, .dta"),
        (("nonsense", "--out", "x.zip"), "nonsense"),
        (("reports", "cells", "--out", "x.dta"), "one by one"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    built: DataLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ogi: Ogi, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = ogi("export", *arguments, "--data", built.root)
    assert answer.code == 1
    assert words in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_no_sheet_holds_is_refused(
    built: DataLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.table_exports._SHEET_ROWS", 10)
    with pytest.raises(BadInput, match=r"cells has more rows than an Excel sheet"):
        export_tables(built, tmp_path / "out.xlsx", ["cells"])
    assert not (tmp_path / "out.xlsx").exists()
