"""Which division a report belongs to, from all that document, address and portal say. Never a guess.

The rules, in order:

1. The issuer's own name proposes places; failing that the title, then the signature. Divisions that came about years
   after the report, and units that were gone before it, are not proposed where others are.
2. A township in the name, the other names, and the portal's division each may rule places out. An outer unit that is
   named vetoes an inner one outside it. The portal is what the registry declares; else the first that names a place of
   its name, the site's name on the page, the breadcrumb, the address, and the body in the metadata block (发布机构).
   The last two may be another body's: they tell places apart and rule out no name that one place alone bears.
3. Where several places remain, the text may decide: parent and name side by side, the address of a site, a parent that
   speaks as the body's own, townships named. Places visited, quoted or in the trade of the site's maker do not count.
   Evidence that contradicts itself decides nothing.
4. A name without its suffix (湖里), a word that is also a name (城区) and a mistyped name (沐阳) need a parent.
5. Where the name has no place (区信访局), the portal's division stands in if its level fits; one that only the address
   tells (jyj.siping.gov.cn) not where that may be another's (tdq.siping.gov.cn, xuzhou.gov.cn).
6. A name that goes on with another place (铁东区教育局和铁西区教育局) or with a county that is not known is left open.

The result names divisions as of 2023-06-30, also for reports of units that have since been renamed or merged.
"""

from dataclasses import replace

from transform.regions.case import GONE, Candidate, Case, candidates_of
from transform.regions.evidence import RegionConfidence, RegionEvidence, RegionFlag, RegionResolution, RegionStatus
from transform.regions.gazetteer import Division, Gazetteer, Level, NameForm, load_gazetteer
from transform.regions.names import NameReading, is_branch, level_of_generic, named_together, starts_with_organ
from transform.regions.outcomes import (
    branch_place,
    gone,
    in_zone,
    left_open,
    national_resolution,
    not_supported,
    nowhere,
    placed_at,
    settled_on,
    still_ambiguous,
    told_by,
    township_unknown,
)
from transform.regions.proposals import by_township, near_misses, with_townships
from transform.regions.text import said_by_text, told_apart_by_text
from transform.regions.weighing import agreeing_with_names, agreeing_with_portal, has_support, is_odd_committee

__all__ = ["resolve_region"]


def resolve_region(evidence: RegionEvidence, gazetteer: Gazetteer | None = None) -> RegionResolution:
    """Where the issuer is: resolved only if one place alone fits, otherwise with what is missing or in conflict."""
    case = Case(evidence, gazetteer or load_gazetteer())
    label, reading = case.anchor
    national = _national(case, reading)
    if national:
        return national
    candidates = candidates_of(reading, case)
    township_named = reading.township
    if not candidates and reading.matches:
        return gone(case, reading, reading.matches[0].innermost.key)
    if not candidates:
        candidates = near_misses(case, reading)
    if not candidates and reading.township_keys:
        candidates = by_township(case, reading)
    if not candidates and reading.township:
        return township_unknown(case, reading)
    if not candidates:
        return _without_a_name(case, reading)

    if len(candidates) == 1 and not reading.is_inside:
        case.notes.append(told_by(label, candidates[0], case))
    else:
        case.notes.append(f"{label} names {candidates[0].name}")
    candidates = with_townships(case, reading, candidates)
    candidates, conflict = agreeing_with_names(case, label, candidates)
    if conflict:
        return conflict
    candidates, conflict = agreeing_with_portal(case, candidates)
    if conflict:
        return conflict
    if len(candidates) > 1:
        candidates, conflict = told_apart_by_text(case, candidates)
        if conflict:
            return conflict
    if len(candidates) > 1:
        return still_ambiguous(case, candidates)
    if _names_another(case, reading, candidates[0]):
        reason = f"{reading.name} names several places; only one of them can be where it is"
        return left_open(case, RegionStatus.AMBIGUOUS, reason, candidates)
    chosen = candidates[0]
    if chosen.code.startswith(GONE):
        return gone(case, reading, chosen.code)
    if label != "issuer" and case.issuer.generic and not chosen.township:
        other = _of_another_level(case, label, chosen)
        if other:
            return other
    if is_odd_committee(case, reading, chosen):
        chosen = replace(chosen, needs_support=True)
    if chosen.township and chosen.form is NameForm.NESTED:
        chosen = replace(chosen, needs_support=False)  # of all places called 城区 one alone has that township
    if chosen.needs_support and not has_support(case, chosen, label):
        return not_supported(case, chosen)
    return settled_on(case, reading, chosen, township_named)


def _names_another(case: Case, reading: NameReading, chosen: Candidate) -> bool:
    """Whether the name goes on with a place that is neither the chosen one nor around it."""
    others = [match.innermost for match in named_together(reading, case.gazetteer)]
    related = any(chosen.code in unit.outer or unit.code == chosen.code or unit.code in chosen.outer for unit in others)
    return reading.remainder.startswith("、") or (bool(others) and not related)


def _of_another_level(case: Case, label: str, chosen: Candidate) -> RegionResolution | None:
    """The result where the issuer's name says of which level it is, and the place that the title names is not."""
    word = case.issuer.generic or ""
    place = case.gazetteer.divisions[chosen.code]
    levels = level_of_generic(word)
    if Level.TOWNSHIP in levels and place.level is Level.COUNTY:
        case.flag(RegionFlag.TOWNSHIP_UNNAMED)
        return replace(placed_at(case, case.issuer, place.code, RegionConfidence.LOW), level=Level.TOWNSHIP)
    if place.level in levels and (place.name.endswith(word) or (place.is_zone and word == "区")):
        return None
    reason = f"{case.issuer.name} is the body of a {word}, which {place.name}, named by the {label}, is not"
    sure = place if place.level is not Level.COUNTY else case.gazetteer.get(place.parent or "")
    return left_open(case, RegionStatus.UNRESOLVED, reason, known=sure)


def _without_a_name(case: Case, reading: NameReading) -> RegionResolution:
    """The portal's division where its level fits what the name says; else what the text says of it."""
    levels = level_of_generic(reading.generic) if reading.generic else ()
    if case.portal:
        portal, source = case.portal
        if portal.level is Level.NATIONAL and not reading.generic:
            return national_resolution(case, reading, source)
        if not case.is_portal_another and _fits(portal, reading, levels):
            case.notes.append(source)
            case.flag(RegionFlag.FROM_PORTAL)
            confidence = RegionConfidence.MEDIUM if reading.generic else RegionConfidence.LOW
            if Level.TOWNSHIP in levels:
                case.flag(RegionFlag.TOWNSHIP_UNNAMED)
                return replace(placed_at(case, reading, portal.code, RegionConfidence.LOW), level=Level.TOWNSHIP)
            zone = reading.zone
            if zone:
                case.flag(RegionFlag.ZONE_WITHOUT_CODE)
                return in_zone(placed_at(case, reading, portal.code, confidence), zone)
            branch = None
            if is_branch(reading.remainder) and portal.level in (Level.PREFECTURE, Level.PROVINCE):
                branch = branch_place(case, reading.remainder, portal)
            place, merged = branch or (portal, None)
            placed = placed_at(case, reading, place.code, confidence)
            return replace(placed, merged_unit=merged.name if merged else None)
    if reading.generic and case.text:
        said = said_by_text(case, levels)
        if said:
            return placed_at(case, reading, said.code, RegionConfidence.MEDIUM)
    return nowhere(case, reading)


def _fits(portal: Division, reading: NameReading, levels: tuple[Level, ...]) -> bool:
    """Whether a body that names no place can be one of the portal's division."""
    if portal.level is Level.NATIONAL or not reading.name or reading.name.endswith("大学"):
        return False
    if not levels:
        return bool(reading.zone) or starts_with_organ(reading.remainder)
    if Level.TOWNSHIP in levels:
        return portal.level is Level.COUNTY
    word = reading.generic or ""
    return portal.level in levels and (portal.name.endswith(word) or (portal.is_zone and word == "区"))


def _national(case: Case, reading: NameReading) -> RegionResolution | None:
    """The state, where a body of the central state reports for itself."""
    name = reading.name
    if not name or (reading.matches and not reading.is_inside):
        return None
    bare = name.removeprefix("中华人民共和国")
    if bare in case.gazetteer.national_names or name in case.gazetteer.national_names:
        return national_resolution(case, reading, f"{name} is a body of the central state")
    return None
