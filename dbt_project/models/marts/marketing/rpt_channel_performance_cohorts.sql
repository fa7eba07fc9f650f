with

performance as (

    select * from {{ ref('int_performance__unioned') }}

),

summed as (

    select
        cohort_month,
        channel,
        {{ performance_columns() }}
    from performance
    group by cohort_month, channel

),

divided as (

    select
        {{ surrogate_key(['cohort_month', 'channel']) }} as channel_cohort_key,
        *,
        {{ performance_ratios() }}
    from summed

)

select * from divided
