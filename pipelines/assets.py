"""The assets: the archive by portal, the extractions, and one asset for each step of transform/steps.py.

What an asset does is a call of pipelines.build or pipelines.jobs; nothing is decided here. Assets hand each other
files of the warehouse, so any of them can be run again alone.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg
import pyarrow as pa

from pipelines.build import BuildReport, build, prepare_extractions
from pipelines.checks import check_specs, conservation_result, double_count_result, evaluate_checks
from pipelines.crawling import CrawlReport, PortalSummary
from pipelines.errors import CrawlBroken, PipelineError
from pipelines.extraction import ExtractionRun
from pipelines.jobs import collect
from pipelines.layout import DataLayout
from pipelines.partitions import portal_partitions, registry_folder, report_years
from pipelines.warehouse import Warehouse
from transform.schema.tables import TABLES, Table
from transform.steps import STEPS, Step

__all__ = [
    "ARCHIVE",
    "EXTRACTIONS",
    "WAIT_SECONDS",
    "all_assets",
    "crawl_metadata",
    "extraction_metadata",
    "portal_metadata",
    "table_metadata",
]

if TYPE_CHECKING:
    Result = dg.MaterializeResult[None]
else:  # Dagster reads the annotation at run time and knows the class only without its parameter
    Result = dg.MaterializeResult

ARCHIVE = "archive"
EXTRACTIONS = "extractions"
WAIT_SECONDS = 3600.0
"""Runs of one backfill wait for each other's lock; an hour is more than the longest of them takes."""

_SOURCE_ASSETS = {"extractions": EXTRACTIONS, "fetches": ARCHIVE, "portals": ARCHIVE, "unread": EXTRACTIONS}
_YEARS_BACK = 100
"""More years than there are, for a step that looks at all years before."""
_CRAWL_AGAIN = dg.RetryPolicy(max_retries=2, delay=300, backoff=dg.Backoff.EXPONENTIAL)


def _failure(error: PipelineError) -> dg.Failure:
    """One sentence for the run page. Only a crawl that broke may go better the next time."""
    return dg.Failure(description=str(error), allow_retries=isinstance(error, CrawlBroken))


def portal_metadata(portal: PortalSummary) -> dict[str, int]:
    """What a crawl met at one portal."""
    return {
        "requests": portal.requests,
        "bytes": portal.byte_count,
        "new": portal.new,
        "changed": portal.changed,
        "unchanged": portal.unchanged,
        "known": portal.known,
        "refused": portal.refused,
        "failed": portal.failed,
        "gone": portal.gone,
        "candidates": portal.candidates,
        "incomplete": portal.incomplete,
    }


def crawl_metadata(crawl: CrawlReport) -> dict[str, dg.MetadataValue]:
    """The sums over all portals, and one row for each of them."""
    rows = [(portal.portal_id, portal_metadata(portal)) for portal in crawl.portals]
    names = list(portal_metadata(PortalSummary("")))
    metadata: dict[str, dg.MetadataValue] = {
        name: dg.MetadataValue.int(sum(counts[name] for _, counts in rows)) for name in names
    }
    # Markdown, because a table value of Dagster is still called experimental.
    lines = [f"| portal | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
    lines += [f"| {portal} | {' | '.join(str(counts[name]) for name in names)} |" for portal, counts in rows]
    metadata["portals"] = dg.MetadataValue.md("\n".join(lines))
    metadata["run_id"] = dg.MetadataValue.text(crawl.run_id)
    return metadata


def extraction_metadata(run: ExtractionRun) -> dict[str, int]:
    """What reading the raw store gave."""
    return {
        "documents_extracted_now": run.extracted,
        "documents_extracted_before": run.reused,
        "documents_read": run.statuses["read"],
        "documents_not_a_report": run.statuses["not_a_report"],
        "documents_quarantined": run.statuses["quarantined"],
    }


def table_metadata(
    warehouse: Warehouse, table: str, rows: pa.Table, years: Sequence[int]
) -> dict[str, dg.MetadataValue]:
    """Rows, reports and years of a table, and the documents behind it."""
    metadata: dict[str, dg.MetadataValue] = {"dagster/row_count": dg.MetadataValue.int(rows.num_rows)}
    metadata["rows"] = dg.MetadataValue.int(rows.num_rows)
    for column, name in (("report_id", "reports"), ("report_year", "years")):
        if column in rows.column_names:
            metadata[name] = dg.MetadataValue.int(len(rows.column(column).drop_null().unique()))
    read = warehouse.read("renditions", years or None)
    metadata["documents_read"] = dg.MetadataValue.int(read.num_rows)
    metadata["documents_quarantined"] = dg.MetadataValue.int(warehouse.read("quarantine").num_rows)
    metadata["files"] = dg.MetadataValue.path(str(warehouse.root / table))
    return metadata


def _archive_asset() -> dg.AssetsDefinition:
    @dg.asset(
        name=ARCHIVE,
        partitions_def=portal_partitions(),
        group_name="collect",
        kinds={"scrapy"},
        retry_policy=_CRAWL_AGAIN,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def archive(context: dg.AssetExecutionContext) -> Result:
        """The raw store and the ledger, as far as the portals of the partition fill them."""
        layout = DataLayout.resolve()
        try:
            collected = collect(layout, registry_folder(), context.partition_keys, wait_seconds=WAIT_SECONDS)
        except PipelineError as error:
            raise _failure(error) from error
        for portal in collected.crawl.portals:
            counts = ", ".join(f"{count} {name}" for name, count in portal_metadata(portal).items() if count)
            context.log.info("%s: %s", portal.portal_id, counts or "nothing asked")
        return dg.MaterializeResult(metadata={**crawl_metadata(collected.crawl), "ledger": str(layout.ledger)})

    return archive


def _extractions_asset() -> dg.AssetsDefinition:
    @dg.asset(name=EXTRACTIONS, deps=[ARCHIVE], group_name="extract")
    def extractions(context: dg.AssetExecutionContext) -> Result:
        """What the present extractor reads in each document of the raw store, kept in the cache."""
        try:
            run = prepare_extractions(DataLayout.resolve(), wait_seconds=WAIT_SECONDS)
        except PipelineError as error:
            raise _failure(error) from error
        context.log.info("documents read now: %d, before: %d", run.extracted, run.reused)
        return dg.MaterializeResult(metadata=extraction_metadata(run))

    return extractions


def _dependencies(step: Step) -> list[dg.AssetDep]:
    """What the step reads; a step that looks at years before depends on them too. People's files are no assets."""
    sources = dict.fromkeys(_SOURCE_ASSETS[name] for name in step.source_inputs if name in _SOURCE_ASSETS)
    names = dict.fromkeys((*step.table_inputs, *step.previous_year_inputs, *step.earlier_year_inputs))
    return [*(_source_dependency(step, name) for name in sources), *(_dependency(step, name) for name in names)]


def _source_dependency(step: Step, name: str) -> dg.AssetDep:
    """A year needs what all portals gave; between portals and years there is no other relation."""
    if name == ARCHIVE and step.by_year:
        return dg.AssetDep(name, partition_mapping=dg.AllPartitionMapping())
    return dg.AssetDep(name)


def _dependency(step: Step, name: str) -> dg.AssetDep:
    if name not in (*step.previous_year_inputs, *step.earlier_year_inputs):
        return dg.AssetDep(name)
    last = 0 if name in step.table_inputs else -1
    first = -_YEARS_BACK if name in step.earlier_year_inputs else -1
    return dg.AssetDep(
        name,
        partition_mapping=dg.TimeWindowPartitionMapping(
            start_offset=first, end_offset=last, allow_nonexistent_upstream_partitions=True
        ),
    )


def _column_schema(table: Table) -> dg.TableSchema:
    columns = [
        dg.TableColumn(
            column.name,
            type=column.dtype,
            description=f"{column.title_zh}. {column.description}",
            constraints=dg.TableColumnConstraints(nullable=column.is_nullable),
        )
        for column in table.columns
    ]
    return dg.TableSchema(columns)


def _table_asset(step: Step) -> dg.AssetsDefinition:
    """The asset for one step."""
    table = TABLES[step.table]
    definition: Mapping[str, dg.MetadataValue] = {
        "dagster/column_schema": dg.MetadataValue.table_schema(_column_schema(table)),
        "grain": dg.MetadataValue.text(table.grain),
        "usage_warnings": dg.MetadataValue.text(", ".join(table.usage_warnings) or "none"),
    }

    @dg.asset(
        name=step.table,
        description=table.summary,
        deps=_dependencies(step),
        partitions_def=report_years if step.by_year else None,
        backfill_policy=dg.BackfillPolicy.single_run() if step.by_year else None,
        group_name="tables",
        kinds={"parquet"},
        metadata=definition,
        check_specs=check_specs(step.table),
    )
    def asset(context: dg.AssetExecutionContext) -> Result:
        years = sorted(int(key) for key in context.partition_keys) if step.by_year else []
        return _materialise(context, step, years)

    return asset


def _materialise(context: dg.AssetExecutionContext, step: Step, years: list[int]) -> Result:
    layout = DataLayout.resolve()
    registry = registry_folder()
    try:
        report: BuildReport = build(layout, [step.table], years or None, registry=registry, wait_seconds=WAIT_SECONDS)
    except PipelineError as error:
        raise _failure(error) from error
    warehouse = Warehouse(layout)
    rows = warehouse.read(step.table, years or None)
    for built in report.tables:
        if built.rows == 0 and built.year is not None:
            context.log.warning("no reports for %d in %s: run `ogi run` first", built.year, layout.root)
    results = list(evaluate_checks(step.table, rows))
    if step.table == "documents":
        results.append(conservation_result(rows, warehouse.read("renditions"), warehouse.read("quarantine")))
    if step.table == "region_year":
        behind = (warehouse.read(name, years or None) for name in ("reports", "issuer_year"))
        results.append(double_count_result(rows, *behind))
    return dg.MaterializeResult(
        metadata={**table_metadata(warehouse, step.table, rows, years), "files_changed": len(report.changed)},
        check_results=results,
    )


def all_assets() -> list[dg.AssetsDefinition]:
    """Every asset, in the order of the data flow."""
    with warnings.catch_warnings():
        # Backfill policies and lenient partition mappings are still called "beta" in Dagster 1.13.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [_archive_asset(), _extractions_asset(), *(_table_asset(step) for step in STEPS)]
