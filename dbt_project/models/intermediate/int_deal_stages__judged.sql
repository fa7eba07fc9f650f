with

deals as (

    select * from {{ ref('fct_deals') }}

),

closings as (

    select distinct
        spells.stage,
        spells.deal_key,
        coalesce(deals.owner_key, '') as owner_key,
        deals.closed_date,
        deals.is_won,
        deals.cycle_days
    from {{ ref('fct_deal_stages') }} as spells
    inner join deals
        on spells.deal_key = deals.deal_key
    inner join {{ ref('lead_stages') }} as lead_stages
        on spells.stage = lead_stages.stage
    where
        deals.is_closed
        and deals.closed_date is not null
        and not lead_stages.is_exit
        and lead_stages.temperature <> 'customer'

),

days as (

    select
        stage,
        owner_key,
        closed_date,
        count(*) as closed_deals,
        sum(case when is_won then 1 else 0 end) as won_deals
    from closings
    group by stage, owner_key, closed_date

),

running as (

    select
        stage,
        owner_key,
        closed_date,
        sum(closed_deals) over (partition by stage, owner_key order by closed_date) as closed_deals,
        sum(won_deals) over (partition by stage, owner_key order by closed_date) as won_deals,
        lead(closed_date) over (partition by stage, owner_key order by closed_date) as next_closed_date
    from days

),

medians as (

    select
        days.stage,
        days.owner_key,
        days.closed_date,
        median(closings.cycle_days) as median_cycle_days
    from days
    inner join closings
        on
            days.stage = closings.stage
            and days.owner_key = closings.owner_key
            and days.closed_date >= closings.closed_date
    where closings.is_won
    group by days.stage, days.owner_key, days.closed_date

)

select
    running.stage,
    nullif(running.owner_key, '') as owner_key,
    running.closed_date as first_day,
    coalesce(running.next_closed_date, {{ as_of_date() }} + 1) as day_after_last,
    cast(running.closed_deals as bigint) as closed_deals,
    cast(running.won_deals as bigint) as won_deals,
    cast(medians.median_cycle_days as double) as median_cycle_days
from running
left join medians
    on
        running.stage = medians.stage
        and running.owner_key = medians.owner_key
        and running.closed_date = medians.closed_date
