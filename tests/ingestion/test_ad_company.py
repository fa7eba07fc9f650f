"""The sandbox company's ads, two nights in a row, from both ad platforms into staging."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
import requests
from ad_worlds import days_in_raw

from ingestion.load import load
from ingestion.sandbox.company import company
from ingestion.sandbox.world import World

FIRST_NIGHT = date(2026, 6, 30)


def spend_told(world: World, platform: str) -> dict[tuple[str, str], Decimal]:
    """Spend by account and currency, as the platform tells it."""
    currency = {account.account_id: account.currency for account in world.accounts if account.platform == platform}
    spend: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for day in world.ad_days:
        if day.platform == platform:
            spend[day.account_id, currency[day.account_id]] += day.spend
    return dict(spend)


def parts_told(world: World, platform: str) -> tuple[set[tuple], set[tuple]]:
    """Every day of the platform's ad groups, and of its ads."""
    ad_groups, ads = set(), set()
    days = defaultdict(list)
    for day in world.ad_days:
        days[day.platform, day.campaign_id].append(day)
    for part in world.ad_parts:
        group = part.campaign_id, part.ad_group_id, part.ad_group_name
        for day in map(part.of, days[platform, part.campaign_id]):
            numbers = day.day, day.spend, day.impressions, day.clicks, day.conversions
            if part.ad_id is None:
                ad_groups.add((*group, *numbers))
            else:
                ads.add((*group, part.ad_id, part.ad_name, *numbers))
    assert len(ads) > len(ad_groups) > 1000
    return ad_groups, ads


@pytest.mark.parametrize("platform", ["google_ads", "meta_ads"])
def test_spend_in_staging_is_what_the_platform_tells_on_both_nights(platform: str, sandbox, staged) -> None:
    with sandbox(company(seed=1, scale=0.05, as_of=FIRST_NIGHT)) as base_url:
        load(platform, FIRST_NIGHT)
        second_night = FIRST_NIGHT + timedelta(days=1)
        moved = requests.post(f"{base_url}/control/as_of", json={"as_of": second_night.isoformat()}, timeout=60)
        assert moved.json()["as_of"] == "2026-07-01"
        load(platform, second_night)
    world = company(seed=1, scale=0.05, as_of=second_night)
    assert days_in_raw(platform) == sorted(
        (day.campaign_id, day.day, day.clicks) for day in world.ad_days if day.platform == platform
    )
    table = staged(platform, second_night)
    spend: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in table(f"stg_{platform}__campaign_daily"):
        spend[row["account_id"], row["currency"]] += row["spend"]
    assert dict(spend) == spend_told(world, platform)
    ad_groups, ads = parts_told(world, platform)
    numbers = ["activity_date", "spend", "impressions", "clicks", "platform_conversions"]
    group = ["campaign_id", "ad_group_id", "ad_group_name"]
    assert {
        tuple(row[name] for name in [*group, *numbers]) for row in table(f"stg_{platform}__ad_group_daily")
    } == ad_groups
    assert {
        tuple(row[name] for name in [*group, "ad_id", "ad_name", *numbers])
        for row in table(f"stg_{platform}__ad_daily")
    } == ads
