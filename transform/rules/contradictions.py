"""Rule 11: what the prose says of the whole against what the tables or the title say."""

import pyarrow as pa
import pyarrow.compute as pc

from transform.rules.declared import rules_of_kind
from transform.rules.findings import FINDINGS, Material, no_findings
from transform.rules.prose import SAID, judge_said
from transform.sql import run_sql

__all__ = ["find_blank_tables", "find_claims", "find_other_years", "find_periods"]

_OF_ALL = "全部|均|100"
"""A text without any of these claims nothing of the whole."""
_REPORT_OF_A_YEAR = r"20\d\d\s*年度?\s*政府信息公开"
_CLAIMS = """
WITH prose AS (
    SELECT n.report_id, n.section_order,
        unnest(string_split_regex(regexp_replace(n.text, '\\s+', '', 'g'), '[。；;！!]')) AS sentence
    FROM narratives n
)
SELECT report_id, $rule AS rule_id, min(CAST(section_order AS BIGINT)) AS said_order, 0.0 AS said,
    CAST([] AS VARCHAR[]) AS flags, arg_min(sentence, section_order) AS words
FROM prose
WHERE regexp_matches(sentence, $claim) AND NOT regexp_matches(sentence, $unless)
    AND report_id NOT IN (SELECT report_id FROM statements WHERE code = $unless_stated AND value > 0)
GROUP BY report_id
ORDER BY report_id
"""

_BLANK = """
WITH counted AS (
    SELECT report_id, count(*) AS cell_count, count(value) AS number_count,
        count(*) FILTER (status IN ('text', 'withheld')) AS word_count
    FROM cells WHERE starts_with(cell, $prefix) GROUP BY report_id
)
SELECT
    s.report_id, $rule AS rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN c.number_count = 0 THEN 'fail' ELSE 'pass' END AS status,
    s.value AS expected, CAST(NULL AS DOUBLE) AS printed,
    CASE WHEN c.number_count = 0 THEN c.cell_count ELSE 0 END AS blank_operand_count,
    CASE WHEN c.number_count = 0 THEN 'the prose says: ' || s.raw END AS reason,
    CAST([] AS VARCHAR[]) AS cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM statements s JOIN reports r USING (report_id) JOIN counted c USING (report_id)
WHERE s.code = $code AND s.value > 0 AND c.word_count = 0 AND list_contains($editions, r.edition)
    AND NOT list_contains(s.flags, 'recognised')
QUALIFY row_number() OVER (PARTITION BY s.report_id ORDER BY s.statement_order) = 1
ORDER BY s.report_id
"""

_PERIODS = """
SELECT
    report_id, $rule AS rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN list_contains(flags, 'wrong_year') THEN 'fail' ELSE 'pass' END AS status,
    CAST($year AS DOUBLE) AS expected,
    CASE WHEN list_contains(flags, 'wrong_year') THEN TRY_CAST(regexp_extract(title, '20[0-9][0-9]') AS DOUBLE)
        ELSE CAST($year AS DOUBLE) END AS printed,
    0 AS blank_operand_count,
    CASE WHEN list_contains(flags, 'wrong_year') THEN 'the title reads: ' || coalesce(title, '') END AS reason,
    CAST([] AS VARCHAR[]) AS cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM reports ORDER BY report_id
"""

# The report of another year may be named rightly: last year's was published in this one. Such words are left alone.
_OTHER_YEARS = """
WITH prose AS (
    SELECT n.report_id, n.section_order, r.issuer,
        regexp_replace(n.text, '\\s+', '', 'g') AS text
    FROM narratives n JOIN reports r USING (report_id)
    WHERE length(r.issuer) >= 4
),
named AS (
    SELECT report_id, section_order, text, strpos(text, issuer) AS place, issuer,
        regexp_extract(substr(text, strpos(text, issuer)),
            '^' || regexp_escape(issuer) || '(20[0-9][0-9])年(?:度)?政府信息公开(?:工作)?(?:年度)?报告', 1) AS year
    FROM prose WHERE strpos(text, issuer) > 0
),
judged AS (
    SELECT *, CAST(year AS INTEGER) AS named_year,
        substr(text, greatest(1, place - 14), least(14, place - 1)) AS before,
        substr(text, place + length(issuer), 40) AS behind
    FROM named WHERE year <> ''
)
SELECT
    report_id, $rule AS rule_id, CAST(NULL AS VARCHAR) AS member,
    CASE WHEN named_year = $report_year THEN 'pass' ELSE 'fail' END AS status,
    CAST($report_year AS DOUBLE) AS expected, CAST(named_year AS DOUBLE) AS printed, 0 AS blank_operand_count,
    CASE WHEN named_year <> $report_year THEN 'the prose says: ' || issuer || year || '年' END AS reason,
    CAST([] AS VARCHAR[]) AS cells, CAST([] AS VARCHAR[]) AS previous_cells
FROM judged
WHERE named_year = $report_year OR NOT (
    regexp_matches(before, '《|上年|去年|上一年|已|按时|按期|(^|[^现特予])(发布|公布|公开|编制|编写|完成)了?$')
    OR regexp_matches(behind, '》|已于|已在|按时|按期|及时|如期'))
QUALIFY row_number() OVER (
    PARTITION BY report_id ORDER BY CASE WHEN named_year = $report_year THEN 1 ELSE 0 END, section_order) = 1
ORDER BY report_id
"""


def find_claims(material: Material) -> pa.Table:
    """Where the prose says that all is closed or upheld: the cells that must then be 0."""
    rules = rules_of_kind("contradiction")
    narratives = material.narratives.select(["report_id", "section_order", "text"])
    narratives = narratives.filter(pc.match_substring_regex(narratives.column("text"), _OF_ALL))
    if narratives.num_rows == 0:
        return no_findings()
    tables = {"narratives": narratives, "statements": material.statements.select(["report_id", "code", "value"])}
    said = []
    for rule in rules:
        words = {"rule": rule.id, "claim": "|".join(rule.claims), "unless": rule.unless}
        said.append(run_sql(_CLAIMS, tables, {**words, "unless_stated": rule.unless_stated}).cast(SAID))
    return judge_said(material, rules, pa.concat_tables(said))


def find_blank_tables(material: Material) -> pa.Table:
    """Where the prose counts applications: whether table 3 holds any number."""
    (rule,) = rules_of_kind("blank_table")
    if material.statements.num_rows == 0:
        return no_findings()
    tables = {
        "statements": material.statements.select(["report_id", "statement_order", "code", "value", "flags", "raw"]),
        "reports": material.reports.select(["report_id", "edition"]),
        "cells": material.cells.select(["report_id", "cell", "value", "status"]),
    }
    asked = {"rule": rule.id, "prefix": f"{rule.table}.", "code": rule.statement, "editions": list(rule.editions)}
    return run_sql(_BLANK, tables, asked).cast(FINDINGS)


def find_periods(material: Material) -> pa.Table:
    """Whether the period that the text states is the year of the title."""
    (rule,) = rules_of_kind("period")
    tables = {"reports": material.reports.select(["report_id", "title", "flags"])}
    return run_sql(_PERIODS, tables, {"rule": rule.id, "year": material.report_year}).cast(FINDINGS)


def find_other_years(material: Material) -> pa.Table:
    """Whether the prose names the issuer's report by another year; where it does not name it, there is no row."""
    (rule,) = rules_of_kind("own_name")
    narratives = material.narratives.select(["report_id", "section_order", "text"])
    narratives = narratives.filter(pc.match_substring_regex(narratives.column("text"), _REPORT_OF_A_YEAR))
    if narratives.num_rows == 0:
        return no_findings()
    tables = {
        "narratives": narratives,
        "reports": material.reports.select(["report_id", "issuer"]),
    }
    return run_sql(_OTHER_YEARS, tables, {"rule": rule.id, "report_year": material.report_year}).cast(FINDINGS)
