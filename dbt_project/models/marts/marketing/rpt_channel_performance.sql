with

performance as (

    select * from {{ ref('int_performance__unioned') }}

),

summed as (

    select
        activity_date,
        channel,
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
    group by activity_date, channel

),

divided as (

    select
        {{ surrogate_key(['activity_date', 'channel']) }} as channel_performance_key,
        *,
        {{ performance_ratios() }}
    from summed

)

select * from divided
