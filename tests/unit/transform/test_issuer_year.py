"""The panel of bodies over years: measures of a report, its rates, its past, its fingerprint."""

from dataclasses import replace

import pyarrow as pa
import pytest
from transform_samples import BLANK, BUREAU, TEXT, WITHHELD, Body, Values, Year, document, full_form, row_of

from extract.forms.declaration import load_forms
from extract.model import CellReading, CellStatus, Place
from transform.extracted import ExtractedDocument
from transform.panel_rules import FINGERPRINT, LEVEL_BREAK
from transform.rates import PER_THOUSAND_BASE_MINIMUM, RATE_BASE_MINIMUM, RATES
from transform.schema.derive import empty
from transform.schema.measures import MEASURES, measure_editions
from transform.schema.tables import TABLES

OTHER = Body("埇桥区民政局")
CONSOLIDATED = replace(BUREAU, scope="consolidated")


def report(
    values: Values, *, year: int = 2022, edition: str = "E2021", body: Body = BUREAU, others: float | str = 0
) -> ExtractedDocument:
    return document(full_form(edition, values, others=others), body=body, year=year, edition=edition)


def panel(
    *documents: ExtractedDocument, year: int = 2022, earlier: pa.Table | None = None, bodies: tuple[Body, ...] = ()
) -> pa.Table:
    bodies = bodies or (BUREAU, OTHER)
    tables = {"issuer_year": earlier} if earlier is not None else {}
    return Year(documents, year=year, bodies=bodies, earlier=tables)["issuer_year"]


def over_years(*news: float | str, start: int = 2018, scopes: dict[int, str] | None = None) -> dict[str, object]:
    """The row of the last of consecutive years in which the bureau prints these numbers of new applications."""
    earlier = empty(TABLES["issuer_year"])
    for year, new in enumerate(news, start=start):
        body = replace(BUREAU, scope=(scopes or {}).get(year, "own"))
        made = panel(
            report({"t3.new_received.total": new}, year=year, body=body), year=year, earlier=earlier, bodies=(body,)
        )
        earlier = pa.concat_tables([earlier, made])
    return row_of(earlier, report_year=start + len(news) - 1)


def test_a_report_gives_every_measure_of_its_edition_and_no_other():
    for edition, year in (("E2014", 2016), ("E2019", 2020), ("E2021", 2022)):
        row = row_of(panel(report({}, year=year, edition=edition, others=1), year=year))
        given = {name for name in MEASURES if row[name] is not None}
        has = {entry.canonical for entry in load_forms().crosswalk if edition in measure_editions(entry)}
        # The fee is money without a printed unit here.
        assert given == has - {"application_fees"}, edition


def test_e2014_channels_completion_answers_and_complaints_are_measures():
    values = {
        "st.received.value": 40, "st.received_in_person.value": 11, "st.received_fax.value": 2,
        "st.received_online.value": 20, "st.received_letter.value": 7, "st.completed.value": 38,
        "st.completed_on_time.value": 30, "st.completed_extended.value": 8, "st.replied.value": 38,
        "st.reply_already_public.value": 9, "st.reply_granted.value": 8, "st.reply_partially_disclosed.value": 1,
        "st.reply_refused.value": 4, "st.refused_trade_secret.value": 1, "st.refused_privacy.value": 2,
        "st.refused_other_law.value": 1, "st.reply_not_this_agency.value": 5, "st.reply_not_exist.value": 6,
        "st.reply_amend_supplement.value": 3, "st.reply_other_channel.value": 2, "st.complaints.value": 12,
    }  # fmt: skip
    row = row_of(panel(report(values, year=2016, edition="E2014"), year=2016))
    expected = {
        "applications_new": 40, "applications_in_person": 11, "applications_by_fax": 2, "applications_online": 20,
        "applications_by_letter": 7, "applications_completed": 38, "applications_completed_on_time": 30,
        "applications_completed_extended": 8, "applications_processed": 38, "replied_already_public": 9,
        "replied_granted": 8, "disclosed_full": 17, "disclosed_partial": 1, "disclosed_all": 18, "withheld_all": 4,
        "withheld_third_party": 3, "refused_other_law": 1, "replied_not_this_agency": 5, "replied_not_exist": 6,
        "not_held": 11, "unclear": 3, "redirected": 2, "complaints": 12, "applications_carried_over": None,
        "not_processed_all": None, "withheld_internal_affairs": None,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert (row["completed_on_time_share"], row["disclosed_share"]) == (30 / 38, 18 / 38)


def test_later_forms_give_grounds_reasons_and_who_applied():
    values = {
        "t3.new_received.natural_person": 30, "t3.new_received.commercial": 5, "t3.new_received.legal_service": 2,
        "t3.new_received.total": 37, "t3.withheld_internal_affairs.total": 3, "t3.withheld_admin_query.total": 1,
        "t3.unable_not_held.total": 6, "t3.unable_requires_creation.total": 2,
        "t3.not_processed_repeat.total": 4, "t3.not_processed_petition_complaint.total": 5,
        "t4.litigation_direct.total": 2, "t4.litigation_after_reconsideration.total": 1,
    }  # fmt: skip
    row = row_of(panel(report(values)))
    expected = {
        "applications_new_natural_person": 30, "applications_new_organisations": 7, "withheld_internal_affairs": 3,
        "withheld_admin_query": 1, "withheld_all": 4, "unable_all": 8, "requires_creation": 2, "not_held": 6,
        "not_processed_all": 9, "not_processed_repeat": 4, "redirected": 6, "litigation_total": 3,
        "litigation_direct": 2, "litigation_after_reconsideration": 1, "applications_online": None,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_the_outcomes_of_the_present_form_are_parts_of_its_total():
    leaves = load_forms().editions["E2021"].sets["t3_leaves"]
    values = {f"t3.{leaf}.total": number for number, leaf in enumerate(leaves, start=1)}
    row = row_of(panel(report(values)))
    parts = ("disclosed_full", "disclosed_partial", "withheld_all", "unable_all", "not_processed_all", "other_handling")
    assert sum(float(str(row[name])) for name in parts) == sum(values.values())


@pytest.mark.parametrize("printed", [BLANK, TEXT, WITHHELD])
def test_a_measure_without_all_its_figures_is_null_and_never_a_part_sum(printed: str):
    row = row_of(panel(report({"t3.withheld_state_secret.total": printed}, others=2)))
    assert (row["withheld_all"], row["withheld_state_secret"], row["withheld_share"]) == (None, None, None)
    assert row["withheld_security"] == 2.0


@pytest.mark.parametrize(
    ("value", "unit", "yuan", "expected"),
    [(0.5, "万元", 5000.0, 5000.0), (5000.0, "元", 5000.0, 5000.0), (5000.0, None, None, None)],
)
def test_money_is_added_in_yuan_or_not_at_all(
    value: float, unit: str | None, yuan: float | None, expected: float | None
):
    made = document({"st.received.value": 3, "st.fees_collected.value": 0}, year=2016, edition="E2014")
    fee = CellReading("st.fees_collected.value", value, f"{value}", CellStatus.REPORTED, Place(), unit=unit, yuan=yuan)
    reading = made.extraction.report
    assert reading is not None
    cells = tuple(fee if found.code == fee.code else found for found in reading.cells)
    object.__setattr__(reading, "cells", cells)
    row = row_of(panel(made, year=2016))
    assert (row["application_fees"], row["applications_new"]) == (expected, 3.0)


@pytest.mark.parametrize(
    ("processed", "share", "per_1000"),
    [
        (RATE_BASE_MINIMUM - 1, None, None),
        (RATE_BASE_MINIMUM, 3 / RATE_BASE_MINIMUM, None),
        (PER_THOUSAND_BASE_MINIMUM - 1, 3 / (PER_THOUSAND_BASE_MINIMUM - 1), None),
        (PER_THOUSAND_BASE_MINIMUM, 3 / PER_THOUSAND_BASE_MINIMUM, 1000 * 7 / PER_THOUSAND_BASE_MINIMUM),
    ],
)
def test_a_rate_is_null_below_its_smallest_base_and_its_parts_are_not(
    processed: int, share: float | None, per_1000: float | None
):
    values = {"t3.total_processed.total": processed, "t3.granted.total": 3, "t4.reconsideration.total": 7}
    row = row_of(panel(report(values)))
    assert (row["disclosed_full_share"], row["reconsideration_per_1000"]) == (share, per_1000)
    assert (row["disclosed_full_share_numerator"], row["disclosed_full_share_denominator"]) == (3.0, processed)
    assert (row["reconsideration_per_1000_numerator"], row["reconsideration_per_1000_denominator"]) == (7.0, processed)


def test_a_share_above_one_is_null_and_a_rate_per_thousand_knows_no_bound():
    values = {"t3.total_processed.total": 100, "t3.granted.total": 101, "t4.reconsideration.total": 101}
    row = row_of(panel(report(values)))
    assert (row["disclosed_full_share"], row["reconsideration_per_1000"]) == (None, 1010.0)


def test_a_numerator_without_its_denominator_is_no_part_of_a_rate():
    row = row_of(panel(report({"t3.total_processed.total": BLANK, "t3.granted.total": 30})))
    assert (row["disclosed_full"], row["disclosed_full_share_numerator"], row["disclosed_full_share_denominator"]) == (
        30.0, None, None,
    )  # fmt: skip


def test_every_ground_of_withholding_has_its_share():
    grounds = load_forms().editions["E2021"].children_of("withheld")
    measures = {entry.E2021: entry.canonical for entry in load_forms().crosswalk}
    rates = {rate.name: rate for rate in RATES}
    assert len(grounds) == 8
    for ground in grounds:
        rate = rates[f"{measures[f't3.{ground}.total']}_share"]
        assert (rate.numerator, rate.denominator) == (measures[f"t3.{ground}.total"], "applications_processed")


def test_carried_forward_stands_beside_next_years_carried_over():
    before = panel(report({"t3.carried_forward.total": 103}, year=2021), year=2021)
    row = row_of(panel(report({"t3.carried_over.total": 77}), earlier=before))
    assert row["previous_report_id"] == f"{BUREAU.issuer_id}-2021"
    assert (row["carried_forward_previous_year"], row["carry_over_difference"]) == (103.0, -26.0)


@pytest.mark.parametrize(("year", "printed"), [(2020, 5), (2021, BLANK)])
def test_without_last_years_figure_there_is_no_difference(year: int, printed: float | str):
    edition = "E2021" if year == 2021 else "E2019"
    before = panel(report({"t3.carried_forward.total": printed}, year=year, edition=edition), year=year)
    row = row_of(panel(report({"t3.carried_over.total": 7}), earlier=before))
    assert (row["carried_forward_previous_year"], row["carry_over_difference"]) == (None, None)
    assert row["previous_report_id"] == (f"{BUREAU.issuer_id}-2021" if year == 2021 else None)


def test_a_change_of_scope_leaves_no_difference():
    before = panel(report({"t3.carried_forward.total": 9}, year=2021), year=2021, bodies=(CONSOLIDATED,))
    row = row_of(panel(report({"t3.carried_over.total": 7}), earlier=before))
    assert (row["carried_forward_previous_year"], row["carry_over_difference"]) == (9.0, None)


def test_the_past_is_the_issuers_own():
    before = panel(report({"t3.carried_forward.total": 9}, year=2021, body=OTHER), year=2021)
    row = row_of(panel(report({}), earlier=before))
    assert (row["previous_report_id"], row["edition_break"]) == (None, None)


@pytest.mark.parametrize(
    ("news", "usual"),
    [
        ((10, 50), None),
        ((10, 20, 50), 15.0),
        ((10, BLANK, 50), None),
        ((10, BLANK, 20, 50), 15.0),
        ((900, 1, 2, 3, 4, 5, 50), 3.0),
    ],
)
def test_the_usual_level_is_the_median_of_up_to_five_earlier_years(news: tuple[float | str, ...], usual: float | None):
    assert over_years(*news)["applications_new_usual"] == usual


def test_the_usual_level_looks_at_reports_of_the_same_scope():
    row = over_years(10, 900, 20, 50, scopes={2019: "consolidated"})
    assert row["applications_new_usual"] == 15.0


_FAR = LEVEL_BREAK.least_difference


@pytest.mark.parametrize(
    ("usual", "new", "breaks"),
    [
        (100, 100 * LEVEL_BREAK.factor, True),
        (100, 100 * LEVEL_BREAK.factor - 1, False),
        (100, 100 / LEVEL_BREAK.factor, True),
        (100, 100 / LEVEL_BREAK.factor + 1, False),
        (2, _FAR + 1, False),
        (2, _FAR + 2, True),
        (0, _FAR, True),
        (0, 0, False),
    ],
)
def test_a_level_breaks_where_factor_and_difference_are_reached(usual: float, new: float, breaks: bool):
    assert over_years(usual, usual, new)["level_break"] is breaks


@pytest.mark.parametrize("news", [(10, 500), (10, 10, BLANK)])
def test_a_level_that_is_not_known_does_not_break(news: tuple[float | str, ...]):
    assert over_years(*news)["level_break"] is None


def test_a_change_of_form_is_marked_and_says_what_cannot_be_compared():
    before = panel(report({}, year=2018, edition="E2014"), year=2018)
    row = row_of(panel(report({}, year=2019, edition="E2019"), year=2019, earlier=before))
    assert row["edition_break"] is True
    notes = row["comparability_notes"]
    assert isinstance(notes, list)
    assert {
        "applications_new: near", "withheld_all: partial", "applications_carried_over: none", "complaints: none",
    } <= set(notes)  # fmt: skip
    order = [MEASURES.index(note.split(":")[0]) for note in notes]
    assert order == sorted(order)


def test_what_is_exact_between_two_forms_is_not_named():
    before = panel(report({}, year=2020, edition="E2019"), year=2020)
    row = row_of(panel(report({}, year=2021), year=2021, earlier=before))
    notes = row["comparability_notes"]
    assert isinstance(notes, list)
    assert "normative_in_force: partial" in notes
    assert not [note for note in notes if note.startswith(("applications_new:", "complaints:"))]


def test_years_on_one_form_have_no_break():
    before = panel(report({}, year=2021), year=2021)
    row = row_of(panel(report({}), earlier=before))
    assert (row["edition_break"], row["comparability_notes"]) == (False, [])


FIGURES = {
    "t3.new_received.natural_person": 4, "t3.new_received.total": 4, "t3.granted.natural_person": 3,
    "t3.granted.total": 3, "t3.unable_not_held.natural_person": 1, "t3.unable_not_held.total": 1,
    "t3.total_processed.natural_person": 4, "t3.total_processed.total": 4, "t2.penalty.decisions": 12,
}  # fmt: skip


def fingerprints(*documents: ExtractedDocument) -> list[object]:
    return [row["figures_fingerprint"] for row in panel(*documents).to_pylist()]


def test_two_reports_with_the_same_figures_share_a_fingerprint():
    one, other = fingerprints(report(FIGURES), document(FIGURES, body=OTHER))
    assert one == other
    assert one


def test_the_form_takes_no_part_in_a_fingerprint():
    (one,) = fingerprints(report(FIGURES))
    earlier = panel(report(FIGURES, year=2020, edition="E2019"), year=2020)
    assert earlier.column("figures_fingerprint").to_pylist() == [one]


@pytest.mark.parametrize(
    "changes", [{"t2.penalty.decisions": 13}, {"t2.penalty.decisions": 0, "t2.coercion.decisions": 12}]
)
def test_another_number_or_another_cell_gives_another_fingerprint(changes: Values):
    one, other = fingerprints(report(FIGURES), document(dict(FIGURES) | dict(changes), body=OTHER))
    assert one != other


def test_reports_of_nothing_have_no_fingerprint():
    made = panel(report({}), document({}, body=OTHER))
    assert [row["figures_fingerprint"] for row in made.to_pylist()] == [None, None]
    assert [row["nonzero_figure_count"] for row in made.to_pylist()] == [0, 0]


def test_one_application_alone_is_no_fingerprint_and_neither_are_many_ones():
    one_application = {
        f"t3.{row}.{column}": 1
        for row in ("new_received", "granted", "total_processed")
        for column in ("natural_person", "total")
    }
    ones = {cell.code: 1 for cell in load_forms().editions["E2021"].cells[:40]}
    assert len(ones) > FINGERPRINT.least_figures
    assert fingerprints(report(one_application), document(ones, body=OTHER)) == [None, None]


def test_a_table_of_both_editions_years_and_batches_is_the_same():
    """A per-report step: batches do not show in the result."""
    documents = [report(FIGURES), document(FIGURES, body=OTHER)]
    whole = panel(*documents)
    parts = pa.concat_tables([panel(found) for found in documents]).sort_by("report_id")
    assert whole.equals(parts)
