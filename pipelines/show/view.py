"""What there is to show of a document: its blocks, and the readings at the places where they were made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from extract.forms.declaration import load_forms
from extract.forms.rules import RuleResult, RuleStatus, evaluate, rules_of
from extract.model import (
    Box,
    CellReading,
    CellStatus,
    Document,
    Extraction,
    Leftover,
    Place,
    ReportReading,
)
from pipelines.one_document import safe_extract_with_document

__all__ = ["KINDS", "FailedCheck", "Shown", "View", "view_of"]

KINDS: Mapping[str, str] = {
    "confirmed": "confirmed: a sum closes on it, or two readings agree",
    "read": "read: label, header and order agree",
    "doubtful": "doubtful: some evidence is against it",
    "withheld": "withheld: printed, but not believed",
    "empty": "no number is printed (blank, / or —, words)",
}
"""What the colours mean, by kind of cell."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One reading as it is shown."""

    cell: CellReading
    label: str
    failed: tuple[str, ...] = ()
    """The broken checks that it takes part in."""

    @property
    def kind(self) -> str:
        """The key of `KINDS`."""
        if self.cell.status is CellStatus.WITHHELD:
            return "withheld"
        if self.cell.status is not CellStatus.REPORTED:
            return "empty"
        return self.cell.confidence.value

    @property
    def value(self) -> str:
        """The value as read, or why there is none."""
        value = self.cell.value
        if value is None:
            return self.cell.status.value
        return str(int(value)) if float(value).is_integer() else f"{value:g}"

    @property
    def facts(self) -> dict[str, object]:
        """Everything about it, for scripts."""
        cell = self.cell
        return {
            "cell": cell.code,
            "label": self.label,
            "value": cell.value,
            "unit": cell.unit,
            "raw": cell.raw,
            "status": cell.status.value,
            "confidence": cell.confidence.value,
            "flags": list(cell.flags),
            "implied": cell.implied,
            "repair_hint": cell.repair_hint,
            "failed_checks": list(self.failed),
            "place": str(cell.place),
            "page": cell.place.page,
            "box": list(cell.place.box) if cell.place.box else None,
        }


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A broken check in words, with what its two sides come to."""

    id: str
    sentence: str
    left: float | None
    comparator: str
    right: float | None
    cells: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """A document and its reading."""

    extraction: Extraction
    document: Document | None
    cells: tuple[Shown, ...]
    checks: tuple[FailedCheck, ...]

    @property
    def report(self) -> ReportReading | None:
        """The reading, if the document was read."""
        return self.extraction.report

    @property
    def leftovers(self) -> tuple[Leftover, ...]:
        """Printed content of the tables that no cell took."""
        return self.report.leftovers if self.report else ()

    @cached_property
    def by_place(self) -> Mapping[Place, tuple[Shown, ...]]:
        """Readings by the place at which the document prints them."""
        found: dict[Place, list[Shown]] = {}
        for cell in self.cells:
            found.setdefault(cell.cell.place, []).append(cell)
        return {place: tuple(cells) for place, cells in found.items()}

    def on_page(self, page: int) -> tuple[Shown, ...]:
        """The readings of one page that have a box to draw."""
        return tuple(cell for cell in self.cells if cell.cell.place.page == page and cell.cell.place.box)

    @cached_property
    def pages(self) -> tuple[int, ...]:
        """The pages that the document's blocks stand on."""
        blocks = self.document.blocks if self.document else ()
        return tuple(sorted({block.place.page for block in blocks if block.place.page}))

    @cached_property
    def boxes(self) -> tuple[tuple[int, Box, str], ...]:
        """Every printed cell and paragraph that has a page and a box, with its text."""
        found: list[tuple[int, Box, str]] = []
        for block in self.document.blocks if self.document else ():
            for item in getattr(block, "cells", None) or (block,):
                if item.place.page and item.place.box:
                    found.append((item.place.page, item.place.box, getattr(item, "text", "")))
        return tuple(found)

    def counts(self) -> dict[str, Counter[str]]:
        """Readings by table and kind."""
        found: dict[str, Counter[str]] = {}
        for cell in self.cells:
            found.setdefault(cell.cell.table, Counter())[cell.kind] += 1
        return found


def view_of(data: bytes, *, url: str | None = None, name: str | None = None) -> View:
    """Read a document for being shown; never fails for what is in it."""
    extraction, document = safe_extract_with_document(data, url=url, name=name)
    if extraction.report is None:
        return View(extraction, document, (), ())
    report = extraction.report
    checks = _failed(report)
    failed: dict[str, list[str]] = {}
    for check in checks:
        for code in check.cells:
            failed.setdefault(code, []).append(check.id)
    edition = load_forms().editions[report.edition]
    labels = {code: f"{spec.row_label}：{spec.column_label}" for code, spec in edition.cell_by_code.items()}
    cells = (Shown(cell, labels.get(cell.code, ""), tuple(failed.get(cell.code, ()))) for cell in report.cells)
    return View(extraction, document, tuple(cells), checks)


def _failed(report: ReportReading) -> tuple[FailedCheck, ...]:
    by_code = {cell.code: cell for cell in report.cells}
    results: Sequence[RuleResult] = [evaluate(rule, by_code) for rule in rules_of(report.edition)]
    return tuple(
        FailedCheck(
            result.rule.id,
            result.rule.zh,
            result.left,
            str(result.rule.comparator),
            result.right,
            result.rule.cells,
        )
        for result in results
        if result.status is RuleStatus.FAIL
    )
