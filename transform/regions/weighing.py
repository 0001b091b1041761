"""Evidence beside the name that proposes a place: other names, the portal, and what makes a weak name strong enough."""

from collections.abc import Sequence
from dataclasses import replace

from transform.regions.case import Candidate, Case, candidates_of, unique_place
from transform.regions.evidence import RegionFlag, RegionResolution, RegionStatus
from transform.regions.gazetteer import Level, NameForm
from transform.regions.names import NameReading
from transform.regions.outcomes import inside_of, left_open, list_places
from transform.regions.text import has_organs_named, side_by_side, speaks_as_own

__all__ = ["agreeing_with_names", "agreeing_with_portal", "has_support", "is_odd_committee"]


def agreeing_with_names(
    case: Case, label: str, candidates: list[Candidate]
) -> tuple[list[Candidate], RegionResolution | None]:
    """Candidates that the other names of the document allow; a contradiction where they allow none."""
    for other_label, reading in (("issuer", case.issuer), ("title", case.title), ("signature", case.signature)):
        if other_label == label or reading is case.anchor[1] or not reading.matches or reading.is_inside:
            continue
        others = [other for other in candidates_of(reading, case) if other.form is not NameForm.SHORT]
        if not others:
            continue
        allowed = [
            candidate
            for candidate in candidates
            if any(other.code in candidate.outer or candidate.code in other.outer for other in others)
        ]
        if allowed:
            if len(allowed) < len(candidates):
                case.notes.append(f"{other_label} names {others[0].name}" + inside_of(allowed[0], case))
            candidates = _backed(allowed, others)
            if other_label == "title" and all(o.code != c.code and c.code in o.outer for o in others for c in allowed):
                case.flag(RegionFlag.OTHER_NAME_DIFFERS)  # the city's name above, a district's in the title
                case.notes.append(f"title names {list_places(others, case)}")
            continue
        case.flag(RegionFlag.OTHER_NAME_DIFFERS)
        backed = case.portal and any(c.is_related(case.portal[0].code, case.gazetteer) for c in candidates)
        opposed = case.portal and any(o.is_related(case.portal[0].code, case.gazetteer) for o in others)
        if other_label == "title" and not (backed and not opposed):
            reason = (
                f"{label} names {list_places(candidates, case)}, but the title names {list_places(others, case)}; "
                "nothing tells which of them reports"
            )
            return candidates, left_open(case, RegionStatus.AMBIGUOUS, reason, [*candidates, *others])
    return candidates, None


def _backed(allowed: list[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """The candidates; one that the other reading names too needs no more support."""
    named = {other.code for other in others}
    return [replace(c, needs_support=False) if c.needs_support and c.code in named else c for c in allowed]


def agreeing_with_portal(case: Case, candidates: list[Candidate]) -> tuple[list[Candidate], RegionResolution | None]:
    """Candidates inside the portal's division, or above it; the issuer's full name can stand against the portal."""
    if not case.portal:
        return candidates, None
    portal, source = case.portal
    allowed = [c for c in candidates if c.is_related(portal.code, case.gazetteer)]
    inside = [c for c in allowed if portal.code in c.outer]
    allowed = inside or allowed
    if allowed:
        if len(allowed) < len(candidates):
            case.notes.append(source)
        return allowed, None
    if portal.level is Level.NATIONAL:
        return candidates, None
    stands = not case.is_portal_sure and len(candidates) == 1 and not candidates[0].needs_support
    if len(candidates) == 1 and (stands or _is_complete(case, candidates[0])):
        case.flag(RegionFlag.OVERRIDES_PORTAL)
        case.notes.append(f"issuer overrides {source}")
        return candidates, None
    case.flag(RegionFlag.PORTAL_CONFLICT)
    places = list_places(candidates, case)
    reason = f"the name means {places}, outside {source}; name the parent or correct the portal's code"
    return candidates, left_open(case, RegionStatus.AMBIGUOUS, reason, candidates)


def _is_complete(case: Case, candidate: Candidate) -> bool:
    """Whether the name gives place and parent, or the text gives them side by side."""
    return candidate.has_outer or bool(side_by_side(case, candidate, [candidate]))


def has_support(case: Case, candidate: Candidate, label: str) -> bool:
    """Whether portal, other names or text back a name that alone proves nothing."""
    gazetteer = case.gazetteer
    division = gazetteer.divisions[candidate.code]
    if division.is_zone and candidate.form is NameForm.NESTED and _has_namesake_township(case, candidate):
        return False
    if candidate.form is NameForm.SHORT and division.level is Level.PROVINCE:
        return True
    if case.portal and case.portal[0].level is not Level.NATIONAL:
        return candidate.is_related(case.portal[0].code, gazetteer)
    for other, reading in (("issuer", case.issuer), ("title", case.title), ("signature", case.signature)):
        if other == label or reading is case.anchor[1]:
            continue
        found = unique_place(reading, case)
        if found and not found.needs_support and (found.code in candidate.outer or candidate.code in found.outer):
            case.notes.append(f"{other} names {found.name}")
            return True
    pair = side_by_side(case, candidate, [candidate])
    if pair:
        case.notes.append(f"text: {pair}")
        return True
    for host, code in case.text_host_codes:
        if code in candidate.outer:
            case.notes.append(f"site address in the text: {host}")
            return True
    for code in candidate.outer:
        parent = gazetteer.get(code)
        if parent and parent.level is Level.PREFECTURE and has_organs_named(case.text, parent.name):
            case.notes.append(f"text names {parent.name}")
            case.flag(RegionFlag.FROM_TEXT)
            return True
    if candidate.form is NameForm.SHORT and case.text:
        names = gazetteer.lookup(division.name)
        if len(names) == 1 and speaks_as_own(case.text, division.name):
            case.notes.append(f"text: {division.name}")
            return True
    return False


def is_odd_committee(case: Case, reading: NameReading, chosen: Candidate) -> bool:
    """Whether a committee bears an ordinary district's name: 东城区管委会 may be a zone far from 北京市东城区."""
    division = case.gazetteer.divisions[chosen.code]
    return (
        division.level is Level.COUNTY
        and not division.is_zone
        and not chosen.has_outer
        and not chosen.township
        and chosen.name == division.name
        and reading.remainder.startswith(("管委会", "管理委员会", "办事处"))
    )


def _has_namesake_township(case: Case, candidate: Candidate) -> bool:
    """Whether a county of the prefecture has a zone of the same name: 经济开发区 of 徐州市 and of 睢宁县."""
    portal = case.portal[0] if case.portal else None
    if portal is None or portal.level is Level.COUNTY:
        return False
    return any(
        case.gazetteer.lies_within(township.parent or "", portal.code)
        for township in case.gazetteer.townships_named(candidate.name)
    )
