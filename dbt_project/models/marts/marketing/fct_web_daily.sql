with

sessions as (

    select * from {{ ref('int_sessions__daily') }}

),

daily as (

    select
        {{ surrogate_key(['activity_date', 'channel']) }} as web_daily_key,
        activity_date,
        channel,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(engaged_sessions) as bigint) as engaged_sessions,
        cast(sum(new_users) as bigint) as new_users,
        cast(sum(key_events) as decimal(18, 2)) as key_events,
        cast(sum(engaged_sessions) as double) / nullif(sum(sessions), 0) as engagement_rate
    from sessions
    group by activity_date, channel

)

select * from daily
