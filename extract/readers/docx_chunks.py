"""Pages that a DOCX file holds as they came: programs that turn HTML into DOCX put the whole page into one part.

Belongs here: finding such a part and having it read. Does not belong here: WordprocessingML.
"""

import posixpath
from collections.abc import Callable

from extract.model import Block, Unreadable
from extract.readers.html import read_html
from extract.readers.mht import read_mht
from extract.readers.packages import parse_xml

__all__ = ["chunk_blocks"]

_MOST_CHUNKS = 50
_READERS = {".html": read_html, ".htm": read_html, ".xhtml": read_html, ".mht": read_mht, ".mhtml": read_mht}


def chunk_blocks(main_part: str, read_part: Callable[[str], bytes]) -> tuple[Block, ...]:
    """The blocks of the page with the most tables that the main part takes in; empty if it takes in none.

    `read_part` gives a part by its name, and raises what it likes for a broken one; other kinds of parts are left out.
    """
    folder, name = posixpath.split(main_part)
    relations = parse_xml(read_part(posixpath.join(folder, "_rels", f"{name}.rels")))
    targets = [
        relation.get("Target") or ""
        for relation in relations.iter("{*}Relationship")
        if (relation.get("Type") or "").endswith("/aFChunk") and relation.get("TargetMode") != "External"
    ]
    found: tuple[Block, ...] = ()
    most = 0
    for target in targets[:_MOST_CHUNKS]:
        read = _READERS.get(posixpath.splitext(target)[1].lower())
        if read is None:
            continue
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        try:
            document = read(read_part(path))
        except Unreadable:
            continue
        if len(document.grids) > most:
            found, most = document.blocks, len(document.grids)
    return found
