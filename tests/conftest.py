"""What all tests share: every test has a warehouse folder of its own, and no setting of this machine reaches it."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `WAREHOUSE_DIR`, and no source configured."""
    for name in list(os.environ):
        if name.startswith("SOURCES__") or name in {"AS_OF", "BUILD_FILE", "SANDBOX_SCALE", "SANDBOX_SEED"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "warehouse"))
    return tmp_path / "warehouse"
