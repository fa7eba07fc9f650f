"""A first night, and the same night again, which has nothing to do."""

import os
import subprocess
import sys
import tempfile
from dataclasses import asdict

from ingestion.sandbox.company import FIRST_NIGHT
from tests.bench.measuring import measured


def nights() -> list[dict]:
    """Seconds and peak memory of a first night and of the same night again."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        settings = {name: value for name, value in os.environ.items() if not name.startswith("SOURCES__")}
        settings |= {"WAREHOUSE_DIR": folder, "AS_OF": FIRST_NIGHT.isoformat()}
        for name in ("first night", "nothing to do"):
            night = measured(lambda: subprocess.run([sys.executable, "-m", "dags"], env=settings, check=True))
            rows.append({"night": name, **asdict(night)})
    return rows
