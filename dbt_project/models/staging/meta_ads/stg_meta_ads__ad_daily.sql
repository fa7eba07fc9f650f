with

source as (

    select * from {{ source('meta_ads', 'ad_daily') }}

),

accounts as (

    select * from {{ ref('stg_meta_ads__accounts') }}

),

renamed as (

    select
        account_id,
        campaign_id,
        adset_id as ad_group_id,
        adset_name as ad_group_name,
        ad_id,
        ad_name,
        date_start as activity_date,
        cast(spend as decimal(18, 2)) as spend,
        impressions,
        clicks,
        reach,
        cast(leads + purchases as decimal(18, 2)) as platform_conversions,
        cast(purchase_value as decimal(18, 2)) as platform_conversion_value
    from source

),

priced as (

    select
        renamed.account_id,
        renamed.campaign_id,
        renamed.ad_group_id,
        renamed.ad_group_name,
        renamed.ad_id,
        renamed.ad_name,
        renamed.activity_date,
        renamed.spend,
        accounts.currency,
        renamed.impressions,
        renamed.clicks,
        renamed.reach,
        renamed.platform_conversions,
        renamed.platform_conversion_value
    from renamed
    left join accounts on renamed.account_id = accounts.account_id

)

select * from priced
