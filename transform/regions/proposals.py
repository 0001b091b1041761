"""Places proposed by more than a plain name: a mistyped name inside its parent, a township."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from transform.regions.case import Candidate, Case, unique_place
from transform.regions.evidence import RegionFlag
from transform.regions.gazetteer import Division, FormerTownship, Gazetteer, Level, NameForm, township_key
from transform.regions.lifespans import FIRST_TOWNSHIP_LIST
from transform.regions.names import NameReading

__all__ = ["by_township", "near_misses", "near_misses_within", "with_townships"]

_LONG_NAME = 6
"""Characters from which on one that differs may be any."""
_ZONE_ENDINGS = ("开发区", "管理区", "园区", "度假区", "办事处")


def near_misses(case: Case, reading: NameReading) -> list[Candidate]:
    """Divisions inside a parent known otherwise whose name differs by characters that are typed for one another."""
    parent = _parent_known_otherwise(case)
    if not parent or parent.level is Level.NATIONAL:
        return []
    return near_misses_within(case, reading.remainder, parent)


def near_misses_within(case: Case, text: str, parent: Division) -> list[Candidate]:
    """Divisions inside a parent that a text begins with but for one such character."""
    found = []
    for division in (parent, *case.gazetteer.descendants(parent.code)):
        head = text[: len(division.name)]
        if _is_near_miss(head, division.name, case.gazetteer):
            found.append(
                Candidate(
                    division.code, frozenset(case.gazetteer.outer(division.code)), head, NameForm.FULL, has_outer=True
                )
            )
    if len(found) == 1:
        case.flag(RegionFlag.NEAR_MISS)
        case.mistyped = found[0].name
        read_as = case.gazetteer.divisions[found[0].code].name
        case.notes.append(f"{found[0].name} read as {read_as}, which lies in {parent.name}")
    return found


def _is_near_miss(printed: str, name: str, gazetteer: Gazetteer) -> bool:
    if len(printed) != len(name) or printed == name or printed[-1] != name[-1]:
        return False
    differing = [(one, other) for one, other in zip(printed, name, strict=True) if one != other]
    if len(differing) != 1:
        return False
    # So many agreeing characters leave no doubt which name is meant: 科尔心左翼中旗.
    return len(name) >= _LONG_NAME or differing[0][0] in gazetteer.confusable.get(differing[0][1], ())


def _parent_known_otherwise(case: Case) -> Division | None:
    if case.portal:
        return case.portal[0]
    for reading in (case.title, case.signature):
        found = unique_place(reading, case)
        if found:
            return case.gazetteer.divisions[found.code]
    return None


def by_township(case: Case, reading: NameReading) -> list[Candidate]:
    """Counties that have the township with which the name begins."""
    gazetteer = case.gazetteer
    parent = _parent_known_otherwise(case)
    for key in reading.township_keys:
        if key.endswith(_ZONE_ENDINGS) and (parent is None or parent.level is not Level.COUNTY):
            continue  # 开发区 without its county may be any
        townships = _in_their_years(case, key)
        if parent:
            townships = [t for t in townships if gazetteer.lies_within(t.parent or "", parent.code)]
        if townships:
            return [
                Candidate(t.parent or "", frozenset(gazetteer.outer(t.parent or "")), t.name, NameForm.FULL, township=t)
                for t in townships
            ]
    return []


def _in_their_years(case: Case, key: str) -> list[Division]:
    """Townships of a name that were there in the report's year; a year is allowed for, as lists follow changes late."""
    gazetteer, year = case.gazetteer, case.given.report_year
    # 乌镇 is a town of 佳县, and what 乌镇镇 of 桐乡市 calls itself.
    keys = (key, f"{key}镇") if key.endswith("镇") else (key,)
    present = [town for one in keys for town in gazetteer.townships_named(one)]
    former = [gone for one in keys for gone in gazetteer.former_townships_named(one)]
    if year is None:
        # Without a year one that is gone is thought of only where no other bears the name.
        return present or [_gone_township(gone) for gone in former]
    then = [town for town in present if (gazetteer.township_lifespan(town).first_year or 0) <= year + 1]
    then += [_gone_township(gone) for gone in former if year <= (gone.lifespan.last_year or 0) + 1]
    return then or present


def _gone_township(gone: FormerTownship) -> Division:
    return Division("", gone.name, Level.TOWNSHIP, gone.county)


def with_townships(case: Case, reading: NameReading, candidates: list[Candidate]) -> list[Candidate]:
    """Candidates with the township that the name goes on with; those that have it rule out those that do not."""
    if not reading.township_keys or any(candidate.township for candidate in candidates):
        return candidates
    found: list[Candidate] = []
    for candidate in candidates:
        found += _township_inside(case, candidate, reading.township_keys)
    if not found:
        found = _renamed_townships(case, reading, candidates)
    if found and len(candidates) > 1:
        case.notes.append(f"{found[0].township.name if found[0].township else ''} lies there")
    return found or candidates


def _township_inside(case: Case, candidate: Candidate, keys: Iterable[str]) -> list[Candidate]:
    division = case.gazetteer.get(candidate.code)
    if not division or candidate.zone:
        return []
    counties = [division] if division.level is Level.COUNTY else []
    if division.level is Level.PREFECTURE or division.level is Level.PROVINCE:
        counties = [d for d in case.gazetteer.descendants(division.code) if d.level is Level.COUNTY]
        if counties:
            # A zone named after a prefecture is the prefecture's, though a township of some county may be called so.
            keys = [key for key in keys if key.endswith(("街道", "镇", "乡", "苏木"))]
        counties = counties or [division]
    for key in keys:
        hits = [(county, case.gazetteer.township(county.code, key)) for county in counties]
        found = [(county, township) for county, township in hits if township]
        if found:
            return [
                replace(
                    candidate,
                    code=county.code,
                    outer=candidate.outer | frozenset(case.gazetteer.outer(county.code)),
                    township=township,
                )
                for county, township in found
            ]
    return []


def _renamed_townships(case: Case, reading: NameReading, candidates: Sequence[Candidate]) -> list[Candidate]:
    """A township printed as 某某镇 that the county now lists as 某某街道, or the reverse; only inside one county.

    Not where a yearly list has both, and not in years of which no list is kept: 城关乡 and 城关镇 stood side by side in
    many counties before one took in the other.
    """
    if not reading.township or len(candidates) != 1:
        return []
    stem = reading.township.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    others = [stem + suffix for suffix in ("街道", "镇", "乡") if stem + suffix != reading.township]
    division = case.gazetteer.get(candidates[0].code)
    if len(stem) < 2 or not division or division.level is not Level.COUNTY:
        return []
    found = [replace(candidates[0], township=t) for o in others if (t := case.gazetteer.township(division.code, o))]
    if len(found) != 1 or _were_two(case, reading.township, found[0].township):
        return []
    case.flag(RegionFlag.TOWNSHIP_RENAMED)
    case.notes.append(f"{reading.township} taken for {found[0].township.name if found[0].township else ''}")
    return found


def _were_two(case: Case, printed: str, present: Division | None) -> bool:
    """Whether the township printed and the one listed were, or may have been, there at one time."""
    gazetteer, year = case.gazetteer, case.given.report_year
    if present is None:
        return True
    came = gazetteer.township_lifespan(present).first_year
    gone = [t.lifespan for t in gazetteer.former_townships_named(township_key(printed)) if t.county == present.parent]
    if gone:
        return any(came is None or came <= (lifespan.last_year or came) for lifespan in gone)
    return year is not None and year < FIRST_TOWNSHIP_LIST
