with

spend as (

    select * from {{ ref('int_spend__unioned') }}

),

campaigns as (

    select * from {{ ref('int_campaigns__unioned') }}

),

channels as (

    select * from {{ ref('channels') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates__daily') }}

),

converted as (

    select
        {{ surrogate_key(['spend.campaign_key', 'spend.activity_date']) }} as spend_key,
        spend.activity_date,
        spend.platform,
        spend.account_id,
        spend.campaign_key,
        campaigns.channel,
        channels.is_offline,
        cast(coalesce(spend.spend, 0) as decimal(18, 2)) as spend,
        spend.currency,
        {{ in_reporting_currency('coalesce(spend.spend, 0)', 'fx_rates.fx_rate') }} as spend_reporting,
        fx_rates.fx_rate,
        fx_rates.quoted_on as fx_rate_date,
        fx_rates.is_derived as is_fx_rate_derived,
        {{ in_reporting_currency('coalesce(spend.spend, 0)', 'constant_rates.fx_rate') }} as spend_constant_currency,
        constant_rates.fx_rate as constant_fx_rate,
        cast(coalesce(spend.impressions, 0) as bigint) as impressions,
        cast(coalesce(spend.clicks, 0) as bigint) as clicks,
        cast(spend.reach as bigint) as reach,
        cast(coalesce(spend.platform_conversions, 0) as decimal(18, 2)) as platform_conversions,
        cast(coalesce(spend.platform_conversion_value, 0) as decimal(18, 2)) as platform_conversion_value
    from spend
    left join campaigns
        on campaigns.campaign_key = spend.campaign_key
    left join channels
        on channels.channel = campaigns.channel
    left join fx_rates
        on
            fx_rates.currency = spend.currency
            and fx_rates.rate_date = spend.activity_date
    left join fx_rates as constant_rates
        on
            constant_rates.currency = spend.currency
            and constant_rates.rate_date = {{ constant_currency_date() }}

)

select * from converted
