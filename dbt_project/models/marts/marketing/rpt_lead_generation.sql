with

performance as (

    select
        *,
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        coalesce(segment, 'unsegmented') as lead_segment
    from {{ ref('int_performance__unioned') }}

),

campaigns as (

    select * from {{ ref('dim_campaigns') }}

),

summed as (

    select
        month_start_date,
        channel,
        campaign_key,
        lead_segment as segment,
        cast(sum(leads) as bigint) as leads,
        cast(sum(qualified_leads) as bigint) as qualified_leads,
        cast(sum(opportunities) as bigint) as opportunities,
        cast(sum(customers) as bigint) as customers
    from performance
    where leads + qualified_leads + opportunities + customers > 0
    group by month_start_date, channel, campaign_key, lead_segment

),

named as (

    select
        {{ surrogate_key(['summed.month_start_date', 'summed.channel', 'summed.campaign_key', 'summed.segment']) }}
            as lead_generation_key,
        campaigns.platform,
        coalesce(campaigns.campaign_name, summed.campaign_key) as campaign_name,
        summed.*
    from summed
    left join campaigns
        on campaigns.campaign_key = summed.campaign_key

)

select * from named
