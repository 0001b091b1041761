"""Places told by web addresses: tdq.siping.gov.cn lies under siping, which is 四平市."""

import re
from collections.abc import Iterator

from transform.regions.gazetteer import Gazetteer

__all__ = ["codes_of_host", "hosts_in", "may_be_of_another"]

_HOST = re.compile(r"(?<![a-z0-9.-])((?:[a-z0-9-]{1,40}\.){1,6}gov\.cn)(?![a-z0-9-])", re.IGNORECASE)
_SAFE_LENGTH = 4
"""A label of fewer letters counts only directly before gov.cn: further left, gz may be an office instead of 广州."""

_ORGAN_LABEL = re.compile(
    r"www\d*|m|wap|mobile|gov|zw|zwgk|zfxxgk|xxgk|xxgkml|gkml|openinfo|info|public|hrss|edu|jyj|jxw|ghzy|[a-z]{1,5}[jtwb]|[a-z]{1,4}(?:wyh|zx|zd)"
)
"""Labels that name an organ or a part of a site: jyj is 教育局, sthjj 生态环境局, mzt 民政厅, fgw 发改委."""


def hosts_in(text: str | None) -> Iterator[str]:
    """Government hosts named in a text or an address, in lower case."""
    if text and "gov" in text:
        for found in _HOST.finditer(text):
            yield found.group(1).lower()


def may_be_of_another(host: str, gazetteer: Gazetteer) -> bool:
    """Whether a host may be that of another place than the one it names: tdq in tdq.siping.gov.cn is 铁东区.

    So it may wherever a label stands before the place's that names no place known here, and no organ; and where the
    name of the place is read like another's.
    """
    *inner, last = host.lower().removesuffix(".gov.cn").split(".")
    is_inner = any(label not in gazetteer.domains and not _ORGAN_LABEL.fullmatch(label) for label in inner)
    return is_inner or not gazetteer.shared_domains.isdisjoint((*inner, last))


def codes_of_host(host: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The divisions a host names, outermost first. An inner label that lies outside an outer one is dropped."""
    labels = host.lower().removesuffix(".gov.cn").split(".")[::-1]
    codes: list[str] = []
    for place, label in enumerate(labels):
        if place and len(label) < _SAFE_LENGTH:
            continue
        code = gazetteer.domains.get(label)
        if code and (not codes or gazetteer.lies_within(code, codes[-1])):
            codes.append(code)
    return tuple(codes)
