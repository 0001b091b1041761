"""Rules on a report as a whole: 12 published in time, 13 copied, 14 structure, 15 reconciliation, 16 repair hints."""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.declaration import load_forms
from transform.issuers import IssuerKind, Scope
from transform.rules.declared import constants, rules_of_kind
from transform.rules.findings import FINDINGS, Material, no_findings
from transform.sql import run_sql

__all__ = ["find_copies", "find_hints", "find_late", "find_structure", "find_unreconciled", "publication_deadline"]

_NO_CELLS = "CAST([] AS VARCHAR[]) AS cells, CAST([] AS VARCHAR[]) AS previous_cells"

_LATE = f"""
WITH dated AS (
    SELECT
        r.report_id,
        CASE WHEN r.issuer_kind = $government OR r.scope = $consolidated
            THEN CAST($government_deadline AS DATE) ELSE CAST($department_deadline AS DATE) END AS due,
        min(least(coalesce(d.published_date, d.listed_date), coalesce(d.listed_date, d.published_date))) AS published
    FROM reports r JOIN renditions d USING (report_id)
    GROUP BY ALL
)
SELECT
    report_id, $rule AS rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN published IS NULL OR published < CAST($year_end AS DATE) THEN 'not_assessable'
         WHEN published > due THEN 'fail' ELSE 'pass' END AS status,
    CASE WHEN published >= CAST($year_end AS DATE) THEN 0.0 END AS expected,
    CASE WHEN published >= CAST($year_end AS DATE)
        THEN CAST(greatest(date_diff('day', due, published), 0) AS DOUBLE) END AS printed,
    0 AS blank_operand_count,
    CASE WHEN published IS NULL THEN 'no date of publication is known'
         WHEN published < CAST($year_end AS DATE) THEN 'the date is before the end of the report year: ' || published
         WHEN published > due THEN 'published on ' || published || ', due by ' || due END AS reason,
    {_NO_CELLS}
FROM dated ORDER BY report_id
"""

# A government's report and its own general office's with the same figures are one report under two names.
_COPIES = f"""
WITH here AS (
    SELECT p.* FROM panel p JOIN reports r USING (report_id)
),
others AS (
    SELECT h.report_id, $other_issuer AS rule_id, list(o.report_id ORDER BY o.report_id) AS found,
        any_value(h.nonzero_figure_count) AS figures
    FROM here h JOIN panel o ON o.figures_fingerprint = h.figures_fingerprint AND o.issuer_id <> h.issuer_id
    WHERE NOT (
        o.division_code IS NOT DISTINCT FROM h.division_code
        AND list_contains($one_body, o.issuer_kind) AND list_contains($one_body, h.issuer_kind))
    GROUP BY h.report_id
    UNION ALL
    SELECT h.report_id, $other_year
        AS rule_id, list(o.report_id ORDER BY o.report_id), any_value(h.nonzero_figure_count)
    FROM here h JOIN earlier_panel o ON o.figures_fingerprint = h.figures_fingerprint AND o.issuer_id = h.issuer_id
    GROUP BY h.report_id
),
asked AS (
    SELECT h.report_id, h.figures_fingerprint, unnest([$other_issuer, $other_year]) AS rule_id
    FROM here h WHERE list_contains($editions, h.edition)
)
SELECT
    a.report_id, a.rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN a.figures_fingerprint IS NULL THEN 'not_assessable' WHEN o.found IS NULL THEN 'pass' ELSE 'fail'
        END AS status,
    CASE WHEN a.figures_fingerprint IS NOT NULL THEN 0.0 END AS expected,
    CASE WHEN a.figures_fingerprint IS NOT NULL THEN CAST(coalesce(len(o.found), 0) AS DOUBLE) END AS printed,
    0 AS blank_operand_count,
    CASE WHEN a.figures_fingerprint IS NULL THEN 'too few figures other than 0 to tell a copy from chance'
         WHEN o.found IS NOT NULL THEN 'the same ' || o.figures || ' figures as '
             || list_aggregate(o.found[1:3], 'string_agg', ', ')
            || CASE WHEN len(o.found) > 3 THEN ' and ' || (len(o.found) - 3) || ' more' ELSE '' END END AS reason,
    {_NO_CELLS}
FROM asked a LEFT JOIN others o USING (report_id, rule_id)
ORDER BY a.report_id, a.rule_id
"""

_STRUCTURE = f"""
WITH looked AS (
    SELECT
        r.report_id, r.edition, r.year_edition, r.cell_count, r.flags,
        CASE WHEN own.tables IS NULL OR len(own.tables) = 0 THEN coalesce(due.tables, []) ELSE r.missing_tables
            END AS missing
    FROM reports r
    LEFT JOIN forms own ON own.edition = r.edition
    LEFT JOIN forms due ON due.edition = r.year_edition
)
SELECT
    report_id, $missing AS rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN len(missing) > 0 THEN 'fail' ELSE 'pass' END AS status,
    0.0 AS expected, CAST(len(missing) AS DOUBLE) AS printed, 0 AS blank_operand_count,
    CASE WHEN len(missing) > 0 THEN 'missing: ' || list_aggregate(missing, 'string_agg', ', ') END
        AS reason, {_NO_CELLS}
FROM looked
UNION ALL
SELECT
    report_id, $image, NULL,
    CASE WHEN list_contains(flags, 'table_is_image') OR (list_contains(flags, 'has_images') AND cell_count = 0)
        THEN 'fail' ELSE 'pass' END,
    0.0, CASE WHEN list_contains(flags, 'table_is_image') OR (list_contains(flags, 'has_images') AND cell_count = 0)
        THEN 1.0 ELSE 0.0 END, 0,
    CASE WHEN list_contains(flags, 'table_is_image') OR (list_contains(flags, 'has_images') AND cell_count = 0)
        THEN 'the document shows pictures and no table of data' END, [], []
FROM looked WHERE edition <> 'E2008'
UNION ALL
SELECT
    report_id, $edition, NULL,
    CASE WHEN year_edition IS NULL THEN 'not_assessable' WHEN edition <> year_edition THEN 'fail' ELSE 'pass' END,
    CAST(substr(year_edition, 2) AS DOUBLE), CASE WHEN year_edition IS NOT NULL THEN CAST(substr(edition, 2)
        AS DOUBLE) END, 0,
    CASE WHEN year_edition IS NULL THEN 'no form is known for the year'
         WHEN edition <> year_edition THEN 'labels of ' || edition || ', due was ' || year_edition END, [], []
FROM looked WHERE edition <> 'E2008'
ORDER BY 1, 2
"""

_RECONCILIATION = f"""
WITH places AS (
    SELECT report_id, issuer_id, scope, issuer_kind, unnest([
        {{'level': 'province', 'code': province_code}}, {{'level': 'prefecture', 'code': prefecture_code}},
        {{'level': 'county', 'code': county_code}}]) AS place, {{measures}}
    FROM panel WHERE scope IN ('own', 'consolidated')
),
own AS (
    SELECT place.code AS code, measure, sum(figure) AS total, count(*) AS bodies
    FROM (UNPIVOT (SELECT place, {{measures}} FROM places WHERE scope = 'own' AND issuer_kind <> $government
            AND place.code IS NOT NULL)
        ON {{measures}} INTO NAME measure VALUE figure)
    GROUP BY ALL
),
whole AS (
    SELECT report_id, code, measure, figure
    FROM (UNPIVOT (SELECT p.report_id, p.division_code AS code, {{measures}}
            FROM panel p JOIN reports r USING (report_id) WHERE p.scope = 'consolidated'
                AND p.division_code IS NOT NULL)
        ON {{measures}} INTO NAME measure VALUE figure)
)
SELECT
    w.report_id, $rule AS rule_id, w.measure AS member,
    CASE WHEN o.bodies IS NULL THEN 'not_assessable' WHEN o.total > w.figure THEN 'fail' ELSE 'pass' END AS status,
    o.total AS expected, CASE WHEN o.bodies IS NOT NULL THEN w.figure END AS printed, 0 AS blank_operand_count,
    CASE WHEN o.bodies IS NULL THEN 'no own report of a body of this place was found'
         ELSE 'own reports of ' || o.bodies || ' bodies found' END AS reason,
    {_NO_CELLS}
FROM whole w LEFT JOIN own o USING (code, measure)
ORDER BY w.report_id, w.measure
"""

_HINTS = """
SELECT
    c.report_id, $rule AS rule_id, c.cell AS member, 'fail' AS status,
    TRY_CAST(regexp_extract(c.repair_hint, '^[0-9]+') AS DOUBLE) AS expected, c.value AS printed,
    0 AS blank_operand_count, c.repair_hint AS reason, [c.cell] AS cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM cells c JOIN reports USING (report_id)
WHERE c.repair_hint IS NOT NULL
ORDER BY c.report_id, c.cell
"""


def publication_deadline(report_year: int, *, is_government: bool) -> date:
    """The last day on which the report on a year was due: Regulation of 2007, art. 31; of 2019, art. 49."""
    declared = constants()
    month, day = declared.early_deadline
    if report_year >= declared.first_year_of_two_deadlines:
        month, day = declared.government_deadline if is_government else declared.department_deadline
    return date(report_year + 1, month, day)


def find_late(material: Material) -> pa.Table:
    """Days after the deadline on which a report was first published, by the earliest date that a document states.

    A report over departments and lower levels waits for theirs: whoever issues it, it has the government's deadline.
    """
    (rule,) = rules_of_kind("timing")
    tables = {
        "reports": material.reports.select(["report_id", "issuer_kind", "scope"]),
        "renditions": material.renditions.select(["report_id", "published_date", "listed_date"]),
    }
    facts = {
        "rule": rule.id,
        "government": IssuerKind.GOVERNMENT.value,
        "consolidated": Scope.CONSOLIDATED.value,
        "government_deadline": publication_deadline(material.report_year, is_government=True),
        "department_deadline": publication_deadline(material.report_year, is_government=False),
        "year_end": date(material.report_year, 12, 31),
    }
    return run_sql(_LATE, tables, facts).cast(FINDINGS)


def find_copies(material: Material) -> pa.Table:
    """Reports with the same figures other than 0: of another body in the year, of the same body in an earlier one."""
    columns = ["report_id", "issuer_id", "issuer_kind", "division_code", "edition", "figures_fingerprint",
               "nonzero_figure_count"]  # fmt: skip
    tables = {
        "reports": material.reports.select(["report_id"]),
        "panel": material.panel.select(columns),
        "earlier_panel": material.earlier_panel.select(["report_id", "issuer_id", "figures_fingerprint"]),
    }
    by_id = {rule.id: rule for rule in rules_of_kind("copy")}
    facts = {
        "other_issuer": "copy.other_issuer",
        "other_year": "copy.other_year",
        "editions": list(by_id["copy.other_issuer"].editions),
        "one_body": [IssuerKind.GOVERNMENT.value, IssuerKind.GOVERNMENT_OFFICE.value],
    }
    return run_sql(_COPIES, tables, facts).cast(FINDINGS)


def find_structure(material: Material) -> pa.Table:
    """Tables that are missing or shown as pictures, and a form that is not the one due for the year."""
    forms = pa.Table.from_pylist(
        [
            {"edition": edition.id, "tables": [table.id for table in edition.tables]}
            for edition in load_forms().editions.values()
        ],
        schema=pa.schema([("edition", pa.string()), ("tables", pa.list_(pa.string()))]),
    )
    columns = ["report_id", "edition", "year_edition", "cell_count", "flags", "missing_tables"]
    names = {
        "missing": "structure.table_missing",
        "image": "structure.image_only",
        "edition": "structure.wrong_edition",
    }
    return run_sql(_STRUCTURE, {"reports": material.reports.select(columns), "forms": forms}, names).cast(FINDINGS)


def find_unreconciled(material: Material) -> pa.Table:
    """Consolidated reports against the sum of the own reports of bodies at and below their place; governments' own left
    out, which their general offices report too.
    """
    (rule,) = rules_of_kind("reconciliation")
    if not pc.any(pc.equal(material.reports.column("scope"), Scope.CONSOLIDATED.value)).as_py():
        return no_findings()
    measures = list(rule.members)
    columns = ["report_id", "issuer_id", "scope", "issuer_kind", "division_code", "province_code", "prefecture_code",
               "county_code", *measures]  # fmt: skip
    tables = {"panel": material.panel.select(columns), "reports": material.reports.select(["report_id"])}
    query = _RECONCILIATION.replace("{measures}", ", ".join(measures))
    return run_sql(query, tables, {"rule": rule.id, "government": IssuerKind.GOVERNMENT.value}).cast(FINDINGS)


def find_hints(material: Material) -> pa.Table:
    """One row for each cell that alone would close its broken sums."""
    (rule,) = rules_of_kind("hint")
    cells = material.cells.select(["report_id", "cell", "value", "repair_hint"])
    cells = cells.filter(pc.is_valid(cells.column("repair_hint")))
    if cells.num_rows == 0:
        return no_findings()
    tables = {"cells": cells, "reports": material.reports.select(["report_id"])}
    return run_sql(_HINTS, tables, {"rule": rule.id}).cast(FINDINGS)
