"""Issuers as reports name them, with where each belongs: written from the division tables, not from reports.

One row: issuer, code (None = must not resolve), township name or None, then other evidence by keyword.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Example:
    """An issuer, the evidence beside it, and the code and township it must come to."""

    issuer: str | None
    code: str | None
    township: str | None
    evidence: dict[str, Any]

    def __str__(self) -> str:
        beside = ",".join(f"{key}={str(value)[:16]}" for key, value in self.evidence.items())
        return f"{self.issuer}[{beside}]"


def _row(issuer: str | None, code: str | None, township: str | None = None, **evidence: Any) -> Example:
    return Example(issuer, code, township, evidence)


PROVINCES = [
    _row("上海市人民政府办公厅", "310000"),
    _row("北京市民政局", "110000"),
    _row("天津市人民政府", "120000"),
    _row("重庆市教育委员会", "500000"),
    _row("吉林省人民政府", "220000"),
    _row("内蒙古自治区教育厅", "150000"),
    _row("广西壮族自治区人民政府办公厅", "450000"),
    _row("广西教育厅", "450000"),
    _row("新疆自治区水利厅", "650000"),
    _row("宁夏回族自治区财政厅", "640000"),
    _row("西藏自治区人民政府", "540000"),
    _row("新疆生产建设兵团办公厅", "660000"),
    _row("河南省水利厅", "410000"),
    _row("海南省教育厅", "460000"),
]

PREFECTURES = [
    _row("淮安市人民政府", "320800"),
    _row("吉林市教育局", "220200"),
    _row("吉林省吉林市人民政府", "220200"),
    _row("恩施土家族苗族自治州人民政府", "422800"),
    _row("恩施州人民政府办公室", "422800"),
    _row("黔东南州教育局", "522600"),
    _row("黔东南苗族侗族自治州教育局", "522600"),
    _row("海南州教育局", "632500"),
    _row("海南藏族自治州教育局", "632500"),
    _row("延边州财政局", "222400"),
    _row("凉山彝族自治州水利局", "513400"),
    _row("伊犁州教育局", "654000"),
    _row("西双版纳州农业农村局", "532800"),
    _row("兴安盟行政公署", "152200"),
    _row("锡林郭勒盟教育局", "152500"),
    _row("阿里地区行政公署办公室", "542500"),
    _row("喀什地区教育局", "653100"),
    _row("大兴安岭地区行政公署", "232700"),
    _row("朝阳市教育局", "211300"),
    _row("大同市民政局", "140200"),
    _row("西安市审计局", "610100"),
    _row("嘉峪关市人民政府", "620200"),
    _row("东莞市教育局", "441900"),
    _row("中山市人民政府", "442000"),
    _row("儋州市人民政府", "460400"),
    _row("雄安新区管理委员会", "133100"),
    _row("青岛市", "370200"),
    _row("襄樊市人民政府", "420600", report_year=2009),
    _row("毕节地区行政公署", "520500", report_year=2010),
]

COUNTIES = [
    _row("尧都区信访局", "141002"),
    _row("湛河区政府办公室", "410411"),
    _row("淮安市洪泽区人民政府", "320813"),
    _row("洪泽区人民政府", "320813"),
    _row("江苏省淮安市洪泽区水务局", "320813"),
    _row("临河区教育局", "150802"),
    _row("淮安区教育局", "320803"),
    _row("长沙县人民政府", "430121"),
    _row("南昌县教育局", "360121"),
    _row("吉安县水利局", "360821"),
    _row("大兴区人民政府", "110115"),
    _row("北京市朝阳区教育委员会", "110105"),
    _row("长春市朝阳区教育局", "220104"),
    _row("上海市普陀区人民政府", "310107"),
    _row("舟山市普陀区人民政府", "330903"),
    _row("重庆市江北区人民政府", "500105"),
    _row("宁波市江北区人民政府", "330205"),
    _row("四川省内江市市中区教育局", "511002"),
    _row("乐山市市中区教育局", "511102"),
    _row("晋城市城区人民政府", "140502"),
    _row("汕尾市城区人民政府", "441502"),
    _row("阳泉市矿区教育局", "140303"),
    _row("铜陵市郊区人民政府", "340711"),
    _row("攀枝花市东区人民政府", "510402"),
    _row("长阳土家族自治县人民政府", "420528"),
    _row("长阳县教育局", "420528"),
    _row("前郭县教育局", "220721"),
    _row("莫力达瓦达斡尔族自治旗人民政府", "150722"),
    _row("鄂伦春旗教育局", "150723"),
    _row("顺河回族区教育局", "410203"),
    _row("开封市顺河区教育局", "410203"),
    _row("阿拉善左旗教育局", "152921"),
    _row("济源市教育局", "419001"),
    _row("河南省济源市水利局", "419001"),
    _row("仙桃市人民政府", "429004"),
    _row("神农架林区人民政府", "429021"),
    _row("琼海市教育局", "469002"),
    _row("石河子市教育局", "659001"),
    _row("新疆生产建设兵团第八师石河子市教育局", "659001"),
    _row("第一师阿拉尔市人民政府", "659002"),
    _row("浦东新区人民政府", "310115"),
    _row("滨海新区政府办公室", "120116"),
    _row("喀什市教育局", "653101"),
    _row("巢湖市教育局", "340181", report_year=2020),
    _row("加格达奇区教育局", "232761"),
    _row("吉林船营区教育局", "220204"),
    _row("平潭综合实验区管委会", "350128"),
    _row("平潭县教育局", "350128"),
    _row("乌鲁木齐县人民政府", "650121"),
    _row("国家税务总局四平市铁东区税务局", "220303"),
    _row("国家税务总局尧都区税务局", "141002"),
    _row("四平市公安局铁东分局", "220303"),
    _row("淮安市生态环境局洪泽分局", "320813"),
]

TOWNSHIPS = [
    _row("新城区胡家庙街道办事处", "610102", "胡家庙街道"),
    _row("西安市新城区胡家庙街道", "610102", "胡家庙街道"),
    _row("胡家庙街道办事处", "610102", "胡家庙街道"),
    _row("宁河区造甲城镇人民政府", "120117", "造甲城镇"),
    _row("天津市宁河区造甲城镇人民政府", "120117", "造甲城镇"),
    _row("宁河县造甲城镇人民政府", "120117", "造甲城镇"),
    _row("造甲城镇人民政府", "120117", "造甲城镇", portal_division_code="120117"),
    _row("造甲城镇人民政府", "120117", "造甲城镇", portal_division_code="120000"),
    _row("东莞市长安镇人民政府", "441900", "长安镇"),
    _row("中山市东区街道办事处", "442000", "东区街道"),
    _row("江苏路街道办事处", "310105", "江苏路街道", portal_division_code="310105"),
    _row("长宁区江苏路街道办事处", "310105", "江苏路街道"),
    _row("江苏路街道办事处", "370202", "江苏路街道", portal_division_code="370200"),
    _row("青岛市市南区江苏路街道办事处", "370202", "江苏路街道"),
    _row("江苏路街道办事处", None),
    _row("虹口区四川北路街道办事处", "310109", "四川北路街道"),
    _row("湖里区湖里街道办事处", "350206", "湖里街道"),
    _row("古县渡镇人民政府", "361128", "古县渡镇"),
    _row("安定门街道办事处", "110101", "安定门街道", portal_division_code="110101"),
    _row("平东街道办事处", "220303", "平东街道", portal_division_code="220300"),
    _row("铁岭县镇西堡镇人民政府", "211221", "镇西堡镇"),
    _row("高碑店地区办事处", "110105", "高碑店地区", portal_division_code="110000"),
    _row("太平镇人民政府", None),
    _row("太平镇人民政府", "220112", "太平镇", portal_division_code="220112"),
    _row("太平镇人民政府", "220112", "太平镇", title="长春市双阳区太平镇人民政府2020年政府信息公开工作年度报告"),
    _row("和平镇人民政府", "330522", "和平镇", portal_division_code="330500"),
    _row("宁河区老城镇人民政府", "120117", "老城镇"),
    _row("某某镇人民政府", None),
    _row("某某镇人民政府", None, portal_division_code="610100"),
    _row("四平市某某镇人民政府", None),
    _row("镇人民政府", "120117", portal_division_code="120117"),
]

AMBIGUOUS = [
    _row(f"{name}教育局", None)
    for name in [
        "朝阳区",
        "通州区",
        "和平区",
        "河东区",
        "长安区",
        "桥西区",
        "新华区",
        "城区",
        "郊区",
        "新城区",
        "青山区",
        "铁西区",
        "铁东区",
        "海州区",
        "西安区",
        "向阳区",
        "南山区",
        "宝山区",
        "普陀区",
        "鼓楼区",
        "西湖区",
        "江北区",
        "永定区",
        "市中区",
        "白云区",
        "龙华区",
        "城中区",
        "城关区",
    ]
]

TOLD_APART = [
    _row("铁东区政务服务局", "220303", text="铁东区人民政府门户网站（http://tdq.siping.gov.cn/）"),
    _row("铁东区政务服务局", "210302", text="网址：http://www.anshan.gov.cn/"),
    _row("铁东区政务服务局", "220303", text="请与四平市铁东区政务服务局联系"),
    _row("铁东区政务服务局", "220303", text="请与四平铁东区政务服务局联系"),
    _row("铁东区政务服务局", "220303", text="在四平市委、市政府领导下"),
    _row("铁东区政务服务局", "220303", portal_division_code="220300"),
    _row("铁东区政务服务局", "210302", portal_division_code="210302"),
    _row("铁东区政务服务局", "210302", portal_division_code="210000"),
    _row("铁东区政务服务局", "220303", portal_name="四平市人民政府"),
    _row("铁东区政务服务局", "220303", url="http://www.siping.gov.cn/zwgk/1.html"),
    _row("铁东区政务服务局", "220303", title="四平市铁东区政务服务局2020年政府信息公开工作年度报告"),
    _row("铁东区政务服务局", "220303", signed_by="四平市铁东区政务服务局"),
    _row("铁东区政务服务局", "220303", portal_division_code="220303000000"),
    _row("铁东区政务服务局", None, text="四平市铁东区与鞍山市铁东区交流经验"),
    _row("铁东区政务服务局", None, text="四平市铁东区 http://www.anshan.gov.cn/"),
    _row("铁东区政务服务局", None, portal_division_code="350000"),
    _row("新城区信访局", "610102", portal_name="西安市新城区人民政府门户网站"),
    _row("新城区信访局", "150102", text="新城区隶属呼和浩特市，呼和浩特市的要求"),
    _row("新城区信访局", "610102", text="指导胡家庙街道、自强路街道做好工作"),
    _row("鼓楼区教育局", "350102", text="福州市鼓楼区教育局"),
    _row("鼓楼区教育局", "410204", portal_division_code="410200"),
    _row("鼓楼区教育局", None, portal_division_code="320000"),
    _row("鼓楼区教育局", "320106", portal_division_code="320000", text="南京市鼓楼区"),
    _row("河东区教育局", "371312", portal_division_code="370000"),
    _row("城区信访局", "140502", portal_division_code="140500"),
    _row("矿区教育局", None),
    _row("矿区教育局", "140303", portal_division_code="140300"),
    _row("东区教育局", None),
    _row("东区教育局", "510402", portal_division_code="510400"),
    _row("西安区信访局", "220403", portal_division_code="220400"),
    _row("市中区教育局", "511102", portal_division_code="511102"),
]

SHORT_NAMES = [
    _row("湖里政务服务局", None),
    _row("湖里政务服务局", "350206", portal_division_code="350200"),
    _row("湖里政务服务局", "350206", portal_division_code="350206"),
    _row("湖里政务服务局", "350206", text="湖里区人民政府门户网站"),
    _row("厦门湖里区教育局", "350206"),
    _row("四平铁东政务服务局", "220303"),
    _row("青岛海关", None),
    _row("青岛海关", "370200", portal_division_code="370000"),
    _row("上海海关", "310000"),
    _row("国家统计局宿迁调查队", "321300", portal_division_code="321300"),
    _row("北京市朝阳医院", "110000"),
]

MISTYPED = [
    _row("沐阳县水利局", "321322", portal_division_code="321300"),
    _row("沐阳县水利局", "321322", portal_division_code="321322"),
    _row("宿迁市沐阳县水利局", "321322"),
    _row("沐阳县水利局", None),
    _row("毫州市教育局", "341600", portal_division_code="340000"),
    _row("四平市铁冬区教育局", None),
]

PORTAL_ONLY = [
    _row("区信访局", "610102", portal_division_code="610102"),
    _row("区水利局", "141002", portal_division_code="141002"),
    _row("市教育局", "220300", portal_division_code="220300"),
    _row("市教育局", "419001", portal_division_code="419001"),
    _row("省教育厅", "220000", portal_division_code="220000"),
    _row("信访局", "610102", portal_division_code="610102"),
    _row("区信访局", None),
    _row("区信访局", None, portal_division_code="610100"),
    _row("市教育局", None, portal_division_code="220303"),
    _row("县教育局", None, portal_division_code="610102"),
    _row("区信访局", "610102", portal_division_code="610100", text="西安市新城区信访局坚持"),
    _row("本区教育局", "141002", portal_division_code="141002"),
    _row("长江航道局", None),
    _row(None, None),
    _row(None, None, portal_division_code="610102"),
]

PORTAL_AGAINST = [
    _row("临河区教育局", "150802", portal_division_code="150800"),
    _row("尧都区信访局", None, portal_division_code="140900"),
    _row("临汾市尧都区信访局", "141002", portal_division_code="140900"),
    _row("尧都区信访局", "141002", portal_division_code="140900", text="山西省临汾市尧都区信访局"),
    _row("四平市人民政府", "220300", portal_division_code="220303"),
    _row("尧都区信访局", "141002", portal_division_code="999999"),
    _row("尧都区信访局", "141002", url="http://www.siping.gov.cn/1.html"),
    _row("铁东区教育局", None, url="http://www.linfen.gov.cn/1.html"),
    _row("南京市民政局", None, title="无锡市民政局2020年政府信息公开年报"),
    _row("南京市民政局", "320100", portal_division_code="320100", title="无锡市民政局2020年政府信息公开年报"),
    _row("四平市铁东区、铁西区教育局", None),
]

FORMER = [
    _row("宁河县教育局", "120117"),
    _row("天津市宁河县教育局", "120117"),
    _row("淮安市清河区教育局", "320812"),
    _row("清浦区教育局", "320812", portal_division_code="320800"),
    _row("楚州区教育局", "320803"),
    _row("崇文区教育局", "110101"),
    _row("六安市寿县人民政府", "340422", report_year=2013),
    _row("枞阳县教育局", "340722", report_year=2013, portal_division_code="340800"),
    _row("莱芜市莱城区教育局", "370116"),
    _row("莱芜市人民政府", None),
    _row("桥东区民政局", None),
    _row("桥东区民政局", None, report_year=2012),
    _row("桥东区民政局", "130702", report_year=2024),
    _row("石家庄市桥东区民政局", None, report_year=2012),
    _row("邢台市桥东区民政局", "130502", report_year=2015),
    _row("张家口市桥东区民政局", "130702", report_year=2012),
    _row("哈密市人民政府", "650502", report_year=2012),
    _row("哈密市人民政府", "650500", report_year=2020),
    _row("铜仁市教育局", "520602", report_year=2009),
    _row("铜仁市教育局", "520600", report_year=2020),
    _row("户县人民政府", "610118"),
]

ZONES = [
    _row("苏州工业园区教育局", "320576"),
    _row("长春高新技术产业开发区管理委员会", "220173"),
    _row("长春高新区管委会", "220173"),
    _row("淮安市经济技术开发区管委会", "320871"),
    _row("经开区管委会", "320871", portal_division_code="320800"),
    _row("经开区管委会", None),
    _row("高新区管委会", None),
    _row("鄂尔多斯市恩格贝生态示范区管委会", "150600"),
    _row("某某旅游度假区管委会", "150600", portal_division_code="150600"),
    _row("鄂尔多斯市某某生态示范区管委会", "150600"),
    _row("重庆两江新区管理委员会", "500000"),
    _row("北京经济技术开发区管理委员会", "110000"),
    _row("青岛西海岸新区管理委员会", "370211"),
    _row("经济开发区管委会", None, portal_division_code="320300"),
    _row("经济开发区管委会", "320371", portal_division_code="320371"),
    _row("东城区管委会", None),
    _row("北京市东城区人民政府", "110101"),
    _row("上海庙经济开发区管理委员会", None),
    _row("井冈山经济技术开发区管委会", "360800", portal_division_code="360800"),
    _row("吉林经济开发区管委会", "220271"),
]

NOT_LISTED = [
    _row("四平市某某区教育局", None),
    _row("四平市社区服务中心", "220300"),
    _row("四平市城区改造办公室", "220300"),
    _row("四平市城镇建设局", "220300"),
    _row("四平市市场监督管理局", "220300"),
    _row("四平市区域合作办公室", "220300"),
    _row("淮安市人民政府驻北京办事处", "320800"),
    _row("测试市人民政府", None),
]

NATIONAL = [
    _row("教育部", "000000"),
    _row("国家税务总局", "000000"),
    _row("中华人民共和国海关总署", "000000"),
    _row("中华人民共和国教育部", "000000"),
    _row("国务院办公厅", "000000"),
    _row("国家信访局", "000000"),
]

TITLES_ALONE = [
    _row(None, "310000", title="2020年上海市人民政府办公厅政府信息公开工作年度报告"),
    _row(None, "350128", title="平潭综合实验区2025年度政府信息公开工作年度报告"),
    _row(None, "150600", title="鄂尔多斯市2019年政府信息公开工作年度报告"),
    _row(None, "610102", "胡家庙街道", title="新城区胡家庙街道办事处2020年政府信息公开工作年度报告"),
    _row(None, None, title="政府信息公开工作年度报告"),
    _row(None, None, title="新城区2020年政府信息公开工作年度报告"),
    _row(None, "320800", title="关于淮安市2024年政府信息公开工作年度报告"),
    _row("区信访局", "141002", title="尧都区信访局2020年政府信息公开工作年度报告"),
    _row("信访局", "141002", signed_by="尧都区信访局"),
]

GROUPS = {
    "a province": PROVINCES,
    "a prefecture": PREFECTURES,
    "a county": COUNTIES,
    "a township": TOWNSHIPS,
    "a name that several counties bear": AMBIGUOUS,
    "other evidence tells them apart": TOLD_APART,
    "a name without its suffix": SHORT_NAMES,
    "a mistyped name": MISTYPED,
    "no place in the name": PORTAL_ONLY,
    "portal or title says otherwise": PORTAL_AGAINST,
    "a former unit": FORMER,
    "a zone": ZONES,
    "words that look like places": NOT_LISTED,
    "the central state": NATIONAL,
    "the title alone": TITLES_ALONE,
}
EXAMPLES = [example for group in GROUPS.values() for example in group]
