"""Lists whose further pages have a number in their address.

Belongs here: which numberings a page's signs or its entry name. Does not belong here: going from page to page
(`linked`), the numberings themselves (`page_numbers`).
"""

from crawlers.families.numbered import NumberedOptions
from crawlers.page_numbers import dialects_of
from crawlers.pages import Page
from crawlers.spiders.base import Walk
from crawlers.spiders.linked import FROM_ZERO, LinkedSpider

__all__ = ["NumberedSpider"]


class NumberedSpider(LinkedSpider):
    """Collects lists by the number in the address where the page links nothing."""

    name = "numbered"
    probes = True

    def ways(self, walk: Walk, page: Page) -> list[str]:
        """The numbering that the entry names, else those whose signs the page shows; counted from 1, then from 0."""
        said = walk.portal.options_as(NumberedOptions).dialect
        names = [said] if said else [dialect.name for dialect, _ in dialects_of(page)]
        state = self._state(walk)
        counted = bool(state.pages or state.counted)  # only a list that says it has more is worth a second guess
        return [*names, *(f"{name}{FROM_ZERO}" for name in names if counted)]
