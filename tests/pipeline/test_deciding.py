"""Files of corrections and verdicts, and the commands that write them, on a warehouse of sample reports."""

import json
from pathlib import Path

import pytest
from pipeline_helpers import Ogi

from pipelines.build import build
from pipelines.corrections import add_correction, read_corrections, read_verdicts
from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from pipelines.warehouse import Warehouse

ENTRY = """\
# looked at on paper
- document: 7ce4d319cd6e
  cell: t3.granted.total
  value: 4
  reason: page 3 shows 4
  author: Li
  date: 2026-11-22
  expect: {value: 5, raw: "5"}
"""


def written(tmp_path: Path, text: str, folder: str = "corrections") -> DataLayout:
    file = tmp_path / folder / "corrections.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return DataLayout(tmp_path)


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    (entry,) = read_corrections(written(tmp_path, ENTRY))
    assert (entry.document, entry.cell, entry.value, entry.number) == ("7ce4d319cd6e", "t3.granted.total", 4.0, 1)
    assert entry.expect == {"value": 5.0, "raw": "5"}
    assert read_verdicts(DataLayout(tmp_path)) == ()


@pytest.mark.parametrize("start", ["12345678", "1234567e12", "00123456"])
def test_a_hash_that_looks_like_a_number_stays_a_hash(tmp_path: Path, start: str) -> None:
    (entry,) = read_corrections(written(tmp_path, ENTRY.replace("7ce4d319cd6e", start)))
    assert entry.document == start


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (ENTRY.replace("value: 4", "value: four"), 4, "write the number as printed"),
        (ENTRY.replace("  author: Li\n", ""), 2, "author is missing: write who decided"),
        (ENTRY.replace("author", "auther"), 6, "auther is no key of an entry"),
        (ENTRY.replace("t3.granted.total", "t3.granted.totl"), 3, 'no form has the cell "t3.granted.totl"'),
        (ENTRY.replace("7ce4d319cd6e", "7ce4"), 2, "at least 8 characters"),
        (ENTRY.replace("2026-11-22", "soon"), 7, "write a day such as 2026-11-22"),
        (ENTRY.replace('{value: 5, raw: "5"}', "{}"), 8, "it guards nothing"),
        (ENTRY.replace('{value: 5, raw: "5"}', "{valu: 5}"), 8, "expect.valu"),
        (ENTRY.replace("value: 4\n", "value: 4\n  value: 6\n"), 5, "value stands twice"),
        ("document: x\n", 1, "is no list of entries"),
        ("- document: [x\n", 2, "this is not YAML"),
        ("- just words\n", 1, "holds no keys"),
    ],
)
def test_a_malformed_file_is_named_with_line_key_and_way_out(tmp_path: Path, text: str, line: int, words: str) -> None:
    layout = written(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read_corrections(layout)
    assert f"corrections.yaml:{line}" in str(caught.value)
    assert words in str(caught.value)


def test_appending_leaves_what_stands_there_and_refuses_to_add_to_a_broken_file(tmp_path: Path) -> None:
    layout = written(tmp_path, ENTRY.rstrip("\n"))
    entry = {
        "document": "0" * 64, "cell": "t3.granted.total", "value": 1, "reason": "r", "author": "a",
        "date": "2026-11-22", "expect": {"value": None, "raw": "无"},
    }  # fmt: skip
    file = add_correction(layout, entry)
    assert file.read_text(encoding="utf-8").startswith(ENTRY)
    first, second = read_corrections(layout)
    assert (first.number, second.number, second.document) == (1, 2, "0" * 64)
    assert second.expect == {"value": None, "raw": "无"}
    file.write_text("- broken: [", encoding="utf-8")
    with pytest.raises(BadInput, match="Nothing was written"):
        add_correction(layout, entry)
    assert file.read_text(encoding="utf-8") == "- broken: ["


def rows(ogi: Ogi, layout: DataLayout, *options: object) -> list[dict[str, object]]:
    answer = ogi("problems", "--json", "--data", layout.root, *options)
    return [json.loads(line) for line in answer.out.splitlines()]


def test_a_correction_and_a_verdict_from_command_to_table_and_back(copied: DataLayout, ogi: Ogi) -> None:
    before = [row for row in rows(ogi, copied, "--rule", "t3.balance") if row["check_id"] == "t3.balance[total]"]
    report, cell = str(before[0]["report_id"]), "t3.total_processed.total"
    refused = ogi(
        "correct", report, cell, "1", "--expect", "7", "--reason", "r", "--author", "a", "--data", copied.root
    )
    assert refused.code == 1
    assert 'does not read "7": it reads "0"' in refused.err
    assert not copied.corrections.joinpath("corrections.yaml").exists()

    done = ogi(
        "verdict", report, "t3.balance[total]", "publisher_error", "--reason", "so printed", "--author", "Li",
        "--data", copied.root,
    )  # fmt: skip
    assert done.code == 0, done.err
    build(copied)
    assert not [row for row in rows(ogi, copied, "--rule", "t3.balance[total]") if row["report_id"] == report]
    settled = [row for row in rows(ogi, copied, "--rule", "t3.balance[total]", "--all") if row["report_id"] == report]
    assert [row["verdict"] for row in settled] == ["publisher_error"]

    done = ogi("correct", report, cell, "1", "--reason", "page 3", "--author", "Li", "--data", copied.root)
    assert done.code == 0, done.err
    build(copied)
    warehouse = Warehouse(copied)
    entries = {row["entry_kind"]: row for row in warehouse.read("corrections").to_pylist()}
    assert (entries["correction"]["state"], entries["correction"]["value_read"]) == ("applied", 0.0)
    assert (entries["verdict"]["state"], entries["verdict"]["state_reason"][:19]) == (
        "superseded",
        "the check holds now",
    )
    (figure,) = [
        row for row in warehouse.read("cells", [2020]).to_pylist() if (row["report_id"], row["cell"]) == (report, cell)
    ]
    assert (figure["value"], figure["raw"], figure["flags"][-1]) == (1.0, "0", "corrected_by_person")
    found = rows(ogi, copied)
    assert not [row for row in found if row["kind"] == "correction"]
    assert not [row for row in found if row.get("check_id") == "t3.balance[total]" and row["report_id"] == report]

    file = copied.corrections / "corrections.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("raw: '0'", "raw: '9'"), encoding="utf-8")
    build(copied)
    (stale,) = [row for row in rows(ogi, copied) if row["kind"] == "correction" and row["entry_kind"] == "correction"]
    assert (stale["state"], stale["cell"]) == ("stale", cell)
    assert "Corrections and verdicts that do not count" in ogi("problems", "--data", copied.root).out
    file.write_text(file.read_text(encoding="utf-8").replace("raw: '9'", "raw: '0'"), encoding="utf-8")
    again = ogi("correct", report, cell, "0", "--reason", "r", "--author", "a", "--data", copied.root)
    assert again.code == 1
    assert "already reads 0" in again.err


def test_a_malformed_file_stops_a_build_with_a_sentence(copied: DataLayout, ogi: Ogi) -> None:
    written(copied.root, ENTRY.replace("value: 4", "value: four"))
    answer = ogi("build", "--data", copied.root)
    assert answer.code == 1
    assert "corrections.yaml:4, entry 1: value" in answer.err


def test_wrong_names_are_refused_with_the_way_out(copied: DataLayout, ogi: Ogi) -> None:
    report = str(rows(ogi, copied, "--rule", "t3.balance")[0]["report_id"])
    options = ("--reason", "r", "--author", "a", "--data", copied.root)
    answer = ogi("verdict", report, "t3.balanse[total]", "accepted", *options)
    assert answer.code == 1
    assert "Write it as `ogi problems` shows it, such as" in answer.err
    assert ogi("verdict", report, "t3.balance[total]", "perhaps", *options).code == 2
    assert ogi("correct", report, "t3.granted.total", "many", *options).code == 2


def test_problems_can_be_narrowed(copied: DataLayout, ogi: Ogi) -> None:
    everything = [row for row in rows(ogi, copied) if row["kind"] == "check"]
    one = everything[0]
    assert rows(ogi, copied, "--portal", "no-such-portal") == []
    assert {row["rule_kind"] for row in rows(ogi, copied, "--rule", "balance")} == {"balance"}
    province = str(one["region"]).split(" ")[0]
    assert {str(row["region"]).split(" ")[0] for row in rows(ogi, copied, "--region", province)} == {province}
    assert rows(ogi, copied, "--region", "999999") == []


def test_problems_fit_a_screen_of_80_columns_problem_first(copied: DataLayout, ogi: Ogi) -> None:
    from rich.cells import cell_len

    shown = ogi("problems", "--data", copied.root).out
    assert max(cell_len(line) for line in shown.splitlines()) <= 80
    assert "t3.total_processed.total" in shown
    assert "printed 0, expected 1" in shown
    assert "本年新收加上年结转应等于办理结果总计加结转下年度" in shown.replace("\n", "").replace(" ", "")
