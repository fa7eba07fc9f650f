with

performance as (

    select * from {{ ref('int_performance__unioned') }}

),

days as (

    select * from {{ ref('dim_dates') }}

),

periods as (

    {% for period, length in [('week', 7), ('month', 1), ('quarter', 3)] %}
        select
            '{{ period }}' as period,
            date_day,
            {{ period }}_start_date as period_start_date,
            cast({{ dbt.dateadd('day', -1, dbt.dateadd('day' if period == 'week' else 'month', length, period ~ '_start_date')) }} as date)
                as period_end_date
        from days
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

placed as (

    select
        periods.period,
        periods.period_start_date,
        periods.period_end_date,
        performance.*
    from performance
    inner join periods
        on periods.date_day = performance.activity_date

),

summed as (

    select
        period,
        period_start_date,
        period_end_date,
        period_end_date <= {{ as_of_date() }} as is_complete,
        channel,
        {{ performance_columns() }}
    from placed
    group by period, period_start_date, period_end_date, channel

),

divided as (

    select
        {{ surrogate_key(['period', 'period_start_date', 'channel']) }} as channel_performance_period_key,
        *,
        {{ performance_ratios() }}
    from summed

)

select * from divided
