"""`ogi run`: the whole job."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, layout_of, registry_of
from pipelines.errors import BadInput

if TYPE_CHECKING:
    from pipelines.build import BuildReport
    from pipelines.crawling import CrawlReport
    from pipelines.layout import DataLayout

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "run",
        epilog=examples(
            "ogi run --sample              offline, on sample portals",
            "ogi run                       the real registry",
            "ogi run --data archive/ --portals my-portals/",
        ),
    )(run)


def run(
    sample: Annotated[
        bool, typer.Option("--sample", help="Use the sample portals of our own, served on this machine.")
    ] = False,
    portal: Annotated[
        list[str] | None, typer.Option("--portal", metavar="ID", help="Only this portal; may be given again.")
    ] = None,
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Crawl the portals, read the documents, build the tables, check them, and show the result.

    A second run asks only what changed. Exit code 1: a registry entry is wrong (the others were done), the crawl broke,
    or the tables do not account for every document. Broken sums in reports are facts, listed by `ogi problems`: code 0.
    """
    from pipelines.build import build
    from pipelines.cli.screen import note, print_json_lines, progress_shown
    from pipelines.cli.summaries import build_rows, crawl_rows
    from pipelines.jobs import collect

    if sample and portals is not None:
        raise typer.BadParameter("--sample has portals of its own: leave --portals out")
    layout = layout_of(data)
    with _peer(sample, portals) as (registry, proxy), progress_shown(quiet=as_json) as progress:
        _warn_of_sample(layout, sample)
        collected = collect(layout, registry, portal or (), proxy=proxy, progress=progress)
        built = build(layout, registry=registry, progress=progress)
    if as_json:
        print_json_lines([*crawl_rows(collected.crawl), *build_rows(built)])
    else:
        _print(layout, collected.crawl, built)
    for problem in collected.problems:
        note(f"ogi: not collected: {problem}")
    return 1 if collected.problems else 0


@contextmanager
def _peer(sample: bool, portals: Path | None) -> Iterator[tuple[Path, str | None]]:
    """The registry to use, and the proxy behind which its portals stand."""
    if not sample:
        yield registry_of(portals), None
        return
    try:
        from pipelines.sample.server import SampleServer
        from pipelines.sample.sites import REGISTRY_FOLDER
    except ImportError as error:
        raise BadInput(
            f"The sample portals are not part of this installation ({error}). Run from a checkout."
        ) from error
    if not REGISTRY_FOLDER.is_dir():
        raise BadInput(f"There is no {REGISTRY_FOLDER}: the sample portals come with a checkout of the project.")
    with SampleServer() as server:
        yield REGISTRY_FOLDER, server.proxy_url


def _warn_of_sample(layout: "DataLayout", sample: bool) -> None:
    """Real and invented portals in one warehouse would be a wrong number waiting to happen."""
    from pipelines.cli.screen import note
    from pipelines.sources import Archive

    if not layout.ledger.exists():
        return
    portals = set(Archive(layout).fetches.column("portal_id").unique().to_pylist())
    if sample and any(not (name or "").startswith("sample-") for name in portals):
        note(
            f"ogi: {layout.root} already holds documents that are not from the sample portals; figures of the sample "
            "will stand beside them. Use another folder with --data DIR."
        )
    if not sample and any((name or "").startswith("sample-") for name in portals):
        note(
            f"ogi: {layout.root} already holds documents of the sample portals; their figures will stand beside real "
            "ones. Use another folder with --data DIR."
        )


def _print(layout: "DataLayout", crawled: "CrawlReport", built: "BuildReport") -> None:
    import duckdb

    from pipelines.cli.screen import print_table, say
    from pipelines.cli.summaries import print_build, print_crawl
    from pipelines.problems import failing_checks
    from pipelines.questions import REGION_YEAR_SQL

    print_crawl(crawled, layout)
    say()
    print_build(built, layout)
    say()
    broken = failing_checks(layout)
    held = built.rows("checks") - len(broken)
    say(f"Checks: {len(broken)} broken by printed figures, {held} not. `ogi problems` lists them.")
    if not built.rows("region_year"):
        say("No region-year figures: no report was read whose region and year are known. `ogi problems` tells why.")
        return
    sql = REGION_YEAR_SQL.format(folder=layout.warehouse)
    cursor = duckdb.connect().execute(sql)
    say()
    names, rows = [column[0] for column in cursor.description or ()], cursor.fetchall()
    print_table(names, rows, title="By region and year")
    say("cons.: consolidated report; own: sum of n own reports; never add the two. recd: newly received.")
    notes = " ".join(row[names.index("note")] for row in rows)
    if "*" in notes:
        say("* some of the n reports do not print every figure: `incomplete_measures` of region_year names them.")
    if "new" in notes:
        say("new: the form changed since the year before; `comparability_notes` names what cannot be compared exactly.")
    say("Made by this query, in any DuckDB:\n")
    say(f"{sql};")
