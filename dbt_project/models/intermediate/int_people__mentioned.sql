-- Ids that other tables mention: a purged contact, or a person without a row of their own, is still somebody.
with

mentions as (

    select 'hubspot' as source, contact_id as source_person_id, changed_at as seen_at
    from {{ ref('stg_hubspot__contact_history') }}
    union all
    select 'hubspot', contact_id, created_at from {{ ref('stg_hubspot__leads') }}
    union all
    select 'hubspot', contact_id, occurred_at from {{ ref('stg_hubspot__activities') }}
    union all
    select 'hubspot', deal_contacts.contact_id, deals.created_at
    from {{ ref('stg_hubspot__deal_contacts') }} as deal_contacts
    inner join {{ ref('stg_hubspot__deals') }} as deals on deal_contacts.deal_id = deals.deal_id
    union all
    select 'hubspot', contact_id, cast(null as timestamp) from {{ ref('stg_hubspot__contact_merges') }}
    union all
    select 'files', person_id, changed_at from {{ ref('stg_files__stage_changes') }}
    union all
    select 'files', person_id, touched_at from {{ ref('stg_files__touches') }}
    union all
    select 'files', person_id, coalesce(created_at, closed_at) from {{ ref('stg_files__deals') }}
    union all
    select 'files', person_id, occurred_at from {{ ref('stg_files__activities') }}
    union all
    select 'files', person_id, occurred_at from {{ ref('stg_files__web_events') }}
    union all
    select 'files', person_id, cast(started_at as timestamp) from {{ ref('stg_files__subscriptions') }}

)

select source, source_person_id, min(seen_at) as first_seen_at
from mentions
where source_person_id is not null and (seen_at < {{ as_of_end() }} or seen_at is null)
group by source, source_person_id
