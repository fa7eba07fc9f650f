"""What `make explain` shows behind a number makes it, and every row comes from a raw record and its load."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from publishing.explain import ExplainError, explain
from publishing.explain.behind import FOLDER, PERIODS, Formula, find_behind, open_warehouse, rows_columns, rows_file
from publishing.publish import publish
from tests.warehouse.conftest import Night

TABLES = sorted(path.stem for path in (FOLDER / "rows").glob("*.sql"))
KEYS = sorted(path.stem for path in (FOLDER / "records").glob("*.sql"))


def compare(connection: duckdb.DuckDBPyConnection, table: str, formula: Formula, repeating: set[str]) -> list[tuple]:
    """Where a formula says something else on the rows behind a table than on the table.

    By period and channel, and by the columns of which one value is to be chosen.
    """
    columns = [column[0] for column in connection.execute(f"from build.{table} limit 0").description]
    time = next(name for name in PERIODS if name in columns)
    told = set(columns) & set(rows_columns(connection, table))
    by = ", ".join({time, "period_end", "channel"} & told | repeating & told)
    return connection.execute(f"""
        with
        numbers as (select {by}, coalesce({formula.sql}, 0) as number from build.{table} group by all),
        made as (
            select {by}, coalesce({formula.sql}, 0) as made from ({rows_file(table).read_text()}) group by all
        )
        select * from numbers full join made using ({by})
        where coalesce(number, 0) <> coalesce(made, 0)
    """).fetchall()


@pytest.fixture
def warehouse_of_the_night(night: Night, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = night.warehouse.parents[1]
    monkeypatch.setenv("WAREHOUSE_DIR", str(folder))
    monkeypatch.setenv("AS_OF", night.world.as_of.isoformat())
    return folder


@pytest.fixture
def connection(night: Night, warehouse_of_the_night: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(night.warehouse, night.world.as_of) as connection:
        yield connection


def definitions(night: Night) -> dict[str, tuple[str, Formula, set[str]]]:
    """Table and formula of every metric, and the columns of which one value is to be chosen."""
    told = night.rows("""
        select metric, source_table, formula, coalesce(not_additive_over, '')
        from core.metric_definitions
        order by metric
    """)
    return {metric: (table, Formula(formula), set(repeating.split(", "))) for metric, table, formula, repeating in told}


def test_every_metric_is_explained(night: Night, connection: duckdb.DuckDBPyConnection):
    columns = {table: set(rows_columns(connection, table)) for table in TABLES}
    missing = {
        (table, metric)
        for metric, (table, formula, _) in definitions(night).items()
        if not formula.columns <= columns.get(table, set())
    }
    assert not missing


@pytest.mark.parametrize("table", TABLES)
def test_rows_behind_make_every_number_and_each_comes_from_raw(
    table: str, night: Night, connection: duckdb.DuckDBPyConnection
):
    metrics = {
        metric: (formula, repeating)
        for metric, (told_by, formula, repeating) in definitions(night).items()
        if told_by == table
    }
    assert metrics
    for metric, (formula, repeating) in metrics.items():
        assert not compare(connection, table, formula, repeating), metric
        find_behind(connection, table, formula, "true", [])
        keys = [column[0] for column in connection.execute("from behind limit 0").description if column[0] in KEYS]
        assert keys or metric.startswith("unconverted_"), metric
        found = " or ".join(f"coalesce({key} in (select found_for from records), false)" for key in keys)
        [rows, without_record] = connection.execute(f"""
            select count(*), count(*) filter (where not ({found})) from behind
        """).fetchone()
        assert rows or metric.startswith("unconverted_"), metric
        assert not without_record, metric
        touches_without_record = "from touches where touch_key not in (select found_for from records)"
        assert not connection.execute(touches_without_record).fetchall(), metric
        # What stands in a seed comes with no load.
        assert not connection.execute("from records where loaded_at is null and source <> 'seeds'").fetchall(), metric


def test_the_cost_of_rejected_leads_comes_from_the_spend_of_their_campaigns(
    night: Night, connection: duckdb.DuckDBPyConnection
):
    table, formula, _ = definitions(night)["cost_of_rejected"]
    find_behind(connection, table, formula, "true", [])
    without_spend = """
        from behind
        where lead_quality_key not in (select found_for from records where table_name in ('campaign_daily', 'spend'))
    """
    assert not connection.execute(without_spend).fetchall()


@pytest.fixture(scope="module")
def published_night(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The night, published in a folder of its own."""
    folder = tmp_path_factory.mktemp("published_night")
    for part in ("raw", "build", "state"):
        (folder / part).symlink_to(night.warehouse.parents[1] / part)
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(folder))
        settings.setenv("AS_OF", night.world.as_of.isoformat())
        publish()
    return folder


@pytest.fixture
def published(published_night: Path, warehouse_of_the_night: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the published night, where `make explain` looks."""
    monkeypatch.setenv("WAREHOUSE_DIR", str(published_night))
    return published_night


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
    assert f"marketing.rpt_channel_performance of {day}, {channel}: {revenue:,}" in explained.stdout
    assert re.search(rf"the \d+ rows behind it make {re.escape(f'{revenue:,}')}: equal", explained.stdout)
    assert re.search(r"hubspot +deals +\d+ ", explained.stdout)
    emails = {email for (email,) in night.rows("select email from sales.dim_contacts where email is not null")}
    names = {name for (name,) in night.rows("select full_name from sales.dim_contacts where full_name is not null")}
    assert not [personal for personal in emails | names if personal in explained.stdout]


def test_the_open_pipeline_of_a_day_is_its_deals(night: Night, published: Path):
    [(deals, amount)] = night.rows("""
        select count(*), sum(amount_reporting) from sales.fct_deals where not is_closed and deleted_at is null
    """)
    explained, makes_it = explain("pipeline", night.world.as_of)
    assert makes_it
    assert f"the {deals} rows behind it make {amount:,}: equal" in explained
    assert re.search(r"hubspot +deals +\d+ ", explained)


@pytest.mark.parametrize("metric", ["weighted_pipeline", "quota", "net_revenue_retention", "web_sessions"])
def test_what_leaders_ask_is_taken_apart_in_its_own_period(metric: str, night: Night, published: Path):
    explained, makes_it = explain(metric, night.world.as_of)
    assert makes_it
    assert re.search(r"the [\d,]+ rows behind it make [\d,.]+: equal", explained)


@pytest.mark.parametrize(
    "metric", ["attributed_conversions", "claimed_conversions", "cohort_reached", "model_disagreement"]
)
def test_what_adds_most_is_told_first_and_where_it_comes_from(metric: str, night: Night, published: Path):
    [column] = definitions(night)[metric][1].columns - {"period_start", "channel"}
    explained, makes_it = explain(metric, date(2026, 6, 30))
    assert makes_it
    _, header, *rows = explained.split("what it is made of")[1].split("\n\n")[0].splitlines()
    place = header.split().index(column)
    amounts = [abs(float(row.split()[place].replace(",", ""))) for row in rows if "... and" not in row]
    assert amounts
    assert amounts == sorted(amounts, reverse=True)
    assert re.search(r"raw records.*\n +found_for .*\n +(\w{32}) ", explained)[1] in rows[0]


def test_what_a_table_tells_anew_for_each_stage_or_model_is_told_apart(night: Night, published: Path):
    [(month, stage, reached)] = night.rows("""
        select cohort_month, stage, sum(reached) from marketing.rpt_funnel_cohorts
        where stage = 'qualified' group by all order by all desc limit 1
    """)
    explained, makes_it = explain("cohort_reached", month)
    assert makes_it
    assert "to be read for one stage at a time, chosen by ONLY (" in explained
    assert re.search(rf"  {stage} +{reached} +{reached}\n", explained)
    chosen = told("cohort_reached", month.isoformat(), f"stage={stage}")
    assert chosen.returncode == 0, chosen.stderr
    assert f"marketing.rpt_funnel_cohorts of the month of {month}, {stage}: {reached}\n" in chosen.stdout
    assert "chosen by ONLY" not in chosen.stdout


def test_two_models_that_are_wrong_by_as_much_are_not_equal(published: Path):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published / 'published' / 'current' / 'marketing.duckdb'}' as seen")
        connection.execute("""
            update seen.marketing.rpt_attribution_channels
            set conversions = conversions + case attribution_model when 'linear' then 1 else -1 end
            where attribution_model in ('linear', 'markov') and period_start = '2026-06-01' and channel = 'paid_search'
        """)
    explained, makes_it = explain("attributed_conversions", date(2026, 6, 30), "paid_search")
    assert not makes_it
    assert re.search(r"NOT EQUAL, 1\.0+ apart", explained)
    assert explain("attributed_conversions", date(2026, 6, 30), "paid_search", {"attribution_model": "first_touch"})[1]


def test_a_new_metric_without_rows_says_which_file_to_write(published: Path):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published / 'published' / 'current' / 'sales.duckdb'}' as seen")
        connection.execute("""
            insert into seen.core.metric_definitions (metric, formula, unit, grain, source_table) values
            ('rejections', 'sum(rejected)', 'leads', 'month', 'alignment.rpt_rejections'),
            ('largest_deal', 'max(probability)', 'share', 'deal', 'sales.fct_deals')
        """)
    with pytest.raises(
        ExplainError,
        match=r"rows behind rejected of alignment\.rpt_rejections: select them in "
        r"publishing/explain/rows/alignment\.rpt_rejections\.sql, one for each thing counted",
    ):
        explain("rejections", date(2026, 6, 30))
    with pytest.raises(
        ExplainError, match=r"rows behind probability of .* publishing/explain/rows/sales\.fct_deals\.sql"
    ):
        explain("largest_deal", date(2026, 6, 30))


def test_what_is_not_there_is_an_error_that_says_what_to_do(published: Path):
    with pytest.raises(ExplainError, match=r"there is no metric 'leeds': did you mean 'leads'\?"):
        explain("leeds", date(2026, 6, 30))
    with pytest.raises(ExplainError, match=r"the metric budget does not tell channels apart: ask without CHANNEL"):
        explain("budget", date(2026, 6, 30), "paid_search")
    with pytest.raises(ExplainError, match=r"sales\.rpt_pipeline does not tell channels apart: ask without CHANNEL"):
        explain("pipeline", date(2026, 6, 30), "email")
    with pytest.raises(ExplainError, match=r"fct_email_daily does not tell stages apart: ask without ONLY=stage"):
        explain("emails_sent", date(2026, 6, 30), only={"stage": "customer"})
    with pytest.raises(ExplainError, match=r"there is no channel 'emial' in .*: did you mean 'email'\?"):
        explain("leads", date(2026, 6, 30), "emial")
    unknown = told("leeds", "2026-06-30")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "not explained: there is no metric 'leeds'" in unknown.stderr


def test_a_ratio_is_taken_apart_into_its_sums(night: Night, published: Path):
    [(day, channel, spend, leads, value)] = night.rows("""
        select activity_date, channel, spend_reporting, leads, cost_per_lead from marketing.rpt_channel_performance
        where cost_per_lead > 0 order by activity_date desc, channel limit 1
    """)
    explained, makes_it = explain("cost_per_lead", day, channel)
    assert makes_it
    [quotient] = re.findall(r"rows behind it make ([\d,.]+): equal", explained)
    assert float(quotient.replace(",", "")) == pytest.approx(float(value), abs=0.005)
    assert f"  SUM(spend_reporting) = {spend:,}\n" in explained
    assert f"  SUM(leads) = {leads:,}\n" in explained


def test_rows_that_do_not_make_the_number_are_a_failure_also_of_a_ratio(night: Night, published: Path):
    [(day, channel)] = night.rows("""
        select activity_date, channel from marketing.rpt_channel_performance
        where spend_reporting > 0 and attributed_revenue > 0 order by activity_date desc, channel limit 1
    """)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published / 'published' / 'current' / 'marketing.duckdb'}' as seen")
        connection.execute("""
            update seen.marketing.rpt_channel_performance set attributed_revenue = attributed_revenue + 1
        """)
    different = told("attributed_revenue", day.isoformat(), channel)
    assert different.returncode == 1
    assert "NOT EQUAL, 1.00 apart" in different.stdout
    assert "do not make it" in different.stderr
    assert not explain("return_on_ad_spend", day, channel)[1]
    assert explain("spend", day, channel)[1]


def test_without_the_build_of_the_published_night_nothing_is_explained(published: Path, night: Night):
    (published / "build").unlink()
    with pytest.raises(ExplainError, match=f"run `make build` with AS_OF={night.world.as_of}"):
        explain("leads", night.world.as_of)
