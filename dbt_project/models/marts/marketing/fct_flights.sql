with

flights as (

    select * from {{ ref('stg_files__spend') }}

),

spread as (

    select
        spend_id,
        platform,
        campaign_key,
        channel,
        currency,
        first_day as first_date,
        last_day as last_date,
        days,
        sum(spend) as spent
    from {{ ref('int_flights__spread') }}
    where activity_date <= {{ as_of_date() }}
    group by spend_id, platform, campaign_key, channel, currency, first_day, last_day, days

)

select
    {{ surrogate_key(["'files'", 'spread.spend_id']) }} as flight_key,
    spread.spend_id,
    spread.platform,
    spread.campaign_key,
    spread.channel,
    flights.region,
    spread.first_date,
    spread.last_date,
    cast(spread.days as integer) as days,
    cast(coalesce(flights.amount, 0) as decimal(18, 2)) as amount,
    spread.currency,
    cast(coalesce(spread.spent, 0) as decimal(18, 2)) as spent,
    cast(coalesce(flights.amount, 0) - coalesce(spread.spent, 0) as decimal(18, 2)) as to_come,
    flights.impressions,
    flights.clicks,
    flights.reach
from spread
inner join flights
    on flights.spend_id = spread.spend_id
