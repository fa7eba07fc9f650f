-- Touches, by what a touch of each source was made from.
with found as (select distinct touch_key, source as system, source_touch_id, touched_at from touches)
select touch_key as found_for, 'files' as source, 'touches' as table_name, raw.touch_id as record, _dlt_load_id
from found inner join files.raw.touches as raw on system = 'files' and source_touch_id = 'touch:' || raw.touch_id
union all
select touch_key, 'files', 'web_events', raw.event_id, _dlt_load_id
from found inner join files.raw.web_events as raw on system = 'files' and source_touch_id = 'visit:' || raw.event_id
union all
select touch_key, 'files', 'people', raw.person_id, _dlt_load_id
from found inner join files.raw.people as raw on system = 'files' and source_touch_id = 'origin:' || raw.person_id
union all
select touch_key, 'files', 'activities', raw.activity_id, _dlt_load_id
from found inner join files.raw.activities as raw
    on system = 'files' and starts_with(source_touch_id, 'activity:' || raw.activity_id || ':')
union all
select touch_key, 'hubspot', 'calls', raw.id, _dlt_load_id
from found inner join hubspot.raw.calls as raw
    on system = 'hubspot' and starts_with(source_touch_id, 'activity:call:' || raw.id || ':')
union all
select touch_key, 'hubspot', 'meetings', raw.id, _dlt_load_id
from found inner join hubspot.raw.meetings as raw
    on system = 'hubspot' and starts_with(source_touch_id, 'activity:meeting:' || raw.id || ':')
union all
select touch_key, 'hubspot', 'contact_history', raw.id || ' ' || raw.property, _dlt_load_id
from found inner join hubspot.raw.contact_history as raw
    on system = 'hubspot' and split_part(source_touch_id, ':', 1) in ('session', 'form')
    and raw.id = split_part(source_touch_id, ':', 2)
    and raw.property in ('hs_latest_source_timestamp', 'recent_conversion_date')
    and touched_at = coalesce(
        epoch_ms(try_cast(raw.value as bigint)), cast(try_cast(raw.value as timestamptz) as timestamp)
    )
union all
select touch_key, 'mailchimp', 'email_activity', raw.event_id, _dlt_load_id
from found inner join mailchimp.raw.email_activity as raw
    on system = 'mailchimp' and raw.action = 'click' and cast(raw.timestamp as timestamp) = touched_at
    and raw.campaign_id = split_part(source_touch_id, ':', 3)
