"""What Dagster loads: assembly only."""

import dagster as dg

from pipelines.assets import all_assets
from pipelines.schedules import nightly, nightly_schedule

__all__ = ["defs"]

defs = dg.Definitions(
    assets=all_assets(),
    jobs=[nightly],
    schedules=[nightly_schedule],
    # One process a run: steps wait for one another's files anyway, and a process costs two seconds to start.
    executor=dg.in_process_executor,
)
