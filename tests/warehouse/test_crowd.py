"""The crowd that `make bench` measures is good data: a small one loads and builds without a rejected row."""

import subprocess
from pathlib import Path

import duckdb
import pytest

from ingestion import SOURCES
from ingestion.load import create_tables, load
from ingestion.sandbox.company import FIRST_NIGHT
from publishing.build import dbt_command, dbt_environment
from publishing.nights import build_file
from tests.bench.crowd_files import ENTHUSIASTS, write_crowd

PEOPLE = 400


def test_a_small_crowd_loads_and_builds_without_a_rejected_row(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_crowd(tmp_path / "files", people=PEOPLE)
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", str(tmp_path / "files"))
    monkeypatch.setenv("AS_OF", FIRST_NIGHT.isoformat())
    loaded = load("files", FIRST_NIGHT).rows
    assert loaded.get("bad_rows", 0) == 0
    assert loaded["people"] == PEOPLE
    assert loaded["touches"] == 10 * PEOPLE
    for source in SOURCES:
        create_tables(source)
    build_file().parent.mkdir()
    models = ("--resource-type", "seed", "--resource-type", "model", "--select", "+int_touches__pathed")
    command = dbt_command("build", *models)
    assert subprocess.run(command, env=dbt_environment()).returncode == 0
    with duckdb.connect(str(build_file()), read_only=True) as connection:
        types = connection.execute(
            "select conversion_type, count(*) from intermediate.int_conversions__derived group by 1"
        ).fetchall()
        longest = connection.execute("select max(touches) from intermediate.int_touches__pathed").fetchone()[0]
    conversions = dict(types)
    assert conversions.keys() == {"lead", "qualified", "opportunity", "customer", "won_deal"}
    assert conversions["won_deal"] == 0.2 * PEOPLE
    assert longest >= PEOPLE // ENTHUSIASTS
