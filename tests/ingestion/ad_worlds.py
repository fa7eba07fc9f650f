"""A small company by hand, seen by its ad platforms only, and what raw must hold of it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import duckdb

from ingestion.sandbox.world import Account, AdDay, AdPart, Campaign, Click, World
from ingestion.settings import raw_file

AS_OF = date(2026, 6, 30)
DAYS = 60
FIRST_DAY = AS_OF - timedelta(days=DAYS - 1)


def ad_world(platform: str) -> World:
    """Two accounts with two campaigns each (one removed), every campaign with a row for each of `DAYS` days."""
    world = World(seed=1, scale=0.0, as_of=AS_OF)
    for number, (currency, zone) in enumerate([("EUR", "Europe/Berlin"), ("USD", "America/New_York")], start=1):
        account_id = f"100000000{number}"
        world.accounts.append(Account(platform, account_id, f"Acme “{currency}” Ω", currency, zone))
        for place, status in enumerate(["ENABLED", "REMOVED"], start=1):
            campaign = _campaign(platform, account_id, f"{account_id}{place}", status)
            world.campaigns.append(campaign)
            world.ad_parts.extend(_parts(campaign))
            for number_of_day in range(DAYS):
                day = FIRST_DAY + timedelta(days=number_of_day)
                world.ad_days.append(ad_day(campaign, day, clicks=number_of_day % 7))
                click_id = f"gclid-{campaign.campaign_id}-{day}"
                world.clicks.append(Click(platform, account_id, campaign.campaign_id, click_id, day))
    return world


def _campaign(platform: str, account_id: str, campaign_id: str, status: str) -> Campaign:
    return Campaign(
        platform=platform,
        account_id=account_id,
        campaign_id=campaign_id,
        name=f"Brand | 品牌 {campaign_id}",
        kind="SEARCH",
        channel="paid_search",
        status=status,
        start_date=FIRST_DAY,
        end_date=AS_OF if status == "REMOVED" else None,
        daily_budget=Decimal("25.00"),
        utm_source="google",
        utm_medium="cpc",
        utm_campaign=f"brand-{campaign_id}",
    )


def _parts(campaign: Campaign) -> list[AdPart]:
    """One ad group of half of the campaign, with one ad of half of the ad group."""
    of_campaign = (campaign.platform, campaign.account_id, campaign.campaign_id, f"{campaign.campaign_id}1", "Group")
    return [
        AdPart(*of_campaign, None, None, Decimal(0), Decimal("0.5")),
        AdPart(*of_campaign, f"{campaign.campaign_id}11", "Ad", Decimal(0), Decimal("0.25")),
    ]


def ad_day(campaign: Campaign, day: date, clicks: int) -> AdDay:
    """A campaign's day whose numbers follow from its clicks; a day without clicks still has impressions."""
    return AdDay(
        platform=campaign.platform,
        account_id=campaign.account_id,
        campaign_id=campaign.campaign_id,
        day=day,
        impressions=1000 + clicks,
        reach=800,
        clicks=clicks,
        spend=Decimal("12.34") * (1 + clicks),
        conversions=Decimal("0.50") * clicks,
        conversion_value=Decimal("99.90") * clicks,
    )


def rows(source: str, query: str) -> list[tuple]:
    """What a query finds in a source's raw file; `raw` is the schema."""
    with duckdb.connect(str(raw_file(source)), read_only=True) as connection:
        return connection.execute(query).fetchall()


def days_told(world: World) -> list[tuple]:
    """Campaign, day and clicks of every row the platform tells."""
    return sorted((day.campaign_id, day.day, day.clicks) for day in world.ad_days)


def days_in_raw(source: str) -> list[tuple]:
    """The same of every row in raw."""
    day = {"google_ads": "segments_date", "meta_ads": "date_start"}[source]
    return rows(source, f"select campaign_id::varchar, {day}, clicks from raw.campaign_daily order by all")


def next_day(world: World) -> date:
    """Move the world one day on: new rows, a restated day, and a day whose rows are gone. Returns the new day."""
    day_after = world.as_of + timedelta(days=1)
    object.__setattr__(world, "as_of", day_after)
    world.ad_days[:] = [
        replace(day, clicks=day.clicks + 1) if day.day == AS_OF - timedelta(days=20) else day
        for day in world.ad_days
        if day.day != AS_OF - timedelta(days=3)
    ]
    world.ad_days.extend(ad_day(campaign, day_after, clicks=3) for campaign in world.campaigns)
    return day_after
