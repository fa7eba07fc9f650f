-- Revenue by referral is told by month, by referrer and by person: all are the won deals that are flagged as a referral or
-- whose person was recommended.
with

by_deal as (

    select
        count(*) as deals,
        coalesce(sum(deals.amount_reporting), 0) as revenue,
        coalesce(sum(case when referrals.person_key is null then deals.amount_reporting end), 0) as unnamed_revenue
    from {{ ref('fct_deals') }} as deals
    left join {{ ref('fct_referrals') }} as referrals
        on deals.person_key = referrals.person_key
    where
        deals.is_won
        and deals.closed_date is not null
        and (deals.is_referral or referrals.person_key is not null)

),

by_month as (

    select coalesce(sum(referral_revenue), 0) as revenue
    from {{ ref('rpt_revenue_monthly') }}

),

by_referrer as (

    select
        coalesce(sum(people), 0) as people,
        coalesce(sum(won_deals), 0) as deals,
        coalesce(sum(revenue), 0) as revenue,
        coalesce(sum(unnamed_revenue), 0) as unnamed_revenue
    from {{ ref('rpt_referrals') }}

),

by_person as (

    select
        count(*) as people,
        coalesce(sum(revenue), 0) as revenue
    from {{ ref('fct_referrals') }}

)

select
    by_deal.deals,
    by_referrer.deals as deals_by_referrer,
    by_person.people,
    by_referrer.people as people_by_referrer,
    by_deal.revenue,
    by_month.revenue as revenue_by_month,
    by_referrer.revenue as revenue_by_referrer,
    by_person.revenue as revenue_by_person,
    by_deal.unnamed_revenue,
    by_referrer.unnamed_revenue as unnamed_revenue_by_referrer
from by_deal
cross join by_month
cross join by_referrer
cross join by_person
where
    by_deal.deals <> by_referrer.deals
    or by_person.people <> by_referrer.people
    or by_deal.revenue <> by_month.revenue
    or by_deal.revenue <> by_referrer.revenue
    or by_deal.revenue <> by_person.revenue + by_deal.unnamed_revenue
    or by_deal.unnamed_revenue <> by_referrer.unnamed_revenue
