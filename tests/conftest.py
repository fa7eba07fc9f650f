"""What all tests share: every test has a warehouse folder of its own, and no setting of this machine reaches it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path("dbt_project")


@pytest.fixture(autouse=True)
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `WAREHOUSE_DIR`, and no source configured."""
    for name in list(os.environ):
        if name.startswith("SOURCES__") or name in {"AS_OF", "BUILD_FILE", "SANDBOX_SCALE", "SANDBOX_SEED"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "warehouse"))
    return tmp_path / "warehouse"


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with dbt's own reading of the project: manifest.json and semantic_manifest.json."""
    target = tmp_path_factory.mktemp("target")
    dbt = Path(sys.executable).with_name("dbt")
    command = [dbt, "--quiet", "parse", "--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", target]
    subprocess.run([str(word) for word in command], check=True)
    return target


@pytest.fixture(scope="session")
def manifest(parsed: Path) -> dict:
    """The project's models, tests, seeds and so on."""
    return json.loads((parsed / "manifest.json").read_text())
