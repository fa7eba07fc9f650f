"""The models' own unit tests: a night's build leaves them out, as they say nothing about its data."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from publishing.build import dbt_command, dbt_environment
from tests.warehouse.conftest import Night


def test_every_unit_test_of_the_models_passes(night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # dbt asks the built file for the types of the columns; a copy, since it writes there.
    monkeypatch.setenv("WAREHOUSE_DIR", str(night.warehouse.parents[1]))
    monkeypatch.setenv("AS_OF", night.world.as_of.isoformat())
    settings = dbt_environment() | {"BUILD_FILE": str(shutil.copy(night.warehouse, tmp_path))}
    command = dbt_command("test", "--select", "test_type:unit")
    done = subprocess.run(command, env=settings, capture_output=True, text=True)
    results = json.loads(Path(settings["DBT_TARGET_PATH"], "run_results.json").read_text())["results"]
    failed = [result["unique_id"] for result in results if result["status"] != "pass"]
    assert not failed, done.stdout
    assert len(results) > 80
