"""Columns of any make: what their pages link is followed. The fallback where no family is recognised."""

from crawlers.columns import find_entries
from crawlers.families.kind import Family, FamilyOptions, Recognised
from crawlers.pages import Page
from crawlers.signposts import signposts

__all__ = ["LINKED", "LinkedOptions", "ListOptions"]

LIKELY = 30
UNLIKELY = 20


class ListOptions(FamilyOptions):
    """Lists whose pages are found by their links or numbers."""

    sub_columns: bool = True
    """Whether columns below this one (years, bodies) are read too."""


class LinkedOptions(ListOptions):
    """Columns read from their links alone."""


def recognise(page: Page) -> Recognised | None:
    """A list of dated rows, or of titles of reports; or a frame that may hold one. Never more than a fallback."""
    entries = find_entries(page)
    if entries.dated > 1:
        return Recognised("linked", LIKELY, (f"{entries.dated} rows with a date",))
    if entries.rows or entries.columns:
        found = f"{len(entries.rows)} rows, {len(entries.columns)} columns of years or bodies"
        return Recognised("linked", UNLIKELY, (found,))
    posts = signposts(page)
    if posts:
        return Recognised("linked", UNLIKELY, (f"no rows, but {posts[0].how}",), index_url=posts[0].url)
    return None


LINKED = Family(
    "linked",
    "any column, read from its links (next page, numbers, years, frames)",
    LinkedOptions,
    "crawlers.spiders.linked:LinkedSpider",
    recognise,
)
