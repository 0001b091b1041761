"""Cells of a form for tests: every cell of an edition, written as its value or as what stands there instead."""

from collections.abc import Mapping

from extract.forms.declaration import load_forms
from extract.model import CellReading, CellStatus, Place

__all__ = ["cells_of"]


def cells_of(
    edition: str, values: Mapping[str, int | str], *, others: int | str | None = None
) -> dict[str, CellReading]:
    """Cells by code: a number is printed as such, "" is blank, "/" a null token, other text is words.

    `others` fills the rest of the form; None leaves it unprinted.
    """
    filled = {} if others is None else {spec.code: others for spec in load_forms().editions[edition].cells}
    return {code: _cell(code, value) for code, value in (filled | dict(values)).items()}


def _cell(code: str, value: int | str) -> CellReading:
    if isinstance(value, int):
        return CellReading(code, value, str(value), CellStatus.REPORTED, Place(table=1), unit="件")
    status = {"": CellStatus.BLANK, "/": CellStatus.NOT_APPLICABLE, "withheld": CellStatus.WITHHELD}
    return CellReading(code, None, value, status.get(value, CellStatus.TEXT), Place(table=1))
