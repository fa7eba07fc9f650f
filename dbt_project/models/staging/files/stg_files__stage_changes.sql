with

source as (

    select * from {{ source('files', 'stage_changes') }}

),

renamed as (

    select
        cast(person_id as {{ dbt.type_string() }}) as person_id,
        cast(stage as {{ dbt.type_string() }}) as stage,
        cast(changed_at as timestamp) as changed_at,
        cast(changed_by as {{ dbt.type_string() }}) as changed_by
    from source

)

select * from renamed
