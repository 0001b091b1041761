"""The statutory forms as data: `declaration.yaml`, typed and validated on load.

Everything that knows a row, a column, a unit, a rule or a crosswalk derives it from here. Sources: E2019
国办公开办函〔2019〕60号, E2021 国办公开办函〔2021〕30号, E2014 国办发〔2014〕32号, E2008 国务院令第492号 (prose only).
"""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from extract.forms.labels import variants_of

__all__ = [
    "AnomalyCode",
    "CellSpec",
    "Check",
    "Crosswalk",
    "Edition",
    "FormBlock",
    "FormColumn",
    "FormRow",
    "FormSection",
    "FormTable",
    "Forms",
    "load_forms",
]

ValueType = Literal["count", "amount", "delta"]


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormColumn(_Declared):
    """A printed column of a block. `group` is the header printed above it, where there is one."""

    code: str
    label: str
    en: str = ""
    type: ValueType | None = None
    unit: str | None = None
    group: str | None = None
    variants: tuple[str, ...] = ()
    derived: bool = False
    note: str = ""


class FormRow(_Declared):
    """A printed row of a block. A `group` row carries a label and no numbers in the official form."""

    code: str
    label: str
    kind: Literal["leaf", "group", "total", "flow"]
    level: int
    parent: str | None = None
    number: str = ""
    en: str = ""
    type: ValueType | None = None
    unit: str | None = None
    variants: tuple[str, ...] = ()
    stands_for_children: bool = False
    """The row may be printed with numbers of its own in place of its children."""
    note: str = ""


class CellSpec(_Declared):
    """One cell of the form: its code, what it counts and in which unit."""

    code: str
    table: str
    row: str
    column: str
    type: ValueType
    unit: str | None
    row_label: str
    column_label: str
    en: str


class FormBlock(_Declared):
    """A run of rows under one header row, such as 第二十条第（五）项 of table 2."""

    id: str
    columns: tuple[FormColumn, ...]
    rows: tuple[FormRow, ...]
    title: str | None = None
    title_variants: tuple[str, ...] = ()

    @field_validator("rows", mode="before")
    @classmethod
    def _splice(cls, rows: Any) -> Any:
        return list(_spliced(rows))

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def value_rows(self) -> tuple[FormRow, ...]:
        """The rows that carry numbers in the official form."""
        return tuple(row for row in self.rows if row.kind != "group")

    @cached_property
    def rows_by_label(self) -> dict[str, tuple[FormRow, ...]]:
        """Rows by each normalised label; a label of two rows keeps both."""
        index: dict[str, tuple[FormRow, ...]] = {}
        for row in self.rows:
            for label in variants_of(row.label, row.variants):
                index[label] = (*index.get(label, ()), row)
        return index

    @cached_property
    def columns_by_label(self) -> dict[str, FormColumn]:
        """Columns by each normalised label."""
        return {label: column for column in self.columns for label in variants_of(column.label, column.variants)}


class FormTable(_Declared):
    """A statutory table. `layout` says how it is printed."""

    id: str
    title: str
    layout: Literal["stacked_blocks", "matrix", "single_value_row", "indicator_list"]
    blocks: tuple[FormBlock, ...]
    section: str | None = None
    header_labels: tuple[str, ...] = ()
    corner_note: str | None = None
    header_group: str | None = None


class FormSection(_Declared):
    """A section of the report by its statutory title."""

    code: str
    title: str
    number: str = ""
    variants: tuple[str, ...] = ()


class Check(_Declared):
    """A rule of the form's arithmetic (勾稽关系) in the grammar of `check_grammar`, and its sentence."""

    id: str
    zh: str
    en: str
    kind: Literal["row_sum", "column_sum", "block_sum", "balance", "cross_year", "soft"]
    severity: Literal["error", "warning", "info"]
    expr: str
    foreach: dict[Literal["row", "col"], str] = Field(default_factory=dict)
    note: str = ""


class _Detection(_Declared):
    any_label: tuple[str, ...] = ()
    year_range: tuple[int, int] | None = None
    no_tables_required: bool = False


class _NarrativeMetric(_Declared):
    code: str
    label: str
    unit: str
    variants: tuple[str, ...] = ()
    note: str = ""


class Edition(_Declared):
    """One version of the statutory form."""

    id: str
    name: str
    report_years: tuple[int, int | None]
    confidence: Literal["confirmed", "reconstructed"]
    detect: _Detection
    sections: tuple[FormSection, ...]
    tables: tuple[FormTable, ...]
    confidence_note: str = ""
    legal_basis: str = ""
    narrative_metrics: tuple[_NarrativeMetric, ...] = ()
    expected_cells: dict[str, int] = Field(default_factory=dict)
    sets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    checks: tuple[Check, ...] = ()

    @field_validator("checks", mode="before")
    @classmethod
    def _splice(cls, checks: Any) -> Any:
        return list(_spliced(checks))

    @model_validator(mode="after")
    def _is_consistent(self) -> "Edition":
        codes = [cell.code for cell in self.cells]
        if len(codes) != len(set(codes)):
            raise ValueError(f"edition {self.id}: a cell code is declared twice")
        for table_id, expected in self.expected_cells.items():
            found = sum(table_id in ("total", cell.table) for cell in self.cells)
            if found != expected:
                raise ValueError(f"edition {self.id}: {table_id} declares {found} cells, not {expected}")
        for check in self.checks:
            for set_name in check.foreach.values():
                if set_name not in self.sets:
                    raise ValueError(f"edition {self.id}: check {check.id} runs over the unknown set {set_name}")
        return self

    def __hash__(self) -> int:
        return hash(self.id)

    def table(self, table_id: str) -> FormTable:
        """The table with this id; KeyError if the edition has none."""
        for table in self.tables:
            if table.id == table_id:
                return table
        raise KeyError(f"edition {self.id} has no table {table_id}")

    @cached_property
    def cells(self) -> tuple[CellSpec, ...]:
        """Every cell of the official form, in print order."""
        return tuple(
            _cell(table, row, column)
            for table in self.tables
            for block in table.blocks
            for row in block.value_rows
            for column in block.columns
        )

    @cached_property
    def cell_by_code(self) -> dict[str, CellSpec]:
        """Cells by code, with those of rows that may stand for their children."""
        standing = (
            _cell(table, row, column)
            for table in self.tables
            for block in table.blocks
            for row in block.rows
            if row.stands_for_children
            for column in block.columns
        )
        return {cell.code: cell for cell in (*self.cells, *standing)}

    def children_of(self, row_code: str) -> tuple[str, ...]:
        """Codes of the rows printed under a group row."""
        return tuple(
            row.code for table in self.tables for block in table.blocks for row in block.rows if row.parent == row_code
        )

    def covers(self, year: int) -> bool:
        """Whether reports on this year were due on this form."""
        first, last = self.report_years
        return first <= year and (last is None or year <= last)


class Crosswalk(_Declared):
    """A measure that means the same over editions: an expression per edition, and how comparable they are.

    A measure in yuan takes the money of its cells in yuan, whatever unit they print.
    """

    canonical: str
    zh: str
    en: str
    unit: Literal["applications", "cases", "complaints", "documents", "decisions", "yuan"]
    E2008: str | None = None
    E2014: str | None = None
    E2019: str | None = None
    E2021: str | None = None
    comparability: dict[str, Literal["exact", "near", "partial", "none"]]


class AnomalyCode(_Declared):
    """A way in which a document departs from the form, or our reading of it is in doubt."""

    code: str
    severity: Literal["error", "warning", "info"]
    meaning: str


class _Conventions(_Declared):
    cell_code: str
    value_types: dict[str, Any]
    row_kinds: dict[str, str]
    blank_policy: str
    null_tokens: tuple[str, ...]
    zero_tokens: tuple[str, ...]
    strip_chars: tuple[str, ...]
    label_normalization: tuple[str, ...]


class Forms(_Declared):
    """All editions, the crosswalk between them and the codes of anomalies."""

    schema_version: int
    conventions: _Conventions
    editions: dict[str, Edition]
    crosswalk: tuple[Crosswalk, ...]
    crosswalk_sets: dict[str, tuple[str, ...]]
    anomaly_codes: tuple[AnomalyCode, ...]

    @field_validator("editions", mode="before")
    @classmethod
    def _by_id(cls, editions: Any) -> Any:
        return {edition["id"]: edition for edition in editions} if isinstance(editions, list) else editions

    def edition_for_year(self, year: int) -> Edition | None:
        """The edition on which reports on `year` were due."""
        return next((edition for edition in self.editions.values() if edition.covers(year)), None)


def _spliced(items: Any) -> Iterator[Any]:
    """Items with shared lists (YAML aliases inside a list) spliced in."""
    for item in items:
        if isinstance(item, list):
            yield from _spliced(item)
        else:
            yield item


def _cell(table: FormTable, row: FormRow, column: FormColumn) -> CellSpec:
    value_type = column.type or row.type
    if value_type is None:
        raise ValueError(f"{table.id}.{row.code}.{column.code}: neither row nor column declares a type")
    return CellSpec(
        code=f"{table.id}.{row.code}.{column.code}",
        table=table.id,
        row=row.code,
        column=column.code,
        type=value_type,
        unit=column.unit or row.unit or ("件" if value_type == "count" else None),
        row_label=row.label,
        column_label=column.label,
        en=", ".join(part for part in (row.en, column.en) if part),
    )


@lru_cache(maxsize=1)
def load_forms() -> Forms:
    """The declaration, read once. Raises pydantic.ValidationError naming the field if `declaration.yaml` is wrong."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load(files(__package__).joinpath("declaration.yaml").read_text(encoding="utf-8"), Loader=loader)
    for shared in ("column_sets", "row_sets", "check_sets", "check_grammar"):
        raw.pop(shared, None)
    return Forms.model_validate(raw)
