"""Where a report belongs, from every kind of evidence."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from region_examples import EXAMPLES, GROUPS, Example

from transform.regions import (
    Division,
    Level,
    RegionConfidence,
    RegionEvidence,
    RegionFlag,
    RegionResolution,
    RegionStatus,
    load_gazetteer,
    resolve_region,
)

GAZETTEER = load_gazetteer()
COUNTIES = [d for d in GAZETTEER.divisions.values() if d.level is Level.COUNTY]
BY_NAME = defaultdict(list)
for _county in COUNTIES:
    BY_NAME[_county.name].append(_county)


def resolve(issuer: str | None = None, **evidence: object) -> RegionResolution:
    return resolve_region(RegionEvidence(issuer=issuer, **evidence), GAZETTEER)  # type: ignore[arg-type]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_issuer_comes_to_its_division_or_to_none(example: Example):
    found = resolve(example.issuer, **example.evidence)
    assert (found.division_code, found.township) == (example.code, example.township), found
    assert (found.status is RegionStatus.RESOLVED) == (example.code is not None)


def test_there_are_enough_examples_of_every_kind():
    assert len(EXAMPLES) >= 200
    assert all(len(group) >= 6 for group in GROUPS.values())


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_a_result_gives_evidence_or_a_reason_and_never_both_ways(example: Example):
    found = resolve(example.issuer, **example.evidence)
    if found.status is RegionStatus.RESOLVED:
        assert found.evidence
        assert found.reason is None
        assert found.confidence is not None
    else:
        assert found.reason
        assert found.division_code is None
        assert found.township_code is None
        assert found.confidence is None
    if found.status is RegionStatus.AMBIGUOUS:
        assert found.candidates


# ---- properties over the whole gazetteer ---------------------------------------------------------------------------


def _full_name(code: str) -> str:
    chain = (*reversed(GAZETTEER.ancestors(code)), GAZETTEER.divisions[code])
    return "".join(division.name for division in chain)


@pytest.mark.parametrize("level", [Level.PROVINCE, Level.PREFECTURE, Level.COUNTY])
def test_every_division_resolves_to_itself_by_its_full_path(level: Level):
    wrong = []
    for division in GAZETTEER.divisions.values():
        if division.level is level:
            found = resolve(_full_name(division.code) + "教育局")
            if found.division_code != division.code:
                wrong.append((division.name, found.division_code, found.reason))
    assert not wrong


def test_a_county_name_that_several_bear_never_resolves_alone():
    shared = [name for name, bearers in BY_NAME.items() if len(bearers) > 1]
    assert len(shared) == 28
    assert sum(len(BY_NAME[name]) for name in shared) == 64
    for name in shared:
        for tail in ("教育局", "人民政府", "信访局"):
            assert resolve(name + tail, report_year=2024).status is RegionStatus.AMBIGUOUS


def test_a_county_name_that_one_alone_bears_resolves_to_it():
    wrong = []
    for name, bearers in BY_NAME.items():
        if len(bearers) == 1 and name not in GAZETTEER.generic_names:
            found = resolve(name + "教育局", report_year=2024)
            if found.division_code != bearers[0].code:
                wrong.append((name, found))
    assert not wrong


@given(st.sampled_from(COUNTIES))
@settings(max_examples=300, deadline=None)
def test_the_portal_of_its_prefecture_or_province_tells_any_county(county: Division):
    for above in GAZETTEER.ancestors(county.code):
        found = resolve(county.name + "教育局", portal_division_code=above.code)
        same_name = [c for c in BY_NAME[county.name] if GAZETTEER.lies_within(c.code, above.code)]
        if len(same_name) == 1:
            assert found.division_code in (county.code, None)
            if found.division_code is None:
                assert found.status is RegionStatus.AMBIGUOUS
        else:
            assert found.division_code is None


@given(st.sampled_from(COUNTIES), st.sampled_from(COUNTIES))
@settings(max_examples=300, deadline=None)
def test_a_bare_name_never_resolves_outside_the_portals_division(county: Division, elsewhere: Division):
    found = resolve(county.name + "教育局", portal_division_code=elsewhere.code)
    if found.status is RegionStatus.RESOLVED:
        assert GAZETTEER.lies_within(elsewhere.code, found.division_code or "") or GAZETTEER.lies_within(
            found.division_code or "", elsewhere.code
        )


def test_a_line_of_the_list_that_repeats_the_government_above():
    assert resolve("敖汉旗新州街道办事处").township_code == "150430404"
    assert not [division for division in GAZETTEER.children("150430") if "人民政府" in division.name]


@given(st.sampled_from(COUNTIES), st.data())
@settings(max_examples=300, deadline=None)
def test_a_township_after_its_county_is_found_with_its_code(county: Division, data: st.DataObject):
    townships = [t for t in GAZETTEER.children(county.code) if len(t.name) > 2 and t.name.endswith(("镇", "街道"))]
    if not townships:
        return
    township = data.draw(st.sampled_from(townships))
    tail = "办事处" if township.name.endswith("街道") else "人民政府"
    found = resolve(_full_name(county.code) + township.name + tail)
    assert found.division_code == county.code
    assert found.township is not None
    assert (found.township_code, found.level) == (township.code, Level.TOWNSHIP)


# ---- what the result says ------------------------------------------------------------------------------------------


def test_an_ambiguous_result_names_its_candidates():
    found = resolve("铁东区政务服务局")
    assert found.reason == (
        "铁东区 is in 辽宁省鞍山市 (210302) and 吉林省四平市 (220303); nothing in portal or text tells them apart"
    )
    assert found.candidates == ("210302", "220303")


def test_an_ambiguous_result_still_says_what_all_candidates_share():
    found = resolve("鼓楼区教育局", portal_division_code="320000")
    assert (found.province, found.prefecture) == ("江苏省", None)


@pytest.mark.parametrize("issuer", ["宁河区教育局", "济源市教育局", "石河子市教育局", "天津市教育委员会"])
def test_no_prefecture_where_there_is_none(issuer: str):
    assert resolve(issuer).prefecture is None


@pytest.mark.parametrize("issuer", ["东莞市教育局", "嘉峪关市教育局", "中山市教育局", "儋州市教育局"])
def test_a_prefecture_without_counties_has_no_county(issuer: str):
    found = resolve(issuer)
    assert found.prefecture == issuer[:-3]
    assert found.county is None
    assert found.level is Level.PREFECTURE


def test_a_county_that_is_not_listed_never_counts_as_its_prefecture():
    found = resolve("四平市某某区人民政府")
    assert (found.division_code, found.prefecture) == (None, "四平市")
    assert "aliases.yml" in (found.reason or "")
    assert RegionFlag.COUNTY_NOT_LISTED in found.flags


def test_the_state_has_no_province():
    found = resolve("教育部")
    assert (found.level, found.province) == (Level.NATIONAL, None)


@pytest.mark.parametrize(
    ("issuer", "evidence", "flag", "confidence"),
    [
        ("沐阳县水利局", {"portal_division_code": "321300"}, RegionFlag.NEAR_MISS, RegionConfidence.LOW),
        ("湖里政务服务局", {"portal_division_code": "350200"}, RegionFlag.SHORT_NAME, RegionConfidence.MEDIUM),
        ("宁河县教育局", {}, RegionFlag.FORMER_NAME, RegionConfidence.HIGH),
        ("区信访局", {"portal_division_code": "610102"}, RegionFlag.FROM_PORTAL, RegionConfidence.MEDIUM),
        ("信访局", {"portal_division_code": "610102"}, RegionFlag.FROM_PORTAL, RegionConfidence.LOW),
        ("铁东区教育局", {"text": "四平市委、市政府"}, RegionFlag.FROM_TEXT, RegionConfidence.MEDIUM),
        (
            "临汾市尧都区信访局",
            {"portal_division_code": "140900"},
            RegionFlag.OVERRIDES_PORTAL,
            RegionConfidence.MEDIUM,
        ),
        ("重庆两江新区管理委员会", {}, RegionFlag.ZONE_WITHOUT_CODE, RegionConfidence.HIGH),
        ("宁河区老城镇人民政府", {}, RegionFlag.TOWNSHIP_NOT_LISTED, RegionConfidence.HIGH),
        (
            "淮安市人民政府办公室",
            {"title": "洪泽区人民政府2024年政府信息公开工作年度报告"},
            RegionFlag.OTHER_NAME_DIFFERS,
            RegionConfidence.MEDIUM,
        ),
        ("尧都区信访局", {"url": "http://www.siping.gov.cn/"}, RegionFlag.OVERRIDES_PORTAL, RegionConfidence.MEDIUM),
        ("四平市公安局铁东分局", {}, RegionFlag.BRANCH, RegionConfidence.MEDIUM),
        ("尧都区信访局", {"portal_division_code": "999999"}, RegionFlag.PORTAL_CODE_UNKNOWN, RegionConfidence.HIGH),
    ],
)
def test_doubt_shows_as_flag_and_confidence(
    issuer: str, evidence: dict[str, str], flag: RegionFlag, confidence: RegionConfidence
):
    found = resolve(issuer, **evidence)
    assert flag in found.flags
    assert found.confidence is confidence


@pytest.mark.parametrize(
    ("issuer", "remainder"),
    [
        ("铁东区政务服务局", "政务服务局"),
        ("新城区胡家庙街道办事处", "办事处"),
        ("宁河区造甲城镇人民政府", "人民政府"),
        ("上海市人民政府办公厅", "人民政府办公厅"),
        ("　湛河区 政府办公室", "政府办公室"),
        ("国家税务总局四平市铁东区税务局", "税务局"),
        ("宿迁市沐阳县水利局", "水利局"),
    ],
)
def test_what_remains_of_the_name_is_the_body(issuer: str, remainder: str):
    assert resolve(issuer).issuer_remainder == remainder


def test_the_same_evidence_gives_the_same_result_in_every_word():
    text = "江苏省南京市委要求，福州市鼓楼区，开封市"
    assert len({resolve("鼓楼区教育局", text=text) for _ in range(3)}) == 1


@given(st.text(alphabet="省市县区镇乡街道政府局铁东新城0年 、（）a", max_size=12), st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_words_give_a_result(issuer: str, text: str):
    assert resolve(issuer, text=text, title=text, signed_by=issuer).status in RegionStatus
