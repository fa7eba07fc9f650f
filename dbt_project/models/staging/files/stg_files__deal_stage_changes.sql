with

source as (

    select * from {{ source('files', 'deal_stage_changes') }}

),

renamed as (

    select
        cast(deal_id as varchar) as deal_id,
        cast(stage as varchar) as stage,
        cast(changed_at as timestamp) as changed_at
    from source

)

select * from renamed
