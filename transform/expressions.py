"""Sums over cells of the form, worked out for all reports at once: what `checks` and `issuer_year` rest on.

Belongs here: the one place where rules and crosswalk expressions meet the printed figures. Does not belong here: what
a result means. Blank, missing and standing rows mean what they mean to `extract.forms.rules.evaluate`; a test holds it.

The figures of a batch of reports are laid out as a matrix, reports by cell codes: a value and a state for each. An
expression is then a handful of operations on columns of that matrix. The same as joins of a table of reports × terms
with the cells took forty times as long: every operand became a row, and most of the work was looking rows up by key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.rules import Term
from extract.model import CellStatus

__all__ = ["RESULT_SCHEMA", "Expression", "sum_expressions"]

_STRING = pa.string()
RESULT_SCHEMA = pa.schema(
    [
        ("report_id", _STRING), ("edition", _STRING), ("expression_id", _STRING), ("left_sum", pa.float64()),
        ("right_sum", pa.float64()), ("number_count", pa.int64()), ("left_number_count", pa.int64()),
        ("right_number_count", pa.int64()), ("blank_count", pa.int64()), ("blocked_by", _STRING),
    ]
)  # fmt: skip

_BATCH = 4000
"""Reports summed at once: the matrix of their figures takes some ten megabytes."""
_DECIMALS = 6
"""Sums are rounded to these, so that adding fractions leaves no trace."""

# States of a figure in the matrix.
_MISSING, _BLANK, _NUMBER, _TEXT, _WITHHELD = range(5)
_WORDS = {_TEXT: CellStatus.TEXT.value, _WITHHELD: CellStatus.WITHHELD.value}
_NO_PREVIOUS = "no previous-year report"

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Expression:
    """A linear expression of one edition: `left` alone for a measure, both sides for a rule."""

    id: str
    edition: str
    left: tuple[Term, ...]
    right: tuple[Term, ...] = field(default=())

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms in print order."""
        return (*self.left, *self.right)


@dataclass(frozen=True, slots=True)
class _Operand:
    """A term with its cells as columns of the matrix; `cell` is None for a constant."""

    coefficient: float
    cell: int | None
    code: str
    is_left: bool
    is_previous: bool
    children: tuple[int, ...]
    replaced_by: int | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Expressions in order, each with its operands. A cell's column is its place in `codes`."""

    expressions: tuple[Expression, ...]
    operands: tuple[tuple[_Operand, ...], ...]
    codes: pa.Array
    by_edition: Mapping[str, tuple[int, ...]]
    """The numbers of the expressions of each edition."""


@dataclass(frozen=True, slots=True)
class _Figures:
    """The figures of some reports, one row each. `exists` tells which of them print any cell at all."""

    values: _Floats
    states: npt.NDArray[np.int8]
    exists: _Bools

    def of(self, rows: _Ints) -> "_Figures":
        """The figures of some of the reports."""
        return _Figures(self.values[rows], self.states[rows], self.exists[rows])


@dataclass(slots=True)
class _Sums:
    """The results of one expression for the reports of its edition."""

    left: _Floats
    right: _Floats
    numbers: _Ints
    left_numbers: _Ints
    right_numbers: _Ints
    blanks: _Ints
    reasons: _Ints
    """The number of what blocks the expression, in the words of all; -1 for nothing."""

    @classmethod
    def none(cls, count: int) -> "_Sums":
        """Nothing added up yet."""
        numbers, left_numbers, right_numbers, blanks = (np.zeros(count, dtype=np.int64) for _ in range(4))
        reasons = np.full(count, -1, dtype=np.int64)
        return cls(np.zeros(count), np.zeros(count), numbers, left_numbers, right_numbers, blanks, reasons)


def sum_expressions(
    expressions: Iterable[Expression],
    reports: Iterable[Mapping[str, Any]],
    cells: pa.Table,
    previous_cells: pa.Table | None = None,
) -> pa.Table:
    """Both sides of each expression for each report of its edition, blanks read as 0 and counted.

    `reports` have report_id, edition and previous_report_id (None where there is none). `blocked_by` says why an
    expression cannot be worked out for a report; then the sums mean nothing. Sorted by report and expression. Of both
    tables of cells the columns report_id, cell, value and status are looked at.
    """
    compiled = _compile(tuple(expressions))
    ordered = sorted(reports, key=lambda row: str(row["report_id"]))
    words = _Words()
    parts = [RESULT_SCHEMA.empty_table()]
    for start in range(0, len(ordered), _BATCH):
        some = ordered[start : start + _BATCH]
        here = _figures(cells, [str(row["report_id"]) for row in some], compiled.codes)
        before = _figures(
            cells.slice(0, 0) if previous_cells is None else previous_cells,
            [row["previous_report_id"] for row in some],
            compiled.codes,
        )
        parts.append(_summed(compiled, some, here, before, words))
    return pa.concat_tables(parts).combine_chunks()


class _Words:
    """Reasons by number, so that a reason is made once and not for each report."""

    def __init__(self) -> None:
        self.listed: list[str] = []
        self._numbers: dict[str, int] = {}

    def number_of(self, reason: str) -> int:
        """The number of the reason; a new one for new words."""
        number = self._numbers.setdefault(reason, len(self.listed))
        if number == len(self.listed):
            self.listed.append(reason)
        return number


def _summed(
    compiled: _Compiled, reports: Sequence[Mapping[str, Any]], here: _Figures, before: _Figures, words: _Words
) -> pa.Table:
    """The results for a batch of reports, by report and expression."""
    editions = np.array([str(row["edition"]) for row in reports], dtype=object)
    places: list[_Ints] = []
    numbers: list[_Ints] = []
    found: list[_Sums] = []
    for edition, chosen in compiled.by_edition.items():
        rows = np.flatnonzero(editions == edition)
        if not len(rows):
            continue
        own, past = here.of(rows), before.of(rows)
        for number in chosen:
            found.append(_sum(compiled.operands[number], own, past, words))
            places.append(rows)
            numbers.append(np.full(len(rows), number, dtype=np.int64))
    if not found:
        return RESULT_SCHEMA.empty_table()
    place, expression_number = np.concatenate(places), np.concatenate(numbers)
    order = np.argsort(place * len(compiled.expressions) + expression_number, kind="stable")
    reasons = np.concatenate([sums.reasons for sums in found])[order]
    ids = pa.array([str(row["report_id"]) for row in reports], _STRING)
    names = pa.array([expression.id for expression in compiled.expressions], _STRING)
    of_edition = pa.array([expression.edition for expression in compiled.expressions], _STRING)
    which = pa.array(expression_number[order])
    columns: dict[str, Any] = {
        "report_id": ids.take(pa.array(place[order])),
        "edition": of_edition.take(which),
        "expression_id": names.take(which),
        "left_sum": np.round(np.concatenate([sums.left for sums in found])[order], _DECIMALS),
        "right_sum": np.round(np.concatenate([sums.right for sums in found])[order], _DECIMALS),
        "number_count": np.concatenate([sums.numbers for sums in found])[order],
        "left_number_count": np.concatenate([sums.left_numbers for sums in found])[order],
        "right_number_count": np.concatenate([sums.right_numbers for sums in found])[order],
        "blank_count": np.concatenate([sums.blanks for sums in found])[order],
        "blocked_by": pa.array(words.listed, _STRING).take(pa.array(reasons, mask=reasons < 0)),
    }
    return pa.table(columns, schema=RESULT_SCHEMA)


def _sum(operands: Sequence[_Operand], own: _Figures, past: _Figures, words: _Words) -> _Sums:
    """One expression for reports that all use its edition.

    A term is left out where a row stands for its children or its children stand for themselves; it blocks its
    expression where its cell is not printed, holds words, or belongs to a missing report of the year before.
    """
    count = len(own.exists)
    sums = _Sums.none(count)
    for operand in operands:
        total, printed = (sums.left, sums.left_numbers) if operand.is_left else (sums.right, sums.right_numbers)
        if operand.cell is None:
            total += operand.coefficient
            printed += 1
            continue
        source = past if operand.is_previous else own
        state = source.states[:, operand.cell]
        counts = source.exists.copy() if operand.is_previous else np.ones(count, dtype=np.bool_)
        if operand.is_previous:
            _block(sums, ~counts, words.number_of(_NO_PREVIOUS))
        missing = state == _MISSING
        if operand.children:
            counts &= ~missing
            for child in operand.children:
                counts &= source.states[:, child] == _MISSING
        elif operand.replaced_by is not None:
            counts &= ~missing | (source.states[:, operand.replaced_by] == _MISSING)
        is_number = counts & (state == _NUMBER)
        total += np.where(is_number, operand.coefficient * source.values[:, operand.cell], 0.0)
        printed += is_number
        sums.numbers += is_number
        sums.blanks += counts & (state == _BLANK)
        if (counts & missing).any():
            _block(sums, counts & missing, words.number_of(f"{operand.code} is not printed"))
        for words_state, status in _WORDS.items():
            holds_words = counts & (state == words_state)
            if holds_words.any():
                _block(sums, holds_words, words.number_of(f"{operand.code} is {status}"))
    return sums


def _block(sums: _Sums, where: _Bools, reason: int) -> None:
    """The first reason in print order stands."""
    sums.reasons[where & (sums.reasons < 0)] = reason


@lru_cache(maxsize=16)
def _compile(expressions: tuple[Expression, ...]) -> _Compiled:
    ordered = tuple(sorted(expressions, key=lambda item: (item.edition, item.id)))
    numbers: dict[str, int] = {}

    def number_of(cell: str) -> int | None:
        return numbers.setdefault(cell, len(numbers)) if cell else None

    operands: list[tuple[_Operand, ...]] = []
    by_edition: dict[str, list[int]] = {}
    for place, expression in enumerate(ordered):
        by_edition.setdefault(expression.edition, []).append(place)
        standing_for = {child: term.cell for term in expression.terms for child in term.instead_of}
        operands.append(
            tuple(
                _Operand(
                    float(term.coefficient),
                    number_of(term.cell),
                    term.cell,
                    ordinal < len(expression.left),
                    term.previous_year,
                    tuple(numbers.setdefault(child, len(numbers)) for child in term.instead_of),
                    number_of(term.replaced_by or standing_for.get(term.cell, "")),
                )
                for ordinal, term in enumerate(expression.terms)
            )
        )
    return _Compiled(
        ordered,
        tuple(operands),
        pa.array(list(numbers), _STRING),
        {edition: tuple(places) for edition, places in by_edition.items()},
    )


def _figures(cells: pa.Table, report_ids: Sequence[str | None], codes: pa.Array) -> _Figures:
    """The figures of the reports in that order; cells that no expression names are left out."""
    count, width = len(report_ids), len(codes)
    values = np.zeros((count, width))
    states = np.full((count, width), _MISSING, dtype=np.int8)
    exists = np.zeros(count, dtype=np.bool_)
    places = {report_id: place for place, report_id in enumerate(report_ids) if report_id is not None}
    if cells.num_rows and places:
        report = _places(cells.column("report_id"), pa.array(list(places), _STRING))
        report = np.append(np.array(list(places.values()), dtype=np.int64), -1)[report]
        exists[report[report >= 0]] = True
        code = _places(cells.column("cell"), codes)
        kept = np.flatnonzero((report >= 0) & (code >= 0))
        value = cells.column("value").to_numpy()
        # A figure without a number, by its status: what is no word is a blank of some kind.
        state = np.full(len(value), _BLANK, dtype=np.int8)
        status = cells.column("status")
        for number, word in _WORDS.items():
            state[pc.equal(status, word).to_numpy()] = number
        state[cells.column("value").is_valid().to_numpy()] = _NUMBER
        states[report[kept], code[kept]] = state[kept]
        values[report[kept], code[kept]] = np.nan_to_num(value[kept])
    return _Figures(values, states, exists)


def _places(column: pa.ChunkedArray, members: pa.Array) -> _Ints:
    """The place of each value among the members, -1 for one that is none of them."""
    place = pc.fill_null(pc.index_in(column, value_set=members), -1)
    found: _Ints = place.to_numpy().astype(np.int64)
    return found
