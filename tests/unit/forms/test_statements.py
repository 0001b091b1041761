"""Figures of the prose: read where the sentence leaves no choice, with clause and place, and left alone elsewhere."""

import random
from collections.abc import Iterable

import pytest

from extract.api import extract
from extract.forms.declaration import load_forms
from extract.forms.statements import load_statements, read_statements
from extract.model import Document, DocumentFormat, Paragraph, Place, ReportReading, Section, Statement
from pipelines.sample.draw_html import draw_html
from pipelines.sample.random_reports import random_report


def read(
    *paragraphs: str, year: int | None = 2024, section: str = "s1", places: Iterable[int] | None = None
) -> tuple[Statement, ...]:
    """The statements of a report whose one section holds these paragraphs, on lines of their own."""
    heading = Paragraph("一、总体情况", Place(line=1), is_heading=True)
    body = tuple(Paragraph(text, Place(line=number)) for number, text in enumerate(paragraphs, start=2))
    document = Document(DocumentFormat.HTML, (heading, *body))
    sections = (Section(section, heading.text, "\n".join(paragraphs), heading.place),)
    report = ReportReading("t", "i", year, "E2021", "E2021", (), (), (), sections)
    return read_statements(document, report)


def told(*paragraphs: str, year: int | None = 2024, section: str = "s1") -> dict[str, int | float]:
    return {statement.code: statement.value for statement in read(*paragraphs, year=year, section=section)}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("2024年，全区共收到政府信息公开申请154件，共办结148件，结转至2025年6件。",
         {"s1.received": 154, "s1.replied": 148, "s1.carried_forward": 6}),
        ("本年新收政府信息公开申请１２件，上年结转2件，办结13件，结转下年度继续办理1件。",
         {"s1.received": 12, "s1.carried_over": 2, "s1.replied": 13, "s1.carried_forward": 1}),
        ("全市共受理政府信息公开申请 3119 件，答复 3050 件（含上年度结转申请 34 件，另有 103 件顺延到下年度答复）。",
         {"s1.received": 3119, "s1.replied": 3050, "s1.carried_over": 34, "s1.carried_forward": 103}),
        ("共收到公民、法人和其他组织提出的政府信息公开申请1,234件，已全部答复。", {"s1.received": 1234}),
        ("全年收到5件政府信息公开申请。", {"s1.received": 5}),
        ("受理依申请公开十二件，其中自然人申请八件，法人申请四件。",
         {"s1.received": 12, "s1.received_natural_person": 8}),
        ("2023年结转政府信息公开申请3件。", {"s1.carried_over": 3}),
        ("因政府信息公开引起行政复议3件、行政诉讼1件。", {"s1.reconsideration": 3, "s1.litigation": 1}),
        ("全年办理因政府信息公开申请引发的行政复议36起，行政诉讼9起。", {"s1.reconsideration": 36, "s1.litigation": 9}),
        ("信息公开类行政复议7件，诉讼9件，均获维持。", {"s1.reconsideration": 7, "s1.litigation": 9}),
        ("截止2024年12月31日，主动公开政府信息共56条。", {"s1.proactive_total": 56}),
        ("通过门户网站主动公开政府信息7700余条，通过微信公众号发布信息672条，通过政务微博发布信息88条。",
         {"s1.proactive_website": 7700, "s1.proactive_wechat": 672, "s1.proactive_weibo": 88}),
    ],
)  # fmt: skip
def test_figures_of_section_one_are_read(sentence: str, expected: dict[str, int]):
    assert told(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("2024年全市实际收取信息处理费共计400元。", {"s6.fee_received_amount": 400}),
        ("全年收取政府信息公开信息处理费 3940 元。", {"s6.fee_received_amount": 3940}),
        ("2024年有1件政府信息公开申请收取信息处理费380元。", {"s6.fee_received_amount": 380}),
        ("收取信息处理费0.12万元。", {"s6.fee_received_amount": 0.12}),
        ("本年度收取信息处理费0元。", {"s6.fee_received_amount": 0}),
        ("2024年，本机关发出收费通知2件，收费通知总金额520元，实际收取信息处理费320元。",
         {"s6.fee_notice_count": 2, "s6.fee_notice_amount": 520, "s6.fee_received_amount": 320}),
        ("2024年未收取政府信息公开信息处理费。", {"s6.fee_received_amount": 0}),
        ("2024年，无收取信息处理费情况。", {"s6.fee_received_amount": 0}),
    ],
)  # fmt: skip
def test_fees_of_section_six_are_read(sentence: str, expected: dict[str, float]):
    assert told(sentence, section="s6") == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "2023年收到政府信息公开申请5件。",
        "去年收到政府信息公开申请5件。",
        "较上年收到政府信息公开申请增加3件。",
        "收到政府信息公开申请同比增长20件。",
        "其中，收到网络申请5件，信函申请3件。",
        "办结人大建议12件、政协提案10件，答复率100%。",
        "受理行政许可申请120件，办结120件。",
        "办理行政复议案件120件，行政诉讼案件15件。",
        "因政府信息公开引起的行政复议案件中，维持3件，纠正1件。",
        "未发生因依申请公开被行政复议纠错或被行政诉讼败诉的情况。",
        "微信公众号粉丝达1360万，两条微信阅读量达180万次。",
        "通过门户网站、微信公众号等发布各类信息530条。",
        "主动公开规章13件，行政规范性文件60件。",
        "自2019年以来累计收到政府信息公开申请99件。",
        "计划于明年主动公开政府信息500条。",
        "收到政府信息公开申请若干件。",
        "信息处理费按件计收，超过10件的部分每件100元。",
        "公开申请渠道3个。",
        "申请数量较去年回落12.3%。",
    ],
)
def test_a_sentence_that_says_something_else_is_not_read(sentence: str):
    assert told(sentence, section="s1") == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "五年来累计收到政府信息公开申请1200件。",
        "近三年共收到政府信息公开申请300件。",
        "2020年至2024年，全市收到政府信息公开申请560件。",
        "“十四五”期间收到政府信息公开申请5600件。",
        "本届政府共收到政府信息公开申请5600件。",
        "历史上共收到政府信息公开申请5600件。",
        "自条例施行后，共收到政府信息公开申请5600件。",
        "条例实施以来，共收到政府信息公开申请5600件。",
        "自开通，政务微博累计发布信息1200条。",
        "去年，我市收到政府信息公开申请56件。",
        "近年来，我局未收到政府信息公开申请。",
        "上半年，我市收到政府信息公开申请30件。",
        "2024年12月，收到政府信息公开申请2件。",
        "1-6月共收到政府信息公开申请30件。",
        "2024年1月1日至6月30日，收到政府信息公开申请2件。",
        "截至2024年6月30日，收到政府信息公开申请2件。",
        "每月收到政府信息公开申请5件。",
        "月均收到政府信息公开申请5件。",
        "网站日均发布信息120条。",
        "政府网站每周发布信息20条。",
        "主动公开政府信息20条/日。",
        "收取信息处理费10元/页。",
        "收取信息处理费100元每件。",
    ],
)
def test_a_figure_of_another_time_and_a_rate_are_not_read(sentence: str):
    assert told(sentence) == {}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("自2024年1月1日起至12月31日止，收到政府信息公开申请12件。", {"s1.received": 12}),
        ("2024年1-12月，收到政府信息公开申请12件。", {"s1.received": 12}),
        ("2024年1月至12月收到政府信息公开申请12件。", {"s1.received": 12}),
        ("截止12月底，收到政府信息公开申请12件。", {"s1.received": 12}),
        ("一年来，收到政府信息公开申请12件。", {"s1.received": 12}),
        ("近年来工作有序，2024年共收到政府信息公开申请12件。", {"s1.received": 12}),
        ("去年收到政府信息公开申请10件，今年收到政府信息公开申请12件。", {"s1.received": 12}),
        ("收到政府信息公开申请12件，较去年增长20%，今年均已答复12件。", {"s1.received": 12, "s1.replied": 12}),
        ("上年结转2件，新收政府信息公开申请12件。", {"s1.carried_over": 2, "s1.received": 12}),
        ("3月出台制度，每季度开展监测，全年主动公开政府信息500条。", {"s1.proactive_total": 500}),
    ],
)
def test_a_sentence_that_comes_back_to_the_whole_year_is_read(sentence: str, expected: dict[str, int]):
    assert told(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("办理行政复议案件560件，涉及政府信息公开30件。", {}),
        ("办理行政复议案件560件（其中政府信息公开类30件）。", {}),
        ("办理行政诉讼案件120件，其中政府信息公开类8件。", {}),
        ("办理信息公开、行政处罚等行政复议案件560件。", {}),
        ("审理行政复议案件33件，公开复议决定书33份，加强政府信息公开。", {}),
        ("收到政府信息公开申请40件，当场答复12件。", {"s1.received": 40}),
        ("收到政府信息公开申请40件，按期答复38件。", {"s1.received": 40}),
        ("在线回复56件，依申请公开平台运行良好。", {}),
        ("收到政府信息公开申请30件，不予公开5件，其中自然人4件。", {"s1.received": 30}),
        ("收到政府信息公开申请30件，不予公开5件，其中法人1件，自然人4件。", {"s1.received": 30}),
        ("答复30件，按申请人分，自然人申请4件。", {"s1.received_natural_person": 4}),
        ("在政务公开栏主动公开信息45条。", {}),
    ],
)
def test_a_part_is_not_taken_for_the_whole_nor_a_whole_for_its_part(sentence: str, expected: dict[str, int]):
    assert told(sentence) == expected


def test_none_in_words_is_a_zero_that_says_so():
    statements = read("2024年，我街道未收到政府信息公开申请。", "全年未发生因政府信息公开引起的行政复议和行政诉讼。")
    assert [(s.code, s.value, s.unit, s.flags) for s in statements] == [
        ("s1.received", 0, None, ("stated_none",)),
        ("s1.reconsideration", 0, None, ("stated_none",)),
        ("s1.litigation", 0, None, ("stated_none",)),
    ]


def test_a_statement_keeps_its_clause_as_printed_its_unit_and_its_place():
    (statement,) = read("一年来，各项工作有序推进。", "全市共受理政府信息公开申请 3,119 件，均已依法办理。")
    assert (statement.value, statement.unit, statement.raw) == (3119, "件", "全市共受理政府信息公开申请 3,119 件")
    assert (statement.place, statement.section) == (Place(line=3), "s1")
    (fee,) = read("收取信息处理费1.2万元。", section="s6")
    assert (fee.value, fee.unit) == (1.2, "万元")


def test_rounded_and_qualified_figures_are_flagged():
    (about,) = read("主动公开政府信息5500余条。")
    assert about.flags == ("approximate",)
    (new,) = read("新收政府信息公开申请5件。")
    assert new.flags == ("new_only",)


def test_a_sentence_broken_over_lines_is_read_whole_and_placed_where_it_begins():
    statements = read("2024年，全市共受理政府信息公开申请31", "19件，均在法定期限内依法办理，答", "复3050件。")
    assert [(s.code, s.value, s.place.line) for s in statements] == [("s1.received", 3119, 2), ("s1.replied", 3050, 3)]


def test_a_new_item_does_not_go_on_the_line_above():
    assert told("（一）收到政府信息公开申请较多的部门有教育局和住建局", "（二）5件行政复议均已审结。") == {}


def test_one_thing_stated_with_two_figures_is_not_read():
    assert told("全市收到政府信息公开申请100件。", "本级共收到政府信息公开申请20件。") == {}
    assert told("全市收到政府信息公开申请100件。", "今年收到政府信息公开申请100件，均已答复。") == {"s1.received": 100}


def test_sections_that_hold_the_tables_are_not_prose():
    assert told("一、本年新收政府信息公开申请数量5件", section="s3") == {}


def test_a_document_without_headings_is_prose_throughout():
    document = Document(DocumentFormat.TEXT, (Paragraph("2010年共收到政府信息公开申请5件。", Place(line=1)),))
    report = ReportReading("t", "i", 2010, "E2008", "E2008", (), (), ())
    (statement,) = read_statements(document, report)
    assert (statement.code, statement.value, statement.section) == ("s1.received", 5, "")


def test_a_figure_recognised_from_a_picture_says_so():
    place = Place(page=1, line=1)
    blocks = (Paragraph("2010年共收到政府信息公开申请约5件，答复3件。", place),)
    report = ReportReading("t", "i", 2010, "E2008", "E2008", (), (), ())
    for notes, mark in (((), ()), (("has_images", "ocr"), ("recognised",))):
        found = read_statements(Document(DocumentFormat.PDF, blocks, notes=notes), report)
        assert [statement.flags for statement in found] == [("approximate", *mark), mark]


def test_codes_are_those_of_the_declared_metrics_where_there_are_any():
    codes = {spec.code for spec in load_statements()}
    declared = {metric.code for metric in load_forms().editions["E2021"].narrative_metrics}
    assert declared <= codes
    prose = {metric.code for metric in load_forms().editions["E2008"].narrative_metrics}
    assert {"received", "replied", "reconsideration", "litigation", "proactive_total"} <= prose & {
        code.split(".")[1] for code in codes
    }


@pytest.mark.parametrize("seed", range(25))
def test_what_a_drawn_report_says_agrees_with_its_tables(seed: int):
    facts = random_report(random.Random(seed), edition="E2021", oddities=())
    report = extract(draw_html(facts)).report
    assert report is not None
    stated = {statement.code: statement.value for statement in report.statements}
    tables = {
        "s1.received": facts.number("t3.new_received.total"),
        "s1.replied": facts.number("t3.total_processed.total"),
        "s1.carried_forward": facts.number("t3.carried_forward.total"),
        "s1.carried_over": facts.number("t3.carried_over.total"),
        "s1.reconsideration": facts.number("t4.reconsideration.total"),
        "s1.proactive_total": facts.narrative.disclosed_items,
    }
    assert "s1.received" in stated
    assert {code: value for code, value in stated.items() if code in tables and tables[code] != value} == {}
    assert stated["s6.fee_received_amount"] == 0
