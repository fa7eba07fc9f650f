with

source as (

    select * from {{ source('files', 'touches') }}

),

renamed as (

    select
        cast(touch_id as {{ dbt.type_string() }}) as touch_id,
        case when trim(person_id) <> '' then cast(person_id as {{ dbt.type_string() }}) end as person_id,
        cast(touched_at as timestamp) as touched_at,
        cast(touch_type as {{ dbt.type_string() }}) as touch_type,
        cast(source as {{ dbt.type_string() }}) as source,
        cast(medium as {{ dbt.type_string() }}) as medium,
        cast(campaign as {{ dbt.type_string() }}) as campaign,
        coalesce(department, 'marketing') as department
    from source

)

select * from renamed
