"""Style sheets inside an HTML page: what a class strikes out, hides or raises, and what it must not cost."""

import pytest

from extract.model import Document, Grid
from extract.readers.html import read_html


def read(sheet: str, body: str, attributes: str = "") -> Document:
    return read_html(f"<html><head><style{attributes}>{sheet}</style></head><body>{body}</body></html>".encode())


def first_row(sheet: str, cell: str, attributes: str = "") -> list[str]:
    (grid,) = read(sheet, f"<table><tr><td>甲</td><td>{cell}</td></tr></table>", attributes).grids
    return [one.text for one in grid.rows[0]]


@pytest.mark.parametrize(
    ("sheet", "cell", "expected"),
    [
        (".del{color:#999;text-decoration:line-through}", "<span class=del>77</span>38", "38"),
        (".del{text-decoration-line: LINE-THROUGH}", "<p class=del>77</p><p>38</p>", "38"),
        ("span.x.del, .y{text-decoration:line-through}", "<span class='del x'>77</span>38<i class=y>9</i>", "38"),
        ("#old{text-decoration:line-through}", "<span id=old>77</span>38", "38"),
        ("td .del{text-decoration:line-through}", "<b><span class=del>77</span></b>38", "38"),
        (
            "<!-- /* .x{} */ @import 'a.css';.hide { display : none !important } -->",
            "<font class=hide>77</font>38",
            "38",
        ),
        (".hide{visibility:hidden}", "<span class=hide>77</span>38", "38"),
        (".hide{font-size:0}", "<span class=hide>77</span>38", "38"),
        (".note{vertical-align:super;font-size:8px}", "38<span class=note>1</span>", "38[1]"),
        (".sr{position:absolute;width:1px;clip:rect(0, 0, 0, 0)}", "38<span class=sr>38</span>", "38"),
        (".sr{clip: rect(1px 1px 1px 1px)}", "38<span class=sr>38</span>", "38"),
        (".sr{clip-path:inset(50%)}", "38<span class=sr>38</span>", "38"),
        (".sr{position:absolute;left:-9999px}", "38<span class=sr>38</span>", "38"),
        (".sr{text-indent:-999em}", "38<span class=sr>38</span>", "38"),
        (".pad{opacity:0}", "<i class=pad>0</i>38", "38"),
        (".pad{color:transparent}", "38<i class=pad>0</i>", "38"),
        ("@media screen and (min-width:601px){.phone{display:none}}", "38<span class=phone>38</span>", "38"),
    ],
)
def test_a_class_works_as_a_style_does(sheet: str, cell: str, expected: str) -> None:
    assert first_row(sheet, cell) == ["甲", expected]


@pytest.mark.parametrize(
    ("sheet", "attributes"),
    [
        (".other{display:none}", ""),
        ("div .x{display:none}", ""),
        ("td > .x{display:none}.x:hover{display:none}", ""),
        ("@media print{.x{display:none}}", ""),
        ("@media (max-width:600px){.y{color:red}.x{display:none}}.y{display:none}", ""),
        (".x{display:none}", " media=print"),
        (".x{display:none}", " media='screen and (max-width:600px)'"),
        (".x{display:none}td .x{display:inline}", ""),
        (".x{text-decoration:line-through}.z{text-decoration:none}", ""),
        (".x{display:none", " media=print"),
        ("@media (min-width:1601px){.x{display:none}}", ""),
        ("@media (min-width:601px) and (max-width:900px){.x{display:none}}", ""),
        (".x{opacity:0.5}", ""),
        (".x{clip:rect(0,90px,20px,0)}.y{opacity:0}", ""),
        (".x{background-color:transparent}.y{color:transparent}", ""),
        (".x{background-clip:text;color:transparent}", ""),
        (".x{margin-left:-9999px;left:-99px}.y{left:-9999px}", ""),
    ],
)
def test_what_another_rule_shows_or_another_medium_hides_is_read(sheet: str, attributes: str) -> None:
    assert first_row(sheet, "<span class='x z'>3</span>8", attributes) == ["甲", "38"]


def test_a_sheet_printed_with_every_cell_counts_once() -> None:
    cell = "<td><style>.sr{clip:rect(0,0,0,0)}</style>38<span class=sr>38</span></td>"
    (grid,) = read("", f"<table><tr><td>甲</td>{cell * 60}</tr></table>").grids
    assert {one.text for one in grid.rows[0][1:]} == {"38"}


def test_its_own_style_goes_before() -> None:
    assert first_row(".x{display:none}", "<span class=x style='display:inline'>3</span>8") == ["甲", "38"]


@pytest.mark.parametrize(
    "body",
    [
        "<div class=x><table><tr><td>甲</td><td>38</td></tr></table></div>",
        "<table class=x><tr><td>甲</td><td>38</td></tr></table>",
        "<table><tr class=x><td>甲</td><td>38</td></tr></table>",
        "<table><tr><td class=x>甲</td><td><p class=x>38</p></td></tr></table>",
        "<span class=x><table><tr><td>甲</td><td>38</td></tr></table></span>",
    ],
)
@pytest.mark.parametrize("hidden", ["display:none", "opacity:0", "position:absolute;left:-9999px"])
def test_blocks_and_tables_that_a_class_hides_are_read(body: str, hidden: str) -> None:
    document = read(f".x{{{hidden}}}", body)
    (grid,) = [block for block in document.blocks if isinstance(block, Grid)]
    assert [one.text for one in grid.rows[0]] == ["甲", "38"]


def test_struck_text_of_a_paragraph_is_not_read() -> None:
    document = read(".del{text-decoration:line-through}", "<p>全年<span class=del>77</span>38件</p>")
    assert [paragraph.text for paragraph in document.paragraphs] == ["全年38件"]


@pytest.mark.parametrize(
    "sheet",
    [
        "}{.x{display:none",
        "{{{{line-through",
        "..#{display:none}",
        ".x{display:none}" * 9000,
        "@media (min-width:9px){" * 5000,
    ],
)
def test_broken_and_endless_sheets_harm_nothing(sheet: str) -> None:
    assert first_row(sheet, "38")[1] == "38"
