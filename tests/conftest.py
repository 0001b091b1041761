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
