with

source as (

    select * from {{ source('google_analytics', 'sessions_daily') }}

),

renamed as (

    select
        cast(property_id as {{ dbt.type_string() }}) as property_id,
        cast(date as date) as activity_date,
        cast(session_default_channel_group as {{ dbt.type_string() }}) as channel_group,
        cast(session_source as {{ dbt.type_string() }}) as source,
        cast(session_medium as {{ dbt.type_string() }}) as medium,
        cast(session_campaign_name as {{ dbt.type_string() }}) as campaign,
        cast(sessions as bigint) as sessions,
        cast(engaged_sessions as bigint) as engaged_sessions,
        cast(new_users as bigint) as new_users,
        cast(key_events as decimal(18, 2)) as key_events,
        cast(total_revenue as decimal(18, 2)) as revenue,
        cast(currency_code as {{ dbt.type_string() }}) as currency,
        cast(time_zone as {{ dbt.type_string() }}) as time_zone
    from source
    where cast(date as date) <= {{ as_of_date() }}

)

select * from renamed
