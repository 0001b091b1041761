"""The sections of a report, found by what their headings mean and not by their number."""

from collections.abc import Sequence
from functools import lru_cache

from extract.forms.declaration import Edition
from extract.forms.labels import bare, compact, similarity, strip_ordinal, variants_of
from extract.forms.lines import Fragment, Line
from extract.model import Section

__all__ = ["read_sections", "section_of_heading"]

_LONGEST_HEADING = 45
_NEAR = 0.82


@lru_cache(maxsize=8)
def _titles(edition: Edition) -> dict[str, str]:
    return {
        title: section.code for section in edition.sections for title in variants_of(section.title, section.variants)
    }


def section_of_heading(edition: Edition, text: str) -> str | None:
    """The section code that a printed line heads, or None. A near title counts only behind an ordinal."""
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
    best = max(titles, key=lambda known: (similarity(title, known), known))
    return titles[best] if similarity(title, best) >= _NEAR else None


def read_sections(edition: Edition, lines: Sequence[Line]) -> tuple[Section, ...]:
    """The sections in the order printed, each with the text outside its tables."""
    found: list[tuple[str, Fragment, list[str]]] = []
    for line in lines:
        if line.grid is None and line.cells:
            first = line.cells[0]
            code = section_of_heading(edition, first.text)
            if code is not None:
                found.append((code, first, [cell.text for cell in line.cells[1:]]))
                continue
            if found:
                found[-1][2].extend(cell.text for cell in line.cells)
    return tuple(Section(code, head.text, "\n".join(texts), head.place) for code, head, texts in found)
