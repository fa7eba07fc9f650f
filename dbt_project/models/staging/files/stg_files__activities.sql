with

source as (

    select * from {{ source('files', 'activities') }}

),

renamed as (

    select
        cast(activity_id as varchar) as activity_id,
        cast(person_id as varchar) as person_id,
        cast(deal_id as varchar) as deal_id,
        cast(owner_id as varchar) as owner_id,
        cast(activity_type as varchar) as activity_type,
        cast(occurred_at as timestamp) as occurred_at,
        coalesce(direction, 'outbound') as direction,
        coalesce(status, 'completed') as status,
        cast(is_automated as boolean) as is_automated,
        cast(outcome as varchar) as outcome
    from source

)

select * from renamed
