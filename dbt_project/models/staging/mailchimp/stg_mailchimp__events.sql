with

source as (

    select * from {{ source('mailchimp', 'email_activity') }}

),

renamed as (

    select
        cast(event_id as {{ dbt.type_string() }}) as event_id,
        cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
        cast(list_id as {{ dbt.type_string() }}) as list_id,
        cast(email_address as {{ dbt.type_string() }}) as email,
        cast(action as {{ dbt.type_string() }}) as action,
        cast(timestamp as timestamp) as occurred_at,
        cast(url as {{ dbt.type_string() }}) as url,
        cast(ip as {{ dbt.type_string() }}) as ip,
        cast(bounce_type as {{ dbt.type_string() }}) as bounce_type
    from source

)

select * from renamed
where occurred_at < {{ as_of_end() }}
