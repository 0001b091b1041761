"""Whether an article page shows its title and nothing else: the shell of a report that never was put in.

Belongs here: that one question about one page. Does not belong here: what follows from it (`answers`).

A page is blank only where each thing on it is known to carry nothing: plain boxes, the title, labels with their values,
the imprint, the site's own links and pictures, scripts known to bring no text. Anything else may be the report.
"""

import re
from collections.abc import Iterable, Iterator
from posixpath import basename
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawlers.links import identity_key, normal_forms, without_spaces
from crawlers.pages import Page

__all__ = ["is_blank"]

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
PLAIN = HEADINGS | {
    *("html", "head", "meta", "title", "link", "base", "script", "style", "body", "form"),
    *("div", "p", "section", "article", "main", "header", "footer", "nav", "aside", "center", "ul", "ol", "li", "dl"),
    *("dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "colgroup", "col"),
    *("span", "a", "img", "br", "hr", "b", "strong", "i", "em", "u", "font", "small", "label"),
}
"""Elements that show nothing but their text; pictures, links and scripts of these are looked at one by one."""
UNSEEN = frozenset({"script", "style"})
NO_HEADING = UNSEEN | {"html", "head", "title", "body", "a"}
DECORATION = frozenset({"header", "head", "top", "footer", "foot", "bottom", "nav", "logo", "banner", "copyright"})
"""Tags, classes and ids, as whole words, of boxes that are the site's own unless they hold the article's title."""
ROWS = frozenset({"p", "li", "tr", "dl", "div", "section", "article", "body", *HEADINGS})
"""Boxes in which a label and its value stand together."""
CONTENT = frozenset({"article", "main", "section"})
"""Within these a head is the article's."""
LOADING = re.compile(r"^(?:on|data-|v-|ng-|:|@)|^(?:background|download|is|srcset|lowsrc|dynsrc|poster|ping)$")
"""Attributes that may show, fetch or open something."""
IDLE_CALL = re.compile(
    r"(?:javascript:|return|void\(?0\)?|false|(?:window\.)?(?:print|close|scrollTo)\([\d,]*\)|doZoom\(['\"\w]*\)|[;#{}])*"
)
"""What a button for print, close or larger letters does."""
LIBRARY = re.compile(
    r"(?:jquery|bootstrap|swiper|slick|layer|html5shiv|respond|share|qrcode|clipboard|wdstat|webdig|tongji|hm|za)"
    r"(?:[.-](?:min|slim|core|bundle|pkgd|v?\d{1,2}(?:\.\d+)+|v?\d))*\.js",
    re.IGNORECASE,
)
"""Scripts from elsewhere that show no article; of any other, also of what is added to one of these, one cannot tell."""
CODE = re.compile(r"(?:text|application)/(?:x-)?(?:javascript|ecmascript)", re.IGNORECASE)
"""Types of a script that is run; of another type it may be a text to be shown."""
IN_CODE = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|//[^\n]*|/\*.*?\*/", re.DOTALL)
"""Texts and comments of a script."""
CALL = re.compile(r"(?:\bfunction\s*)?([\w$.\])]+)\s*\(")
DEFINED = re.compile(r"\bfunction\s+([\w$]+)\s*\(|\b([\w$]+)\s*=\s*function\s*\(")
IDLE_NAMES = frozenset(
    {
        *("if", "for", "while", "switch", "catch", "function", "return", "typeof", "void"),
        *("parseInt", "Date", "Number", "document.getElementById", "getElementById", "_hmt.push"),
        *("share", "_showDynClicks", "_dynclicks", "doZoom", "print", "window.print", "close", "window.close"),
    }
)
"""What a script may call without showing anything: the language's own, counters, print."""
SETS = re.compile(r"\.\s*(\w+)\s*=(?!=)|(\])\s*=(?!=)|(`)")
IDLE_PROPERTIES = frozenset({"fontSize", "display", "color", "backgroundColor", "className", "lineHeight", "title"})
ESCAPED = re.compile(r"(?:\\|%)u([0-9a-fA-F]{4})")
PACKED = re.compile(r"[A-Za-z0-9+/=%\\]{120,}")
"""A run of letters in which a text or a picture may be packed."""
BRINGS = re.compile(
    r"ajax|fetch|XMLHttp|axios|import|require|\$\s*\.|\.\s*(?:load|html|text|append\w*|attachShadow|src|href|replace)\b"
    r"|(?:inner|outer)(?:HTML|Text)|textContent|insert|createElement|document\s*\.\s*write|location|open\s*\("
    r"|create|new\s|React|template|pdf|viewer|decode|unescape|atob|eval|onload|url",
    re.IGNORECASE,
)
"""In a script of the page: it may show what the page itself does not."""
NAMES_REPORT = re.compile(
    r"(?:(?![未无没我]|收到|需要|本(?:单位|机关|部门|局|委|办|镇|乡|街道|年)|\d+[条件份宗项次])[^，,。；;])*"
    r"(?:报告|年报)(?:[(（][^)）]{1,8}[)）])?"
)
"""A heading that names a report; any other may be one of its sentences."""
IN_STYLE = re.compile(r"url\s*\(|content\s*:|@import", re.IGNORECASE)
CHINESE = re.compile(r"[\u3400-\u9fff]")
IN_WORDS = 20
"""Chinese characters from which on a script, an attribute or the value of a label may hold a text."""
LABEL = re.compile(
    r"(?:索引号|信息索引|分类|主题分类|主题词|关键词|(?:发布|公开|发文|制发|信息)(?:机构|单位|机关|部门)|"
    r"(?:成文|发文|生成|公文生成|发布|公开|更新|生效|废止)(?:日期|时间)|日期|时间|(?:信息|文章)?来源|稿源|作者|(?:责任)?编辑|审核|"
    r"文号|发文字号|备注/文号|有效性|时效|是否有效|有效期|名称|标题|关联类型|(?:信息)?公开(?:方式|形式|范围|类别)|"
    r"(?:浏览|阅读|点击|访问)(?:次数|量|数)?|字体(?:大小)?|字号|视力保护色|打印(?:本页)?|关闭(?:窗口|本页)?|收藏|分享(?:到)?|保存|"
    r"扫一扫|手机扫一扫|(?:您|你)?(?:现在|当前)?(?:所在)?的?位置|首页|返回(?:顶部|首页)?|上一[篇条]|下一[篇条])"
)
LABELLED = re.compile(rf"{LABEL.pattern}[:：](?P<value>.*)")
SAYS = re.compile(r"[。；;，,]|[无未没共本我零]|收到|受理|办理|申请|报告|[条件份宗项]|\d人")
"""A value in which the report itself may be told, however short."""
NUMBER = re.compile(
    r"[\d\s:：/.\-年月日次]*|[A-Za-z\d〔〕()（）/.\-]*\d[A-Za-z\d〔〕()（）/.\-号]*"
    r"|[\u4e00-\u9fff]{0,12}[〔\[(（【]?(?:19|20)\d\d[〕\])）】]?年?第?\d{1,5}号"
)
"""The value of a label: a day, a count, a number of a file."""
DAY = re.compile(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d\d(?::\d\d)?)?")
COUNTED = r"[\d一二两三四五六七八九十百千万]+(?:余|多)?(?:件|条|次|份|人|篇|场|期|项|宗|起|个|%)"
IMPRINT = re.compile(
    rf"(?!.*{COUNTED})"
    r"(?:版权所有|主办|承办|维护|联系我们|技术支持|地址|邮编|电话|传真|邮箱|网站标识码|网站地图|.{0,20}网站标识码|.{0,3}ICP备|.{0,3}公网安备)"
    r"(?:(?!公开|申请|。).){0,60}"
)
ABROAD = re.compile(
    rf"(?!.*(?:{COUNTED}|公开|申请))(?:copyright|©|allrightsreserved|poweredby|www\.)[^。]{{0,60}}", re.IGNORECASE
)
"""The imprint of a page in other letters."""
IMPRINT_SIGN = re.compile(
    r"版权所有|主办(?:单位)?[:：]|主办单位|承办单位|ICP备|公网安备|网站标识码|copyright|©", re.IGNORECASE
)
"""By which a box below the title is known to be the site's foot."""
SITE_LINK = re.compile(
    r"(?:网站|站点)地图|关于(?:本站|我们)|联系(?:我们|方式)|网站声明|免责声明|版权声明|法律声明|隐私(?:声明|保护|政策)|使用帮助|网站帮助|"
    r"无障碍(?:浏览|阅读)?|设为首页|加入收藏|友情链接|首页|返回(?:顶部|首页)?|(?:您|你)?(?:现在|当前)?(?:所在)?的?位置"
)
"""Links that each page of a site has."""
OPENS_TEXT = re.compile(r"下载|全文|原文|附件|正文|查看|打开|点击|pdf|word", re.IGNORECASE)
BETWEEN = re.compile(r"[\u3000\xa0|\n\t]+|\s{2,}")
"""What parts a line of labels."""
SMALL_WORDS = re.compile(r"[大中小次人\[\]【】()|>·:：/\-—.]*|没有了?|暂无|有效|是|否|T")


def is_blank(page: Page, titles: tuple[str, ...]) -> bool:
    """Whether a page shows nothing that a report could be in.

    Args:
        page: an article page, without files that it links or shows.
        titles: what the row calls it, then what the page itself does.
    """
    row, *own_names = map(_plain, titles)
    named = frozenset(filter(None, [row, *filter(NAMES_REPORT.fullmatch, own_names)]))
    if page.tree is None:
        return False
    elements = [each for each in page.tree.iter() if isinstance(each.tag, str)]
    heading = _heading(elements, named)
    if heading is None:
        return False
    if not all(each.tag in PLAIN and _carries_nothing(each, named) for each in elements):
        return False
    if any(_is_wordy(str(each.text or ""), named) for each in page.tree.iter(etree.Comment)):
        return False
    own = _boxes_of_the_site(elements, heading)
    place = elements.index(heading)
    if any(each.tag == "a" and _may_open_it(each, named, page) for each in elements[:place]):
        return False
    may_be_bodies = iter(elements[place:])
    if any(each.tag == "img" and not _within(each, own) for each in elements):
        return False
    if any(each.tag == "a" and not _within(each, own) and not _says_nothing(each) for each in may_be_bodies):
        return False
    return next(_words_left(_texts(page.tree, heading, named, own), named), None) is None


def _heading(elements: list[Any], titles: frozenset[str]) -> Any | None:
    """The element that is the title, as a heading or as the first text that is one; without it nothing is sure."""
    shown = [each for each in elements if each.tag not in NO_HEADING and _said(each) in titles]
    return next((each for each in shown if each.tag in HEADINGS), next(iter(shown), None))


def _boxes_of_the_site(elements: list[Any], heading: Any) -> frozenset[Any]:
    """Boxes beside the article: a head that is never closed, or the article's own, holds the title or stands in it.

    Below the title a box may be the article's, whatever it is called: the site's foot bears an imprint.
    """
    holding = {heading, *heading.iterancestors()}
    place = elements.index(heading)
    return frozenset(
        each
        for number, each in enumerate(elements)
        if each not in holding
        and (number < place or IMPRINT_SIGN.search(_said(each)))
        and each.tag not in ("html", "body")
        and not DECORATION.isdisjoint([each.tag, *f"{each.get('class', '')} {each.get('id', '')}".lower().split()])
        and not any(above.tag in CONTENT for above in each.iterancestors())
    )


def _within(element: Any, boxes: frozenset[Any]) -> bool:
    return element in boxes or any(above in boxes for above in element.iterancestors())


def _says_nothing(link: Any) -> bool:
    """Whether a link beside the article's body is one that each page of a site has, or leads nowhere."""
    text, href = _said(link), str(link.get("href") or "").strip()
    if not href or href.startswith("#") or IDLE_CALL.fullmatch(re.sub(r"\s", "", href)):
        idle = (LABEL, LABELLED, IMPRINT, SMALL_WORDS)
        return not text or any(each.fullmatch(text) for each in idle)
    said = text.rstrip(":：")
    if not said:
        return False
    return bool(SITE_LINK.fullmatch(said) or IMPRINT.fullmatch(text) or SMALL_WORDS.fullmatch(text))


def _may_open_it(link: Any, titles: frozenset[str], page: Page) -> bool:
    """Whether a link above the title may lead to the text: it is called so, or after the report."""
    text, url = _said(link), page.resolve(str(link.get("href") or ""))
    if url is None or not text or identity_key(url) == identity_key(page.url):
        return False
    return text in titles or OPENS_TEXT.search(text) is not None


def _carries_nothing(element: Any, titles: frozenset[str]) -> bool:
    """Whether an element brings nothing by its attributes, or by its code."""
    for name, value in element.attrib.items():
        if LOADING.search(str(name)) and not IDLE_CALL.fullmatch(re.sub(r"\s", "", value)):
            return False
        if element.tag != "meta" and _is_wordy(value, titles):
            return False
        if name == "style" and IN_STYLE.search(value):
            return False
    if element.tag == "link":
        return "import" not in element.get("rel", "")
    code = element.text or ""
    if element.tag == "style":
        return not IN_STYLE.search(code)
    if element.tag != "script":
        return True
    source = element.get("src")
    is_known = source is None or LIBRARY.fullmatch(basename(urlsplit(source.strip()).path)) is not None
    return is_known and CODE.fullmatch(element.get("type") or "text/javascript") is not None and _idles(code, titles)


def _idles(code: str, titles: frozenset[str]) -> bool:
    """Whether a script calls and sets nothing by which a text could be shown, and holds none."""
    if BRINGS.search(code) or PACKED.search(code) or _is_wordy(ESCAPED.sub(_unescaped, code), titles):
        return False
    plain = IN_CODE.sub("''", code)
    own = {name for found in DEFINED.findall(plain) for name in found if name}
    if any(name not in IDLE_NAMES and name not in own for name in CALL.findall(plain)):
        return False
    return all(name in IDLE_PROPERTIES for found in SETS.findall(plain) for name in found if name)


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found.group(1), 16))


def _words_left(texts: Iterable[tuple[Any, str]], titles: frozenset[str]) -> Iterator[str]:
    """The texts that are more than labels, their values and the imprint."""
    awaited: Any = None
    """The row in which a label waits for its value: what stands below that row is none."""
    for row, text in texts:
        labelled = LABELLED.fullmatch(text)
        is_value = awaited is not None and row is awaited
        value = labelled.group("value") if labelled else text if is_value else ""
        awaited = row if not value and (labelled or LABEL.fullmatch(text)) else None
        if value:
            if not (_is_value(value) or value in titles):
                yield text
        elif not (
            awaited is not None
            or SITE_LINK.fullmatch(text)
            or IMPRINT.fullmatch(text)
            or ABROAD.fullmatch(text)
            or DAY.fullmatch(text)
        ):
            yield text


def _texts(tree: Any, heading: Any, titles: frozenset[str], own: frozenset[Any]) -> Iterator[tuple[Any, str]]:
    """What stands on a page beside its title, in order, each text with its row.

    Links before the title and in boxes of the site's own are left out.
    """
    is_before = True
    for node in tree.xpath("//text()"):
        box = node.getparent().getparent() if node.is_tail else node.getparent()
        around = [box, *box.iterancestors()]
        if heading in around:
            is_before = False
        in_link = any(each.tag == "a" for each in around) and (is_before or not own.isdisjoint(around))
        is_name = (box.tag == "title" and len(node) <= 3 * IN_WORDS) or (box.tag in HEADINGS and _plain(node) in titles)
        if not (heading in around or in_link or is_name or box.tag in UNSEEN):
            parts = map(_plain, BETWEEN.split(str(node)))
            row = next((each for each in around if each.tag in ROWS), box)
            yield from ((row, part) for part in parts if not SMALL_WORDS.fullmatch(part))


def _is_value(text: str) -> bool:
    """Whether what follows a label is a name, a day, a count or the number of a file."""
    if SAYS.search(text) or (CHINESE.search(text) and len(text) > IN_WORDS):
        return False
    return NUMBER.fullmatch(text) is not None or (len(text) <= IN_WORDS and not re.search(r"\d", text))


def _is_wordy(text: str, titles: frozenset[str]) -> bool:
    """Whether a script or an attribute may hold the text: a title in it is none."""
    if len(CHINESE.findall(text)) < IN_WORDS:
        return False
    text = _plain(text)
    for title in titles:
        text = text.replace(title, "")
    return len(CHINESE.findall(text)) >= IN_WORDS


def _said(element: Any) -> str:
    return _plain("".join(element.itertext()))


def _plain(text: str) -> str:
    return without_spaces(normal_forms(str(text)))
