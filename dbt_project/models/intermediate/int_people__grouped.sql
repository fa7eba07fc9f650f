-- Which records are one person: groups of one email, joined by the links between them.
with

records as (

    select
        source,
        source_person_id,
        normalised_email,
        row_number() over (order by created_at asc nulls last, source asc, source_person_id asc) as record_number
    from {{ ref('int_people__unioned') }}

),

-- Grouping by email first keeps the search below small: an address shared by thousands is one group, not millions of pairs.
email_groups as (

    select
        source,
        source_person_id,
        record_number,
        case
            when normalised_email is null then record_number
            else min(record_number) over (partition by normalised_email)
        end as group_number
    from records

),

-- The macro below reads `both_ways`.
links as (

    select distinct one.group_number, other.group_number as linked_group_number
    from {{ ref('int_identities__linked') }} as links
    inner join email_groups as one
        on links.source = one.source and links.source_person_id = one.source_person_id
    inner join email_groups as other
        on links.linked_source = other.source and links.linked_source_person_id = other.source_person_id
    where one.group_number <> other.group_number

),

both_ways as ( -- noqa: ST03

    select group_number, linked_group_number from links
    union
    select linked_group_number, group_number from links

),

reached as (

    {{ reached('both_ways', one='group_number', other='linked_group_number') }}

),

first_groups as (

    select group_number, min(linked_group_number) as first_group_number
    from reached
    group by group_number

),

components as (

    select
        email_groups.source,
        email_groups.source_person_id,
        email_groups.record_number,
        least(
            email_groups.group_number, coalesce(first_groups.first_group_number, email_groups.group_number)
        ) as component_number
    from email_groups
    left join first_groups on email_groups.group_number = first_groups.group_number

),

-- The number of a component is that of its earliest record: record numbers follow creation.
keyed as (

    select
        components.source,
        components.source_person_id,
        {{ surrogate_key(['earliest.source', 'earliest.source_person_id']) }} as person_key
    from components
    inner join records as earliest on components.component_number = earliest.record_number

)

select * from keyed
