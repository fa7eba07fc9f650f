"""The marketing marts against what really happened in the sandbox company."""

from collections import Counter
from decimal import Decimal

from tests.warehouse.conftest import Night


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


def test_spend_of_every_currency_is_converted_by_the_rate_of_its_day(night: Night):
    quotes = [quote for quote in night.world.files["fx_rates"] if quote["to_currency"] == "USD"]
    rates = {(quote["rate_date"], quote["from_currency"]): Decimal(str(quote["rate"])) for quote in quotes}
    spend = night.rows("select activity_date, currency, spend, spend_reporting, fx_rate from marketing.fct_spend")
    quoted = [row for row in spend if (row[0], row[1]) in rates]
    assert {currency for _, currency, *_ in quoted} >= {"EUR", "GBP"}
    for day, currency, amount, converted, rate in quoted:
        assert rate == rates[day, currency]
        assert abs(converted - amount * rate) <= Decimal("0.005")
    assert all(amount == converted for _, currency, amount, converted, _ in spend if currency == "USD")


def test_human_and_machine_opens_equal_the_truth_of_every_mailing(night: Night):
    kinds = ["human_opens", "machine_opens", "clicks", "bounces", "unsubscribes"]
    truth = {row["campaign_id"]: tuple(row[kind] for kind in kinds) for row in night.world.truth["email_mailings"]}
    found = night.rows(f"""
        select campaigns.campaign_id, {", ".join(f"sum({kind})" for kind in kinds)}
        from marketing.fct_email_daily as days
        inner join core.dim_campaigns as campaigns using (campaign_key)
        group by campaigns.campaign_id
    """)
    assert {campaign: tuple(counts) for campaign, *counts in found} == truth


def test_sessions_of_every_day_equal_what_the_web_property_counted(night: Night):
    truth = Counter()
    for day in night.world.web_days:
        truth[day.day] += day.sessions
    assert dict(night.rows("select activity_date, sum(sessions) from marketing.fct_web_daily group by all")) == truth


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
