"""Documents over formats × layouts × anomalies, each from a seed of its own, with the page that tells its truth."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from importlib.util import find_spec

from benchmarks.writer.anomalies import FIGURE_FAULTS, TABLE_FAULTS, WORD_FAULTS, plant_in_draft, plant_in_page
from benchmarks.writer.drafts import OFFICIAL, Draft
from benchmarks.writer.draw_text import TEXT_SHAPES, draw_text_page, loses_blanks
from benchmarks.writer.layouts import lay_out, random_plan
from benchmarks.writer.page import Page
from pipelines.sample.facts import Facts
from pipelines.sample.random_reports import Oddity, random_report

__all__ = ["FORMATS", "WrittenDocument", "available_formats", "documents", "random_page", "write"]

_DRAWERS = {
    "html": "benchmarks.writer.draw_html:draw_html_page",
    "docx": "benchmarks.writer.draw_docx:draw_docx_page",
    "text": "benchmarks.writer.draw_text:draw_text_page",
    "pdf": "benchmarks.writer.draw_pdf:draw_pdf_page",
    "scan": "benchmarks.writer.draw_scan:draw_scan_page",
    "doc": "benchmarks.writer.draw_doc:draw_doc",
    "rtf": "benchmarks.writer.draw_rtf:draw_rtf",
    "xlsx": "benchmarks.writer.draw_sheets:draw_xlsx",
    "xls": "benchmarks.writer.draw_sheets:draw_xls",
    "ofd": "benchmarks.writer.draw_ofd:draw_ofd",
}
FORMATS = tuple(_DRAWERS)
"""Every format that there is, or will be, a drawer for."""

_CLEAN_ODDS = 0.25
"""Share of documents without a planted fault: they measure layouts and drawers alone."""
_SCALES = (0, 3, 60, 60, 60, 900)

Drawer = Callable[[Page, random.Random], bytes]


@dataclass(frozen=True)
class WrittenDocument:
    """One document: `name` is all that is needed to write it again."""

    name: str
    format: str
    data: bytes
    page: Page


def available_formats() -> tuple[str, ...]:
    """The formats whose drawer is there."""
    return tuple(name for name, place in _DRAWERS.items() if find_spec(place.split(":")[0]) is not None)


def drawer_of(format_name: str) -> Drawer:
    """The function that draws a format. Raises KeyError for an unknown format, ImportError where it is not there."""
    module, _, function = _DRAWERS[format_name].partition(":")
    drawer: Drawer = getattr(import_module(module), function)
    return drawer


def documents(seed: int, count: int, formats: Sequence[str]) -> Iterator[WrittenDocument]:
    """`count` documents, the formats in turn."""
    for index in range(count):
        yield write(f"{formats[index % len(formats)]}:{seed}:{index}")


def write(name: str) -> WrittenDocument:
    """The document called `<format>:<seed>:<index>`; the same name gives the same bytes."""
    format_name = name.split(":")[0]
    rng = random.Random(name)
    page = random_page(rng)
    if format_name == "text":
        shape = rng.choice(TEXT_SHAPES)
        data = draw_text_page(page, rng, shape)
        page = replace(page, layouts=(*page.layouts, f"shape={shape}"))
        return WrittenDocument(name, format_name, data, _without_blanks(page) if loses_blanks(shape) else page)
    return WrittenDocument(name, format_name, drawer_of(format_name)(page, rng), page)


def random_page(rng: random.Random) -> Page:
    """A page of any edition, laid out in any way, with up to two faults."""
    structure = [oddity for oddity in (Oddity.ONE_ROW_OTHER_HANDLING, Oddity.APPLICANT_SUBTOTAL) if rng.random() < 0.08]
    edition = rng.choice(("E2014", "E2019", "E2019", "E2021", "E2021", "E2021"))
    facts = random_report(rng, edition=edition, oddities=structure, scale=rng.choice(_SCALES))
    is_clean = rng.random() < _CLEAN_ODDS
    faults = [] if is_clean else _faults(rng)
    if "wrong_edition" in faults:
        facts = _in_another_year(facts, rng)
    draft = Draft(facts, rng, random_plan(rng))
    planted = [fault for fault in faults if fault == "wrong_edition"]
    for fault in faults:
        if (fault in FIGURE_FAULTS or fault in WORD_FAULTS) and plant_in_draft(draft, fault):
            planted.append(fault)
    if draft.applicants or draft.headers:
        # Headers in another order are printed in one row, and a page of small tables would repeat them.
        draft.plan.t3_header = OFFICIAL
    page = replace(lay_out(draft), anomalies=tuple(planted))
    for fault in faults:
        if fault in TABLE_FAULTS:
            page = plant_in_page(page, fault, rng)
    return page


def _faults(rng: random.Random) -> list[str]:
    """One or two faults, figures first."""
    names = (*FIGURE_FAULTS, *WORD_FAULTS, *TABLE_FAULTS, "wrong_edition")
    return sorted(rng.sample(names, rng.choice((1, 1, 2))), key=names.index)


def _in_another_year(facts: Facts, rng: random.Random) -> Facts:
    """The same report in a year for which another form was due."""
    year = {"E2014": 2020, "E2019": rng.randint(2021, 2023), "E2021": 2020}[facts.edition]
    title = facts.title.replace(str(facts.report_year), str(year))
    return facts.model_copy(update={"title": title, "report_year": year, "published": date(year + 1, 1, 20)})


def _without_blanks(page: Page) -> Page:
    """The truth of a page whose empty cells leave no trace: where any is blank, a reader may withhold every figure."""
    if all(value is not None for value in page.expected.values()):
        return page
    told = {code: (value,) for code, value in page.expected.items()}
    return replace(page, expected={}, ambiguous={**told, **page.ambiguous})
