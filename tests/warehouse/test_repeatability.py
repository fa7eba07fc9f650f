"""Everything after raw is a function of raw and the day: who builds again gets the same tables, to the last digit."""

import subprocess
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import yaml

from publishing.build import dbt_command, dbt_environment
from publishing.nights import build_file
from publishing.publish import checksums
from tests.warehouse.conftest import Night

PROFILES = Path("dbt_project/profiles.yml")
# What lies ahead by its own meaning: the calendar, what is due, expected or agreed for later.
AHEAD = {
    ("core.dim_dates", "date_day"),
    ("core.dim_dates", "week_start_date"),
    ("core.dim_dates", "month_start_date"),
    ("core.dim_dates", "quarter_start_date"),
    ("alignment.fct_handoffs", "due_at"),
    ("sales.fct_deals", "close_date_expected_at"),
    ("sales.rpt_quota_attainment", "period_end"),
    ("marketing.fct_flights", "last_date"),
    ("marketing.rpt_budget_attainment", "month_start_date"),
    ("marketing.rpt_channel_performance_periods", "period_end_date"),
    ("marketing.rpt_campaign_performance_periods", "period_end_date"),
}


@pytest.fixture(autouse=True)
def in_the_night(night: Night, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The night's raw files, and a build file of the test's own."""
    monkeypatch.setenv("WAREHOUSE_DIR", str(night.warehouse.parents[1]))
    monkeypatch.setenv("BUILD_FILE", str(tmp_path / "again.duckdb"))
    monkeypatch.setenv("AS_OF", night.world.as_of.isoformat())


def built_again(folder: Path) -> Path:
    """Every table once more from the same raw, with one thread of dbt and one of DuckDB instead of the usual ones.

    The tests of the models have run on the first build.
    """
    profiles = yaml.safe_load(PROFILES.read_text())
    target = profiles["smarketing_warehouse"]["outputs"]["duckdb"]
    target["threads"] = target["settings"]["threads"] = 1
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
    command = dbt_command("build", "--resource-type", "seed", "--resource-type", "model")
    command[command.index("--profiles-dir") + 1] = str(folder)
    subprocess.run([*command, "--target-path", folder / "target"], env=dbt_environment(), check=True)
    return build_file()


def test_building_again_with_other_threads_gives_the_same_checksums(night: Night, tmp_path: Path) -> None:
    assert checksums(built_again(tmp_path)) == checksums(night.warehouse)


def test_an_older_day_built_from_newer_raw_holds_nothing_later(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = night.world.as_of - timedelta(days=45)
    monkeypatch.setenv("AS_OF", older.isoformat())
    pipeline = (
        "select stage, owner_key, deals, amount_reporting from sales.rpt_pipeline"
        f" where as_of_date = date '{older}' and deals > 0 order by all"
    )
    with duckdb.connect(str(built_again(tmp_path)), read_only=True) as connection:
        pipeline_then = connection.execute(pipeline).fetchall()
        newest = {
            (f"{schema}.{table}", column): connection.execute(
                f"select cast(max({column}) as date) from {schema}.{table}"
            ).fetchone()[0]
            for schema, table, column in connection.execute(
                "select schema_name, table_name, column_name from duckdb_columns() "
                "where schema_name in ('core', 'marketing', 'sales', 'alignment') "
                "and (data_type = 'DATE' or data_type like 'TIMESTAMP%')"
            ).fetchall()
        }
    assert {place: day for place, day in newest.items() if place not in AHEAD and (day or date.min) > older} == {}
    assert newest["core.fct_touches", "touched_at"] == newest["marketing.fct_spend", "activity_date"] == older
    assert pipeline_then == night.rows(pipeline) != []
