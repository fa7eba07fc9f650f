"""Every total that the marts publish, beside the same total of the raw tables they come from.

The raw side is plain SQL on what was loaded, with the views of `by_hand.sql`; columns that hold numbers are totals, the
others say of what. A difference is told with the tables of both sides.
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest

from tests.warehouse.conftest import Night

PLATFORM_SPEND = """
    select platform, account_id, currency, month_of(activity_date) as month,
        sum(spend) as spend, sum(impressions) as impressions, sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions
    from {tables} group by all
"""
CAMPAIGNS = "(from google('google_ads.raw.campaign_daily') union all from meta('meta_ads.raw.campaign_daily'))"
AD_GROUPS = "(from google('google_ads.raw.ad_group_daily') union all from meta('meta_ads.raw.adset_daily'))"
ADS = "(from google('google_ads.raw.ad_daily') union all from meta('meta_ads.raw.ad_daily'))"
ALL_COSTS = f"""
    select month_of(activity_date) as month, sum(dollars(spend, currency, activity_date)) as dollars
    from (
        select currency, activity_date, spend from {CAMPAIGNS}
        union all
        select currency, activity_date, spend from flight_days
    )
    group by all
"""
ALL_MRR = "select month_start_date, sum(mrr) as mrr from mrr_months group by all"
ALL_HANDOFFS = "select month_of(qualified_at) as month, count(*) as handoffs from handoffs group by all"

# What is compared: the mart's query, and that of raw.
TOTALS = {
    "deals": (
        """
        select source, month_of(created_at) as month, currency, count(*) as deals, sum(amount) as amount
        from sales.fct_deals group by all
        """,
        """
        select source, month_of(created_at) as month, currency, count(*) as deals, sum(amount) as amount
        from deals group by all
        """,
    ),
    "won deals": (
        """
        select source, month_of(closed_date) as month, currency, count(*) as deals, sum(amount) as amount,
            sum(amount_reporting) as dollars
        from sales.fct_deals where is_won group by all
        """,
        """
        select source, month_of(closed_at) as month, currency, count(*) as deals, sum(amount) as amount,
            sum(dollars(amount, currency, cast(closed_at as date))) as dollars
        from deals where is_won group by all
        """,
    ),
    "revenue": (
        """
        select month_start_date, deal_type, deals, revenue, referral_revenue
        from sales.rpt_revenue_monthly
        """,
        """
        select month_of(closed_at), deal_type, count(*) as deals,
            sum(dollars(amount, currency, cast(closed_at as date))) as revenue,
            sum(if(is_referral, dollars(amount, currency, cast(closed_at as date)), 0)) as referral_revenue
        from deals where is_won group by all
        """,
    ),
    "lost deals": (
        """
        select month_start_date, loss_reason, sum(lost_deals) as deals, sum(lost_amount) as amount
        from sales.rpt_loss_reasons where month_start_date is not null group by all
        """,
        """
        select month_of(closed_at), coalesce(loss_reason, 'unstated'), count(*) as deals,
            sum(dollars(amount, currency, cast(closed_at as date))) as amount
        from deals where is_closed and not is_won group by all
        """,
    ),
    "closed deals": (
        """
        select period_start_date, sum(closed_deals) as closed, sum(won_deals) as won, sum(refunds) as refunds
        from sales.rpt_sales_velocity where level = 'company' and period = 'month' group by all
        """,
        """
        select month_of(closed_at), count(*) filter (amount >= 0) as closed,
            count(*) filter (amount >= 0 and is_won) as won,
            sum(if(amount < 0, dollars(amount, currency, cast(closed_at as date)), 0)) as refunds
        from deals where is_closed group by all
        """,
    ),
    "credits of deals": (
        """
        select source, currency, count(distinct deal_key) as deals, sum(fct_deal_credits.amount_reporting) as dollars
        from sales.fct_deal_credits inner join sales.fct_deals using (deal_key) group by all
        """,
        """
        select source, currency, count(*) as deals,
            sum(dollars(amount, currency, if(is_closed, cast(closed_at as date), as_of()))) as dollars
        from deals group by all
        """,
    ),
    "pipeline": (
        """
        select stage, full_name, sum(deals) as deals, sum(amount_reporting) as amount
        from sales.rpt_pipeline left join sales.dim_owners using (owner_key)
        where as_of_date = as_of() and deals > 0 group by all
        """,
        (
            pipeline := """
        select case
                when stage in ('appointmentscheduled', 'qualifiedtobuy') then 'accepted'
                when stage = 'presentationscheduled' then 'proposal'
                when stage in ('decisionmakerboughtin', 'contractsent') then 'negotiation'
                else stage
            end as stage, full_name, count(*) as deals, sum(dollars(amount, currency, as_of())) as amount
        from deals left join reps using (source, owner_id)
        where not is_closed and not archived group by all
        """
        ),
    ),
    "pipeline by movements": (
        """
        select stage, full_name, sum(closing_deals) as deals, sum(closing_amount) as amount
        from sales.rpt_pipeline_daily left join sales.dim_owners using (owner_key)
        where as_of_date = as_of() group by all
        """,
        pipeline,
    ),
    "bookings and pipeline against quotas": (
        """
        select period_start, sum(bookings) as bookings, sum(coalesce(pipeline_open, 0)) as pipeline
        from sales.rpt_quota_attainment where level = 'company' group by all
        """,
        """
        select period_start, sum(if(is_won and cast(closed_at as date) between period_start and period_end,
                dollars(amount, currency, cast(closed_at as date)), 0)) as bookings,
            sum(if(not is_closed and not archived and period_end >= as_of(), dollars(amount, currency, as_of()), 0))
                as pipeline
        from deals
        cross join (select distinct period_start, period_end from files.raw.targets where department = 'sales')
        group by all
        """,
    ),
    "quotas": (
        """
        select period_start, sum(target) as target, sum(expected_by_now) as expected_by_now
        from sales.rpt_quota_attainment where level = 'company' group by all
        """,
        "select period_start, target, expected_by_now from company_quotas",
    ),
    "recurring revenue by plan": (
        "select month_start_date, plan, closing_mrr as mrr from sales.rpt_mrr_monthly where level = 'plan'",
        "select month_start_date, plan, mrr from mrr_months",
    ),
    "recurring revenue by cohort": (
        "select month_start_date, sum(closing_mrr) as mrr from sales.rpt_revenue_retention group by all",
        ALL_MRR,
    ),
    "recurring revenue beside the bookings": (
        "select month_start_date, sum(recurring_revenue) as mrr from sales.rpt_revenue_monthly group by all",
        ALL_MRR,
    ),
    "changes of subscriptions": (
        """
        select month_of(changed_date) as month, plan, currency, count(*) as changes, sum(mrr - previous_mrr) as change
        from sales.fct_subscriptions group by all
        """,
        """
        select month_of(changed_at) as month, plan, currency, count(*) as changes, sum(price - price_before) as change
        from (
            select *, coalesce(lag(price) over (partition by subscription_id order by changed_at), 0) as price_before
            from prices
        )
        where price <> price_before group by all
        """,
    ),
    "handoffs": (
        "select month_of(qualified_at) as month, count(*) as handoffs from alignment.fct_handoffs group by all",
        ALL_HANDOFFS,
    ),
    "handoffs by agreement": (
        """
        select month_start_date, sum(met + breached + pending) as handoffs
        from alignment.rpt_sla_monthly group by all
        """,
        ALL_HANDOFFS,
    ),
    "handoffs by quality": (
        "select month_start_date, sum(delivered) as handoffs from alignment.rpt_lead_quality_segments group by all",
        ALL_HANDOFFS,
    ),
    "activities": (
        """
        select source, activity_type, month_of(activity_date) as month, count(*) as activities
        from sales.fct_activities group by all
        """,
        "select source, kind, month_of(occurred_at) as month, count(*) as activities from activities group by all",
    ),
    "referrals": (
        "select count(*) as referred, count(referrer_person_key) as by_somebody_known from sales.fct_referrals",
        """
        select count(distinct one) as referred, count(distinct if(is_known, one, null)) as by_somebody_known
        from (
            select people.one, known.record_id is not null as is_known
            from (
                select 'hubspot' as source, id as record_id, nullif(referred_by, '') as referrer
                from hubspot.raw.contacts
                union all
                select 'files', person_id, nullif(referred_by_person_id, '') from files.raw.people
            )
            inner join people using (source, record_id)
            left join people as known on known.source = people.source and known.record_id = referrer
            where referrer is not null and known.one is distinct from people.one
        )
        """,
    ),
    "people": (
        """
        select count(*) as records, (select count(*) from core.dim_people) as people,
            count(*) filter (is_excluded) as excluded
        from intermediate.int_people__resolved
        """,
        """
        select (select count(*) from people) + (select count(*) from excluded) as records,
            (select count(distinct one) from people) as people, (select count(*) from excluded) as excluded
        """,
    ),
    "spend": (
        PLATFORM_SPEND.format(tables="marketing.fct_spend where platform <> 'offline'"),
        PLATFORM_SPEND.format(tables=CAMPAIGNS),
    ),
    "spend of ad groups": (
        PLATFORM_SPEND.format(tables="marketing.fct_spend_ad_groups where not is_difference"),
        PLATFORM_SPEND.format(tables=AD_GROUPS),
    ),
    "spend of ads": (
        PLATFORM_SPEND.format(tables="marketing.fct_spend_ads where not is_difference"),
        PLATFORM_SPEND.format(tables=ADS),
    ),
    "spend of ad groups with what they do not tell": (
        PLATFORM_SPEND.format(tables="marketing.fct_spend_ad_groups where platform <> 'offline'"),
        PLATFORM_SPEND.format(tables=CAMPAIGNS),
    ),
    "spend of ads with what they do not tell": (
        PLATFORM_SPEND.format(tables="marketing.fct_spend_ads where platform <> 'offline'"),
        PLATFORM_SPEND.format(tables=CAMPAIGNS),
    ),
    "offline spend": (
        """
        select month_of(activity_date) as month, currency, sum(spend) as spend
        from marketing.fct_spend where platform = 'offline' group by all
        """,
        "select month_of(activity_date) as month, currency, sum(spend) as spend from flight_days group by all",
    ),
    "cost of channels": (
        """
        select month_of(activity_date) as month, sum(spend_reporting) as dollars
        from marketing.rpt_channel_performance group by all
        """,
        ALL_COSTS,
    ),
    "cost of campaigns": (
        """
        select month_of(activity_date) as month, sum(spend_reporting) as dollars
        from marketing.rpt_campaign_performance group by all
        """,
        ALL_COSTS,
    ),
    # Each business day has its part of the version valid then, so that the days of a version sum to it.
    "budgets": (
        """
        select month_start_date, sum(budget) as budget, sum(expected_by_now) as expected_by_now
        from marketing.rpt_budget_attainment where level = 'company' group by all
        """,
        """
        with days as (
            select *, dollars(amount, currency, least(period_start, as_of())) as budget, row_number() over (
                partition by team, segment, period_start, period_end, target_day order by valid_from desc
            ) as place
            from target_days
            where department = 'marketing' and metric in ('spend', 'budget')
                and coalesce(valid_from <= least(target_day, as_of()), true)
        )
        select month_of(target_day) as month, sum(part) as budget,
            sum(if(target_day <= as_of(), part, 0)) as expected_by_now
        from (
            select *,
                part_of(budget, day_number, period_days) - part_of(budget, day_number - 1, period_days) as part,
                bool_or(team is null) over (partition by month_of(target_day)) as is_of_the_company
            from days where place = 1
        )
        where not is_of_the_company or team is null group by all
        """,
    ),
    "emails sent": (
        """
        select month_of(activity_date) as month, sum(sent) as sent, sum(delivered) as delivered
        from marketing.fct_email_daily group by all
        """,
        """
        select month_of(send_time) as month, sum(emails_sent) as sent,
            sum(emails_sent - hard_bounces - soft_bounces) as delivered
        from mailchimp.raw.reports group by all
        """,
    ),
    "members of lists": (
        """
        select list_id, month_of(activity_date) as month, sum(joined) as joined
        from marketing.rpt_email_lists_daily group by all
        """,
        """
        select list_id, month_of(coalesce(timestamp_signup, timestamp_opt)) as month, count(*) as joined
        from mailchimp.raw.members where status not in ('pending', 'transactional') group by all
        """,
    ),
    "reactions to emails": (
        """
        select month_of(activity_date) as month, sum(human_opens + machine_opens) as opens,
            sum(clicks + machine_clicks) as clicks, sum(bounces) as bounces, sum(unsubscribes) as unsubscribes
        from marketing.fct_email_daily group by all
        """,
        """
        select month_of(timestamp) as month, count(*) filter (action = 'open') as opens,
            count(*) filter (action = 'click') as clicks, count(*) filter (action = 'bounce') as bounces,
            count(*) filter (action = 'unsubscribe') as unsubscribes
        from (
            select timestamp, action from mailchimp.raw.email_activity
            union all
            select timestamp, 'unsubscribe' from mailchimp.raw.unsubscribes
        )
        group by all
        """,
    ),
    # Reach and followers of different days are no total anybody reads, but must be there.
    "days of pages": (
        """
        select platform, account_id, month_of(activity_date) as month, count(*) as days, sum(views) as views,
            sum(reach) as reach, sum(engagements) as engagements, sum(followers) as followers,
            sum(new_followers) as new_followers, sum(profile_views) as profile_views
        from marketing.fct_social_daily group by all
        """,
        """
        select 'facebook', page_id, month_of(date) as month, count(*) as days, sum(page_media_view) as views,
            sum(page_total_media_view_unique) as reach, sum(page_post_engagements) as engagements,
            sum(page_follows) as followers, sum(page_daily_follows_unique) as new_followers,
            sum(page_views_total) as profile_views
        from facebook_pages.raw.page_daily group by all
        union all
        select 'instagram', instagram_id, month_of(date), count(*), sum(views), sum(reach), sum(total_interactions),
            null, sum(follows), null
        from facebook_pages.raw.instagram_daily group by all
        """,
    ),
    "posts": (
        """
        select platform, account_id, month_of(posted_date) as month, count(*) as posts, sum(views) as views,
            sum(reach) as reach, sum(likes) as likes, sum(comments) as comments, sum(shares) as shares,
            sum(saves) as saves, sum(clicks) as clicks
        from marketing.fct_social_posts group by all
        """,
        """
        select 'facebook', page_id, month_of(created_time) as month, count(*) as posts, sum(post_media_view) as views,
            sum(post_total_media_view_unique) as reach, sum(reactions) as likes, sum(comments) as comments,
            sum(shares) as shares, null as saves, sum(post_clicks) as clicks
        from facebook_pages.raw.posts group by all
        union all
        select 'instagram', instagram_id, month_of(timestamp), count(*), sum(views), sum(reach), sum(like_count),
            sum(comments_count), sum(shares), sum(saved), null
        from facebook_pages.raw.media group by all
        """,
    ),
    "sessions": (
        """
        select month_of(activity_date) as month, if(channel = 'other', 'unassigned', channel) as channel,
            sum(sessions) as sessions, sum(engaged_sessions) as engaged_sessions, sum(new_users) as new_users,
            sum(key_events) as key_events
        from marketing.fct_web_daily group by all
        """,
        """
        select month_of(date) as month, lower(regexp_replace(session_default_channel_group, '[ -]', '_', 'g')),
            sum(sessions) as sessions, sum(engaged_sessions) as engaged_sessions, sum(new_users) as new_users,
            sum(key_events) as key_events
        from google_analytics.raw.sessions_daily group by all
        """,
    ),
    "sessions beside awareness": (
        "select month_start_date, sum(sessions) as sessions from marketing.rpt_brand_awareness group by all",
        "select month_of(date), sum(sessions) as sessions from google_analytics.raw.sessions_daily group by all",
    ),
    "sessions by week": (
        """
        select period_start_date, sum(sessions) as sessions
        from marketing.rpt_channel_performance_periods where period = 'week' group by all
        """,
        """
        select cast(date_trunc('week', date) as date), sum(sessions) as sessions
        from google_analytics.raw.sessions_daily group by all
        """,
    ),
}


@pytest.fixture(scope="module")
def built(night: Night) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read only."""
    with duckdb.connect(str(night.warehouse), read_only=True) as connection:
        connection.execute("create temp macro month_of(moment) as cast(date_trunc('month', moment) as date)")
        connection.execute(f"create temp macro as_of() as date '{night.world.as_of}'")
        yield connection


@pytest.mark.parametrize("total", TOTALS)
def test_total_of_the_mart_is_that_of_raw(
    total: str, built: duckdb.DuckDBPyConnection, raw: duckdb.DuckDBPyConnection
) -> None:
    of_mart, of_raw = TOTALS[total]
    marts, sources = totals(built, of_mart), totals(raw, of_raw)
    views = dict(raw.execute("select view_name, sql from duckdb_views() where not internal").fetchall())
    both = f"{sides(of_mart)} and raw {sides(of_raw, views)}"
    differences = [
        f"{what}: the mart tells {marts[what]}, raw {sources[what]}, the difference is {marts[what] - sources[what]:+}"
        for what in sorted(marts.keys() | sources.keys())
        if marts[what] != sources[what]
    ]
    assert not differences, "\n".join([f"{total} in {both}", *differences])
    assert all(sources[measure] for measure in sources if " of " not in measure), sources


def totals(connection: duckdb.DuckDBPyConnection, query: str) -> Counter:
    """Each number of an answer to the cent, by its column and the row's words and days; and each column's own total."""
    answer = connection.execute(query)
    names = [column[0] for column in answer.description]
    found = Counter()
    for row in answer.fetchall():
        of_what = ", ".join(str(value) for value in row if value is not None and not is_number(value))
        for name, value in zip(names, row, strict=True):
            if is_number(value):
                amount = round(Decimal(str(value)), 2)
                found[name] += amount
                found[f"{name} of {of_what}"] += amount
    return found


def is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal)


def sides(query: str, views: dict[str, str] | None = None) -> str:
    """The tables that a query reads, also through the views of `by_hand.sql`."""
    read = re.findall(r"(?:\b(?:from|join) \(*|')([a-z_]+(?:\.[a-z_]+)*)", query, re.IGNORECASE)
    found = [sides(views[name], views) if name in (views or {}) else name for name in read]
    return ", ".join(dict.fromkeys(name for names in found for name in names.split(", ") if "." in name))
