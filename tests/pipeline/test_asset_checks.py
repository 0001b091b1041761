"""Asset checks on rows made by hand: settled breaches, stale entries, bodies counted twice."""

from datetime import date
from typing import Any

import dagster as dg
import pyarrow as pa

from pipelines.checks import check_specs, evaluate_checks
from transform.schema.derive import from_rows
from transform.schema.tables import TABLES


def rows(table: str, *changes: dict[str, Any]) -> pa.Table:
    """Rows of a table, null but for what is said."""
    blank = dict.fromkeys(TABLES[table].column_names)
    return from_rows(TABLES[table], [{**blank, **change} for change in changes])


def results(table: str, found: pa.Table) -> dict[str, dg.AssetCheckResult]:
    return {str(result.check_name): result for result in evaluate_checks(table, found)}


def check(report: str, **changes: Any) -> dict[str, Any]:
    return {
        "report_id": report, "report_year": 2022, "check_id": "t3.balance[total]", "rule_id": "t3.balance",
        "kind": "balance", "severity": "error", "status": "fail", "comparator": "==", "blank_operand_count": 0,
        "cells": [], "previous_cells": [], "sentence_zh": "和", "sentence_en": "sum", "edition": "E2021", **changes,
    }  # fmt: skip


def entry(state: str, number: int) -> dict[str, Any]:
    return {
        "entry_kind": "correction", "file": "corrections.yaml", "entry": number, "state": state,
        "document_named": "0123456789ab", "correction_reason": "r", "author": "a",
        "decided_on": date(2026, 11, 22),
    }  # fmt: skip


def test_a_breach_that_a_verdict_settles_breaks_no_asset_check() -> None:
    settled = {"verdict": "accepted", "verdict_state": "holds", "verdict_reason": "r", "verdict_author": "a"}
    found = results(
        "checks", rows("checks", check("a"), check("b", **settled), check("c", **{**settled, "verdict_state": "stale"}))
    )
    assert found["rule_t3_balance"].metadata["reports_that_break_it"].value == 2
    errors = found["breaches_of_severity_error"]
    assert not errors.passed
    assert (errors.metadata["breaches"].value, errors.metadata["settled_by_verdict"].value) == (2, 1)
    assert found["breaches_of_severity_warning"].passed
    assert results("checks", rows("checks", check("b", **settled)))["rule_t3_balance"].passed


def test_a_stale_entry_is_an_error() -> None:
    sound = results("corrections", rows("corrections", entry("applied", 1), entry("superseded", 2)))[
        "every_entry_counts"
    ]
    assert sound.passed
    for state in ("stale", "unmatched"):
        loud = results("corrections", rows("corrections", entry("applied", 1), entry(state, 2)))["every_entry_counts"]
        assert not loud.passed
        assert loud.severity is dg.AssetCheckSeverity.ERROR
        assert "corrections.yaml 2" in str(loud.metadata["first"].value)


def test_every_check_that_is_announced_is_given() -> None:
    for table in ("checks", "corrections"):
        announced = {spec.name for spec in check_specs(table)}
        assert announced == set(results(table, rows(table)))
    assert "no_body_counts_twice" in {spec.name for spec in check_specs("region_year")}
