"""Currencies without a rate are told before the models are built, those of the vendors' own records among them."""

from pathlib import Path

import duckdb
import pytest

from ingestion.settings import raw_file
from publishing.configuration import mistakes
from publishing.configured import Mistake
from tests.publishing.test_configuration import change, project  # noqa: F401 - a fixture
from tests.publishing.test_deliveries import folder, write  # noqa: F401 - a fixture

RAW = {
    "google_ads": """
        create table raw.accounts as from (values (1, 'USD'), (2, 'eur')) as accounts (customer_id, currency_code);
        create table raw.campaign_daily as
        select customer_id, cast(segments_date as date) as segments_date
        from raw.accounts, generate_series(date '2026-06-01', date '2026-07-02', interval 1 day) as d (segments_date);
    """,
    "meta_ads": """
        create table raw.accounts as select 'a' as account_id, 'GBP' as currency;
        create table raw.campaign_daily as select 'a' as account_id, date '2026-06-08' as date_start;
    """,
    "hubspot": """
        create table raw.deals as
        select *, timestamptz '2026-01-01 00:00:00Z' as created_at
        from (values
            ('open', '10', 'CHF', 'false', '2026-12-31T00:00:00Z'),
            ('won', '10', 'CHF', 'true', '2026-02-28T23:30:00Z'),
            ('lost', '10', 'SEK', 'true', '1769902200000'), ('merged', '10', 'JPY', 'true', '2026-06-01T00:00:00Z'),
            ('nothing', '', 'JPY', 'false', ''), ('ours', '10', '', 'false', '')
        ) as deals (id, amount, deal_currency_code, hs_is_closed, closedate);
        create table raw.deal_merges as select 'merged' as id;
    """,
}  # fmt: skip


@pytest.fixture
def raw(folder: Path) -> None:  # noqa: F811
    """What earlier nights brought of the vendors' records, and rates of two days in the user's folder."""
    for source, tables in RAW.items():
        bring(source, tables)
    rates = ("2026-06-01,EUR,USD,1.1", "2026-06-01,USD,GBP,0.8", "2026-02-01,SEK,EUR,0.09", "2026-02-01,EUR,USD,1.1")
    write(folder, "fx_rates.csv", "rate_date,from_currency,to_currency,rate", *rates)


def bring(source: str, tables: str) -> None:
    raw_file(source).parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(raw_file(source))) as connection:
        connection.execute(f"set TimeZone = 'UTC'; create schema raw; {tables}")


def told(found: list[Mistake]) -> list[tuple[str, str]]:
    """Each mistake as where and what; none of them stops the night."""
    assert not any(mistake.stops for mistake in found)
    return [(str(mistake).partition(": ")[0], mistake.what.partition(":")[0]) for mistake in found]


@pytest.mark.usefixtures("raw")
def test_currencies_of_all_sources_are_told_in_one_list(folder: Path):  # noqa: F811
    write(folder, "deals.csv", "deal_id,amount,currency,closed_at", "theirs,1,CHF,2026-06-03")
    assert told(mistakes()) == [
        (f"{folder}/deals.csv:2", "CHF has no rate at all, the first 2026-06-03"),
        ("google_ads.raw.campaign_daily", "EUR has no rate of 22 days, the first 2026-06-09"),
        ("hubspot.raw.deals", "CHF has no rate at all, the first 2026-02-28"),
        ("hubspot.raw.deals", "SEK has no rate of 1 day, the first 2026-01-31"),
    ]
    [of_google] = [mistake for mistake in mistakes() if mistake.file.startswith("google_ads")]
    assert str(of_google).endswith(
        "no amount in USD for 22 rows of campaign_daily - add rates of EUR to fx_rates, each serves 7 days on"
    )


@pytest.mark.usefixtures("raw")
def test_a_vendors_moments_fall_on_the_business_day(project: Path):  # noqa: F811
    change(project, "vars.yml", "business_time_zone: UTC", "business_time_zone: Europe/Berlin")
    of_hubspot = [what for where, what in told(mistakes(project)) if where == "hubspot.raw.deals"]
    assert of_hubspot == ["CHF has no rate at all, the first 2026-03-01"]


@pytest.mark.usefixtures("raw")
def test_without_files_the_rates_and_rows_that_raw_holds_of_them_count(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SOURCES__FILES__BUCKET_URL")
    assert ("meta_ads.raw.campaign_daily", "GBP has no rate at all, the first 2026-06-08") in told(mistakes())
    bring(
        "files",
        """
        create table raw.fx_rates as
        select date '2026-06-01' as rate_date, 'USD' as from_currency, 'GBP' as to_currency;
        create table raw.deals as select 5 as amount, 'GBP' as currency, timestamp '2026-06-10 12:00:00' as closed_at;
        create table raw.targets (amount int, currency varchar, period_start date);
        create table raw.spend (amount int, currency varchar, start_date date, end_date date);
        create table raw.subscriptions (subscription_id int, mrr int, currency varchar, started_at timestamp);
        create table raw.subscription_changes (subscription_id int, changed_at timestamp);
        """,
    )
    of_pounds = [(where, what) for where, what in told(mistakes()) if what.startswith("GBP")]
    assert of_pounds == [("files.raw.deals", "GBP has no rate of 1 day, the first 2026-06-10")]


@pytest.mark.usefixtures("raw")
def test_what_an_older_raw_file_lacks_is_told_and_hides_no_other_source():
    with duckdb.connect(str(raw_file("hubspot"))) as connection:
        connection.execute("drop table raw.deal_merges")
    found = told(mistakes())
    assert ("hubspot.raw.deals", "currencies are not checked") in found
    assert ("google_ads.raw.campaign_daily", "EUR has no rate of 22 days, the first 2026-06-09") in found


@pytest.mark.usefixtures("raw")
@pytest.mark.parametrize(("old", "new"), [("time_zone: UTC", "time_zone: Mars"), ("age_days: 7", "age_days: week")])
def test_a_setting_that_means_nothing_is_told_alone(project: Path, old: str, new: str):  # noqa: F811
    line = change(project, "vars.yml", old, new)
    [mistake] = mistakes(project)
    assert (Path(mistake.file).name, mistake.line) == ("vars.yml", line)
