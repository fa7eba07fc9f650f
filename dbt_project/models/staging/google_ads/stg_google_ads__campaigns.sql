with

source as (

    select * from {{ source('google_ads', 'campaigns') }}

),

renamed as (

    select
        cast(customer_id as {{ dbt.type_string() }}) as account_id,
        cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
        name as campaign_name,
        lower(advertising_channel_type) as campaign_type,
        lower(status) as status,
        {{ dbt.safe_cast('substr(start_date_time, 1, 10)', 'date') }} as start_date,
        {{ dbt.safe_cast('substr(end_date_time, 1, 10)', 'date') }} as told_end_date
    from source

),

dated as (

    select
        account_id,
        campaign_id,
        campaign_name,
        campaign_type,
        status,
        start_date,
        -- Google writes "no end" as the last day it knows.
        case when told_end_date < date '2037-12-30' then told_end_date end as end_date
    from renamed

)

select * from dated
