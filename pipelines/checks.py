"""Asset checks, derived from the declarations: one on the schema of each table, one for each rule of the forms.

A table that breaks its schema is our mistake: error. Printed figures that break the form's arithmetic are the
publisher's, published as printed: warning.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import dagster as dg
import pyarrow as pa

from extract.forms.declaration import load_forms
from extract.forms.rules import rules_of
from transform.archive import conservation
from transform.schema.derive import violations
from transform.schema.tables import TABLES

__all__ = ["check_specs", "conservation_result", "evaluate_checks"]

_SHOWN = 10
_SCHEMA = "schema"
_CONSERVATION = "nothing_is_lost"


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[str, str]]:
    """Severity and sentence of every rule of every edition, by rule id."""
    found: dict[str, tuple[str, str]] = {}
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


def _rule_results(rows: pa.Table) -> Iterator[dg.AssetCheckResult]:
    counts: dict[str, Counter[str]] = {rule_id: Counter() for rule_id in _rules()}
    broken: dict[str, set[str]] = {rule_id: set() for rule_id in _rules()}
    for row in rows.select(["rule_id", "status", "report_id"]).to_pylist():
        counts[row["rule_id"]][row["status"]] += 1
        if row["status"] == "fail":
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
                **{status: count for status, count in sorted(counts[rule_id].items())},
            },
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
