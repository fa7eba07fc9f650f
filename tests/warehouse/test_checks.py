"""The checks that decide whether a night is published, on a night of the sandbox company."""

import pytest

from expectations.checkpoint import PHASES, run
from expectations.rules import CRITICAL
from tests.warehouse.conftest import Night


@pytest.mark.parametrize("phase", PHASES)
def test_a_night_of_the_sandbox_passes_every_critical_check(night: Night, phase: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WAREHOUSE_DIR", str(night.warehouse.parents[1]))
    monkeypatch.setenv("AS_OF", night.world.as_of.isoformat())
    assert [each for each in run(phase) if not each.success and each.severity == CRITICAL] == []
