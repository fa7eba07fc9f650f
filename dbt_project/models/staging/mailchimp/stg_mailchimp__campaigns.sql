-- Mailchimp forgets deleted campaigns, but not their reports and what their recipients did: those campaigns stay.
with

campaigns as (

    select * from {{ source('mailchimp', 'campaigns') }}

),

reports as (

    select * from {{ source('mailchimp', 'reports') }}

),

joined as (

    select
        cast(reports.campaign_id as {{ dbt.type_string() }}) as campaign_id,
        cast(reports.list_id as {{ dbt.type_string() }}) as list_id,
        cast(coalesce(campaigns.title, reports.campaign_title) as {{ dbt.type_string() }}) as campaign_name,
        cast(coalesce(campaigns.subject_line, reports.subject_line) as {{ dbt.type_string() }}) as subject,
        cast(campaigns.google_analytics as {{ dbt.type_string() }}) as utm_campaign,
        cast(reports.send_time as timestamp) as sent_at,
        cast(reports.emails_sent as bigint) as emails_sent,
        cast(reports.hard_bounces as bigint) as hard_bounces,
        cast(reports.soft_bounces as bigint) as soft_bounces,
        cast(reports.unsubscribed as bigint) as unsubscribed,
        cast(reports.abuse_reports as bigint) as abuse_reports
    from reports
    left join campaigns on reports.campaign_id = campaigns.campaign_id

)

select * from joined
where sent_at < {{ as_of_end() }}
