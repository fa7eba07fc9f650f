with

rates as (

    select
        rate_date,
        upper(trim(from_currency)) as from_currency,
        upper(trim(to_currency)) as to_currency,
        cast(rate as decimal(38, 12)) as rate
    from {{ ref('stg_files__fx_rates') }}
    where
        rate > 0
        and rate_date <= {{ as_of_date() }}

),

quotes as (

    select
        rate_date,
        from_currency,
        to_currency,
        rate,
        1 as preference
    from rates
    union all
    select
        rate_date,
        to_currency as from_currency,
        from_currency as to_currency,
        cast(1 / rate as decimal(38, 12)) as rate,
        2 as preference
    from rates

),

-- A bank that quotes everything against one currency gives every other pair through that one, on the same day.
crosses as (

    select
        legs.rate_date,
        legs.from_currency,
        quotes.to_currency,
        cast(cast(legs.rate as double) * cast(quotes.rate as double) as decimal(38, 12)) as rate,
        legs.to_currency as through_currency
    from quotes as legs
    inner join quotes
        on
            legs.to_currency = quotes.from_currency
            and legs.rate_date = quotes.rate_date
    where quotes.to_currency = '{{ var("reporting_currency") }}'

),

candidates as (

    select
        rate_date,
        from_currency as currency,
        rate,
        preference,
        cast(null as {{ dbt.type_string() }}) as through_currency
    from quotes
    where to_currency = '{{ var("reporting_currency") }}'
    union all
    select
        rate_date,
        from_currency as currency,
        rate,
        3 as preference,
        through_currency
    from crosses

),

ranked as (

    select
        rate_date,
        currency,
        rate,
        preference > 1 as is_derived,
        row_number() over (
            partition by currency, rate_date
            order by preference, through_currency, rate
        ) as place
    from candidates
    where
        currency <> '{{ var("reporting_currency") }}'
        and rate > 0

),

valid as (

    select
        currency,
        rate,
        is_derived,
        rate_date as quoted_on,
        least(
            coalesce(
                cast({{ dbt.dateadd('day', -1, 'lead(rate_date) over (partition by currency order by rate_date)') }} as date),
                {{ as_of_date() }}
            ),
            cast({{ dbt.dateadd('day', var('fx_rate_max_age_days'), 'rate_date') }} as date),
            {{ as_of_date() }}
        ) as valid_until
    from ranked
    where place = 1

),

daily as (

    select
        dates.date_day as rate_date,
        valid.currency,
        valid.rate as fx_rate,
        valid.is_derived,
        valid.quoted_on
    from valid
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between valid.quoted_on and valid.valid_until
    union all
    select
        date_day as rate_date,
        '{{ var("reporting_currency") }}' as currency,
        cast(1 as decimal(38, 12)) as fx_rate,
        false as is_derived,
        date_day as quoted_on
    from {{ ref('dim_dates') }}
    where date_day <= {{ as_of_date() }}

)

select * from daily
