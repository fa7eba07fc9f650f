with

source as (

    select * from {{ source('files', 'stage_changes') }}

),

renamed as (

    select
        cast(person_id as varchar) as person_id,
        cast(stage as varchar) as stage,
        cast(changed_at as timestamp) as changed_at,
        cast(changed_by as varchar) as changed_by
    from source

)

select * from renamed
