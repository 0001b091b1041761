"""Codes of our own that no form defines. Codes of the forms are declared with the forms."""

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["FLAG_MEANINGS", "WarehouseFlag"]


class WarehouseFlag(StrEnum):
    """What the warehouse notes on a report beside the anomalies of its document."""

    RENDITIONS_DIFFER = "renditions_differ"
    REPUBLISHED = "republished"
    LEFTOVERS = "leftover_content"
    CORRECTED_BY_PERSON = "corrected_by_person"
    CORRECTION_STALE = "correction_stale"


FLAG_MEANINGS: Mapping[WarehouseFlag, tuple[str, str]] = {
    WarehouseFlag.RENDITIONS_DIFFER: (
        "warning",
        "two current documents of the same report print different values; see `renditions.differing_cells`",
    ),
    WarehouseFlag.REPUBLISHED: ("info", "second version of the same report with different content"),
    WarehouseFlag.LEFTOVERS: ("info", "printed content inside a statutory table that no cell of the form took"),
    WarehouseFlag.CORRECTED_BY_PERSON: (
        "info",
        "the value is a person's, who looked at the document; `raw` is what stands there, see `corrections`",
    ),
    WarehouseFlag.CORRECTION_STALE: (
        "warning",
        "a person corrected the value, and what is read has changed since: left out, see `corrections`",
    ),
}
"""Severity and meaning of each flag."""
