"""Results in words: a place settled on, or the reason why none is.

Belongs here: filling a `RegionResolution`. A county's report must never pass for its prefecture's, so a name that goes
on with a county or township unknown to the gazetteer ends here unresolved, with the part of the place that is sure.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from transform.regions.case import GONE, Candidate, Case, path_of, short_names
from transform.regions.evidence import RegionConfidence, RegionFlag, RegionResolution, RegionStatus
from transform.regions.gazetteer import NATIONAL_CODE, Division, Gazetteer, Level, NameForm, township_key
from transform.regions.lifespans import FormerUnit
from transform.regions.names import NameReading, branch_head, is_branch
from transform.regions.proposals import near_misses_within

__all__ = [
    "branch_place",
    "gone",
    "in_zone",
    "inside_of",
    "left_open",
    "list_places",
    "national_resolution",
    "not_supported",
    "nowhere",
    "placed_at",
    "settled_on",
    "still_ambiguous",
    "told_by",
    "township_unknown",
]

_LISTED_CANDIDATES = 6


def settled_on(case: Case, reading: NameReading, chosen: Candidate, township_named: str | None) -> RegionResolution:
    """The place that remained, unless the name goes on with an inner one that is not known."""
    gazetteer = case.gazetteer
    if chosen.form is NameForm.SHORT:
        case.flag(RegionFlag.SHORT_NAME)
    if chosen.former and gazetteer.divisions[chosen.code].name != chosen.former:
        case.flag(RegionFlag.FORMER_NAME)
        case.notes.append(f"{chosen.former} is now {path_of(chosen.code, gazetteer)} ({chosen.code})")
    remainder, zone = reading.remainder, chosen.zone or reading.zone
    division = gazetteer.divisions[chosen.code]
    merged = gazetteer.merged_unit(chosen.former, chosen.code) if chosen.former else None
    if reading.unknown_inner and not chosen.township:
        return _county_unknown(case, reading, division)
    if is_branch(remainder) and division.level in (Level.PREFECTURE, Level.PROVINCE):
        branch = branch_place(case, remainder, division)
        if branch:
            division, merged = branch
            chosen = replace(chosen, code=division.code)
    has_counties = any(d.level is Level.COUNTY for d in gazetteer.descendants(division.code))
    if township_named and not chosen.township and has_counties:
        return township_unknown(case, reading, division)
    if zone and not division.is_zone:
        case.flag(RegionFlag.ZONE_WITHOUT_CODE)
    resolution = placed_at(case, reading, chosen.code, _confidence(case, chosen, reading))
    resolution = replace(resolution, merged_unit=merged.name if merged else None)
    if zone and not division.is_zone:
        resolution = in_zone(resolution, zone)
    if chosen.township:
        remainder = _after_township(remainder, reading, chosen.township)
        if not chosen.township.code:
            case.flag(RegionFlag.TOWNSHIP_NOT_LISTED)
        return replace(
            resolution,
            flags=tuple(case.flags),
            township=chosen.township.name,
            township_code=chosen.township.code or None,
            level=Level.TOWNSHIP,
            issuer_remainder=remainder,
        )
    if township_named:
        case.flag(RegionFlag.TOWNSHIP_NOT_LISTED)
        return replace(
            resolution,
            township=township_named,
            level=Level.TOWNSHIP,
            flags=tuple(case.flags),
            issuer_remainder=remainder.removeprefix(township_named),
        )
    return resolution


def _after_township(remainder: str, reading: NameReading, township: Division) -> str:
    printed = reading.township or ""
    for head in (township.name, printed, printed.removesuffix("街道")):
        if head and remainder.startswith(head):
            return remainder.removeprefix(head)
    for key in reading.township_keys:
        if remainder.startswith(key):
            return remainder.removeprefix(key)
    return remainder


def _confidence(case: Case, chosen: Candidate, reading: NameReading) -> RegionConfidence:
    flags = set(case.flags)
    if RegionFlag.NEAR_MISS in flags:
        return RegionConfidence.LOW
    weak = {
        RegionFlag.FROM_TEXT, RegionFlag.OVERRIDES_PORTAL, RegionFlag.SHORT_NAME, RegionFlag.OTHER_NAME_DIFFERS,
        RegionFlag.BRANCH, RegionFlag.PORTAL_CONFLICT,
    }  # fmt: skip
    if flags & weak or reading.is_inside:
        return RegionConfidence.MEDIUM
    if not reading.matches and not case.portal:
        return RegionConfidence.MEDIUM
    return RegionConfidence.HIGH


def placed_at(case: Case, reading: NameReading, code: str, confidence: RegionConfidence) -> RegionResolution:
    """A resolved result for a division."""
    gazetteer = case.gazetteer
    division = gazetteer.divisions[code]
    names = {found.level: found.name for found in (division, *gazetteer.ancestors(code))}
    return RegionResolution(
        status=RegionStatus.RESOLVED,
        division_code=code,
        level=division.level,
        province=names.get(Level.PROVINCE),
        prefecture=names.get(Level.PREFECTURE),
        county=names.get(Level.COUNTY),
        confidence=confidence,
        evidence="; ".join(case.notes),
        flags=tuple(case.flags),
        issuer_remainder=_issuer_remainder(case, reading),
        place_printed=reading.matches[0].innermost.name if reading.matches else case.mistyped or None,
    )


def _issuer_remainder(case: Case, reading: NameReading) -> str:
    """What the issuer's name says beside its place, also where another name gave the place."""
    own = case.issuer if case.issuer.name else reading
    text = own.remainder.removeprefix(case.mistyped)
    if own.generic:
        return re.sub(r"^(?:我|本|全)?" + own.generic, "", text)
    return text


def left_open(
    case: Case, status: RegionStatus, reason: str, candidates: Sequence[Candidate] = (), known: Division | None = None
) -> RegionResolution:
    """An unresolved or ambiguous result, with the part of the place that is sure."""
    gazetteer = case.gazetteer
    sure = (known, *gazetteer.ancestors(known.code)) if known else _shared(candidates, gazetteer)
    names = {division.level: division.name for division in sure}
    return RegionResolution(
        status=status,
        province=names.get(Level.PROVINCE),
        prefecture=names.get(Level.PREFECTURE),
        county=names.get(Level.COUNTY) if known else None,
        evidence="; ".join(case.notes),
        reason=reason,
        flags=tuple(case.flags),
        candidates=tuple(dict.fromkeys(c.code for c in candidates if not c.code.startswith(GONE))),
        issuer_remainder=_issuer_remainder(case, case.anchor[1]),
    )


def _shared(candidates: Sequence[Candidate], gazetteer: Gazetteer) -> tuple[Division, ...]:
    """The units above every candidate."""
    if not candidates:
        return ()
    chains = [
        {d.code for d in gazetteer.ancestors(c.code)} if gazetteer.get(c.code) else set(c.outer) for c in candidates
    ]
    shared = set.intersection(*chains)
    return tuple(division for code in sorted(shared) if (division := gazetteer.divisions.get(code)))


def still_ambiguous(case: Case, candidates: Sequence[Candidate]) -> RegionResolution:
    """The result where several places remain: all are named, none is chosen."""
    name = candidates[0].name
    if all(candidate.township for candidate in candidates) and len({c.code for c in candidates}) > 1:
        name = candidates[0].township.name if candidates[0].township else name
    reason = f"{name} is in {list_places(candidates, case, outside=name)}; nothing in portal or text tells them apart"
    return left_open(case, RegionStatus.AMBIGUOUS, reason, candidates)


def not_supported(case: Case, chosen: Candidate) -> RegionResolution:
    """The result for a name that proves nothing alone and stands alone."""
    division = case.gazetteer.divisions[chosen.code]
    what = {NameForm.NESTED: "is also an ordinary word", NameForm.SHORT: "is not a full name"}.get(
        chosen.form, "is a name that a zone elsewhere may bear"
    )
    reason = (
        f"{chosen.name} {what}; it may mean {path_of(division.code, case.gazetteer)} ({division.code}), "
        "but neither portal nor text names the place"
    )
    return left_open(case, RegionStatus.UNRESOLVED, reason, [chosen])


def gone(case: Case, reading: NameReading, key: str) -> RegionResolution:
    """The result for a former unit whose territory no one division holds now."""
    unit = next(match.innermost for match in reading.matches if match.innermost.key == key)
    outer = [code for code in sorted(unit.outer) if code in case.gazetteer.divisions]
    known = case.gazetteer.get(max(outer, key=lambda code: len(case.gazetteer.outer(code))))
    reason = f"{unit.name} was abolished after {unit.last_year} and divided; no one division of today stands for it"
    return left_open(case, RegionStatus.UNRESOLVED, reason, known=known)


def _county_unknown(case: Case, reading: NameReading, outer: Division) -> RegionResolution:
    """Unresolved inside a known parent: a county's report must not count as its prefecture's."""
    near = near_misses_within(case, reading.remainder, outer)
    if len(near) == 1:
        skipped = replace(reading, unknown_inner=None)
        return settled_on(case, skipped, near[0], None)
    case.flag(RegionFlag.COUNTY_NOT_LISTED)
    reason = (
        f"{reading.unknown_inner} is not listed in {path_of(outer.code, case.gazetteer)} ({outer.code}), "
        "neither today nor formerly; if it is another name of a division there, "
        "add it to data/reference/divisions/aliases.yml"
    )
    return left_open(case, RegionStatus.UNRESOLVED, reason, known=outer)


def township_unknown(case: Case, reading: NameReading, outer: Division | None = None) -> RegionResolution:
    """The result for a township that no list has: placed in the portal's county, else unresolved."""
    portal = case.portal[0] if case.portal else None
    if outer is None and portal and portal.level is Level.COUNTY:
        case.flag(RegionFlag.TOWNSHIP_NOT_LISTED)
        case.flag(RegionFlag.FROM_PORTAL)
        case.notes.append(case.portal[1] if case.portal else "")
        placed = placed_at(case, reading, portal.code, RegionConfidence.LOW)
        township = reading.township or ""
        return replace(
            placed,
            township=township,
            level=Level.TOWNSHIP,
            issuer_remainder=reading.remainder.removeprefix(township),
        )
    case.flag(RegionFlag.TOWNSHIP_NOT_LISTED)
    known = outer or (portal if portal and portal.level is not Level.NATIONAL else None)
    where = f"in {path_of(known.code, case.gazetteer)} ({known.code})" if known else "in the gazetteer"
    reason = f"{reading.township} is not listed {where}, and nothing names its county"
    return left_open(case, RegionStatus.UNRESOLVED, reason, known=known)


def nowhere(case: Case, reading: NameReading) -> RegionResolution:
    """The result where nothing says where, with what would help."""
    portal = case.portal
    if not reading.name:
        reason = "no issuer is named, so there is nothing to place"
    elif portal and reading.generic:
        reason = f"{reading.name} names a {reading.generic} without saying which, and {portal[1]} is none"
    elif reading.generic:
        reason = f"{reading.name} names a {reading.generic} without saying which; give the portal's division code"
    elif portal:
        reason = f"{reading.name} names no place, and its words do not show that it belongs to {portal[1]}"
    else:
        reason = f"{reading.name} names no place, and no portal is known; give the portal's division code"
    known = portal[0] if portal and portal[0].level is not Level.NATIONAL else None
    return left_open(case, RegionStatus.UNRESOLVED, reason, known=known)


def in_zone(resolution: RegionResolution, zone: str) -> RegionResolution:
    """The result for a body of a zone without a code, whose name goes on after the zone's."""
    return replace(resolution, zone=zone, issuer_remainder=resolution.issuer_remainder.removeprefix(zone))


def branch_place(case: Case, remainder: str, outer: Division) -> tuple[Division, FormerUnit | None] | None:
    """The county that a branch's name ends with: 公安局铁东分局 of 四平市, also by its former name.

    With the unit that the name means, where the county took it in since.
    """
    gazetteer = case.gazetteer
    named = [
        (name, division.code)
        for division in gazetteer.descendants(outer.code)
        if division.level is Level.COUNTY and not division.is_zone
        for name in (division.name, *short_names(division))
    ]
    named += [
        (name, unit.successor)
        for unit in gazetteer.former_units
        if unit.successor and not unit.is_prefecture and gazetteer.lies_within(unit.successor, outer.code)
        for name in (unit.name, *_without_suffix(unit.name))
    ]
    head = branch_head(remainder)
    found = {code: name for name, code in named if len(name) > 1 and head.endswith(name)}
    longest = max(map(len, found.values()), default=0)
    codes = [code for code, name in found.items() if len(name) == longest]
    if len(codes) != 1:
        return None
    place = gazetteer.divisions[codes[0]]
    case.flag(RegionFlag.BRANCH)
    case.notes.append(f"branch for {place.name}")
    if found[place.code] in (place.name, *short_names(place)):
        return place, None
    return place, next(
        (
            unit
            for unit in gazetteer.former_units
            if found[place.code] in (unit.name, *_without_suffix(unit.name))
            and gazetteer.merged_unit(unit.name, place.code) is unit
        ),
        None,
    )


def _without_suffix(name: str) -> tuple[str, ...]:
    return (name[:-1],) if name[-1] in "市县区旗" and len(name) > 2 else ()


def national_resolution(case: Case, reading: NameReading, note: str) -> RegionResolution:
    """The result for a body of the central state: the whole country, 000000."""
    return RegionResolution(
        status=RegionStatus.RESOLVED,
        division_code=NATIONAL_CODE,
        level=Level.NATIONAL,
        confidence=RegionConfidence.HIGH,
        evidence="; ".join((*case.notes, note)),
        flags=tuple(case.flags),
        issuer_remainder=reading.name,
    )


def list_places(candidates: Sequence[Candidate], case: Case, outside: str = "") -> str:
    """Candidates as 吉林省四平市铁东区 (220303) and ...; without `outside`, the name they share, at the end."""
    parts = []
    for candidate in candidates[:_LISTED_CANDIDATES]:
        division = case.gazetteer.get(candidate.code)
        if division is None:
            code = candidate.code.removeprefix(GONE)[:6]
            parts.append(f"the former {candidate.name} ({code})")
            continue
        path = path_of(division.code, case.gazetteer)
        shown = path.removesuffix(outside) if division.name == outside else path
        parts.append(f"{shown} ({division.code})")
    more = len(candidates) - _LISTED_CANDIDATES
    if more > 0:
        parts.append(f"{more} more places")
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]


def told_by(label: str, candidate: Candidate, case: Case) -> str:
    """How a name tells a place that it alone can mean."""
    if candidate.township:
        where = path_of(candidate.code, case.gazetteer)
        key = township_key(candidate.township.name)
        named = (*case.gazetteer.townships_named(key), *case.gazetteer.former_townships_named(key))
        others = len(named) > 1
        return f"{label} names {candidate.name}, " + (
            f"which within the parent is in {where}" if others else f"only in {where}"
        )
    if candidate.code.startswith(GONE):
        return f"{label} names {candidate.name}"
    if candidate.has_outer:
        return f"{label} names {candidate.name} with its parent"
    if candidate.needs_support:
        return f"{label} names {candidate.name}"
    return f"{label} names {candidate.name}, a name only one division bears"


def inside_of(candidate: Candidate, case: Case) -> str:
    """Where a candidate lies, as the end of a note."""
    division = case.gazetteer.get(candidate.code)
    return f", in {path_of(division.code, case.gazetteer)}" if division else ""
