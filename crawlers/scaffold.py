"""A registry entry from what a look found: its id, its place and its text.

Belongs here: proposing ids, province folders, the YAML of an entry. Does not belong here: looking at the portal
(`probe`), which division a name means (the gazetteer of the caller), writing files.
"""

import datetime
import re
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yaml

from crawlers.hosts import host_key, hostname, is_local
from crawlers.registry import DEFAULT_DELAY_SECONDS, Portal

__all__ = ["CENTRAL", "UNPLACED", "Draft", "entry_text", "propose_id", "province_folder"]

CENTRAL = "_central"
"""Folder of ministries and other bodies of the state."""
UNPLACED = "_unplaced"
"""Folder of portals whose division is not known."""
NATIONAL_CODE = "000000"

PROVINCES: Mapping[str, str] = {
    "11": "beijing", "12": "tianjin", "13": "hebei", "14": "shanxi", "15": "neimenggu",
    "21": "liaoning", "22": "jilin", "23": "heilongjiang",
    "31": "shanghai", "32": "jiangsu", "33": "zhejiang", "34": "anhui", "35": "fujian", "36": "jiangxi",
    "37": "shandong",
    "41": "henan", "42": "hubei", "43": "hunan", "44": "guangdong", "45": "guangxi", "46": "hainan",
    "50": "chongqing", "51": "sichuan", "52": "guizhou", "53": "yunnan", "54": "xizang",
    "61": "shaanxi", "62": "gansu", "63": "qinghai", "64": "ningxia", "65": "xinjiang",
    "71": "taiwan", "81": "hongkong", "82": "macao",
}  # fmt: skip
"""Folders by the first two digits of the division code; shaanxi is 陕西, shanxi is 山西."""

SAYS_NOTHING = frozenset({"www", "gov", "cn", "com", "org", "net", "test", "m", "wap"})
PATH_SAYS_NOTHING = frozenset({"index", "list", "col", "public", "column", "default", "html", "web", "site"})
LINE = 110
LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it is written."""

    id: str
    name: str
    family: str
    index_url: str
    division_code: str | None = None
    allowed_hosts: Sequence[str] = ()
    delay_seconds: float = DEFAULT_DELAY_SECONDS
    browser: bool = False
    column: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    verified: datetime.date | None = None
    """The day on which a person compared the entry with the portal; None where nobody has."""
    notes: str = ""


def province_folder(division_code: str | None) -> str:
    """The folder of the registry for a division."""
    if not division_code:
        return UNPLACED
    return CENTRAL if division_code == NATIONAL_CODE else PROVINCES.get(division_code[:2], UNPLACED)


def propose_id(url: str, division_code: str | None = None, taken: Collection[str] = ()) -> str:
    """An id that nobody has: province and host's own names, from the outermost in; the path tells twins apart.

    `http://scjgj.liuzhou.gov.cn/zwgk/zfxxgknb/` in Guangxi is `guangxi-liuzhou-scjgj`.
    """
    folder = province_folder(division_code)
    parts = [] if folder == UNPLACED else [folder.strip("_")]
    parts += [part for part in _host_parts(url) if part not in parts]
    first = _tidy("-".join(parts)) or "portal"
    below = [_tidy(part) for part in urlsplit(url).path.split("/")]
    below = [part for part in below if part and part not in PATH_SAYS_NOTHING and not re.search(r"-s?html?$", part)]
    longer = [_tidy(f"{first}-{below[-1]}")] if below else []
    for proposal in (first, *longer):
        if proposal not in taken:
            return proposal
    stem = longer[0] if longer else first
    return next(f"{stem}-{number}" for number in range(2, len(taken) + 3) if f"{stem}-{number}" not in taken)


def _host_parts(url: str) -> list[str]:
    host = host_key(url)
    name = hostname(host)
    if re.fullmatch(r"[\d.]+|[0-9a-f:]*:[0-9a-f:]*|localhost", name):
        port = host.rpartition(":")[2] if host != name else ""
        return [*(["local"] if is_local(host) else ["host", *re.split(r"[.:]", name)]), *([port] if port else [])]
    return [label for label in reversed(name.split(".")) if label not in SAYS_NOTHING]


def _tidy(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST_ID].rstrip("-")


def entry_text(draft: Draft) -> str:
    """The entry as YAML, in the order in which the registry's entries are written; what is the default is left out."""
    values: dict[str, Any] = {"id": draft.id, "name": draft.name}
    if draft.division_code and draft.division_code != NATIONAL_CODE:
        values["division_code"] = draft.division_code
    values |= {"family": draft.family, "index_url": draft.index_url}
    if draft.allowed_hosts:
        values["allowed_hosts"] = list(draft.allowed_hosts)
    if draft.delay_seconds != DEFAULT_DELAY_SECONDS:
        values["delay_seconds"] = int(draft.delay_seconds) if draft.delay_seconds % 1 == 0 else draft.delay_seconds
    if draft.browser:
        values["browser"] = True
    if draft.column and draft.column != Portal.model_fields["column"].default:
        values["column"] = draft.column
    values["verified"] = draft.verified or "never"
    if draft.options:
        values["options"] = dict(draft.options)
    text: str = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000)
    if draft.notes:
        lines = textwrap.wrap(draft.notes, LINE, break_long_words=False, break_on_hyphens=False)
        text += "notes: >-\n" + "".join(f"  {line}\n" for line in lines)
    return text
