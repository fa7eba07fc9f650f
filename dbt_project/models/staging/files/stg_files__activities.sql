with

source as (

    select * from {{ source('files', 'activities') }}

),

renamed as (

    select
        cast(activity_id as {{ dbt.type_string() }}) as activity_id,
        cast(person_id as {{ dbt.type_string() }}) as person_id,
        cast(deal_id as {{ dbt.type_string() }}) as deal_id,
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(activity_type as {{ dbt.type_string() }}) as activity_type,
        cast(occurred_at as timestamp) as occurred_at,
        coalesce(direction, 'outbound') as direction,
        coalesce(status, 'completed') as status,
        cast(is_automated as boolean) as is_automated,
        cast(outcome as {{ dbt.type_string() }}) as outcome
    from source

)

select * from renamed
