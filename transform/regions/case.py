"""One report under judgement: its evidence, read when first needed, and the places that its names may mean.

Belongs here: the working state that the rules share. Does not belong here: any rule that chooses between places.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from transform.regions.breadcrumbs import crumbs_in
from transform.regions.evidence import RegionEvidence, RegionFlag
from transform.regions.gazetteer import NATIONAL_CODE, Division, Gazetteer, Level, NamedUnit, NameForm, stem
from transform.regions.hosts import codes_of_host, hosts_in, may_be_of_another
from transform.regions.names import NameReading, PlaceMatch, clean_name, issuer_in_title, remembered_reading

__all__ = ["GONE", "Candidate", "Case", "candidates_of", "path_of", "short_names", "unique_place"]

_UNSURE_PORTAL = ("address", "published by")
"""How evidence is told that places a page without saying whose site it is."""

_PROVINCIAL_ORGAN = re.compile("(?<!办公)厅$")
"""教育厅 is a province's body; a city has a 教育局."""

GONE = "former:"
"""Keys that begin so stand for a former unit without a present successor."""


@dataclass(frozen=True)
class Candidate:
    """A place that may be meant. `outer` holds every unit that it lies in, or lay in under a former name."""

    code: str
    outer: frozenset[str]
    name: str
    form: NameForm
    needs_support: bool = False
    has_outer: bool = False
    zone: str | None = None
    township: Division | None = None
    former: str | None = None
    """The former name by which it was found."""

    def is_related(self, code: str, gazetteer: Gazetteer) -> bool:
        """Whether the place is the division, lies in it, or holds it."""
        return code in (NATIONAL_CODE, self.code) or code in self.outer or self.code in gazetteer.outer(code)


@dataclass
class Case:
    """The evidence for one report, each part read when it is first needed."""

    given: RegionEvidence
    gazetteer: Gazetteer
    notes: list[str] = field(default_factory=list)
    flags: list[RegionFlag] = field(default_factory=list)
    mistyped: str = ""
    """The name of a division as the issuer mistypes it."""

    @cached_property
    def issuer(self) -> NameReading:
        """What the issuer's name says."""
        return remembered_reading(self.given.issuer, self.gazetteer)

    @cached_property
    def title(self) -> NameReading:
        """What the title says of the issuer."""
        printed = issuer_in_title(self.given.title)
        return self.issuer if printed == self.issuer.name else remembered_reading(printed, self.gazetteer)

    @cached_property
    def signature(self) -> NameReading:
        """What the signature says."""
        printed = clean_name(self.given.signed_by)
        return self.issuer if printed == self.issuer.name else remembered_reading(printed, self.gazetteer)

    @cached_property
    def anchor(self) -> tuple[str, NameReading]:
        """The name that says whose place is sought: the issuer, else the title, else the signature."""
        readings = (("issuer", self.issuer), ("title", self.title), ("signature", self.signature))
        for label, reading in readings:
            if reading.matches:
                return label, reading
        for label, reading in readings:
            if reading.township or reading.zone:
                return label, reading
        for label, reading in readings:
            if reading.name:
                return label, reading
        return "issuer", self.issuer

    @cached_property
    def portal(self) -> tuple[Division, str] | None:
        """The division that the portal stands for, and how that is known."""
        code = self.given.portal_division_code
        if code:
            division = self.gazetteer.get(code)
            if division:
                return division, f"portal {division.name} ({division.code})"
            self.flag(RegionFlag.PORTAL_CODE_UNKNOWN)
            self.notes.append(f"portal code {code} is not in the gazetteer")
        for label, printed in (("portal name", self.given.portal_name), ("name of the site", self.given.site_name)):
            found = unique_place(remembered_reading(printed, self.gazetteer), self) if printed else None
            if found:
                return self.gazetteer.divisions[found.code], f"{label} {printed}"
        if self.breadcrumb:
            return self.breadcrumb
        for host in hosts_in(self.given.url):
            codes = codes_of_host(host, self.gazetteer)
            if codes:
                return self.gazetteer.divisions[codes[-1]], f"{_UNSURE_PORTAL[0]} {host}"
        return self.publisher_place

    @cached_property
    def is_portal_sure(self) -> bool:
        """Whether the portal is declared, or names itself: then a name alone does not stand against it."""
        if self.portal is None or RegionFlag.PORTAL_CODE_UNKNOWN in self.flags:
            return False
        return not self.portal[1].startswith(_UNSURE_PORTAL)

    @cached_property
    def is_portal_another(self) -> bool:
        """Whether the portal is known by an address alone, which may be another place's, of a part or of a namesake."""
        told = self.portal[1] if self.portal else ""
        return told.startswith(_UNSURE_PORTAL[0]) and may_be_of_another(told.split()[-1], self.gazetteer)

    @cached_property
    def breadcrumb(self) -> tuple[Division, str] | None:
        """The innermost division that the page's breadcrumb names, and how."""
        outer: Candidate | None = None
        for crumb in crumbs_in(self.given.text):
            candidates = [c for c in candidates_of(remembered_reading(crumb, self.gazetteer), self) if c.code]
            inside = [c for c in candidates if outer is None or outer.code in c.outer]
            if len(inside) == 1 and not inside[0].code.startswith(GONE):
                chosen = inside[0]
                if outer or chosen.form not in (NameForm.NESTED, NameForm.SHORT) or chosen.has_outer:
                    outer = chosen
        return (self.gazetteer.divisions[outer.code], f"breadcrumb {outer.name}") if outer else None

    @cached_property
    def publisher_place(self) -> tuple[Division, str] | None:
        """The division of the body that the metadata block names."""
        named = self.given.publisher
        found = unique_place(remembered_reading(named, self.gazetteer), self) if named else None
        return (self.gazetteer.divisions[found.code], f"{_UNSURE_PORTAL[1]} {named}") if found else None

    @cached_property
    def text(self) -> str:
        """The text in one width and without white space: line breaks cut names in two."""
        return "".join(unicodedata.normalize("NFKC", self.given.text or "").split())

    @cached_property
    def text_host_codes(self) -> tuple[tuple[str, str], ...]:
        """Hosts that the text names with the innermost division of each."""
        found = []
        for host in dict.fromkeys(hosts_in(unicodedata.normalize("NFKC", self.given.text or ""))):
            codes = codes_of_host(host, self.gazetteer)
            if codes:
                found.append((host, codes[-1]))
        return tuple(found)

    def flag(self, flag: RegionFlag) -> None:
        """Note a flag once."""
        if flag not in self.flags:
            self.flags.append(flag)


def candidates_of(reading: NameReading, case: Case) -> list[Candidate]:
    """The present divisions that a name may mean."""
    year = case.given.report_year
    matches = _existing(reading.matches, case)
    present = [match for match in matches if match.innermost.form is not NameForm.FORMER]
    kept: list[PlaceMatch] = []
    for match in matches:
        unit = match.innermost
        if unit.form is NameForm.FORMER and present and not _still_meant(unit, present, year):
            continue
        kept.append(match)
    kept = _without_promoted(kept, year)
    found: dict[str, Candidate] = {}
    for match in kept:
        unit = match.innermost
        code = unit.code or unit.key
        outer = frozenset().union(*(part.outer for part in match.units))
        earlier = found.get(code)
        if earlier:
            found[code] = replace(
                earlier,
                outer=earlier.outer | outer,
                needs_support=earlier.needs_support and match.needs_support,
                has_outer=earlier.has_outer or match.has_outer,
                former=earlier.former if unit.form is NameForm.FORMER else None,
            )
            continue
        found[code] = Candidate(
            code, outer, unit.name, unit.form, match.needs_support, match.has_outer, unit.zone,
            former=unit.name if unit.form is NameForm.FORMER else None,
        )  # fmt: skip
    if not _PROVINCIAL_ORGAN.search(reading.remainder):
        for one in [one for one in found.values() if one.form is NameForm.SHORT and one.outer == {one.code}]:
            found |= _namesakes(one, case.gazetteer)
    usable = [candidate for candidate in found.values() if not candidate.code.startswith(GONE)]
    if len(usable) < len(found) and (not usable or len(found) > 1):
        # A unit without successor is one of the possible meanings: it can make a name ambiguous, never resolve it.
        return list(found.values()) if usable else []
    return usable


def _namesakes(province: Candidate, gazetteer: Gazetteer) -> dict[str, Candidate]:
    """The prefecture that shares a province's short name: 吉林统计局 may be 吉林市's."""
    return {
        division.code: Candidate(
            division.code, frozenset(gazetteer.outer(division.code)), province.name, NameForm.SHORT, needs_support=True
        )
        for division in gazetteer.children(province.code)
        if division.level is Level.PREFECTURE and stem(division.name) == province.name
    }


def _existing(matches: Sequence[PlaceMatch], case: Case) -> list[PlaceMatch]:
    """Without divisions that came about years after the report, where others are left."""
    year = case.given.report_year
    if year is None or len(matches) < 2:
        return list(matches)
    # Lists follow a change by months, and its bodies may report before: a year is allowed for.
    kept = [
        match
        for match in matches
        if match.innermost.form is NameForm.FORMER or case.gazetteer.exists(match.innermost.code, year + 1)
    ]
    return kept or list(matches)


def _still_meant(unit: NamedUnit, present: Sequence[PlaceMatch], year: int | None) -> bool:
    """Whether a former unit can be meant although a present division bears the name."""
    for match in present:
        bearer = match.innermost
        if unit.code == bearer.code:
            return True
        if bearer.key in unit.outer:
            # 哈密市 was a county-level city inside what is now 哈密市: only an old report means it.
            return year is not None and unit.last_year is not None and year <= unit.last_year
    return year is None or unit.gone_by is None or year <= unit.gone_by


def _without_promoted(matches: list[PlaceMatch], year: int | None) -> list[PlaceMatch]:
    """Without a present prefecture where the report is older than it and names the county that it was."""
    if year is None:
        return matches
    former = [m.innermost for m in matches if m.innermost.form is NameForm.FORMER]
    return [
        match
        for match in matches
        if match.innermost.form is NameForm.FORMER
        or not any(
            match.innermost.key in unit.outer and unit.code != match.innermost.code and year <= (unit.last_year or 0)
            for unit in former
        )
    ]


def unique_place(reading: NameReading, case: Case) -> Candidate | None:
    """The one present place that a name means by itself, if it does."""
    candidates = candidates_of(reading, case)
    if len(candidates) == 1 and not candidates[0].code.startswith(GONE):
        chosen = candidates[0]
        return chosen if chosen.form is not NameForm.NESTED or chosen.has_outer else None
    return None


def short_names(division: Division) -> tuple[str, ...]:
    """A division's name without its suffix, where it can stand so before another name: 四平 in 四平铁东区."""
    for suffix in ("省", "市", "县", "区", "旗", "盟", "地区"):
        if division.name.endswith(suffix) and len(division.name) > len(suffix) + 1 and "自治" not in division.name:
            return (division.name.removesuffix(suffix),)
    return ()


def path_of(code: str, gazetteer: Gazetteer) -> str:
    """A division's name with all above it: 吉林省四平市铁东区."""
    division = gazetteer.divisions[code]
    return "".join(found.name for found in (*reversed(gazetteer.ancestors(code)), division))
