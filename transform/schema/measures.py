"""Measures that compare over editions, and the rates made of them: columns of the tables by region and year.

Belongs here: their declaration. Does not belong here: what a measure is made of (the crosswalk of the forms).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from extract.forms.declaration import load_forms
from transform.schema.columns import Column, Unit

__all__ = ["MEASURES", "RATES", "Rate", "measure_columns", "rate_columns"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of two measures, with the numerator and denominator it was made from beside it."""

    name: str
    numerator: str
    denominator: str
    title_zh: str
    description: str


MEASURES: tuple[str, ...] = tuple(entry.canonical for entry in load_forms().crosswalk)
"""Measures of `region_year`, in the order of the crosswalk."""

RATES = (
    Rate("disclosed_full_share", "disclosed_full", "applications_processed", "予以公开率", "disclosed in full"),
    Rate("disclosed_partial_share", "disclosed_partial", "applications_processed", "部分公开率", "disclosed in part"),
    Rate("withheld_share", "withheld_all", "applications_processed", "不予公开率", "withheld on any ground"),
    Rate("not_held_share", "not_held", "applications_processed", "本机关不掌握率", "answered: not held"),
    Rate(
        "reconsideration_corrected_share",
        "reconsideration_corrected",
        "reconsideration_total",
        "行政复议纠错率",
        "reconsideration cases that ended in a correction, pending cases in the denominator",
    ),
    Rate(
        "litigation_corrected_share",
        "litigation_corrected",
        "litigation_total",
        "行政诉讼纠错率",
        "suits that ended in a correction, pending cases in the denominator",
    ),
)

_MEASURE_UNITS = {
    "reconsideration": Unit.CASE,
    "litigation": Unit.CASE,
    "rules": Unit.DOCUMENT_ITEM,
    "normative": Unit.DOCUMENT_ITEM,
    "licensing": Unit.DECISION,
    "penalty": Unit.DECISION,
    "coercion": Unit.DECISION,
}


def measure_columns() -> Iterator[Column]:
    """One column for each measure of the crosswalk, described from the forms."""
    forms = load_forms()
    latest = forms.editions["E2021"]
    for entry in forms.crosswalk:
        cell = latest.cell_by_code.get(entry.E2021 or "")
        comparable = "; ".join(f"{pair} {how}" for pair, how in entry.comparability.items())
        yield Column(
            entry.canonical,
            "float64",
            _MEASURE_UNITS.get(entry.canonical.split("_")[0], Unit.APPLICATION),
            f"{cell.row_label}：{cell.column_label}" if cell else entry.canonical,
            f"{(cell.en if cell else entry.canonical.replace('_', ' ')).capitalize()}. Comparable: {comparable}.",
            "no report behind the row prints the numbers it needs, or the edition has none",
            source="; ".join(
                f"{edition}: {expression}"
                for edition in ("E2014", "E2019", "E2021")
                if (expression := getattr(entry, edition))
            ),
        )


def rate_columns() -> Iterator[Column]:
    """Three columns for each rate: the share, its numerator, its denominator."""
    for rate in RATES:
        unit = _MEASURE_UNITS.get(rate.denominator.split("_")[0], Unit.APPLICATION)
        over = "over the reports behind the row that print both figures"
        yield Column(
            rate.name,
            "float64",
            Unit.SHARE,
            rate.title_zh,
            f"Share {rate.description}: `{rate.numerator}` / `{rate.denominator}`, {over}.",
            "the denominator is 0 or not printed, or the numerator is larger, which the form rules out",
            minimum=0,
            maximum=1,
        )
        for part, measure, title in (
            ("numerator", rate.numerator, "分子"),
            ("denominator", rate.denominator, "分母"),
        ):
            yield Column(
                f"{rate.name}_{part}",
                "float64",
                unit,
                f"{rate.title_zh}{title}",
                f"`{measure}` {over}.",
                "no report behind the row prints both figures",
            )
