"""The marketing marts against what really happened in the sandbox company."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from ingestion.sandbox.truth.people import same_address
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


def test_what_became_of_each_months_leads_is_what_really_did(night: Night):
    truth: dict[tuple, list] = defaultdict(lambda: [0, 0, 0, 0, Decimal(0)])
    cohorts = {
        person["person_id"]: person["lead_at"].date().replace(day=1)
        for person in night.world.truth["people"]
        if person["lead_at"] and not person["is_excluded"]
    }
    for row in night.world.truth["conversions"]:
        kind = ["lead", "qualified", "opportunity", "customer"].index(row["conversion_type"])
        truth[cohorts[row["person_id"]], row["original_channel"]][kind] += 1
    for deal in night.world.truth["won_deals"]:
        cohort = cohorts.get(next(iter(deal["person_ids"]), None))
        truth[cohort, deal["original_channel"]][4] += deal["amount_reporting"] or 0
    found = night.rows("""
        select cohort_month, channel, leads, qualified_leads, opportunities, customers, revenue
        from marketing.rpt_channel_performance_cohorts
    """)
    assert {row[:2]: list(row[2:]) for row in found if any(row[2:])} == {
        key: counts for key, counts in truth.items() if any(counts)
    }
    spend = night.rows("""
        select cohort_month, channel, sum(spend_reporting) from marketing.rpt_channel_performance_cohorts group by all
        except
        select date_trunc('month', activity_date), channel, sum(spend_reporting)
        from marketing.rpt_channel_performance group by all
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


def test_campaigns_with_and_without_leads_are_those_that_really_brought_some(night: Night):
    names = {(campaign.platform, campaign.campaign_id): campaign.name for campaign in night.world.campaigns}
    brought = {
        (person["lead_at"].date().replace(day=1), person["original_campaign"])
        for person in night.world.truth["people"]
        if person["lead_at"] and not person["is_excluded"]
    }
    campaigns = defaultdict(set)
    for day in night.world.ad_days:
        month, name = day.day.replace(day=1), names[day.platform, day.campaign_id]
        campaigns[month, "with_leads" if (month, name) in brought else "without_leads"].add(name)
    found = night.rows("""
        select month_start_date, component, campaigns
        from marketing.rpt_spend_bridge where component in ('with_leads', 'without_leads') and campaigns > 0
    """)
    assert {(month, component): count for month, component, count in found} == {
        key: len(names) for key, names in campaigns.items()
    }


def test_offline_and_unconverted_spend_of_the_bridge_are_the_flights(night: Night):
    flights = Counter()
    for row in night.world.truth["spend_months"]:
        if row["platform"] == "offline":
            flights[row["month"], row["currency"]] += row["spend"]
    found = Counter()
    for month, currency, amount in night.rows("""
        select date_trunc('month', activity_date)::date, currency, sum(spend)
        from marketing.fct_spend where is_offline group by all
    """):
        found[month, currency] += amount
    assert found == flights
    bridged = night.rows("""
        select (select sum(amount) from marketing.rpt_spend_bridge where component = 'offline'),
               (select sum(spend_reporting) from marketing.fct_spend where is_offline)
    """)
    assert bridged[0][0] == bridged[0][1]


def test_budgets_of_a_quarter_sum_to_what_was_set_and_stand_beside_its_spend(night: Night):
    budgets = {
        row["period_start"]: row["amount"] for row in night.world.files["targets"] if row["department"] == "marketing"
    }
    assert len(budgets) > 4
    found = night.rows("""
        select date_trunc('quarter', month_start_date)::date, sum(budget), sum(spend_reporting)
        from marketing.rpt_budget_attainment where level = 'company' group by all
    """)
    assert {quarter: budget for quarter, budget, _ in found} == budgets
    spent = night.rows("""
        select date_trunc('quarter', activity_date)::date, sum(spend_reporting) from marketing.fct_spend group by all
    """)
    assert {quarter: spend for quarter, _, spend in found} == dict(spent)


def test_lead_generation_by_month_channel_and_campaign_equals_the_truth(night: Night):
    truth = Counter()
    for person in night.world.truth["people"]:
        if person["lead_at"] and not person["is_excluded"]:
            month = person["lead_at"].date().replace(day=1)
            truth[month, person["original_channel"], person["original_campaign"] or "unattributed"] += 1
    found = night.rows("""
        select month_start_date, channel, campaign_name, sum(leads)
        from marketing.rpt_lead_generation group by all having sum(leads) > 0
    """)
    assert {(month, channel, name.lower()): leads for month, channel, name, leads in found} == {
        (month, channel, name.lower()): leads for (month, channel, name), leads in truth.items()
    }


def test_each_list_has_the_subscribers_it_had_on_each_day(night: Night):
    found = night.rows("select list_id, activity_date, subscribers, joined from marketing.rpt_email_lists_daily")
    assert found
    for list_id, day, subscribers, joined in found:
        members = [member for member in night.world.members if member.list_id == list_id]
        assert joined == sum(member.joined_at.date() == day for member in members)
        assert subscribers == sum(
            member.joined_at.date() <= day and (member.status == "subscribed" or member.changed_at.date() > day)
            for member in members
        )
    assert max(day for _, day, *_ in found) == night.world.as_of


def test_consents_are_those_of_the_lists_members_whom_we_know(night: Night):
    addresses = {
        same_address(email): key
        for key, email in night.rows("""
        select bound.person_key, bound.normalised_email
        from intermediate.int_identities__bound as bound
        inner join core.dim_people as people using (person_key)
    """)
    }
    subscribed = defaultdict(bool)
    for member in night.world.members:
        if key := addresses.get(same_address(member.email)):
            subscribed[key] |= member.status == "subscribed"
    assert len(subscribed) > 100
    assert dict(night.rows("select person_key, is_subscribed from marketing.fct_email_consents")) == dict(subscribed)


def test_posts_tell_what_the_networks_tell(night: Night):
    truth = {
        (post.platform, post.post_id): (post.views, post.reach, post.likes, post.comments, post.shares)
        for post in night.world.posts
    }
    found = night.rows("""
        select platform, post_id, views, reach, likes, comments, shares from marketing.fct_social_posts
    """)
    assert {row[:2]: row[2:] for row in found} == truth


def test_brand_awareness_equals_the_visits_and_followers_of_the_month(night: Night):
    truth = defaultdict(lambda: [0, 0, 0, 0])
    for day in night.world.web_days:
        counts = truth[day.day.replace(day=1)]
        counts[0] += day.sessions
        counts[1] += day.sessions * (day.channel_group == "Direct")
        branded = {"Brand | Search | US", "Marke | Suche | DE"}
        counts[2] += day.sessions * (day.channel_group == "Paid Search" and day.campaign in branded)
        counts[3] += day.new_users
    found = night.rows("""
        select month_start_date, sessions, direct_sessions, branded_search_sessions, new_visitors
        from marketing.rpt_brand_awareness where platform = 'website'
    """)
    assert {month: counts for month, *counts in found} == truth
    followers = {}
    for day in sorted(night.world.social_days, key=lambda day: day.day):
        if day.platform == "facebook" and day.followers is not None:
            followers[day.day.replace(day=1)] = day.followers
    assert (
        dict(
            night.rows("""
        select month_start_date, followers from marketing.rpt_brand_awareness where platform = 'facebook'
    """)
        )
        == followers
    )


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
