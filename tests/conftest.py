"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real reports with ground truth; the test is skipped, visibly, where OGI_CORPUS names none."""
    named = os.environ.get("OGI_CORPUS")
    if not named or not Path(named).is_dir():
        pytest.skip("OGI_CORPUS names no folder of real reports")
    return Path(named)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are named by their length: packed ones hold the time, and every worker must find the same tests."""
    return f"{len(val)}_bytes" if isinstance(val, bytes) else None
