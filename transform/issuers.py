"""Who reports: the kind of body, its level, whose figures its report gives, and a key that stays the same over years.

Belongs here: what the name says once its place is known. Does not belong here: finding the place (`transform.regions`).
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from transform.regions import Gazetteer, Level, RegionResolution, RegionStatus, load_gazetteer
from transform.regions.names import clean_name, issuer_in_title
from transform.regions.words import ZONE_ENDING

__all__ = ["IssuerDescription", "IssuerKind", "Scope", "describe_issuer"]


class IssuerKind(StrEnum):
    """The sort of body."""

    GOVERNMENT = "government"
    """A people's government of a county or above, or the administrative office of a league or prefecture."""
    GOVERNMENT_OFFICE = "government_office"
    """The general office of such a government (办公厅, 办公室)."""
    DEPARTMENT = "department"
    TOWNSHIP_GOVERNMENT = "township_government"
    SUBDISTRICT = "subdistrict"
    """A street office (街道办事处), or an area office of the same rank."""
    ZONE_COMMITTEE = "zone_committee"
    """The committee of a development zone: it acts like a government and is none."""
    INSTITUTION = "institution"
    """Schools, hospitals, companies, centres, courts, people's organisations."""
    UNKNOWN = "unknown"


class Scope(StrEnum):
    """Whose figures a report gives."""

    OWN = "own"
    CONSOLIDATED = "consolidated"
    UNKNOWN = "unknown"


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


_OWN_WORD = re.compile(r"^(?:本|我)?[省市州盟区县旗镇乡](?=人民政府|政府|委)")
_UNPLACED_HEAD = re.compile(r"^.{1,12}?[省市县区州盟旗](?=人民政府|政府)")
_SMALL_MARK = re.compile(r"[(（](?:本级|机关|盖章|公章)[)）]|本级$")
_OFFICE = re.compile(r"^(?:(?:人民政府|行政公署|管理委员会)(?:办公厅|办公室)|办公厅|办公室)(?:[(（].*)?$")
_TOWNSHIP_OFFICE = re.compile(r"^(?:人民政府)?(?:党政|综合|党政综合)?办公室$")
_INSTITUTION = re.compile(
    "(?:医院|卫生院|学校|中学|小学|大学|学院|党校|幼儿园|公司|集团|厂|研究院|研究所|馆|银行|信用社|报社|电视台|广播台|协会|联合会|总工会|妇联|残联|红十字会|法院|检察院|"
    "供销社|供销合作社|供销合作联社|联合社|中心|服务站|林场|农场|科学院|工程院|社会科学院)$"
)
_DEPARTMENT = re.compile(
    "(?:局|厅|委员会|委|办公室|办|署|部|处|总队|支队|大队|队|海关|所|公署|税务所|集团军|站|会|组)$"
)
_WIDE = re.compile(
    r"全(?:省|市|县|区|州|盟|旗|自治区|自治州|自治县)[^。；\n]{0,16}?(?:受理|收到|申请|主动公开|公开政府信息|行政机关)"
    r"|全(?:省|市|县|区|州|盟|旗|自治区|自治州|自治县)各|各级行政机关|各级(?:人民)?政府|汇总|各(?:县|县区|乡镇|镇街|街镇)[、（(]"
)
_WIDE_WORD = re.compile("全(?:省|市|县|区|州|盟|旗|自治区|自治州|自治县)|各部门")
_NARROW = re.compile(
    r"(?:不含|不包括|不包含)[^。；，]{0,14}(?:部门|乡镇|街道|县区|区县)|(?:仅|只)(?:含|包括|包含|统计)[^。；，]{0,12}(?:本级|政府办|办公[厅室]|本机关)"
)
_LOWER_LEVELS = re.compile("(?:乡镇|街道|县区|区县)(?:部门|(?!.*部门))")
_OTHER_NAME = re.compile(r"(人民政府|管理委员会)(办公厅|办公室)[(（][^()（）]*[)）]$")
"""The second name of a general office (办公室(区大数据局)): one body, one name."""
_TOWNSHIP_PRINTED = re.compile(r"[\u4e00-\u9fff]+(街道|镇|乡|苏木)(?:人民政府|政府|办事处|$)")
_GENERIC_LEVEL = (
    ("省", Level.PROVINCE),
    ("州", Level.PREFECTURE),
    ("盟", Level.PREFECTURE),
    ("县", Level.COUNTY),
    ("区", Level.COUNTY),
    ("旗", Level.COUNTY),
)
_HASH_LENGTH = 10
_SNIPPET = 24


def describe_issuer(
    issuer: str | None,
    title: str | None,
    region: RegionResolution,
    *,
    text: str | None = None,
    signed_by: str | None = None,
    portal_id: str | None = None,
    document_id: str | None = None,
    gazetteer: Gazetteer | None = None,
) -> IssuerDescription:
    """The body behind a report. `region` must come from the same issuer and title.

    `portal_id` and `document_id` (the document's address, or its hash) tell bodies apart whose place is not known: two
    pages of a body called 区信访局 may be those of two districts, so each stands alone.
    """
    known = gazetteer or load_gazetteer()
    printed = clean_name(issuer) or issuer_in_title(title) or clean_name(signed_by)
    zone_name = _zone_name(region, known)
    tail = _canonical_tail(region, zone_name, printed)
    name = _full_name(region, zone_name, tail, printed, known)
    kind = _kind(region, zone_name, tail, name)
    scope, evidence = _scope(kind, title, text, region.zone)
    return IssuerDescription(
        issuer_id=_issuer_id(region, name, portal_id, document_id),
        name_normalised=name,
        kind=kind,
        level=_level(region, kind, printed, known),
        scope=scope,
        scope_evidence=evidence,
    )


def _zone_name(region: RegionResolution, gazetteer: Gazetteer) -> str | None:
    """The zone that the body belongs to, where it is one: with a code, without one, or sharing a county's."""
    if region.zone:
        return region.zone
    division = gazetteer.get(region.division_code or "")
    if division and division.is_zone and not region.township:
        return division.name.removesuffix("管委会")
    printed = region.place_printed
    if division and printed and printed != division.name and ZONE_ENDING.search(printed) and not region.township:
        return printed
    return None


def _canonical_tail(region: RegionResolution, zone_name: str | None, printed: str) -> str:
    """The body's name after its place in one spelling. The place alone means its government."""
    tail = _SMALL_MARK.sub("", _OWN_WORD.sub("", region.issuer_remainder))
    if region.status is not RegionStatus.RESOLVED or region.level is Level.NATIONAL:
        return tail
    if tail.startswith("政府") and not tail.startswith("政府采购"):
        tail = "人民" + tail
    tail = re.sub("^(?:管委会?)(?!员)", "管理委员会", tail)
    tail = re.sub("^(人民政府|管理委员会)办$", r"\1办公室", tail)
    tail = _OTHER_NAME.sub(r"\1\2", tail)
    if region.township:
        if region.township.endswith(("街道", "地区")):
            return "办事处" if tail in ("", "办", "办事处", "街道办事处", "人民政府") else tail
        return "人民政府" if tail in ("", "办事处") and region.township.endswith(("镇", "乡", "苏木")) else tail
    if tail == "":
        return "管理委员会" if zone_name else "人民政府"
    return tail


def _full_name(region: RegionResolution, zone_name: str | None, tail: str, printed: str, gazetteer: Gazetteer) -> str:
    if region.status is not RegionStatus.RESOLVED or region.level is Level.NATIONAL:
        return _SMALL_MARK.sub("", printed)
    division = gazetteer.get(region.division_code or "")
    place = region.township or zone_name or (division.name if division else "")
    if place.endswith(("委员会", "兵团")) and tail == "人民政府":
        return place
    return place + tail


def _kind(region: RegionResolution, zone_name: str | None, tail: str, name: str) -> IssuerKind:
    township = region.township
    if not township and region.status is not RegionStatus.RESOLVED:
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
    if tail == "管理委员会":
        return IssuerKind.ZONE_COMMITTEE
    if re.fullmatch("(?:人民)?政府(?:办公厅|办公室|办)", tail):
        return IssuerKind.GOVERNMENT_OFFICE
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


def _scope(kind: IssuerKind, title: str | None, text: str | None, zone: str | None) -> tuple[Scope, str]:
    """Whose figures, and why.

    A government's report adds up its departments and lower governments unless it says otherwise; its office reports for
    itself even where it speaks of the whole city. A zone's committee is believed only by its words, and a zone without
    a code stands for no division, so its report must not pass for one of the division above it.
    """
    if kind is IssuerKind.UNKNOWN:
        return Scope.UNKNOWN, "the kind of body is not known"
    if kind not in (IssuerKind.GOVERNMENT, IssuerKind.ZONE_COMMITTEE):
        return Scope.OWN, f"kind of body: {kind.value}"
    if zone:
        return Scope.UNKNOWN, f"{zone} has no division code, so its figures stand for no division"
    if title and "本级" in title:
        return Scope.OWN, "title: 本级"
    body = "".join(unicodedata.normalize("NFKC", text or "").split())
    narrow = _NARROW.search(body)
    if narrow:
        # Figures without the lower levels may still hold the departments': then they are neither scope.
        is_own = not _LOWER_LEVELS.search(narrow.group())
        return Scope.OWN if is_own else Scope.UNKNOWN, f"text: {narrow.group()}"
    wide = _WIDE.search(body) or _WIDE_WORD.search(body)
    if wide:
        return Scope.CONSOLIDATED, f"text: {body[wide.start() : wide.start() + _SNIPPET]}"
    if kind is IssuerKind.ZONE_COMMITTEE:
        return Scope.UNKNOWN, "a zone's committee, and the text does not say whose figures it gives"
    return Scope.CONSOLIDATED, "kind of body: a government adds up its departments; the text does not say"


def _issuer_id(region: RegionResolution, name: str, portal_id: str | None, document_id: str | None) -> str:
    if region.status is RegionStatus.RESOLVED:
        base, key = region.division_code or "", name
    else:
        # Bodies of one name whose place is unknown may be two, also on one portal: each address stands alone.
        base, key = portal_id or "unplaced", f"{name}\n{document_id or ''}"
    return f"{base}-{hashlib.sha256(key.encode()).hexdigest()[:_HASH_LENGTH]}"
