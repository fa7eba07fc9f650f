with

source as (

    select * from {{ source('files', 'web_events') }}

),

renamed as (

    select
        cast(event_id as varchar) as event_id,
        cast(visitor_id as varchar) as visitor_id,
        cast(person_id as varchar) as person_id,
        cast(email as varchar) as email,
        cast(occurred_at as timestamp) as occurred_at,
        cast(event_name as varchar) as event_name,
        cast(url as varchar) as url,
        cast(referrer as varchar) as referrer,
        cast(source as varchar) as source,
        cast(medium as varchar) as medium,
        cast(campaign as varchar) as campaign,
        cast(click_id as varchar) as click_id
    from source

)

select * from renamed
