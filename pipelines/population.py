"""The user's file of people by division and year, DATA/population.csv, as a source of the build."""

import pyarrow as pa

from pipelines.errors import BadInput
from pipelines.layout import DataLayout
from transform.population import MalformedPopulation, no_population, population_table

__all__ = ["read_population"]


def read_population(layout: DataLayout) -> pa.Table:
    """The file as a table; without rows where there is none.

    Raises:
        BadInput: The file cannot be read or is not as `transform.population` describes it.
    """
    path = layout.population
    if not path.exists():
        return no_population()
    try:
        return population_table(path.read_bytes(), str(path))
    except MalformedPopulation as error:
        raise BadInput(str(error)) from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
