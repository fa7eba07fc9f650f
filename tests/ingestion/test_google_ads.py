"""Google Ads from the sandbox over HTTP into raw."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from ad_worlds import AS_OF, FIRST_DAY, ad_day, ad_world, next_day, rows

from ingestion.load import LoadError, load
from ingestion.sandbox.vendors import google_ads as vendor
from ingestion.sandbox.world import World

DAILY = """
    select customer_id::varchar, campaign_id::varchar, segments_date, cost_micros, impressions, clicks,
        conversions, conversions_value
    from raw.campaign_daily order by all
"""
CLICKS = "select customer_id::varchar, campaign_id::varchar, gclid, segments_date from raw.clicks order by all"
SEARCH = "google_ads/v26/customers/1000000001/googleAds:search"
HEADERS = {
    "Authorization": f"Bearer {vendor.ACCESS_TOKEN}",
    "developer-token": vendor.SETTINGS["DEVELOPER_TOKEN"],
    "login-customer-id": vendor.MANAGER_ID,
}


@pytest.fixture
def world() -> World:
    """What Google knows."""
    return ad_world("google_ads")


@pytest.fixture
def base_url(world: World, sandbox) -> Iterator[str]:
    """A sandbox that serves the world; what a test changes in the world is served too."""
    with sandbox(world) as url:
        yield url


def told(world: World) -> list[tuple]:
    """The rows that raw must have."""
    return sorted(
        (
            day.account_id,
            day.campaign_id,
            day.day,
            int(day.spend * 1_000_000),
            day.impressions,
            day.clicks,
            float(day.conversions),
            float(day.conversion_value),
        )
        for day in world.ad_days
    )


def test_accounts_and_campaigns_arrive_as_google_names_them(base_url: str) -> None:
    load("google_ads", AS_OF)
    accounts = "select customer_id, currency_code, time_zone, manager, level from raw.accounts order by 1"
    assert rows("google_ads", accounts) == [
        (1000000001, "EUR", "Europe/Berlin", False, 1),
        (1000000002, "USD", "America/New_York", False, 1),
        (9000000001, "USD", "Etc/UTC", True, 0),
    ]
    campaigns = rows("google_ads", "select campaign_id, name, status, end_date_time from raw.campaigns order by 1")
    assert campaigns[:2] == [
        (10000000011, "Brand | 品牌 10000000011", "ENABLED", "2037-12-30 23:59:59"),
        (10000000012, "Brand | 品牌 10000000012", "REMOVED", "2026-06-30 23:59:59"),
    ]
    assert len(campaigns) == 4


def test_second_load_adds_no_rows(world: World, base_url: str) -> None:
    load("google_ads", AS_OF)
    first = rows("google_ads", DAILY), rows("google_ads", CLICKS)
    load("google_ads", AS_OF)
    assert first == (rows("google_ads", DAILY), rows("google_ads", CLICKS))
    assert first[0] == told(world)
    assert first[1] == sorted((c.account_id, c.campaign_id, c.click_id, c.day) for c in world.clicks)


def test_next_night_replaces_restated_days_and_removes_rows_that_are_gone(world: World, base_url: str) -> None:
    load("google_ads", AS_OF)
    tomorrow = next_day(world)
    load("google_ads", tomorrow)
    assert rows("google_ads", DAILY) == told(world)


def test_backfill_in_parts_and_nightly_runs_end_in_the_same_rows(
    world: World, base_url: str, tmp_path, monkeypatch
) -> None:
    load("google_ads", AS_OF - timedelta(days=1))
    load("google_ads", AS_OF)
    nightly = rows("google_ads", DAILY), rows("google_ads", CLICKS)
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "backfilled"))
    middle = FIRST_DAY + timedelta(days=25)
    load("google_ads", AS_OF, since=middle + timedelta(days=1))
    load("google_ads", middle, since=FIRST_DAY)
    assert (rows("google_ads", DAILY), rows("google_ads", CLICKS)) == nightly


def test_pages_of_ten_thousand_rows_are_followed(world: World, base_url: str) -> None:
    campaign = world.campaigns[0]
    world.ad_days[:] = [ad_day(campaign, FIRST_DAY, clicks=number) for number in range(10_001)]
    world.campaigns[:] = [replace(campaign, campaign_id=str(number)) for number in range(10_001)]
    world.ad_days[:] = [replace(day, campaign_id=str(number)) for number, day in enumerate(world.ad_days)]
    world.clicks.clear()
    load("google_ads", AS_OF)
    assert rows("google_ads", "select count(*) from raw.campaign_daily") == [(10_001,)]


def test_clicks_are_told_for_ninety_days_only(world: World, base_url: str) -> None:
    """A backfill of last month still loads the days that Google no longer tells clicks of."""
    object.__setattr__(world, "as_of", AS_OF + timedelta(days=60))
    load("google_ads", AS_OF, since=FIRST_DAY)
    assert rows("google_ads", DAILY) == told(world)
    assert rows("google_ads", "select min(segments_date) from raw.clicks") == [(AS_OF - timedelta(days=30),)]


def test_narrowed_accounts_leave_the_others_alone(world: World, base_url: str, monkeypatch) -> None:
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__CUSTOMER_IDS", "100-000-0002")
    load("google_ads", AS_OF)
    assert rows("google_ads", "select distinct customer_id from raw.campaign_daily") == [(1000000002,)]
    monkeypatch.setenv("SOURCES__GOOGLE_ADS__CUSTOMER_IDS", "")
    load("google_ads", AS_OF)
    assert rows("google_ads", "select distinct customer_id from raw.campaign_daily order by 1") == [
        (1000000001,),
        (1000000002,),
    ]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        (
            "REFRESH_TOKEN",
            "1//dead-token",
            r"POST /google_ads/token answered 400 \(invalid_grant: .*Check the credentials",
        ),
        ("CLIENT_SECRET", "wrong-secret", r"token answered 401 \(invalid_client: .*Check the credentials"),
        ("DEVELOPER_TOKEN", "wrong-developer-token", r"answered 401 \(The developer token is not valid\)\. Check"),
        ("CUSTOMER_IDS", "4711", r"no such account: 4711\. The credentials see 9000000001, 1000000001, 1000000002"),
        ("LOGIN_CUSTOMER_ID", "1000000001", r"answered 403 \(User doesn't have permission .*Check the credentials"),
    ],
)
def test_wrong_setting_is_told_without_a_secret(base_url: str, monkeypatch, setting, value, message) -> None:
    monkeypatch.setenv(f"SOURCES__GOOGLE_ADS__{setting}", value)
    with pytest.raises(LoadError, match=message) as raised:
        load("google_ads", AS_OF)
    secrets = {value for name, value in vendor.SETTINGS.items() if name != "LOGIN_CUSTOMER_ID"}
    secrets |= {value} if setting.endswith(("TOKEN", "SECRET")) else set()
    assert not [secret for secret in secrets if secret in str(raised.value)]


def test_unconfigured_source_has_its_declared_tables_empty() -> None:
    outcome = load("google_ads", AS_OF)
    assert "SOURCES__GOOGLE_ADS__REFRESH_TOKEN" in outcome.missing_settings
    assert rows("google_ads", DAILY) == []
    assert rows("google_ads", CLICKS) == []
    assert rows("google_ads", "select customer_id, currency_code, time_zone, status from raw.accounts") == []
    assert rows("google_ads", "select campaign_id, name, status, start_date_time from raw.campaigns") == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.id, campaign.start_date FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM campaigns", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("campaign.id", "UNEXPECTED_INPUT"),
        ("SELECT segments.date FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        ("SELECT segments.date FROM campaign WHERE segments.date >= '2026-06-01'", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        ("SELECT segments.date FROM campaign WHERE segments.date = 'today'", "INVALID_VALUE_WITH_BETWEEN_OPERATOR"),
        ("SELECT campaign.id FROM campaign WHERE segments.date LIKE '2026'", "BAD_VALUE"),
        (
            "SELECT click_view.gclid FROM click_view WHERE segments.date BETWEEN '2026-06-01' AND '2026-06-02'",
            "EXPECTED_FILTER_ON_A_SINGLE_DAY",
        ),
        ("SELECT click_view.gclid FROM click_view WHERE segments.date = '2026-03-31'", "DATE_TOO_OLD"),
    ],
)
def test_sandbox_refuses_the_queries_google_refuses(base_url: str, query: str, code: str) -> None:
    answer = requests.post(f"{base_url}/{SEARCH}", json={"query": query}, headers=HEADERS, timeout=5)
    assert (answer.status_code, code in answer.text) == (400, True), answer.text


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Authorization": "Bearer old"}, {}, 401, "OAUTH_TOKEN_INVALID"),
        ({"developer-token": ""}, {}, 401, "DEVELOPER_TOKEN_INVALID"),
        ({"login-customer-id": "1000000002"}, {}, 403, "USER_PERMISSION_DENIED"),
        ({}, {"pageSize": 100}, 400, "PAGE_SIZE_NOT_SUPPORTED"),
        ({}, {"pageToken": "bm9uc2Vuc2U="}, 400, "INVALID_PAGE_TOKEN"),
        ({}, {"limit": 1}, 400, 'Unknown name \\"limit\\"'),
    ],
)
def test_sandbox_refuses_the_requests_google_refuses(base_url: str, headers, body, status, code) -> None:
    body = {"query": "SELECT campaign.id FROM campaign"} | body
    answer = requests.post(f"{base_url}/{SEARCH}", json=body, headers=HEADERS | headers, timeout=5)
    assert (answer.status_code, code in answer.text) == (status, True), answer.text
