-- Deals won and lost, and their money, stand in three reports; each must be what the deals themselves say.
with

deals as (

    select
        sum(case when is_won then amount_reporting else 0 end) as revenue,
        sum(case when coalesce(amount, 0) >= 0 then 1 else 0 end) as closed_deals,
        sum(case when not is_won then 1 else 0 end) as lost_deals,
        sum(case when not is_won then amount_reporting else 0 end) as lost_amount
    from {{ ref('fct_deals') }}
    where
        is_closed
        and closed_date is not null

),

velocity as (

    select
        level,
        period,
        sum(won_amount + refunds) as revenue,
        sum(closed_deals) as closed_deals
    from {{ ref('rpt_sales_velocity') }}
    group by level, period

),

losses as (

    select
        sum(lost_deals) as lost_deals,
        sum(lost_amount) as lost_amount
    from {{ ref('rpt_loss_reasons') }}
    where month_start_date is not null

)

select
    velocity.level || ', ' || velocity.period as told_by,
    velocity.revenue as amount_told,
    deals.revenue as amount_of_the_deals,
    velocity.closed_deals as deals_told,
    deals.closed_deals as deals
from velocity
cross join deals
where
    coalesce(velocity.revenue, 0) <> coalesce(deals.revenue, 0)
    or coalesce(velocity.closed_deals, 0) <> coalesce(deals.closed_deals, 0)
union all
select
    'loss reasons' as told_by,
    losses.lost_amount as amount_told,
    deals.lost_amount as amount_of_the_deals,
    losses.lost_deals as deals_told,
    deals.lost_deals as deals
from losses
cross join deals
where
    coalesce(losses.lost_amount, 0) <> coalesce(deals.lost_amount, 0)
    or coalesce(losses.lost_deals, 0) <> coalesce(deals.lost_deals, 0)
