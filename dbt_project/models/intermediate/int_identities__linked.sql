-- Pairs of records that are one person for another reason than their own email.
with

crm_merges as (

    select
        'hubspot' as source,
        contact_id as source_person_id,
        'hubspot' as linked_source,
        survivor_contact_id as linked_source_person_id,
        'merge' as reason
    from {{ ref('stg_hubspot__contact_merges') }}

),

-- A web event that carries both an id and an email binds the two.
web_events as (

    select distinct
        'files' as source,
        events.person_id as source_person_id,
        people.source as linked_source,
        people.source_person_id as linked_source_person_id,
        'web_event' as reason
    from {{ ref('stg_files__web_events') }} as events
    inner join {{ ref('int_identities__normalised') }} as emails on events.email = emails.email
    inner join {{ ref('int_people__unioned') }} as people on emails.normalised_email = people.normalised_email
    where events.person_id is not null and events.occurred_at < {{ as_of_end() }}

)

select * from crm_merges
union all
select * from web_events
