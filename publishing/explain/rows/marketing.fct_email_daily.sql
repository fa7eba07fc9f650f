-- Mailings, and each thing that a recipient did with one.
select
    business_date(sent_at) as activity_date, emails_sent as sent,
    emails_sent - coalesce(hard_bounces, 0) - coalesce(soft_bounces, 0) as delivered,
    concat_ws(' ', list_id, campaign_id, 'sent', sent_at) as mailing_event_key
from build.staging.stg_mailchimp__campaigns
union all by name
select
    business_date(occurred_at) as activity_date,
    if(action = 'open' and not is_machine, 1, 0) as human_opens,
    if(action = 'open' and not is_machine and occurrence = 1, 1, 0) as human_openers,
    if(action = 'open' and is_machine, 1, 0) as machine_opens,
    if(action = 'click' and not is_machine, 1, 0) as clicks,
    if(action = 'click' and not is_machine and occurrence = 1, 1, 0) as clickers,
    if(action = 'unsubscribe', 1, 0) as unsubscribes,
    if(action = 'bounce', 1, 0) as bounces,
    concat_ws(' ', list_id, campaign_id, action, occurred_at) as mailing_event_key
from build.intermediate.int_email_events__classified
