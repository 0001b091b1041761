"""`ogi query` and `ogi shell`: ask the tables in SQL."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.options import DataOption, examples, tables_of
from pipelines.errors import BadInput
from pipelines.layout import DataLayout

__all__ = ["register"]

_FETCH = 10_000
_SHOWN_ROWS = 1_000
_EXPLAIN = re.compile(r"^\s*EXPLAIN\s*(ANALYZE\b|\([^)]*\))?", re.IGNORECASE)
# DuckDB makes several statements of a PIVOT; it is a question all the same.
_PIVOT = re.compile(r"^\s*(PIVOT|FROM|SELECT|WITH)\b", re.IGNORECASE)
_PROMPT, _MORE = "ogi> ", "...> "


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "query",
        epilog=examples(
            'ogi query "SELECT province, report_year, applications_new FROM region_year"',
            'ogi query "SHOW TABLES"',
            'ogi query "DESCRIBE litigation" --csv',
            "ogi query - --json < question.sql",
        ),
    )(query)
    app.command(
        "shell",
        epilog=examples(
            "ogi shell",
            "ogi shell --data /archive/ogi",
        ),
    )(shell)


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT over the tables; `-` reads it from stdin.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a heading; null is an empty field.")] = False,
    data: DataOption = None,
) -> int:
    """Ask the tables in SQL (DuckDB's).

    Null is no number, never 0. DESCRIBE and the file docs/data_dictionary.md explain each column.
    """
    from pipelines.cli.screen import note, print_csv, print_json_lines, print_table

    if as_json and as_csv:
        raise typer.BadParameter("choose --json or --csv, not both")
    layout = tables_of(data)
    if not layout.root.is_dir():
        raise BadInput(f"There is no data folder {layout.root}; name one with --data DIR, or make one with `ogi run`.")
    statement = sys.stdin.read() if sql == "-" else sql
    if not statement.strip("; \t\r\n"):
        raise typer.BadParameter('the SQL is empty: write a SELECT, or "SHOW TABLES"')
    columns, rows = _ask(layout, statement)
    if as_json:
        print_json_lines(dict(zip(columns, row, strict=True)) for row in rows)
    elif as_csv:
        print_csv(columns, rows)
    else:
        shown = [row for row, _ in zip(rows, range(_SHOWN_ROWS), strict=False)]
        print_table(columns, shown)
        if next(rows, None) is not None:
            note(f"Only the first {_SHOWN_ROWS} rows are shown; --csv and --json print them all.")
    return 0


def _ask(layout: DataLayout, sql: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """Columns and rows of the answer; a mistake in the SQL becomes a sentence."""
    import duckdb

    from pipelines.catalog import connect

    connection = connect(layout)
    try:
        _require_one_question(connection, sql)
        cursor = connection.execute(sql)
    except duckdb.Error as error:
        raise BadInput(f"DuckDB cannot answer this: {_in_one_line(error)}") from error
    if cursor.description is None:
        raise BadInput("There is no statement to answer: write a SELECT.")
    return [column[0] for column in cursor.description], _rows(cursor)


def _require_one_question(connection: Any, sql: str) -> None:
    """Refuse what is not one reading statement: COPY and ATTACH write files, and of two answers one would be lost."""
    statements = connection.extract_statements(sql)
    if not statements:
        raise BadInput("There is no statement to answer: write a SELECT.")
    if len(statements) > 1:
        raise BadInput(f"These are {len(statements)} statements; only one is answered at a time.")
    kind = statements[0].type.name
    if kind == "EXPLAIN" and (rest := _EXPLAIN.sub("", sql, count=1)) != sql:
        return _require_one_question(connection, rest)
    if not (kind == "SELECT" or (kind == "MULTI" and _PIVOT.match(sql))):
        raise BadInput(
            f"{kind} is not answered: the tables are only read here. Write SELECT, WITH, FROM, DESCRIBE, SHOW, "
            "SUMMARIZE or EXPLAIN."
        )
    return None


def _rows(cursor: Any) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(_FETCH):
        yield from rows


def _in_one_line(error: Exception) -> str:
    """DuckDB's message without the picture of the place; the candidates it suggests stay."""
    text = re.sub(r"\n\s*LINE \d+:.*", "", str(error), flags=re.DOTALL)
    return " ".join(text.split())


def shell(data: DataOption = None) -> int:
    """Ask the tables interactively: the duckdb program if it is on the PATH, else a small prompt."""
    from pipelines.catalog import view_statements

    layout = tables_of(data)
    if not layout.root.is_dir():
        raise BadInput(f"There is no data folder {layout.root}; name one with --data DIR, or make one with `ogi run`.")
    program = shutil.which("duckdb")
    if program is None:
        return _small_shell(layout)
    with tempfile.TemporaryDirectory() as folder:
        views = Path(folder) / "views.sql"
        # Statements, not warehouse.duckdb: a duckdb program of another version may not read our file.
        statements = (text for text in view_statements(layout) if not text.startswith("COMMENT"))
        views.write_text(";\n".join(statements) + ";\n", encoding="utf-8")
        return subprocess.run([program, "-init", str(views)], check=False).returncode


def _small_shell(layout: DataLayout) -> int:
    import contextlib

    from pipelines.cli.screen import note, print_table

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - line editing for input()
    note("SQL over the tables; a statement ends with ; and .quit leaves. SHOW TABLES; lists them.")
    statement = ""
    while True:
        try:
            line = input(_MORE if statement else _PROMPT)
        except EOFError:
            return 0
        if not statement and line.strip() in (".quit", ".exit", "quit", "exit"):
            return 0
        statement = f"{statement}\n{line}".strip()
        if statement.endswith(";"):
            try:
                columns, rows = _ask(layout, statement)
                print_table(columns, [row for row, _ in zip(rows, range(_SHOWN_ROWS), strict=False)])
            except BadInput as error:
                note(str(error))
            statement = ""
