"""The form's sums as equations over the cells of one report: what `implied` and `repair` reason on.

Belongs here: which cells stand in which sum of which report, and what the sum leaves open. Does not belong here: the
rules (`rules.py`) and what follows from them. A blank is an unknown here, never 0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

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
    for rule, terms in _sums(edition.id):
        constant = 0
        known: dict[str, int] = {}
        unknown: dict[str, int] = {}
        for term, factor in terms:
            code = term.cell
            if not code:
                constant += factor
                continue
            cell = cells.get(code)
            if term.instead_of and (cell is None or any(child in cells for child in term.instead_of)):
                continue
            if cell is None:
                if term.replaced_by in cells:
                    continue
                break
            value = cell.value
            if value is None:
                if specs[code].type != "count":
                    break
                unknown[code] = unknown.get(code, 0) + factor
            else:
                whole = int(value)
                if whole != value:
                    break
                known[code] = known.get(code, 0) + factor
                constant += factor * whole
        else:
            yield Equation(rule, known, unknown, constant)


@lru_cache(maxsize=8)
def _sums(edition_id: str) -> tuple[tuple[RuleInstance, tuple[tuple[Term, int], ...]], ...]:
    """The sums of severity error within one year, each with its terms, all on the left."""
    return tuple(
        (rule, terms)
        for rule in rules_of(edition_id)
        if rule.severity == "error" and rule.comparator == "=="
        for terms in [(*((term, term.coefficient) for term in rule.left), *((t, -t.coefficient) for t in rule.right))]
        if not any(term.previous_year for term, _ in terms)
    )
