"""What marketing brings in: leads to customers, credit for them, emails, posts, visits; and the same from raw."""

CONVERTED = """
    select month_of(converted_at) as month, count(*) filter (conversion_type = 'lead') as leads,
        count(*) filter (conversion_type = 'qualified') as qualified_leads,
        count(*) filter (conversion_type = 'opportunity') as opportunities,
        count(*) filter (conversion_type = 'customer') as customers
    from conversions group by all
"""
CONVERTED_BY_TABLE = """
    select {month}, sum(leads) as leads, sum(qualified_leads) as qualified_leads,
        sum(opportunities) as opportunities, sum(customers) as customers
    from {table} group by all
"""
WON = """
    select month_of(closed_at) as month, count(*) as won_deals,
        sum(dollars(amount, currency, cast(closed_at as date))) as revenue
    from deals where is_won group by all
"""
WON_BY_TABLE = """
    select {month}, sum(won_deals) as won_deals, sum(revenue) as revenue from {table} group by all
"""
REVENUE = f"select month, revenue from ({WON})"
CREDITED = """
    select attribution_model, conversion_type, month, conversions
    from (
        select conversion_type, month_of(converted_at) as month, count(*) as conversions
        from (
            select conversion_type, converted_at from conversions
            union all
            select 'won_deal', closed_at from deals where is_won
        )
        group by all
    )
    cross join read_csv('dbt_project/seeds/attribution_models.csv')
"""
REVENUE_OF_MODELS = f"""
    select attribution_model, month, coalesce(revenue, 0) as revenue
    from ({REVENUE}) cross join read_csv('dbt_project/seeds/attribution_models.csv')
"""
# The stages that are conversions, and how far the leads of a month came.
FUNNEL = """
    select month_of(leads.converted_at) as cohort, stage, count(reached.converted_at) as reached, count(*) as entered
    from (from conversions where conversion_type = 'lead') as leads
    cross join (
        values ('warm', 'lead'), ('qualified', 'qualified'), ('proposal', 'opportunity'), ('customer', 'customer')
    ) as stages (stage, reached_type)
    left join conversions as reached on reached.one = leads.one and reached.conversion_type = reached_type
    group by all
"""
FUNNEL_BY_TABLE = """
    select cohort_month, stage, sum(reached) as reached, sum(entered) as entered
    from {table} where stage in ('warm', 'qualified', 'proposal', 'customer') group by all
"""

TOTALS = {
    "leads to customers of channels": (
        CONVERTED_BY_TABLE.format(month="month_of(activity_date)", table="marketing.rpt_channel_performance"),
        CONVERTED,
    ),
    "leads to customers of campaigns": (
        CONVERTED_BY_TABLE.format(month="month_of(activity_date)", table="marketing.rpt_campaign_performance"),
        CONVERTED,
    ),
    "leads to customers of sources and segments": (
        CONVERTED_BY_TABLE.format(month="month_start_date", table="marketing.rpt_lead_generation"),
        CONVERTED,
    ),
    "leads to customers of channels by month": (
        CONVERTED_BY_TABLE.format(
            month="period_start_date", table="marketing.rpt_channel_performance_periods where period = 'month'"
        ),
        CONVERTED,
    ),
    "leads to customers of campaigns by month": (
        CONVERTED_BY_TABLE.format(
            month="period_start_date", table="marketing.rpt_campaign_performance_periods where period = 'month'"
        ),
        CONVERTED,
    ),
    "won deals of channels": (
        WON_BY_TABLE.format(month="month_of(activity_date)", table="marketing.rpt_channel_performance"),
        WON,
    ),
    "won deals of campaigns": (
        WON_BY_TABLE.format(month="month_of(activity_date)", table="marketing.rpt_campaign_performance"),
        WON,
    ),
    "won deals of channels by month": (
        WON_BY_TABLE.format(
            month="period_start_date", table="marketing.rpt_channel_performance_periods where period = 'month'"
        ),
        WON,
    ),
    "won deals of campaigns by month": (
        WON_BY_TABLE.format(
            month="period_start_date", table="marketing.rpt_campaign_performance_periods where period = 'month'"
        ),
        WON,
    ),
    "attributed revenue": (
        """
        select month_of(activity_date) as month, sum(attributed_revenue) as revenue
        from marketing.rpt_channel_performance group by all
        """,
        REVENUE,
    ),
    "credit of touches": (
        """
        select attribution_model, conversion_type, month_of(converted_at) as month, sum(weight) as conversions
        from marketing.fct_attribution group by all
        """,
        CREDITED,
    ),
    "credit of channels": (
        """
        select attribution_model, conversion_type, period_start, sum(conversions) as conversions
        from marketing.rpt_attribution_channels where period_start is not null group by all
        """,
        CREDITED,
    ),
    "credit of channels in all": (
        """
        select attribution_model, conversion_type, sum(conversions) as conversions
        from marketing.rpt_attribution_channels where period_start is null group by all
        """,
        f"""
        select attribution_model, conversion_type, sum(conversions) as conversions from ({CREDITED}) group by all
        """,
    ),
    "revenue under each model": (
        """
        select attribution_model, period_start, coalesce(sum(conversion_value), 0) as revenue
        from marketing.rpt_attribution_channels
        where conversion_type = 'won_deal' and period_start is not null group by all
        """,
        REVENUE_OF_MODELS,
    ),
    "return under each model": (
        """
        select attribution_model, month_start_date, sum(attributed_revenue) as revenue
        from marketing.rpt_return_by_model group by all
        """,
        REVENUE_OF_MODELS,
    ),
    "leads to customers under each model": (
        """
        select attribution_model, month_start_date, sum(attributed_leads) as leads,
            sum(attributed_qualified_leads) as qualified_leads, sum(attributed_opportunities) as opportunities,
            sum(attributed_customers) as customers
        from marketing.rpt_return_by_model group by all
        """,
        f"""
        select attribution_model, converted.*
        from ({CONVERTED}) as converted cross join read_csv('dbt_project/seeds/attribution_models.csv')
        """,
    ),
    "revenue of the default model beside the others": (
        """
        select period_start, sum(default_value) as revenue
        from marketing.rpt_attribution_disagreement where period_start is not null group by all
        """,
        REVENUE,
    ),
    "conversions with and without a touch": (
        "select conversion_type, month_start_date, conversions from marketing.rpt_attribution_rate",
        f"select conversion_type, month, conversions from ({CREDITED}) where attribution_model = 'linear'",
    ),
    "leads of cohorts": (
        "select cohort_month, sum(leads) as leads from marketing.rpt_channel_performance_cohorts group by all",
        f"select month, leads from ({CONVERTED})",
    ),
    "leads of campaigns' cohorts": (
        "select cohort_month, sum(leads) as leads from marketing.rpt_campaign_performance_cohorts group by all",
        f"select month, leads from ({CONVERTED})",
    ),
    "funnel of cohorts": (FUNNEL_BY_TABLE.format(table="marketing.rpt_funnel_cohorts"), FUNNEL),
    "funnel of segments": (FUNNEL_BY_TABLE.format(table="marketing.rpt_funnel_segments"), FUNNEL),
    "funnel by calendar": (
        """
        select month_start_date, sum(case stage when 'warm' then reached else 0 end) as leads,
            sum(case stage when 'qualified' then reached else 0 end) as qualified_leads,
            sum(case stage when 'proposal' then reached else 0 end) as opportunities,
            sum(case stage when 'customer' then reached else 0 end) as customers
        from marketing.rpt_funnel_calendar group by all
        """,
        CONVERTED,
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
    "consent of people": (
        """
        select list_id, count(*) as people, sum(if(is_subscribed, 1, 0)) as subscribed
        from marketing.fct_email_consents where list_id <> 'all' group by all
        """,
        """
        with opted_out as (
            select one from hubspot.raw.contacts inner join people on source = 'hubspot' and record_id = id
            where hs_email_optout = 'true'
        ),
        members as (
            select list_id, one,
                bool_or(status = 'subscribed') and not bool_or(status = 'unsubscribed') as is_subscribed
            from mailchimp.raw.members
            inner join addresses as listed on address = lower(trim(email_address))
            inner join addresses as known on known.mailbox = listed.mailbox
            inner join records on email = known.address
            inner join people using (source, record_id)
            where status not in ('pending', 'transactional') group by all
        )
        select list_id, count(*) as people, sum(if(is_subscribed and one not in (from opted_out), 1, 0)) as subscribed
        from members group by all
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
