"""A warehouse of its own for every test, and no waiting between attempts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb
import pytest

from ingestion.sandbox.server import environment, serving
from ingestion.sandbox.world import World
from ingestion.settings import raw_file


@pytest.fixture(autouse=True)
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty WAREHOUSE_DIR; requests are asked again at once."""
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path))
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0")
    return tmp_path


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
