"""People's corrections and verdicts: applied while the source is what it was, loudly stale afterwards."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pyarrow as pa
from transform_samples import BLANK, WITHHELD, Year, document, full_form, row_of

from transform.corrections import Correction, Entry, Verdict, build_corrections, current_entries
from transform.extracted import ExtractedDocument

TOTAL = "t3.granted.total"
DOCUMENT = document(full_form("E2021", {TOTAL: 3}))


def correction(
    value: float = 0, /, *, cell: str = TOTAL, number: int = 1, day: int = 1, **expect: float | str | None
) -> Correction:
    return Correction(
        document=DOCUMENT.sha256[:12],
        cell=cell,
        value=value,
        reason="page 3 shows it",
        author="Li",
        day=date(2026, 11, day),
        expect=expect or {"value": 3.0, "raw": "3"},
        file="corrections.yaml",
        number=number,
    )


def verdict(check: str, *, number: int = 1, cell: str | None = None, **expect: float | None) -> Verdict:
    return Verdict(
        document=DOCUMENT.sha256[:12],
        check=check,
        verdict="publisher_error",
        reason="so printed",
        author="Li",
        day=date(2026, 11, 22),
        expect=expect or {"expected": 0.0, "printed": 3.0},
        file="verdicts.yaml",
        number=number,
        cell=cell,
    )


def year_with(*entries: Entry, found: object = None) -> Year:
    sources = {
        "corrections": tuple(entry for entry in entries if isinstance(entry, Correction)),
        "verdicts": tuple(entry for entry in entries if isinstance(entry, Verdict)),
    }
    return Year([found or DOCUMENT], year=2022, sources=sources)  # type: ignore[list-item]


def table_of(year: Year, *entries: Entry) -> pa.Table:
    return build_corrections(
        corrections=[entry for entry in entries if isinstance(entry, Correction)],
        verdicts=[entry for entry in entries if isinstance(entry, Verdict)],
        extractions=[DOCUMENT],
        renditions=year["renditions"],
        checks=year["checks"],
    )


def test_a_correction_puts_the_value_in_keeps_raw_and_says_so():
    year = year_with(correction(0))
    cell = row_of(year["cells"], cell=TOTAL)
    assert (cell["value"], cell["raw"], cell["status"]) == (0.0, "3", "reported")
    assert cell["flags"] == ["corrected_by_person"]
    assert row_of(year["checks"], check_id="t3.row_total[granted]")["status"] == "pass"
    row = row_of(table_of(year, correction(0)), cell=TOTAL)
    assert (row["state"], row["value_read"], row["raw_read"], row["value_corrected"]) == ("applied", 3.0, "3", 0.0)
    assert (row["report_id"], row["covered_year"]) == (cell["report_id"], 2022)


def test_a_correction_gives_a_withheld_cell_its_number():
    found = document(full_form("E2021", {TOTAL: WITHHELD}))
    year = year_with(correction(4, value=None, raw="增"), found=found)
    cell = row_of(year["cells"], cell=TOTAL)
    assert (cell["value"], cell["status"], cell["raw"]) == (4.0, "reported", "增")


def test_a_correction_is_stale_once_something_else_is_read_and_changes_nothing():
    stale = correction(0, value=5.0)
    year = year_with(stale)
    cell = row_of(year["cells"], cell=TOTAL)
    assert (cell["value"], cell["flags"]) == (3.0, ["correction_stale"])
    row = row_of(table_of(year, stale), cell=TOTAL)
    assert (row["state"], row["value_read"]) == ("stale", 3.0)
    assert "now read: 3" in str(row["state_reason"])


def test_other_cells_are_untouched_byte_for_byte():
    plain, corrected = year_with()["cells"], year_with(correction(0))["cells"]
    assert plain.num_rows == corrected.num_rows
    assert plain.schema == corrected.schema
    differing = [a["cell"] for a, b in zip(plain.to_pylist(), corrected.to_pylist(), strict=True) if a != b]
    assert differing == [TOTAL]


def test_the_later_of_two_corrections_counts_and_the_other_says_so():
    first, second = correction(1, number=1, day=1), correction(2, number=2, day=2)
    year = year_with(first, second)
    assert row_of(year["cells"], cell=TOTAL)["value"] == 2.0
    states = [row["state"] for row in table_of(year, first, second).to_pylist()]
    assert states == ["superseded", "applied"]
    assert current_entries([second, first]) == [second]


def test_entries_that_fit_nothing_are_unmatched_with_the_reason():
    nowhere = replace(correction(0), document="0123456789ab")
    no_cell = correction(1, cell="t3.other_handling.total", number=2)
    year = year_with(nowhere, no_cell)
    rows = table_of(year, nowhere, no_cell).to_pylist()
    assert [row["state"] for row in rows] == ["unmatched", "unmatched"]
    assert "no document begins with" in rows[0]["state_reason"]
    assert "nothing is read in t3.other_handling.total" in rows[1]["state_reason"]
    assert rows[0]["document_sha256"] is None


def test_a_start_that_two_documents_share_is_no_name():
    entry = replace(correction(0), document=DOCUMENT.sha256[:8])
    twin = replace(DOCUMENT, sha256=DOCUMENT.sha256[:8] + "0" * 56)
    year = year_with(entry)
    table = build_corrections(
        corrections=[entry],
        verdicts=[],
        extractions=[DOCUMENT, twin],
        renditions=year["renditions"],
        checks=year["checks"],
    )
    (row,) = table.to_pylist()
    assert (row["state"], row["state_reason"][:11]) == ("unmatched", "2 documents")


def test_a_verdict_stands_beside_its_check_while_the_figures_are_the_same():
    entry = verdict("t3.row_total[granted]")
    year = year_with(entry)
    row = row_of(year["checks"], check_id="t3.row_total[granted]")
    assert (row["status"], row["verdict"], row["verdict_state"]) == ("fail", "publisher_error", "holds")
    assert (row["verdict_author"], row["verdict_reason"]) == ("Li", "so printed")
    assert row_of(year["checks"], check_id="t3.row_total[carried_over]")["verdict"] is None
    assert row_of(table_of(year, entry), check_id="t3.row_total[granted]")["state"] == "applied"


def test_a_verdict_is_stale_once_the_figures_have_changed():
    entry = verdict("t3.row_total[granted]", expected=0.0, printed=9.0)
    year = year_with(entry)
    assert row_of(year["checks"], check_id="t3.row_total[granted]")["verdict_state"] == "stale"
    row = row_of(table_of(year, entry), check_id="t3.row_total[granted]")
    assert (row["state"], row["state_reason"]) == ("stale", "the check now says: expected 0.0, printed 3.0")


def test_a_correction_that_mends_the_sum_makes_the_verdict_on_it_stale():
    year = year_with(verdict("t3.row_total[granted]"), correction(0))
    row = row_of(year["checks"], check_id="t3.row_total[granted]")
    assert (row["status"], row["verdict_state"]) == ("pass", "stale")


def test_a_verdict_may_name_one_cell_of_the_check():
    named = verdict("t3.row_total[granted]", cell=TOTAL)
    assert row_of(year_with(named)["checks"], check_id="t3.row_total[granted]")["verdict_state"] == "holds"
    strange = verdict("t3.row_total[granted]", cell="t4.reconsideration.total")
    year = year_with(strange)
    assert row_of(year["checks"], check_id="t3.row_total[granted]")["verdict"] is None
    assert row_of(table_of(year, strange), check_id="t3.row_total[granted]")["state"] == "stale"


def test_a_correction_of_money_gives_its_yuan_anew():
    code = "t2.admin_fees.amount"
    found = document(full_form("E2021", {code: BLANK}))
    assert found.extraction.report is not None
    cells = tuple(replace(c, unit="万元") if c.code == code else c for c in found.extraction.report.cells)
    found = replace(found, extraction=replace(found.extraction, report=replace(found.extraction.report, cells=cells)))
    cell = row_of(year_with(correction(2.5, cell=code, value=None, raw=""), found=found)["cells"], cell=code)
    assert (cell["value"], cell["yuan"]) == (2.5, 25_000.0)


def test_without_entries_nothing_is_looked_at():
    def never() -> Iterator[ExtractedDocument]:
        raise AssertionError("documents were read")
        yield

    year = year_with()
    table = build_corrections(
        corrections=(), verdicts=(), extractions=never(), renditions=year["renditions"], checks=year["checks"]
    )
    assert table.num_rows == 0
