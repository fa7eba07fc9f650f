"""A team with a CRM and ads, and neither targets, nor exchange rates, nor a file of what else it spent."""

import dataclasses

import duckdb
import pytest

from ingestion import SOURCES
from ingestion.load import load
from ingestion.sandbox.company import FIRST_NIGHT, company
from ingestion.sandbox.files import write_files
from ingestion.sandbox.server import environment, serving
from publishing.build import build
from publishing.nights import build_file

LACKING = {"fx_rates", "targets", "spend"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("lacking")
    world = company(FIRST_NIGHT, scale=0.02)
    assert set(world.files) >= LACKING
    files = {name: [] if name in LACKING else rows for name, rows in world.files.items()}
    write_files(dataclasses.replace(world, files=files), folder / "files")
    with serving(world) as url, pytest.MonkeyPatch.context() as settings:
        settings.setenv("WAREHOUSE_DIR", str(folder / "warehouse"))
        settings.setenv("AS_OF", FIRST_NIGHT.isoformat())
        settings.setenv("SOURCES__FILES__BUCKET_URL", str(folder / "files"))
        for name, value in environment(url).items():
            settings.setenv(name, value)
        for source in SOURCES:
            load(source, until=FIRST_NIGHT)
        assert build(), "dbt failed a model or a critical test"
        with duckdb.connect(str(build_file()), read_only=True) as connection:
            yield connection


@pytest.mark.prove
def test_a_night_without_targets_rates_and_offline_spend_builds_and_converts_nothing(
    built: duckdb.DuckDBPyConnection,
) -> None:
    def row(query: str) -> tuple:
        return built.execute(query).fetchone()

    # Dollars are dollars, other money has no dollars, and no offline campaign cost anything.
    for amounts, amount, reporting in [
        ("marketing.fct_spend", "spend", "spend_reporting"),
        ("sales.fct_deals", "amount", "amount_reporting"),
        ("sales.fct_subscriptions", "mrr", "mrr_reporting"),
    ]:
        dollars, same, foreign, converted = row(f"""
            select
                count(*) filter (where currency = 'USD' and {amount} <> 0),
                count(*) filter (where currency = 'USD' and {amount} <> 0 and {amount} = {reporting}),
                count(*) filter (where currency <> 'USD' and {amount} <> 0),
                count(*) filter (where currency <> 'USD' and {amount} <> 0 and {reporting} is not null)
            from {amounts}
        """)
        assert dollars == same
        assert dollars > 0
        assert foreign > 0
        assert converted == 0
    assert row("select count(*) from marketing.fct_spend where is_offline") == (0,)
    assert row("select count(*) from marketing.rpt_budget_attainment") == (0,)
    assert row("select count(*) from sales.rpt_quota_attainment") == (0,)

    # What could not be converted is counted, whole, and no ratio looks too good without it.
    assert row(
        "select sum(unconverted_spend_rows), sum(spend_reporting) from marketing.rpt_channel_performance"
    ) == row("select count(*) filter (where spend_reporting is null), sum(spend_reporting) from marketing.fct_spend")
    ratios = "coalesce(cost_per_click, cost_per_lead, customer_acquisition_cost, return_on_ad_spend)"
    for table in (
        "rpt_channel_performance",
        "rpt_campaign_performance",
        "rpt_channel_performance_periods",
        "rpt_campaign_performance_periods",
    ):
        unconverted, shown, dollars_only = row(f"""
            select
                count(*) filter (where unconverted_spend_rows > 0),
                count({ratios}) filter (where unconverted_spend_rows > 0),
                count({ratios}) filter (where unconverted_spend_rows = 0)
            from marketing.{table}
        """)
        assert unconverted > 0
        assert shown == 0
        assert dollars_only > 0
