"""A page as HTML, with other habits than `pipelines.sample.draw_html`: from Word or WPS, from an old editor, or plain.

Pure: the same page and the same state of `rng` give the same bytes.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from benchmarks.writer.page import Page, ParagraphKind, WrittenParagraph, is_hole
from pipelines.sample.layout import CellKind, PrintedCell, PrintedTable

__all__ = ["HtmlHabits", "draw_html_page", "random_habits"]

_NBSP = "&nbsp;"
_MENU = ("首页", "走进演示", "政务公开", "办事服务", "互动交流", "数据开放", "总体情况")
_FOOT = "主办单位：演示市人民政府办公室　网站标识码：0000000000　电话：0000-12345678"


@dataclass(frozen=True, slots=True)
class HtmlHabits:
    """How a page is marked up."""

    encoding: str = "utf-8"
    declared: str | None = None
    markup: str = "plain"
    """plain, word, wps, fonts (an old editor), divs (every paragraph a div)."""
    nested: str = "none"
    """none, layout (one layout table round the body), deep (several), cells (each value in a table of its own)."""
    header_cells: bool = False
    """Headers are th, in a thead."""
    holes: str = "absent"
    """Positions without a cell: absent or empty."""
    split_digits: bool = False
    footnotes: bool = False
    struck: bool = False
    """Struck-out old figures stand before some new ones."""
    hidden_copy: bool = False
    """A hidden table with other figures stands on the page, as made for phones."""
    menu: bool = False
    title_in_head: bool = True
    breaks: bool = False
    """Long labels are broken by br or paragraphs."""
    padded: bool = False


def random_habits(rng: random.Random) -> HtmlHabits:
    """Habits as portals have them."""
    encoding = rng.choice(("utf-8", "utf-8", "utf-8", "gb18030", "utf-16"))
    return HtmlHabits(
        encoding=encoding,
        declared=rng.choice((None, None, None, "utf-8", "gb2312")),
        markup=rng.choice(("plain", "word", "wps", "fonts", "divs")),
        nested=rng.choice(("none", "none", "none", "layout", "deep", "cells")),
        header_cells=rng.random() < 0.2,
        holes=rng.choice(("absent", "empty")),
        split_digits=rng.random() < 0.3,
        footnotes=rng.random() < 0.08,
        struck=rng.random() < 0.06,
        hidden_copy=rng.random() < 0.06,
        menu=rng.random() < 0.5,
        title_in_head=rng.random() < 0.8,
        breaks=rng.random() < 0.3,
        padded=rng.random() < 0.3,
    )


def draw_html_page(page: Page, rng: random.Random, habits: HtmlHabits | None = None) -> bytes:
    """The page, encoded. Habits are drawn from `rng` unless given."""
    drawer = _Drawer(rng, habits or random_habits(rng))
    return drawer.document(page)


class _Drawer:
    def __init__(self, rng: random.Random, habits: HtmlHabits) -> None:
        self.rng = rng
        self.habits = habits

    def document(self, page: Page) -> bytes:
        habits = self.habits
        charset = habits.declared or {"gb18030": "gb2312"}.get(habits.encoding, habits.encoding)
        title = "".join(
            block.text
            for block in page.blocks
            if isinstance(block, WrittenParagraph) and block.kind is ParagraphKind.TITLE
        )
        body = "\n".join(self._blocks(page))
        if habits.nested in ("layout", "deep"):
            body = self._framed(body)
        if habits.nested == "deep":
            body = self._framed(body)
        head = (
            f"<title>{escape(title)}-演示市人民政府</title>" if habits.title_in_head else "<title>政府信息公开</title>"
        )
        menu = "".join(f'<li><a href="/{place}">{name}</a></li>' for place, name in enumerate(_MENU))
        text = "\n".join(
            (
                '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN">',
                '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:o="urn:schemas-microsoft-com:office:office">',
                f'<head><meta http-equiv="Content-Type" content="text/html; charset={charset}">{head}',
                "<style>table.b{border-collapse:collapse}table.b td,table.b th{border:1px solid #000}</style></head>",
                "<body>",
                f'<ul class="nav">{menu}</ul>' if habits.menu else "<!-- header -->",
                f'<div class="content">{body}</div>',
                f'<div class="foot">{_FOOT}</div>',
                "</body></html>",
            )
        )
        return text.encode(habits.encoding)

    def _framed(self, body: str) -> str:
        side = '<td width="200" valign="top"><p>相关链接</p></td>' if self.rng.random() < 0.5 else ""
        return f'<table width="1000" border="0" align="center"><tr><td>{body}</td>{side}</tr></table>'

    def _blocks(self, page: Page) -> Iterator[str]:
        for block in page.blocks:
            if isinstance(block, WrittenParagraph):
                yield self._paragraph(block)
            else:
                if self.habits.hidden_copy and block.id == "t2":
                    yield f'<div style="display:none">{self._hidden(block)}</div>'
                yield self._table(block)

    def _hidden(self, table: PrintedTable) -> str:
        rows = (
            "".join(
                f'<td colspan="{cell.column_span}" rowspan="{cell.row_span}">'
                f"{'77' if cell.kind is CellKind.VALUE else escape(cell.text)}</td>"
                for cell in row
            )
            for row in table.rows
        )
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"

    def _paragraph(self, paragraph: WrittenParagraph) -> str:
        text = escape(paragraph.text)
        centred = paragraph.kind is ParagraphKind.TITLE
        if self.habits.markup == "word":
            face = "方正小标宋简体" if centred else "仿宋_GB2312"
            align = ' align="center" style="text-align:center"' if centred else ' style="text-indent:32.0pt"'
            inner = f'<span style="font-size:16.0pt;font-family:{face}">{text}<o:p></o:p></span>'
            return f'<p class="MsoNormal"{align}>{inner}</p>'
        if self.habits.markup == "wps":
            align = "center" if centred else "justify"
            style = f"text-align:{align};mso-line-height-rule:exactly"
            return f'<p style="{style}"><span style="font-size:21px;">{text}</span></p>'
        if self.habits.markup == "fonts":
            inner = f'<font face="宋体" size="3">{text}</font>'
            return f'<p align="center"><b>{inner}</b></p>' if centred else f"{_NBSP * 4}{inner}<br>"
        if self.habits.markup == "divs":
            return f'<div class="{"tit" if centred else "txt"}">{text}</div>'
        return f"<h1>{text}</h1>" if centred else f"<p>{text}</p>"

    def _table(self, table: PrintedTable) -> str:
        style = {
            "word": ' class="MsoNormalTable" border="1" cellspacing="0" style="border-collapse:collapse"',
            "wps": ' border="1" cellspacing="0" style="width:607px;mso-table-layout-alt:fixed"',
            "fonts": ' border="1" bordercolor="#000000" cellpadding="2" width="98%"',
        }.get(self.habits.markup, ' class="b"')
        rows = [self._row(row) for row in table.rows]
        if self.habits.header_cells:
            heads = 0
            for row in table.rows:
                if any(cell.kind is CellKind.VALUE for cell in row):
                    break
                heads += 1
            deep = any(cell.row_span > heads - number for number, row in enumerate(table.rows[:heads]) for cell in row)
            if heads and not deep:
                head, body = "".join(rows[:heads]), "".join(rows[heads:])
                return f"<table{style}><thead>{head}</thead><tbody>{body}</tbody></table>"
        return f"<table{style}><tbody>{''.join(rows)}</tbody></table>"

    def _row(self, row: tuple[PrintedCell, ...]) -> str:
        cells = []
        for place, cell in enumerate(row):
            if is_hole(cell) and self.habits.holes == "absent" and all(is_hole(other) for other in row[place:]):
                break
            cells.append(self._cell(cell))
        height = ' style="height:24.0pt"' if self.habits.markup in ("word", "wps") else ""
        return f"<tr{height}>{''.join(cells)}</tr>"

    def _cell(self, cell: PrintedCell) -> str:
        tag = "th" if self.habits.header_cells and cell.kind is CellKind.HEADER else "td"
        spans = f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
        spans += f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
        if self.habits.markup == "wps" and not spans:
            spans = ' width="58" colspan="1"'
        inner = self._value(cell) if cell.kind is CellKind.VALUE else self._label(cell)
        if self.habits.nested == "cells" and cell.kind is CellKind.VALUE:
            inner = f'<table width="100%" border="0"><tr><td align="center">{inner}</td></tr></table>'
        return f"<{tag}{spans}>{inner}</{tag}>"

    def _value(self, cell: PrintedCell) -> str:
        text = "<br>".join(escape(line) for line in cell.text.split("\n"))
        plain = cell.text.isascii() and cell.text.isdigit()
        if plain and len(cell.text) > 1 and self.habits.split_digits:
            at = self.rng.randrange(1, len(cell.text))
            one, other = cell.text[:at], cell.text[at:]
            text = {
                "word": f'<span lang="EN-US">{one}</span><span lang="EN-US">{other}</span>',
                "wps": f'<span style="font-size:14px">{one}</span><span style="font-size:14px">{other}</span>',
            }.get(self.habits.markup, f"<font>{one}</font>\n<font>{other}</font>".replace("\n", ""))
        if plain and self.habits.footnotes and self.rng.random() < 0.1:
            text += self.rng.choice(("<sup>1</sup>", "<sup>[2]</sup>", "①"))
        if plain and self.habits.struck and self.rng.random() < 0.1:
            old = str(self.rng.randint(1, 99))
            text = self.rng.choice((f"<s>{old}</s>", f"<del>{old}</del>", f"<strike>{old}</strike>")) + text
        if not text:
            text = self.rng.choice(("", _NBSP)) if not self.habits.padded else _NBSP
        elif self.habits.padded:
            text = self.rng.choice((text + _NBSP, _NBSP + text))
        return self._in_paragraph(text)

    def _label(self, cell: PrintedCell) -> str:
        lines = cell.text.split("\n")
        if self.habits.breaks and len(lines) == 1 and len(cell.text) > 6:
            at = self.rng.randrange(2, len(cell.text) - 1)
            lines = [cell.text[:at], cell.text[at:]]
        if self.habits.markup in ("word", "wps") and len(lines) > 1:
            return "".join(self._in_paragraph(escape(line)) for line in lines)
        return self._in_paragraph("<br />".join(escape(line) for line in lines))

    def _in_paragraph(self, text: str) -> str:
        match self.habits.markup:
            case "word":
                return (
                    '<p class="MsoNormal" align="center" style="text-align:center;line-height:12.0pt">'
                    f'<span style="font-size:9.0pt;font-family:宋体">{text}<o:p></o:p></span></p>'
                )
            case "wps":
                return f'<p style="text-align:center"><span style="font-family:宋体;font-size:12px">{text}</span></p>'
            case "fonts":
                return f'<div align="center"><font size="2">{text}</font></div>'
            case "divs":
                return f"<div>{text}</div>"
            case _:
                return text
