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

distinct_sightings as (

    select * from sightings
    where place = 1

),

-- How many addresses web events tell of a record, its own aside.
brought as (

    select record_number, identifier_type, count(*) as identifiers
    from distinct_sightings
    where rule = 'web_event'
    group by record_number, identifier_type

),

ruled as (

    select
        distinct_sightings.*,
        coalesce(rules.is_binding, false) as is_binding,
        rules.max_people,
        coalesce(distinct_sightings.rule = 'web_event' and brought.identifiers > rules.max_per_record, false) as is_beyond_record
    from distinct_sightings
    left join brought
        on
            distinct_sightings.record_number = brought.record_number
            and distinct_sightings.identifier_type = brought.identifier_type
    left join {{ ref('identity_rules') }} as rules on distinct_sightings.identifier_type = rules.identifier_type

),

shared as (

    select identifier, count(distinct case when not is_beyond_record then merged_number end) as people
    from ruled
    group by identifier

),

judged as (

    select
        ruled.source,
        ruled.source_person_id,
        ruled.record_number,
        ruled.merged_number,
        ruled.identifier_type,
        ruled.identifier,
        ruled.rule,
        ruled.seen_at as first_seen_at,
        case
            when ruled.is_beyond_record then 'too_many_of_record'
            when shared.people = 1 then cast(null as {{ dbt.type_string() }})
            when not ruled.is_binding then 'does_not_bind'
            when shared.people > ruled.max_people then 'too_many_people'
        end as refusal_reason
    from ruled
    inner join shared on ruled.identifier = shared.identifier

)

select
    *,
    refusal_reason is null as is_bound
from judged
