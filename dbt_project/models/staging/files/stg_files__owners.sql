with

source as (

    select * from {{ source('files', 'owners') }}

),

renamed as (

    select
        cast(owner_id as varchar) as owner_id,
        cast(full_name as varchar) as full_name,
        cast(email as varchar) as email,
        cast(team as varchar) as team,
        cast(manager_id as varchar) as manager_id,
        cast(start_date as date) as start_date
    from source

)

select * from renamed
