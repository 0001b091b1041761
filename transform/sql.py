"""DuckDB as a pure function: Arrow tables in, one Arrow table out."""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa

__all__ = ["run_sql"]

_THREADS = 2


def run_sql(query: str, tables: Mapping[str, pa.Table], parameters: Mapping[str, Any] | None = None) -> pa.Table:
    """The result of `query` over `tables`, in a connection of its own that reads and writes no file.

    Rows come in the order that the query states; callers that need an order must state one or sort afterwards.
    """
    with _database(os.getpid()).cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        relation = connection.sql(query, params=dict(parameters) if parameters else None)
        return relation.to_arrow_table()


@lru_cache(maxsize=1)
def _database(process_id: int) -> duckdb.DuckDBPyConnection:
    """An empty database in memory. What a cursor registers only that cursor sees, so nothing is ever shared through it.

    Opening one costs more than most queries on a small year; a forked process opens its own.
    """
    del process_id
    return duckdb.connect(":memory:", config={"threads": _THREADS, "enable_external_access": "false"})
