with

words as (

    select
        source,
        lower(trim(outcome)) as source_outcome,
        count(distinct activity_key) as activities
    from {{ ref('int_activities__unioned') }}
    where nullif(trim(outcome), '') is not null
    group by source, lower(trim(outcome))

),

activity_outcome_map as (

    select * from {{ ref('activity_outcome_map') }}

),

-- The files may also use our own words.
vocabulary as (

    select distinct
        'files' as source,
        outcome
    from activity_outcome_map

),

mapped as (

    select
        words.source,
        words.source_outcome,
        coalesce(activity_outcome_map.outcome, vocabulary.outcome, 'unmapped') as outcome,
        words.activities
    from words
    left join activity_outcome_map
        on
            words.source = activity_outcome_map.crm
            and words.source_outcome = activity_outcome_map.crm_outcome
    left join vocabulary
        on
            words.source = vocabulary.source
            and replace(replace(words.source_outcome, ' ', '_'), '-', '_') = vocabulary.outcome

)

select * from mapped
