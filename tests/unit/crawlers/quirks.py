"""Habits of writing that portals of any family may have, put over the sample sites after they are drawn.

Each quirk changes answers as another publisher would have written them: the same reports at the same addresses.
"""

import dataclasses
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from pipelines.sample.facts import Facts
from pipelines.sample.server import SampleServer
from pipelines.sample.sites import Resource

__all__ = ["QUIRKS", "QuirkyServer"]

SCRIPT = re.compile(r"(<script\b.*?</script>|<!--.*?-->|<!\[CDATA\[|\]\]>)", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:=\"[^\"]*\")?)*)\s*(/?)>")
ATTRIBUTE = re.compile(r"([\w:-]+)=\"([^\"]*)\"")
DAY = re.compile(r"(?<=>)(\[?)((?:19|20)\d\d)-(\d\d)-(\d\d)(\]?)(?=<)")
ROW_LINK = re.compile(r"<a href=\"([^\"]+)\"((?:\s+(?:target|title|class)=\"[^\"]*\")*)>(?=[^<]*(?:报告|年报|…))")


@dataclass(frozen=True)
class Answered:
    """An answer as text, and where it stands."""

    host: str
    path: str
    text: str
    is_page: bool


Quirk = Callable[[Answered], str | bytes]


class QuirkyServer(SampleServer):
    """Sample portals that all have one habit more."""

    def __init__(self, sites_dir: Path, facts: Mapping[str, Facts], quirk: Quirk) -> None:
        super().__init__(sites_dir=sites_dir, facts=facts)
        self._quirk = quirk

    def find(self, host: str, address: str, form: str = "", referer: str = "", method: str = "GET") -> Resource | None:
        """The answer, with the habit."""
        found = super().find(host, address, form, referer, method)
        kind = "" if found is None else found.content_type
        if found is None or "text/plain" in kind or not re.search("html|json|javascript|xml", kind):
            return found
        if "officedocument" in kind:
            return found
        try:
            text = found.body.decode("utf-8")
        except UnicodeDecodeError:
            return found
        is_page = "<html" in text[:400].lower()
        made = self._quirk(Answered(host, urlsplit(address).path, text, is_page))
        body = made.encode() if isinstance(made, str) else made
        bare = kind.partition(";")[0] if isinstance(made, bytes) else kind
        return dataclasses.replace(found, body=body, content_type=bare)


def _outside_scripts(text: str, change: Callable[[str], str]) -> str:
    pieces = SCRIPT.split(text)
    return "".join(piece if place % 2 else change(piece) for place, piece in enumerate(pieces))


def _tags(change: Callable[[re.Match[str]], str]) -> Quirk:
    def quirk(answer: Answered) -> str:
        return _outside_scripts(answer.text, lambda piece: TAG.sub(change, piece)) if answer.is_page else answer.text

    return quirk


def _upper(tag: re.Match[str]) -> str:
    attributes = ATTRIBUTE.sub(lambda each: f'{each.group(1).upper()}="{each.group(2)}"', tag.group(2))
    return f"<{tag.group(1).upper()}{attributes}{tag.group(3)}>"


def _single(tag: re.Match[str]) -> str:
    if "'" in tag.group(2):
        return tag.group()
    return f"<{tag.group(1)}{tag.group(2).replace(chr(34), chr(39))}{tag.group(3)}>"


def _unquoted(tag: re.Match[str]) -> str:
    def bare(each: re.Match[str]) -> str:
        name, value = each.groups()
        return each.group() if re.search(r"[\s'=<>`]|^$|/$", value) else f"{name}={value}"

    return f"<{tag.group(1)}{ATTRIBUTE.sub(bare, tag.group(2))}>"


def _turned(tag: re.Match[str]) -> str:
    found = ATTRIBUTE.findall(tag.group(2))
    if tag.group(1) == "html" or len(found) < 2:
        return tag.group()
    turned = "".join(f' {name}="{value}"' for name, value in reversed(found))
    return f"<{tag.group(1)}{turned}{tag.group(3)}>"


def _gbk(answer: Answered) -> str | bytes:
    if not answer.is_page:
        return answer.text
    return re.sub(r"<meta[^>]*charset[^>]*>", "", answer.text).encode("gb18030")


def _mislabelled(answer: Answered) -> str:
    return re.sub(r"charset=[\w-]+", "charset=gb2312", answer.text) if answer.is_page else answer.text


def _links(change: Callable[[Answered, str], str]) -> Quirk:
    def quirk(answer: Answered) -> str:
        def changed(piece: str) -> str:
            return re.sub(r"href=\"([^\"#]+)\"", lambda each: f'href="{change(answer, each.group(1))}"', piece)

        return _outside_scripts(answer.text, changed) if answer.is_page else answer.text

    return quirk


def _without_scheme(answer: Answered, href: str) -> str:
    if href.startswith("http://"):
        return href.removeprefix("http:")
    return f"//{answer.host}{href}" if href.startswith("/") and not href.startswith("//") else href


def _entities(answer: Answered) -> str:
    def spelled(piece: str) -> str:
        return "".join(f"&#{ord(each)};" if "\u4e00" <= each <= "\u9fff" else each for each in piece)

    return _outside_scripts(answer.text, spelled) if answer.is_page else answer.text


def _rows(change: Callable[[re.Match[str]], str]) -> Quirk:
    def quirk(answer: Answered) -> str:
        return ROW_LINK.sub(change, answer.text) if answer.is_page else answer.text

    return quirk


def _opened(link: re.Match[str]) -> str:
    return f'<a href="javascript:void(0)" onclick="window.open(\'{link.group(1)}\')"{link.group(2)}>'


def _opening(link: re.Match[str]) -> str:
    return f"<a href=\"javascript:window.open('{link.group(1)}','_blank');\"{link.group(2)}>"


def _sent(link: re.Match[str]) -> str:
    return f'<a href="javascript:;" onclick="location.href=\'{link.group(1)}\';return false;"{link.group(2)}>'


def _in_data(link: re.Match[str]) -> str:
    return f'<a href="javascript:void(0);" data-url="{link.group(1)}"{link.group(2)}>'


def _days(pattern: str) -> Quirk:
    def quirk(answer: Answered) -> str:
        return DAY.sub(lambda day: pattern.format(*day.group(2, 3, 4)), answer.text)

    return quirk


def _decoys(answer: Answered) -> str:
    old = '<li><a href="./202001/t20200101_9.html">演示县2019年政府信息公开工作年度报告</a><span>2020-01-01</span></li>'
    return answer.text.replace("<ul", f"<!-- {old} --><ul", 1) if answer.is_page else answer.text


def _declared(answer: Answered) -> str:
    return f'\n\n<?xml version="1.0" encoding="utf-8"?>\n{answer.text}' if answer.is_page else answer.text


def _marked(answer: Answered) -> str:
    return f"\ufeff{answer.text}"


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def _called(answer: Answered) -> str:
    if answer.is_page or not _is_json(answer.text):
        return answer.text
    return f"/**/jQuery1124_17({answer.text});"


def _escaped_json(answer: Answered) -> str:
    if answer.is_page or not _is_json(answer.text):
        return answer.text
    return json.dumps(json.loads(answer.text), ensure_ascii=True, indent=2).replace("/", "\\/")


def _as_texts(answer: Answered) -> str:
    """Numbers as texts, in answers and in the scripts of pages."""
    if answer.is_page or not _is_json(answer.text):
        return re.sub(r"(\b(?:totalRecord|perPage|total|pageSize)\s*:\s*)(\d+)", r"\1'\2'", answer.text)
    return re.sub(r'("\w*(?:total|count|page|rows|size)\w*"\s*:\s*)(\d+)', r'\1"\2"', answer.text, flags=re.IGNORECASE)


def _no_cdata(answer: Answered) -> str:
    return re.sub(
        r"<!\[CDATA\[(.*?)\]\]>", lambda data: html.escape(data.group(1)), answer.text, flags=re.DOTALL
    )  # fmt: skip


def _spaced(answer: Answered) -> str:
    def changed(piece: str) -> str:
        return re.sub(r"href=\"([^\"]+)\"", r'href = "\n  \1 "', piece)

    return _outside_scripts(answer.text, changed) if answer.is_page else answer.text


def _pinned(answer: Answered) -> str:
    """The first row of a page once more on top of it, marked as such."""
    first = re.search(r"<li><a href=\"[^\"]+\"[^>]*>[^<]{6,}</a>.{0,60}?</li>", answer.text)
    if first is None or not answer.is_page:
        return answer.text
    pinned = re.sub(r"(<a [^>]*>)", r"\1[置顶]", first.group(), count=1)
    return answer.text.replace(first.group(), pinned + first.group(), 1)


def _quoted(answer: Answered, href: str) -> str:
    return quote(href, safe="/:?&=;%#.,+@!()*'$~-_{}[]|")


QUIRKS: Mapping[str, Quirk] = {
    "tags and attributes in capitals": _tags(_upper),
    "single quotes": _tags(_single),
    "no quotes": _tags(_unquoted),
    "attributes turned round": _tags(_turned),
    "GBK that nothing declares": _gbk,
    "UTF-8 that calls itself gb2312": _mislabelled,
    "links without a scheme": _links(_without_scheme),
    "links escaped": _links(_quoted),
    "numeric entities for Chinese": _entities,
    "rows opened by window.open in onclick": _rows(_opened),
    "rows opened by window.open in href": _rows(_opening),
    "rows opened by location in onclick": _rows(_sent),
    "rows whose address is data": _rows(_in_data),
    "days with slashes": _days("{0}/{1}/{2}"),
    "days in Chinese": _days("{0}年{1}月{2}日"),
    "days broken over lines": _days("{0}-\n{1}-\n{2}"),
    "days without a year": _days("{1}-{2}"),
    "rows commented out": _decoys,
    "an XML declaration in front": _declared,
    "a byte order mark": _marked,
    "answers in a callback": _called,
    "answers with escapes": _escaped_json,
    "figures as texts": _as_texts,
    "entities in place of CDATA": _no_cdata,
    "spaces around addresses": _spaced,
    "a pinned row": _pinned,
}
