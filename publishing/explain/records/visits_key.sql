-- Rows of Google Analytics; visits that the files' web events were cut into have no record of their own.
with

told as (

    select
        raw.*,
        md5(concat_ws(
            '|', date::date, coalesce(channel, 'other'), coalesce(lower(trim(session_source)), '~'),
            coalesce(lower(trim(session_campaign_name)), '~')
        )) as visits_key
    from google_analytics.raw.sessions_daily as raw
    left join build.seeds.google_analytics_channels as map
        on lower(channel_group) = lower(trim(session_default_channel_group))

)

select visits_key as found_for, 'google_analytics' as source, 'sessions_daily' as table_name,
    concat_ws(' ', property_id, date::date, session_source, session_medium, session_campaign_name) as record, _dlt_load_id
from behind
inner join told using (visits_key)
