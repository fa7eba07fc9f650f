with

source as (

    select * from {{ source('mailchimp', 'unsubscribes') }}

),

renamed as (

    select
        cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
        cast(list_id as {{ dbt.type_string() }}) as list_id,
        cast(email_address as {{ dbt.type_string() }}) as email,
        cast(timestamp as timestamp) as occurred_at,
        cast(reason as {{ dbt.type_string() }}) as reason
    from source

)

select * from renamed
where occurred_at < {{ as_of_end() }}
