-- Segments and reasons are parts of one whole: leads, money and rejections sum to rpt_lead_quality, row by row, to the cent.
with

quality as (

    select * from {{ ref('rpt_lead_quality') }}

),

segments as (

    select
        lead_quality_key,
        sum(delivered) as delivered,
        sum(accepted) as accepted,
        sum(rejected) as rejected,
        sum(never_worked) as never_worked,
        sum(opportunities) as opportunities,
        sum(won) as won,
        sum(won_deals) as won_deals,
        sum(revenue) as revenue,
        sum(unconverted_deals) as unconverted_deals,
        sum(cost) as cost,
        sum(cost_of_rejected) as cost_of_rejected
    from {{ ref('rpt_lead_quality_segments') }}
    group by lead_quality_key

),

reasons as (

    select
        {{ surrogate_key(['month_start_date', 'channel', 'campaign_key']) }} as lead_quality_key,
        sum(rejected) as rejected,
        sum(cost) as cost
    from {{ ref('rpt_rejections') }}
    group by month_start_date, channel, campaign_key

)

select
    quality.lead_quality_key,
    quality.cost_of_rejected,
    segments.cost_of_rejected as cost_of_segments,
    reasons.cost as cost_of_reasons
from quality
full outer join segments on quality.lead_quality_key = segments.lead_quality_key
full outer join reasons on quality.lead_quality_key = reasons.lead_quality_key
where
    quality.delivered is distinct from segments.delivered
    or quality.accepted is distinct from segments.accepted
    or quality.rejected is distinct from segments.rejected
    or quality.never_worked is distinct from segments.never_worked
    or quality.opportunities is distinct from segments.opportunities
    or quality.won is distinct from segments.won
    or quality.won_deals is distinct from segments.won_deals
    or quality.unconverted_deals is distinct from segments.unconverted_deals
    or quality.revenue is distinct from segments.revenue
    or quality.cost is distinct from segments.cost
    or quality.cost_of_rejected is distinct from segments.cost_of_rejected
    or quality.rejected <> coalesce(reasons.rejected, 0)
    or (quality.rejected > 0 and quality.cost_of_rejected is distinct from reasons.cost)
