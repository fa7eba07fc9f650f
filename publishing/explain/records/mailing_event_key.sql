-- What Mailchimp tells of a mailing and of what recipients did with it; who they are is not shown.
select mailing_event_key as found_for, 'mailchimp' as source, 'reports' as table_name, raw.campaign_id as record,
    _dlt_load_id
from behind
inner join mailchimp.raw.reports as raw
    on mailing_event_key = concat_ws(' ', list_id, campaign_id, 'sent', send_time::timestamp)
union all
select mailing_event_key, 'mailchimp', 'email_activity', raw.event_id, _dlt_load_id
from behind
inner join mailchimp.raw.email_activity as raw
    on mailing_event_key = concat_ws(' ', list_id, campaign_id, raw.action, raw.timestamp::timestamp)
union all
select mailing_event_key, 'mailchimp', 'unsubscribes', concat_ws(' ', raw.campaign_id, raw.timestamp::timestamp),
    _dlt_load_id
from behind
inner join mailchimp.raw.unsubscribes as raw
    on mailing_event_key = concat_ws(' ', list_id, campaign_id, 'unsubscribe', raw.timestamp::timestamp)
