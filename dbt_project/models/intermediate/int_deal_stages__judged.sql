with

deals as (

    select * from {{ ref('fct_deals') }}

),

-- A refund is no deal that could be won or lost.
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
        and coalesce(deals.amount, 0) >= 0
        and not lead_stages.is_exit
        and lead_stages.temperature <> 'customer'

),

-- Rows of one day are told the same: all that closed by its end.
running as (

    select distinct
        stage,
        owner_key,
        closed_date,
        count(*) over (partition by stage, owner_key order by closed_date) as closed_deals,
        sum(case when is_won then 1 else 0 end) over (
            partition by stage, owner_key order by closed_date
        ) as won_deals
    from closings

),

-- Of the won ones alone, and not of a case that is null for the others: nulls in the window take ten times as long.
running_medians as (

    select distinct
        stage,
        owner_key,
        closed_date,
        {{ running_quantile('cycle_days', 0.5, partition_by='stage, owner_key', order_by='closed_date') }}
            as median_cycle_days
    from closings
    where is_won and cycle_days is not null

),

carried as (

    select
        running.*,
        {{ known_at(
            'running_medians.median_cycle_days',
            partition_by='running.stage, running.owner_key',
            at='running.closed_date'
        ) }} as median_cycle_days,
        lead(running.closed_date) over (
            partition by running.stage, running.owner_key order by running.closed_date
        ) as next_closed_date
    from running
    left join running_medians
        on
            running.stage = running_medians.stage
            and running.owner_key = running_medians.owner_key
            and running.closed_date = running_medians.closed_date

)

select
    stage,
    nullif(owner_key, '') as owner_key,
    closed_date as first_day,
    coalesce(next_closed_date, {{ as_of_date() }} + 1) as day_after_last,
    cast(closed_deals as bigint) as closed_deals,
    cast(won_deals as bigint) as won_deals,
    cast(median_cycle_days as double) as median_cycle_days
from carried
