"""Rule 10: figures of the prose against the tables, both kept."""

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from transform.rules.declared import rules_of_kind
from transform.rules.findings import FINDINGS, Material, no_findings, sums_of
from transform.rules.prose import SAID, alternatives_of, judge_said
from transform.sql import run_sql

__all__ = ["find_shares", "find_statements"]

_SAID = """
SELECT s.report_id, w.rule_id, CAST(s.statement_order AS BIGINT) AS said_order, s.value AS said, s.flags, s.raw AS words
FROM statements s JOIN reports r USING (report_id)
JOIN words w ON w.statement = s.code AND w.edition = r.edition
ORDER BY s.report_id, w.rule_id, said_order
"""

_GRANTED_WORD = "予以公开"
# A count of applications disclosed in full with its percentage, on the prose without white space.
_GRANTED = (
    r"予以公开(?:的|了|政府|信息|申请|答复|共计|共|为|计|有|数量|数)*([0-9][0-9,]*)[件宗条份][（(,，、]+"
    r"(?:约?占[^0-9。；;,，（(]{0,16})?(?:比|为|约)*([0-9]+(?:\.[0-9]+)?)[%％]"
)
_SHARES = """
WITH prose AS (
    SELECT n.report_id, n.section_order, regexp_replace(n.text, '\\s+', '', 'g') AS text
    FROM narratives n JOIN reports r USING (report_id)
    WHERE r.edition IN ('E2014', 'E2019', 'E2021')
),
found AS (
    SELECT report_id, section_order, regexp_extract(text, $granted, ['count', 'share']) AS said,
        regexp_extract(text, $granted) AS words
    FROM prose WHERE regexp_matches(text, $granted)
)
SELECT report_id, section_order, CAST(replace(said.count, ',', '') AS DOUBLE) AS granted,
    CAST(said.share AS DOUBLE) AS share, length(split_part(said.share, '.', 2)) AS decimals, words
FROM found
QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY section_order) = 1
ORDER BY report_id
"""

# A percentage may be of any of the totals; it agrees within one unit of its last decimal, as bodies round and cut.
_SHARE_FINDINGS = """
WITH bases AS (
    SELECT s.report_id, s.granted, s.share, s.decimals, s.words, a.ordinal, a.says, a.cells, u.blank_count,
        u.blocked_by,
        u.blocked_by IS NULL AND u.number_count > 0 AS is_read,
        CASE WHEN u.blocked_by IS NULL AND u.number_count > 0 AND u.left_sum > 0 THEN u.left_sum END AS base
    FROM said s JOIN reports r USING (report_id)
    JOIN alternatives a ON a.edition = r.edition AND a.rule_id = $rule
    JOIN sums u ON u.report_id = s.report_id AND u.edition = a.edition AND u.expression_id = a.expression_id
),
nearest AS (
    SELECT *, 100 * granted / base AS worked_out,
        bool_and(is_read) OVER (PARTITION BY report_id) AND bool_or(base IS NOT NULL) OVER (PARTITION BY report_id)
            AS is_known,
        row_number() OVER (
            PARTITION BY report_id ORDER BY base IS NULL, abs(100 * granted / base - share), ordinal) AS place
    FROM bases
),
judged AS (
    SELECT *, CASE
        WHEN base IS NOT NULL AND abs(worked_out - share) <= power(10, -decimals) + 1e-9
            THEN CASE WHEN blank_count > 0 THEN 'assumed_zero' ELSE 'pass' END
        WHEN is_known THEN 'fail' ELSE 'not_assessable' END AS status
    FROM nearest WHERE place = 1
)
SELECT
    report_id, $rule AS rule_id, CAST(NULL AS VARCHAR) AS member, status,
    CASE WHEN status <> 'not_assessable' THEN round(worked_out, 2) END AS expected,
    CASE WHEN status <> 'not_assessable' THEN share END AS printed,
    CASE WHEN status <> 'not_assessable' THEN blank_count ELSE 0 END AS blank_operand_count,
    CASE status WHEN 'fail' THEN 'the prose says: ' || words
        WHEN 'not_assessable' THEN coalesce(blocked_by, 'a total is blank or 0') ELSE 'the percentage is '
            || says END AS reason,
    cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM judged ORDER BY report_id
"""


def find_statements(material: Material) -> pa.Table:
    """The figures of `statements` that the form has a place for, against that place."""
    if material.statements.num_rows == 0:
        return no_findings()
    said = run_sql(
        _SAID,
        {
            "statements": material.statements.select(["report_id", "statement_order", "code", "value", "flags", "raw"]),
            "reports": material.reports.select(["report_id", "edition"]),
            "words": _codes(),
        },
    ).cast(SAID)
    return judge_said(material, rules_of_kind("text"), said)


@lru_cache(maxsize=1)
def _codes() -> pa.Table:
    rows = [
        {"rule_id": rule.id, "statement": rule.statement, "edition": edition}
        for rule in rules_of_kind("text")
        for edition in rule.editions
    ]
    return pa.Table.from_pylist(rows)


def find_shares(material: Material) -> pa.Table:
    """Applications disclosed in full as the prose counts them, and the percentage that it gives them."""
    reports = material.reports.select(["report_id", "edition"])
    narratives = material.narratives.select(["report_id", "section_order", "text"])
    narratives = narratives.filter(pc.match_substring(narratives.column("text"), _GRANTED_WORD))
    if narratives.num_rows == 0:
        return no_findings()
    said = run_sql(_SHARES, {"narratives": narratives, "reports": reports}, {"granted": _GRANTED})
    if said.num_rows == 0:
        return no_findings()
    counted = [rule for rule in rules_of_kind("share") if not rule.share]
    (of_all,) = (rule for rule in rules_of_kind("share") if rule.share)
    counts = run_sql(
        "SELECT report_id, $rule AS rule_id, CAST(section_order AS BIGINT) AS said_order, granted AS said, "
        "CAST([] AS VARCHAR[]) AS flags, words FROM said ORDER BY report_id",
        {"said": said},
        {"rule": counted[0].id},
    ).cast(SAID)
    expressions, alternatives = alternatives_of((of_all.id,))
    tables = {
        "said": said,
        "reports": reports,
        "alternatives": alternatives,
        "sums": sums_of(material, expressions, said),
    }
    shares = run_sql(_SHARE_FINDINGS, tables, {"rule": of_all.id}).cast(FINDINGS)
    return pa.concat_tables([judge_said(material, counted, counts), shares])
