"""The form's sums as equations over the cells of one report: what `implied` and `repair` reason on.

Belongs here: which cells stand in which sum of which report, and what the sum leaves open. Does not belong here: the
rules (`rules.py`) and what follows from them. A blank is an unknown here, never 0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from extract.forms.declaration import Edition
from extract.forms.rules import RuleInstance, Term, rules_of
from extract.model import CellReading

__all__ = ["Equation", "equations_of", "residual_range"]


@dataclass(frozen=True, slots=True)
class Equation:
    """A sum of severity error, all of whose cells the report prints: `constant` + Σ coefficient × cell = 0.

    `known` are the cells with a number, already in `constant`; `unknown` those printed without one.
    """

    rule: RuleInstance
    known: Mapping[str, int]
    unknown: Mapping[str, int]
    constant: int

    @property
    def is_broken(self) -> bool:
        """Whether no whole numbers from 0 up in the open cells make it hold."""
        low, high = residual_range(self)
        return low > 0 or (high is not None and high < 0)


def residual_range(equation: Equation, change: int = 0) -> tuple[int, int | None]:
    """Least and greatest value that the sum, moved by `change`, can take over open cells from 0 up.

    A bound that does not exist is None for the greatest and stands as a value below 0 for the least: only its sign is
    asked for.
    """
    value = equation.constant + change
    low = -1 if any(factor < 0 for factor in equation.unknown.values()) else value
    high = None if any(factor > 0 for factor in equation.unknown.values()) else value
    return low, high


def equations_of(edition: Edition, cells: Mapping[str, CellReading]) -> tuple[Equation, ...]:
    """The sums that can be set up on this report, in the order of the rules.

    A sum with a cell that is not printed says nothing, and so does one with an open cell that is no count.
    """
    return tuple(_equations(edition, cells))


def _equations(edition: Edition, cells: Mapping[str, CellReading]) -> Iterator[Equation]:
    specs = edition.cell_by_code
    for rule in rules_of(edition.id):
        if rule.severity != "error" or rule.comparator != "==":
            continue
        terms = _terms(rule, cells)
        if terms is None:
            continue
        constant = 0
        known: dict[str, int] = {}
        unknown: dict[str, int] = {}
        is_whole = True
        for term, factor in terms:
            if not term.cell:
                constant += factor
                continue
            value = cells[term.cell].value
            if value is None:
                is_whole &= specs[term.cell].type == "count"
                unknown[term.cell] = unknown.get(term.cell, 0) + factor
            else:
                is_whole &= value == int(value)
                known[term.cell] = known.get(term.cell, 0) + factor
                constant += factor * int(value)
        if is_whole:
            yield Equation(rule, known, unknown, constant)


def _terms(rule: RuleInstance, cells: Mapping[str, CellReading]) -> list[tuple[Term, int]] | None:
    """The terms that count on this report, all on the left; None where a cell that is needed is not printed."""
    found: list[tuple[Term, int]] = []
    for side, sign in ((rule.left, 1), (rule.right, -1)):
        for term in side:
            if term.previous_year:
                return None
            if term.cell:
                is_printed = term.cell in cells
                if term.instead_of and (not is_printed or any(child in cells for child in term.instead_of)):
                    continue
                if not is_printed:
                    if term.replaced_by in cells:
                        continue
                    return None
            found.append((term, sign * term.coefficient))
    return found
