"""Issuers of real reports come to the place and the kind that a careful reader gave them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from transform.issuers import IssuerDescription, describe_issuer
from transform.regions import RegionEvidence, RegionResolution, resolve_region

CODES = {
    "福建省平潭综合实验区": "350128",
    "上海市": "310000",
    "江苏省淮安市洪泽区": "320813",
    "江苏省淮安市": "320800",
}
KINDS = {
    "平潭综合实验区管委会": ("zone_committee", "county", "consolidated"),
    "上海市人民政府办公厅": ("government_office", "province", "own"),
    "淮安市洪泽区人民政府": ("government", "county", "consolidated"),
    "淮安市人民政府": ("government", "prefecture", "consolidated"),
}


def truths(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Documents of a folder with their ground truth, those that name a place."""
    found = []
    for path in sorted(folder.glob("*.expected.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if truth.get("region_hint") or truth.get("region") in CODES:
            found.append((folder / truth["file"], truth))
    return found


def text_of(path: Path) -> str | None:
    """The head of a document whose bytes are text."""
    if path.suffix not in (".txt", ".html", ".md"):
        return None
    return re.sub("<[^>]+>", "", path.read_text(encoding="utf-8"))[:3000]


def judge(path: Path, truth: dict[str, Any], *, issuer: str | None) -> tuple[RegionResolution, IssuerDescription]:
    """Place and body of a document, from its issuer or its title alone."""
    title = truth.get("title") or truth.get("title_printed")
    text = text_of(path)
    region = resolve_region(RegionEvidence(issuer=issuer, title=title, text=text, signed_by=truth.get("signed_by")))
    return region, describe_issuer(issuer, title, region, text=text, signed_by=truth.get("signed_by"))


@pytest.mark.parametrize("folder", ["seeds", "extra"])
def test_places_and_bodies_are_those_of_the_ground_truth(corpus: Path, folder: str):
    documents = truths(corpus / folder)
    assert documents
    for path, truth in documents:
        hint = truth["region_hint"]
        region, body = judge(path, truth, issuer=truth["issuer"])
        assert (region.province, region.prefecture, region.county, region.township, region.division_code) == (
            hint["province"], hint["prefecture"], hint["county"], hint["township"], hint["adcode"],
        ), path.name  # fmt: skip
        assert region.confidence == hint["confidence"], path.name
        assert (body.kind, body.level, body.scope) == (truth["issuer_kind"], truth["admin_level"], truth["scope"]), (
            path.name
        )


@pytest.mark.parametrize("folder", ["real", "scans"])
def test_places_of_other_real_reports_are_right(corpus: Path, folder: str):
    documents = truths(corpus / folder)
    assert documents
    for path, truth in documents:
        for issuer in (truth["issuer"], None):  # the title alone says as much
            region, _ = judge(path, truth, issuer=issuer)
            assert region.division_code == CODES[truth["region"]], (path.name, region)
        _, body = judge(path, truth, issuer=truth["issuer"])
        assert (body.kind, body.level, body.scope) == KINDS[truth["issuer"]], path.name


def test_a_report_and_its_other_renditions_have_one_issuer(corpus: Path):
    ids: dict[str, set[str]] = {}
    for folder in ("real", "scans", "extra"):
        for path, truth in truths(corpus / folder):
            for issuer in (truth["issuer"], None):
                ids.setdefault(truth["issuer"], set()).add(judge(path, truth, issuer=issuer)[1].issuer_id)
    assert {issuer: len(found) for issuer, found in ids.items()} == dict.fromkeys(ids, 1)
