with

source as (

    select * from {{ source('files', 'people') }}

),

renamed as (

    select
        cast(person_id as varchar) as person_id,
        cast(email as varchar) as email,
        cast(full_name as varchar) as full_name,
        cast(company as varchar) as company,
        cast(country as varchar) as country,
        cast(segment as varchar) as segment,
        cast(created_at as timestamp) as created_at,
        cast(source as varchar) as source,
        cast(medium as varchar) as medium,
        cast(campaign as varchar) as campaign,
        cast(owner_id as varchar) as owner_id,
        cast(referred_by_person_id as varchar) as referred_by_person_id,
        cast(is_test as boolean) as is_test
    from source

)

select * from renamed
