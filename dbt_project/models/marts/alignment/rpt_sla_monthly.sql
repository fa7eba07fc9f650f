with

handoffs as (

    select
        *,
        cast({{ dbt.date_trunc('month', business_date('qualified_at')) }} as date) as month_start_date
    from {{ ref('fct_handoffs') }}

),

delivered as (

    select
        month_start_date,
        sla_segment as segment,
        count(distinct person_key) as delivered_leads,
        count(*) as handoffs,
        sum(case when verdict = 'met' then 1 else 0 end) as met,
        sum(case when verdict = 'breached' then 1 else 0 end) as breached,
        sum(case when verdict = 'pending' then 1 else 0 end) as pending
    from handoffs
    group by month_start_date, sla_segment

),

-- The agreement is reported from the first month with a handoff on.
first_month as (

    select
        coalesce(
            min(month_start_date),
            cast({{ dbt.date_trunc('month', as_of_date()) }} as date)
        ) as month_start_date
    from handoffs

),

business_days as (

    select
        dates.date_day,
        dates.month_start_date,
        count(*) over (partition by dates.month_start_date) as month_days
    from {{ ref('dim_dates') }} as dates
    inner join first_month
        on dates.month_start_date >= first_month.month_start_date
    where
        dates.is_business_day
        and dates.month_start_date <= {{ as_of_date() }}

),

terms as (

    select
        coalesce(segment, 'unsegmented') as segment,
        valid_from,
        lead(valid_from) over (partition by segment order by valid_from) as valid_until,
        committed_leads
    from {{ ref('sla_terms') }}

),

-- Each day is judged by the terms valid then.
committed as (

    select
        business_days.month_start_date,
        terms.segment,
        sum(cast(terms.committed_leads as decimal(18, 6)) / business_days.month_days) as committed_leads,
        sum(
            case
                when business_days.date_day <= {{ as_of_date() }}
                    then cast(terms.committed_leads as decimal(18, 6)) / business_days.month_days
                else 0
            end
        ) as expected_by_now
    from business_days
    inner join terms
        on
            business_days.date_day >= terms.valid_from
            and business_days.date_day < coalesce(terms.valid_until, cast('9999-12-31' as date))
    group by business_days.month_start_date, terms.segment

),

keys as (

    select month_start_date, segment from committed
    union
    select month_start_date, segment from delivered

)

select
    keys.month_start_date,
    keys.segment,
    cast(round(committed.committed_leads, 2) as decimal(18, 2)) as committed_leads,
    cast(round(committed.expected_by_now, 2) as decimal(18, 2)) as expected_by_now,
    cast(coalesce(delivered.delivered_leads, 0) as bigint) as delivered_leads,
    cast(coalesce(delivered.delivered_leads, 0) as double)
    / nullif(cast(round(committed.committed_leads, 2) as double), 0) as delivery_attainment,
    cast(coalesce(delivered.handoffs, 0) as bigint) as handoffs,
    cast(coalesce(delivered.met, 0) as bigint) as met,
    cast(coalesce(delivered.breached, 0) as bigint) as breached,
    cast(coalesce(delivered.pending, 0) as bigint) as pending,
    cast(delivered.met as double) / nullif(delivered.met + delivered.breached, 0) as follow_up_rate
from keys
left join committed
    on
        keys.month_start_date = committed.month_start_date
        and keys.segment = committed.segment
left join delivered
    on
        keys.month_start_date = delivered.month_start_date
        and keys.segment = delivered.segment
