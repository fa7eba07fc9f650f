with

days as (

    {{ day_spine(
        calendar_start_date(),
        "last_day(cast(" ~ dbt.dateadd('month', 24, as_of_date()) ~ " as date))"
    ) }}

),

holidays as (

    select holiday_date
    from {{ ref('holidays') }}
    where country = '{{ var("business_country") }}'

),

-- The fiscal calendar is the ordinary one, shifted: a fiscal year is named by the calendar year in which it ends.
shifted as (

    select
        date_day,
        cast({{ dbt.dateadd('month', 1 - var('fiscal_year_start_month'), 'date_day') }} as date) as fiscal_day
    from days

),

described as (

    select
        shifted.date_day,
        cast({{ dbt.date_trunc('week', 'date_day') }} as date) as week_start_date,
        cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start_date,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start_date,
        cast(extract(year from fiscal_day) + {{ 1 if var('fiscal_year_start_month') > 1 else 0 }} as {{ dbt.type_string() }})
        || '-Q' || cast(extract(quarter from fiscal_day) as {{ dbt.type_string() }}) as fiscal_quarter,
        {{ day_of_week('date_day') }} as day_of_week,
        {{ day_of_week('date_day') }} <= 5 and holidays.holiday_date is null as is_business_day
    from shifted
    left join holidays
        on holidays.holiday_date = shifted.date_day

)

select * from described
