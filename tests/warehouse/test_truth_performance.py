"""What channels and campaigns brought, and how far it came, against what really happened in the sandbox company."""

import statistics
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy
import pytest

from ingestion.sandbox.simulation.media import CHANNEL_GROUPS
from ingestion.sandbox.truth.ledger import RANKS
from tests.warehouse.conftest import Night

CHANNEL_OF = {group: channel for channel, group in CHANNEL_GROUPS.items()}
DAY = timedelta(days=1)
KINDS = ["lead", "qualified", "opportunity", "customer"]


def test_conversions_and_revenue_by_original_channel_and_month_equal_the_truth(night: Night):
    kinds = ["lead", "qualified", "opportunity", "customer", "revenue"]
    truth = {
        (row["month"], row["channel"]): tuple(row[kind] for kind in kinds)
        for row in night.world.truth["channel_months"]
    }
    found = night.rows("""
        select cast(date_trunc('month', activity_date) as date), channel,
               sum(leads), sum(qualified_leads), sum(opportunities), sum(customers), sum(revenue)
        from marketing.rpt_channel_performance
        group by all
    """)
    assert {(month, channel): tuple(counts) for month, channel, *counts in found if any(counts)} == {
        key: counts for key, counts in truth.items() if any(counts)
    }


def test_every_campaign_and_month_has_what_it_cost_and_brought(night: Night):
    campaigns = {person["person_id"]: person["original_campaign"] for person in night.world.truth["people"]}
    truth = defaultdict(lambda: [Decimal(0)] * 6)

    def add(day: date, campaign: str | None, measure: int, amount: object) -> None:
        truth[day.replace(day=1), (campaign or "unattributed").lower()][measure] += amount

    for row in night.world.truth["spend_days"]:
        add(row["day"], row["campaign"], 0, row["spend_reporting"] or 0)
    for row in night.world.truth["conversions"]:
        add(row["converted_at"].date(), campaigns[row["person_id"]], 1 + KINDS.index(row["conversion_type"]), 1)
    for row in night.world.truth["won_deals"]:
        primary = next(iter(row["person_ids"]), None)
        add(row["closed_at"].date(), campaigns.get(primary), 5, row["amount_reporting"] or 0)
    told = night.rows("""
        select date_trunc('month', activity_date)::date, lower(campaign_name), sum(spend_reporting), sum(leads),
            sum(qualified_leads), sum(opportunities), sum(customers), sum(revenue)
        from marketing.rpt_campaign_performance group by all
    """)
    assert {row[:2]: list(row[2:]) for row in told if any(row[2:])} == {
        key: measures for key, measures in truth.items() if any(measures)
    }
    assert any(measures[0] and measures[5] for measures in truth.values())


def test_what_platforms_claim_stands_beside_the_leads_that_really_came(night: Night):
    channels = {(campaign.platform, campaign.campaign_id): campaign.channel for campaign in night.world.campaigns}
    claimed, leads = Counter(), Counter()
    for day in night.world.ad_days:
        claimed[channels[day.platform, day.campaign_id]] += day.conversions
    for month in night.world.truth["channel_months"]:
        leads[month["channel"]] += month["lead"]
    told = night.rows("""
        select channel, sum(platform_conversions), sum(leads)
        from marketing.rpt_channel_performance
        group by channel
        having sum(platform_conversions) > 0
    """)
    assert {channel: (conversions, own) for channel, conversions, own in told} == {
        channel: (conversions, leads[channel]) for channel, conversions in claimed.items() if conversions
    }
    assert sum(conversions for _, conversions, _ in told) > 1.5 * float(sum(own for *_, own in told))


def test_weeks_months_and_quarters_hold_the_conversions_that_really_happened(night: Night):
    measures = {"lead": 0, "qualified": 1, "opportunity": 2, "customer": 3}
    truth: dict[tuple, list] = defaultdict(lambda: [0, 0, 0, 0, Decimal(0)])
    for row in night.world.truth["conversions"]:
        for period in periods(row["converted_at"].date()):
            truth[*period, row["original_channel"]][measures[row["conversion_type"]]] += 1
    for row in night.world.truth["won_deals"]:
        for period in periods(row["closed_at"].date()):
            truth[*period, row["original_channel"]][4] += row["amount_reporting"] or 0
    found = night.rows("""
        select period, period_start_date, channel, leads, qualified_leads, opportunities, customers, revenue
        from marketing.rpt_channel_performance_periods
    """)
    assert {tuple(key): counts for *key, counts in ((*row[:3], list(row[3:])) for row in found) if any(counts)} == {
        key: counts for key, counts in truth.items() if any(counts)
    }


def periods(day: date) -> list[tuple[str, date]]:
    """The week, the month and the quarter of a day, each by its first day."""
    return [
        ("week", day - timedelta(days=day.weekday())),
        ("month", day.replace(day=1)),
        ("quarter", day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)),
    ]


def test_weeks_months_and_quarters_hold_the_spend_and_the_sessions_of_their_days(night: Night):
    spent, sessions = defaultdict(Decimal), Counter()
    for row in night.world.truth["spend_days"]:
        for period in periods(row["day"]):
            spent[*period, row["channel"]] += row["spend_reporting"] or 0
    for row in night.world.web_days:
        for period in periods(row.day):
            sessions[*period, CHANNEL_OF[row.channel_group]] += row.sessions
    told = night.rows("""
        select period, period_start_date, channel, spend_reporting, sessions
        from marketing.rpt_channel_performance_periods
    """)
    assert {tuple(key): amount for *key, amount, _ in told if amount} == {
        key: amount for key, amount in spent.items() if amount
    }
    assert {tuple(key): count for *key, _, count in told if count} == sessions


def test_weeks_months_and_quarters_of_a_campaign_hold_its_days(night: Night):
    days = defaultdict(lambda: [Decimal(0), 0, Decimal(0), Decimal(0)])
    for day, campaign, *measures in night.rows("""
        select activity_date, campaign_key, spend_reporting, leads, revenue, attributed_revenue
        from marketing.rpt_campaign_performance
    """):
        for period in periods(day):
            days[*period, campaign] = [sum(pair) for pair in zip(days[*period, campaign], measures, strict=True)]
    told = night.rows("""
        select period, period_start_date, campaign_key, spend_reporting, leads, revenue, attributed_revenue
        from marketing.rpt_campaign_performance_periods
    """)
    assert {tuple(row[:3]): list(row[3:]) for row in told} == days


@pytest.mark.parametrize(
    ("table", "place", "original"),
    [
        ("rpt_channel_performance", "channel", "original_channel"),
        ("rpt_campaign_performance", "lower(campaign_name)", "original_campaign"),
    ],
)
def test_what_became_of_each_months_leads_is_what_really_did(night: Night, table: str, place: str, original: str):
    truth: dict[tuple, list] = defaultdict(lambda: [0, 0, 0, 0, Decimal(0)])
    people = {person["person_id"]: person for person in night.world.truth["people"] if not person["is_excluded"]}

    def cell(person_id: str | None) -> tuple[date | None, str]:
        person = people.get(person_id, {})
        lead_at = person.get("lead_at")
        return lead_at and lead_at.date().replace(day=1), (person.get(original) or "unattributed").lower()

    for row in night.world.truth["conversions"]:
        truth[cell(row["person_id"])][KINDS.index(row["conversion_type"])] += 1
    for deal in night.world.truth["won_deals"]:
        truth[cell(next(iter(deal["person_ids"]), None))][4] += deal["amount_reporting"] or 0
    found = night.rows(f"""
        select cohort_month, {place}, sum(leads), sum(qualified_leads), sum(opportunities), sum(customers), sum(revenue)
        from marketing.{table}_cohorts group by all
    """)
    assert {row[:2]: list(row[2:]) for row in found if any(row[2:])} == {
        key: counts for key, counts in truth.items() if any(counts)
    }
    spend = night.rows(f"""
        select cohort_month, {place}, sum(spend_reporting) from marketing.{table}_cohorts group by all
        except
        select date_trunc('month', activity_date), {place}, sum(spend_reporting) from marketing.{table} group by all
    """)
    assert not [row for row in spend if row[2]]


def test_every_model_returns_each_months_revenue(night: Night):
    truth = defaultdict(Decimal)
    for deal in night.world.truth["won_deals"]:
        truth[deal["closed_at"].date().replace(day=1)] += deal["amount_reporting"] or 0
    found = defaultdict(dict)
    for model, month, revenue in night.rows("""
        select attribution_model, month_start_date, sum(attributed_revenue)
        from marketing.rpt_return_by_model group by all having sum(attributed_revenue) <> 0
    """):
        found[model][month] = revenue
    assert set(found) == {model for (model,) in night.rows("select attribution_model from seeds.attribution_models")}
    assert all(months == {month: amount for month, amount in truth.items() if amount} for months in found.values())


def test_leads_of_every_month_channel_campaign_and_segment_are_those_that_came(night: Night):
    people = {row["person_id"]: row for row in night.world.truth["people"] if not row["is_excluded"]}
    truth = defaultdict(lambda: [0] * 4)
    for row in night.world.truth["conversions"]:
        person = people[row["person_id"]]
        campaign = (person["original_campaign"] or "unattributed").lower()
        cell = row["converted_at"].date().replace(day=1), row["original_channel"], campaign, person["segment"]
        truth[cell][KINDS.index(row["conversion_type"])] += 1
    told = night.rows("""
        select month_start_date, channel, lower(campaign_name), segment,
            leads, qualified_leads, opportunities, customers
        from marketing.rpt_lead_generation
    """)
    assert {row[:4]: list(row[4:]) for row in told} == truth
    assert {segment for *_, segment in truth} > {"enterprise", "unsegmented"}


def reached(night: Night) -> dict[str, dict[str, datetime]]:
    """When each lead of the truth reached each stage from warm on, or a higher one."""
    found = defaultdict(dict)
    for spell in night.world.truth["spells"]:
        for stage, rank in RANKS.items():
            if 2 <= rank <= RANKS.get(spell["stage"], 0):
                found[spell["person_id"]].setdefault(stage, spell["entered_at"])
    return found


@pytest.mark.parametrize(
    ("table", "columns"), [("rpt_funnel_cohorts", ["channel"]), ("rpt_funnel_segments", ["channel", "segment"])]
)
def test_the_funnel_of_every_month_tells_how_far_its_leads_really_came(night: Night, table: str, columns: list[str]):
    people = {row["person_id"]: row for row in night.world.truth["people"]}
    end = datetime.combine(night.world.as_of + timedelta(days=1), time(), UTC)
    ages, took, all_took = defaultdict(list), defaultdict(list), defaultdict(list)
    for person_id, stages in reached(night).items():
        person, lead_at = people[person_id], people[person_id]["lead_at"]
        place = [person["original_channel"], person["segment"]][: len(columns)]
        for stage in (stage for stage, rank in RANKS.items() if rank >= 2):
            cell = lead_at.date().replace(day=1), *place, stage
            ages[cell].append((end - lead_at) / DAY)
            if stage in stages:
                took[cell].append((stages[stage] - lead_at) / DAY)
                all_took[stage].append((stages[stage] - lead_at) / DAY)
    slow = {stage: numpy.quantile(days, 0.9) for stage, days in all_took.items()}
    told = night.rows(f"""
        select cohort_month, {", ".join(columns)}, stage, entered, reached, median_days, maturity
        from marketing.{table}
    """)
    assert {row[:-4]: row[-4:-2] for row in told} == {cell: (len(ages[cell]), len(took[cell])) for cell in ages}
    # The warehouse counts whole seconds.
    assert {row[:-4]: row[-2] for row in told if row[-2] is not None} == pytest.approx(
        {cell: statistics.median(days) for cell, days in took.items() if days}, abs=2e-5
    )
    assert {row[:-4]: row[-1] for row in told} == pytest.approx(
        {cell: sum(age > slow[cell[-1]] for age in days) / len(days) for cell, days in ages.items()}, abs=1e-6
    )


def test_the_funnels_calendar_tells_when_each_stage_was_really_reached(night: Night):
    people = {row["person_id"]: row for row in night.world.truth["people"]}
    truth = Counter()
    for person_id, stages in reached(night).items():
        person = people[person_id]
        cohort = person["lead_at"].date().replace(day=1), person["original_channel"], person["segment"]
        truth.update((at.date().replace(day=1), *cohort, stage) for stage, at in stages.items())
    told = night.rows(
        "select month_start_date, cohort_month, channel, segment, stage, reached from marketing.rpt_funnel_calendar"
    )
    assert {tuple(cell): count for *cell, count in told} == truth
