"""One module for each group of commands; this one only puts them together."""

import typer

from pipelines.cli.commands import (
    add,
    build,
    coverage,
    crawl,
    decide,
    export,
    extract,
    portals,
    problems,
    query,
    run,
    sample,
    show,
    trace,
)

__all__ = ["app"]

app = typer.Typer(
    name="ogi",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="China's open-government-information annual reports: collect, read, and ask them.\n\n"
    "\b\n"
    "  ogi run --sample                          the whole job on sample portals, offline\n"
    "  ogi extract reports/ --out cells.parquet  read files of your own\n"
    '  ogi query "SELECT * FROM region_year"     ask the tables\n\n'
    "Commands on collected data take --data DIR (default data/, or OGI_DATA).\n\n"
    "\b\n"
    "Exit codes: 0 done; 1 a problem was found or met, told in one sentence on\n"
    "stderr; 2 wrong usage.",
)


@app.callback()
def _all_commands() -> None:
    """Keep the group a group; the help text stands above."""


run.register(app)
crawl.register(app)
extract.register(app)
add.register(app)
build.register(app)
query.register(app)
trace.register(app)
show.register(app)
problems.register(app)
decide.register(app)
coverage.register(app)
export.register(app)
app.add_typer(portals.app, name="portals")
app.add_typer(sample.app, name="sample")
