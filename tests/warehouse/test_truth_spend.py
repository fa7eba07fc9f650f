"""What marketing spent and claims to have brought, against what really happened in the sandbox company."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import holidays
import pytest

from ingestion.sandbox.simulation import market
from ingestion.sandbox.truth.money import Rates
from tests.warehouse.conftest import Night

CENT = Decimal("0.01")
HOLIDAYS = holidays.country_holidays("US")


def month_of(row: dict) -> date:
    """The month of a day of spend."""
    return row["day"].replace(day=1)


def test_spend_equals_the_truth_by_account_currency_and_month(night: Night):
    truth = {
        (row["platform"], row["account_id"], row["currency"], row["month"]): row["spend"]
        for row in night.world.truth["spend_months"]
    }
    spend = night.rows("""
        select platform, coalesce(account_id, channel), currency, cast(date_trunc('month', activity_date) as date),
               sum(spend)
        from marketing.fct_spend
        group by all
    """)
    assert {tuple(key): amount for *key, amount in spend} == truth


def test_every_campaigns_day_costs_what_it_did_also_in_the_reporting_currency(night: Night):
    really = {
        (row["platform"], row["campaign"].lower(), row["channel"], row["currency"], row["day"]): (
            row["spend"],
            row["spend_reporting"],
        )
        for row in night.world.truth["spend_days"]
    }
    told = night.rows("""
        select spend.platform, lower(campaign_name), spend.channel, spend.currency, activity_date, spend,
            spend_reporting
        from marketing.fct_spend as spend inner join core.dim_campaigns using (campaign_key)
    """)
    assert {tuple(key): (amount, converted) for *key, amount, converted in told} == really
    assert len(told) == len(really)
    derived = "select distinct currency from marketing.fct_spend where is_fx_rate_derived"
    assert night.rows(derived) == [("BRL",)]
    assert any(amount < 0 for amount, _ in really.values())


@pytest.mark.parametrize("table", ["fct_spend", "fct_spend_ad_groups", "fct_spend_ads"])
def test_every_campaigns_day_costs_what_it_did_at_the_rates_of_the_fiscal_years_first_day(night: Night, table: str):
    rates = Rates(night.world.files["fx_rates"])
    really = {}
    for row in night.world.truth["spend_days"]:
        cost = (row["spend"] * rates.of(row["currency"], date(2026, 1, 1))).quantize(CENT, ROUND_HALF_UP)
        really[row["platform"], row["campaign"].lower(), row["currency"], row["day"]] = cost
    told = night.rows(f"""
        select spend.platform, lower(campaign_name), spend.currency, activity_date, sum(spend_constant_currency)
        from marketing.{table} as spend inner join core.dim_campaigns using (campaign_key)
        group by all
    """)
    assert {tuple(key): cost for *key, cost in told} == really
    assert sum(really.values()) != sum(row["spend_reporting"] or 0 for row in night.world.truth["spend_days"])


@pytest.mark.parametrize(
    ("table", "part"), [("fct_spend_ad_groups", "ad_group_id"), ("fct_spend_ads", "ad_id")], ids=["ad_groups", "ads"]
)
def test_every_part_of_a_campaign_costs_what_it_did_by_month_and_channel(night: Night, table: str, part: str):
    campaigns = {(row.platform, row.campaign_id): row.channel for row in night.world.campaigns}
    parts = defaultdict(list)
    for row in night.world.ad_parts:
        if bool(row.ad_id) == (part == "ad_id"):
            parts[row.platform, row.campaign_id].append(row)
    really = defaultdict(lambda: [Decimal(0), 0, 0, Decimal(0)])
    for day in night.world.ad_days:
        of_campaign = day.platform, day.campaign_id
        untold = [day.spend, day.impressions, day.clicks, day.conversions]
        for row in parts[of_campaign]:
            its = row.of(day)
            its_numbers = [its.spend, its.impressions, its.clicks, its.conversions]
            cell = really[(*of_campaign, campaigns[of_campaign], getattr(row, part), day.day.replace(day=1))]
            cell[:] = map(sum, zip(cell, its_numbers, strict=True))
            untold = [whole - told for whole, told in zip(untold, its_numbers, strict=True)]
        cell = really[(*of_campaign, campaigns[of_campaign], None, day.day.replace(day=1))]
        cell[:] = map(sum, zip(cell, untold, strict=True))
    told = night.rows(f"""
        select parts.platform, campaign_id, parts.channel, {part}, cast(date_trunc('month', activity_date) as date),
            sum(spend), sum(impressions), sum(clicks), sum(platform_conversions)
        from marketing.{table} as parts inner join core.dim_campaigns using (campaign_key)
        where parts.platform <> 'offline' group by all
    """)
    assert {tuple(row[:5]): list(row[5:]) for row in told if any(row[5:])} == {
        cell: numbers for cell, numbers in really.items() if any(numbers)
    }
    assert any(cell[3] is None and numbers[0] for cell, numbers in really.items())


def test_every_flight_is_told_with_its_invoice_its_reach_and_what_is_still_to_come(night: Night):
    really = {}
    for flight in market.flights(night.world.as_of):
        days = (flight.end_date - flight.start_date).days + 1
        over = min((night.world.as_of - flight.start_date).days + 1, days)
        spent = (flight.amount * over / days).quantize(CENT, ROUND_HALF_UP)
        reach = flight.impressions and flight.impressions // 4
        really[flight.spend_id] = (
            flight.campaign, flight.channel, flight.region, flight.start_date, flight.end_date, days,
            flight.amount, flight.currency, spent, flight.amount - spent, flight.impressions, reach,
        )  # fmt: skip
    told = night.rows("""
        select spend_id, campaign_name, flights.channel, region, first_date, last_date, days, amount,
            flights.currency, spent, to_come, impressions, reach
        from marketing.fct_flights as flights inner join core.dim_campaigns using (campaign_key)
    """)
    assert {row[0]: row[1:] for row in told} == really
    assert any(to_come for *_, to_come, _, _ in really.values())


def test_the_bridge_places_every_months_spend_where_it_belongs(night: Night):
    brought = {
        (person["lead_at"].date().replace(day=1), person["original_campaign"])
        for person in night.world.truth["people"]
        if person["lead_at"] and not person["is_excluded"]
    }
    amounts, campaigns = defaultdict(Decimal), defaultdict(set)
    for row in night.world.truth["spend_days"]:
        month, currency, amount = month_of(row), "USD", row["spend_reporting"]
        if amount is None and row["spend"]:
            component, currency, amount = "unconverted", row["currency"], row["spend"]
        elif row["channel"] == "other":
            component = "unmapped"
        elif row["platform"] == "offline":
            component = "offline"
        else:
            component = "with_leads" if (month, row["campaign"]) in brought else "without_leads"
        amounts[month, component, currency] += amount
        campaigns[month, component, currency].add((row["campaign"], row["channel"], row["currency"]))
        amounts[month, "total", "USD"] += row["spend_reporting"] or 0
    told = night.rows("select month_start_date, component, currency, amount, campaigns from marketing.rpt_spend_bridge")
    assert {tuple(key): amount for *key, amount, _ in told if amount} == {
        key: amount for key, amount in amounts.items() if amount
    }
    assert {tuple(key): count for *key, _, count in told if count and key[1] != "total"} == {
        key: len(names) for key, names in campaigns.items()
    }
    assert {component for _, component, _ in campaigns} == {
        "with_leads", "without_leads", "unmapped", "offline", "unconverted",
    }  # fmt: skip


def test_budgets_of_every_month_are_their_share_of_business_days_beside_what_was_spent(night: Night):
    rates = Rates(night.world.files["fx_rates"])
    budgets = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for row in (row for row in night.world.files["targets"] if row["department"] == "marketing"):
        amount = row["amount"] * rates.of(row["currency"], row["period_start"])
        days = [row["period_start"] + timedelta(days=day) for day in range(92)]
        days = [day for day in days if day <= row["period_end"] and day.isoweekday() <= 5 and day not in HOLIDAYS]
        level = {None: "company", "Brand": "team"}.get(row["team"], "channel")
        before = Decimal(0)
        for number, day in enumerate(days, start=1):
            running = (amount.quantize(CENT, ROUND_HALF_UP) * number / len(days)).quantize(CENT, ROUND_HALF_UP)
            cell = day.replace(day=1), level, row["team"]
            budget, by_now = budgets[cell]
            budgets[cell] = budget + running - before, by_now + (running - before) * (day <= night.world.as_of)
            before = running
    told = night.rows("""
        select month_start_date, level, coalesce(channel, team), budget, expected_by_now
        from marketing.rpt_budget_attainment where budget is not null
    """)
    assert {row[:3]: row[3:] for row in told} == budgets
    spent = defaultdict(Decimal)
    for row in night.world.truth["spend_days"]:
        spent[month_of(row), "company", None] += row["spend_reporting"] or 0
        spent[month_of(row), "channel", row["channel"]] += row["spend_reporting"] or 0
    told = night.rows("""
        select month_start_date, level, channel, spend_reporting
        from marketing.rpt_budget_attainment where spend_reporting <> 0
    """)
    assert {tuple(cell): amount for *cell, amount in told} == {cell: amount for cell, amount in spent.items() if amount}
    assert {level for _, level, _ in budgets} == {"company", "channel", "team"}


def test_ad_groups_and_ads_cost_what_the_platforms_tell_of_them(night: Night):
    days = defaultdict(list)
    for day in night.world.ad_days:
        days[day.platform, day.campaign_id].append(day)
    ad_groups, ads = Counter(), Counter()
    for part in night.world.ad_parts:
        for day in map(part.of, days[part.platform, part.campaign_id]):
            month = day.day.replace(day=1)
            if part.ad_id is None:
                ad_groups[part.platform, part.ad_group_id, month] += day.spend
            else:
                ads[part.platform, part.ad_id, month] += day.spend
    assert sum(ads.values()) < sum(ad_groups.values())
    for level, truth in (("ad_group", ad_groups), ("ad", ads)):
        found = night.rows(f"""
            select platform, {level}_id, date_trunc('month', activity_date)::date, sum(spend)
            from marketing.fct_spend_{level}s where not is_difference group by all
        """)
        assert {row[:3]: row[3] for row in found} == truth
