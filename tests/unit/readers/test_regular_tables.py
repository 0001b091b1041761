"""A regular table comes out alike from the stylesheet and from the walk over its elements."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from extract.readers.html import read_html
from extract.readers.html_source import parse_page
from extract.readers.html_tables import TableReading, rows_of_regular_table
from extract.readers.regular_tables import has_marks

TEXTS = (
    "0",
    "12",
    " 1 234 ",
    "行政\n许可",
    "\u00a0",
    "",
    "本年新收（件）",
    "a\tb",
    "1&lt;2",
    "\u3000合计",
    "<![CDATA[x]]>",
)
WRAPS = (
    "{}", "<p>{}</p>", "<p><span>{}</span></p>", "<div>{}<br>{}</div>", "<p>{}</p><p>{}</p>", "<b>{}</b><i>{}</i>",
    "<font>{}</font><o:p></o:p>", "{}<br/>", " <p> {} </p> ", "<ul><li>{}</li><li>{}</li></ul>", "<s>{}</s>{}",
    "<script>x</script>{}", "<select><option>1</option></select>{}", "{}<sup>1</sup>", "{}<sub>②</sub>",
    "<pre>{}\n{}</pre>", "<center>{}</center>", "<a href='x'>{}</a>", "<input value=3>{}", "<td2>{}</td2>",
    "<h3>{}</h3>{}",
)  # fmt: skip
BETWEEN = (
    "",
    "",
    "",
    "",
    "\n",
    "<col>",
    "stray",
    "<!-- no -->",
    "<form>",
    "\u00a0",
    "<caption>表</caption>",
    "<tbody>",
    "<thead>",
)
SPANS = ("", "", "", " colspan=2", " rowspan=2", ' colspan="0" rowspan="x"', " colspan=''", " rowspan=99 colspan=3")


def table(rng: random.Random) -> str:
    rows = []
    for _ in range(rng.randint(1, 6)):
        cells = []
        for _ in range(rng.randint(0, 5)):
            wrap = rng.choice(WRAPS)
            inner = wrap.format(*(rng.choice(TEXTS) for _ in range(wrap.count("{}"))))
            cells.append(f"<{rng.choice(('td', 'td', 'th'))}{rng.choice(SPANS)}>{inner}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>" + (rng.choice(BETWEEN) if rng.random() < 0.2 else ""))
    opening = rng.choice(("<table>", "<table><tbody>", "<table>\n <tbody>\n", "<table><thead>"))
    return opening + rng.choice(("", "\n")).join(rows) + "</table>"


def elements(source: str) -> Iterator[Any]:
    root = parse_page(f"<div>{source}</div>".encode())
    assert root is not None
    yield from root.iter("table")


def test_both_ways_give_the_same_cells() -> None:
    regular = 0
    for seed in range(1500):
        source = table(random.Random(seed))
        for element in elements(source):
            rows = rows_of_regular_table(element)
            if rows is None:
                continue
            regular += 1
            fast, slow = TableReading(may_hide=False), TableReading(may_hide=False)
            fast.place(rows)
            slow.read(element, None)
            assert (fast.cells, fast.row_count, fast.around) == (slow.cells, slow.row_count, slow.around), source
    assert regular > 300


@pytest.mark.parametrize("mark", ["\ufdd1", "&#xFDD0;", "&#64978;", "&#XfDd4;"])
def test_a_page_that_holds_the_marks_is_read_without_them(mark: str) -> None:
    pasted = f"<p><span><b><i>1{mark}2</i></b></span></p>"
    rows = f"<tr><td>{pasted}</td><td>{pasted}</td></tr>" * 2
    source = f"<html><meta charset=utf-8><body><table>{rows}</table></body></html>".encode()
    assert has_marks(source)
    (grid,) = read_html(source).grids
    assert len(grid.cells) == 4
    assert {cell.text[0] + cell.text[-1] for cell in grid.cells} == {"12"}


def test_a_cell_nested_deeply_is_read_all_the_same() -> None:
    deep = "<b><i>" * 90 + "7" + "</i></b>" * 90
    source = f"<html><body><table><tr><td>{deep}</td><td>8</td></tr><tr><td>9</td><td>0</td></tr></table></body></html>"
    (grid,) = read_html(source.encode()).grids
    assert [cell.text for cell in grid.cells] == ["7", "8", "9", "0"]
