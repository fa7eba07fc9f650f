with

performance as (

    select * from {{ ref('int_performance__unioned') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

summed as (

    select
        activity_date,
        campaign_key,
        cast(sum(spend_reporting) as decimal(18, 2)) as spend_reporting,
        cast(sum(unconverted_spend_rows) as bigint) as unconverted_spend_rows,
        cast(sum(impressions) as bigint) as impressions,
        cast(sum(clicks) as bigint) as clicks,
        cast(sum(platform_conversions) as decimal(18, 2)) as platform_conversions,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(engaged_sessions) as bigint) as engaged_sessions,
        cast(sum(leads) as bigint) as leads,
        cast(sum(qualified_leads) as bigint) as qualified_leads,
        cast(sum(opportunities) as bigint) as opportunities,
        cast(sum(customers) as bigint) as customers,
        cast(sum(won_deals) as bigint) as won_deals,
        cast(sum(revenue) as decimal(18, 2)) as revenue,
        cast(sum(attributed_revenue) as decimal(18, 2)) as attributed_revenue
    from performance
    group by activity_date, campaign_key

),

divided as (

    select
        {{ surrogate_key(['summed.activity_date', 'summed.campaign_key']) }} as campaign_performance_key,
        campaigns.platform,
        coalesce(campaigns.campaign_name, summed.campaign_key) as campaign_name,
        campaigns.channel,
        summed.*,
        {{ performance_ratios() }}
    from summed
    left join campaigns
        on campaigns.campaign_key = summed.campaign_key

)

select * from divided
