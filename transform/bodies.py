"""The bodies that have reported: tables `issuers` and `issuer_names`.

Belongs here: one row for each body over all years, what came before and after it, and every merge of names for review.
Does not belong here: which names are one body (`issuers.py`, `functions.py`).
"""

from typing import Any

import pyarrow as pa

from transform.functions import BodyNames, load_body_names
from transform.issuers import related_id
from transform.schema.derive import conform
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["ISSUERS_COLUMNS", "ISSUER_NAMES_COLUMNS", "build_issuer_names", "build_issuers"]

_REGION = (
    "province_code", "province", "prefecture_code", "prefecture", "county_code", "county", "township", "division_code",
)  # fmt: skip
ISSUERS_COLUMNS = {
    "reports": (
        "report_id", "report_year", "issuer_id", "issuer", "issuer_name", "issuer_kind", "sector", "issuer_function",
        "level", *_REGION, "zone", "region_status", "parent_issuer_id",
    )
}  # fmt: skip
"""What `build_issuers` looks at."""
ISSUER_NAMES_COLUMNS = {
    "reports": ("report_id", "report_year", "issuer_id", "issuer", "issuer_name", "name_basis"),
}
"""What `build_issuer_names` looks at."""

# The latest report speaks for the body: bodies are renamed, promoted and moved to another division.
_ISSUERS = f"""
WITH seen AS (
    SELECT
        issuer_id, arg_max(report_id, (report_year, report_id)) AS latest_id,
        list(DISTINCT issuer ORDER BY issuer) AS names, min(report_year) AS first_year,
        max(report_year) AS last_year, count(*) AS report_count
    FROM reports GROUP BY issuer_id
)
SELECT
    l.issuer_id, l.issuer, l.issuer_name, s.names, l.issuer_kind, l.sector, l.issuer_function, l.level,
    {", ".join(f"l.{name}" for name in _REGION)}, l.zone, l.region_status, l.parent_issuer_id,
    s.first_year, s.last_year, s.report_count
FROM reports l JOIN seen s ON l.report_id = s.latest_id
ORDER BY l.issuer_id
"""

_ISSUER_NAMES = """
WITH printed AS (
    SELECT
        issuer_id, issuer AS printed_name, arg_max(issuer_name, (report_year, report_id)) AS issuer_name,
        list_sort(list_distinct(flatten(list(name_basis)))) AS name_basis, min(report_year) AS first_year,
        max(report_year) AS last_year, count(*) AS report_count
    FROM reports GROUP BY issuer_id, issuer
)
SELECT * FROM printed ORDER BY issuer_id, printed_name
"""


def build_issuers(*, reports: pa.Table) -> pa.Table:
    """Every body that has reported, as its latest report names and places it."""
    found = run_sql(_ISSUERS, {"reports": reports})
    told = [found.column(name).to_pylist() for name in ("issuer_id", "issuer_name", "issuer_function")]
    related = _related(list(zip(*told, strict=True)), load_body_names())
    for name, dtype in (
        ("predecessor_ids", pa.list_(pa.string())),
        ("successor_ids", pa.list_(pa.string())),
        ("declared_from", pa.int32()),
        ("declared_to", pa.int32()),
    ):
        found = found.append_column(name, pa.array([row[name] for row in related], type=dtype))
    return conform(TABLES["issuers"], found)


def build_issuer_names(*, reports: pa.Table) -> pa.Table:
    """Every name under which a body has reported, with what made it that body's name."""
    return conform(TABLES["issuer_names"], run_sql(_ISSUER_NAMES, {"reports": reports}))


def _related(bodies: list[tuple[str, str, str | None]], table: BodyNames) -> list[dict[str, Any]]:
    """Years declared for each body, and the bodies of its place that went into it or took it over and have reported."""
    known = {issuer_id for issuer_id, _, _ in bodies}
    rows: list[dict[str, Any]] = []
    for issuer_id, name, key in bodies:
        function = table.functions.get(key or "")
        row: dict[str, Any] = {"predecessor_ids": [], "successor_ids": [], "declared_from": None, "declared_to": None}
        rows.append(row)
        if function is None:
            continue
        row["declared_from"], row["declared_to"] = function.from_year, function.to_year
        for column, others in (
            ("predecessor_ids", table.predecessors.get(function.key, ())),
            ("successor_ids", function.successors),
        ):
            ids = {related_id(issuer_id, name, function, table.functions[other]) for other in others}
            row[column] = sorted(ids & known)
    return rows
