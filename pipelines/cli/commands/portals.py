"""`ogi portals`: the registry."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.options import JsonOption, PortalsOption, examples, registry_of

if TYPE_CHECKING:
    from crawlers.scaffold import Draft
    from pipelines.portal_adding import Place

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The registry of portals: list it, check it, add to it."
)

_ROWS_SHOWN = 12
_VERDICTS = {"collect": "collect", "near_miss": "no report", "left_out": "left out", "other_host": "other host"}


@app.command(
    "list",
    epilog=examples(
        "ogi portals list",
        "ogi portals list --portals my-portals/ --json",
    ),
)
def list_portals(portals: PortalsOption = None, as_json: JsonOption = False) -> int:
    """List the portals that `ogi crawl` would visit."""
    from crawlers.registry import load_registry
    from pipelines.cli.screen import note, print_json_lines, print_table, say

    registry = load_registry(registry_of(portals))
    if as_json:
        print_json_lines(portal.model_dump(mode="json") for portal in registry.portals)
    else:
        print_table(
            ("portal", "name", "division", "family", "delay", "verified", "address"),
            [
                (p.id, p.name, p.division_code, p.family, p.delay_seconds, p.verified, p.index_url)
                for p in registry.portals
            ],
        )
        say(f"{len(registry.portals)} portals.")
    if registry.problems:
        note(f"ogi: {len(registry.problems)} problems in entries, which are left out: `ogi portals check` tells them.")
    return 1 if registry.problems else 0


@app.command(
    "check",
    epilog=examples(
        "ogi portals check",
        "ogi portals check my-portals/",
        "ogi portals check --live --portal guangxi-lipu",
    ),
)
def check_portals(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of entries; the same as --portals.")
    ] = None,
    portals: PortalsOption = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="Also look at each portal, up to 4 pages: does its spider still find the list?"),
    ] = False,
    portal: Annotated[
        list[str] | None, typer.Option("--portal", metavar="ID", help="With --live: only this entry; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Check every entry: file, line, what is wrong, and the way out. Exit code 1 if anything is."""
    from crawlers.registry import load_registry
    from pipelines.cli.screen import note, print_json_lines, print_table, say
    from pipelines.errors import BadInput
    from pipelines.portal_adding import look_at_entries

    if portal and not live:
        raise BadInput("--portal goes with --live; without it every entry is checked.")
    root = registry_of(folder or portals)
    registry = load_registry(root)
    if as_json:
        print_json_lines(
            {"file": str(p.file), "line": p.line, "key": p.key, "problem": p.sentence} for p in registry.problems
        )
    else:
        for problem in registry.problems:
            say(str(problem))
        say(f"{len(registry.portals)} portals are sound, {len(registry.problems)} problems.")
    if not live:
        return 1 if registry.problems else 0
    count = len(set(portal or [])) or len(registry.portals)
    note(f"Looking at {count} {'portal' if count == 1 else 'portals'}, a few pages each, in the crawl's own manners.")
    seen = look_at_entries(root, portal or []) if count else []
    if as_json:
        print_json_lines(seen)
    else:
        print_table(
            ("portal", "state", "rows", "what to do"),
            [(one["portal"], one["state"], one["collected"], one["sentence"]) for one in seen],
        )
    return 1 if registry.problems or any(one["state"] not in ("ok", "empty") for one in seen) else 0


@app.command(
    "add",
    epilog=examples(
        "ogi portals add http://www.example.gov.cn/zwgk/zfxxgknb/",
        "ogi portals add http://www.example.gov.cn/zwgk/zfxxgknb/ --id guangxi-lipu \\",
        "    --name 荔浦市人民政府 --division-code 450381 --delay 5 --dir my-portals/ --yes",
    ),
)
def add_portal(
    url: Annotated[str, typer.Argument(metavar="URL", help="The annual-report column, as the browser shows it.")],
    portal_id: Annotated[str | None, typer.Option("--id", metavar="ID", help="Default: from place and host.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The body. Default: what the page says.")] = None,
    division_code: Annotated[
        str | None,
        typer.Option("--division-code", metavar="CODE", help="6 digits. Default: from the name, where that is sure."),
    ] = None,
    delay: Annotated[
        float | None, typer.Option("--delay", metavar="SECONDS", help="Between two requests. Default, and least: 3.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Folder of entries; the same as --portals.")
    ] = None,
    portals: PortalsOption = None,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="HOST", help="A further host whose links are followed; may be repeated."),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser", help="Its pages are empty without scripts: let Chromium run them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: write what was found.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for scripts; without --yes nothing is written.")
    ] = False,
) -> int:
    """Make an entry for a portal: find its family, read its first list page, show it, write the file.

    A handful of pages is asked for, in the crawl's own manners; no report is fetched. What you confirm is marked as
    verified today, what --yes writes as never verified.
    """
    from crawlers.scaffold import entry_text
    from pipelines.cli.screen import note, print_json_lines, say
    from pipelines.errors import BadInput
    from pipelines.portal_adding import Wishes, check_wishes, draft_entry, look_at, problems_of, write_entry

    root = _folder_for(folder, portals)
    if not yes and not as_json and not sys.stdin.isatty():
        raise BadInput("There is no terminal to ask on: add --yes to write what is found, or --json to see it.")
    wishes = check_wishes(Wishes(url, portal_id, name, division_code, delay, tuple(host or ()), browser), root)
    note(f"Looking at {wishes.url}, a few pages at most, {3 if delay is None else delay:g} s apart …")
    found = look_at(wishes)
    draft, place = draft_entry(wishes, found, root)
    if not as_json:
        _show(found, draft, place)
    if not yes and not as_json:
        answered = _ask(draft, name_given=name is not None, place=place)
        if answered is None:
            say("Nothing was written.")
            return 0
        draft = answered
    if not found["collected"] and not found["empty"] and (yes or as_json):
        raise BadInput(_nothing_to_collect(found))
    file = None if as_json and not yes else write_entry(draft, root)
    portal, problems = (None, []) if file is None else problems_of(file, root)
    if as_json:
        text = entry_text(draft)
        told = {**found, "entry": asdict(draft), "text": text, "division": asdict(place)}
        print_json_lines(
            [{**told, "file": None if file is None else str(file), "problems": [str(one) for one in problems]}]
        )
    elif portal is not None:
        say(f"{file} is written: `ogi crawl --portal {portal.id}` collects it.")
    for problem in problems:
        note(f"ogi: {problem}")
    return 1 if file is not None and portal is None else 0


def _folder_for(folder: Path | None, portals: Path | None) -> Path:
    """The registry to add to; a folder that is named need not be there yet."""
    from pipelines.errors import BadInput

    named = folder or portals
    if named is None:
        return registry_of(None)
    if named.exists() and not named.is_dir():
        raise BadInput(f"{named} is a file; --dir must name a folder of portal entries.")
    return named


def _nothing_to_collect(found: Mapping[str, Any]) -> str:
    rows: Sequence[Mapping[str, Any]] = found["rows"]
    first = next((row for row in rows if row["title"]), None)
    shown = f', such as "{first["title"]}" ({first["reason"]})' if first else ""
    what = f"none of the {len(rows)} rows read is an annual report{shown}" if rows else "its columns hold no rows"
    return f"{found['url']}: a list of the family {found['family']}, and {what}: give the annual-report column itself."


def _show(found: Mapping[str, Any], draft: "Draft", place: "Place") -> None:
    """What was found, so that a person can compare it with the portal."""
    from pipelines.cli.screen import print_table, say

    options = ", ".join(f"{key}={value}" for key, value in found["options"].items())
    lines = {
        "family": f"{found['family']} ({found['weight']} of 100: {'; '.join(found['signs'])})",
        "list page": found["index_url"],
        "way there": "; ".join(found["steps"]),
        "options": options,
        "body": draft.name,
        "division": f"{draft.division_code or 'not known'} ({place.why})",
        "column": found["column_name"],
        "columns": ", ".join(column["title"] for column in found["columns"][:_ROWS_SHOWN]),
    }
    for key, value in lines.items():
        if value:
            say(f"{key + ':':<11}{value}")
    rows = sorted(found["rows"], key=lambda row: row["verdict"] not in ("collect", "near_miss"))
    print_table(
        ("would", "date", "title"),
        [(_VERDICTS[row["verdict"]], row["date"], row["title"] or row["url"]) for row in rows[:_ROWS_SHOWN]],
    )
    more = f" ({len(rows) - _ROWS_SHOWN} more)" if len(rows) > _ROWS_SHOWN else ""
    say(f"{len(rows)} rows on the first list page{more}: {found['collected']} to collect.")
    if found["empty"]:
        say("The column says that it holds nothing yet.")
    if found["other_hosts"]:
        say(f"Not followed, for they are other hosts (--host adds one): {', '.join(found['other_hosts'])}")


def _ask(draft: "Draft", *, name_given: bool, place: "Place") -> "Draft | None":
    """The entry as a person wants it; None where they do not."""
    from pipelines.cli.screen import note
    from pipelines.portal_adding import place_of

    if not name_given:
        name = typer.prompt("Body", default=draft.name).strip()
        if name != draft.name:
            place = place if place.why == "as given" else place_of(name, draft.index_url)
            draft = replace(draft, name=name, division_code=place.code)
            note(f"division: {place.code or 'not known'} ({place.why})")
    if not typer.confirm("Is this the annual-report column, and are these its rows? Write the entry?"):
        return None
    return replace(draft, verified=date.today())
