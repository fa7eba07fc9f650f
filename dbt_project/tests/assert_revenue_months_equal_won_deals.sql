-- Revenue is told twice, by month and by deal: both must be the same money.
with

by_month as (

    select
        sum(revenue) as revenue,
        sum(deals) as deals
    from {{ ref('rpt_revenue_monthly') }}

),

by_deal as (

    select
        sum(amount_reporting) as revenue,
        count(*) as deals
    from {{ ref('fct_deals') }}
    where
        is_won
        and closed_date is not null

)

select
    by_month.revenue as revenue_by_month,
    by_deal.revenue as revenue_by_deal,
    by_month.deals as deals_by_month,
    by_deal.deals as deals_by_deal
from by_month
cross join by_deal
where
    coalesce(by_month.revenue, 0) <> coalesce(by_deal.revenue, 0)
    or coalesce(by_month.deals, 0) <> by_deal.deals
