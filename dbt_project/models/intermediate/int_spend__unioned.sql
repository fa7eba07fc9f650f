with

ad_days as (

    select
        campaign_key,
        activity_date,
        platform,
        account_id,
        currency,
        spend,
        impressions,
        clicks,
        reach,
        platform_conversions,
        platform_conversion_value
    from {{ ref('int_ad_days__unioned') }}

),

-- Flights of one campaign may overlap. Their reach is of the whole flight: it belongs to no day.
flight_days as (

    select
        campaign_key,
        activity_date,
        platform,
        cast(null as {{ dbt.type_string() }}) as account_id,
        currency,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        cast(null as bigint) as reach,
        cast(null as decimal(18, 2)) as platform_conversions,
        cast(null as decimal(18, 2)) as platform_conversion_value
    from {{ ref('int_flights__spread') }}
    where activity_date <= {{ as_of_date() }}
    group by campaign_key, activity_date, platform, currency

),

unioned as (

    select * from ad_days
    union all
    select * from flight_days

)

select * from unioned
