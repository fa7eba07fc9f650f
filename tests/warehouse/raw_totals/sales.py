"""What sales has, sells and is to sell: what its marts tell, and the same from raw."""

ALL_MRR = "select month_start_date, sum(mrr) as mrr from mrr_months group by all"
OPEN_DEALS = """
    select case
            when stage in ('appointmentscheduled', 'qualifiedtobuy') then 'accepted'
            when stage = 'presentationscheduled' then 'proposal'
            when stage in ('decisionmakerboughtin', 'contractsent') then 'negotiation'
            else stage
        end as stage, full_name, count(*) as deals, sum(dollars(amount, currency, as_of())) as amount
    from deals left join reps using (source, owner_id)
    where not is_closed and not archived group by all
"""
ALL_REFERRALS = """
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
"""

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
        OPEN_DEALS,
    ),
    "pipeline by movements": (
        """
        select stage, full_name, sum(closing_deals) as deals, sum(closing_amount) as amount
        from sales.rpt_pipeline_daily left join sales.dim_owners using (owner_key)
        where as_of_date = as_of() group by all
        """,
        OPEN_DEALS,
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
    "activities": (
        """
        select source, activity_type, month_of(activity_date) as month, count(*) as activities
        from sales.fct_activities group by all
        """,
        "select source, kind, month_of(occurred_at) as month, count(*) as activities from activities group by all",
    ),
    "referrals": (
        "select count(*) as referred, count(referrer_person_key) as by_somebody_known from sales.fct_referrals",
        ALL_REFERRALS,
    ),
    "customers by month": (
        "select month_start_date, deals, revenue from sales.rpt_customers_monthly",
        """
        select month_of(closed_at), count(*) as deals,
            sum(dollars(amount, currency, cast(closed_at as date))) as revenue
        from deals where is_won group by all
        """,
    ),
    "stages of open deals": (
        """
        select spells.stage, full_name, count(*) as deals, sum(amount_reporting) as amount
        from sales.fct_deal_stages as spells
        inner join sales.fct_deals using (deal_key)
        left join sales.dim_owners using (owner_key)
        where spells.is_current and not is_closed and deleted_at is null group by all
        """,
        OPEN_DEALS,
    ),
    "stages of won deals": (
        """
        select month_of(entered_at) as month, count(*) as deals
        from sales.fct_deal_stages where stage = 'customer' and is_current group by all
        """,
        "select month_of(closed_at) as month, count(*) as deals from deals where is_won group by all",
    ),
    "referrals by referrer": (
        "select sum(people) as referred from sales.rpt_referrals",
        f"select referred from ({ALL_REFERRALS})",
    ),
}
