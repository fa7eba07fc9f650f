-- Who recommended whom, and who had recommended them. Four doublings follow chains of up to 16 people; a circle is
-- followed round once, so that it ends.
with

told as (

    select
        people.person_key,
        case when not referrers.is_excluded then referrers.person_key end as referrer_person_key,
        row_number() over (
            partition by people.person_key
            order by records.created_at asc nulls last, records.source asc, records.source_person_id asc
        ) as place
    from {{ ref('int_people__unioned') }} as records
    inner join {{ ref('int_people__resolved') }} as people
        on
            records.source = people.source
            and records.source_person_id = people.source_person_id
    left join {{ ref('int_people__resolved') }} as referrers
        on
            records.source = referrers.source
            and records.referred_by_source_person_id = referrers.source_person_id
    where
        records.referred_by_source_person_id is not null
        and not people.is_excluded
        and people.person_key is distinct from referrers.person_key

),

-- Who is told to come by several people comes by the one that the earliest record names.
direct as (

    select
        person_key,
        referrer_person_key,
        1 as depth
    from told
    where place = 1

),

chains_0 as (

    select * from direct
    where referrer_person_key is not null

),
{%- for step in range(4) %}

    chains_{{ step + 1 }} as (

        select
            person_key,
            referrer_person_key,
            min(depth) as depth
        from (
            select * from chains_{{ step }}
            union all
            select
                near.person_key,
                far.referrer_person_key,
                near.depth + far.depth as depth
            from chains_{{ step }} as near
            inner join chains_{{ step }} as far
                on near.referrer_person_key = far.person_key
        ) as doubled
        group by person_key, referrer_person_key

    ),
{%- endfor %}

unioned as (

    select * from chains_4
    union all
    select * from direct
    where referrer_person_key is null

)

select
    person_key,
    referrer_person_key,
    cast(depth as integer) as depth,
    coalesce(person_key = referrer_person_key, false) as is_circular
from unioned
