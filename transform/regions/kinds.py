"""The legal kind of a division, told by its code and name.

Source: Constitution of the People's Republic of China, arts. 30-31; Organic Law of Local People's Congresses and
Governments, arts. 1, 85 (prefectures, street offices); the kinds of townships as the table of divisions names them.
"""

from transform.regions.gazetteer import Level

__all__ = ["KIND_MEANINGS", "kind_of"]

_BY_ENDING: dict[Level, tuple[tuple[str, str], ...]] = {
    Level.PROVINCE: (
        ("自治区", "autonomous_region"), ("兵团", "production_corps"), ("市", "municipality"), ("省", "province"),
    ),
    Level.PREFECTURE: (
        ("自治州", "autonomous_prefecture"), ("地区", "prefecture"), ("盟", "league"), ("新区", "new_area"),
        ("市", "prefecture_city"),
    ),
    Level.COUNTY: (
        ("自治县", "autonomous_county"), ("自治旗", "autonomous_banner"), ("旗", "banner"),
        ("林区", "forestry_district"), ("特区", "special_district"), ("县", "county"), ("市", "county_city"),
        ("区", "district"),
    ),
    Level.TOWNSHIP: (
        ("民族乡", "ethnic_township"), ("族乡", "ethnic_township"), ("街道办事处", "street"), ("街道", "street"),
        ("镇", "town"), ("乡", "township"), ("民族苏木", "sumu"), ("苏木", "sumu"),
    ),
}  # fmt: skip

_OTHER = {Level.PREFECTURE: "other_prefecture", Level.COUNTY: "other_county", Level.TOWNSHIP: "other_township"}

KIND_MEANINGS: dict[str, str] = {
    "province": "省",
    "autonomous_region": "自治区",
    "municipality": "直辖市",
    "production_corps": "新疆生产建设兵团",
    "prefecture_city": "地级市",
    "prefecture": "地区",
    "autonomous_prefecture": "自治州",
    "league": "盟",
    "new_area": "新区 of a prefecture's rank with counties of its own (雄安新区)",
    "other_prefecture": "a unit of that level under no such name",
    "county": "县",
    "county_city": "县级市",
    "district": "市辖区",
    "autonomous_county": "自治县",
    "banner": "旗",
    "autonomous_banner": "自治旗",
    "forestry_district": "林区",
    "special_district": "特区",
    "other_county": "a unit of that level under no such name (行政委员会, 群岛)",
    "town": "镇",
    "township": "乡",
    "ethnic_township": "民族乡",
    "street": "街道",
    "sumu": "苏木",
    "other_township": "a farm, a park, an area office: listed with the townships and none in law",
    "zone": "a development zone and the like: it reports and is no division in law",
}
"""Every kind with what it is."""


def kind_of(name: str, level: Level, *, is_zone: bool = False) -> str:
    """The kind of a division; `zone` for what is none in law."""
    if is_zone:
        return "zone"
    for ending, kind in _BY_ENDING[level]:
        if name.endswith(ending):
            return kind
    return _OTHER[level]
