with

source as (

    select * from {{ source('files', 'people') }}

),

renamed as (

    select
        cast(person_id as {{ dbt.type_string() }}) as person_id,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(full_name as {{ dbt.type_string() }}) as full_name,
        cast(company as {{ dbt.type_string() }}) as company,
        cast(country as {{ dbt.type_string() }}) as country,
        cast(segment as {{ dbt.type_string() }}) as segment,
        cast(created_at as timestamp) as created_at,
        cast(source as {{ dbt.type_string() }}) as source,
        cast(medium as {{ dbt.type_string() }}) as medium,
        cast(campaign as {{ dbt.type_string() }}) as campaign,
        cast(owner_id as {{ dbt.type_string() }}) as owner_id,
        cast(referred_by_person_id as {{ dbt.type_string() }}) as referred_by_person_id,
        cast(is_test as boolean) as is_test
    from source

)

select * from renamed
