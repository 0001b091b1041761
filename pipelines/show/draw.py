"""Draw one document, in a worker process: what is shown may be hostile too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from extract.model import DocumentFormat, Extraction, Unreadable
from pipelines.errors import BadInput, PipelineError
from pipelines.limits import Limits
from pipelines.local_files import LocalFile
from pipelines.show.find import Wanted
from pipelines.show.html import COLOURS, page_of_html
from pipelines.show.pages import PagePicture, page_count, page_pictures, with_boxes
from pipelines.show.view import View, view_of
from pipelines.unpacking import unpacked
from pipelines.workers import DocumentLost, map_documents

__all__ = ["Drawing", "NotShown", "draw"]

_MOST_PAGES = 30
_DRAWN = frozenset({DocumentFormat.PDF, DocumentFormat.IMAGE})


class NotShown(PipelineError):
    """The document cannot be shown; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What was drawn, and what is to be said of it."""

    content: bytes
    facts: tuple[tuple[str, str], ...]
    counts: Mapping[str, Mapping[str, int]]
    checks: tuple[tuple[str, str, float | None, str, float | None], ...]
    cells: tuple[Mapping[str, Any], ...]
    note: str = ""

    @property
    def is_read(self) -> bool:
        """Whether the document is a report."""
        return ("status", "read") in self.facts


def draw(wanted: Wanted, *, is_picture: bool, page: int | None, limits: Limits) -> Drawing:
    """The document as HTML, or one page of it as PNG.

    Raises:
        NotShown: It was given up, or cannot be shown in this way.
        BadInput: There is no such member or page.
    """
    work = partial(_draw, is_picture=is_picture, page=page)
    (((_, result),),) = map_documents(work, [wanted], workers=1, limits=limits)
    if isinstance(result, DocumentLost):
        raise NotShown(str(result))
    if isinstance(result, str):
        raise BadInput(result)
    return result


def _draw(wanted: Wanted, *, is_picture: bool, page: int | None) -> Drawing | str:
    """Runs in the worker. A string is what the user should have asked for instead."""
    data = LocalFile(wanted.path, wanted.name).read()
    try:
        for name in wanted.members:
            data = _member(data, name)
    except (Unreadable, BadInput) as error:
        return str(error)
    view = view_of(data, url=wanted.url, name=None if wanted.is_stored else wanted.bare_name)
    kind = view.extraction.format
    pages, note = _pages(data, kind, view, page)
    if page is not None and page not in pages:
        return f"{wanted.name} has no page {page} that can be shown."
    pictures = _with_bare(page_pictures(data, kind, pages), view, pages)
    if is_picture:
        if not pictures:
            return f"{wanted.name} has no pages to draw as a picture: name an .html file with --out."
        content = _picture(view, pictures, page)
    else:
        content = page_of_html(wanted.name, _facts(view), view, pictures).encode()
    return Drawing(
        content,
        _facts(view),
        {table: dict(found) for table, found in view.counts().items()},
        tuple((check.id, check.sentence, check.left, check.comparator, check.right) for check in view.checks),
        tuple(shown.facts for shown in view.cells),
        note,
    )


def _member(data: bytes, name: str) -> bytes:
    members = {member.name: member.data for member in unpacked(data)}
    if name not in members:
        raise BadInput(f"There is no {name} in the archive. It holds: {', '.join(sorted(members)[:20])}.")
    return members[name]


def _pages(data: bytes, kind: DocumentFormat, view: View, wanted: int | None) -> tuple[list[int], str]:
    """The pages to show: the one asked for, else those with figures; and what is left out."""
    if kind in _DRAWN:
        try:
            count = page_count(data, kind)
        except Exception:  # a library that cannot open it; the extraction says what is wrong
            return [], ""
        known = range(1, count + 1)
    else:
        known = range(1, max((page for page, _, _ in view.boxes), default=0) + 1)
    if wanted is not None:
        return [wanted] if wanted in known else [], ""
    with_cells = sorted({page for shown in view.cells if (page := shown.cell.place.page) and page in known})
    pages = with_cells or list(known)
    chosen = pages[:_MOST_PAGES]
    if len(chosen) < len(known):
        return (
            chosen,
            f"{len(chosen)} of {len(known)} pages are shown, those with figures; --page N shows another.",
        )
    return chosen, ""


def _with_bare(pictures: Sequence[PagePicture], view: View, pages: Sequence[int]) -> list[PagePicture]:
    """Pages without a picture are drawn from their boxes, where every block has one."""
    drawn = {picture.page: picture for picture in pictures}
    for page in pages:
        boxes = [box for number, box, _ in view.boxes if number == page]
        if page not in drawn and boxes:
            width = max(right for _, _, right, _ in boxes)
            height = max(bottom for _, _, _, bottom in boxes)
            drawn[page] = PagePicture(page, width + 20, height + 20, None)
    return [drawn[page] for page in sorted(drawn)]


def _picture(view: View, pictures: Sequence[PagePicture], page: int | None) -> bytes:
    best = max(pictures, key=lambda picture: (picture.page == page, len(view.on_page(picture.page)), -picture.page))
    boxes = [
        (shown.cell.place.box, shown.value, COLOURS[shown.kind])
        for shown in view.on_page(best.page)
        if shown.cell.place.box
    ]
    return with_boxes(best, boxes)


def _facts(view: View) -> tuple[tuple[str, str], ...]:
    extraction: Extraction = view.extraction
    report = view.report
    named: list[tuple[str, object]] = [
        ("format", extraction.format.value),
        ("status", extraction.status.value),
        ("reason", extraction.reason),
    ]
    if report is not None:
        named += [
            ("title", report.title),
            ("issuer", report.issuer),
            ("report year", report.report_year),
            ("edition", report.edition),
            ("tables", ", ".join(report.tables)),
            ("missing tables", ", ".join(report.missing_tables) if report.tables else None),
            ("anomalies", ", ".join(dict.fromkeys(anomaly.code for anomaly in report.anomalies))),
        ]
    named += [("converter", extraction.metadata.get("converter"))]
    return tuple((name, str(value)) for name, value in named if value not in (None, ""))
