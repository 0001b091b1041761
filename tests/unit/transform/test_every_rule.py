"""For every rule of every edition a document that breaks it and one that does not, told from the declarations.

A rule that is declared and has no sample here fails: `SAMPLES` is asked for each.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from transform_samples import BLANK, BUREAU, Body, Year, document, full_form

from extract.forms.declaration import load_forms
from extract.forms.rules import RuleStatus, evaluate, rules_of
from extract.model import Anomaly, Leftover, Place, Section, Statement
from transform.extracted import ExtractedDocument
from transform.rules.declared import constants, load_rules
from transform.rules.whole_reports import publication_deadline

YEARS = {"E2008": 2012, "E2014": 2016, "E2019": 2020, "E2021": 2023}
FORM_RULES = [(check.id, edition.id) for edition in load_forms().editions.values() for check in edition.checks]
OTHER_RULES = [(rule.id, edition) for rule in load_rules() for edition in rule.editions]
OFFICE = Body("埇桥区人民政府", kind="government", scope="consolidated")
Sample = Callable[[str, str, bool], pa.Table]
"""Rule, edition, broken or not -> table `checks`."""


def rows_of(checks: pa.Table, rule: str) -> list[dict[str, object]]:
    return [row for row in checks.to_pylist() if row["rule_id"] == rule]


def form(edition: str, values: Mapping[str, float | str] | None = None) -> dict[str, float | str]:
    return full_form(edition, values or {}) if edition != "E2008" else {}


def report(
    edition: str,
    values: Mapping[str, float | str] | None = None,
    *,
    year: int | None = None,
    body: Body = BUREAU,
    whole_form: bool = True,
    **more: object,
) -> ExtractedDocument:
    """A report of the edition, all zeros but for `values`; `more` are fields of its reading."""
    printed = form(edition, values) if whole_form else dict(values or {})
    made = document(printed, year=year or YEARS[edition], edition=edition, body=body)
    assert made.extraction.report is not None
    reading = replace(made.extraction.report, **more)  # type: ignore[arg-type]
    return replace(made, extraction=replace(made.extraction, report=reading))


def checks_of(*documents: ExtractedDocument, bodies: tuple[Body, ...] = (BUREAU,), **tables: pa.Table) -> pa.Table:
    first = documents[0].extraction.report
    assert first is not None
    assert first.report_year is not None
    year = first.report_year
    previous = {name.removeprefix("previous_"): table for name, table in tables.items() if name.startswith("previous_")}
    earlier = {name.removeprefix("earlier_"): table for name, table in tables.items() if name.startswith("earlier_")}
    return Year(list(documents), year=year, bodies=bodies, previous=previous, earlier=earlier)["checks"]


def cells_of(found: ExtractedDocument) -> pa.Table:
    assert found.extraction.report is not None
    assert found.extraction.report.report_year is not None
    return Year([found], year=found.extraction.report.report_year)["cells"]


def panel_of(*found: ExtractedDocument) -> pa.Table:
    years = []
    for item in found:
        assert item.extraction.report is not None
        assert item.extraction.report.report_year is not None
        years.append(Year([item], year=item.extraction.report.report_year)["issuer_year"])
    return pa.concat_tables(years)


def prose(text: str) -> tuple[Section, ...]:
    return (Section("s1", "一、总体情况", text, Place(line=2)),)


def said(code: str, value: float, *flags: str) -> tuple[Statement, ...]:
    return (Statement(code, value, "件", f"共{value:g}件", Place(line=3), flags, "s1"),)


# ---- samples by rule -------------------------------------------------------------------------------------------------


def arithmetic(rule: str, edition: str, broken: bool) -> pa.Table:
    """One figure moved so that the first instance of the rule does not hold, as the rule itself says."""
    instance = next(found for found in rules_of(edition) if found.rule_id == rule)
    zeros = report(edition)
    last_year = report(edition, year=YEARS[edition] - 1)
    previous = cells_of(last_year)
    if not broken:
        return checks_of(zeros, previous_cells=previous)
    assert last_year.extraction.report is not None
    before = {cell.code: cell for cell in last_year.extraction.report.cells}
    for cell in instance.cells:
        for figure in (5, -5):
            moved = report(edition, {cell: figure})
            assert moved.extraction.report is not None
            here = {found.code: found for found in moved.extraction.report.cells}
            if evaluate(instance, here, before).status is RuleStatus.FAIL:
                return checks_of(moved, previous_cells=previous)
    raise AssertionError(f"nothing breaks {instance.id}")


def subtotal(rule: str, edition: str, broken: bool) -> pa.Table:
    figure = 4 if broken else 3
    if rule == "t3.applicant_subtotal":
        noted = (Anomaly("applicant_subtotal", "t3.new_received", str(figure)),)
        values = {"t3.new_received.commercial": 2, "t3.new_received.research": 1}
        return checks_of(report(edition, values, anomalies=noted))
    (declared,) = (found for found in load_rules() if found.id == rule)
    form_edition = load_forms().editions[edition]
    row = next(row for row in form_edition.table("t3").blocks[0].rows if row.code == declared.group)
    child = form_edition.children_of(declared.group)[0]
    left = Leftover(f"{row.number}{row.label} {figure} 0 0 0 0 0 {figure}", "printed_subtotal", Place(line=9))
    values = {f"t3.{child}.natural_person": 3, f"t3.{child}.total": 3}
    return checks_of(report(edition, values, leftovers=(left,)))


def count(rule: str, edition: str, broken: bool) -> pa.Table:
    kind, flag = ("amount", "invalid_amount") if rule == "report.money_not_negative" else ("count", "invalid_count")
    code = next(cell.code for cell in load_forms().editions[edition].cells if cell.type == kind)
    made = report(edition)
    assert made.extraction.report is not None
    cells = tuple(
        replace(cell, value=None, flags=(flag,)) if broken and cell.code == code else cell
        for cell in made.extraction.report.cells
    )
    return checks_of(report(edition, cells=cells))


def magnitude(rule: str, edition: str, broken: bool) -> pa.Table:
    code = next(cell.code for cell in load_forms().editions[edition].cells if cell.type == "amount")
    before = report(edition, {code: 12.5}, year=YEARS[edition] - 1)
    return checks_of(report(edition, {code: 130_000 if broken else 25}), previous_cells=cells_of(before))


def level(rule: str, edition: str, broken: bool) -> pa.Table:
    code = "st.received.value" if edition == "E2014" else "t3.new_received.total"
    earlier = [report(edition, {code: 20 + gap}, year=YEARS[edition] - gap) for gap in (1, 2, 3)]
    return checks_of(report(edition, {code: 900 if broken else 30}), earlier_issuer_year=panel_of(*earlier))


def peers(rule: str, edition: str, broken: bool) -> pa.Table:
    code = "st.received.value" if edition == "E2014" else "t3.new_received.total"
    bodies = tuple(Body(f"埇桥区第{number}局") for number in range(25))
    crowd = [report(edition, {code: 3 + number % 5}, body=body) for number, body in enumerate(bodies)]
    crowd[7] = report(edition, {code: 5000 if broken else 12}, body=bodies[7])
    return checks_of(*crowd, bodies=bodies)


def text(rule: str, edition: str, broken: bool) -> pa.Table:
    (declared,) = (found for found in load_rules() if found.id == rule)
    first = declared.against[edition][0].cells[0]
    values = {first: 7}
    return checks_of(report(edition, values, statements=said(declared.statement, 8 if broken else 7)))


def share(rule: str, edition: str, broken: bool) -> pa.Table:
    granted, base = (
        ("st.reply_granted.value", "st.replied.value")
        if edition == "E2014"
        else ("t3.granted.total", "t3.total_processed.total")
    )
    counted, percent = (8 if broken else 6, "60") if rule == "text.granted" else (6, "75.5" if broken else "60")
    words = f"全年予以公开{counted}件，占{percent}%。"
    return checks_of(report(edition, {granted: 6, base: 10}, sections=prose(words)))


def claim(rule: str, edition: str, broken: bool) -> pa.Table:
    words, cell = {
        "contradiction.all_handled": ("收到的政府信息公开申请已全部办结。", "t3.carried_forward.total"),
        "contradiction.all_reconsiderations_upheld": ("行政复议3件，均被维持。", "t4.reconsideration.pending"),
        "contradiction.all_suits_upheld": ("行政诉讼2件，全部驳回。", "t4.litigation_direct.pending"),
    }[rule]
    return checks_of(report(edition, {cell: 2 if broken else 0}, sections=prose(words)))


def blank_table(rule: str, edition: str, broken: bool) -> pa.Table:
    codes = [cell.code for cell in load_forms().editions[edition].cells if cell.table == "t3"]
    values: dict[str, float | str] = dict.fromkeys(codes, BLANK) if broken else {}
    return checks_of(report(edition, values, statements=said("s1.received", 5)))


def period(rule: str, edition: str, broken: bool) -> pa.Table:
    noted = (Anomaly("wrong_year", "title", "title says 2001"),) if broken else ()
    return checks_of(report(edition, anomalies=noted))


def own_name(rule: str, edition: str, broken: bool) -> pa.Table:
    year = YEARS[edition] - 2 if broken else YEARS[edition]
    return checks_of(report(edition, sections=prose(f"现公布{BUREAU.name}{year}年政府信息公开工作年度报告。")))


def timing(rule: str, edition: str, broken: bool) -> pa.Table:
    due = publication_deadline(YEARS[edition], is_government=False)
    return checks_of(report(edition, published_date=date(due.year, due.month + 1, 2) if broken else due))


def figures(edition: str, start: int) -> dict[str, float | str]:
    codes = [cell.code for cell in load_forms().editions[edition].cells]
    return {code: start + place for place, code in enumerate(codes[:12])}


def copied(rule: str, edition: str, broken: bool) -> pa.Table:
    mine = report(edition, figures(edition, 3))
    other_figures = figures(edition, 3 if broken else 4)
    if rule == "copy.other_year":
        before = panel_of(report(edition, other_figures, year=YEARS[edition] - 1))
        return checks_of(mine, earlier_issuer_year=before)
    other = Body("埇桥区卫生健康委员会")
    return checks_of(mine, report(edition, other_figures, body=other), bodies=(BUREAU, other))


def structure(rule: str, edition: str, broken: bool) -> pa.Table:
    if rule == "structure.table_missing":
        if edition == "E2008":  # prose alone, in a year whose form has tables
            return checks_of(
                report(edition, year=2016 if broken else 2012, year_edition="E2014" if broken else "E2008")
            )
        missing = (load_forms().editions[edition].tables[-1].id,)
        return checks_of(report(edition, missing_tables=missing if broken else ()))
    if rule == "structure.image_only":
        noted = (Anomaly("has_images", "document", ""),)
        return checks_of(report(edition, whole_form=not broken, anomalies=noted))
    other = "E2021" if edition != "E2021" else "E2019"
    return checks_of(report(edition, year_edition=other if broken else edition))


def reconciliation(rule: str, edition: str, broken: bool) -> pa.Table:
    code = "st.received.value" if edition == "E2014" else "t3.new_received.total"
    whole = report(edition, {code: 5 if broken else 50}, body=OFFICE)
    return checks_of(whole, report(edition, {code: 9}), bodies=(OFFICE, BUREAU))


def hint(rule: str, edition: str, broken: bool) -> pa.Table:
    made = report(edition)
    assert made.extraction.report is not None
    first, *others = made.extraction.report.cells
    words = "1 would close its row (total left at 0)" if broken else None
    return checks_of(report(edition, cells=(replace(first, repair_hint=words), *others)))


SAMPLES: Mapping[str, Sample] = {
    "subtotal": subtotal,
    "count": count,
    "year.amount_magnitude": magnitude,
    "year.level_break": level,
    "peers": peers,
    "text": text,
    "share": share,
    "contradiction": claim,
    "blank_table": blank_table,
    "period": period,
    "own_name": own_name,
    "timing": timing,
    "copy": copied,
    "structure": structure,
    "reconciliation": reconciliation,
    "hint": hint,
}
"""By rule, or by kind where one way fits all its rules."""
NO_ROW_WHEN_SILENT = frozenset({"hint.one_cell"})


def sample_of(rule: str) -> Sample:
    kind = next(found.kind for found in load_rules() if found.id == rule)
    return SAMPLES[rule] if rule in SAMPLES else SAMPLES[kind]


@pytest.mark.parametrize(("rule", "edition"), FORM_RULES)
def test_a_rule_of_the_form_fires_when_broken_and_is_silent_when_not(rule: str, edition: str):
    assert "fail" in [row["status"] for row in rows_of(arithmetic(rule, edition, True), rule)]
    assert {row["status"] for row in rows_of(arithmetic(rule, edition, False), rule)} == {"pass"}


@pytest.mark.parametrize(("rule", "edition"), OTHER_RULES)
def test_a_rule_fires_when_broken_and_is_silent_when_not(rule: str, edition: str):
    failing = [row for row in rows_of(sample_of(rule)(rule, edition, True), rule) if row["status"] == "fail"]
    assert failing, "the document that breaks it passes"
    for row in failing:
        assert row["sentence_zh"]
        assert row["sentence_en"]
        assert "{" not in f"{row['sentence_zh']}{row['sentence_en']}"
        assert row["printed"] is not None or row["blank_operand_count"]
        assert row["expected"] is not None
        assert row["edition"] == edition
    silent = {row["status"] for row in rows_of(sample_of(rule)(rule, edition, False), rule)}
    assert "fail" not in silent
    assert silent & {"pass", "assumed_zero"} or rule in NO_ROW_WHEN_SILENT, "the sound document was not assessed"


def test_every_edition_has_rules_and_every_number_of_the_list_has_one():
    assert {edition for _, edition in OTHER_RULES} == set(load_forms().editions)
    in_the_forms = {1, 2, 5, 7, 8}
    assert {rule.number for rule in load_rules()} | in_the_forms == set(range(1, 17))


# ---- what must not fire ----------------------------------------------------------------------------------------------


def failing(checks: pa.Table) -> set[str]:
    return {row["check_id"] for row in checks.to_pylist() if row["status"] == "fail"}


def test_received_may_count_new_applications_or_those_carried_over_too_and_the_reason_says_which():
    values = {"t3.new_received.total": 10, "t3.carried_over.total": 2}
    for stated, words in ((10, "new applications alone"), (12, "new applications and those carried over")):
        (row,) = rows_of(checks_of(report("E2021", values, statements=said("s1.received", stated))), "text.received")
        assert (row["status"], row["expected"], row["printed"]) == ("pass", stated, stated)
        assert row["reason"] == f"the prose counts {words}"
    only_new = said("s1.received", 12, "new_only")
    (row,) = rows_of(checks_of(report("E2021", values, statements=only_new)), "text.received")
    assert (row["status"], row["expected"], row["printed"]) == ("fail", 12.0, 10.0)


def test_a_rounded_figure_or_a_blank_in_the_table_is_no_contradiction():
    rounded = report("E2021", {"t3.new_received.total": 98}, statements=said("s1.received", 100, "approximate"))
    (row,) = rows_of(checks_of(rounded), "text.received")
    assert row["status"] == "not_assessable"
    blank = report(
        "E2021", {"t3.granted.total": 1, "t3.total_processed.total": BLANK}, statements=said("s1.replied", 3)
    )
    (row,) = rows_of(checks_of(blank), "text.replied")
    assert (row["status"], row["reason"]) == ("not_assessable", "all operands blank")


def test_an_offices_own_count_inside_a_consolidated_report_is_no_contradiction():
    clause = Statement("s1.received", 17, "件", "区政府办代表区政府受理17件", Place(line=3), (), "s1")
    whole = report("E2021", {"t3.new_received.total": 95}, statements=(clause,), body=OFFICE)
    (row,) = rows_of(checks_of(whole, bodies=(OFFICE,)), "text.received")
    assert row["status"] == "not_assessable"


@pytest.mark.parametrize(
    "words",
    [
        "除2件结转下年度办理外，收到的申请均已办结。",
        "上年结转的申请均已办结。",
        "到期的政府信息公开申请已全部办结。",
        "信访件已全部办结，申请均按时答复。",
        "申请按时办结率100%。其中2件结转下一年度。",
    ],
)
def test_words_that_leave_something_open_are_no_claim_that_all_is_closed(words: str):
    checks = checks_of(report("E2021", {"t3.carried_forward.total": 2}, sections=prose(words)))
    assert "contradiction.all_handled" not in failing(checks)


@pytest.mark.parametrize(
    "words",
    [
        "按时发布《埇桥区教育局2021年政府信息公开工作年度报告》。",
        "年初公布了埇桥区教育局2022年政府信息公开工作年度报告。",
        "埇桥区教育局2022年政府信息公开工作年度报告已于1月公布。",
    ],
)
def test_last_years_report_may_be_named(words: str):
    assert not failing(checks_of(report("E2021", sections=prose(words)))) & {"contradiction.own_name_other_year"}


@pytest.mark.parametrize(
    ("body", "year", "day", "status"),
    [
        (BUREAU, 2023, date(2024, 1, 31), "pass"),
        (BUREAU, 2023, date(2024, 2, 1), "fail"),
        (BUREAU, 2018, date(2019, 3, 31), "pass"),
        (BUREAU, 2018, date(2019, 4, 1), "fail"),
        (OFFICE, 2023, date(2024, 3, 31), "pass"),
        (OFFICE, 2023, date(2024, 4, 1), "fail"),
        (BUREAU, 2023, None, "not_assessable"),
        (BUREAU, 2023, date(2023, 6, 1), "not_assessable"),
    ],
)
def test_deadlines(body: Body, year: int, day: date | None, status: str):
    edition = load_forms().edition_for_year(year)
    assert edition is not None
    made = report(edition.id, year=year, body=body, published_date=day)
    (row,) = rows_of(checks_of(made, bodies=(body,)), "timing.published")
    assert row["status"] == status
    if status == "fail":
        assert (row["expected"], row["comparator"], row["printed"]) == (0.0, ">=", 1.0)
        assert "due by" in str(row["reason"])


def test_a_report_published_again_later_counts_from_its_first_day():
    first = report("E2021", published_date=date(2024, 1, 20))
    again = report("E2021", published_date=date(2024, 6, 20))
    again = replace(again, sha256="f" * 64, url="http://ogi.example.test/again.html")
    (row,) = rows_of(checks_of(first, again), "timing.published")
    assert row["status"] == "pass"


def test_two_empty_reports_are_no_copies_and_neither_are_a_governments_and_its_offices():
    other = Body("埇桥区卫生健康委员会")
    empty = checks_of(report("E2021"), report("E2021", body=other), bodies=(BUREAU, other))
    assert {row["status"] for row in rows_of(empty, "copy.other_issuer")} == {"not_assessable"}
    office = Body("埇桥区人民政府办公室", kind="government_office")
    twice = [report("E2021", figures("E2021", 3), body=body) for body in (OFFICE, office)]
    assert "copy.other_issuer" not in failing(checks_of(*twice, bodies=(OFFICE, office)))


def test_a_small_crowd_says_nothing_of_a_level():
    bodies = tuple(Body(f"埇桥区第{number}局") for number in range(constants().peers_needed - 1))
    crowd = [report("E2021", {"t3.new_received.total": 3}, body=body) for body in bodies]
    crowd[0] = report("E2021", {"t3.new_received.total": 9000}, body=bodies[0])
    found = rows_of(checks_of(*crowd, bodies=bodies), "peers.level")
    assert {row["status"] for row in found} == {"not_assessable"}


@pytest.mark.parametrize("ratio", [0.5, 3, 90, 1000, 100_000])
def test_growth_is_no_wrong_unit(ratio: float):
    code = "t2.admin_fees.amount"
    before = report("E2021", {code: 100}, year=2022)
    checks = checks_of(report("E2021", {code: 100 * ratio}), previous_cells=cells_of(before))
    assert f"year.amount_magnitude[{code}]" not in failing(checks)


def test_a_reconciliation_is_never_more_than_information():
    rows = rows_of(reconciliation("reconciliation.own_reports", "E2021", True), "reconciliation.own_reports")
    assert {row["severity"] for row in rows} == {"info"}


def test_results_do_not_depend_on_how_reports_are_batched():
    bodies = tuple(Body(f"埇桥区第{number}局") for number in range(4))
    made = [
        report("E2021", figures("E2021", 3 if number < 2 else number * 7), body=body, statements=said("s1.received", 1))
        for number, body in enumerate(bodies)
    ]
    together = Year(made, year=2023, bodies=bodies)
    panel = together["issuer_year"]
    apart = []
    for item in made:
        alone = Year([item], year=2023, bodies=bodies)
        alone["issuer_year"] = panel
        apart.append(alone["checks"])
    assert pa.concat_tables(apart).sort_by([("report_id", "ascending"), ("check_id", "ascending")]).to_pylist() == (
        together["checks"].sort_by([("report_id", "ascending"), ("check_id", "ascending")]).to_pylist()
    )
