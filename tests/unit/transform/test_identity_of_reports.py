"""Who and where, as columns: codes at every level follow from the place; nothing is made up where it is not known."""

from dataclasses import replace

import pytest
from transform_samples import Body, document

from transform.extracted import ExtractedDocument
from transform.identity import Identity, identify


def identity_of(made: ExtractedDocument) -> Identity:
    assert made.extraction.report is not None
    return identify(made, made.extraction.report)


def test_codes_at_every_level_follow_from_the_place():
    found = identity_of(document({}, body=Body("宿州市埇桥区教育局")))
    assert (found.province_code, found.prefecture_code, found.county_code) == ("340000", "341300", "341302")
    assert (found.province, found.prefecture, found.county) == ("安徽省", "宿州市", "埇桥区")
    assert (found.division_code, found.level, found.issuer_kind, found.scope) == (
        "341302", "county", "department", "own",
    )  # fmt: skip


def test_a_county_of_a_municipality_has_no_prefecture():
    found = identity_of(document({}, body=Body("宁河区造甲城镇人民政府")))
    assert (found.division_code, found.prefecture_code, found.prefecture) == ("120117", None, None)
    assert (found.township, found.level, found.issuer_kind) == ("造甲城镇", "township", "township_government")


def test_a_name_that_fits_two_places_is_left_open_with_the_reason():
    found = identity_of(document({}, body=Body("铁东区政务服务局")))
    assert (found.region_status, found.division_code, found.province_code) == ("ambiguous", None, None)
    assert found.region_evidence is not None
    assert "鞍山" in found.region_evidence


def test_the_portal_tells_the_two_places_apart():
    made = document({}, body=Body("铁东区政务服务局"))
    found = identity_of(replace(made, portal_division_code="220303", portal_name="四平市铁东区人民政府"))
    assert (found.division_code, found.prefecture) == ("220303", "四平市")


def test_bodies_of_unknown_place_on_different_portals_stay_apart():
    here = document({}, body=Body("铁东区政务服务局"))
    there = replace(here, portal_id="another-portal")
    assert identity_of(here).issuer_id != identity_of(there).issuer_id


def test_a_body_keeps_its_key_over_years_and_spellings():
    early = identity_of(document({}, body=Body("宿州市埇桥区教育局"), year=2020))
    late = identity_of(document({}, body=Body("埇桥区教育局"), year=2023))
    assert early.issuer_id == late.issuer_id


@pytest.mark.parametrize(
    ("issuer", "portal", "place"),
    [
        ("卫计局", "141028", "141028"),
        ("市政管理局", "141028", "141028"),
        ("市教育局", "220300", "220300"),
        ("市教育局", "141028", None),
        ("省教育厅", "220300", None),
        ("区教育局", "110000", None),
        ("县教育局", "141000", None),
    ],
)
def test_a_name_that_says_its_level_is_not_placed_by_a_portal_of_another(issuer: str, portal: str, place: str | None):
    made = replace(document({}, body=Body(issuer)), portal_division_code=portal, portal_name=None)
    assert identity_of(made).division_code == place
