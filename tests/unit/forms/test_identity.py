"""Title, issuer and year from titles and openings of many kinds."""

import pytest

from extract.forms.identity import is_report_title, read_identity
from extract.forms.lines import Fragment, Line
from extract.model import Place


def lines(*texts: str) -> list[Line]:
    return [Line((Fragment(text, Place(line=number)),)) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("title", "issuer", "year"),
    [
        ("甲县水利局2022年政府信息公开工作年度报告", "甲县水利局", 2022),
        ("2022年甲县水利局政府信息公开工作年度报告", "甲县水利局", 2022),
        ("甲县水利局2021年度政府信息公开工作报告", "甲县水利局", 2021),
        ("甲县水利局关于2022年政府信息公开工作的年度报告", "甲县水利局", 2022),
        ("甲市乙区丙丁街道办事处2020 年度政府信息公开年报", "甲市乙区丙丁街道办事处", 2020),
        ("甲市人民政府 2024 年政府信息公开工作年度报告", "甲市人民政府", 2024),
        ("甲县乙镇2023年政府信息公开工作年度报告（文字版）", "甲县乙镇", 2023),
        ("甲市2025年政府信息公开工作年度报告", "甲市", 2025),
        ("2022年度甲县人民政府信息公开工作年度报告", "甲县人民政府", 2022),
    ],
)
def test_a_title_names_issuer_and_year(title: str, issuer: str, year: int) -> None:
    identity = read_identity(lines(title, "正文"), {}, None)
    assert (identity.issuer, identity.report_year) == (issuer, year)
    assert identity.title == title


def test_a_title_over_two_lines_is_joined() -> None:
    identity = read_identity(lines("甲县信访局", "2020年政府信息公开工作年度报告"), {}, None)
    assert identity.title == "甲县信访局2020年政府信息公开工作年度报告"
    cut = read_identity(lines("甲县信访局2020年度政府信息公开工作", "年度报告"), {}, None)
    assert (cut.issuer, cut.report_year) == ("甲县信访局", 2020)


def test_the_stated_period_decides_the_year_and_a_contradiction_is_an_anomaly() -> None:
    identity = read_identity(
        lines("甲镇2021年政府信息公开工作年度报告", "本报告数据的统计期限为2020年1月1日至2020年12月31日。"), {}, None
    )
    assert identity.report_year == 2020
    assert [anomaly.code for anomaly in identity.anomalies] == ["wrong_year"]


def test_an_issuer_missing_in_the_title_comes_from_the_opening() -> None:
    identity = read_identity(
        lines("政府信息公开工作年度报告", "特向社会公布2020年度甲区乙镇人民政府信息公开年度报告。"), {}, None
    )
    assert (identity.issuer, identity.report_year) == ("甲区乙镇人民政府", 2020)
    assert identity.issuer_evidence == "opening of the text"


def test_a_breadcrumb_is_not_a_title() -> None:
    identity = read_identity(
        lines("当前位置：首页 > 政务公开 > 政府信息公开年报", "甲县水利局2022年政府信息公开工作年度报告"), {}, None
    )
    assert identity.issuer == "甲县水利局"


def test_a_region_for_an_issuer_is_completed_by_the_source_of_the_page() -> None:
    identity = read_identity(
        lines("甲实验区2025年度政府信息公开工作年度报告"), {"source": "甲实验区管委会办公室"}, None
    )
    assert identity.issuer == "甲实验区管委会"


def test_nothing_to_go_by_gives_nothing() -> None:
    identity = read_identity(lines("会议纪要", "各单位要高度重视。"), {}, None)
    assert (identity.issuer, identity.report_year, identity.title) == (None, None, None)


@pytest.mark.parametrize(
    "title",
    [
        "图解：甲县水利局2022年政府信息公开工作年度报告",
        "甲县水利局2022年政府信息公开工作年度报告解读",
        "政府信息公开工作年度报告制度",
        "甲县政府信息公开指南",
        "2022年政府网站工作年度报表",
    ],
)
def test_what_is_about_a_report_is_not_a_report(title: str) -> None:
    assert not is_report_title(title)


def test_a_signature_gives_name_and_date() -> None:
    identity = read_identity(
        lines("甲县信访局2020年政府信息公开工作年度报告", "正文", "无", "甲县信访局", "2021年1月29日"), {}, None
    )
    assert identity.signed_by == "甲县信访局"
    assert str(identity.signed_date) == "2021-01-29"
