-- Every record with its number in order of creation, and the people that the CRM's merges make of them.
with

records as (

    select
        source,
        source_person_id,
        row_number() over (order by created_at asc nulls last, source asc, source_person_id asc) as record_number
    from {{ ref('int_people__unioned') }}

),

crm_merges as (

    select contact_id, survivor_contact_id
    from {{ ref('stg_hubspot__contact_merges') }}
    union
    select survivor_contact_id, survivor_contact_id
    from {{ ref('stg_hubspot__contact_merges') }}

),

-- The macro below reads `merged`.
merged as ( -- noqa: ST03

    select records.record_number, crm_merges.survivor_contact_id
    from crm_merges
    inner join records on records.source = 'hubspot' and crm_merges.contact_id = records.source_person_id

),

united as (

    {{ components('merged', node='record_number', hub='survivor_contact_id') }}

)

select
    records.source,
    records.source_person_id,
    records.record_number,
    coalesce(united.component, records.record_number) as merged_number
from records
left join united on records.record_number = united.node
