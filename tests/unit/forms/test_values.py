"""Number cells: one case for each way in which real reports print them (anomalies.md section 2, values)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.forms.values import is_value_like, names_scale, parse_value, trim, unit_in, yuan
from extract.model import CellStatus


@pytest.mark.parametrize(
    ("printed", "value_type", "value", "status"),
    [
        ("0", "count", 0, CellStatus.REPORTED),
        ("\xa00\xa0", "count", 0, CellStatus.REPORTED),
        ("１，２３４", "count", 1234, CellStatus.REPORTED),
        ("11398889", "count", 11398889, CellStatus.REPORTED),
        ("85个", "count", 85, CellStatus.REPORTED),
        ("22（其中修订 16 件）", "count", 22, CellStatus.REPORTED),
        ("12[1]", "count", 12, CellStatus.REPORTED),
        ("177¹", "count", 177, CellStatus.REPORTED),
        ("177 ¹,²", "count", 177, CellStatus.REPORTED),
        ("177₁₂", "count", 177, CellStatus.REPORTED),
        ("177①", "count", 177, CellStatus.REPORTED),
        ("1²3", "count", None, CellStatus.TEXT),
        ("1①件", "count", None, CellStatus.TEXT),
        ("¹²", "count", None, CellStatus.TEXT),
        ("\u20021\u200e2\u200f", "count", 12, CellStatus.REPORTED),
        ("\u20600", "count", 0, CellStatus.REPORTED),
        ("零", "count", 0, CellStatus.REPORTED),
        ("0.00", "count", 0, CellStatus.REPORTED),
        ("", "count", None, CellStatus.BLANK),
        ("\xa0\u3000", "count", None, CellStatus.BLANK),
        ("/", "count", None, CellStatus.NOT_APPLICABLE),
        ("—", "count", None, CellStatus.NOT_APPLICABLE),
        ("--", "count", None, CellStatus.NOT_APPLICABLE),
        ("无", "count", None, CellStatus.NOT_APPLICABLE),
        ("不适用", "count", None, CellStatus.NOT_APPLICABLE),
        ("N/A", "count", None, CellStatus.NOT_APPLICABLE),
        ("20%", "count", None, CellStatus.TEXT),
        ("见附件", "count", None, CellStatus.TEXT),
        ("=SUM(D5:I5)", "count", None, CellStatus.TEXT),
        ("#REF!", "count", None, CellStatus.TEXT),
        ("#####", "count", None, CellStatus.TEXT),
        ("-3", "count", None, CellStatus.TEXT),
        ("6.5", "count", None, CellStatus.TEXT),
        ("12元", "count", None, CellStatus.TEXT),
        ("1,23", "count", None, CellStatus.TEXT),
        ("6.933", "amount", 6.933, CellStatus.REPORTED),
        ("933989元", "amount", 933989, CellStatus.REPORTED),
        ("-1", "amount", None, CellStatus.TEXT),
        ("6.933²", "amount", 6.933, CellStatus.REPORTED),
        ("0.78（7834元）", "amount", 0.78, CellStatus.REPORTED),
        ("7834.35（折合元）", "amount", None, CellStatus.TEXT),
        ("￥7834.35", "amount", None, CellStatus.TEXT),
        ("12（元）", "count", None, CellStatus.TEXT),
        ("3万", "count", None, CellStatus.TEXT),
        ("+3", "delta", 3, CellStatus.REPORTED),
        ("－2", "delta", -2, CellStatus.REPORTED),
        ("增加3项", "delta", 3, CellStatus.REPORTED),
        ("减少2", "delta", -2, CellStatus.REPORTED),
        ("增3减1", "delta", 2, CellStatus.REPORTED),
        ("+1[1]", "delta", 1, CellStatus.REPORTED),
        ("减少3※", "delta", -3, CellStatus.REPORTED),
        ("无变化", "delta", 0, CellStatus.REPORTED),
        ("12（减）", "delta", -12, CellStatus.REPORTED),
        ("12项（增加）", "delta", 12, CellStatus.REPORTED),
        ("↓12", "delta", -12, CellStatus.REPORTED),
        ("12↑", "delta", 12, CellStatus.REPORTED),
        ("负12", "delta", -12, CellStatus.REPORTED),
        ("减12¹", "delta", -12, CellStatus.REPORTED),
        ("12（较上年减少）", "delta", None, CellStatus.TEXT),
        ("12（-）", "delta", None, CellStatus.TEXT),
        ("减-12", "delta", None, CellStatus.TEXT),
        ("负12", "count", None, CellStatus.TEXT),
        ("增", "delta", None, CellStatus.TEXT),
        ("12（万件）", "count", None, CellStatus.TEXT),
        ("12（单位：万）", "count", None, CellStatus.TEXT),
        ("12（以万件计）", "count", None, CellStatus.TEXT),
        ("5（更正为6）", "count", None, CellStatus.TEXT),
        ("5（应为6）", "count", None, CellStatus.TEXT),
        ("5（数据有误）", "count", None, CellStatus.TEXT),
        ("12（应为15）", "amount", None, CellStatus.TEXT),
        ("1.2（万）", "amount", None, CellStatus.TEXT),
        ("7（含千岛湖镇2件）", "count", 7, CellStatus.REPORTED),
        ("7（罚款12万元）", "count", 7, CellStatus.REPORTED),
        ("7（修正案2件）", "count", 7, CellStatus.REPORTED),
        ("3（下降）", "delta", None, CellStatus.TEXT),
        ("3（负）", "delta", None, CellStatus.TEXT),
        ("3（取消）", "delta", None, CellStatus.TEXT),
        ("3（下放2项，取消1项）", "delta", None, CellStatus.TEXT),
        ("0（无取消）", "delta", 0, CellStatus.REPORTED),
        ("3（划入）", "delta", 3, CellStatus.REPORTED),
        ("3（已取消1件）", "count", 3, CellStatus.REPORTED),
    ],
)
def test_a_printed_cell_has_this_value(printed: str, value_type: str, value: float | None, status: CellStatus) -> None:
    parsed = parse_value(printed, value_type)  # type: ignore[arg-type]
    assert (parsed.value, parsed.status) == (value, status)


def test_a_blank_is_never_zero() -> None:
    for token in ("", " ", "/", "-", "—", "无", "不涉及"):
        for value_type in ("count", "amount", "delta"):
            assert parse_value(token, value_type).value is None  # type: ignore[arg-type]


@pytest.mark.parametrize("printed", ["177¹", "↓12", "12↑", "负12", "7834.35（元）", "7834.35万"])
def test_a_figure_with_a_mark_or_a_unit_stands_where_figures_stand(printed: str) -> None:
    assert is_value_like(printed)


@pytest.mark.parametrize(
    ("printed", "value", "unit"),
    [
        ("7834.35（元）", 7834.35, "元"),
        ("7834.35（单位：元）", 7834.35, "元"),
        ("0.78[万元]", 0.78, "万元"),
        ("0.78万", 0.78, "万元"),
        ("0.78（含税）", 0.78, None),
    ],
)
def test_a_unit_in_the_cell_is_the_unit_whatever_the_header_says(printed: str, value: float, unit: str | None) -> None:
    parsed = parse_value(printed, "amount")
    assert (parsed.value, parsed.unit) == (value, unit)


def test_digits_apart_are_joined_with_a_flag() -> None:
    parsed = parse_value("1 0", "count")
    assert parsed.value == 10
    assert "split_digits" in parsed.flags


def test_digits_apart_before_a_remark_are_not_believed() -> None:
    assert parse_value("1 0（其中1件）", "count").value is None


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(["{}", "\xa0{}", "{}件", "{:,}"]))
def test_a_whole_number_survives_its_print(number: int, print_as: str) -> None:
    assert parse_value(print_as.format(number), "count").value == number


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_but_never_raises(text: str) -> None:
    for value_type in ("count", "amount", "delta"):
        parsed = parse_value(text, value_type)  # type: ignore[arg-type]
        assert (parsed.value is not None) == (parsed.status is CellStatus.REPORTED)


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("本年收费金额（单位：万元）", "万元"),
        ("采购总金额（元）", "元"),
        ("采购总金额", None),
        ("金额（元/万元）", None),
        ("本年收费金额（单位：万 元）", "万元"),
        ("本年收费金额（单位：人民币元）", "元"),
        ("本年收费金额（单位：百万元）", None),
        ("本年收费金额（单位：十万元）", None),
        ("本年收费金额（单位：百元）", None),
        ("本年收费金额（单位：100元）", None),
        ("本年收费金额（单位：万美元）", None),
    ],
)
def test_the_unit_is_what_the_header_names(header: str, unit: str | None) -> None:
    assert unit_in(header) == unit


@pytest.mark.parametrize(
    ("printed", "is_scale"),
    [
        ("万条", True),
        ("本年处理决定数量（单位：万件）", True),
        ("统计数(千 件)", True),
        ("单位：万", True),
        ("件", False),
        ("本年收费金额（单位：万元）", False),
        ("第二十条第（五）项", False),
        ("（十）", False),
        ("十、千人计划", False),
        ("百件实事（项）", False),
    ],
)
def test_a_unit_of_tens_or_more_is_told_from_words_with_such_numbers(printed: str, is_scale: bool) -> None:
    assert names_scale(printed) is is_scale


def test_an_amount_without_unit_has_no_yuan_unless_it_is_zero() -> None:
    assert yuan(757000, None) is None
    assert yuan(0, None) == 0
    assert yuan(6.933, "万元") == 69330


def test_trimming_keeps_what_is_printed_inside() -> None:
    assert trim("\xa0 22\n（其中16件）\u3000") == "22\n（其中16件）"
