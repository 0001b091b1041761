"""Lines and fragments: what is left out for speed must change nothing that any table, title or section is told by."""

import random
import re
import unicodedata
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.forms.declaration import FormBlock, load_forms
from extract.forms.labels import bare, compact, nfkc, similarity, variants_of
from extract.forms.lines import MERGED_ROWS, Fragment, Line, grid_lines, is_prose, without_serials
from extract.forms.printed import altered, confirm, read_cell
from extract.forms.remedy_labels import LITIGATION, Labels
from extract.forms.rules import RuleStatus, evaluate, evaluate_all, rules_of
from extract.forms.sections import section_of_heading
from extract.forms.values import is_value_like
from extract.model import CellReading, Confidence, Grid, GridCell, Place
from pipelines.sample.random_reports import random_report

FORMS = load_forms()
BLOCKS: list[FormBlock] = [
    block for edition in FORMS.editions.values() for table in edition.tables for block in table.blocks
]
LABELS = sorted({label for block in BLOCKS for label in (*block.rows_by_label, *block.columns_by_label)})
TITLES = sorted({
    title
    for edition in FORMS.editions.values()
    for section in edition.sections
    for title in variants_of(section.title, section.variants)
})  # fmt: skip
PIECES = (
    "其中：", "一、", "（二）", "3.", "（", "）", "，", "、", " ", "[", "本年新收", "收到和处理", "信息内容", "件",
)  # fmt: skip
SENTENCE = "2024年，我局认真贯彻落实《中华人民共和国政府信息公开条例》，坚持以公开为常态、不公开为例外。"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*LABELS, *TITLES, SENTENCE, *PIECES]), min_size=1, max_size=12))
def test_what_counts_as_prose_names_nothing(parts: list[str]) -> None:
    text = "".join(parts).strip()
    if not is_prose(text):
        return
    assert bare(text) not in LABELS
    for label in LABELS:
        if bare(text).startswith(label):
            assert bare(bare(text)[len(label) :]) not in LABELS
    assert len(compact(text)) > 80
    assert all(section_of_heading(edition, text) is None for edition in FORMS.editions.values())
    assert not re.match("[一二三四五六七八九十]{1,2}[、.．,，:]|收到和处理|本年(?:度)?新收|信息内容", bare(text))
    assert not re.match("[一二三四五六七八九十]{1,2}[、.．,，:]|收到和处理|本年(?:度)?新收", compact(text))


def test_ordinary_paragraphs_are_prose_and_labels_are_not() -> None:
    assert is_prose(SENTENCE * 4)
    assert is_prose("（一）" + SENTENCE * 4)
    assert not any(is_prose(text) for text in (*LABELS, *TITLES, SENTENCE))
    assert not is_prose("总计（" + SENTENCE * 4)
    assert not is_prose("一、" + SENTENCE * 4)
    assert not is_prose("本年新收政府信息公开申请数量，" + SENTENCE * 4)
    assert not is_prose(SENTENCE * 2 + " 自然人 总计 " + SENTENCE)


def test_no_label_of_the_forms_could_be_a_figure() -> None:
    assert [label for label in LABELS if is_value_like(label)] == []
    # What is left of a figure with its unit once the digits are taken for an ordinal.
    assert not {"亿元", "万元", "千元", "元", "人次", "个", "件", "项", "条", "次", "份", "宗", "人"} & set(LABELS)


def test_every_channel_of_table_4_is_told_by_its_characters() -> None:
    for edition_id in ("E2019", "E2021"):
        labels = Labels(FORMS.editions[edition_id].table("t4").blocks[0])
        for label in (*labels.block.rows_by_label, LITIGATION):
            assert labels.named_channel(Fragment(label, Place())), label


def test_fragments_made_fast_are_those_made_by_name() -> None:
    texts = ["", " 12 ", "1.规章", "总计\u3000", "增加（其中修订1件）", SENTENCE * 5]
    cells = tuple(
        GridCell(0, 2 * column, text, Place(table=1, row=1, column=2 * column + 1), 1, 2, "ocr_uncertain")
        for column, text in enumerate(texts)
    )
    (line,) = grid_lines(Grid(cells, 1, 2 * len(texts), Place(table=1)), 1)
    for made, cell in zip(line.cells, cells, strict=True):
        named = Fragment(cell.text.strip(" \u3000"), cell.place, cell.column, cell.end_column, doubt=cell.doubt)
        assert [getattr(made, field.name) for field in fields(made)] == [
            getattr(named, field.name) for field in fields(named)
        ]


def test_readings_made_fast_are_those_made_by_name() -> None:
    edition = FORMS.editions["E2021"]
    place = Place(table=2, row=3, column=4)
    made = read_cell(edition, "t3.new_received.total", Fragment("12", place))
    named = CellReading("t3.new_received.total", 12, "12", made.status, place, unit="件")
    assert [getattr(made, field.name) for field in fields(made)] == [
        getattr(named, field.name) for field in fields(named)
    ]
    changed = altered(made, confidence=Confidence.DOUBTFUL, flags=("sum_mismatch",), implied=3)
    assert changed == replace(made, confidence=Confidence.DOUBTFUL, flags=("sum_mismatch",), implied=3)
    assert made == named
    confirm(made)
    assert made.confidence is Confidence.CONFIRMED


@pytest.mark.parametrize("seed", range(12))
def test_the_sums_of_a_report_come_out_as_one_by_one(seed: int) -> None:
    rng = random.Random(seed)
    facts = random_report(rng)
    place = Place()
    edition = FORMS.editions[facts.edition]
    cells = {
        code: read_cell(edition, code, Fragment(figure.raw, place)) for code, figure in facts.expected_cells().items()
    }
    for code in rng.sample(sorted(cells), 5):
        cells[code] = read_cell(edition, code, Fragment(rng.choice(["", "7", "不详"]), place))
    for severity in ("error", "warning"):
        together = list(evaluate_all(edition.id, cells, severity))
        one_by_one = [evaluate(rule, cells) for rule in rules_of(edition.id) if rule.severity == severity]
        assert together == one_by_one
    assert any(result.status is RuleStatus.PASS for result in evaluate_all(edition.id, cells, "error"))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=12) | st.text("０１（），：；％\u3000\u00a0①⑳ⅣＡ㈠\u0301e[bookmark:] ", max_size=12))
def test_normal_forms_are_those_of_unicode(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TITLES), st.sampled_from(TITLES), st.integers(0, 6), st.sampled_from([0.6, 0.82]))
def test_likeness_is_exact_where_it_is_enough(one: str, other: str, cut: int, at_least: float) -> None:
    exact = similarity(one[cut:], other)
    bounded = similarity(one[cut:], other, at_least)
    assert bounded == exact if exact >= at_least else bounded < at_least


def _flat(label: str, *figures: str) -> Line:
    return Line(tuple(Fragment(text, Place()) for text in (label, *figures)))


def test_serial_numbers_behind_the_rows_of_a_flattened_table_are_left_out() -> None:
    rows = [_flat(f"行{number}", "5", "9", str(number + 1)) for number in range(1, 8)]
    lines = without_serials([_flat("总计", "1"), *rows], 2)
    assert [line.text for line in lines] == ["总计", *(f"行{number} 5 9" for number in range(1, 8))]


def test_figures_that_do_not_count_up_are_no_serial_numbers() -> None:
    rows = [_flat(f"行{number}", "5", "9", "7") for number in range(1, 8)]
    lines = [_flat("总计", "1"), *rows]
    assert without_serials(lines, 2) == lines


def _spanned(figure: str, *below: tuple[int, str]) -> list[Line]:
    """A row whose figure reaches into the next, and the cells of the next, each with its column."""
    first = (GridCell(0, 0, "行政处罚", Place()), GridCell(0, 1, figure, Place(), row_span=2))
    rest = tuple(GridCell(1, column, text, Place()) for column, text in below)
    return list(grid_lines(Grid((*first, *rest), 2, 3, Place(table=1)), 1))


def test_a_figure_that_spans_the_rows_of_two_labels_is_in_doubt_in_both() -> None:
    first, second = _spanned("12", (0, "行政强制"))
    assert [(cell.text, cell.doubt) for cell in first.cells] == [("行政处罚", ""), ("12", MERGED_ROWS)]
    assert [(cell.text, cell.column, cell.doubt) for cell in second.cells] == [
        ("行政强制", 0, ""),
        ("", 1, MERGED_ROWS),
    ]


@pytest.mark.parametrize(
    ("figure", "below"),
    [
        pytest.param("12", [(0, "行政强制"), (2, "7")], id="a span too long has pushed the row below aside"),
        pytest.param("12", [(0, "行政强制"), (1, "7")], id="the row below has its own"),
        pytest.param("12", [], id="nothing is printed below"),
        pytest.param("12", [(0, "")], id="no label below"),
        pytest.param("", [(0, "行政强制")], id="blank"),
        pytest.param("/", [(0, "行政强制")], id="null token"),
        pytest.param("本年处理决定数量", [(0, "行政强制")], id="header"),
    ],
)
def test_other_cells_that_span_rows_are_as_they_were(figure: str, below: list[tuple[int, str]]) -> None:
    lines = _spanned(figure, *below)
    assert not any(cell.doubt for line in lines for cell in line.cells)
    assert [len(line.cells) for line in lines[1:]] == ([len(below)] if below else [])


def test_a_number_before_the_label_may_span_rows() -> None:
    cells = (
        GridCell(0, 0, "1", Place(), row_span=2),
        GridCell(0, 1, "行政处罚", Place()),
        GridCell(0, 2, "12", Place()),
        GridCell(1, 1, "行政强制", Place()),
        GridCell(1, 2, "7", Place()),
    )
    assert not any(cell.doubt for line in grid_lines(Grid(cells, 2, 3, Place()), 1) for cell in line.cells)
