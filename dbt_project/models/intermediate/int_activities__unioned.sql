with

unioned as (

    select
        'hubspot' as source,
        activities.activity_type || ':' || activities.activity_id as source_activity_id,
        activities.contact_id as source_person_id,
        activities.deal_id as source_deal_id,
        activities.owner_id as source_owner_id,
        activities.activity_type,
        activities.occurred_at,
        activities.direction,
        activities.status,
        not coalesce(change_sources.is_human_activity, true) as is_automated,
        activities.outcome,
        case when activities.is_archived then coalesce(activities.archived_at, activities.occurred_at) end as deleted_at
    from {{ ref('stg_hubspot__activities') }} as activities
    left join {{ ref('change_sources') }} as change_sources
        on lower(trim(activities.source_type)) = change_sources.source_type
    union all
    select
        'files' as source,
        activity_id as source_activity_id,
        person_id as source_person_id,
        deal_id as source_deal_id,
        owner_id as source_owner_id,
        activity_type,
        occurred_at,
        direction,
        status,
        is_automated,
        outcome,
        cast(null as timestamp) as deleted_at
    from {{ ref('stg_files__activities') }}

),

known as (

    select
        {{ surrogate_key(['source', 'source_activity_id']) }} as activity_key,
        source,
        source_activity_id,
        source_person_id,
        source_deal_id,
        source_owner_id,
        lower(trim(activity_type)) as activity_type,
        occurred_at,
        lower(trim(direction)) as direction,
        lower(trim(status)) as status,
        coalesce(is_automated, false) as is_automated,
        outcome,
        case when deleted_at < {{ as_of_end() }} then deleted_at end as deleted_at
    from unioned
    where occurred_at < {{ as_of_end() }}

)

select * from known
