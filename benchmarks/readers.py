"""Cost of reading: our readers beside the usual way and the bare parse, memory of a worker, gain of a second one.

"read" makes the document model, as the usual ways do; "recognised" goes on to cells, identity and sums; "extract" is
all that the system does with a document, second reading and prose figures included. Three states are told apart:

- warm: the same document again and again, so that every text in it has been seen;
- distinct: different reports in a row, as in a crawl: labels recur, figures, names and prose do not;
- cold: nothing is remembered of any text, as for the first document of a worker.

Run from the repository root: `python -m benchmarks.readers [time] [profile] [memory] [scaling]`; without a word, all of
them. `profile` tells the stages of `extract` apart, each alone on what the stage before it gives. With
OGI_CORPUS set, real reports are timed as well. Time is processor time of this process, the ways take turns and each
keeps its best turn, so that a busy machine disturbs little. The ratios are the result; the times are of the day.
"""

import functools
import gc
import io
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import docx
import lxml.html
import pandas as pd
import psutil
from lxml import etree

from benchmarks.writer.documents import available_formats, write
from extract.api import extract, to_json
from extract.forms.applications import read_applications
from extract.forms.declaration import load_forms
from extract.forms.disclosure import read_disclosure
from extract.forms.identity import read_identity
from extract.forms.lines import Fragment, grid_lines, lines_of
from extract.forms.printed import read_cell
from extract.forms.recognise import detect_edition, first_section, recognise
from extract.forms.remedies import read_remedies
from extract.forms.rules import evaluate_all
from extract.forms.sections import read_sections
from extract.forms.statements import read_statements
from extract.readers import read_document
from extract.readers.spans import grid_of
from extract.second import read_twice
from extract.sniff import sniff_format
from pipelines.sample.draw_docx import draw_docx
from pipelines.sample.draw_html import HtmlStyle, Markup, draw_html
from pipelines.sample.facts import load_facts
from pipelines.sample.random_reports import random_report
from pipelines.workers import DocumentLost, map_documents

TURNS = 60
SLOW_SECONDS = 0.2
"""A way that takes longer gets few turns."""
FEW_TURNS = 5
DISTINCT = 40
WORTH_REMEMBERING = 4096
"""Caches with room for so many entries remember texts; smaller ones hold the forms, which are the same for ever."""
MEMORY_DOCUMENTS = 12
SCALING_DOCUMENTS = 240
SCALING_FORMATS = ("html", "docx", "text")
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


def big_page(rows: int = 2000) -> bytes:
    """A table of so many rows and ten columns with no attribute and no paragraph: the least a parser can be given."""
    lines = "".join(
        "<tr>" + "".join(f"<td>{row * column}</td>" for column in range(10)) + "</tr>" for row in range(rows)
    )
    return f"<html><body><table>{lines}</table></body></html>".encode()


def word_file(rows: int) -> bytes:
    """A DOCX file of some paragraphs and a table of ten columns with merged cells, as python-docx writes it."""
    document = docx.Document()
    for _ in range(18):
        document.add_paragraph("全年主动公开信息若干条，答复申请若干件。" * 12)
    table = document.add_table(rows=rows, cols=10)
    for row_number, row in enumerate(table.rows):
        for column_number, cell in enumerate(row.cells):
            cell.text = str(row_number * column_number)
    for start in range(0, rows - 12, 13):
        table.cell(start, 0).merge(table.cell(start + 12, 0))
    for row in table.rows:
        row.cells[1].merge(row.cells[2])
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read_and_recognise(data: bytes) -> object:
    return recognise(read_document(data))


def read_html_pandas(data: bytes) -> object:
    return pd.read_html(io.BytesIO(data), encoding="utf-8")


def parse_html(data: bytes) -> etree._Element:
    return lxml.html.fromstring(data)


def read_python_docx(data: bytes) -> object:
    document = docx.Document(io.BytesIO(data))
    texts = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        texts.extend(cell.text for row in table.rows for cell in row.cells)
    return texts


def parse_docx(data: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


def read_pdfplumber(data: bytes) -> object:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as document:
        return [printed.extract_tables() for printed in document.pages]


def read_pdfium_text(data: bytes) -> object:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        return [document[number].get_textpage().get_text_range() for number in range(len(document))]
    finally:
        document.close()


OURS: Mapping[str, Way] = {
    "ours, read": read_document,
    "ours, recognised": read_and_recognise,
    "ours, extract": extract,
}
HTML_WAYS: Mapping[str, Way] = {"bare lxml parse": parse_html, **OURS, "pandas.read_html": read_html_pandas}
DOCX_WAYS: Mapping[str, Way] = {"bare zip + XML parse": parse_docx, **OURS, "python-docx row.cells": read_python_docx}
PDF_WAYS: Mapping[str, Way] = {"PDFium page text": read_pdfium_text, **OURS, "pdfplumber tables": read_pdfplumber}


def text_caches() -> "list[functools._lru_cache_wrapper[object]]":
    """The caches of our own that remember texts."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("extract.")]
    found = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, functools._lru_cache_wrapper)
        and (value.cache_parameters()["maxsize"] or 0) >= WORTH_REMEMBERING
    }
    return list(found.values())


def forget() -> None:
    """Empty every cache of texts."""
    for cache in text_caches():
        cache.cache_clear()


def best_times(ways: Mapping[str, Way], documents: Sequence[bytes], *, is_cold: bool = False) -> dict[str, float]:
    """The best processor seconds a document of each way, over the documents in a row, the ways taking turns."""
    best = dict.fromkeys(ways, float("inf"))
    for way in ways.values():
        way(documents[0])
    turns = TURNS if len(documents) == 1 else FEW_TURNS
    for turn in range(turns):
        for name, way in ways.items():
            if turn >= FEW_TURNS and best[name] > SLOW_SECONDS:
                continue
            if is_cold or len(documents) > 1:
                forget()
            if len(documents) > 1:
                extract(SEEN)  # labels of the forms are known by the second document
            started = time.process_time()
            for data in documents:
                way(data)
            best[name] = min(best[name], (time.process_time() - started) / len(documents))
    return best


def report(title: str, ways: Mapping[str, Way], documents: Sequence[bytes], *, is_cold: bool = False) -> None:
    """Print one table: milliseconds a document, and how many times the bare parse (the first way) each way takes."""
    best = best_times(ways, documents, is_cold=is_cold)
    size = sum(map(len, documents)) // len(documents)
    floor = next(iter(best.values()))
    print(f"{title} ({size:,} bytes)")
    for name, seconds in best.items():
        rate = f"{1 / seconds:10,.0f} documents/s"
        print(f"  {name:24} {seconds * 1e3:10.3f} ms {rate}   {seconds / floor:7.2f} x the bare parse")


SEEN = draw_html(random_report(random.Random(0), edition="E2021", oddities=()))


def time_all() -> None:
    """Time every format in every state."""
    facts = load_facts()["huaian-2024"]
    html, word = draw_html(facts), draw_docx(facts)
    pasted = draw_html(facts, HtmlStyle(markup=Markup.WORD))
    reports = [random_report(random.Random(seed), edition="E2021") for seed in range(DISTINCT)]
    report("HTML, sample report, warm", HTML_WAYS, [html])
    report("HTML, sample report, cold", HTML_WAYS, [html], is_cold=True)
    report(f"HTML, {DISTINCT} distinct reports", HTML_WAYS, [draw_html(facts) for facts in reports])
    report("HTML, sample report pasted from a word processor, warm", HTML_WAYS, [pasted])
    report("HTML, pasted table 26 x 10, warm", HTML_WAYS, [page()])
    report("HTML, bare table 2000 x 10, warm", HTML_WAYS, [big_page()])
    report("DOCX, sample report, warm", DOCX_WAYS, [word])
    report("DOCX, sample report, cold", DOCX_WAYS, [word], is_cold=True)
    report(f"DOCX, {DISTINCT} distinct reports", DOCX_WAYS, [draw_docx(facts) for facts in reports])
    report("DOCX, table 26 x 10, warm", DOCX_WAYS, [word_file(26)])
    report("DOCX, table 200 x 10, warm", DOCX_WAYS, [word_file(200)])
    if "pdf" in available_formats():
        time_pdf()
    else:
        print("PDF: no drawer of PDF here, so none is timed")
    time_corpus()


def time_pdf() -> None:
    """Time a PDF of ours; a library that is missing is said to be."""
    from benchmarks.writer.draw_pdf import draw_pdf_page
    from benchmarks.writer.page import page_of

    data = draw_pdf_page(page_of(load_facts()["huaian-2024"]), random.Random(1))
    report("PDF, sample report", with_what_is_here(PDF_WAYS, data), [data])


def with_what_is_here(ways: Mapping[str, Way], data: bytes) -> dict[str, Way]:
    """The ways whose libraries are there; the others are named."""
    here = {}
    for name, way in ways.items():
        try:
            way(data)
            here[name] = way
        except ImportError as error:
            print(f"  {name}: not timed, {error}")
    return here


def time_corpus() -> None:
    """Time the real reports of the corpus."""
    corpus = os.environ.get("OGI_CORPUS")
    if corpus is None:
        print("OGI_CORPUS is not set: no real report timed")
        return
    ways = {".html": HTML_WAYS, ".docx": DOCX_WAYS, ".pdf": PDF_WAYS}
    for path in sorted(Path(corpus, "real").iterdir()):
        if path.suffix in ways and not path.name.startswith("list-"):
            data = path.read_bytes()
            report(f"real, {path.name}, warm", with_what_is_here(ways[path.suffix], data), [data])


def stages_of(data: bytes) -> Mapping[str, Way]:
    """The stages of `extract` on one document without doubts, each as a call of its own."""
    kind = sniff_format(data)
    document = read_document(data, kind)
    lines = lines_of(document)
    edition = detect_edition(lines)
    reading = recognise(document).report
    by_code = {cell.code: cell for cell in reading.cells}
    return {
        "format told": lambda _: sniff_format(data),
        "parse, walk, grids": lambda _: read_document(data, kind),
        "printed lines": lambda _: lines_of(document),
        "edition": lambda _: detect_edition(lines),
        "table 2": lambda _: read_disclosure(edition, lines),
        "table 3": lambda _: read_applications(edition, lines),
        "table 4": lambda _: read_remedies(edition, lines),
        "identity": lambda _: read_identity(lines, document.metadata, first_section(edition, lines)),
        "sections": lambda _: read_sections(edition, lines),
        "sums": lambda _: list(evaluate_all(edition.id, by_code, "error")),
        "second reading": lambda _: read_twice(document, data, reading),
        "figures of the prose": lambda _: read_statements(document, reading),
    }


def bounds_of(data: bytes, root: etree._Element) -> Mapping[str, Way]:
    """What no reader into this model can go without, whatever it decides: each cell visited, its objects made."""
    document = read_document(data)
    reading = recognise(document).report
    edition = load_forms().editions[reading.edition]
    tables = [
        ([(cell.row, cell.column, cell.row_span, cell.column_span, cell.text) for cell in grid.cells], grid.row_count)
        for grid in document.grids
    ]
    printed = [(cell.code, Fragment(cell.raw, cell.place)) for cell in reading.cells]
    return {
        "bound: cells visited": lambda _: [
            (cell.text, len(cell), cell.get("rowspan"), cell.get("colspan"))
            for cell in root.iter("{*}td", "{*}th", "{*}tc")
        ],
        "bound: grid cells": lambda _: [grid_of(cells, rows, 1) for cells, rows in tables],
        "bound: printed lines": lambda _: [list(grid_lines(grid, 1)) for grid in document.grids],
        "bound: cell readings": lambda _: [read_cell(edition, code, fragment) for code, fragment in printed],
    }


def profile(title: str, data: bytes, parse: Callable[[bytes], etree._Element]) -> None:
    """Print what each stage takes on one document, warm, in milliseconds and as a multiple of the bare parse."""
    stages, bounds = stages_of(data), bounds_of(data, parse(data))
    ways = {"bare parse": parse, **stages, "extract, whole": extract, **bounds}
    best = best_times(ways, [data])
    floor = best["bare parse"]
    best["all else"] = best["extract, whole"] - sum(best[name] for name in stages)
    best["bound: all, with parse"] = floor + sum(best[name] for name in bounds)
    print(f"{title}: stages ({len(data):,} bytes)")
    for name in ("bare parse", *stages, "all else", "extract, whole", *bounds, "bound: all, with parse"):
        print(f"  {name:24} {best[name] * 1e3:10.3f} ms {best[name] / floor:7.2f} x the bare parse")


def profile_all() -> None:
    """Tell the stages of a sample report apart, as HTML and as DOCX."""
    facts = load_facts()["huaian-2024"]
    profile("HTML, sample report", draw_html(facts), parse_html)
    profile("DOCX, sample report", draw_docx(facts), parse_docx)


def measure_memory() -> None:
    """Print the peak memory of a worker that reads some documents of one format, by format."""
    print(f"peak memory of a worker that extracts {MEMORY_DOCUMENTS} documents of one format")
    for name in ("none", *available_formats()):
        with tempfile.TemporaryDirectory() as folder:
            if name != "none":
                write_documents(Path(folder), [name], MEMORY_DOCUMENTS)
            command = [sys.executable, "-m", "benchmarks.worker_memory", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout.rstrip() or f"failed: {done.stderr.strip().splitlines()[-1:]}"
        print(f"  {name:24} {said}")


def write_documents(folder: Path, formats: Sequence[str], count: int) -> list[Path]:
    """So many documents of the formats in turn, as files."""
    paths = []
    for index in range(count):
        document = write(f"{formats[index % len(formats)]}:7:{index}")
        path = folder / f"{index:05}.{document.format}"
        path.write_bytes(document.data)
        paths.append(path)
    return paths


def extract_file(path: Path) -> int:
    """What a worker does with one file; the size of the outcome."""
    return len(to_json(extract(path.read_bytes())))


def measure_scaling() -> None:
    """Print the documents a second of one and of two worker processes over a folder of mixed documents."""
    cores = os.cpu_count() or 1
    load = psutil.getloadavg()[0]
    print(f"{SCALING_DOCUMENTS} mixed documents ({', '.join(SCALING_FORMATS)}); {cores} processors, load {load:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        paths = write_documents(Path(folder), SCALING_FORMATS, SCALING_DOCUMENTS)
        single = 0.0
        for workers in (1, 2):
            rate = documents_a_second(paths, workers)
            single = single or rate
            print(f"  {workers} workers {rate:10,.1f} documents/s   efficiency {rate / single / workers:6.0%}")


def documents_a_second(paths: Sequence[Path], workers: int) -> float:
    """Documents a second between the first and the last answer: the start of the workers is left out."""
    answered = 0
    started = finished = 0.0
    before = 0
    for batch in map_documents(extract_file, paths, workers=workers):
        lost = [path for path, result in batch if isinstance(result, DocumentLost)]
        if lost:
            raise SystemExit(f"lost: {lost}")
        answered += len(batch)
        finished = time.perf_counter()
        if not started:
            started, before = finished, answered
    return (answered - before) / max(finished - started, 1e-9)


def main() -> None:
    wanted = sys.argv[1:] or ["time", "profile", "memory", "scaling"]
    gc.collect()
    if "time" in wanted:
        time_all()
    if "profile" in wanted:
        profile_all()
    if "memory" in wanted:
        measure_memory()
    if "scaling" in wanted:
        measure_scaling()


if __name__ == "__main__":
    main()
