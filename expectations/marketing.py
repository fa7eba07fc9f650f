"""May this night be published? Spend equals the vendors' totals, and every number is plausible."""

from expectations.rules import CRITICAL, WARNING, Suite, between, equal, never, no_row, suite
from ingestion import SOURCES

WON = "select sum(amount_reporting) from build.sales.fct_deals where is_won and closed_date is not null"
SPENT = "select sum(spend_reporting) from build.marketing.fct_spend"
# Days of every ad platform as it told them. In the ledger they have an account; what a file tells of one has none.
TOLD_SPEND = " union all ".join(
    f"select '{source}' as platform, account_id, currency, activity_date, spend, impressions, clicks "
    f"from build.staging.stg_{source}__campaign_daily"
    for source in SOURCES
    if source.endswith("_ads")
)

# A credit note that no ad group knows of is a negative difference too, and no mistake.
DEARER_PARTS = (
    "is_difference and spend < -1 and (campaign_key, activity_date) in"
    " (select (campaign_key, activity_date) from build.marketing.{table} where not is_difference)"
)

# fmt: off
SUITES: dict[str, Suite] = {
    "marketing.fct_spend": suite(
        "spend_key",
        between("spend", -1e6, 1e7),
        never("activity_date > as_of()", "nothing is spent after the business day"),
        never("clicks > impressions and impressions > 0", "no more clicks than impressions", WARNING),
        no_row(
            """
            select currency, activity_date, count(*) as unconverted from {batch}
            where spend_reporting is null and spend != 0 group by all
            """,
            "every amount has an exchange rate",
            WARNING,
        ),
        no_row(
            f"""
            select platform, account_id, currency, sum(told) as told, sum(built) as built
            from (
                select
                    platform, account_id, currency, coalesce(spend, 0) as told, 0 as built,
                    coalesce(clicks, 0) as clicks
                from ({TOLD_SPEND}) where activity_date <= as_of()
                union all
                select platform, account_id, currency, 0, spend, -clicks from {{batch}} where account_id is not null
            )
            group by all having sum(told) != sum(built) or sum(clicks) != 0
            """,
            "equals what the platforms told, by account and currency",
        ),
        no_row(
            """
            select currency, sum(spend) as spend, sum(at_least) as at_least, sum(at_most) as at_most
            from (
                select currency, spend, 0 as at_least, 0 as at_most from {batch} where account_id is null
                union all
                select
                    upper(trim(currency)), 0,
                    if(amount < 0 or greatest(start_date, end_date) <= as_of(), amount, 0), greatest(amount, 0)
                from build.staging.stg_files__spend
            )
            group by currency having not sum(spend) between sum(at_least) and sum(at_most)
            """,
            "flights cost what was invoiced once they are over, and never more",
        ),
    ),
    "marketing.fct_spend_ad_groups": suite(
        "spend_ad_group_key",
        never(DEARER_PARTS.format(table="fct_spend_ad_groups"), "no ad groups cost more than their campaign", WARNING),
    ),
    "marketing.fct_spend_ads": suite(
        "spend_ad_key",
        never(DEARER_PARTS.format(table="fct_spend_ads"), "no ads cost more than their ad group", WARNING),
    ),
    "marketing.fct_flights": suite("flight_key", between("reach", 0, None)),
    "marketing.fct_attribution": suite("attribution_key"),
    "marketing.rpt_attribution_channels": suite(
        "conversion_type, attribution_model, channel, period_start", between("removal_effect", 0, 1, CRITICAL)
    ),
    "marketing.rpt_attribution_disagreement": suite(
        "period_start, channel",
        never("default_value not between lowest_value and highest_value", "the default model is one of the models"),
    ),
    "marketing.rpt_attribution_rate": suite(
        "month_start_date, conversion_type",
        never("attributed + unattributed != conversions", "every conversion is attributed or not"),
        equal(
            "sum(conversion_value) filter (where conversion_type = 'won_deal')", WON,
            "what won deals are worth equals the won deals",
        ),
    ),
    "marketing.rpt_platform_claims": suite("month_start_date, platform, channel", between("own_leads", 0, None)),
    "marketing.fct_email_daily": suite("email_daily_key", between("human_opens", 0, None)),
    "marketing.fct_social_daily": suite("social_daily_key", between("reach", 0, None)),
    "marketing.rpt_email_lists_daily": suite(
        "platform, list_id, activity_date",
        between("subscribers", 0, None, CRITICAL),
        never("unsubscribed + bounced > 0.1 * subscribers + 10", "no list loses a tenth in a day", WARNING),
    ),
    "marketing.fct_email_consents": suite(
        "person_key, list_id",
        never("is_subscribed and withdrawn_at is not null", "nobody is written to who has left"),
        never("(status = 'unsubscribed') != (withdrawn_at is not null)", "only a person's own word ends their consent"),
    ),
    "marketing.fct_social_posts": suite("social_post_key", between("reach", 0, None)),
    "marketing.rpt_brand_awareness": suite(
        "month_start_date, platform, account_id",
        equal(
            "sum(sessions)", "select sum(sessions) from build.marketing.fct_web_daily",
            "sessions equal those of the channels",
        ),
        between("branded_search_share", 0, 1),
    ),
    "marketing.fct_web_daily": suite(
        "web_daily_key",
        never("engaged_sessions > sessions", "no more engaged sessions than sessions", WARNING),
    ),
    "marketing.rpt_channel_performance": suite("activity_date, channel"),
    "marketing.rpt_campaign_performance": suite(
        "activity_date, campaign_key",
        no_row(
            """
            select activity_date from (
                select activity_date, spend_reporting, leads, customers, revenue from {batch}
                union all
                select activity_date, -spend_reporting, -leads, -customers, -revenue
                from build.marketing.rpt_channel_performance
            ) group by activity_date
            having sum(spend_reporting) != 0 or sum(leads) != 0 or sum(customers) != 0 or sum(revenue) != 0
            """,
            "each day agrees with that of the channels",
        ),
    ),
    "marketing.rpt_channel_performance_periods": suite("period, period_start_date, channel"),
    "marketing.rpt_campaign_performance_periods": suite("period, period_start_date, campaign_key"),
    "marketing.rpt_channel_performance_cohorts": suite(
        "cohort_month, channel",
        never("cohort_month > as_of()", "nobody becomes a lead after the business day"),
    ),
    "marketing.rpt_campaign_performance_cohorts": suite("cohort_month, campaign_key"),
    "marketing.rpt_return_by_model": suite("month_start_date, channel, attribution_model"),
    "marketing.rpt_spend_bridge": suite(
        "month_start_date, component, currency",
        no_row(
            """
            select month_start_date from {batch} where component != 'unconverted' group by month_start_date
            having sum(if(component = 'total', amount, -amount)) != 0
            """,
            "the components sum to the month's total",
        ),
        no_row(
            f"""
            select sum(amount) as total from {{batch}} where component = 'total'
            having coalesce(sum(amount), 0) != coalesce(({SPENT}), 0)
            """,
            "the total is the ledger's",
        ),
    ),
    "marketing.rpt_budget_attainment": suite(
        "month_start_date, level, channel, team",
        never("expected_by_now > budget and budget > 0", "no more is expected by now than in the whole month"),
        never("attainment > 1.2", "no budget is overspent by a fifth", WARNING),
    ),
    "marketing.rpt_lead_generation": suite("month_start_date, channel, campaign_key, segment"),
    "marketing.rpt_funnel_cohorts": suite(
        "cohort_month, channel, stage",
        never("reached > entered", "no more people reach a stage than entered the cohort"),
    ),
    "marketing.rpt_funnel_segments": suite(
        "cohort_month, channel, segment, stage",
        never("reached > entered", "no more people reach a stage than entered the cohort"),
    ),
    "marketing.rpt_funnel_calendar": suite(
        "month_start_date, cohort_month, channel, segment, stage",
        never("month_start_date < cohort_month", "nobody reaches a stage before becoming a lead"),
    ),
}
# fmt: on
