{#
The days that targets are spread over, a select of a row per target and day: the business days of its period, or all days
of a period without any, each with its `day_number` and the period's `period_days`. A day is judged by the version valid
then (the latest `valid_from`; before the first one there is no target yet); versions share a `key`.

`targets` names a relation with `key`, target_id, period_start, period_end and valid_from.
#}
{% macro days_of_targets(targets, key) -%}
    with periods as (
        select
            periods.period_start,
            periods.period_end,
            dates.date_day,
            dates.month_start_date,
            dates.is_business_day,
            max(case when dates.is_business_day then 1 else 0 end) over (
                partition by periods.period_start, periods.period_end
            ) as has_business_days
        from (select distinct period_start, period_end from {{ targets }}) as periods
        inner join {{ ref('dim_dates') }} as dates
            on dates.date_day between periods.period_start and periods.period_end
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
        where is_business_day or has_business_days = 0
    ),

    versions as (
        select
            targets.*,
            days.date_day,
            days.month_start_date,
            days.day_number,
            days.period_days,
            row_number() over (
                partition by targets.{{ key }}, days.date_day
                order by targets.valid_from desc nulls last, targets.target_id desc
            ) as place
        from {{ targets }} as targets
        inner join days on targets.period_start = days.period_start and targets.period_end = days.period_end
        where targets.valid_from <= days.date_day or targets.valid_from is null
    )

    select * from versions where place = 1
{%- endmacro %}
