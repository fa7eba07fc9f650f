"""A team without any tool yet: nothing is configured, nothing was ever loaded."""

from pathlib import Path

import duckdb
import pytest

from publishing.build import build
from publishing.nights import build_file


def test_every_model_builds_from_nothing(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AS_OF", "2026-06-30")
    assert build(), "dbt failed a model or a critical test on empty sources"
    with duckdb.connect(str(build_file()), read_only=True) as connection:
        counts = "select sum(estimated_size) from duckdb_tables() where schema_name = ? and table_name like 'fct_%'"
        facts = {
            schema: connection.execute(counts, [schema]).fetchone()[0] for schema in ("core", "marketing", "sales")
        }
    assert facts == {"core": 0, "marketing": 0, "sales": 0}
