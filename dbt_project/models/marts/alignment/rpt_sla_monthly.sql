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
        sum(case when verdict = 'pending' then 1 else 0 end) as pending,
        sum(case when sla_version is null then 1 else 0 end) as without_terms,
        {{ quantile('response_business_seconds', 0.5) }} as median_response_seconds
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

paused_days as (

    select distinct business_days.date_day
    from business_days
    inner join {{ ref('sla_pauses') }} as pauses
        on business_days.date_day between pauses.start_date and pauses.end_date

),

terms as (

    select
        coalesce(segment, 'unsegmented') as segment,
        valid_from,
        lead(valid_from) over (partition by segment order by valid_from) as valid_until,
        committed_leads
    from {{ ref('sla_terms') }}

),

-- Each day is judged by the terms valid then; a pause owes nothing.
owed as (

    select
        business_days.month_start_date,
        business_days.date_day,
        terms.segment,
        case
            when paused_days.date_day is null
                then cast(terms.committed_leads as decimal(18, 6)) / business_days.month_days
            else 0
        end as committed_leads
    from business_days
    inner join terms
        on
            business_days.date_day >= terms.valid_from
            and business_days.date_day < coalesce(terms.valid_until, cast('9999-12-31' as date))
    left join paused_days
        on business_days.date_day = paused_days.date_day

),

committed as (

    select
        month_start_date,
        segment,
        cast(round(sum(committed_leads), 2) as decimal(18, 2)) as committed_leads,
        cast(
            round(sum(case when date_day <= {{ as_of_date() }} then committed_leads else 0 end), 2) as decimal(18, 2)
        ) as expected_by_now
    from owed
    group by month_start_date, segment

),

keys as (

    select month_start_date, segment from committed
    union
    select month_start_date, segment from delivered

),

months as (

    select
        keys.month_start_date,
        keys.segment,
        committed.committed_leads,
        committed.expected_by_now,
        coalesce(delivered.delivered_leads, 0) as delivered_leads,
        coalesce(delivered.handoffs, 0) as handoffs,
        coalesce(delivered.met, 0) as met,
        coalesce(delivered.breached, 0) as breached,
        coalesce(delivered.pending, 0) as pending,
        coalesce(delivered.without_terms, 0) as without_terms,
        delivered.median_response_seconds
    from keys
    left join committed
        on
            keys.month_start_date = committed.month_start_date
            and keys.segment = committed.segment
    left join delivered
        on
            keys.month_start_date = delivered.month_start_date
            and keys.segment = delivered.segment

),

divided as (

    select
        *,
        cast(delivered_leads as double) / nullif(cast(committed_leads as double), 0) as delivery_attainment,
        cast(delivered_leads as double) / nullif(cast(expected_by_now as double), 0) as attainment_by_now,
        cast(met as double) / nullif(met + breached, 0) as follow_up_rate
    from months

),

-- The month before, and up to three months before together.
trends as (

    select
        divided.month_start_date,
        divided.segment,
        max(case when earlier.month_start_date = previous.month_start_date then earlier.attainment_by_now end)
            as attainment_previous_month,
        max(case when earlier.month_start_date = previous.month_start_date then earlier.follow_up_rate end)
            as follow_up_previous_month,
        cast(sum(case when earlier.expected_by_now > 0 then earlier.delivered_leads end) as double)
        / nullif(cast(sum(earlier.expected_by_now) as double), 0) as attainment_three_months,
        cast(sum(earlier.met) as double) / nullif(sum(earlier.met + earlier.breached), 0) as follow_up_three_months
    from divided
    inner join (
        select distinct
            month_start_date as following_month,
            cast({{ dbt.dateadd('month', -1, 'month_start_date') }} as date) as month_start_date,
            cast({{ dbt.dateadd('month', -3, 'month_start_date') }} as date) as first_month
        from months
    ) as previous
        on divided.month_start_date = previous.following_month
    inner join divided as earlier
        on
            divided.segment = earlier.segment
            and earlier.month_start_date between previous.first_month and previous.month_start_date
    group by divided.month_start_date, divided.segment

)

select
    divided.month_start_date,
    divided.segment,
    divided.committed_leads,
    divided.expected_by_now,
    cast(divided.delivered_leads as bigint) as delivered_leads,
    divided.delivery_attainment,
    divided.attainment_by_now,
    trends.attainment_previous_month,
    trends.attainment_three_months,
    divided.attainment_by_now - trends.attainment_previous_month as attainment_change,
    cast(divided.handoffs as bigint) as handoffs,
    cast(divided.met as bigint) as met,
    cast(divided.breached as bigint) as breached,
    cast(divided.pending as bigint) as pending,
    cast(divided.without_terms as bigint) as without_terms,
    divided.follow_up_rate,
    trends.follow_up_previous_month,
    trends.follow_up_three_months,
    divided.follow_up_rate - trends.follow_up_previous_month as follow_up_change,
    cast(divided.median_response_seconds as double) as median_response_seconds
from divided
left join trends
    on
        divided.month_start_date = trends.month_start_date
        and divided.segment = trends.segment
