"""The plain cookie jar of a run: what a host sets in a header is sent back to that host, and to no other.

Belongs here: names, values, when they end. Does not belong here: cookies that a page's script would set. We run no
script, so a challenge that asks for one stays what it is.
"""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from urllib.parse import urlsplit

from crawlers.hosts import host_key

__all__ = ["CookieBook"]

MOST_OF_A_HOST = 30
LONGEST = 4096
TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class _Cookie:
    value: str
    path: str
    secure: bool
    ends: float | None

    def fits(self, scheme: str, path: str) -> bool:
        inside = path == self.path or path.startswith(self.path if self.path.endswith("/") else f"{self.path}/")
        return inside and (scheme == "https" or not self.secure) and (self.ends is None or self.ends > time())


class CookieBook:
    """The cookies of a run, by host. `Domain` is not heeded: a jar that sends less than a browser's harms nobody."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[tuple[str, str], _Cookie]] = {}

    def keep(self, url: str, lines: list[str]) -> bool:
        """Keep what the Set-Cookie lines of an answer say; whether that changed what the host would be sent."""
        jar = self._kept.setdefault(host_key(url), {})
        changed = False
        for line in lines:
            named = _read(line, urlsplit(url).path or "/")
            if named is None:
                continue
            name, cookie = named
            key = (name, cookie.path)
            before = jar.pop(key, None)  # the newest stands last
            if cookie.ends is None or cookie.ends > time():
                jar[key] = cookie
                changed = changed or before is None or before.value != cookie.value
            else:
                changed = changed or before is not None
            while len(jar) > MOST_OF_A_HOST:
                del jar[next(iter(jar))]
        return changed

    def header(self, url: str) -> str | None:
        """The Cookie line for an address; None where the host set none."""
        parts = urlsplit(url)
        jar = self._kept.get(host_key(url))
        if not jar:
            return None
        fitting = [(key, cookie) for key, cookie in jar.items() if cookie.fits(parts.scheme, parts.path or "/")]
        fitting.sort(key=lambda item: -len(item[1].path))
        return "; ".join(f"{name}={cookie.value}" for (name, _), cookie in fitting) or None


def _read(line: str, path: str) -> tuple[str, _Cookie] | None:
    """The cookie of one Set-Cookie line; None for one that cannot be sent back."""
    pair, *attributes = line.split(";")
    name, equals, value = (part.strip() for part in pair.partition("="))
    if not equals or not TOKEN.fullmatch(name) or len(pair) > LONGEST or re.search(r"[\x00-\x1f\x7f-\uffff]", value):
        return None
    named = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in attributes)}
    folder = named.get("path", "")
    if not folder.startswith("/"):
        folder = path.rpartition("/")[0] or "/"
    return name, _Cookie(value, folder, "secure" in named, _end(named))


def _end(named: dict[str, str]) -> float | None:
    """When a cookie ends; None for one of the session."""
    age = named.get("max-age", "")
    if re.fullmatch(r"-?\d{1,12}", age):
        return time() + int(age)
    try:
        return parsedate_to_datetime(named["expires"]).timestamp()
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        return None
