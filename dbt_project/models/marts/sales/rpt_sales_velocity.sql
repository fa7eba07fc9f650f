with

deals as (

    select * from {{ ref('fct_deals') }}

),

dates as (

    select
        date_day,
        month_start_date,
        quarter_start_date
    from {{ ref('dim_dates') }}
    where date_day <= {{ as_of_date() }}

),

periods as (

    select distinct
        'month' as period,
        month_start_date as period_start_date,
        cast({{ dbt.dateadd('month', 1, 'month_start_date') }} as date) as day_after_last
    from dates
    union all
    select distinct
        'quarter' as period,
        quarter_start_date as period_start_date,
        cast({{ dbt.dateadd('month', 3, 'quarter_start_date') }} as date) as day_after_last
    from dates

),

-- The last known day of each period.
period_ends as (

    select
        periods.period,
        periods.period_start_date,
        max(dates.date_day) as last_day,
        periods.day_after_last <= max(dates.date_day) + 1 as is_complete
    from periods
    inner join dates
        on periods.period_start_date = case when periods.period = 'month' then dates.month_start_date else dates.quarter_start_date end
    group by periods.period, periods.period_start_date, periods.day_after_last

),

-- A refund is no deal that could be won or lost: it only takes back revenue.
closed as (

    select
        period_ends.period,
        period_ends.period_start_date,
        period_ends.is_complete,
        deals.owner_key,
        teams.team,
        deals.deal_type,
        deals.is_won,
        deals.cycle_days,
        deals.amount_reporting,
        coalesce(deals.amount < 0, false) as is_refund,
        0 as open_deals,
        case when deals.amount is not null and deals.amount_reporting is null then 1 else 0 end as unconverted_deals
    from deals
    inner join dates
        on deals.closed_date = dates.date_day
    inner join period_ends
        on
            period_ends.period_start_date
            = case when period_ends.period = 'month' then dates.month_start_date else dates.quarter_start_date end
    left join {{ ref('int_owners__teamed') }} as teams
        on
            deals.owner_key = teams.owner_key
            and deals.closed_date >= teams.first_day
            and deals.closed_date < teams.day_after_last
    where deals.is_closed

),

still_open as (

    select
        period_ends.period,
        period_ends.period_start_date,
        period_ends.is_complete,
        stays.owner_key,
        teams.team,
        deals.deal_type,
        cast(null as boolean) as is_won,
        cast(null as integer) as cycle_days,
        cast(null as decimal(18, 2)) as amount_reporting,
        false as is_refund,
        1 as open_deals,
        0 as unconverted_deals
    from {{ ref('int_deals__stayed') }} as stays
    inner join deals
        on stays.deal_key = deals.deal_key
    inner join period_ends
        on
            stays.first_day <= period_ends.last_day
            and stays.day_after_last > period_ends.last_day
    left join {{ ref('int_owners__teamed') }} as teams
        on
            stays.owner_key = teams.owner_key
            and period_ends.last_day >= teams.first_day
            and period_ends.last_day < teams.day_after_last

),

unioned as (

    select * from closed
    union all
    select * from still_open

),

levels as (

    select 'rep' as level
    union all
    select 'team' as level
    union all
    select 'deal_type' as level
    union all
    select 'company' as level

),

levelled as (

    select
        levels.level,
        unioned.period,
        unioned.period_start_date,
        unioned.is_complete,
        case when levels.level = 'rep' then unioned.owner_key end as owner_key,
        case when levels.level in ('rep', 'team') then unioned.team end as team,
        case when levels.level = 'deal_type' then unioned.deal_type end as deal_type,
        unioned.is_won,
        unioned.cycle_days,
        unioned.amount_reporting,
        unioned.is_refund,
        unioned.open_deals,
        unioned.unconverted_deals
    from unioned
    cross join levels

),

summed as (

    select
        level,
        period,
        period_start_date,
        is_complete,
        owner_key,
        team,
        deal_type,
        sum(open_deals) as open_deals,
        sum(unconverted_deals) as unconverted_deals,
        sum(case when not is_refund and is_won is not null then 1 else 0 end) as closed_deals,
        sum(case when not is_refund and is_won then 1 else 0 end) as won_deals,
        coalesce(sum(case when not is_refund then amount_reporting end), 0) as closed_amount,
        coalesce(sum(case when not is_refund and is_won then amount_reporting end), 0) as won_amount,
        coalesce(sum(case when is_refund and is_won then amount_reporting end), 0) as refunds,
        coalesce(sum(case when not is_refund and is_won then cycle_days end), 0) as won_cycle_days,
        sum(case when not is_refund and is_won and cycle_days is not null then 1 else 0 end) as won_deals_with_cycle,
        median(case when not is_refund and is_won then cycle_days end) as median_cycle_days
    from levelled
    group by level, period, period_start_date, is_complete, owner_key, team, deal_type

)

select
    {{ surrogate_key(['level', 'period', 'period_start_date', 'owner_key', 'team', 'deal_type']) }} as sales_velocity_key,
    level,
    period,
    period_start_date,
    is_complete,
    owner_key,
    team,
    deal_type,
    cast(open_deals as bigint) as open_deals,
    cast(closed_deals as bigint) as closed_deals,
    cast(won_deals as bigint) as won_deals,
    cast(closed_amount as decimal(18, 2)) as closed_amount,
    cast(won_amount as decimal(18, 2)) as won_amount,
    cast(refunds as decimal(18, 2)) as refunds,
    cast(won_deals as double) / nullif(closed_deals, 0) as win_rate,
    cast(
        case when unconverted_deals = 0 then won_amount / nullif(cast(closed_amount as double), 0) end as double
    ) as win_rate_by_amount,
    case when unconverted_deals = 0 then {{ money_per('won_amount', 'won_deals') }} end as average_won_amount,
    cast(won_cycle_days as bigint) as won_cycle_days,
    cast(won_deals_with_cycle as bigint) as won_deals_with_cycle,
    cast(won_cycle_days as double) / nullif(won_deals_with_cycle, 0) as average_cycle_days,
    cast(median_cycle_days as double) as median_cycle_days,
    case
        when unconverted_deals = 0
            then {{ money_per('won_amount * open_deals * won_deals_with_cycle', 'closed_deals * won_cycle_days') }}
    end as sales_velocity,
    cast(unconverted_deals as bigint) as unconverted_deals
from summed
