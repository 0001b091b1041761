"""Who reports: the kind of body, its level, field and parent, and a key that stays the same over years and spellings.

Belongs here: what the name says once its place is known. Does not belong here: finding the place (`transform.regions`),
looking the body's own name up (`functions.py`), whose figures its report gives (`scope.py`).
"""

import hashlib
import re
from dataclasses import dataclass

from transform.functions import Function, NameBasis, NameMatch, match_name, repaired
from transform.regions import Division, Gazetteer, Level, RegionResolution, RegionStatus, load_gazetteer
from transform.regions.evidence import RegionFlag
from transform.regions.names import clean_name, issuer_in_title
from transform.regions.words import COMMITTEE, LEVEL_WORD, TOWN_WORD, ZONE_ENDING
from transform.scope import FiguresAsked, IssuerKind, Scope, decide_scope

__all__ = [
    "Government",
    "IssuerDescription",
    "IssuerKind",
    "PlaceBasis",
    "Scope",
    "describe_issuer",
    "government_of",
    "related_id",
]


@dataclass(frozen=True, slots=True)
class IssuerDescription:
    """What is known of a body. `level` is null where neither name nor place tells it."""

    issuer_id: str
    name_normalised: str
    """Place and body in one spelling: 胡家庙街道办事处, 湛河区人民政府办公室."""
    kind: IssuerKind
    level: Level | None
    scope: Scope
    scope_evidence: str
    sector: str | None = None
    """Code of `sectors.yml`; null where the name does not tell."""
    function: Function | None = None
    """What the body does, where the matching table has its name."""
    parent_issuer_id: str | None = None
    """The body that it answers to, which need not have reported."""
    name_basis: tuple[str, ...] = ()
    """How the printed name came to the name above; empty where it is the same."""


@dataclass(frozen=True, slots=True)
class Government:
    """The body that governs a place: its government, its zone's committee, its street office."""

    issuer_id: str
    name: str


class PlaceBasis:
    """How the printed name gives the place. Codes of `issuer_names.basis`, beside those of `NameBasis`."""

    PARENT_NAMED = "parent_named"
    """西安市新城区教育局: units above the place are named too."""
    PLACE_OMITTED = "place_omitted"
    """教育局, 区教育局: the portal or another name gives the place."""
    PLACE_SPELLING = "place_spelling"
    """新城教育局, 宁河县教育局: a short, former or mistyped name of the place."""
    BRANCH = "branch"
    """公安局铁东分局 of a city is the district's 公安局."""
    FROM_TITLE = "title_or_signature"
    """The document names no issuer; title or signature do."""


_OWN_WORD = re.compile(f"^(?:本|我)?(?:{LEVEL_WORD}|[镇乡])(?=人民政府|政府|委)")
_LEVEL_ALONE = re.compile(f"^(?:我|本|全)?(?:{LEVEL_WORD}|{TOWN_WORD})$")
_UNPLACED_HEAD = re.compile(r"^.{1,12}?[省市县区州盟旗](?=人民政府|政府)")
_SMALL_MARK = re.compile(r"[(（](?:本级|机关|盖章|公章)[)）]|本级$")
_OFFICE = re.compile(r"^(?:(?:人民政府|行政公署|管理委员会)(?:办公厅|办公室)|办公厅|办公室)(?:[(（].*)?$")
_TOWNSHIP_OFFICE = re.compile(r"^(?:人民政府)?(?:党政|综合|党政综合)?办公室$")
_INSTITUTION = re.compile(
    "(?:医院|卫生院|学校|中学|小学|大学|学院|党校|幼儿园|公司|集团|厂|研究院|研究所|馆|(?<!中国人民)银行|信用社|报社|电视台|广播台|协会|联合会|总工会|妇联|残联|红十字会|法院|检察院|"
    "供销社|供销合作社|供销合作联社|联合社|中心|服务站|林场|农场|科学院|工程院|社会科学院)$"
)
_DEPARTMENT = re.compile(
    "(?:局|厅|委员会|委|办公室|办|署|部|处|总队|支队|大队|队|海关|所|公署|税务所|集团军|站|会|组)$"
)
_OTHER_NAME = re.compile(r"(?<=.)[(（][^()（）]*[)）]$")
"""The second name of a government or its office, 办公室(区大数据局): one body, one name."""
_OFFICE_IN_BRACKETS = re.compile("^(人民政府|政府|管理委员会)[(（](办公[室厅])[)）]$")
_GOVERNING = re.compile("(?:人民政府|政府|行政公署|行署|管理委员会)")
_GOVERNING_OFFICE = re.compile("(人民政府|政府|行政公署|行署|管理委员会)(?:办公厅|办公室|办)")
_BRANCH = re.compile("(.+?(?:局|支队|(?=分局)))(.{0,8}?)(分局|大队)")
_TOWNSHIP_PRINTED = re.compile(r"(?:^|[\u4e00-\u9fff]+)(街道|镇|乡|苏木)(?=人民政府|政府|办事处|党政|办|$)")
_GENERIC_LEVEL = (
    ("省", Level.PROVINCE),
    ("州", Level.PREFECTURE),
    ("盟", Level.PREFECTURE),
    ("县", Level.COUNTY),
    ("区", Level.COUNTY),
    ("旗", Level.COUNTY),
)
_COMMITTEE = re.compile(f"(?:^|(?:区|新城|生态城|科学城|科技城|园|基地)(?:开发建设)?){COMMITTEE}$|(?<!公积金)管委会$")
_HASH_LENGTH = 10


def describe_issuer(
    issuer: str | None,
    title: str | None,
    region: RegionResolution,
    *,
    text: str | None = None,
    signed_by: str | None = None,
    portal_id: str | None = None,
    document_id: str | None = None,
    figures: FiguresAsked | None = None,
    gazetteer: Gazetteer | None = None,
) -> IssuerDescription:
    """The body behind a report. `region` must come from the same issuer and title.

    `portal_id` and `document_id` (the document's address, or its hash) tell bodies apart whose place is not known: two
    pages of a body called 区信访局 may be those of two districts, so each stands alone. `figures` break ties of scope.
    """
    known = gazetteer or load_gazetteer()
    own_name = clean_name(issuer)
    printed = own_name or issuer_in_title(title) or clean_name(signed_by)
    place = _place_of(region, known)
    is_placed = region.status is RegionStatus.RESOLVED and region.level is not Level.NATIONAL
    central = known.national_prefix_of(printed) if is_placed else ""
    body = _body_of(region, place, central)
    is_named = is_placed and RegionFlag.TOWNSHIP_UNNAMED not in region.flags
    name = place.name_of(body.name) if is_named else _SMALL_MARK.sub("", printed)
    if region.level is Level.NATIONAL:
        name = name.removeprefix("中华人民共和国")
        name = known.national_short_forms.get(name, name)
    kind = _kind(region, place.zone, body, name)
    scope, evidence = decide_scope(kind, title, text, region.zone, figures)
    basis = [*(_place_basis(printed, region, known) if is_placed else ()), *body.basis]
    if not own_name and printed:
        basis.append(PlaceBasis.FROM_TITLE)
    return IssuerDescription(
        issuer_id=_issuer_id(region, name, portal_id, document_id, is_named=is_named),
        name_normalised=name,
        kind=kind,
        level=_level(region, kind, printed, known),
        scope=scope,
        scope_evidence=evidence,
        sector=_sector(kind, body),
        function=body.function if is_placed else None,
        parent_issuer_id=_parent_id(region, place, kind, name, body, known) if is_named and not central else None,
        name_basis=tuple(dict.fromkeys(basis)),
    )


def government_of(division_code: str, gazetteer: Gazetteer | None = None) -> Government | None:
    """The body that governs a division (six digits), under the key its reports have; None for an unknown code."""
    known = gazetteer or load_gazetteer()
    division = known.get(division_code)
    if division is None or division.level in (Level.NATIONAL, Level.TOWNSHIP):
        return None
    place = _Place(division, division.name.removesuffix("管委会") if _is_governed_as_zone(division) else None, None)
    name = place.name_of(place.governing)
    return Government(_key(division.code, name), name)


def related_id(issuer_id: str, name: str, own: Function, other: Function) -> str:
    """The key that a body of the same place would have with another function: its predecessor or successor."""
    return _key(issuer_id.split("-")[0], name.removesuffix(own.canonical) + other.canonical)


@dataclass(frozen=True, slots=True)
class _Place:
    """The innermost unit that a body belongs to."""

    division: Division | None
    zone: str | None
    township: str | None
    merged: str | None = None
    """The unit that the division took in since: its bodies were others than the division's, in the same years."""

    @property
    def name(self) -> str:
        return self.township or self.zone or self.merged or (self.division.name if self.division else "")

    @property
    def governing(self) -> str:
        """What the body that governs the place is called, its place taken off."""
        if self.township:
            return "办事处" if self.township.endswith(("街道", "地区")) else "人民政府"
        if self.zone:
            return "管理委员会"
        is_league = self.division is not None and self.division.level is Level.PREFECTURE
        return "行政公署" if is_league and self.name.endswith(("地区", "盟")) else "人民政府"

    @property
    def office(self) -> str:
        """What the general office of its government is called."""
        is_province = self.division is not None and self.division.level is Level.PROVINCE
        return self.governing + ("办公厅" if is_province and not self.zone else "办公室")

    def name_of(self, body: str) -> str:
        """Place and body in one name."""
        if self.name.endswith(("委员会", "兵团")) and body == self.governing:
            return self.name
        return self.name + body


def _place_of(region: RegionResolution, gazetteer: Gazetteer) -> _Place:
    division = gazetteer.get(region.division_code or "")
    return _Place(division, _zone_name(region, gazetteer), region.township, region.merged_unit)


def _is_governed_as_zone(division: Division) -> bool:
    """Whether a committee governs the division: 雄安新区, unlike the county 浦东新区, is a prefecture with one."""
    return division.is_zone or (division.level is Level.PREFECTURE and bool(ZONE_ENDING.search(division.name)))


def _zone_name(region: RegionResolution, gazetteer: Gazetteer) -> str | None:
    """The zone that the body belongs to, where it is one: with a code, without one, or sharing a county's."""
    if region.zone:
        return region.zone
    division = gazetteer.get(region.division_code or "")
    if division and _is_governed_as_zone(division) and not region.township:
        return division.name.removesuffix("管委会")
    printed = region.place_printed
    if division and printed and printed != division.name and ZONE_ENDING.search(printed) and not region.township:
        return printed
    return None


def _body_of(region: RegionResolution, place: _Place, central: str) -> NameMatch:
    """The body's name after its place in one spelling. The place alone means its government.

    `central` is the central body printed before the place.
    """
    printed = region.issuer_remainder
    tail = _SMALL_MARK.sub("", _OWN_WORD.sub("", printed))
    if region.status is not RegionStatus.RESOLVED or region.level is Level.NATIONAL:
        told = match_name(tail)
        return NameMatch(tail, told.function, told.sector, ())
    if central:
        return _of_central_body(central, tail)
    right, slips = repaired(tail)
    governing = _governing_body(_OWN_WORD.sub("", right), place)
    if governing:
        basis = slips or (() if printed == governing or printed == place.name else (NameBasis.WORDING,))
        return NameMatch(governing, None, None, basis)
    if not place.township:
        branch = _branch(tail, region, place)
        if branch:
            return branch
    return match_name(tail)


def _of_central_body(central: str, tail: str) -> NameMatch:
    """A central body's branch: 税务局 says whose it is, 监管局 does only with what stands before the place."""
    own, whole = match_name(tail), match_name(central + tail)
    return own if own.function or (own.sector and not whole.function) else whole


def _governing_body(tail: str, place: _Place) -> str | None:
    """The government of the place or its general office, where the name means one of them."""
    single = _OTHER_NAME.sub("", _OFFICE_IN_BRACKETS.sub(r"\1\2", tail))
    single = re.sub("^(?:开发建设)?(?:管委会?(?!员)|管理委员会)", "管理委员会", single)
    if place.township:
        if place.township.endswith(("街道", "地区")):
            return place.governing if single in ("", "办", "办事处", "街道办事处", "人民政府", "政府") else None
        is_government = single in ("", "人民政府", "政府")
        if is_government or (single == "办事处" and place.township.endswith(("镇", "乡", "苏木"))):
            return place.governing
        return None
    if single == "":
        return place.governing
    if _GOVERNING.fullmatch(single) and (place.zone is None) == (not single.startswith("管理委员会")):
        return place.governing
    office = _GOVERNING_OFFICE.fullmatch(single)
    if office and (place.zone is None) == (office.group(1) != "管理委员会"):
        return place.office
    return None


def _branch(tail: str, region: RegionResolution, place: _Place) -> NameMatch | None:
    """A branch that names the county at its end, or stands after it: 公安局铁东分局, 公安分局 are its 公安局."""
    found = _BRANCH.fullmatch(tail)
    if not found or place.zone or region.level is not Level.COUNTY or place.division is None:
        return None
    organ, inner, ending = found.groups()
    if inner and inner not in (place.name, *_short_names(place.name)):
        return None
    whole = organ.removesuffix("局").removesuffix("支队") + ("大队" if ending == "大队" else "局")
    if ending == "大队" and not inner:
        return None
    match = match_name(whole)
    if match.function is None:
        return None
    return NameMatch(match.name, match.function, match.sector, (*match.basis, PlaceBasis.BRANCH))


def _short_names(name: str) -> tuple[str, ...]:
    return (name[:-1],) if len(name) > 2 and name[-1] in "市县区旗" else ()


def _place_basis(printed: str, region: RegionResolution, gazetteer: Gazetteer) -> tuple[str, ...]:
    """How the printed name gives the place: empty where it names it, and it alone."""
    remainder = region.issuer_remainder
    head = printed.removesuffix(remainder) if remainder else printed
    head = _LEVEL_ALONE.sub("", head)
    if not head and printed != (region.township or ""):
        return (PlaceBasis.PLACE_OMITTED,)
    chain = [region.province, region.prefecture, region.county, region.merged_unit, region.zone, region.township]
    names = [name for name in chain if name]
    if head == names[-1]:
        return ()
    for name in names:
        head = head.removeprefix(name)
    if not head:
        return (PlaceBasis.PARENT_NAMED,)
    return (PlaceBasis.PLACE_SPELLING,)


def _sector(kind: IssuerKind, body: NameMatch) -> str | None:
    """The field of government, as far as kind and name tell it."""
    by_kind = {
        IssuerKind.GOVERNMENT: "general_government",
        IssuerKind.GOVERNMENT_OFFICE: "general_government",
        IssuerKind.TOWNSHIP_GOVERNMENT: "township",
        IssuerKind.SUBDISTRICT: "township",
        IssuerKind.ZONE_COMMITTEE: "zone",
    }
    return by_kind.get(kind, body.sector)


def _parent_id(
    region: RegionResolution, place: _Place, kind: IssuerKind, name: str, body: NameMatch, gazetteer: Gazetteer
) -> str | None:
    """The body that a body answers to. Bodies led by their own line, institutions and provinces have none here."""
    code = region.division_code or ""
    if body.function is not None and body.function.led_by == "line":
        return None
    above: Government | None
    if kind is IssuerKind.ZONE_COMMITTEE and region.zone:
        above = government_of(code, gazetteer)  # the zone has no code: its place is the division that holds it
    elif kind in (IssuerKind.GOVERNMENT, IssuerKind.ZONE_COMMITTEE):
        parent = gazetteer.get(code)
        above = government_of(parent.parent or "", gazetteer) if parent else None
    elif kind in (IssuerKind.TOWNSHIP_GOVERNMENT, IssuerKind.SUBDISTRICT):
        above = government_of(code, gazetteer)
    elif kind in (IssuerKind.DEPARTMENT, IssuerKind.GOVERNMENT_OFFICE):
        return _key(code, place.name_of(place.governing))
    else:
        return None
    return above.issuer_id if above and above.name != name else None


def _kind(region: RegionResolution, zone_name: str | None, body: NameMatch, name: str) -> IssuerKind:
    township, tail = region.township, body.name
    if not township and (region.status is not RegionStatus.RESOLVED or RegionFlag.TOWNSHIP_UNNAMED in region.flags):
        found = _TOWNSHIP_PRINTED.search(name)
        township = found.group(1) if found else None
        tail = name[found.end(1) :] if found else _UNPLACED_HEAD.sub("", tail)
    if township:
        return _township_kind(township, tail)
    if _OFFICE.match(tail):
        return IssuerKind.GOVERNMENT_OFFICE
    if zone_name and tail in ("管理委员会", "党工委管理委员会", "党工委、管委会", "行政委员会"):
        return IssuerKind.ZONE_COMMITTEE
    if tail in ("人民政府", "行政公署", "政府", "行署") or name.endswith("行政委员会"):
        return IssuerKind.GOVERNMENT
    if _COMMITTEE.search(tail) or _COMMITTEE.search(name):
        return IssuerKind.ZONE_COMMITTEE
    if re.fullmatch("(?:人民)?政府(?:办公厅|办公室|办)", tail):
        return IssuerKind.GOVERNMENT_OFFICE
    if body.function is not None and region.level is not Level.NATIONAL:
        return IssuerKind(body.function.kind)
    if _INSTITUTION.search(tail):
        return IssuerKind.INSTITUTION
    if _DEPARTMENT.search(tail) or region.level is Level.NATIONAL:
        return IssuerKind.DEPARTMENT
    return IssuerKind.UNKNOWN


def _township_kind(township: str, tail: str) -> IssuerKind:
    if township.endswith(("街道", "地区")) and tail in ("办事处", "", "党工委", "党工委办事处"):
        return IssuerKind.SUBDISTRICT
    if tail in ("人民政府", "政府", "") or _TOWNSHIP_OFFICE.match(tail):
        return IssuerKind.SUBDISTRICT if township.endswith("街道") else IssuerKind.TOWNSHIP_GOVERNMENT
    if tail.startswith("管理委员会"):
        return IssuerKind.ZONE_COMMITTEE
    if _INSTITUTION.search(tail):
        return IssuerKind.INSTITUTION
    if tail == "办事处":
        return IssuerKind.SUBDISTRICT
    return IssuerKind.DEPARTMENT if _DEPARTMENT.search(tail) else IssuerKind.UNKNOWN


def _level(region: RegionResolution, kind: IssuerKind, printed: str, gazetteer: Gazetteer) -> Level | None:
    """The body's level; null for a zone without a code, which stands at no level of the divisions."""
    if kind in (IssuerKind.TOWNSHIP_GOVERNMENT, IssuerKind.SUBDISTRICT):
        return Level.TOWNSHIP
    if region.zone:
        return None
    if region.level:
        return region.level
    levels = {division.level for code in region.candidates if (division := gazetteer.get(code))}
    if len(levels) == 1:
        return levels.pop()
    for word, level in _GENERIC_LEVEL:
        if printed.startswith(word):
            return level
    return None


def _issuer_id(
    region: RegionResolution, name: str, portal_id: str | None, document_id: str | None, *, is_named: bool
) -> str:
    if region.status is RegionStatus.RESOLVED:
        # 镇人民政府 of a county may be that of any of its towns, and is never the county's: each address stands alone.
        is_one = is_named or region.level is Level.NATIONAL
        return _key(region.division_code or "", name if is_one else f"{name}\n{document_id or ''}")
    # Bodies of one name whose place is unknown may be two, also on one portal: each address stands alone.
    return _key(portal_id or "unplaced", f"{name}\n{document_id or ''}")


def _key(base: str, text: str) -> str:
    return f"{base}-{hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]}"
