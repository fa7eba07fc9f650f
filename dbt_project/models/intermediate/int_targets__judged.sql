with

targets as (

    select
        targets.target_id,
        owners.owner_key,
        nullif(trim(targets.team), '') as team,
        targets.segment,
        targets.period_start,
        targets.period_end,
        targets.amount,
        targets.currency,
        targets.valid_from
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

quotas as (

    select
        {{ surrogate_key(['owner_key', 'case when owner_key is null then team end', 'segment', 'period_start', 'period_end']) }}
            as quota_key,
        *
    from targets

),

-- Quotas are spread over business days; a period without any, over all its days.
periods as (

    select
        quotas.period_start,
        quotas.period_end,
        dates.date_day,
        dates.is_business_day,
        max(case when dates.is_business_day then 1 else 0 end) over (
            partition by quotas.period_start, quotas.period_end
        ) as has_business_days
    from (select distinct period_start, period_end from quotas) as quotas
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between quotas.period_start and quotas.period_end

),

days as (

    select
        period_start,
        period_end,
        date_day,
        count(*) over (partition by period_start, period_end) as period_days
    from periods
    where
        is_business_day
        or has_business_days = 0

),

-- Each day is judged by the version valid then; before the first one there is no quota yet.
judged as (

    select
        quotas.quota_key,
        quotas.target_id,
        days.date_day,
        row_number() over (
            partition by quotas.quota_key, days.date_day
            order by quotas.valid_from desc nulls last, quotas.target_id desc
        ) as place
    from quotas
    inner join days
        on
            quotas.period_start = days.period_start
            and quotas.period_end = days.period_end
    where
        quotas.valid_from <= days.date_day
        or quotas.valid_from is null

),

versions as (

    select
        quota_key,
        target_id,
        count(*) as valid_days,
        sum(case when date_day <= {{ as_of_date() }} then 1 else 0 end) as elapsed_days
    from judged
    where place = 1
    group by quota_key, target_id

),

period_lengths as (

    select distinct
        period_start,
        period_end,
        period_days
    from days

)

select
    quotas.quota_key,
    min(quotas.owner_key) as owner_key,
    case when min(quotas.owner_key) is null then min(quotas.team) end as team,
    quotas.period_start,
    quotas.period_end,
    cast(
        round(sum(quotas.amount * fx_rates.fx_rate * versions.valid_days / period_lengths.period_days), 2) as decimal(18, 2)
    ) as target,
    cast(
        round(sum(quotas.amount * fx_rates.fx_rate * versions.elapsed_days / period_lengths.period_days), 2) as decimal(18, 2)
    ) as expected_by_now
from quotas
inner join versions
    on
        quotas.quota_key = versions.quota_key
        and quotas.target_id = versions.target_id
inner join period_lengths
    on
        quotas.period_start = period_lengths.period_start
        and quotas.period_end = period_lengths.period_end
left join {{ ref('int_fx_rates__daily') }} as fx_rates
    on
        quotas.currency = fx_rates.currency
        and least(quotas.period_start, {{ as_of_date() }}) = fx_rates.rate_date
group by quotas.quota_key, quotas.period_start, quotas.period_end
