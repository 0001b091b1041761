"""Who reports: kind, level, scope, and a key that holds over spellings and years."""

import pytest

from transform.issuers import IssuerDescription, IssuerKind, Scope, describe_issuer
from transform.regions import Level, RegionEvidence, resolve_region


def describe(
    issuer: str | None, title: str | None = None, text: str | None = None, **evidence: str
) -> IssuerDescription:
    ids = {key: evidence.pop(key, None) for key in ("portal_id", "document_id")}
    region = resolve_region(RegionEvidence(issuer=issuer, title=title, text=text, **evidence))  # type: ignore[arg-type]
    return describe_issuer(issuer, title, region, text=text, **ids)


@pytest.mark.parametrize(
    ("issuer", "name", "kind", "level", "scope"),
    [
        ("尧都区信访局", "尧都区信访局", "department", "county", "own"),
        ("新城区胡家庙街道办事处", "胡家庙街道办事处", "subdistrict", "township", "own"),
        ("湛河区政府办公室", "湛河区人民政府办公室", "government_office", "county", "own"),
        ("宁河区造甲城镇人民政府", "造甲城镇人民政府", "township_government", "township", "own"),
        ("淮安市人民政府", "淮安市人民政府", "government", "prefecture", "consolidated"),
        ("洪泽区人民政府", "洪泽区人民政府", "government", "county", "consolidated"),
        ("上海市人民政府办公厅", "上海市人民政府办公厅", "government_office", "province", "own"),
        ("淮安市政府办", "淮安市人民政府办公室", "government_office", "prefecture", "own"),
        ("吉林省人民政府", "吉林省人民政府", "government", "province", "consolidated"),
        ("四平市", "四平市人民政府", "government", "prefecture", "consolidated"),
        ("喀什地区行政公署", "喀什地区行政公署", "government", "prefecture", "consolidated"),
        ("喀什地区行政公署办公室", "喀什地区行政公署办公室", "government_office", "prefecture", "own"),
        ("大柴旦行政委员会", "大柴旦行政委员会", "government", "county", "consolidated"),
        ("新疆生产建设兵团", "新疆生产建设兵团", "government", "province", "consolidated"),
        ("平潭综合实验区管委会", "平潭综合实验区管理委员会", "zone_committee", "county", "unknown"),
        ("苏州工业园区管委会", "苏州工业园区管理委员会", "zone_committee", "county", "unknown"),
        ("苏州工业园区教育局", "苏州工业园区教育局", "department", "county", "own"),
        ("浦东新区人民政府", "浦东新区人民政府", "government", "county", "consolidated"),
        ("四平市公安局铁东分局", "铁东区公安局", "department", "county", "own"),
        ("临汾市发展和改革委员会", "临汾市发展和改革委员会", "department", "prefecture", "own"),
        ("临汾市人民医院", "临汾市人民医院", "institution", "prefecture", "own"),
        ("临汾市政务服务中心", "临汾市政务服务中心", "institution", "prefecture", "own"),
        ("尧都区人民法院", "尧都区人民法院", "institution", "county", "own"),
        ("临汾市供销合作社联合社", "临汾市供销合作社联合社", "institution", "prefecture", "own"),
        ("宁河区造甲城镇党政办公室", "造甲城镇党政办公室", "township_government", "township", "own"),
        ("宁河区造甲城镇财政所", "造甲城镇财政所", "department", "township", "own"),
        ("丰台区长辛店街道", "长辛店街道办事处", "subdistrict", "township", "own"),
        ("大兴区亦庄地区办事处", "亦庄地区办事处", "subdistrict", "township", "own"),
        ("教育部", "教育部", "department", "national", "own"),
        ("中国人民银行", "中国人民银行", "department", "national", "own"),
        ("雄安新区管委会", "雄安新区管理委员会", "zone_committee", "prefecture", "unknown"),
        ("松山湖管委会", "松山湖管委会", "zone_committee", None, "unknown"),
        ("国家税务总局四平市税务局", "四平市税务局", "department", "prefecture", "own"),
    ],
)
def test_a_body_is_known_by_its_name(issuer: str, name: str, kind: str, level: str, scope: str):
    found = describe(issuer)
    assert (found.name_normalised, found.kind, found.level, found.scope) == (name, kind, level, scope)
    assert found.scope_evidence


@pytest.mark.parametrize(
    ("issuer", "kind", "level"),
    [
        ("铁东区政务服务局", IssuerKind.DEPARTMENT, Level.COUNTY),
        ("铁东区人民政府", IssuerKind.GOVERNMENT, Level.COUNTY),
        ("太平镇人民政府", IssuerKind.TOWNSHIP_GOVERNMENT, Level.TOWNSHIP),
        ("江苏路街道办事处", IssuerKind.SUBDISTRICT, Level.TOWNSHIP),
        ("区信访局", IssuerKind.DEPARTMENT, Level.COUNTY),
        ("测试市人民政府", IssuerKind.GOVERNMENT, None),
        ("长江航道局", IssuerKind.DEPARTMENT, None),
        ("某某", IssuerKind.UNKNOWN, None),
    ],
)
def test_a_body_without_a_known_place_still_has_a_kind(issuer: str, kind: IssuerKind, level: Level | None):
    found = describe(issuer)
    assert (found.kind, found.level) == (kind, level)


@pytest.mark.parametrize(
    "spellings",
    [
        [
            "新城区胡家庙街道办事处",
            "西安市新城区人民政府胡家庙街道办事处",
            "胡家庙街道办事处",
            "西安市新城区胡家庙街道",
            "新城区 胡家庙街道办",
            "胡家庙街道",
        ],
        [
            "天津市宁河区造甲城镇人民政府",
            "宁河区造甲城镇人民政府",
            "宁河区造甲城镇政府",
            "造甲城镇",
            "宁河县造甲城镇人民政府",
        ],
        ["湛河区政府办公室", "平顶山市湛河区人民政府办公室", "湛河区人民政府办", "河南省湛河区人民政府办公室"],
        ["淮安市人民政府", "江苏省淮安市人民政府", "淮安市", "淮安市政府"],
        ["尧都区信访局", "临汾市尧都区信访局", "尧都区信访局 ", "山西省临汾市尧都区信访局"],
        ["平潭综合实验区管委会", "平潭综合实验区", "平潭综合实验区管理委员会"],
        ["宁河县教育局", "宁河区教育局"],
        ["长春高新区管委会", "长春高新技术产业开发区管理委员会"],
        ["恩施州教育局", "恩施土家族苗族自治州教育局"],
        ["闸北区教育局", "上海市闸北区教育局"],
        ["下城区公安局", "杭州市公安局下城分局"],
        ["武汉市东湖新技术开发区管委会", "武汉市东湖新技术开发区管理委员会", "武汉市东湖新技术开发区"],
    ],
)
def test_spellings_of_one_body_share_an_id(spellings: list[str]):
    assert len({describe(spelling).issuer_id for spelling in spellings}) == 1


def test_a_body_named_by_its_portal_is_the_one_named_in_full():
    assert describe("区信访局", portal_division_code="141002").issuer_id == describe("尧都区信访局").issuer_id


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("四平市铁东区教育局", "鞍山市铁东区教育局"),
        ("淮安市人民政府", "淮安市人民政府办公室"),
        ("淮安市教育局", "淮安区教育局"),
        ("平潭综合实验区管委会", "平潭县人民政府"),
        ("宁河区造甲城镇人民政府", "宁河区教育局"),
        ("鄂尔多斯市恩格贝生态示范区管委会", "鄂尔多斯市人民政府"),
        ("教育部", "财政部"),
        # Merged since, and side by side before: both are now 拱墅区, 静安区, 梁溪区.
        ("杭州市下城区人民政府", "杭州市拱墅区人民政府"),
        ("闸北区教育局", "静安区教育局"),
        ("无锡市崇安区人民政府办公室", "无锡市北塘区人民政府办公室"),
        ("杭州市公安局下城分局", "杭州市公安局拱墅分局"),
        # A list has both.
        ("沙坪坝区井口镇人民政府", "沙坪坝区井口街道办事处"),
    ],
)
def test_different_bodies_never_share_an_id(one: str, other: str):
    assert describe(one).issuer_id != describe(other).issuer_id


def test_bodies_whose_place_is_unknown_are_never_taken_for_one():
    one = describe("区信访局", portal_id="a", document_id="x").issuer_id
    assert one == describe("区信访局", portal_id="a", document_id="x").issuer_id
    assert one != describe("区信访局", portal_id="a", document_id="y").issuer_id
    assert one != describe("区信访局", portal_id="b", document_id="x").issuer_id
    assert describe("区信访局", document_id="x").issuer_id != describe("区信访局", document_id="y").issuer_id


@pytest.mark.parametrize(
    ("issuer", "title", "text", "scope", "evidence"),
    [
        ("淮安市人民政府", None, "2024 年，全市共受理政府信息公开申请 3119 件", Scope.CONSOLIDATED, "text: 全市共受理"),
        ("淮安市人民政府", None, "全市各级行政机关", Scope.CONSOLIDATED, "text: 全市各级行政机关"),
        ("淮安市人民政府", None, "汇总各县（区）、市各部门数据", Scope.CONSOLIDATED, "text: 汇总"),
        ("淮安市人民政府", None, None, Scope.CONSOLIDATED, "kind of body"),
        ("淮安市人民政府", "淮安市本级2020年政府信息公开工作年度报告", "全市受理", Scope.OWN, "title: 本级"),
        ("淮安市人民政府", None, "本报告数据不含各县区、市各部门", Scope.OWN, "text: 不含"),
        ("上海市人民政府办公厅", None, "全市各级行政机关共收到申请", Scope.OWN, "kind of body"),
        ("尧都区信访局", None, "全区受理申请", Scope.OWN, "kind of body"),
        ("宁河区造甲城镇人民政府", None, "全镇", Scope.OWN, "kind of body"),
        ("平潭综合实验区管委会", None, "全区共收到政府信息公开申请154件", Scope.CONSOLIDATED, "text: 全区共收到"),
        ("平潭综合实验区管委会", None, "本机关收到申请", Scope.UNKNOWN, "zone's committee"),
        ("恩格贝生态示范区管委会", None, "全区受理申请", Scope.UNKNOWN, "no division code"),
        ("某某", None, "全市受理申请", Scope.UNKNOWN, "not known"),
    ],
)
def test_scope_is_decided_by_kind_and_words(
    issuer: str, title: str | None, text: str | None, scope: Scope, evidence: str
):
    found = describe(issuer, title, text)
    assert found.scope is scope
    assert evidence in found.scope_evidence


def test_a_zone_without_a_code_has_no_level_and_never_stands_for_the_division_above():
    found = describe("鄂尔多斯市恩格贝生态示范区管委会", None, "全区各级行政机关受理申请")
    assert (found.kind, found.level, found.scope) == (IssuerKind.ZONE_COMMITTEE, None, Scope.UNKNOWN)


def test_the_title_stands_in_for_an_issuer_that_is_missing():
    found = describe(None, "2020年上海市人民政府办公厅政府信息公开工作年度报告")
    assert found.issuer_id == describe("上海市人民政府办公厅").issuer_id


def test_the_second_name_of_a_general_office_makes_no_second_body():
    full = describe("尧都区人民政府办公室(区大数据局)")
    assert full.issuer_id == describe("尧都区人民政府办公室").issuer_id


def test_figures_without_the_lower_levels_are_neither_own_nor_consolidated():
    text = "本报告数据包括市政府各部门，不含县区。"
    assert describe("淮安市人民政府", text=text).scope.value == "unknown"
    assert describe("淮安市人民政府", text="本报告数据仅统计市政府本级。").scope.value == "own"


def test_a_body_of_a_unit_that_was_merged_since_lies_in_the_division_of_today_under_its_own_name():
    found = describe("杭州市下城区教育局")
    assert found.name_normalised == "下城区教育局"
    assert found.issuer_id.startswith("330105-")
    assert found.parent_issuer_id == describe("下城区人民政府").issuer_id
    assert found.parent_issuer_id != describe("拱墅区人民政府").issuer_id


@pytest.mark.parametrize("title", [None, "双辽市2020年政府信息公开工作年度报告"])
@pytest.mark.parametrize("issuer", ["镇人民政府", "本镇人民政府", "乡政府", "街道办事处"])
def test_a_townships_body_that_does_not_say_which_is_never_taken_for_the_countys(issuer: str, title: str | None):
    county = describe("双辽市人民政府")
    one = describe(issuer, title, portal_division_code="220382", document_id="x")
    assert (one.level, one.scope) == (Level.TOWNSHIP, Scope.OWN)
    assert one.kind in (IssuerKind.TOWNSHIP_GOVERNMENT, IssuerKind.SUBDISTRICT)
    assert one.issuer_id != county.issuer_id
    # Two of them may be two towns'.
    assert one.issuer_id != describe(issuer, title, portal_division_code="220382", document_id="y").issuer_id
    assert one.issuer_id == describe(issuer, title, portal_division_code="220382", document_id="x").issuer_id


def test_the_committee_of_a_zone_that_no_table_has_is_no_department():
    found = describe("武汉市东湖新技术开发区管理委员会")
    assert (found.name_normalised, found.kind, found.scope) == (
        "东湖新技术开发区管理委员会", IssuerKind.ZONE_COMMITTEE, Scope.UNKNOWN,
    )  # fmt: skip
    assert describe("大榭开发区管委会", portal_division_code="330200").kind is IssuerKind.ZONE_COMMITTEE


def test_the_word_for_government_is_no_civil_affairs():
    assert describe("四平市人民政府驻北京办事处").sector is None
    assert describe("四平市民政局").sector == "civil_affairs"
