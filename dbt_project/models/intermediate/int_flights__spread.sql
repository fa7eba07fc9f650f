with

flights as (

    select
        spend_id,
        coalesce(lower(nullif(trim(platform), '')), 'offline') as platform,
        replace(replace(lower(trim(channel)), ' ', '_'), '-', '_') as told_channel,
        nullif(trim(campaign), '') as campaign,
        -- Someone who knows one end only, or has them the wrong way round, still paid the invoice; what was before the
        -- calendar stands on its first day.
        greatest(
            least(coalesce(start_date, end_date), coalesce(end_date, start_date)), {{ calendar_start_date() }}
        ) as first_day,
        greatest(
            coalesce(start_date, end_date), coalesce(end_date, start_date), {{ calendar_start_date() }}
        ) as last_day,
        amount,
        upper(trim(currency)) as currency,
        impressions,
        clicks
    from {{ ref('stg_files__spend') }}
    where coalesce(start_date, end_date) is not null

),

-- A campaign has one channel and one currency: a name that runs in two of either is two campaigns.
identified as (

    select
        flights.*,
        coalesce(channels.channel, 'other') as channel,
        coalesce(flights.campaign, flights.told_channel, 'other') as campaign_name,
        lower(coalesce(flights.campaign, flights.told_channel, 'other')) as campaign_id,
        {{ dbt.datediff('flights.first_day', 'flights.last_day', 'day') }} + 1 as days
    from flights
    left join {{ ref('channels') }} as channels
        on channels.channel = flights.told_channel

),

daily as (

    select
        identified.*,
        dates.date_day as activity_date,
        {{ dbt.datediff('identified.first_day', 'dates.date_day', 'day') }} + 1 as day_number
    from identified
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between identified.first_day and identified.last_day

),

spread as (

    select
        spend_id,
        {{ surrogate_key(['platform', 'channel', 'currency', 'campaign_id']) }} as campaign_key,
        platform,
        campaign_id,
        campaign_name,
        channel,
        currency,
        first_day,
        last_day,
        days,
        activity_date,
        cast({{ split_amount('amount', 'day_number', 'day_number - 1', 'days') }} as decimal(18, 2)) as spend,
        cast({{ split_amount('impressions', 'day_number', 'day_number - 1', 'days', digits=0) }} as bigint) as impressions,
        cast({{ split_amount('clicks', 'day_number', 'day_number - 1', 'days', digits=0) }} as bigint) as clicks
    from daily

)

select * from spread
