"""One HTML file that shows a document and its reading: no script, nothing from outside, all text escaped."""

import base64
from collections.abc import Iterator, Sequence
from html import escape

from extract.model import Grid, GridCell, Paragraph
from extract.second import READ_TWICE
from pipelines.show.pages import PagePicture
from pipelines.show.view import KINDS, Shown, View

__all__ = ["COLOURS", "page_of_html"]

COLOURS = {
    "confirmed": (22, 130, 60),
    "read": (20, 90, 190),
    "doubtful": (205, 110, 0),
    "withheld": (200, 20, 45),
    "empty": (120, 120, 120),
}
"""Red, green and blue of each kind of cell."""

_LONGEST_TEXT = 400
_STYLE = """
:root{color-scheme:light}
body{font:15px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei","PingFang SC","WenQuanYi Zen Hei",sans-serif;
 margin:0;color:#1a1a1a;background:#eef0f2}
header,main>section{background:#fff;margin:14px auto;padding:16px 22px;max-width:1500px;border-radius:6px;
 box-shadow:0 1px 3px #0002}
h1{font-size:20px;margin:0 0 6px}h2{font-size:16px;margin:0 0 10px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0}dt{color:#666}dd{margin:0}
table{border-collapse:collapse}
.grid td{border:1px solid #9aa;padding:4px 6px;vertical-align:top;font-size:13px;min-width:26px}
.grid .printed{white-space:pre-wrap}
.list td,.list th{border-bottom:1px solid #ddd;padding:3px 10px 3px 0;text-align:left;vertical-align:top;font-size:13px}
.list th{color:#666;font-weight:600}.list td:first-child{min-width:210px}
.num{text-align:right;font-variant-numeric:tabular-nums}
.tag{display:block;margin-top:3px;padding:2px 5px;border-left:4px solid;border-radius:3px;font-size:12px;
 line-height:1.35;background:#f6f7f8;color:#1a1a1a}
.tag b{font-size:14px;font-variant-numeric:tabular-nums}
.tag code,.list code{font:11px/1.3 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.bad{outline:2px dashed #c8142d;outline-offset:1px}
.legend span{display:inline-block;margin:2px 16px 2px 0;font-size:13px}
.legend i{display:inline-block;width:14px;height:14px;border-radius:3px;margin-right:6px;vertical-align:-2px}
.scroll{overflow-x:auto}
.page{position:relative;width:max(100%,1250px)}.page img{display:block;width:100%;border:1px solid #bbb}
.page svg{position:absolute;inset:0;width:100%;height:100%}.page.bare svg{position:static;border:1px solid #bbb}
.page text{font-family:ui-monospace,"DejaVu Sans Mono",monospace}
.doubt{background:#fff3d6}
.failed{color:#c8142d}.muted{color:#666}
details summary{cursor:pointer;color:#444}
"""


def page_of_html(name: str, facts: Sequence[tuple[str, str]], view: View, pictures: Sequence[PagePicture]) -> str:
    """The whole file.

    Args:
        name: The document as the user knows it.
        facts: What is known of it, in pairs of words.
        view: The document and its reading.
        pictures: Its pages, where it has any: then the readings lie on them, else in the grids as they were read.
    """
    body = [*_head(name, facts, view), *_checks(view)]
    if pictures:
        shown = {picture.page for picture in pictures}
        body += [part for picture in pictures for part in _page(picture, view)]
        body += _table_of_cells([cell for cell in view.cells if cell.cell.place.page in shown])
    else:
        body += _blocks(view)
    body += _leftovers(view)
    style = _STYLE + "".join(
        f".{kind}{{border-color:rgb{colour};fill:rgb{colour};stroke:rgb{colour}}}.ink-{kind}{{color:rgb{colour}}}"
        f".legend i.{kind}{{background:rgb{colour}}}"
        for kind, colour in COLOURS.items()
    )
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        # Nothing is fetched, whatever a document says: only our own style and the pictures in this file.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">'
        f"<title>{escape(name)}</title><style>{style}</style></head><body>{''.join(body)}</main></body></html>"
    )


def _head(name: str, facts: Sequence[tuple[str, str]], view: View) -> Iterator[str]:
    yield f"<header><h1>{escape(name)}</h1><dl>"
    for key, value in facts:
        yield f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>"
    yield "</dl><div class=legend>"
    for kind, meaning in KINDS.items():
        yield f"<span><i class={kind}></i>{escape(meaning)}</span>"
    yield '<span><i class="bad"></i>takes part in a broken check</span></div>'
    if counts := view.counts():
        yield "<table class=list><tr><th>table</th>"
        yield "".join(f"<th class=num>{kind}</th>" for kind in KINDS) + "</tr>"
        for table, found in counts.items():
            cells = "".join(f"<td class=num>{found[kind] or ''}</td>" for kind in KINDS)
            yield f"<tr><td>{escape(table)}</td>{cells}</tr>"
        yield "</table>"
    yield "</header><main>"


def _checks(view: View) -> Iterator[str]:
    if view.report is None:
        return
    if not view.checks:
        yield "<section><h2>Checks</h2>No printed figure breaks the form's arithmetic.</section>"
        return
    yield f"<section><h2>Broken checks ({len(view.checks)})</h2><table class=list>"
    yield "<tr><th>check</th><th>规则</th><th class=num>left side</th><th></th><th class=num>right side</th>"
    yield "<th>cells</th></tr>"
    values = {cell.cell.code: cell for cell in view.cells}
    for check in view.checks:
        cells = " ".join(
            f"<code>{escape(code)}</code>={escape(values[code].value)}" for code in check.cells if code in values
        )
        yield (
            f"<tr class=failed><td><code>{escape(check.id)}</code></td><td>{escape(check.sentence)}</td>"
            f"<td class=num>{_number(check.left)}</td><td>{escape(check.comparator)}</td>"
            f"<td class=num>{_number(check.right)}</td><td>{cells}</td></tr>"
        )
    yield "</table></section>"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _page(picture: PagePicture, view: View) -> Iterator[str]:
    cells = view.on_page(picture.page)
    yield f"<section><h2>Page {picture.page} · {len(cells)} cells</h2><div class=scroll>"
    if picture.jpeg is None:
        yield f'<div class="page bare"><svg viewBox="0 0 {picture.width:g} {picture.height:g}">'
        for page, (left, top, right, bottom), text in view.boxes:
            if page == picture.page:
                size = min(9.0, max(3.0, (bottom - top) * 0.6))
                yield (
                    f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" fill="none" '
                    f'stroke="#bbb" stroke-width=".4"/><text x="{left + 1:g}" y="{top + size:g}" font-size="{size:g}">'
                    f"{escape(text[:60])}</text>"
                )
    else:
        data = base64.b64encode(picture.jpeg).decode()
        yield f'<div class=page><img alt="page {picture.page}" src="data:image/jpeg;base64,{data}">'
        yield f'<svg viewBox="0 0 {picture.width:g} {picture.height:g}">'
    for page, (left, top, right, bottom), _ in view.boxes:
        if page == picture.page:
            yield (
                f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" fill="none" '
                'stroke="#5a7" stroke-width=".5" stroke-dasharray="2 1.5"/>'
            )
    for cell in cells:
        yield _drawn(cell)
    yield "</svg></div></div></section>"


def _drawn(shown: Shown) -> str:
    """A reading on its page: the box in its colour, the value as read, the code, and all of it on hovering."""
    assert shown.cell.place.box is not None
    left, top, right, bottom = shown.cell.place.box
    width, height = right - left, bottom - top
    code = f"{shown.cell.row}.{shown.cell.column}"
    small = max(1.6, min(4.0, (width - 2) / (0.62 * max(len(code), 1))))
    large = max(4.0, min(8.0, height * 0.5, (width - 2) / (0.62 * max(len(shown.value), 1))))
    dash = ' stroke-dasharray="3 1.5"' if shown.failed else ""
    return (
        f"<g class={shown.kind}><title>{escape(_words(shown))}</title>"
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill-opacity=".13" '
        f'stroke-width="{1.6 if shown.failed else 0.9}"{dash}/>'
        f'<text x="{left + 1:g}" y="{top + small:g}" font-size="{small:g}" stroke="none">{escape(code)}</text>'
        f'<text x="{right - 1:g}" y="{bottom - 1.2:g}" font-size="{large:g}" text-anchor="end" font-weight="700" '
        f'stroke="#fff" stroke-width="1.1" paint-order="stroke">{escape(shown.value)}</text></g>'
    )


def _words(shown: Shown) -> str:
    cell = shown.cell
    parts = [
        f"{cell.code} {shown.label}",
        f"printed: {cell.raw!r}",
        f"read: {shown.value}" + (f" {cell.unit}" if cell.unit else ""),
        f"{cell.status.value}, {cell.confidence.value}",
    ]
    if cell.flags:
        parts.append(f"flags: {', '.join(cell.flags)}")
    if cell.implied is not None:
        parts.append(f"implied: {cell.implied}")
    if cell.repair_hint:
        parts.append(f"hint: {cell.repair_hint}")
    if shown.failed:
        parts.append(f"breaks: {', '.join(shown.failed)}")
    return "\n".join(parts)


def _table_of_cells(cells: Sequence[Shown]) -> Iterator[str]:
    if not cells:
        return
    yield f"<section><details><summary>All {len(cells)} cells as a list</summary><table class=list>"
    yield "<tr><th>cell</th><th>项目</th><th>printed</th><th class=num>read</th><th>status</th><th>confidence</th>"
    yield "<th>flags</th><th>place</th></tr>"
    for shown in cells:
        cell = shown.cell
        yield (
            f"<tr><td><code>{escape(cell.code)}</code></td><td>{escape(shown.label)}</td><td>{escape(cell.raw)}</td>"
            f'<td class="num ink-{shown.kind}">{escape(shown.value)}</td><td>{cell.status.value}</td>'
            f"<td>{cell.confidence.value}</td><td>{escape(', '.join(cell.flags))}</td>"
            f"<td>{escape(str(cell.place))}</td></tr>"
        )
    yield "</table></details></section>"


def _blocks(view: View) -> Iterator[str]:
    """The document as it was read, block by block; grids and lines that gave figures stand open."""
    lines: list[str] = []
    for block in view.document.blocks if view.document else ():
        if isinstance(block, Paragraph):
            tags = "".join(_tag(shown) for shown in view.by_place.get(block.place, ()))
            text = block.text if len(block.text) <= _LONGEST_TEXT else block.text[:_LONGEST_TEXT] + " …"
            lines.append(f"<p>{escape(text)}{tags}</p>")
            continue
        if lines:
            yield from _prose(lines)
            lines = []
        yield from _grid(block, view)
    yield from _prose(lines)


def _prose(lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    body = "".join(lines)
    if "class=tag" in body or 'class="tag' in body:
        yield f"<section>{body}</section>"
    else:
        yield f"<section><details><summary>Text, {len(lines)} paragraphs</summary>{body}</details></section>"


def _grid(grid: Grid, view: View) -> Iterator[str]:
    count = sum(len(view.by_place.get(cell.place, ())) for cell in grid.cells)
    where = f"Grid {grid.place}: {grid.row_count} rows, {count} figures of the form"
    yield f"<section><h2>{escape(where)}</h2>" if count else f"<section><details><summary>{escape(where)}</summary>"
    yield "<div class=scroll><table class=grid>"
    for row in grid.rows:
        yield "<tr>" + "".join(_cell(cell, view) for cell in row) + "</tr>"
    yield "</table></div>" + ("</section>" if count else "</details></section>")


def _cell(cell: GridCell, view: View) -> str:
    shown = view.by_place.get(cell.place, ())
    spans = (f' rowspan="{cell.row_span}"' if cell.row_span > 1 else "") + (
        f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    )
    doubt = f' class=doubt title="{escape(cell.doubt)}"' if cell.doubt else ""
    tags = "".join(_tag(one) for one in shown)
    return f"<td{spans}{doubt}><span class=printed>{escape(cell.text)}</span>{tags}</td>"


def _tag(shown: Shown) -> str:
    """A reading under the text that it was made from."""
    bad = " bad" if shown.failed else ""
    told = [flag for flag in shown.cell.flags if flag != READ_TWICE]
    flags = f"<br>{escape(', '.join(told))}" if told else ""
    confidence = "" if shown.kind == "empty" else f" {shown.kind}"
    return (
        f'<span class="tag {shown.kind}{bad}" title="{escape(_words(shown))}"><b class=ink-{shown.kind}>'
        f"{escape(shown.value)}</b>{confidence}<br><code>{escape(shown.cell.code)}</code>{flags}</span>"
    )


def _leftovers(view: View) -> Iterator[str]:
    if not view.leftovers:
        return
    yield f"<section><h2>Printed in the tables and taken by no cell ({len(view.leftovers)})</h2><table class=list>"
    for leftover in view.leftovers:
        yield (
            f"<tr><td>{escape(leftover.text[:_LONGEST_TEXT])}</td><td>{escape(leftover.reason)}</td>"
            f"<td class=muted>{escape(str(leftover.place))}</td></tr>"
        )
    yield "</table></section>"
