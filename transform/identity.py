"""Who issued a document and for which place: what `regions` and `issuers` resolve, as columns of a report."""

from dataclasses import asdict, dataclass

from extract.model import ReportReading
from transform.extracted import ExtractedDocument
from transform.issuers import describe_issuer
from transform.regions import Gazetteer, Level, RegionEvidence, RegionResolution, load_gazetteer, resolve_region

__all__ = ["Identity", "identify"]


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

    def columns(self) -> dict[str, str | None]:
        """The columns of `renditions` and `reports` that say who and where."""
        return asdict(self)


def identify(document: ExtractedDocument, reading: ReportReading) -> Identity:
    """The body that reports, as far as the document, its address and its portal tell."""
    opening = document.extraction.place_text or None
    region = resolve_region(
        RegionEvidence(
            issuer=reading.issuer,
            title=reading.title,
            portal_division_code=document.portal_division_code,
            portal_name=document.portal_name,
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
    )
    return Identity(
        issuer_id=body.issuer_id,
        issuer=reading.issuer or body.name_normalised,
        issuer_kind=body.kind.value,
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
