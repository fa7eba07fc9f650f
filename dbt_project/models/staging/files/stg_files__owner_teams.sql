with

source as (

    select * from {{ source('files', 'owner_teams') }}

),

renamed as (

    select
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(valid_from as date) as valid_from,
        cast(team as {{ dbt.type_string() }}) as team
    from source

)

select * from renamed
