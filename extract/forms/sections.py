"""The sections of a report, found by what their headings mean and not by their number."""

from collections.abc import Sequence
from functools import lru_cache

from extract.forms.declaration import Edition
from extract.forms.labels import bare, compact, similarity, strip_ordinal, variants_of
from extract.forms.lines import Fragment, Line
from extract.model import Section

__all__ = ["read_sections", "section_of", "section_of_heading"]

_LONGEST_HEADING = 45
_NEAR = 0.82


@lru_cache(maxsize=8)
def _titles(edition: Edition) -> dict[str, str]:
    return {
        title: section.code for section in edition.sections for title in variants_of(section.title, section.variants)
    }


def section_of(edition: Edition, line: Line) -> str | None:
    """The section code that a line outside grids heads, or None."""
    if line.grid is not None or not line.cells:
        return None
    first = line.cells[0]
    return None if len(first.whole) > _LONGEST_HEADING else section_of_heading(edition, first.text)


def section_of_heading(edition: Edition, text: str) -> str | None:
    """The section code that a printed line heads, or None. A near title counts only behind an ordinal."""
    return _headed_again(edition, text) if len(text) <= _LONGEST_RECURRING else _headed(edition, text)


def _headed(edition: Edition, text: str) -> str | None:
    whole = compact(text)
    if len(whole) > _LONGEST_HEADING:
        return None
    titles = _titles(edition)
    title = bare(text)
    if title in titles:
        return titles[title]
    ordinal, _ = strip_ordinal(whole)
    if not ordinal or ordinal.startswith("("):
        return None
    best = max(titles, key=lambda known: (similarity(title, known, _NEAR), known))
    return titles[best] if similarity(title, best, _NEAR) >= _NEAR else None


_LONGEST_RECURRING = 120
_headed_again = lru_cache(maxsize=4096)(_headed)


def read_sections(edition: Edition, lines: Sequence[Line]) -> tuple[Section, ...]:
    """The sections in the order printed, each with the text outside its tables."""
    found: list[tuple[str, Fragment, list[str]]] = []
    for line in lines:
        if line.grid is None and line.cells:
            code = section_of(edition, line)
            if code is not None:
                found.append((code, line.cells[0], [cell.text for cell in line.cells[1:]]))
                continue
            if found:
                found[-1][2].extend(cell.text for cell in line.cells)
    return tuple(Section(code, head.text, "\n".join(texts), head.place) for code, head, texts in found)
