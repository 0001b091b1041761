"""One body, many spellings: are all names of a body over the years filed as one, and never two bodies as one?

`python -m benchmarks.identity --bodies 500 --seed N` makes bodies of real places (same-named counties, zones, townships
and neighbouring bureaus that look alike included), prints each under a spelling of its own for six years, as portals
do, and compares the keys. The spellings are written here by hand, apart from the matching table that they test.
"""

import argparse
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transform.identity import place_issuer
from transform.issuers import describe_issuer
from transform.regions import Division, Gazetteer, Level, RegionEvidence, load_gazetteer

__all__ = ["Outcome", "main", "measure"]

YEARS = (2015, 2017, 2018, 2020, 2022, 2024)
_LEAST_RECALL = 0.97

RENAMED: dict[str, tuple[tuple[int, tuple[str, ...]], ...]] = {
    "land": (
        (2018, ("国土资源局", "国土局")),
        (9999, ("自然资源局", "自然资源和规划局", "自然资源与规划局", "资规局")),
    ),
    "ecology": ((2018, ("环境保护局", "环保局")), (9999, ("生态环境局",))),
    "health": (
        (2018, ("卫生和计划生育局", "卫生计生局", "卫计局", "卫生和计划生育委员会")),
        (9999, ("卫生健康局", "卫健局", "卫生健康委员会", "卫健委")),
    ),
    "agriculture": ((2018, ("农业局", "农业委员会")), (9999, ("农业农村局", "农业农村委员会"))),
    "safety": (
        (2018, ("安全生产监督管理局", "安监局")),
        (9999, ("应急管理局", "应急局")),
    ),
    "poverty": ((2021, ("扶贫开发办公室", "扶贫办", "扶贫开发局")), (9999, ("乡村振兴局",))),
    "grain": ((2018, ("粮食局",)), (9999, ("粮食和物资储备局", "粮食和储备局"))),
    "finance_office": (
        (2018, ("金融工作办公室", "金融办")),
        (2022, ("地方金融监督管理局", "地方金融监管局")),
        (9999, ("地方金融管理局",)),
    ),
    "data": ((2022, ("大数据管理局", "大数据局")), (9999, ("数据局",))),
    "forestry": ((2018, ("林业局",)), (9999, ("林业和草原局", "林草局", "林业局"))),
    "civil_defence": ((2022, ("人民防空办公室", "人防办")), (9999, ("国防动员办公室", "人民防空办公室"))),
    "industry": (
        (2018, ("经济和信息化委员会", "经信委", "经济和信息化局")),
        (9999, ("工业和信息化局", "工信局")),
    ),
}
STEADY: dict[str, tuple[str, ...]] = {
    "education": ("教育局", "教育局"),
    "reform": ("发展和改革委员会", "发展和改革局", "发展改革委", "发改委", "发改局", "发展改革局"),
    "people": ("人力资源和社会保障局", "人力资源社会保障局", "人社局", "人力资源与社会保障局"),
    "housing": ("住房和城乡建设局", "住房城乡建设局", "住建局"),
    "police": ("公安局",),
    "civil": ("民政局",),
    "justice": ("司法局",),
    "money": ("财政局",),
    "transport": ("交通运输局", "交通运输局"),
    "water": ("水利局", "水务局"),
    "commerce": ("商务局",),
    "audit": ("审计局",),
    "statistics": ("统计局",),
    "petitions": ("信访局",),
    "science": ("科学技术局", "科技局"),
    "sports": ("体育局",),
    "city": ("城市管理局", "城管局"),
    "enforcement": ("综合行政执法局", "综合执法局"),
    "state_assets": ("国有资产监督管理委员会", "国资委"),
    "services": ("政务服务管理局", "政务服务局"),
    "approvals": ("行政审批服务局", "行政审批局"),
    "affairs": ("机关事务管理局", "机关事务局"),
    "religion": ("民族宗教事务局", "民宗局", "民族宗教局"),
    "posts": ("机构编制委员会办公室", "编办"),
    "farm_machines": ("农业机械管理局", "农机局"),
    "animals": ("畜牧兽医局", "畜牧局"),
    "foreign": ("外事办公室", "外事办"),
    "intellectual": ("知识产权局",),
    "supply": ("供销合作社联合社", "供销合作社", "供销社"),
    "education_sports": ("教育体育局", "教体局", "教育和体育局"),
    # bodies that the table does not have, near to those that it has
    "medical_insurance": ("医疗保险局",),
    "veterans_centre": ("退役军人服务中心",),
    "commerce_grain": ("商务和粮食局", "商务粮食局", "商务与粮食局"),
    "secrecy": ("保密局",),
    "elderly": ("老龄工作委员会办公室", "老龄工作委员会办"),
    "hospital": ("人民医院",),
    "hospital_two": ("第二人民医院",),
    "school": ("第一中学",),
    "district_party": ("委党校",),
    "sub_unit": ("公安局交通警察大队",),
    "social_insurance": ("社会保险事业管理局", "社会保险事业局"),
    "park_office": ("园区事务管理局",),
    "trade_services": ("商务服务管理局",),
}
ENDED: dict[str, tuple[int, tuple[str, ...]]] = {
    "industry_commerce": (2018, ("工商行政管理局", "工商局")),
    "quality": (2018, ("质量技术监督局", "质监局")),
    "food_drug": (2018, ("食品药品监督管理局", "食药监局")),
    "planning": (2018, ("城乡规划局", "规划局")),
    "tourism": (2018, ("旅游局", "旅游发展委员会")),
    "culture_old": (2018, ("文化广电新闻出版局", "文广新局")),
    "law_office": (2018, ("法制办公室", "法制办")),
    "prices": (2018, ("物价局",)),
    "local_tax": (2018, ("地方税务局", "地税局")),
}
BEGUN: dict[str, tuple[int, tuple[str, ...]]] = {
    "market": (2019, ("市场监督管理局", "市场监管局", "市监局", "市场监督管理局(知识产权局)")),
    "culture_new": (2019, ("文化和旅游局", "文化广电和旅游局", "文旅局", "文化旅游局")),
    "veterans": (2019, ("退役军人事务局", "退役军人局")),
    "medical": (2019, ("医疗保障局", "医保局")),
    "tax": (2019, ("税务局",)),
}
OFFICES = ("人民政府办公室", "政府办公室", "政府办", "人民政府办公厅", "人民政府办公室(区大数据局)")
GOVERNMENTS = ("人民政府", "政府", "")
_SLIPS = {
    "育": "肓", "障": "璋", "治": "冶", "粮": "梁", "源": "原", "监": "临", "设": "没", "康": "庚", "政": "证",
    "访": "仿", "旅": "族", "审": "宙", "急": "亟", "局": "居", "理": "埋", "环": "坏", "农": "衣", "检": "捡",
    "税": "锐", "改": "攺", "财": "材", "计": "记",
}  # fmt: skip
_NEVER_IN_A_NAME = "韭瞌睿鹏曦骞琰淼霁"
_PREFECTURE_LEVEL = 0.15


@dataclass(frozen=True, slots=True)
class _Body:
    place: Division
    what: str
    township: Division | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.township.code if self.township else self.place.code, self.what)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the comparison gave: pairs of printed names, by what they are and what they were taken for."""

    bodies: int
    names: int
    together: int
    """Pairs of one body."""
    found: int
    """Of these, pairs filed as one."""
    filed: int
    """Pairs filed as one."""
    wrong: list[tuple[str, str]]
    """Names of two bodies filed as one."""
    missed: Counter[str]
    """Spellings outside the largest group of their body."""
    seconds: float

    @property
    def recall(self) -> float:
        """Share of the pairs of one body that are filed as one."""
        return self.found / self.together if self.together else 1.0

    @property
    def precision(self) -> float:
        """Share of the pairs filed as one that are of one body."""
        return (self.filed - len(self.wrong)) / self.filed if self.filed else 1.0


def measure(bodies: int, seed: int) -> Outcome:
    """Print bodies under many spellings and file them. The same numbers for the same seed."""
    chance = random.Random(seed)
    gazetteer = load_gazetteer()
    chosen = list(_bodies(chance, gazetteer, bodies))
    printed = [(body, year, *_printed(chance, body, year, gazetteer)) for body in chosen for year in YEARS]
    printed = [row for row in printed if row[2]]
    begun = time.process_time()
    groups: dict[str, list[tuple[tuple[str, str], str]]] = defaultdict(list)
    by_body: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    spelled: dict[tuple[tuple[str, str], str], list[str]] = defaultdict(list)
    for number, (body, year, name, portal, how) in enumerate(printed):
        region = place_issuer(RegionEvidence(issuer=name, portal_division_code=portal, report_year=year))
        found = describe_issuer(name, None, region, portal_id="portal", document_id=str(number))
        groups[found.issuer_id].append((body.key, name))
        by_body[body.key][found.issuer_id] += 1
        spelled[body.key, found.issuer_id].append(f"{how}: {name}")
    seconds = time.process_time() - begun
    wrong = [
        (one, other)
        for group in groups.values()
        for place, (key, one) in enumerate(group)
        for other_key, other in group[place + 1 :]
        if key != other_key
    ]
    missed: Counter[str] = Counter()
    for key, ids in by_body.items():
        largest = ids.most_common(1)[0][0]
        for issuer_id in ids:
            if issuer_id != largest:
                missed.update(spelled[key, issuer_id])
    return Outcome(
        bodies=len(by_body),
        names=len(printed),
        together=sum(_pairs(ids.total()) for ids in by_body.values()),
        found=sum(_pairs(count) for ids in by_body.values() for count in ids.values()),
        filed=sum(_pairs(len(group)) for group in groups.values()),
        wrong=wrong,
        missed=missed,
        seconds=seconds,
    )


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _bodies(chance: random.Random, gazetteer: Gazetteer, count: int) -> Iterator[_Body]:
    """Bodies of real places, some ten in each, so that neighbours can be taken for one another."""
    counties = [d for d in gazetteer.divisions.values() if d.level is Level.COUNTY and "市辖" not in d.name]
    prefectures = [d for d in gazetteer.divisions.values() if d.level is Level.PREFECTURE]
    by_name: dict[str, list[Division]] = defaultdict(list)
    for division in counties:
        by_name[division.name].append(division)
    namesakes = [division for same in by_name.values() if len(same) > 1 for division in same]
    bureaus = [*RENAMED, *STEADY, *ENDED, *BEGUN]
    made: set[tuple[str, str]] = set()
    while len(made) < count:
        if chance.random() < _PREFECTURE_LEVEL:
            place = chance.choice(prefectures)
        else:
            place = chance.choice(namesakes if chance.random() < 0.2 else counties)
        new = [_Body(place, what) for what in ("government", "office", *chance.sample(bureaus, 7))]
        townships = gazetteer.children(place.code) if place.level is Level.COUNTY else ()
        listed = [
            t for t in townships if t.level is Level.TOWNSHIP and t.name.endswith(("街道", "镇", "乡", "街道办事处"))
        ]
        new += [_Body(place, "township", chance.choice(listed))] if listed else []
        for body in new:
            if body.key not in made and len(made) < count:
                made.add(body.key)
                yield body


def _printed(chance: random.Random, body: _Body, year: int, gazetteer: Gazetteer) -> tuple[str, str | None, str]:
    """A name for the year, the portal's division where the name needs it, how it is spelled; empty: no such body."""
    own = _own_name(chance, body, year)
    if own is None:
        return "", None, ""
    how = ["plain"]
    if chance.random() < 0.04 and len(own) > 2:
        own, how = _mistyped(chance, own), ["mistyped"]
    head, place_how, portal = _place(chance, body, gazetteer)
    return head + own, portal, "+".join([*how, place_how])


def _own_name(chance: random.Random, body: _Body, year: int) -> str | None:
    what = body.what
    if body.township is not None:
        stem = body.township.name.removesuffix("办事处")
        if stem.endswith("街道"):
            return chance.choice((stem + "办事处", stem, stem.removesuffix("街道") + "街道办"))
        return stem + chance.choice(("人民政府", "政府", ""))
    if what == "government":
        if body.place.is_zone:
            return chance.choice(("管委会", "管理委员会"))
        return chance.choice(GOVERNMENTS)
    if what == "office":
        return chance.choice(("管委会办公室", "管理委员会办公室")) if body.place.is_zone else chance.choice(OFFICES)
    if what in RENAMED:
        return chance.choice(next(names for last, names in RENAMED[what] if year <= last))
    if what in STEADY:
        return chance.choice(STEADY[what])
    if what in ENDED:
        last, names = ENDED[what]
        return chance.choice(names) if year <= last else None
    first, names = BEGUN[what]
    return chance.choice(names) if year >= first else None


def _mistyped(chance: random.Random, name: str) -> str:
    """The name with one wrong character: a look-alike, or in a long name any that no such name has."""
    places = [place for place, character in enumerate(name) if character in _SLIPS]
    bare = name.split("(")[0]
    if len(bare) >= 7 and (not places or chance.random() < 0.3):
        place = chance.randrange(1, len(bare) - 1)
        return name[:place] + chance.choice(_NEVER_IN_A_NAME) + name[place + 1 :]
    if not places:
        return name
    place = chance.choice(places)
    return name[:place] + _SLIPS[name[place]] + name[place + 1 :]


def _place(chance: random.Random, body: _Body, gazetteer: Gazetteer) -> tuple[str, str, str | None]:
    """What is printed before the body's own name, in a word, and the portal."""
    place = body.place
    above = gazetteer.ancestors(place.code)
    whole = "".join(division.name for division in (*reversed(above), place))
    parent = "".join(division.name for division in above[:1])
    is_sure = sum(d.name == place.name for d in gazetteer.divisions.values()) == 1
    name = "" if place.name.startswith(parent) else parent
    forms: list[tuple[str, str, str | None]] = [(whole, "whole path", None), (name + place.name, "parent named", None)]
    forms.append((place.name, "place alone", None if is_sure and chance.random() < 0.5 else place.code))
    if body.what not in ("government", "office") and not (
        body.what.startswith("hospital") or body.what in ("school", "district_party", "park_office")
    ):
        forms.append(("", "no place", place.code))
    return chance.choice(forms)


def _report(outcome: Outcome, shown: int) -> str:
    lines = [
        f"bodies {outcome.bodies}, printed names {outcome.names}, CPU {outcome.seconds:.2f} s "
        f"({1000 * outcome.seconds / max(outcome.names, 1):.3f} ms a name)",
        f"pairwise precision {100 * outcome.precision:.3f} % ({len(outcome.wrong)} wrong of {outcome.filed} pairs)",
        f"pairwise recall    {100 * outcome.recall:.3f} % ({outcome.found} of {outcome.together} pairs)",
    ]
    lines += [f"  two bodies as one: {one} / {other}" for one, other in outcome.wrong[:shown]]
    lines += [f"  left alone: {name}" for name in sorted(outcome.missed)[:shown]]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 where two bodies are filed as one, or too many names of one body are not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shown", type=int, default=20, help="how many failures are listed")
    given = parser.parse_args(arguments)
    outcome = measure(given.bodies, given.seed)
    print(_report(outcome, given.shown))
    return 0 if not outcome.wrong and outcome.recall >= _LEAST_RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
