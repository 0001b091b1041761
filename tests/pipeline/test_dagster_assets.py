"""The Dagster side: derived from the steps, loadable, each asset runs alone, all state under data/dagster."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from pipeline_helpers import ROOT, bytes_of

from pipelines.definitions import defs
from pipelines.layout import DataLayout
from pipelines.partitions import report_years
from pipelines.warehouse import Warehouse
from transform.steps import STEPS

GRAPH = Path(__file__).parent / "asset_graph.yaml"


def graph() -> dict[str, Any]:
    """The asset graph as plain values."""
    nodes = defs.resolve_asset_graph()
    keys = sorted(nodes.get_all_asset_keys())
    return {
        key.to_user_string(): {
            "from": sorted(parent.to_user_string() for parent in nodes.get(key).parent_keys),
            "by": {report_years: "report year", None: "-"}.get(nodes.get(key).partitions_def, "portal"),
            "checks": sorted(check.name for check in nodes.get(key).check_keys),
        }
        for key in keys
    }


def test_the_definitions_can_be_loaded() -> None:
    dg.Definitions.validate_loadable(defs)


def test_the_asset_graph_is_the_reviewed_one() -> None:
    """A change shows here. Review it, then write the file anew with the text of the failure."""
    assert graph() == yaml.safe_load(GRAPH.read_text(encoding="utf-8")), yaml.safe_dump(graph(), sort_keys=False)


def test_every_step_is_an_asset() -> None:
    assert {step.table for step in STEPS} == set(graph()) - {"archive", "extractions"}


def test_years_run_from_the_first_reports() -> None:
    keys = report_years.get_partition_keys()
    assert keys[:2] == ["2008", "2009"]
    assert "2020" in keys


def materialise(layout: DataLayout, name: str, partition: str | None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run one asset alone."""
    monkeypatch.setenv("OGI_DATA", str(layout.root))
    assets = [defs.resolve_assets_def(name)]
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(assets, partition_key=partition, instance=instance)


def test_one_asset_of_one_year_runs_alone_and_gives_the_same_bytes(
    copied: DataLayout, built: DataLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    Warehouse(copied).path("litigation", 2020).unlink()
    for _ in range(2):
        result = materialise(copied, "litigation", "2020", monkeypatch)
        assert result.success
        assert bytes_of(copied.warehouse) == bytes_of(built.warehouse)
    (event,) = result.asset_materializations_for_node("litigation")
    told = {name: value.value for name, value in event.metadata.items()}
    assert (told["rows"], told["reports"], told["years"], told["documents_quarantined"]) == (30, 2, 1, 2)


def test_a_year_without_reports_succeeds_with_no_rows_and_a_warning(
    copied: DataLayout, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    result = materialise(copied, "litigation", "2012", monkeypatch)
    (event,) = result.asset_materializations_for_node("litigation")
    assert event.metadata["rows"].value == 0
    assert "no reports for 2012 in" in capfd.readouterr().err
    assert not Warehouse(copied).path("litigation", 2012).exists()


def test_broken_sums_warn_and_broken_schemas_would_fail(copied: DataLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    result = materialise(copied, "checks", "2020", monkeypatch)
    found = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert found["schema"].passed
    broken = found["rule_t3_balance"]
    assert not broken.passed
    assert broken.severity is dg.AssetCheckSeverity.WARN
    assert broken.metadata["reports_that_break_it"].value == 1
    assert found["rule_t3_balance"].metadata["pass"].value > 0


def test_documents_hold_that_nothing_is_lost(copied: DataLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    result = materialise(copied, "documents", None, monkeypatch)
    assert {check.check_name: check.passed for check in result.get_asset_check_evaluations()} == {
        "schema": True, "nothing_is_lost": True,
    }  # fmt: skip


def test_a_failure_is_a_sentence_on_the_run_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "warehouse").write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("OGI_DATA", str(tmp_path))
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([defs.resolve_assets_def("codes")], instance=instance, raise_on_error=False)
    assert not result.success


def test_the_nightly_job_is_scheduled_and_waits_to_be_switched_on() -> None:
    schedule = defs.resolve_schedule_def("every_night")
    assert schedule.cron_schedule == "30 2 * * *"
    assert schedule.execution_timezone == "Asia/Shanghai"
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    job = defs.resolve_job_def("nightly")
    assert {node.name for node in job.nodes} == {"collect_from_portals", "build_tables"}
    (upstream,) = job.dependency_structure.input_to_upstream_outputs_for_node("build_tables").values()
    assert [output.node_name for output in upstream] == ["collect_from_portals"]


def test_the_command_of_the_readme_works_and_keeps_its_state_under_data(copied: DataLayout, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    shutil.copy(ROOT / "dagster.yaml", checkout)
    shutil.move(copied.root, checkout / "data")
    before = bytes_of(checkout / "data" / "warehouse")
    done = subprocess.run(
        [Path(sys.executable).with_name("dagster"), "asset", "materialize", "--select", "litigation", "--partition",
         "2020", "-m", "pipelines.definitions"],
        cwd=checkout, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "RUN_SUCCESS" in done.stderr
    assert bytes_of(checkout / "data" / "warehouse") == before
    assert {path.name for path in checkout.iterdir()} == {"dagster.yaml", "data"}
    assert any((checkout / "data" / "dagster").rglob("*.db"))
