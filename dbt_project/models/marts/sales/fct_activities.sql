with

activities as (

    select
        activities.*,
        people_resolved.person_key,
        coalesce(people_resolved.is_excluded, false) as is_excluded
    from {{ ref('int_activities__unioned') }} as activities
    left join {{ ref('int_people__resolved') }} as people_resolved
        on
            activities.source = people_resolved.source
            and activities.source_person_id = people_resolved.source_person_id
    where activities.deleted_at is null

),

-- An activity with several people stands once, under the one known longest; with nobody but test records, not at all.
numbered as (

    select
        *,
        row_number() over (
            partition by activity_key
            order by person_key is null, length(source_person_id), source_person_id
        ) as place
    from activities
    where not is_excluded

)

select
    numbered.activity_key,
    numbered.source,
    numbered.person_key,
    deals.deal_key,
    owners.owner_key,
    numbered.activity_type,
    numbered.occurred_at,
    {{ business_date('numbered.occurred_at') }} as activity_date,
    numbered.direction,
    numbered.status,
    numbered.is_automated,
    outcomes.outcome
from numbered
left join {{ ref('fct_deals') }} as deals
    on
        numbered.source = deals.source
        and numbered.source_deal_id = deals.source_deal_id
left join {{ ref('int_owners__resolved') }} as owners
    on
        numbered.source = owners.source
        and numbered.source_owner_id = owners.source_owner_id
left join {{ ref('int_activity_outcomes__mapped') }} as outcomes
    on
        numbered.source = outcomes.source
        and lower(trim(numbered.outcome)) = outcomes.source_outcome
where numbered.place = 1
