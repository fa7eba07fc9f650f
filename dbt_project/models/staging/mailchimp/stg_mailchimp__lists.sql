with

source as (

    select * from {{ source('mailchimp', 'lists') }}

),

renamed as (

    select
        cast(list_id as {{ dbt.type_string() }}) as list_id,
        cast(name as {{ dbt.type_string() }}) as list_name,
        cast(date_created as timestamp) as created_at
    from source

)

select * from renamed
