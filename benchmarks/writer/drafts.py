"""A report while it is being laid out: its figures, its words and the plan of its layout.

Anomalies of figures and labels change a draft before it is laid out, so that every layout prints them.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

from extract.forms.declaration import FormBlock, FormColumn, FormRow, FormTable
from pipelines.sample.facts import Facts, Figure
from pipelines.sample.layout import CellKind, PrintedCell

__all__ = ["OFFICIAL", "Draft", "Plan", "filler", "header", "label", "title"]

OFFICIAL = "official"


@dataclass
class Plan:
    """How each part is laid out; `official` is the print of the form."""

    t2: str = OFFICIAL
    t3: str = OFFICIAL
    t3_header: str = OFFICIAL
    t3_split: str = OFFICIAL
    t4: str = OFFICIAL
    st: str = OFFICIAL
    title: str = OFFICIAL
    sections: str = OFFICIAL
    surroundings: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The choices that are not official."""
        chosen = ((one.name, getattr(self, one.name)) for one in fields(self) if one.name != "surroundings")
        return (*(f"{name}={value}" for name, value in chosen if value != OFFICIAL), *self.surroundings)


@dataclass
class Draft:
    """Figures by cell code, words by row and column, and the plan. `rng` decides what the plan leaves open."""

    facts: Facts
    rng: random.Random
    plan: Plan = field(default_factory=Plan)
    labels: dict[str, str] = field(default_factory=dict)
    """Words for a row (`t3.granted`) or a column (`t3.main.natural_person`) in place of the form's."""
    applicants: tuple[str, ...] = ()
    """The columns of table 3 in the order printed; empty for the order of the form."""
    results: tuple[str, ...] = ()
    """The columns of table 4 in the order printed; empty for the order of the form."""
    channels: tuple[str, ...] = ()
    """The blocks of table 4 in the order printed."""
    headers: tuple[str, ...] = ()
    """Words over the seven columns of table 3 that other software made up."""

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every figure by code; anomalies change them in place."""
        return dict(self.facts.figures)

    def figure(self, code: str) -> Figure:
        """The figure of one cell."""
        return self.figures[code]

    def value(self, table: FormTable, row: FormRow, column: FormColumn, span: int = 1) -> PrintedCell:
        code = f"{table.id}.{row.code}.{column.code}"
        return PrintedCell(self.figures[code].printed, CellKind.VALUE, span, code=code)

    def row_label(self, table: FormTable, row: FormRow) -> str:
        return self.labels.get(f"{table.id}.{row.code}", row.number + row.label)

    def column_label(self, table: FormTable, block: FormBlock, column: FormColumn) -> str:
        return self.labels.get(f"{table.id}.{block.id}.{column.code}", column.label)

    def columns_of(self, table: FormTable) -> list[FormColumn]:
        """The columns of the table's only block in the order printed."""
        (block,) = table.blocks
        order = {"t3": self.applicants, "t4": self.results}.get(table.id, ())
        if not order:
            return list(block.columns)
        by_code: Mapping[str, FormColumn] = {column.code: column for column in block.columns}
        return [by_code[code] for code in order]


def header(text: str, column_span: int = 1, row_span: int = 1) -> PrintedCell:
    return PrintedCell(text, CellKind.HEADER, column_span, row_span)


def label(text: str, column_span: int = 1, row_span: int = 1) -> PrintedCell:
    return PrintedCell(text, CellKind.LABEL, column_span, row_span)


def title(text: str, column_span: int = 1) -> PrintedCell:
    return PrintedCell(text, CellKind.TITLE, column_span)


def filler(text: str = "", column_span: int = 1, row_span: int = 1) -> PrintedCell:
    return PrintedCell(text, CellKind.FILLER, column_span, row_span)
