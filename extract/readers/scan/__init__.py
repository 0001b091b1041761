"""Scans: the pixels of one page to paragraphs and grids, with no knowledge of any file format or of any form.

Belongs here: what a picture of a page holds. Does not belong here: how the picture was stored, or what its text means.
"""

from extract.readers.scan.joining import joined_over_pages
from extract.readers.scan.page import blocks_of_page
from extract.readers.scan.stacked import pages_in

__all__ = ["blocks_of_page", "joined_over_pages", "pages_in"]
