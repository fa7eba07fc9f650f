-- Visits of a day by the site and campaign that brought them.
select
    activity_date, channel, sessions, engaged_sessions, new_users, key_events,
    md5(concat_ws('|', activity_date, channel, coalesce(source, '~'), coalesce(campaign, '~'))) as visits_key,
    source as site, campaign
from build.intermediate.int_sessions__daily
