"""Thresholds of the panel `issuer_year`: what counts as usual, as a break of level, as enough figures to compare.

Belongs here: the numbers and their reasons. Does not belong here: how they are applied (`issuer_year.py`).
"""

from dataclasses import dataclass

__all__ = ["FINGERPRINT", "LEVEL_BREAK", "USUAL_LEVEL", "Fingerprint", "LevelBreak", "UsualLevel"]


@dataclass(frozen=True, slots=True)
class UsualLevel:
    """Which earlier years make a usual level: the latest `most_years` that print the figure, at least `least_years`."""

    most_years: int
    least_years: int


@dataclass(frozen=True, slots=True)
class LevelBreak:
    """A figure breaks level at `factor` times the usual one or a `factor`th of it, if it is `least_difference` away."""

    factor: int
    least_difference: int


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Figures are compared if at least `least_figures` are not zero and hold `least_different` different numbers."""

    least_figures: int
    least_different: int


USUAL_LEVEL = UsualLevel(most_years=5, least_years=2)
"""A median over five years outlives one freak year on either side; one earlier year alone is no level."""

LEVEL_BREAK = LevelBreak(factor=5, least_difference=30)
"""Whole-city figures in an office's own report, a lost digit and a doubled one all move a count fivefold or more. The
least difference keeps small bodies quiet: from 2 applications to 12 is an ordinary year."""

FINGERPRINT = Fingerprint(least_figures=8, least_different=4)
"""One application alone fills six cells (its row, the total of outcomes and of each row), and thousands of townships
answer one or two alike: they are no copies. Four different figures in eight cells do not come together so easily;
`nonzero_figure_count` and `distinct_figure_count` tell how much stands behind an equality."""
