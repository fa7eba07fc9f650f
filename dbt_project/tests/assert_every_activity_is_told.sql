-- Every call, meeting, email and task that the tools tell is an activity here, once, but for deleted ones, those with
-- nobody but test records, and those still to come.
with

told as (

    select
        'hubspot' as source,
        activity_type || ':' || activity_id as source_activity_id,
        contact_id as source_person_id,
        lower(trim(activity_type)) as activity_type
    from {{ ref('stg_hubspot__activities') }}
    where
        occurred_at < {{ as_of_end() }}
        and (not is_archived or coalesce(archived_at, occurred_at) >= {{ as_of_end() }})
    union all
    select
        'files' as source,
        activity_id as source_activity_id,
        person_id as source_person_id,
        lower(trim(activity_type)) as activity_type
    from {{ ref('stg_files__activities') }}
    where occurred_at < {{ as_of_end() }}

),

expected as (

    select
        told.source,
        told.activity_type,
        count(distinct told.source_activity_id) as activities
    from told
    left join {{ ref('int_people__resolved') }} as people
        on
            told.source = people.source
            and told.source_person_id = people.source_person_id
    where not coalesce(people.is_excluded, false)
    group by told.source, told.activity_type

),

counted as (

    select
        source,
        activity_type,
        count(*) as activities
    from {{ ref('fct_activities') }}
    group by source, activity_type

)

select
    coalesce(expected.source, counted.source) as source,
    coalesce(expected.activity_type, counted.activity_type) as activity_type,
    expected.activities as told,
    counted.activities as counted
from expected
full outer join counted
    on
        expected.source = counted.source
        and expected.activity_type = counted.activity_type
where coalesce(expected.activities, 0) <> coalesce(counted.activities, 0)
