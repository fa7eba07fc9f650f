with

google_analytics as (

    select * from {{ ref('stg_google_analytics__sessions_daily') }}

),

told_by_google_analytics as (

    select
        days.activity_date,
        coalesce(map.channel, 'other') as channel,
        lower(trim(days.source)) as source,
        lower(trim(days.campaign)) as campaign,
        days.sessions,
        days.engaged_sessions,
        days.new_users,
        days.key_events
    from google_analytics as days
    left join {{ ref('google_analytics_channels') }} as map
        on lower(map.channel_group) = lower(trim(days.channel_group))
    where days.activity_date <= {{ as_of_date() }}

),

-- Two counters of the same visits are never added: our own counts only where Google Analytics is not used at all.
counted_by_us as (

    select
        {{ business_date('sessions.started_at') }} as activity_date,
        coalesce(origins.channel, 'other') as channel,
        sessions.source_name as source,
        lower(sessions.campaign) as campaign,
        1 as sessions,
        case when sessions.is_engaged then 1 else 0 end as engaged_sessions,
        case when sessions.is_new_visitor then 1 else 0 end as new_users,
        sessions.key_events
    from {{ ref('int_web_sessions__cut') }} as sessions
    left join {{ ref('int_origins__channelled') }} as origins
        on
            sessions.source_name is not distinct from origins.source_name
            and sessions.medium is not distinct from origins.medium
            and lower(sessions.campaign) is not distinct from origins.campaign
            and sessions.click_id_type is not distinct from origins.click_id_type
    where not (select is_used from {{ ref('stg_google_analytics__configuration') }})

),

unioned as (

    select * from told_by_google_analytics
    union all
    select * from counted_by_us

),

daily as (

    select
        activity_date,
        channel,
        source,
        campaign,
        sum(sessions) as sessions,
        sum(engaged_sessions) as engaged_sessions,
        sum(new_users) as new_users,
        sum(key_events) as key_events
    from unioned
    group by activity_date, channel, source, campaign

)

select * from daily
