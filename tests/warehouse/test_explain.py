"""What `make explain` shows behind a number adds up to it, and every row of it comes from a raw record and its load."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from publishing.explain import METRICS, RATIOS, explain, find_behind, open_warehouse
from publishing.publish import publish
from tests.warehouse.conftest import Night

FOUND_BY = {"spend": "spend_key", "revenue": "deal_key", "attributed_revenue": "deal_key"}


@pytest.fixture
def warehouse_of_the_night(night: Night, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = night.warehouse.parents[1]
    monkeypatch.setenv("WAREHOUSE_DIR", str(folder))
    monkeypatch.setenv("AS_OF", night.world.as_of.isoformat())
    return folder


@pytest.fixture
def connection(night: Night, warehouse_of_the_night: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(night.warehouse) as connection:
        yield connection


@pytest.mark.parametrize("metric", METRICS)
def test_rows_behind_add_up_to_the_number_of_every_day_and_channel(metric: str, connection: duckdb.DuckDBPyConnection):
    behind = METRICS[metric]
    different = connection.execute(f"""
        with
        numbers as (
            select {behind.day} as day, channel, sum({behind.column}) as number
            from build.{behind.table} group by all having number != 0
        ),
        totals as (select day, channel, sum(amount) as total from ({behind.rows}) group by all having total != 0)
        select * from numbers full join totals using (day, channel) where number is distinct from total
    """).fetchall()
    assert not different
    find_behind(connection, metric, "true", [])
    key = FOUND_BY.get(metric, "person_key")
    [rows, without_record] = connection.execute(f"""
        select count(*), count(*) filter (where {key} not in (select found_for from records)) from behind
    """).fetchone()
    assert rows
    assert not without_record
    touches_without_record = "from touches where touch_key not in (select found_for from records)"
    assert not connection.execute(touches_without_record).fetchall()
    assert not connection.execute("from records where loaded_at is null").fetchall()


@pytest.fixture
def published(night: Night, warehouse_of_the_night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The night, published in a folder of its own."""
    folder = tmp_path / "published_night"
    folder.mkdir()
    for part in ("raw", "build"):
        (folder / part).symlink_to(warehouse_of_the_night / part)
    monkeypatch.setenv("WAREHOUSE_DIR", str(folder))
    publish()
    return folder


def told(*words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "publishing.explain", *words]
    return subprocess.run(command, env=os.environ, check=False, capture_output=True, text=True)


def test_a_number_is_taken_apart_down_to_raw_and_nothing_personal_is_told(night: Night, published: Path):
    [(day, channel, revenue)] = night.rows("""
        select activity_date, channel, attributed_revenue from marketing.rpt_channel_performance
        where channel != 'unattributed' order by attributed_revenue desc, activity_date limit 1
    """)
    explained = told("attributed_revenue", day.isoformat(), channel)
    assert explained.returncode == 0, explained.stderr
    assert f"activity_date {day}, {channel}: {revenue:,}" in explained.stdout
    assert re.search(rf"the \d+ rows behind it add up to {re.escape(f'{revenue:,}')}: equal", explained.stdout)
    assert re.search(r"hubspot +deals +\d+ ", explained.stdout)
    emails = {email for (email,) in night.rows("select email from sales.dim_contacts where email is not null")}
    names = {name for (name,) in night.rows("select full_name from sales.dim_contacts where full_name is not null")}
    assert not [personal for personal in emails | names if personal in explained.stdout]

    other = told("win_rate", day.isoformat())
    assert other.returncode == 0, other.stderr
    assert "the rows behind it cannot be shown; those of spend, leads," in other.stdout
    assert "sales.rpt_sales_velocity (" in other.stdout

    unknown = told("leeds", day.isoformat())
    assert unknown.returncode == 1
    assert "there is no metric 'leeds': did you mean 'leads'?" in unknown.stderr

    (published / "build").unlink()
    gone = told("leads", day.isoformat())
    assert gone.returncode == 1
    assert f"run `make build` with AS_OF={night.world.as_of}" in gone.stderr


def test_a_ratio_is_the_quotient_of_two_numbers_taken_apart(night: Night, published: Path):
    for ratio, sides in RATIOS.items():
        [(day, channel, value)] = night.rows(f"""
            select activity_date, channel, {ratio} from marketing.rpt_channel_performance
            where {ratio} > 0 order by activity_date desc, channel limit 1
        """)
        explained, adds_up = explain(ratio, day, channel)
        assert adds_up
        [quotient] = re.findall(rf"{' / '.join(sides)} = .*: ([\d,.]+)", explained)
        assert float(quotient.replace(",", "")) == pytest.approx(float(value), abs=0.0001)
        assert len(re.findall(r"the [\d,]+ rows behind it add up to .*: equal", explained)) == 2
    [(day, channel)] = night.rows("""
        select activity_date, channel from marketing.rpt_channel_performance
        where leads = 0 and spend_reporting > 0 order by activity_date desc, channel limit 1
    """)
    assert "empty, for there is nothing to divide by" in explain("cost_per_lead", day, channel)[0]


def test_rows_that_do_not_add_up_are_a_failure_also_of_a_ratio(night: Night, published: Path):
    [(day, channel)] = night.rows("""
        select activity_date, channel from marketing.rpt_channel_performance
        where spend_reporting > 0 and attributed_revenue > 0 order by activity_date desc, channel limit 1
    """)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published / 'published' / 'current' / 'marketing.duckdb'}' as seen")
        connection.execute("""
            update seen.marketing.rpt_channel_performance
            set attributed_revenue = attributed_revenue + 1, unconverted_spend_rows = 1
        """)
    for metric in ("attributed_revenue", "return_on_ad_spend"):
        explained = told(metric, day.isoformat(), channel)
        assert explained.returncode == 1
        assert "NOT EQUAL, 1.00 apart" in explained.stdout
        assert "do not add up" in explained.stderr
    unconverted = told("cost_per_lead", day.isoformat(), channel)
    assert unconverted.returncode == 0, unconverted.stderr
    assert "empty, for 1 rows of spend have no exchange rate" in unconverted.stdout
