with

source as (

    select * from {{ source('files', 'deal_stage_changes') }}

),

renamed as (

    select
        cast(deal_id as {{ dbt.type_string() }}) as deal_id,
        cast(stage as {{ dbt.type_string() }}) as stage,
        cast(changed_at as timestamp) as changed_at
    from source

)

select * from renamed
