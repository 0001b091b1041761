"""The arithmetic on the real reports of the corpus, against the outcomes found by hand. Skips without the corpus."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from transform_samples import Year

from extract.api import extract
from extract.forms.rules import rules_of
from transform.extracted import ExtractedDocument, year_of
from transform.renditions import build_renditions

CORPUS = Path(os.environ["OGI_CORPUS"]) if os.environ.get("OGI_CORPUS") else None
NAMES = (
    "seeds/000_b184471cafab89da", "seeds/001_f431f1dff2d226db", "seeds/002_2e2d9f4e0f781cc7",
    "seeds/003_c95910d04a7fd181", "seeds/004_7ce4d319cd6eea24", "extra/huaian_2024",
)  # fmt: skip
FORM_RULES = pa.array(sorted({rule.rule_id for edition in ("E2014", "E2019", "E2021") for rule in rules_of(edition)}))
OTHER_FAILING = {"seeds/004_7ce4d319cd6eea24": {"hint.one_cell[t3.total_processed.total]"}}
"""Rules beside the form's arithmetic that a report breaks, each looked at by hand."""


@pytest.mark.skipif(CORPUS is None, reason="OGI_CORPUS is not set")
@pytest.mark.parametrize("name", NAMES)
def test_checks_of_a_real_report_are_those_found_by_hand(name: str):
    assert CORPUS is not None
    data = (CORPUS / f"{name}.txt").read_bytes()
    expected = json.loads((CORPUS / f"{name}.expected.json").read_text(encoding="utf-8"))["checks"]
    every_check = checks_of(data)
    checks = every_check.filter(pc.is_in(every_check.column("rule_id"), value_set=FORM_RULES))
    others = every_check.filter(pc.invert(pc.is_in(every_check.column("rule_id"), value_set=FORM_RULES)))
    failing = {row["check_id"] for row in others.to_pylist() if row["status"] == "fail"}
    assert failing == OTHER_FAILING.get(name, set()), failing
    found: dict[str, list[str]] = {}
    for row in checks.to_pylist():
        found.setdefault(row["status"], []).append(row["check_id"])
    assert {status: len(ids) for status, ids in found.items()} == expected["summary"]
    assert found.get("fail", []) == sorted(item["id"] for item in expected["failed"])
    assert found.get("assumed_zero", []) == sorted(expected["assumed_zero"])
    assert found["not_assessable"] == sorted(item["id"] for item in expected["not_assessable"])
    printed = {row["check_id"]: (row["expected"], row["printed"]) for row in checks.to_pylist()}
    for item in expected["failed"]:
        assert printed[item["id"]] == (item["lhs"], item["rhs"])


def checks_of(data: bytes) -> pa.Table:
    document = ExtractedDocument(
        sha256=sha256(data).hexdigest(), extraction=extract(data), extractor_version="test", byte_count=len(data)
    )
    year = year_of(document)
    assert year is not None
    made = Year([document], year=year)
    made["renditions"] = build_renditions(report_year=year, extractions=[document])
    return made["checks"]
