"""Who issued a document and for which place: what `regions` and `issuers` resolve, as columns of a report."""

from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

from extract.model import ReportReading
from transform.cell_columns import columns_of
from transform.extracted import ExtractedDocument
from transform.functions import match_name, names_its_level
from transform.issuers import describe_issuer
from transform.regions import (
    Gazetteer,
    Level,
    RegionEvidence,
    RegionResolution,
    RegionStatus,
    load_gazetteer,
    resolve_region,
)
from transform.regions.names import clean_name, site_in_page_title
from transform.scope import ScopeFigures

__all__ = ["Identity", "identify", "place_issuer"]

_NEW = frozenset(("t3.new_received.total", "st.received.value"))
_ANY_ORGAN = "行政机关"
"""A name by which any portal knows one of its own bodies."""
_CARRIED_OVER = "t3.carried_over.total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The body behind a report and where it is: columns of `reports`, None where the evidence does not tell."""

    issuer_id: str
    issuer: str
    issuer_kind: str
    level: str | None
    scope: str
    scope_evidence: str | None
    region_status: str
    region_evidence: str | None
    issuer_name: str = ""
    """Place and body in one spelling; empty: as `issuer`."""
    name_basis: tuple[str, ...] = ()
    sector: str | None = None
    issuer_function: str | None = None
    parent_issuer_id: str | None = None
    region_confidence: str | None = None
    zone: str | None = None
    division_code: str | None = None
    province_code: str | None = None
    province: str | None = None
    prefecture_code: str | None = None
    prefecture: str | None = None
    county_code: str | None = None
    county: str | None = None
    township_code: str | None = None
    township: str | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of `renditions` and `reports` that say who and where."""
        told: dict[str, Any] = {name: getattr(self, name) for name in _COLUMNS}
        told["issuer_name"] = self.issuer_name or self.issuer
        return told


_COLUMNS = tuple(field.name for field in fields(Identity))


def identify(document: ExtractedDocument, reading: ReportReading) -> Identity:
    """The body that reports, as far as the document, its address and its portal tell."""
    opening = document.extraction.place_text or None
    metadata = document.extraction.metadata
    region = place_issuer(
        RegionEvidence(
            issuer=reading.issuer,
            title=reading.title,
            portal_division_code=document.portal_division_code,
            portal_name=document.portal_name,
            site_name=metadata.get("site_name") or site_in_page_title(metadata.get("title")),
            publisher=metadata.get("publisher"),
            text=opening,
            signed_by=reading.signed_by,
            url=document.url,
            report_year=reading.report_year,
        )
    )
    body = describe_issuer(
        reading.issuer,
        reading.title,
        region,
        text=opening,
        signed_by=reading.signed_by,
        portal_id=document.portal_id,
        document_id=document.url or document.sha256,
        figures=partial(_figures, reading),
    )
    return Identity(
        issuer_id=body.issuer_id,
        issuer=reading.issuer or body.name_normalised,
        issuer_name=body.name_normalised,
        name_basis=body.name_basis,
        issuer_kind=body.kind.value,
        sector=body.sector,
        issuer_function=body.function.key if body.function else None,
        parent_issuer_id=body.parent_issuer_id,
        level=body.level.value if body.level else None,
        scope=body.scope.value,
        scope_evidence=body.scope_evidence or None,
        region_status=region.status.value,
        region_evidence="; ".join(part for part in (region.evidence, region.reason) if part) or None,
        region_confidence=region.confidence.value if region.confidence else None,
        zone=region.zone,
        division_code=region.division_code,
        township_code=region.township_code,
        township=region.township,
        **_divisions(region, load_gazetteer()),
    )


def place_issuer(evidence: RegionEvidence) -> RegionResolution:
    """The body's place; for the bare name of a body that the matching table has (卫计局), that of its portal.

    A name that says of which level the body is (市教育局 on a county's portal) is not bare.
    """
    found = resolve_region(evidence)
    printed = clean_name(evidence.issuer)
    if found.status is RegionStatus.RESOLVED or not printed or match_name(printed).function is None:
        return found
    if names_its_level(printed):
        return found
    placed = resolve_region(replace(evidence, issuer=_ANY_ORGAN))
    return replace(placed, issuer_remainder=printed) if placed.status is RegionStatus.RESOLVED else found


def _figures(reading: ReportReading) -> ScopeFigures:
    """What the report itself counts, for a tie in its scope."""
    columns = columns_of(reading)
    counts = {
        code: value
        for code, value in zip(columns.codes, columns["value"], strict=True)
        if code in _NEW or code == _CARRIED_OVER
    }
    new = next((value for code, value in counts.items() if code in _NEW), None)
    return ScopeFigures(new, counts.get(_CARRIED_OVER), tuple(section.text for section in reading.sections))


def _divisions(region: RegionResolution, gazetteer: Gazetteer) -> dict[str, str | None]:
    """Names of the divisions with their codes; a name without a resolved division keeps no code."""
    division = gazetteer.get(region.division_code) if region.division_code else None
    chain = {found.level: found for found in (division, *gazetteer.ancestors(division.code))} if division else {}
    columns: dict[str, str | None] = {}
    for level, name in (
        (Level.PROVINCE, region.province),
        (Level.PREFECTURE, region.prefecture),
        (Level.COUNTY, region.county),
    ):
        found = chain.get(level)
        columns[level.value] = name
        columns[f"{level.value}_code"] = found.code if found and name else None
    return columns
