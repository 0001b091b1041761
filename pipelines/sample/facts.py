"""The facts of one sample report: who, when, which figures, and how its tables are laid out.

A fact file says what is *printed* and, where that is not the plain number, which value a careful reader takes from it.
So `Facts.expected_cells()` is the ground truth for whatever format the report is drawn in; no parsing happens here.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from extract.forms.declaration import CellSpec, Edition, load_forms

__all__ = [
    "FACTS_FOLDER",
    "SAMPLE_DATA",
    "ExpectedCell",
    "Facts",
    "FactsError",
    "Figure",
    "Layout",
    "NarrativeFacts",
    "Status",
    "load_facts",
    "load_report",
    "read_yaml",
]

SAMPLE_DATA = Path(__file__).resolve().parents[2] / "data" / "sample"
FACTS_FOLDER = SAMPLE_DATA / "facts"

Status = Literal["reported", "blank", "not_applicable", "text"]

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CODE = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")


class FactsError(ValueError):
    """A fact file that cannot be used; the message names the file, the place and the way out."""


class ExpectedCell(NamedTuple):
    """What a faithful reader must find in one cell: the number or None, and the text as printed."""

    value: int | float | None
    raw: str


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Model):
    """One cell: the text as printed, the number it means, and for a cell without a number why there is none."""

    printed: str
    value: int | float | None
    status: Status

    @classmethod
    def of(cls, written: Any) -> "Figure":
        """A figure from what a fact file holds: a plain number, an empty text, or printed text with its value."""
        if isinstance(written, Figure):
            return written
        if isinstance(written, bool | float) or written is None:
            raise ValueError(f"{written!r} is not a printed figure: put the printed text in quotes")
        if isinstance(written, int):
            return cls(printed=str(written), value=written, status="reported")
        if isinstance(written, str):
            if not written:
                return cls(printed="", value=None, status="blank")
            if _PLAIN_NUMBER.fullmatch(written):
                number = float(written) if "." in written else int(written)
                return cls(printed=written, value=number, status="reported")
            raise ValueError(f"{written!r} is no plain number: write {{printed: {written}, value: …, status: …}}")
        if isinstance(written, Mapping):
            told = dict(written)
            told.setdefault("status", "reported" if told.get("value") is not None else "text")
            return cls.model_validate(told)
        raise ValueError(f"{written!r} is not a printed figure")


_Printed = Annotated[Figure, BeforeValidator(Figure.of)]


class Layout(_Model):
    """How this report departs from the official print. Defaults are the official form."""

    labels: dict[str, str] = Field(default_factory=dict)
    """Other words for a row (`t3.new_received`), a column (`t2.art20_9.amount`) or a block title (`t2.art20_1`)."""
    headings: dict[str, str] = Field(default_factory=dict)
    """Other words for a section heading, by section code."""
    applicant_subtotal: bool = False
    """Table 3 has a 小计 column for 法人或其他组织."""
    other_handling_as_one_row: bool = False
    """E2021 with （六）其他处理 printed as one row of numbers, as in E2019."""
    review_total_without_header: bool = False
    """Table 4 leaves out the header 总计 in all three blocks; the values stand."""
    line_after_table_2: str = ""
    """A row that is not part of the form, printed below table 2."""


class NarrativeFacts(_Model):
    """What the prose says beside the figures of the tables."""

    disclosed_items: int | None = None
    website: str | None = None
    trainings: int | None = None
    fee_received_yuan: int | None = None


class Facts(_Model):
    """One annual report as facts. `cells` holds what differs from `default`; every other cell prints `default`."""

    slug: str
    title: str
    """As printed; a line break where the title runs over two lines."""
    issuer: str
    self_name: str
    """How the report calls its issuer: 本局, 我镇, 全市."""
    scope: Literal["own", "consolidated"]
    report_year: int
    edition: str
    division_code: str | None = Field(pattern=r"^\d{6}$")
    portal: str
    published: date
    signed_by: str | None = None
    signed_date: date | None = None
    invented: bool = False
    """The figures are made up; the body exists. Otherwise the figures are those of a public report."""
    default: Literal["0", ""] = "0"
    cells: dict[str, dict[str, _Printed]] = Field(default_factory=dict)
    broken_rules: tuple[str, ...] = ()
    """Within-report rules of severity error that do not hold on the printed figures, blanks read as 0."""
    broken_carry_over: tuple[str, ...] = ()
    """Rules against last year's report that the printed figures break."""
    layout: Layout = Layout()
    narrative: NarrativeFacts = NarrativeFacts()

    @property
    def form(self) -> Edition:
        """The edition of the form that the report is printed on."""
        return load_forms().editions[self.edition]

    @property
    def title_text(self) -> str:
        """The title in one line."""
        return self.title.replace("\n", "")

    @cached_property
    def cell_specs(self) -> tuple[CellSpec, ...]:
        """The cells that this report prints, in print order."""
        return tuple(_printed_specs(self.form, self.layout))

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """Every printed cell by code, in print order."""
        default = Figure.of(self.default)
        return {
            spec.code: self.cells.get(f"{spec.table}.{spec.row}", {}).get(spec.column, default)
            for spec in self.cell_specs
        }

    def expected_cells(self) -> dict[str, ExpectedCell]:
        """Ground truth: every printed cell with its value (None where none is printed) and its text."""
        return {code: ExpectedCell(figure.value, figure.printed) for code, figure in self.figures.items()}

    def number(self, code: str) -> int | float | None:
        """The value of one cell; None where the report prints none."""
        figure = self.figures.get(code)
        return figure.value if figure else None

    def with_cell(self, code: str, written: int | str | Figure) -> "Facts":
        """The same report with one cell printed differently, as in a corrected re-upload."""
        row, _, column = code.rpartition(".")
        told = self.model_dump()
        told["cells"].setdefault(row, {})[column] = written
        return Facts.model_validate(told)

    @model_validator(mode="after")
    def _fits_its_form(self) -> "Facts":
        forms = load_forms()
        if self.edition not in forms.editions:
            raise ValueError(f"edition {self.edition!r} is unknown; there are {', '.join(forms.editions)}")
        known = {spec.code for spec in self.cell_specs}
        for row, columns in self.cells.items():
            for column in columns:
                if f"{row}.{column}" not in known:
                    raise ValueError(f"cells: {row}.{column} is not printed on edition {self.edition} with this layout")
        for code in self.layout.labels:
            if not _CODE.match(code):
                raise ValueError(f"layout.labels: {code!r} is neither a row nor a column of the form")
        return self


def _printed_specs(form: Edition, layout: Layout) -> Iterator[CellSpec]:
    if not layout.other_handling_as_one_row:
        yield from form.cells
        return
    replaced = {
        child: row.code
        for table in form.tables
        for block in table.blocks
        for row in block.rows
        if row.stands_for_children
        for child in form.children_of(row.code)
    }
    done: set[str] = set()
    for spec in form.cells:
        parent = replaced.get(spec.row)
        if parent is None:
            yield spec
        elif parent not in done:
            done.add(parent)
            yield from (cell for cell in form.cell_by_code.values() if cell.row == parent)


def read_yaml(path: Path) -> Any:
    """A YAML file as plain values, by the fast loader where it is built in."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)


def load_report(path: Path) -> Facts:
    """One fact file. Raises FactsError naming the file, the key and what is wrong."""
    try:
        written = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise FactsError(f"{path}: cannot be read as YAML: {problem}") from problem
    if not isinstance(written, dict):
        raise FactsError(f"{path}: expected keys and values, such as `issuer: …`")
    try:
        return Facts.model_validate({**written, "slug": path.stem})
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "file"
        raise FactsError(f"{path}: {place}: {first['msg']} (compare with another file in the same folder)") from problem


def load_facts(folder: Path | None = None) -> dict[str, Facts]:
    """All fact files of a folder by slug, in name order. Raises FactsError on the first that is wrong."""
    chosen = folder or FACTS_FOLDER
    paths = sorted(chosen.glob("*.yml"))
    if not paths:
        raise FactsError(f"{chosen}: no fact files (*.yml) here")
    return {path.stem: load_report(path) for path in paths}
