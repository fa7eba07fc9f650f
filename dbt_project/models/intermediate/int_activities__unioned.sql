with

unioned as (

    select
        'hubspot' as source,
        activity_type || ':' || activity_id as source_activity_id,
        contact_id as source_person_id,
        deal_id as source_deal_id,
        owner_id as source_owner_id,
        activity_type,
        occurred_at,
        direction,
        status,
        is_automated,
        outcome,
        case when is_archived then coalesce(archived_at, occurred_at) end as deleted_at
    from {{ ref('stg_hubspot__activities') }}
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
