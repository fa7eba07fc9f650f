-- Every record of any source with the person it belongs to: the only door from a source's person to ours.
with

records as (

    select
        people.*,
        grouped.person_key
    from {{ ref('int_people__unioned') }} as people
    inner join {{ ref('int_people__grouped') }} as grouped
        on people.source = grouped.source and people.source_person_id = grouped.source_person_id

),

reasons as (

    select records.person_key, rules.reason
    from records
    inner join {{ ref('person_exclusion_rules') }} as rules
        on
            {{ matches(
                "case rules.field
                    when 'email_domain' then records.email_domain
                    when 'email_local_part' then records.email_local_part
                    when 'full_name' then lower(trim(records.full_name))
                    when 'company_name' then lower(trim(records.company_name))
                end",
                'rules.pattern'
            ) }}
    union all
    select person_key, 'test' from records where is_test

),

-- One excluded record excludes the person.
excluded as (

    select person_key, max(reason) as exclusion_reason
    from reasons
    group by person_key

)

select
    records.source,
    records.source_person_id,
    records.person_key,
    excluded.person_key is not null as is_excluded,
    excluded.exclusion_reason
from records
left join excluded on records.person_key = excluded.person_key
