"""One identity per body over years, portals and spellings, and never one for two: a table of names written by hand."""

from itertools import combinations

import pytest

from benchmarks.identity import measure
from transform.functions import load_body_names, match_name, name_key
from transform.identity import place_issuer
from transform.issuers import IssuerDescription, IssuerKind, describe_issuer, government_of
from transform.regions import RegionEvidence

XINCHENG = "610102"
TIEDONG = "220303"


def describe(name: str, portal: str | None = None, document: str = "x") -> IssuerDescription:
    region = place_issuer(RegionEvidence(issuer=name, portal_division_code=portal))
    return describe_issuer(name, None, region, portal_id="p", document_id=document)


ONE_BODY = [
    # with and without the parent, on the district's portal, in short
    ["西安市新城区教育局", "@教育局", "@区教育局", "陕西省西安市新城区教育局", "@新城区教育局", "西安市新城区教肓局",
     "@数育局"],
    ["西安市新城区人民政府", "@新城区政府", "@区人民政府", "陕西省西安市新城区人民政府", "@新城区"],
    ["西安市新城区人民政府办公室", "@区政府办公室", "@新城区政府办", "@区人民政府办公室(区大数据局)",
     "@区人民政府(办公室)", "西安市新城区人民证府办公室", "西安市新城区政府办公厅"],
    ["西安市新城区发展和改革委员会", "@发改委", "@区发改局", "@新城区发展改革委", "西安市新城区发展与改革委员会",
     "@发展和改苹委员会", "@发展和改革局"],
    ["@卫生健康局", "@卫健委", "@区卫健局", "西安市新城区卫生和计划生育局", "@卫计局", "@卫生计生局",
     "@卫生健康委员会"],
    ["@人力资源和社会保障局", "@人社局", "@人力资源社会保障局", "@人力资源与社会保障局", "@人力资源和社会保璋局"],
    ["@住房和城乡建设局", "@住建局", "@住房城乡建设局", "@区住建局", "西安市新城区住房和城乡建没局"],
    ["@市场监督管理局", "@市场监管局", "@市监局", "西安市新城区市场监督管理局(知识产权局)", "@市场监督管埋局",
     "@市场监督菅理局"],
    ["西安市公安局新城分局", "西安市新城区公安分局", "@公安局新城分局", "西安市公安局新城区分局",
     "西安市新城区公安局"],
    ["@自然资源局", "西安市新城区国土资源局", "@国土局", "@自然资源和规划局", "@资规局",
     "西安市自然资源和规划局新城分局", "@自然资源局(林业局)"],
    ["@生态环境局", "@环境保护局", "@环保局", "西安市生态环境局新城分局", "@生态坏境局"],
    ["@农业农村局", "@农业局", "@农业委员会", "@农牧局"],
    ["@应急管理局", "@安全生产监督管理局", "@安监局", "@应急局"],
    ["@乡村振兴局", "@扶贫开发办公室", "@扶贫办", "@扶贫开发局"],
    ["@粮食和物资储备局", "@粮食局", "@粮食和储备局", "@梁食局"],
    ["@数据局", "@大数据管理局", "@大数据发展管理局"],
    ["@地方金融监督管理局", "@金融工作办公室", "@金融办", "@地方金融管理局"],
    ["@文化和旅游局", "@文旅局", "@文化旅游局", "@文化广电和旅游局"],
    ["国家税务总局西安市新城区税务局", "西安市新城区税务局", "@税务局"],
    ["西安市新城区国家税务局", "@国家税务局", "@国税局"],
    ["西安市新城区地方税务局", "@地税局"],
    ["@司法局", "西安市新城区司法局"],
    ["@法制办公室", "@法制办", "西安市新城区人民政府法制办公室"],
    ["@工商行政管理局", "@工商局", "西安市工商行政管理局新城分局"],
    ["@食品药品监督管理局", "@食药监局"],
    ["@旅游局", "@旅游发展委员会", "@旅发委"],
    ["@城市管理局", "@城管局", "@城市管理和综合执法局"],
    ["@城市管理综合行政执法局", "@城管执法局"],
    ["@综合行政执法局", "@综合执法局"],
    ["@国有资产监督管理委员会", "@国资委", "西安市新城区人民政府国有资产监督管理委员会"],
    ["@机构编制委员会办公室", "@编办", "@编委办"],
    ["@政务服务局", "@政务服务管理局", "@政务服务管理办公室"],
    ["@行政审批服务局", "@行政审批局"],
    ["@民族宗教事务局", "@民宗局", "@民族宗教事务委员会"],
    ["@教育体育局", "@教体局", "@教育和体育局"],
    ["@商务和粮食局", "@商务粮食局", "@商务与粮食局"],
    ["@外事侨务办公室", "@外侨办"],
    ["@外事办公室"],
    ["@退役军人事务局", "@退役军人局"],
    ["@医疗保障局", "@医保局"],
    ["@医疗保险局"],
    ["@农业机械管理局", "@农机局"],
    ["@供销合作社联合社", "@供销社", "@供销合作社"],
    ["西安市新城区消防救援大队", "@消防救援大队", "西安市消防救援支队新城区大队", "@公安消防大队"],
    ["新城区胡家庙街道办事处", "胡家庙街道", "西安市新城区胡家庙街道办", "@胡家庙街道办事处"],
    # branches of central bodies: what is left behind the place does not always say whose
    ["国家金融监督管理总局广东监管局", "中国银保监会广东监管局", "中国银行保险监督管理委员会广东监管局"],
    ["中国证券监督管理委员会广东监管局", "中国证监会广东监管局", "广东省证监局"],
    ["中国银监会广东监管局"],
    ["国家能源局广东监管办公室"],
    ["国家烟草专卖局浙江省局", "浙江省烟草专卖局"],
    ["国家矿山安全监察局浙江省局"],
    ["国家税务总局广东省税务局", "广东省税务局"],
    ["人社部", "人力资源和社会保障部", "中华人民共和国人力资源和社会保障部"],
    # zones under their short and full names
    ["雄安新区管委会", "雄安新区管理委员会", "河北雄安新区管委会", "河北雄安新区管理委员会"],
    ["西咸新区管委会", "陕西省西咸新区开发建设管理委员会"],
    ["成都高新区管委会", "成都市高新区管理委员会"],
    # the same words in other places and at other levels
    ["呼和浩特市新城区教育局", "内蒙古自治区呼和浩特市新城区教育局"],
    ["西安市教育局", "陕西省西安市教育局"],
    ["陕西省教育厅", "陕西省教育局"],
    ["北京市规划和自然资源委员会", "北京市规划和国土资源管理委员会"],
    ["北京市城市管理委员会"],
    ["北京市城市管理综合行政执法局"],
    ["四平市市场监督管理局", "四平市场监督管理局", "吉林省四平市市场监管局"],
    ["四平市公安局"],
    ["四平市公安局经济开发区分局"],
    ["四平市公安局铁东分局", "四平市铁东区公安分局"],
    ["喀什地区行政公署", "喀什地区行署", "喀什地区"],
    ["喀什地区行政公署办公室", "喀什地区行署办公室"],
    ["宁河县国土资源局", "宁河区自然资源局", "天津市宁河区国土资源局"],
    ["恩施州发展和改革委员会", "恩施土家族苗族自治州发改委"],
    ["长春高新区管委会", "长春高新技术产业开发区管理委员会"],
    ["苏州工业园区教育局"],
    ["苏州工业园区管委会", "苏州工业园区管理委员会", "苏州工业园区"],
    ["苏州工业园区管委会经济发展局", "苏州工业园区管理委员会经济发展局", "苏州工业园区经济发展局"],
]  # fmt: skip
"""Each list is one body. `@`: printed on the portal of 新城区 of Xi'an."""


def of_group(spelling: str) -> IssuerDescription:
    return describe(spelling.removeprefix("@"), XINCHENG if spelling.startswith("@") else None)


def test_the_table_is_long_enough_to_mean_something():
    assert sum(map(len, ONE_BODY)) >= 150


@pytest.mark.parametrize("spellings", ONE_BODY, ids=lambda group: group[0])
def test_all_spellings_of_a_body_are_one(spellings: list[str]):
    assert {spelling: of_group(spelling).issuer_id for spelling in spellings} == dict.fromkeys(
        spellings, of_group(spellings[0]).issuer_id
    )


def test_no_two_bodies_of_the_table_are_one():
    firsts = {group[0]: of_group(group[0]).issuer_id for group in ONE_BODY}
    same = [(one, other) for one, other in combinations(firsts, 2) if firsts[one] == firsts[other]]
    assert same == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("林业局", "农业局"), ("水利局", "水产局"), ("民政局", "民族事务委员会"), ("农委", "农业委员会"),
        ("农业农村局", "农村工作委员会办公室"), ("农工委", "农业农村局"), ("经发局", "发展和改革局"),
        ("经济发展局", "发展和改革局"), ("综治办", "综合行政执法局"), ("市场局", "市场监督管理局"),
        ("社会保险局", "人力资源和社会保障局"), ("医疗保险局", "医疗保障局"), ("机要局", "机关事务管理局"),
        ("商务服务管理局", "政务服务管理局"), ("机要事务管理局", "机关事务管理局"), ("大数据中心", "数据局"),
        ("委办公室", "人民政府办公室"), ("党政办公室", "人民政府办公室"), ("信息中心", "数据局"),
        ("政务服务中心", "政务服务局"), ("政务服务局", "行政审批局"), ("档案馆", "档案局"),
        ("公安局交通警察大队", "公安局"), ("人民医院", "第二人民医院"), ("第一中学", "第七中学"),
        ("商务局", "商务和粮食局"), ("教育局", "教育体育局"), ("税务局", "税务局稽查局"),
        ("房产管理局", "住房和城乡建设局"),
        ("外事办公室", "外事侨务办公室"), ("侨务办公室", "台湾事务办公室"), ("体育局", "文化体育局"),
        ("质量技术监督局", "市场监督管理局"), ("法制办", "司法局"), ("物价局", "发展和改革局"),
        ("城市管理委员会", "城市管理行政执法局"), ("国有资产监督管理委员会", "国有资产经营公司"),
        ("环境卫生管理局", "市容环境卫生管理局"), ("审计局", "统计局"), ("水务局", "税务局"),
        ("计划生育协会", "卫生健康局"), ("红十字会", "卫生健康局"),
    ],
)  # fmt: skip
def test_names_that_look_alike_or_are_ambiguous_stay_two(one: str, other: str):
    assert describe(one, XINCHENG).issuer_id != describe(other, XINCHENG).issuer_id
    assert describe("西安市" + one).issuer_id != describe("西安市" + other).issuer_id


def test_a_body_of_unknown_place_stays_alone_under_any_name():
    assert describe("教育局", document="a").issuer_id != describe("教育局", document="b").issuer_id
    assert describe("铁东区教育局", document="a").issuer_id != describe("铁东区教育局", document="b").issuer_id
    assert describe("铁东区教育局", TIEDONG, "a").issuer_id == describe("铁东区教育局", TIEDONG, "b").issuer_id


@pytest.mark.parametrize(
    ("name", "sector", "function"),
    [
        ("西安市新城区教育局", "education", "education"), ("陕西省教育厅", "education", "education"),
        ("西安市教育委员会", "education", "education"), ("吉林省自然资源厅", "natural_resources", "natural_resources"),
        ("四平市国土资源局", "natural_resources", "natural_resources"),
        ("四平市公安局", "public_security", "public_security"),
        ("吉林省公安厅", "public_security", "public_security"), ("四平市环境保护局", "ecology", "ecology"),
        ("四平市城乡规划局", "natural_resources", "planning"), ("四平市税务局", "taxation", "taxation"),
        ("四平市地方税务局", "taxation", "local_taxation"), ("四平市人民政府", "general_government", None),
        ("四平市人民政府办公室", "general_government", None), ("新城区胡家庙街道办事处", "township", None),
        ("宁河区造甲城镇人民政府", "township", None), ("苏州工业园区管委会", "zone", None),
        ("四平市人民医院", "health", None), ("四平市第一中学", "education", None),
        ("四平市环境卫生管理处", "urban_management", None),
        ("四平市商务和粮食局", None, None), ("四平市老龄工作委员会办公室", None, None), ("四平市某某局", None, None),
        ("四平市铁东区人民法院", "courts_procuratorates", None), ("教育部", "education", None),
        ("测试市教育局", "education", None),
        ("铁东区教育局", "education", None), ("造甲城镇财政所", "finance", None),
    ],
)  # fmt: skip
def test_the_sector_is_told_by_the_name_at_every_level_or_not_at_all(
    name: str, sector: str | None, function: str | None
):
    found = describe(name)
    assert (found.sector, found.function.key if found.function else None) == (sector, function)


@pytest.mark.parametrize(
    ("body", "parent"),
    [
        ("西安市新城区教育局", "西安市新城区人民政府"),
        ("西安市新城区人民政府办公室", "西安市新城区人民政府"),
        ("西安市新城区人民政府", "西安市人民政府"),
        ("西安市人民政府", "陕西省人民政府"),
        ("新城区胡家庙街道办事处", "西安市新城区人民政府"),
        ("宁河区造甲城镇人民政府", "天津市宁河区人民政府"),
        ("宁河区造甲城镇财政所", "宁河区造甲城镇人民政府"),
        ("天津市宁河区人民政府", "天津市人民政府"),
        ("苏州工业园区教育局", "苏州工业园区管委会"),
        ("苏州工业园区管委会", "苏州市人民政府"),
        ("鄂尔多斯市恩格贝生态示范区管委会", "鄂尔多斯市人民政府"),
        ("喀什地区教育局", "喀什地区行政公署"),
        ("陕西省人民政府", None),
        ("四平市税务局", None),
        ("四平市气象局", None),
        ("四平市人民医院", None),
        ("教育部", None),
    ],
)
def test_a_body_knows_the_body_that_it_answers_to(body: str, parent: str | None):
    assert describe(body).parent_issuer_id == (describe(parent).issuer_id if parent else None)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("610102", "新城区人民政府"), ("653100", "喀什地区行政公署"), ("660000", "新疆生产建设兵团"),
        ("632857", "大柴旦行政委员会"), ("310000", "上海市人民政府"),
    ],
)  # fmt: skip
def test_the_government_of_a_division_has_the_key_of_its_reports(code: str, name: str):
    found = government_of(code)
    assert found is not None
    assert (found.name, found.issuer_id) == (name, describe(name, code).issuer_id)
    assert government_of("999999") is None
    assert government_of("000000") is None


@pytest.mark.parametrize(
    ("spelling", "basis"),
    [
        ("新城区教育局", ()),
        ("西安市新城区教育局", ("parent_named",)),
        ("教育局", ("place_omitted",)),
        ("区教育局", ("place_omitted",)),
        ("新城区教肓局", ("near_miss:教育",)),
        ("新城区人力资源和社会保璋局", ("near_miss:人力资源和社会保障局",)),
        ("新城区国土资源局", ("table_row:国土资源局",)),
        ("新城区住房城乡建设局", ("wording",)),
        ("新城区自然资源局(林业局)", ("second_name_dropped",)),
        ("西安市公安局新城分局", ("parent_named", "branch")),
        ("新城区人民政府国有资产监督管理委员会", ("government_named_before",)),
        ("新城区政府", ("wording",)),
    ],
)
def test_every_merge_says_what_it_rests_on(spelling: str, basis: tuple[str, ...]):
    assert describe(spelling, XINCHENG).name_basis == basis


def test_a_slip_is_believed_only_where_one_function_can_be_meant():
    assert match_name("教冶局").function is None
    assert match_name("旅业局").function is None
    assert match_name("人力资源社会障局").name == "人力资源和社会保障局"  # one lost in a long name
    assert match_name("人力资源和社会会保障局").name == "人力资源和社会保障局"  # one doubled
    assert match_name("市政机关事务管理局").function is None
    assert match_name("地方志金融监督管理局").function is None
    assert match_name("机要事务管理局").function is None  # 要 stands in other bodies' names: no slip of 关
    assert match_name("住房和城乡规划局").function is None


def test_names_that_differ_only_in_wording_have_one_key():
    assert name_key("发展和改革委员会") == name_key("发展改革委") == name_key("发展与改革委")
    assert name_key("外事办公室") == name_key("外事办")


def test_every_function_of_the_matching_table_is_found_under_its_own_name():
    table = load_body_names()
    for function in table.functions.values():
        assert match_name(function.canonical).function is function, function.key
    for known in table.names.values():
        found = match_name(known.name).function
        assert found is not None, known.name
        assert found.key == known.function, known.name
    assert table.predecessors["taxation"] == ("state_taxation", "local_taxation")
    assert {known.form for known in table.names.values()} <= {"official", "former", "abbreviation", "spelling"}
    assert {function.kind for function in table.functions.values()} <= {"department", "institution"}
    assert {function.led_by for function in table.functions.values()} <= {"government", "line"}


def test_an_institution_of_the_table_is_one():
    assert describe("四平市供销社").kind is IssuerKind.INSTITUTION
    assert describe("四平市政务服务中心").kind is IssuerKind.INSTITUTION


@pytest.mark.parametrize("seed", [7, 8])
def test_made_up_bodies_are_told_apart_and_held_together(seed: int):
    outcome = measure(bodies=150, seed=seed)
    assert outcome.bodies == 150
    assert outcome.wrong == []
    assert outcome.recall >= 0.97
