"""The breadcrumb of a page: 您当前的位置：首页 > 四平市人民政府 > 铁东区 > 政府信息公开年报."""

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["crumbs_in"]

_LEAD = re.compile(r"^.{0,12}?位置\s*(?:是|在)?\s*[:：]?")
_MARKS = re.compile(r"\s*(?:>+|»|›|→|/|\||-{1,2}(?=\s)|::)\s*")
_SIGNS = ("位置", "首页", "主页")
_LONGEST = 160
_FEWEST = 2


def crumbs_in(text: str | None) -> Iterator[str]:
    """What stands between the marks of the first line that is a breadcrumb, outermost first."""
    for line in (text or "").splitlines():
        if len(line) > _LONGEST or not any(sign in line for sign in _SIGNS):
            continue
        flat = unicodedata.normalize("NFKC", line).strip()
        crumbs = [crumb for crumb in _MARKS.split(_LEAD.sub("", flat)) if crumb]
        if len(crumbs) >= _FEWEST:
            yield from crumbs
            return
