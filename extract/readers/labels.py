"""What a page says of itself in a line or a small table above its body: index number, source, date.

Belongs here: the generic labels of the metadata block that every portal prints. Does not belong here: form labels.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from extract.model import Block, Grid

__all__ = ["labelled_values"]

# Label -> (key, preference): where a page prints several dates or sources, the lowest preference wins.
_LABELS: Mapping[str, tuple[str, int]] = {
    "索引号": ("index_number", 0),
    "信息索引号": ("index_number", 0),
    "发布日期": ("publish_date", 0),
    "发布时间": ("publish_date", 0),
    "公开日期": ("publish_date", 1),
    "时间": ("publish_date", 2),
    "日期": ("publish_date", 2),
    "发文日期": ("publish_date", 3),
    "生成日期": ("publish_date", 4),
    "公文生成日期": ("publish_date", 4),
    "成文日期": ("publish_date", 5),
    "来源": ("source", 0),
    "信息来源": ("source", 0),
    "稿件来源": ("source", 0),
    # Who answers for the document is not who passed it on: 来源 is often a news office.
    "发布机构": ("publisher", 0),
    "发布单位": ("publisher", 0),
    "发文机关": ("publisher", 1),
    "发文单位": ("publisher", 1),
    "原文链接": ("url", 0),
    "标题": ("article_title", 0),
}
# Labels that only end the value before them.
_OTHERS = (
    "主题分类", "体裁分类", "分类", "文号", "发文字号", "有效性", "是否有效", "时效", "名称", "信息名称", "主题词",
    "公开方式", "关联类型", "备注", "浏览次数", "浏览量", "点击数", "阅读次数", "访问量", "字体", "字号",
    "作者", "责任编辑", "编辑", "打印", "分享", "栏目",
)  # fmt: skip
_SPACED = {label: r"\s*".join(label) for label in (*_LABELS, *_OTHERS)}
_ANY_LABEL = "|".join(sorted(_SPACED.values(), key=len, reverse=True))
_PAIR = re.compile(rf"({_ANY_LABEL})\s*[:：]\s*(.*?)(?=[\s\u3000|【\[（(]*(?:{_ANY_LABEL})\s*[:：]|$)", re.S)
_DATE = re.compile(r"\d{4}\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?")
_BLOCKS_READ = 80
_LONGEST_LINE = 300
_LARGEST_GRID = 60
_EDGES = " \t\r\n\xa0\u3000【】[]()（）|"


def labelled_values(blocks: Iterable[Block]) -> dict[str, str]:
    """Values of known labels in the opening blocks, by the keys of `Document.metadata`; empty values are left out."""
    found: dict[str, tuple[int, str]] = {}
    for number, block in enumerate(blocks):
        if number == _BLOCKS_READ:
            break
        for label, printed in _pairs(block):
            key_and_rank = _LABELS.get("".join(label.split()))
            value = _clean(printed, key_and_rank[0]) if key_and_rank else ""
            if not key_and_rank or not value:
                continue
            key, rank = key_and_rank
            if key not in found or rank < found[key][0]:
                found[key] = (rank, value)
    return {key: value for key, (_, value) in found.items()}


def _pairs(block: Block) -> Iterator[tuple[str, str]]:
    if not isinstance(block, Grid):
        yield from _pairs_in(block.text)
        return
    if len(block.cells) > _LARGEST_GRID:
        return
    for row in block.rows:
        for cell in row:
            yield from _pairs_in(cell.text)
        for cell, following in pairwise(row):
            yield cell.text.strip(_EDGES).rstrip(":："), following.text[:_LONGEST_LINE]


def _pairs_in(text: str) -> Iterator[tuple[str, str]]:
    # The two cheap tests come first: almost every line of a page fails one of them.
    if len(text) <= _LONGEST_LINE and ("：" in text or ":" in text):
        yield from ((match[1], match[2]) for match in _PAIR.finditer(text))


def _clean(printed: str, key: str) -> str:
    value = printed.strip(_EDGES)
    if key == "publish_date":
        date = _DATE.search(value)
        return date[0] if date else ""
    return value
