with

source as (

    select * from {{ source('files', 'touches') }}

),

renamed as (

    select
        cast(touch_id as varchar) as touch_id,
        cast(person_id as varchar) as person_id,
        cast(touched_at as timestamp) as touched_at,
        cast(touch_type as varchar) as touch_type,
        cast(source as varchar) as source,
        cast(medium as varchar) as medium,
        cast(campaign as varchar) as campaign,
        coalesce(department, 'marketing') as department
    from source

)

select * from renamed
