"""Raw is held against its own past: real loads, then what a vendor could have answered instead."""

import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations.checkpoint import check, run
from expectations.rules import CRITICAL, WARNING
from ingestion.load import load
from ingestion.settings import raw_file
from publishing.nights import build_file

NIGHT = date(2026, 6, 30)
VOLUME = "has about as many rows as in the nights before"
WEEK = "has about as many rows in the newest week as in the weeks before"
CLICKS = "no more clicks than impressions"
PARTS = "a campaign's parts cost no more than it does"
PARTS_OF = {
    "google_ads": {"ad_group_daily": ["ad_group_id"], "ad_daily": ["ad_group_id", "ad_id"]},
    "meta_ads": {"adset_daily": ["adset_id"], "ad_daily": ["adset_id", "ad_id"]},
}
COST = {
    "google_ads": "cost_micros is between 0 and 1,000,000,000,000.0",
    "meta_ads": "spend is between 0 and 1,000,000.0",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of handed-over files; google_ads has no credentials and therefore empty tables."""
    path = tmp_path / "handed_over"
    path.mkdir()
    monkeypatch.setenv("SOURCES__FILES__BUCKET_URL", str(path))
    monkeypatch.setenv("AS_OF", NIGHT.isoformat())
    load("google_ads", NIGHT)
    return path


def deliver(folder: Path, deals: int, night: date) -> None:
    """Hand over that many deals and load them."""
    rows = "".join(f"{number},won,10\n" for number in range(deals))
    (folder / "deals.csv").write_text(f"deal_id,stage,amount\n{rows}")
    load("files", night)


def answer_ads(first: date, last: date, loaded_for: date) -> None:
    """Let google_ads have rows for five campaigns on each of these days, loaded for that night."""
    with duckdb.connect(str(raw_file("google_ads"))) as connection:
        connection.execute(
            """
            insert into raw.campaign_daily by name
            select 1 as customer_id, campaign_id, cast(day as date) as segments_date, 1000000 as cost_micros,
                10 as impressions, 1 as clicks, 'load' as _dlt_load_id, gen_random_uuid() as _dlt_id
            from range(5) as campaigns(campaign_id), range(?::date, ?::date + 1, interval 1 day) as days(day)
            """,
            [first, last],
        )
        connection.execute(
            "insert into raw.loads by name select ? as as_of, 'load' as _dlt_load_id, 'id' as _dlt_id", [loaded_for]
        )


def answer_parts(cost: int, clicks: int, first: date, last: date) -> None:
    """Let every campaign, of cost 100, have five parts of `cost` and `clicks` in ten impressions, at both platforms."""
    for source, account, day, money in (
        ("google_ads", "customer_id", "segments_date", "cost_micros"),
        ("meta_ads", "account_id", "date_start", "spend"),
    ):
        columns = f"1 as {account}, 1 as campaign_id, cast(day as date) as {day}, 'load' as _dlt_load_id"
        days = f"range(date '{first}', date '{last}' + 1, interval 1 day) as days(day)"
        with duckdb.connect(str(raw_file(source))) as connection:
            connection.execute(
                f"insert into raw.campaign_daily by name"
                f" select {columns}, 100 as {money}, gen_random_uuid() as _dlt_id from {days}"
            )
            for table, ids in PARTS_OF[source].items():
                connection.execute(
                    f"insert into raw.{table} by name select {columns}, {cost} as {money}, 10 as impressions,"
                    f" {clicks} as clicks, {', '.join(f'part as {name}' for name in ids)}, gen_random_uuid() as _dlt_id"
                    f" from {days}, range(5) as parts(part)"
                )
            connection.execute(
                f"insert into raw.loads by name select date '{NIGHT}' as as_of, 'load' as _dlt_load_id, 'id' as _dlt_id"
            )


def failures(severity: str) -> set[tuple[str, str]]:
    return {(each.table, each.rule) for each in run("raw") if not each.success and each.severity == severity}


def test_a_source_without_past_nights_and_empty_tables_never_fail(folder: Path):
    deliver(folder, 0, NIGHT)
    assert failures(CRITICAL) == set()


def test_an_answer_as_large_as_usual_passes(folder: Path):
    for night in range(3):
        deliver(folder, 30 - night, NIGHT - timedelta(days=2 - night))
    answer_ads(NIGHT - timedelta(days=60), NIGHT, NIGHT)
    assert failures(CRITICAL) == set()
    assert failures(WARNING) == set()


def test_an_answer_implausibly_small_against_past_nights_is_critical(folder: Path, capsys: pytest.CaptureFixture):
    deliver(folder, 30, NIGHT - timedelta(days=2))
    deliver(folder, 30, NIGHT - timedelta(days=1))
    deliver(folder, 2, NIGHT)
    assert not check("raw")
    told = capsys.readouterr().out
    assert f"critical    files.raw.volumes: {VOLUME}: not so for 1 row, e.g. table_name=deals, rows=2" in told


def test_fewer_rows_that_are_accepted_start_a_new_past(folder: Path, monkeypatch: pytest.MonkeyPatch):
    deliver(folder, 30, NIGHT - timedelta(days=2))
    monkeypatch.setenv("SOURCES__ACCEPT_FEWER_ROWS", "true")
    deliver(folder, 2, NIGHT - timedelta(days=1))
    monkeypatch.delenv("SOURCES__ACCEPT_FEWER_ROWS")
    deliver(folder, 2, NIGHT)
    assert failures(CRITICAL) == set()


def test_a_week_without_ad_days_is_critical_and_a_stale_source_is_a_warning(folder: Path):
    deliver(folder, 1, NIGHT - timedelta(days=1))
    answer_ads(NIGHT - timedelta(days=60), NIGHT - timedelta(days=8), NIGHT)
    assert failures(CRITICAL) == {("google_ads.raw.campaign_daily", WEEK)}
    assert ("files.raw.loads", "was loaded for the business day") in failures(WARNING)


def test_days_of_ad_groups_and_ads_that_sum_to_their_campaign_pass(folder: Path):
    load("meta_ads", NIGHT)
    answer_parts(20, 1, NIGHT - timedelta(days=60), NIGHT)
    assert failures(CRITICAL) == set()
    assert failures(WARNING) == set()


def test_days_of_ad_groups_and_ads_are_judged_as_those_of_campaigns(folder: Path):
    load("meta_ads", NIGHT)
    answer_parts(-1, 11, NIGHT - timedelta(days=60), NIGHT - timedelta(days=9))
    answer_parts(21, 1, NIGHT - timedelta(days=8), NIGHT - timedelta(days=8))
    tables = {f"{source}.raw.{table}": COST[source] for source, parts in PARTS_OF.items() for table in parts}
    assert {(table, WEEK) for table in tables} <= failures(CRITICAL)
    assert {(table, rule) for table, cost in tables.items() for rule in (CLICKS, PARTS, cost)} <= failures(WARNING)


def test_a_source_that_did_not_load_is_not_judged_by_the_days_it_misses(folder: Path):
    loaded = NIGHT - timedelta(days=10)
    answer_ads(loaded - timedelta(days=60), loaded, loaded)
    assert failures(CRITICAL) == set()


def test_bad_rows_and_files_are_told_by_file_and_line(folder: Path):
    (folder / "deals.csv").write_text("deal_id,amount\n1,5\n2,five\n")
    (folder / "notes.csv").write_text("a\n1\n")
    load("files", NIGHT)
    assert check("raw")
    checks = json.loads((raw_file("files").parents[1] / "build" / "checks.json").read_text())
    (bad,) = [each for each in checks if each["rule"] == "no row was kept aside"]
    assert bad["count"] == 1
    assert bad["severity"] == WARNING
    assert bad["examples"][0]["file"] == "deals.csv"
    assert bad["examples"][0]["line"] == 3
    (ignored,) = [each for each in checks if each["rule"] == "every file is a table of the contract"]
    assert ignored["examples"][0]["file"] == "notes.csv"


def test_results_are_kept_as_pages_and_for_machines(folder: Path):
    deliver(folder, 1, NIGHT)
    assert check("raw")
    build = raw_file("files").parents[1] / "build"
    assert "files.raw.deals" in (build / "data_docs" / "raw" / "index.html").read_text()
    checks = json.loads((build / "checks.json").read_text())
    assert {"phase", "table", "rule", "severity", "success", "count", "examples"} <= set(checks[0])


def test_checks_hold_no_file_open(folder: Path):
    deliver(folder, 1, NIGHT)
    run("raw")
    with duckdb.connect(str(raw_file("files"))) as connection:
        connection.execute("create table raw.writable as select 1 as one")


def test_text_that_staging_cannot_read_is_counted(folder: Path):
    load("hubspot", NIGHT)
    with duckdb.connect(str(raw_file("hubspot"))) as connection:
        connection.execute(
            """
            insert into raw.deals by name
            select * from (values
                ('1', '1.500,00 €', 'high', 'soon', '2026-06-01', 'won', 'load', 'a'),
                ('2', '1500', '0.5', '1781168400000', '2026-06-01', 'won', 'load', 'b'),
                ('3', '', '', '2026-06-30T09:00:00.000Z', '2026-06-01', 'won', 'load', 'c')
            ) as deals(id, amount, hs_deal_stage_probability, closedate, createdate, dealstage, _dlt_load_id, _dlt_id)
            """
        )
    told = [each for each in run("raw") if each.table == "hubspot.raw.deals" and not each.success]
    assert {each.rule for each in told} == {
        "an amount is a number",
        "a probability is a number",
        "closedate is a moment",
    }
    assert {(each.severity, each.count, str(each.examples)) for each in told} == {(WARNING, 1, "[{'id': '1'}]")}


def test_an_id_that_is_an_address_reaches_neither_results_nor_pages_nor_output(
    folder: Path, capsys: pytest.CaptureFixture
):
    deals = [f"{deal},won,2026-06-20,2026-06-10" for deal in ("ana@example.com", "+33 6 12 34 56 78")]
    (folder / "deals.csv").write_text("\n".join(("deal_id,stage,created_at,closed_at", *deals)))
    load("files", NIGHT)
    with duckdb.connect(str(raw_file("files"))) as connection:
        connection.execute("insert into raw.deals from raw.deals")
    assert not check("raw")
    told = capsys.readouterr().out
    assert "a deal is closed after it was created: not so for 4 rows, e.g. deal_id=***" in told
    assert "deal_id is unique: not so for 4 rows, e.g. deal_id=***" in told
    pages = [page for page in build_file().parent.rglob("*") if page.suffix in {".html", ".json"}]
    assert len(pages) > 5
    for text in (told, *(page.read_text() for page in pages)):
        assert "ana@example.com" not in text
        assert "12 34 56" not in text
