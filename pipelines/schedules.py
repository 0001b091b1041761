"""The nightly job: collect from every portal, then build every table.

One run and two steps, not one run for each portal and year: each costs Dagster a step, and there would be thousands.
What it made is reported to the assets all the same, so that the asset pages show it.
"""

import dagster as dg

from pipelines.assets import ARCHIVE, EXTRACTIONS, WAIT_SECONDS, extraction_metadata, portal_metadata
from pipelines.build import build
from pipelines.errors import CrawlBroken, PipelineError
from pipelines.jobs import collect
from pipelines.layout import DataLayout
from pipelines.partitions import registry_folder

__all__ = ["nightly", "nightly_schedule"]


@dg.op(out=dg.Out(dg.Nothing), retry_policy=dg.RetryPolicy(max_retries=2, delay=300, backoff=dg.Backoff.EXPONENTIAL))
def collect_from_portals(context: dg.OpExecutionContext) -> None:
    """Crawl every sound entry of the registry."""
    try:
        collected = collect(DataLayout.resolve(), registry_folder(), wait_seconds=WAIT_SECONDS)
    except PipelineError as error:
        raise dg.Failure(description=str(error), allow_retries=isinstance(error, CrawlBroken)) from error
    for problem in collected.problems:
        context.log.error("registry entry left out: %s", problem)
    for portal in collected.crawl.portals:
        context.log_event(
            dg.AssetMaterialization(ARCHIVE, partition=portal.portal_id, metadata=portal_metadata(portal))
        )


@dg.op(ins={"start": dg.In(dg.Nothing)})
def build_tables(context: dg.OpExecutionContext) -> None:
    """Read what is new, build every table, and hold that nothing is lost."""
    try:
        report = build(DataLayout.resolve(), registry=registry_folder(), wait_seconds=WAIT_SECONDS)
    except PipelineError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    if report.extraction is not None:
        context.log_event(dg.AssetMaterialization(EXTRACTIONS, metadata=extraction_metadata(report.extraction)))
    for built in report.tables:
        context.log_event(
            dg.AssetMaterialization(
                built.table,
                partition=None if built.year is None else str(built.year),
                metadata={"rows": built.rows, "dagster/row_count": built.rows, "file_changed": built.changed},
            )
        )


@dg.job(description="Collect from every portal of the registry, then build every table.")
def nightly() -> None:
    """Collect, then build."""
    build_tables(start=collect_from_portals())


# Off until someone switches it on: starting the web page must not start to visit portals.
nightly_schedule = dg.ScheduleDefinition(
    name="every_night",
    job=nightly,
    cron_schedule="30 2 * * *",
    execution_timezone="Asia/Shanghai",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
