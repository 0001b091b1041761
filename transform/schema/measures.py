"""Measures that compare over editions, and the rates made of them, as columns of `issuer_year` and `region_year`.

Belongs here: their words as columns. Does not belong here: what a measure is made of (the crosswalk of the forms),
which rates there are (`transform.rates`).
"""

from collections.abc import Iterator

from extract.forms.declaration import Crosswalk, load_forms
from transform.rates import RATES, Rate
from transform.schema.columns import Column, Unit

__all__ = ["MEASURES", "RATES", "Rate", "measure_columns", "measure_editions", "rate_columns"]

_UNITS = {
    "applications": Unit.APPLICATION,
    "cases": Unit.CASE,
    "complaints": Unit.COMPLAINT,
    "documents": Unit.DOCUMENT_ITEM,
    "decisions": Unit.DECISION,
    "yuan": Unit.YUAN,
}
_EDITIONS = ("E2014", "E2019", "E2021")
"""Editions with tables; E2008 is prose, and no measure is taken from prose."""

MEASURES: tuple[str, ...] = tuple(entry.canonical for entry in load_forms().crosswalk)
"""Measures of `issuer_year` and `region_year`, in the order of the crosswalk."""


def measure_editions(entry: Crosswalk) -> tuple[str, ...]:
    """The editions that have the measure."""
    return tuple(edition for edition in _EDITIONS if getattr(entry, edition))


def measure_columns(null_means: str) -> Iterator[Column]:
    """One column for each measure of the crosswalk, described from the forms. `null_means` is the table's."""
    for entry in load_forms().crosswalk:
        editions = measure_editions(entry)
        comparable = "; ".join(f"{pair} {how}" for pair, how in entry.comparability.items())
        only = f" Only in {' and '.join(editions)}." if len(editions) < len(_EDITIONS) else ""
        money = " In yuan, whatever unit is printed; a figure without a known unit is null." if _is_money(entry) else ""
        yield Column(
            entry.canonical,
            "float64",
            _UNITS[entry.unit],
            entry.zh,
            f"{entry.en[0].upper()}{entry.en[1:]}.{only}{money} Comparable: {comparable}.",
            null_means,
            source="; ".join(f"{edition}: {getattr(entry, edition)}" for edition in editions),
        )


def _is_money(entry: Crosswalk) -> bool:
    return entry.unit == "yuan"


def rate_columns(over: str) -> Iterator[Column]:
    """Three columns for each rate: the rate, its numerator, its denominator. `over` says which reports they cover."""
    units = {entry.canonical: _UNITS[entry.unit] for entry in load_forms().crosswalk}
    for rate in RATES:
        small = f"the denominator is below {rate.smallest_base}: too few to say"
        larger = "; or the numerator is larger, which the form rules out" if rate.is_share else ""
        yield Column(
            rate.name,
            "float64",
            Unit.SHARE if rate.is_share else Unit.PER_THOUSAND,
            rate.title_zh,
            f"{_rate_words(rate)}: `{rate.numerator}` / `{rate.denominator}`{_factor(rate)}, {over}.",
            f"{small}; or no report prints both figures{larger}",
            minimum=0,
            maximum=1 if rate.is_share else None,
        )
        for part, measure, title in (
            ("numerator", rate.numerator, "分子"),
            ("denominator", rate.denominator, "分母"),
        ):
            yield Column(
                f"{rate.name}_{part}",
                "float64",
                units[measure],
                f"{rate.title_zh}{title}",
                f"`{measure}` {over}; shown also where the rate is null.",
                "no report prints both figures",
            )


def _rate_words(rate: Rate) -> str:
    if rate.is_share:
        return f"Share {rate.description}"
    return f"{rate.description[0].upper()}{rate.description[1:]} per {rate.per:,} applications decided"


def _factor(rate: Rate) -> str:
    return "" if rate.is_share else f" × {rate.per:,}"
