"""One row for each report, from its primary rendition and what the checks say of it: table `reports`."""

import pyarrow as pa

from transform.schema.check_columns import ARITHMETIC_KINDS
from transform.schema.codes import WarehouseFlag
from transform.schema.derive import conform
from transform.schema.tables import TABLES
from transform.sql import run_sql

__all__ = ["build_reports"]

_REPORTS = """
WITH judged AS (
    SELECT
        report_id,
        count(*) FILTER (status = 'fail' AND severity = 'error') AS failing_check_count,
        count(*) FILTER (status = 'assumed_zero') AS assumed_zero_check_count,
        list(check_id ORDER BY check_id) FILTER (status = 'fail' AND list_contains($arithmetic, kind)) AS checks
    FROM checks GROUP BY report_id
),
carried AS (
    SELECT
        report_id,
        count(*) AS rendition_count,
        bool_or(NOT agrees AND NOT is_superseded) AS has_disagreement,
        bool_or(NOT agrees AND is_superseded) AS has_other_version
    FROM renditions GROUP BY report_id
)
SELECT
    r.* EXCLUDE (is_primary, is_superseded, agrees, differing_cells, listed_date, flags, printed_subtotals),
    'read' AS status,
    CAST(NULL AS VARCHAR) AS reason,
    c.rendition_count,
    coalesce(j.failing_check_count, 0) AS failing_check_count,
    coalesce(j.assumed_zero_check_count, 0) AS assumed_zero_check_count,
    coalesce(j.checks, []) AS checks,
    list_concat(
        r.flags,
        CASE WHEN c.has_disagreement THEN [$renditions_differ] ELSE [] END,
        CASE WHEN c.has_other_version AND NOT list_contains(r.flags, $republished) THEN [$republished] ELSE [] END
    ) AS flags
FROM renditions r
JOIN carried c USING (report_id)
LEFT JOIN judged j USING (report_id)
WHERE r.is_primary
ORDER BY r.report_id
"""


def build_reports(*, report_year: int, renditions: pa.Table, checks: pa.Table) -> pa.Table:
    """The reports of the year. Documents that disagree are flagged; the figures stay those of the primary rendition."""
    del report_year  # both inputs are of the year already
    flags = {
        "renditions_differ": WarehouseFlag.RENDITIONS_DIFFER.value,
        "republished": WarehouseFlag.REPUBLISHED.value,
        "arithmetic": list(ARITHMETIC_KINDS),
    }
    return conform(TABLES["reports"], run_sql(_REPORTS, {"renditions": renditions, "checks": checks}, flags))
