"""Meta Ads from the sandbox over HTTP into raw."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import requests
from ad_worlds import AS_OF, FIRST_DAY, ad_day, ad_world, next_day, rows

from ingestion.load import LoadError, load
from ingestion.sandbox.vendors import meta_ads as vendor
from ingestion.sandbox.world import World

DAILY = """
    select account_id, campaign_id, date_start, spend, impressions, reach, clicks, leads, purchases, purchase_value
    from raw.campaign_daily order by all
"""
HEADERS = {"Authorization": f"Bearer {vendor.ACCESS_TOKEN}"}
REPORT = {
    "level": "campaign",
    "time_increment": "1",
    "time_range": json.dumps({"since": "2026-06-01", "until": "2026-06-30"}),
    "fields": "campaign_id,spend",
}


@pytest.fixture
def world() -> World:
    """What Meta knows."""
    return ad_world("meta_ads")


@pytest.fixture
def base_url(world: World, sandbox) -> Iterator[str]:
    """A sandbox that serves the world; what a test changes in the world is served too."""
    with sandbox(world) as url:
        yield url


def told(world: World) -> list[tuple]:
    """The rows that raw must have; Meta tells no purchases here, only their value."""
    return sorted(
        (
            day.account_id,
            day.campaign_id,
            day.day,
            day.spend,
            day.impressions,
            day.reach,
            day.clicks,
            day.conversions,
            Decimal(0),
            day.conversion_value,
        )
        for day in world.ad_days
    )


def test_accounts_and_campaigns_arrive_as_meta_names_them(base_url: str) -> None:
    load("meta_ads", AS_OF)
    assert rows("meta_ads", "select account_id, currency, timezone_name from raw.accounts order by 1") == [
        ("1000000001", "EUR", "Europe/Berlin"),
        ("1000000002", "USD", "America/New_York"),
    ]
    campaigns = "select campaign_id, status, start_time, stop_time, daily_budget from raw.campaigns order by 1"
    assert rows("meta_ads", campaigns)[:2] == [
        ("10000000011", "ACTIVE", "2026-05-02T00:00:00+0200", None, 2500),
        ("10000000012", "DELETED", "2026-05-02T00:00:00+0200", "2026-06-30T00:00:00+0200", 2500),
    ]


def test_second_load_adds_no_rows(world: World, base_url: str) -> None:
    load("meta_ads", AS_OF)
    assert rows("meta_ads", DAILY) == told(world)
    load("meta_ads", AS_OF)
    assert rows("meta_ads", DAILY) == told(world)


def test_next_night_replaces_restated_days_and_removes_rows_that_are_gone(world: World, base_url: str) -> None:
    load("meta_ads", AS_OF)
    tomorrow = next_day(world)
    load("meta_ads", tomorrow)
    assert rows("meta_ads", DAILY) == told(world)


def test_backfill_in_parts_and_nightly_runs_end_in_the_same_rows(base_url: str, tmp_path, monkeypatch) -> None:
    load("meta_ads", AS_OF - timedelta(days=1))
    load("meta_ads", AS_OF)
    nightly = rows("meta_ads", DAILY)
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "backfilled"))
    middle = FIRST_DAY + timedelta(days=25)
    load("meta_ads", AS_OF, since=middle + timedelta(days=1))
    load("meta_ads", middle, since=FIRST_DAY)
    assert rows("meta_ads", DAILY) == nightly


def test_pages_are_followed(world: World, base_url: str) -> None:
    campaign = world.campaigns[0]
    world.campaigns[:] = [replace(campaign, campaign_id=str(number)) for number in range(vendor.LARGEST_PAGE_ROWS + 1)]
    world.ad_days[:] = [ad_day(one, AS_OF, clicks=1) for one in world.campaigns]
    load("meta_ads", AS_OF)
    assert rows("meta_ads", DAILY) == told(world)
    assert rows("meta_ads", "select count(*) from raw.campaigns") == [(vendor.LARGEST_PAGE_ROWS + 1,)]


@pytest.mark.parametrize("outcome", ["Job Failed", "Job Skipped"])
def test_job_that_does_not_complete_is_started_again(world: World, base_url: str, outcome: str) -> None:
    vendor.next_outcomes.extend([outcome, outcome])
    load("meta_ads", AS_OF)
    assert rows("meta_ads", DAILY) == told(world)


def test_job_that_never_completes_is_told(base_url: str) -> None:
    vendor.next_outcomes.extend(["Job Failed"] * 3)
    message = r"insights of account 1000000001 from .* 3 jobs did not complete \(Job Failed, An unexpected error"
    with pytest.raises(LoadError, match=message):
        load("meta_ads", AS_OF)
    assert rows("meta_ads", DAILY) == []
    load("meta_ads", AS_OF)
    assert len(rows("meta_ads", DAILY)) == 240


def test_report_of_too_many_rows_is_asked_for_in_halves(world: World, base_url: str, monkeypatch) -> None:
    monkeypatch.setattr(vendor, "MAX_REPORT_ROWS", 10)
    load("meta_ads", AS_OF)
    assert rows("meta_ads", DAILY) == told(world)


def test_single_day_that_is_too_much_is_told(base_url: str, monkeypatch) -> None:
    monkeypatch.setattr(vendor, "MAX_REPORT_ROWS", 1)
    with pytest.raises(LoadError, match="reduce the amount of data"):
        load("meta_ads", AS_OF)


def test_narrowed_accounts_leave_the_others_alone(base_url: str, monkeypatch) -> None:
    monkeypatch.setenv("SOURCES__META_ADS__ACCOUNT_IDS", "act_1000000002")
    load("meta_ads", AS_OF)
    assert rows("meta_ads", "select distinct account_id from raw.campaign_daily") == [("1000000002",)]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        (
            "ACCESS_TOKEN",
            "EAAB-wrong",
            r"GET /meta_ads/v26.0/me/adaccounts answered 400 \(Invalid OAuth.*Check",
        ),
        (
            "ACCOUNT_IDS",
            "4711",
            r"no such account: 4711\. The credentials see 1000000001, 1000000002\. Correct",
        ),
    ],
)
def test_wrong_setting_is_told_without_a_secret(base_url: str, monkeypatch, setting, value, message) -> None:
    monkeypatch.setenv(f"SOURCES__META_ADS__{setting}", value)
    with pytest.raises(LoadError, match=message) as raised:
        load("meta_ads", AS_OF)
    assert "EAAB" not in str(raised.value)


def test_unconfigured_source_has_its_declared_tables_empty() -> None:
    assert load("meta_ads", AS_OF).missing_settings == ("SOURCES__META_ADS__ACCESS_TOKEN",)
    assert rows("meta_ads", DAILY) == []
    assert rows("meta_ads", "select account_id, name, currency, timezone_name from raw.accounts") == []
    assert rows("meta_ads", "select campaign_id, objective, status, start_time, stop_time from raw.campaigns") == []


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("me/adaccounts", {"fields": "account_id,owner_name"}, 100),
        ("act_1000000001/campaigns", {"fields": "id,video_views"}, 100),
        ("act_1000000001/campaigns", {"effective_status": '["REMOVED"]'}, 100),
        ("act_4711/campaigns", {}, 100),
        ("123", {}, 100),
        ("act_1000000001/adimages", {}, 2500),
        ("me/adaccounts", {"limit": "all"}, 100),
    ],
)
def test_sandbox_refuses_the_requests_meta_refuses(base_url: str, path: str, params: dict, code: int) -> None:
    answer = requests.get(f"{base_url}/meta_ads/v26.0/{path}", params=params, headers=HEADERS, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    "changed",
    [
        {"action_attribution_windows": '["7d_view"]'},
        {"action_attribution_windows": '["1d_click", "28d_view"]'},
        {"fields": "campaign_id,dma"},
        {"time_range": '{"since": "yesterday"}'},
        {"filtering": '[{"field": "campaign.effective_status", "operator": "IN", "value": ["REMOVED"]}]'},
    ],
)
def test_sandbox_refuses_the_reports_meta_refuses(base_url: str, changed: dict) -> None:
    url = f"{base_url}/meta_ads/v26.0/act_1000000001/insights"
    assert requests.post(url, data=REPORT, headers=HEADERS, timeout=5).status_code == 200
    answer = requests.post(url, data=REPORT | changed, headers=HEADERS, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_sandbox_hides_deleted_campaigns_unless_asked(base_url: str) -> None:
    url = f"{base_url}/meta_ads/v26.0/act_1000000001/campaigns"
    assert len(requests.get(url, headers=HEADERS, timeout=5).json()["data"]) == 1


def test_sandbox_links_to_its_own_host_with_the_token_inside(base_url: str) -> None:
    url = f"{base_url}/meta_ads/v26.0/me/adaccounts?limit=1"
    answer = requests.get(url, headers=HEADERS, timeout=5).json()
    assert answer["paging"]["next"].startswith(f"{base_url}/meta_ads/v26.0/me/adaccounts?limit=1&access_token=EAAB")
    last = requests.get(answer["paging"]["next"], timeout=5).json()
    assert ("next" in last["paging"], "after" in last["paging"]["cursors"]) == (False, True)
