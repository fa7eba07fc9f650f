"""What marketing costs: platforms' campaigns, ad groups and ads, offline flights and budgets; and the same from raw."""

PLATFORM_SPEND = """
    select platform, account_id, currency, month_of(activity_date) as month,
        sum(spend) as spend, sum(impressions) as impressions, sum(clicks) as clicks,
        sum(platform_conversions) as platform_conversions
    from {tables} group by all
"""
CAMPAIGNS = "(from google('google_ads.raw.campaign_daily') union all from meta('meta_ads.raw.campaign_daily'))"
AD_GROUPS = "(from google('google_ads.raw.ad_group_daily') union all from meta('meta_ads.raw.adset_daily'))"
ADS = "(from google('google_ads.raw.ad_daily') union all from meta('meta_ads.raw.ad_daily'))"
ALL_LINES = f"""
    select currency, activity_date, spend from {CAMPAIGNS}
    union all
    select currency, activity_date, spend from flight_days
"""
ALL_COSTS = f"""
    select month_of(activity_date) as month, sum(dollars(spend, currency, activity_date)) as dollars
    from ({ALL_LINES}) group by all
"""

TOTALS = {
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
    "spend of the bridge": (
        """
        select month_start_date, sum(if(component = 'total', amount, 0)) as dollars,
            sum(if(component not in ('total', 'unconverted'), amount, 0)) as placed
        from marketing.rpt_spend_bridge group by all
        """,
        f"select month, dollars, dollars as placed from ({ALL_COSTS})",
    ),
    "spend that cannot be converted": (
        """
        select month_start_date, currency, sum(amount) as spend
        from marketing.rpt_spend_bridge where component = 'unconverted' group by all
        """,
        f"""
        select month_of(activity_date), currency, sum(spend) as spend
        from ({ALL_LINES}) where dollars(spend, currency, activity_date) is null group by all
        """,
    ),
    "spend of each model": (
        """
        select month_start_date, attribution_model, sum(spend_reporting) as dollars
        from marketing.rpt_return_by_model group by all
        """,
        f"""
        select month, attribution_model, coalesce(dollars, 0) as dollars
        from ({ALL_COSTS}) cross join read_csv('dbt_project/seeds/attribution_models.csv')
        """,
    ),
    "cost of cohorts": (
        """
        select cohort_month, sum(spend_reporting) as dollars
        from marketing.rpt_channel_performance_cohorts group by all
        """,
        ALL_COSTS,
    ),
    "cost of campaigns' cohorts": (
        """
        select cohort_month, sum(spend_reporting) as dollars
        from marketing.rpt_campaign_performance_cohorts group by all
        """,
        ALL_COSTS,
    ),
    "flights": (
        "select currency, sum(amount) as amount, sum(spent) as spent from marketing.fct_flights group by all",
        """
        select currency, sum(spend) as spent,
            (
                select sum(amount) from files.raw.spend
                where spend.currency = flight_days.currency and start_date <= as_of()
            ) as amount
        from flight_days group by all
        """,
    ),
    "cost of channels by month": (
        """
        select period_start_date, sum(spend_reporting) as dollars
        from marketing.rpt_channel_performance_periods where period = 'month' group by all
        """,
        ALL_COSTS,
    ),
    "cost of campaigns by month": (
        """
        select period_start_date, sum(spend_reporting) as dollars
        from marketing.rpt_campaign_performance_periods where period = 'month' group by all
        """,
        ALL_COSTS,
    ),
    "conversions that platforms claim": (
        """
        select month_start_date, platform, sum(platform_conversions) as platform_conversions
        from marketing.rpt_platform_claims group by all
        """,
        f"""
        select month_of(activity_date), platform, sum(platform_conversions) as platform_conversions
        from {CAMPAIGNS} group by all
        """,
    ),
}
