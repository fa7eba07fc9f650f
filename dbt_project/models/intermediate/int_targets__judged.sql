with

targets as (

    select
        targets.target_id,
        owners.owner_key,
        nullif(trim(targets.team), '') as team,
        lower(nullif(trim(targets.segment), '')) as segment,
        targets.period_start,
        targets.period_end,
        targets.amount,
        targets.currency,
        targets.valid_from,
        nullif(trim(targets.ramp), '') as ramp
    from {{ ref('stg_files__targets') }} as targets
    left join {{ ref('int_owners__resolved') }} as owners
        on
            targets.owner_id = owners.source_owner_id
            and owners.source = 'files'
    where
        lower(trim(targets.department)) = 'sales'
        and lower(trim(targets.metric)) = 'bookings'
        and targets.amount is not null
        and targets.period_start <= targets.period_end
        and (targets.valid_from <= {{ as_of_date() }} or targets.valid_from is null)

),

-- The macro below reads `quotas`.
quotas as ( -- noqa: ST03

    select
        {{ surrogate_key(['owner_key', 'case when owner_key is null then team end', 'segment', 'period_start', 'period_end']) }}
            as quota_key,
        *
    from targets

),

judged as (

    {{ days_of_targets('quotas', key='quota_key') }}

),

-- What part of the quota counts on a rep's days of service; a rep without a first day carries it in full.
ramps as (

    select
        owners.owner_key,
        ramps.ramp,
        ramps.share,
        cast({{ dbt.dateadd('month', 'ramps.from_month', 'owners.start_date') }} as date) as first_day,
        lead(cast({{ dbt.dateadd('month', 'ramps.from_month', 'owners.start_date') }} as date)) over (
            partition by owners.owner_key, ramps.ramp order by ramps.from_month
        ) as day_after_last
    from {{ ref('dim_owners') }} as owners
    cross join {{ ref('quota_ramps') }} as ramps
    where owners.start_date is not null

),

ramped as (

    select distinct
        owner_key,
        ramp
    from ramps

),

-- A day's quota belongs to the team that the rep is in on that day.
placed as (

    select
        judged.quota_key,
        judged.target_id,
        judged.owner_key,
        case when judged.owner_key is null then judged.team else teams.team end as team,
        judged.period_start,
        judged.period_end,
        judged.amount,
        judged.currency,
        judged.period_days,
        judged.date_day,
        case when ramped.ramp is null then 1 else coalesce(ramps.share, 0) end as share
    from judged
    left join ramped
        on
            judged.owner_key = ramped.owner_key
            and judged.ramp = ramped.ramp
    left join ramps
        on
            judged.owner_key = ramps.owner_key
            and judged.ramp = ramps.ramp
            and judged.date_day >= ramps.first_day
            and (judged.date_day < ramps.day_after_last or ramps.day_after_last is null)
    left join {{ ref('int_owners__teamed') }} as teams
        on
            judged.owner_key = teams.owner_key
            and judged.date_day >= teams.first_day
            and judged.date_day < teams.day_after_last

),

counted as (

    select
        quota_key,
        owner_key,
        team,
        period_start,
        period_end,
        amount,
        currency,
        period_days,
        share,
        min(date_day) as first_day,
        count(*) as valid_days,
        sum(case when date_day <= {{ as_of_date() }} then 1 else 0 end) as elapsed_days
    from placed
    group by quota_key, target_id, owner_key, team, period_start, period_end, amount, currency, period_days, share

),

valued as (

    select
        counted.*,
        fx_rates.fx_rate is null as is_unconverted,
        cast(counted.amount * fx_rates.fx_rate * counted.share * counted.valid_days / counted.period_days as decimal(28, 9))
            as target,
        cast(counted.amount * fx_rates.fx_rate * counted.share * counted.elapsed_days / counted.period_days as decimal(28, 9))
            as expected_by_now
    from counted
    left join {{ ref('int_fx_rates__daily') }} as fx_rates
        on
            counted.currency = fx_rates.currency
            and least(counted.period_start, {{ as_of_date() }}) = fx_rates.rate_date

),

summed as (

    select
        quota_key,
        owner_key,
        team,
        period_start,
        period_end,
        min(first_day) as first_day,
        sum(target) as target,
        sum(expected_by_now) as expected_by_now,
        max(case when is_unconverted then 1 else 0 end) as unconverted_quotas
    from valued
    group by quota_key, owner_key, team, period_start, period_end

),

running as (

    select
        *,
        sum(target) over (partition by quota_key order by first_day, team) as running_target,
        sum(expected_by_now) over (partition by quota_key order by first_day, team) as running_expected
    from summed

)

select
    quota_key,
    owner_key,
    team,
    period_start,
    period_end,
    cast({{ split_amount(1, running='running_target', previous='running_target - target') }} as decimal(18, 2)) as target,
    cast({{ split_amount(1, running='running_expected', previous='running_expected - expected_by_now') }} as decimal(18, 2))
        as expected_by_now,
    cast(unconverted_quotas as bigint) as unconverted_quotas
from running
