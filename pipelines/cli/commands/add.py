"""`ogi add`: documents of one's own."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, layout_of, registry_of

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "add",
        epilog=examples(
            "ogi add report.html --url http://www.example.gov.cn/2023/report.html --date 2024-01-20",
            "ogi add downloads/ --portal shanxi",
            "ogi add downloads/ --urls addresses.jsonl",
        ),
    )(add)


def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of files.")],
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="The address the one file came from.")] = None,
    date: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], metavar="DATE", help="Date of publication, YYYY-MM-DD."),
    ] = None,
    portal: Annotated[
        str | None,
        typer.Option("--portal", metavar="ID", help="Registry entry of the site it came from: tells the region."),
    ] = None,
    urls: Annotated[
        Path | None,
        typer.Option("--urls", metavar="FILE", help="Addresses of the files: JSON Lines with file and url."),
    ] = None,
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Put documents of your own into the raw store and the ledger; `ogi build` then reads them.

    A file that is there already is not stored again. In a folder, .json, .yaml and README files are passed over.
    """
    from pipelines.adding import add_documents
    from pipelines.cli.screen import note, print_json_lines, print_table, say
    from pipelines.jobs import publish_archive, require_portal
    from pipelines.local_files import find_files, read_manifest

    layout = layout_of(data)
    files = find_files(paths, read_manifest(urls) if urls else None)
    if portal is not None:
        require_portal(layout, registry_of(portals), portal)
    added = add_documents(layout, files.documents, url=url, listed_date=date.date() if date else None, portal_id=portal)
    publish_archive(layout)
    if as_json:
        print_json_lines(
            {"document": item.file.name, "sha256": item.sha256, "byte_count": item.byte_count, "is_new": item.is_new}
            for item in added
        )
        return 0
    print_table(
        ("document", "sha256", "bytes", "new"), [(i.file.name, i.sha256[:16], i.byte_count, i.is_new) for i in added]
    )
    for path in files.passed_over:
        note(f"Not a document, passed over: {path}")
    new = sum(item.is_new for item in added)
    say(f"{new} new, {len(added) - new} there already. Next: ogi build")
    return 0
