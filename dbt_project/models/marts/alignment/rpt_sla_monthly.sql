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

terms as (

    select
        lower(nullif(trim(segment), '')) as segment,
        valid_from,
        lead(valid_from) over (partition by lower(nullif(trim(segment), '')) order by valid_from) as valid_until,
        working_days,
        country,
        committed_leads
    from {{ ref('sla_terms') }}

),

-- A month's working days are those of each version's own calendar, whether it is valid on all of them or not.
working_days as (

    select
        terms.segment,
        terms.valid_from,
        terms.valid_until,
        terms.committed_leads,
        dates.date_day,
        dates.month_start_date,
        count(*) over (partition by terms.segment, terms.valid_from, dates.month_start_date) as month_days
    from terms
    inner join {{ ref('dim_dates') }} as dates
        on terms.working_days like '%' || cast(dates.day_of_week as {{ dbt.type_string() }}) || '%'
    inner join first_month
        on dates.month_start_date >= first_month.month_start_date
    left join {{ ref('holidays') }} as holidays
        on
            terms.country = holidays.country
            and dates.date_day = holidays.holiday_date
    where
        holidays.country is null
        and dates.month_start_date <= {{ as_of_date() }}

),

paused_days as (

    select distinct dates.date_day
    from {{ ref('dim_dates') }} as dates
    inner join {{ ref('sla_pauses') }} as pauses
        on dates.date_day between pauses.start_date and pauses.end_date

),

-- Each day is judged by the terms valid then; a pause owes nothing.
owed as (

    select
        working_days.month_start_date,
        working_days.date_day,
        coalesce(working_days.segment, 'unsegmented') as segment,
        case
            when paused_days.date_day is null
                then cast(working_days.committed_leads as decimal(18, 6)) / working_days.month_days
            else 0
        end as committed_leads
    from working_days
    left join paused_days
        on working_days.date_day = paused_days.date_day
    where
        working_days.date_day >= working_days.valid_from
        and working_days.date_day < coalesce(working_days.valid_until, cast('9999-12-31' as date))

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
    cast(case when divided.committed_leads > 0 then divided.delivered_leads else 0 end as bigint)
        as promised_leads_delivered,
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
