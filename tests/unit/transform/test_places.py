"""The table of regions: divisions of today, units that are gone, zones without a code."""

from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from transform.places import build_regions
from transform.regions import load_gazetteer


@cache
def rows() -> dict[str, dict[str, Any]]:
    return {row["region_id"]: row for row in build_regions().to_pylist()}


def test_every_division_knows_the_units_above_it():
    row = rows()["341302"]
    assert (row["region"], row["level"], row["parent_code"]) == ("埇桥区", "county", "341300")
    assert (row["province"], row["prefecture"], row["county"]) == ("安徽省", "宿州市", "埇桥区")
    direct = rows()["120117"]
    assert (direct["province"], direct["prefecture_code"], direct["prefecture"]) == ("天津市", None, None)
    assert rows()["610102009"]["county"] == "新城区"
    assert len(rows()) > 40_000


def test_a_division_code_stands_in_one_row_at_most():
    codes = [row["division_code"] for row in rows().values() if row["division_code"]]
    assert len(codes) == len(set(codes))
    assert all(row["division_code"] is None for row in rows().values() if row["former_code"])


@pytest.mark.parametrize(
    ("region_id", "expected"),
    [
        ("120117", {"region": "宁河区", "valid_from_year": 2015, "valid_to_year": None, "successor_code": None}),
        (
            "120221:宁河县",
            {"level": "county", "valid_from_year": None, "valid_to_year": 2014, "successor_code": "120117"},
        ),
        ("371200:莱芜市", {"level": "prefecture", "valid_to_year": 2018, "successor_code": None, "province": "山东省"}),
        ("370116", {"valid_from_year": 2019, "prefecture": "济南市"}),
        (
            "522201:铜仁市",
            {"level": "county", "kind": "county_city", "successor_code": "520602", "valid_to_year": 2010},
        ),
        ("330113", {"region": "临平区", "valid_from_year": 2021}),
        ("110101", {"region": "东城区", "short_name": "东城", "kind": "district", "valid_from_year": None}),
        ("422800", {"short_name": "恩施", "kind": "autonomous_prefecture"}),
        ("310000", {"kind": "municipality", "parent_code": None}),
        ("632857", {"kind": "other_county", "valid_from_year": 2018}),
        ("320576", {"kind": "zone", "is_zone": True, "level": "county"}),
        ("zone:两江新区", {"kind": "zone", "division_code": None, "level": None, "parent_code": "500000"}),
        ("330110:临平街道", {"level": "township", "valid_to_year": 2020, "county": "余杭区", "kind": "street"}),
        ("133100", {"kind": "new_area", "valid_from_year": 2017}),
    ],
)
def test_a_unit_has_its_kind_and_years(region_id: str, expected: dict[str, Any]):
    row = rows()[region_id]
    assert {name: row[name] for name in expected} == expected


def test_every_successor_and_every_parent_is_a_division_of_today():
    today = {row["division_code"] for row in rows().values()}
    for row in rows().values():
        assert row["successor_code"] is None or row["successor_code"] in today
        assert row["parent_code"] is None or row["parent_code"] in today


def test_no_two_units_of_one_code_share_a_year():
    by_code: dict[str, list[tuple[int, int]]] = {}
    for row in rows().values():
        code = row["division_code"] or row["former_code"]
        if code and len(code) == 6:
            by_code.setdefault(code, []).append((row["valid_from_year"] or 0, row["valid_to_year"] or 9999))
    for code, spans in by_code.items():
        spans = sorted(span for span in spans if span[0] <= span[1])
        assert all(one[1] < other[0] for one, other in pairwise(spans)), code


def test_declared_zones_have_names_of_their_own():
    gazetteer = load_gazetteer()
    assert {row["region"] for row in rows().values() if row["region_id"].startswith("zone:")} == {
        zone.name for zone in gazetteer.zones
    }
