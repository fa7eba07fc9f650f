-- Which addresses each record goes by, and which of them make records one person: judged by the people of CRM merges.
with

numbered as (

    select * from {{ ref('int_people__numbered') }}

),

told as (

    select
        source,
        source_person_id,
        normalised_email,
        'record' as rule,
        created_at as seen_at
    from {{ ref('int_people__unioned') }}
    where normalised_email is not null
    union all
    -- A web event that carries both an id and an address says that they are one's.
    select
        'files' as source,
        events.person_id as source_person_id,
        emails.normalised_email,
        'web_event' as rule,
        events.occurred_at as seen_at
    from {{ ref('stg_files__web_events') }} as events
    inner join {{ ref('int_identities__normalised') }} as emails on events.email = emails.email
    where events.person_id is not null and events.occurred_at < {{ as_of_end() }}

),

sightings as (

    select
        numbered.source,
        numbered.source_person_id,
        numbered.record_number,
        numbered.merged_number,
        case when roles.local_part is null then 'email' else 'role_email' end as identifier_type,
        told.normalised_email as identifier,
        told.rule,
        told.seen_at,
        row_number() over (
            partition by numbered.record_number, told.normalised_email
            order by case told.rule when 'record' then 0 else 1 end, told.seen_at
        ) as place
    from told
    inner join numbered
        on told.source = numbered.source and told.source_person_id = numbered.source_person_id
    left join {{ ref('role_mailboxes') }} as roles
        on {{ dbt.split_part('told.normalised_email', "'@'", 1) }} = roles.local_part

),

shared as (

    select identifier, count(distinct merged_number) as people
    from sightings
    group by identifier

),

judged as (

    select
        sightings.source,
        sightings.source_person_id,
        sightings.record_number,
        sightings.merged_number,
        sightings.identifier_type,
        sightings.identifier,
        sightings.rule,
        sightings.seen_at as first_seen_at,
        case
            when shared.people = 1 then cast(null as {{ dbt.type_string() }})
            when not coalesce(rules.is_binding, false) then 'does_not_bind'
            when shared.people > rules.max_people then 'too_many_people'
        end as refusal_reason
    from sightings
    inner join shared on sightings.identifier = shared.identifier
    left join {{ ref('identity_rules') }} as rules on sightings.identifier_type = rules.identifier_type
    where sightings.place = 1

)

select
    *,
    refusal_reason is null as is_bound
from judged
