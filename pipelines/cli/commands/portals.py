"""`ogi portals`: the registry."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import JsonOption, PortalsOption, examples, registry_of

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The registry of portals: list it, check it.")


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
    ),
)
def check_portals(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Folder of entries; the same as --portals.")
    ] = None,
    portals: PortalsOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check every entry: file, line, what is wrong, and the way out. Exit code 1 if anything is."""
    from crawlers.registry import load_registry
    from pipelines.cli.screen import print_json_lines, say

    registry = load_registry(registry_of(folder or portals))
    if as_json:
        print_json_lines(
            {"file": str(p.file), "line": p.line, "key": p.key, "problem": p.sentence} for p in registry.problems
        )
    else:
        for problem in registry.problems:
            say(str(problem))
        say(f"{len(registry.portals)} portals are sound, {len(registry.problems)} problems.")
    return 1 if registry.problems else 0
