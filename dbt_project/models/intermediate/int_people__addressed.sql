-- Every record with the person that CRM merges and addresses make of it.
with

numbered as (

    select * from {{ ref('int_people__numbered') }}

),

-- The macro below reads `bound`.
bound as (

    select distinct merged_number, identifier
    from {{ ref('int_identities__addressed') }}
    where is_bound

),

united as (

    {{ components('bound', node='merged_number', hub='identifier') }}

),

people as (

    select
        numbered.source,
        numbered.source_person_id,
        numbered.record_number,
        numbered.merged_number,
        coalesce(united.component, numbered.merged_number) as addressed_number
    from numbered
    left join united on numbered.merged_number = united.node

),

with_email as (

    select distinct people.addressed_number
    from people
    inner join bound on people.merged_number = bound.merged_number

)

select
    people.source,
    people.source_person_id,
    people.record_number,
    people.addressed_number,
    with_email.addressed_number is not null as has_email
from people
left join with_email on people.addressed_number = with_email.addressed_number
