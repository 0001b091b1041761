"""A report as the article page of a government portal, with the habits of real page makers.

Pure: same input, same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from zlib import crc32

from pipelines.sample.facts import Facts
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable, print_tables
from pipelines.sample.narrative import opening, write_sections

__all__ = ["Body", "Container", "HtmlStyle", "Markup", "MetadataBlock", "PageContext", "draw_article", "draw_html"]

_NBSP = "&nbsp;"
_HEADER_BREAK_FROM = 6
_DISCLAIMER = "演示站点：页面由程序按事实数据绘制，仅供软件测试，不是政府网站。"


class Container(StrEnum):
    """The element that holds the article body."""

    TRS_EDITOR = "TRS_Editor"
    ZOOM = "zoom"
    UCAP = "UCAP-CONTENT"
    HANWEB = "hanweb"
    BARE = "bare"


class Markup(StrEnum):
    """How cells and paragraphs are marked up."""

    PLAIN = "plain"
    EDITOR = "editor"
    """Web editor: a paragraph inside each cell, inline styles."""
    WORD = "word"
    """Pasted from Word: MsoNormal, o:p, spans, a number split over two font tags."""
    SPLIT_LABELS = "split_labels"
    """Labels spread over several paragraphs of a cell and padded with &nbsp;."""


class MetadataBlock(StrEnum):
    """The block of 索引号, 发布机构 and so on above the body."""

    NONE = "none"
    TABLE = "table"
    LIST = "list"


class Body(StrEnum):
    """What the article body holds."""

    FULL = "full"
    ATTACHMENT_ONLY = "attachment_only"
    IMAGE_TABLES = "image_tables"


@dataclass(frozen=True, slots=True)
class HtmlStyle:
    """The habits of a page. The defaults make a plain, correct page."""

    encoding: str = "utf-8"
    declared_encoding: str | None = None
    """The charset that the page claims, where it is not the real one."""
    container: Container = Container.TRS_EDITOR
    markup: Markup = Markup.EDITOR
    metadata_block: MetadataBlock = MetadataBlock.NONE
    body: Body = Body.FULL
    nbsp_padding: bool = False
    """Values carry a &nbsp; before or after, and blank cells hold one."""
    header_breaks: bool = False
    """Long headers are broken by <br />."""
    placeholder_cells: bool = False
    """Header cells that should span rows are followed by empty cells instead of a rowspan."""
    nested_in_layout_table: bool = False
    """The body stands in a cell of a layout table."""
    title_in_body: bool = False
    image_names: str = "W020210129{number}.png"


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the portal adds around a report."""

    site_name: str = ""
    column_name: str = "政府信息公开年报"
    url: str = ""
    breadcrumb: tuple[str, ...] = ("首页", "政务公开", "政府信息公开年报")
    content_source: str = ""
    published_at: str = ""
    index_number: str = ""
    attachments: tuple[tuple[str, str], ...] = ()
    """Link text and address of each file linked below the body."""
    article_title: str | None = None
    """The title in head and page, where it is not the report's own."""


def draw_html(facts: Facts, style: HtmlStyle = HtmlStyle(), page: PageContext | None = None) -> bytes:
    """The page of a report, encoded. Frozen defaults are safe to share between calls."""
    context = page or PageContext()
    body = "\n".join(_body(facts, style, context))
    return draw_article(context.article_title or facts.title_text, body, style, context, facts)


def draw_article(title: str, body: str, style: HtmlStyle, page: PageContext, facts: Facts | None = None) -> bytes:
    """A portal page around a ready body; `facts` fills what the context leaves open."""
    source = page.content_source or (facts.issuer if facts else page.site_name)
    published = page.published_at or (f"{facts.published.isoformat()} 09:30" if facts else "")
    charset = style.declared_encoding or ("gb2312" if style.encoding.startswith("gb") else style.encoding)
    metas = {
        "SiteName": page.site_name,
        "ColumnName": page.column_name,
        "ColumnType": page.column_name,
        "ArticleTitle": title,
        "PubDate": published,
        "ContentSource": source,
        "Url": page.url,
    }
    trail = " &gt; ".join(escape(step) for step in page.breadcrumb)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="zh-CN">',
        "<head>",
        f'<meta http-equiv="Content-Type" content="text/html; charset={charset}" />',
        f"<title>{escape('_'.join(part for part in (title, page.column_name, page.site_name) if part))}</title>",
        *(f'<meta name="{name}" content="{escape(value)}" />' for name, value in metas.items()),
        "<style>",
        ".article{width:1000px;margin:0 auto;font-family:SimSun,'WenQuanYi Zen Hei',serif;line-height:1.8}",
        ".article table{border-collapse:collapse;margin:0 auto}.article td{border:1px solid #000;padding:2px 5px}",
        ".article td p{margin:2px 0}",
        "h1{text-align:center;font-size:24px}.nav,.footer,.info{color:#666;font-size:13px}",
        "</style>",
        "</head>",
        "<body>",
        f'<div class="nav">{escape(page.site_name)}　当前位置：{trail}</div>',
        '<div class="article">',
        f"<h1>{escape(title)}</h1>",
        f'<div class="info"><span>来源：{escape(source)}</span>　<span>发布时间：{escape(published)}</span></div>',
        *_metadata_block(title, source, published, style, page),
        *_contained(body, style),
        *_attachment_links(page),
        "</div>",
        f'<div class="footer">{_DISCLAIMER}</div>',
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines).encode(style.encoding)


def _metadata_block(title: str, source: str, published: str, style: HtmlStyle, page: PageContext) -> Iterator[str]:
    entries = (
        ("索引号", page.index_number),
        ("发布机构", source),
        ("发布日期", published[:10]),
        ("文号", "无"),
        ("名称", title),
        ("有效性", "有效"),
    )
    if style.metadata_block is MetadataBlock.TABLE:
        yield '<table class="xxgk_head">'
        for left, right in zip(entries[::2], entries[1::2], strict=True):
            cells = "".join(f"<td>{label}</td><td>{escape(value)}</td>" for label, value in (left, right))
            yield f"<tr>{cells}</tr>"
        yield "</table>"
    elif style.metadata_block is MetadataBlock.LIST:
        items = "".join(f"<li><b>{label}：</b>{escape(value)}</li>" for label, value in entries)
        yield f'<ul class="xxgk_head">{items}</ul>'


def _contained(body: str, style: HtmlStyle) -> Iterator[str]:
    if style.nested_in_layout_table:
        body = f'<table width="100%" border="0"><tbody><tr><td>\n{body}\n</td></tr></tbody></table>'
    before, after = {
        Container.TRS_EDITOR: ("<div class=TRS_Editor>", "</div>"),
        Container.ZOOM: ('<div id="zoom" class="article-content">', "</div>"),
        Container.UCAP: ('<div id="UCAP-CONTENT"><UCAPCONTENT>', "</UCAPCONTENT></div>"),
        Container.HANWEB: (
            '<div id="zoom"><!--ZJEG_RSS.content.begin--><meta name="ContentStart" />',
            '<meta name="ContentEnd" /><!--ZJEG_RSS.content.end--></div>',
        ),
        Container.BARE: ("", ""),
    }[style.container]
    yield from (before, body, after)


def _attachment_links(page: PageContext) -> Iterator[str]:
    if page.attachments:
        links = "".join(
            f'<li><a href="{escape(href)}" title="{escape(label)}">{escape(label)}</a></li>'
            for label, href in page.attachments
        )
        yield f'<div class="appendix">附件：<ul>{links}</ul></div>'


def _body(facts: Facts, style: HtmlStyle, page: PageContext) -> Iterator[str]:
    if style.body is Body.ATTACHMENT_ONLY:
        yield _paragraph(f"{facts.title_text}见附件。", style)
        return
    if style.title_in_body:
        for line in facts.title.split("\n"):
            yield f'<p style="text-align: center;"><strong>{escape(line)}</strong></p>'
    yield _paragraph(opening(facts), style)
    tables = {table.section: table for table in print_tables(facts)}
    for number, section in enumerate(write_sections(facts), start=1):
        yield _paragraph(section.heading, style, strong=True)
        for text in section.paragraphs:
            yield _paragraph(text, style)
        table = tables.get(section.code)
        if table is not None and style.body is Body.IMAGE_TABLES:
            name = style.image_names.format(number=number)
            yield f'<p align="center"><img src="./{name}" alt="" width="800" /></p>'
        elif table is not None:
            yield from _table(table, style)
    for signature in (facts.signed_by, _chinese_date(facts)):
        if signature:
            yield f'<p style="text-align: right;">{escape(signature)}</p>'


def _chinese_date(facts: Facts) -> str:
    day = facts.signed_date
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def _paragraph(text: str, style: HtmlStyle, *, strong: bool = False) -> str:
    inner = escape(text)
    if style.markup is Markup.WORD:
        inner = f'<span style="font-family:仿宋_GB2312;font-size:16pt">{inner}<o:p></o:p></span>'
        inner = f"<b>{inner}</b>" if strong else inner
        return f'<p class="MsoNormal" style="text-indent:32.0pt;mso-char-indent-count:2.0">{inner}</p>'
    inner = f"<strong>{inner}</strong>" if strong else inner
    if style.markup is Markup.PLAIN:
        return f"<p>{inner}</p>"
    return f'<p style="text-indent: 2em;">{inner}{_NBSP if style.nbsp_padding else ""}</p>'


def _table(table: PrintedTable, style: HtmlStyle) -> Iterator[str]:
    attributes = {
        Markup.PLAIN: ' border="1"',
        Markup.WORD: ' class="MsoTableGrid" border="1" cellspacing="0" cellpadding="0" style="border:none"',
    }.get(style.markup, ' align="center" border="1" cellspacing="0" style="border-collapse: collapse;"')
    yield f"<table{attributes}>"
    yield "<tbody>"
    for row in _rows(table, style):
        yield "<tr>" + "".join(_cell(cell, style) for cell in row) + "</tr>"
    yield "</tbody>"
    yield "</table>"


def _rows(table: PrintedTable, style: HtmlStyle) -> Iterator[tuple[PrintedCell, ...]]:
    if not style.placeholder_cells:
        yield from table.rows
        return
    for slots in table.grid():
        row = []
        for slot in slots:
            cell = slot.cell
            if not slot.is_first_column:
                continue
            unrolled = cell.kind is CellKind.HEADER and cell.row_span > 1 and cell.column_span == 1
            if unrolled:
                row.append(PrintedCell(cell.text if slot.is_first_row else "", CellKind.HEADER))
            elif slot.is_first_row:
                row.append(cell)
        yield tuple(row)


def _cell(cell: PrintedCell, style: HtmlStyle) -> str:
    spans = (f' colspan="{cell.column_span}"' if cell.column_span > 1 else "") + (
        f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    )
    inner = _value(cell, style) if cell.kind is CellKind.VALUE else _label(cell, style)
    if style.markup is Markup.PLAIN:
        return f"<td{spans}>{inner}</td>"
    if style.markup is Markup.WORD:
        return f'<td{spans} valign="center" style="padding:0cm 5.4pt 0cm 5.4pt">{inner}</td>'
    return f'<td{spans} style="padding: 2px 5px;">{inner}</td>'


def _label(cell: PrintedCell, style: HtmlStyle) -> str:
    text = escape(cell.text).replace("\n", "<br />")
    is_long = cell.column_span < 3 and len(cell.text) >= _HEADER_BREAK_FROM
    if style.header_breaks and cell.kind is CellKind.HEADER and is_long:
        text = f"{escape(cell.text[:3])}<br />{escape(cell.text[3:])}"
    if style.markup is Markup.PLAIN:
        return text
    if style.markup is Markup.SPLIT_LABELS and cell.kind is CellKind.HEADER and cell.column_span == 1:
        parts = [cell.text[start : start + 2] for start in range(0, len(cell.text), 2)] or [""]
        return "".join(f'<p style="text-indent: 0em;">{escape(part)} {_NBSP} {_NBSP}</p>' for part in parts)
    return _in_paragraph(text, style)


def _value(cell: PrintedCell, style: HtmlStyle) -> str:
    text = escape(cell.text)
    if style.markup is Markup.WORD and len(cell.text) > 1 and cell.text.isascii():
        text = f"<font>{escape(cell.text[0])}</font><font>{escape(cell.text[1:])}</font>"
    if style.nbsp_padding:
        text = (text + _NBSP, _NBSP + text)[crc32(cell.code.encode()) % 2] if cell.text else _NBSP
    return text if style.markup is Markup.PLAIN else _in_paragraph(text, style)


def _in_paragraph(text: str, style: HtmlStyle) -> str:
    if style.markup is Markup.WORD:
        return (
            '<p class="MsoNormal" align="center" style="text-align:center">'
            f'<span lang="EN-US" style="font-family:宋体;mso-bidi-font-size:10.5pt">{text}<o:p></o:p></span></p>'
        )
    return f'<p style="text-indent: 0em;">{text}</p>'
