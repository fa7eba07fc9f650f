-- The visitor and click ids of each record once more: which of them make records one person, when the people of a whole
-- chain of them are counted.
with

visited as (

    select
        *,
        min(addressed_number) over (partition by identifier_type, identifier)
        <> max(addressed_number) over (partition by identifier_type, identifier) as is_shared
    from {{ ref('int_identities__visited') }}

),

-- The macro below reads `bound`.
bound as ( -- noqa: ST03

    select distinct addressed_number, identifier_type || ':' || identifier as identifier
    from visited
    where is_bound and is_shared

),

united as (

    {{ components('bound', node='addressed_number', hub='identifier') }}

),

people as (

    select distinct addressed_number, has_email
    from {{ ref('int_people__addressed') }}

),

chains as (

    select
        united.component,
        count(*) as people,
        count(case when people.has_email then 1 end) as people_with_email
    from united
    inner join people on united.node = people.addressed_number
    group by united.component

),

judged as (

    select
        visited.source,
        visited.source_person_id,
        visited.record_number,
        visited.addressed_number,
        visited.identifier_type,
        visited.identifier,
        visited.rule,
        visited.first_seen_at,
        case
            when not visited.is_bound then visited.refusal_reason
            when not visited.is_shared then cast(null as {{ dbt.type_string() }})
            when chains.people > rules.max_people_chained then 'chain_of_too_many_people'
            when chains.people_with_email > rules.max_people_with_email then 'chain_of_too_many_people_with_email'
        end as refusal_reason
    from visited
    left join united on visited.addressed_number = united.node
    left join chains on united.component = chains.component
    left join {{ ref('identity_rules') }} as rules on visited.identifier_type = rules.identifier_type

)

select
    *,
    refusal_reason is null as is_bound
from judged
