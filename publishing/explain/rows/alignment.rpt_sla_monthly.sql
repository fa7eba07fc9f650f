-- Handoffs, each person's first of a month and segment as the lead delivered, and what the terms of each month promise.
with

handoffs as (

    select
        date_trunc('month', business_date(qualified_at))::date as month_start_date, sla_segment as segment,
        *
    from build.alignment.fct_handoffs

),

working_days as (

    select
        terms.*, date_day, month_start_date,
        count(*) over (partition by segment, valid_from, month_start_date) as month_days,
        exists (from build.seeds.sla_pauses where date_day between start_date and end_date) as is_paused
    from (
        from (select * replace (lower(nullif(trim(segment), '')) as segment) from build.seeds.sla_terms)
        select *, lead(valid_from, 1, '9999-12-31') over (partition by segment order by valid_from) as valid_until
    ) as terms
    inner join build.core.dim_dates on contains(working_days, day_of_week::varchar)
    where (country, date_day) not in (select (country, holiday_date) from build.seeds.holidays)
        and month_start_date <= getvariable('as_of')
        and month_start_date >= (
            select coalesce(min(month_start_date), date_trunc('month', getvariable('as_of'))) from handoffs
        )

),

-- Each working day counts by the version of that day; days of a pause count in the month and owe nothing.
promises as (

    select
        month_start_date, coalesce(segment, 'unsegmented') as segment, sla_version, max(valid_from) as valid_from,
        sum(committed_leads / month_days::decimal(18, 6)) as committed_leads,
        coalesce(
            sum(committed_leads / month_days::decimal(18, 6)) filter (where date_day <= getvariable('as_of')), 0
        ) as expected_by_now,
        count(*) as working_days
    from working_days
    where date_day >= valid_from and date_day < valid_until and not is_paused
    group by month_start_date, segment, sla_version

)

select
    month_start_date, segment, 1 as handoffs,
    if(row_number() over (partition by month_start_date, segment, person_key order by qualified_at) = 1, 1, 0)
        as delivered_leads,
    if((month_start_date, segment) in (
        select (month_start_date, segment) from promises where committed_leads > 0
    ), delivered_leads, 0) as promised_leads_delivered,
    if(verdict = 'met', 1, 0) as met, if(verdict = 'breached', 1, 0) as breached,
    if(verdict = 'pending', 1, 0) as pending, handoff_key, person_key, qualified_at as moment, due_at,
    first_response_at, verdict, decision, sla_version
from handoffs
union all by name
select
    month_start_date, segment,
    round(sum(committed_leads) over versions, 2)
    - round(sum(committed_leads) over versions - committed_leads, 2) as committed_leads,
    round(sum(expected_by_now) over versions, 2)
    - round(sum(expected_by_now) over versions - expected_by_now, 2) as expected_by_now,
    sla_version, sla_version as terms_key, working_days
from promises
window versions as (partition by month_start_date, segment order by valid_from)
