"""`ogi sample`: the sample portals of our own."""

from typing import Annotated

import typer

from pipelines.cli.options import examples

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Sample portals of our own, served on this machine."
)


@app.callback()
def _all_commands() -> None:
    """Keep the group a group while it has one command."""


@app.command(
    "serve",
    epilog=examples(
        "ogi sample serve --port 8765",
        "http_proxy=http://127.0.0.1:8765 curl http://www.fulin.test/",
    ),
)
def serve(
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port on this machine; 0 takes a free one.")] = 0,
) -> int:
    """Serve the sample portals until Ctrl-C; the printed address is an HTTP proxy for their http://….test addresses."""
    from pipelines.sample.server import main

    main(["--port", str(port)])
    return 0
