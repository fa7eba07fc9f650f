-- The macro below reads `performance`.
with

performance as ( -- noqa: ST03

    select * from {{ ref('int_performance__unioned') }}

),

placed as (

    {{ in_periods('performance') }}

),

summed as (

    select
        period,
        period_start_date,
        period_end_date,
        is_complete,
        channel,
        {{ performance_columns() }}
    from placed
    group by period, period_start_date, period_end_date, is_complete, channel

),

divided as (

    select
        {{ surrogate_key(['period', 'period_start_date', 'channel']) }} as channel_performance_period_key,
        *,
        {{ performance_ratios() }}
    from summed

)

select * from divided
