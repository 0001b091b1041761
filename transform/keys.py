"""Keys that several tables share."""

__all__ = ["report_id_before", "report_id_of"]


def report_id_of(issuer_id: str, report_year: int) -> str:
    """The key of an issuer's report on a year; it can be told without the report being there."""
    return f"{issuer_id}-{report_year}"


def report_id_before(report_id: str, report_year: int) -> str:
    """The key of the same issuer's report on the year before."""
    return report_id_of(report_id.removesuffix(f"-{report_year}"), report_year - 1)
