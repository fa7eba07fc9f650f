"""A sandbox to pull from without waiting between attempts, and a look into raw."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import duckdb
import pytest
import yaml

from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import World
from ingestion.settings import raw_file

PROFILES = Path("dbt_project/profiles.yml")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests are asked again at once."""
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0")


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], AbstractContextManager[str]]:
    """`with sandbox(world) as url:` serves the company and points every source at it."""

    @contextmanager
    def served(world: World) -> Iterator[str]:
        with serving(world) as url, monkeypatch.context() as settings:
            for name, value in environment(url).items():
                settings.setenv(name, value)
            yield url

    return served


@pytest.fixture
def raw() -> Callable[[str, str], list[dict]]:
    """`raw(source, table)`: a raw table's rows in order, without dlt's own columns."""

    def rows(source: str, table: str) -> list[dict]:
        with duckdb.connect(str(raw_file(source)), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = connection.execute(f"select * from raw.{table} order by all")
            names = [column[0] for column in found.description]
            return [
                {name: value for name, value in zip(names, row, strict=True) if not name.startswith("_dlt_")}
                for row in found.fetchall()
            ]

    return rows


@pytest.fixture
def staged(warehouse: Path) -> Callable[[str, date], Callable[[str], list[dict]]]:
    """`staged(source, as_of)` has dbt build and test the source's staging models; gives `rows(model)`, in order."""

    def built(source: str, as_of: date) -> Callable[[str], list[dict]]:
        for other in yaml.safe_load(PROFILES.read_text())["smarketing_warehouse"]["outputs"]["duckdb"]["attach"]:
            duckdb.connect(str(raw_file(other["alias"]))).close()  # dbt attaches every source
        build_file = warehouse / "built.duckdb"
        dbt = [Path(sys.executable).with_name("dbt"), "--quiet", "build", "--select", f"staging.{source}"]
        dbt += ["--indirect-selection", "cautious"]  # tests that need a mart too have none here
        folders = [
            "--project-dir",
            "dbt_project",
            "--profiles-dir",
            "dbt_project",
            "--target-path",
            warehouse / "target",
        ]
        environ = os.environ | {"AS_OF": as_of.isoformat(), "BUILD_FILE": str(build_file)}
        done = subprocess.run(
            [*dbt, *folders, "--log-path", warehouse / "logs"], env=environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return partial(_rows, build_file, source)

    return built


def _rows(build_file: Path, source: str, model: str) -> list[dict]:
    with duckdb.connect(str(build_file), read_only=True) as connection:
        connection.execute(f"set TimeZone = 'UTC'; attach '{raw_file(source)}' as {source} (read_only)")
        found = connection.execute(f"select * from staging.{model} order by all")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
