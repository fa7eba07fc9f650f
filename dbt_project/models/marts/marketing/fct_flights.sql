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
        min(activity_date) as first_date,
        max(activity_date) as last_date,
        count(*) as days,
        sum(case when activity_date <= {{ as_of_date() }} then spend else 0 end) as spent,
        sum(case when activity_date > {{ as_of_date() }} then spend else 0 end) as to_come
    from {{ ref('int_flights__spread') }}
    group by spend_id, platform, campaign_key, channel, currency

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
    cast(coalesce(spread.to_come, 0) as decimal(18, 2)) as to_come,
    flights.impressions,
    flights.clicks,
    flights.reach
from spread
inner join flights
    on flights.spend_id = spread.spend_id
where spread.first_date <= {{ as_of_date() }}
