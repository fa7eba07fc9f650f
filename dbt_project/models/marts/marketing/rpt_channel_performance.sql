with

performance as (

    select * from {{ ref('int_performance__unioned') }}

),

summed as (

    select
        activity_date,
        channel,
        {{ performance_columns() }}
    from performance
    group by activity_date, channel

),

divided as (

    select
        {{ surrogate_key(['activity_date', 'channel']) }} as channel_performance_key,
        *,
        {{ performance_ratios() }}
    from summed

)

select * from divided
