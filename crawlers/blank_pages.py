"""Whether an article page shows its title and nothing else: the shell of a report that never was put in.

Belongs here: that one question about one page. Does not belong here: what follows from it (`answers`).

Whatever may be content makes a page one to keep: a sentence, a picture, a frame, a file, a script that may bring text.
Only what all such pages show beside their articles counts as nothing: labels with their values, the imprint.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from lxml import etree

from crawlers.links import normal_forms, without_spaces
from crawlers.pages import HIDDEN, Page

__all__ = ["is_blank"]

SHOWS = ("img", "iframe", "frame", "embed", "object", "canvas", "svg", "video", "audio")
"""Elements that show more than their text."""
DECORATION = frozenset({"header", "head", "top", "footer", "foot", "bottom", "nav", "logo", "banner", "copyright"})
"""Tags, classes and ids of boxes whose pictures are the site's own."""
HEADINGS = ("h1", "h2", "h3")
IN_STYLE = re.compile(r"url\s*\(", re.IGNORECASE)
BRINGS = re.compile(
    r"ajax|fetch\s*\(|XMLHttpRequest|axios|\$\s*\.\s*(?:get|post)|\.\s*(?:load|html|append|attachShadow)\s*\(|innerHTML|"
    r"insertAdjacent|document\s*\.\s*write|createApp|new\s+Vue|ReactDOM|template|pdf|viewer|decode|unescape|atob",
    re.IGNORECASE,
)
"""In a script of the page: it may show what the page itself does not."""
SAID = frozenset({"title", "alt", "placeholder"})
"""Attributes that say again what stands elsewhere."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
IN_WORDS = 20
"""Chinese characters in a script or an attribute from which on it may hold the text."""
LABEL = re.compile(
    r"(?:索引号|信息索引|分类|主题分类|主题词|关键词|(?:发布|公开|发文|制发|信息)(?:机构|单位|机关|部门)|"
    r"(?:成文|发文|生成|公文生成|发布|公开|更新|生效|废止)(?:日期|时间)|日期|时间|(?:信息|文章)?来源|稿源|作者|(?:责任)?编辑|审核|"
    r"文号|发文字号|备注/文号|有效性|时效|是否有效|有效期|名称|标题|关联类型|(?:信息)?公开(?:方式|形式|范围|类别)|"
    r"(?:浏览|阅读|点击|访问)(?:次数|量|数)?|字体(?:大小)?|字号|视力保护色|打印(?:本页)?|关闭(?:窗口|本页)?|收藏|分享(?:到)?|保存|"
    r"扫一扫.{0,12}|.{0,6}二维码|(?:您|你)?(?:现在|当前)?(?:所在)?的?位置|首页|返回(?:顶部|首页)?|上一[篇条]|下一[篇条])"
)
LABELLED = re.compile(rf"{LABEL.pattern}[:：](?P<value>.{{0,40}})")
IMPRINT = re.compile(
    r"版权所有|ICP备|公网安备|网站标识码|^(?:主办|承办|维护|联系|技术支持|地址|邮编|电话|传真|邮箱)|技术支持|联系我们|网站地图|浏览器"
)
ABROAD = re.compile(r"copyright|rights?reserved|poweredby|www\.|https?:", re.IGNORECASE)
"""The imprint of a page in other letters."""
SOME_FIGURES = 8
"""Numbers and signs beside no label that a page shows about an article; more of them may be its tables."""
SMALL_WORDS = re.compile(r"^(?:[大中小无次人]|没有了?|暂无|[大中小]{3}|有效|是|否|T)$")


def is_blank(page: Page, titles: tuple[str, ...]) -> bool:
    """Whether a page shows nothing that a report could be in.

    Args:
        page: an article page, without files that it links or shows.
        titles: what the row and the page itself call it.
    """
    tree = page.tree
    named = tuple(filter(None, map(_plain, titles)))
    return tree is not None and not _may_show_more(tree, named) and next(_texts(tree, named), None) is None


def _may_show_more(tree: Any, titles: tuple[str, ...]) -> bool:
    """Whether something beside text may carry the report."""
    if any(not _is_decoration(element) for element in tree.iter(*SHOWS)):
        return True
    if any(BRINGS.search(code) or _is_wordy(code, titles) for code in map(_code, tree.iter("script"))):
        return True
    body = tree.find(".//body")
    held = (str(value) for value in (tree if body is None else body).xpath(".//@*") if str(value.attrname) not in SAID)
    return any(IN_STYLE.search(value) or _is_wordy(value, titles) for value in held)


def _is_decoration(element: Any) -> bool:
    """Whether a picture stands in the head or foot of the site; as exact words, for a wrapper's class may begin so."""
    boxes = [element, *element.iterancestors()]
    return any(not DECORATION.isdisjoint([box.tag, *_words(box)]) for box in boxes if box.tag not in ("body", "html"))


def _words(element: Any) -> list[str]:
    return f"{element.get('class', '')} {element.get('id', '')}".lower().split()


def _texts(tree: Any, titles: tuple[str, ...]) -> Iterator[str]:
    """The texts of a page that are more than its title, labels, their values, its imprint and its links."""
    copied = deepcopy(tree)
    has_heading = any(_plain("".join(each.itertext())) in titles for each in copied.iter(*HEADINGS))
    etree.strip_elements(copied, *HIDDEN, "a", *HEADINGS, with_tail=False)
    is_value, figures = False, 0
    for node in copied.itertext():
        text = _plain(node)
        if not CHINESE.search(text):
            figures += bool(text) and not is_value
            if not is_value and (figures > SOME_FIGURES or len(text) > IN_WORDS) and not ABROAD.search(text):
                yield text
            is_value = is_value and not text  # a value without a word: a number, a date
            continue
        labelled = LABELLED.fullmatch(text)
        if labelled is not None or LABEL.fullmatch(text):
            is_value = not (labelled and labelled.group("value"))
        elif is_value and len(text) <= IN_WORDS and "。" not in text:
            is_value = False
        elif text in titles and not has_heading:
            has_heading = True
        elif not (IMPRINT.search(text) or SMALL_WORDS.search(text)):
            yield text


def _is_wordy(text: str, titles: tuple[str, ...]) -> bool:
    """Whether a script or an attribute may hold the text: a title in it is none."""
    if len(CHINESE.findall(text)) < IN_WORDS:
        return False
    text = _plain(text)
    for title in titles:
        text = text.replace(title, "")
    return len(CHINESE.findall(text)) >= IN_WORDS


def _code(script: Any) -> str:
    return str(script.text or "")


def _plain(text: str) -> str:
    return without_spaces(normal_forms(str(text)))
