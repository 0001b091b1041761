"""Rule 9 against peers: a figure far from those of bodies of the same kind, level and sector in the same year.

Counts are skewed and many are 0, so distances are taken on log(1 + figure) from the median, in robust standard
deviations (1.4826 times the median absolute deviation). A crowd that mostly reports one figure has none: then the ratio
to the median alone speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from transform.rules.declared import constants, rules_of_kind
from transform.rules.findings import FINDINGS, Material, no_findings
from transform.sql import run_sql

__all__ = ["find_far_from_peers"]

_FIGURES = """
WITH figures AS (UNPIVOT (SELECT report_id, issuer_kind, level, sector, scope, {measures} FROM panel)
    ON {measures} INTO NAME measure VALUE figure)"""

_SPREAD = (
    _FIGURES
    + """,
-- the narrow crowd has the sector, the wide one not
crowds AS (
    SELECT issuer_kind, level, scope, sector, measure, count(*) AS bodies, median(ln(1 + figure)) AS middle
    FROM figures WHERE sector IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT issuer_kind, level, scope, NULL, measure, count(*), median(ln(1 + figure)) FROM figures GROUP BY ALL
)
SELECT c.*, 1.4826 * median(abs(ln(1 + f.figure) - c.middle)) AS deviation
FROM crowds c JOIN figures f
    ON f.issuer_kind = c.issuer_kind AND f.level IS NOT DISTINCT FROM c.level AND f.scope = c.scope
    AND f.measure = c.measure AND (c.sector IS NULL OR f.sector = c.sector)
WHERE c.bodies >= $needed
GROUP BY ALL
"""
)

_FINDINGS = (
    _FIGURES
    + """,
asked AS (
    SELECT r.report_id, f.measure, f.figure, n.middle AS narrow_middle, n.deviation AS narrow_deviation,
        n.bodies AS narrow_bodies, w.middle AS wide_middle, w.deviation AS wide_deviation, w.bodies AS wide_bodies
    FROM reports r
    JOIN figures f USING (report_id)
    LEFT JOIN spread n ON n.issuer_kind = f.issuer_kind AND n.level IS NOT DISTINCT FROM f.level
        AND n.scope = f.scope AND n.measure = f.measure AND n.sector = f.sector
    LEFT JOIN spread w ON w.issuer_kind = f.issuer_kind AND w.level IS NOT DISTINCT FROM f.level
        AND w.scope = f.scope AND w.measure = f.measure AND w.sector IS NULL
),
measured AS (
    SELECT report_id, measure, figure, coalesce(narrow_bodies, wide_bodies) AS bodies,
        coalesce(narrow_middle, wide_middle) AS middle, coalesce(narrow_deviation, wide_deviation) AS deviation,
        abs(ln(1 + figure) - coalesce(narrow_middle, wide_middle)) AS distance
    FROM asked
)
SELECT
    report_id, $rule AS rule_id, measure AS member,
    CASE WHEN bodies IS NULL THEN 'not_assessable'
         WHEN distance > greatest($deviations * deviation, ln($ratio)) THEN 'fail' ELSE 'pass' END AS status,
    round(exp(middle) - 1, 6) AS expected,
    CASE WHEN bodies IS NOT NULL THEN figure END AS printed, 0 AS blank_operand_count,
    CASE WHEN bodies IS NULL THEN 'fewer than ' || $needed || ' bodies of the same kind and level report the figure'
         ELSE 'expected is the median of ' || bodies || ' bodies' END AS reason,
    CAST([] AS VARCHAR[]) AS cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM measured ORDER BY report_id, measure
"""
)


def find_far_from_peers(material: Material) -> pa.Table:
    """Each measure of the rule against its crowd; a report without the figure has no row."""
    (rule,) = rules_of_kind("peers")
    if material.reports.num_rows == 0:
        return no_findings()
    measures = list(rule.members)
    panel = material.panel
    if "sector" not in panel.column_names:
        panel = panel.append_column("sector", pa.nulls(panel.num_rows, pa.string()))
    panel = panel.select(["report_id", "issuer_kind", "level", "sector", "scope", *measures])
    limits = {
        "rule": rule.id,
        "needed": constants().peers_needed,
        "deviations": constants().peer_deviations,
        "ratio": constants().peer_ratio_minimum,
    }
    asked = material.reports.select(["report_id"])
    is_asked = pc.is_in(panel.column("report_id"), value_set=asked.column("report_id").combine_chunks())
    tables = {
        "panel": panel.filter(is_asked),
        "reports": asked,
        "spread": _CROWDS.of(material.panel, panel, measures),
    }
    return run_sql(_FINDINGS.format(measures=", ".join(measures)), tables, limits).cast(FINDINGS)


@dataclass(slots=True)
class _Crowds:
    """The crowds of the panel that was asked for last: the batches of a year share one."""

    panel: pa.Table | None = None
    spread: pa.Table | None = None

    def of(self, panel: pa.Table, narrow: pa.Table, measures: Sequence[str]) -> pa.Table:
        """Middle, deviation and size of each crowd of `panel`, worked out from its columns in `narrow`."""
        if self.panel is not panel or self.spread is None:
            query = _SPREAD.format(measures=", ".join(measures))
            self.panel = panel
            self.spread = run_sql(query, {"panel": narrow}, {"needed": constants().peers_needed})
        return self.spread


_CROWDS = _Crowds()
