"""Pages saved as one file (MHT, MHTML): the HTML part of a MIME message, read as a page.

Belongs here: MIME. Does not belong here: markup.
"""

import email
import email.policy
import re
from dataclasses import replace
from email.message import Message

from extract.model import Document, DocumentFormat, Unreadable
from extract.readers.html import read_html
from extract.readers.pictures import with_pictures

__all__ = ["read_mht"]

_MOST_PARTS = 2000
_LARGEST = 200 * 1024 * 1024
_META_CHARSET = re.compile(rb"charset\s*=", re.I)
_HEAD = 4096
_HTML_TYPES = ("text/html", "application/xhtml+xml")


def read_mht(data: bytes) -> Document:
    """The blocks of the page in an MHT file; raises Unreadable("broken_mht") if no page can be found in it."""
    if len(data) > _LARGEST:
        raise _broken("It is larger than any page.")
    try:
        message = email.message_from_bytes(data.lstrip(), policy=email.policy.compat32)
        pages = [page for part in _parts(message) if (page := _page(part))]
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError, IndexError, KeyError) as error:
        raise _broken(f"Its parts do not follow the format ({error}).") from error
    if not pages:
        raise _broken("It holds no HTML part.")
    # Frames are parts of their own: the page is the part with the most to read.
    document = max((read_html(page) for page in pages), key=lambda read: (len(read.grids), len(read.blocks)))
    blocks, notes = with_pictures(document.blocks, document.notes, lambda: _pictures(message))
    metadata = dict(document.metadata)
    for header in ("Snapshot-Content-Location", "Content-Location"):
        location = str(message.get(header) or "").strip()
        if location.startswith(("http://", "https://")):
            metadata.setdefault("url", location)
    return replace(document, format=DocumentFormat.MHT, blocks=blocks, metadata=metadata, notes=notes)


def _broken(why: str) -> Unreadable:
    return Unreadable(
        "broken_mht", f"The saved page is broken. {why} Save the page again, as HTML or PDF, and add that."
    )


def _parts(message: Message) -> list[Message]:
    parts: list[Message] = []
    for part in message.walk():
        if len(parts) == _MOST_PARTS:
            raise _broken(f"It has more than {_MOST_PARTS} parts.")
        parts.append(part)
    return parts


def _page(part: Message) -> bytes | None:
    """The bytes of an HTML part, with the encoding that the message names where the page names none."""
    if part.is_multipart() or part.get_content_type() not in _HTML_TYPES:
        return None
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes) or not body.strip():
        return None
    charset = part.get_content_charset()
    if (
        charset
        and not _META_CHARSET.search(body[:_HEAD])
        and not body.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"))
    ):
        return f'<meta charset="{charset}">'.encode("ascii", "ignore") + body
    return body


def _pictures(message: Message) -> list[bytes]:
    """The pictures of the message, in its order, which browsers write as the page names them."""
    pictures = []
    for part in _parts(message):
        if part.get_content_maintype() == "image":
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                pictures.append(body)
    return pictures
