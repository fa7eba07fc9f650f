with

calendars as (

    select distinct
        day_starts_at,
        day_ends_at,
        working_days,
        time_zone,
        country
    from {{ ref('sla_terms') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

pauses as (

    select * from {{ ref('sla_pauses') }}

),

-- From long enough before the first handoff to long enough after the last, whatever the response time and the pauses.
days as (

    select
        dates.date_day,
        dates.day_of_week
    from {{ ref('dim_dates') }} as dates
    inner join (
        select min(entered_at) as first_qualified_at
        from {{ ref('fct_lead_stages') }}
        where stage = 'qualified'
    ) as handoffs
        on
            dates.date_day >= cast({{ dbt.dateadd('day', -366, 'handoffs.first_qualified_at') }} as date)
            and dates.date_day <= cast({{ dbt.dateadd('day', 366, as_of_date()) }} as date)

),

open_days as (

    select
        {{ surrogate_key([
            'calendars.day_starts_at',
            'calendars.day_ends_at',
            'calendars.working_days',
            'calendars.time_zone',
            'calendars.country',
        ]) }} as calendar_key,
        days.date_day,
        {{ utc_from_local(
            "cast(cast(days.date_day as " ~ dbt.type_string() ~ ") || ' ' || calendars.day_starts_at as timestamp)",
            'calendars.time_zone'
        ) }} as opens_at,
        {{ utc_from_local(
            "cast(cast(days.date_day as " ~ dbt.type_string() ~ ") || ' ' || calendars.day_ends_at as timestamp)",
            'calendars.time_zone'
        ) }} as closes_at
    from calendars
    inner join days
        on calendars.working_days like '%' || cast(days.day_of_week as {{ dbt.type_string() }}) || '%'
    left join holidays
        on
            calendars.country = holidays.country
            and days.date_day = holidays.holiday_date
    left join pauses
        on days.date_day between pauses.start_date and pauses.end_date
    where
        holidays.country is null
        and pauses.start_date is null

),

measured as (

    select
        *,
        cast({{ dbt.datediff('opens_at', 'closes_at', 'second') }} as bigint) as seconds
    from open_days

),

counted as (

    select
        calendar_key,
        date_day,
        opens_at,
        closes_at,
        seconds,
        cast(sum(seconds) over (partition by calendar_key order by opens_at) as bigint) - seconds as seconds_before,
        lead(opens_at) over (partition by calendar_key order by opens_at) as next_opens_at
    from measured

)

select * from counted
