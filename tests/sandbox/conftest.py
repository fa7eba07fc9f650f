"""The company as the tests of the sandbox see it: small, on its first night and on the next day."""

from datetime import timedelta

import pytest

from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.world import World

SCALE = 0.1


@pytest.fixture(scope="session")
def world() -> World:
    """The company on its first night."""
    return company(FIRST_NIGHT, scale=SCALE)


@pytest.fixture(scope="session")
def next_world() -> World:
    """The company one day on."""
    return company(FIRST_NIGHT + timedelta(days=1), scale=SCALE)
