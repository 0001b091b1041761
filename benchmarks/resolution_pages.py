"""Titles, issuers and small pages of invented reports, with the place that a careful person would give each.

Written from the tables of divisions and from how portals look, with words of its own: none of the resolver's lists is
used, so that a word it does not know shows up as a miss. A page is written around one unit: the body's name in one of
its forms, then evidence around it that settles the place or does not. Where it does not, the truth is that the place
cannot be told.
"""

import csv
import gzip
import io
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from transform.regions.evidence import RegionEvidence

__all__ = ["Page", "pages"]

_TABLES = Path(__file__).resolve().parents[1] / "data" / "reference" / "divisions"

_DEPARTMENTS = (
    "教育局", "财政局", "民政局", "司法局", "公安局", "审计局", "统计局", "水利局", "水务局", "农业农村局",
    "商务局", "交通运输局", "卫生健康局", "卫生健康委员会", "卫生和计划生育委员会", "人力资源和社会保障局",
    "自然资源局", "自然资源和规划局", "国土资源局", "生态环境局", "环境保护局", "住房和城乡建设局", "城乡建设局",
    "城市管理局", "城市管理综合行政执法局", "市场监督管理局", "工商行政管理局", "文化和旅游局",
    "文化广电新闻出版局", "文化体育局", "应急管理局", "安全生产监督管理局", "退役军人事务局", "医疗保障局",
    "信访局", "林业局", "林业和草原局", "发展和改革局", "发展和改革委员会", "工业和信息化局", "科学技术局",
    "民族宗教事务局", "国有资产监督管理委员会", "机关事务管理局", "大数据局", "政务服务局", "行政审批局",
    "政务服务和数据管理局", "金融工作局", "地方金融监督管理局", "粮食和物资储备局", "乡村振兴局", "扶贫开发办公室",
    "体育局", "外事办公室", "房产管理局", "园林绿化局", "档案局", "气象局", "消防救援支队", "供销合作社", "总工会",
    "残疾人联合会", "红十字会", "地震局", "畜牧兽医局", "投资促进局", "招商局", "人民防空办公室", "物价局",
    "食品药品监督管理局", "质量技术监督局", "海洋与渔业局", "邮政管理局", "烟草专卖局", "住房公积金管理中心",
    "公共资源交易中心", "疾病预防控制中心", "综合行政执法局", "史志办公室", "融媒体中心", "编制委员会办公室",
)  # fmt: skip
_INSTITUTIONS = (
    "人民医院", "中医院", "第一中学", "实验小学", "职业中等专业学校", "图书馆", "自来水公司", "公交集团有限公司",
)  # fmt: skip
_BRANCHES = ("公安局", "自然资源和规划局", "生态环境局", "国土资源局", "市场监督管理局")
_AUTONOMOUS = re.compile("(..)(?:[^族]{1,2}族)+自治县")
_ZONE_STEMS = (
    "金桥", "龙腾", "东湖", "滨江", "凤凰", "临空", "高铁", "北部", "双桥", "华丰", "新兴", "沿江", "绿谷", "瑞云",
)  # fmt: skip
_ZONE_SORTS = (
    "工业园区", "经济开发区", "旅游度假区", "产业园区", "物流园区", "生态示范区", "循环经济试验区", "风景名胜区",
)  # fmt: skip

_TITLES: tuple[Callable[[str, int], str], ...] = (
    lambda name, year: f"{name}{year}年政府信息公开工作年度报告",
    lambda name, year: f"{name}{year}年度政府信息公开工作年度报告",
    lambda name, year: f"{year}年{name}政府信息公开工作年度报告",
    lambda name, year: f"{year}年度{name}政府信息公开年度报告",
    lambda name, year: f"{name}政府信息公开工作年度报告（{year}年）",
    lambda name, year: f"{name}政府信息公开工作{year}年度报告",
    lambda name, year: f"关于{name}{year}年政府信息公开工作情况的报告",
    lambda name, year: f"{name}关于{year}年度政府信息公开工作的年度报告",
    lambda name, year: f"{name}{_in_characters(year)}年政府信息公开年报",
    lambda name, year: f"【年报】{name} {year}年政府信息公开工作年度报告",
    lambda name, year: f"{name}\n{year}年政府信息公开工作年度报告",
    lambda name, year: f"{name}{year}年信息公开年度报告",
)

_OPENINGS: tuple[str, ...] = (
    "根据《中华人民共和国政府信息公开条例》第五十条规定，现公布{year}年政府信息公开工作年度报告。",
    "本报告依据《中华人民共和国政府信息公开条例》和国务院办公厅的有关要求编制。",
    "{year}年，{self}坚持以习近平新时代中国特色社会主义思想为指导，认真贯彻落实党中央、国务院决策部署。",
    "本报告中所列数据的统计期限自{year}年1月1日至12月31日。如有疑问，请与{self}联系。",
    "一、总体情况\n{year}年，{self}主动公开政府信息{count}条，收到依申请公开{few}件。",
    "在上级的正确领导下，政府信息公开工作稳步推进，全年公开信息{count}条。",
)
_MISTYPED = {
    pair[0]: pair[1]
    for pair in (
        "沭沐", "亳毫", "睢雎", "盱盯", "鄄甄", "濉睢", "邳丕", "溧漂", "歙翕", "嵊剩", "莒吕", "沂忻", "涿琢",
        "滦栾", "淅浙", "颍颖", "荥荣", "祁祈", "郯谈", "浠希", "漯骡", "泌沁", "湄眉", "岚凤", "崂涝", "巢剿",
        "涪倍", "潼撞", "潢横", "郏夹", "鄢焉", "隰湿", "嵩蒿", "盂孟", "忻折", "沁心", "峄译", "鄞勤", "郫卑",
        "濮璞", "蓟剂", "黟黔", "婺鹜", "衢瞿", "缙晋", "柘拓", "泗四", "浚俊", "淇琪", "峡陕", "荔茘", "芮苪",
    )
}  # fmt: skip
"""The character of a name, and one that is typed for it."""
_HOSTS = {
    "beijing": "110000", "tj": "120000", "shanghai": "310000", "cq": "500000", "nanjing": "320100", "suzhou": "320500",
    "wuxi": "320200", "xuzhou": "320300", "changzhou": "320400", "nantong": "320600", "huaian": "320800",
    "yangzhou": "321000", "hangzhou": "330100", "ningbo": "330200", "wenzhou": "330300", "shaoxing": "330600",
    "hefei": "340100", "wuhu": "340200", "bengbu": "340300", "luan": "341500", "xiamen": "350200", "fuzhou": "350100",
    "quanzhou": "350500", "nanchang": "360100", "jinan": "370100", "qingdao": "370200", "zibo": "370300",
    "yantai": "370600", "weifang": "370700", "linyi": "371300", "zhengzhou": "410100", "luoyang": "410300",
    "wuhan": "420100", "yichang": "420500", "changsha": "430100", "guangzhou": "440100", "shenzhen": "440300",
    "nanning": "450100", "chengdu": "510100", "guiyang": "520100", "xian": "610100", "lanzhou": "620100",
    "siping": "220300", "changchun": "220100", "shenyang": "210100", "anshan": "210300", "linfen": "141000",
}  # fmt: skip
"""Addresses of real portals, as far as they are common knowledge."""


@dataclass(frozen=True)
class Unit:
    """A unit as the tables have it, with those above it, outermost first."""

    code: str
    name: str
    rank: str
    above: tuple["Unit", ...] = ()
    now: str = ""
    """The code of the division of today, where the unit is gone."""
    last_year: int = 9999
    first_year: int = 0

    @property
    def path(self) -> tuple["Unit", ...]:
        """The units above and the unit itself."""
        return (*self.above, self)

    @property
    def division(self) -> str:
        """The code that a report of the unit comes to."""
        return self.now or self.code


@dataclass(frozen=True)
class Page:
    """What is known of one report, and where it belongs: `code` is None where that cannot be told."""

    number: int
    kind: str
    """What the body is and how it is named."""
    settles: str
    """The evidence that settles the place; `nothing` where none does."""
    evidence: RegionEvidence
    code: str | None
    township: str | None = None
    """Code of the township, where the page names one that is in the table."""


@dataclass
class Draft:
    """A page being written."""

    rng: random.Random
    unit: Unit
    year: int
    name: str = ""
    kind: str = ""
    settles: str = "name"
    code: str | None = None
    township: str | None = None
    given: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    title_name: str | None = None
    has_title: bool = True


# ---- the tables ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """The units to write about."""

    by_rank: dict[str, list[Unit]]
    by_name: dict[str, list[Unit]]
    towns_by_name: dict[str, list[Unit]]
    former: list[Unit]
    by_code: dict[str, Unit]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_TABLES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _world() -> World:
    by_code: dict[str, Unit] = {}
    spans = {
        (row["code"], row["name"]): (int(row["first_year"] or 0), int(row["last_year"] or 9999))
        for row in _rows("lifespans.csv")
    }

    def add(code: str, name: str, rank: str, above: Unit | None) -> Unit:
        unit = Unit(code, name, rank, above.path if above else (), first_year=spans.get((code, name), (0, 9999))[0])
        by_code[code] = unit
        return unit

    for row in _rows("provinces.csv"):
        add(row["code"] + "0000", row["name"], "province", None)
    for row in _rows("cities.csv"):
        if row["name"].startswith(("市辖", "县", "省直辖", "自治区直辖")):
            continue
        add(row["code"] + "00", row["name"], "prefecture", by_code[row["provinceCode"] + "0000"])
    for row in _rows("areas.csv"):
        above = by_code.get(row["cityCode"] + "00") or by_code[row["provinceCode"] + "0000"]
        if row["code"] not in ("441900", "442000", "460400", "620201"):
            add(row["code"], row["name"], "zone" if row["code"][4] == "7" else "county", above)
    with gzip.open(_TABLES / "streets.csv.gz", "rt", encoding="utf-8", newline="") as packed:
        for row in csv.DictReader(io.StringIO(packed.read())):
            above = by_code.get(row["areaCode"]) or by_code.get(row["cityCode"] + "00")
            name = row["name"]
            for head in ("".join(u.name for u in above.path[-2:]), above.name) if above else ():
                name = name.removeprefix(head) if len(name) > len(head) + 2 else name
            name = name.removesuffix("办事处") if name.endswith("街道办事处") else name
            if above and name.endswith(("街道", "镇", "乡")) and 3 <= len(name) <= 7:
                add(row["code"], name, "township", above)
    by_rank: dict[str, list[Unit]] = defaultdict(list)
    by_name: dict[str, list[Unit]] = defaultdict(list)
    towns: dict[str, list[Unit]] = defaultdict(list)
    for unit in by_code.values():
        by_rank[unit.rank].append(unit)
        (towns if unit.rank == "township" else by_name)[unit.name].append(unit)
    former = []
    for row in _rows("former_units.csv"):
        first, last = spans[row["former_code"], row["name"]]
        if not row["current_code"] or row["current_code"] not in by_code or row["basis"] == "new code" or last < 2008:
            continue
        above = by_code.get(row["former_code"][:4] + "00") or by_code[row["former_code"][:2] + "0000"]
        if row["former_code"].endswith("00"):
            above = by_code[row["former_code"][:2] + "0000"]
        rank = "prefecture" if row["former_code"].endswith("00") else "county"
        code, now = row["former_code"], row["current_code"]
        former.append(Unit(code, row["name"], rank, above.path, now=now, last_year=last, first_year=first))
    for unit in former:
        by_name[unit.name].append(unit)
    for unit in by_rank["county"]:
        if "族" in unit.name and unit.name.endswith("自治县"):
            by_name[unit.name[:2] + "县"].append(unit)  # as it is called for short
    return World(dict(by_rank), dict(by_name), dict(towns), former, by_code)


def _bearers(name: str, year: int, within: Unit | None = None) -> set[str]:
    """Divisions of today that a name may mean in a year, also by units that went or came about then."""
    found = set()
    for unit in _world().by_name.get(name, ()):
        if unit.first_year - 1 <= year <= unit.last_year + 1 and (
            within is None or within.code in {u.code for u in unit.path}
        ):
            found.add(unit.division)
    return found


def _homes(town: Unit) -> set[str]:
    """Counties of one name that have a township of one name."""
    county = town.above[-1]
    return {one.above[-1].code for one in _world().towns_by_name[town.name] if one.above[-1].name == county.name}


# ---- names -----------------------------------------------------------------------------------------------------------


def _in_characters(year: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))


def _full_path(unit: Unit, rng: random.Random) -> str:
    """The unit with those above it: all of them, or the nearest."""
    chain = [above.name for above in unit.path]
    return "".join(chain if rng.random() < 0.4 else chain[-2:])


_WORDS = ("城区", "郊区", "矿区", "东区", "西区", "新区", "市中区", "城中区", "城关区", "新市区", "中心区", "新城区")


def _is_word(name: str) -> bool:
    """Whether a unit's name is an ordinary word by itself, so that it says nothing alone."""
    return name in _WORDS


def _body(unit: Unit, rng: random.Random) -> str:
    """The name of a body of a unit, after its place."""
    draw = rng.random()
    if unit.rank == "township":
        if unit.name.endswith("街道"):
            return rng.choice(("办事处", "办事处", ""))
        return rng.choice(("人民政府", "人民政府", "政府", ""))
    if unit.rank == "zone":
        return rng.choice(("管理委员会", "管委会", "管委会办公室", "管理委员会教育局", "财政局"))
    if draw < 0.2:
        return "人民政府" if not unit.name.endswith(("地区", "盟")) else "行政公署"
    if draw < 0.35:
        office = "办公厅" if unit.rank == "province" else "办公室"
        return rng.choice(("人民政府", "政府")) + office
    if draw < 0.95:
        department = rng.choice(_DEPARTMENTS)
        return (
            department.removesuffix("局") + "厅"
            if unit.rank == "province" and department.endswith("局") and rng.random() < 0.5
            else department
        )
    return rng.choice(_INSTITUTIONS)


# ---- evidence --------------------------------------------------------------------------------------------------------


def _above(unit: Unit) -> Unit:
    """The unit directly above."""
    return unit.path[-2]


def _portal_code(draft: Draft, unit: Unit) -> None:
    draft.given["portal_division_code"] = unit.code


def _portal_name(draft: Draft, unit: Unit) -> None:
    path = "".join(u.name for u in unit.path[-2:]) if unit.rank == "county" else unit.name
    draft.given["portal_name"] = path + draft.rng.choice(("人民政府", "人民政府门户网站", "政府网", "政府信息公开网"))


def _site_name(draft: Draft, unit: Unit) -> None:
    path = "".join(u.name for u in unit.path[-2:]) if unit.rank == "county" else unit.name
    draft.given["site_name"] = path + draft.rng.choice(("人民政府", "人民政府门户网站", "政府门户网站"))


def _publisher(draft: Draft, unit: Unit) -> None:
    name = "".join(u.name for u in unit.path[-2:]) if unit.rank == "county" else unit.name
    draft.given["publisher"] = name + draft.rng.choice(("人民政府办公室", draft.rng.choice(_DEPARTMENTS)))


def _breadcrumb(draft: Draft, unit: Unit) -> None:
    lead = draft.rng.choice(("当前位置：首页", "您当前的位置：首页", "您所在的位置 : 首页", "首页", "位置：网站首页"))
    mark = draft.rng.choice((" > ", ">", " >> ", " » ", " / "))
    crumbs = [lead, "政府信息公开", unit.name + draft.rng.choice(("", "政府", "人民政府")), "政府信息公开年报"]
    if draft.rng.random() < 0.4:
        crumbs.insert(3, draft.unit.name)
    draft.before.append(mark.join(crumbs))


def _side_by_side(draft: Draft, unit: Unit) -> None:
    words = ("本报告由{0}编制。", "如有疑问，请联系{0}（地址：{1}）。", "{0}高度重视政府信息公开工作。")
    full = unit.name + draft.unit.name
    draft.lines.append(
        draft.rng.choice(words).format(full + draft.rng.choice(("政府", "教育局", "政务服务中心")), full + "人民路1号")
    )


def _footer(draft: Draft, unit: Unit) -> None:
    draft.after.append(
        f"地址：{unit.name}{draft.unit.name}解放路{draft.rng.randrange(1, 300)}号　"
        f"电话：0{draft.rng.randrange(300, 999)}-{draft.rng.randrange(10**6, 10**7)}"
    )


def _own_voice(draft: Draft, unit: Unit) -> None:
    draft.lines.append(
        f"在{unit.name}委、{unit.name}政府的正确领导下，各项工作有序开展。"
        if draft.rng.random() < 0.5
        else f"按照{unit.name}人民政府的统一部署开展工作。"
    )


def _signature(draft: Draft, unit: Unit) -> None:
    draft.given["signed_by"] = unit.name + draft.name


def _title(draft: Draft, unit: Unit) -> None:
    draft.title_name = unit.name + draft.name


def _address(draft: Draft, unit: Unit) -> None:
    label = next(label for label, code in _HOSTS.items() if code == unit.code)
    number = draft.rng.randrange(10**5)
    draft.given["url"] = f"https://www.{label}.gov.cn/art/{draft.year + 1}/1/{number % 30 + 1}/art_{number}.html"


_SETTLING: dict[str, Callable[[Draft, Unit], None]] = {
    "portal code": _portal_code,
    "portal name": _portal_name,
    "site name": _site_name,
    "publisher": _publisher,
    "breadcrumb": _breadcrumb,
    "text: parent and name": _side_by_side,
    "text: footer address": _footer,
    "text: leaders": _own_voice,
    "signature": _signature,
    "title": _title,
    "address": _address,
}
"""Evidence that names the unit above the body's own."""


def _settle(draft: Draft, unit: Unit, wanted: str | None = None) -> None:
    """Add evidence that names a unit above."""
    possible = [name for name in _SETTLING if name != "address" or unit.code in _HOSTS.values()]
    draft.settles = wanted or draft.rng.choice(possible)
    _SETTLING[draft.settles](draft, unit)


def _noise(draft: Draft) -> None:
    """What stands on pages beside all that: mentions that settle nothing and contradict nothing."""
    rng = draft.rng
    own = draft.unit.name
    for opening in rng.sample(_OPENINGS, rng.randrange(1, 4)):
        shown = {
            "year": draft.year,
            "self": rng.choice(("本单位", "我局", "本机关", draft.name)),
            "count": rng.randrange(900),
            "few": rng.randrange(30),
        }
        draft.lines.append(opening.format(**shown))
    if rng.random() < 0.25 and draft.unit.rank in ("county", "prefecture"):
        draft.lines.append(rng.choice(("全{0}各乡镇、街道积极配合。", "组织全{0}各部门参加培训。")).format(own[-1]))
    if rng.random() < 0.15:
        draft.lines.append("赴浙江省、上海市等地学习先进经验。")
    if rng.random() < 0.1:
        draft.lines.append("通过新华社、人民日报、北京青年报等媒体宣传。")
    if rng.random() < 0.3:
        draft.after.append(
            rng.choice(
                (
                    "版权所有　未经授权禁止转载",
                    "网站标识码：" + str(rng.randrange(10**9, 10**10)),
                    "技术支持：北京拓尔思信息技术股份有限公司",
                    "网站地图 | 联系我们 | 关于本站",
                )
            )
        )
    if rng.random() < 0.3:
        draft.before.append(
            rng.choice(
                (
                    "无障碍 | 简体 | 繁体",
                    "首页 > 政府信息公开 > 政府信息公开年报",
                    f"索引号：11220300MB1A{rng.randrange(10**4)}/2021-00012　分类：政府信息公开年报",
                    "字体：【大 中 小】　打印",
                )
            )
        )


def _agreeing(draft: Draft) -> None:
    """Evidence that a complete name does not need and that agrees with it, on some pages."""
    rng, unit = draft.rng, draft.unit
    chain = [above for above in unit.path if above.rank in ("province", "prefecture", "county")]
    if rng.random() < 0.5:
        above = rng.choice(chain)
        if not above.now:
            rng.choice((_portal_code, _portal_name, _site_name))(draft, above)
    if rng.random() < 0.3:
        draft.given["signed_by"] = draft.name
    if rng.random() < 0.15 and len(unit.path) > 1 and not _above(unit).now:
        _publisher(draft, _above(unit))


# ---- kinds of pages --------------------------------------------------------------------------------------------------


def _named_in_full(draft: Draft) -> None:
    """The body with place and parent."""
    unit = draft.unit
    place = _full_path(unit, draft.rng)
    if unit.rank == "township":
        place = "".join(above.name for above in unit.path) if len(_homes(unit)) > 1 else place
    draft.name = place + _body(unit, draft.rng)
    draft.kind = f"{unit.rank}: full name with parent"
    draft.code = unit.division if unit.rank != "township" else _above(unit).division
    draft.township = unit.code if unit.rank == "township" else None
    _agreeing(draft)


def _named_alone(draft: Draft) -> None:
    """The place without its parent and nothing beside it: told where one unit alone bears the name."""
    unit = draft.unit
    draft.name = unit.name + _body(unit, draft.rng)
    draft.kind = f"{unit.rank}: name alone"
    draft.settles = "name"
    if len(_bearers(unit.name, draft.year)) == 1 and not _is_word(unit.name):
        draft.code = unit.division
    else:
        draft.settles, draft.code = "nothing", None


def _named_and_settled(draft: Draft) -> None:
    """The place without its parent, and evidence that names the unit above."""
    unit = draft.unit
    above = _above(unit)
    draft.name = unit.name + _body(unit, draft.rng)
    draft.kind = (
        f"{unit.rank}: {'shared' if len(_bearers(unit.name, draft.year)) > 1 else 'own'} name, parent elsewhere"
    )
    _settle(draft, above)
    draft.code = unit.division if len(_bearers(unit.name, draft.year, above)) == 1 else None


def _short_and_settled(draft: Draft) -> None:
    """The place without suffix (湖里), with its parent in the name or beside it."""
    unit = draft.unit
    short = unit.name[:-1]
    draft.kind = f"{unit.rank}: short name"
    draft.code = unit.division
    department = draft.rng.choice(_DEPARTMENTS)
    above = _above(unit)
    if draft.rng.random() < 0.5:
        draft.name = above.name + short + department
    else:
        draft.name = short + department
        _settle(draft, above, draft.rng.choice(("portal code", "portal name", "site name")))


def _generic(draft: Draft) -> None:
    """区信访局: the body names its level and not its place; the portal is its own division's, or says nothing."""
    unit = draft.unit
    draft.name = unit.name[-1] + draft.rng.choice(_DEPARTMENTS)
    draft.kind = f"{unit.rank}: no place in the name"
    if draft.rng.random() < 0.7:
        wanted = draft.rng.choice(("portal code", "portal name", "site name"))
        draft.settles = wanted
        _SETTLING[wanted](draft, unit)
        draft.code = unit.division
    else:
        draft.settles, draft.code = "nothing", None


def _mistyped(draft: Draft) -> None:
    """One character typed for another that looks like it, with the parent in the name or as the portal."""
    unit = draft.unit
    wrong = "".join(_MISTYPED.get(character, character) for character in unit.name)
    draft.kind = f"{unit.rank}: mistyped"
    body = _body(unit, draft.rng)
    if draft.rng.random() < 0.6:
        draft.name = _above(unit).name + wrong + body
    else:
        draft.name = wrong + body
        _settle(draft, _above(unit), draft.rng.choice(("portal code", "portal name", "site name")))
    draft.code = unit.division


def _branch(draft: Draft) -> None:
    """A branch of the city's body for a district: 四平市公安局铁东分局, 国家税务总局四平市铁东区税务局."""
    unit = draft.unit
    city = _above(unit)
    short = unit.name if draft.rng.random() < 0.5 or len(unit.name) < 3 else unit.name[:-1]
    if draft.rng.random() < 0.6:
        draft.name = f"{city.name}{draft.rng.choice(_BRANCHES)}{short}分局"
    else:
        draft.name = f"国家税务总局{city.name}{unit.name}税务局"
    draft.kind = "county: branch of the city's body"
    draft.code = unit.division


def _township_alone(draft: Draft) -> None:
    """A township without its county; told by the portal of the county or the prefecture, or not at all."""
    unit = draft.unit
    county = _above(unit)
    draft.name = unit.name + _body(unit, draft.rng)
    draft.kind = "township: name alone"
    draw = draft.rng.random()
    same = _world().towns_by_name[unit.name]
    if draw < 0.45:
        wanted = draft.rng.choice(("portal code", "portal name", "site name"))
        _SETTLING[wanted](draft, county)
        draft.settles, draft.code, draft.township = f"{wanted} of the county", county.code, unit.code
    elif draw < 0.65 and county.rank == "county" and len(county.path) > 2:
        above = _above(county)
        wanted = draft.rng.choice(("portal code", "portal name"))
        _SETTLING[wanted](draft, above)
        inside = [town for town in same if above in town.path]
        draft.settles = f"{wanted} of the prefecture"
        if len(inside) == 1:
            draft.code, draft.township = county.code, unit.code
        else:
            draft.settles, draft.code = "nothing", None
    elif draw < 0.85:
        wanted = draft.rng.choice(("signature", "title"))
        draft.settles = wanted
        _SETTLING[wanted](draft, county)
        if len(_bearers(county.name, draft.year)) == 1 and not _is_word(county.name):
            draft.code, draft.township = county.code, unit.code
        else:
            if len(_homes(unit)) == 1:
                draft.code, draft.township = county.code, unit.code
            else:
                draft.settles, draft.code = "nothing", None
    elif len({town.path[-2].code for town in same}) > 1:
        draft.settles, draft.code = "nothing", None
    else:
        draft.code, draft.township = county.code, unit.code


def _county_township(draft: Draft) -> None:
    """A township after its county, no parent above: told by the county's name, or by the township in it."""
    unit = draft.unit
    county = _above(unit)
    draft.name = county.name + unit.name + _body(unit, draft.rng)
    draft.kind = "township: after its county"
    if len(_homes(unit)) == 1 and not _is_word(county.name):
        draft.code, draft.township = county.code, unit.code
    else:
        draft.settles, draft.code = "portal code", county.code
        draft.township = unit.code
        _portal_code(draft, county)


def _zone_without_code(draft: Draft) -> None:
    """A zone that no table has: it lies in the city that its name or the portal gives."""
    rng, unit = draft.rng, draft.unit
    stem = rng.choice(_ZONE_STEMS)
    zone = stem + rng.choice(_ZONE_SORTS)
    draft.kind = "zone without a code"
    draft.name = unit.name + zone + rng.choice(("管理委员会", "管委会"))
    draft.code = unit.division
    if len(_bearers(unit.name, draft.year)) > 1:
        draft.name = _full_path(unit, rng) + zone + "管委会"


def _zone_by_portal(draft: Draft) -> None:
    """高新区管委会 on the portal of the one city that it can belong to."""
    unit = draft.unit
    city = _above(unit)
    ending = next((e for e in ("高新技术产业开发区", "经济技术开发区", "经济开发区") if unit.name.endswith(e)), "")
    short = {"高新技术产业开发区": "高新区", "经济技术开发区": "经开区", "经济开发区": "经开区"}.get(ending, "")
    rivals = [z for z in _world().by_rank["zone"] if z.path[-2].code == city.code and z.name.endswith(ending[:2])]
    siblings = [z for z in _world().by_rank["zone"] if z.path[-2].code == city.code and ending[2:] in z.name]
    draft.kind = "zone: city in the name"
    draft.code = unit.code
    core = unit.name.removeprefix(city.name).removeprefix(city.name[:-1])
    draft.name = (
        city.name + (core if core != unit.name else unit.name.removeprefix(city.path[0].name[:-1])) + "管理委员会"
    )
    if (
        short
        and city.name[:-1] + ending == unit.name
        and len(rivals) <= 1
        and len(siblings) <= 1
        and draft.rng.random() < 0.5
    ):
        draft.name = city.name + short + "管委会"


def _former(draft: Draft) -> None:
    """A unit that is gone, in a report of its time, with its parent or without."""
    unit = draft.unit
    draft.kind = "former unit"
    body = _body(unit, draft.rng)
    draft.name = unit.name + body
    bearers = _bearers(unit.name, draft.year)
    if draft.rng.random() < 0.5 or len(bearers) > 1:
        parent = _above(unit)
        draft.name = parent.name + unit.name + body
        bearers = _bearers(unit.name, draft.year, parent)
    draft.code = (
        unit.division if len(bearers) == 1 and not (_is_word(unit.name) and draft.name.startswith(unit.name)) else None
    )
    if draft.code is None:
        draft.settles = "nothing"


def _two_issuers(draft: Draft) -> None:
    """Two places in one title: it cannot be told whose report it is."""
    unit = draft.unit
    others = [u for u in _world().by_rank[unit.rank] if u.above == unit.above and u.code != unit.code]
    other = draft.rng.choice(others or _world().by_rank["county"])
    department = draft.rng.choice(_DEPARTMENTS)
    joint = draft.rng.choice(("、", "和", "与"))
    draft.name = f"{_above(unit).name}{unit.name}{joint}{other.name}{department}"
    if joint != "、":
        draft.name = f"{_above(unit).name}{unit.name}{department}{joint}{other.name}{department}"
    draft.kind, draft.settles, draft.code = "two places in one name", "nothing", None


def _elsewhere_portal(draft: Draft) -> None:
    """A shared name on the portal of a place where no such unit lies."""
    unit = draft.unit
    draft.name = unit.name + _body(unit, draft.rng)
    draft.kind, draft.settles, draft.code = "shared name on a portal elsewhere", "nothing", None
    own = {u.path[0].code for u in _world().by_name[unit.name]}
    _portal_code(draft, draft.rng.choice([p for p in _world().by_rank["prefecture"] if p.path[0].code not in own]))


def _other_footer(draft: Draft) -> None:
    """A complete name, and under the page the address of another body of the same city: the name stands."""
    _named_in_full(draft)
    unit = draft.unit
    draft.kind = f"{unit.rank}: full name, footer of another body"
    near = [u for u in _world().by_rank["county"] if u.above == unit.above and u.code != unit.code]
    if near:
        other = draft.rng.choice(near)
        draft.after.append(f"主办：{_above(unit).name}人民政府办公室　地址：{_above(unit).name}{other.name}市府路1号")


def _contracted(draft: Draft) -> None:
    """An autonomous county as it is called for short: 长阳县教育局."""
    unit = draft.unit
    draft.kind = "county: autonomous, without its peoples"
    short = unit.name[:2] + "县"
    draft.name = short + draft.rng.choice(_DEPARTMENTS)
    others = {u.division for u in _world().by_name.get(short, ()) if u.code != unit.code}
    if draft.rng.random() < 0.5 or others:
        draft.name = _above(unit).name + draft.name
    draft.code = unit.division


def _generic_on_page(draft: Draft) -> None:
    """区信访局, and the page's breadcrumb or metadata block names the place with its parent."""
    unit = draft.unit
    draft.kind = f"{unit.rank}: no place in the name"
    draft.name = unit.name[-1] + draft.rng.choice(_DEPARTMENTS)
    full = _above(unit).name + unit.name
    draft.code = unit.division
    if draft.rng.random() < 0.5:
        draft.settles = "publisher"
        draft.given["publisher"] = full + draft.rng.choice(("人民政府办公室", "教育局", "政务服务局"))
    else:
        draft.settles = "breadcrumb"
        draft.before.append(f"当前位置：首页 > {full}人民政府 > 政府信息公开 > 年报")


def _quiet_contradiction(draft: Draft) -> None:
    """A shared name, and the page gives a parent twice, each time another: it cannot be told."""
    unit = draft.unit
    rivals = [u for u in _world().by_name[unit.name] if u.rank == "county" and u.above != unit.above and not u.now]
    draft.kind, draft.settles, draft.code = "shared name, parents contradict", "nothing", None
    draft.name = unit.name + _body(unit, draft.rng)
    other = draft.rng.choice([u for u in rivals if u.code != unit.code])
    _side_by_side(draft, _above(unit))
    draft.lines.append(f"{_above(other).name}{unit.name}的有关情况见附件。")


def _only_the_name(draft: Draft) -> None:
    """A title that is the body's name and nothing else."""
    _named_in_full(draft)
    draft.kind = f"{draft.unit.rank}: title is the name alone"
    draft.has_title = False
    draft.given["title"] = draft.name


def _region_title(draft: Draft) -> None:
    """尧都区2020年政府信息公开工作年度报告: the title names the place for its government."""
    unit = draft.unit
    draft.kind = f"{unit.rank}: the title names the place alone"
    draft.name = unit.name
    if len(_bearers(unit.name, draft.year)) == 1 and not _is_word(unit.name):
        draft.code = unit.division
    else:
        _settle(draft, _above(unit), draft.rng.choice(("portal code", "portal name", "site name", "signature")))
        if draft.settles == "signature":
            draft.given["signed_by"] = _above(unit).name + unit.name + "人民政府"
        draft.code = unit.division


_Kind = tuple[float, str, Callable[[Draft], None]]
_KINDS: tuple[_Kind, ...] = (
    (12, "county", _named_in_full),
    (5, "prefecture", _named_in_full),
    (2, "province", _named_in_full),
    (8, "township", _named_in_full),
    (8, "county", _named_alone),
    (3, "prefecture", _named_alone),
    (3, "shared", _named_alone),
    (9, "county", _named_and_settled),
    (10, "shared", _named_and_settled),
    (4, "plain county", _short_and_settled),
    (4, "county", _generic),
    (2, "city", _generic),
    (2, "typo", _mistyped),
    (3, "district", _branch),
    (6, "township", _township_alone),
    (5, "township", _county_township),
    (2, "city", _zone_without_code),
    (2, "zone", _zone_by_portal),
    (4, "former", _former),
    (1.5, "county", _two_issuers),
    (1.5, "shared", _elsewhere_portal),
    (2, "county", _other_footer),
    (2, "county", _only_the_name),
    (3, "county", _region_title),
    (2, "autonomous", _contracted),
    (2, "county", _generic_on_page),
    (1, "shared", _quiet_contradiction),
    (1, "shared", _region_title),
)


@cache
def _pool(name: str) -> list[Unit]:
    world = _world()
    named = [unit for rank in ("province", "prefecture", "county") for unit in world.by_rank[rank]]
    counties = [unit for unit in world.by_rank["county"] if len(unit.path) > 1 and "岛" not in unit.name]
    pools: dict[str, Callable[[], list[Unit]]] = {
        "county": lambda: counties,
        "shared": lambda: [u for u in counties if len(_bearers(u.name, 2022)) > 1],
        "plain county": lambda: [
            u for u in counties
            if len(u.name) == 3 and u.name[-1] in "区县市" and _bearers(u.name, 2022) == {u.code}
            and not any(other.name[:2] == u.name[:2] and other.code != u.code for other in named)
        ],
        "city": lambda: [u for u in world.by_rank["prefecture"] if u.name.endswith("市")],
        "district": lambda: [u for u in counties if len(u.path) == 3 and len(u.name) == 3 and u.name.endswith("区")],
        "typo": lambda: [u for u in counties if sum(c in _MISTYPED for c in u.name) == 1],
        "autonomous": lambda: [u for u in counties if _AUTONOMOUS.fullmatch(u.name) and "川" not in u.name],
        "former": lambda: world.former,
    }  # fmt: skip
    return pools[name]() if name in pools else world.by_rank[name]


def _write(number: int, seed: int) -> Page:
    rng = random.Random(f"{seed}:{number}")
    _, pool, kind = rng.choices(_KINDS, weights=[weight for weight, _, _ in _KINDS])[0]
    unit = rng.choice(_pool(pool))
    # Not the last year of a unit that goes: its report is written when the new name is already there.
    latest = min(max(unit.last_year - 1, 2008), 2025)
    year = rng.randrange(max(2008, latest - 9, min(unit.first_year + 1, latest)), latest + 1)
    draft = Draft(rng, unit, year)
    kind(draft)
    _noise(draft)
    rng.shuffle(draft.lines)
    title_name = draft.title_name or draft.name
    given = dict(draft.given)
    if draft.has_title:
        given["title"] = rng.choice(_TITLES)(title_name, year)
    if rng.random() < 0.85:
        given["issuer"] = draft.name
    text = "\n".join((*draft.before, given["title"] if rng.random() < 0.5 else "", *draft.lines, *draft.after))
    evidence = RegionEvidence(**given, text=text, report_year=year)
    return Page(number, draft.kind, draft.settles, evidence, draft.code, draft.township)


def pages(count: int, seed: int) -> Iterator[Page]:
    """Pages by number; one seed and number always give the same page."""
    for number in range(count):
        yield _write(number, seed)
