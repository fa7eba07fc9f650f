-- Which records are one person, by all that joins them: CRM merges, addresses, visitor ids and click ids.
with

people as (

    select * from {{ ref('int_people__addressed') }}

),

-- The macro below reads `bound`.
bound as ( -- noqa: ST03

    select distinct addressed_number, identifier_type || ':' || identifier as identifier
    from {{ ref('int_identities__chained') }}
    where is_bound

),

united as (

    {{ components('bound', node='addressed_number', hub='identifier') }}

),

-- The number of a component is that of its earliest record: record numbers follow creation.
grouped as (

    select
        people.source,
        people.source_person_id,
        coalesce(united.component, people.addressed_number) as person_number
    from people
    left join united on people.addressed_number = united.node

),

keyed as (

    select
        grouped.source,
        grouped.source_person_id,
        {{ record_key('earliest.source', 'earliest.source_person_id', 'salts.salt') }} as person_key
    from grouped
    inner join people as earliest on grouped.person_number = earliest.record_number
    cross join {{ ref('stg_identity__salts') }} as salts

)

select * from keyed
