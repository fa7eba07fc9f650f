with

source as (

    select * from {{ source('files', 'owners') }}

),

renamed as (

    select
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(full_name as {{ dbt.type_string() }}) as full_name,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(team as {{ dbt.type_string() }}) as team,
        cast(manager_id as {{ dbt.type_string() }}) as manager_id,
        cast(start_date as date) as start_date
    from source

)

select * from renamed
