"""What a robots.txt allows.

Belongs here: reading the file's bytes. Does not belong here: fetching it (`middlewares`).
"""

from dataclasses import dataclass
from typing import Any

from protego import Protego

from crawlers.pages import decode
from crawlers.settings import AGENT_TOKEN
from crawlers.validation import looks_like_html

__all__ = ["ALLOW_ALL", "Rules", "read_robots"]

LONGEST_DELAY = 120.0
"""A Crawl-delay above this is kept to this: some files ask for a day between pages."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one origin."""

    parsed: Any = None

    def allows(self, url: str) -> bool:
        """Whether we may ask for an address."""
        return self.parsed is None or bool(self.parsed.can_fetch(url, AGENT_TOKEN))

    @property
    def delay_seconds(self) -> float:
        """The pause the file asks for; 0 where it asks for none."""
        if self.parsed is None:
            return 0.0
        return min(float(self.parsed.crawl_delay(AGENT_TOKEN) or 0.0), LONGEST_DELAY)


ALLOW_ALL = Rules()


def read_robots(body: bytes, content_type: str = "") -> Rules:
    """The rules in a robots.txt. A web page under that name is no robots.txt: many portals answer so to anything."""
    if looks_like_html(body) or b"\x00" in body[:1024] or not body.strip():
        return ALLOW_ALL
    return Rules(Protego.parse(decode(body, content_type)[0]))
