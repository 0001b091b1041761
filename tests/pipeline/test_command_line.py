"""The command `ogi`: help, answers, exit codes, and a sentence for everything that goes wrong."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pipeline_helpers import ROOT, Ogi

from pipelines.cli import commands, main, screen
from pipelines.errors import DiskFull
from pipelines.layout import DataLayout

COMMANDS = (
    ("run",), ("crawl",), ("extract",), ("add",), ("build",), ("query",), ("shell",), ("trace",), ("show",),
    ("problems",), ("portals", "list"), ("portals", "check"), ("portals", "add"), ("sample", "serve"),
    ("coverage",), ("export",), ("correct",), ("verdict",),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command: tuple[str, ...], ogi: Ogi) -> None:
    answer = ogi(*command, "--help")
    assert answer.code == 0
    assert f"Examples:\n    ogi {' '.join(command)}" in answer.out
    assert max(len(line) for line in answer.out.splitlines()) <= 100


def test_no_argument_shows_the_commands(ogi: Ogi) -> None:
    assert "Commands:" in ogi("--help").out
    assert ogi().code == 2


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("build", "--year", "soon"), ("extract", "x.html"), ("problems", "--severity", "bad")]
)
def test_wrong_usage_ends_with_code_2(arguments: tuple[str, ...], ogi: Ogi, tmp_path: Path) -> None:
    answer = ogi(*arguments, *(("--data", tmp_path) if arguments[0] == "problems" else ()))
    assert answer.code == 2
    assert "Usage:" in answer.err
    assert "Traceback" not in answer.err


def loaded_by(*arguments: str) -> set[str]:
    """Top-level modules that a command line loads."""
    code = (
        "import sys\nfrom pipelines.cli import run\nrun(sys.argv[1:])\n"
        "print('\\n'.join({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_loads_nothing_heavy() -> None:
    assert not loaded_by("--help") & {"dagster", "scrapy", "twisted", "pandas", "pyarrow", "duckdb", "pydantic", "lxml"}


def test_extract_loads_neither_dagster_nor_scrapy(documents: Path, tmp_path: Path) -> None:
    loaded = loaded_by("extract", str(documents / "notice.html"), "--out", str(tmp_path / "cells.csv"))
    assert "pyarrow" in loaded
    assert not loaded & {"dagster", "scrapy", "twisted"}  # pyarrow itself looks for pandas


def test_extract_writes_both_tables_and_tells_what_it_read(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    cells, reports = tmp_path / "cells.parquet", tmp_path / "reports.csv"
    answer = ogi("extract", documents, "--out", cells, "--reports", reports)
    assert answer.code == 0
    assert "4 of 7 documents read as reports" in answer.out
    assert "Not documents, passed over: 1 (notes.json)" in answer.err
    with reports.open(encoding="utf-8-sig", newline="") as handle:
        rows = {Path(row["document"]).name: row for row in csv.DictReader(handle)}
    assert rows["empty.html"]["status"] == "quarantined"
    assert rows["empty.html"]["reason"]
    ninghe = rows["tianjin-ninghe-zaojiacheng-2020.html"]
    assert ninghe["checks"].split() == ["t3.row_total[total_processed]", "t3.result_total[total]", "t3.balance[total]"]
    table = pq.read_table(cells)
    assert table.column_names[:3] == ["document", "cell", "table"]
    assert table.num_rows > 700


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_blank_stays_empty_in_every_format(suffix: str, documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    out = tmp_path / f"cells.{suffix}"
    ogi("extract", documents / "linfen-yaodu-xinfang-2020.html", "--out", out)
    text = out.read_text(encoding="utf-8-sig")
    rows = (
        list(csv.DictReader(text.splitlines())) if suffix == "csv" else [json.loads(line) for line in text.splitlines()]
    )
    blanks = [row for row in rows if row["status"] == "blank"]
    assert blanks
    assert {row["value"] for row in blanks} == {"" if suffix == "csv" else None}
    assert {str(row["value"]) for row in rows if row["raw"] == "0"} == {"0"}


def test_extract_ends_with_1_when_nothing_was_read(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    answer = ogi("extract", documents / "notice.html", "--out", tmp_path / "cells.csv", "--json")
    assert answer.code == 1
    assert json.loads(answer.out)["status"] == "not_a_report"


def test_a_note_that_is_named_is_a_document_and_is_quarantined_or_refused(
    documents: Path, tmp_path: Path, ogi: Ogi
) -> None:
    answer = ogi("extract", documents / "notes.json", "--out", tmp_path / "cells.csv", "--json")
    assert answer.code == 1
    assert json.loads(answer.out)["status"] != "read"


def test_addresses_come_from_a_manifest(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    manifest = tmp_path / "urls.jsonl"
    manifest.write_text(
        '{"file": "xian-xincheng-gov-2021.html", "url": "http://www.xincheng.gov.cn/1.html"}\n', "utf-8"
    )
    document = documents / "xian-xincheng-gov-2021.html"
    assert ogi("extract", document, "--out", tmp_path / "c.csv", "--urls", manifest, "--json").code == 0
    assert ogi("add", document, "--urls", manifest, "--data", tmp_path / "data").code == 0
    answer = ogi("query", "SELECT url FROM documents", "--json", "--data", tmp_path / "data")
    assert json.loads(answer.out) == {"url": "http://www.xincheng.gov.cn/1.html"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("extract", "missing.html", "--out", "c.csv"), "missing.html does not exist"),
        (
            ("extract", ".", "--out", "c.xlsx"),
            "c.xlsx: the format is told by the suffix; use one of .parquet, .csv, .jsonl",
        ),
        (("extract", ".", "--out", "c.csv"), "No document in .: the folder is empty"),
        (("add", "missing.html"), "missing.html does not exist"),
        (("query", "SELECT 1"), "There is no data folder data"),
        (("trace", "x"), "There are no tables in data/warehouse yet"),
        (("problems",), "There is no data folder data"),
        (("build", "--table", "nonsense"), "There is no table nonsense. The tables are: applications"),
        (("build", "--year", "1999"), "1999 is no report year"),
        (("crawl", "--portals", "nowhere"), "nowhere is no folder of portal entries"),
    ],
)
def test_what_goes_wrong_is_one_sentence_with_the_way_out(
    arguments: tuple[str, ...], sentence: str, ogi: Ogi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = ogi(*arguments)
    assert answer.code == 1
    assert answer.err.startswith(f"ogi: {sentence}")
    assert len(answer.err.splitlines()) == 1


def test_mistaken_sql_is_told_in_one_line_with_duckdbs_hint(built: DataLayout, ogi: Ogi) -> None:
    answer = ogi("query", "SELECT * FROM report", "--data", built.root)
    assert answer.code == 1
    assert 'Table with name report does not exist! Did you mean "reports"?' in answer.err


def test_more_columns_than_fit_are_shown_below_each_other_and_none_is_lost(built: DataLayout, ogi: Ogi) -> None:
    out = ogi("query", "SELECT * FROM region_year LIMIT 2", "--data", built.root).out
    assert "row 2 of 2 (nulls left out)" in out
    assert "  basis: " in out
    assert "  applications_new: " in out
    assert "  applications_per_100000: " not in out  # null: no population is known


def test_a_query_prints_a_table_json_lines_or_csv(built: DataLayout, ogi: Ogi) -> None:
    sql = "SELECT local_name, url, fetch_count FROM documents WHERE local_name = 'notice.html'"
    assert "notice.html" in ogi("query", sql, "--data", built.root).out
    as_json = ogi("query", sql, "--json", "--data", built.root).out
    assert json.loads(as_json) == {"local_name": "notice.html", "url": None, "fetch_count": 1}
    assert ogi("query", sql, "--csv", "--data", built.root).out == "local_name,url,fetch_count\nnotice.html,,1\n"
    assert ogi("query", sql, "--csv", "--json", "--data", built.root).code == 2


@pytest.mark.parametrize("sql", ["", " ; "])
def test_an_empty_query_is_wrong_usage(sql: str, built: DataLayout, ogi: Ogi) -> None:
    answer = ogi("query", sql, "--data", built.root)
    assert (answer.code, answer.out) == (2, "")
    assert "the SQL is empty" in answer.err


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("/* nothing */", "There is no statement to answer"),
        ("SELECT 1; SELECT 2", "These are 2 statements; only one is answered"),
        ("COPY reports TO 'out.csv'", "COPY is not answered"),
        ("EXPLAIN ANALYZE COPY reports TO 'out.csv'", "COPY is not answered"),
        ("ATTACH 'out.db' AS x", "ATTACH is not answered"),
    ],
)
def test_a_query_only_reads(
    sql: str, sentence: str, built: DataLayout, ogi: Ogi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = ogi("query", sql, "--data", built.root)
    assert answer.code == 1
    assert answer.err.startswith(f"ogi: {sentence}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sql",
    [
        "WITH a AS (SELECT 1) FROM a;", "DESCRIBE reports", "SHOW TABLES", "SUMMARIZE reports", "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE FROM reports", "VALUES (1)", "PIVOT reports ON report_year USING count(*)",
    ],
)  # fmt: skip
def test_every_reading_statement_is_answered(sql: str, built: DataLayout, ogi: Ogi) -> None:
    assert ogi("query", sql, "--json", "--data", built.root).code == 0


def test_no_number_is_null_in_json(built: DataLayout, ogi: Ogi) -> None:
    sql = "SELECT 'nan'::FLOAT AS a, ['inf'::DOUBLE, 1] AS b"
    assert json.loads(ogi("query", sql, "--json", "--data", built.root).out) == {"a": None, "b": [None, 1]}


def test_cells_and_reports_never_share_a_file(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    out = tmp_path / "c.csv"
    answer = ogi("extract", documents, "--out", out, "--reports", f"{tmp_path}/./c.csv")
    assert answer.code == 2
    assert "name the same file" in answer.err
    assert not out.exists()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_output_that_cannot_be_written_is_a_sentence(suffix: str, documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    out = tmp_path / f"taken.{suffix}"
    out.mkdir()
    answer = ogi("extract", documents / "notice.html", "--out", out)
    assert answer.code == 1
    assert answer.err.splitlines()[-1].startswith(f"ogi: {out} cannot be written (")


def test_documents_that_print_different_figures_are_a_problem(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    name = "xian-xincheng-gov-2021.html"
    page = (documents / name).read_text(encoding="utf-8")
    cell = re.search(r">(\d{2,})</", page)
    assert cell
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    (tmp_path / "b.html").write_text(page[: cell.start(1)] + "987654" + page[cell.end(1) :], encoding="utf-8")
    for file in ("a", "b"):
        ogi("add", tmp_path / f"{file}.html", "--url", f"http://www.x.gov.cn/{file}", "--data", tmp_path / "data")
    ogi("build", "--data", tmp_path / "data")
    answer = ogi("problems", "--json", "--data", tmp_path / "data")
    assert answer.code == 1
    found = [row for row in map(json.loads, answer.out.splitlines()) if row["kind"] == "renditions"]
    assert [{row["url"], row["other_url"]} for row in found] == [{"http://www.x.gov.cn/a", "http://www.x.gov.cn/b"}]
    shown = ogi("problems", "--data", tmp_path / "data").out
    assert "Two documents of one report print different figures (1)" in shown


def test_a_query_needs_no_catalog_file(copied: DataLayout, ogi: Ogi) -> None:
    copied.catalog.unlink()
    assert ogi("query", "SELECT count(*) AS n FROM reports", "--json", "--data", copied.root).out == '{"n": 4}\n'


def test_the_data_folder_may_come_from_the_environment(
    built: DataLayout, ogi: Ogi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OGI_DATA", str(built.root))
    assert ogi("query", "SELECT count(*) AS n FROM reports", "--json").out == '{"n": 4}\n'


@pytest.mark.parametrize("cell", ["t3.total_processed.total", "总计", "总计：总计"])
@pytest.mark.parametrize("report", ["宁河 2020", "tianjin-ninghe-zaojiacheng-2020.html"])
def test_trace_tells_printed_value_place_and_broken_checks(report: str, cell: str, built: DataLayout, ogi: Ogi) -> None:
    answer = ogi("trace", report, cell, "--data", built.root)
    assert answer.code == 0
    assert 'printed text:     "0"' in answer.out
    assert "place:            table 2 row 24 column" in answer.out or "place:            table 2 row" in answer.out
    assert "tianjin-ninghe-zaojiacheng-2020.html" in answer.out
    assert answer.out.count("fail") == 4  # three sums, and the hint that names the cell


def test_trace_for_scripts_gives_one_object(built: DataLayout, ogi: Ogi) -> None:
    found = json.loads(ogi("trace", "宁河 2020", "t3.total_processed.total", "--json", "--data", built.root).out)
    assert found["cell"]["value"] == 0
    assert {row["check_id"] for row in found["checks"] if row["status"] == "fail"} == {
        "t3.row_total[total_processed]", "t3.result_total[total]", "t3.balance[total]",
        "hint.one_cell[t3.total_processed.total]",
    }  # fmt: skip


def test_trace_finds_a_report_by_the_start_of_its_document(built: DataLayout, ogi: Ogi) -> None:
    sql = "SELECT document_sha256, report_id FROM reports WHERE county = '新城区'"
    row = json.loads(ogi("query", sql, "--json", "--data", built.root).out)
    answer = ogi("trace", row["document_sha256"][:10], "--data", built.root)
    assert row["report_id"] in answer.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("尧都区",), "fits 2 reports; name one by its id:"),
        (("火星",), 'No report fits "火星"'),
        (("notice.html",), "notice.html is no report: not_a_report."),
        (("宁河 2020", "自然人"), "cells of this report; name one by its code:"),
        (("宁河 2020", "t9.nonsense.total"), 'has no cell "t9.nonsense.total"'),
    ],
)
def test_trace_lists_candidates_and_guesses_nothing(
    arguments: tuple[str, ...], sentence: str, built: DataLayout, ogi: Ogi
) -> None:
    answer = ogi("trace", *arguments, "--data", built.root)
    assert answer.code == 1
    assert sentence in answer.err


def test_problems_come_worst_first_and_end_with_code_1(built: DataLayout, ogi: Ogi) -> None:
    answer = ogi("problems", "--json", "--data", built.root)
    assert answer.code == 1
    rows = [json.loads(line) for line in answer.out.splitlines()]
    kinds = [row["kind"] for row in rows]
    assert kinds == sorted(kinds, key=["check", "renditions", "quarantine", "fetch", "registry"].index)
    balance = next(row for row in rows if row.get("check_id") == "t3.balance[total]")
    assert (balance["printed"], balance["expected"]) == (0, 1)
    assert balance["printed_cells"] == ["t3.total_processed.total", "t3.carried_forward.total"]
    assert kinds.count("quarantine") == 2


def test_problems_of_a_year_without_any_end_with_code_0(built: DataLayout, ogi: Ogi) -> None:
    answer = ogi("problems", "--year", "2012", "--data", built.root)
    assert (answer.code, answer.out.split(":")[0]) == (0, "No problem")


def test_problems_fit_a_screen_of_100_columns(built: DataLayout, ogi: Ogi) -> None:
    from rich.cells import cell_len

    answer = ogi("problems", "--data", built.root)
    assert "Checks that printed figures break" in answer.out
    assert max(cell_len(line) for line in answer.out.splitlines()) <= 100


def test_a_registry_entry_with_a_typo_is_named_with_file_and_line(tmp_path: Path, ogi: Ogi) -> None:
    entry = tmp_path / "portals" / "hubei" / "somewhere.yml"
    entry.parent.mkdir(parents=True)
    entry.write_text("name: 某县人民政府\nfamly: hanweb\nindex_url: http://www.somewhere.gov.cn/\n", encoding="utf-8")
    answer = ogi("portals", "check", tmp_path / "portals")
    assert answer.code == 1
    assert f"{entry}:2: famly:" in answer.out
    assert "did you mean family?" in answer.out
    assert ogi("portals", "list", "--portals", tmp_path / "portals").code == 1
    crawl = ogi("crawl", "--portals", tmp_path / "portals", "--data", tmp_path / "data")
    assert crawl.code == 1
    assert "holds no sound portal entry" in crawl.err


def test_the_registry_of_the_project_is_sound(ogi: Ogi) -> None:
    assert ogi("portals", "check").code == 0
    rows = [json.loads(line) for line in ogi("portals", "list", "--json").out.splitlines()]
    assert {"id", "name", "family", "index_url", "verified"} <= set(rows[0])


def test_build_says_what_changed(copied: DataLayout, ogi: Ogi) -> None:
    answer = ogi("build", "--table", "litigation", "--year", 2020, "--json", "--data", copied.root)
    assert json.loads(answer.out) == {"table": "litigation", "year": 2020, "rows": 30, "changed": False}


def test_a_full_disk_is_a_sentence(ogi: Ogi, monkeypatch: pytest.MonkeyPatch, copied: DataLayout) -> None:
    from pipelines import build as build_module

    def full(*_: object, **__: object) -> None:
        raise DiskFull("No space left to write x.")

    monkeypatch.setattr(build_module, "read_archive", full)
    answer = ogi("build", "--data", copied.root)
    assert (answer.code, answer.err) == (1, "ogi: No space left to write x.\n")


def test_ctrl_c_says_that_nothing_is_lost(ogi: Ogi, monkeypatch: pytest.MonkeyPatch, copied: DataLayout) -> None:
    from pipelines import build as build_module

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module, "read_archive", stop)
    answer = ogi("build", "--data", copied.root)
    assert answer.code == 130
    assert answer.err.startswith("ogi: Stopped. What was finished is kept")


def test_a_defect_shows_no_traceback_unless_asked_for(
    ogi: Ogi, monkeypatch: pytest.MonkeyPatch, copied: DataLayout
) -> None:
    from pipelines import build as build_module

    def defect(*_: object, **__: object) -> None:
        raise KeyError("nonsense")

    monkeypatch.setattr(build_module, "read_archive", defect)
    answer = ogi("build", "--data", copied.root)
    assert answer.err == "ogi: Something unexpected failed: KeyError: 'nonsense' (OGI_DEBUG=1 shows where).\n"
    monkeypatch.setenv("OGI_DEBUG", "1")
    assert "Traceback" in ogi("build", "--data", copied.root).err


def test_the_entry_point_ends_with_the_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["ogi", "query", "SELECT 1", "--data", str(tmp_path / "none")])
    with pytest.raises(SystemExit, match="1"):
        main()


def test_a_reader_who_has_seen_enough_is_no_error(built: DataLayout) -> None:
    command = f'"{sys.executable}" -m pipelines.cli query "SELECT * FROM regions" --csv --data "{built.root}" | head -1'
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("region_id,")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0, "0"), (0.0, "0"), (2.5, "2.5"), (True, "yes"), (["a", None], "a, ")]
)
def test_a_null_never_looks_like_a_zero(value: object, text: str) -> None:
    assert screen.shown(value) == text


def test_an_added_document_may_name_its_portal(documents: Path, tmp_path: Path, ogi: Ogi) -> None:
    data = tmp_path / "data"
    wrong = ogi("add", documents / "notice.html", "--portal", "shanxy", "--data", data)
    assert wrong.code == 1
    assert "There is no portal shanxy" in wrong.err
    assert "Near: shanxi" in wrong.err
    right = ogi("add", documents / "notice.html", "--portal", "shanxi", "--date", "2021-01-20", "--data", data)
    assert right.code == 0
    row = ogi("query", "SELECT portal_id, listed_date, fetched_at FROM documents", "--json", "--data", data).out
    assert json.loads(row) == {"portal_id": "shanxi", "listed_date": "2021-01-20", "fetched_at": None}


def test_a_ledger_without_tables_is_an_empty_ledger(tmp_path: Path, documents: Path, ogi: Ogi) -> None:
    (tmp_path / "ledger.sqlite").touch()
    assert ogi("build", "--table", "ledger", "--data", tmp_path).code == 0


def test_a_damaged_ledger_is_told_in_a_sentence(tmp_path: Path, ogi: Ogi) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database at all " * 99)
    answer = ogi("build", "--table", "ledger", "--data", tmp_path)
    assert answer.code == 1
    assert answer.err.splitlines()[-1].startswith(f"ogi: {tmp_path}/ledger.sqlite: opening the ledger failed")


def test_the_app_names_every_command() -> None:
    named = {command.name for command in commands.app.registered_commands}
    assert {command[0] for command in COMMANDS if len(command) == 1} == named
