"""Which one printed figure, if changed, would make a report's broken sums close: a hint for a person, never a value.

anomalies.md, rule 16: transposed digits, split digits, a total left at 0. A hint is given only where a single cell of
all those in the broken sums could do it and no other sum would break.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from extract.forms.declaration import Edition
from extract.forms.evidence import Equation, equations_of, residual_range
from extract.model import CellReading

__all__ = ["repair_hints", "sole_repairs"]

_SUM_NAMES = {"row_sum": "row", "column_sum": "column", "balance": "balance", "block_sum": "block"}
_DIGITS_APART = re.compile(r"\d\s+\d")


def repair_hints(edition: Edition, cells: Mapping[str, CellReading]) -> Mapping[str, str]:
    """For cells whose changed figure would close every broken sum they stand in: the sentence that says so."""
    equations = equations_of(edition, cells)
    return {
        code: _sentence(edition, cells[code], value, [eq for eq in equations if eq.is_broken and code in eq.known])
        for code, value in sole_repairs(equations, cells).items()
    }


def sole_repairs(equations: Sequence[Equation], cells: Mapping[str, CellReading]) -> dict[str, int]:
    """Cell and figure for each group of broken sums that one changed cell, and no other, would close."""
    found = {}
    for group in _linked([equation for equation in equations if equation.is_broken]):
        shared = set(group[0].known).intersection(*(equation.known for equation in group[1:]))
        fitting = {
            code: value
            for code in sorted(shared)
            if (value := _closing_value(code, group, equations, cells)) is not None
        }
        if len(fitting) == 1:
            found.update(fitting)
    return found


def _linked(broken: Iterable[Equation]) -> list[list[Equation]]:
    """Broken sums in groups that share a printed cell, directly or through others."""
    groups: list[tuple[set[str], list[Equation]]] = []
    for equation in broken:
        cells, members = set(equation.known), [equation]
        apart = []
        for other_cells, other_members in groups:
            if cells & other_cells:
                cells |= other_cells
                members = [*other_members, *members]
            else:
                apart.append((other_cells, other_members))
        groups = [*apart, (cells, members)]
    return [members for _, members in groups]


def _closing_value(
    code: str, group: Sequence[Equation], equations: Sequence[Equation], cells: Mapping[str, CellReading]
) -> int | None:
    """The one figure in this cell that closes every sum of the group and breaks none; None if there is none."""
    if any(equation.unknown for equation in group):
        # With a cell open in the broken sum there is no telling which figure closes it.
        return None
    changes = {-equation.constant / equation.known[code] for equation in group if equation.known[code]}
    if len(changes) != 1:
        return None
    change = changes.pop()
    value = cells[code].value
    if value is None or not change.is_integer() or value + change < 0:
        return None
    for equation in equations:
        factor = equation.known.get(code)
        if factor is None or equation in group:
            continue
        low, high = residual_range(equation, factor * int(change))
        if low > 0 or (high is not None and high < 0):
            return None
    return int(value + change)


def _sentence(edition: Edition, cell: CellReading, value: int, broken: Sequence[Equation]) -> str:
    names = list(dict.fromkeys(_SUM_NAMES.get(equation.rule.kind, "sum") for equation in broken))
    closed = " and ".join(", ".join(names).rsplit(", ", 1)) if len(names) > 1 else names[0]
    return f"{value} would close its {closed} ({_slip(edition, cell, value)})"


def _slip(edition: Edition, cell: CellReading, value: int) -> str:
    """What sort of slip makes the printed figure out of the closing one."""
    old, new = str(int(cell.value or 0)), str(value)
    if cell.value == 0 and _is_total(edition, cell):
        return "total left at 0"
    if _DIGITS_APART.search(cell.raw):
        return "split digits"
    if len(old) == len(new) and sorted(old) == sorted(new):
        return "transposed digits"
    if value and cell.value == 10 * value:
        return "ten times too large"
    if cell.value and value == 10 * cell.value:
        return "ten times too small"
    if _is_one_dropped(new, old):
        return "digit dropped"
    if _is_one_dropped(old, new):
        return "digit too many"
    if len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == 1:
        return "one digit wrong"
    return "no simple slip"


def _is_total(edition: Edition, cell: CellReading) -> bool:
    rows = (row for block in edition.table(cell.table).blocks for row in block.rows)
    return cell.column == "total" or any(row.code == cell.row and row.kind == "total" for row in rows)


def _is_one_dropped(whole: str, rest: str) -> bool:
    """Whether leaving out one digit of the first text gives the second."""
    return len(whole) == len(rest) + 1 and any(whole[:i] + whole[i + 1 :] == rest for i in range(len(whole)))
