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
        lower(nullif(trim(targets.segment), '')) as segment,
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

-- The macro below reads `budgets`.
budgets as ( -- noqa: ST03

    select
        {{ surrogate_key(['level', 'channel', 'team', 'segment', 'period_start', 'period_end']) }} as budget_key,
        *
    from targets

),

judged as (

    {{ days_of_targets('budgets', key='budget_key') }}

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
