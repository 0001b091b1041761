"""Figures by issuer and year, with what the issuer's earlier reports say of them: table `issuer_year`.

Belongs here: the measures of one report, its rates, its past. Does not belong here: what a measure is made of (the
crosswalk of the forms), thresholds (`panel_rules`), and what rules make of all this (`rules`).
"""

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.declaration import load_forms
from transform.comparability import NOTES_SQL, comparability_table
from transform.expressions import sum_expressions
from transform.form_index import measure_expressions
from transform.panel_rules import FINGERPRINT, LEVEL_BREAK, USUAL_LEVEL
from transform.rates import RATES, rate_sql
from transform.schema.derive import conform
from transform.schema.measures import MEASURES
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["ISSUER_YEAR_COLUMNS", "build_issuer_year"]

_CELLS = ("report_id", "cell", "value", "yuan", "status")
_EARLIER = (
    "report_id", "report_year", "issuer_id", "scope", "edition", "applications_new", "applications_carried_forward",
)  # fmt: skip
_IDENTITY = tuple(
    name
    for name in TABLES["issuer_year"].column_names
    if name in TABLES["renditions"].column_names and name != "report_year"
)
"""Who, where and on which form: taken over from the primary rendition."""

ISSUER_YEAR_COLUMNS = {
    "renditions": (*_IDENTITY, "is_primary"),
    "cells": _CELLS,
    "earlier_issuer_year": _EARLIER,
}
"""The columns of each argument that `build_issuer_year` looks at."""

_RATE_COLUMNS = ",\n    ".join(
    f"{rate_sql(rate, f'{rate.name}_numerator', f'{rate.name}_denominator')} AS {rate.name},"
    f" {rate.name}_numerator, {rate.name}_denominator"
    for rate in RATES
)
_RATE_PARTS = ",\n        ".join(
    f"CASE WHEN m.{rate.denominator} IS NOT NULL THEN m.{rate.numerator} END AS {rate.name}_numerator,"
    f" CASE WHEN m.{rate.numerator} IS NOT NULL THEN m.{rate.denominator} END AS {rate.name}_denominator"
    for rate in RATES
)
_MEASURE_COLUMNS = ", ".join(MEASURES)

# One row for each report from its sums, one sum for each measure that can be worked out.
_PIVOT = f"""
SELECT * FROM (
    SELECT report_id, expression_id, left_sum FROM sums
    WHERE blocked_by IS NULL AND blank_count = 0 AND number_count > 0
) PIVOT (max(left_sum) FOR expression_id IN ({", ".join(f"'{name}'" for name in MEASURES)}))
"""

_ISSUER_YEAR = f"""
WITH years_before AS (
    SELECT * FROM earlier WHERE issuer_id IN (SELECT issuer_id FROM issued) AND report_year < $report_year
),
before AS (SELECT * FROM years_before WHERE report_year = $report_year - 1),
usual AS (
    SELECT issuer_id, scope, median(applications_new) AS applications_new_usual
    FROM (
        SELECT
            issuer_id, scope, applications_new,
            row_number() OVER (PARTITION BY issuer_id, scope ORDER BY report_year DESC) AS recency
        FROM years_before WHERE applications_new IS NOT NULL
    )
    WHERE recency <= {USUAL_LEVEL.most_years}
    GROUP BY issuer_id, scope HAVING count(*) >= {USUAL_LEVEL.least_years}
),
prints AS (
    SELECT
        report_id, count(*) AS nonzero_figure_count, count(DISTINCT value) AS distinct_figure_count,
        left(md5(string_agg(cell || '=' || value, ';' ORDER BY cell)), 16) AS fingerprint
    FROM cells WHERE value <> 0 GROUP BY report_id
),
steps AS (
    SELECT i.report_id AS key, b.edition AS from_edition, i.edition AS to_edition
    FROM issued i JOIN before b USING (issuer_id) WHERE b.edition <> i.edition
),
notes AS ({NOTES_SQL}),
-- The table without rates, so that each rate is worked out from the very figures beside it.
panel AS (
    SELECT
        {", ".join(f"i.{name}" for name in _IDENTITY)},
        CAST($report_year AS INTEGER) AS report_year,
        b.report_id AS previous_report_id,
        b.edition <> i.edition AS edition_break,
        coalesce(n.comparability_notes, CAST([] AS VARCHAR[])) AS comparability_notes,
        {", ".join(f"m.{name}" for name in MEASURES)},
        {_RATE_PARTS},
        b.applications_carried_forward AS carried_forward_previous_year,
        CASE WHEN b.scope = i.scope THEN m.applications_carried_over - b.applications_carried_forward END
            AS carry_over_difference,
        u.applications_new_usual,
        coalesce(p.nonzero_figure_count, 0) AS nonzero_figure_count,
        coalesce(p.distinct_figure_count, 0) AS distinct_figure_count,
        CASE
            WHEN p.nonzero_figure_count >= {FINGERPRINT.least_figures}
                AND p.distinct_figure_count >= {FINGERPRINT.least_different}
            THEN p.fingerprint
        END AS figures_fingerprint
    FROM issued i
    LEFT JOIN measures m ON m.report_id = i.report_id
    LEFT JOIN before b ON b.issuer_id = i.issuer_id
    LEFT JOIN usual u ON u.issuer_id = i.issuer_id AND u.scope = i.scope
    LEFT JOIN prints p ON p.report_id = i.report_id
    LEFT JOIN notes n ON n.key = i.report_id
)
SELECT
    {", ".join(_IDENTITY)}, report_year, previous_report_id, edition_break, comparability_notes,
    {_MEASURE_COLUMNS},
    {_RATE_COLUMNS},
    carried_forward_previous_year, carry_over_difference, applications_new_usual,
    CASE WHEN applications_new IS NOT NULL AND applications_new_usual IS NOT NULL THEN
        abs(applications_new - applications_new_usual) >= {LEVEL_BREAK.least_difference}
        AND greatest(applications_new, applications_new_usual)
            >= {LEVEL_BREAK.factor} * least(applications_new, applications_new_usual)
    END AS level_break,
    nonzero_figure_count, distinct_figure_count, figures_fingerprint
FROM panel
ORDER BY report_id
"""


def build_issuer_year(
    *, report_year: int, renditions: pa.Table, cells: pa.Table, earlier_issuer_year: pa.Table
) -> pa.Table:
    """One row for each report of the year, from its primary rendition; `earlier_issuer_year` are all years before.

    Measures: the expression of the crosswalk for the edition of the report. Null where one of its cells is not printed,
    blank, words or withheld, and where the edition has no such measure; measures in yuan add up the yuan of the cells,
    null where a unit is not known. E2008 has none: prose is never read as a figure of a table.

    Rates: numerator and denominator are both shown if both measures are numbers, else both are null. The rate is null
    where the denominator is below the rate's smallest base or, for a share, the numerator is above the denominator.

    The past: `previous_report_id` is the same issuer's report on the year before. `applications_new_usual` is the
    median of `applications_new` over the latest five (USUAL_LEVEL) earlier reports of the issuer and scope that print
    it, null with fewer than two. `level_break`: at least 30 applications from it and at least five times it or at most
    a fifth (LEVEL_BREAK), bounds included. `carry_over_difference`: carried over this year less carried forward the
    year before, null where the scope changed.

    `figures_fingerprint`: equal for two reports exactly where the same cells (by code) are non-zero numbers and these
    are equal; null with fewer than eight non-zero figures or fewer than four different ones among them (FINGERPRINT).
    """
    issued = renditions.filter(renditions.column("is_primary")).select(list(_IDENTITY))
    tables = {
        "issued": issued,
        "cells": cells.select(["report_id", "cell", "value"]),
        "earlier": earlier_issuer_year.select(list(_EARLIER)),
        "measures": _measures(issued, cells),
        "comparability": comparability_table(),
    }
    return conform(TABLES["issuer_year"], run_sql(_ISSUER_YEAR, tables, {"report_year": report_year}))


def _measures(issued: pa.Table, cells: pa.Table) -> pa.Table:
    """Each report and its measures as columns; a report without any has no row."""
    wanted = [
        {"report_id": report_id, "edition": edition, "previous_report_id": None}
        for report_id, edition in zip(
            issued.column("report_id").to_pylist(), issued.column("edition").to_pylist(), strict=True
        )
    ]
    return run_sql(_PIVOT, {"sums": sum_expressions(measure_expressions(), wanted, _in_yuan(cells))})


def _in_yuan(cells: pa.Table) -> pa.Table:
    """The cells with money in yuan as their value; money of unknown unit is no number that could be added."""
    is_money = pc.is_in(cells.column("cell"), value_set=_money_cells())
    lost = pc.and_(is_money, pc.and_(pc.is_valid(cells.column("value")), pc.is_null(cells.column("yuan"))))
    return pa.table(
        {
            "report_id": cells.column("report_id"),
            "cell": cells.column("cell"),
            "value": pc.if_else(is_money, cells.column("yuan"), cells.column("value")),
            "status": pc.if_else(lost, pa.scalar("withheld"), cells.column("status")),
        }
    )


@lru_cache(maxsize=1)
def _money_cells() -> pa.Array:
    """Cells of amounts, of every edition."""
    codes = {
        spec.code
        for edition in load_forms().editions.values()
        for spec in edition.cell_by_code.values()
        if spec.type == "amount"
    }
    return pa.array(sorted(codes), pa.string())
