"""What the name of a body says of its place: 四平市铁东区政务服务局 begins with 四平市 and 铁东区; 政务服务局 remains.

Belongs here: reading one name from its beginning. Does not belong here: weighing several pieces of evidence.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from transform.regions.gazetteer import Gazetteer, Level, NamedUnit, NameForm, plain_ethnic_name, township_key
from transform.regions.words import (
    AREA_WORD,
    COMMITTEE,
    INSTITUTION_LEAD,
    LEVEL_WORD,
    ORGAN_LEAD,
    TOWN_WORD,
    ZONE_HEAD,
)

__all__ = [
    "NameReading",
    "PlaceMatch",
    "branch_head",
    "clean_name",
    "is_branch",
    "issuer_in_title",
    "level_of_generic",
    "named_together",
    "read_name",
    "remembered_reading",
    "site_in_page_title",
    "starts_with_organ",
]

_SPACE = re.compile(r"\s+")
_LEADING = re.compile(r"^(?:中共|共青团|政协|[\[【《〈“\"'(（·:：\-—_]+|关于)+")
_LABEL = re.compile(r"^[\[【〔(][^\]】〕)]{1,8}[\]】〕)]")
"""A mark before a title: 【年报】, [2020年度]."""
_LEADING_YEAR = re.compile(r"^(?:20\d{2}|[二2][〇零○O0][〇零○一二三四五六七八九\d]{2})年?度?")
_TITLE_TAIL = re.compile(
    r"(?:20\d{2}|[二2][〇零○O0][〇零○一二三四五六七八九]{2})(?:年|$)"
    r"|政府信息公开|政务公开工作|信息公开(?:工作)?(?:年度)?(?:年报|报告)|年度报告|关于"
)
_TITLE_MARKS = re.compile(r"[_|]|\s+-+\s*|-{2,}|——?")
_SITE = re.compile("政府|网$|网站|门户|管委会|管理委员会|党工委")
_REMEMBERED = 8192
_FREE_TRADE = re.compile(r"^中国[(（](.{2,4})[)）](?=自由贸易)")

_TOWNSHIP_SIGN = re.compile("街|镇|乡|苏木|办事处|农场|林场|牧场|地区|开发区|管理区|园区")
_TOWNSHIP_ENDINGS = (
    "街道", "镇", "乡", "苏木", "地区", "农场", "林场", "牧场", "办事处", "管理区", "开发区", "园区", "度假区",
)  # fmt: skip
_PRINTED_TOWNSHIP = re.compile(
    r"^([\u4e00-\u9fff]{1,9}?(?:街道|镇|乡|苏木))(?=人民政府|政府|办事处|党政|党工委|党委|工委|综合|便民|财政|$)"
)
_BARE_TOWNSHIP_WORD = re.compile("^(?:街道|镇|乡)(?=人民政府|政府|办事处|办|党|财政|$)")
_STREET_OFFICE = re.compile(r"^([\u4e00-\u9fff]{1,8}?)(?:街道办事处|街道办|街办|办事处)$")
_NO_TOWNSHIP = re.compile(
    "政府|驻|局|委|^各|城乡|全[市县区镇乡]|[市县区本我]镇$|^(?:本|我|市|县|区|镇|乡|街道)+$|^乡镇"
)
_GENERIC = re.compile(f"^(?:我|本|全)?({LEVEL_WORD}|{TOWN_WORD})(?!场|政工程|容|村|镇|长热线|民(?![政族宗兵办营防]))")
_INNER = re.compile(
    r"^(?:([\u4e00-\u9fff]{1,4}?)(县|区|旗|市)|([\u4e00-\u9fff]{1,12}?)(自治县|自治旗|[中左右前后]旗|旗))"
)
_ZONE_ORGAN = re.compile("管委会|管理委员会|党工委|管委|行政委员会")
_ZONE_COMMITTEE = re.compile(COMMITTEE)
_ZONE_OF_CITY = re.compile("(?:国家)?(?:高新|经济|火炬|综合保税|出口加工)|经开|开发区")
"""What zones are called that bear a prefecture's short name and lie in it."""
_BRANCH = re.compile(r"(?:分局|税务局|税务分局|分中心|分院|大队)$")
_AND = re.compile("[、,;和与及暨]|以及")
_FULL_ENOUGH = (NameForm.FULL, NameForm.FORMER)


_GOVERNMENT = re.compile("(?:人民)?政府")


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """One way to read the place at the head of a name: the units named, outermost first, and where they end."""

    units: tuple[NamedUnit, ...]
    end: int
    is_sure: bool = False
    """What stands around the name makes it sure: 国家税务总局 before it."""

    @property
    def innermost(self) -> NamedUnit:
        """The unit that the name ends in."""
        return self.units[-1]

    @property
    def needs_support(self) -> bool:
        """Whether nothing in the name itself makes the place sure: 湖里, 城区."""
        unit = self.innermost
        return not self.is_sure and len(self.units) == 1 and (unit.is_generic or unit.form not in _FULL_ENOUGH)

    @property
    def has_outer(self) -> bool:
        """Whether the name itself gives a unit around the innermost one."""
        return len(self.units) > 1


@dataclass(frozen=True, slots=True)
class NameReading:
    """What one name says: possible places, the words that remain, signs of a place that the gazetteer does not have."""

    name: str
    matches: tuple[PlaceMatch, ...] = ()
    remainder: str = ""
    generic: str | None = None
    """A word such as 区 in 区信访局, which names a level and no place."""
    township: str | None = None
    """The township as printed, 造甲城镇 or 胡家庙街道, whether known or not."""
    unknown_inner: str | None = None
    """A county or district after the place that the gazetteer does not have there."""
    zone: str | None = None
    """A development zone without a code of its own."""
    township_keys: tuple[str, ...] = ()
    """Heads of the remainder that may be a township's name, longest first."""
    is_inside: bool = False
    """The place stands inside the name, not at its head."""


def clean_name(text: str | None) -> str:
    """A name without white space, in one width, without words and marks before it."""
    if not text:
        return ""
    cleaned = _SPACE.sub("", unicodedata.normalize("NFKC", text))
    return _LEADING.sub("", cleaned)


def issuer_in_title(title: str | None) -> str:
    """The part of a report's title that names its issuer; empty where it names none."""
    cleaned = _LABEL.sub("", _SPACE.sub("", unicodedata.normalize("NFKC", title or "")))
    cleaned = _LEADING_YEAR.sub("", clean_name(cleaned))
    cleaned = _LEADING.sub("", cleaned)
    tail = _TITLE_TAIL.search(cleaned)
    return cleaned[: tail.start()] if tail else cleaned


def site_in_page_title(page_title: str | None) -> str | None:
    """The site's name at the end of an HTML page's title: 2020年度报告_政府信息公开年报_四平市人民政府."""
    parts = [part.strip() for part in _TITLE_MARKS.split(unicodedata.normalize("NFKC", page_title or ""))]
    last = parts[-1]
    return last if len(parts) > 1 and _SITE.search(last) and not _TITLE_TAIL.search(last) else None


@lru_cache(maxsize=_REMEMBERED)
def remembered_reading(text: str | None, gazetteer: Gazetteer) -> NameReading:
    """As `read_name`, for names that come again: a body, its portal and its site are named alike over many reports."""
    return read_name(text, gazetteer)


def read_name(text: str | None, gazetteer: Gazetteer) -> NameReading:
    """Read the place off the head of a name, or failing that off its inside. `text` is cleaned already or not."""
    name = clean_name(text)
    if not name:
        return NameReading("")
    free_trade = _FREE_TRADE.match(name)
    if free_trade:
        name = free_trade.group(1) + name[free_trade.end() :]
    matches = _places_at_head(name, gazetteer)
    inside = False
    if not matches:
        local = _after_national_prefix(name, gazetteer)
        found = _places_at_head(local, gazetteer) if local else ()
        if found:
            if len(found) == 1 and local != name and not _is_province(found[0]):
                found = (replace(found[0], is_sure=True),)
            name, matches = local, found
    if not matches:
        start = _first_full_name(name, gazetteer)
        if start and _printed_township(name) is None:
            found = _places_at_head(name[start:], gazetteer)
            if found:
                name, matches, inside = name[start:], found, True
    if matches and _is_township_by_name(name, matches, gazetteer):
        matches = ()
    end = matches[0].end if matches else 0
    remainder = name[end:]
    if matches and _BARE_TOWNSHIP_WORD.match(remainder):
        # 中山市东区街道: the last name belongs to the township.
        shorter = _without_last(matches, name)
        if shorter is not None:
            matches, remainder = shorter
    government = _GOVERNMENT.match(remainder)
    if matches and government and _printed_township(remainder[government.end() :]):
        # 新城区人民政府胡家庙街道办事处: a street office is its district government's, and signs as such.
        remainder = remainder[government.end() :]
    return _with_remainder(name, matches, remainder, inside)


def _is_lone_short(match: PlaceMatch) -> bool:
    return len(match.units) == 1 and match.innermost.form is NameForm.SHORT


def _is_province(match: PlaceMatch) -> bool:
    """Whether a name means a province, whose short name may be a city's: 吉林."""
    return match.innermost.code.endswith("0000")


def _is_prefecture(match: PlaceMatch) -> bool:
    return match.innermost.code.endswith("00") and not _is_province(match)


def _after_national_prefix(name: str, gazetteer: Gazetteer) -> str:
    """What follows the central body in 国家税务总局四平市税务局."""
    return name.removeprefix("中华人民共和国").removeprefix(gazetteer.national_prefix_of(name))


def _with_remainder(name: str, matches: tuple[PlaceMatch, ...], remainder: str, inside: bool) -> NameReading:
    township = _printed_township(remainder)
    keys = tuple(_township_candidates(remainder)) if _TOWNSHIP_SIGN.search(remainder[:12]) else ()
    generic, unknown, zone = None, None, None
    zone_match = ZONE_HEAD.match(remainder)
    if zone_match and not township and (_ZONE_ORGAN.search(remainder) or zone_match.group(1) == remainder):
        zone = zone_match.group(1)
    elif not township and matches:
        inner = _INNER.match(remainder)
        if remainder[:1] in ("县", "旗") and ORGAN_LEAD.match(remainder[1:]):
            unknown = remainder[:1]  # 昆明市县教育局: a county's, and it is not said which
        elif inner and inner.group(2) == "区" and _ZONE_COMMITTEE.match(remainder, inner.end()):
            zone = inner.group()  # 洛阳市伊滨区管委会: a district has a government
        elif inner and not _is_common_word(inner.group(1) or inner.group(3), inner.group(2) or inner.group(4)):
            unknown = inner.group()
    if zone and len(matches) == 1 and _is_prefecture(matches[0]) and _ZONE_OF_CITY.match(remainder):
        matches = (replace(matches[0], is_sure=True),)
    elif zone and matches and all(_is_lone_short(match) for match in matches):
        # 井冈山经济技术开发区 takes its name from 井冈山 and lies elsewhere.
        return NameReading(name, (), name, None, None, None, name[: len(name) - len(remainder)] + zone)
    elif zone and matches and all(match.innermost.form is NameForm.SHORT for match in matches):
        # 承德市双桥物流园区 may be the city's as well as 双桥区's: it lies in 承德市 in any case.
        zone = name[matches[0].end - len(matches[0].innermost.name) : len(name) - len(remainder)] + zone
        kept = {tuple(unit.key for unit in match.units[:-1]): match for match in matches}
        start = matches[0].end - len(matches[0].innermost.name)
        matches = tuple(PlaceMatch(match.units[:-1], start) for match in kept.values())
        remainder = name[start:]
    if not matches:
        found = _GENERIC.match(remainder)
        generic = found.group(1) if found else None
    return NameReading(name, matches, remainder, generic, township, unknown, zone, keys, inside)


def _is_common_word(word: str, suffix: str) -> bool:
    """Whether a word with 区, 县, 市 or 旗 after it is no place's name: 社区, 主城区, 全县, 信访市(长热线)."""
    area = AREA_WORD.search(word) if suffix == "区" else AREA_WORD.fullmatch(word)
    is_organ = bool(ORGAN_LEAD.match(word) or INSTITUTION_LEAD.match(word))
    return bool(area) or is_organ or any(sign in word for sign in "局委办厅")


def _places_at_head(name: str, gazetteer: Gazetteer) -> tuple[PlaceMatch, ...]:
    """The readings that take the most characters; several where the names do not tell units apart."""
    best_end, best = 0, list[PlaceMatch]()
    for match in _chains(name, 0, (), gazetteer):
        if match.end > best_end:
            best_end, best = match.end, [match]
        elif match.end == best_end:
            best.append(match)
    # Fewer units mean longer names: 吉林经济开发区 is one zone, not any 经济开发区 of 吉林省.
    fewest = min((len(match.units) for match in best), default=0)
    shortest = [match for match in best if len(match.units) == fewest]
    # Equally long, a name with its suffix beats one without.
    return tuple([match for match in shortest if match.innermost.form is not NameForm.SHORT] or shortest)


def _chains(name: str, position: int, chain: tuple[NamedUnit, ...], gazetteer: Gazetteer) -> Iterator[PlaceMatch]:
    for printed, units in gazetteer.matches_at(name, position):
        end = position + len(printed)
        for unit in units:
            if chain and (unit.outer.isdisjoint({chain[-1].key, chain[-1].code}) or unit.key == chain[-1].key):
                continue
            longer = (*chain, unit)
            yield from _chains(name, end, longer, gazetteer)
            if unit.form is not NameForm.SHORT or starts_with_organ(name[end:]):
                yield PlaceMatch(longer, end)


def starts_with_organ(rest: str) -> bool:
    """Whether what is left of a name is the name of an organ and no part of a place's name."""
    return not rest or bool(ORGAN_LEAD.match(rest))


def _without_last(matches: tuple[PlaceMatch, ...], name: str) -> tuple[tuple[PlaceMatch, ...], str] | None:
    """The matches without their innermost unit, and the remainder that then begins with its name."""
    kept: dict[tuple[str, ...], PlaceMatch] = {}
    remainder = ""
    for match in matches:
        start = match.end - len(match.innermost.name) if name[: match.end].endswith(match.innermost.name) else None
        if start is None:
            return None
        remainder = name[start:]
        if len(match.units) > 1:
            units = match.units[:-1]
            kept[tuple(unit.key for unit in units)] = PlaceMatch(units, start)
    return tuple(kept.values()), remainder


def _first_full_name(name: str, gazetteer: Gazetteer) -> int:
    """Where the first full name of three or more characters begins inside a name; 0 if there is none."""
    for start in range(1, len(name) - 2):
        for printed, units in gazetteer.matches_at(name, start):
            if len(printed) > 2 and any(unit.form in _FULL_ENOUGH for unit in units):
                return start
    return 0


def _is_township_by_name(name: str, matches: tuple[PlaceMatch, ...], gazetteer: Gazetteer) -> bool:
    """Whether the whole head is a known township rather than a place and a rest: 古县渡镇 is not in 古县."""
    if any(len(match.units) > 1 for match in matches):
        return False
    printed = _printed_township(name)
    if not printed or not gazetteer.townships_named(township_key(printed)):
        return False
    inner = _printed_township(name[matches[0].end :])
    return not inner or not any(gazetteer.township(m.innermost.code, township_key(inner)) for m in matches)


def _printed_township(remainder: str) -> str | None:
    found = _PRINTED_TOWNSHIP.match(remainder)
    if found and not _NO_TOWNSHIP.search(found.group(1)):
        return found.group(1)
    office = _STREET_OFFICE.match(remainder)
    if office and not _NO_TOWNSHIP.search(office.group(1)):
        stem = office.group(1).removesuffix("街道")
        return stem if stem.endswith("地区") else stem + "街道"
    return None


def _township_candidates(remainder: str) -> Iterator[str]:
    """Keys under which the head of the remainder may stand in the gazetteer, longest first."""
    printed = _printed_township(remainder)
    if printed:
        yield township_key(printed)
        if remainder.startswith(printed.removesuffix("街道") + "办事处"):
            yield printed.removesuffix("街道") + "镇"
    for length in range(min(len(remainder), 15), 1, -1):
        head = remainder[:length]
        if head.endswith(_TOWNSHIP_ENDINGS) and remainder[length : length + 1] != "村":
            key = township_key(head)
            if key != head or head != printed:
                yield key
            plain = plain_ethnic_name(head, "乡") if head.endswith("乡") else head
            if plain not in (key, head):
                yield plain


def named_together(reading: NameReading, gazetteer: Gazetteer) -> tuple[PlaceMatch, ...]:
    """Places named after 、 or 和: 四平市铁东区教育局和铁西区教育局 is no one body."""
    found: list[PlaceMatch] = []
    for sign in _AND.finditer(reading.remainder):
        rest = reading.remainder[sign.end() :]
        for match in _places_at_head(rest, gazetteer):
            form = match.innermost.form
            if form in _FULL_ENOUGH or (form is NameForm.NESTED and starts_with_organ(rest[match.end :])):
                found.append(match)
    return tuple(found)


def is_branch(remainder: str) -> bool:
    """Whether the body is a branch that names its place at the end: 公安局铁东分局."""
    return bool(_BRANCH.search(remainder))


def branch_head(remainder: str) -> str:
    """What stands before the ending of a branch's name: 公安局铁东 of 公安局铁东分局."""
    return _BRANCH.sub("", remainder)


def level_of_generic(word: str) -> tuple[Level, ...]:
    """The levels that a word such as 区 or 市 may mean."""
    return {
        "自治区": (Level.PROVINCE,),
        "自治州": (Level.PREFECTURE,),
        "地区": (Level.PREFECTURE,),
        "自治县": (Level.COUNTY,),
        "自治旗": (Level.COUNTY,),
        "林区": (Level.COUNTY,),
        "特区": (Level.COUNTY,),
        "新区": (Level.COUNTY,),
        "省": (Level.PROVINCE,),
        "市": (Level.PREFECTURE, Level.COUNTY, Level.PROVINCE),
        "州": (Level.PREFECTURE,),
        "盟": (Level.PREFECTURE,),
        "区": (Level.COUNTY,),
        "县": (Level.COUNTY,),
        "旗": (Level.COUNTY,),
        "镇": (Level.TOWNSHIP,),
        "乡": (Level.TOWNSHIP,),
        "街道": (Level.TOWNSHIP,),
    }[word]
