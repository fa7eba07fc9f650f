with

calls as (

    select
        id as activity_id,
        'call' as activity_type,
        hubspot_owner_id,
        {{ hubspot_timestamp('hs_timestamp') }} as occurred_at,
        case when hs_call_direction = 'INBOUND' then 'inbound' else 'outbound' end as direction,
        case
            when hs_call_status is null or hs_call_status in ('', 'COMPLETED') then 'completed'
            when hs_call_status in ('NO_ANSWER', 'MISSED', 'BUSY', 'FAILED') then 'failed'
            when hs_call_status = 'CANCELED' then 'canceled'
            else 'scheduled'
        end as status,
        coalesce(nullif(hs_call_disposition, ''), hs_call_status) as outcome,
        hs_object_source,
        archived,
        archived_at
    from {{ source('hubspot', 'calls') }}

),

meetings as (

    select
        id as activity_id,
        'meeting' as activity_type,
        hubspot_owner_id,
        coalesce(
            {{ hubspot_timestamp('hs_meeting_start_time') }}, {{ hubspot_timestamp('hs_timestamp') }}
        ) as occurred_at,
        'outbound' as direction,
        case
            when hs_meeting_outcome = 'COMPLETED' then 'completed'
            when hs_meeting_outcome = 'NO_SHOW' then 'no_show'
            when hs_meeting_outcome = 'CANCELED' then 'canceled'
            else 'scheduled'
        end as status,
        hs_meeting_outcome as outcome,
        hs_object_source,
        archived,
        archived_at
    from {{ source('hubspot', 'meetings') }}

),

emails as (

    select
        id as activity_id,
        'email' as activity_type,
        hubspot_owner_id,
        {{ hubspot_timestamp('hs_timestamp') }} as occurred_at,
        -- A forwarded email brings what the prospect wrote into the CRM.
        case
            when hs_email_direction in ('INCOMING_EMAIL', 'FORWARDED_EMAIL') then 'inbound' else 'outbound'
        end as direction,
        case
            when hs_email_status is null or hs_email_status in ('', 'SENT') then 'completed'
            when hs_email_status in ('FAILED', 'BOUNCED') then 'failed'
            else 'scheduled'
        end as status,
        hs_email_status as outcome,
        hs_object_source,
        archived,
        archived_at
    from {{ source('hubspot', 'emails') }}

),

tasks as (

    select
        id as activity_id,
        'task' as activity_type,
        hubspot_owner_id,
        {{ hubspot_timestamp('hs_timestamp') }} as occurred_at,
        'outbound' as direction,
        case when hs_task_status = 'COMPLETED' then 'completed' else 'scheduled' end as status,
        cast(null as {{ dbt.type_string() }}) as outcome,
        hs_object_source,
        archived,
        archived_at
    from {{ source('hubspot', 'tasks') }}

),

activities as (

    select * from calls
    union all
    select * from meetings
    union all
    select * from emails
    union all
    select * from tasks

),

contacts as (

    select 'call' as activity_type, call_id as activity_id, contact_id from {{ source('hubspot', 'call_contacts') }}
    union all
    select 'meeting', meeting_id, contact_id from {{ source('hubspot', 'meeting_contacts') }}
    union all
    select 'email', email_id, contact_id from {{ source('hubspot', 'email_contacts') }}
    union all
    select 'task', task_id, contact_id from {{ source('hubspot', 'task_contacts') }}

),

deals as (

    select 'call' as activity_type, call_id as activity_id, deal_id from {{ source('hubspot', 'call_deals') }}
    union all
    select 'meeting', meeting_id, deal_id from {{ source('hubspot', 'meeting_deals') }}
    union all
    select 'email', email_id, deal_id from {{ source('hubspot', 'email_deals') }}
    union all
    select 'task', task_id, deal_id from {{ source('hubspot', 'task_deals') }}

),

first_deals as (

    select
        activity_type,
        activity_id,
        deal_id,
        row_number() over (partition by activity_type, activity_id order by length(deal_id), deal_id) as place
    from deals

),

joined as (

    select
        activities.activity_id,
        activities.activity_type,
        contacts.contact_id,
        first_deals.deal_id,
        nullif(activities.hubspot_owner_id, '') as owner_id,
        activities.occurred_at,
        activities.direction,
        activities.status,
        nullif(activities.outcome, '') as outcome,
        activities.hs_object_source as source_type,
        activities.archived as is_archived,
        cast(activities.archived_at as timestamp) as archived_at
    from activities
    left join contacts
        on activities.activity_type = contacts.activity_type and activities.activity_id = contacts.activity_id
    left join first_deals
        on
            activities.activity_type = first_deals.activity_type
            and activities.activity_id = first_deals.activity_id
            and first_deals.place = 1

)

select * from joined
