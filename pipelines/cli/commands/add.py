"""`ogi add`: documents of one's own, saved pages, and WARC files."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.options import DataOption, JsonOption, PortalsOption, examples, layout_of, registry_of
from pipelines.errors import BadInput

if TYPE_CHECKING:
    from pipelines.adding_archives import AddedRecord
    from pipelines.layout import DataLayout

__all__ = ["register"]

_PROBLEMS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "add",
        epilog=examples(
            "ogi add report.html --url http://www.example.gov.cn/2023/report.html --date 2024-01-20",
            "ogi add downloads/ --portal shanxi",
            "ogi add downloads/ --urls addresses.jsonl",
            "ogi add crawl-2019.warc.gz",
        ),
    )(add)


def add(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files, WARC files, or folders of files or saved pages.")
    ],
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
        typer.Option(
            "--urls",
            metavar="FILE",
            help="Addresses of the files: JSON Lines with file, url and, if known, captured_at. A folder's own "
            "manifest.jsonl is read by itself.",
        ),
    ] = None,
    any_host: Annotated[
        bool,
        typer.Option(
            "--any-host",
            help="Take captures of every host from a WARC file, also those outside .gov.cn and the registry.",
        ),
    ] = False,
    data: DataOption = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Put documents of your own into the raw store and the ledger; `ogi build` then reads them.

    A file that is there already is not stored again. Saved pages keep the address and the moment that they name
    (browsers, SingleFile, HTTrack, .mhtml). Of a WARC file (.warc, .warc.gz, .arc) every captured answer becomes a
    document with its address and the moment of its capture; a record that cannot be used becomes a row of the ledger
    that says why. In a folder, .json, .yaml and README files are passed over. Exit code 1: a WARC file held nothing
    that can be used.
    """
    from pipelines.adding import add_documents
    from pipelines.cli.screen import note, print_json_lines, print_table, say
    from pipelines.jobs import publish_archive, require_portal
    from pipelines.local_files import find_files, read_entries

    layout = layout_of(data)
    files = find_files(paths, entries=read_entries(urls) if urls else None, take_archives=True)
    if files.archives and (url is not None or date is not None):
        raise BadInput(f"{files.archives[0]} says itself where and when it was captured: leave --url and --date out.")
    if portal is not None:
        require_portal(layout, registry_of(portals), portal)
    hosts = [] if any_host or not files.archives else _hosts(registry_of(portals))
    useless = False
    try:
        added = add_documents(
            layout, files.documents, url=url, listed_date=date.date() if date else None, portal_id=portal
        )
        if as_json:
            print_json_lines(
                {
                    "document": item.file.name,
                    "sha256": item.sha256,
                    "byte_count": item.byte_count,
                    "is_new": item.is_new,
                    "url": item.url,
                    "captured_at": item.captured_at,
                }
                for item in added
            )
        elif added:
            print_table(
                ("document", "sha256", "bytes", "new"),
                [(i.file.name, i.sha256[:16], i.byte_count, i.is_new) for i in added],
            )
        for archive in files.archives:
            records = _records(layout, archive, portal, hosts, any_host)
            useless |= not (_tell_json(records) if as_json else _tell(archive, records))
    finally:
        publish_archive(layout)
    if not as_json:
        for path in files.passed_over:
            note(f"Not a document, passed over: {path}")
        if added:
            new = sum(item.is_new for item in added)
            say(f"{new} new, {len(added) - new} there already. Next: ogi build")
        else:
            say("Next: ogi build")
    return 1 if useless else 0


def _hosts(registry: Path) -> Sequence[str]:
    """The hosts that the registry allows."""
    from crawlers.registry import load_registry

    return [host for entry in load_registry(registry) for host in entry.allowed_hosts]


def _records(
    layout: "DataLayout", archive: Path, portal: str | None, hosts: Sequence[str], any_host: bool
) -> "Iterator[AddedRecord]":
    from pipelines.adding_archives import add_archive

    return add_archive(layout, archive, portal_id=portal, hosts=hosts, any_host=any_host)


def _tell_json(records: "Iterator[AddedRecord]") -> bool:
    """One line a capture, while they are read; gives whether anything could be used."""
    from crawlers.archive.ledger import Outcome
    from pipelines.cli.screen import print_json_lines

    usable = False

    def lines() -> Iterator[dict[str, Any]]:
        nonlocal usable
        for record in records:
            if record.outcome is None:
                continue
            usable |= record.outcome is not Outcome.BROKEN
            yield {
                "document": record.name,
                "sha256": record.sha256,
                "byte_count": record.byte_count,
                "is_new": record.is_new,
                "url": record.url,
                "captured_at": record.captured_at,
                "outcome": record.outcome.value,
                "reason": record.reason,
            }

    print_json_lines(lines())
    return usable


def _tell(archive: Path, records: "Iterator[AddedRecord]") -> bool:
    """What a WARC file held, in a few lines; gives whether anything could be used."""
    from crawlers.archive.ledger import Outcome
    from pipelines.cli.screen import note, print_table, say

    found: Counter[str] = Counter()
    known: Counter[str] = Counter()
    reasons: dict[str, str] = {}
    broken = 0
    for record in records:
        name = "no capture" if record.outcome is None else record.outcome.value
        found[name] += 1
        known[name] += record.outcome is not None and not record.is_new
        if record.outcome is not None and record.reason:
            reasons.setdefault(name, record.reason)
        if record.outcome is Outcome.BROKEN:
            broken += 1
            if broken <= _PROBLEMS_SHOWN:
                note(f"Cannot be used: {record.name}: {record.url or ''} {record.reason}".replace(":  ", ": "))
    if broken > _PROBLEMS_SHOWN:
        note(f"… and {broken - _PROBLEMS_SHOWN} more; `ogi problems` lists them.")
    if not found:
        say(f"{archive}: an empty file.")
        return False
    rows = [(name, count, known[name], reasons.get(name)) for name, count in sorted(found.items())]
    print_table(("records", "number", "there already", "such as"), rows, title=str(archive))
    return any(name not in ("no capture", Outcome.BROKEN.value) for name in found)
