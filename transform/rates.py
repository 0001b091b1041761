"""Rates made of measures, and the smallest base on which each of them says something. Declared once, as data.

Belongs here: which rates there are and the one formula. Does not belong here: measures (the crosswalk of the forms) and
over which reports they are added up (`issuer_year`, `region_year`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from extract.forms.declaration import load_forms

__all__ = ["PER_THOUSAND_BASE_MINIMUM", "RATES", "RATE_BASE_MINIMUM", "Rate", "rate_sql"]

RATE_BASE_MINIMUM = 10
"""Smallest denominator of a share.

Below ten cases one case more or less moves the share by more than a tenth of its whole range, so that a ranking of
bodies or places by it would rank accidents. Most townships stand below it: for them read the numerator and the
denominator, which are always shown, or add up over years or places.
"""

PER_THOUSAND_BASE_MINIMUM = 100
"""Smallest denominator of a rate per 1,000.

Nationwide some tens of reconsiderations come on 1,000 decided applications. Under a hundred applications one single
case counts for more than 10 per 1,000, which is of the size of what the rate is meant to tell apart.
"""

_LATEST = "E2021"
_GROUND_GROUP = "withheld"
_PROCESSED = "applications_processed"


@dataclass(frozen=True, slots=True)
class Rate:
    """A quotient of two measures, with the numerator and denominator it was made from beside it.

    `per` is 1 for a share (0 to 1, the numerator is a part of the denominator) and 1000 for cases per 1,000. The rate
    is null where the denominator is below `smallest_base`.
    """

    name: str
    numerator: str
    denominator: str
    title_zh: str
    description: str
    per: int = 1
    smallest_base: int = RATE_BASE_MINIMUM

    @property
    def is_share(self) -> bool:
        """Whether the numerator is a part of the denominator."""
        return self.per == 1


def _share(name: str, numerator: str, title_zh: str, description: str, denominator: str = _PROCESSED) -> Rate:
    return Rate(name, numerator, denominator, title_zh, description)


def _per_thousand(name: str, numerator: str, title_zh: str, description: str) -> Rate:
    # Over applications decided, not received: what is contested is an answer (or its absence) of the year, whenever the
    # application came in; E2014 and all later forms print this total; and it holds those carried over.
    return Rate(name, numerator, _PROCESSED, title_zh, description, 1000, PER_THOUSAND_BASE_MINIMUM)


def _ground_shares() -> Iterator[Rate]:
    """One share for each ground of withholding that the latest form has: rows of its group （三）不予公开."""
    forms = load_forms()
    measures = {entry.E2021: entry for entry in forms.crosswalk}
    for row in forms.editions[_LATEST].children_of(_GROUND_GROUP):
        entry = measures[f"t3.{row}.total"]
        yield _share(f"{entry.canonical}_share", entry.canonical, f"{entry.zh}占比", entry.en)


RATES: tuple[Rate, ...] = (
    _share("disclosed_share", "disclosed_all", "公开率", "disclosed in full or in part"),
    _share("disclosed_full_share", "disclosed_full", "予以公开率", "disclosed in full"),
    _share("disclosed_partial_share", "disclosed_partial", "部分公开率", "disclosed in part"),
    _share("withheld_share", "withheld_all", "不予公开率", "withheld on any ground"),
    *_ground_shares(),
    _share("unable_share", "unable_all", "无法提供率", "that could not be provided"),
    _share("not_held_share", "not_held", "本机关不掌握率", "answered: not held"),
    _share("not_processed_share", "not_processed_all", "不予处理率", "not processed"),
    _share("other_handling_share", "other_handling", "其他处理率", "handled otherwise"),
    _share(
        "natural_person_share",
        "applications_new_natural_person",
        "自然人申请占比",
        "of new applications that come from natural persons",
        "applications_new",
    ),
    _share(
        "completed_on_time_share",
        "applications_completed_on_time",
        "按时办结率",
        "of completed applications that were completed on time",
        "applications_completed",
    ),
    _share(
        "reconsideration_corrected_share",
        "reconsideration_corrected",
        "行政复议纠错率",
        "of reconsideration cases that ended in a correction, pending cases in the denominator",
        "reconsideration_total",
    ),
    _share(
        "litigation_corrected_share",
        "litigation_corrected",
        "行政诉讼纠错率",
        "of lawsuits that ended in a correction, pending cases in the denominator",
        "litigation_total",
    ),
    _per_thousand("reconsideration_per_1000", "reconsideration_total", "每千件申请的行政复议", "reconsideration cases"),
    _per_thousand("litigation_per_1000", "litigation_total", "每千件申请的行政诉讼", "lawsuits"),
)
"""Every rate. A share of decided applications is one of `applications_processed`."""


def rate_sql(rate: Rate, numerator: str, denominator: str) -> str:
    """The rate as an SQL expression over two others.

    Null below the smallest base, and for a share also where the numerator is larger than the denominator: printed
    figures that contradict each other make no share.
    """
    bounded = f" AND {numerator} <= {denominator}" if rate.is_share else ""
    factor = "" if rate.is_share else f"{rate.per}.0 * "
    return (
        f"CASE WHEN {denominator} >= {rate.smallest_base} AND {numerator} >= 0{bounded} "
        f"THEN {factor}{numerator} / {denominator} END"
    )
