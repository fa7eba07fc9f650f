with

targets as (

    select
        targets.target_id,
        case
            when nullif(trim(targets.team), '') is null then 'company'
            when channels.channel is not null then 'channel'
            else 'team'
        end as level,
        channels.channel,
        case when channels.channel is null then nullif(trim(targets.team), '') end as team,
        targets.segment,
        targets.period_start,
        targets.period_end,
        targets.valid_from,
        {{ in_reporting_currency('targets.amount', 'fx_rates.fx_rate') }} as amount
    from {{ ref('stg_files__targets') }} as targets
    left join {{ ref('channels') }} as channels
        on channels.channel = replace(replace(lower(trim(targets.team)), ' ', '_'), '-', '_')
    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on
            fx_rates.currency = upper(trim(targets.currency))
            and fx_rates.rate_date = least(targets.period_start, {{ as_of_date() }})
    where
        lower(trim(targets.department)) = 'marketing'
        and lower(trim(targets.metric)) in ('budget', 'spend')
        and targets.amount is not null
        and targets.period_start <= targets.period_end
        and (targets.valid_from <= {{ as_of_date() }} or targets.valid_from is null)

),

budgets as (

    select
        {{ surrogate_key(['level', 'channel', 'team', 'segment', 'period_start', 'period_end']) }} as budget_key,
        *
    from targets

),

-- Budgets are spread over business days; a period without any, over all its days.
periods as (

    select
        budgets.period_start,
        budgets.period_end,
        dates.date_day,
        dates.month_start_date,
        dates.is_business_day,
        max(case when dates.is_business_day then 1 else 0 end) over (
            partition by budgets.period_start, budgets.period_end
        ) as has_business_days
    from (select distinct period_start, period_end from budgets) as budgets
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between budgets.period_start and budgets.period_end

),

days as (

    select
        period_start,
        period_end,
        date_day,
        month_start_date,
        row_number() over (partition by period_start, period_end order by date_day) as day_number,
        count(*) over (partition by period_start, period_end) as period_days
    from periods
    where
        is_business_day
        or has_business_days = 0

),

-- Each day is judged by the version valid then; before the first one there is no budget yet.
judged as (

    select
        budgets.*,
        days.date_day,
        days.month_start_date,
        days.day_number,
        days.period_days,
        row_number() over (
            partition by budgets.budget_key, days.date_day
            order by budgets.valid_from desc nulls last, budgets.target_id desc
        ) as place
    from budgets
    inner join days
        on
            days.period_start = budgets.period_start
            and days.period_end = budgets.period_end
    where
        budgets.valid_from <= days.date_day
        or budgets.valid_from is null

)

select
    budget_key,
    target_id,
    level,
    channel,
    team,
    date_day as budget_date,
    month_start_date,
    cast({{ split_amount('amount', 'day_number', 'day_number - 1', 'period_days') }} as decimal(18, 2)) as budget,
    amount is null as is_unconverted
from judged
where place = 1
