"""The one value that the form's arithmetic leaves for a cell without a number. It stands beside the cell, never in it.

Every open cell is a whole number from 0 up and nothing more is assumed: a blank is not 0. Bounds are narrowed sum by
sum until nothing moves; a cell whose bounds meet is implied.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from extract.forms.declaration import Edition
from extract.forms.evidence import Equation, equations_of
from extract.forms.repair import sole_repairs
from extract.model import CellReading

__all__ = ["implied_values"]

_MOST_PASSES = 400
"""Bounds are sound after any number of passes; real tables settle in a few, and this ends endless creeping."""

Bounds = dict[str, tuple[int, int | None]]


def implied_values(edition: Edition, cells: Mapping[str, CellReading]) -> Mapping[str, int]:
    """The implied value of each cell without a number for which exactly one satisfies every sum that it enters.

    A sum that the printed figures break proves nothing: unless a single figure can be to blame, none of its figures is
    used to imply another. What follows must still not break any sum.
    """
    if all(cell.value is not None for cell in cells.values()):
        return {}
    equations = equations_of(edition, cells)
    broken = [equation for equation in equations if equation.is_broken]
    disputed = _disputed(equations, broken, cells)
    sound = [equation for equation in equations if equation.unknown and not disputed & equation.known.keys()]
    bounds: Bounds = {code: (0, None) for equation in equations for code in equation.unknown}
    if not bounds:
        return {}
    impossible = _narrow(bounds, sound)
    impossible |= {code for equation in broken for code in equation.unknown}
    # What contradicts itself spoils all that hangs together with it.
    spoilt = _connected(impossible, sound)
    values = {code: low for code, (low, high) in bounds.items() if low == high and code not in spoilt}
    refuted = {
        code
        for equation in equations
        if equation.unknown and equation.unknown.keys() <= values.keys()
        and equation.constant + sum(factor * values[code] for code, factor in equation.unknown.items())
        for code in equation.unknown
    }  # fmt: skip
    refuted = _connected(refuted, sound)
    return {code: value for code, value in values.items() if code not in refuted}


def _disputed(
    equations: Sequence[Equation], broken: Iterable[Equation], cells: Mapping[str, CellReading]
) -> frozenset[str]:
    """The figures that may be to blame for a broken sum: the one that a repair points at, else all of the sum."""
    to_blame = sole_repairs(equations, cells)
    found: set[str] = set()
    for equation in broken:
        culprits = to_blame.keys() & equation.known.keys()
        found |= culprits or equation.known.keys()
    return frozenset(found)


def _narrow(bounds: Bounds, equations: Sequence[Equation]) -> set[str]:
    """Narrow the bounds in place until nothing moves; gives the cells for which no value is left."""
    impossible: set[str] = set()
    for _ in range(_MOST_PASSES):
        has_moved = False
        for equation in equations:
            ends = _ends(bounds, equation)
            if ends.open_below > 1 and ends.open_above > 1:
                # Two cells without limit on either side: nothing follows for any.
                continue
            for code, factor in equation.unknown.items():
                if code in impossible or not factor:
                    continue
                narrowed = _narrowed(bounds[code], ends, factor)
                if narrowed[1] is not None and narrowed[0] > narrowed[1]:
                    impossible.add(code)
                    has_moved = True
                elif narrowed != bounds[code]:
                    bounds[code] = narrowed
                    ends = _ends(bounds, equation)
                    has_moved = True
        if not has_moved:
            break
    return impossible


class _Ends(NamedTuple):
    """Least and greatest value of a sum over the cells that have a limit there, and how many have none."""

    least: int
    open_below: int
    most: int
    open_above: int


def _ends(bounds: Bounds, equation: Equation) -> _Ends:
    least = most = equation.constant
    open_below = open_above = 0
    for code, weight in equation.unknown.items():
        low, high = bounds[code]
        first, last = (low, high) if weight > 0 else (high, low)
        if first is None:
            open_below += 1
        else:
            least += weight * first
        if last is None:
            open_above += 1
        else:
            most += weight * last
    return _Ends(least, open_below, most, open_above)


def _narrowed(own: tuple[int, int | None], ends: _Ends, factor: int) -> tuple[int, int | None]:
    """The bounds of one cell, given those of the others in the sum: factor × cell = −constant − Σ others."""
    low, high = own
    first, last = (low, high) if factor > 0 else (high, low)
    least = None if ends.open_below > (first is None) else ends.least - factor * (first or 0)
    most = None if ends.open_above > (last is None) else ends.most - factor * (last or 0)
    from_, to = (None if most is None else -most, None if least is None else -least)
    if factor < 0:
        from_, to = (None if to is None else -to, None if from_ is None else -from_)
    size = abs(factor)
    if from_ is not None:
        low = max(low, -(-from_ // size))
    if to is not None:
        high = to // size if high is None else min(high, to // size)
    return low, high


def _connected(start: set[str], equations: Sequence[Equation]) -> set[str]:
    """The cells that hang together with `start` through the open cells of sums."""
    reached = set(start)
    while True:
        more = {
            code
            for equation in equations
            if reached & equation.unknown.keys()
            for code in equation.unknown
            if code not in reached
        }
        if not more:
            return reached
        reached |= more
