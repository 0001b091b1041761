"""`ogi crawl`: only collect."""

from typing import Annotated

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, layout_of, registry_of

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "crawl",
        epilog=examples(
            "ogi crawl",
            "ogi crawl --portal shanxi --portal zhejiang-wenzhou",
            "ogi crawl --portals my-portals/ --data archive/",
            "ogi crawl --full",
        ),
    )(crawl)


def crawl(
    portal: Annotated[
        list[str] | None, typer.Option("--portal", metavar="ID", help="Only this portal; may be given again.")
    ] = None,
    data: DataOption = None,
    portals: PortalsOption = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read every list to its end and ask again for what is known, due or not.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Collect the portals' reports into the raw store and the ledger. A crawl that was stopped goes on where it was.

    One request at a time per host, robots.txt obeyed, pages asked for again only if they changed. A portal that is down
    or refuses is a row in the ledger, not an error: exit code 0. Code 1: an entry of the registry is wrong, or the
    crawl itself broke.
    """
    from pipelines.cli.screen import note, print_json_lines, progress_shown
    from pipelines.cli.summaries import crawl_rows, print_crawl
    from pipelines.jobs import collect

    layout, registry = layout_of(data), registry_of(portals)
    with progress_shown(quiet=as_json) as progress:
        outcome = collect(layout, registry, portal or (), progress=progress, full=full)
    if as_json:
        print_json_lines(crawl_rows(outcome.crawl))
    else:
        print_crawl(outcome.crawl, layout)
    for problem in outcome.problems:
        note(f"ogi: not collected: {problem}")
    return 1 if outcome.problems else 0
