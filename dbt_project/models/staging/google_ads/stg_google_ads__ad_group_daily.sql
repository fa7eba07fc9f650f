with

source as (

    select * from {{ source('google_ads', 'ad_group_daily') }}

),

accounts as (

    select * from {{ ref('stg_google_ads__accounts') }}

),

renamed as (

    select
        cast(customer_id as {{ dbt.type_string() }}) as account_id,
        cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
        cast(ad_group_id as {{ dbt.type_string() }}) as ad_group_id,
        ad_group_name,
        segments_date as activity_date,
        cast(cost_micros / 1000000.0 as decimal(18, 2)) as spend,
        impressions,
        clicks,
        cast(conversions as decimal(18, 2)) as platform_conversions,
        cast(conversions_value as decimal(18, 2)) as platform_conversion_value
    from source

),

priced as (

    select
        renamed.account_id,
        renamed.campaign_id,
        renamed.ad_group_id,
        renamed.ad_group_name,
        renamed.activity_date,
        renamed.spend,
        accounts.currency,
        renamed.impressions,
        renamed.clicks,
        -- Google tells reach only for some campaign types and never by day.
        cast(null as bigint) as reach,
        renamed.platform_conversions,
        renamed.platform_conversion_value
    from renamed
    left join accounts on renamed.account_id = accounts.account_id

)

select * from priced
