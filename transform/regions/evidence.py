"""What goes into a resolution and what comes out of it."""

from dataclasses import dataclass
from enum import StrEnum

from transform.regions.gazetteer import Level

__all__ = ["RegionConfidence", "RegionEvidence", "RegionFlag", "RegionResolution", "RegionStatus"]


class RegionStatus(StrEnum):
    """Whether the evidence leaves exactly one place."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    AMBIGUOUS = "ambiguous"


class RegionConfidence(StrEnum):
    """How strong the evidence is."""

    HIGH = "high"
    """A name that one division alone bears, or names, portal and addresses that agree."""
    MEDIUM = "medium"
    """One line of evidence that could in principle mean something else."""
    LOW = "low"
    """A mistyped name inside its parent, or the portal alone."""


class RegionFlag(StrEnum):
    """What a reader of the resolution should know."""

    SHORT_NAME = "short_name"
    """The name lacks its suffix (湖里) and is backed by other evidence."""
    FORMER_NAME = "former_name"
    """The name is a former one; the result is the present division."""
    NEAR_MISS = "near_miss"
    """One character is taken for another (沐阳 for 沭阳)."""
    FROM_PORTAL = "from_portal"
    """The name has no place; the portal's division stands for it."""
    FROM_TEXT = "from_text"
    """Only mentions in the text decide."""
    OVERRIDES_PORTAL = "issuer_overrides_portal"
    """Name and parent are given and lie outside the portal's division."""
    PORTAL_CONFLICT = "portal_conflict"
    """The name means a place outside the portal's division, and nothing more supports it."""
    PORTAL_CODE_UNKNOWN = "portal_code_unknown"
    OTHER_NAME_DIFFERS = "title_or_signature_names_another_place"
    ZONE_WITHOUT_CODE = "zone_without_code"
    TOWNSHIP_NOT_LISTED = "township_not_listed"
    """The township is as printed; the county's list has none of that name."""
    TOWNSHIP_RENAMED = "township_renamed"
    """某某镇 is taken for the 某某街道 that the county lists, or the reverse."""
    TOWNSHIP_UNNAMED = "township_unnamed"
    """A township's body that does not say which (镇人民政府)."""
    COUNTY_NOT_LISTED = "county_not_listed"
    BRANCH = "branch_of_parent"
    """A branch of the parent's body that names its county (公安局铁东分局)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionEvidence:
    """All that may tell where an issuer is. Everything is optional.

    `text` is the opening of the document with its breadcrumbs; some thousand characters are enough. `report_year` tells
    present names from former ones that another division bore. `site_name` is the name that the page gives of its site,
    `publisher` the body that its metadata block names (发布机构): often the one that put the page up, not the one that
    reports, so that it can tell places apart and never rule one out.
    """

    issuer: str | None = None
    title: str | None = None
    portal_division_code: str | None = None
    portal_name: str | None = None
    site_name: str | None = None
    publisher: str | None = None
    text: str | None = None
    signed_by: str | None = None
    url: str | None = None
    report_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionResolution:
    """Where an issuer is, and from what that is known.

    `division_code` is the deepest of province, prefecture and county; null unless resolved. An unresolved result can
    still name the province or prefecture that is sure. `prefecture` is null under a municipality and for counties
    directly under a province. `level` is that of the deepest division named, the township included.
    """

    status: RegionStatus
    division_code: str | None = None
    level: Level | None = None
    province: str | None = None
    prefecture: str | None = None
    county: str | None = None
    township: str | None = None
    township_code: str | None = None
    zone: str | None = None
    """A development zone without a code: it lies in the division, which it is not."""
    confidence: RegionConfidence | None = None
    evidence: str = ""
    reason: str | None = None
    flags: tuple[RegionFlag, ...] = ()
    candidates: tuple[str, ...] = ()
    """Codes that remained, where the result is ambiguous."""
    issuer_remainder: str = ""
    """The issuer's name without the places at its head: 政务服务局."""
    merged_unit: str | None = None
    """The unit to which the body belonged, where the division took it in since: 闸北区, now part of 静安区."""
    place_printed: str | None = None
    """The innermost place as the name prints it, 平潭综合实验区 or 宁河县; null where the name has none."""
