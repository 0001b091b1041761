"""Where a report belongs: the divisions of China (gazetteer) and the rules that tell one from another (resolve)."""

from transform.regions.evidence import (
    RegionConfidence,
    RegionEvidence,
    RegionFlag,
    RegionResolution,
    RegionStatus,
)
from transform.regions.gazetteer import Division, Gazetteer, Level, load_gazetteer
from transform.regions.resolve import resolve_region

__all__ = [
    "Division",
    "Gazetteer",
    "Level",
    "RegionConfidence",
    "RegionEvidence",
    "RegionFlag",
    "RegionResolution",
    "RegionStatus",
    "load_gazetteer",
    "resolve_region",
]
