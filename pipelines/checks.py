"""Asset checks, derived from the declarations: on the schema of each table, for each rule and for each severity.

A table that breaks its schema is our mistake: error. Reports that break a rule are the publisher's, published as
printed: warning, until a verdict has settled them. A correction that no longer fits its document changes nothing and is
an error, so that somebody looks; a body counted twice is one, too.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.declaration import load_forms
from extract.forms.rules import rules_of
from transform.archive import conservation
from transform.double_counts import double_counts
from transform.rules.declared import load_rules
from transform.schema.derive import violations
from transform.schema.tables import TABLES

__all__ = ["check_specs", "conservation_result", "double_count_result", "evaluate_checks"]

_SHOWN = 10
_SCHEMA = "schema"
_CONSERVATION = "nothing_is_lost"
_DOUBLE_COUNTS = "no_body_counts_twice"
_IDLE_ENTRIES = "every_entry_counts"
_SEVERITIES = ("error", "warning", "info")
_STATUSES = ("pass", "assumed_zero", "fail", "not_assessable")


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[str, str]]:
    """Severity and sentence of every rule of every edition, by rule id."""
    found: dict[str, tuple[str, str]] = {rule.id: (rule.severity, rule.sentence_zh("各项")) for rule in load_rules()}
    for edition in load_forms().editions:
        for rule in rules_of(edition):
            found.setdefault(rule.rule_id, (rule.severity, rule.zh))
    return dict(sorted(found.items()))


def _check_name(rule_id: str) -> str:
    return "rule_" + re.sub(r"[^A-Za-z0-9_]", "_", rule_id)


def check_specs(table: str) -> list[dg.AssetCheckSpec]:
    """The checks that run whenever the table is made."""
    specs = [dg.AssetCheckSpec(_SCHEMA, asset=table, description="Keys unique, nulls and codes as declared.")]
    if table == "checks":
        specs += [
            dg.AssetCheckSpec(
                _check_name(rule_id),
                asset=table,
                description=f"Reports whose printed figures break {rule_id} ({severity}): {sentence}",
            )
            for rule_id, (severity, sentence) in _rules().items()
        ]
        specs += [
            dg.AssetCheckSpec(
                _severity_name(severity),
                asset=table,
                description=f"Breaches of severity {severity} that no verdict has settled, counted by rule.",
            )
            for severity in _SEVERITIES
        ]
    if table == "corrections":
        specs.append(
            dg.AssetCheckSpec(
                _IDLE_ENTRIES,
                asset=table,
                description="Every correction and verdict still fits what is read; a stale one changes nothing.",
            )
        )
    if table == "region_year":
        specs.append(
            dg.AssetCheckSpec(
                _DOUBLE_COUNTS,
                asset=table,
                description="Worked out again from the reports: no body counts twice in any region and basis.",
            )
        )
    if table == "documents":
        specs.append(
            dg.AssetCheckSpec(
                _CONSERVATION,
                asset=table,
                description="Every document is a report, a stated non-report or in quarantine.",
            )
        )
    return specs


def evaluate_checks(table: str, rows: pa.Table) -> Iterator[dg.AssetCheckResult]:
    """The results for rows just written, conservation apart."""
    problems = violations(TABLES[table], rows)
    yield dg.AssetCheckResult(
        check_name=_SCHEMA,
        asset_key=table,
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"rows": rows.num_rows, "violations": _listed(problems)},
    )
    if table == "checks":
        yield from _rule_results(rows)
    if table == "corrections":
        yield _idle_entries_result(rows)


def _severity_name(severity: str) -> str:
    return f"breaches_of_severity_{severity}"


def _rule_results(rows: pa.Table) -> Iterator[dg.AssetCheckResult]:
    counted = rows.group_by(["rule_id", "status"]).aggregate([([], "count_all")]).to_pylist()
    counts = {(row["rule_id"], row["status"]): row["count_all"] for row in counted}
    failing = rows.filter(pc.equal(rows.column("status"), "fail"))
    is_settled = pc.fill_null(pc.equal(failing.column("verdict_state"), "holds"), False)
    open_ones = failing.filter(pc.invert(is_settled)).select(["rule_id", "severity", "report_id"]).to_pylist()
    broken: dict[str, set[str]] = {rule_id: set() for rule_id in _rules()}
    for row in open_ones:
        broken[row["rule_id"]].add(row["report_id"])
    for rule_id, (severity, _) in _rules().items():
        yield dg.AssetCheckResult(
            check_name=_check_name(rule_id),
            asset_key="checks",
            passed=not broken[rule_id],
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "severity_of_the_rule": severity,
                "reports_that_break_it": len(broken[rule_id]),
                "first_reports": _listed(sorted(broken[rule_id])),
                **{status: counts[rule_id, status] for status in _STATUSES if (rule_id, status) in counts},
            },
        )
    for severity in _SEVERITIES:
        found = [row for row in open_ones if row["severity"] == severity]
        by_rule = {
            rule_id: sum(row["rule_id"] == rule_id for row in found) for rule_id in {r["rule_id"] for r in found}
        }
        yield dg.AssetCheckResult(
            check_name=_severity_name(severity),
            asset_key="checks",
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "breaches": len(found),
                "reports": len({row["report_id"] for row in found}),
                "settled_by_verdict": pc.sum(
                    pc.and_(is_settled, pc.equal(failing.column("severity"), severity)).cast(pa.int64())
                ).as_py()
                or 0,
                **dict(sorted(by_rule.items())),
            },
        )


def _idle_entries_result(rows: pa.Table) -> dg.AssetCheckResult:
    """Whether every entry of a person counts, or has been put aside by a later one."""
    idle = [row for row in rows.to_pylist() if row["state"] in ("stale", "unmatched")]
    words = [f"{row['file']} {row['entry']} ({row['state']}: {row['state_reason']})" for row in idle]
    return dg.AssetCheckResult(
        check_name=_IDLE_ENTRIES,
        asset_key="corrections",
        passed=not idle,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"entries": rows.num_rows, "stale_or_unmatched": len(idle), "first": _listed(words)},
    )


def double_count_result(region_year: pa.Table, reports: pa.Table, issuer_year: pa.Table) -> dg.AssetCheckResult:
    """Whether any figure of `region_year` counts a body twice, year by year."""
    problems: list[str] = []
    for year in sorted(set(region_year.column("report_year").to_pylist())):
        of_year = [
            table.filter(pc.equal(table.column("report_year"), year)) for table in (region_year, reports, issuer_year)
        ]
        problems += [
            f"{year}: {problem}"
            for problem in double_counts(region_year=of_year[0], reports=of_year[1], issuer_year=of_year[2])
        ]
    return dg.AssetCheckResult(
        check_name=_DOUBLE_COUNTS,
        asset_key="region_year",
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"rows": region_year.num_rows, "problems": _listed(problems)},
    )


def conservation_result(documents: pa.Table, renditions: pa.Table, quarantine: pa.Table) -> dg.AssetCheckResult:
    """Whether every document came out somewhere."""
    problems = conservation(documents, renditions, quarantine)
    return dg.AssetCheckResult(
        check_name=_CONSERVATION,
        asset_key="documents",
        passed=not problems,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"documents": documents.num_rows, "problems": _listed(problems)},
    )


def _listed(items: Sequence[str]) -> str:
    more = f" … and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return "; ".join(items[:_SHOWN]) + more
