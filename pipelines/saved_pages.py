"""Pages that a browser or a copying program saved: which address they came from, and when.

Belongs here: the marks that such programs leave in a page. Does not belong here: what the page says.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path

__all__ = ["Origin", "is_furniture", "moment_of", "origin_of"]

HEAD = 64 * 1024
# Browsers: <!-- saved from url=(0042)http://… -->; the number is the length of the address.
SAVED_FROM = re.compile(rb"<!--\s*saved from url=\((\d{1,5})\)\s*(\S+?)\s*-->", re.IGNORECASE)
# SingleFile: <!-- Page saved with SingleFile  url: https://…  saved date: Thu Sep 24 2026 17:18:49 GMT+0800 (…) -->
SINGLE_FILE = re.compile(
    rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)\s+saved date:\s*([^\r\n]*?)\s*-->", re.IGNORECASE
)
# HTTrack: <!-- Mirrored from www.example.gov.cn/a.html by HTTrack Website Copier/3.x […], Mon, 12 Jan 2015 08:12:12 GMT
MIRRORED = re.compile(rb"<!--\s*Mirrored from (\S+) by HTTrack[^>]*?,\s*(\w{3}, \d[^>]*?)\s*-->", re.IGNORECASE)
# Internet Archive: FILE ARCHIVED ON 08:12:12 Jan 12, 2015 AND RETRIEVED FROM …
ARCHIVED_ON = re.compile(rb"FILE ARCHIVED ON (\d\d:\d\d:\d\d \w{3} \d{1,2}, \d{4})", re.IGNORECASE)
BROWSER_DATE = re.compile(r"\w{3} (\w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})")

_MHTML = frozenset({".mht", ".mhtml"})
_PAGES = frozenset({".html", ".htm", ".shtml", ".xhtml", ".jhtml", ".jsp", ".aspx", ".asp", ".php", ""})
_FURNITURE = frozenset(
    {".css", ".js", ".png", ".gif", ".jpg", ".jpeg", ".svg", ".webp", ".ico", ".bmp", ".woff", ".woff2", ".ttf", ".eot",
     ".download", ".swf", ".mp4", ".mp3", ".map"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a saved page came from, as far as it says; `captured_at` is UTC, as the ledger writes moments."""

    url: str | None = None
    captured_at: str | None = None


def origin_of(name: str, data: bytes) -> Origin:
    """What a saved page says of its origin; nothing for a file that says nothing."""
    suffix = Path(name).suffix.lower()
    if suffix in _MHTML:
        return _of_mhtml(data)
    if suffix not in _PAGES:
        return Origin()
    # The mark stands at the top; copying programs write theirs behind the page's own head, or at its end.
    text = data if len(data) <= 2 * HEAD else data[:HEAD] + data[-HEAD:]
    if match := SINGLE_FILE.search(text):
        return Origin(_address(match.group(1)), _browser_moment(_words(match.group(2))))
    if match := MIRRORED.search(text):
        return Origin(_address(b"http://" + match.group(1)), _mail_moment(_words(match.group(2))))
    saved, archived = SAVED_FROM.search(text), ARCHIVED_ON.search(text)
    return Origin(
        _address(saved.group(2)) if saved else None,
        _iso(_parsed(_words(archived.group(1)), "%H:%M:%S %b %d, %Y")) if archived else None,
    )


def is_furniture(path: Path) -> bool:
    """Whether a file is a picture or script that a browser saved with a page, in `page_files/` beside `page.html`."""
    if path.suffix.lower() not in _FURNITURE:
        return False
    folder = next((part for part in path.parents if part.name.endswith(("_files", ".files"))), None)
    if folder is None:
        return False
    stem = folder.name.rpartition("_files")[0] or folder.name.rpartition(".files")[0]
    return any(folder.with_name(stem + suffix).is_file() for suffix in (".html", ".htm", ".shtml", ".xhtml"))


def moment_of(text: str) -> str | None:
    """A day or a moment as the ledger writes moments; None for anything else. A bare day is its first moment, UTC."""
    try:
        return _iso(datetime.fromisoformat(text.strip()))
    except ValueError:
        return None


def _of_mhtml(data: bytes) -> Origin:
    message: Message = BytesHeaderParser().parsebytes(data[:HEAD])
    url = message.get("Snapshot-Content-Location") or message.get("Content-Location")
    if url is None and (part := re.search(rb"^Content-Location:\s*(\S+)", data[:HEAD], re.IGNORECASE | re.MULTILINE)):
        url = _words(part.group(1))
    return Origin(_address(str(url).encode()) if url else None, _mail_moment(str(message.get("Date") or "")))


def _address(text: bytes) -> str | None:
    address = _words(text)
    return address if re.match(r"https?://[^\s/]", address) else None


def _words(text: bytes) -> str:
    return text.decode("utf-8", "replace").strip()


def _mail_moment(text: str) -> str | None:
    try:
        return _iso(parsedate_to_datetime(text))
    except (ValueError, TypeError):
        return None


def _browser_moment(text: str) -> str | None:
    match = BROWSER_DATE.search(text)
    return _iso(_parsed(f"{match.group(1)} {match.group(2)}", "%b %d %Y %H:%M:%S %z")) if match else moment_of(text)


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")
