with

source as (

    select * from {{ source('files', 'web_events') }}

),

renamed as (

    select
        cast(event_id as {{ dbt.type_string() }}) as event_id,
        cast(visitor_id as {{ dbt.type_string() }}) as visitor_id,
        case when trim(person_id) <> '' then cast(person_id as {{ dbt.type_string() }}) end as person_id,
        cast(email as {{ dbt.type_string() }}) as email,
        cast(occurred_at as timestamp) as occurred_at,
        cast(event_name as {{ dbt.type_string() }}) as event_name,
        cast(url as {{ dbt.type_string() }}) as url,
        cast(referrer as {{ dbt.type_string() }}) as referrer,
        cast(source as {{ dbt.type_string() }}) as source,
        cast(medium as {{ dbt.type_string() }}) as medium,
        cast(campaign as {{ dbt.type_string() }}) as campaign,
        cast(click_id as {{ dbt.type_string() }}) as click_id
    from source

)

select * from renamed
