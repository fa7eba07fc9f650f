-- Every identifier of every record, whether it makes records one person, and if not, why: what explains every join.
with

people as (

    select source, source_person_id, created_at
    from {{ ref('int_people__unioned') }}

),

crm_merges as (

    select contact_id, survivor_contact_id
    from {{ ref('stg_hubspot__contact_merges') }}
    union
    select survivor_contact_id, survivor_contact_id
    from {{ ref('stg_hubspot__contact_merges') }}

),

judged as (

    select
        source,
        source_person_id,
        'record_id' as identifier_type,
        source || '|' || source_person_id as identifier,
        'record' as rule,
        created_at as first_seen_at,
        cast(null as {{ dbt.type_string() }}) as refusal_reason
    from people
    union all
    -- The CRM does not tell when it merged.
    select
        people.source,
        people.source_person_id,
        'crm_merge' as identifier_type,
        people.source || '|' || crm_merges.survivor_contact_id as identifier,
        'crm' as rule,
        cast(null as timestamp) as first_seen_at,
        cast(null as {{ dbt.type_string() }}) as refusal_reason
    from people
    inner join crm_merges on people.source = 'hubspot' and people.source_person_id = crm_merges.contact_id
    union all
    select source, source_person_id, identifier_type, identifier, rule, first_seen_at, refusal_reason
    from {{ ref('int_identities__addressed') }}
    union all
    select source, source_person_id, identifier_type, identifier, rule, first_seen_at, refusal_reason
    from {{ ref('int_identities__chained') }}

)

select
    *,
    refusal_reason is null as is_bound
from judged
