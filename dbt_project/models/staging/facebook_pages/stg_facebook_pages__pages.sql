with

source as (

    select * from {{ source('facebook_pages', 'pages') }}

),

renamed as (

    select
        cast(page_id as {{ dbt.type_string() }}) as page_id,
        cast(name as {{ dbt.type_string() }}) as page_name,
        cast(instagram_id as {{ dbt.type_string() }}) as instagram_id,
        cast(instagram_username as {{ dbt.type_string() }}) as instagram_name
    from source

)

select * from renamed
