with

source as (

    select * from {{ source('google_ads', 'clicks') }}

),

renamed as (

    select
        gclid as click_id,
        cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
        cast(customer_id as {{ dbt.type_string() }}) as account_id,
        segments_date as click_date
    from source

)

select * from renamed
