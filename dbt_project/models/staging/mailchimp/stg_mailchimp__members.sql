with

source as (

    select * from {{ source('mailchimp', 'members') }}

),

renamed as (

    select
        cast(list_id as {{ dbt.type_string() }}) as list_id,
        cast(email_id as {{ dbt.type_string() }}) as member_id,
        cast(email_address as {{ dbt.type_string() }}) as email,
        cast(full_name as {{ dbt.type_string() }}) as full_name,
        cast(status as {{ dbt.type_string() }}) as status,
        cast(coalesce(timestamp_signup, timestamp_opt) as timestamp) as joined_at,
        cast(last_changed as timestamp) as changed_at
    from source

)

select * from renamed
where joined_at is null or joined_at < {{ as_of_end() }}
