with

people as (

    select * from {{ ref('dim_people') }}

),

spend as (

    select
        activity_date,
        channel,
        campaign_key,
        coalesce(spend_reporting, 0) as spend_reporting,
        case when spend_reporting is null and spend <> 0 then 1 else 0 end as unconverted_spend_rows,
        impressions,
        clicks,
        platform_conversions,
        0 as sessions,
        0 as engaged_sessions,
        0 as leads,
        0 as qualified_leads,
        0 as opportunities,
        0 as customers,
        0 as won_deals,
        0 as revenue,
        0 as attributed_revenue
    from {{ ref('fct_spend') }}

),

sessions as (

    select
        activity_date,
        channel,
        campaign_key,
        0 as spend_reporting,
        0 as unconverted_spend_rows,
        0 as impressions,
        0 as clicks,
        0 as platform_conversions,
        sessions,
        engaged_sessions,
        0 as leads,
        0 as qualified_leads,
        0 as opportunities,
        0 as customers,
        0 as won_deals,
        0 as revenue,
        0 as attributed_revenue
    from {{ ref('int_sessions__matched') }}

),

conversions as (

    select
        {{ business_date('conversions.converted_at') }} as activity_date,
        people.original_channel as channel,
        people.original_campaign_key as campaign_key,
        0 as spend_reporting,
        0 as unconverted_spend_rows,
        0 as impressions,
        0 as clicks,
        0 as platform_conversions,
        0 as sessions,
        0 as engaged_sessions,
        case when conversions.conversion_type = 'lead' then 1 else 0 end as leads,
        case when conversions.conversion_type = 'qualified' then 1 else 0 end as qualified_leads,
        case when conversions.conversion_type = 'opportunity' then 1 else 0 end as opportunities,
        case when conversions.conversion_type = 'customer' then 1 else 0 end as customers,
        0 as won_deals,
        0 as revenue,
        0 as attributed_revenue
    from {{ ref('int_conversions__derived') }} as conversions
    left join people
        on people.person_key = conversions.person_key
    where conversions.conversion_type in ('lead', 'qualified', 'opportunity', 'customer')

),

bookings as (

    select
        deals.closed_date as activity_date,
        people.original_channel as channel,
        people.original_campaign_key as campaign_key,
        0 as spend_reporting,
        0 as unconverted_spend_rows,
        0 as impressions,
        0 as clicks,
        0 as platform_conversions,
        0 as sessions,
        0 as engaged_sessions,
        0 as leads,
        0 as qualified_leads,
        0 as opportunities,
        0 as customers,
        1 as won_deals,
        coalesce(deals.amount_reporting, 0) as revenue,
        0 as attributed_revenue
    from {{ ref('fct_deals') }} as deals
    left join people
        on people.person_key = deals.person_key
    where deals.is_won

),

attributed as (

    select
        {{ business_date('converted_at') }} as activity_date,
        channel,
        campaign_key,
        0 as spend_reporting,
        0 as unconverted_spend_rows,
        0 as impressions,
        0 as clicks,
        0 as platform_conversions,
        0 as sessions,
        0 as engaged_sessions,
        0 as leads,
        0 as qualified_leads,
        0 as opportunities,
        0 as customers,
        0 as won_deals,
        0 as revenue,
        coalesce(attributed_value, 0) as attributed_revenue
    from {{ ref('fct_attribution') }}
    where
        conversion_type = 'won_deal'
        and attribution_model = '{{ var("default_attribution_model") }}'

),

unioned as (

    select * from spend
    union all
    select * from sessions
    union all
    select * from conversions
    union all
    select * from bookings
    union all
    select * from attributed

),

named as (

    select
        activity_date,
        coalesce(channel, 'unattributed') as channel,
        coalesce(campaign_key, 'unattributed') as campaign_key,
        spend_reporting,
        unconverted_spend_rows,
        impressions,
        clicks,
        platform_conversions,
        sessions,
        engaged_sessions,
        leads,
        qualified_leads,
        opportunities,
        customers,
        won_deals,
        revenue,
        attributed_revenue
    from unioned

)

select * from named
