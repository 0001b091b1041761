"""Sums over cells of the form, worked out for all reports at once: what `checks` and `region_year` rest on.

Belongs here: the one place where rules and crosswalk expressions meet the printed figures. Does not belong here: what
a result means. Blank, missing and standing rows mean what they mean to `extract.forms.rules.evaluate`; a test holds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from extract.forms.rules import Term
from transform.sql import run_sql

__all__ = ["RESULT_SCHEMA", "Expression", "sum_expressions"]

_STRING = pa.string()
_TERM_SCHEMA = pa.schema(
    [
        ("edition", _STRING), ("expression_number", pa.int32()), ("ordinal", pa.int32()), ("is_left", pa.bool_()),
        ("coefficient", pa.float64()), ("cell", _STRING), ("cell_number", pa.int32()), ("is_previous", pa.bool_()),
        ("is_standing", pa.bool_()), ("replaced_by_number", pa.int32()),
    ]
)  # fmt: skip
_STANDING_SCHEMA = pa.schema(
    [("edition", _STRING), ("expression_number", pa.int32()), ("ordinal", pa.int32()), ("child_number", pa.int32())]
)
_REPORT_SCHEMA = pa.schema([("report_number", pa.int32()), ("edition", _STRING), ("previous_number", pa.int32())])
_SUM_SCHEMA = pa.schema(
    [
        ("report_number", pa.int32()), ("expression_number", pa.int32()), ("left_sum", pa.float64()),
        ("right_sum", pa.float64()), ("number_count", pa.int64()), ("left_number_count", pa.int64()),
        ("right_number_count", pa.int64()), ("blank_count", pa.int64()), ("blocked_by", _STRING),
    ]
)  # fmt: skip
RESULT_SCHEMA = pa.schema(
    [
        ("report_id", _STRING), ("edition", _STRING), ("expression_id", _STRING), ("left_sum", pa.float64()),
        ("right_sum", pa.float64()), ("number_count", pa.int64()), ("left_number_count", pa.int64()),
        ("right_number_count", pa.int64()), ("blank_count", pa.int64()), ("blocked_by", _STRING),
    ]
)  # fmt: skip

_BATCH = 4000
"""Reports summed at once: some millions of operands, which a query holds in a few hundred megabytes."""

_CELLS_APART = 4096
"""More cell codes than all editions have: report and cell number make one key, report * this + cell."""

# A term is left out where a row stands for its children or its children stand for themselves; it blocks its expression
# where its cell is not printed, holds words, or belongs to a report of the year before that does not exist.
_SUMS = """
WITH wanted AS (
    SELECT
        r.report_number, t.*,
        CAST(CASE WHEN t.is_previous THEN r.previous_number ELSE r.report_number END AS BIGINT) * $apart AS source
    FROM reports r JOIN terms t ON t.edition = r.edition
),
child_printed AS (
    SELECT DISTINCT w.report_number, w.expression_number, w.ordinal
    FROM wanted w
    JOIN standing s
        ON s.edition = w.edition AND s.expression_number = w.expression_number AND s.ordinal = w.ordinal
    JOIN printed p ON p.key = w.source + s.child_number
    WHERE w.is_standing
),
operands AS (
    SELECT
        w.report_number, w.expression_number, w.ordinal, w.is_left, w.coefficient, p.value, w.cell, p.status,
        CASE
            WHEN w.cell_number IS NULL THEN 'constant'
            WHEN w.source IS NULL THEN 'no_previous'
            WHEN w.is_standing AND (p.key IS NULL OR c.ordinal IS NOT NULL) THEN 'left_out'
            WHEN p.key IS NULL AND parent.key IS NOT NULL THEN 'left_out'
            WHEN p.key IS NULL THEN 'not_printed'
            WHEN p.value IS NOT NULL THEN 'number'
            WHEN p.status IN ('text', 'withheld') THEN 'words'
            ELSE 'blank'
        END AS verdict
    FROM wanted w
    LEFT JOIN printed p ON p.key = w.source + w.cell_number
    LEFT JOIN printed parent ON parent.key = w.source + w.replaced_by_number
    LEFT JOIN child_printed c
        ON w.is_standing AND c.report_number = w.report_number AND c.expression_number = w.expression_number
        AND c.ordinal = w.ordinal
)
SELECT
    report_number, expression_number,
    -- rounded, so that the order in which threads add fractions leaves no trace
    round(coalesce(sum(CASE verdict WHEN 'constant' THEN coefficient WHEN 'number' THEN coefficient * value END)
        FILTER (is_left), 0), 6) AS left_sum,
    round(coalesce(sum(CASE verdict WHEN 'constant' THEN coefficient WHEN 'number' THEN coefficient * value END)
        FILTER (NOT is_left), 0), 6) AS right_sum,
    count(*) FILTER (verdict = 'number') AS number_count,
    count(*) FILTER (verdict IN ('number', 'constant') AND is_left) AS left_number_count,
    count(*) FILTER (verdict IN ('number', 'constant') AND NOT is_left) AS right_number_count,
    count(*) FILTER (verdict = 'blank') AS blank_count,
    arg_min(
        CASE verdict
            WHEN 'no_previous' THEN 'no previous-year report'
            WHEN 'not_printed' THEN cell || ' is not printed'
            ELSE cell || ' is ' || status
        END, ordinal
    ) FILTER (verdict IN ('no_previous', 'not_printed', 'words')) AS blocked_by
FROM operands
GROUP BY report_number, expression_number
ORDER BY report_number, expression_number
"""


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
class _Compiled:
    """Expressions in order, and their terms as tables. A cell's number is its place in `codes`."""

    expressions: tuple[Expression, ...]
    codes: pa.Array
    terms: pa.Table
    standing: pa.Table


def sum_expressions(
    expressions: Iterable[Expression],
    reports: Iterable[Mapping[str, Any]],
    cells: pa.Table,
    previous_cells: pa.Table | None = None,
) -> pa.Table:
    """Both sides of each expression for each report of its edition, blanks read as 0 and counted.

    `reports` have report_id, edition and previous_report_id (None where there is none). `blocked_by` says why an
    expression cannot be worked out for a report; then the sums mean nothing. Sorted by report and expression.
    """
    compiled = _compile(tuple(expressions))
    ordered = sorted(reports, key=lambda row: str(row["report_id"]))
    # Report n of the year is number n, the report before it number n + count.
    count = len(ordered)
    here = _printed(cells, {str(row["report_id"]): place for place, row in enumerate(ordered)}, compiled.codes)
    before = _printed(
        cells.slice(0, 0) if previous_cells is None else previous_cells,
        {row["previous_report_id"]: count + place for place, row in enumerate(ordered) if row["previous_report_id"]},
        compiled.codes,
    )
    known = frozenset(pc.unique(before.column("report_number")).to_pylist())
    batches = []
    for start in range(0, count, _BATCH):
        stop = min(start + _BATCH, count)
        rows = [
            {
                "report_number": place,
                "edition": ordered[place]["edition"],
                "previous_number": count + place if count + place in known else None,
            }
            for place in range(start, stop)
        ]
        tables = {
            "reports": pa.Table.from_pylist(rows, schema=_REPORT_SCHEMA),
            "terms": compiled.terms,
            "standing": compiled.standing,
            "printed": pa.concat_tables([_between(here, start, stop), _between(before, count + start, count + stop)]),
        }
        batches.append(run_sql(_SUMS, tables, {"apart": _CELLS_APART}).cast(_SUM_SCHEMA))
    sums = pa.concat_tables(batches) if batches else _SUM_SCHEMA.empty_table()
    return _with_words(sums, [str(row["report_id"]) for row in ordered], compiled.expressions)


@lru_cache(maxsize=16)
def _compile(expressions: tuple[Expression, ...]) -> _Compiled:
    ordered = tuple(sorted(expressions, key=lambda item: (item.edition, item.id)))
    numbers: dict[str, int] = {}
    terms: list[dict[str, Any]] = []
    standing: list[dict[str, Any]] = []

    def number_of(cell: str) -> int | None:
        return numbers.setdefault(cell, len(numbers)) if cell else None

    for place, expression in enumerate(ordered):
        standing_for = {child: term.cell for term in expression.terms for child in term.instead_of}
        for ordinal, term in enumerate(expression.terms):
            key = {"edition": expression.edition, "expression_number": place, "ordinal": ordinal}
            terms.append(
                {
                    **key,
                    "is_left": ordinal < len(expression.left),
                    "coefficient": float(term.coefficient),
                    "cell": term.cell,
                    "cell_number": number_of(term.cell),
                    "is_previous": term.previous_year,
                    "is_standing": bool(term.instead_of),
                    "replaced_by_number": number_of(term.replaced_by or standing_for.get(term.cell, "")),
                }
            )
            standing += [{**key, "child_number": number_of(child)} for child in term.instead_of]
    return _Compiled(
        ordered,
        pa.array(list(numbers), _STRING),
        pa.Table.from_pylist(terms, schema=_TERM_SCHEMA),
        pa.Table.from_pylist(standing, schema=_STANDING_SCHEMA),
    )


def _printed(cells: pa.Table, numbers: Mapping[str, int], codes: pa.Array) -> pa.Table:
    """Cells of the numbered reports under one whole-number key; cells that no expression names are left out."""
    place = pc.index_in(cells.column("report_id"), value_set=pa.array(list(numbers), _STRING))
    report = pa.array(list(numbers.values()), pa.int64()).take(place)
    code = pc.index_in(cells.column("cell"), value_set=codes).cast(pa.int64())
    printed = pa.table(
        {
            "report_number": report,
            "key": pc.add(pc.multiply(report, _CELLS_APART), code),
            "value": cells.column("value"),
            "status": cells.column("status"),
        }
    )
    return printed.filter(pc.is_valid(report))


def _between(printed: pa.Table, start: int, stop: int) -> pa.Table:
    """Cells of the reports numbered from `start` up to `stop`."""
    number = printed.column("report_number")
    return printed.filter(pc.and_(pc.greater_equal(number, start), pc.less(number, stop)))


def _with_words(sums: pa.Table, report_ids: list[str], expressions: Sequence[Expression]) -> pa.Table:
    """The sums with ids in place of numbers."""
    reports = pa.array(report_ids, _STRING)
    names = pa.array([expression.id for expression in expressions], _STRING)
    editions = pa.array([expression.edition for expression in expressions], _STRING)
    number = sums.column("expression_number")
    columns = {
        "report_id": reports.take(sums.column("report_number")),
        "edition": editions.take(number),
        "expression_id": names.take(number),
        **{name: sums.column(name) for name in RESULT_SCHEMA.names[3:]},
    }
    return pa.table(columns).cast(RESULT_SCHEMA)
