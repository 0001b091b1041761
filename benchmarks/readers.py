"""Documents per second of our HTML and DOCX readers, beside the usual way and beside the bare parse.

"ours" reads the document model, as the usual ways do; "ours, recognised" goes on to cells, identity and sums.

Run from the repository root: `python -m benchmarks.readers`. With OGI_CORPUS set, real reports are timed as well.
All ways take turns in one run and each keeps its best turn, so a busy machine slows them alike. The ratios are the
result; the times only hold for the machine of the day.
"""

import io
import os
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import docx
import lxml.html
import pandas as pd
from lxml import etree

from extract.api import extract
from extract.readers.docx import read_docx
from extract.readers.html import read_html
from pipelines.sample.draw_docx import draw_docx
from pipelines.sample.draw_html import draw_html
from pipelines.sample.facts import load_facts

TURNS = 25
SECONDS_A_TURN = 0.02
Way = Callable[[bytes], object]


def page() -> bytes:
    """A page with a 26 x 10 spanned table and the pasted markup that word processors leave."""
    paragraph = (
        "<p style='text-indent:32px;line-height:150%'>" + "全年主动公开信息若干条，答复申请若干件。" * 12 + "</p>"
    )
    style = "border:1px solid windowtext;padding:5px 5px 5px 5px;word-break:break-all"
    rows = []
    for number in range(26):
        label = f"<td rowspan=13 style='{style}'><p>大类</p></td>" if number % 13 == 0 else ""
        name = f"<td colspan=2 style='{style}'><p class=MsoNormal><span>第{number}行<o:p></o:p></span></p></td>"
        values = "".join(f"<td style='{style}' valign=center><p><span>{number * n}</span></p></td>" for n in range(7))
        rows.append(f"<tr style='height:19px'>{label}{name}{values}</tr>")
    table = f"<table border=1 style='border-collapse:collapse'><tbody>{''.join(rows)}</tbody></table>"
    head = "<head><meta charset=utf-8><title>报告</title></head>"
    return f"<html>{head}<body><div>{paragraph * 12}{table}{paragraph * 6}</div></body></html>".encode()


def bare_page() -> bytes:
    """The same table with no attribute and no paragraph: the least a parser can be given for each cell."""
    rows = "".join("<tr>" + "".join(f"<td>{row * column}</td>" for column in range(10)) + "</tr>" for row in range(26))
    return f"<html><body><table>{rows}</table></body></html>".encode()


def word_file() -> bytes:
    """A DOCX report of some paragraphs and a 26 x 10 table with merged cells, as python-docx writes it."""
    document = docx.Document()
    for _ in range(18):
        document.add_paragraph("全年主动公开信息若干条，答复申请若干件。" * 12)
    table = document.add_table(rows=26, cols=10)
    for row_number, row in enumerate(table.rows):
        for column_number, cell in enumerate(row.cells):
            cell.text = str(row_number * column_number)
    table.cell(0, 0).merge(table.cell(12, 0))
    table.cell(13, 0).merge(table.cell(25, 0))
    for row_number in range(26):
        table.cell(row_number, 1).merge(table.cell(row_number, 2))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read_html_pandas(data: bytes) -> object:
    return pd.read_html(io.BytesIO(data), encoding="utf-8")


def parse_html(data: bytes) -> object:
    return lxml.html.fromstring(data)


def read_python_docx(data: bytes) -> object:
    document = docx.Document(io.BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        texts.extend(cell.text for row in table.rows for cell in row.cells)
    return texts


def parse_docx(data: bytes) -> object:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


HTML_WAYS: Mapping[str, Way] = {
    "ours": read_html,
    "ours, recognised": extract,
    "pandas.read_html": read_html_pandas,
    "bare lxml parse": parse_html,
}
DOCX_WAYS: Mapping[str, Way] = {
    "ours": read_docx,
    "ours, recognised": extract,
    "python-docx row.cells": read_python_docx,
    "zip and bare XML parse": parse_docx,
}


def best_times(ways: Mapping[str, Way], data: bytes) -> dict[str, float]:
    """The best seconds a document of each way, the ways taking turns."""
    repeats = {}
    for name, way in ways.items():
        way(data)
        started = time.perf_counter()
        way(data)
        repeats[name] = max(1, int(SECONDS_A_TURN / max(time.perf_counter() - started, 1e-9)))
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(TURNS):
        for name, way in ways.items():
            started = time.perf_counter()
            for _ in range(repeats[name]):
                way(data)
            best[name] = min(best[name], (time.perf_counter() - started) / repeats[name])
    return best


def report(title: str, ways: Mapping[str, Way], data: bytes) -> None:
    """Print one table: documents a second, and how many times our time each way takes."""
    best = best_times(ways, data)
    print(f"{title} ({len(data):,} bytes)")
    for name, seconds in best.items():
        print(f"  {name:24} {1 / seconds:10,.0f} documents/s   {seconds / best['ours']:6.2f} x our time")


def main() -> None:
    report("HTML, pasted table 26 x 10", HTML_WAYS, page())
    report("HTML, bare table 26 x 10", HTML_WAYS, bare_page())
    report("DOCX, table 26 x 10", DOCX_WAYS, word_file())
    facts = load_facts()["huaian-2024"]
    report("HTML, sample report", HTML_WAYS, draw_html(facts))
    report("DOCX, sample report", DOCX_WAYS, draw_docx(facts))
    corpus = os.environ.get("OGI_CORPUS")
    if corpus is None:
        print("OGI_CORPUS is not set: no real report timed")
        return
    for path in sorted(Path(corpus, "real").iterdir()):
        if path.suffix == ".html" and not path.name.startswith("list-"):
            report(f"HTML, {path.name}", HTML_WAYS, path.read_bytes())
        elif path.suffix == ".docx":
            report(f"DOCX, {path.name}", DOCX_WAYS, path.read_bytes())


if __name__ == "__main__":
    main()
