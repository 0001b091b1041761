"""What a declared table is made of: the table itself, its usage warnings, columns that several tables share."""

from collections.abc import Mapping
from dataclasses import dataclass

from transform.schema import columns as c
from transform.schema.columns import Column

__all__ = ["CELL", "REPORT_KEYS", "WARNINGS", "WHERE_AND_WHO", "Table"]

WARNINGS: Mapping[str, str] = {
    "self_reported": "Figures are the publishers' own, kept as printed even where they break the form's arithmetic: "
    "see `checks`.",
    "blank_is_not_zero": "Null means that no number is printed; it is not 0. Many bodies leave cells blank where they "
    "mean 0.",
    "scopes_overlap": "A government's consolidated report contains its departments' figures: never add rows of scope "
    "`consolidated` to others. Use `region_year`, or keep to one scope.",
    "totals_inside": "Total rows stand beside their parts. To add up, keep to `total` of applicant type or result "
    "(many bodies fill in nothing else) and to one item group, or leave out `is_total`.",
    "pending_recurs": "A case pending at year end is counted again next year: do not add `pending` or `total` over "
    "years.",
    "bases_exclude_each_other": "`consolidated_report` and `sum_of_own_reports` are two views of the same region: "
    "choose one, never add them.",
    "levels_nest": "A province contains its prefectures, counties and townships: keep to one `level` when adding up.",
    "sum_is_partial": "`sum_of_own_reports` covers the reports found (`report_count`) and skips blanks "
    "(`incomplete_measures`): it is a lower bound.",
    "form_changes": "The form changed in 2019 and 2021: a step in a series there may be the form's. `edition_break` "
    "marks the row, `comparability_notes` names the measures.",
    "small_bases": "A rate is null where its denominator is too small to say anything; numerator and denominator stay, "
    "so that rows can be added up before dividing. Never average rates over rows.",
    "other_scope_left_out": "Reports whose scope or region is unknown enter no row here; they are in `reports`.",
    "E2014_is_partial": "E2014 figures come in through the crosswalk where it maps an item; `comparability` says how "
    "far. The outcomes of an E2014 report need not add up to its total. The full indicator list is in `cells`.",
    "scope_can_differ_inside": "Table 2 of a consolidated report may count the government alone while table 3 counts "
    "the whole region.",
    "prose_beside_tables": "A figure of the prose may count another scope or period than the table; it is read only "
    "where its sentence leaves no choice. Never mix it with the figures of the tables.",
    "found_is_collected": "A body counts as found once its report was collected and read: where no portal of a region "
    "was crawled, all are missing and nobody is to blame. Bodies whose region is unresolved enter no row.",
    "current_version_only": "One row for each report, from its primary rendition and latest version; the others are in "
    "`renditions`.",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns in order, key, sort order and usage warnings (keys of `WARNINGS`)."""

    name: str
    summary: str
    grain: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    sort_by: tuple[str, ...]
    partition: str | None = None
    usage_warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a declaration that contradicts itself."""
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError(f"table {self.name}: a column is declared twice")
        unknown = [name for name in (*self.primary_key, *self.sort_by) if name not in names]
        if self.partition and self.partition not in names:
            unknown.append(self.partition)
        if unknown:
            raise ValueError(f"table {self.name}: key or sort column {unknown[0]} is not among its columns")
        if nullable := [name for name in self.primary_key if self.column(name).is_nullable]:
            raise ValueError(f"table {self.name}: key column {nullable[0]} allows null")
        if undeclared := [warning for warning in self.usage_warnings if warning not in WARNINGS]:
            raise ValueError(f"table {self.name}: warning {undeclared[0]} is not declared")

    def column(self, name: str) -> Column:
        """The column with this name; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)


REPORT_KEYS = (c.REPORT_ID, c.REPORT_YEAR)
WHERE_AND_WHO = (
    c.DIVISION_CODE, c.PROVINCE, c.PREFECTURE, c.COUNTY, c.ISSUER, c.LEVEL.optional("not known"), c.SCOPE,
)  # fmt: skip
CELL = (
    c.CELL, c.TABLE, c.ROW, c.COLUMN, c.VALUE, c.UNIT, c.YUAN, c.RAW, c.CELL_STATUS, c.CONFIDENCE, c.FLAGS, c.PLACE,
    c.IMPLIED, c.REPAIR_HINT,
)  # fmt: skip
