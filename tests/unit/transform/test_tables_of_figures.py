"""Applications, litigation, proactive disclosure, cells and narratives against hand-made figures."""

from dataclasses import replace

import pytest
from transform_samples import BLANK, TEXT, Values, Year, cell, document, full_form, row_of

from extract.model import CellReading, CellStatus, Place, Statement


def made_of(values: Values, *, edition: str = "E2021", year: int = 2022) -> Year:
    return Year([document(values, edition=edition, year=year)], year=year)


def test_a_blank_cell_is_never_zero_in_any_table():
    made = made_of(full_form("E2021", {}, others=BLANK))
    for name, column in (
        ("cells", "value"), ("applications", "count"), ("litigation", "count"), ("proactive_disclosure", "value"),
    ):  # fmt: skip
        table = made[name]
        assert table.num_rows > 0
        assert table.column(column).null_count == table.num_rows, name
        assert set(table.column("status").to_pylist()) == {"blank"}


def test_implied_values_and_hints_stand_beside_the_value():
    report = document(full_form("E2021", {"t3.granted.total": BLANK}))
    reading = report.extraction.report
    assert reading is not None
    cells = tuple(
        replace(found, implied=4, repair_hint="21 would close its row (transposed digits)")
        if found.code == "t3.granted.total"
        else found
        for found in reading.cells
    )
    changed = replace(report, extraction=replace(report.extraction, report=replace(reading, cells=cells)))
    row = row_of(Year([changed], year=2022)["cells"], cell="t3.granted.total")
    assert (row["value"], row["implied"]) == (None, 4)
    assert row["repair_hint"] == "21 would close its row (transposed digits)"
    assert row_of(made_of(full_form("E2021", {}))["cells"], cell="t3.granted.total")["implied"] is None


def test_statements_of_the_prose_stand_in_a_table_of_their_own_with_clause_and_place():
    report = document(full_form("E2021", {}))
    reading = report.extraction.report
    assert reading is not None
    place = Place(line=12)
    statements = (
        Statement("s1.received", 154, "件", "共收到政府信息公开申请154件", place, (), "s1"),
        Statement("s6.fee_received_amount", 0.4, "万元", "收取信息处理费0.4万元", place, (), "s6"),
        Statement("s1.litigation", 0, None, "未发生行政诉讼", place, ("stated_none",), ""),
    )
    changed = replace(report, extraction=replace(report.extraction, report=replace(reading, statements=statements)))
    rows = Year([changed], year=2022)["statements"].to_pylist()
    told = [(row["code"], row["section"], row["value"], row["unit"], row["yuan"], row["flags"]) for row in rows]
    assert told == [
        ("s1.received", "s1", 154.0, "件", None, []),
        ("s6.fee_received_amount", "s6", 0.4, "万元", 4000.0, []),
        ("s1.litigation", None, 0.0, None, None, ["stated_none"]),
    ]
    assert (rows[0]["raw"], rows[0]["place"]) == ("共收到政府信息公开申请154件", "line 12")
    assert row_of(made_of(full_form("E2021", {}))["cells"], cell="t3.new_received.total")["value"] == 0


def test_applications_hold_every_item_and_applicant_type_of_table_3():
    applications = made_of(full_form("E2021", {"t3.granted.commercial": 7}))["applications"]
    assert applications.num_rows == 175
    row = row_of(applications, item_code="granted", applicant_type="commercial")
    assert (row["count"], row["item"], row["item_group"], row["is_total"]) == (7, "予以公开", "outcome", False)
    assert (row["province"], row["county"], row["scope"], row["comparability"]) == ("安徽省", "埇桥区", "own", "exact")
    assert row["source_cells"] == ["t3.granted.commercial"]


def test_item_groups_restate_the_balance():
    values = {
        "t3.new_received.total": 10,
        "t3.carried_over.total": 2,
        "t3.granted.total": 6,
        "t3.withheld_state_secret.total": 3,
        "t3.total_processed.total": 9,
        "t3.carried_forward.total": 3,
    }
    applications = made_of(full_form("E2021", values))["applications"]
    sums: dict[str, int] = {}
    for row in applications.to_pylist():
        if row["applicant_type"] == "total":
            sums[row["item_group"]] = sums.get(row["item_group"], 0) + row["count"]
    assert sums == {"received": 10, "carried_over": 2, "outcome": 9, "outcome_total": 9, "carried_forward": 3}


def test_leaving_out_totals_counts_every_application_once():
    rows, columns = ("granted", "withheld_state_secret"), ("natural_person", "research")
    values = {f"t3.{row}.{column}": 1 for row in rows for column in columns}
    values |= {f"t3.total_processed.{column}": 2 for column in columns}
    values |= {"t3.granted.total": 2, "t3.withheld_state_secret.total": 2, "t3.total_processed.total": 4}
    applications = made_of(full_form("E2021", values))["applications"].to_pylist()
    parts = [row["count"] for row in applications if not row["is_total"] and row["item_group"] == "outcome"]
    assert sum(parts) == 4


@pytest.mark.parametrize(("children_printed", "group"), [(True, "outcome_subtotal"), (False, "outcome")])
def test_a_group_row_is_a_subtotal_only_beside_its_parts(children_printed: bool, group: str):
    values = full_form("E2021", {"t3.other_handling.total": 5})
    if not children_printed:
        for part in ("other_correction_overdue", "other_fee_unpaid", "other_misc"):
            del values[f"t3.{part}.total"]
    row = row_of(made_of(values)["applications"], item_code="other_handling", applicant_type="total")
    assert (row["count"], row["item_group"], row["is_total"]) == (5, group, True)


def test_a_group_row_without_parts_counts_for_its_applicant_type():
    values = full_form("E2021", {"t3.other_handling.research": 5})
    for part in ("other_correction_overdue", "other_fee_unpaid", "other_misc"):
        del values[f"t3.{part}.research"]
    row = row_of(made_of(values)["applications"], item_code="other_handling", applicant_type="research")
    assert (row["item_group"], row["is_total"]) == ("outcome", False)


def test_a_fraction_is_no_count():
    applications = made_of(full_form("E2021", {"t3.granted.total": 0.5}))["applications"]
    row = row_of(applications, item_code="granted", applicant_type="total")
    assert (row["count"], row["status"]) == (None, "withheld")


def test_litigation_has_three_channels_and_five_results():
    made = made_of(full_form("E2019", {"t4.litigation_direct.upheld": 1}), edition="E2019", year=2020)
    litigation = made["litigation"]
    assert litigation.num_rows == 15
    row = row_of(litigation, channel="litigation_direct", result="upheld")
    assert (row["count"], row["is_total"], row["comparability"]) == (1, False, "exact")
    assert row_of(litigation, channel="reconsideration", result="total")["is_total"] is True


def test_e2014_figures_come_in_through_the_crosswalk():
    values = {
        "st.received.value": 8, "st.replied.value": 7, "st.reply_already_public.value": 2, "st.reply_granted.value": 3,
        "st.reply_refused.value": 1, "st.litigation.value": 2, "st.litigation_corrected.value": 1,
        "st.reconsideration.value": 4,
    }  # fmt: skip
    made = made_of(values, edition="E2014", year=2016)
    found = {
        (row["item_code"], row["item_group"], row["count"], row["comparability"])
        for row in made["applications"].to_pylist()
    }
    assert found == {
        ("new_received", "received", 8, "near"),
        ("total_processed", "outcome_total", 7, "near"),
        ("granted", "outcome", 5, "near"),
    }
    granted = row_of(made["applications"], item_code="granted")
    assert granted["source_cells"] == ["st.reply_already_public.value", "st.reply_granted.value"]
    assert {(row["channel"], row["result"], row["count"]) for row in made["litigation"].to_pylist()} == {
        ("litigation_undivided", "total", 2),
        ("litigation_undivided", "corrected", 1),
        ("reconsideration", "total", 4),
    }


def test_an_e2014_sum_with_a_blank_part_is_blank():
    values = {"st.reply_already_public.value": BLANK, "st.reply_granted.value": 3}
    row = row_of(made_of(values, edition="E2014", year=2016)["applications"], item_code="granted")
    assert (row["count"], row["status"]) == (None, "blank")


def test_proactive_disclosure_keeps_unit_and_yuan():
    report = document(full_form("E2021", {}))
    fee = CellReading("t2.admin_fees.amount", 6.933, "6.933", CellStatus.REPORTED, Place(), unit="万元", yuan=69330.0)
    reading = report.extraction.report
    cells = tuple(fee if found.code == fee.code else found for found in reading.cells)
    object.__setattr__(reading, "cells", cells)
    disclosure = Year([report], year=2022)["proactive_disclosure"]
    row = row_of(disclosure, item_code="admin_fees", measure="amount")
    assert (row["value"], row["unit"], row["value_yuan"]) == (6.933, "万元", 69330.0)
    assert disclosure.num_rows == 10


def test_cells_keep_raw_text_and_place():
    made = made_of(full_form("E2019", {"t2.penalty.change": TEXT}), edition="E2019", year=2020)
    row = row_of(made["cells"], cell="t2.penalty.change")
    assert (row["value"], row["raw"], row["status"], row["place"]) == (None, "增", "text", "table 1 row 1 column 1")
    assert (row["table"], row["row"], row["column"]) == ("t2", "penalty", "change")


def test_rows_printed_from_another_edition_still_have_their_words():
    values = full_form("E2019", {"t3.other_misc.total": 2})
    row = row_of(
        made_of(values, edition="E2019", year=2020)["applications"], item_code="other_misc", applicant_type="total"
    )
    assert row["item"] == "其他"


def test_narratives_stand_in_document_order():
    (row,) = made_of({})["narratives"].to_pylist()
    assert (row["section"], row["section_order"]) == ("s1", 1)
    assert (row["heading"], row["character_count"]) == ("一、总体情况", 8)


def test_sample_cells_are_what_they_say():
    assert cell("t3.granted.total", BLANK).status is CellStatus.BLANK
